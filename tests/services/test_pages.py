"""A service's pages are checked when the application starts, not in front of a citizen."""

import pytest

from app import services
from app.forms.answers import questions_of
from app.forms.conditions import Answer, asked
from app.services.base import Page
from app.services.registration import RegistrationService

PAGES = RegistrationService.pages


class Toy(RegistrationService):
    """The registration with other pages."""


@pytest.mark.parametrize(
    "pages",
    [
        PAGES[:2],
        (*PAGES, PAGES[0]),
        (*PAGES, Page("more", "More", ("nothing_asked",))),
        (*PAGES[:2], Page("you", "Again", PAGES[2].fields)),
    ],
    ids=["a question on no page", "a page twice", "a question that does not exist", "an address twice"],
)
def test_pages_that_do_not_ask_each_question_once_stop_the_start(monkeypatch, pages):
    monkeypatch.setattr(Toy, "pages", pages, raising=False)
    with pytest.raises(ValueError, match="do not ask each question"):
        services._registry(Toy())


@pytest.mark.parametrize("service", services.SERVICES.values(), ids=lambda service: service.slug)
def test_every_document_has_its_question(service):
    asked = set(questions_of(service.form))
    asked |= {f"{group}.{name}" for group, it in service.groups().items() for name in questions_of(it)}
    assert {need.field for need in service.documents} <= asked


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"given_names": Answer("employer_id").is_(1)}, "no earlier question"),
        ({"employer_id": Answer("nothing").is_(1)}, "no earlier question"),
        ({"family_name": Answer("given_names").is_("Marie")}, "cannot reveal"),
    ],
    ids=["a later question", "no question", "a text on the same page"],
)
def test_a_condition_that_cannot_be_asked_stops_the_start(monkeypatch, condition, message):
    monkeypatch.setattr(RegistrationService.form, "asked_if", condition)
    with pytest.raises(ValueError, match=message):
        services._registry(Toy())


def test_a_listed_column_that_the_model_has_not_stops_the_start(monkeypatch):
    monkeypatch.setattr(Toy, "listed", ("shoe_size",), raising=False)
    with pytest.raises(ValueError, match="shoe_size"):
        services._registry(Toy())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": "yes", "b": "x", "c": "", "d": ""}, {"a", "b", "c", "d"}),
        ({"a": "no", "b": "x", "c": "", "d": ""}, {"a", "d"}),
        ({"a": "yes", "b": "y", "c": "", "d": ""}, {"a", "b", "d"}),
        ({"a": None, "b": "x", "c": "", "d": ""}, {"a", "d"}),
        ({"a": ["no", "yes"], "b": "", "c": "", "d": ""}, {"a", "b", "d"}),
    ],
)
def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked(given, expected):
    conditions = {"b": Answer("a").is_("yes"), "c": Answer("b").is_("x", "z")}
    assert asked(conditions, given) == expected
