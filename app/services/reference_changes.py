"""The history of reference data: each change of a row is written beside it, and in the audit chain.

Whatever writes a row through the models is heard (`app.models.ReferenceData`), whichever screen it came from.
"""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import Connection, event, insert, inspect, select
from sqlalchemy.orm import Mapper

from app import clock
from app.extensions import db
from app.models import Account, ReferenceChange, ReferenceData
from app.services import audit

ADDED, CHANGED, DELETED = "added", "changed", "deleted"
MOST_SHOWN = 50
_ACTOR = "reference_actor"


def _know_before(row: ReferenceData, value: Any, before: Any, initiator: Any) -> None:
    """Only heard: whoever listens so has what stood before read, also of a row that a commit made stale."""


for _kept in ReferenceData.__subclasses__():
    for _column in inspect(_kept).column_attrs:
        event.listen(_column.class_attribute, "set", _know_before, active_history=True)


def by(account: Account) -> None:
    """Say who makes the changes of reference data in this session from now on."""
    db.session.info[_ACTOR] = account.id


def of(row: ReferenceData) -> Sequence[ReferenceChange]:
    """The latest changes of one row, the newest first."""
    state = inspect(row)
    return db.session.scalars(
        select(ReferenceChange)
        .where(ReferenceChange.kind == _kind(state.mapper), ReferenceChange.row_id == state.identity[0])
        .order_by(ReferenceChange.id.desc())
        .limit(MOST_SHOWN)
    ).all()


@event.listens_for(ReferenceData, "after_insert", propagate=True)
def _added(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    _keep(mapper, connection, row, ADDED, {name: [None, now] for name, now in _values(mapper, row).items()})


@event.listens_for(ReferenceData, "after_update", propagate=True)
def _changed(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    """Only what differs; a row written as it was is no change."""
    differing = {}
    for name, now in _values(mapper, row).items():
        before = inspect(row).attrs[name].history.deleted
        if before and _plain(before[0]) != now:
            differing[name] = [_plain(before[0]), now]
    if differing:
        _keep(mapper, connection, row, CHANGED, differing)


@event.listens_for(ReferenceData, "after_delete", propagate=True)
def _deleted(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    _keep(mapper, connection, row, DELETED, {name: [was, None] for name, was in _values(mapper, row).items()})


def _keep(
    mapper: Mapper[Any], connection: Connection, row: Any, action: str, changes: dict[str, list[Any]]
) -> None:
    actor = db.session.info.get(_ACTOR)
    told = {
        "kind": _kind(mapper),
        "row_id": mapper.primary_key_from_instance(row)[0],
        "action": action,
        "changes": changes,
    }
    connection.execute(insert(ReferenceChange).values(**told, changed_at=clock.now(), account_id=actor))
    audit.record(f"day:{clock.today()}", "change_reference_data", actor, told)


def _values(mapper: Mapper[Any], row: Any) -> dict[str, Any]:
    """The row's own columns but its number, as JSON holds them."""
    return {
        name: _plain(getattr(row, name)) for name, column in mapper.columns.items() if not column.primary_key
    }


def _kind(mapper: Mapper[Any]) -> str:
    return str(mapper.class_.__tablename__)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
