"""The whole house on one machine: checked, started in order, watched, and stopped without a trace."""

import contextlib
import hmac
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from app.delays import HEALTH_SECONDS, HOUSE_LOOK_SECONDS, HOUSE_OPEN_SECONDS, HOUSE_TICK_SECONDS
from app.embedded import checks, leash
from app.embedded.cluster import STOP_SIGNAL as STOP_POSTGRES
from app.embedded.cluster import Cluster, planned_cluster
from app.embedded.commands import flask
from app.embedded.countersign import CHALLENGE, COUNTERSIGN, countersign
from app.embedded.ending import Caller, end
from app.embedded.places import CannotStart
from app.embedded.supervision import (
    APPLICATION,
    SERVERS,
    Control,
    Program,
    application_programs,
    configuration,
)
from app.embedded.valkey import Valkey, planned_valkey
from config import ROOT, Settings

TICKS_BETWEEN_LOOKS = round(HOUSE_LOOK_SECONDS / HOUSE_TICK_SECONDS)


class Stopped(Exception):
    """Someone asked the house to stop."""


class House:
    """One installation, from its first check to its last process."""

    def __init__(self, settings: Settings) -> None:
        """Check all that can be checked: `CannotStart` comes from here, before anything is made."""
        checks.check_all(settings)
        data, run = settings.DATA_DIR, settings.RUN_DIR
        self.settings = settings
        self.cluster: Cluster | None = None
        self.valkey: Valkey | None = None
        if settings.embedded_database:
            self.cluster = planned_cluster(data / "postgres", run / "pg")
        if settings.embedded_queue:
            self.valkey = planned_valkey(data / "valkey", run / "valkey.sock")
        self.log = data / "log"
        self.control = Control(run)
        self._caller = Caller()
        self._stop = threading.Event()

    def run(self) -> None:
        """Start everything, say where it is, and keep it up until asked to stop."""
        with checks.only_one(self.settings.DATA_DIR), contextlib.suppress(Stopped):
            self._listen_to_signals()
            for sentence in checks.warnings(self.settings):
                say(sentence)
            with self._folders(), self._supervisor() as supervisor:
                self._wait_for_servers(supervisor)
                self._prepare()
                self._open(supervisor)
                self._watch(supervisor)

    def _listen_to_signals(self) -> None:
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if wanted != signal.SIGHUP or signal.getsignal(wanted) != signal.SIG_IGN:
                signal.signal(wanted, lambda *_: self._stop.set())

    @contextlib.contextmanager
    def _folders(self) -> Iterator[None]:
        """The folder of the sockets, for as long as the house stands, and what the servers keep."""
        run = self.settings.RUN_DIR
        checks.make_run_folder(run, shared=bool(self.cluster and self.cluster.account))
        try:
            self._make_folders()
            yield
        except OSError as error:
            raise CannotStart(
                f"{error.filename} cannot be made ({error.strerror}): "
                "move it away, or choose another folder with DATA_DIR=…"
            ) from error
        finally:
            shutil.rmtree(run, ignore_errors=True)

    def _make_folders(self) -> None:
        self.log.mkdir(mode=0o700, exist_ok=True)
        link = self.settings.RUN_DIR / "log"
        link.unlink(missing_ok=True)
        link.symlink_to(self.log)
        if self.cluster:
            self.cluster.prepare()
        if self.valkey:
            self.valkey.prepare()

    def _programs(self) -> list[Program]:
        programs = application_programs()
        if self.cluster:
            programs.append(Program("postgres", SERVERS, self.cluster.command(), STOP_POSTGRES))
        if self.valkey:
            programs.append(Program("valkey", SERVERS, self.valkey.command()))
        return programs

    @contextlib.contextmanager
    def _supervisor(self) -> Iterator[subprocess.Popen[bytes]]:
        """The supervisor, in a session of its own so that Ctrl-C reaches us alone."""
        leash.adopt_orphans()
        run = self.settings.RUN_DIR
        file = run / "supervisor.conf"
        file.write_text(configuration(self._programs(), ROOT, run, root=os.geteuid() == 0))
        argv = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(file)]
        with (self.log / "supervisor.out").open("w") as output:
            supervisor = subprocess.Popen(
                leash.command(argv, signal.SIGKILL),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield supervisor
        finally:
            end(supervisor)

    def _wait_for_servers(self, supervisor: subprocess.Popen[bytes]) -> None:
        say("Starting the servers …")
        deadline = time.monotonic() + HOUSE_OPEN_SECONDS
        while not self._servers_are_ready():
            self._pause(supervisor)
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL or Valkey does not start: see {self.log}.")

    def _servers_are_ready(self) -> bool:
        wanted = [server for server in (self.cluster, self.valkey) if server]
        return bool(self.control.states()) and all(server.is_ready() for server in wanted)

    def _prepare(self) -> None:
        """Tables, roles, reference data; the demo too, except where real people are."""
        say("Preparing the database …")
        if self.cluster:
            checks.check_revisions(self.cluster.url, "DATA_DIR")
        steps = [["db", "upgrade"], ["guichet", "setup"]]
        if not self.settings.is_production:
            steps.append(["guichet", "demo"])
        for step in steps:
            flask(step, self.log, self._pause)

    def _open(self, supervisor: subprocess.Popen[bytes]) -> None:
        """Start the application and, once it answers, say where it is and who may sign in."""
        say("Opening …")
        checks.check_port(self.settings.HOST, self.settings.PORT)
        self.control.start(APPLICATION)
        deadline = time.monotonic() + HOUSE_OPEN_SECONDS
        accounts = (
            ""
            if self.settings.is_production
            else flask(["guichet", "demo", "accounts"], self.log, self._pause)
        )
        while not self.is_healthy():
            self._pause(supervisor)
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Guichet does not answer after {HOUSE_OPEN_SECONDS:.0f} s: see {self.log}."
                )
        say(f"\nGuichet is ready: {self.settings.PUBLIC_URL}/\n\n{accounts}")
        say(f"Ctrl-C stops it. Logs: {self.log}")

    def is_healthy(self) -> bool:
        """Whether every part of the application answers, and is ours, not a stranger on our port."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.HOST, self.settings.HOST)  # noqa: S104
        line = HTTPConnection(host, self.settings.PORT, timeout=HEALTH_SECONDS)
        challenge = secrets.token_hex(16)
        wanted = countersign(self.settings, challenge)
        try:
            line.request("GET", "/healthz", headers={CHALLENGE: challenge})
            answer = line.getresponse()
            told = answer.headers.get(COUNTERSIGN) or ""
            return answer.status == 200 and hmac.compare_digest(told.encode(), wanted.encode())
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    def _watch(self, supervisor: subprocess.Popen[bytes]) -> None:
        """Wait to be asked to stop; start again what the supervisor has given up."""
        while True:
            for _ in range(TICKS_BETWEEN_LOOKS):
                self._pause(supervisor)
            for state in self.control.states():
                if state.status == "FATAL":
                    self.control.start_one(state)

    def _pause(self, supervisor: subprocess.Popen[bytes] | None = None) -> None:
        """Wait a little; `Stopped` when asked to, `CannotStart` when the supervisor is gone."""
        if self._stop.wait(HOUSE_TICK_SECONDS) or self._caller.is_leaving():
            raise Stopped
        if supervisor and supervisor.poll() is not None:
            raise CannotStart(
                f"The supervisor ended, and everything with it: see {self.log}, then start again."
            )


def say(sentence: str) -> None:
    """Tell the person in front of the terminal, at once."""
    print(sentence, flush=True)
