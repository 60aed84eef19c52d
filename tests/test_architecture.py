"""Rules of the house that no linter knows."""

import ast

import pytest

from config import ROOT

SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py"))
TIME_READERS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}


def calls(path):
    """Each `name.attribute(…)` of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield owner.id if isinstance(owner, ast.Name) else "", node.func.attr, node.lineno


def test_only_the_clock_reads_the_time():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if path.name != "clock.py"
        for owner, name, line in calls(path)
        if owner in ("datetime", "date", "time") and name in TIME_READERS
    ]
    assert found == []


def test_only_the_settings_read_the_environment():
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "embedded" not in path.parts and ("os.environ" in path.read_text() or "getenv" in path.read_text())
    ]
    assert found == []


def test_only_the_engine_writes_a_status():
    writers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "status"
    ]
    assert [writer.split(":")[0] for writer in writers] == ["app/services/cases.py"]


def test_no_test_sleeps():
    """`until` of tests/processes.py is the one that waits: it polls what other processes do."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "tests").rglob("*.py")
        for _owner, name, line in calls(path)
        if name == "sleep" and path.name != "processes.py"
    ]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path):
    lines = len(path.read_text().splitlines())
    assert lines <= 400 or path.name == "models.py"


def test_money_and_rules_use_no_float():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "app/services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert found == []
