"""Every template filled in both languages, side by side: what a translator reads and a test compares.

After a deliberate change of a sentence, `python -m tests.scheme.sentences` writes the table anew; read its
difference before it is committed, since a swapped argument looks right until its meaning is read.
"""

from __future__ import annotations

from app.scheme.wording import Sentence, Wording, wording

from .cases import DATA

FILE = DATA / "sentences.txt"
PARTS = ("frames", "operations", "refusals")


def templates(words: Wording) -> dict[str, Sentence]:
    """Every template of a language, with the rows of those that list."""
    found = {f"{part}.{name}": each for part in PARTS for name, each in getattr(words, part).items()}
    rows = {f"{name}.row": each.row for name, each in found.items() if each.row is not None}
    return found | rows


def golden() -> str:
    """Each template by name, in English and in French: whole, then with all that may lack left out."""
    english, french = (templates(wording(lang)) for lang in ("en", "fr"))
    blocks = []
    for name in sorted(english):
        lines = [name]
        for lang, each in (("en", english[name]), ("fr", french[name])):
            lines += [f"  {lang}: {text}" for text in dict.fromkeys((_filled(each), _bare(each)))]
        blocks.append("\n".join(lines))
    return "\n".join(blocks) + "\n"


def _filled(sentence: Sentence) -> str:
    """A template with every argument, told by its name."""
    return _visible(sentence.fill({name: f"‹{name}›" for name in sentence.wanted}))


def _bare(sentence: Sentence) -> str:
    """A template with nothing but what it always says."""
    needed = [content for kind, content in sentence.pieces if kind == "argument"]
    return _visible(sentence.fill({name: f"‹{name}›" for name in needed}))


def _visible(text: str) -> str:
    """No-break spaces as they may be read in a file; the typography has a test of its own."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


if __name__ == "__main__":
    FILE.write_text(golden(), encoding="utf-8")
