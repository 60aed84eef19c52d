"""What the papers on security say is there: each requirement once, each test named a test that exists."""

import ast
import json
import re
from functools import cache

import pytest

from config import ROOT

PAPERS = ["docs/security.md", "docs/asvs.md"]
NODE = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(\w+)`")
ROW = re.compile(r"\| (V\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (met|not applicable|open) \| (.+) \|")


@cache
def names_in(path):
    """The tests of a file, by name."""
    tree = ast.parse((ROOT / path).read_text())
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def rows():
    lines = (ROOT / "docs/asvs.md").read_text().splitlines()
    return [ROW.fullmatch(line) for line in lines if line.startswith("| V")]


@pytest.mark.parametrize("paper", PAPERS)
def test_each_test_that_is_named_exists(paper):
    named = NODE.findall((ROOT / paper).read_text())
    assert len(named) > 20
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_that_looks_like_a_test_is_written_otherwise(paper):
    text = (ROOT / paper).read_text()
    assert text.count("::") == len(NODE.findall(text))


def test_every_requirement_is_there_once_with_its_level():
    asked = [tuple(pair) for pair in json.loads((ROOT / "tests/data/asvs-5.0-ids.json").read_text())]
    assert None not in rows()
    assert [(row[1], int(row[2])) for row in rows()] == asked


def test_the_counts_at_the_top_are_true():
    (said,) = re.findall(r"^Of (\d+) requirements: (.+)\.$", (ROOT / "docs/asvs.md").read_text(), re.M)
    found = [row[4] for row in rows()]
    assert int(said[0]) == len(found)
    assert said[1] == ", ".join(
        f"{found.count(state)} {state}" for state in ("met", "not applicable", "open")
    )


def test_what_is_met_names_its_test_and_the_rest_says_why():
    for row in rows():
        if row[4] == "met":
            assert NODE.search(row[5]), row[1]
        assert len(row[5]) > 20 or row[4] == "open", row[1]


def test_each_threat_has_something_against_it_that_a_test_shows():
    threats = [
        line
        for section in (ROOT / "docs/security.md").read_text().split("\n## ")
        if "| shown by |" in section
        for line in section.splitlines()
        if line.startswith("| ") and "| shown by |" not in line
    ]
    assert len(threats) > 30
    assert [line for line in threats if not NODE.search(line.split(" | ")[-1])] == []
