"""Possible duplicates: found at submission, compared by an officer, two must decide, the person reads nothing."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.likeness_kinds import Judgement
from app.models import AccessEntry, Case, InsuredPerson, PossibleDuplicate
from app.services import SERVICES, cases, casework, duplicates, judging, people, records
from app.services.base import NotAllowed, RuleBroken
from app.workflow import Actor, Status
from tests.accounts import new_account
from tests.services.test_cases import REASON, account, bring_to, file_case

SERVICE = SERVICES["registration"]
BORN = date(1990, 4, 3)


def namesake(given="Joseph", family="Taby", born=BORN, place=700, login=None):
    person = InsuredPerson(
        ssn=people.number_of(place),
        given_names=given,
        family_name=family,
        birth_date=born,
        registered_on=date(2019, 1, 1),
        account=account(login) if login else None,
    )
    db.session.add(person)
    db.session.commit()
    return person


def the_one():
    return db.session.scalars(select(PossibleDuplicate)).unique().one()


def officer(login="officer", actor=Actor.officer):
    return cases.By(account(login), actor)


def test_a_namesake_is_found_at_submission_and_blocks_until_compared(english):
    person = namesake()
    case = file_case()
    found = the_one()
    assert (found.person, found.judgement) == (person, None)
    assert found.score >= 84
    for step in ("approve", "propose_approval"):
        with pytest.raises(RuleBroken, match="Compare the possible duplicates first"):
            cases.perform(SERVICE, case, step, officer())
    cases.perform(SERVICE, case, "reject", officer(), REASON)


def test_set_aside_then_two_must_decide_and_who_compared_is_not_the_second(english):
    namesake()
    case = file_case()
    judging.judge(SERVICE, case, the_one(), Judgement.other, "Another mother.", account("officer"))
    db.session.commit()
    with pytest.raises(NotAllowed, match="needs two people"):
        cases.perform(SERVICE, case, "approve", officer())
    cases.perform(SERVICE, case, "propose_approval", officer("supervisor"))
    db.session.commit()
    with pytest.raises(NotAllowed, match="You prepared this case"):
        cases.perform(SERVICE, case, "confirm_approval", officer("officer", Actor.approver))
    cases.perform(SERVICE, case, "confirm_approval", officer("agent", Actor.approver))
    assert case.person.ssn != people.number_of(700)
    assert case.status is Status.carried_out


def test_the_database_refuses_who_compared_as_the_second(english):
    namesake()
    case = file_case()
    judging.judge(SERVICE, case, the_one(), Judgement.other, "Another mother.", account("officer"))
    cases.perform(SERVICE, case, "propose_approval", officer("supervisor"))
    cases.perform(SERVICE, case, "confirm_approval", officer("agent", Actor.approver))
    db.session.commit()
    late = text('UPDATE "case" SET decided_by_id = :who WHERE id = :id')
    db.session.execute(late, {"who": account("officer").id, "id": case.id})
    with pytest.raises(IntegrityError, match="judged a possible duplicate"):
        db.session.execute(text("SET CONSTRAINTS four_eyes_judgement IMMEDIATE"))


def test_the_same_person_gets_their_old_number_and_no_new_one(english):
    person = namesake()
    case = file_case()
    judging.judge(SERVICE, case, the_one(), Judgement.same, "Same paper, same photo.", account("officer"))
    bring_to(case, ["propose_approval", "confirm_approval"])
    assert case.person == person
    assert person.account == case.owner
    assert (
        len(db.session.scalars(select(InsuredPerson).where(InsuredPerson.family_name.like("Tab%"))).all())
        == 1
    )


def test_who_has_an_account_is_not_attached_to(english):
    namesake(login="peter")
    case = file_case()
    with pytest.raises(RuleBroken, match="has an account already"):
        judging.judge(SERVICE, case, the_one(), Judgement.same, "x", account("officer"))


def test_an_account_gained_meanwhile_stops_the_attachment(english):
    person = namesake()
    case = file_case()
    judging.judge(SERVICE, case, the_one(), Judgement.same, "x", account("officer"))
    bring_to(case, ["propose_approval"])
    person.account = account("peter")
    db.session.commit()
    with pytest.raises(RuleBroken, match="has an account by now"):
        bring_to(case, ["confirm_approval"])


@pytest.mark.parametrize("who", ["claims", "auditor", "administrator", "centre"])
def test_only_an_officer_of_the_case_compares(english, who):
    namesake()
    case = file_case()
    case.agency_id = account("officer").agency_id
    db.session.flush()
    with pytest.raises(NotAllowed):
        judging.judge(SERVICE, case, the_one(), Judgement.other, "x", account(who))


def test_it_is_compared_once_and_with_a_reason(english):
    namesake()
    case = file_case()
    with pytest.raises(cases.ReasonMissing):
        judging.judge(SERVICE, case, the_one(), Judgement.other, "  ", account("officer"))
    judging.judge(SERVICE, case, the_one(), Judgement.other, "x", account("officer"))
    with pytest.raises(RuleBroken, match="before you"):
        judging.judge(SERVICE, case, the_one(), Judgement.same, "x", account("agent"))
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE possible_duplicate SET judgement = 'same'"))


def test_two_open_requests_of_one_person_from_two_accounts_find_each_other(english):
    first = file_case()
    other = new_account("employee")
    other.first_name, other.last_name = "Josef", "Tabi"
    db.session.commit()
    answers = {
        name: getattr(first, name) for name in ("given_names", "family_name", "birth_date", "employer_id")
    }
    second = cases.submit(SERVICE, other, answers | {"given_names": "Josef"}, [], "k", "en")
    found = the_one()
    assert (found.case_id, found.other_case_id) == (second.id, first.id)
    with pytest.raises(RuleBroken, match="reject one of them"):
        judging.judge(SERVICE, second, found, Judgement.same, "x", account("officer"))


def test_a_corrected_answer_is_searched_again_on_demand(english):
    namesake(family="Mbarga")
    case = file_case()
    assert case.duplicates == []
    casework.correct(SERVICE, case, "occupation", "Smith", "A slip.", account("officer"))
    assert case.duplicates == []
    namesake(place=701)
    assert judging.search_again(SERVICE, case, account("officer")) == 1
    assert judging.search_again(SERVICE, case, account("officer")) == 0


@pytest.mark.parametrize(
    ("field", "value", "facts"),
    [
        ("family_name", "Mbarga", {"family": "Mbarga"}),
        ("birth_date", date(1971, 8, 9), {"born": date(1971, 8, 9)}),
        ("paper_number", "CM 4455667", {"family": "Zogo", "given": "Luc", "born": date(1960, 1, 1)}),
    ],
)
def test_a_correction_of_who_it_is_finds_duplicates_by_itself_and_stops_the_approval(
    english, field, value, facts
):
    person = namesake(**facts)
    if field == "paper_number":
        records.put_paper(person, "passport", value, None, None)
    case = file_case()
    assert case.duplicates == []
    casework.correct(SERVICE, case, field, value, "As the document has it.", account("officer"))
    assert the_one().person == person
    with pytest.raises(RuleBroken, match="Compare the possible duplicates first"):
        cases.perform(SERVICE, case, "approve", officer())


def test_who_is_alike_is_found_for_a_person_too(english):
    one, other = namesake(), namesake("Josephe", "Tabi", place=701)
    ((found, alike),) = duplicates.of_person(one)
    assert found == other
    assert alike.score >= 84


def test_the_officer_compares_on_the_page_and_the_person_reads_nothing(visitor, app):
    with app.app_context():
        person_id = namesake().id
        case = file_case()
        case_id, public_id = case.id, case.public_id
    staff = visitor("officer")
    staff.open(f"/staff/registrationview/show/{case_id}")
    link = staff.page.select_one("#duplicates a")
    assert "Insured person ••-••••••0-" in link.text
    assert "Taby" not in staff.page.select_one("#duplicates").text
    staff.open(link["href"])
    assert "Taby" in staff.text
    staff.send(form="#model_form", judgement="other", reason="")
    assert staff.status == 422
    staff.send(form="#model_form", judgement="other", reason="Another mother")
    assert "two people must now decide" in staff.text
    with app.app_context():
        looked = (
            db.session.scalars(select(AccessEntry).where(AccessEntry.person_id == person_id)).unique().all()
        )
        assert looked
    joseph = visitor("joseph")
    joseph.open(f"/en/cases/{public_id}")
    for word in ("uplicate", "alike", "Taby", "compar"):
        assert word not in joseph.text


def test_an_auditor_reads_the_comparison_and_cannot_judge(visitor, app):
    with app.app_context():
        namesake()
        case_id = file_case().id
        number = the_one().id
    auditor = visitor("auditor")
    auditor.open(f"/staff/registrationview/duplicate/{case_id}/{number}")
    assert "Taby" in auditor.text
    assert auditor.page.select_one("#model_form") is None
    auditor.post(
        f"/staff/registrationview/duplicate/{case_id}/{number}",
        {"judgement": "other", "reason": "x", "csrf_token": auditor.token()},
    )
    assert auditor.status == 403
    with app.app_context():
        assert the_one().judgement is None


def test_anothers_duplicate_is_not_found(visitor, app):
    with app.app_context():
        namesake()
        file_case()
        number, other = the_one().id, file_case("peter", "k2").id
    staff = visitor("supervisor")
    staff.open(f"/staff/registrationview/duplicate/{other}/{number}")
    assert staff.status == 404
    with app.app_context():
        assert db.session.get(Case, other)
