"""The servers the tests stand on: quick, private, and gone with whoever started them."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from app.embedded import leash
from app.embedded.cluster import planned_cluster
from app.embedded.places import CannotStart, database_account, passing_folder
from app.embedded.servers import postgres, valkey
from app.embedded.valkey import Valkey, planned_valkey
from config import ROOT
from tests.processes import is_alive, until

OPENS_BOTH = """
import sys
from pathlib import Path
import psycopg
from redis import Redis
from app.embedded.servers import postgres, valkey
with postgres(Path(sys.argv[1])) as url, valkey(Path(sys.argv[1])) as queue:
    with psycopg.connect(url.replace("+psycopg", "")) as line:
        host = line.info.host
        folder = line.execute("SHOW data_directory").fetchone()[0]
    print(Path(folder, "postmaster.pid").read_text().split()[0], flush=True)
    print(Redis.from_url(queue).info()["process_id"], flush=True)
    print(Path(host).parent, Path(queue.removeprefix("unix://")).parent, flush=True)
    sys.stdin.read()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")


def test_the_database_is_empty_and_ours(tmp_path: Path) -> None:
    with postgres(tmp_path) as url, psycopg.connect(url.replace("+psycopg", "")) as line:
        tables = line.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)
        assert line.info.user == line.info.dbname == "guichet"


def test_the_database_cannot_be_reached_by_network(tmp_path: Path) -> None:
    with postgres(tmp_path) as url, psycopg.connect(url.replace("+psycopg", "")) as line:
        assert line.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(Path(line.info.host).stat().st_mode) == 0o700


def test_the_queue_keeps_what_it_was_given_when_not_fast(tmp_path: Path) -> None:
    with valkey(tmp_path, fast=False) as url, Redis.from_url(url) as queue:
        queue.set("kept", "yes")
    with valkey(tmp_path, fast=False) as url, Redis.from_url(url) as queue:
        assert queue.get("kept") == b"yes"


def test_the_queue_s_socket_is_ours_alone(tmp_path: Path) -> None:
    with valkey(tmp_path) as url:
        assert stat.S_IMODE(Path(url.removeprefix("unix://")).stat().st_mode) == 0o700


def test_servers_end_with_a_killed_process(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OPENS_BOTH, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        servers = [int(owner.stdout.readline()) for _ in range(2)]
        left = owner.stdout.readline().split()
        assert all(map(is_alive, servers))
        owner.kill()
    assert until(lambda: not any(map(is_alive, servers)), seconds=3)
    for folder in left:
        shutil.rmtree(folder)


def test_a_program_on_the_leash_gets_the_signal_it_was_promised(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    program = ["/bin/sh", "-c", f"trap 'touch {heard}; exit' INT; echo ready; while :; do sleep 0.05; done"]
    parent = "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    argv = [sys.executable, "-c", parent, *leash.command(program, signal.SIGINT)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as started:
        assert started.stdout
        started.stdout.readline()
        started.kill()
        assert until(heard.exists, seconds=3)


def test_two_queues_never_write_one_file(tmp_path: Path, open_folder: Path) -> None:
    first, second = (planned_valkey(tmp_path, open_folder / name) for name in ("one", "two"))
    first.prepare()
    with _started(first) as one:
        assert until(first.is_ready, seconds=5)
        with _started(second) as other:
            assert until(lambda: _waits_for_a_lock(other.pid), seconds=5)
            assert not second.is_ready()
            one.kill()
            assert until(second.is_ready, seconds=5)


def test_too_long_a_socket_folder_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="too long a name"):
        planned_cluster(tmp_path / "postgres", tmp_path / ("s" * 90))
    assert not list(tmp_path.iterdir())


def test_a_lost_database_is_not_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(CannotStart, match="which is gone"):
        planned_cluster(tmp_path / "postgres", Path("/tmp/guichet-none"))


def test_a_pid_file_left_by_a_killed_container_does_not_stop_the_server(open_folder: Path) -> None:
    cluster = planned_cluster(open_folder / "postgres", open_folder / "s")
    cluster.prepare(fast=True)
    stale = cluster.folder / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{cluster.folder}\n")
    with postgres(open_folder) as url, psycopg.connect(url.replace("+psycopg", "")) as line:
        assert line.execute("SELECT 1").fetchone() == (1,)


@needs_root
def test_root_in_a_closed_folder_gets_its_database_and_the_folder_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    above = (closed, tmp_path, tmp_path.parent)
    before = [part.stat().st_mode for part in above]
    with postgres(closed) as url, psycopg.connect(url.replace("+psycopg", "")) as line:
        assert line.execute("SELECT 1").fetchone() == (1,)
    assert [part.stat().st_mode for part in above] == before


@needs_root
def test_a_kept_database_outside_a_closed_folder_is_found_again(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    cluster = planned_cluster(closed / "postgres", open_folder / "s")
    cluster.prepare(fast=True)
    place = cluster.folder.resolve()
    try:
        assert cluster.folder.is_symlink()
        assert closed not in place.parents
        assert planned_cluster(closed / "postgres", open_folder / "s").folder.resolve() == place
    finally:
        shutil.rmtree(place.parent)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder with a short name that the account of PostgreSQL can reach."""
    folder = passing_folder(database_account(Path("/nowhere")), "test")
    yield folder
    shutil.rmtree(folder)


@contextmanager
def _started(server: Valkey) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(server.command(), stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _waits_for_a_lock(pid: int) -> bool:
    return any("->" in line and f" {pid} " in line for line in Path("/proc/locks").read_text().splitlines())
