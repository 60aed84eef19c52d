"""Who has no e-mail is asked, recalled and told of the end by post."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Account, Case, Letter, Outbox
from app.services import cases, deadlines, letters, outbox, verification
from app.workflow import Actor, Status
from tests.jobs.test_outbox import received
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case

NO_EMAIL = "nobody@no-email.invalid"
ASKED = {
    "en": ["Dear Sir or Madam,", "we need something more from you", REASON, "Answer by", "our offices"],
    "fr": [
        "Madame, Monsieur,",
        "nous avons encore besoin",
        REASON,
        "Répondez au plus tard le",
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


def test_the_reminder_and_the_end_go_by_post_too(app, work, case_of):
    case_id = case_of()
    work()
    with app.app_context():
        left = deadlines.answer_by(db.session.get(Case, case_id)) - clock.today()
    for days, job in ((-1, "remind_unanswered"), (1, "lapse_unanswered")):
        with clock.frozen(clock.now() + left + timedelta(days=days)):
            with app.app_context():
                outbox.write(job)
                db.session.commit()
            work()
    with app.app_context():
        asked, reminder, closed = on_paper()
        assert "still waits for your answer" in reminder.subject
        assert words_of(reminder) == words_of(asked)
        assert "has been closed" in closed.subject
        assert "no answer in time" in words_of(closed)


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
