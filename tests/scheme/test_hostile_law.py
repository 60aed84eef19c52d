"""Whatever stands in a file, `scheme check` accepts it or refuses it by file, key and reason, at once."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.scheme import BadLaw, load_path, scheme_names
from app.scheme.loading import HOME
from tests.trials import trials

from .cases import DATA

LAW = (DATA / "lagoon.yaml").read_text(encoding="utf-8")
PATIENCE = 10
BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)
)
STEP = "{rule: sum, of: [%s], label: {fr: pas, en: step}, source: s. 1}"
CHAIN = "".join(f"      s{i}: {STEP % (f's{i + 1}' if i < 499 else '1')}\n" for i in range(500))
LONG = "".join(CHAIN.splitlines(keepends=True)[-150:])

REFUSED = [
    ("{2024-07-01: 37.60", "{2024-07-01/9999-12-31: 37.60", "values.2024-07-01/9999-12-31", "not between"),
    ("{2024-07-01: 37.60", "{0999-07-01: 37.60", "values.0999-07-01", "not between"),
    ("{1990-01-01: 63}", "{1990-01-01: 1.0e+99999999}", "first_age.values.1990-01-01", "too large"),
    ("{1990-01-01: 63}", "{1990-01-01: 1.0e-99999999}", "first_age.values.1990-01-01", "too large"),
    ("{1990-01-01: 63}", f"{{1990-01-01: {'9' * 5000}}}", "first_age.values.1990-01-01", "too large"),
    ("{1990-01-01: 63}", f"{{1990-01-01: '{'9' * 5000} %'}}", "first_age.values.1990-01-01", "not a number"),
    ("{1990-01-01: 63}", "{1990-01-01: 1000001}", "first_age.values.1990-01-01", "at most 1000000"),
    ("{1990-01-01: 63}", "{1990-01-01: -62}", "first_age.values.1990-01-01", "must not be negative"),
    ("{2025-01-01: 45360}\n  fixed", "{2025-01-01: -1}\n  fixed", "threshold.values.2025-01-01", "negative"),
    ("{2018: 38000", "{2018: -38000", "average_earnings.values.2018", "must not be negative"),
    ("{2018: 38000", "{²: 38000", "average_earnings.values.²", "must be a year"),
    ("by: 12\n", "by: 9999999\n", "steps.monthly.by", "a figure without source"),
    ("source: s. 6\n    unit", "source: ' '\n    unit", "parameters.point_value.source", "must not be empty"),
    (
        "source: s. 6\n    unit",
        'source: "\\u200b"\n    unit',
        "parameters.point_value.source",
        "must not be empty",
    ),
    ("label: {fr: seuil, en", 'label: {fr: "\\ufeff \\u2060", en', "parameters.threshold.label.fr", "empty"),
    ("label: {fr: seuil, en", "label: {fr: '  ', en", "parameters.threshold.label.fr", "must not be empty"),
    ("decimals: 2", "decimals: -2", "scheme.currency.decimals", "at least 0"),
    ("decimals: 2", "decimals: 9", "scheme.currency.decimals", "at most 4"),
    ("name: lagoon", "name: ../isla", "scheme.name", "is not a name"),
    ("name: lagoon", 'name: "lagoon\\n"', "scheme.name", "is not a name"),
    ("  threshold:\n", "  ../threshold:\n", "parameters.../threshold", "is not a name"),
    ("      factor:\n", "      ../factor:\n", "steps.../factor", "is not a name"),
    ("roundings:\n", "include: 5\nroundings:\n", "include", "must be a list"),
    ("roundings:\n", 'include: ["a\\0b.yaml"]\nroundings:\n', "include.0", "is not the name of a .yaml file"),
    ("roundings:\n", "include: [/etc/passwd]\nroundings:\n", "include.0", "is not the name of a .yaml file"),
    ("roundings:\n", "include: [{a: b}]\nroundings:\n", "include.0", "is not the name of a .yaml file"),
    ("      year: {rule: year_of", f"{CHAIN}      year: {{rule: year_of", "steps", "at most 300"),
    ("      year: {rule: year_of", f"{LONG}      year: {{rule: year_of", "", "more than 60"),
    ("roundings:\n", f"facts: {'[' * 1_000}{']' * 1_000}\nroundings:\n", "facts", "nested"),
    ("roundings:\n", f"facts: {'[' * 100_000}\nroundings:\n", "facts", "nested"),
    ("roundings:\n", f"facts:\n  {'- ' * 100_000}x\nroundings:\n", "facts", "nested"),
    ("roundings:\n", f"facts: {'{a: ' * 1_000}{'}' * 1_000}\nroundings:\n", ".a.a", "nested"),
    ("scheme:\n", f"{BOMB}scheme:\n", "b.0", "alias"),
]


def refusal(folder: Path, text: str) -> BadLaw:
    """How a law of this text is refused; that it is, and in bounded time, is checked."""
    file = folder / "law.yaml"
    file.write_text(text, encoding="utf-8")
    begun = time.process_time()
    with pytest.raises(BadLaw) as refused:
        load_path(file)
    assert time.process_time() - begun < PATIENCE
    return refused.value


@pytest.mark.parametrize(("old", "new", "key", "reason"), REFUSED, ids=lambda text: str(text)[:30])
def test_hostile_text_is_refused_by_file_key_and_reason(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    assert old in LAW
    problems = refusal(tmp_path, LAW.replace(old, new, 1)).problems
    found = [problem for problem in problems if problem.key.endswith(key) and reason in problem.reason]
    assert found, problems
    assert found[0].file.endswith("law.yaml")
    assert found[0].line
    assert all(len(str(problem)) < 1000 for problem in problems)


def test_a_law_of_many_megabytes_is_not_read(tmp_path: Path) -> None:
    problems = refusal(tmp_path, LAW + "# more\n" * 1_000_000).problems
    assert [(problem.key, problem.reason) for problem in problems] == [
        ("(file)", "is larger than 2000000 bytes")
    ]


def test_a_part_repeated_by_an_alias_is_refused_once_at_its_key(tmp_path: Path) -> None:
    text = LAW.replace("label: {fr: valeur du point", "label: &name {fr: valeur du point", 1)
    text = text.replace("label: {fr: seuil, en: threshold}", "label: *name", 1)
    found = [problem for problem in refusal(tmp_path, text).problems if "alias" in problem.reason]
    assert [problem.key for problem in found] == ["parameters.threshold.label"]


TOKENS = st.sampled_from(
    ["-1", "0", "1e999", "''", "' '", "~", "[]", "{}", "*x", "&x 1", "9999-12-31", "2026-02-30", "../x", "on"]
    + [
        "[[[[",
        "{a: ",
        "? ",
        "<<: ",
        "!!python/none x",
        '"\\0"',
        "|",
        "- ",
        "\t",
        "\ufeff",
        "1/0",
        "100 %",
        "²",
    ]
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["value", "token", "drop", "twice", "indent", "swap"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        TOKENS,
    ),
    min_size=1,
    max_size=3,
)


def edited(text: str, edits: list[tuple[str, int, int, str]]) -> str:
    """A text with some lines spoilt."""
    lines = text.split("\n")
    for kind, at, other, token in edits:
        place, second = at % len(lines), other % len(lines)
        line = lines[place]
        if kind == "value":
            lines[place] = f"{line.partition(': ')[0]}: {token}"
        elif kind == "token":
            cut = other % (len(line) + 1)
            lines[place] = line[:cut] + token + line[cut:]
        elif kind == "drop":
            lines[place] = ""
        elif kind == "twice":
            lines.insert(second, line)
        elif kind == "indent":
            lines[place] = " " * (other % 9) + line.lstrip()
        else:
            lines[place], lines[second] = lines[second], line
    return "\n".join(lines)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real schemes, copied to be spoilt."""
    folder = tmp_path_factory.mktemp("schemes")
    for name in (*scheme_names(), "ca"):
        shutil.copytree(HOME / name, folder / name)
    return folder


FILES = sorted(
    path.relative_to(HOME).as_posix()
    for name in (*scheme_names(), "ca")
    for path in (HOME / name).glob("*.yaml")
)


@pytest.mark.long
@settings(max_examples=trials(short=20, full=150), suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(FILES), edits=EDITS)
def test_a_spoilt_law_is_accepted_or_refused_by_file_key_and_reason(
    copies: Path, file: str, edits: list[tuple[str, int, int, str]]
) -> None:
    spoilt = copies / file
    before = spoilt.read_text(encoding="utf-8")
    spoilt.write_text(edited(before, edits), encoding="utf-8")
    scheme = spoilt.parent if (spoilt.parent / "scheme.yaml").exists() else copies / "ca-cpp"
    begun = time.process_time()
    try:
        with suppress(BadLaw):
            load_path(scheme)
            return
        with pytest.raises(BadLaw) as refused:
            load_path(scheme)
        assert all(problem.file and problem.key and problem.reason for problem in refused.value.problems)
    finally:
        spoilt.write_text(before, encoding="utf-8")
        assert time.process_time() - begun < PATIENCE
