"""A question put to a law: which benefit, from which day, for whom; checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .career import Career
from .earnings import Terms, parse_career
from .inputs import Fact, as_date, as_text, check_order, known_keys, need, parse_facts, parse_person
from .law import Benefit, Law
from .refusals import BadInput
from .values import exactly, month_of

FIELDS = ("scheme", "benefit", "on", "person", "earnings", "credited", "facts", "spouse")
SPOUSE_FIELDS = ("birth_date", "earnings", "credited", "pension")
_PENSION = Fact("pension", "amount")


@dataclass(slots=True)
class Claim:
    """A checked question: typed values by name, ready for any number of evaluations."""

    law: Law
    benefit: Benefit
    on: date
    values: dict[str, Any]
    career: Career


def parse_claim(law: Law, data: Any) -> Claim:
    """Check a question in the form of the contract; `BadInput` names the first field at fault."""
    if not isinstance(data, Mapping):
        raise BadInput("(input)", "object")
    with exactly():
        return _parse(law, data)


def _parse(law: Law, data: Mapping[str, Any]) -> Claim:
    benefit = law.benefit(as_text(need(data, "benefit", ""), "benefit"))
    if benefit.name in law.calculations:
        return _calculation(law, benefit, data)
    known_keys(data, FIELDS, "")
    asked = as_date(need(data, "on", ""), "on")
    on = benefit.first_day(asked)
    person = parse_person(_or_nothing(data.get("person")), "person", law.child_flags, asked)
    facts = parse_facts(law.facts, _or_nothing(data.get("facts")), "facts", law.currency)
    values: dict[str, Any] = {f"person.{key}": value for key, value in person.items()}
    values |= {f"facts.{name}": fact.default for name, fact in law.facts.items() if fact.default is not None}
    values |= {f"facts.{name}": value for name, value in facts.items()}
    values["on"] = on
    check_order(law.facts, "facts.", values, law.stated_label)
    career = parse_career(data, _terms(law, person.get("birth_date")))
    values |= {"career": career} | _spouse(law, data.get("spouse"), asked)
    _check_required(benefit, values)
    return Claim(law, benefit, on, values, career)


def _or_nothing(stated: Any) -> Any:
    """A part left out (or null) states nothing; anything else is checked as it is."""
    return {} if stated is None else stated


def _check_required(benefit: Benefit, values: Mapping[str, Any]) -> None:
    """What the benefit cannot do without; the law's own conditions look after the rest."""
    names = {name for _, name in benefit.inputs}
    if "person.birth_date" in names and values.get("person.birth_date") is None:
        raise BadInput("person.birth_date", "required")
    for fact in benefit.requires:
        if values.get(f"facts.{fact}") is None:
            raise BadInput(f"facts.{fact}", "required")


def _spouse(law: Law, data: Any, on: date) -> dict[str, Any]:
    if data is None:
        return {"spouse.career": Career()}
    stated = known_keys(data, SPOUSE_FIELDS, "spouse")
    result: dict[str, Any] = {}
    if stated.get("birth_date") is not None:
        born = as_date(stated["birth_date"], "spouse.birth_date")
        if born > on:
            raise BadInput("spouse.birth_date", "after_day", day=on)
        result["spouse.birth_date"] = born
    if stated.get("pension") is not None:
        facts = parse_facts({"pension": _PENSION}, {"pension": stated["pension"]}, "spouse", law.currency)
        result["spouse.pension"] = facts["pension"]
    result["spouse.career"] = parse_career(stated, _terms(law, result.get("spouse.birth_date")), "spouse.")
    return result


def _terms(law: Law, born: date | None) -> Terms:
    """How a career is stated under a law, by somebody born on a day."""
    return Terms(law.currency, tuple(law.insurance.credited), law.by_year, month_of(born) if born else None)


def _calculation(law: Law, benefit: Benefit, data: Mapping[str, Any]) -> Claim:
    known_keys(data, ("scheme", "benefit", *benefit.facts), "")
    stated = {name: data[name] for name in benefit.facts if name in data}
    facts = parse_facts(benefit.facts, stated, "", law.currency)
    for name in benefit.requires:
        if name not in facts:
            raise BadInput(name, "required")
    values = {
        f"input.{name}": fact.default for name, fact in benefit.facts.items() if fact.default is not None
    }
    values |= {f"input.{name}": value for name, value in facts.items()}
    on: date = facts[benefit.on]
    check_order(benefit.facts, "input.", values, benefit.input_label)
    return Claim(law, benefit, on, values | {"on": on}, Career())


def typed_claim(
    law: Law, benefit: str, on: date, career: Career, person: Mapping[str, Any], facts: Mapping[str, Any]
) -> Claim:
    """A claim from values already typed and checked (rows of a database), for batches: no JSON in between."""
    chosen = law.benefit(benefit)
    on = chosen.first_day(on)
    values: dict[str, Any] = {**law.assumed, "person.children": [], "spouse.career": Career()}
    values |= {f"person.{key}": value for key, value in person.items()}
    values |= {f"facts.{key}": value for key, value in facts.items()}
    values |= {"on": on, "career": career}
    _check_required(chosen, values)
    return Claim(law, chosen, on, values, career)
