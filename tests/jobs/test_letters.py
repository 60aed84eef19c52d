"""The person is told of a decision only when its letter opens: whatever is killed, and whenever."""

import pytest
from sqlalchemy import func, select, text, update

from app.adapters import mail, storage
from app.extensions import db
from app.jobs import letters as letter_jobs
from app.jobs import relay, runner
from app.models import Account, Case, Letter, Outbox
from app.services import letters
from tests.jobs.test_outbox import received
from tests.services.test_letters import decided, on_paper


def of_job(name):
    return db.session.scalars(select(Outbox).where(Outbox.job == name).order_by(Outbox.id)).all()


def notices():
    return [row for row in of_job("send_notice") if row.payload["notice"] == "decided"]


def the_letter():
    db.session.expire_all()
    return db.session.scalars(select(Letter)).one()


def make(times=1):
    for _ in range(times):
        runner.run(of_job("make_letter")[0].id)
        db.session.remove()


def decisions_mailed(mailbox):
    return [message for message in received(mailbox) if "a decision has been taken" in message["Subject"]]


def test_a_decision_alone_tells_nobody(context):
    decided()
    assert notices() == []
    assert len(of_job("make_letter")) == 1


def test_the_notice_goes_out_when_the_letter_opens(context, mailbox):
    letter = decided()
    make()
    assert letters.open_pdf(the_letter()).startswith(b"%PDF")
    (row,) = notices()
    assert the_letter().decision.notified_at is None
    runner.run(row.id)
    (message,) = decisions_mailed(mailbox)
    assert f"/letters/{letter.number}" in message.get_body(("plain",)).get_content()
    decision = the_letter().decision
    assert decision.notified_how == "email"
    assert decision.appeal_by is not None


def test_two_runs_make_one_letter_and_one_notice(context):
    decided()
    make()
    first = the_letter().pdf_sha256, the_letter().made_at
    (row,) = of_job("make_letter")
    letter_jobs.make_letter(row.id, **row.payload)
    db.session.commit()
    make()
    assert (the_letter().pdf_sha256, the_letter().made_at) == first
    assert len(notices()) == 1


def stop_at(monkeypatch, point):
    """Kill the worker once, at a named point of the making."""
    left = [point]

    def die(here):
        if here in left:
            left.clear()
            raise SystemExit(137)

    def mortal(work, before, after):
        def run(*arguments, **payload):
            die(before)
            result = work(*arguments, **payload)
            die(after)
            return result

        return run

    monkeypatch.setattr(storage, "write", mortal(storage.write, "before storing", "after storing"))
    monkeypatch.setattr(
        storage, "read", mortal(storage.read, "before reading it back", "after reading it back")
    )
    job = mortal(letter_jobs.make_letter, "before the job", "after the job, before its commit")
    monkeypatch.setitem(runner.JOBS, "make_letter", job)


@pytest.mark.parametrize(
    "point",
    [
        "before the job",
        "before storing",
        "after storing",
        "after reading it back",
        "after the job, before its commit",
    ],
)
def test_a_worker_killed_at_any_point_leaves_one_letter_and_one_notice(context, monkeypatch, point):
    decided()
    stop_at(monkeypatch, point)
    with pytest.raises(SystemExit):
        make()
    db.session.remove()
    assert notices() == []
    assert the_letter().made_at is None
    make(times=2)
    assert letters.open_pdf(the_letter())
    assert len(notices()) == 1


@pytest.mark.parametrize("fault", ["storage does not answer", "what is read back is not what was stored"])
def test_while_storage_fails_nobody_is_told_and_it_is_tried_again(context, monkeypatch, fault):
    decided()

    def refuse(*arguments):
        raise OSError("the storage does not answer")

    if fault == "storage does not answer":
        monkeypatch.setattr(storage, "write", refuse)
    else:
        monkeypatch.setattr(storage, "read", lambda sha256: b"%PDF of somebody else")
    make()
    (row,) = of_job("make_letter")
    assert (row.failures, row.done_at) == (1, None)
    assert the_letter().made_at is None
    assert notices() == []
    monkeypatch.undo()
    make()
    assert the_letter().made_at is not None
    assert len(notices()) == 1


def test_a_letter_that_no_longer_opens_is_not_announced(context, mailbox):
    decided()
    make()
    storage.remove(the_letter().pdf_sha256)
    (row,) = notices()
    runner.run(row.id)
    assert decisions_mailed(mailbox) == []
    assert the_letter().decision.notified_at is None


def test_the_recipient_is_checked_at_sending(context, mailbox):
    letter = decided()
    make()
    somebody = select(Account.id).where(Account.email == "peter@demo.example").scalar_subquery()
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    db.session.execute(update(Case).values(owner_id=somebody))
    db.session.commit()
    (row,) = notices()
    runner.run(row.id)
    db.session.expire_all()
    assert decisions_mailed(mailbox) == []
    assert "WrongRecipient" in notices()[0].last_error
    assert letter.number in notices()[0].last_error


def test_a_mail_that_fails_notifies_nobody(context, monkeypatch):
    decided()
    make()

    def refuse(message):
        raise OSError("the mail server does not answer")

    monkeypatch.setattr(mail, "send", refuse)
    runner.run(notices()[0].id)
    assert the_letter().decision.notified_at is None
    monkeypatch.undo()
    runner.run(notices()[0].id)
    assert the_letter().decision.notified_at is not None


def test_who_lost_their_email_since_gets_paper(context, mailbox):
    decided()
    make()
    owner = the_letter().case.owner
    address, owner.email = owner.email, "lost@no-email.invalid"
    db.session.commit()
    runner.run(notices()[0].id)
    letter = the_letter()
    letter.case.owner.email = address
    db.session.commit()
    assert letter.channel == letters.PAPER
    assert letter.decision.notified_at is None
    assert decisions_mailed(mailbox) == []


def test_who_has_no_email_is_sent_nothing_at_all(context, work, mailbox):
    on_paper()
    work()
    db.session.expire_all()
    assert [message for message in received(mailbox) if "no-email" in message["To"]] == []


def test_the_relay_carries_a_decision_all_the_way(context, work, mailbox):
    decided()
    work()
    db.session.expire_all()
    assert len(decisions_mailed(mailbox)) == 1
    assert relay.hand_over_all() == 0
    assert db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None))) == 0
