"""The portal's forms beside the requests, under the same hail: account, linking, messages, documents, answers."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, CaseEvent, Document, Message
from app.services import SERVICES, cases
from app.workflow import Actor
from tests.security.test_access import digests
from tests.services.test_cases import account, file_case
from tests.trials import trials
from tests.views.test_fuzz import ANYTHING, SLOW, STRANGE
from tests.views.test_linking import insured
from tests.visitor import PNG, a_file

VALID, WRONG = trials(short=4, full=200), trials(short=4, full=40)
OWN = (
    *("account/language", "account/notices", "account/password", "account/email", "account/phone"),
    *("account/second-factor/begin", "account/prove", "account/prove/password"),
    *("documents/", "messages/new", "my-file/link", "my-file/link/code", "my-file/link/proof"),
    *("my-file/close", "my-file/lock", "my-file/copy", "uploads", "messages/drafts/messages"),
    *("cases/{case}/answer", "cases/{case}/answer/autosave", "cases/{case}/message"),
    *("cases/{case}/steps/withdraw_", "documents/{paper}", "documents/{paper}/expiry"),
    *("documents/{paper}/renewal", "account/devices", "messages/nothing/archive"),
)
OPEN = (
    "sign-in/code",
    "sign-up",
    "password/forgotten",
    "password/new/x",
    "email/confirm/x",
    "not-me/x",
    "verify/file",
)
OF_THE_RECORD = (
    *("my-file/record/change", "employer/access"),
    *(
        f"{slug}/new/{page.slug}"
        for slug, service in SERVICES.items()
        if slug != "registration"
        for page in service.pages
    ),
)
MAY_BE_WRITTEN = {"draft", "attempt", "mailed_link", "outbox", "link_attempt", "sign_in_attempt"}
"""What was typed and not sent, how often somebody tried, and a link to an address that was given."""
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=2000
).filter(lambda text: any(sign.isprintable() and not sign.isspace() for sign in text))


@pytest.fixture
def place(app):
    """A request that waits for an answer, and a document of it."""
    with app.app_context():
        case = file_case("joseph")
        ask(case)
        return {"case": case.public_id, "paper": case.documents[0].public_id, "id": case.id}


def ask(case):
    by = cases.By(account("officer"), Actor.officer)
    cases.perform(SERVICES[case.service], case, "request_information", by, "Send it again.")
    db.session.commit()


@pytest.fixture
def post():
    """Sends fields to an address with the page's token: where it leads, and the status."""

    def post(person, path, fields):
        data = {**fields, "csrf_token": person.token()}
        answer = person.client.post(path, data=data, content_type="multipart/form-data")
        answer.close()
        answer.request.environ["wsgi.input"].close()
        return answer.location or "", answer.status_code

    return post


def inputs(person, path):
    """The names of what the page at that address asks for; a few, where it shows no form."""
    person.open(path)
    names = {field["name"] for field in person.page.select("main [name]")} - {"csrf_token"}
    person.open("/en/verify" if person.page.select_one("input[name=csrf_token]") is None else path)
    return sorted(names) or ["email", "password", "code", "file", "away", "reason", "files"]


def hail(person, post, app, path):
    names = inputs(person, path)
    if person.page.select_one("input[name=csrf_token]") is None:
        person.open("/en/sign-in")
    before, accepted = digests(app), []

    @settings(SLOW, max_examples=WRONG)
    @given(sent=st.dictionaries(st.one_of(st.sampled_from(names), ANYTHING), ANYTHING, max_size=8))
    def send(sent):
        where, status = post(person, path, sent)
        assert status < 500, sent
        accepted.append((where, sent))

    send()
    after = digests(app)
    wrote = {name for name in before if before[name] != after[name]} - MAY_BE_WRITTEN
    assert not wrote or any(where for where, _sent in accepted), wrote


@pytest.mark.long(sample=9)
@pytest.mark.parametrize("path", OWN)
def test_whatever_is_sent_is_answered(visitor, post, app, place, path):
    hail(visitor("joseph"), post, app, f"/en/{path}".format(**place))


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("path", OPEN)
def test_so_it_is_for_who_is_not_signed_in(visitor, post, app, path):
    hail(visitor(), post, app, f"/en/{path}")


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("path", OF_THE_RECORD)
def test_so_it_is_for_who_is_registered(visitor, post, app, path):
    with app.app_context():
        insured(account_id=account("joseph").id)
    hail(visitor("joseph"), post, app, f"/en/{path}")


@pytest.mark.parametrize("strange", STRANGE)
def test_each_strange_text_is_sent_as_it_is_or_refused_beside_its_field(visitor, app, place, strange):
    person = visitor("joseph")
    for path, name in (("messages/new", "text"), (f"cases/{place['case']}/answer", "answer")):
        person.open(f"/en/{path}")
        person.send(**{name: strange, "subject": "registration"})
        assert person.status == 200
        if person.error_of(name):
            assert person.value_of(name).strip() == strange.replace("\r\n", "\n").strip()
        else:
            assert " ".join(strange.split()) in person.text


@pytest.mark.long
def test_each_right_message_is_sent(visitor, post, app):
    person = visitor("joseph")
    person.open("/en/messages/new")
    subjects = [one["value"] for one in person.page.select("#subject option") if one["value"]]

    @settings(SLOW, max_examples=VALID)
    @given(subject=st.sampled_from(subjects), text=TEXTS)
    def send(subject, text):
        sent = {"subject": subject, "text": text, "submission_key": secrets.token_urlsafe(24)}
        assert "/en/messages/" in post(person, "/en/messages/new", sent)[0], text

    send()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) >= VALID


@pytest.mark.long
def test_each_right_document_is_taken(visitor, post, app):
    person = visitor("joseph")
    person.open("/en/documents/")
    kinds = [one["value"] for one in person.page.select("#category option") if one["value"]]

    @settings(SLOW, max_examples=VALID)
    @given(kind=st.sampled_from(kinds), name=TEXTS, more=st.binary(min_size=4, max_size=40))
    def give(kind, name, more):
        sent = {"category": kind, "files": a_file(name, PNG + more)}
        assert post(person, "/en/documents/", sent) == ("/en/documents/", 302), name

    give()
    with app.app_context():
        filed = select(func.count()).select_from(Document).where(Document.filed_at.is_not(None))
        assert db.session.scalar(filed) >= VALID


@pytest.mark.long
def test_each_right_answer_is_filed(visitor, post, app, place):
    person = visitor("joseph")
    person.open(f"/en/cases/{place['case']}/answer")

    @settings(SLOW, max_examples=VALID)
    @given(words=TEXTS)
    def answer(words):
        where, status = post(person, f"/en/cases/{place['case']}/answer", {"answer": words})
        assert (where, status) == (f"/en/cases/{place['case']}", 302), words
        with app.app_context():
            ask(db.session.get(Case, place["id"]))

    answer()
    with app.app_context():
        answered = select(func.count()).select_from(CaseEvent).where(CaseEvent.step == "answer")
        assert db.session.scalar(answered) >= VALID


@pytest.mark.long
def test_each_choice_of_the_account_is_kept(visitor, post):
    person = visitor("joseph")
    person.open("/en/account/notices")
    names = [box["name"] for box in person.page.select("input[type=checkbox]")]

    @settings(SLOW, max_examples=VALID)
    @given(wanted=st.sets(st.sampled_from(names)), language=st.sampled_from(["fr", "en"]))
    def choose(wanted, language):
        assert post(person, "/en/account/notices", dict.fromkeys(wanted, "y"))[1] == 302
        person.open("/en/account/notices")
        shown = {box["name"] for box in person.page.select("input[type=checkbox][checked]")}
        assert shown == wanted
        assert post(person, "/en/account/language", {"language": language})[1] == 302
        person.open("/en/account/notices")

    choose()
