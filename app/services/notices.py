"""Notices by e-mail: a first name, a reference and a link; nothing else leaves the portal."""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.adapters import mail
from app.extensions import db
from app.formats import day
from app.models import Account, Case, Draft, Letter
from app.services import accounts, decisions, letters


def send(notice: str, case_id: int, outbox_id: int, letter_id: int | None = None) -> None:
    """Send a notice to the owner of a case, in their language; raises `OSError` when mail fails.

    With a letter, only once it opens, and with it the person is notified of the decision. Who has no e-mail
    gets none; their letter is printed.
    """
    case = db.session.get_one(Case, case_id)
    letter = letters.to_announce(letter_id, case) if letter_id else None
    if not accounts.has_email(case.owner):
        letters.print_instead(letter)
        return
    with force_locale(case.owner.language):
        message = compose(notice, case, letter)
    settings = current_app.config["SETTINGS"]
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message["Message-ID"] = f"<outbox-{outbox_id}@{domain}>"
    message["From"] = formataddr(("Guichet", settings.MAIL_FROM))
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    if letter is not None:
        decisions.mark_notified(letter.decision, letters.EMAIL)
    mail.send(message)


def compose(notice: str, case: Case, letter: Letter | None = None) -> EmailMessage:
    """The text of a notice in the language in force."""
    page = f"/letters/{letter.number}" if letter else ""
    return _write(notice, case.owner, f"cases/{case.public_id}{page}", reference=case.reference)


def send_draft_reminder(draft_id: int, outbox_id: int) -> None:
    """Recall a draft to its author, unless it was sent, deleted, resumed or has expired since."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.reminded_at is None or draft.expires_at <= clock.now():
        return
    if not accounts.has_email(draft.owner):
        return
    with force_locale(draft.owner.language):
        until = day(clock.day_of(draft.expires_at))
        message = _write("draft_reminder", draft.owner, "", until=until)
    _post(message, outbox_id)


def send_document_notice(notice: str, owner_id: int, outbox_id: int, **facts: Any) -> None:
    """Write to somebody about their documents, of which no name leaves the portal."""
    owner = db.session.get_one(Account, owner_id)
    if not accounts.has_email(owner):
        return
    with force_locale(owner.language):
        message = _write(notice, owner, "documents/", **facts)
    _post(message, outbox_id)


def _write(notice: str, owner: Account, page: str, **facts: Any) -> EmailMessage:
    """A message of that template to its owner, with a link to a page of theirs."""
    root = current_app.config["SETTINGS"].PUBLIC_URL
    facts |= {
        "first_name": owner.first_name,
        "url": f"{root}/{owner.language}/{page}",
        "signature": _("Guichet, the social security administration"),
    }
    message = EmailMessage()
    message["To"] = owner.email
    message["Subject"] = render_template(f"email/{notice}/subject.txt", **facts).strip()
    message.set_content(render_template(f"email/{notice}/body.txt", **facts))
    message.add_alternative(render_template(f"email/{notice}/body.html", **facts), subtype="html")
    message["Content-Language"] = owner.language
    return message


def _post(message: EmailMessage, outbox_id: int) -> None:
    """A second run sends the same Message-ID."""
    settings = current_app.config["SETTINGS"]
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message["Message-ID"] = f"<outbox-{outbox_id}@{domain}>"
    message["From"] = formataddr(("Guichet", settings.MAIL_FROM))
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    mail.send(message)
