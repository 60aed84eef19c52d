"""The journey of a registration as a visitor makes it: page by page, to the check, and sent."""

from typing import Any

from tests.visitor import Visitor, a_file

START = "/en/registration/"
CHECK = "/en/registration/check"
YOU = {
    "given_names": "Joseph Aimé",
    "family_name": "N’Guessan",
    "birth_date-day": "3",
    "birth_date-month": "4",
    "birth_date-year": "1990",
}
PAGES = {"you": tuple(YOU), "work": ("employer_id",), "documents": ("identity_document",)}


def page_of(field: str) -> str:
    """The page that asks for a field."""
    return next(page for page, fields in PAGES.items() if field in fields)


def address(page: str, lang: str = "en") -> str:
    """Where a page is."""
    return f"/{lang}/registration/new/{page}"


def good_answers(person: Visitor, page: str) -> dict[str, Any]:
    """Answers to the page the person is on, each of them right."""
    if page == "work":
        return {"employer_id": person.page.select("#employer_id option")[1]["value"]}
    return dict(YOU) if page == "you" else {"identity_document": a_file()}


def answer(person: Visitor, page: str, **changes: Any) -> None:
    """Answer the page the person is on; `changes` to its fields win."""
    person.send(**good_answers(person, page) | changes)


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
