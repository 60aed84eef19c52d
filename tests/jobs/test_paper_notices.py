"""Who has no e-mail is asked, recalled and told of the end by post."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.formats import day
from app.models import Account, Case, Letter, Outbox
from app.services import cases, deadlines, letters, outbox, paper_notices, verification
from app.workflow import Actor, Status
from tests.jobs.test_outbox import received
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case

NO_EMAIL = "nobody@no-email.invalid"
ASKED = {
    "en": [
        "Dear Sir or Madam,",
        "we need something more from you",
        REASON,
        "Answer within 30 days of the day this letter was posted; the postmark tells it.",
        "our offices",
    ],
    "fr": [
        "Madame, Monsieur,",
        "nous avons encore besoin",
        REASON,
        "Répondez dans un délai de 30 jours à compter de l’envoi de cette lettre, le cachet de la poste faisant foi",
        "nos agences",
    ],
}


@pytest.fixture
def case_of(app):
    """Brings a case of somebody without e-mail to a status; their address is put back afterwards."""

    def bring(login="joseph", status=Status.info_requested):
        with app.app_context():
            owner = account(login)
            case = file_case(login)
            owner.email = NO_EMAIL
            bring_to(case, status)
            return case.id

    yield bring
    with app.app_context():
        owner = db.session.scalars(select(Account).where(Account.email == NO_EMAIL)).unique().one()
        owner.email = owner.username
        db.session.commit()


def on_paper():
    """The letters in the print queue, oldest first."""
    query = select(Letter).where(Letter.channel == letters.PAPER).order_by(Letter.id)
    return db.session.scalars(query).all()


def words_of(letter):
    return " ".join(block["text"] for block in letter.body)


@pytest.mark.parametrize(("login", "lang"), [("joseph", "en"), ("amina", "fr")])
def test_what_is_asked_goes_by_post(app, work, mailbox, case_of, login, lang):
    case_id = case_of(login)
    work()
    with app.app_context():
        [letter] = on_paper()
        assert (letter.case_id, letter.decision_id, letter.language) == (case_id, None, lang)
        assert letter.signatory == "Ruth Ebai"
        for words in ASKED[lang]:
            assert words in words_of(letter)
        assert letters.open_pdf(letter).startswith(b"%PDF")
        assert [message for message in received(mailbox) if "no-email" in message["To"]] == []


def test_it_is_written_once_however_often_the_job_runs(app, work, case_of):
    case_of()
    work()
    with app.app_context():
        for row in db.session.scalars(select(Outbox)):
            row.done_at, row.next_try_at = row.done_at, clock.now()
        db.session.commit()
    work()
    with app.app_context():
        assert len(on_paper()) == 1


@pytest.fixture
def post_on(app, work):
    """Works the queue, then marks the letter in the print queue as posted, so many days from now."""

    def post(days):
        work()
        with clock.frozen(clock.now() + timedelta(days=days)), app.app_context():
            [letter] = [letter for letter in on_paper() if letter.posted_on is None]
            letters.mark_posted(letter, clock.today(), account("officer"))
            db.session.commit()

    return post


@pytest.fixture
def night(app, work):
    """A night's reminders and lapses, so many days from now."""

    def pass_by(days):
        with clock.frozen(clock.now() + timedelta(days=days)):
            with app.app_context():
                outbox.write("remind_unanswered")
                outbox.write("lapse_unanswered")
                db.session.commit()
            work()
            work()

    return pass_by


def state_of(app, case_id):
    with app.app_context():
        case = db.session.get(Case, case_id)
        return case.status, deadlines.answer_by(case)


def from_today(app, days):
    with app.app_context():
        return clock.today() + timedelta(days=days)


ANSWER, REMINDER = 30, 20
POSTED = 12
"""Days: to answer, until the reminder, and the letter lay in the print queue."""


def test_the_time_to_answer_does_not_begin_before_the_letter_is_written(app, case_of):
    """The job that writes it is late: nothing runs against who has no e-mail, however long that lasts."""
    case_id = case_of()
    assert state_of(app, case_id) == (Status.info_requested, None)
    with clock.frozen(clock.now() + timedelta(days=ANSWER + 400)), app.app_context():
        assert (deadlines.remind_unanswered(), deadlines.lapse_unanswered()) == (0, 0)


def test_who_finds_an_email_after_the_letter_keeps_the_time_from_its_posting(app, work, case_of):
    case_id = case_of()
    work()
    with app.app_context():
        db.session.get(Case, case_id).owner.email = "found@demo.example"
        db.session.commit()
    try:
        assert state_of(app, case_id) == (Status.info_requested, None)
    finally:
        with app.app_context():
            db.session.get(Case, case_id).owner.email = NO_EMAIL
            db.session.commit()


def test_the_time_to_answer_begins_on_the_day_of_posting(app, work, case_of, post_on, night):
    case_id = case_of()
    work()
    assert state_of(app, case_id) == (Status.info_requested, None)
    night(ANSWER + 400)
    assert state_of(app, case_id) == (Status.info_requested, None)
    post_on(POSTED)
    until = from_today(app, POSTED + ANSWER)
    assert state_of(app, case_id) == (Status.info_requested, until)
    night(POSTED + REMINDER - 1)
    with app.app_context():
        assert len(on_paper()) == 1
    night(POSTED + REMINDER)
    with app.app_context():
        asked, reminder = on_paper()
        assert "still waits for your answer" in reminder.subject
        assert REASON in words_of(reminder)
        with force_locale("en"):
            assert f"Answer by {day(until)}:" in words_of(reminder)
    night(POSTED + ANSWER)
    assert state_of(app, case_id) == (Status.info_requested, until)
    night(POSTED + ANSWER + 1)
    assert state_of(app, case_id)[0] is Status.lapsed
    with app.app_context():
        *_before, closed = on_paper()
        assert "has been closed" in closed.subject
        assert "no answer in time" in words_of(closed)


def test_the_reminders_posting_gives_no_more_time(app, case_of, post_on, night):
    case_id = case_of()
    post_on(0)
    _status, until = state_of(app, case_id)
    night(REMINDER)
    post_on(REMINDER + 5)
    assert state_of(app, case_id) == (Status.info_requested, until)


def test_a_second_question_waits_for_its_own_letter(app, case_of, post_on):
    case_id = case_of()
    post_on(0)
    with app.app_context():
        case = db.session.get(Case, case_id)
        cases.perform(SERVICE, case, "answer", cases.By(case.owner, Actor.insured_person), "Here it is.")
        officer = cases.By(account("officer"), Actor.officer)
        cases.perform(SERVICE, case, "request_information", officer, "And the other side of it?")
        db.session.commit()
    assert state_of(app, case_id) == (Status.info_requested, None)
    post_on(3)
    assert state_of(app, case_id)[1] == from_today(app, 3 + ANSWER)


def test_the_posting_of_another_letter_begins_nothing(app, work, case_of, monkeypatch):
    another = paper_notices.Words("About your file", [(paper_notices.TEXT, "Something else.")], None)
    monkeypatch.setitem(paper_notices.NOTICES, "another", lambda case: another)
    case_id = case_of()
    with app.app_context():
        paper_notices.write("another", db.session.get(Case, case_id))
        db.session.commit()
    work()
    with app.app_context():
        [letter] = [letter for letter in on_paper() if letter.notice == "another"]
        letters.mark_posted(letter, clock.today(), account("officer"))
        db.session.commit()
    assert state_of(app, case_id) == (Status.info_requested, None)


@pytest.mark.parametrize(
    ("lang", "on_the_way", "known"),
    [
        ("en", "Your time to answer begins on the day we post the letter that asks for it.", "Answer by"),
        (
            "fr",
            "Votre délai de réponse court à partir du jour où nous postons la lettre",
            "Répondez au plus tard le",
        ),
    ],
)
def test_who_looks_online_reads_when_the_time_begins(case_of, post_on, visitor, lang, on_the_way, known):
    person = visitor("joseph", lang)
    case_id = case_of()
    for is_posted in (False, True):
        if is_posted:
            post_on(0)
        for url in (f"/{lang}/", case_address(person, case_id, lang)):
            person.open(url)
            assert (on_the_way in person.text, known in person.text) == (not is_posted, is_posted)
    assert REASON in person.text


def case_address(person, case_id, lang):
    with person.client.application.app_context():
        return f"/{lang}/cases/{db.session.get(Case, case_id).public_id}"


def test_what_was_answered_meanwhile_is_not_asked_by_post(app, work, case_of):
    case_id = case_of()
    with app.app_context():
        case = db.session.get(Case, case_id)
        cases.perform(SERVICE, case, "answer", cases.By(case.owner, Actor.insured_person), "Here it is.")
        db.session.commit()
    work()
    with app.app_context():
        assert on_paper() == []


def test_a_posted_notice_leaves_the_queue_and_notifies_no_decision(app, work, case_of, visitor):
    case_of()
    work()
    officer = visitor("officer")
    officer.open("/staff/printqueueview/list/")
    with app.app_context():
        [letter] = on_paper()
        number, letter_id, code = letter.number, letter.id, letter.verification_code
    assert number in officer.text
    officer.open(f"/staff/printqueueview/show/{letter_id}")
    officer.send(form="form[action*='/posted/']")
    assert officer.status == 200
    with app.app_context():
        [letter] = on_paper()
        assert letter.posted_on == clock.today()
        assert letter.case.decisions == []
        found = verification.find(code)
        assert found.still_valid
    officer.open(f"/en/verify/{code}")
    assert "Decision letter" not in officer.text
    assert number in officer.text


def test_who_has_an_email_gets_no_paper(app, work, mailbox):
    with app.app_context():
        bring_to(file_case(), Status.info_requested)
    work()
    with app.app_context():
        assert db.session.scalars(select(Letter)).all() == []
    assert any("we need something from you" in message["Subject"] for message in received(mailbox))
