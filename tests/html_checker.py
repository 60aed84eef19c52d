"""The Nu HTML checker (npm's `vnu-jar`, with Java): found, or installed where we may, or refused."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from config import ROOT

PACKAGE, VERSION = "vnu-jar", "26.9.27"
DEBIAN = {"java": "default-jre-headless", "npm": "npm"}
SHORT_LIFE = ("-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Java that lives for a few seconds: half the work, because nothing is made ready for hours."""

NEEDLESS = "The “group” role is unnecessary for element “fieldset”."
MISSING = "No Java or no npm: install them (on Debian: apt-get install default-jre-headless npm)."


class NoChecker(Exception):
    """There is no checker, and we may not, or cannot, install one."""


def checker(folder: Path = ROOT) -> Path:
    """The checker's archive, fetched by npm at our version when it is not there yet."""
    for program in DEBIAN:
        if shutil.which(program) is None and not _installed(program):
            raise NoChecker(MISSING)
    archive = folder / "node_modules" / PACKAGE / "build" / "dist" / "vnu.jar"
    if not archive.exists():
        words = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*words, f"{PACKAGE}@{VERSION}"], check=False, capture_output=True)
    if not archive.exists():
        raise NoChecker(f"npm could not install {PACKAGE} {VERSION}.")
    return archive


def complaints(archive: Path, pages: list[Path]) -> list[dict[str, Any]]:
    """What the checker finds wrong in the pages, warnings too; none when all is well.

    GOV.UK's date input says `role="group"` on a fieldset for old screen readers: needless, and no mistake.
    """
    words = ["-jar", str(archive), "--format", "json", "--exit-zero-always", "--stdout"]
    done = subprocess.run(
        ["java", *SHORT_LIFE, *words, *map(str, pages)], capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return [line for line in found if NEEDLESS not in line["message"]]


def _installed(program: str) -> bool:
    """Debian's own package, as root only."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", DEBIAN[program]]):
        subprocess.run(["apt-get", *words], env=environ, capture_output=True, check=False)
    return shutil.which(program) is not None
