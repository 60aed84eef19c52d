"""What is to be done outside is done: at least once, with one effect, and never in silence."""

import email
from datetime import timedelta
from email import policy
from smtplib import SMTPRecipientsRefused

import pytest
from sqlalchemy import func, select, text

from app import clock
from app.adapters import mail
from app.delays import OUTBOX_FAILURES_ALLOWED, OUTBOX_NOTICE
from app.extensions import db, queue, valkey
from app.jobs import mail as mail_jobs
from app.jobs import relay, runner, schedule
from app.models import AuditCheckpoint, Outbox, ScheduledRun
from app.services import audit_verification, outbox
from app.workflow import Status
from tests.services.test_cases import bring_to, file_case


def received(mailbox):
    """The mail that arrived, oldest first."""
    files = sorted(mailbox.glob("*"), key=lambda path: path.stat().st_mtime_ns)
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def rows():
    return db.session.scalars(select(Outbox).order_by(Outbox.id)).all()


@pytest.mark.parametrize(
    ("login", "lang", "subject", "sentence"),
    [
        ("joseph", "en", "We have received your request", "Hello Joseph,"),
        ("amina", "fr", "Nous avons bien reçu votre demande", "Bonjour Amina,"),
    ],
)
def test_the_notice_is_in_the_persons_language(app, work, mailbox, login, lang, subject, sentence):
    with app.app_context():
        case = file_case(login)
        address = f"/{lang}/cases/{case.public_id}"
        reference = case.reference
    work()
    (message,) = received(mailbox)
    assert message["To"] == f"{login}@demo.example"
    assert message["Content-Language"] == lang
    assert message["Subject"] == f"{subject} {reference}"
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        assert sentence in text
        assert address in text
        assert "Tabi" not in text
        assert "1990" not in text


def test_a_decision_sends_one_notice(app, work, mailbox):
    with app.app_context():
        bring_to(file_case(), Status.rejected)
    work()
    subjects = [message["Subject"] for message in received(mailbox)]
    assert len(subjects) == 2
    assert "a decision has been taken" in subjects[1]


def test_work_of_a_rolled_back_request_does_not_exist(context):
    outbox.write("send_notice", notice="received", case_id=1)
    db.session.flush()
    db.session.rollback()
    assert rows() == []


def test_running_twice_sends_once(context, mailbox):
    file_case()
    (row,) = rows()
    number = row.id
    db.session.commit()
    runner.run(number)
    runner.run(number)
    assert len(received(mailbox)) == 1


def test_a_worker_killed_after_sending_sends_the_same_message_id_again(context, mailbox, monkeypatch):
    file_case()
    number = rows()[0].id
    db.session.commit()

    def send_and_die(outbox_id: int, **payload) -> None:
        mail_jobs.send_notice(outbox_id, **payload)
        raise SystemExit(137)

    monkeypatch.setitem(runner.JOBS, "send_notice", send_and_die)
    with pytest.raises(SystemExit):
        runner.run(number)
    monkeypatch.undo()
    db.session.remove()
    runner.run(number)
    first, second = received(mailbox)
    assert first["Message-ID"] == second["Message-ID"] == f"<outbox-{number}@example.org>"
    assert rows()[0].done_at is not None


def test_a_row_in_another_workers_hands_is_left_alone(app, mailbox):
    with app.app_context():
        file_case()
        number = rows()[0].id
        db.session.commit()
        assert outbox.lock(number) is not None
        with app.app_context():
            runner.run(number)
        assert received(mailbox) == []
        db.session.rollback()


def test_work_that_commits_in_slices_stays_in_one_workers_hands(app, monkeypatch):
    begun = []

    def commit_and_meet_another(outbox_id: int, **payload) -> None:
        begun.append(outbox_id)
        db.session.commit()
        if len(begun) == 1:
            with app.app_context():
                runner.run(outbox_id)

    with app.app_context():
        file_case()
        number = rows()[0].id
        db.session.commit()
        monkeypatch.setitem(runner.JOBS, "send_notice", commit_and_meet_another)
        runner.run(number)
        db.session.expire_all()
        row = rows()[0]
        assert begun == [number]
        assert (row.failures, row.last_error) == (0, None)
        assert row.done_at is not None


def test_a_job_lost_by_the_queue_is_handed_over_again(context):
    file_case()
    assert relay.hand_over_all() == 1
    valkey().flushdb()
    assert relay.hand_over_all() == 0
    with clock.frozen(clock.now() + OUTBOX_NOTICE * 2):
        assert relay.hand_over_all() == 1
    assert queue().get_job_ids() == [f"outbox-{rows()[0].id}-2"]


def test_a_job_that_still_waits_is_not_queued_again(context):
    file_case()
    relay.hand_over_all()
    later = clock.now()
    for _ in range(3):
        later += OUTBOX_NOTICE * 2
        with clock.frozen(later):
            relay.hand_over_all()
    assert len(queue().get_job_ids()) == 1


def test_a_failure_is_noted_tried_later_and_set_aside_in_the_end(context, monkeypatch):
    def refuse(message):
        raise OSError("the mail server does not answer")

    monkeypatch.setattr(mail, "send", refuse)
    file_case()
    number = rows()[0].id
    db.session.commit()
    pauses = []
    for turn in range(OUTBOX_FAILURES_ALLOWED):
        before = clock.now()
        runner.run(number)
        db.session.expire_all()
        row = rows()[0]
        assert row.failures == turn + 1
        pauses.append((row.next_try_at - before).total_seconds())
    assert "the mail server does not answer" in row.last_error
    assert pauses[0] < pauses[1] < pauses[2] <= pauses[-1]
    assert row.set_aside_at is not None
    assert row.done_at is None
    with clock.frozen(clock.now() + OUTBOX_NOTICE * 1000):
        assert relay.hand_over_all() == 0


def test_an_unknown_job_is_a_failure_that_is_seen(context):
    outbox.write("no_such_job")
    db.session.commit()
    runner.run(rows()[0].id)
    db.session.expire_all()
    assert "no_such_job" in rows()[0].last_error


def test_a_second_look_at_the_schedule_starts_nothing(context):
    assert sorted(schedule.start_due()) == sorted(schedule.SCHEDULE)
    assert schedule.start_due() == []
    assert len(rows()) == len(schedule.SCHEDULE)
    assert len(db.session.scalars(select(ScheduledRun)).all()) == len(schedule.SCHEDULE)


def test_the_next_day_starts_them_again(context):
    schedule.start_due()
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert sorted(schedule.start_due()) == sorted(schedule.SCHEDULE)


def test_a_refused_address_is_not_written_down(context, monkeypatch):
    def refuse(message):
        raise SMTPRecipientsRefused({"joseph@demo.example": (550, b"no such person")})

    monkeypatch.setattr(mail, "send", refuse)
    file_case()
    number = rows()[0].id
    db.session.commit()
    runner.run(number)
    db.session.expire_all()
    assert "550" in rows()[0].last_error
    assert "joseph" not in rows()[0].last_error


def test_the_hourly_checkpoint_signs_what_happened(context):
    file_case()
    db.session.commit()
    number = outbox.write("checkpoint_audit")
    db.session.commit()
    runner.run(number.id)
    found = audit_verification.verify()
    assert found.is_sound
    assert db.session.scalar(select(func.count()).select_from(AuditCheckpoint)) == 1


def test_a_forged_head_makes_the_checkpoint_fail_aloud(context):
    file_case()
    db.session.execute(text("UPDATE audit_head SET seal = sha256(seal)"))
    row = outbox.write("checkpoint_audit")
    db.session.commit()
    runner.run(row.id)
    db.session.expire_all()
    assert "ForgedHead" in db.session.get(Outbox, row.id).last_error
