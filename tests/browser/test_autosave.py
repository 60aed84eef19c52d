"""Saving while typing: announced when it works, said by its cause when it does not, tried again until it does."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from app.extensions import db
from app.models import Draft, WebSession
from tests.browser import people

WORDS = {
    "en": {
        "saved": r"Saved at \d\d:\d\d",
        "network": "there is no connection",
        "server": "the service does not answer",
        "signed out": "you have been signed out",
    },
    "fr": {
        "saved": r"Enregistré à \d\d:\d\d",
        "network": "il n’y a pas de connexion",
        "server": "le service ne répond pas",
        "signed out": "votre session est fermée",
    },
}
AUTOSAVE = "**/autosave"
STATE, PROBLEM = "#autosave-state[role=status]", "#autosave-problem[role=alert]"


@pytest.fixture(params=["en", "fr"])
def lang(request):
    return request.param


@pytest.fixture
def person(site):
    return people.new_employee(site.app)


@pytest.fixture
def page(visit, person, lang):
    page = visit(person, lang)
    page.goto(f"/{lang}/registration/new/you")
    return page


def draft_of(site, person):
    """What the server kept of the person's draft, or None."""
    with site.app.app_context():
        draft = db.session.scalars(select(Draft).where(Draft.owner_id == person.id)).one_or_none()
        return draft.answers if draft else None


def saved(page, lang):
    expect(page.locator(STATE)).to_have_text(re.compile(WORDS[lang]["saved"]))
    expect(page.locator(PROBLEM)).to_be_empty()


@pytest.mark.long(sample=1)
def test_what_is_typed_is_saved_and_said_and_found_on_another_device(page, visit, site, person, lang):
    with page.expect_response(AUTOSAVE) as answer:
        page.locator("#given_names").press_sequentially("Marie-Noëlle")
        page.fill("#birth_date-day", "31")
    assert answer.value.ok
    saved(page, lang)
    assert draft_of(site, person)["birth_date"] == {"birth_date-day": ["31"]}
    assert "family_name" not in draft_of(site, person)
    phone = visit(person, lang)
    phone.goto(f"/{lang}/registration/new")
    expect(phone.locator("#given_names")).to_have_value("Marie-Noëlle")
    expect(phone.locator("#birth_date-day")).to_have_value("31")
    expect(phone.locator(".govuk-error-summary")).to_have_count(0)


@pytest.mark.long(sample=1)
def test_one_pause_one_request_and_no_draft_before_an_answer(page, site, person):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "autosave" in request.url else None)
    pause = round(float(page.locator("#autosave").get_attribute("data-seconds").split()[0]) * 1000)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    for typed in (" ", "  ", ""):
        page.locator("#given_names").fill(typed)
        page.clock.run_for(pause - 1)
    assert not asked
    with page.expect_response(AUTOSAVE):
        page.clock.run_for(1)
    assert draft_of(site, person) is None
    expect(page.locator(STATE)).to_be_empty()
    assert len(asked) == 1


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("problem", ["network", "server"])
def test_a_failure_is_said_by_its_cause_and_tried_again(page, site, person, lang, problem):
    page.watch.expect(503)
    fail = (
        (lambda route: route.abort()) if problem == "network" else (lambda route: route.fulfill(status=503))
    )
    page.route(AUTOSAVE, fail)
    page.fill("#given_names", "Adèle")
    expect(page.locator(PROBLEM)).to_contain_text(WORDS[lang][problem])
    expect(page.locator(STATE)).to_be_empty()
    assert draft_of(site, person) is None
    page.unroute(AUTOSAVE)
    saved(page, lang)
    assert draft_of(site, person)["given_names"] == {"given_names": ["Adèle"]}
    page.watch.forget()


@pytest.mark.long(sample=1)
def test_offline_and_online_again(page, site, person, lang):
    page.context.set_offline(True)
    page.fill("#given_names", "Adèle")
    expect(page.locator(PROBLEM)).to_contain_text(WORDS[lang]["network"])
    page.context.set_offline(False)
    saved(page, lang)
    page.watch.forget()


@pytest.mark.long(sample=1)
def test_signed_out_then_signed_in_again_in_another_window(page, site, person, lang):
    page.watch.expect(401, 409)
    sign_out(site, person)
    page.fill("#given_names", "Adèle")
    expect(page.locator(PROBLEM)).to_contain_text(WORDS[lang]["signed out"])
    way = page.locator("#autosave-sign-in a")
    expect(way).to_be_visible()
    page.context.add_cookies([cookie(site, person, lang)])
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(page, lang)
    expect(way).to_be_hidden()
    assert draft_of(site, person)["given_names"] == {"given_names": ["Adèle"]}
    page.fill("#family_name", "Fon")
    page.locator("[name=sex]").first.check()
    for part, text in {"day": "3", "month": "4", "year": "1990"}.items():
        page.fill(f"#birth_date-{part}", text)
    page.click("#main-form button[type=submit]:not([name])")
    expect(page).to_have_url(re.compile("/new/origin$"))


@pytest.mark.long(sample=1)
def test_nothing_is_saved_for_somebody_else_who_signed_in_meanwhile(page, site, lang):
    page.watch.expect(409)
    other = people.new_employee(site.app)
    page.context.add_cookies([cookie(site, other, lang)])
    page.fill("#given_names", "Adèle")
    expect(page.locator(PROBLEM)).to_contain_text(WORDS[lang]["signed out"])
    assert draft_of(site, other) is None


def sign_out(site, person):
    """As the server does when a session is too old."""
    with site.app.app_context():
        db.session.execute(delete(WebSession).where(WebSession.account_id == person.id))
        db.session.commit()


def cookie(site, person, lang):
    return {"name": "guichet", "value": people.cookie_of(site.app, person, lang), "url": site.url}
