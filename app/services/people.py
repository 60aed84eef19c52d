"""Insured persons and their social security numbers."""

import unicodedata

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Account, InsuredPerson, Registration
from app.record_kinds import PersonFact
from app.services import accounts, numbers, records
from app.services.base import RuleBroken


def of_account(account: Account) -> InsuredPerson | None:
    """The insured person an account belongs to."""
    return db.session.scalars(
        select(InsuredPerson).where(InsuredPerson.account_id == account.id)
    ).one_or_none()


def account_known_by(typed: str) -> Account:
    """The account of an e-mail address, or linked to a number. `RuleBroken` when there is none."""
    person = numbers.whose(typed)
    found = person.account if person else None
    if found is None:
        by_address = func.lower(Account.email) == accounts.key_of(typed)
        found = db.session.scalars(select(Account).where(by_address)).first()
    if found is None:
        raise RuleBroken(_l("No account has this number or e-mail address."))
    return found


def number_of(place: int) -> str:
    """The social security number at a place of the region's range."""
    return numbers.lasting_format().write(numbers.region(), place)


def plain_name(name: str) -> str:
    """A name without accents, case, hyphens or apostrophes, to compare."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalpha())


def register(case: Registration, is_temporary: bool = False) -> InsuredPerson:
    """Create the insured person with all that was approved, give the number, and link the account.

    The number is a temporary one while evidence is to follow.
    """
    account = case.owner
    person = InsuredPerson(
        ssn=numbers.issue(is_temporary),
        has_temporary_number=is_temporary,
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
