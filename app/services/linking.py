"""Linking an account to an insured person, by a code sent to the address on record.

Whether the number exists, is somebody else's or has no address: answer and work are the same. Five starts
without success, or five wrong codes in a day, stop everything for a day and call support. The address on
record gets five codes a day, whoever asks; starts that found nobody cost its owner nothing.
"""

from datetime import date, datetime
from enum import Enum, auto

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import TaskKind
from app.delays import LINK_CODE_KEPT, LINK_PAUSE
from app.extensions import db
from app.models import Account, InsuredPerson, LinkAttempt
from app.security import codes
from app.services import audit, locks, notifications, numbers, outbox, people, support
from app.services.base import RuleBroken

MOST = 5
_CODE = "link code"
_NUMBER = "link number"


class LinkedAlready(RuleBroken):
    """The account has its insured person: on another device, a moment ago."""


class Answer(Enum):
    """What a typed code came to."""

    linked = auto()
    wrong = auto()
    over = auto()
    paused = auto()


def start(account: Account, typed: str, birth_date: date, family_name: str) -> None:
    """Note the try, and have the code sent if number, birth date and name are those of one unlinked person.

    Raises `LinkedAlready`, or `FileLocked` in a locked file; nothing else tells one number from another.
    """
    _one_at_a_time(account)
    check_unlinked(account)
    locks.check(account)
    if paused_until(account) is not None:
        return
    if _starts(LinkAttempt.account_id == account.id) >= MOST:
        _pause(account)
        return
    number = numbers.as_number(typed)
    number_hash = codes.digest(_NUMBER, number)
    person = _match(number, birth_date, family_name)
    is_flooded = _starts(LinkAttempt.number_hash == number_hash, LinkAttempt.person_id.is_not(None)) >= MOST
    now = clock.now()
    attempt = LinkAttempt(
        account=account,
        person=None if is_flooded else person,
        number_hash=number_hash,
        started_at=now,
        expires_at=now + LINK_CODE_KEPT,
    )
    db.session.add(attempt)
    db.session.flush()
    outbox.write("send_link_code", attempt_id=attempt.id)
    audit.record(f"person:{account.id}", "start_linking", account.id, {"attempt": attempt.id})


def confirm(account: Account, typed: str) -> Answer:
    """Link the account if the code is the one that was sent; each wrong one counts. Raises `FileLocked`."""
    _one_at_a_time(account)
    locks.check(account)
    if paused_until(account) is not None:
        return Answer.paused
    attempt = _current(account)
    if attempt is None:
        return Answer.over
    is_right = codes.is_code_of(_CODE, attempt.nonce, typed)
    if is_right and attempt.person_id is not None:
        attempt.used_at = clock.now()
        person = db.session.get_one(InsuredPerson, attempt.person_id, with_for_update={"of": InsuredPerson})
        return Answer.linked if link(person, account, account) else Answer.over
    attempt.tries += 1
    db.session.flush()
    if _wrong_codes(account) < MOST:
        return Answer.wrong
    _pause(account)
    return Answer.paused


def link(person: InsuredPerson, account: Account, by: Account) -> bool:
    """Join the two, and tell every address known; False when one of them was joined meanwhile.

    The caller holds the person's row.
    """
    db.session.refresh(person, ["account_id"])
    if person.account_id is not None:
        return False
    try:
        with db.session.begin_nested():
            person.account_id = account.id
    except IntegrityError:
        return False
    db.session.refresh(person, ["account"])
    audit.record(f"person:{account.id}", "link_account", by.id, {"account": account.id, "person": person.id})
    addresses = {account.email, person.email or account.email}
    notifications.tell_at("linked", account.id, addresses, page="my-file/")
    return True


def code_to_send(attempt: LinkAttempt) -> str | None:
    """The code of a try that found a person, while it is worth something."""
    if attempt.person_id is None or attempt.used_at or attempt.expires_at <= clock.now():
        return None
    return codes.code_of(_CODE, attempt.nonce)


def is_waiting(account: Account) -> bool:
    """Whether a code may be typed now."""
    return _current(account) is not None


def paused_until(account: Account) -> datetime | None:
    """Until when this account may not try; None when it may."""
    return db.session.scalar(
        select(func.max(LinkAttempt.paused_until)).where(
            LinkAttempt.account_id == account.id, LinkAttempt.paused_until > clock.now()
        )
    )


def check_unlinked(account: Account) -> None:
    """Raise `LinkedAlready` when the account has its insured person."""
    if people.of_account(account) is not None:
        raise LinkedAlready(_l("Your account is linked to your social security number already."))


def _one_at_a_time(account: Account) -> None:
    """Two tries of one account wait for each other, so that the second counts the first."""
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())


def _match(number: str, birth_date: date, family_name: str) -> InsuredPerson | None:
    """The unlinked person with an address that all three describe; one query, whatever it finds."""
    person = numbers.whose(number)
    if person is None or person.account_id is not None or not person.email:
        return None
    is_named = people.plain_name(person.family_name) == people.plain_name(family_name)
    return person if is_named and person.birth_date == birth_date else None


def _current(account: Account) -> LinkAttempt | None:
    return db.session.scalars(
        select(LinkAttempt)
        .where(
            LinkAttempt.account_id == account.id,
            LinkAttempt.used_at.is_(None),
            LinkAttempt.expires_at > clock.now(),
            LinkAttempt.tries < MOST,
        )
        .order_by(LinkAttempt.id.desc())
        .limit(1)
    ).first()


def _starts(*which: ColumnElement[bool]) -> int:
    since = LinkAttempt.started_at > clock.now() - LINK_PAUSE
    return db.session.scalar(select(func.count()).select_from(LinkAttempt).where(since, *which)) or 0


def _wrong_codes(account: Account) -> int:
    tries = select(func.coalesce(func.sum(LinkAttempt.tries), 0)).where(
        LinkAttempt.account_id == account.id, LinkAttempt.started_at > clock.now() - LINK_PAUSE
    )
    return int(db.session.scalar(tries) or 0)


def _pause(account: Account) -> None:
    """Stop for a day, once, and have support look at it."""
    latest = db.session.scalars(
        select(LinkAttempt)
        .where(LinkAttempt.account_id == account.id)
        .order_by(LinkAttempt.id.desc())
        .limit(1)
    ).one()
    latest.paused_until = clock.now() + LINK_PAUSE
    db.session.flush()
    support.open_task(TaskKind.link_paused, account, "", {})
    audit.record(f"person:{account.id}", "pause_linking", account.id, {"account": account.id})
