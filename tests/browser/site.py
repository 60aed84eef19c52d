"""A whole Guichet of real processes on servers of its own: what the browser, the pictures and the bench visit."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flask import Flask

from app import create_app
from app.embedded.supervision import application_programs
from app.extensions import db
from config import ROOT, load
from tests.processes import until
from tests.servers import running

PROGRAMS = ("web", "worker", "relay")
SET_UP = (("db", "upgrade"), ("guichet", "setup"), ("guichet", "demo", "load"))
SECONDS_TO_OPEN = 180


@dataclass(frozen=True)
class Site:
    """Where it answers, the same application in this process (for data only), its logs and its web server."""

    url: str
    app: Flask
    logs: Path
    web_pid: int

    def log_of(self, program: str) -> str:
        """What a program wrote so far."""
        return (self.logs / f"{program}.log").read_text()


@contextmanager
def standing(folder: Path) -> Iterator[Site]:
    """A migrated Guichet with its demonstration, served until the block ends."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        settings = stack.enter_context(running(folder)) | {
            "GUICHET_ENV": "embedded",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "PUBLIC_URL": url,
            "SECRET_KEY": secrets.token_hex(32),
        }
        app = create_app(load(settings))
        stack.callback(_leave, app)
        _set_up(app)
        programs = {name: stack.enter_context(_running(name, settings, folder)) for name in PROGRAMS}
        site = Site(url, app, folder, programs["web"].pid)
        until(lambda: is_open(port) or any(map(_ended, programs.values())), SECONDS_TO_OPEN)
        if not is_open(port):
            raise RuntimeError("\n".join(site.log_of(name)[-2000:] for name in PROGRAMS))
        yield site


def is_open(port: int) -> bool:
    """Whether every part answers, as `/healthz` says."""
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def _set_up(app: Flask) -> None:
    """The commands an administrator runs on a new installation."""
    for command in SET_UP:
        done = app.test_cli_runner().invoke(args=command)
        if done.exit_code:
            raise RuntimeError(f"flask {' '.join(command)}: {done.output}") from done.exception


@contextmanager
def _running(name: str, settings: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One program of the house, on the leash: it ends with the block, and with this process."""
    (program,) = (program for program in application_programs() if program.name == name)
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            program.argv,
            cwd=ROOT,
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ended(program: subprocess.Popen[bytes]) -> bool:
    return program.poll() is not None


def _leave(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["valkey"].close()
    shutil.rmtree(app.config["SETTINGS"].RUN_DIR, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])
