"""The embedded PostgreSQL: a cluster in one folder, reached by a socket in another."""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.embedded import leash
from app.embedded.places import Account, CannotStart, can_reach, check_named, database_account, lasting_folder
from app.embedded.programs import major_version, postgres_programs, run_as

NAME = "guichet"
LONGEST_SOCKET_FOLDER = 91
STOP_SIGNAL = signal.SIGINT
KEPT = ("shared_buffers=128MB", "max_connections=120")
THROWN_AWAY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=60",
)


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL cluster, made or to be made: where it is, who runs it, and with which programs.

    Where the account that runs PostgreSQL cannot reach the data folder, the cluster lives in a folder made
    for it outside, and `folder` is a link to it: removing the data folder forgets it.
    """

    folder: Path
    sockets: Path
    account: Account | None
    programs: Path

    @property
    def url(self) -> str:
        """Where SQLAlchemy finds the database."""
        return f"postgresql+psycopg://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='')}"

    @property
    def owner(self) -> tuple[int, int] | None:
        """The user and group PostgreSQL runs as, when they are not ours."""
        return self.account.owner if self.account else None

    def command(self, fast: bool = False) -> list[str]:
        """The server's command line, on a leash; `fast` gives up surviving a power cut."""
        options = [f"-c{setting}" for setting in (THROWN_AWAY if fast else KEPT)]
        place = ["-D", str(self.folder.resolve()), "-k", str(self.sockets), "-clisten_addresses="]
        argv = [str(self.programs / "postgres"), *place, "-ctimezone=UTC", *options]
        return leash.command(argv, STOP_SIGNAL, self.owner)

    def is_ready(self) -> bool:
        """Whether the server accepts connections, as it writes itself in its pid file."""
        try:
            return self.folder.joinpath("postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def prepare(self, fast: bool = False) -> None:
        """Make the folder of the socket, and the cluster where there is none yet."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.owner:
            os.chown(self.sockets, *self.owner)
        if self.folder.exists():
            self._forget_dead_server()
        elif can_reach(self.account, self.folder.parent):
            self._create(self.folder, fast)
        elif self.account:
            outside = lasting_folder(self.account, "data") / "postgres"
            self._create(outside, fast)
            self.folder.symlink_to(outside)

    def _forget_dead_server(self) -> None:
        """Remove pid files whose number now belongs to another program, as after a container was killed."""
        for file in (self.folder / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            with contextlib.suppress(OSError, IndexError):
                pid = file.read_text().split()[0]
                if "postgres" not in Path("/proc", pid, "cmdline").read_text():
                    file.unlink()

    def _create(self, place: Path, fast: bool) -> None:
        """Whole or not at all: made beside its place, then renamed."""
        draft = place.with_name(f"{place.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.owner:
            os.chown(draft, *self.owner)
        try:
            self._fill(draft, ["--no-sync"] if fast else [])
        except subprocess.CalledProcessError as error:
            shutil.rmtree(draft, ignore_errors=True)
            reason = " ".join(error.stderr.split())
            raise CannotStart(
                f"PostgreSQL could not make {place} ({reason}): "
                "mend that, or choose another folder with DATA_DIR=…"
            ) from error
        draft.rename(place)

    def _fill(self, draft: Path, options: list[str]) -> None:
        initdb = [str(self.programs / "initdb"), "-D", str(draft), "-U", NAME, "-E", "UTF8", *options]
        single = [str(self.programs / "postgres"), "--single", "-cexit_on_error=true", "-D", str(draft)]
        run_as(self.account, [*initdb, "--locale=C.UTF-8", "--auth=trust", "--no-instructions"])
        run_as(self.account, [*single, "postgres"], typed=f"CREATE DATABASE {NAME};\n")


def planned_cluster(folder: Path, sockets: Path) -> Cluster:
    """The cluster to run from `folder`; `CannotStart` when it cannot be, before anything is made."""
    if folder.is_symlink() and not folder.exists():
        raise CannotStart(
            f"{folder} points to {folder.readlink()}, which is gone: put it back, "
            "or remove the link to begin with an empty database."
        )
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        raise CannotStart(
            f"The folder {sockets} has too long a name for PostgreSQL's socket: choose a shorter one."
        )
    if not folder.exists():
        check_named()
    account = database_account(folder)
    programs = postgres_programs(account)
    if folder.exists():
        _check_existing(folder, account, major_version(programs / "postgres"))
    return Cluster(folder, sockets, account, programs)


def _check_existing(folder: Path, account: Account | None, server: str) -> None:
    mine = account.uid if account else os.geteuid()
    if folder.stat().st_uid != mine:
        raise CannotStart(f"{folder} belongs to another user: start Guichet as that user or as root.")
    if not can_reach(account, folder):
        raise CannotStart(f"PostgreSQL's user cannot reach {folder}: open the folders above it (chmod +x).")
    try:
        made_by = folder.joinpath("PG_VERSION").read_text().strip()
    except OSError as error:
        raise CannotStart(f"{folder} is not a PostgreSQL cluster: move it away to begin anew.") from error
    if made_by != server:
        raise CannotStart(
            f"{folder} was made by PostgreSQL {made_by} and this is PostgreSQL {server}: export it with "
            f"PostgreSQL {made_by} (pg_dump) and load it anew, or choose another DATA_DIR."
        )
