"""The law's figures as a list, at a day or with their history, and what changed between two days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .law import Law
from .parameters import Parameter, Period, Table, shown_value
from .values import exactly
from .wording import typeset, wording


def figures(law: Law, lang: str, on: date | None = None) -> list[dict[str, Any]]:
    """Every figure of the law with its source and unit, and its history or its value on a day."""
    rows = []
    for kind, each in _all(law):
        row = _head(law, kind, each, lang)
        periods = [_period(law, each, index, lang) for index in range(len(each.periods))]
        if on is None:
            row["values"] = periods
        else:
            period = each.period_at(on)
            row |= periods[each.periods.index(period)] if period else _NOTHING
        rows.append(row)
    return rows


def differences(law: Law, before: date, after: date, lang: str) -> list[dict[str, Any]]:
    """The figures whose value differs between two days, and the days on which they changed."""
    rows = []
    for kind, each in _all(law):
        old, new = each.at(before), each.at(after)
        found = None
        if shown_value(old) != shown_value(new):
            found = {"before": shown_value(old), "after": shown_value(new)}
            found |= {"changed_on": _changes(each, before, after)}
            found |= {"words": _words_of_change(law, each, old, new, lang)}
        elif each.key == "year" and before.year != after.year:
            found = _change_of_year(law, each, new, (before.year, after.year), lang)
        if found is not None:
            rows.append(_head(law, kind, each, lang) | found)
    return rows


def _change_of_year(
    law: Law, parameter: Parameter, table: Table, years: tuple[int, int], lang: str
) -> dict[str, Any] | None:
    """The rows of two years in a table by year, where they differ; a year without a row yet says nothing."""
    old, new = (table.get(year) for year in years)
    if new is None or old == new:
        return None
    words = {"before": said(law, parameter, old, lang), "after": said(law, parameter, new, lang)}
    before, after = ({str(year): shown_value(value)} for year, value in zip(years, (old, new), strict=True))
    return {
        "before": before if old is not None else None,
        "after": after,
        "changed_on": [],
        "words": [{"key": None, **words}],
    }


_NOTHING = {"since": None, "until": None, "ends": None, "value": None, "words": None}


def _head(law: Law, kind: str, parameter: Parameter, lang: str) -> dict[str, Any]:
    return {
        "id": parameter.name,
        "kind": kind,
        "label": typeset(parameter.label[lang], lang),
        "labels": {each: typeset(text, each) for each, text in parameter.label.items()},
        "source": parameter.source,
        "unit": parameter.unit,
        "counts": parameter.counts,
        "group": law.group(parameter.name),
    }


def _changes(parameter: Parameter, before: date, after: date) -> list[str]:
    first, last = sorted((before, after))
    return [day.isoformat() for day in sorted(set(parameter.changes())) if first < day <= last]


def _words_of_change(law: Law, parameter: Parameter, old: Any, new: Any, lang: str) -> list[dict[str, Any]]:
    """Both values in words; of a table, one line for each row that differs."""
    if not isinstance(old or new, Table):
        sides = (said(law, parameter, value, lang) for value in (old, new))
        return [dict(zip(("key", "before", "after"), (None, *sides), strict=True))]
    rows, others = (side.rows if side else {} for side in (old, new))
    return [
        {
            "key": str(key),
            "before": said(law, parameter, rows.get(key), lang),
            "after": said(law, parameter, others.get(key), lang),
        }
        for key in {**rows, **others}
        if rows.get(key) != others.get(key)
    ]


def _all(law: Law) -> list[tuple[str, Parameter]]:
    singles = [("parameter", each) for each in law.parameters.values()]
    return singles + [("table", each) for each in law.tables.values()]


def _period(law: Law, parameter: Parameter, index: int, lang: str) -> dict[str, Any]:
    """One value with its dates: `until` as the law states it, `ends` where the next value takes over."""
    period = parameter.periods[index]
    following = parameter.dates[index + 1 :]
    ends = period.until or (following[0] - timedelta(days=1) if following else None)
    return {
        "since": None if period.since == date.min else period.since.isoformat(),
        "until": period.until.isoformat() if period.until else None,
        "ends": ends.isoformat() if ends else None,
        "value": shown_value(period.value),
        "words": _words_of(law, parameter, period, lang),
    }


def _words_of(law: Law, parameter: Parameter, period: Period, lang: str) -> Any:
    """The value in words; a table as its rows in words."""
    if isinstance(period.value, Table):
        rows = period.value.rows
        return {str(key): said(law, parameter, value, lang) for key, value in rows.items()}
    return said(law, parameter, period.value, lang)


def said(law: Law, parameter: Parameter, value: Any, lang: str) -> str | None:
    """A value of a figure as people read it; None where there is none."""
    if value is None:
        return None
    with exactly():
        return wording(lang).value(value, parameter.unit, parameter.counts, law.currency)
