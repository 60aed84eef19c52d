"""Where files are: any fsspec address (a folder, an S3-compatible store), each file under its SHA-256."""

import secrets

import fsspec
from flask import current_app
from fsspec.core import url_to_fs


def write(sha256: str, content: bytes) -> None:
    """Store the bytes under their hash; a file already there is left as it is."""
    files, path = _place(sha256)
    if files.exists(path):
        return
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    partial = f"{path}.{secrets.token_hex(4)}.partial"
    files.pipe_file(partial, content)
    files.mv(partial, path)


def read(sha256: str) -> bytes:
    """The bytes stored under that hash; `FileNotFoundError` when there are none."""
    files, path = _place(sha256)
    return bytes(files.cat_file(path))


def remove(sha256: str) -> None:
    """Delete the bytes, if they are there."""
    files, path = _place(sha256)
    if files.exists(path):
        files.rm(path)


def _place(sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = url_to_fs(current_app.config["SETTINGS"].STORAGE_URL)
    return files, f"{root}/{sha256[:2]}/{sha256}"
