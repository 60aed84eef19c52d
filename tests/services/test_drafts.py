"""Forgotten drafts: recalled once, in the author's language, without a word of what they hold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.adapters import mail
from app.delays import DRAFT_KEPT, DRAFT_REMINDER
from app.extensions import db
from app.models import Draft, Outbox
from app.services import drafts
from tests.services.test_cases import account

ANSWERS = {"family_name": {"family_name": ["N’Guessan"]}}
LATER = DRAFT_REMINDER + timedelta(hours=1)


@pytest.fixture
def remind(work):
    """A night's reminders, so much later, and the letters that went out."""

    def night(app, later):
        with clock.frozen(clock.now() + later):
            with app.app_context():
                drafts.remind()
                db.session.commit()
            work()
            with app.app_context():
                return mail.delivered()

    return night


def save(app, login="amina"):
    with app.app_context():
        drafts.save(account(login), "registration", ANSWERS)
        db.session.commit()


@pytest.mark.parametrize(
    ("login", "subject", "greeting"),
    [
        ("amina", "Une de vos demandes n’est pas encore envoyée", "Bonjour Amina"),
        ("joseph", "A request of yours is not sent yet", "Hello Joseph"),
    ],
)
def test_a_forgotten_draft_is_recalled_in_its_authors_language(app, remind, login, subject, greeting):
    save(app, login)
    [letter] = remind(app, LATER)
    assert letter["Subject"] == subject
    assert letter["To"] == f"{login}@demo.example"
    for part in letter.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            assert greeting in text
            assert "N’Guessan" not in text
            assert "registration" not in text.lower()


def test_it_is_recalled_once(app, remind):
    save(app)
    assert len(remind(app, LATER)) == 1
    assert len(remind(app, LATER + timedelta(days=1))) == 1


def test_it_is_not_recalled_too_soon(app, remind):
    save(app)
    assert remind(app, DRAFT_REMINDER - timedelta(hours=1)) == []


def test_a_draft_that_was_touched_again_starts_its_time_again(app, remind):
    save(app)
    remind(app, LATER)
    with clock.frozen(clock.now() + LATER):
        save(app)
    assert len(remind(app, LATER + timedelta(days=1))) == 1
    assert len(remind(app, 2 * LATER)) == 2


@pytest.mark.parametrize("end", ["sent or deleted", "resumed"])
def test_a_reminder_under_way_stops_when_it_is_not_needed_any_more(app, work, end):
    save(app)
    with clock.frozen(clock.now() + LATER), app.app_context():
        drafts.remind()
        if end == "resumed":
            drafts.save(account("amina"), "registration", ANSWERS)
        else:
            drafts.discard(account("amina"), "registration")
        db.session.commit()
    with clock.frozen(clock.now() + LATER):
        work()
    with app.app_context():
        assert mail.delivered() == []
        assert db.session.scalars(select(Outbox)).one().done_at is not None


def test_expired_drafts_are_deleted_and_others_stay(app):
    save(app, "amina")
    with clock.frozen(clock.now() + timedelta(days=1)):
        save(app, "joseph")
    with clock.frozen(clock.now() + DRAFT_KEPT), app.app_context():
        assert drafts.purge_expired() == 1
        db.session.commit()
        assert [draft.owner.email for draft in db.session.scalars(select(Draft))] == ["joseph@demo.example"]


def test_the_later_answer_to_a_question_stays_and_other_questions_are_kept(context):
    drafts.save(account("amina"), "registration", {"a": {"a": ["1"]}, "b": {"b": ["1"]}})
    draft = drafts.save(account("amina"), "registration", {"b": {}})
    assert draft.answers == {"a": {"a": ["1"]}, "b": {}}


def test_nothing_answered_makes_no_draft(context):
    assert drafts.save(account("amina"), "registration", {"a": {}, "b": {}}) is None


def test_an_expired_draft_gives_neither_answers_nor_key_to_the_next(context):
    first = drafts.save(account("amina"), "registration", {"a": {"a": ["1"]}})
    key = first.submission_key
    with clock.frozen(clock.now() + DRAFT_KEPT + timedelta(hours=1)):
        second = drafts.save(account("amina"), "registration", {"b": {"b": ["1"]}})
    assert second.answers == {"b": {"b": ["1"]}}
    assert second.submission_key != key
