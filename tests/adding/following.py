"""Does what docs/adding-a-service.md says, word for word, to a copy of the source."""

import re
import shutil
from pathlib import Path

from config import ROOT

DOCUMENT = ROOT / "docs" / "adding-a-service.md"
BLOCK = re.compile(r"^```(python|diff|po) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("app", "docs", "migrations", "tests", "translations", "bench")
FILES = ("config.py", "run.py", "babel.cfg", "pyproject.toml", "requirements.txt", "gunicorn.conf.py")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "pictures", ".venv")


def blocks() -> list[tuple[str, str, str]]:
    """The document's code: its kind, the file it goes to, the code."""
    return BLOCK.findall(DOCUMENT.read_text())


def copy_source(folder: Path) -> None:
    """The source as it stands, without what was built from it."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)


def follow(folder: Path) -> None:
    """Write each block of the document where it says."""
    for kind, name, code in blocks():
        path = folder / name
        if kind == "diff":
            path.write_text(_changed(path.read_text(), code))
        elif path.exists():
            path.write_text(f"{path.read_text().rstrip()}\n\n\n{code}")
        else:
            path.write_text(code)


def _changed(text: str, diff: str) -> str:
    """The text with each hunk (they stand apart by an empty line) put in its only place."""
    for hunk in diff.strip("\n").split("\n\n"):
        lines = hunk.split("\n")
        before = "\n".join(line[1:] for line in lines if line[0] != "+")
        after = "\n".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text
