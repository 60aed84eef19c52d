"""Entries are written with what they tell, just before the commit: all or nothing, no gap, no fork."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import AuditEntry, AuditHead, Holiday
from app.services import audit

THREADS = 8
EACH = 25


def entries_of(stream):
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.stream == stream).order_by(AuditEntry.seq)
    ).all()


def test_an_entry_says_who_did_what_when_and_to_what(chain):
    with clock.frozen(datetime(2026, 7, 2, 9, 14, 3, 250_000, UTC)):
        audit.record("case:1", "approve", 7, {"to": "approved"})
        db.session.commit()
    [entry] = entries_of("case:1")
    assert (entry.seq, entry.action, entry.actor_id) == (1, "approve", 7)
    assert entry.recorded_at == datetime(2026, 7, 2, 9, 14, 3, 250_000, UTC)
    assert '"subject":{"to":"approved"}' in entry.content


def test_what_the_machinery_does_has_no_actor(chain):
    audit.record("day:2026-07-02", "purge", None, {})
    db.session.commit()
    assert entries_of("day:2026-07-02")[0].actor_id is None


def test_entries_of_one_transaction_keep_their_order_in_each_stream(chain):
    for number in range(3):
        audit.record("case:2", f"second_{number}", 7, {})
        audit.record("case:1", f"first_{number}", 7, {})
    db.session.commit()
    assert [entry.action for entry in entries_of("case:2")] == ["second_0", "second_1", "second_2"]
    assert [entry.seq for entry in entries_of("case:1")] == [1, 2, 3]
    assert chain.verify().is_sound


def test_a_rolled_back_transaction_leaves_nothing(chain):
    audit.record("case:1", "approve", 7, {})
    db.session.rollback()
    audit.record("case:2", "approve", 7, {})
    db.session.commit()
    assert [head.stream for head in db.session.scalars(select(AuditHead))] == ["case:2"]
    assert chain.verify().entries == 1


def test_a_transaction_that_fails_while_committing_leaves_nothing(chain):
    day = db.session.scalars(select(Holiday.day)).first()
    audit.record("case:1", "approve", 7, {})
    db.session.add(Holiday(day=day, name_fr="x", name_en="x"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
    db.session.commit()
    assert chain.verify().entries == 0


def test_a_session_closed_without_commit_passes_nothing_on(chain):
    audit.record("case:1", "approve", 7, {})
    db.session.close()
    db.session.commit()
    assert chain.verify().entries == 0


def test_what_a_savepoint_undoes_is_not_recorded(chain):
    audit.record("case:1", "before", 7, {})
    undone = db.session.begin_nested()
    audit.record("case:1", "undone", 7, {})
    with db.session.begin_nested():
        audit.record("case:1", "undone_with_it", 7, {})
    undone.rollback()
    with db.session.begin_nested():
        audit.record("case:1", "kept", 7, {})
    assert entries_of("case:1") == []
    db.session.commit()
    assert [entry.action for entry in entries_of("case:1")] == ["before", "kept"]


def test_nothing_is_asked_of_the_database_before_the_commit_and_little_then(chain):
    chain.write("case:1", 1)
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    audit.record("case:1", "approve", 7, {})
    assert statements == []
    db.session.commit()
    assert len(statements) == 2


def test_recording_while_the_commit_is_under_way_is_refused(chain):
    def late(_session):
        audit.record("case:1", "too_late", 7, {})

    event.listen(db.session(), "before_commit", late)
    audit.record("case:1", "approve", 7, {})
    with pytest.raises(audit.TooLate):
        db.session.commit()
    event.remove(db.session(), "before_commit", late)
    db.session.rollback()
    assert chain.verify().entries == 0


@pytest.mark.parametrize(
    "wrong",
    [{"action": "a" * 65}, {"stream": "nothing"}, {"personal": {"reason": "x"}}, {"subject": {"a": 0.1}}],
)
def test_what_cannot_be_recorded_is_refused_at_once(chain, wrong):
    right = {"stream": "case:1", "action": "approve", "actor_id": 7, "subject": {}}
    with pytest.raises((ValueError, TypeError)):
        audit.record(**(right | wrong))


def test_eight_writers_leave_no_gap_no_fork_and_no_deadlock(chain):
    barrier = threading.Barrier(THREADS)

    def write(writer):
        barrier.wait(10)
        with chain.app.app_context():
            for number in range(EACH):
                streams = ["case:1", f"case:{2 + writer}", "case:99"]
                for stream in streams if writer % 2 else streams[::-1]:
                    audit.record(stream, "approve", writer, {"number": number}, {"note": "x"}, 1 + number % 3)
                db.session.commit()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(write, writer) for writer in range(THREADS)]:
            done.result(60)
    report = chain.verify()
    assert report.findings == ()
    assert report.entries == THREADS * EACH * 3
    assert [entry.seq for entry in entries_of("case:1")] == list(range(1, THREADS * EACH + 1))


def test_a_writer_that_waits_for_the_same_new_stream_goes_on_after_it(chain):
    audit.record("case:1", "first", 7, {})
    db.session.flush()
    with db.engine.connect() as other:
        other.execute(text("INSERT INTO audit_head VALUES ('case:1', 0, '', '')"))
        waiting = threading.Event()
        done = threading.Thread(target=_commit_elsewhere, args=(chain.app, waiting))
        done.start()
        assert waiting.wait(10)
        other.rollback()
        done.join(20)
        assert not done.is_alive()
    db.session.commit()
    assert sorted(entry.action for entry in entries_of("case:1")) == ["elsewhere", "first"]
    assert chain.verify().is_sound


def _commit_elsewhere(app, waiting):
    with app.app_context():
        audit.record("case:1", "elsewhere", 8, {})
        waiting.set()
        db.session.commit()
