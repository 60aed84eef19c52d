"""The supervisor: which programs make the house, its configuration, and how to ask about them.

Two groups, stopped one after the other: the application, then the servers it speaks to. Each program is on
a leash, so that nothing survives a killed supervisor, and comes back when it dies.
"""

import resource
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from app.delays import APPLICATION_STOP_SECONDS, SERVERS_STOP_SECONDS
from app.embedded import leash

APPLICATION, SERVERS = "application", "servers"
RETRIES = 50
MOST_FILES = 8192
SECONDS_TO_STOP = {APPLICATION: APPLICATION_STOP_SECONDS, SERVERS: SERVERS_STOP_SECONDS}


@dataclass(frozen=True)
class Program:
    """One program under the supervisor."""

    name: str
    group: str
    argv: list[str]
    stop: signal.Signals = signal.SIGTERM


def application_programs() -> list[Program]:
    """What Guichet itself runs, from the project's folder."""
    flask = [sys.executable, "-m", "flask", "--app", "run", "guichet"]
    commands = {
        "web": [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "run:app"],
        "worker": [*flask, "worker"],
        "scheduler": [*flask, "scheduler"],
        "relay": [*flask, "relay"],
    }
    return [
        Program(name, APPLICATION, leash.command(argv, signal.SIGKILL)) for name, argv in commands.items()
    ]


def configuration(programs: list[Program], folder: Path, run: Path, root: bool) -> str:
    """The supervisor's configuration file: programs run in `folder`; sockets and logs are in `run`."""
    log = run / "log"
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": run / "supervisor.sock", "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "logfile": log / "supervisor.log",
            "logfile_maxbytes": "2MB",
            "logfile_backups": 2,
            "pidfile": run / "supervisor.pid",
            "nodaemon": "true",
            "silent": "true",
            "minfds": files,
            "minprocs": 1,
            **({"user": "root"} if root else {}),
        },
    }
    for program in programs:
        sections[f"program:{program.name}"] = _section(program, folder, log)
    for priority, group in enumerate((SERVERS, APPLICATION), start=1):
        names = [program.name for program in programs if program.group == group]
        if names:
            sections[f"group:{group}"] = {"programs": ",".join(names), "priority": priority}
    return "\n".join(_text(name, values) for name, values in sections.items())


def _section(program: Program, folder: Path, log: Path) -> dict[str, object]:
    return {
        "command": shlex.join(program.argv),
        "directory": folder,
        "autostart": "true" if program.group == SERVERS else "false",
        "autorestart": "true",
        "startretries": RETRIES,
        "stopsignal": program.stop.name.removeprefix("SIG"),
        "stopwaitsecs": SECONDS_TO_STOP[program.group],
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": log / f"{program.name}.log",
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": 3,
    }


def _text(name: str, values: dict[str, object]) -> str:
    lines = [f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


@dataclass(frozen=True)
class State:
    """What the supervisor knows of one program."""

    name: str
    group: str
    status: str
    pid: int


class Control:
    """A line to the supervisor of a run folder."""

    def __init__(self, run: Path) -> None:
        self._socket = run / "supervisor.sock"

    def states(self) -> list[State]:
        """Every program and its state; none while the supervisor does not answer."""
        try:
            with self._line() as supervisor:
                told = supervisor.getAllProcessInfo()
        except (OSError, Error, HTTPException):
            return []
        return [State(one["name"], one["group"], one["statename"], one["pid"]) for one in told]

    def start(self, group: str) -> None:
        """Start every program of the group, without waiting for them."""
        with self._line() as supervisor:
            supervisor.startProcessGroup(group, False)

    def start_one(self, state: State) -> None:
        """Start one program again that the supervisor had given up."""
        with self._line() as supervisor:
            supervisor.startProcess(f"{state.group}:{state.name}", False)

    @contextmanager
    def _line(self) -> Iterator[Any]:
        """A new connection each time: one that failed cannot be used again."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with closing(transport):
            yield ServerProxy("http://127.0.0.1", transport).supervisor
