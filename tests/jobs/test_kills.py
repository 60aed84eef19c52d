"""A process killed with SIGKILL at any point between an event and its effect: the effect is there, once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.delays import OUTBOX_BACKOFF_LONGEST, OUTBOX_FAILURES_ALLOWED
from app.extensions import db
from app.jobs import relay
from app.models import Case, CaseEvent, Letter, Outbox
from app.services import SERVICES, audit_verification, letters, outbox
from app.workflow import Status
from tests.jobs.killing import House, Point, standing
from tests.jobs.test_outbox import received
from tests.processes import until
from tests.services.test_cases import bring_to, file_case
from tests.services.test_letters import decided
from tests.services.test_races import told

SECONDS_TO_RECOVER = 30
WORKER = "app.jobs.worker:GuichetWorker"
BEFORE, AFTER = False, True

EVERYWHERE = {
    "relay, before it claims the row": ("app.services.outbox:claim_next", BEFORE),
    "relay, claimed and not committed": ("app.services.outbox:claim_next", AFTER),
    "relay, committed as handed over and not queued": ("rq:Queue.enqueue", BEFORE),
    "relay, queued": ("rq:Queue.enqueue", AFTER),
    "worker, taken from the queue and not started": (f"{WORKER}.execute_job", BEFORE),
    "work horse, before it locks the row": ("app.services.outbox:lock", BEFORE),
    "work horse, row locked and work not begun": ("app.services.outbox:lock", AFTER),
    "work horse, counted and work not begun": ("app.services.outbox:begin", AFTER),
    "work horse, in the job before it writes": ("handler:send_notice", BEFORE),
    "work horse, all written and not committed": ("handler:send_notice", AFTER),
    "work horse, committed and marked done": ("app.jobs.runner:_work", AFTER),
    "work horse, before RQ knows of the success": (f"{WORKER}.handle_job_success", BEFORE),
    "worker, after the work horse": (f"{WORKER}.execute_job", AFTER),
}
"""What every job passes between the outbox and the end, in order. The relay commits before it queues."""

OF_ONE_JOB = {
    "letter, before it is made": ("make_letter", "handler:make_letter", BEFORE),
    "letter, stored and its row not written": ("make_letter", "app.adapters.storage:write", AFTER),
    "letter, read back and the notice not written": ("make_letter", "app.services.letters:open_pdf", AFTER),
    "letter, all written and not committed": ("make_letter", "handler:make_letter", AFTER),
    "letter, committed and marked done": ("make_letter", "app.jobs.runner:_work", AFTER),
    "mail, before the server has it": ("send_notice", "app.adapters.mail:send", BEFORE),
    "mail, the server has it and nothing is committed": ("send_notice", "app.adapters.mail:send", AFTER),
    "night, one case of two committed": ("lapse_unanswered", "app.services.deadlines:_take", AFTER),
    "night, all cases committed and not marked done": ("lapse_unanswered", "handler:lapse_unanswered", AFTER),
}
POINTS = [
    pytest.param(job, Point(place, is_after), id=f"{job}: {name}")
    for name, (job, place, is_after) in [
        *((name, ("send_notice", *point)) for name, point in EVERYWHERE.items()),
        *OF_ONE_JOB.items(),
    ]
]


@pytest.fixture(scope="module")
def mortals(house, environment) -> Iterator[House]:
    """The relays and workers that are killed."""
    with standing(environment) as opened:
        yield opened


@pytest.mark.long(sample=4)
@pytest.mark.parametrize(("job", "point"), POINTS)
def test_a_process_killed_at_any_point_leaves_its_effect_once(
    context, mortals, mailbox, tmp_path, job, point
):
    PREPARE[job]()
    mark = tmp_path / "killed"
    mortals.work(clock.now(), point, mark)
    assert mark.exists(), "Nothing came to this point."
    recover(mortals)
    CHECK[job](mailbox)
    assert audit_verification.verify().is_sound


def test_work_that_kills_every_process_is_tried_later_and_set_aside_in_the_end(
    context, mortals, mailbox, tmp_path
):
    prepare_notice()
    deadly, mark, later = (
        Point("handler:send_notice", BEFORE, is_always=True),
        tmp_path / "killed",
        clock.now(),
    )
    pauses = []
    for killed in range(1, OUTBOX_FAILURES_ALLOWED + 1):
        later += OUTBOX_BACKOFF_LONGEST
        mortals.work(later, deadly, mark)
        assert mark.exists()
        mark.unlink()
        row = the_notice()
        assert (row.failures, row.set_aside_at, row.done_at) == (killed, None, None)
        pauses.append((row.next_try_at - later).total_seconds())
    assert pauses[0] < pauses[1] < pauses[2] <= pauses[-1] <= OUTBOX_BACKOFF_LONGEST.total_seconds()
    later += OUTBOX_BACKOFF_LONGEST
    mortals.work(later, deadly, mark)
    assert not mark.exists()
    row = the_notice()
    assert row.set_aside_at == later
    assert row.done_at is None
    assert "killed" in row.last_error
    assert received(mailbox) == []
    with clock.frozen(later + OUTBOX_BACKOFF_LONGEST):
        assert relay.hand_over_all() == 0


def the_notice() -> Outbox:
    """The row of the notice as it is now."""
    db.session.rollback()
    return db.session.scalars(select(Outbox).where(Outbox.job == "send_notice")).one()


def recover(mortals: House) -> None:
    """Later and later, until nothing waits: what the relay's sweeps do by themselves."""
    later = clock.now()

    def nothing_waits() -> bool:
        nonlocal later
        later += OUTBOX_BACKOFF_LONGEST
        mortals.work(later)
        db.session.rollback()
        undone = select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None))
        return db.session.scalar(undone) == 0

    assert until(nothing_waits, SECONDS_TO_RECOVER)


def prepare_letter() -> None:
    """A decision whose letter is to be made."""
    decided()
    leave_only("make_letter")


def prepare_notice() -> None:
    """A made letter whose person is to be told."""
    letters.make(SERVICES["registration"], decided())
    leave_only("send_notice")


def prepare_lapse() -> None:
    """Two requests for information that nobody answered in time."""
    with clock.frozen(clock.now() - timedelta(days=400)):
        for login in ("joseph", "peter"):
            bring_to(file_case(login, f"key of {login}"), Status.info_requested)
    leave_only("lapse_unanswered")
    outbox.write("lapse_unanswered")
    db.session.commit()


def leave_only(job: str) -> None:
    """Forget the other work of the story, so that the point is reached by this job and no other."""
    for row in db.session.scalars(select(Outbox)):
        if row.job != job or row.payload.get("notice") in ("received", "information_requested"):
            db.session.delete(row)
    db.session.commit()


def check_letter(mailbox) -> None:
    """One letter, one notice, and the person is told."""
    letter = db.session.scalars(select(Letter)).one()
    assert letters.open_pdf(letter).startswith(b"%PDF")
    check_notice(mailbox)


def check_notice(mailbox) -> None:
    """The decision is notified, by one notice; its mail may have come twice, under one Message-ID."""
    decision = db.session.scalars(select(Letter)).one().decision
    assert decision.notified_how == letters.EMAIL
    assert decision.appeal_by is not None
    assert told(decision.case_id, ["notify"]) == 1
    row = db.session.scalars(select(Outbox).where(Outbox.job == "send_notice")).one()
    arrived = [message["Message-ID"] for message in received(mailbox)]
    assert set(arrived) == {f"<outbox-{row.id}@example.org>"}
    assert len(arrived) <= 2


def check_lapse(mailbox) -> None:
    """Each case lapsed once, and each person was told once."""
    assert {case.status for case in db.session.scalars(select(Case))} == {Status.lapsed}
    lapses = db.session.scalars(select(CaseEvent.case_id).where(CaseEvent.step == "lapse")).all()
    assert len(lapses) == len(set(lapses)) == 2
    arrived = [message["Message-ID"] for message in received(mailbox)]
    assert len(arrived) == len(set(arrived)) == 2


PREPARE = {"make_letter": prepare_letter, "send_notice": prepare_notice, "lapse_unanswered": prepare_lapse}
CHECK = {"make_letter": check_letter, "send_notice": check_notice, "lapse_unanswered": check_lapse}
