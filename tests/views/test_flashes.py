"""Messages after an action: said once, and again when the person only changes the page's language."""

import pytest

from tests.services.test_cases import file_case
from tests.views.test_backoffice import case_id  # noqa: F401 (a fixture)

REFUSED = "Nothing can be done"


@pytest.fixture
def told(visitor, app):
    """A person on their case page, where they were just told that what they tried is not possible."""
    with app.app_context():
        address = f"/en/cases/{file_case().public_id}"
    person = visitor("joseph")
    person.open(address)
    person.post(f"{address}/steps/approve", {"csrf_token": person.token()})
    assert said(person)
    return person


def said(person):
    return person.page.select_one(".govuk-notification-banner__content p, .alert span")


def switch(person):
    person.open(person.page.select_one("a[rel=alternate][hreflang]")["href"])


def test_the_switch_keeps_a_message_and_says_in_which_language_it_is(told):
    before = said(told).get_text()
    for lang in ("fr", "en", "fr"):
        switch(told)
        assert told.url.startswith(f"/{lang}/")
        assert said(told).get_text() == before
        assert said(told)["lang"] == "en"


def test_a_reload_or_another_page_ends_it(told):
    here = told.url
    told.open(here)
    assert said(told) is None
    switch(told)
    assert said(told) is None


def test_another_page_in_the_other_language_does_not_repeat_it(told):
    told.open("/fr/help")
    assert said(told) is None
    switch(told)
    assert said(told) is None


def test_the_staff_switch_keeps_a_message_beside_a_half_written_reason(visitor, case_id):  # noqa: F811
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="#steps-form", button=("step", "take"))
    before = said(officer).get_text()
    officer.send(form="#steps-form", button=("_switch", "fr"), reason="Half a")
    assert said(officer).get_text() == before
    assert officer.value_of("reason") == "Half a"
    assert officer.page.select_one("html")["lang"] == "fr"
