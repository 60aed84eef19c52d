"""Links that open one thing without signing in: a number signed for one purpose. The row says until when."""

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

INVITATION = "invitation"
NOT_ME = "not-me"


def sign(purpose: str, number: int) -> str:
    """The end of the link's address; nobody without our key can write one."""
    return str(_serializer(purpose).dumps(number))


def read(purpose: str, token: str) -> int | None:
    """The number of a link signed for that purpose; None for anything else."""
    try:
        number = _serializer(purpose).loads(token)
    except BadData:
        return None
    return number if isinstance(number, int) else None


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"guichet {purpose}")
