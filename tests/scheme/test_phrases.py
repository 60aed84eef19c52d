"""What a sentence leaves out when a part of it says nothing, and what it then still says."""

from __future__ import annotations

from operator import itemgetter

import pytest

from app.scheme.phrases import SEAM, Phrase, Sheet, filled, listed, together
from app.scheme.wording import Sentence, parse_sentence

MAY_LACK = Phrase((itemgetter(1),))
ALWAYS = Phrase((0,))


def sentence(text: str) -> Sentence:
    """A template of these words."""
    return Sentence(parse_sentence(text), ())


@pytest.mark.parametrize(
    ("texts", "said"), [(("one", "two"), "one, at most two (100 %)"), (("one", None), "one (100 %)")]
)
def test_a_part_whose_figure_is_absent_is_left_out_whole(texts: tuple[str, str | None], said: str) -> None:
    made = filled(sentence("{a}[, at most {b}] (100 %)"), {"a": ALWAYS, "b": MAY_LACK})
    assert made.ready()(texts) == said


def test_a_label_is_not_said_without_its_figure() -> None:
    labelled = together(
        filled(sentence("{label} ({value})"), {"label": Phrase(("limit",)), "value": MAY_LACK})
    )
    both = listed([ALWAYS, labelled], " + ")
    assert both is not None
    assert both.ready()(("one", "two")) == "one + limit (two)"
    assert both.ready()(("one", None)) == "one"


def test_nothing_listed_says_nothing() -> None:
    assert listed([None, None], ", ") is None
    made = listed([MAY_LACK], ", ")
    assert filled(sentence("all[: {of}]"), {"of": made}).ready()(("one", None)) == "all"


@pytest.mark.parametrize("count", range(5))
def test_however_many_figures_a_sentence_has_each_stands_in_its_place(count: int) -> None:
    text = " < ".join(["0", *(f"{{a{index}}}" for index in range(count))])
    made = filled(sentence(f" {text} "), {f"a{index}": Phrase((index,)) for index in range(count)})
    assert made.ready()([str(index + 1) for index in range(count)]) == " < ".join(map(str, range(count + 1)))


SHEET = [
    Phrase((" 100 % of ", 0, " ")),
    Phrase(("nothing at all",)),
    Phrase(("or ", itemgetter(1))),
    Phrase((0, " and ", 0)),
]


@pytest.mark.parametrize("one", ["one", "50 %s", f"a{SEAM}b", ""])
@pytest.mark.parametrize("two", ["two", None])
def test_a_sheet_says_what_its_phrases_say_one_by_one(one: str, two: str | None) -> None:
    said = Sheet(SHEET, 2).said([one, two])
    assert said == [phrase.ready()([one, two]) for phrase in SHEET]
    assert said[0] == f"100 % of {one}"
    assert said[2] == ("or two" if two else "or")


@pytest.mark.parametrize("phrases", [[], [Phrase(("alone",))], [Phrase((0,))]])
def test_a_sheet_may_be_short(phrases: list[Phrase]) -> None:
    assert Sheet(phrases, 1).said(["x"]) == [phrase.ready()(["x"]) for phrase in phrases]
