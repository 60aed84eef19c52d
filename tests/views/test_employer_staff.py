"""What staff see and do about employers: answers beside declarations, employers people named, an employer's page."""

import pytest
from sqlalchemy import select

from app import clock
from app.employer_kinds import Reply, RequestState
from app.extensions import db
from app.models import Agency, Case, Employer, EmployerAgent, ProposedEmployer
from app.record_kinds import ProposalState
from app.workflow import Status
from tests.employers import (
    ASKED_BY_LINK,
    UNREACHABLE,
    WITH_AN_AGENT,
    answered,
    employer,
    file_with,
    filed,
    requests_of,
)
from tests.services.test_cases import account

CASE = "/staff/registrationview/show/{}"
VIEWS = ("employeragentview", "proposedemployerview")
PROPOSED = "/staff/proposedemployerview/{}/{}"
NEW = {"registration_number": "e-000777", "name": "Chez Mado", "email": "mado@mado.example", "language": "fr"}


@pytest.fixture
def officer(visitor):
    return visitor("officer")


def proposed(app):
    """A case that names an employer who is not in the list, and the proposal."""
    with app.app_context():
        case = file_with("")
        proposal = ProposedEmployer(
            case_id=case.id,
            name="Chez Mado",
            address="Rue de la Joie, Douala",
            contact="mado@mado.example",
            proposed_at=clock.now(),
        )
        db.session.add(proposal)
        db.session.commit()
        return case.id, proposal.id


def test_differences_stand_on_the_case_screen(officer, app):
    with app.app_context():
        case = file_with()
        answered(case, Reply.correct, employed_from="2026-02-01", occupation="Cook")
        number = case.id
    officer.open(CASE.format(number))
    panel = " ".join(officer.page.select_one("#employer").get_text(" ").split())
    assert "2 March 2026 1 February 2026 Differs" in panel
    assert panel.count("Differs") == 1
    assert "Rose Mbida (Head of personnel)" in panel
    assert "by the mailed link" in panel
    assert "the employer says 1 February 2026" in officer.page.select_one("#checks").get_text(" ")


def test_a_dispute_gives_its_reason_to_the_officer(officer, app):
    with app.app_context():
        case = file_with()
        answered(case, Reply.dispute)
        number = case.id
    officer.open(CASE.format(number))
    assert "She never worked here." in officer.page.select_one("#employer").get_text(" ")


def test_an_officer_has_the_employer_asked_once_more(officer, app):
    with app.app_context():
        case = file_with()
        answered(case, Reply.dispute)
        number = case.id
    officer.open(CASE.format(number))
    officer.send(f"form[action='/staff/registrationview/ask_employer/{number}']")
    assert "The employer was asked." in officer.text
    with app.app_context():
        assert db.session.get_one(Case, number).status is Status.awaiting_employer
        assert [one.state for one in requests_of(number)] == [RequestState.disputed, RequestState.open]


def test_an_employer_who_cannot_be_reached_is_not_asked_and_the_officer_reads_why(officer, app):
    number = filed(app, UNREACHABLE)
    officer.open(CASE.format(number))
    assert "The employer was not asked: no address and no agent." in officer.text
    officer.send(f"form[action='/staff/registrationview/ask_employer/{number}']")
    assert "This employer cannot be asked" in officer.text


def test_the_person_reads_that_their_employer_is_asked(visitor, app):
    number = filed(app)
    with app.app_context():
        public_id = db.session.get_one(Case, number).public_id
    person = visitor("joseph")
    person.open(f"/en/cases/{public_id}")
    assert "We have received your request." in person.text
    assert "We have asked your employer" in person.text
    assert "Our time limit stands still" in person.text


def test_an_employer_beside_the_list_waits_for_the_staff(officer, app):
    case_id, number = proposed(app)
    officer.open("/staff/proposedemployerview/list/")
    assert "Chez Mado" in officer.text
    officer.open(CASE.format(case_id))
    assert "Not in the list: Chez Mado. Check it." in officer.text
    with app.app_context():
        assert db.session.get_one(Case, case_id).status is Status.submitted
        assert requests_of(case_id) == []


def test_it_is_made_a_real_one_and_then_asked(officer, app):
    case_id, number = proposed(app)
    officer.open(PROPOSED.format("create", number))
    assert officer.value_of("name") == "Chez Mado"
    officer.send("#model_form", **NEW)
    assert officer.status == 200
    with app.app_context():
        made = db.session.scalars(select(Employer).where(Employer.registration_number == "E-000777")).one()
        case = db.session.get_one(Case, case_id)
        assert case.employer_id == made.id
        assert case.status is Status.awaiting_employer
        assert db.session.get_one(ProposedEmployer, number).state is ProposalState.accepted


def test_it_is_tied_to_one_of_the_list_and_then_asked(officer, app):
    case_id, number = proposed(app)
    officer.open(PROPOSED.format("match", number))
    officer.send("#model_form", registration_number="E-404")
    assert officer.status == 422
    assert "No employer has this registration number." in officer.text
    officer.send("#model_form", registration_number=WITH_AN_AGENT.lower())
    with app.app_context():
        assert db.session.get_one(Case, case_id).employer_id == employer(WITH_AN_AGENT).id
        assert [one.state for one in requests_of(case_id)] == [RequestState.open]
    officer.open(PROPOSED.format("match", number))
    officer.send("#model_form", registration_number=UNREACHABLE)
    assert "A colleague decided on this before you." in officer.text


def test_a_number_that_is_taken_makes_no_second_employer(officer, app):
    case_id, number = proposed(app)
    officer.open(PROPOSED.format("create", number))
    officer.send("#model_form", **NEW | {"registration_number": UNREACHABLE})
    assert officer.status == 422
    assert "is taken" in officer.text
    with app.app_context():
        assert db.session.get_one(Case, case_id).employer_id is None


def test_one_that_does_not_exist_is_refused_with_a_reason(officer, app):
    case_id, number = proposed(app)
    officer.open(PROPOSED.format("refuse", number))
    officer.send("#model_form", reason="No such company.")
    with app.app_context():
        assert db.session.get_one(ProposedEmployer, number).state is ProposalState.refused
    officer.open(CASE.format(case_id))
    assert "was not recognised as an employer" in officer.text


@pytest.mark.parametrize(("who", "status"), [("claims", 403), ("auditor", 403), ("centre", 404)])
def test_nobody_else_decides_on_it(visitor, app, who, status):
    case_id, number = proposed(app)
    with app.app_context():
        assert db.session.get_one(Case, case_id).agency_id == account("joseph").agency_id
    staff = visitor(who)
    staff.open(PROPOSED.format("match", number))
    assert staff.status == status


@pytest.mark.parametrize("who", ["officer", "contributions", "supervisor", "auditor", "administrator"])
def test_the_page_of_an_employer_shows_agents_and_open_questions(visitor, app, who):
    number = filed(app, WITH_AN_AGENT)
    staff = visitor(who)
    with app.app_context():
        pk, reference = employer(WITH_AN_AGENT).id, db.session.get_one(Case, number).reference
    staff.open(f"/staff/employerview/show/{pk}")
    assert "Solange Mbappé" in staff.page.select_one("#agents").get_text(" ")
    assert reference in staff.page.select_one("#requests").get_text(" ")


def test_an_employer_who_cannot_be_asked_says_so(officer, app):
    with app.app_context():
        pk = employer(UNREACHABLE).id
    officer.open(f"/staff/employerview/show/{pk}")
    assert "it cannot be asked" in officer.text


def asked_for_access(app, login="joseph"):
    """Somebody who asks to answer for an employer."""
    with app.app_context():
        asking = account(login)
        agent = EmployerAgent(
            employer_id=employer(WITH_AN_AGENT).id,
            first_name="Luc",
            last_name="Zang",
            email="luc@zang.example",
            language="fr",
            function="Cashier",
            is_first=False,
            asked_by_id=asking.id,
            asked_at=clock.now(),
        )
        db.session.add(agent)
        db.session.commit()


@pytest.mark.parametrize("who", ["officer", "supervisor", "contributions"])
def test_the_workbench_counts_who_waits_at_the_employers_desk_and_leads_there(visitor, app, who):
    reader = visitor(who)
    reader.open("/staff/?language=en")
    assert "waits to be" not in reader.text
    proposed(app)
    asked_for_access(app)
    reader.open("/staff/")
    assert "1 agent of an employer waits to be approved." in reader.text
    assert "1 employer who is not in the list waits to be checked." in reader.text
    links = [reader.page.select_one(f"a[href*='{view}/list'][href*='_flt_']") for view in VIEWS]
    for link, name in zip(links, ("Zang", "Chez Mado"), strict=True):
        reader.open(link["href"])
        assert reader.status == 200
        assert name in reader.text


@pytest.mark.parametrize("who", ["claims", "support", "auditor", "administrator"])
def test_who_decides_on_neither_is_not_told(visitor, app, who):
    proposed(app)
    asked_for_access(app)
    reader = visitor(who)
    reader.open("/staff/?language=en")
    assert reader.status == 200
    assert "waits to be" not in reader.text


def test_what_was_decided_or_is_another_agencys_is_not_counted(visitor, app):
    case_id, number = proposed(app)
    with app.app_context():
        db.session.get_one(Case, case_id).agency = next(
            one for one in db.session.scalars(select(Agency)) if one.id != account("officer").agency_id
        )
        account("officer").agency = next(
            one
            for one in db.session.scalars(select(Agency))
            if one.id != db.session.get_one(Case, case_id).agency_id
        )
        db.session.commit()
    officer = visitor("officer")
    officer.open("/staff/?language=en")
    assert "waits to be checked" not in officer.text
    supervisor = visitor("supervisor")
    supervisor.open("/staff/?language=en")
    assert "waits to be checked" in supervisor.text
    supervisor.open(PROPOSED.format("refuse", number))
    supervisor.send("#model_form", reason="No such firm")
    supervisor.open("/staff/")
    assert "waits to be checked" not in supervisor.text


def test_the_employers_value_is_taken_in_one_click_and_both_are_shown(officer, app):
    with app.app_context():
        case = file_with(ASKED_BY_LINK)
        answered(case, Reply.correct, employed_from="2026-02-01", occupation="Cook")
        number = case.id
    officer.open(CASE.format(number) + "?language=en")
    (link,) = officer.page.select("#employer a[href*='value=employer']")
    officer.open(f"/staff/registrationview/correct/{number}?field=employed_from&language=en")
    assert "The person wrote: 2 March 2026." in officer.text
    assert "The employer says: 1 February 2026." in officer.text
    assert officer.value_of("employed_from-month") == "3"
    officer.open(officer.page.select_one("#model_form a[href*='value=employer']")["href"])
    assert (officer.value_of("employed_from-day"), officer.value_of("employed_from-month")) == ("1", "2")
    officer.open(link["href"])
    officer.send("#model_form", correction_reason="The employer has the contract.")
    assert "Answer corrected." in officer.text
    with app.app_context():
        case = db.session.get_one(Case, number)
        assert case.employed_from.isoformat() == "2026-02-01"
        assert [(it.before, it.after) for it in case.corrections] == [("2026-03-02", "2026-02-01")]


def test_what_the_employer_did_not_correct_is_not_offered(officer, app):
    with app.app_context():
        case = file_with(ASKED_BY_LINK)
        answered(case, Reply.correct, employed_from="2026-02-01", occupation="Cook")
        number = case.id
    officer.open(f"/staff/registrationview/correct/{number}?field=occupation&value=employer&language=en")
    assert officer.value_of("occupation") == "Cook"
    assert "The employer says" not in officer.text
