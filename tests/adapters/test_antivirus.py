"""The virus scanner: asked properly, believed only when it answers properly; a real clamd where there is one."""

import shutil
import socket
import struct
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.adapters import antivirus, storage
from app.delays import QUARANTINE_KEPT, REFUSALS_GATHERED, SCANNER_PAUSE
from app.extensions import db
from app.files.states import FileState, Refusal
from app.models import Document
from app.services import document_checks, stored_files
from tests.conftest import NO_CLAMD
from tests.journey import address, answer, go_to
from tests.processes import until
from tests.visitor import a_file

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def clamd(answer):
    """A scanner on loopback that reads the whole file and says `answer` (None: hangs up before)."""
    received = []

    def serve(listener):
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return
            with line, line.makefile("rb") as file:
                if answer is None:
                    continue
                assert file.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", file.read(4))[0]:
                    content += file.read(size)
                received.append(content)
                line.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", received
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture
def use(app, monkeypatch):
    """Sets where the scanner is."""

    def set_url(url):
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], CLAMD_URL=url))

    return set_url


def test_the_whole_file_is_shown_to_the_scanner(context, use):
    content = bytes(range(256)) * 1000
    with clamd(b"stream: OK\0") as (url, received):
        use(url)
        assert antivirus.scan(content) is None
    assert received == [content]


def test_what_was_found_is_told(context, use):
    with clamd(b"stream: Eicar-Test FOUND\0") as (url, _received):
        use(url)
        assert antivirus.scan(b"x") == "Eicar-Test"


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"stream: OK",
        b"\0",
        b"OK\0",
        b"stream: OK FOUND OK\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: lstat() failed ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"x" * 20_000,
    ],
)
def test_anything_else_is_no_answer(context, use, said):
    with clamd(said) as (url, _received):
        use(url)
        with pytest.raises(antivirus.Unavailable):
            antivirus.scan(b"x" * 100_000)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock"])
def test_a_scanner_that_is_away_is_no_answer(context, use, url):
    use(url)
    with pytest.raises(antivirus.Unavailable):
        antivirus.scan(b"x")


def the_document(app):
    with app.app_context():
        document = db.session.scalars(select(Document)).one()
        return document.state, document.refusal, document.sha256


def give_a_card(visitor):
    person = visitor("joseph")
    go_to(person, "documents")
    answer(person, "documents")
    return person


def test_a_file_is_held_while_the_scanner_is_away_and_nothing_is_lost(visitor, app, use, work):
    use("tcp://127.0.0.1:1")
    person = give_a_card(visitor)
    later = clock.now()
    for _ in range(3):
        work()
        assert the_document(app)[0] is FileState.checking
        person.open(address("documents"))
        assert "Being checked" in person.text
        later += SCANNER_PAUSE * 2
        with clock.frozen(later):
            work()
    with clamd(b"stream: OK\0") as (url, received):
        use(url)
        with clock.frozen(later + SCANNER_PAUSE * 2):
            work()
    assert len(received) == 1
    assert the_document(app)[0] is FileState.accepted


def test_an_infected_file_is_set_aside_and_its_owner_told_once(visitor, app, use, work, mailbox):
    with clamd(b"stream: Eicar-Test FOUND\0") as (url, _received):
        use(url)
        person = give_a_card(visitor)
        person.open(address("documents"))
        person.send(identity_document=a_file("second.png", a_file()[0].read() + b"\n"))
        work()
    with app.app_context():
        found = db.session.scalars(select(Document)).all()
        assert [(row.state, row.refusal) for row in found] == [(FileState.quarantined, Refusal.infected)] * 2
        assert storage.read(found[0].sha256), "kept under lock for whoever investigates"
        link = f"/en/documents/{found[0].public_id}"
    assert person.client.get(f"{link}/file").status_code == 404
    person.open(address("documents"))
    assert "A virus was found in this file." in person.text
    with clock.frozen(clock.now() + REFUSALS_GATHERED * 2):
        work()
    letters = [path.read_text() for path in mailbox.glob("*")]
    assert len(letters) == 1
    assert "2 of your files were not accepted" in letters[0]
    assert "second.png" not in letters[0]


@pytest.fixture(scope="module")
def real_clamd(tmp_path_factory):
    """Debian's clamd with one local signature, for the EICAR file, and no other."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.skip(f"{NO_CLAMD}: install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "local.ndb").write_text(f"Local.Eicar:0:*:{EICAR.hex()}\n")
    socket_path = folder / "s"
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}/db\nLocalSocket {socket_path}\nForeground yes\nStreamMaxLength 25M\n"
    )
    folder.chmod(0o755)
    process = subprocess.Popen(
        [program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        assert until(socket_path.exists, 60), "clamd did not start"
        yield f"unix://{socket_path}"
    finally:
        process.terminate()
        process.wait(20)


def test_a_real_clamd_finds_the_test_virus_and_passes_the_rest(context, use, real_clamd):
    use(real_clamd)
    assert antivirus.scan(a_file()[0].read()) is None
    assert antivirus.scan(b"") is None
    assert "Eicar" in str(antivirus.scan(EICAR))
    assert antivirus.scan(b"y" * 3_000_000) is None


def test_a_picture_with_the_virus_behind_it_is_set_aside_by_a_real_clamd(visitor, app, use, work, real_clamd):
    use(real_clamd)
    person = visitor("joseph")
    go_to(person, "documents")
    answer(person, "documents", identity_document=a_file("card.png", a_file()[0].read() + EICAR))
    work()
    assert the_document(app)[:2] == (FileState.quarantined, Refusal.infected)


def test_what_was_infected_is_deleted_once_its_time_is_over(visitor, app, use, work):
    with clamd(b"stream: Eicar-Test FOUND\0") as (url, _received):
        use(url)
        give_a_card(visitor)
        work()
    with app.app_context():
        sha256 = db.session.scalars(select(Document.sha256)).one()
    for late, is_kept in (
        (-timedelta(minutes=1), True),
        (timedelta(minutes=1), False),
        (timedelta(1), False),
    ):
        with app.app_context(), clock.frozen(clock.now() + QUARANTINE_KEPT + late):
            assert document_checks.purge_quarantined() == (1 if late == timedelta(minutes=1) else 0)
            db.session.commit()
            stored_files.sweep()
            db.session.commit()
            work()
            if is_kept:
                assert storage.read(sha256)
            else:
                with pytest.raises(FileNotFoundError):
                    storage.read(sha256)
    with app.app_context():
        assert db.session.scalars(select(Document.state)).one() is FileState.quarantined
