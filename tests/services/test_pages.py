"""A service's pages are checked when the application starts, not in front of a citizen."""

import pytest

from app import services
from app.forms.answers import questions_of
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
    assert {need.field for need in service.documents} <= set(questions_of(service.form))
