"""Insured persons and their social security numbers."""

import unicodedata

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from stdnum.iso7064 import mod_97_10

from app import clock
from app.extensions import db
from app.models import Account, InsuredPerson, NumberRange, Registration
from app.record_kinds import PersonFact
from app.services import accounts, records
from app.services.base import RuleBroken

REGION = "10"
"""The region whose range numbers are taken from, until agencies name theirs."""


def of_account(account: Account) -> InsuredPerson | None:
    """The insured person an account belongs to."""
    return db.session.scalars(
        select(InsuredPerson).where(InsuredPerson.account_id == account.id)
    ).one_or_none()


def account_known_by(typed: str) -> Account:
    """The account of an e-mail address, or linked to a number. `RuleBroken` when there is none."""
    linked = select(InsuredPerson.account_id).where(InsuredPerson.ssn == as_number(typed))
    found = db.session.scalars(
        select(Account).where(
            or_(func.lower(Account.email) == accounts.key_of(typed), Account.id.in_(linked))
        )
    ).first()
    if found is None:
        raise RuleBroken(_l("No account has this number or e-mail address."))
    return found


def issue_number() -> str:
    """The next social security number: region, seven digits, two check digits (scheme `demo`, Art. 9).

    The range's row stays locked until the transaction ends: no number is given twice and none is left out.
    """
    row = db.session.get_one(NumberRange, REGION, with_for_update=True, populate_existing=True)
    number = number_of(row.next_number)
    row.next_number += 1
    return number


def number_of(place: int) -> str:
    """The social security number at a place of the region's range."""
    stem = f"{REGION}{place:07d}"
    return f"{REGION}-{stem[2:]}-{mod_97_10.calc_check_digits(stem)}"


def as_number(typed: str) -> str:
    """A number as it is stored, from what somebody typed with or without hyphens and spaces."""
    digits = "".join(sign for sign in typed if sign in "0123456789")
    return f"{digits[:2]}-{digits[2:9]}-{digits[9:]}" if len(digits) == 11 else typed.strip()


def plain_name(name: str) -> str:
    """A name without accents, case, hyphens or apostrophes, to compare."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalpha())


def register(case: Registration) -> InsuredPerson:
    """Create the insured person with all that was approved, give the number, and link the account."""
    account = case.owner
    person = InsuredPerson(
        ssn=issue_number(),
        given_names=case.given_names,
        family_name=case.family_name,
        birth_date=case.birth_date,
        registered_on=clock.today(),
        account=account,
        email=account.email if accounts.has_email(account) else None,
        phone=case.phone,
    )
    db.session.add(person)
    db.session.flush()
    records.put_name(person, case.given_names, case.family_name, case)
    facts = {it.value: getattr(case, it) for it in PersonFact if it is not PersonFact.birth_date}
    records.put_facts(person, facts, case)
    return person
