"""Notices by e-mail: a first name, a reference and a link; nothing else leaves the portal."""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.adapters import mail
from app.extensions import db
from app.formats import day
from app.models import Account, Case, ChainCheck, Draft, Letter, LinkAttempt
from app.security import links
from app.services import accounts, decisions, letters, linking, paper_notices


def send(notice: str, case_id: int, outbox_id: int, letter_id: int | None = None) -> None:
    """Send a notice to the owner of a case, in their language; raises `OSError` when mail fails.

    With a letter, only once it opens, and with it the person is notified of the decision. Who has no e-mail
    gets it on paper.
    """
    case = db.session.get_one(Case, case_id)
    letter = letters.to_announce(letter_id, case) if letter_id else None
    if not accounts.has_email(case.owner):
        _print_instead(notice, case, letter)
        return
    with force_locale(case.owner.language):
        message = compose(notice, case, letter)
    if letter is not None and letter.decision is not None:
        decisions.mark_notified(letter.decision, letters.EMAIL)
    _post(message, outbox_id)


def _print_instead(notice: str, case: Case, letter: Letter | None) -> None:
    """The letter of a decision is printed as it is; a notice that asks or ends something becomes a letter."""
    if letter is None:
        paper_notices.write(notice, case)
    else:
        letters.print_instead(letter)


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
        return
    if not accounts.has_email(draft.owner):
        return
    with force_locale(draft.owner.language):
        until = day(clock.day_of(draft.expires_at))
        message = _write("draft_reminder", draft.owner, f"{draft.owner.language}/", until=until)
    _post(message, outbox_id)


def send_chain_alarm(check_id: int, account_id: int, outbox_id: int) -> None:
    """Tell one administrator or auditor that the audit chain differs from what was written."""
    account = db.session.get_one(Account, account_id)
    made = db.session.get_one(ChainCheck, check_id)
    with force_locale(account.language):
        checked_on = day(clock.day_of(made.checked_at))
        message = _write(
            "chain_alarm", account, "staff/chaincheckview/list/", checked_on=checked_on, found=str(made.found)
        )
    _post(message, outbox_id)


def send_to(
    notice: str,
    account_id: int,
    outbox_id: int,
    to: str | None = None,
    page: str = "",
    purpose: str | None = None,
    number: int = 0,
    facts: dict[str, str] | None = None,
) -> None:
    """Send a notice about an account, in its language, to it or to another address known for its person.

    With a `purpose`, the link is signed here, so that no table ever holds it.
    """
    account = db.session.get_one(Account, account_id)
    if (to or account.email).endswith(accounts.NO_EMAIL):
        return
    if purpose:
        page = f"{page}/{links.sign(purpose, number)}"
    with force_locale(account.language):
        message = _write(notice, account, f"{account.language}/{page}", **(facts or {}))
    if to:
        message.replace_header("To", to)
    _post(message, outbox_id)


def send_link_code(attempt_id: int, outbox_id: int) -> None:
    """Send the code of a try to link to the address on record; a try that found nobody sends none."""
    attempt = db.session.get_one(LinkAttempt, attempt_id)
    code = linking.code_to_send(attempt)
    if code is None or attempt.person is None:
        return
    facts = {"code": code, "first_name": attempt.person.given_names}
    send_to("link_code", attempt.account_id, outbox_id, attempt.person.email, "my-file/link", facts=facts)


def _write(notice: str, owner: Account, page: str, **facts: str | None) -> EmailMessage:
    """A message of that template to its owner, with a link to a page of theirs."""
    root = current_app.config["SETTINGS"].PUBLIC_URL
    facts = {
        "first_name": owner.first_name,
        "url": f"{root}/{page}",
        "signature": _("Guichet, the social security administration"),
    } | facts
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
