"""A chain to write to, to tamper with as the tables' owner, and to check."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.audit import chain as hashes
from app.audit_cli import audit as commands
from app.extensions import db
from app.services import audit, audit_checkpoints, audit_verification
from config import ROOT


class Chain:
    """What the tests do to the audit chain."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        storage = Path(app.config["SETTINGS"].STORAGE_URL.removeprefix("file://"))
        self.copies = storage / audit_checkpoints.FOLDER

    def write(self, stream, count, **subject):
        for number in range(count):
            audit.record(stream, "approve", 7, {"number": number} | subject)
            db.session.commit()

    def checkpoint(self):
        signed = audit_checkpoints.checkpoint()
        db.session.commit()
        audit_checkpoints.copy_to_storage()
        db.session.commit()
        return signed

    def tamper(self, *statements, **values):
        """By SQL, as the tables' owner, with the triggers off."""
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement), values)

    def rewrite(self, stream, number):
        """Change an entry, then compute every later hash and the head again, as the rules say."""
        rows = self.rows("SELECT seq, content FROM audit_entry WHERE stream = :s ORDER BY seq", s=stream)
        reached = hashes.genesis(stream)
        for seq, content in rows:
            content = content.replace("approve", "reject") if seq == number else content
            reached = hashes.link(reached, hashes.digest(content.encode()))
            self.tamper(
                "UPDATE audit_entry SET content = :c, hash = :h WHERE stream = :s AND seq = :n",
                c=content, h=reached, s=stream, n=seq,
            )  # fmt: skip
        self.tamper("UPDATE audit_head SET hash = :h WHERE stream = :s", h=reached, s=stream)
        return len(rows), reached

    def rows(self, query, **values):
        with db.engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def verify(self):
        return audit_verification.verify()

    def found(self):
        return {(finding.kind, finding.place) for finding in self.verify().findings}

    def run(self, *arguments):
        """`flask guichet audit …`."""
        return self.app.test_cli_runner().invoke(commands, arguments)

    def export(self):
        """The chain as a file, and its lines as values."""
        file = self.folder / "export.jsonl"
        result = self.run("export", str(file))
        assert result.exit_code == 0, result.output
        return file, [json.loads(line) for line in file.read_text().splitlines()]

    def file(self, value):
        """A file a third party receives: lines of an export, or one proof."""
        file = self.folder / "received.json"
        lines = value if isinstance(value, list) else [value]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return file

    def third_party(self, file, *options):
        """The stand-alone verifier, on a bare Python that sees none of our packages."""
        argv = [sys.executable, "-I", "-S", str(ROOT / "docs" / "verify.py"), str(file), *options]
        return subprocess.run(argv, capture_output=True, text=True, cwd=self.folder, check=False)


@pytest.fixture
def chain(context, tmp_path):
    made = Chain(context, tmp_path)
    yield made
    db.session.remove()
    for copy in made.copies.glob("*"):
        copy.unlink()
    with contextlib.suppress(FileNotFoundError):
        made.copies.rmdir()
