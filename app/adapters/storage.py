"""Where files are: any fsspec address (a folder, an S3-compatible store), each file under its SHA-256."""

import re
import secrets
from datetime import UTC, datetime

import fsspec
from flask import current_app
from fsspec.core import url_to_fs

_SHA256 = re.compile(r"[0-9a-f]{64}")


def write(sha256: str, content: bytes) -> None:
    """Store the bytes under their hash; a file already there is left as it is."""
    files, path = _place(sha256)
    if files.exists(path):
        return
    _put(files, path, content)


def read(sha256: str) -> bytes:
    """The bytes stored under that hash; `FileNotFoundError` when there are none."""
    files, path = _place(sha256)
    return bytes(files.cat_file(path))


def remove(sha256: str) -> None:
    """Delete the bytes, if they are there."""
    files, path = _place(sha256)
    if files.exists(path):
        files.rm(path)


def hashes_in(folder: str) -> set[str]:
    """The hashes of the files in one of the folders `00` to `ff`, which are the beginnings of hashes."""
    files, root = _storage()
    files.invalidate_cache()
    path = f"{root}/{folder}"
    if not files.exists(path):
        return set()
    names = (str(found).rpartition("/")[2] for found in files.ls(path, detail=False))
    return {name for name in names if _SHA256.fullmatch(name)}


def stored_at(sha256: str) -> datetime:
    """When the bytes were stored, in UTC; `FileNotFoundError` when there are none."""
    files, path = _place(sha256)
    at: datetime = files.modified(path)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def write_named(name: str, content: bytes) -> None:
    """Store the bytes under a name such as `audit/00000001.json`; `FileExistsError` when it is taken."""
    files, root = _storage()
    path = f"{root}/{name}"
    if files.exists(path):
        raise FileExistsError(name)
    _put(files, path, content)


def read_named(name: str) -> bytes:
    """The bytes stored under that name."""
    files, root = _storage()
    return bytes(files.cat_file(f"{root}/{name}"))


def names_in(folder: str) -> list[str]:
    """The names stored in a folder, sorted; those of files half written are left out."""
    files, root = _storage()
    files.invalidate_cache()
    path = f"{root}/{folder}"
    if not files.exists(path):
        return []
    names = (str(found).rpartition("/")[2] for found in files.ls(path, detail=False))
    return sorted(f"{folder}/{name}" for name in names if not name.endswith(".partial"))


def _put(files: fsspec.AbstractFileSystem, path: str, content: bytes) -> None:
    """Whole or not at all."""
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    partial = f"{path}.{secrets.token_hex(4)}.partial"
    files.pipe_file(partial, content)
    files.mv(partial, path)


def _storage() -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = url_to_fs(current_app.config["SETTINGS"].STORAGE_URL)
    return files, str(root)


def _place(sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = _storage()
    return files, f"{root}/{sha256[:2]}/{sha256}"
