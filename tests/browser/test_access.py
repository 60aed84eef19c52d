"""Linking, giving an account back, and the lock, in both languages: with a keyboard alone and no JavaScript."""

import itertools
import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Account, InsuredPerson, Recovery
from app.services import locks, recoveries
from app.services import people as insured
from tests.browser import people
from tests.browser.hands import NAMES, WAYS

CODE = re.compile(r"10 minutes\W+(\d{6})")
NOT_ME = re.compile(r"(/(?:fr|en)/not-me/\S+)")
INVITATION = re.compile(r"(/(?:fr|en)/invitations/\S+)")
PASSWORD = "quatre mots sans rapport"
_numbers = itertools.count(900)

WORDS = {
    "fr": {
        "ask": "M’envoyer le code",
        "link": "Rattacher mon compte",
        "linked": "Votre compte est rattaché à votre numéro de sécurité sociale.",
        "lock": "Verrouiller : Aucune modification en ligne",
        "locked": "Verrouillé : Aucune modification en ligne",
        "propose": "Proposer",
        "lift": "Confirmer et lever",
        "lifted": "Le verrou est levé.",
        "request": "Demander",
        "confirm": "J’ai vérifié l’identité à mon tour : confirmer",
        "waiting": "Confirmé : le délai d’attente commence.",
        "stop": "Tout arrêter",
        "stopped": "La restitution est arrêtée.",
    },
    "en": {
        "ask": "Send me the code",
        "link": "Link my account",
        "linked": "Your account is linked to your social security number.",
        "lock": "Lock: No change online",
        "locked": "Locked: No change online",
        "propose": "Propose",
        "lift": "Confirm and lift",
        "lifted": "The lock is lifted.",
        "request": "Request",
        "confirm": "I checked the identity too: confirm",
        "waiting": "Confirmed: the waiting period begins.",
        "stop": "Stop it",
        "stopped": "It is stopped.",
    },
}


@pytest.fixture
def person(site, lang):
    return people.new_employee(site.app, lang)


def button(page, name):
    return page.locator("main").get_by_role("button", name=name, exact=True)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_an_account_is_linked_by_a_code(site, visit, person, mailed, lang, hands, scripts):
    with site.app.app_context():
        place = next(_numbers)
        number, address = insured.number_of(place), f"esther-{place}@record.example"
        db.session.add(
            InsuredPerson(
                ssn=number,
                given_names="Esther",
                family_name="Ateba",
                birth_date=date(1985, 5, 12),
                registered_on=date(2020, 1, 6),
                email=address,
            )
        )
        db.session.commit()
    words, page = WORDS[lang], visit(person, lang, java_script_enabled=scripts)
    page.goto(f"/{lang}/my-file/link")
    fields = {"number": number, "birth_date-day": "12", "birth_date-month": "5", "birth_date-year": "1985"}
    for name, typed in (fields | {"family_name": "Ateba"}).items():
        hands.write(page.locator(f"[name='{name}']"), typed)
    hands.press(button(page, words["ask"]))
    page.wait_for_url("**/my-file/link/code")
    hands.write(page.locator("[name=code]"), mailed(address, CODE))
    hands.press(button(page, words["link"]))
    page.get_by_text(words["linked"]).wait_for()
    page.get_by_text(number).wait_for()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_a_file_is_locked_and_unlocked_by_two(site, visit, person, lang, hands, scripts):
    words, page = WORDS[lang], visit(person, lang, java_script_enabled=scripts)
    page.goto(f"/{lang}/my-file/lock")
    hands.press(button(page, words["lock"]))
    page.locator(".govuk-notification-banner").wait_for()
    page.goto(f"/{lang}/my-file/")
    page.get_by_text(words["locked"]).wait_for()
    with site.app.app_context():
        account = db.session.get_one(Account, person.id)
        pk = locks.in_force(account)[0].id
    first = visit(people.demo_person(site.app, "support"), lang, java_script_enabled=scripts)
    first.goto(f"/staff/lockview/lift/{pk}?language={lang}")
    hands.write(first.locator("[name=reason]"), "Passport seen.")
    hands.press(button(first, words["propose"]))
    first.wait_for_url("**/lockview/show/*")
    second = visit(people.demo_person(site.app, "helpdesk"), lang, java_script_enabled=scripts)
    second.goto(f"/staff/lockview/show/{pk}?language={lang}")
    hands.press(button(second, words["lift"]))
    second.get_by_text(words["lifted"]).wait_for()
    page.reload()
    expect(page.get_by_text(words["locked"])).to_have_count(0)


def ask_back(site, visit, person, lang, hands, scripts):
    """A first officer asks for somebody's account, at the counter."""
    first = visit(people.demo_person(site.app, "support"), lang, java_script_enabled=scripts)
    first.goto(f"/staff/recoveryview/request?language={lang}")
    typed = (("known", person.login), ("last_digits", "12AB"), ("new_email", f"new-{person.login}"))
    for name, value in typed:
        hands.write(first.locator(f"[name={name}]"), value)
    hands.choose(first.locator("[name=paper]"), "Passeport" if lang == "fr" else "Passport")
    hands.press(button(first, WORDS[lang]["request"]))
    first.wait_for_url("**/recoveryview/list/")
    with site.app.app_context():
        return db.session.scalars(select(Recovery.id).where(Recovery.account_id == person.id)).one()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_a_recovery_is_stopped_by_its_warning(site, visit, person, mailed, lang, hands, scripts):
    words = WORDS[lang]
    pk = ask_back(site, visit, person, lang, hands, scripts)
    nobody = visit(None, lang, java_script_enabled=scripts)
    nobody.goto(mailed(person.login, NOT_ME))
    hands.press(button(nobody, words["stop"]))
    nobody.get_by_text(words["stopped"]).wait_for()
    with site.app.app_context():
        assert db.session.get_one(Recovery, pk).frozen_at is not None


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_an_account_is_given_back_by_two_and_after_the_days(
    site, visit, person, mailed, lang, hands, scripts
):
    words, address = WORDS[lang], f"new-{person.login}"
    pk = ask_back(site, visit, person, lang, hands, scripts)
    second = visit(people.demo_person(site.app, "helpdesk"), lang, java_script_enabled=scripts)
    second.goto(f"/staff/recoveryview/show/{pk}?language={lang}")
    hands.press(button(second, words["confirm"]))
    second.get_by_text(words["waiting"]).wait_for()
    with site.app.app_context():
        assert recoveries.complete_due() == 0
        db.session.get_one(Recovery, pk).due_on = clock.today() - timedelta(days=1)
        db.session.commit()
        assert recoveries.complete_due() == 1
    owner = visit(None, lang, java_script_enabled=scripts)
    owner.goto(mailed(address, INVITATION))
    hands.write(owner.locator("[name=password]"), PASSWORD)
    hands.press(owner.locator("#main-form button[type=submit]"))
    hands.write(owner.locator("#email"), address)
    hands.write(owner.locator("#password"), PASSWORD)
    hands.press(owner.locator("#main-form button[type=submit]:not([name])"))
    owner.locator("form[action$='/sign-out'] button").wait_for()
