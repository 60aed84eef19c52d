"""Answers corrected, notes, handing over: what officers do with a case besides deciding it."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Agency, Case, CaseCorrection, CaseNote, Employer, Registration
from tests.services.test_cases import REASON, file_case


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


@pytest.fixture
def officer(visitor, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    return officer


def post(staff, case_id, action, /, **data):
    token = staff.page.select_one("input[name=csrf_token]")["value"]
    staff.post(f"/staff/registrationview/{action}/{case_id}", {"csrf_token": token, **data})


def correct(officer, case_id, field, *, to=None, **typed):
    """Open the question from the case, type over it, and send it."""
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.open(officer.page.select_one(f"a[href*='/correct/'][href$='field={field}']")["href"])
    officer.send(form="#model_form", to=to, **typed)


def reread(app, case_id):
    with app.app_context():
        case = db.session.get(Registration, case_id)
        return case.given_names, case.family_name, str(case.birth_date), case.employer_id, case.status.name


def test_a_correction_stands_beside_what_the_person_wrote(officer, app, case_id):
    correct(officer, case_id, "family_name", family_name="Tabe", correction_reason=REASON)
    assert "Answer corrected." in officer.text
    assert officer.page.select_one("del").text == "Tabi"
    assert officer.page.select_one("ins").text == "Tabe"
    assert REASON in officer.text
    assert reread(app, case_id)[1] == "Tabe"


def test_a_date_and_an_employer_are_corrected_as_the_person_gives_them(officer, app, case_id):
    born = {"birth_date-day": "4", "birth_date-month": "5", "birth_date-year": "1991"}
    correct(officer, case_id, "birth_date", **born, correction_reason=REASON)
    assert reread(app, case_id)[2] == "1991-05-04"
    officer.open(f"/staff/registrationview/correct/{case_id}?field=employer_id")
    officer.send(form="#model_form", **{"employer_id-name": "sanaga"}, correction_reason=REASON)
    assert "Say which of these employers it is." in officer.page.select_one("#employer_id-error").text
    other = officer.page.select_one("[name=employer_id][type=radio]")
    assert "Transports Sanaga" in other.parent.text
    officer.send(form="#model_form", employer_id=other["value"])
    assert reread(app, case_id)[3] == int(other["value"])


def test_the_question_shows_what_stands(officer, case_id):
    officer.open(f"/staff/registrationview/correct/{case_id}?field=birth_date")
    assert [officer.value_of(f"birth_date-{part}") for part in ("day", "month", "year")] == ["3", "4", "1990"]
    officer.open(f"/staff/registrationview/correct/{case_id}?field=family_name")
    assert officer.value_of("family_name") == "Tabi"
    assert not officer.page.select("[name=given_names]")


def test_a_correction_to_what_stands_changes_nothing(officer, app, case_id):
    correct(officer, case_id, "family_name", correction_reason=REASON)
    assert "The answer says this already" in officer.text
    with app.app_context():
        assert db.session.scalars(select(CaseCorrection)).all() == []


def born(day, month, year):
    return {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}


@pytest.mark.long(sample=6)
@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("family_name", {"correction_reason": " "}, "Give the reason"),
        ("family_name", {"correction_reason": "x" * 4001}, "at most 4,000"),
        ("family_name", {"family_name": " "}, "Enter your family name."),
        ("family_name", {"family_name": "x" * 121}, "at most 120 characters"),
        ("family_name", {"family_name": "12345 <script>"}, "Names are made of letters"),
        ("family_name", {"family_name": "Ta\x07bi"}, "Names are made of letters"),
        ("family_name", {"family_name": "Ta\nbi"}, "Names are made of letters"),
        ("birth_date", born("", "", ""), "Enter your date of birth."),
        ("birth_date", born("3", "4", "2999"), "must be in the past"),
        ("birth_date", born("3", "4", "1799"), "less than 120 years ago"),
        ("birth_date", born("31", "2", "1990"), "must be a real date"),
        ("birth_date", born("3", "April", "1990"), "must be a real date"),
        ("employer_id", {"employer_id": "999999"}, "Choose an employer of the list."),
        ("employer_id", {"employer_id": "9" * 30}, "Choose an employer of the list."),
        ("employer_id", {"employer_id": "x"}, "Choose an employer of the list."),
        ("employer_id", {"employer_id": "inactive"}, "Choose an employer of the list."),
    ],
)
def test_a_wrong_correction_is_refused_beside_its_field_and_kept(
    officer, app, case_id, field, typed, message
):
    before = reread(app, case_id)
    if typed.get("employer_id") == "inactive":
        with app.app_context():
            closed = Employer(registration_number="E-000999", name="Closed", active=False)
            db.session.add(closed)
            db.session.commit()
            typed = {"employer_id": str(closed.id)}
    correct(officer, case_id, field, **{"correction_reason": REASON, **typed})
    assert officer.status == 422
    place = "correction_reason" if "correction_reason" in typed else field
    assert message in officer.page.select_one(f"#{place}-error").text
    for name, text in typed.items():
        if name != "employer_id":
            assert officer.value_of(name).replace("\r\n", "\n").strip() == text.strip()
    assert reread(app, case_id) == before
    with app.app_context():
        assert db.session.scalars(select(CaseCorrection)).all() == []


def test_the_language_switch_keeps_the_correction_and_its_message(officer, app, case_id):
    correct(officer, case_id, "family_name", family_name="12345", correction_reason=REASON)
    page = f"/staff/registrationview/correct/{case_id}"
    officer.send(form="#model_form", button=("_switch", "fr"), to=page)
    assert officer.page.html["lang"] == "fr"
    assert officer.value_of("family_name") == "12345"
    assert officer.page.select_one("#family_name-error")
    officer.send(form="#model_form", family_name="Tabe", to=page)
    assert reread(app, case_id)[1] == "Tabe"


@pytest.mark.parametrize("field", ["status", "owner_id", "__class__", "identity_document", "id", ""])
def test_what_is_no_answer_cannot_be_corrected(officer, app, case_id, field):
    before = reread(app, case_id)
    officer.open(f"/staff/registrationview/correct/{case_id}?field={field}")
    assert "This answer cannot be corrected." in officer.text
    post(officer, case_id, "correct", correction_of=field, **{field or "x": "1"}, correction_reason=REASON)
    assert "This answer cannot be corrected." in officer.text
    assert reread(app, case_id) == before


def test_a_correction_cannot_bring_another_answer_with_it(officer, app, case_id):
    correct(officer, case_id, "family_name", family_name="Tabe", given_names="X", correction_reason=REASON)
    assert reread(app, case_id)[:2] == ("Joseph", "Tabe")


def test_of_two_who_correct_the_slower_reads_again(officer, visitor, app, case_id):
    slow = visitor("agent")
    slow.open(f"/staff/registrationview/correct/{case_id}?field=family_name")
    correct(officer, case_id, "given_names", given_names="Josef", correction_reason=REASON)
    slow.send(form="#model_form", family_name="Tabe", correction_reason=REASON)
    assert slow.status == 422
    assert "The case changed since you opened it." in slow.text
    assert slow.value_of("family_name") == "Tabe"
    assert reread(app, case_id)[:2] == ("Josef", "Tabi")


@pytest.mark.parametrize("action", ["assign", "transfer"])
def test_of_two_who_hand_over_the_slower_reads_again(officer, visitor, app, case_id, action):
    slow = visitor("agent")
    slow.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="form[action*='/assign/']")
    slow.send(form=f"form[action*='/{action}/']")
    assert slow.status == 200
    assert "The case changed since you opened it." in slow.text


def test_after_a_decision_nothing_is_corrected(officer, app, case_id):
    officer.open(f"/staff/registrationview/correct/{case_id}?field=family_name")
    page, url = officer.page, officer.url
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="#steps-form", button=("step", "approve"))
    officer.go_back(page, url)
    officer.send(form="#model_form", family_name="Tabe", correction_reason=REASON)
    assert officer.status == 422
    assert "not possible at this stage" in officer.text
    assert reread(app, case_id)[1] == "Tabi"


def test_notes_are_for_staff_only(officer, visitor, app, case_id):
    post(officer, case_id, "note", note="Called the employer.")
    assert "Called the employer." in officer.text
    with app.app_context():
        address = f"/en/cases/{db.session.get(Case, case_id).public_id}"
    person = visitor("joseph")
    person.open(address)
    assert "Called the employer." not in person.text


@pytest.mark.parametrize(
    ("note", "message"), [("  ", "Write the note first."), ("x" * 4001, "at most 4,000")]
)
def test_an_empty_or_endless_note_is_refused(officer, app, case_id, note, message):
    post(officer, case_id, "note", note=note)
    assert message in officer.text
    with app.app_context():
        assert db.session.scalars(select(CaseNote)).all() == []


def test_a_case_is_handed_to_a_colleague_who_may_take_it(officer, app, case_id):
    option = next(o for o in officer.page.select("#officer option") if "Essomba" in o.text)
    post(officer, case_id, "assign", officer=option["value"])
    assert "Case handed to Paul Essomba." in officer.text
    with app.app_context():
        assert db.session.get(Case, case_id).officer.last_name == "Essomba"


def test_a_case_is_not_handed_to_who_may_not_decide(officer, app, case_id):
    with app.app_context():
        from tests.services.test_cases import account

        auditor = account("auditor").id
    post(officer, case_id, "assign", officer=str(auditor))
    assert "Your role does not allow this step." in officer.text
    post(officer, case_id, "assign", officer="0")
    assert officer.status == 404
    with app.app_context():
        assert db.session.get(Case, case_id).officer_id is None


def test_a_transfer_leaves_the_case_to_the_other_agency(officer, app, case_id):
    with app.app_context():
        db.session.add(Agency(code="NW", name_fr="Nord-Ouest", name_en="North West"))
        db.session.commit()
        agency_id = db.session.scalar(select(Agency.id).where(Agency.code == "NW"))
    post(officer, case_id, "transfer", agency=str(agency_id))
    assert "Case transferred to agency NW." in officer.text
    with app.app_context():
        assert db.session.get(Case, case_id).agency.code == "NW"
        db.session.execute(Case.__table__.update().values(agency_id=None))
        db.session.delete(db.session.get(Agency, agency_id))
        db.session.commit()


@pytest.mark.long(sample=4)
@pytest.mark.parametrize("action", ["note", "correct", "assign", "transfer"])
@pytest.mark.parametrize("login", ["auditor", "administrator", "joseph"])
def test_only_who_works_the_cases_does_casework(officer, visitor, app, case_id, action, login):
    other = visitor(login)
    other.open("/en/sign-in")
    data = {
        "csrf_token": other.token(),
        "note": "x",
        "field": "family_name",
        "value": "x",
        "reason": "x",
        "officer": "1",
    }
    other.post(f"/staff/registrationview/{action}/{case_id}", data)
    assert other.status == 403


def test_a_proposal_is_shown_to_the_second_officer_and_confirmed(visitor, app, case_id, officer):
    officer.send(form="#steps-form", button=("step", "reject"), reason=REASON)
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(
        form="#steps-form", button=("step", "revise_to_approve"), reason="The document can be read after all."
    )
    assert not officer.page.select("button[value=confirm_approval]")
    second = visitor("supervisor")
    second.open(f"/staff/registrationview/show/{case_id}")
    assert "Proposed: Approval" in second.text
    second.send(form="#steps-form", button=("step", "confirm_approval"))
    assert "10-0000345-" in second.text
