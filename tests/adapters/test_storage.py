"""Files at rest: unreadable and unnamed without the keys, moved under new keys, wherever fsspec stores them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from fsspec.core import url_to_fs
from moto.server import ThreadedMotoServer

from app.adapters import storage
from app.security.encryption import CannotDecrypt

CONTENT = b"Joseph Tabi, born on 3 April 1990"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def bucket():
    """A bucket of an S3-compatible store on loopback; its address, and what the clients read from the system."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    known = {
        "AWS_ACCESS_KEY_ID": "guichet",
        "AWS_SECRET_ACCESS_KEY": "guichet",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
    }
    with pytest.MonkeyPatch.context() as system:
        for name, value in known.items():
            system.setenv(name, value)
        url_to_fs("s3://guichet")[0].mkdir("guichet")
        yield "s3://guichet"
    server.stop()


@pytest.fixture(params=["file", "memory", "s3"])
def settings(context, tmp_path, request, monkeypatch):
    """A storage of the test's own: a folder, a store that is no folder, an S3-compatible one."""
    url = {"file": f"file://{tmp_path}/files", "memory": f"memory://{tmp_path.name}"}.get(request.param)
    url = url or f"{request.getfixturevalue('bucket')}/{tmp_path.name}"

    def use(**changes):
        base = context.config["SETTINGS"]
        monkeypatch.setitem(context.config, "SETTINGS", replace(base, STORAGE_URL=url, **changes))

    use(ENCRYPTION_KEYS=f"1:{'a' * 64}")
    return use


def test_what_is_written_is_read_back_and_removed(settings):
    storage.write(SHA, CONTENT)
    storage.write(SHA, CONTENT)
    assert storage.read(SHA) == CONTENT
    storage.remove(SHA)
    storage.remove(SHA)
    with pytest.raises(FileNotFoundError):
        storage.read(SHA)


def test_who_holds_the_store_learns_neither_content_nor_hash(settings, tmp_path, context):
    storage.write(SHA, CONTENT)
    for path in tmp_path.rglob("*"):
        assert SHA not in str(path)
        assert not path.is_file() or CONTENT[:6] not in path.read_bytes()


def test_a_file_changed_or_put_in_anothers_place_does_not_open(context, tmp_path, monkeypatch):
    url = f"file://{tmp_path}/files"
    monkeypatch.setitem(context.config, "SETTINGS", replace(context.config["SETTINGS"], STORAGE_URL=url))
    other = hashlib.sha256(b"other").hexdigest()
    storage.write(SHA, CONTENT)
    (mine,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    storage.write(other, b"other")
    (theirs,) = [path for path in tmp_path.rglob("*") if path.is_file() and path != mine]
    theirs.write_bytes(mine.read_bytes())
    with pytest.raises(CannotDecrypt):
        storage.read(other)
    mine.write_bytes(mine.read_bytes()[:-1] + b"\0")
    with pytest.raises(CannotDecrypt):
        storage.read(SHA)


def test_a_new_key_opens_old_files_and_renewing_spares_the_old_key(settings):
    storage.write(SHA, CONTENT)
    both = f"1:{'a' * 64},2:{'b' * 64}"
    settings(ENCRYPTION_KEYS=both)
    assert storage.read(SHA) == CONTENT
    assert storage.renew() == 1
    assert storage.renew() == 0
    settings(ENCRYPTION_KEYS=f"2:{'b' * 64}")
    assert storage.read(SHA) == CONTENT


def test_files_from_before_encryption_are_read_and_renewed(context, tmp_path, monkeypatch):
    url = f"file://{tmp_path}/files"
    monkeypatch.setitem(context.config, "SETTINGS", replace(context.config["SETTINGS"], STORAGE_URL=url))
    plain = Path(tmp_path, "files", SHA[:2], SHA)
    plain.parent.mkdir(parents=True)
    plain.write_bytes(CONTENT)
    assert storage.read(SHA) == CONTENT
    assert storage.renew() == 1
    assert not plain.exists()
    assert storage.read(SHA) == CONTENT


def test_what_third_parties_verify_stays_plain(settings):
    storage.write_named("audit/00000001.json", b"{}")
    assert storage.names_in("audit") == ["audit/00000001.json"]
    assert storage.read_named("audit/00000001.json") == b"{}"
    assert storage.renew() == 0
    with pytest.raises(FileExistsError):
        storage.write_named("audit/00000001.json", b"{}")
