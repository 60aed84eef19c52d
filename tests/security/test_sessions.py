"""Sign-in, sessions kept on the server, and FAB's doors shut."""

import base64
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import request
from sqlalchemy import func, select

from app import clock, create_app
from app.access import TABLE
from app.delays import SESSION_IDLE, SESSION_LONGEST, SESSION_REMEMBERED
from app.extensions import db
from app.models import WebSession
from app.security import passwords, sessions
from config import load
from tests.security import objects
from tests.test_config import SAFE
from tests.visitor import a_file

SIGNED_IN_PAGE = "/en/registration/new"


def cookie_of(browser):
    return browser.client.get_cookie("guichet").value


def test_a_cookie_copied_before_sign_out_is_dead(visitor):
    person = visitor("joseph")
    copied = cookie_of(person)
    person.open("/en/")
    person.send(form="form[action$='/sign-out']")
    thief = visitor()
    thief.client.set_cookie("guichet", copied)
    thief.open(SIGNED_IN_PAGE)
    assert "/sign-in" in thief.url


def test_signing_in_changes_the_cookie(visitor):
    """A session fixed by somebody before sign-in is worth nothing after it."""
    person = visitor()
    person.open("/en/sign-in")
    before = cookie_of(person)
    person.send(email="joseph@demo.example", password="guichet-joseph")
    assert cookie_of(person) != before
    other = visitor()
    other.client.set_cookie("guichet", before)
    other.open(SIGNED_IN_PAGE)
    assert "/sign-in" in other.url


def test_the_cookie_is_a_token_and_the_table_holds_only_its_hash(visitor, app):
    person = visitor("joseph")
    with app.app_context():
        stored = db.session.scalars(select(WebSession)).all()
        assert all(cookie_of(person).encode() not in row.token_hash for row in stored)
    header = person.client.get("/en/sign-in").headers
    assert "guichet=" not in header.get("Set-Cookie", "")


@pytest.mark.parametrize("passed", [SESSION_IDLE, SESSION_LONGEST])
def test_an_idle_or_old_session_ends(visitor, passed):
    person = visitor("joseph")
    with clock.frozen(clock.now() + passed + timedelta(seconds=1)):
        person.open(SIGNED_IN_PAGE)
    assert "/sign-in" in person.url


def test_a_session_in_use_lives_until_its_longest(visitor):
    person = visitor("joseph")
    start = clock.now()
    step = SESSION_IDLE - timedelta(minutes=5)
    moment = start
    while moment + step < start + SESSION_LONGEST:
        moment += step
        with clock.frozen(moment):
            person.open(SIGNED_IN_PAGE)
        assert "/registration/new" in person.url
    with clock.frozen(start + SESSION_LONGEST + timedelta(minutes=1)):
        person.open(SIGNED_IN_PAGE)
    assert "/sign-in" in person.url


def test_revoking_ends_every_session_of_an_account(visitor, app):
    phone, library = visitor("joseph"), visitor("joseph")
    with app.app_context():
        sessions.revoke_all(db.session.scalar(select(WebSession.account_id).limit(1)))
        db.session.commit()
    for browser in (phone, library):
        browser.open(SIGNED_IN_PAGE)
        assert "/sign-in" in browser.url


def test_expired_sessions_are_purged_and_others_stay(visitor, app):
    visitor("joseph")
    ended = clock.now() + SESSION_IDLE + timedelta(minutes=1)
    with clock.frozen(ended), app.app_context():
        assert sessions.purge_expired() == 0
    with clock.frozen(ended + SESSION_REMEMBERED), app.app_context():
        assert sessions.purge_expired() >= 1
        db.session.commit()
    person = visitor("joseph")
    with app.app_context():
        assert sessions.purge_expired() == 0
    person.open(SIGNED_IN_PAGE)
    assert "/registration/new" in person.url


def test_a_visitor_who_only_reads_has_no_session(visitor, app):
    nobody = visitor()
    for page in ("/en/", "/fr/registration/", "/en/help", "/fr/accessibility"):
        nobody.open(page)
    assert nobody.client.get_cookie("guichet") is None
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("joseph@demo.example", "wrong"),
        ("nobody@demo.example", "guichet-joseph"),
        ("' OR 1=1 --", "x"),
        ("joseph@demo.example", "guichet-joseph "),
    ],
)
def test_wrong_credentials_say_the_same_and_keep_the_address(visitor, email, password):
    person = visitor()
    person.open("/en/sign-in")
    person.send(email=email, password=password)
    assert person.error_of("email") == "The e-mail address or the password is wrong."
    assert person.value_of("email") == email
    assert person.value_of("password") == ""
    person.open(SIGNED_IN_PAGE)
    assert "/sign-in" in person.url


def test_an_unknown_address_costs_a_hash_as_a_known_one_does(visitor, monkeypatch):
    checked = []
    verify = PasswordHasher.verify

    def counting(self, stored, password):
        checked.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for email in ("joseph@demo.example", "nobody@demo.example"):
        person = visitor()
        person.open("/en/sign-in")
        person.send(email=email, password="wrong-password")
    assert len(checked) == 2
    assert len(set(checked)) == 2


def test_outside_tests_a_password_costs_what_rfc_9106_says(environment):
    production = create_app(load(SAFE | {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}))
    with production.app_context():
        stored = passwords.hashed("a good long password")
        assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert passwords.matches(stored, "a good long password")
        assert not passwords.matches(stored, "another password")
        assert not passwords.matches(None, "nobody has this password")


def test_the_language_switch_keeps_the_message_and_the_way_on(visitor):
    person = visitor()
    person.open("/fr/registration/new")
    person.send(email="joseph@demo.example", password="wrong")
    person.send(button=("_switch", "en"), to=person.url.replace("/fr/sign-in", "/en/sign-in"))
    assert person.error_of("email") == "The e-mail address or the password is wrong."
    assert person.error_of("password") == ""
    person.send(password="guichet-joseph")
    assert person.url.startswith("/en/registration/new")


def test_the_address_is_read_in_any_case(visitor):
    person = visitor()
    person.open("/en/sign-in")
    person.send(email="  JOSEPH@Demo.Example ", password="guichet-joseph")
    assert "Joseph Tabi" in person.text


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"],
)
def test_signing_in_never_leads_to_another_site(visitor, target):
    person = visitor()
    person.open("/en/sign-in")
    token = person.token()
    answer = person.client.post(
        "/en/sign-in",
        query_string={"next": target},
        data={"csrf_token": token, "email": "joseph@demo.example", "password": "guichet-joseph"},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/en/"


FAB_ROOTS = [
    f"{before}/{name}"
    for before in ("", "/staff")
    for name in (
        "registeruser/list/",
        "register/form",
        "permissions/list/",
        "viewmenus/list/",
        "permissionviews/list/",
        "userstatschartview/chart/",
        "groups/list/",
        "apikeys/list/",
        "resetpassword/form",
        "userinfoeditview/form",
        "api/v1/security/users/",
        "api/v1/security/roles/",
        "api/v1/security/permissions/",
    )
]


@pytest.mark.parametrize("login", [None, "joseph", "administrator"])
def test_no_root_of_fab_answers_anybody(visitor, login):
    person = visitor(login)
    for path in FAB_ROOTS:
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert person.client.open(path, method=method).status_code in (400, 404, 405), (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/login/",
        "/logout/",
        "/users/list/",
        "/roles/list/",
        "/api/v1/security/login",
        "/api/v1/security/refresh",
        "/api/v1/menu/",
        "/api/v1/_openapi",
        "/swagger/v1",
        "/lang/fr",
        "/back",
        "/resetmypassword/form",
        "/staff/users/list/",
        "/staff/resetpassword/form",
        "/staff/userinfoeditview/form",
        "/staff/logout",
        "/staff/registrationview/download/x",
        "/staff/registrationview/action/x/1",
        "/staff/lang/fr",
    ],
)
def test_fabs_own_doors_do_not_exist(visitor, path):
    administrator = visitor("administrator")
    for method in ("GET", "POST"):
        answer = administrator.client.open(path, method=method)
        assert answer.status_code in (400, 404, 405), (method, answer.status_code)


def test_no_password_gives_a_token(visitor):
    nobody = visitor()
    body = {"username": "administrator@demo.example", "password": "guichet-administrator", "provider": "db"}
    assert nobody.client.post("/api/v1/security/login", json=body).status_code in (400, 404)


@pytest.mark.parametrize("path", ["/en/sign-out", "/en/registration/new"])
def test_a_form_without_its_token_changes_nothing(visitor, path, count_cases):
    person = visitor("joseph")
    person.post(path, {"given_names": "Joseph"})
    assert person.status == 400
    assert "This page was open too long" in person.text
    assert count_cases() == 0
    person.open(SIGNED_IN_PAGE)
    assert "/registration/new" in person.url


@pytest.mark.parametrize("login", ["joseph", "officer"])
def test_the_headers_stand_on_every_page(visitor, login):
    person = visitor(login)
    for page in ("/en/", "/en/nothing", "/staff/", "/staff/registrationview/list/"):
        headers = person.client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_file_in_place_of_words_is_an_empty_answer(visitor, field):
    person = visitor()
    person.open("/en/sign-in")
    person.send(**{"email": "joseph@demo.example", "password": "guichet-joseph", field: a_file()})
    assert person.status == 200
    assert person.error_of(field).startswith("Enter your")


def test_reading_the_sign_out_address_signs_nobody_out(visitor):
    person = visitor("joseph")
    person.open("/en/sign-out")
    assert "Joseph Tabi" in person.text


def test_fab_registers_no_door_of_its_own(app):
    """Whatever FAB would mount, wherever: no security view, no token, no API, nothing outside the known roots."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    doors = (
        "Auth",
        "Security",
        "User",
        "Role",
        "Permission",
        "ResetPassword",
        "ResetMyPassword",
        "Api",
        "Menu",
    )
    assert [name for name in endpoints if any(door.lower() in name.lower() for door in doors)] == []
    roots = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert roots == {"", "<any(fr,en):lang>", "staff", "static", "healthz", "livez", "metrics"}


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_pages_are_compressed_for_who_accepts_it(visitor, coding):
    answer = visitor().client.get("/en/", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_behind_a_trusted_proxy_the_connection_is_known_as_safe(environment):
    given = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    for proxies, is_known in (("1", True), ("0", False)):
        production = create_app(load(SAFE | given | {"TRUSTED_PROXIES": proxies}))
        seen = []
        production.before_request(lambda seen=seen: seen.append(request.is_secure))
        production.test_client().get("/en/", headers={"X-Forwarded-Proto": "https"})
        assert seen == [is_known]


def test_a_token_has_256_random_bits(visitor):
    tokens = []
    for _ in range(3):
        person = visitor()
        person.open("/en/sign-in")
        tokens.append(cookie_of(person))
    assert len(set(tokens)) == 3
    for token in tokens:
        assert len(base64.urlsafe_b64decode(token + "=")) == 32
        assert token[:8] not in {other[:8] for other in tokens if other != token}


@pytest.fixture
def asked_by_itself(app):
    """The addresses an open page asks for by itself, of a case and a document of Joseph's."""
    with app.app_context():
        own = objects.of_person("joseph")
        routes = app.url_map.bind("localhost")
        arguments = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
        return {
            name: routes.build(name, own.values(name, arguments[name])) for name in sessions.ASKED_BY_ITSELF
        }


@pytest.mark.parametrize("name", sorted(sessions.ASKED_BY_ITSELF))
def test_what_a_page_asks_by_itself_keeps_no_session_alive(visitor, asked_by_itself, name):
    start = clock.now()
    person = visitor("joseph")
    for minutes in range(5, 30, 5):
        with clock.frozen(start + timedelta(minutes=minutes)):
            answer = person.client.get(asked_by_itself[name])
            answer.close()
            assert answer.status_code == 200
    with clock.frozen(start + SESSION_IDLE + timedelta(minutes=1)):
        person.open("/en/account/")
        assert "/sign-in" in person.url


def test_what_a_page_asks_by_itself_is_a_page(app):
    assert {(name, "GET") for name in sessions.ASKED_BY_ITSELF} <= set(TABLE)
