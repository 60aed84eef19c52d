"""A person's messages: written, kept as a draft, sent once, read, searched, put away; never somebody else's."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import LockKind
from app.delays import DRAFT_KEPT
from app.extensions import db
from app.files.states import FileState, Refusal
from app.message_kinds import ConversationState
from app.models import Conversation, Document, Draft, Message, Notice
from app.services import data_exports, documents, locks, messages
from app.services.base import NotAllowed
from app.services.messages import NEW
from tests import papers
from tests.messages import ANSWER, INBOX, TEXT, WRITE, answered, only, texts, write, write_again, written
from tests.services.test_cases import account, bring_to, file_case
from tests.visitor import Visitor, a_file

ODD = "مرحبا، اسمي مكتوب خطأ 👩🏽‍⚖️\n\n‏Ngo-Mbock, N’Guessan\ttab"


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def thread(person):
    return person.url.partition("?")[0]


def test_a_message_is_sent_and_its_answer_is_due(person, app):
    write(person)
    assert "Your message is sent." in person.text
    assert "Registration and social security number" in person.page.h1.text
    assert TEXT in person.page.select_one(".g-thread__text").text
    assert "Not read by the administration yet" in person.text
    assert "We answer by" in person.text
    with app.app_context():
        there = only()
        assert there.state is ConversationState.to_answer
        assert there.due_on > clock.today()
        assert there.public_id in person.url


@pytest.mark.parametrize("words", [ODD, "x" * 10_000, "<b>&amp;</b> {{ 7*7 }} %(x)s"])
def test_any_text_is_kept_as_it_was_written(person, app, words):
    write(person, text=words)
    assert "Your message is sent." in person.text
    assert person.page.select_one(".g-thread__text").text == words
    assert person.page.select_one(".g-thread__text")["dir"] == "auto"


def test_control_characters_are_dropped_and_line_ends_made_one(person, app):
    write(person, text="one\r\ntwo\x07\x1b[31m\x0bthree\u2028four\x01")
    with app.app_context():
        assert texts() == ["one\ntwo[31m\nthree\nfour"]


@pytest.mark.parametrize("empty", ["", "   \r\n ", "\u200b", "\x07\x01"])
def test_an_empty_message_is_refused_beside_its_field(person, app, empty):
    write(person, text=empty)
    assert person.error_of("text") == "Write your message."
    assert count(app, Message) == 0


def test_too_long_a_message_is_refused_and_kept(person, app):
    write(person, text="é" * 10_001)
    assert person.error_of("text") == "Your message must be at most 10,000 characters long."
    assert person.value_of("text") == "é" * 10_001
    assert count(app, Message) == 0
    person.open(WRITE)
    assert person.value_of("text") == "é" * 10_001


def test_line_ends_count_once_as_the_browser_counts_them(person):
    write(person, text="\r\n".join(["x"] * 5_000))
    assert "Your message is sent." in person.text


@pytest.mark.parametrize("subject", ["", "nothing", "registration'--"])
def test_a_subject_must_be_of_the_list(person, app, subject):
    write(person, subject=subject)
    assert person.error_of("subject") == "Choose a subject."
    assert person.value_of("text") == TEXT
    assert count(app, Conversation) == 0


def test_a_sign_no_text_can_hold_is_refused_as_everywhere(person, app):
    write(person, text="a\x00b")
    assert person.status == 400
    assert count(app, Message) == 0


def test_a_subject_out_of_force_is_no_longer_offered(person, app):
    with app.app_context():
        db.session.execute(text("UPDATE message_subject SET valid_to = valid_from WHERE code = 'claims'"))
        db.session.commit()
    person.open(WRITE)
    assert "claims" not in [option["value"] for option in person.page.select("#subject option")]


def test_the_other_language_keeps_what_was_typed_and_the_errors(person, app):
    write(person, text="", subject="claims")
    person.send(button=("_switch", "fr"), to="/fr/messages/new", text=TEXT)
    assert person.value_of("text") == TEXT
    assert "Prestations" in person.page.select_one("#subject option[selected]").text
    assert count(app, Message) == 0
    assert person.status == 200


def test_a_reload_a_replay_or_a_double_click_sends_once(person, app):
    person.open(WRITE)
    form = {"subject": "claims", "text": TEXT, "csrf_token": person.token()}
    form["submission_key"] = person.value_of("submission_key")
    person.post(WRITE, dict(form))
    first = thread(person)
    person.post(WRITE, form | {"text": "something else"})
    assert thread(person) == first
    with app.app_context():
        assert texts() == [TEXT]


def test_sent_twice_at_the_same_moment_it_is_one_message(app, person):
    """Two threads, the same form: one message, and both see it."""
    person.open(WRITE)
    form = {"subject": "claims", "text": TEXT, "csrf_token": person.token()}
    form["submission_key"] = person.value_of("submission_key")
    session = person.client.get_cookie("session") or next(iter(person.client._cookies.values()))
    start, seen = threading.Barrier(2), []

    def click():
        browser = Visitor(app.test_client(), "en")
        browser.client.set_cookie(session.key, session.value, domain="localhost")
        start.wait()
        browser.post(WRITE, dict(form))
        seen.append((browser.status, thread(browser)))

    clicks = [threading.Thread(target=click) for _click in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(set(seen)) == 1, seen
    assert seen[0][0] == 200
    with app.app_context():
        assert texts() == [TEXT]


def test_a_key_of_ones_own_is_needed_for_each_message(person, app):
    write(person)
    there = thread(person)
    person.send(text="More of it.")
    person.send(text="And more.")
    assert thread(person) == there
    with app.app_context():
        assert texts() == [TEXT, "More of it.", "And more."]


def test_a_stale_token_writes_nothing_and_keeps_the_text(person, app):
    person.open(WRITE)
    person.send(subject="claims", text=TEXT, csrf_token="old")
    assert "This page was open too long" in person.text
    assert person.value_of("text") == TEXT
    assert count(app, Message) == 0
    person.send()
    assert "Your message is sent." in person.text


def test_a_stale_token_in_a_conversation_keeps_the_text_too(person, app):
    write(person)
    person.send(text="Once more", csrf_token="old")
    assert person.value_of("text") == "Once more"
    assert count(app, Message) == 1


# --- Files


def test_files_go_with_a_message_and_their_state_is_shown(person, app):
    write(person, files=[a_file("one.png"), a_file("two.png")])
    files = [row.text for row in person.page.select(".g-thread .g-file__name")]
    assert files == ["one.png", "two.png"]
    with app.app_context():
        assert all(document.filed_at for document in db.session.scalars(select(Document)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"MZ" + b"\0" * 100, "one.png: "), (b"", "one.png: ")],
)
def test_a_wrong_file_is_refused_with_its_reason_and_the_text_kept(person, app, content, reason):
    write(person, files=[a_file("one.png", content)])
    assert person.error_of("files").startswith(reason)
    assert len(person.error_of("files")) > len(reason)
    assert person.value_of("text") == TEXT
    assert count(app, Message) == 0


def test_a_sixth_file_is_refused(person, app):
    write(person, files=[a_file(f"{number}.png") for number in range(6)])
    assert person.error_of("files") == "You can send at most 5 files here."
    assert len(person.page.select(".g-file")) == 5
    assert count(app, Message) == 0
    tokens = [row["value"] for row in person.page.select("input[name=files-kept]")]
    person.send(**{"files-kept": tokens})
    assert len(person.page.select(".g-thread .g-file")) == 5


def test_a_file_the_checks_refused_must_be_taken_away(person, app):
    write(person, text="", files=[a_file()])
    with app.app_context():
        document = db.session.scalars(select(Document)).one()
        document.state, document.refusal = FileState.refused, Refusal.macros
        db.session.commit()
    person.send(text=TEXT)
    assert str(Refusal.macros.label) in person.error_of("files")
    remove = person.page.select_one("button[name=_remove]")
    person.send(button=("_remove", remove["value"]))
    person.send()
    assert "Your message is sent." in person.text
    assert not person.page.select(".g-thread .g-file")


def test_somebody_elses_file_goes_with_no_message(person, app):
    with app.app_context():
        token = papers.accepted(account("amina"), "other").public_id
        db.session.commit()
    write(person, **{"files-kept": token})
    assert "Your message is sent." in person.text
    with app.app_context():
        assert only().messages[0].documents == []


def test_what_a_draft_holds_outlives_the_purge_of_files(person, app):
    write(person, text="", files=[a_file()])
    with app.app_context():
        db.session.execute(text("UPDATE document SET created_at = created_at - interval '3 days'"))
        assert documents.purge_unfiled() == 0
        db.session.rollback()


# --- Drafts


def test_a_message_is_kept_page_by_page_without_a_script(person, app):
    person.open(WRITE)
    person.send(subject="claims", text="Half of", button=("_save", "1"))
    assert "Your message is kept as a draft. It is not sent." in person.text
    assert "Begun and not sent" in person.text
    elsewhere = person.page.select_one(".g-inbox a")["href"]
    person.open(elsewhere)
    assert person.value_of("text") == "Half of"
    assert person.value_of("subject") == "claims"
    person.send()
    assert count(app, Draft) == 0
    assert count(app, Message) == 1


def test_a_page_saves_by_itself_and_says_when(person, app):
    person.open(WRITE)
    url = person.page.select_one("#autosave")["data-url"]
    answer = person.client.post(url, data={"csrf_token": person.token(), "text": "Half"})
    assert answer.json["saved"].startswith("Saved at")
    person.open(WRITE)
    assert person.value_of("text") == "Half"
    assert count(app, Message) == 0


def test_a_draft_of_a_conversation_is_its_own(person, app):
    write(person)
    there = thread(person)
    person.send(text="To be gone on with", button=("_save", "1"))
    person.open(WRITE)
    assert person.value_of("text") == ""
    person.open(there)
    assert person.value_of("text") == "To be gone on with"


@pytest.mark.parametrize("draft", ["message:nothing", "registration", "message:", "x" * 40])
def test_nothing_is_saved_under_a_name_that_is_no_place(person, app, draft):
    person.open(WRITE)
    answer = person.client.post(
        f"/en/messages/drafts/{draft}", data={"csrf_token": person.token(), "text": "a"}
    )
    assert answer.status_code == 404
    assert count(app, Draft) == 0


def test_a_draft_ends_with_its_time(person, app):
    person.open(WRITE)
    person.send(text="Half", button=("_save", "1"))
    with app.app_context():
        draft = db.session.scalars(select(Draft)).one()
        assert draft.expires_at - draft.saved_at == DRAFT_KEPT
        draft.expires_at = clock.now() - timedelta(seconds=1)
        db.session.commit()
    person.open(WRITE)
    assert person.value_of("text") == ""


# --- About a request


def test_one_writes_about_ones_request_and_there_is_one_conversation(person, app):
    with app.app_context():
        case = file_case()
        address, reference = f"/en/cases/{case.public_id}", case.reference
    person.open(address)
    person.open(person.page.find("a", string="Write about this request")["href"])
    assert reference in person.page.h1.text
    person.send(text="When will it be ready?")
    there = thread(person)
    assert reference in person.page.h1.text
    person.open(address)
    assert person.page.find("a", string="Our messages about this request")["href"] == there
    person.open(f"{address}/message")
    assert thread(person) == there
    with app.app_context():
        assert only().case.reference == reference


def test_two_first_messages_about_one_request_at_once_share_its_conversation(app):
    with app.app_context():
        number = file_case().public_id
    start, outcomes = threading.Barrier(2), []

    def send(key):
        with app.app_context():
            owner = account("joseph")
            place = messages.place_of(owner, f"message:{number}")
            start.wait()
            messages.send(owner, place, None, key, [], key)
            db.session.commit()
            outcomes.append(key)

    both = [threading.Thread(target=send, args=(key,)) for key in ("one", "two")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with app.app_context():
        assert sorted(outcomes) == ["one", "two"]
        assert sorted(message.text for message in only().messages) == ["one", "two"]


# --- Somebody else's


@pytest.mark.parametrize("who", ["amina", "officer", "auditor", None])
def test_somebody_elses_conversation_does_not_exist(visitor, app, who, caplog):
    with app.app_context():
        public_id = written().public_id
    other = visitor(who)
    other.open(f"/en/messages/{public_id}")
    assert "sign-in" in other.url if who is None else other.status == 404
    assert TEXT not in other.text
    if who == "amina":
        assert "not_theirs" in caplog.text


def test_somebody_elses_conversation_takes_no_message_and_is_not_put_away(visitor, app):
    with app.app_context():
        public_id = written().public_id
    other = visitor("amina")
    other.open(WRITE)
    for address in (f"/en/messages/{public_id}", f"/en/messages/{public_id}/archive"):
        other.post(address, {"csrf_token": other.token() if other.status == 200 else "", "text": "x"})
        assert other.status in (400, 404)
        other.open(WRITE)
    answer = other.client.post(
        f"/en/messages/drafts/message:{public_id}", data={"csrf_token": other.token(), "text": "x"}
    )
    assert answer.status_code == 404
    with app.app_context():
        assert texts() == [TEXT]
        assert only().archived_at is None
        place = messages.Place(conversation=only())
        with pytest.raises(NotAllowed):
            messages.send(account("amina"), place, None, "x", [], "another-key")
        db.session.rollback()


def test_somebody_elses_request_is_not_written_about(visitor, app):
    with app.app_context():
        public_id = file_case().public_id
    other = visitor("amina")
    other.open(f"/en/cases/{public_id}/message")
    assert other.status == 404


def test_an_upload_is_for_a_message_of_ones_own_only(visitor, app):
    with app.app_context():
        public_id = written().public_id
    statuses = {}
    for login in ("amina", "joseph"):
        person = visitor(login)
        person.open(WRITE)
        sent = {"service": f"message:{public_id}", "field": "files", "name": "a.png", "size": 10}
        headers = {"X-CSRFToken": person.token()}
        statuses[login] = person.client.post("/en/uploads", json=sent, headers=headers).status_code
    assert statuses == {"amina": 400, "joseph": 201}


# --- Locks and closed accounts


def test_a_locked_file_reads_and_writes_nothing(person, app):
    write(person)
    there = thread(person)
    token = person.token()
    with app.app_context():
        locks.set_lock(account("joseph"), LockKind.everything)
        db.session.commit()
    person.open(there)
    assert "you can read your messages, and write none" in person.text
    assert person.page.select_one("#main-form") is None
    person.post(there, {"csrf_token": token, "text": "x", "submission_key": "k"})
    assert person.status == 403
    person.open(WRITE)
    assert person.status == 403
    assert count(app, Message) == 1


def test_a_lock_set_on_another_device_stops_the_sending(person, app):
    person.open(WRITE)
    with app.app_context():
        locks.set_lock(account("joseph"), LockKind.everything)
        db.session.commit()
    person.send(subject="claims", text=TEXT)
    assert person.status == 403
    assert count(app, Message) == 0


def test_a_closed_account_sends_nothing(app):
    with app.app_context():
        owner = account("joseph")
        owner.active = False
        with pytest.raises(NotAllowed):
            messages.send(owner, NEW, "claims", TEXT, [], "key")
        db.session.rollback()


# --- Read receipts


def test_an_answer_is_new_until_it_is_opened_and_its_opening_is_noted_once(person, app):
    with app.app_context():
        answered(written())
    person.open(INBOX)
    assert "New" in person.page.select_one(".g-inbox").text
    person.open(person.page.select_one(".g-inbox a[href*='/messages/']")["href"])
    assert ANSWER in person.text
    assert "New" in person.page.select_one(".g-thread__message--ours h2").text
    with app.app_context():
        first = only().messages[1].read_at
    person.open(thread(person))
    assert "New" not in person.page.select_one(".g-thread__message--ours h2").text
    with app.app_context():
        message = only().messages[1]
        assert message.read_at == first
        assert message.read_by_id == account("joseph").id
    assert "Read by the administration" not in person.text


def test_of_two_readers_at_once_one_is_noted(app):
    for _turn in range(5):
        with app.app_context():
            number = written(key=f"key-{_turn}").id
        start, won = threading.Barrier(2), []

        def read(login, number=number, start=start, won=won):
            with app.app_context():
                there, reader = db.session.get_one(Conversation, number), account(login)
                start.wait()
                won.append(messages.mark_read(there, reader, is_staff=True))
                db.session.commit()

        both = [threading.Thread(target=read, args=(login,)) for login in ("officer", "agent")]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert sorted(won) == [False, True]


def test_opening_ones_own_message_reads_nothing(person, app):
    write(person)
    with app.app_context():
        assert only().messages[0].read_at is None


# --- Search, filters, archive


def lines(person, query=""):
    person.open(f"{INBOX}{query}")
    return [line.text for line in person.page.select(".g-inbox__title")]


def test_words_are_found_in_messages_subjects_and_references(person, app):
    with app.app_context():
        case = file_case()
        reference = case.reference
        written(text="About my 100% pension_plan", subject="claims", key="a")
        answered(written(text="Other things", subject="payments", key="b"), "The Réunion transfer", "finance")
        written(case=case, text="When?", key="c")
    assert len(lines(person)) == 4
    assert lines(person, "?q=PENSION_plan") == ["Benefits (sickness, maternity, disability, retirement)"]
    assert lines(person, "?q=100%25+p") == ["Benefits (sickness, maternity, disability, retirement)"]
    assert lines(person, "?q=%25") == ["Benefits (sickness, maternity, disability, retirement)"]
    assert lines(person, "?q=réunion") == ["Payments and bank account"]
    assert lines(person, f"?q={reference}")[0].endswith(reference)
    assert lines(person, "?q=nowhere") == []
    assert "Nothing was found." in person.text


def test_filters_by_service_and_unread(person, app):
    with app.app_context():
        written(subject="payments", key="a")
        answered(written(subject="registration", key="b"))
        written(case=file_case(), key="c")
    assert len(lines(person, "?service=registration")) == 3
    assert lines(person, "?unread=y&q=right") == ["Registration and social security number"]
    assert len(lines(person, "?service=nothing")) == 4


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=-1", "?page=abc", "?page=99999999999", "?q=%01", "?q=" + "a" * 3000]
)
def test_an_odd_address_is_no_failure(person, query):
    person.open(f"{INBOX}{query}")
    assert person.status == 200


def test_pages_of_twenty(person, app):
    with app.app_context():
        for number in range(45):
            written(subject="claims", key=f"key-{number}")
    assert len(lines(person)) == 20
    assert len(lines(person, "?page=3")) == 5
    assert person.page.select_one(".govuk-pagination__prev")
    assert not person.page.select_one(".govuk-pagination__next")
    assert lines(person, "?page=4") == []


def test_what_is_put_away_is_in_the_archive_and_comes_back_with_an_answer(person, app):
    with app.app_context():
        there = f"/en/messages/{written().public_id}"
    person.open(there)
    person.send(form="main form[action$='/archive']")
    assert "Moved to the archive." in person.text
    assert lines(person) == []
    assert lines(person, "?archived=1") == ["Registration and social security number"]
    with app.app_context():
        answered(only())
    assert lines(person) == ["Registration and social security number"]
    person.open(there)
    person.send(form="main form[action$='/archive']")
    person.open(there)
    person.send(form="main form[action$='/archive']")
    assert "Moved back to the inbox." in person.text


def test_somebody_elses_messages_are_not_in_my_inbox(visitor, app):
    with app.app_context():
        answered(written("joseph"))
        file_case("joseph")
    person = visitor("amina")
    person.open(INBOX)
    assert person.page.select(".g-inbox") == []
    person.open(f"{INBOX}?q={TEXT.split()[0]}")
    assert person.page.select(".g-inbox") == []


# --- What the database refuses

KEPT = ("conversation", "message", "message_document", "conversation_note", "notice")


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_deletes_nothing(context, table, statement):
    with pytest.raises(IntegrityError):
        db.session.execute(text(statement.format(table)))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE message SET text = 'other'",
        "UPDATE message SET author_id = author_id + 1",
        "UPDATE message SET read_at = now() + interval '1 day'",
        "UPDATE message SET read_at = NULL, read_by_id = NULL",
        "UPDATE conversation SET owner_id = owner_id + 1",
        "UPDATE conversation SET public_id = 'guessed'",
        "UPDATE notice SET subject_fr = 'autre'",
    ],
)
def test_the_database_lets_nobody_rewrite_what_was_said(context, change):
    case = file_case()
    there = written(case=case)
    messages.mark_read(there, account("officer"), is_staff=True)
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(text(change))


def test_everything_is_in_the_copy_of_ones_data_and_no_officers_name(app, context):
    there = written()
    answered(there)
    said = data_exports._facts(account("joseph"))
    assert [message["text"] for message in said["messages"]] == [TEXT, ANSWER]
    assert [message["by"] for message in said["messages"]] == ["me", "administration"]
    assert "Ruth" not in str(said["messages"])
    assert {notice["name"] for notice in said["notices"]} == {"message"}


def test_the_home_page_shows_what_is_not_read(person, app):
    with app.app_context():
        answered(written())
    person.open("/en/")
    assert "1 message or notice you have not read" in person.text
    person.open(person.page.select_one(".g-inbox a")["href"])
    person.open("/en/")
    assert "you have not read" not in person.text


def test_the_waiting_time_of_the_first_message_stays(app, context):
    there = written()
    due = there.due_on
    there.due_on = due - timedelta(days=1)
    write_again(there)
    assert there.due_on == due - timedelta(days=1)


def test_notices_are_in_the_inbox_marked_as_such_and_read_with_their_page(person, app):
    with app.app_context():
        case = file_case()
        address = f"/en/cases/{case.public_id}"
        bring_to(case, case.status.__class__.under_review)
    person.open(INBOX)
    line = person.page.select_one(".g-inbox__line")
    assert "Automatic notice" in line.text
    assert "New" in line.text
    person.open(line.a["href"])
    assert "cannot be answered" in person.text
    assert person.page.find("a", string="Open the request")["href"] == address
    with app.app_context():
        assert db.session.scalars(select(Notice)).one().read_at is not None


def test_opening_the_case_reads_its_notices(person, app):
    with app.app_context():
        public_id = file_case().public_id
    person.open(f"/en/cases/{public_id}")
    with app.app_context():
        assert db.session.scalars(select(Notice)).one().read_at is not None


def test_somebody_elses_notice_does_not_exist(visitor, app, caplog):
    with app.app_context():
        file_case()
        public_id = db.session.scalars(select(Notice)).one().public_id
    other = visitor("amina")
    other.open(f"/en/messages/notices/{public_id}")
    assert other.status == 404
    assert "not_theirs" in caplog.text
