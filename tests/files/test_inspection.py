"""Files are judged by what they are: honest ones pass without their metadata, the inspection itself is bounded."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from app.files import inspection
from app.files.states import Refusal
from tests.files import good


@pytest.fixture(scope="module")
def reports():
    """What the inspection says of each honest file, and of one with all metadata."""
    files = {name: make() for name, (make, _kind) in good.ALL.items()}
    files["phone.jpg"] = good.jpeg(exif=good.exif(orientation=6), comment=b"by me")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(files, pool.map(inspection.inspect, files.values()), strict=True))


@pytest.mark.parametrize("name", good.ALL)
def test_honest_files_pass_and_can_be_seen(reports, name):
    report = reports[name]
    assert report.refusal is None
    assert report.pages == report.facts["pages"] == (2 if name == "scan.tiff" else 1)
    for preview in report.previews:
        assert Image.open(io.BytesIO(preview)).format == "JPEG"
    assert len(report.previews) == report.pages


def test_a_picture_keeps_its_look_and_loses_its_metadata(reports):
    report = reports["phone.jpg"]
    kept = Image.open(io.BytesIO(report.kept))
    assert dict(kept.getexif()) == {}
    assert b"Phonemaker" not in report.kept
    assert b"by me" not in report.kept
    assert kept.size == (40, 60), "turned upright, since nothing tells a viewer to turn it any more"
    assert report.facts == {
        "maker": "Phonemaker",
        "software": "Camera 4.2",
        "taken": "2026:11:01 10:00:00",
        "had_location": True,
        "width": 60,
        "height": 40,
        "pages": 1,
    }


def test_a_heic_picture_is_kept_as_a_jpeg(reports):
    assert reports["picture.heic"].content_type == "image/jpeg"
    assert Image.open(io.BytesIO(reports["picture.heic"].kept)).size == (128, 96)


def test_a_pdf_is_kept_as_it_was_sent(reports):
    assert reports["paper.pdf"].kept.startswith(b"%PDF-")


def test_a_reader_that_dies_is_the_files_fault(monkeypatch):
    dying = (sys.executable, "-c", "import os; os.write(1, b'ready\\n'); os.abort()")
    monkeypatch.setattr(inspection, "_COMMAND", dying)
    assert inspection.inspect(b"x").refusal is Refusal.too_complex


def test_a_reader_that_never_ends_is_stopped(monkeypatch):
    endless = "import os\nos.write(1, b'ready\\n')\nwhile True: pass"
    monkeypatch.setattr(inspection, "_COMMAND", (sys.executable, "-c", endless))
    monkeypatch.setattr(inspection, "INSPECTION_SECONDS", 1)
    assert inspection.inspect(b"x").refusal is Refusal.too_complex


def test_a_reader_that_never_began_blames_nobody(monkeypatch):
    monkeypatch.setattr(inspection, "_COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(inspection.CannotInspect):
        inspection.inspect(b"x")


def test_the_reader_is_confined():
    """It can neither write a file nor take more memory than it may."""
    script = (
        "from app.files import limits; limits.confine()\n"
        "try: bytearray(limits.MEMORY_BYTES); print('took it')\n"
        "except MemoryError: print('no memory')\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import tempfile\n"
        "try:\n"
        "    with tempfile.TemporaryFile(buffering=0) as file: file.write(b'x'); print('wrote it')\n"
        "except OSError: print('no file')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["no memory", "no file"]
