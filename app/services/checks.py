"""What the machine can check of a case before a person decides: each check passes, warns or fails, with why.

They decide nothing: the engine refuses by itself what must not be. A service adds its own: `Service.checks`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from app import clock
from app.delays import EXPIRY_REMINDERS
from app.desk_kinds import CheckState
from app.extensions import db
from app.files.states import FileState
from app.formats import day
from app.models import Account, Case
from app.services import document_needs, employer_checks, eyes
from app.services.base import Check, Service
from app.workflow import WAITING


def run(service: Service[Any], case: Case, reader: Account, look: eyes.Look | None = None) -> list[Check]:
    """Every check of a case, for who reads it; the worst first. `look` where one was had."""
    found = [
        _own_interest(look or eyes.look(case, reader)),
        *_documents(service, case),
        *_files(case),
        *_expiry(case),
        *_overlap(service, case),
        *_employer(case),
        *employer_checks.run(service, case),
        *_corrections(case),
        *_duplicates(service, case),
        *service.checks(case),
    ]
    return sorted(found, key=lambda check: list(CheckState).index(check.state))


def _own_interest(look: eyes.Look) -> Check:
    label = _l("You and this case")
    if look.refusal is not None:
        return Check(label, CheckState.failed, str(look.refusal.message))
    return Check(label, CheckState.passed, _("No declared relative, employer or case of your own."))


def _documents(service: Service[Any], case: Case) -> Iterator[Check]:
    """Each document the answers make necessary is there and was accepted by somebody."""
    missing = document_needs.missing(service, case)
    for need in missing:
        state = CheckState.warned if need.may_follow else CheckState.failed
        yield Check(need.label, state, _("Not there, or not accepted by an officer yet."))
    if service.documents and not missing:
        yield Check(_l("Necessary documents"), CheckState.passed, _("All are there and accepted."))


def _files(case: Case) -> Iterator[Check]:
    """No file still waits for its checks."""
    waiting = [one for one in case.documents if one.state in (FileState.sent, FileState.checking)]
    if waiting:
        reason = ngettext(
            "%(num)d file is still being checked.", "%(num)d files are still being checked.", len(waiting)
        )
        yield Check(_l("Checks of the files"), CheckState.warned, reason)


def _expiry(case: Case) -> Iterator[Check]:
    """No document in force has expired, or is about to."""
    today = clock.today()
    soon = today + timedelta(days=1) * EXPIRY_REMINDERS[1]
    dated = [one for one in case.documents if one.expires_on and not one.replaced_by]
    late = [(one.expires_on, one.filename) for one in dated if one.expires_on and one.expires_on <= soon]
    for last, name in late:
        state = CheckState.failed if last < today else CheckState.warned
        reason = _("%(name)s: valid until %(day)s.", name=name, day=day(last))
        yield Check(_l("Validity of the documents"), state, reason)
    if dated and not late:
        yield Check(_l("Validity of the documents"), CheckState.passed, _("None expires soon."))


def _overlap(service: Service[Any], case: Case) -> Iterator[Check]:
    """The person has no other open request of this service."""
    table = Case.__table__
    others = db.session.scalars(
        select(table.c.reference).where(
            table.c.owner_id == case.owner_id,
            table.c.service == service.slug,
            table.c.id != case.id,
            table.c.status.in_(WAITING),
        )
    ).all()
    label = _l("Other requests of this kind")
    if others:
        yield Check(label, CheckState.warned, _("Open too: %(references)s.", references=", ".join(others)))
    else:
        yield Check(label, CheckState.passed, _("The person has no other one open."))


def _employer(case: Case) -> Iterator[Check]:
    if case.employer is not None and not case.employer.active:
        reason = _("%(name)s is no longer active.", name=case.employer.name)
        yield Check(_l("Employer"), CheckState.warned, reason)


def _duplicates(service: Service[Any], case: Case) -> Iterator[Check]:
    """Each possible duplicate was compared."""
    if not service.finds_duplicates:
        return
    found, label = case.duplicates, _l("Possible duplicates")
    waiting = sum(one.judgement is None for one in found)
    if waiting:
        reason = ngettext("%(num)d to compare.", "%(num)d to compare.", waiting)
        yield Check(label, CheckState.failed, reason)
    elif found:
        yield Check(label, CheckState.warned, _("Compared by an officer: two people must decide."))
    else:
        yield Check(label, CheckState.passed, _("Nobody alike was found."))


def _corrections(case: Case) -> Iterator[Check]:
    """Whoever corrected is a first pair of eyes."""
    if case.corrections:
        reason = ngettext(
            "%(num)d answer was corrected by the staff: compare it with what the person wrote.",
            "%(num)d answers were corrected by the staff: compare them with what the person wrote.",
            len(case.corrections),
        )
        yield Check(_l("Corrections"), CheckState.warned, reason)
