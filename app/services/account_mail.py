"""Mail about accounts: links that work once, and warnings of what changed. Nothing secret but the link."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import force_locale

from app.extensions import db
from app.message_kinds import Delivery
from app.models import Account, LinkAttempt, MailedLink
from app.security import devices, links
from app.services import accounts, linking, mailed_links, notices, notifications


@dataclass(frozen=True)
class Mail:
    """What to write, to whom, with a link to which page."""

    notice: str
    address: str
    first_name: str
    language: str
    page: str


def send_link(link_id: int, outbox_id: int) -> None:
    """Mail a link; to a sign-up at a known address, say that the account exists. Unknown: nothing is sent."""
    link = db.session.get(MailedLink, link_id)
    if link is None or link.used_at is not None:
        return
    mail = _MAILS[link.purpose](link)
    if mail is not None:
        _send(mail, outbox_id)


def send_notice(
    notice: str,
    account_id: int,
    outbox_id: int,
    *,
    agent: str | None = None,
    to: str | None = None,
    page: str = "account/",
    purpose: str | None = None,
    number: int = 0,
    facts: dict[str, str] | None = None,
) -> None:
    """Tell the owner of an account, in their language, at its address or another known for its person.

    With a `purpose`, the link is signed here, so that no table ever holds it. Who has no e-mail gets none.
    """
    account = db.session.get_one(Account, account_id)
    address = to or account.email
    if address.endswith(accounts.NO_EMAIL):
        notifications.end(outbox_id, Delivery.no_address)
        return
    if purpose:
        page = f"{page}/{links.sign(purpose, number)}"
    mail = replace(_to(account, notice, page), address=address)
    _send(mail, outbox_id, lambda: {"device": devices.in_words(agent)} | (facts or {}))


def send_link_code(attempt_id: int, outbox_id: int) -> None:
    """Send the code of a try to link to the address on record; a try that found nobody sends none."""
    attempt = db.session.get_one(LinkAttempt, attempt_id)
    code = linking.code_to_send(attempt)
    if code is None or attempt.person is None or not attempt.person.email:
        return
    to = _to(attempt.account, "link_code", "my-file/link")
    mail = replace(to, address=attempt.person.email, first_name=attempt.person.given_names)
    _send(mail, outbox_id, lambda: {"code": code})


def _send(mail: Mail, outbox_id: int, facts: Callable[[], dict[str, str]] = dict) -> None:
    with force_locale(mail.language):
        page = f"{mail.language}/{mail.page}"
        message = notices.write(mail.notice, mail.address, mail.first_name, mail.language, page, **facts())
    notices.post(message, outbox_id)


def _of_sign_up(link: MailedLink) -> Mail:
    known = accounts.of_email(link.email)
    if known is not None:
        return _to(known, "account_exists", "sign-in")
    page = f"sign-up/confirm/{mailed_links.token(link)}"
    return Mail("confirm_sign_up", link.email, link.data["first_name"], link.language, page)


def _of_reset(link: MailedLink) -> Mail | None:
    known = accounts.of_email(link.email)
    if known is None or not accounts.has_email(known):
        return None
    return _to(known, "reset_password", f"password/new/{mailed_links.token(link)}")


def _of_change(link: MailedLink) -> Mail | None:
    """To the new address; somebody else who has it already learns only that their account exists."""
    known = accounts.of_email(link.email)
    if known is not None and known.id != link.account_id:
        return _to(known, "account_exists", "sign-in")
    if link.account is None:
        return None
    page = f"email/confirm/{mailed_links.token(link)}"
    return Mail("confirm_email", link.email, link.account.first_name, link.language, page)


def _of_undo(link: MailedLink) -> Mail | None:
    """To the old address, whatever the account's address is by now."""
    if link.account is None:
        return None
    page = f"email/undo/{mailed_links.token(link)}"
    return Mail("email_change_asked", link.email, link.account.first_name, link.language, page)


def _of_factor(link: MailedLink) -> Mail | None:
    """The warning of a new app, to the address the account had then."""
    if link.account is None:
        return None
    page = f"second-factor/undo/{mailed_links.token(link)}"
    return replace(_to(link.account, "second_factor_set_up", page), address=link.email)


def _of_employer(link: MailedLink) -> Mail:
    """The question to an employer, or its reminder; what is asked stands on the page alone."""
    page = f"employer/answer/{mailed_links.token(link)}"
    return Mail(link.data["notice"], link.email, link.data["employer"], link.language, page)


def _to(account: Account, notice: str, page: str) -> Mail:
    return Mail(notice, account.email, account.first_name, account.language, page)


_MAILS: dict[str, Callable[[MailedLink], Mail | None]] = {
    mailed_links.SIGN_UP: _of_sign_up,
    mailed_links.RESET_PASSWORD: _of_reset,
    mailed_links.CHANGE_EMAIL: _of_change,
    mailed_links.UNDO_EMAIL: _of_undo,
    mailed_links.UNDO_FACTOR: _of_factor,
    mailed_links.EMPLOYER: _of_employer,
}
