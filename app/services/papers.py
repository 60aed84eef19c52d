"""What every paper of the administration carries: issuer, number, and a code anybody can verify."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from stdnum.iso7064 import mod_37_36

from app.adapters import pdf

CODE_LENGTH = 16
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None, "\u202f": None})


def new_code() -> str:
    """A code nobody can guess: 75 random bits in signs that are hard to misread, and a check character."""
    stem = "".join(secrets.choice(_SIGNS) for _sign in range(CODE_LENGTH - 1))
    return stem + mod_37_36.calc_check_digit(stem, _SIGNS)


def read_code(typed: str) -> str | None:
    """The code somebody typed or read out, with spaces, hyphens or look-alikes; None when it is mistyped."""
    code = typed.upper().translate(_MISREAD)
    return code if len(code) == CODE_LENGTH and mod_37_36.is_valid(code, _SIGNS) else None


def shown(code: str) -> str:
    """The code in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def address(code: str, language: str) -> str:
    """Where anybody verifies the paper."""
    root = current_app.config["SETTINGS"].PUBLIC_URL
    return f"{root}/{language}/verify/{shown(code)}"


def print_pdf(
    template: str,
    language: str,
    title: str,
    number: str,
    code: str,
    made_at: datetime,
    facts: Mapping[str, Any],
) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1, in `language`; the same facts give the same bytes.

    The template of `templates/pdf/` finds `facts` in `data` and the frame's own in `data.paper`.
    """
    with force_locale(language):
        frame = _frame(number, code, language)
    return pdf.render(template, language, title, made_at, {**facts, "paper": frame})


def _frame(number: str, code: str, language: str) -> dict[str, str]:
    where = address(code, language)
    return {
        "name": "Guichet",
        "administration": _("Social Security · Republic of Demonstration"),
        "number": number,
        "page_of": _("Page {page} of {pages}"),
        "address": where,
        "address_shown": where.partition("://")[2],
        "code_shown": shown(code),
        "qr": pdf.qr_code(where),
        "qr_alt": _("QR code of the address where this document is verified"),
        "how_to_verify": _("Anybody can verify this document, without an account, here or with this code:"),
        "unprintable": _("A sign that cannot be printed is shown as \ufffd; the page on line shows it."),
    }
