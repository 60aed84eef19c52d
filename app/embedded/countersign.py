"""How the house knows its own web server: another program on the port can say 200, not this.

Only who holds the SECRET_KEY can answer, the answer is for one data folder, and each question is new.
"""

import hashlib
import hmac
import re

from config import Settings, secret_key

CHALLENGE, COUNTERSIGN = "Guichet-Challenge", "Guichet-Countersign"
"""The header of the question, and the one of the answer."""

QUESTION = re.compile(r"[0-9a-f]{32}")


def countersign(settings: Settings, challenge: str) -> str:
    """The answer to a challenge; empty when it is none: nothing else is ever signed."""
    if not QUESTION.fullmatch(challenge):
        return ""
    message = f"guichet countersign\0{settings.DATA_DIR}\0{challenge}"
    return hmac.new(secret_key(settings).encode(), message.encode(), hashlib.sha256).hexdigest()
