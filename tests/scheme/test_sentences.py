"""The sentences of the two languages say the same of the same figures, and are those that were read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.scheme.loading import HOME
from app.scheme.wording import Wording, wording

from .sentences import FILE, golden, templates

OTHER_ORDER: dict[str, str] = {}
"""Templates whose French needs its arguments in another order, with the reason. There is none so far."""
SWAPPED = [
    ("operations.increment", "{step#}", "{per#}"),
    ("operations.days_between", "{from#}", "{to#}"),
    ("refusals.between_days", "{first}", "{last}"),
    ("operations.subtract", "{amount}", "{less}"),
]


def out_of_order(french: Wording, english: Wording) -> set[str]:
    """Templates that name other arguments in French than in English, or in another order."""
    own, other = templates(french), templates(english)
    return {name for name in own.keys() | other.keys() if _wanted(own, name) != _wanted(other, name)}


def _wanted(found: dict[str, Any], name: str) -> Any:
    return found[name].wanted if name in found else None


def test_both_languages_name_the_same_arguments_in_the_same_order() -> None:
    assert out_of_order(wording("fr"), wording("en")) == set(OTHER_ORDER)


@pytest.mark.parametrize(("name", "one", "two"), SWAPPED)
def test_two_swapped_arguments_are_noticed(
    name: str, one: str, two: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, _, key = name.partition(".")
    read = Path.read_text
    line = next(
        line
        for line in read(_file("fr"), encoding="utf-8").split(f"\n{part}:\n")[1].splitlines()
        if line.startswith(f"  {key}: ")
    )
    swapped = line.replace(one, "{}").replace(two, one).replace("{}", two)
    assert swapped != line
    monkeypatch.setattr(
        Path, "read_text", lambda self, *args, **more: read(self, *args, **more).replace(line, swapped)
    )
    assert out_of_order(Wording("fr"), wording("en")) == {name}


def _file(lang: str) -> Path:
    return HOME / "sentences" / f"{lang}.yaml"


def test_each_sentence_is_the_one_that_was_read() -> None:
    assert golden() == FILE.read_text(encoding="utf-8"), (
        "read the change, then: python -m tests.scheme.sentences"
    )
