"""What the machine says of a case's employer to who decides: asked, answered, corrected, disputed, silent."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk_kinds import CheckState
from app.employer_kinds import RequestState
from app.formats import day, instant
from app.models import Case, EmployerRequest
from app.services import employer_counter
from app.services.base import Check, Service

_LABEL = _l("Employer’s answer")


def run(service: Service[Any], case: Case) -> Iterator[Check]:
    """The checks about the employer, for services that ask one."""
    if not service.asks_employer:
        return
    if case.employer_requests:
        request = case.employer_requests[0]
        yield Check(_LABEL, _STATES[request.state], _reason(request))
    elif case.employer_id is not None:
        yield Check(_LABEL, CheckState.warned, _("The employer was not asked: no address and no agent."))


_STATES = {
    RequestState.open: CheckState.warned,
    RequestState.confirmed: CheckState.passed,
    RequestState.corrected: CheckState.warned,
    RequestState.disputed: CheckState.failed,
    RequestState.silent: CheckState.warned,
    RequestState.replaced: CheckState.warned,
    RequestState.ended: CheckState.warned,
}


def _reason(request: EmployerRequest) -> str:
    if request.state is RequestState.open:
        return _(
            "Asked on %(when)s, to answer by %(day)s.",
            when=instant(request.asked_at),
            day=day(request.answer_by),
        )
    if request.state is RequestState.confirmed:
        return _("The employer confirms what the person wrote.")
    if request.state is RequestState.disputed:
        return _("The employer disputes it: %(reason)s", reason=request.reason)
    if request.state is RequestState.corrected:
        return "; ".join(_difference(row) for row in employer_counter.rows(request) if row["differs"])
    return _("No answer: %(state)s.", state=request.state.label)


def _difference(row: employer_counter.Row) -> str:
    return _(
        "%(fact)s: the person wrote %(declared)s, the employer says %(answered)s",
        fact=row["label"],
        declared=row["declared"],
        answered=row["answered"],
    )
