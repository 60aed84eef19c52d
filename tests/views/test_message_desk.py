"""The staff's side of messages: who reads and answers which, notes, templates, standard, and what is refused."""

import threading
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.adapters import mail
from app.extensions import db
from app.message_kinds import ConversationState
from app.models import (
    AccessEntry,
    Agency,
    AnswerTemplate,
    Conversation,
    ConversationNote,
    DeclaredInterest,
    Message,
    Notice,
    Outbox,
)
from app.services import message_desk
from app.services.base import NotAllowed, RuleBroken
from tests import papers
from tests.messages import ANSWER, TEXT, answered, only, show, texts, write, write_again, written
from tests.services.test_cases import account, file_case
from tests.services.test_grants import at_once
from tests.visitor import a_file

LIST = "/staff/conversationview/list/"
NOTE = "Seen at the counter last week."


@pytest.fixture
def officer(visitor):
    return visitor("officer")


def number(app, **kwargs):
    with app.app_context():
        return written(**kwargs).id


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def rows(browser):
    browser.open(LIST)
    return len(browser.page.select("table tbody tr"))


def test_an_officer_reads_and_answers_and_the_person_is_told_by_mail(visitor, officer, app, work, mailbox):
    person = visitor("joseph")
    write(person)
    there = person.url.partition("?")[0]
    with app.app_context():
        screen = show(only().id)
    officer.open(screen)
    assert TEXT in officer.text
    person.open(there)
    assert "Read by the administration on" in person.text
    officer.send(form="#answer-form", text=ANSWER)
    assert "Your answer is sent." in officer.text
    work()
    mails = [mail.read_text() for mail in mailbox.iterdir()]
    told = next(
        mail for mail in mails if "You have a message from the social security administration" in mail
    )
    assert "Hello Joseph," in told
    assert there in told
    assert not any(word in told for word in ("spelt", "put it right", "Tabi", "Ruth"))
    person.open(there)
    assert ANSWER in person.text
    assert "Ruth" not in person.text
    officer.open(screen)
    assert "Read by the person on" in officer.text
    assert "E-mail handed to the mail server" in officer.text


def test_the_state_says_who_writes_next(officer, app):
    screen = show(number(app))
    officer.open(screen)
    assert officer.page.select_one(".s-head .g-status").text == "To be answered"
    officer.send(form="#answer-form", text="Which spelling?", awaits="y")
    assert officer.page.select_one(".s-head .g-status").text == "Waiting for the person"
    with app.app_context():
        assert only().due_on is None
        write_again(only())
        assert only().state is ConversationState.to_answer
        answered(only())
        assert only().state is ConversationState.answered


def test_no_answer_is_needed(officer, app):
    screen = show(number(app))
    officer.open(screen)
    officer.send(form="form[action*='/settle/']")
    assert "No answer is due any more." in officer.text
    with app.app_context():
        assert only().state is ConversationState.answered
        with pytest.raises(RuleBroken):
            message_desk.settle(only(), account("officer"))


# --- Who may


@pytest.mark.parametrize(
    ("login", "subject", "sees"),
    [
        ("officer", "registration", True),
        ("support", "registration", True),
        ("officer", "claims", False),
        ("claims", "claims", True),
        ("finance", "payments", True),
        ("finance", "claims", False),
        ("support", "other", True),
        ("officer", "other", False),
        ("centre", "registration", False),
        ("supervisor", "claims", True),
        ("auditor", "payments", True),
    ],
)
def test_each_desk_sees_its_own_subjects_of_its_agency(visitor, app, login, subject, sees):
    there = number(app, subject=subject)
    browser = visitor(login)
    assert rows(browser) == (1 if sees else 0)
    browser.open(show(there))
    assert browser.status == (200 if sees else 404)
    assert (TEXT in browser.text) is sees


@pytest.mark.parametrize("login", ["doctor", "administrator", "employer", "payee", "joseph"])
def test_who_answers_no_message_sees_none(visitor, app, login):
    there = number(app)
    browser = visitor(login)
    for page in (LIST, show(there)):
        browser.open(page)
        assert browser.status in (403, 404)
        assert TEXT not in browser.text


@pytest.mark.parametrize("act", ["answer", "note", "assign", "settle"])
@pytest.mark.parametrize(
    ("login", "status"), [("claims", 404), ("centre", 404), ("auditor", 403), ("joseph", 403)]
)
def test_nobody_else_acts_on_it(visitor, app, act, login, status):
    there = number(app)
    browser = visitor(login)
    browser.open("/en/account/")
    data = {"csrf_token": browser.token(), "text": "x", "note": "x", "submission_key": "k"}
    browser.post(f"/staff/conversationview/{act}/{there}", data)
    assert browser.status == status
    with app.app_context():
        assert texts() == [TEXT]
        assert only().state is ConversationState.to_answer
        assert db.session.scalar(select(func.count()).select_from(ConversationNote)) == 0


def test_messages_about_a_case_go_where_the_case_goes(visitor, app):
    with app.app_context():
        case = file_case()
        there = written(case=case).id
    assert rows(visitor("officer")) == 1
    assert rows(visitor("claims")) == 0
    assert rows(visitor("centre")) == 0
    with app.app_context():
        moved = db.session.scalars(select(Agency.id).where(Agency.code == "YDE")).one()
        db.session.execute(
            update(type(case).__mapper__.local_table.metadata.tables["case"]).values(agency_id=moved)
        )
        db.session.commit()
    assert rows(visitor("centre")) == 1
    browser = visitor("officer")
    browser.open(show(there))
    assert browser.status == 404


def test_nobody_answers_themself_or_a_relative(app):
    with app.app_context():
        conversation = written()
        with pytest.raises(NotAllowed):
            message_desk.answer(conversation, "x", conversation.owner, "k", awaits=False, last_seen=None)
        interest = DeclaredInterest(account_id=account("officer").id, relative_id=account("joseph").id)
        db.session.add(interest)
        db.session.commit()
        for act in (message_desk.settle, lambda it, by: message_desk.note(it, NOTE, by)):
            with pytest.raises(NotAllowed):
                act(conversation, account("officer"))
        db.session.rollback()


def test_a_closed_account_is_not_written_to(officer, app):
    screen = show(number(app))
    with app.app_context():
        account("joseph").active = False
        db.session.commit()
    officer.open(screen)
    officer.send(form="#answer-form", text=ANSWER)
    assert officer.status == 422
    assert "This account is closed" in officer.text
    assert ANSWER in officer.page.select_one("#text").text
    assert count(app, Message) == 1


# --- Answers


@pytest.mark.parametrize(
    ("words", "refusal"), [("", "Write your message."), ("x" * 10_001, "at most 10,000 characters")]
)
def test_a_wrong_answer_is_refused_and_kept(officer, app, words, refusal):
    officer.open(show(number(app)))
    officer.send(form="#answer-form", text=words)
    assert officer.status == 422
    assert refusal in officer.page.select_one("#text-error").text
    assert officer.page.select_one("#text").text.strip() == words
    assert count(app, Message) == 1


def test_an_answer_replayed_is_sent_once(officer, app):
    there = number(app)
    officer.open(show(there))
    form = {
        field["name"]: field.get("value", "") for field in officer.page.select("#answer-form input[name]")
    }
    form = {"csrf_token": officer.token(), "submission_key": form["submission_key"], "text": ANSWER}
    for _click in range(2):
        officer.post(f"/staff/conversationview/answer/{there}", dict(form))
        assert officer.status == 200
    with app.app_context():
        assert texts() == [TEXT, ANSWER]
        assert db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_who_did_not_see_the_latest_message_reads_it_first(officer, app):
    officer.open(show(number(app)))
    with app.app_context():
        answered(only(), "A colleague’s answer", by="agent")
    officer.send(form="#answer-form", text=ANSWER)
    assert officer.status == 422
    assert "A message was added since you opened this page." in officer.text
    assert "A colleague’s answer" in officer.text
    officer.send(form="#answer-form")
    assert "Your answer is sent." in officer.text


def test_two_officers_at_once_are_two_answers_or_one_refusal_and_never_half(app):
    with app.app_context():
        there = written()
        first, number = there.messages[0].id, there.id

    def act(login):
        def answer():
            message_desk.answer(
                db.session.get_one(Conversation, number),
                login,
                account(login),
                f"key-{login}",
                awaits=False,
                last_seen=first,
            )

        return answer

    assert at_once(app, act("officer"), act("agent")) == ["AnsweredBefore", "done"]
    assert count(app, Message) == 2
    assert count(app, Notice) == 1


def test_the_same_answer_by_two_threads_is_one(app):
    with app.app_context():
        number = written().id
    start = threading.Barrier(2)

    def send():
        with app.app_context():
            start.wait()
            message_desk.answer(
                db.session.get_one(Conversation, number),
                ANSWER,
                account("officer"),
                "one-key",
                awaits=False,
                last_seen=None,
            )
            db.session.commit()

    both = [threading.Thread(target=send) for _click in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with app.app_context():
        assert texts() == [TEXT, ANSWER]


def test_the_other_language_keeps_the_answer(officer, app):
    there = number(app)
    officer.open(show(there))
    officer.send(
        form="#answer-form",
        text=ANSWER,
        button=("_switch", "fr"),
        to=f"/staff/conversationview/answer/{there}",
    )
    assert officer.page.html["lang"] == "fr"
    assert officer.page.select_one("#text").text.strip() == ANSWER
    assert count(app, Message) == 1


# --- Templates


def test_a_template_is_put_below_what_was_typed_in_the_persons_language(visitor, officer, app):
    there = number(app, login="amina")
    officer.open(show(there))
    officer.send(form="#answer-form", text="D’abord ceci.", template="received", button=("_insert", "1"))
    filled = officer.page.select_one("#text").text.strip()
    assert filled.startswith("D’abord ceci.")
    assert "Bonjour Amina Ngo-Mbock," in filled
    assert "Immatriculation et numéro d’assuré" in filled
    assert filled.endswith("Ruth Ebai")
    assert "%(" not in filled
    assert count(app, Message) == 1


@pytest.mark.parametrize("code", ["", "nothing"])
def test_a_template_that_is_not_there_is_said(officer, app, code):
    officer.open(show(number(app)))
    officer.send(form="#answer-form", text="Kept", template=code, button=("_insert", "1"))
    assert "Choose a template." in officer.text
    assert officer.page.select_one("#text").text.strip() == "Kept"


def test_an_unknown_merge_field_is_refused(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/answertemplateview/add")
    words = {"code": "x", "name_fr": "x", "name_en": "x", "valid_from": "2026-01-01"}
    administrator.send(form="#model_form", body_fr="Bonjour %(nom)s", body_en="Hello %(person)s", **words)
    assert "Unknown merge field: %(nom)s" in administrator.text
    assert count(app, AnswerTemplate) == 2
    administrator.send(form="#model_form", body_fr="Bonjour %(person)s")
    assert count(app, AnswerTemplate) == 3


def test_the_administrator_keeps_the_subjects(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/messagesubjectview/add")
    administrator.send(
        form="#model_form",
        code="strike",
        name_fr="Grève",
        name_en="Strike",
        desk="support",
        service="",
        position="9",
        valid_from="2026-01-01",
    )
    assert "Added." in administrator.text
    person = visitor("joseph")
    person.open("/en/messages/new")
    assert "Strike" in person.text


# --- Notes, assignment


def test_a_note_is_never_shown_to_the_person(visitor, officer, app):
    there = number(app)
    officer.open(show(there))
    officer.send(form="form[action*='/note/']", note=NOTE)
    assert NOTE in officer.text
    person = visitor("joseph")
    with app.app_context():
        public_id = only().public_id
    for page in (f"/en/messages/{public_id}", "/en/messages/", "/en/", "/en/messages/?q=counter"):
        person.open(page)
        assert NOTE not in person.text
    assert person.page.select(".g-inbox__line") == []


@pytest.mark.parametrize("words", ["", "  ", "x" * 4001])
def test_a_wrong_note_is_refused(officer, app, words):
    officer.open(show(number(app)))
    officer.send(form="form[action*='/note/']", note=words)
    assert count(app, ConversationNote) == 0


def test_a_conversation_is_handed_to_who_may_answer_it(officer, app):
    there = number(app)
    officer.open(show(there))
    offered = {option.text for option in officer.page.select("#officer option")}
    assert {"Paul Essomba", "Brigitte Manga", "Irène Kamga"} <= offered
    assert not {"Martin Ngu", "Odile Atangana"} & offered
    with app.app_context():
        agent, stranger = account("agent").id, account("claims").id
    officer.send(form="form[action*='/assign/']", officer=str(agent))
    assert "Conversation handed to Paul Essomba." in officer.text
    officer.send(form="form[action*='/assign/']", officer=str(stranger))
    assert "This officer does not answer here." in officer.text
    with app.app_context():
        assert only().officer_id == agent


# --- Files, openings, the standard


def test_a_file_opens_for_the_desk_and_its_owner_reads_who_opened_it(visitor, officer, app):
    person = visitor("joseph")
    write(person, files=[a_file()])
    with app.app_context():
        document = only().messages[0].documents[0]
        papers.accept(document)
        db.session.commit()
        address = f"/staff/conversationview/document/{only().id}/{document.public_id}"
        other = papers.accepted(account("amina"), "other").public_id
        db.session.commit()
        strange = f"/staff/conversationview/document/{only().id}/{other}"
    answer = officer.client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    officer.open(strange)
    assert officer.status == 404
    refused = visitor("claims")
    refused.open(address)
    assert refused.status == 404
    person.open("/en/my-file/openings")
    assert "identity.png" in person.text


def test_each_opening_is_a_row_the_person_reads(visitor, officer, app):
    officer.open(show(number(app)))
    assert count(app, AccessEntry) == 1
    person = visitor("joseph")
    person.open("/en/my-file/openings")
    assert "Your messages" in person.text
    assert "Ruth" not in person.text


def test_an_answered_conversation_opens_for_a_reason_only(visitor, app):
    with app.app_context():
        there = written()
        answered(there)
        screen = show(there.id)
    browser = visitor("support")
    browser.open(screen)
    assert "Why do you open this?" in browser.text
    assert TEXT not in browser.text


def test_an_auditor_reads_without_being_noted_as_the_reader(visitor, app):
    auditor = visitor("auditor")
    auditor.open(show(number(app)))
    assert TEXT in auditor.text
    assert auditor.page.select_one("#answer-form") is None
    with app.app_context():
        assert only().messages[0].read_at is None


def test_the_oldest_due_comes_first_and_the_workbench_counts(officer, app):
    with app.app_context():
        first, second = written(key="a"), written(key="b", text="Second")
        second.due_on = clock.today() - timedelta(days=1)
        answered(written(key="c", text="Third"))
        db.session.commit()
        expected = [str(second.id), str(first.id)]
    officer.open(LIST)
    shown = [row.select("td")[1].get_text(strip=True) for row in officer.page.select("table tbody tr")]
    assert len(shown) == 3
    links = [
        row.select_one("a[href*='/show/']")["href"].rsplit("/", 1)[1]
        for row in officer.page.select("tbody tr")
    ]
    assert links[:2] == expected
    officer.open("/staff/")
    row = officer.page.select_one(f"table a[href='{LIST}']").find_parent("tr")
    assert [cell.text for cell in row.select("td")][:3] == ["2", "0", "1"]


# --- How notices fared, on the case screen


def test_the_case_screen_shows_how_each_notice_fared(visitor, officer, app, work, monkeypatch):
    with app.app_context():
        screen = f"/staff/registrationview/show/{file_case().id}"
    officer.open(screen)
    assert "E-mail in the queue" in officer.text

    def refuse(message):
        raise SMTPRecipientsRefused({message["To"]: (550, b"no such user")})

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", refuse)
        work()
    officer.open(screen)
    assert "E-mail not sent" in officer.text
    assert "SMTPRecipientsRefused: [550]" in officer.text
    assert "joseph@demo.example" not in officer.page.select_one(".s-case__beside").text
    with app.app_context():
        db.session.execute(update(Outbox).values(next_try_at=clock.now()))
        db.session.commit()
    work()
    officer.open(screen)
    assert "E-mail handed to the mail server" in officer.text
    assert "E-mail not sent" not in officer.text
