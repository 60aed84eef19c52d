"""Every portal form under a hail of answers: right ones are taken, wrong ones refused, and never a 500."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock
from app.delays import SESSION_IDLE
from app.extensions import db
from app.models import Case, CaseEvent, Document, Draft, Employer
from app.services import SERVICES, cases
from tests.journey import (
    CHECK,
    CHILD,
    CONTACT,
    FAMILY,
    ORIGIN,
    PAPER,
    SPOUSE,
    WORK,
    YOU,
    address,
    answer,
    answer_all,
    file_request,
    good_answers,
)
from tests.journey import PAGES as ALL_PAGES
from tests.services.test_cases import account
from tests.trials import trials
from tests.visitor import a_file

VALID, WRONG = trials(short=6, full=200), trials(short=5, full=30)
STRANGE = (
    "x" * 10_000,
    "محمد بن سلمان",
    "\u202eodla",
    "🙂🙃👩‍👩‍👧",
    "N'Guessan",
    "Ngo-Mbock",
    '\'; DROP TABLE "case"; --',
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} %(x)s %s ${x}",
    "0",
    "-1",
    "9" * 30,
    "1e9",
    "NaN",
    "null",
    " ",
    "\u200b",
    "\ud7ff\ue000",
    "a\r\nb",
    "../../etc/passwd",
)
LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Lt"])
NAMES = st.builds(
    lambda first, rest: first + "".join(rest),
    LETTERS,
    st.lists(st.one_of(LETTERS, st.sampled_from("'’ .-")), max_size=60),
).filter(lambda name: name == name.strip())
DAYS = st.dates(min_value=date(1915, 1, 1), max_value=date(2008, 12, 31))
ANYTHING = st.one_of(
    st.sampled_from(STRANGE),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200),
)
NAMES_OF_INPUTS = ["email", "password", "submission_key", "saved_at", "file"]
PAGES = {
    **ALL_PAGES,
    "spouse": [*SPOUSE],
    "dependants": ["dependants", *(f"dependants-0-{name}" for name in CHILD)],
    "work": [
        *WORK,
        "employer_id",
        "employer_id-name",
        "employer_id-found",
        "employer_name",
        "employer_address",
        "employer_contact",
    ],
    "documents": ["identity_document-kept"],
    "proofs": ["birth_certificate-kept", "photo-kept"],
}
SLOW = settings(
    max_examples=VALID,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def person(visitor):
    return visitor("joseph")


@pytest.fixture
def rows(app):
    """How many rows there are that a form could have written."""

    def count():
        with app.app_context():
            tables = (Case, CaseEvent, Document, Draft)
            return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]

    return count


@pytest.fixture
def post(person):
    """Sends fields to an address with the session's token, as fast as can be: where it leads, and the status."""
    person.open("/en/registration/new")
    token = person.token()

    def post(path, fields):
        data = {**fields, "csrf_token": token}
        answer = person.client.post(path, data=data, content_type="multipart/form-data")
        answer.request.environ["wsgi.input"].close()
        return answer.location or "", answer.status_code

    return post


@pytest.mark.long
def test_each_right_submission_is_accepted(person, post, app):
    """Hundreds of requests, page by page, each with answers nobody chose."""
    cases_made = set()
    with app.app_context():
        employers = db.session.scalars(select(Employer.id)).all()

    @SLOW
    @given(given_names=NAMES, family_name=NAMES, born=DAYS, employer=st.sampled_from(employers))
    def ask(given_names, family_name, born, employer):
        names = {"given_names": given_names, "family_name": family_name}
        parts = {"day": born.day, "month": born.month, "year": born.year}
        day = {f"birth_date-{part}": str(number) for part, number in parts.items()}
        assert post(address("you"), names | day | {"sex": "female"}) == (address("origin"), 302)
        assert post(address("origin"), ORIGIN) == (address("paper"), 302)
        assert post(address("paper"), PAPER) == (address("family"), 302)
        assert post(address("family"), FAMILY) == (address("contact"), 302)
        assert post(address("contact"), CONTACT) == (address("work"), 302)
        work = WORK | {"employer_id": str(employer)}
        assert post(address("work"), work) == (address("documents"), 302)
        assert post(address("documents"), {"identity_document": a_file()}) == (address("proofs"), 302)
        assert post(address("proofs"), {"birth_certificate": a_file()}) == (CHECK, 302)
        shown = person.client.get(CHECK).text
        hidden = {
            name: re.search(rf'name="{name}" value="([^"]+)"', shown)[1]
            for name in ("submission_key", "saved_at")
        }
        where, _status = post(CHECK, hidden)
        assert where.startswith("/en/cases/")
        cases_made.add(where)

    ask()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == len(cases_made) >= VALID


def reveal(person, page):
    """Say what makes the spouse and the dependants be asked."""
    if page in ("spouse", "dependants"):
        person.open(address("family"))
        person.send(marital_status="married", has_dependants="yes")


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_whatever_is_typed_is_answered_and_nothing_is_filed(person, post, count_cases, page):
    """The page comes back with a message, or leads to the next one, and no case is made."""
    reveal(person, page)

    @settings(SLOW, max_examples=WRONG)
    @given(
        fields=st.fixed_dictionaries({name: ANYTHING for name in PAGES[page]}),
        more=st.dictionaries(ANYTHING, ANYTHING, max_size=2),
    )
    def type_in(fields, more):
        assert post(address(page), more | fields)[1] in (200, 302, 400)

    type_in()
    assert count_cases() == 0


@pytest.mark.long(sample=10)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("strange", STRANGE)
def test_each_strange_answer_in_each_place(person, count_cases, page, strange):
    reveal(person, page)
    person.open(address(page))
    person.post(address(page), dict.fromkeys(PAGES[page], strange) | {"csrf_token": person.token()})
    assert person.status == 200
    person.post(
        f"{address(page)}/autosave", dict.fromkeys(PAGES[page], strange) | {"csrf_token": person.token()}
    )
    assert person.status == 200
    assert count_cases() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    "path",
    ["/en/sign-in", "/en/verify/ABCD-EFGH-1234-5678", "/en/registration/check", "/en/registration/new"],
)
def test_the_other_forms_answer_whatever_they_get(post, rows, path):
    """No form of ours, whatever it is sent, fails on the server or writes a row."""
    before = rows()

    @settings(SLOW, max_examples=WRONG)
    @given(sent=st.dictionaries(st.one_of(ANYTHING, st.sampled_from(NAMES_OF_INPUTS)), ANYTHING, max_size=6))
    def send(sent):
        assert post(path, sent)[1] < 500

    send()
    assert rows() == before


def test_an_answer_to_a_request_for_information_takes_any_words_and_no_empty_one(person, app):
    file_request(person)
    url = person.url
    with app.app_context():
        case = db.session.scalars(select(Case)).unique().one()
        officer = cases.By(account("officer"), cases.Actor.officer)
        cases.perform(SERVICES["registration"], case, "request_information", officer, "Send it again.")
        db.session.commit()

    @SLOW
    @given(words=st.sampled_from(["", " ", "\r\n", "x" * 4001, "é" * 10_000]))
    def refuse(words):
        person.open(f"{url}/answer")
        person.send(answer=words)
        assert person.error_of("answer"), words

    refuse()
    person.open(f"{url}/answer")
    person.send(answer="\u202eodla 🙂 محمد <b>x</b>")
    assert "<b>x</b>" in person.text
    assert "Answer received" in person.text


@pytest.mark.parametrize("page", ALL_PAGES)
def test_a_stale_token_keeps_the_answers_and_writes_nothing(person, rows, page):
    answer_all(person)
    before = rows()
    person.open(address(page))
    typed = good_answers(person, page) | ({"family_name": "Changed"} if page == "you" else {})
    person.send(csrf_token="stale", **typed)
    assert person.status == 200
    assert "This page was open too long" in person.text
    assert person.url == address(page)
    if page == "you":
        assert person.value_of("family_name") == "Changed"
    assert rows() == before
    person.send()
    assert "This page was open too long" not in person.text
    assert person.url != address(page)


@pytest.mark.parametrize("token", [None, "", "x" * 5000, "é"])
def test_a_stale_token_on_the_check_sends_nothing_and_the_next_one_does(person, count_cases, token):
    answer_all(person)
    person.send(csrf_token=token)
    assert "This page was open too long" in person.text
    assert count_cases() == 0
    person.send()
    assert count_cases() == 1


def test_a_stale_token_keeps_the_words_of_an_answer(person, app):
    file_request(person)
    url = person.url
    with app.app_context():
        case = db.session.scalars(select(Case)).unique().one()
        officer = cases.By(account("officer"), cases.Actor.officer)
        cases.perform(SERVICES["registration"], case, "request_information", officer, "Send it again.")
        db.session.commit()
    person.open(f"{url}/answer")
    person.send(csrf_token="stale", answer="My long answer.")
    assert person.value_of("answer") == "My long answer."
    person.send()
    assert "Answer received" in person.text


def test_a_stale_token_at_the_door_is_asked_to_sign_in_again(visitor):
    nobody = visitor()
    nobody.open("/en/sign-in")
    nobody.send(csrf_token="stale", email="joseph@demo.example", password="guichet-joseph")
    assert "This page was open too long. Sign in again." in nobody.text
    nobody.send(email="joseph@demo.example", password="guichet-joseph")
    assert "Joseph Tabi" in nobody.text


def test_an_expired_session_keeps_the_draft(person, visitor):
    person.open(address("you"))
    answer(person, "you")
    with clock.frozen(clock.now() + SESSION_IDLE + timedelta(minutes=1)):
        answer(person, "origin")
        assert "/sign-in" in person.url
        assert "What you typed is kept for you." in person.text
        person.send(email="joseph@demo.example", password="guichet-joseph")
        assert person.url == "/en/typed"
        person.open(address("you"))
        assert person.value_of("family_name") == YOU["family_name"]


@pytest.mark.parametrize(
    "part", ["", "/state", "/live", "/answer", "/receipt", "/receipt.pdf", "/steps/withdraw"]
)
def test_somebody_elses_case_is_not_found_and_the_try_is_logged(person, visitor, caplog, part):
    file_request(person)
    thief = visitor("peter")
    thief.open(person.url + part)
    assert thief.status == 404
    if part != "/receipt.pdf":
        assert any("not_theirs" in str(record.msg) for record in caplog.records)


def test_a_replayed_form_gives_the_same_case(person, count_cases):
    answer_all(person)
    form, url = person.page, person.url
    person.send()
    first = person.url
    for _ in range(5):
        person.go_back(form, url)
        person.send()
        assert person.url == first
    assert count_cases() == 1


@pytest.mark.parametrize("path", [address("you"), f"{address('you')}/autosave", CHECK, "/en/sign-in"])
@pytest.mark.parametrize("where", ["name", "value", "path"])
def test_nul_is_refused_everywhere(person, rows, path, where):
    person.open("/en/registration/new")
    fields = (
        {"csrf_token": person.token(), "a\x00b": "x"}
        if where == "name"
        else {"csrf_token": person.token(), "x": "a\x00b"}
    )
    before = rows()
    person.post(f"{path}%00" if where == "path" else path, fields)
    assert person.status in (400, 404)
    assert rows() == before
