"""The staff's forms after a token or a session ended: shown again as typed, nothing done, the reading noted."""

from datetime import timedelta

import pytest

from app import clock
from app.delays import SESSION_IDLE, STEP_UP
from app.extensions import db
from app.models import AccessEntry
from app.workflow import Status
from tests.messages import written
from tests.security import objects
from tests.security.test_access import digests
from tests.services.test_cases import bring_to, file_case

TYPED = "A long text that nobody types twice."


@pytest.fixture
def places(app):
    with app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        case, there = file_case("amina").id, written().id
    return {
        "generated": ("administrator", "/staff/agencyview/add", "#model_form", "code"),
        "changed": ("administrator", "/staff/agencyview/edit/1", "#model_form", "code"),
        "of ours": ("support", f"/staff/lockview/lift/{own.screens['LockView']}", "#model_form", "reason"),
        "searched": ("support", "/staff/insuredpersonview/list/", "#model_form", "family_name"),
        "step": ("officer", f"/staff/registrationview/show/{case}", "#steps-form", "reason"),
        "note": ("officer", f"/staff/registrationview/show/{case}", "form[action*='/note/']", "note"),
        "answer": ("officer", f"/staff/conversationview/show/{there}", "#answer-form", "text"),
        "aside": ("officer", f"/staff/conversationview/show/{there}", "form[action*='/note/']", "note"),
    }


NAMES = ["generated", "changed", "of ours", "searched", "step", "note", "answer", "aside"]


def changed(app, before):
    after = digests(app)
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize("name", NAMES)
def test_a_stale_token_keeps_what_was_typed_and_does_nothing(visitor, app, places, name):
    login, page, form, field = places[name]
    staff = visitor(login)
    staff.open(page)
    before = digests(app)
    button = ("step", "reject") if name == "step" else None
    staff.send(form=form, button=button, csrf_token="stale", **{field: TYPED})
    assert staff.status == 200
    assert "This page was open too long" in staff.text
    assert staff.value_of(field).strip() == TYPED
    assert changed(app, before) <= {"access_entry"}
    staff.send(form=form, button=button, **{field: TYPED})
    assert "This page was open too long" not in staff.text


@pytest.mark.parametrize("name", NAMES)
def test_after_an_ended_session_it_comes_back(visitor, app, places, name):
    login, page, form, field = places[name]
    staff = visitor(login)
    staff.open(page)
    with clock.frozen(clock.now() + SESSION_IDLE + timedelta(minutes=1)):
        staff.send(form=form, **{field: TYPED})
        assert "/sign-in" in staff.url
        staff.give_password(f"{login}@demo.example", f"guichet-{login}")
        before = digests(app)
        staff.send(form="#typed-form")
        assert staff.value_of(field).strip() == TYPED
        assert changed(app, before) <= {"access_entry"}


def test_an_old_code_and_an_old_token_at_once_lose_nothing(visitor, app, places):
    login, page, form, field = places["of ours"]
    staff = visitor(login)
    staff.open(page)
    with clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1)):
        staff.send(form=form, csrf_token="stale", **{field: TYPED})
        assert "/account/prove" in staff.url
        staff.give_code(f"{login}@demo.example")
        staff.send(form="#typed-form")
        assert staff.value_of(field).strip() == TYPED


def test_a_bulk_act_that_comes_back_is_still_of_the_list_that_was_narrowed(visitor, app):
    """Without the query its form would act on every case there is."""
    with app.app_context():
        reference = file_case("joseph").reference
        file_case("amina")
    narrowed = f"/staff/registrationview/bulk?_flt_3_reference={reference}"
    staff = visitor("officer")
    staff.open(narrowed)
    assert "1 case is in this list." in staff.text
    with clock.frozen(clock.now() + SESSION_IDLE + timedelta(minutes=1)):
        staff.send(form="#model_form", to=narrowed, act="step:take", reason=TYPED)
        staff.give_password("officer@demo.example", "guichet-officer")
        staff.send(form="#typed-form")
        assert staff.value_of("reason").strip() == TYPED
        assert "Cette liste contient 1 dossier." in staff.text


@pytest.mark.parametrize("how", [{"_switch": "fr"}, {"csrf_token": "stale"}, {}])
@pytest.mark.parametrize("act", ["step", "note"])
def test_no_form_shows_a_case_past_the_question_why(visitor, app, act, how):
    """The screen that a refused or resent form shows is an opening like any other."""
    with app.app_context():
        case = file_case("joseph")
        bring_to(case, Status.carried_out)
        number = case.id
    officer = visitor("agent", lang="en")
    officer.open("/staff/registrationview/list/")
    officer.open("/en/account/language")
    token = officer.token()
    sent = {"csrf_token": token, "step": "reject", "reason": "", "note": ""} | how
    officer.post(f"/staff/registrationview/{act}/{number}", sent)
    assert "/reason/" in officer.url
    assert "Tabi" not in officer.page.select_one("main").text
    with app.app_context():
        assert db.session.query(AccessEntry).count() == 0
