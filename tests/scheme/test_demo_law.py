"""The corners of the default scheme's law, article by article, where a wrong reading would differ."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from app.scheme import evaluate, load, load_text

from .cases import OLD_AGE

PERSON = {"birth_date": "1985-04-03", "sex": "F", "registered_on": "2010-01-10"}


def months_counted(earnings: list[dict[str, Any]], credited: list[dict[str, Any]] | None = None) -> int:
    """The months of insurance of a record, before July 2026."""
    result = evaluate({**OLD_AGE, "earnings": earnings, "credited": credited or []})
    months: int = result["figures"]["months"]
    return months


def ask(benefit: str, facts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A question of someone insured from 2020 to June 2026 at 250,000."""
    earnings = [{"from": "2020-01", "to": "2026-06", "monthly": "250000"}]
    question = {"scheme": "demo", "benefit": benefit, "on": "2026-03-10", "person": PERSON}
    return evaluate({**question, "earnings": earnings, "facts": facts, **changes})


@pytest.mark.parametrize(
    ("wage", "days", "counts"),
    [("41875", None, 1), ("41874", None, 0), ("1", 15, 1), ("1", 14, 0), ("0", 15, 1), ("0", None, 0)],
)
def test_art_7_a_month_counts_by_wage_or_by_days(wage: str, days: int | None, counts: int) -> None:
    entry = {"month": "2024-01", "monthly": wage} | ({} if days is None else {"days": days})
    assert months_counted([entry]) == counts


def test_art_7_wages_and_days_are_added_over_employers() -> None:
    half = {"month": "2024-01", "monthly": "20938"}
    assert months_counted([{**half, "employer": "A"}, {**half, "employer": "B"}]) == 1
    days = {"month": "2024-01", "monthly": "1", "days": 8}
    assert months_counted([{**days, "employer": "A"}, {**days, "employer": "B"}]) == 1


def test_art_2_the_minimum_wage_is_that_of_the_month() -> None:
    assert months_counted([{"month": "2023-03", "monthly": "36270"}]) == 1
    assert months_counted([{"month": "2023-04", "monthly": "36270"}]) == 0
    assert months_counted([{"month": "1995-01", "monthly": "23514"}]) == 1


@pytest.mark.parametrize(
    ("spells", "counted"),
    [
        ([("2020-01", "2020-08")], 6),
        ([("2020-01", "2020-04"), ("2020-05", "2020-08")], 6),
        ([("2020-01", "2020-04"), ("2020-03", "2020-08")], 6),
        ([("2020-01", "2020-04"), ("2020-06", "2020-09")], 8),
    ],
)
def test_art_7_sickness_counts_six_months_of_each_spell(spells: list[tuple[str, str]], counted: int) -> None:
    credited = [{"from": start, "to": end, "kind": "sickness"} for start, end in spells]
    assert months_counted([], credited) == counted


def test_art_7_a_month_both_worked_and_credited_counts_once() -> None:
    worked = [{"from": "2020-01", "to": "2020-03", "monthly": "200000"}]
    assert months_counted(worked, [{"from": "2020-02", "to": "2020-05", "kind": "maternity"}]) == 5


def test_art_7_the_first_months_of_a_spell_are_used_up_by_months_with_wages() -> None:
    worked = [{"from": "2020-01", "to": "2020-02", "monthly": "200000"}]
    assert months_counted(worked, [{"from": "2020-01", "to": "2020-08", "kind": "sickness"}]) == 6


def test_art_10_a_credited_month_with_wages_is_in_the_average() -> None:
    earnings = [
        {"month": "2020-01", "monthly": "10000"},
        {"month": "2020-02", "monthly": "100000"},
        {"from": "2020-04", "to": "2020-12", "monthly": "55000"},
    ]
    credited = [{"month": "2020-01", "kind": "maternity"}, {"month": "2020-03", "kind": "maternity"}]
    figures = evaluate({**OLD_AGE, "earnings": earnings, "credited": credited})["figures"]
    # (10,000 + 100,000 + 9 × 55,000) ÷ 11 = 55,000; March, credited without wages, is skipped
    assert figures["months"] == 12
    assert figures["average_monthly_wage"] == "55000"


@pytest.mark.parametrize(("on", "eligible"), [("2024-02-28", True), ("2024-02-27", False)])
def test_born_on_29_february_the_birthday_is_on_the_28th_in_other_years(on: str, eligible: bool) -> None:
    person = {"birth_date": "1964-02-29", "registered_on": "1990-01-01"}
    early = {"birth_date": "1968-02-29", "registered_on": "1990-01-01"}
    question = {**OLD_AGE, "earnings": [{"from": "2000-01", "to": "2023-01", "monthly": "240000"}]}
    facts = {"stopped_work_on": "2023-01-31"}
    at_59 = evaluate({**question, "facts": facts, "person": person, "on": "2023-02-28"})
    assert at_59["conditions"][0]["actual"] == "59y0m"
    at_55 = evaluate({**question, "facts": facts, "person": early, "on": on.replace("2024", "2023")})
    assert at_55["eligible"] is eligible


def test_art_14_the_month_of_the_birthday_is_not_late_and_those_after_65_are_not_either() -> None:
    earnings = [{"from": "2000-01", "to": "2026-06", "monthly": "240000"}]
    for born, late in (("1966-05-31", 1), ("1966-06-01", 0), ("1960-06-15", 60), ("1958-06-15", 60)):
        person = {"birth_date": born, "registered_on": "1990-01-01"}
        result = evaluate({**OLD_AGE, "earnings": earnings, "person": person})
        assert result["figures"]["months_late"] == late
        assert result["variant"] == ("late" if late else "standard")


def test_art_15_no_supplement_on_a_lump_sum() -> None:
    question = {**OLD_AGE, "earnings": [{"from": "2024-01", "to": "2025-12", "monthly": "100000"}]}
    facts = {"stopped_work_on": "2026-06-30", "attendance": True}
    assert evaluate({**question, "facts": facts})["lump_sum"] == "200000"


@pytest.mark.parametrize(
    ("first", "months", "rate"),
    [("1962-07", 768, "0.79"), ("1961-07", 780, "0.8"), ("1960-07", 792, "0.8"), ("1951-07", 900, "0.8")],
)
def test_art_12_the_rate_stops_at_80_per_cent(first: str, months: int, rate: str) -> None:
    person = {"birth_date": "1926-06-15", "registered_on": "1950-01-01"}
    earnings = [{"from": first, "to": "2026-06", "monthly": "240000"}]
    figures = evaluate({**OLD_AGE, "person": person, "earnings": earnings})["figures"]
    assert (figures["months"], figures["rate"]) == (months, rate)


@pytest.mark.parametrize(("registered", "variant"), [("2006-07-01", "standard"), ("2006-07-02", "lump_sum")])
def test_art_11_registered_for_twenty_years_to_the_day(registered: str, variant: str) -> None:
    person = {**OLD_AGE["person"], "registered_on": registered}
    result = evaluate({**OLD_AGE, "person": person})
    assert result["variant"] == variant
    assert (result["monthly"] is None) is (variant == "lump_sum")


@pytest.mark.parametrize(
    ("months", "eligible"),
    [
        (("2025-11", "2025-12", "2026-01"), True),
        (("2025-11", "2026-01", "2026-02"), True),
        (("2025-12", "2026-01"), False),
        (("2025-10", "2025-12", "2026-01"), False),
        (("2026-01", "2026-02", "2026-03"), False),
    ],
)
def test_art_21_three_insured_months_among_the_last_four(months: tuple[str, ...], eligible: bool) -> None:
    earnings = [{"month": month, "monthly": "250000"} for month in months]
    result = ask("sickness", {"from": "2026-03-10", "to": "2026-03-31"}, earnings=earnings)
    assert result["eligible"] is eligible
    assert [row["id"] for row in result["conditions"] if not row["met"]] == (
        [] if eligible else ["insured_before"]
    )


def test_a_daily_amount_for_no_day_is_nothing_due_whatever_the_conditions_say() -> None:
    data = json.loads(load("demo").text)
    sickness = data["benefits"]["sickness"]
    del sickness["conditions"]["days_left"]
    for outcome in sickness["outcomes"]:
        outcome["all"] = [each for each in outcome["all"] if each != "days_left"]
    earnings = [{"from": "2020-01", "to": "2026-06", "monthly": "250000"}]
    question = {"scheme": "demo", "benefit": "sickness", "on": "2026-03-10", "person": PERSON}
    facts = {"from": "2026-03-10", "to": "2026-03-12"}
    law = load_text(json.dumps(data))
    result = evaluate({**question, "earnings": earnings, "facts": facts}, law=law)
    assert (result["eligible"], result["daily"], result["days"]) == (False, None, None)
    longer = {**question, "earnings": earnings, "facts": {**facts, "to": "2026-03-13"}}
    assert evaluate(longer, law=law)["days"] == 1


@pytest.mark.parametrize("stopped", [None, "2026-07-02"])
def test_art_11_work_must_have_stopped(stopped: str | None) -> None:
    result = evaluate({**OLD_AGE, "facts": {"stopped_work_on": stopped}})
    assert result["eligible"] is False
    assert [row["id"] for row in result["conditions"] if not row["met"]] == ["stopped_work"]


@pytest.mark.parametrize(("on", "payable"), [("2026-12-02", "2027-01-01"), ("2026-12-01", "2026-12-01")])
def test_art_16_payable_from_the_first_of_a_month(on: str, payable: str) -> None:
    assert evaluate({**OLD_AGE, "on": on})["payable_from"] == payable


@pytest.mark.parametrize(
    ("facts", "eligible"),
    [
        ({"loss_percent": "66.6666666666"}, False),
        ({"loss_percent": "66.6666666667"}, True),
        ({"loss_percent": "66.67"}, True),
        ({"onset": "2045-04-02"}, True),
        ({"onset": "2045-04-03"}, False),
    ],
)
def test_art_17_loss_and_onset(facts: dict[str, Any], eligible: bool) -> None:
    earnings = [{"from": "2020-01", "to": "2045-06", "monthly": "250000"}]
    stated = {"onset": "2026-03-10", "loss_percent": 70} | facts
    assert ask("disability", stated, on="2046-01-01", earnings=earnings)["eligible"] is eligible


@pytest.mark.parametrize(
    ("registered", "eligible"), [("2021-03-10", True), ("2021-03-11", False), (None, False)]
)
@pytest.mark.parametrize("accident", [True, False])
def test_art_17_registered_five_years_at_the_onset_but_for_an_accident(
    registered: str | None, eligible: bool, accident: bool
) -> None:
    person = {**PERSON, "registered_on": registered}
    facts = {"onset": "2026-03-10", "loss_percent": 70, "accident": accident}
    result = ask("disability", facts, on="2026-07-01", person=person)
    assert result["eligible"] is (accident or eligible)
    assert [row["id"] for row in result["conditions"] if not row["met"]] == (
        [] if accident or eligible else ["registered"]
    )


@pytest.mark.parametrize(("attendance", "monthly"), [(True, "105000"), (False, "75000")])
def test_art_18_the_supplement_is_40_per_cent_of_the_pension(attendance: bool, monthly: str) -> None:
    # 74 months and 57 assimilated are below 180: 250,000 × 30 % = 75,000; × 140 % = 105,000
    facts = {"onset": "2026-03-10", "loss_percent": 70, "attendance": attendance}
    assert ask("disability", facts)["monthly"] == monthly


def test_art_18_the_supplement_is_added_to_the_minimum() -> None:
    # 50,000 × 30 % = 15,000, raised to half of 41,875: 20,937.5; × 140 % = 29,312.5
    earnings = [{"from": "2025-01", "to": "2026-06", "monthly": "50000"}]
    facts = {"onset": "2026-03-10", "loss_percent": 70, "attendance": True}
    assert ask("disability", facts, earnings=earnings)["monthly"] == "29313"


def test_art_20_leave_begins_when_stated_else_28_days_before_the_birth() -> None:
    gap = [{"from": "2025-08", "to": "2026-01", "monthly": "250000"}]
    assert ask("maternity", {"expected_birth": "2026-03-01"}, earnings=gap)["eligible"] is True
    stated = {"expected_birth": "2026-03-01", "leave_from": "2026-03-01"}
    assert ask("maternity", stated, earnings=gap)["eligible"] is False


@pytest.mark.parametrize(("birth", "daily"), [("2026-03-01", "25000"), ("2016-02-20", "10000")])
def test_art_20_the_wage_is_counted_up_to_the_ceiling_of_its_month(birth: str, daily: str) -> None:
    earnings = [{"from": "2015-01", "to": "2026-06", "monthly": "900000"}]
    assert ask("maternity", {"expected_birth": birth}, on=birth, earnings=earnings)["daily"] == daily


def test_art_21_a_half_is_a_half_although_the_wage_of_a_day_does_not_end() -> None:
    # 3 × 325 = 975; ÷ 90 is 65/6, which does not end; × 60 % is 6.5 exactly
    earnings = [{"from": "2025-01", "to": "2026-02", "monthly": "325", "days": 20}]
    facts = {"from": "2026-03-10", "to": "2026-03-31"}
    assert ask("sickness", facts, earnings=earnings)["daily"] == "7"


def test_art_21_half_a_franc_is_rounded_up_although_a_quotient_does_not_end() -> None:
    # 3 × 150,025 = 450,075; ÷ 90 does not end; × 60 % is 3,000.5 exactly
    earnings = [{"from": "2025-01", "to": "2026-02", "monthly": "150025"}]
    facts = {"from": "2026-03-10", "to": "2026-03-31"}
    assert ask("sickness", facts, earnings=earnings)["daily"] == "3001"


@pytest.mark.parametrize(
    "facts",
    [
        {"from": "2026-03-10", "to": "2026-03-12"},
        {"from": "2026-03-10", "to": "2026-03-31", "employer_daily": "8334"},
        {"from": "2026-03-10", "to": "2026-03-31", "days_paid_last_12_months": 200},
    ],
)
def test_art_21_nothing_to_pay_is_not_eligible(facts: dict[str, Any]) -> None:
    result = ask("sickness", facts)
    assert result["eligible"] is False
    assert result["daily"] is result["days"] is result["lump_sum"] is result["monthly"] is None


def test_art_22_an_accident_ignores_days_already_paid_but_not_the_employers_pay() -> None:
    facts = {"from": "2026-03-01", "to": "2026-12-31", "accident": True, "days_paid_last_12_months": 182}
    assert (ask("sickness", facts)["days"], ask("sickness", facts)["daily"]) == (306, "5556")
    assert ask("sickness", {**facts, "employer_daily": "5000"})["daily"] == "3333"


@pytest.mark.parametrize(
    ("child", "monthly"),
    [
        ({"birth_date": "2026-03-01"}, "2800"),
        ({"birth_date": "2026-03-02"}, None),
        ({"birth_date": "2012-03-02"}, "2800"),
        ({"birth_date": "2012-03-01"}, None),
        ({"birth_date": "2008-03-02", "apprentice": True}, "2800"),
        ({"birth_date": "2008-03-01", "apprentice": True}, None),
        ({"birth_date": "2005-03-02", "disabled": True}, "2800"),
        ({"birth_date": "2005-03-01", "in_school": True}, None),
    ],
)
def test_art_23_ages_are_those_of_the_first_of_the_month(child: dict[str, Any], monthly: str | None) -> None:
    assert ask("family_allowance", {}, person={**PERSON, "children": [child]})["monthly"] == monthly


def test_art_23_a_pensioner_need_not_be_insured() -> None:
    person = {**PERSON, "children": [{"birth_date": "2020-01-01"}]}
    assert ask("family_allowance", {"pensioner": True}, person=person, earnings=[])["eligible"] is True
    assert ask("family_allowance", {}, person=person, earnings=[])["eligible"] is False


def test_art_25_orphans_of_both_parents_and_one_rounding_of_the_sum() -> None:
    children = [{"birth_date": "2020-01-01"}] * 3
    result = ask(
        "survivors", {"pension": "99999", "both_parents": True}, person={**PERSON, "children": children}
    )
    # 25 % of 99,999 is 24,999.75; three of them 74,999.25, rounded once
    assert result["figures"]["share_child"] == "25000"
    assert result["figures"]["share_spouse"] is None
    assert result["monthly"] == "74999"


def test_art_25_without_survivors_nothing_is_due() -> None:
    result = ask("survivors", {"pension": "100000"})
    assert result["eligible"] is False
    assert result["figures"]["share_spouse"] is result["figures"]["share_child"] is result["monthly"] is None


PROCESS_FACTS = {
    "cooling_off_days": 3,
    "cooling_off_days_after_contact_change": 10,
    "life_certificate_months": 12,
    "appeal_days": 60,
    "information_days": 30,
    "information_reminder_days": 20,
    "standard_registration": 5,
    "standard_record_change": 5,
    "standard_new_employment": 5,
    "standard_sickness": 10,
    "standard_maternity": 10,
    "standard_disability": 45,
    "standard_old_age": 30,
    "standard_refund": 30,
    "standard_bank_order": 3,
    "standard_grievance": 15,
    "standard_grievance_acknowledgement": 2,
    "standard_conduct_grievance": 30,
    "standard_school_declaration": 5,
    "standard_payee": 10,
    "standard_message": 3,
    "pension_payment_day": 8,
    "allowance_payment_day": 20,
    "daily_payment_weekday": 5,
    "school_certificate_month": 12,
    "school_certificate_day": 31,
}
"""As the text of the law has them, not copied from the files the engine reads."""
HOLIDAYS = [(1, 1), (2, 11), (5, 1), (5, 20), (8, 15), (11, 1), (12, 25)]


@pytest.mark.parametrize(("name", "value"), PROCESS_FACTS.items())
def test_process_facts_are_those_of_the_law(name: str, value: int) -> None:
    law = load("demo")
    assert [law.value(name, day) for day in (date(2000, 1, 1), date(2026, 7, 1))] == [value, value]


def test_no_service_standard_is_left_out_of_the_table() -> None:
    law = load("demo")
    groups = {"service_standards", "delays", "payment_days"}
    assert {name for name in law.parameters if law.group(name) in groups} - set(PROCESS_FACTS) == set()


def test_art_9_the_calendar_and_the_number_of_an_insured_person() -> None:
    law = load("demo")
    holidays = law.section("calendar")["holidays"]
    assert [(row["month"], row["day"]) for row in holidays if "month" in row] == HOLIDAYS
    assert [row["after_easter"] for row in holidays if "after_easter" in row] == [1]
    assert law.section("calendar")["weekend"] == [6, 7]
    number = law.section("person_number")
    assert (number["segments"], number["separator"], number["check"]) == ([2, 7, 2], "-", "mod_97_10")
