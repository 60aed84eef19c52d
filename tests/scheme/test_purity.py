"""The engine stays what it promises: pure, exact, and ignorant of countries."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.scheme import answer, explained, scheme_names
from app.scheme.loading import HOME

from .cases import OLD_AGE

FILES = sorted(HOME.rglob("*.py"))
OUTSIDE = {"yaml", "jsonschema"}
CLOCKS = {"now", "today", "utcnow", "fromtimestamp", "time_ns", "monotonic", "perf_counter", "localtime"}
WORLD = {
    "importlib",
    "subprocess",
    "time",
    "random",
    "secrets",
    "uuid",
    "os",
    "socket",
    "locale",
    "zoneinfo",
    "calendar",
}


def ids(path: Path) -> str:
    """A file's name for the list of tests."""
    return str(path.relative_to(HOME))


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_it_imports_only_itself_and_few_others(file: Path) -> None:
    allowed = OUTSIDE | ({"click"} if file.name == "cli.py" else set()) | sys.stdlib_module_names
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= allowed
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").split(".")[0] in allowed
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level <= len(file.relative_to(HOME).parts)


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_it_knows_no_float_and_no_clock(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id in ("float", "__import__"))
        assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & WORLD
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").split(".")[0] not in WORLD
            assert not {alias.name for alias in node.names} & CLOCKS


NO_CLOCK = """
import json, sys, time
import app
for name in [name for name in sys.modules if name.startswith("app.scheme")]:
    del sys.modules[name]
def stopped(*_):
    raise AssertionError("the engine looked at the clock")
for name in ("time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "strftime", "process_time"):
    setattr(time, name, stopped)
from app.scheme import answer, explained
assert sys.modules["app.scheme.values"]
print(json.dumps(explained(answer(json.load(sys.stdin)), "fr")))
"""


def test_it_reads_no_clock_when_imported_nor_when_it_evaluates() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_CLOCK],
        input=json.dumps(OLD_AGE),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == explained(answer(OLD_AGE), "fr")


def words_of(text: str) -> set[str]:
    """The words of a source text, names cut at underscores and capitals."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-ÿ]+", text)}


PLACES = words_of(
    "africa america canad quebec québec swiss switz suisse german allemagn belgi cameroon cameroun senegal sénégal"
    " gabon ivoire benin bénin togo congo morocco maroc tunis alger kenya ghana nigeria rwanda madagascar austral"
    " zealand japan india brazil brésil chile mexic britain europe kingdom royaume afrique amérique république"
    " republic dollar rupee peso"
)
CODES = words_of(
    "xaf xof usd cad eur gbp chf fcfa cfa franc francs euro euros us uk ca cpp qpp oasi ssa cnps cnss cnamgs ipres"
    " cleiss cnav agirc arrco urssaf ahv avs bsv dwp hmrc cra rrq irs fica medicare ilo france united lagoon isla"
)


@pytest.mark.parametrize("file", [*FILES, *sorted((HOME / "sentences").glob("*.yaml"))], ids=ids)
def test_it_names_no_country(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not {part for part in PLACES if part in text.lower()}
    assert not words_of(text) & CODES
    assert not {name for name in scheme_names() if name in text.replace("demonstrat", "")}
    assert not {benefit for benefit in ("old_age", "sickness", "maternity") if benefit in text.lower()}
