"""The questions of a what-if evaluation: asked as the law declares them, checked by the engine alone.

A form is text by input name, and an input's name is the path of the field the engine would name in a refusal:
`person.birth_date`, `earnings[0].monthly`. Whatever is typed is kept and shown again as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _

from app.scheme import BadInput, Law
from app.scheme.inputs import Fact
from app.scheme.law import Benefit, Contributions
from app.scheme.wording import typeset, wording

CONTRIBUTIONS = "contributions"
FIRST_ROWS = {"earnings": 3, "credited": 1, "person.children": 2, "wages": 2}
MOST_ROWS = 200
MORE_ROWS = 3
PEOPLE_KINDS = {
    "person.birth_date": "date",
    "person.sex": "choice",
    "person.registered_on": "date",
    "person.married": "flag",
    "person.married_on": "date",
    "person.divorced_on": "date",
    "spouse.birth_date": "date",
    "spouse.pension": "amount",
}

_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})[/.](\d{4})", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}", re.ASCII)


@dataclass(frozen=True)
class Question:
    """One input: its name, what it is called, what kind of answer it takes."""

    name: str
    label: str
    kind: str
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    unit: str | None = None

    @property
    def id(self) -> str:
        """The input's id on the page."""
        return "q-" + re.sub(r"[^a-z0-9_]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True)
class Table:
    """Questions asked once for each line: periods of earnings, children, employers."""

    name: str
    label: str
    line: str
    columns: tuple[Question, ...]

    def row(self, index: int) -> list[Question]:
        """The questions of one line."""
        return [replace(each, name=f"{self.name}[{index}].{each.name}") for each in self.columns]


@dataclass
class WhatIf:
    """The questions of one benefit, with what was typed."""

    law: Law
    benefit: str
    lang: str
    typed: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def rows(self, table: Table) -> int:
        """How many lines of a table the page shows: those typed, and some empty ones."""
        stated = self.typed.get(f"{table.name}.rows", "")
        asked = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 4 else 0
        shown = max(asked, self.filled(table), FIRST_ROWS[table.name])
        return min(MOST_ROWS, shown + MORE_ROWS if self.typed.get("more") == table.name else shown)

    def filled(self, table: Table) -> int:
        """How many lines hold something, the empty ones between them closed up."""
        lines = (_line_of(name, table.name) for name, text in self.typed.items() if text.strip())
        return max((line + 1 for line in lines if line is not None), default=0)

    def question(self) -> dict[str, Any]:
        """What is asked of the engine, from what was typed; raises `BadInput` where that cannot be said."""
        asked: dict[str, Any] = {"scheme": self.law.name, "benefit": self.benefit}
        for each in self.questions:
            value = _answer(each, self.typed)
            if value is not None:
                _put(asked, each.name, value)
        if self.benefit == CONTRIBUTIONS:
            return asked | self._wages()
        for table in self.tables:
            lines = [_stated(table.row(index), self.typed) for index in range(self.filled(table))]
            if lines:
                _put(asked, table.name, lines)
        return asked

    def _wages(self) -> dict[str, Any]:
        """Wages, and classes where the law has some, by employer."""
        table = self.tables[0]
        parts: dict[str, dict[str, Any]] = {each.name: {} for each in table.columns[1:]}
        for index in range(self.filled(table)):
            line = _stated(table.row(index), self.typed)
            employer = line.pop("employer", None)
            if employer is None:
                raise BadInput(f"{table.name}[{index}].employer", "required")
            if employer in parts["wages"]:
                raise BadInput(f"{table.name}[{index}].employer", "twice")
            if "wages" not in line:
                raise BadInput(f"{table.name}[{index}].wages", "required")
            for name, value in line.items():
                parts[name][employer] = value
        return parts

    def input_of(self, path: str) -> str:
        """The input a refused field stands for; a field nobody asked here is the page's own affair."""
        if self.benefit == CONTRIBUTIONS:
            part, _dot, employer = path.partition(".")
            for index in range(self.filled(self.tables[0])):
                if employer and self.typed.get(f"wages[{index}].employer", "").strip() == employer:
                    return f"wages[{index}].{part}"
        return path

    def named(self, name: str) -> tuple[str, str] | None:
        """The id and full label of an input, or of a table; None when the page has none of that name."""
        for each in self.questions:
            if each.name == name:
                return each.id, each.label
        for table in self.tables:
            index = _line_of(name, table.name)
            if index is not None:
                return _cell(table, index, name)
            if name == table.name:
                return table.row(0)[0].id, table.label
        return None


def _cell(table: Table, index: int, name: str) -> tuple[str, str]:
    row = table.row(index)
    found = next((each for each in row if each.name == name), None)
    place = f"{table.line} {index + 1}"
    return (found.id, f"{place}, {found.label[:1].lower()}{found.label[1:]}") if found else (row[0].id, place)


def ask(law: Law, benefit: str, lang: str, posted: Mapping[str, str]) -> WhatIf:
    """The questions of a benefit, with what was typed; lines left empty in between are closed up."""
    form = WhatIf(law, benefit, lang)
    if benefit == CONTRIBUTIONS and law.contributions is not None:
        _ask_contributions(form, law.contributions)
    elif benefit in law.calculations:
        declared = law.calculations[benefit]
        facts = ((name, declared.facts[name], declared.fact_labels[name]) for name in declared.facts)
        form.questions = [
            _fact(name, fact, label[lang], name in declared.requires, form) for name, fact, label in facts
        ]
    else:
        _ask_benefit(form, law.benefits[benefit])
    form.typed = _closed_up(form.tables, posted)
    return form


def benefits(law: Law, lang: str) -> list[tuple[str, str]]:
    """All that a law can be asked: name and label."""
    named = [*law.benefits.items(), *law.calculations.items()]
    found = [(name, typeset(each.label[lang], lang)) for name, each in named]
    if law.contributions:
        found.append((CONTRIBUTIONS, typeset(law.contributions.label[lang], lang)))
    return found


def iso_day(text: str) -> str:
    """A day typed as 1/7/2026 or 1.7.2026 as 2026-07-01; anything else as it is."""
    match = _DAY_FIRST.fullmatch(text)
    return f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}" if match else text


def counted_in(lang: str) -> dict[str, str]:
    """What counts are counted in: months, years, children."""
    return {name: _capital(forms[-1]) for name, forms in wording(lang).units.items()}


def _ask_benefit(form: WhatIf, benefit: Benefit) -> None:
    names = {name for _slot, name in benefit.inputs}
    insured = benefit.insured is not None
    form.questions = [*_about_people(form, names), *_about_facts(form, names, benefit.requires)]
    if "person.children" in names:
        form.tables.append(_children(form))
    if insured or "career" in names:
        form.tables.append(_earnings_by_year(form) if form.law.by_year else _earnings_by_month(form))
    if insured and form.law.insurance.credited:
        form.tables.append(_credited(form))


def _about_people(form: WhatIf, names: set[str]) -> list[Question]:
    """The day asked, and what the benefit reads of the person and the spouse."""
    labels = wording(form.lang).inputs
    found = [Question("on", _capital(labels["on"]), "date", True)]
    for key, kind in PEOPLE_KINDS.items():
        if key in names:
            choices = (("F", _("Female")), ("M", _("Male"))) if kind == "choice" else ()
            unit = _symbol(form) if kind == "amount" else None
            required = key == "person.birth_date"
            found.append(Question(key, _capital(labels[key]), kind, required, choices, unit))
    return found


def _about_facts(form: WhatIf, names: set[str], required: tuple[str, ...]) -> list[Question]:
    law = form.law
    return [
        _fact(f"facts.{key}", fact, law.fact_label(key)[form.lang], key in required, form)
        for key, fact in law.facts.items()
        if f"facts.{key}" in names
    ]


def _ask_contributions(form: WhatIf, rules: Contributions) -> None:
    kind = "month" if rules.period == "month" else "year"
    form.questions = [Question(rules.period, _("Month") if kind == "month" else _("Year"), kind, True)]
    columns = [
        Question("employer", _("Employer"), "text"),
        Question("wages", _("Wage"), "amount", unit=_symbol(form)),
    ]
    for by, tables in rules.classes().items():
        rows = tables[0].periods[-1].value.rows
        label = typeset(tables[0].label[form.lang], form.lang)
        choices = tuple((str(key), str(key)) for key in rows)
        columns.append(Question(by, _capital(label), "choice", choices=choices))
    form.tables = [Table("wages", _("Wages of the period"), _("Employer"), tuple(columns))]


def _fact(name: str, fact: Fact, label: str, required: bool, form: WhatIf) -> Question:
    kind = "choice" if fact.choices else fact.type
    if fact.type == "flag" and fact.default is None:
        kind = "yes_no"
    unit = _symbol(form) if fact.type == "amount" else None
    choices = tuple((each, each) for each in fact.choices)
    return Question(name, _capital(typeset(label, form.lang)), kind, required, choices, unit)


def _children(form: WhatIf) -> Table:
    flags = form.law.data["scheme"].get("child_flags", {})
    born = Question("birth_date", _("Date of birth"), "date")
    states = [Question(name, _capital(label[form.lang]), "flag") for name, label in flags.items()]
    return Table("person.children", _("Children"), _("Child"), (born, *states))


def _earnings_by_month(form: WhatIf) -> Table:
    columns = [
        Question("from", _("First month"), "month"),
        Question("to", _("Last month"), "month"),
        Question("monthly", _("Monthly wage"), "amount", unit=_symbol(form)),
        Question("employer", _("Employer"), "text"),
    ]
    if form.law.insurance.days_floor is not None:
        columns.append(Question("days", _("Days worked each month"), "count"))
    return Table("earnings", _("Earnings"), _("Period"), tuple(columns))


def _earnings_by_year(form: WhatIf) -> Table:
    columns = (
        Question("year", _("Year"), "year"),
        Question("annual", _("Earnings of the year"), "amount", unit=_symbol(form)),
        Question("employer", _("Employer"), "text"),
    )
    return Table("earnings", _("Earnings"), _("Year"), columns)


def _credited(form: WhatIf) -> Table:
    kinds = form.law.data["insurance"]["credited"]
    choices = tuple((name, _capital(typeset(kinds[name]["label"][form.lang], form.lang))) for name in kinds)
    columns = (
        Question("from", _("First month"), "month"),
        Question("to", _("Last month"), "month"),
        Question("kind", _("Ground"), "choice", choices=choices),
    )
    return Table("credited", _("Credited periods"), _("Credited period"), columns)


def _symbol(form: WhatIf) -> str:
    return form.law.currency.symbol[form.lang]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line_of(name: str, table: str) -> int | None:
    """The line of a table an input belongs to."""
    match = re.match(rf"{re.escape(table)}\[(\d{{1,4}})\]", name, re.ASCII)
    return int(match[1]) if match else None


def _closed_up(tables: Iterable[Table], posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, the lines of each table numbered anew without the empty ones."""
    typed = dict(posted)
    for table in tables:
        lines = sorted({line for line, _key, _text in _typed_lines(table, posted)})
        places = {line: place for place, line in enumerate(lines[:MOST_ROWS])}
        for name in [name for name in typed if _line_of(name, table.name) is not None]:
            del typed[name]
        for line, key, text in _typed_lines(table, posted):
            if line in places:
                typed[f"{table.name}[{places[line]}].{key}"] = text
    return typed


def _typed_lines(table: Table, posted: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
    for name, text in posted.items():
        line = _line_of(name, table.name)
        if line is not None and text.strip():
            yield line, name.partition("].")[2], text


def _stated(row: list[Question], typed: Mapping[str, str]) -> dict[str, Any]:
    answers = ((each.name.rpartition("].")[2], _answer(each, typed)) for each in row)
    return {name: value for name, value in answers if value is not None}


def _answer(question: Question, typed: Mapping[str, str]) -> Any:
    """An answer as the engine takes it; None when nothing was typed."""
    text = typed.get(question.name, "").strip()
    if not text:
        return None
    if question.kind in ("flag", "yes_no"):
        return {"true": True, "false": False}.get(text, text)
    if question.kind == "date":
        return iso_day(text)
    if question.kind == "month" and (match := _MONTH_FIRST.fullmatch(text)):
        return f"{match[2]}-{match[1]:0>2}"
    if question.kind in ("amount", "number", "count"):
        digits = re.sub(r"\s", "", text)
        return digits.replace(",", ".") if _DECIMAL_COMMA.fullmatch(digits) else digits
    return text


def _put(asked: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a path of one or two names."""
    part, _dot, key = path.partition(".")
    if key:
        asked.setdefault(part, {})[key] = value
    else:
        asked[part] = value
