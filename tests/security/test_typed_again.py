"""After an expired session the page and what was typed come back, to the same person alone."""

from datetime import timedelta

import pytest

from app import clock
from app.delays import SESSION_IDLE, SESSION_REMEMBERED
from app.extensions import db
from app.models import Draft
from tests.journey import YOU, address
from tests.visitor import a_file

HALF = YOU | {"family_name": "", "birth_date-day": "31", "birth_date-month": "2"}
LATER = SESSION_IDLE + timedelta(minutes=1)


def be_away(person, page="you", passed=LATER, **fields):
    """Open a page, be away for too long, and send what was typed."""
    person.open(address(page))
    with clock.frozen(clock.now() + passed):
        person.send(**(fields or HALF))
    return clock.now() + passed


def give_password(person, login):
    person.send(email=f"{login}@demo.example", password=f"guichet-{login}")


def assert_nothing_is_kept(person):
    """Led to sign in, and back to a page that holds nothing of what was typed."""
    assert person.url.startswith("/en/sign-in?next=")
    assert "You were signed out for your safety." in person.text
    assert "What you typed is kept" not in person.text
    give_password(person, "joseph")
    assert person.url == address("you")
    assert person.value_of("given_names") == ""


def test_a_page_half_filled_in_comes_back_as_it_was_typed(app, visitor):
    person = visitor("joseph")
    with clock.frozen(be_away(person)):
        assert person.url.startswith("/en/sign-in?next=")
        assert "What you typed is kept for you." in person.text
        give_password(person, "joseph")
        assert "What you typed is kept" in person.text
        person.send(form="#typed-form")
        assert person.url == address("you")
        for name, typed in HALF.items():
            assert person.value_of(name) == typed, name
        assert person.error_of("birth_date") == ""
        with app.app_context():
            assert db.session.query(Draft).count() == 0
        person.send(**{"family_name": "N’Guessan", "birth_date-day": "3"})
        assert person.url == address("origin")


def test_somebody_else_on_the_same_computer_sees_nothing_of_it(visitor):
    person = visitor("joseph")
    with clock.frozen(be_away(person)):
        give_password(person, "peter")
        assert person.url == address("you")
        assert person.value_of("given_names") == ""
        person.open("/en/typed")
        assert "Joseph Aimé" not in person.text


def test_after_a_second_factor_too(new_person):
    person, who = new_person(has_app=True)
    with clock.frozen(be_away(person)):
        person.give_password(who.login, "une phrase de passe assez longue")
        assert "What you typed is kept" in person.text


def test_in_the_other_language_too(visitor):
    person = visitor("joseph")
    with clock.frozen(be_away(person)):
        person.send(button=("_switch", "fr"), to=person.url.replace("/en/sign-in", "/fr/sign-in"))
        give_password(person, "joseph")
        person.send(form="#typed-form")
        assert person.url == address("you", "fr")
        assert person.value_of("given_names") == HALF["given_names"]


def test_who_signed_out_or_was_signed_out_keeps_nothing(visitor):
    person = visitor("joseph")
    copied = person.client.get_cookie("guichet").value
    person.open(address("you"))
    page = person.page
    person.open("/en/")
    person.send(form="form[action$='/sign-out']")
    person.client.set_cookie("guichet", copied)
    person.go_back(page, person.url)
    person.send(to=address("you"), **HALF)
    assert_nothing_is_kept(person)


def test_after_a_day_nobody_knows_whose_it_was(app, visitor):
    from app.security import sessions

    person = visitor("joseph")
    person.open(address("you"))
    with clock.frozen(clock.now() + LATER + SESSION_REMEMBERED):
        with app.app_context():
            sessions.purge_expired()
            db.session.commit()
        person.send(**HALF)
        assert_nothing_is_kept(person)


@pytest.mark.parametrize("name", ["password", "current", "code"])
def test_secrets_are_never_kept(visitor, name):
    person = visitor("joseph")
    with clock.frozen(be_away(person, given_names="Joseph", **{name: "a secret of mine"})):
        give_password(person, "joseph")
        assert "a secret of mine" not in str(person.page)
        assert person.page.select_one("input[name=given_names]")


def test_files_are_not_kept_and_the_page_says_so(visitor):
    person = visitor("joseph")
    with clock.frozen(be_away(person, page="documents", identity_document=a_file())):
        give_password(person, "joseph")
        assert "files are not kept" in person.text


def test_a_button_that_acts_is_never_pressed_again_by_itself(app, visitor):
    """Starting again deletes a draft: after signing in the page is there, and nothing was done."""
    person = visitor("joseph")
    person.open(address("you"))
    person.send(**YOU)
    person.open("/en/registration/")
    action = next(form for form in person.page.select("form") if "/new" in str(form.get("action")))
    action["id"] = "again"
    with clock.frozen(clock.now() + LATER):
        person.send(form="#again")
        assert "/sign-in" in person.url
        give_password(person, "joseph")
        assert "/typed" not in person.url
        with app.app_context():
            assert db.session.query(Draft).count() == 1


def test_a_withdrawal_is_never_made_by_looking_again_at_the_page(app, visitor):
    from app.models import Case
    from tests.services.test_cases import file_case

    with app.app_context():
        public_id = file_case("joseph").public_id
    person = visitor("joseph")
    person.open(f"/en/cases/{public_id}")
    form = next(form for form in person.page.select("form") if "/steps/" in str(form.get("action")))
    form["id"] = "withdraw"
    with clock.frozen(clock.now() + LATER):
        person.send(form="#withdraw")
        give_password(person, "joseph")
        assert "/typed" not in person.url
        with app.app_context():
            assert db.session.query(Case).one().status.name == "submitted"


def test_an_officers_reason_comes_back(app, visitor):
    from tests.services.test_cases import file_case

    with app.app_context():
        number = file_case("joseph").id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{number}")
    with clock.frozen(clock.now() + LATER):
        officer.send(form="#steps-form", button=("step", "reject"), reason="The card cannot be read.")
        assert "/sign-in" in officer.url
        officer.give_password("officer@demo.example", "guichet-officer")
        officer.send(form="#typed-form")
        assert "The card cannot be read." in str(officer.page)
        assert "Rejected" not in officer.page.select_one("h1").get_text()


def test_too_much_is_not_kept(visitor):
    person = visitor("joseph")
    with clock.frozen(be_away(person, given_names="x" * 70_000)):
        give_password(person, "joseph")
        assert person.url == address("you")
