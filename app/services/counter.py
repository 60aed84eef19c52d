"""Somebody at the counter: an officer notes that they received them, and enters a request in their name."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access_kinds import Opened
from app.extensions import db
from app.models import Account, Case, Document, InsuredPerson
from app.permissions import EMPLOYEE, roles_for
from app.services import access, accounts, agencies, audit, cases, eyes, numbers, people, spoken_for
from app.services.base import FiledAs, NotAllowed, RuleBroken, Service
from app.services.documents import file_with
from app.workflow import Actor


def receive(service: Service[Any], owner: Account, seen: str, by: Account) -> None:
    """Note who stands there, which paper they showed, and for which service; the person reads it.

    Raises `NotAllowed`, or `RuleBroken` for an account that cannot ask.
    """
    check(service, owner, by)
    access.record(by, Opened.counter, service.slug, access.Subject(owner.id), seen)


def is_received(service: Service[Any], owner: Account, by: Account) -> bool:
    """Whether this officer received that person today for this service."""
    return access.noted_lately(by, Opened.counter, service.slug, owner.id)


def check(service: Service[Any], owner: Account, by: Account) -> None:
    """Raise `NotAllowed` for who may not enter this for that person, `RuleBroken` for who cannot ask."""
    if not by.has_role(*roles_for(service.slug, Actor.officer)):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_no_interest(owner.id, None, by)
    agencies.check_agency(owner.agency_id, by)
    if not owner.active or not owner.has_role(EMPLOYEE):
        raise RuleBroken(_l("This account cannot send a request."))


def open_account(first_name: str, last_name: str, language: str, number: str, by: Account) -> Account:
    """An account for who has no e-mail: they get letters, and their requests are entered at the counter.

    With a number it is linked to the insured person. Raises `RuleBroken` when the number is another's.
    """
    person = _without_account(number, last_name) if number else None
    address = f"{secrets.token_hex(12)}{accounts.NO_EMAIL}"
    account = Account(
        username=address,
        email=address,
        first_name=first_name,
        last_name=last_name,
        language=language,
        agency_id=by.agency_id,
        active=True,
    )
    db.session.add(account)
    account.roles = list(db.session.scalars(select(Role).where(Role.name == EMPLOYEE)))
    db.session.flush()
    if person is not None:
        person.account = account
    facts = {"account": account.id, "person": person.id if person else None}
    audit.record(f"person:{account.id}", "open_account_at_counter", by.id, facts)
    return account


def enter(
    service: Service[Any],
    owner: Account,
    answers: Mapping[str, Any],
    documents: Sequence[Document | FiledAs],
    submission_key: str,
    by: Account,
) -> Case:
    """File a request for somebody else; the channel and who entered it are kept."""
    check(service, owner, by)
    eyes.check_no_interest(owner.id, answers.get("employer_id"), by)
    is_first = cases.sent_before(owner, submission_key) is None
    case = cases.submit(service, owner, answers, documents, submission_key, owner.language, by)
    if is_first:
        facts = {"reference": case.reference}
        audit.record(f"case:{case.id}", "enter_at_counter", by.id, facts)
    return case


def speak_for(
    service: Service[Any],
    case: Case,
    step: str,
    said: spoken_for.ForPerson,
    words: str | None,
    documents: Sequence[Document],
    by: Account,
    version: int | None = None,
) -> None:
    """Answer or withdraw as the person told this officer, with the papers they gave; the person is told.

    Raises what `cases.perform` raises; nothing is kept then.
    """
    file_with(case, documents)
    cases.perform(service, case, step, cases.By(by, Actor.officer), words, version, said)


def _without_account(number: str, last_name: str) -> InsuredPerson:
    """The insured person of that number and family name, whose row stays locked; nobody acts for them yet."""
    wanted = select(InsuredPerson).where(InsuredPerson.ssn == numbers.as_number(number))
    person = db.session.scalars(wanted.with_for_update(of=InsuredPerson)).one_or_none()
    if person is None or people.plain_name(person.family_name) != people.plain_name(last_name):
        raise RuleBroken(_l("Nobody has this number and this family name."))
    if person.account_id is not None:
        raise RuleBroken(_l("This person has an account already: enter the request by their number."))
    return person
