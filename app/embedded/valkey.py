"""The embedded Valkey: a queue and a notice board on a socket, with everything written to a file."""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from app.delays import VALKEY_ANSWER_SECONDS
from app.embedded import leash
from app.embedded.programs import valkey_server

STOP_SIGNAL = signal.SIGTERM


@dataclass(frozen=True)
class Valkey:
    """A Valkey server: where it keeps its append-only file, and its socket."""

    folder: Path
    socket: Path
    program: Path

    @property
    def url(self) -> str:
        """Where redis-py finds it."""
        return f"unix://{self.socket}"

    def command(self, fast: bool = False) -> list[str]:
        """The server's command line; never two on one append-only file. `fast` writes nothing down."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "no" if fast else "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        argv = [str(self.program)]
        for name, value in options.items():
            argv += [f"--{name}", value]
        return leash.command(argv, STOP_SIGNAL, lock=self.folder / "lock")

    def is_ready(self) -> bool:
        """Whether the server answers, its file read."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(VALKEY_ANSWER_SECONDS)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(5) == b"+PONG"
        except OSError:
            return False

    def prepare(self) -> None:
        """Make its folder."""
        self.folder.mkdir(mode=0o700, exist_ok=True)


def planned_valkey(folder: Path, at: Path) -> Valkey:
    """The server to run from `folder`, on the socket `at`; `CannotStart` when it cannot be."""
    return Valkey(folder, at, valkey_server())
