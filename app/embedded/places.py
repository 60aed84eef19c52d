"""Which account runs PostgreSQL, and which folders that account can reach.

PostgreSQL refuses to run as root. Started by root, Guichet runs it as `nobody`, and never changes the mode
of a folder it did not make: what is closed stays closed, and what PostgreSQL needs is put elsewhere.
"""

import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"
# Only folders made by `mkdtemp`, or checked to be ours, are used there.
LASTING = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108
PASSING = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108


class CannotStart(Exception):
    """Something on this machine stops us; the message says what, and what to do about it."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, other than ourselves, that runs PostgreSQL for us."""

    name: str
    uid: int
    gid: int

    @property
    def owner(self) -> tuple[int, int]:
        """The user and the group, as the kernel wants them."""
        return self.uid, self.gid


def database_account(cluster: Path) -> Account | None:
    """Who must run PostgreSQL: ourselves (None), or for root the owner of what exists, else `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        uid = cluster.stat().st_uid if cluster.exists() else 0
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise CannotStart(
            f"PostgreSQL cannot run as root and this machine has no user “{UNPRIVILEGED}”: "
            "start Guichet as an ordinary user, or give DATABASE_URL."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def check_named() -> None:
    """PostgreSQL only makes a cluster for a user whose number has a name."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise CannotStart(
            f"User {os.geteuid()} has no name on this machine (/etc/passwd), and PostgreSQL needs one: "
            "run Guichet as another user, or give DATABASE_URL."
        ) from error


def can_reach(account: Account | None, folder: Path) -> bool:
    """Whether the account can walk down to `folder`; ourselves always can, or find out by trying."""
    if account is None:
        return True
    resolved = folder.resolve()
    return all(_may_walk(account, part) for part in (resolved, *resolved.parents) if part.exists())


def lasting_folder(account: Account, purpose: str) -> Path:
    """A new folder outside every closed one, kept over restarts, that the account can reach."""
    return _new_folder(account, LASTING, purpose)


def passing_folder(account: Account | None, purpose: str) -> Path:
    """A new short-named folder for sockets and throw-away data; whoever asks removes it."""
    return _new_folder(account, (*PASSING, Path(tempfile.gettempdir())), purpose)


def _new_folder(account: Account | None, parents: tuple[Path, ...], purpose: str) -> Path:
    for parent in parents:
        if os.access(parent, os.W_OK | os.X_OK) and can_reach(account, parent):
            made = Path(tempfile.mkdtemp(prefix=f"guichet-{purpose}-", dir=parent))
            made.chmod(0o711 if account else 0o700)
            return made
    raise CannotStart(
        f"No folder can be written for {purpose}: make one of these writable: {', '.join(map(str, parents))}."
    )


def _may_walk(account: Account, folder: Path) -> bool:
    seen = folder.stat()
    if seen.st_uid == account.uid:
        return bool(seen.st_mode & stat.S_IXUSR)
    if seen.st_gid == account.gid:
        return bool(seen.st_mode & stat.S_IXGRP)
    return bool(seen.st_mode & stat.S_IXOTH)
