"""Debian's Chromium: found, or installed where we may, or refused with a sentence."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "No Chromium on the PATH: install it (on Debian: apt-get install chromium)."


class NoChromium(Exception):
    """There is no browser, and we may not install one."""


@contextmanager
def launched() -> Iterator[Browser]:
    """One Chromium for as long as the block runs; each visitor opens a context of their own in it."""
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def _program() -> str:
    found = _found() or (_installed() if _may_install() else None)
    if found is None:
        raise NoChromium(MISSING)
    return found


def _found() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _installed() -> str | None:
    """Debian's own package; None when the package cannot be had."""
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        if subprocess.run(
            ["apt-get", *words], env=environ, stdout=subprocess.DEVNULL, check=False
        ).returncode:
            return None
    return _found()
