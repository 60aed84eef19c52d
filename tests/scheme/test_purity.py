"""The engine stays what it promises: pure, exact, and ignorant of countries."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from app.scheme import scheme_names
from app.scheme.loading import HOME

FILES = sorted(HOME.rglob("*.py"))
OUTSIDE = {"yaml", "jsonschema"}


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


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_it_knows_no_float_and_no_clock(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id == "float")
        assert not (isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"))


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_it_names_no_country(file: Path) -> None:
    words = {
        node.value
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not words & set(scheme_names())
    assert not words & {"XAF", "USD", "CAD", "old_age", "sickness", "maternity"}
