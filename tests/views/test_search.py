"""The one search box: by reference, number and name; only what the role may see."""

from datetime import date

import pytest
from sqlalchemy import select

from app.access_kinds import Opened
from app.extensions import db
from app.models import AccessEntry, Employer, InsuredPerson
from app.services import people
from tests.services.test_cases import file_case


@pytest.fixture
def people_there(app):
    names = (
        ("Nguéma", "Éléonore Désirée"),
        ("N’Guessan", "Aïcha"),
        ("Mbarga Onana", "Jean-Baptiste"),
        ("Mbarga", "Paul"),
        ("Gnuema", "Albert"),
    )
    with app.app_context():
        for number, (family, given) in enumerate(names, start=500):
            db.session.add(
                InsuredPerson(
                    ssn=people.number_of(number),
                    family_name=family,
                    given_names=given,
                    birth_date=date(1980, 1, 1),
                    registered_on=date(2020, 1, 1),
                )
            )
        db.session.add(Employer(registration_number="E-900001", name="Société Générale des Pêches"))
        db.session.commit()


def found(staff, typed, kind="persons"):
    staff.open("/staff/")
    staff.send(form="header .s-find", to=f"/staff/search/?q={typed}")
    staff.open(f"/staff/search/?q={typed}")
    return [link.get_text(strip=True) for link in staff.page.select(f"#found-{kind} li a")]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Nguema", "Nguéma Éléonore Désirée"),
        ("nguéma", "Nguéma Éléonore Désirée"),
        ("eleonore", "Nguéma Éléonore Désirée"),
        ("eleo", "Nguéma Éléonore Désirée"),
        ("eelonore", "Nguéma Éléonore Désirée"),
        ("desiree nguema", "Nguéma Éléonore Désirée"),
        ("guessan", "N’Guessan Aïcha"),
        ("guesasn", "N’Guessan Aïcha"),
        ("onnaa baptiste", "Mbarga Onana Jean-Baptiste"),
        ("mbrga paul", "Mbarga Paul"),
        ("aicha n", "N’Guessan Aïcha"),
    ],
)
def test_a_name_is_found(visitor, people_there, typed, first):
    assert found(visitor("officer"), typed)[0] == first


def test_the_name_as_typed_comes_before_the_one_with_letters_swapped(visitor, people_there):
    officer = visitor("officer")
    assert found(officer, "gnuema") == ["Gnuema Albert", "Nguéma Éléonore Désirée"]
    assert found(officer, "nguema") == ["Nguéma Éléonore Désirée", "Gnuema Albert"]


def test_a_number_is_found_however_it_is_typed(app, visitor, people_there):
    officer = visitor("officer")
    with app.app_context():
        number = people.number_of(502)
    for typed in (number, number.replace("-", ""), number.replace("-", " ")):
        assert found(officer, typed) == ["Mbarga Onana Jean-Baptiste"]


def test_an_employer_is_found_by_name_and_number_by_who_may_see_employers(visitor, people_there):
    supervisor, officer = visitor("supervisor"), visitor("claims")
    for typed in ("e-900001", "generale peches", "scoiete"):
        assert found(supervisor, typed, "employers") == ["Société Générale des Pêches"]
        assert found(officer, typed, "employers") == []


def test_a_case_is_found_by_its_reference_and_by_its_person(visitor, app):
    with app.app_context():
        reference = file_case().reference
    officer = visitor("officer")
    for typed in (reference, reference.lower(), reference[:9], "tabi", "joesph"):
        assert found(officer, typed, "cases") == [reference], typed


@pytest.mark.parametrize(
    ("login", "cases", "persons"),
    [("centre", False, True), ("claims", False, True), ("doctor", False, False), ("auditor", True, True)],
)
def test_only_what_the_role_may_see_is_found(visitor, app, people_there, login, cases, persons):
    with app.app_context():
        reference = file_case().reference
    staff = visitor(login)
    assert bool(found(staff, reference, "cases")) is cases
    assert bool(found(staff, "mbarga")) is persons
    assert (reference in staff.text) is False


def test_an_insured_person_cannot_search(visitor, people_there):
    person = visitor("joseph")
    person.open("/staff/search/?q=mbarga")
    assert person.status == 403
    assert "Mbarga" not in person.text


@pytest.mark.parametrize(
    "typed", ["", "%20", "a", "%25", "____", "';--", "%00", "x" * 500, "’", "%F0%9F%98%80", "RG%25"]
)
def test_anything_may_be_typed(visitor, people_there, typed):
    officer = visitor("officer")
    officer.open(f"/staff/search/?q={typed}")
    assert officer.status == (400 if typed == "%00" else 200)
    assert officer.page.select("#found-persons li") == []


def test_nothing_found_says_so(visitor, people_there):
    officer = visitor("officer")
    assert found(officer, "zzyzx") == []
    assert "Nothing found for “zzyzx”." in officer.text


def test_each_person_found_is_noted_and_their_number_masked(app, visitor, people_there):
    officer = visitor("officer")
    with app.app_context():
        number = people.number_of(502)
    officer.open("/staff/search/?q=mbarga onana")
    assert number not in officer.text
    assert number[-4:] in officer.text
    with app.app_context():
        noted = db.session.scalars(select(AccessEntry.name).where(AccessEntry.opened == Opened.search)).all()
    assert number in noted
    assert len(noted) == len(officer.page.select("#found-persons li"))
