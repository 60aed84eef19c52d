"""Every bad question is refused by the name of its field; nothing else is ever raised."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheme import BadInput, Law, evaluate, load, load_text
from app.scheme.wording import wording
from tests.trials import trials

from .cases import OLD_AGE, changed

SPAN = {"from": "2020-01", "to": "2020-12", "monthly": "240000"}
CHILD = {"birth_date": "2015-01-01"}
US = {
    "scheme": "us-oasi",
    "benefit": "old_age",
    "on": "2025-02-01",
    "person": {"birth_date": "1963-01-02"},
    "earnings": [{"year": 2000, "annual": "40000"}],
}
CPP = {**US, "scheme": "ca-cpp"}
CONTRIBUTIONS = {
    "scheme": "demo",
    "benefit": "contributions",
    "month": "2026-05",
    "wages": {"E1": "400000"},
    "risk_class": {"E1": "A"},
}
PENALTY = {
    "scheme": "demo",
    "benefit": "late_penalty",
    "amount": "100000",
    "wages_month": "2022-12",
    "paid_on": "2026-06-01",
}

REFUND = {
    "scheme": "demo",
    "benefit": "refund_time_limit",
    "paid_on": "2026-01-10",
    "asked_on": "2026-06-01",
}

ABSURD = ("1000-01-01", "9999-12-31")
BIRTHS = ("expected_birth", "leave_from")
DISABILITY = {
    **OLD_AGE,
    "benefit": "disability",
    "facts": {"onset": "2024-03-10", "loss_percent": 70, "accident": False},
}
SICKNESS = {**OLD_AGE, "benefit": "sickness", "facts": {"from": "2026-03-10", "to": "2026-03-31"}}
MATERNITY = {**OLD_AGE, "benefit": "maternity", "facts": {"expected_birth": "2026-08-01"}}

CASES: list[tuple[dict[str, Any], str, Any, str]] = [
    (OLD_AGE, "surprise", 1, "surprise"),
    (OLD_AGE, "scheme", "atlantis", "scheme"),
    (OLD_AGE, "scheme", None, "scheme"),
    (OLD_AGE, "scheme", ["demo"], "scheme"),
    (OLD_AGE, "benefit", "holiday", "benefit"),
    (OLD_AGE, "benefit", {}, "benefit"),
    (OLD_AGE, "on", "2026-02-30", "on"),
    (OLD_AGE, "on", "2026-W27-3", "on"),
    (OLD_AGE, "on", "20260701", "on"),
    (OLD_AGE, "on", 20260701, "on"),
    (OLD_AGE, "on", "0026-07-01", "on"),
    (OLD_AGE, "on", "9999-12-31", "on"),
    (OLD_AGE, "on", None, "on"),
    (OLD_AGE, "person", "Jane", "person"),
    (OLD_AGE, "person.birth_date", "2027-01-01", "person.birth_date"),
    (OLD_AGE, "person.birth_date", "1890-01-01", "person.birth_date"),
    (OLD_AGE, "person.birth_date", None, "person.birth_date"),
    (OLD_AGE, "person.sex", "female", "person.sex"),
    (OLD_AGE, "person.shoe_size", 42, "person.shoe_size"),
    (OLD_AGE, "person.married", "yes", "person.married"),
    (OLD_AGE, "person.registered_on", "1960-01-01", "person.registered_on"),
    (OLD_AGE, "person.children", CHILD, "person.children"),
    (OLD_AGE, "person.children", [{}], "person.children[0].birth_date"),
    (OLD_AGE, "person.children", [CHILD | {"clever": True}], "person.children[0].clever"),
    (OLD_AGE, "person.children", [CHILD | {"in_school": 1}], "person.children[0].in_school"),
    (OLD_AGE, "person.children", [{"birth_date": "1950-01-01"}], "person.children[0].birth_date"),
    (OLD_AGE, "facts.stopped_work_on", "yesterday", "facts.stopped_work_on"),
    (OLD_AGE, "facts.attendance", "true", "facts.attendance"),
    (OLD_AGE, "facts.star_sign", "leo", "facts.star_sign"),
    (OLD_AGE, "facts", [], "facts"),
    (OLD_AGE, "earnings", {}, "earnings"),
    (OLD_AGE, "earnings.0", "all", "earnings[0]"),
    (OLD_AGE, "earnings.0.monthly", "-1", "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", "240000.5", "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", 240000.0, "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", "NaN", "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", "1e9", "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", "9" * 40, "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", Decimal("1E+400"), "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", True, "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", None, "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.to", "2006-06", "earnings[0].to"),
    (OLD_AGE, "earnings.0.to", "2026-13", "earnings[0].to"),
    (OLD_AGE, "earnings.0.month", "2026-01", "earnings[0].from"),
    (OLD_AGE, "earnings.0.days", 32, "earnings[0].days"),
    (OLD_AGE, "earnings.0.days", -1, "earnings[0].days"),
    (OLD_AGE, "earnings.0.bonus", "1", "earnings[0].bonus"),
    (OLD_AGE, "earnings.0.employer", 7, "earnings[0].employer"),
    (OLD_AGE, "earnings", [SPAN, SPAN], "earnings[1]"),
    (OLD_AGE, "earnings", [SPAN, {**SPAN, "from": "2020-12", "to": "2021-03"}], "earnings[1]"),
    (OLD_AGE, "earnings", [{"month": "2020-06", "monthly": "1"}, SPAN], "earnings[1]"),
    (OLD_AGE, "earnings", [{"month": "2020-02", "monthly": "1", "days": 30}], "earnings[0].days"),
    (OLD_AGE, "earnings", [{"year": 2020, "annual": "1"}], "earnings[0].year"),
    (OLD_AGE, "earnings", [SPAN] * 6000, "earnings"),
    (OLD_AGE, "credited", [{"month": "2020-01", "kind": "gardening"}], "credited[0].kind"),
    (OLD_AGE, "credited", [{"month": "2020-01"}], "credited[0].kind"),
    (OLD_AGE, "credited", [{"kind": "maternity", "from": "2020-02"}], "credited[0].to"),
    (OLD_AGE, "spouse", {"pension": "-5"}, "spouse.pension"),
    (OLD_AGE, "spouse", {"birth_date": "2030-01-01"}, "spouse.birth_date"),
    (OLD_AGE, "spouse", {"earnings": [SPAN, SPAN]}, "spouse.earnings[1]"),
    (OLD_AGE, "earnings.0", {"from": "1960-01", "to": "1966-05", "monthly": "1"}, "earnings[0].from"),
    (OLD_AGE, "earnings.0.from", "1966-05", "earnings[0].from"),
    (OLD_AGE, "earnings.0", {"month": "1966-05", "monthly": "1"}, "earnings[0].month"),
    (OLD_AGE, "earnings.0.from", "1000-01", "earnings[0].from"),
    (OLD_AGE, "earnings.0.to", "9999-12", "earnings[0].to"),
    (OLD_AGE, "credited", [{"from": "1960-01", "to": "1960-06", "kind": "sickness"}], "credited[0].from"),
    (OLD_AGE, "credited", [{"month": "1966-05", "kind": "buy_back"}], "credited[0].month"),
    (OLD_AGE, "credited", [{"month": "9999-05", "kind": "buy_back"}], "credited[0].month"),
    (
        OLD_AGE,
        "spouse",
        {"birth_date": "1970-02-01", "earnings": [{"month": "1970-01", "monthly": "1"}]},
        "spouse.earnings[0].month",
    ),
    (OLD_AGE, "person.registered_on", "9999-01-01", "person.registered_on"),
    (OLD_AGE, "facts.stopped_work_on", "1966-06-14", "facts.stopped_work_on"),
    (DISABILITY, "facts.onset", "1966-06-14", "facts.onset"),
    (DISABILITY, "facts.onset", "2026-07-02", "facts.onset"),
    (SICKNESS, "facts.to", "2026-03-09", "facts.to"),
    (SICKNESS, "facts.from", "1966-06-14", "facts.from"),
    (SICKNESS, "facts.days_paid_last_12_months", 10**14, "facts.days_paid_last_12_months"),
    (MATERNITY, "facts.expected_birth", "1966-06-14", "facts.expected_birth"),
    (MATERNITY, "facts.leave_from", "1966-06-14", "facts.leave_from"),
    *((SICKNESS, f"facts.{key}", day, f"facts.{key}") for key in ("from", "to") for day in ABSURD),
    *((MATERNITY, f"facts.{key}", day, f"facts.{key}") for key in BIRTHS for day in ABSURD),
    *((DISABILITY, "facts.onset", day, "facts.onset") for day in ABSURD),
    (US, "earnings.0.year", 1962, "earnings[0].year"),
    (US, "facts", {"claim_from": "1962-12"}, "facts.claim_from"),
    (US, "earnings.0.annual", "40000.001", "earnings[0].annual"),
    (US, "earnings.0.year", "20", "earnings[0].year"),
    (US, "earnings.0.days", 3, "earnings[0].days"),
    (CPP, "on", "2035-02-01", "on"),
    (CPP, "on", "1960-02-01", "person.birth_date"),
    (US, "earnings", [{"year": 2000, "annual": "1"}] * 2, "earnings[1].year"),
    (US, "earnings", [{"year": 2000, "annual": "1"}, {"month": "2000-05", "monthly": "1"}], "earnings[1]"),
    (US, "facts", {"claim_from": "2025-14"}, "facts.claim_from"),
    (CONTRIBUTIONS, "month", "2026", "month"),
    (CONTRIBUTIONS, "wages", {}, "risk_class.E1"),
    (CONTRIBUTIONS, "wages.E1", "-4", "wages.E1"),
    (CONTRIBUTIONS, "wages.E2", "5", "risk_class.E2"),
    (CONTRIBUTIONS, "wages", ["400000"], "wages"),
    (CONTRIBUTIONS, "risk_class", {}, "risk_class.E1"),
    (CONTRIBUTIONS, "risk_class.E1", "Z", "risk_class.E1"),
    (CONTRIBUTIONS, "risk_class.E9", "A", "risk_class.E9"),
    (CONTRIBUTIONS, "person", {}, "person"),
    (PENALTY, "paid_on", None, "paid_on"),
    (PENALTY, "amount", "1.5", "amount"),
    (PENALTY, "amount", "-0", "amount"),
    (CONTRIBUTIONS, "wages.E1", "-0", "wages.E1"),
    (OLD_AGE, "earnings.0.monthly", "-0", "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.monthly", Decimal("-0.0"), "earnings[0].monthly"),
    (OLD_AGE, "earnings.0.days", "-0", "earnings[0].days"),
    (US, "earnings.0.annual", "-0.00", "earnings[0].annual"),
    (SICKNESS, "facts.employer_daily", "-0", "facts.employer_daily"),
    (OLD_AGE, "spouse", {"pension": "-0"}, "spouse.pension"),
    (REFUND, "asked_on", "2026-01-09", "asked_on"),
    (PENALTY, "wages_month", "2022-12-01", "wages_month"),
    (PENALTY, "colour", "red", "colour"),
]


@pytest.mark.parametrize(("question", "path", "value", "field"), CASES)
def test_bad_field_is_named(question: dict[str, Any], path: str, value: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        evaluate(changed(question, path, value))
    assert refused.value.field == field
    for lang in ("fr", "en"):
        sentence = refused.value.sentence(lang)
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert not set("{}[]") & set(sentence)


def test_each_refusal_is_said_in_both_languages() -> None:
    french, english = (wording(lang).refusals for lang in ("fr", "en"))
    assert list(french) == list(english)
    assert {key: set(each.wanted) for key, each in french.items()} == {
        key: set(each.wanted) for key, each in english.items()
    }


def test_what_the_law_lacks_is_named_by_its_label() -> None:
    with pytest.raises(BadInput) as refused:
        evaluate({**CPP, "on": "2035-02-01"})
    assert refused.value.kind.startswith("lacks")
    assert refused.value.sentence("fr") != refused.value.sentence("en")
    assert refused.value.values["key"] in refused.value.message


@pytest.mark.parametrize("fact", ["onset", "loss_percent"])
def test_a_fact_the_benefit_needs_is_asked_for(fact: str) -> None:
    facts = {"onset": "2024-03-10", "loss_percent": 70}
    del facts[fact]
    with pytest.raises(BadInput) as refused:
        evaluate({**OLD_AGE, "benefit": "disability", "facts": facts})
    assert refused.value.field == f"facts.{fact}"


@pytest.mark.parametrize("loss", ["100.1", -1, "a lot"])
def test_a_fact_outside_its_limits_is_refused(loss: object) -> None:
    facts = {"onset": "2024-03-10", "loss_percent": loss}
    with pytest.raises(BadInput) as refused:
        evaluate({**OLD_AGE, "benefit": "disability", "facts": facts})
    assert refused.value.field == "facts.loss_percent"


@pytest.mark.parametrize(
    ("question", "path", "value"),
    [
        (OLD_AGE, "earnings.0.from", "1966-06"),
        (OLD_AGE, "credited", [{"month": "1966-06", "kind": "buy_back"}]),
        (US, "earnings.0.year", 1963),
        (US, "facts", {"claim_from": "1963-01"}),
        (DISABILITY, "facts.onset", "2026-07-01"),
        (DISABILITY, "facts.onset", "1966-06-15"),
        (SICKNESS, "facts.to", "2026-03-10"),
        (REFUND, "asked_on", "2026-01-10"),
    ],
)
def test_what_lies_on_its_bound_is_accepted(question: dict[str, Any], path: str, value: Any) -> None:
    assert evaluate(changed(question, path, value))["benefit"] == question["benefit"]


def test_a_bound_is_named_in_each_language() -> None:
    with pytest.raises(BadInput) as refused:
        evaluate(changed(SICKNESS, "facts.to", "2026-03-09"))
    english, french = (refused.value.sentence(lang).replace("\u00a0", " ") for lang in ("en", "fr"))
    assert english == "This date must not be before 10 March 2026 (first day of incapacity)."
    assert french == "Cette date ne doit pas être antérieure au 10 mars 2026 (premier jour d’incapacité)."


def test_two_employers_may_pay_the_same_month() -> None:
    earnings = [{**SPAN, "employer": "E1"}, {**SPAN, "employer": "E2"}]
    assert evaluate({**OLD_AGE, "earnings": earnings})["figures"]["months"] == 12


def demo_with(change: dict[str, Any], **more: Any) -> Law:
    """The demonstration's law with one figure's values rewritten."""
    data = json.loads(load("demo").text, parse_float=Decimal)
    for name, values in change.items():
        section = "tables" if name in data["tables"] else "parameters"
        data[section][name]["values"] = values
    data["scheme"].update(more.pop("scheme", {}))
    data["contributions"].update(more)
    return load_text(json.dumps(data, default=str))


RATES = {"A": "1.75 %", "B": "2.5 %", "C": "5 %"}


@pytest.mark.parametrize("wages", [{"E1": "400000"}, {}])
@pytest.mark.parametrize(
    ("values", "month", "day"),
    [
        ({"2000-01-01/2010-12-31": RATES}, "2015-05", "1 May 2015"),
        ({"2000-01-01": RATES}, "1999-05", "1 May 1999"),
    ],
)
def test_a_month_without_rates_of_classes_is_refused(
    values: dict[str, Any], month: str, day: str, wages: dict[str, str]
) -> None:
    law = demo_with({"work_injury_rates": values}, scheme={"before_first": "refuse"})
    classes = dict.fromkeys(wages, "A")
    with pytest.raises(BadInput) as refused:
        evaluate({**CONTRIBUTIONS, "month": month, "wages": wages, "risk_class": classes}, law=law)
    assert refused.value.field == "month"
    assert "(work_injury_rates)" in refused.value.message
    assert day in refused.value.message.replace("\u00a0", " ")


@pytest.mark.parametrize("figure", ["ceiling", "pensions_employee", "work_injury_rates"])
def test_a_year_without_a_figure_is_refused_by_the_field_of_the_year(figure: str) -> None:
    value: Any = RATES if figure == "work_injury_rates" else "0.05"
    law = demo_with({figure: {"2000-01-01/2010-12-31": value}}, period="year")
    question = {key: value for key, value in CONTRIBUTIONS.items() if key != "month"}
    with pytest.raises(BadInput) as refused:
        evaluate({**question, "year": 2015}, law=law)
    assert refused.value.field == "year"
    assert f"({figure})" in refused.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["on", "person", "earnings", "credited", "facts", "spouse", "benefit", "person.birth_date"]
    + ["person.children", "earnings.0.monthly", "earnings.0.from", "facts.attendance", "earnings.0"]
)


@pytest.mark.long
@settings(max_examples=trials(short=60, full=300), deadline=None)
@given(path=PATHS, value=JSON)
def test_whatever_is_sent_only_bad_input_is_raised(path: str, value: Any) -> None:
    with suppress(BadInput):
        evaluate(changed(OLD_AGE, path, value))
