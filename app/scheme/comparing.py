"""The law's figures as a list, at a day or with their history, and what changed between two days."""

from __future__ import annotations

from datetime import date
from typing import Any

from .law import Law
from .parameters import Parameter, Period, shown_value
from .wording import typeset


def figures(law: Law, lang: str, on: date | None = None) -> list[dict[str, Any]]:
    """Every figure of the law with its source and unit, and its history or its value on a day."""
    rows = []
    for kind, each in _all(law):
        row: dict[str, Any] = {
            "id": each.name,
            "kind": kind,
            "label": typeset(each.label[lang], lang),
            "source": each.source,
            "unit": each.unit,
            "counts": each.counts,
            "group": law.group(each.name),
        }
        if on is None:
            row["values"] = [_period(period) for period in each.periods]
        else:
            period = each.period_at(on)
            row |= _period(period) if period else {"since": None, "until": None, "value": None}
        rows.append(row)
    return rows


def differences(law: Law, before: date, after: date, lang: str) -> list[dict[str, Any]]:
    """The figures whose value differs between two days, and the days on which they changed."""
    rows = []
    for kind, each in _all(law):
        old, new = shown_value(each.at(before)), shown_value(each.at(after))
        if old == new:
            continue
        rows.append(
            {
                "id": each.name,
                "kind": kind,
                "label": typeset(each.label[lang], lang),
                "source": each.source,
                "unit": each.unit,
                "before": old,
                "after": new,
                "changed_on": _changes(each, before, after),
            }
        )
    return rows


def _changes(parameter: Parameter, before: date, after: date) -> list[str]:
    first, last = sorted((before, after))
    return [day.isoformat() for day in sorted(set(parameter.changes())) if first < day <= last]


def _all(law: Law) -> list[tuple[str, Parameter]]:
    singles = [("parameter", each) for each in law.parameters.values()]
    return singles + [("table", each) for each in law.tables.values()]


def _period(period: Period) -> dict[str, Any]:
    return {
        "since": None if period.since == date.min else period.since.isoformat(),
        "until": period.until.isoformat() if period.until else None,
        "value": shown_value(period.value),
    }
