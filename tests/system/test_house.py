"""The house stands up again whatever is killed, and leaves nothing behind when it is stopped."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from app.embedded import servers
from tests.processes import command_line, is_alive, until
from tests.system.conftest import BARE, SECONDS_TO_OPEN, StandingHouse, free_port, launch, opening

SECONDS_TO_COME_BACK = 15
SECONDS_TO_STOP = 10
SECONDS_TO_DIE = 3
SECONDS_TO_OPEN_AGAIN = 60
PROGRAMS = {"postgres", "valkey", "web", "worker", "scheduler", "relay"}
PARTS = {"launcher": lambda house: house.launcher.pid, "supervisor": StandingHouse.supervisor}
"""What holds the house together: whichever is killed, nothing outlives it."""


def test_it_says_where_it_is_and_who_may_sign_in(standing: StandingHouse) -> None:
    assert f"http://127.0.0.1:{standing.settings.PORT}/" in standing.told
    assert "auditor" in standing.told
    assert until(standing.answers, SECONDS_TO_COME_BACK)


def test_every_program_is_under_the_supervisor(standing: StandingHouse) -> None:
    assert set(standing.states()) == PROGRAMS


def test_nothing_of_the_house_is_open_to_other_users(standing: StandingHouse) -> None:
    run, data = standing.settings.RUN_DIR, standing.settings.DATA_DIR
    for closed in (run / "pg", run / "valkey.sock", run / "supervisor.sock", data / "log", data / "postgres"):
        assert closed.stat().st_mode & 0o077 == 0, closed


def test_whichever_web_process_is_asked_tells_what_all_of_them_counted(standing: StandingHouse) -> None:
    def told() -> float:
        token = (standing.settings.DATA_DIR / "metrics_token").read_text()
        address = f"http://127.0.0.1:{standing.settings.PORT}/metrics"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            lines = answer.read().decode().splitlines()
        name = 'guichet_request_seconds_count{endpoint="root.livez",status="2xx"}'
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name)), 0)

    before = told()
    for _ in range(40):  # each over a connection of its own, so that both processes get some
        urllib.request.urlopen(f"http://127.0.0.1:{standing.settings.PORT}/livez", timeout=10).close()  # noqa: S310
    assert [told() for _ in range(8)] == [before + 40] * 8


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("name", ["relay", "scheduler", "worker", "valkey", "postgres", "web"])
def test_a_killed_program_is_back(standing: StandingHouse, name: str) -> None:
    killed = standing.kill(name)
    assert until(lambda: standing.is_back(name, killed), SECONDS_TO_COME_BACK), standing.states()


def test_a_second_start_on_the_same_folder_is_refused(standing: StandingHouse) -> None:
    second = launch(standing.settings.DATA_DIR, free_port())
    told, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"(process {standing.launcher.pid})" in told
    assert until(standing.is_whole, SECONDS_TO_COME_BACK), standing.states()


@dataclass(frozen=True)
class Stopped:
    """A house that was stopped: its data, how it ended, and what of it was still alive."""

    data: Path
    code: int
    seconds: float
    alive: list[int]
    run_folder: Path


@pytest.fixture(scope="module")
def stopped(standing: StandingHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stopped]:
    """A house that stood beside another, with a word left in each of its stores."""
    data = tmp_path_factory.mktemp("other") / "données 100 %"
    with opening(tmp_path_factory) as start:
        other = start(data)
        assert until(other.is_whole, SECONDS_TO_OPEN), other.states()
        leave_marks(other)
        processes = other.family()
        began = time.monotonic()
        code = other.stop()
        seconds = time.monotonic() - began
        alive = [pid for pid in processes if is_alive(pid)]
        yield Stopped(data, code, seconds, alive, other.settings.RUN_DIR)


def test_it_stops_without_a_trace_beside_another(standing: StandingHouse, stopped: Stopped) -> None:
    assert (stopped.code, stopped.alive) == (0, [])
    assert stopped.seconds < SECONDS_TO_STOP
    assert not stopped.run_folder.exists()
    assert until(standing.is_whole, SECONDS_TO_COME_BACK), standing.states()


def test_a_port_taken_after_the_checks_is_refused(stopped: Stopped) -> None:
    """The other program may well answer 200; nobody is told that Guichet is ready."""
    port = free_port()
    house = launch(stopped.data, port, DATABASE_URL="", REDIS_URL="", **BARE)
    assert house.stdout
    assert next(house.stdout) == "Starting the servers …\n"
    with socket.create_server(("127.0.0.1", port)):
        told, _ = house.communicate(timeout=SECONDS_TO_OPEN)
    assert house.returncode == 1
    assert told.splitlines()[-1].startswith(f"Port {port} of 127.0.0.1 is in use")
    assert "Guichet is ready" not in told


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("part", PARTS)
def test_started_again_it_has_kept_everything_until_killed(
    stopped: Stopped, open_house: Callable[..., StandingHouse], part: str
) -> None:
    again = open_house(stopped.data)
    assert marks_of(again) == ("kept", b"kept")
    assert again.seconds_to_open < SECONDS_TO_OPEN_AGAIN
    assert left_after(again, PARTS[part](again)) == []


def test_given_servers_stand_for_the_embedded_ones(
    open_house: Callable[..., StandingHouse], tmp_path: Path
) -> None:
    files = tmp_path / "files"
    with servers.postgres(tmp_path / "pg") as database, servers.valkey(tmp_path / "vk") as queue:
        house = open_house(DATABASE_URL=database, REDIS_URL=queue, STORAGE_URL=f"file://{files}")
        assert until(house.is_whole, SECONDS_TO_OPEN), house.states()
        assert set(house.states()) == PROGRAMS - {"postgres", "valkey"}
        assert not (house.settings.DATA_DIR / "postgres").exists()
        assert house.stop() == 0


def left_after(house: StandingHouse, killed: int) -> list[str]:
    """Kill -9 one process of the house; what is still alive when all should be gone."""
    processes = house.family()
    assert len(processes) > len(PROGRAMS)
    os.kill(killed, signal.SIGKILL)
    until(lambda: not any(map(is_alive, processes)), seconds=SECONDS_TO_DIE)
    return [command_line(pid) for pid in processes if is_alive(pid)]


def leave_marks(house: StandingHouse) -> None:
    """Write a word in each store."""
    with psycopg.connect(house.settings.DATABASE_URL.replace("+psycopg", "")) as line:
        line.execute("CREATE TABLE mark AS SELECT 'kept' AS word")
    with Redis.from_url(house.settings.REDIS_URL) as queue:
        queue.set("mark", "kept")


def marks_of(house: StandingHouse) -> tuple[object, object]:
    """The words found again."""
    with psycopg.connect(house.settings.DATABASE_URL.replace("+psycopg", "")) as line:
        row = line.execute("SELECT word FROM mark").fetchone()
    with Redis.from_url(house.settings.REDIS_URL) as queue:
        return row and row[0], queue.get("mark")
