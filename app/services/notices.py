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
from app.message_kinds import Delivery
from app.models import Account, Case, ChainCheck, Draft, Letter
from app.services import accounts, decisions, letters, notifications, paper_notices


def send(notice: str, case_id: int, outbox_id: int, letter_id: int | None = None) -> None:
    """Send a notice to the owner of a case, in their language; raises `OSError` when mail fails.

    With a letter, only once it opens, and with it the person is notified of the decision. Who has no e-mail
    gets it on paper.
    """
    case = db.session.get_one(Case, case_id)
    letter = letters.to_announce(letter_id, case) if letter_id else None
    if not accounts.has_email(case.owner):
        _print_instead(notice, case, letter, outbox_id)
        return
    if not accounts.wants(case.owner, notice):
        notifications.end(outbox_id, Delivery.not_wanted)
        return
    with force_locale(case.owner.language):
        message = compose(notice, case, letter)
    if letter is not None and letter.decision is not None:
        decisions.mark_notified(letter.decision, letters.EMAIL)
    post(message, outbox_id)


def _print_instead(notice: str, case: Case, letter: Letter | None, outbox_id: int) -> None:
    """The letter of a decision is printed as it is; a notice that asks or ends something becomes a letter."""
    if letter is None:
        letter = paper_notices.write(notice, case)
    else:
        letters.print_instead(letter)
    if letter is None:
        notifications.end(outbox_id, Delivery.no_address)
    else:
        notifications.end(outbox_id, Delivery.paper, letter.id)


def compose(notice: str, case: Case, letter: Letter | None = None) -> EmailMessage:
    """The text of a notice in the language in force."""
    page = f"/letters/{letter.number}" if letter else ""
    return _write(
        notice, case.owner, f"{case.owner.language}/cases/{case.public_id}{page}", reference=case.reference
    )


def send_draft_reminder(draft_id: int, outbox_id: int) -> None:
    """Recall a draft to its author, unless it was sent, deleted, resumed or has expired since."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.reminded_at is None or draft.expires_at <= clock.now():
        notifications.end(outbox_id, Delivery.overtaken)
        return
    if not may_mail(draft.owner, "draft_reminder", outbox_id):
        return
    with force_locale(draft.owner.language):
        until = day(clock.day_of(draft.expires_at))
        message = _write("draft_reminder", draft.owner, f"{draft.owner.language}/", until=until)
    post(message, outbox_id)


def send_chain_alarm(check_id: int, account_id: int, outbox_id: int) -> None:
    """Tell one administrator or auditor that the audit chain differs from what was written."""
    account = db.session.get_one(Account, account_id)
    made = db.session.get_one(ChainCheck, check_id)
    with force_locale(account.language):
        checked_on = day(clock.day_of(made.checked_at))
        message = _write(
            "chain_alarm", account, "staff/chaincheckview/list/", checked_on=checked_on, found=str(made.found)
        )
    post(message, outbox_id)


def send_document_notice(notice: str, owner_id: int, outbox_id: int, **facts: Any) -> None:
    """Write to somebody about their documents, of which no name leaves the portal."""
    owner = db.session.get_one(Account, owner_id)
    if not may_mail(owner, notice, outbox_id):
        return
    with force_locale(owner.language):
        message = _write(notice, owner, f"{owner.language}/documents/", **facts)
    post(message, outbox_id)


def may_mail(owner: Account, notice: str, outbox_id: int) -> bool:
    """Whether an e-mail leaves; when the person has no address or does without, that is noted."""
    if not accounts.has_email(owner):
        notifications.end(outbox_id, Delivery.no_address)
        return False
    if not accounts.wants(owner, notice):
        notifications.end(outbox_id, Delivery.not_wanted)
        return False
    return True


def _write(notice: str, owner: Account, page: str, **facts: Any) -> EmailMessage:
    """A message of that template to its owner, with a link to a page of theirs."""
    return write(notice, owner.email, owner.first_name, owner.language, page, **facts)


def write(
    notice: str, address: str, first_name: str, language: str, page: str, **facts: str | None
) -> EmailMessage:
    """A message of that template, in the language in force, with a link to a page."""
    root = current_app.config["SETTINGS"].PUBLIC_URL
    facts = {
        "first_name": first_name,
        "url": f"{root}/{page}",
        "signature": _("Guichet, the social security administration"),
    } | facts
    message = EmailMessage()
    message["To"] = address
    subject = render_template(f"email/{notice}/subject.txt", **facts).strip()
    facts["subject"] = message["Subject"] = subject
    message.set_content(render_template(f"email/{notice}/body.txt", **facts))
    message.add_alternative(render_template(f"email/{notice}/body.html", **facts), subtype="html")
    message["Content-Language"] = language
    return message


def post(message: EmailMessage, outbox_id: int) -> None:
    """Send it, and note that; a second run sends the same Message-ID. Raises `OSError` when mail fails."""
    settings = current_app.config["SETTINGS"]
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message["Message-ID"] = f"<outbox-{outbox_id}@{domain}>"
    message["From"] = formataddr(("Guichet", settings.MAIL_FROM))
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    mail.send(message)
    notifications.end(outbox_id, Delivery.sent)
