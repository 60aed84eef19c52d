"""Files sent in parts: cut anywhere, they go on from where the server is; nothing is lost, doubled or mixed up."""

import hashlib
import random
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select
from werkzeug.test import EnvironBuilder

from app import clock
from app.adapters import storage
from app.delays import UPLOAD_EXPIRES
from app.extensions import db
from app.models import Document, Draft, Upload
from app.services import outbox
from tests.files import good, hostile
from tests.journey import address
from tests.trials import trials

SEED = 20261126
CUTS = trials(short=10, full=100)
FOR = {"service": "registration", "field": "identity_document"}


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    person.open(address("documents"))
    return person


def begin(person, size, name="scan.png", **changes):
    return person.client.post(
        "/en/uploads",
        json=FOR | {"name": name, "size": size} | changes,
        headers={"X-CSRFToken": person.token()},
    )


def send(person, url, offset, part):
    return person.client.post(
        url,
        data=part,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": person.token(), "Upload-Offset": str(offset)},
    )


def send_cut(person, url, offset, part, cut):
    """A part whose connection breaks after `cut` bytes: fewer come than were announced."""
    builder = EnvironBuilder(
        url,
        method="POST",
        input_stream=BytesIO(part[:cut]),
        content_type="application/octet-stream",
        environ_overrides={"CONTENT_LENGTH": str(len(part))},
        headers={"X-CSRFToken": person.token(), "Upload-Offset": str(offset)},
    )
    return person.client.open(builder)


def noisy_png(maker, number):
    """A picture that is different each time, and large enough to be cut in many places."""
    image = good.picture(90, 90)
    image.putdata([(maker.randrange(256), maker.randrange(256), number) for _ in range(90 * 90)])
    return good.saved(image, "PNG")


@pytest.mark.long
def test_a_file_cut_at_random_bytes_arrives_whole(person, app):
    maker = random.Random(SEED)
    sent, cuts = [], 0
    while cuts < CUTS:
        content = noisy_png(maker, len(sent))
        url = begin(person, len(content)).get_json()["url"]
        offset = 0
        while offset < len(content):
            part = content[offset : offset + maker.randrange(2_000, 9_000)]
            assert send_cut(person, url, offset, part, maker.randrange(len(part))).status_code == 400
            cuts += 1
            offset = person.client.get(url).get_json()["offset"]
            if maker.random() < 0.3:
                assert send(person, url, offset + 1, part).status_code == 409
            answer = send(person, url, offset, part)
            assert answer.status_code == 200
            offset = answer.get_json()["offset"]
        assert answer.get_json()["done"]
        sent.append(hashlib.sha256(content).hexdigest())
    assert cuts >= CUTS
    with app.app_context():
        assert db.session.scalars(select(Document.sha256).order_by(Document.id)).all() == sent
        for sha256 in sent:
            assert hashlib.sha256(storage.read(sha256)).hexdigest() == sha256


def test_the_file_joins_the_draft_beside_those_before_it(person, app):
    for number in range(3):
        content = noisy_png(random.Random(number), number)
        url = begin(person, len(content), f"{number}.png").get_json()["url"]
        assert "g-file" in send(person, url, 0, content).get_json()["row"]
    person.open(address("documents"))
    assert [row.text for row in person.page.select(".g-file__name")] == ["0.png", "1.png", "2.png"]
    with app.app_context():
        assert (
            len(
                db.session.scalars(select(Draft)).one().answers["identity_document"]["identity_document-kept"]
            )
            == 3
        )


def test_a_last_part_whose_answer_was_lost_does_not_make_a_second_document(person, app):
    content = good.png()
    url = begin(person, len(content)).get_json()["url"]
    send(person, url, 0, content)
    again = send(person, url, 0, content)
    assert again.status_code == 409
    assert again.get_json()["done"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_a_part_beyond_the_announced_size_is_refused(person):
    url = begin(person, 10).get_json()["url"]
    assert send(person, url, 0, b"x" * 11).status_code == 409
    assert person.client.get(url).get_json()["offset"] == 0
    assert person.client.head(url).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"size": 0}, 422, "This file is empty."),
        ({"size": 10 * 1024 * 1024 + 1}, 422, "larger than 10 MB"),
        ({"size": "ten"}, 400, ""),
        ({"size": True}, 400, ""),
        ({"size": 1 << 40}, 400, ""),
        ({"name": None}, 400, ""),
        ({"name": "a\x00b"}, 400, ""),
        ({"service": "nothing"}, 400, ""),
        ({"field": "given_names"}, 400, ""),
        ({"field": ["identity_document"]}, 400, ""),
    ],
)
def test_an_absurd_announcement_is_refused(person, app, changes, code, message):
    answer = begin(person, **{"size": 10} | changes)
    assert answer.status_code == code
    assert message in (answer.get_json(silent=True) or {}).get("error", "")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 0


@pytest.mark.parametrize("offset", ["", "-1", "one", "9" * 11, "٣"])
def test_an_absurd_offset_is_refused(person, offset):
    url = begin(person, 10).get_json()["url"]
    headers = {"X-CSRFToken": person.token(), "Upload-Offset": offset.encode().decode("latin-1")}
    assert person.client.post(url, data=b"x", headers=headers).status_code == 400


def test_a_refused_file_ends_its_upload_with_the_reason(person, app):
    content = hostile.FILES["program.pdf"][0]()
    url = begin(person, len(content)).get_json()["url"]
    answer = send(person, url, 0, content)
    assert answer.status_code == 422
    assert "not a PDF" in answer.get_json()["error"]
    assert person.client.get(url).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Document)) == 0


def test_somebody_elses_upload_does_not_exist(person, visitor):
    url = begin(person, 10).get_json()["url"]
    other = visitor("peter")
    other.open(address("documents"))
    assert other.client.get(url).status_code == 404
    assert send(other, url, 0, b"x").status_code == 404
    assert visitor().client.get(url).status_code == 302


@pytest.mark.parametrize("login", ["officer", "auditor", "administrator"])
def test_staff_send_no_files_here(visitor, login):
    staff = visitor(login)
    staff.open("/en/help")
    staff.open("/en/")
    answer = staff.client.post("/en/uploads", json={}, headers={"X-CSRFToken": staff.token()})
    assert answer.status_code == 403


def test_without_a_token_nothing_begins(person):
    assert person.client.post("/en/uploads", json=FOR | {"name": "a", "size": 1}).status_code == 400


def test_too_many_at_once_are_refused(person):
    codes = [begin(person, 10).status_code for _ in range(22)]
    assert codes == [201] * 20 + [422] * 2


def test_an_upload_that_never_arrives_is_forgotten_with_its_parts(person, app, work):
    url = begin(person, 10).get_json()["url"]
    send(person, url, 0, b"12345")
    with clock.frozen(clock.now() + UPLOAD_EXPIRES + timedelta(minutes=1)):
        with app.app_context():
            outbox.write("purge_expired_uploads")
            db.session.commit()
        work()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 0
    assert person.client.get(url).status_code == 404
