"""Several lists, or all that hangs on one row, read with one statement, however many kinds of rows that is.

Joined one beside the other, two collections would multiply each other's rows. So the result has a part for
each: `parts` numbers them, and a collection is joined in its own part only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Values, column, func, select, true, values
from sqlalchemy.orm import Load, QueryableAttribute, aliased, contains_eager, joinedload

from app.extensions import db


@dataclass(frozen=True)
class Beside:
    """Rows of another table that a page needs as well: which, and their order."""

    model: Any
    condition: ColumnElement[bool]
    order: Any


@dataclass(frozen=True)
class Wanted:
    """A list: rows of a model in an order, at most so many, each with these relations."""

    model: Any
    condition: ColumnElement[bool]
    order: ColumnElement[Any]
    most: int
    relations: Sequence[QueryableAttribute[Any]] = ()


@dataclass(frozen=True)
class Rows:
    """Of a list the rows that were wanted, in order, and how many there are in all."""

    rows: list[Any]
    total: int


def lists(**wanted: Wanted) -> dict[str, Rows]:
    """Several lists by their names."""
    parts = _parts(len(wanted))
    found: Any = select().select_from(parts)
    places = []
    for place, one in enumerate(wanted.values()):
        nth = func.row_number().over(order_by=one.order).label("nth")
        inner = select(one.model.__table__, nth, func.count().over().label("total")).where(one.condition)
        rows = inner.order_by(one.order).limit(one.most).subquery()
        model = aliased(one.model, rows)
        found = found.add_columns(model, rows.c.total).outerjoin(model, parts.c.number == place)
        found = found.options(*(joinedload(getattr(model, relation.key)) for relation in one.relations))
        places.append(rows.c.nth)
    lines = db.session.execute(found.order_by(parts.c.number, *places)).unique().all()
    return {name: _rows(lines, 2 * place) for place, name in enumerate(wanted)}


def _rows(lines: Sequence[Any], place: int) -> Rows:
    """The rows in two columns of the result: the row itself, and how many there are."""
    there = {line[place]: line[place + 1] for line in lines if line[place] is not None}
    return Rows(list(there), next(iter(there.values()), 0))


def _parts(many: int) -> Values:
    return values(column("number", Integer), name="parts").data([(place,) for place in range(many)])


def load(
    row: Any,
    *relations: QueryableAttribute[Any],
    beside: Mapping[str, Beside] | None = None,
    deeper: Mapping[str, Sequence[Any]] | None = None,
) -> dict[str, list[Any]]:
    """Fill these relations of a row that is loaded, and give the rows of each table `beside` it, in order.

    A relation that was loaded before stays as it is. `deeper` says by the name of a relation what is loaded
    with its rows: to one each. A relation over a table between is none to give here.
    """
    beside, deeper = beside or {}, deeper or {}
    model, many = type(row), [relation for relation in relations if relation.property.uselist]
    keys = [relation.key for relation in many] + list(beside)
    parts = _parts(len(keys))
    is_part = {key: parts.c.number == place for place, key in enumerate(keys)}
    wanted = select(model, *(one.model for one in beside.values())).select_from(model).join(parts, true())
    for relation in relations:
        own = getattr(model, relation.key)
        if own.key in is_part:
            wanted = wanted.outerjoin(own.and_(is_part[own.key]))
        how = contains_eager(own) if own.key in is_part else joinedload(own)
        wanted = wanted.options(how.options(*deeper.get(own.key, ())))
    for name, one in beside.items():
        wanted = wanted.outerjoin(one.model, one.condition & is_part[name])
    order = [by for relation in many for by in relation.property.order_by or ()]
    wanted = wanted.options(Load(model).load_only(model.id).lazyload("*"))
    wanted = wanted.where(model.id == row.id)
    wanted = wanted.order_by(parts.c.number, *order, *(one.order for one in beside.values()))
    found = db.session.execute(wanted).unique().all()
    return {
        name: [line[place] for line in found if line[place] is not None]
        for place, name in enumerate(beside, start=1)
    }
