"""The first two administrators of an installation: nobody is there yet to invite or approve them.

Two, since every role is proposed by one administrator and given by another. Only while there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from app.extensions import db
from app.models import Account, Invitation
from app.permissions import ADMINISTRATOR
from app.services import audit, staff
from app.services.base import RuleBroken

FOUNDERS = 2


@dataclass(frozen=True)
class Founder:
    """Who is to be the first: `Marie Essama <marie@cnps.example>`, or the address alone."""

    name: str
    email: str

    @classmethod
    def read(cls, typed: str) -> "Founder":
        """From what was typed. Raises `RuleBroken` for what is no address."""
        name, email = parseaddr(typed)
        if email.count("@") != 1 or not all(email.split("@")):
            raise RuleBroken(_l("This is no e-mail address: %(typed)s", typed=typed))
        return cls(name or email.partition("@")[0], email)


def found(founders: Sequence[Founder], language: str) -> list[Invitation]:
    """Make two administrators, each with a link to set a password by; who never came is replaced next time.

    Raises `RuleBroken` when an administrator is there, or when the two are not two new addresses.
    """
    role = db.session.scalars(select(Role).where(Role.name == ADMINISTRATOR).with_for_update()).one()
    _check_nobody_came(role)
    if len({founder.email.lower() for founder in founders}) != FOUNDERS:
        raise RuleBroken(_l("Give two different e-mail addresses, of two persons."))
    _forget_who_never_came(role)
    return [_invite(founder, role, language) for founder in founders]


def _check_nobody_came(role: Role) -> None:
    there = select(Account.id).where(
        Account.roles.any(Role.id == role.id), or_(Account.active.is_(True), Account.password.is_not(None))
    )
    if db.session.scalar(there.limit(1)) is not None:
        raise RuleBroken(_l("There is an administrator already: they invite the others."))


def _forget_who_never_came(role: Role) -> None:
    for account in db.session.scalars(select(Account).where(Account.roles.any(Role.id == role.id))):
        staff.void_links(account)
        account.roles = []


def _invite(founder: Founder, role: Role, language: str) -> Invitation:
    account = _newcomer(founder, language)
    account.roles = [role]
    db.session.flush()
    audit.record(f"person:{account.id}", "found_administrator", None, {"account": account.id})
    return staff.send_link(account, "invitation", None)


def _newcomer(founder: Founder, language: str) -> Account:
    """Their account: a new one, or the one of an earlier founding that nobody opened."""
    known = db.session.scalars(
        select(Account).where(func.lower(Account.email) == founder.email.lower())
    ).one_or_none()
    if known is None:
        first, _space, last = founder.name.partition(" ")
        return staff.create(staff.Newcomer(first, last, founder.email, language))
    if known.roles or known.active or known.password:
        raise RuleBroken(_l("This address has an account already: %(email)s", email=founder.email))
    return known
