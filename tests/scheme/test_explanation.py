"""An explanation says the same in both languages, cites its articles, and ends in the result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.scheme import Assessment, answer, evaluate, explained, explained_text, load, load_text, scheme_names
from app.scheme.answers import Answer
from app.scheme.operations import OPERATIONS
from app.scheme.wording import Wording, wording

from .cases import OLD_AGE, changed, examples

CASES = examples()
NAMES = [case["name"] for case in CASES]


def name_of(case: dict[str, Any]) -> str:
    """What an example is called."""
    return str(case["name"])


def figures(text: str, lang: str) -> list[str]:
    """The figures, months and answers of a text in their order, whatever the language's way of writing them."""
    words = wording(lang)
    names = {f"{month}\u00a0": f"m{number}" for number, month in enumerate(words.months, 1)}
    names |= {f"; {words.words[key]} (": key for key in ("met", "unmet")}
    text = re.sub(r"(?<=\d)\u202f(?=\d{3})" if lang == "fr" else r"(?<=\d),(?=\d{3})", "", text)
    text = text.replace("\u202f;", ";").replace("1er\u00a0", "1\u00a0")
    found = re.findall("|".join([r"\d+(?:[.,]\d+)?", *(rf"{re.escape(name)}" for name in names)]), text)
    return [names.get(each, each.replace(",", ".")) for each in found]


def figures_of(found: Answer) -> tuple[list[list[str]], list[list[str]]]:
    """What each line of an explanation carries, in French and in English."""
    lines = ((explained_text(found, lang).splitlines()[1:], lang) for lang in ("fr", "en"))
    french, english = ([figures(line, lang) for line in text] for text, lang in lines)
    return french, english


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_french_and_english_carry_the_same_figures_line_by_line(case: dict[str, Any]) -> None:
    french, english = figures_of(answer(case["input"]))
    assert french == english
    assert any(english)


@pytest.mark.parametrize(
    ("one", "other"),
    [("juin", "juillet"), ("{amount}, moins {rate#}", "{rate#}, moins {amount}"), ("remplie", "non remplie")],
)
def test_a_swapped_month_figure_or_answer_is_noticed(
    one: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_text

    def swapped(self: Path, *args: Any, **more: Any) -> str:
        text = read(self, *args, **more)
        if self.name != "fr.yaml":
            return text
        assert one in text
        return text.replace(other, "\0").replace(one, other).replace("\0", one)

    monkeypatch.setattr(Path, "read_text", swapped)
    spoilt, good = Wording("fr"), wording("en")
    monkeypatch.setattr("app.scheme.explaining.wording", {"fr": spoilt, "en": good}.get)
    monkeypatch.setattr("app.scheme.explanation.wording", {"fr": spoilt, "en": good}.get)
    question = changed(OLD_AGE, "person.birth_date", "1968-06-15")
    found = answer({**question, "facts": {}} if one == "remplie" else question, load_text(load("demo").text))
    french, english = figures_of(found)
    assert french != english


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["input"]["benefit"] != "contributions"], ids=name_of
)
def test_the_last_step_is_the_result(case: dict[str, Any]) -> None:
    result = evaluate(case["input"])
    rows = {row["id"]: row["value"] for row in result["steps"]}
    last = result["steps"][-1]["value"] if rows else None
    if result["benefit"] == "late_penalty":
        assert last == result["penalty"]
    elif result["benefit"] == "refund_time_limit":
        assert rows == {name: result[name] for name in ("ask_by", "missing_papers_by", "pay_by")}
        assert [row["met"] for row in result["conditions"]] == [result["in_time"]]
    elif result["eligible"]:
        assert last in [result[key] for key in ("monthly", "lump_sum", "daily") if result[key] is not None]
    else:
        assert [result[key] for key in ("monthly", "lump_sum", "daily", "days")] == [None] * 4


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["input"]["benefit"] == "contributions"], ids=name_of
)
def test_each_line_of_contributions_is_its_entry_of_the_result(case: dict[str, Any]) -> None:
    result = evaluate(case["input"])
    rows = {row["id"]: row["value"] for row in result["steps"]}
    due: dict[str, str] = {}
    for name, employer in result["employers"].items():
        due |= {f"{name}.{base}": value for base, value in employer.items() if base != "amounts"}
        due |= _of_payers(name, employer["amounts"])
    back = result["refundable"]
    if back:
        due |= {"refund.base": back["excess_base"]}
        due |= {f"refund.{branch}.employee": value for branch, value in back["employee"].items()}
        for name, branches in back["employers"].items():
            due |= {f"refund.{name}.{branch}.employer": value for branch, value in branches.items()}
    assert rows.items() <= due.items()
    assert all(value == "0" for id_, value in due.items() if id_ not in rows)
    assert len(rows) == len(result["steps"])


def _of_payers(name: str, amounts: dict[str, dict[str, str]]) -> dict[str, str]:
    """Each amount of an employer by the name of its line."""
    return {
        f"{name}.{branch}.{payer}": value
        for branch, payers in amounts.items()
        for payer, value in payers.items()
    }


CONTRIBUTIONS = {
    "scheme": "demo",
    "benefit": "contributions",
    "month": "2016-01",
    "wages": {"E1": "500000", "E2": "100000"},
    "risk_class": {"E1": "A", "E2": "B"},
}


def test_contributions_say_how_each_base_is_found_and_under_which_figures() -> None:
    text = explained_text(answer(CONTRIBUTIONS)).replace("\u00a0", " ").splitlines()
    assert (
        "  insurable earnings: wage (XAF 500,000), at most monthly ceiling of insurable earnings (XAF 300,000), "
        "at least monthly minimum wage (XAF 36,270) = XAF 300,000 (Art. 3)"
    ) in text
    assert (
        "  insurable earnings, above the ceiling: E1 (XAF 300,000) + E2 (XAF 100,000) "
        "− monthly ceiling of insurable earnings (XAF 300,000) = XAF 100,000 (Art. 3)"
    ) in text
    law = text[text.index("Figures of the law in force") + 1 :]
    assert "  monthly ceiling of insurable earnings: XAF 300,000, since 1 January 2000 (Art. 1)" in law
    assert "  work injury, employer share by risk class: A: 1.75%; B: 2.5%; C: 5% (Art. 4)" in law
    rows = {row["id"]: row["from"] for row in evaluate(CONTRIBUTIONS)["steps"]}
    assert rows["E1.base"] == ["wages", "ceiling", "minimum_wage"]
    assert rows["refund.base"] == ["E1.base", "E2.base", "ceiling"]
    assert rows["refund.E1.pensions.employer"] == ["refund.base", "E1.base", "pensions_employer"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_line_has_its_source_and_known_origins(case: dict[str, Any]) -> None:
    found = answer(case["input"])
    result = found.as_dict()
    lines = [*result["steps"], *result.get("conditions", [])]
    shown = {row["id"] for row in (*lines, *result["parameters"])}
    for row in (*lines, *result["parameters"]):
        assert row["source"]
        assert row["label"]
    for row in lines:
        assert row["from"] or row["rule"] in WITHOUT_ORIGIN
        assert {name for name in row["from"] if name not in shown} <= unshown(found, set(row["from"]))


WITHOUT_ORIGIN = {"yearly_earnings"}


def unshown(found: Answer, names: set[str]) -> set[str]:
    """Of the names a line comes from, those that need no line: what is stated, what does not apply, and the
    conditions among which one suffices, which its own line says.
    """
    if isinstance(found, Assessment):
        return names & {"wages"}
    benefit = found.claim.benefit
    stated = {name for _slot, name in benefit.inputs} & names
    unset = {name for name in names & set(benefit.nodes) if found.value(name) is None}
    nested = {name for name in names & set(benefit.nodes) if benefit.nodes[name].is_condition}
    return stated | unset | nested


def test_each_step_says_exactly_what_it_comes_from() -> None:
    rows = {row["id"]: row["from"] for row in evaluate(OLD_AGE)["steps"]}
    assert rows["rate"] == [
        "base_rate",
        "rate_step",
        "rate_step_months",
        "months",
        "pension_months",
        "maximum_rate",
    ]
    assert rows["base"] == ["average_monthly_wage", "rate"]
    assert rows["average_monthly_wage"] == ["on", "ceiling", "short_window", "long_window"]
    assert rows["months"] == ["on"]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_explanation_as_data_is_the_result_with_sentences(case: dict[str, Any], lang: str) -> None:
    found = answer(case["input"])
    data = explained(found, lang)
    assert data["format"] == "guichet-explanation/1"
    assert data["lang"] == lang
    assert all(row["sentence"] for row in data["steps"])
    bare = found.as_dict(lang)
    assert {key: data[key] for key in bare if key not in ("steps", "conditions", "parameters")} == {
        key: value for key, value in bare.items() if key not in ("steps", "conditions", "parameters")
    }


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_one_person_is_told_does_not_depend_on_who_asked_before(lang: str) -> None:
    questions = [case["input"] for case in CASES]
    questions += [changed(OLD_AGE, "person.birth_date", f"1966-06-{day:02d}") for day in (1, 14, 16, 30)]
    questions += [{**OLD_AGE, "on": on} for on in ("2026-08-15", "2026-10-31")]

    def told(order: list[dict[str, Any]]) -> dict[str, Any]:
        laws = {name: load_text(load(name).text) for name in scheme_names()}
        found = [(question, answer(question, laws[question["scheme"]])) for question in order]
        return {
            str(question): (explained(each, lang), explained_text(each, lang)) for question, each in found
        }

    assert told(questions) == told(questions[::-1])


def test_conditions_say_required_and_actual() -> None:
    conditions = {row["id"]: row for row in evaluate(OLD_AGE)["conditions"]}
    age = conditions["age"]
    assert (age["met"], age["required"], age["actual"]) == (True, "60y0m", "60y0m")
    assert (conditions["months_enough"]["required"], conditions["months_enough"]["actual"]) == (180, 240)
    assert conditions["registered"]["actual"] == "25y5m"
    assert conditions["stopped_work"]["actual"] == "2026-06-30"


def test_a_refusal_says_what_lacks() -> None:
    question = {**OLD_AGE, "on": "2023-07-01", "facts": {"stopped_work_on": "2023-06-30"}}
    result = evaluate({**question, "earnings": [{"from": "2012-01", "to": "2023-06", "monthly": "240000"}]})
    assert not result["eligible"]
    unmet = {row["id"]: (row["actual"], row["required"]) for row in result["conditions"] if not row["met"]}
    assert unmet == {"months_enough": (138, 180)}
    assert result["monthly"] is result["lump_sum"] is result["variant"] is result["payable_from"] is None


def test_parameters_in_force_carry_their_dates() -> None:
    rows = {row["id"]: row for row in evaluate(OLD_AGE)["parameters"]}
    assert (rows["minimum_wage"]["value"], rows["minimum_wage"]["since"]) == ("41875", "2023-04-01")
    assert rows["ceiling"]["values"] == [
        {"since": "2000-01-01", "value": "300000"},
        {"since": "2016-02-01", "value": "750000"},
    ]


@pytest.mark.parametrize(("on", "last"), [("2023-03-31", "36270"), ("2023-04-01", "41875")])
def test_a_history_ends_with_the_value_that_begins_that_day(on: str, last: str) -> None:
    span = {"from": "2003-07", "to": "2023-02", "monthly": "240000"}
    law = load_text(load("demo").text)
    rows = evaluate({**OLD_AGE, "on": on, "earnings": [span]}, law=law)["parameters"]
    assert next(row for row in rows if row["id"] == "minimum_wage")["values"][-1]["value"] == last


MONTHS_COUNTED = [
    ("sickness", {"from": "2026-03-10", "to": "2026-03-31"}),
    ("family_allowance", {}),
    ("education_grant", {}),
    ("maternity", {"expected_birth": "2026-08-01"}),
    ("disability", {"onset": "2026-03-10", "loss_percent": 70}),
    ("survivors", {}),
    ("old_age", {"stopped_work_on": "2026-06-30"}),
]


@pytest.mark.parametrize(("benefit", "facts"), MONTHS_COUNTED)
def test_what_makes_a_month_count_is_listed_with_its_history(benefit: str, facts: dict[str, Any]) -> None:
    rows = {row["id"]: row for row in evaluate({**OLD_AGE, "benefit": benefit, "facts": facts})["parameters"]}
    assert [each["value"] for each in rows["minimum_wage"]["values"]] == ["23514", "28216", "36270", "41875"]
    assert (rows["insurance_days"]["value"], rows["insurance_days"]["source"]) == ("15", "Art. 7")
    assert rows["credited_sickness_months"]["value"] == "6"
    assert rows["minimum_wage"]["since"] == "2023-04-01"


def test_where_no_month_is_counted_nothing_is_said_of_months() -> None:
    facts = {"from": "2026-03-10", "to": "2026-03-31", "accident": True}
    rows = evaluate({**OLD_AGE, "benefit": "sickness", "facts": facts})["parameters"]
    assert not {"minimum_wage", "insurance_days"} & {row["id"] for row in rows}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_figure_of_the_law_has_a_value(case: dict[str, Any]) -> None:
    rows = evaluate(case["input"])["parameters"]
    assert rows
    assert all(row["value"] is not None for row in rows)


def test_a_table_is_told_row_by_row() -> None:
    question = {"scheme": "demo", "benefit": "contributions", "month": "2026-05"}
    found = answer({**question, "wages": {"E1": "400000"}, "risk_class": {"E1": "A"}})
    row = next(row for row in explained(found)["parameters"] if row["id"] == "work_injury_rates")
    assert row["value"] == {"A": "0.0175", "B": "0.025", "C": "0.05"}
    assert row["words"]["values"][0]["value"] == "A: 1.75%; B: 2.5%; C: 5%"


def test_a_rate_that_is_a_fraction_is_told_as_one_among_the_figures_too() -> None:
    data = json.loads(load("demo").text)
    data["parameters"]["base_rate"]["values"] = {"2000-01-01": "1/3"}
    found = answer(OLD_AGE, load_text(json.dumps(data)))
    row = next(row for row in explained(found)["parameters"] if row["id"] == "base_rate")
    assert ": 1/3, since" in row["sentence"]
    assert [each["value"] for each in row["words"]["values"]] == ["1/3"]


def test_the_windows_behind_an_average_are_told() -> None:
    steps = {row["id"]: row for row in explained(answer(OLD_AGE))["steps"]}
    short, long = steps["average_monthly_wage"]["detail"]
    assert (short["window"], short["months"], short["from"], short["to"]) == (36, 36, "2023-07", "2026-06")
    assert (long["window"], long["mean"]) == (60, "240000")


def test_french_typography() -> None:
    text = explained_text(answer(OLD_AGE), "fr")
    for written in (text, explained_text(answer(CONTRIBUTIONS), "fr")):
        assert not re.search(r"(?<![\u202f])[;!?»]", written)
        assert not re.search(r"(?<![\u00a0\d]):", written)
    assert "240\u202f000\u00a0FCFA" in text
    assert "1er\u00a0juillet\u00a02026" in text


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_a_sentence_in_both_languages(name: str) -> None:
    french, english = (wording(lang).operations[name] for lang in ("fr", "en"))
    assert set(french.wanted) == set(english.wanted)
    known = set(OPERATIONS[name].args)
    assert {each.rstrip("#@") for each in english.wanted} <= known


@pytest.mark.parametrize("name", scheme_names())
def test_french_labels_have_french_letters_only_where_due(name: str) -> None:
    law = load(name)
    for parameter in (*law.parameters.values(), *law.tables.values()):
        assert parameter.label["fr"] != parameter.label["en"]
