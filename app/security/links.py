"""Links that open one thing without signing in: a row, signed for one purpose. The row says until when."""

from typing import TypeVar

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

INVITATION = "invitation"
NOT_ME = "not-me"

Name = TypeVar("Name", int, str)


def sign(purpose: str, name: int | str) -> str:
    """The end of the link's address: a row's number or name, which nobody without our key can sign."""
    return str(_serializer(purpose).dumps(name))


def read(purpose: str, token: str, kind: type[Name]) -> Name | None:
    """What a link signed for that purpose names; None for anything else."""
    try:
        name = _serializer(purpose).loads(token)
    except BadData:
        return None
    return name if isinstance(name, kind) else None


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"guichet {purpose}")
