"""The short form of a long trial: the same test, a few of its cases, and nothing that only the docs know."""

import ast
import re

import pytest

from config import ROOT
from tests.trials import chosen, trials

HERE = ROOT / "tests"
LISTED = re.compile(r"^\| `(tests/[\w/]+\.py)` \| `(\w+)` \|", re.MULTILINE)


class Item:
    """A collected test, as far as the choice looks at it."""

    def __init__(self, nodeid, **mark):
        self.nodeid, self._mark = nodeid, pytest.mark.long(**mark).mark if mark else None

    def get_closest_marker(self, name):
        return self._mark if name == "long" else None


CASES = [Item(f"tests/x.py::test_each[{number}]", sample=3) for number in range(40)]
OTHERS = [Item(f"tests/x.py::test_all[{number}]") for number in range(40)]


def test_a_few_cases_are_drawn_and_always_the_same():
    kept, left = chosen([*CASES, *OTHERS], is_full=False)
    assert len(kept) == 3 + len(OTHERS)
    assert kept == chosen([*CASES, *OTHERS], is_full=False)[0]
    assert {*kept, *left} == {*CASES, *OTHERS}
    assert set(OTHERS) < set(kept)


def test_the_full_trial_leaves_nothing_out():
    assert chosen([*CASES, *OTHERS], is_full=True) == ([*CASES, *OTHERS], [])


def test_a_case_that_was_asked_for_by_name_is_run():
    assert chosen(CASES[7:8], is_full=False) == (CASES[7:8], [])


def test_no_trial_is_empty():
    assert trials(short=2, full=100) in (2, 100)
    given = [
        (str(path), ast.literal_eval(node.value))
        for path in HERE.rglob("test_*.py")
        if path.name != "test_trials.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg in ("sample", "short")
    ]
    assert given
    assert [path for path, many in given if many < 1] == []


def test_who_asks_how_often_to_repeat_is_a_long_trial():
    """A test that asked and was not marked would never be made in full."""
    marked = {path for path, _name, _node in long_tests()}
    asking = {
        str(path.relative_to(ROOT))
        for path in HERE.rglob("test_*.py")
        if path.name != "test_trials.py" and "trials(" in path.read_text()
    }
    assert asking
    assert asking <= marked


def test_the_docs_list_each_long_trial():
    listed = LISTED.findall((ROOT / "docs/testing.md").read_text())
    assert sorted(listed) == sorted({(path, name) for path, name, _node in long_tests()})


def long_tests():
    """Each test marked `long`: its file, its name, and how it is written."""
    for path in sorted(HERE.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(is_long(mark) for mark in node.decorator_list):
                yield str(path.relative_to(ROOT)), node.name, node


def is_long(decorator):
    return ast.unparse(decorator).startswith("pytest.mark.long")
