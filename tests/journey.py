"""The journey of a registration as a visitor makes it: page by page, to the check, and sent."""

from typing import Any

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


def go_to(person: Visitor, page: str) -> None:
    """Answer the pages before a page, from the first on."""
    person.open(address("you"))
    for before in PAGES:
        if before == page:
            return
        answer(person, before)


def answer_all(person: Visitor, **changes: Any) -> None:
    """Answer every page, to the check; `changes` go to the pages of their fields."""
    person.open(address("you"))
    for page, fields in PAGES.items():
        answer(person, page, **{field: value for field, value in changes.items() if field in fields})


def file_request(person: Visitor, **changes: Any) -> None:
    """Answer every page and send the request."""
    answer_all(person, **changes)
    assert person.url.endswith("/check"), person.url
    person.send()


def child(number: int, **changes: Any) -> dict[str, Any]:
    """A child as the entry of that number of the dependants, with the birth certificate."""
    facts = {**CHILD, "birth_certificate": a_file("birth.png"), **changes}
    return {f"dependants-{number}-{name}": value for name, value in facts.items()}
