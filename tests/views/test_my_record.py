"""What an approval writes to a person's record, the certificate, changes of the record, new employments."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Case,
    Certificate,
    Dependant,
    Employment,
    FormerFact,
    IdentityPaper,
    InsuredPerson,
    PersonAddress,
    PersonName,
    ProposedEmployer,
    Registration,
    Spouse,
)
from app.record_kinds import EmploymentState, MaritalStatus, PersonFact, Sex
from app.services import SERVICES, cases, encrypted
from app.workflow import Actor, Status
from tests.journey import SPOUSE, WORK, address, answer, child, file_request
from tests.papers import accept_all
from tests.services.test_cases import account
from tests.visitor import a_file

NEW_NAME = {"given_names": "Joseph Aimé", "family_name": "Tabi"}


def approve(app, name="approve"):
    """Accept every document and approve what waits."""
    with app.app_context():
        accept_all()
        officer = cases.By(account("officer"), Actor.officer)
        waiting = select(Case).where(Case.status == Status.submitted)
        for case in db.session.scalars(waiting).unique().all():
            cases.perform(SERVICES[case.service], case, name, officer)
        db.session.commit()


@pytest.fixture
def person(visitor):
    return visitor("joseph")


@pytest.fixture
def registered(app, person):
    file_request(person)
    approve(app)
    return person


def whole_family(person):
    """A registration of somebody married, with two children, whose employer is not in the list."""
    person.open(address("you"))
    answer(person, "you")
    answer(person, "origin", mother_name="Ruth Mbah")
    answer(person, "paper")
    person.send(marital_status="married", has_dependants="yes")
    person.send(**SPOUSE)
    person.send(button=("_add", "dependants"), **child(0))
    person.send(**child(0, birth_certificate=None), **child(1, given_names="Anne", sex="female"))
    answer(person, "contact")
    listed = {name: value for name, value in WORK.items() if name != "employer_listed"}
    person.send(
        **listed,
        employer_listed="no",
        employer_name="Menuiserie du Port",
        employer_address="1 quai du Port, Douala",
        employer_contact="port@example.com",
    )
    answer(person, "documents")
    person.send(birth_certificate=a_file("birth.png"), marriage_certificate=a_file("marriage.png"))


def test_an_approval_writes_everything_that_was_approved(app, person):
    whole_family(person)
    assert person.url == "/en/registration/check", person.text
    for said in ("Dependant 2 – Given names", "Anne", "Menuiserie du Port", "Marie"):
        assert said in person.text
    person.send()
    assert "Dependant 1 – Given names" in person.text
    approve(app)
    with app.app_context():
        it = db.session.scalars(select(InsuredPerson).where(InsuredPerson.family_name == "N’Guessan")).one()
        assert (it.sex, it.birth_place, it.nationality) == (Sex.male, "Édéa", "CM")
        assert (it.marital_status, it.mother_name) == (MaritalStatus.married, "Ruth Mbah")
        assert [row.given_names for row in db.session.scalars(select(Dependant))] == ["Paul", "Anne"]
        spouse = db.session.scalars(select(Spouse)).one()
        assert (spouse.family_name, spouse.valid_from) == ("Tabi", date(2015, 8, 7))
        assert db.session.scalars(select(PersonAddress)).one().town == "Douala"
        proposed = db.session.scalars(select(ProposedEmployer)).one()
        employment = db.session.scalars(select(Employment)).one()
        assert employment.proposed_employer == proposed
        assert employment.started_on == date(2026, 9, 1)
        assert employment.state is EmploymentState.declared


def test_the_number_of_an_identity_document_is_kept_secret_and_found_again(app, registered):
    with app.app_context():
        case = db.session.scalars(select(Registration)).one()
        paper = db.session.scalars(select(IdentityPaper)).one()
        assert b"1234" not in case.paper_number + paper.number
        assert SERVICES["registration"].value_of(case, "paper_number") == "CM 1234-5678"
        same = encrypted.holds(IdentityPaper.number_hash, "CM12345678")
        assert db.session.scalars(select(IdentityPaper).where(same)).one() == paper


def test_a_missing_birth_certificate_of_one_child_blocks_the_approval(app, person):
    whole_family(person)
    person.send()
    with app.app_context():
        accept_all()
        case = db.session.scalars(select(Registration)).one()
        one = next(it for it in case.filed if it.questions == "dependants-1-birth_certificate")
        document = next(it for it in case.documents if it.id == one.document_id)
        document.verdict = document.verified_by = document.verified_at = None
        db.session.flush()
        with pytest.raises(cases.RuleBroken, match="Personne à charge 2"):
            cases.perform(
                SERVICES["registration"], case, "approve", cases.By(account("officer"), Actor.officer)
            )


def test_the_certificate_is_given_byte_for_byte_and_verified_without_its_content(app, registered, visitor):
    registered.open("/en/my-file/record")
    link = registered.page.select_one("a[href*='/certificates/']")["href"]
    first, again = registered.client.get(link), registered.client.get(link)
    assert first.status_code == 200
    assert first.data[:5] == b"%PDF-"
    assert first.data == again.data
    assert visitor("peter").client.get(link).status_code == 404
    with app.app_context():
        code = db.session.scalars(select(Certificate)).one().code
    nobody = visitor()
    nobody.open(f"/en/verify/{code}")
    assert nobody.status == 200
    for said in ("Registration certificate", "J. A. N", "still valid"):
        assert said.casefold() in nobody.text.casefold()
    assert "Guessan" not in nobody.text
    assert "1990" not in nobody.text


def ask_for_a_name(person, **changes):
    person.open("/en/record_changes/new/what")
    person.send(changes=["name"])
    assert person.url.endswith("/new/name")
    person.send(**{**NEW_NAME, "name_evidence": a_file("judgment.png"), **changes})


def test_only_the_pages_of_what_changes_are_asked(registered):
    ask_for_a_name(registered)
    assert registered.url == "/en/record_changes/check", registered.text
    assert "My name" in registered.text
    assert "Date of birth" not in registered.text


def test_an_approved_change_is_written_and_the_former_name_kept(app, registered):
    ask_for_a_name(registered)
    registered.send()
    assert "RM-20" in registered.text
    approve(app)
    with app.app_context():
        names = db.session.scalars(select(PersonName).join(InsuredPerson).order_by(PersonName.id)).all()
        mine = [it for it in names if it.given_names == "Joseph Aimé"]
        assert [(it.family_name, it.valid_to is None) for it in mine] == [
            ("N’Guessan", False),
            ("Tabi", True),
        ]
        assert db.session.get(InsuredPerson, mine[0].person_id).family_name == "Tabi"
        assert db.session.scalar(select(func.count()).select_from(Certificate)) == 2
    registered.open("/en/my-file/record")
    assert "Joseph Aimé N’Guessan, from" in registered.text
    assert "a later one took its place" in registered.text


def test_a_change_without_evidence_is_not_approved(app, registered):
    ask_for_a_name(registered)
    registered.send()
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.service == "record_changes")).one()
        with pytest.raises(cases.RuleBroken, match="Justificatif du nom"):
            cases.perform(
                SERVICES[case.service], case, "approve", cases.By(account("officer"), Actor.officer)
            )


def test_nothing_chosen_and_nothing_sent_are_refused_beside_the_question(registered):
    registered.open("/en/record_changes/new/what")
    registered.send()
    assert registered.error_of("changes") == "Choose what changes."
    registered.post(registered.url, {"csrf_token": registered.token(), "changes": "everything"})
    assert registered.error_of("changes") == "Choose what changes."


@pytest.mark.parametrize("slug", ["record_changes", "new_employments"])
def test_who_has_no_number_is_told_to_register(person, slug):
    person.open(f"/en/{slug}/")
    assert "You have no social security number yet" in person.text


def test_small_changes_take_effect_at_once_and_keep_what_was(app, registered):
    registered.open("/en/my-file/record/change")
    registered.send(address_line="3 rue du Marché", occupation="Cook")
    assert registered.url == "/en/my-file/record"
    assert "Your record is up to date." in registered.text
    assert "3 rue du Marché, Douala, Cameroon" in registered.text
    assert "12 rue des Palmiers, Douala, Cameroon, from" in registered.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PersonAddress)) == 2


def test_a_former_occupation_is_kept_with_its_days(app, registered):
    for occupation in ("Cook", "Baker"):
        registered.open("/en/my-file/record/change")
        registered.send(occupation=occupation)
    with app.app_context():
        former = db.session.scalars(select(FormerFact)).one()
        assert (former.fact, former.value) == (PersonFact.occupation, "Cook")


def test_a_new_employment_is_recorded_on_approval(app, registered):
    registered.open("/en/new_employments/new")
    registered.send(**WORK, **{"employer_id-name": "Brasseries du Littoral"})
    registered.send()
    assert registered.url == "/en/new_employments/check", registered.text
    registered.send()
    assert "NE-20" in registered.text
    approve(app)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Employment)) == 2
    registered.open("/en/my-file/record")
    assert "Declared by the person" in registered.text


@pytest.mark.parametrize("page", ["/en/my-file/record", "/en/my-file/record/change"])
def test_the_record_of_who_has_none(person, page):
    person.open(page)
    assert person.status in (200, 404)
    assert "Former values" not in person.text
