"""The journey of a registration as a visitor makes it: page by page, to the check, and sent.

What a test does not look at is written by the application's own code, as those pages would have left it
(`test_registration.py` proves that it is the same); pages with answers of the test's own are answered one by one.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Employer
from app.services import SERVICES
from app.views import applicant, questions
from tests.visitor import Visitor, a_file

START = "/en/registration/"
CHECK = "/en/registration/check"
YOU = {
    "given_names": "Joseph Aimé",
    "family_name": "N’Guessan",
    "sex": "male",
    "birth_date-day": "3",
    "birth_date-month": "4",
    "birth_date-year": "1990",
}
ORIGIN = {"birth_place": "Édéa", "birth_country": "CM", "nationality": "CM"}
PAPER = {
    "paper_kind": "identity_card",
    "paper_number": "CM 1234-5678",
    "paper_expires_on-day": "1",
    "paper_expires_on-month": "2",
    "paper_expires_on-year": "2090",
}
EMPLOYER = "Boulangerie Bonne Mie"
FAMILY = {"marital_status": "single", "has_dependants": "no"}
CONTACT = {
    "address_line": "12 rue des Palmiers",
    "address_town": "Douala",
    "address_country": "CM",
    "phone": "+237 6 77 12 34 56",
}
WORK = {
    "employed_from-day": "1",
    "employed_from-month": "9",
    "employed_from-year": "2026",
    "employer_listed": "yes",
}
SPOUSE = {
    "spouse_given_names": "Marie",
    "spouse_family_name": "Tabi",
    "spouse_birth_date-day": "5",
    "spouse_birth_date-month": "6",
    "spouse_birth_date-year": "1991",
    "married_on-day": "7",
    "married_on-month": "8",
    "married_on-year": "2015",
}
CHILD = {
    "given_names": "Paul",
    "family_name": "Tabi",
    "birth_date-day": "9",
    "birth_date-month": "10",
    "birth_date-year": "2018",
    "sex": "male",
    "kinship": "child",
}
TYPED = {"you": YOU, "origin": ORIGIN, "paper": PAPER, "family": FAMILY, "contact": CONTACT, "work": WORK}
PAGES = {page: tuple(typed) for page, typed in TYPED.items()} | {
    "work": (*WORK, "employer_id", "employer_id-name"),
    "documents": ("identity_document",),
    "proofs": ("birth_certificate",),
}


def page_of(field: str) -> str:
    """The page that asks for a field."""
    return next(page for page, fields in PAGES.items() if field in fields)


def address(page: str, lang: str = "en") -> str:
    """Where a page is."""
    return f"/{lang}/registration/new/{page}"


def good_answers(person: Visitor, page: str) -> dict[str, Any]:
    """Answers to the page the person is on, each of them right."""
    if page in ("documents", "proofs"):
        return {name: a_file() for name in PAGES[page]}
    if page == "work":
        return {**WORK, "employer_id-name": EMPLOYER}
    return dict(TYPED[page])


def answer(person: Visitor, page: str, **changes: Any) -> None:
    """Answer the page the person is on; `changes` to its fields win."""
    given = good_answers(person, page)
    if "employer_id" in changes:
        given.pop("employer_id-name")  # a number goes alone, as a draft has it
    person.send(**given | changes)


def walk(person: Visitor) -> None:
    """Open and answer every page, each as the one before led to it, to the check."""
    person.open(address("you"))
    for page in PAGES:
        answer(person, page)


def go_to(person: Visitor, page: str) -> None:
    """Come to a page, those before it answered."""
    _write(person, list(PAGES)[: list(PAGES).index(page)])
    person.open(address(page))


def answer_all(person: Visitor, **changes: Any) -> None:
    """Answer every page, to the check; `changes` go to the pages of their fields."""
    changed = {page_of(field) for field in changes}
    _write(person, [page for page in PAGES if page not in changed])
    for page in [page for page in PAGES if page in changed]:
        person.open(address(page))
        answer(person, page, **{field: value for field, value in changes.items() if field in PAGES[page]})
    person.open(CHECK)


def file_request(person: Visitor, **changes: Any) -> None:
    """Answer every page and send the request."""
    answer_all(person, **changes)
    assert person.url.endswith("/check"), person.url
    person.send()


def child(number: int, **changes: Any) -> dict[str, Any]:
    """A child as the entry of that number of the dependants, with the birth certificate."""
    facts = {**CHILD, "birth_certificate": a_file("birth.png"), **changes}
    return {f"dependants-{number}-{name}": value for name, value in facts.items()}


def _write(person: Visitor, pages: Iterable[str]) -> None:
    """Leave what the pages would leave, answered right; nothing is opened."""
    service, app = SERVICES["registration"], person.client.application
    with app.app_context():
        typed = _all_typed()
    with app.test_request_context(START, method="POST", data=typed, headers=person.cookies()):
        for slug in pages:
            page = service.page(slug)
            form, refused = questions.posted(service, page, applicant.draft(service), keeps_files=True)
            assert not refused, refused
            applicant.save(service, questions.answers_of(form))
        db.session.commit()


def _all_typed() -> dict[str, Any]:
    """Right answers to every page; the employer is the first of the list."""
    employer = select(Employer.id).where(Employer.active).order_by(Employer.name).limit(1)
    typed = {name: value for answers in (*TYPED.values(), WORK) for name, value in answers.items()}
    return {
        **typed,
        **{name: a_file() for page in ("documents", "proofs") for name in PAGES[page]},
        "employer_id": str(db.session.scalar(employer)),
    }
