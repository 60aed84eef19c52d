"""Linking, giving an account back, and the lock, in both languages: with a keyboard alone and no JavaScript."""

import itertools
from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, InsuredPerson, LinkAttempt, Recovery
from app.security import links
from app.services import linking, locks
from app.services import people as insured
from tests.browser import people
from tests.browser.hands import KEYBOARD, MOUSE

WAYS = [("fr", KEYBOARD, False), ("en", KEYBOARD, False), ("en", MOUSE, True)]
_numbers = itertools.count(900)

WORDS = {
    "fr": {
        "ask": "M’envoyer le code",
        "link": "Rattacher mon compte",
        "linked": "Votre compte est rattaché à votre numéro de sécurité sociale.",
        "lock": "Verrouiller : Pas de changement en ligne",
        "locked": "Verrouillé : Pas de changement en ligne",
        "propose": "Proposer",
        "lift": "Confirmer et lever",
        "lifted": "Le verrou est levé.",
        "request": "Demander",
        "stop": "Tout arrêter",
        "stopped": "C’est arrêté.",
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
        "stop": "Stop it",
        "stopped": "It is stopped.",
    },
}


@pytest.fixture
def person(site):
    return people.new_employee(site.app)


def button(page, name):
    return page.locator("main").get_by_role("button", name=name, exact=True)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS)
def test_an_account_is_linked_by_a_code(site, visit, person, lang, hands, scripts):
    with site.app.app_context():
        number = insured.number_of(next(_numbers))
        db.session.add(
            InsuredPerson(
                ssn=number,
                given_names="Esther",
                family_name="Ateba",
                birth_date=date(1985, 5, 12),
                registered_on=date(2020, 1, 6),
                email="esther@record.example",
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
    with site.app.app_context():
        attempt = db.session.scalars(select(LinkAttempt).where(LinkAttempt.account_id == person.id)).one()
        code = linking.code_to_send(attempt)
    hands.write(page.locator("[name=code]"), code)
    hands.press(button(page, words["link"]))
    page.get_by_text(words["linked"]).wait_for()
    page.get_by_text(number).wait_for()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS)
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
    assert not page.get_by_text(words["locked"]).count()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS)
def test_a_recovery_is_requested_and_stopped_by_its_warning(site, visit, person, lang, hands, scripts):
    words = WORDS[lang]
    first = visit(people.demo_person(site.app, "support"), lang, java_script_enabled=scripts)
    first.goto(f"/staff/recoveryview/request?language={lang}")
    for name, typed in (
        ("known", person.login),
        ("last_digits", "12AB"),
        ("new_email", f"new-{person.login}"),
    ):
        hands.write(first.locator(f"[name={name}]"), typed)
    hands.choose(first.locator("[name=paper]"), "Passeport" if lang == "fr" else "Passport")
    hands.press(button(first, words["request"]))
    first.wait_for_url("**/recoveryview/list/")
    with site.app.app_context():
        pk = db.session.scalars(select(Recovery.id).where(Recovery.account_id == person.id)).one()
        token = links.sign(links.NOT_ME, pk)
    nobody = visit(None, lang, java_script_enabled=scripts)
    nobody.goto(f"/{lang}/not-me/{token}")
    hands.press(button(nobody, words["stop"]))
    nobody.get_by_text(words["stopped"]).wait_for()
    with site.app.app_context():
        assert db.session.get_one(Recovery, pk).frozen_at is not None
