"""A faulty law is refused on load, by file, key and reason; all its faults at once."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.scheme import BadLaw, load_path, scheme_names
from app.scheme.checking import validator_of
from app.scheme.loading import HOME, compile_source
from app.scheme.reading import Source, read_law
from app.scheme.schema import editor_schema
from tests.trials import trials

from .cases import DATA

LAW = (DATA / "lagoon.yaml").read_text(encoding="utf-8")

FAULTS = [
    ("2025-07-01: 39.32", "2024-07-01: 39.32", "parameters.point_value.values.2024-07-01", "written twice"),
    ("2025-07-01: 39.32", "2024-01-01: 39.32", "parameters.point_value.values.2024-01-01", "overlaps"),
    (
        "{2024-07-01: 37.60, 2025",
        "{2024-07-01/2025-12-31: 37.60, 2025",
        "parameters.point_value.values.2025-07-01",
        "overlaps the value that holds until 2025-12-31",
    ),
    ("2025-07-01: 39.32", "2025-07-32: 39.32", "parameters.point_value.values.2025-07-32", "not a date"),
    ("2025-07-01: 39.32", "2025-07-01: a lot", "parameters.point_value.values.2025-07-01", "not a number"),
    ("2025-01-01: 44}", "2025-01-01: 44.5}", "parameters.full_years.values.2025-01-01", "not a whole number"),
    ("factors: [point_value, points", "factors: [point_price, points", "factors", "missing parameter, step"),
    ("rule: years_of_points", "rule: points_of_years", "", ""),
    ("rule: points_of_years", "rule: points_of_year", "rule", "did you mean `points_of_years`"),
    ("table: average_earnings\n", "table: mean_earnings\n", "table", "missing table `mean_earnings`"),
    ("at: age_in_years", "at: monthly", "factor", "cyclic reference: factor → monthly → factor"),
    ("birth: person.birth_date\n", "birth: points\n", "birth", "wrong type: `points` is a number, a date"),
    ("years: first_age\n", "years: point_value\n", "years", "wrong type: `point_value` is a amount, a count"),
    ("source: s. 6\n    unit", "unit", "parameters.point_value.source", "every figure needs its source"),
    ("label: {fr: points, en: points}\n        source: s. 3–4", "label: {fr: p, en: p}", "source", "source"),
    ("label: {fr: points, en: points}\n", "label: {fr: points}\n", "label.en", "is missing"),
    (
        "unit: number\n    values: {1990-01-01: 2}",
        "unit: weight\n    values: {1990-01-01: 2}",
        "unit",
        "one of",
    ),
    ("figure: true\n", "figure: perhaps\n", "figure", "must be true or false"),
    (
        "rounding: ten_thousandth",
        "rounding: hundredth",
        "rounding",
        "`hundredth` is not one of the roundings",
    ),
    ("kind: service", "kind: gardening", "kind", "`gardening` is not one of service"),
    ("- all: [age]", "- all: [agee]", "benefits.points_pension.outcomes.0.all", "missing step or condition"),
    (
        "- all: [age]\n        monthly: monthly",
        "- all: [age]\n        monthly: year",
        "monthly",
        "wrong type",
    ),
    ("at: age_in_years", "at: age_in_years\n        luck: 7", "luck", "is not a known key here"),
    ("insurance:\n", "insurrance:\n", "insurrance", "is not a known section"),
    ("counts_by: year", "counts_by: decade", "scheme.counts_by", "must be one of month, year"),
    ("rule: age_reached", "rule: year_of", "benefits.points_pension.conditions.age.rule", "not a condition"),
    ("per: 12", "per: 12", "", ""),
    ("to: 0.01,", "to: 0,", "roundings.cent.to", "must be above 0"),
    ("      points:\n", "      point_value:\n", "point_value", "is the name of two things"),
    ("2018: 38000", "MMXVIII: 38000", "tables.average_earnings.values.MMXVIII", "must be a year"),
    ("direction: half_up, source: s. 3", "direction: sideways, source: s. 3", "direction", "must be one of"),
]


@pytest.mark.parametrize(("old", "new", "key", "reason"), [fault for fault in FAULTS if fault[2]])
def test_fault_is_named_by_file_key_and_reason(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    assert old in LAW
    file = tmp_path / "law.yaml"
    file.write_text(LAW.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadLaw) as refused:
        load_path(file)
    found = [p for p in refused.value.problems if p.key.endswith(key) and reason in p.reason]
    assert found, str(refused.value)
    assert found[0].file.endswith("law.yaml")
    assert found[0].line


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "law.yaml"
    file.write_text(LAW.replace("unit: rate", "unit: weight").replace("unit: amount", "unit: gold"), "utf-8")
    with pytest.raises(BadLaw) as refused:
        load_path(file)
    assert len(refused.value.problems) == LAW.count("unit: rate") + LAW.count("unit: amount")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("scheme: [", "is not YAML"),
        ("- a list", "must hold named keys"),
        ("parameters: {}", "is missing"),
        ("scheme: 3", "must be a mapping of keys"),
        ("scheme: &itself\n  label: *itself\n", "by an alias"),
        ("parameters: {a: 0x1F, b: .inf, c: 1:30}", "cannot read `0x1F`"),
        ("\xff", "must hold named keys"),
        ("scheme: {name: !!python/object:os.system x}", "is missing"),
    ],
)
def test_what_is_not_a_law_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "law.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadLaw, match=reason):
        load_path(file)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLaw, match="holds no .yaml file"):
        load_path(tmp_path)


def test_the_same_name_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LAW, encoding="utf-8")
    second = "parameters:\n  threshold: {values: {2025-01-01: 1}}\n"
    (tmp_path / "b.yaml").write_text(second, encoding="utf-8")
    with pytest.raises(BadLaw, match="b.yaml:2: parameters.threshold: is defined twice"):
        load_path(tmp_path)


def test_a_missing_include_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("include: [nowhere.yaml]\n" + LAW, encoding="utf-8")
    with pytest.raises(BadLaw, match="nowhere.yaml: .file.: cannot be read"):
        load_path(tmp_path)


@pytest.mark.parametrize("name", scheme_names())
def test_every_scheme_is_found_good(name: str) -> None:
    assert load_path(HOME / name).name == name


@pytest.mark.parametrize(
    "file", sorted(HOME.glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_the_schema_for_editors_accepts_every_file(file: Path) -> None:
    if file.parent.name != "sentences":
        schema = json.loads((HOME / "scheme.schema.json").read_text(encoding="utf-8"))
        assert [error.message for error in validator_of(schema).iter_errors(read_law(file).data)] == []


def test_the_schema_for_editors_is_up_to_date() -> None:
    stored = json.loads((HOME / "scheme.schema.json").read_text(encoding="utf-8"))
    assert stored == editor_schema()
    Draft202012Validator.check_schema(stored)


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key of a law, at any depth."""
    found = [path] if path else []
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return found + [place for key, value in items for place in places(value, (*path, key))]


WHOLE: dict[str, Any] = read_law(DATA / "lagoon.yaml").data
ODD = st.sampled_from(
    [None, True, 0, -1, 10**30, "", "on", "x", "2/0", "9999-12-31", [], {}, ["x"], {"x": "y"}]
)


@pytest.mark.long
@settings(max_examples=trials(short=60, full=400), deadline=None)
@given(place=st.sampled_from(places(WHOLE)), value=ODD, removed=st.booleans())
def test_whatever_is_written_only_a_bad_law_is_raised(
    place: tuple[Any, ...], value: Any, removed: bool
) -> None:
    data = copy.deepcopy(WHOLE)
    part: Any = data
    for key in place[:-1]:
        part = part[key]
    if removed:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    with suppress(BadLaw):
        compile_source(Source(data=data, name="law.yaml"))


DEMO = read_law(HOME / "demo").data
RANKS = DEMO["tables"]["work_injury_rates"] | {"key": "rank", "values": {"1": "1.75 %"}}
LOOK_UP = {
    "rule": "lookup",
    "table": "work_injury_rates",
    "at": "orphans",
    "label": {"fr": "part", "en": "share"},
    "source": "Art. 25",
}
DEMO_FAULTS: list[tuple[tuple[Any, ...], Any, str]] = [
    (("contributions", "rounding"), "dime", "missing rounding `dime`"),
    (("contributions", "refundable"), "work_injury_base", "is not a base with a ceiling"),
    (("contributions", "refundable"), "nothing", "is not a base with a ceiling"),
    (("contributions", "bases", "base", "floor"), "poverty_line", "missing parameter `poverty_line`"),
    (("contributions", "branches", "pensions", "base"), "bass", "missing base `bass`"),
    (("contributions", "branches", "family", "employer"), "tax", "missing parameter `tax`"),
    (("contributions", "branches", "work_injury", "employer", "table"), "risks", "missing table `risks`"),
    (("calculations", "late_penalty", "on"), "input.amount", "must be a required input of type date"),
    (("calculations", "late_penalty", "outputs", "each"), "nothing", "missing step `nothing`"),
    (("calculations", "old_age"), DEMO["calculations"]["late_penalty"], "also the name of a benefit"),
    (("calculations", "late_penalty", "steps", "due_on", "of"), "person.birth_date", "inputs only"),
    (
        ("calculations", "late_penalty", "steps", "due_on", "of"),
        "facts.onset",
        "missing parameter, step or fact",
    ),
    (
        ("calculations", "late_penalty", "steps", "late_for"),
        DEMO["benefits"]["survivors"]["steps"]["orphans"],
        "only",
    ),
    (("benefits", "contributions"), DEMO["benefits"]["maternity"], "the contributions themselves"),
    (("benefits", "maternity", "requires"), ["expected_bird"], "missing fact `expected_bird`"),
    (("benefits", "maternity", "documents", 1, "when"), "unwell", "missing fact `unwell`"),
    (("benefits", "survivors", "outcomes", 0, "also"), ["share_dog"], "missing step `share_dog`"),
    (("benefits", "survivors", "steps", "months", "unless"), "rate", "wrong type: `rate` is a rate"),
    (
        ("benefits", "family_allowance", "steps", "children", "ages", 1, "if"),
        "clever",
        "not one of in_school",
    ),
    (("benefits", "sickness", "steps", "waiting", "then"), "on", "wrong type: mixes date and number"),
    (("benefits", "sickness", "steps", "wages", "ceiling"), "work_injury_rates", "missing parameter"),
    (
        ("benefits", "old_age", "steps", "rate", "beyond"),
        "work_injury_rates",
        "take a row of it with `lookup`",
    ),
    (("benefits", "old_age", "steps", "months", "until"), "2020-01-01x", "missing parameter, step or fact"),
    (("insurance", "wages_at_least"), "waiting", "missing parameter `waiting`"),
    (("parameters", "minimum_wage", "values"), {"2000-01-01": 0}, "must be above 0 at every date"),
    (("tables", "ceiling"), DEMO["tables"]["work_injury_rates"], "also the name of a parameter"),
    (("calendar", "holidays", 0, "day"), 32, "must be at most 31"),
    (
        ("calendar", "holidays", 0),
        DEMO["calendar"]["holidays"][0] | {"month": 2, "day": 30},
        "must have a `month` and a `day`",
    ),
    (("calendar", "holidays", 0, "after_easter"), 1, "or else `after_easter`"),
    (("facts", "attendance", "default"), "no", "does not suit a fact of type flag"),
    (("facts", "onset", "not_before"), "facts.birthday", "must be a day (2026-01-01) or one of facts.expect"),
    (("facts", "onset", "not_before"), "facts.onset", "must be a day (2026-01-01) or one of"),
    (("facts", "onset", "not_after"), "2026-02-30", "must be a day (2026-01-01) or one of"),
    (("facts", "attendance", "not_after"), "on", "does not suit a fact of type flag"),
    (("calculations", "late_penalty", "inputs", "paid_on", "not_before"), "on", "one of input.wages_month"),
    (("facts", "loss_percent", "minimum"), "little", "is not a number"),
    (("scheme", "child_flags"), ["in_school"], "must be a mapping of keys"),
    (("contributions", "branches", "pensions", "employee"), "ceiling", "`ceiling` is a amount, a rate"),
    (
        ("contributions", "bases", "base", "ceiling"),
        "pensions_employee",
        "`pensions_employee` is a rate, a amount",
    ),
    (("contributions", "bases", "base", "floor"), "insurance_days", "`insurance_days` is a count, a amount"),
    (("contributions", "bases", "base", "exemption"), "base_rate", "`base_rate` is a rate, a amount"),
    (("tables", "work_injury_rates", "unit"), "amount", "`work_injury_rates` is a amount, a rate"),
    (("tables", "work_injury_rates"), RANKS, "has a row for each rank, a class is wanted"),
    (
        ("insurance", "credited", "sickness", "first_months"),
        "pensions_employee",
        "`pensions_employee` is a rate, a count",
    ),
    (("insurance", "wages_at_least"), "pensions_employee", "`pensions_employee` is a rate, a amount"),
    (("insurance", "days_at_least"), "minimum_wage", "`minimum_wage` is a amount, a count"),
    (
        ("benefits", "old_age", "steps", "payable_from", "round"),
        "franc",
        "wrong type: a date cannot be rounded",
    ),
    (("benefits", "old_age", "steps", "payable_from", "unit"), "amount", "wrong type: a date has no unit"),
    (("benefits", "survivors", "steps", "had_pension", "unit"), "amount", "wrong type: a flag has no unit"),
    (
        ("benefits", "survivors", "steps", "orphans_part"),
        LOOK_UP,
        "`work_injury_rates` has a row for each class",
    ),
    (("tables", "work_injury_rates", "key"), "year", "must be a year, a whole number"),
    (("benefits", "old_age", "steps", "rate", "base"), "0.30", "a figure without source: put `0.30` among"),
    (("benefits", "old_age", "steps", "rate", "base"), "30 %", "a figure without source: put `30 %` among"),
    (("benefits", "old_age", "steps", "rate", "beyond"), 180, "a figure without source: put `180` among"),
    (
        ("benefits", "family_allowance", "steps", "children", "ages", 0, "under"),
        14,
        "a figure without source",
    ),
    (("benefits", "old_age", "steps", "payable_from", "of"), "-1", "a figure without source"),
    (("benefits", "old_age", "starts"), "monday", "must be one of first_of_month"),
    (("parameters", "ceiling", "values"), {"2000-01-01": "-0"}, "must not be negative"),
]


@pytest.mark.parametrize(("place", "value", "reason"), DEMO_FAULTS)
def test_fault_in_any_section_is_found(place: tuple[Any, ...], value: Any, reason: str) -> None:
    data = copy.deepcopy(DEMO)
    part: Any = data
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(BadLaw) as refused:
        compile_source(Source(data=data, name="law.yaml"))
    keys = [problem.key for problem in refused.value.problems if reason in problem.reason]
    assert keys, str(refused.value)
    assert all("." in key for key in keys)


def test_a_table_by_year_takes_no_text() -> None:
    data = copy.deepcopy(DEMO)
    data["tables"]["levels"] = DEMO["tables"]["work_injury_rates"] | {"key": "year", "values": {"2026": 1}}
    data["benefits"]["survivors"]["steps"]["orphans_part"] = LOOK_UP | {"table": "levels", "at": "person.sex"}
    with pytest.raises(BadLaw, match="`levels` has a row for each year: a text is none"):
        compile_source(Source(data=data, name="law.yaml"))
