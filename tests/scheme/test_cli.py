"""The commands: what they print and how they exit."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.scheme import scheme_names
from app.scheme.cli import scheme
from app.scheme.loading import HOME

from .cases import DATA, OLD_AGE


def run(*args: str, text: str | None = None) -> tuple[int, str]:
    """Exit code and everything printed."""
    result = CliRunner().invoke(scheme, args, input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_list_names_every_scheme() -> None:
    code, printed = run("list", "--lang", "fr")
    assert code == 0
    assert all(name in printed for name in scheme_names())


def test_show_gives_the_values_of_a_day() -> None:
    code, printed = run("show", "demo", "--on", "2016-01-31")
    assert code == 0
    ceiling = printed.split("\nceiling:")[1].split("\n\n")[0]
    assert "300000" in ceiling
    assert "750000" not in ceiling


def test_show_gives_the_history() -> None:
    printed = run("show", "demo")[1].split("\nceiling:")[1].split("\n\n")[0]
    assert "2000-01-01  300000" in printed
    assert "2016-02-01  750000" in printed


@pytest.mark.parametrize(
    "arguments", [("show", "atlantis"), ("diff", "atlantis", "2020-01-01", "2021-01-01")]
)
def test_an_unknown_scheme_is_named(arguments: tuple[str, ...]) -> None:
    code, printed = run(*arguments)
    assert code == 2
    assert "must be one of" in printed


def test_diff_tells_what_changed_and_when() -> None:
    code, printed = run("diff", "demo", "2016-01-01", "2016-03-01")
    assert code == 0
    assert "300000 → 750000  [2016-02-01]" in printed
    assert "pensions_employee" in printed
    assert "minimum_wage" not in printed


@pytest.mark.parametrize(
    ("days", "change"),
    [
        (("2025-06-01", "2026-06-01"), "2025: 71300 → 2026: 74600"),
        (("2023-06-01", "2024-06-01"), "– → 2024: 73200"),
        (("2026-06-01", "2025-06-01"), "2026: 74600 → 2025: 71300"),
    ],
)
def test_diff_tells_the_rows_of_a_series_by_year(days: tuple[str, str], change: str) -> None:
    code, printed = run("diff", "ca-cpp", *days)
    assert code == 0
    assert f"  {change}\n" in printed


def test_diff_says_nothing_of_a_year_a_series_has_not_reached() -> None:
    assert run("diff", "ca-cpp", "2026-06-01", "2027-06-01") == (0, "no difference\n")


def test_diff_counts_a_change_on_its_last_day_and_not_on_its_first() -> None:
    assert "[2016-02-01]" in run("diff", "demo", "2016-01-31", "2016-02-01")[1]
    assert "300000" not in run("diff", "demo", "2016-02-01", "2016-02-02")[1]


def test_diff_of_the_same_day_is_empty() -> None:
    assert run("diff", "demo", "2020-01-01", "2020-01-01") == (0, "no difference\n")


def test_diff_wants_days() -> None:
    code, printed = run("diff", "demo", "2020-02-30", "2021-01-01")
    assert code == 2
    assert "2020-02-30 is not a day of the calendar" in printed


def test_check_of_a_good_law() -> None:
    code, printed = run("check", str(HOME / "demo"))
    assert code == 0
    assert "no problem found" in printed


def test_check_takes_a_scheme_by_name_and_refuses_what_is_not_there() -> None:
    assert run("check", "us-oasi")[0] == 0
    code, printed = run("check", "atlantis.yaml")
    assert code == 2
    assert "cannot be read" in printed


def nested_includes(folder: Path) -> str:
    """A law that includes a file that includes a file, and so on."""
    for index in range(1500):
        (folder / f"f{index}.yaml").write_text(f"include: [f{index + 1}.yaml]\n", encoding="utf-8")
    return str(folder / "f0.yaml")


def pipe(folder: Path) -> str:
    """A pipe nobody writes to."""
    os.mkfifo(folder / "law.yaml")
    return str(folder / "law.yaml")


UNREADABLE: list[Callable[[Path], str]] = [
    nested_includes,
    pipe,
    lambda _: "/dev/zero",
    lambda _: "n" * 5000,
    lambda folder: str(folder / ("n" * 5000 + ".yaml")),
    lambda folder: str(folder / "nothing.yaml"),
]


@pytest.mark.parametrize("make", UNREADABLE, ids=["includes", "pipe", "zero", "name", "path", "nothing"])
def test_what_can_never_be_read_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], str]
) -> None:
    given = make(tmp_path)
    code, printed = run("check", given)
    assert code == 2
    assert len(printed.splitlines()) == 1
    assert len(printed) < 300
    for arguments in (("show", given), ("evaluate", "-", "--law", given)):
        code, printed = run(*arguments, text="{}")
        assert code == 2
        assert len(printed) < 6000


def test_a_pipe_among_the_files_of_a_law_is_named(tmp_path: Path) -> None:
    (tmp_path / "scheme.yaml").write_text(
        (DATA / "lagoon.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    os.mkfifo(tmp_path / "more.yaml")
    code, printed = run("check", str(tmp_path))
    assert code == 1
    assert "more.yaml: (file): cannot be read: it is not a file" in printed


def test_a_question_without_end_is_refused() -> None:
    code, printed = run("evaluate", "/dev/zero")
    assert code == 2
    assert json.loads(printed)["error"]["field"] == "(file)"


def test_check_of_a_bad_law_names_file_line_key_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "law.yaml"
    text = (DATA / "lagoon.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("rule: clamp", "rule: squeeze"), encoding="utf-8")
    code, printed = run("check", str(file))
    assert code == 1
    assert "law.yaml:" in printed
    assert "benefits.basic_pension.steps.bounded.rule: unknown operation `squeeze`" in printed


def test_evaluate_a_file(tmp_path: Path) -> None:
    file = tmp_path / "question.json"
    file.write_text(json.dumps(OLD_AGE), encoding="utf-8")
    code, printed = run("evaluate", str(file))
    assert code == 0
    assert json.loads(printed)["monthly"] == "84000"


def test_evaluate_standard_input_in_words() -> None:
    code, printed = run("evaluate", "-", "--explain", "text", "--lang", "fr", text=json.dumps(OLD_AGE))
    assert code == 0
    assert "84\u202f000\u00a0FCFA par mois" in printed


def test_evaluate_with_sentences_as_json() -> None:
    code, printed = run("evaluate", "-", "--explain", "json", text=json.dumps(OLD_AGE))
    assert code == 0
    assert json.loads(printed)["format"] == "guichet-explanation/1"


def test_a_list_evaluates_each_and_one_bad_question_exits_2() -> None:
    code, printed = run("evaluate", "-", text=json.dumps([OLD_AGE, {**OLD_AGE, "on": "soon"}]))
    assert code == 2
    good, bad = json.loads(printed)
    assert good["eligible"]
    assert bad["error"]["field"] == "on"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "(file)"),
        ("{", "(file)"),
        ('"text"', "(input)"),
        ("3", "(input)"),
        ('{"on": NaN}', "(file)"),
        ('{"on": "2026-07-01", "on": "2026-07-02"}', "on"),
        ("[" * 100_000, "(file)"),
        ('{"scheme": 1' + "0" * 5000 + "}", "(file)"),
        ("{}", "scheme"),
    ],
)
def test_bad_input_exits_2_and_names_the_field(text: str, field: str) -> None:
    code, printed = run("evaluate", "-", text=text)
    assert code == 2
    assert json.loads(printed)["error"]["field"] == field


def test_bad_input_is_refused_in_the_language_asked() -> None:
    question = json.dumps({"scheme": "demo", "benefit": "old_age", "on": "2026-02-30"})
    code, text = run("evaluate", "-", "--lang", "fr", text=question)
    assert (code, json.loads(text)["error"]["field"]) == (2, "on")
    assert "jour du calendrier" in json.loads(text)["error"]["message"]


def test_a_missing_file_exits_2() -> None:
    code, printed = run("evaluate", "nowhere.json")
    assert code == 2
    assert json.loads(printed)["error"]["field"] == "(file)"


def test_a_law_being_written_can_be_tried() -> None:
    question = {
        "scheme": "lagoon",
        "benefit": "basic_pension",
        "on": "2025-03-01",
        "person": {"birth_date": "1960-02-10"},
        "earnings": [{"year": 2022, "annual": "60000"}, {"year": 2023, "annual": "60000"}],
    }
    law = str(DATA / "lagoon.yaml")
    code, printed = run("evaluate", "-", "--law", law, text=json.dumps(question))
    assert code == 0
    assert json.loads(printed)["monthly"] == "94"


def test_json_schema_is_printed() -> None:
    code, printed = run("json-schema")
    assert code == 0
    assert "increment" in printed


PENALTY = (
    '{"scheme": "demo", "benefit": "late_penalty", "wages_month": "2022-12", "paid_on": "2026-06-01", %s}'
)


@pytest.mark.parametrize(
    "ending",
    [
        '"amount": 1e99999999999999999999',
        '"amount": 1e999999999',
        '"amount": 1e-999999999999',
        '"amount": 1e300',
        '"\\ud800": 1',
        '"amount": "\\ud800"',
        '"amount": NaN',
        '"amount": 1, "amount": 2',
    ],
)
def test_numbers_and_texts_of_no_world_are_refused_at_once(ending: str) -> None:
    code, printed = run("evaluate", "-", text=PENALTY % ending)
    assert code == 2
    assert json.loads(printed)["error"]["message"]


def test_a_question_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "question.json"
    file.write_text(json.dumps(OLD_AGE), encoding="utf-8-sig")
    code, printed = run("evaluate", str(file))
    assert (code, json.loads(printed)["monthly"]) == (0, "84000")
