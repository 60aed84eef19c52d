"""Eight writers, each a process of its own as web workers are, that take steps on cases when told to."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from sqlalchemy import insert, select, update

from app import clock, create_app
from app.extensions import db
from app.models import Account, Case, CaseEvent, Outbox
from app.services import audit
from app.workflow import Actor, Status
from config import load

WRITERS = 8
CASES = 500
SIDES = ("plain", "audit", "audit, personal values", "audit, one stream for all")
_CASE, _EVENT, _OUTBOX = Case.__table__, CaseEvent.__table__, Outbox.__table__


Serve = Callable[[dict[str, str], int, Connection], None]
"""What each process does: say "done" when ready, then after each order, until the order is None."""


class Writers:
    """The processes, started once; each run is a side and a number of transactions for each."""

    def __init__(self, environ: dict[str, str], serve: "Serve | None" = None, writers: int = WRITERS) -> None:
        context = get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for number in range(writers):
            mine, theirs = context.Pipe()
            process = context.Process(target=serve or _serve, args=(environ, number, theirs), daemon=True)
            process.start()
            theirs.close()  # ours alone would keep the end of a dead writer from being seen
            self._ends.append(mine)
            self._processes.append(process)

    def __enter__(self) -> "Writers":
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in self._ends:
            with suppress(BrokenPipeError):
                end.send(None)
        for process in self._processes:
            process.join(30)

    def run(self, side: str, transactions: int) -> float:
        """Seconds until the last writer has done so many transactions."""
        started = time.perf_counter()
        for end in self._ends:
            end.send((side, transactions))
        self._wait()
        return time.perf_counter() - started

    def _wait(self) -> None:
        for end in self._ends:
            try:
                if not end.poll(600) or end.recv() != "done":
                    raise SystemExit("A writer failed.")
            except EOFError:
                raise SystemExit("A writer failed.") from None


def prepare_cases(environ: dict[str, str]) -> None:
    """The cases to take steps on."""
    app = create_app(load(environ))
    with app.app_context():
        owner = Account(
            first_name="A",
            last_name="B",
            username="a@b",
            email="a@b",
            password="x",
            active=True,  # noqa: S106
        )
        db.session.add(owner)
        db.session.flush()
        row = {"service": "registration", "owner_id": owner.id, "language": "fr", "created_at": clock.now()}
        rows: list[dict[str, Any]] = [
            row | {"public_id": f"p{number}", "status": Status.draft, "version": 1} for number in range(CASES)
        ]
        db.session.execute(insert(_CASE), rows)
        db.session.commit()
        db.engine.dispose()


def _serve(environ: dict[str, str], number: int, end: Connection) -> None:
    app = create_app(load(environ))
    rnd = random.Random(number)
    with app.app_context():
        cases = db.session.scalars(select(_CASE.c.id).order_by(_CASE.c.id)).all()
        db.session.commit()
        end.send("done")
        while order := end.recv():
            side, transactions = order
            for _transaction in range(transactions):
                _take_step(side, rnd.choice(cases), number)
            end.send("done")
        db.engine.dispose()


def _take_step(side: str, case_id: int, account: int) -> None:
    """What a step of a case writes at the least: the case, its event, the outbox; then the audit entry."""
    now = clock.now()
    db.session.execute(select(_CASE.c.id).where(_CASE.c.id == case_id).with_for_update())
    db.session.execute(update(_CASE).where(_CASE.c.id == case_id).values(version=_CASE.c.version + 1))
    event = {
        "from_status": Status.draft,
        "to_status": Status.draft,
        "actor": Actor.system,
        "happened_at": now,
    }
    db.session.execute(insert(_EVENT).values(case_id=case_id, step="take", **event))
    work = {"job": "send_notice", "payload": {"case_id": case_id}, "created_at": now, "next_try_at": now}
    db.session.execute(insert(_OUTBOX).values(attempts=0, failures=0, **work))
    if side != "plain":
        _record(side, case_id, account)
    db.session.commit()


def _record(side: str, case_id: int, account: int) -> None:
    stream = "day:2026-07-02" if side == SIDES[3] else f"case:{case_id}"
    subject = {"case": case_id, "service": "registration", "from": "draft", "to": "draft", "step": "take"}
    personal = {"reason": "L’acte de naissance est illisible."} if side == SIDES[2] else None
    audit.record(stream, "take", account, subject, personal, case_id if personal else None)
