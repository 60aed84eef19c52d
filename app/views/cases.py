"""The case page: where it stands, what happened, who acts next. It changes by itself."""

import structlog
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import with_polymorphic
from werkzeug.wrappers import Response as BaseResponse

from app import live
from app.extensions import db
from app.models import Case, CaseEvent
from app.services import SERVICES, case_reading, cases, deadlines, notifications
from app.services.base import RuleBroken
from app.views.language import add_language, bilingual
from app.workflow import ENDED, Actor, Status

blueprint = bilingual("cases", __name__)
blueprint.url_defaults(add_language)


def my_case(public_id: str) -> Case:
    """The signed-in person's own case, or 404: somebody else's does not exist for them, and is logged."""
    whole = with_polymorphic(Case, "*")
    case = db.session.scalars(select(whole).where(whole.public_id == public_id)).one_or_none()
    if case is None:
        abort(404)
    if case.owner_id != current_user.id:
        structlog.get_logger("guichet.access").warning("not_theirs", case=case.id, account=current_user.id)
        abort(404)
    return case


@blueprint.get("/cases/<public_id>")
def show(public_id: str) -> str:
    """The whole page; what was told about the case is read by it."""
    case = my_case(public_id)
    facts, is_unread = _facts(case)
    page = render_template("portal/case.html", **facts)
    if is_unread:
        notifications.read_all_of(case)
        db.session.commit()
    return page


@blueprint.get("/cases/<public_id>/state")
def state(public_id: str) -> str:
    """Only the part that changes, for the open page."""
    facts, _is_unread = _facts(my_case(public_id))
    return render_template("portal/case_state.html", **facts)


@blueprint.get("/cases/<public_id>/live")
def events(public_id: str) -> Response:
    """The stream that tells the open page to look again; it holds no database connection."""
    my_case(public_id)
    db.session.remove()
    response = current_app.response_class(live.stream(public_id), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@blueprint.get("/cases/<public_id>/steps/<name>")
def step_page(public_id: str, name: str) -> BaseResponse:
    """The address of a step that was refused, opened again: the case."""
    return redirect(url_for("cases.show", public_id=my_case(public_id).public_id))


@blueprint.post("/cases/<public_id>/steps/<name>")
def step(public_id: str, name: str) -> BaseResponse:
    """A step of the person's own, such as withdrawing; a second click says so and goes back."""
    case = my_case(public_id)
    by = cases.By(current_user, Actor.insured_person)
    try:
        cases.perform(SERVICES[case.service], case, name, by, request.form.get("reason"))
        db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(url_for("cases.show", public_id=public_id))


def information_asked(case: Case) -> CaseEvent | None:
    """The latest request for information, or None."""
    return next((event for event in reversed(case.events) if event.step == "request_information"), None)


def _is_new(case: Case) -> bool:
    """Whether nobody has read the request yet: it waits for an officer, or for the employer asked at once."""
    return case.status is Status.submitted or (
        case.status is Status.awaiting_employer and case.officer_id is None
    )


def _facts(case: Case) -> tuple[dict[str, object], bool]:
    """What the page shows, and whether something that was told about the case is unread."""
    service = SERVICES[case.service]
    categories, is_unread = case_reading.for_owner(service, case)
    facts = {
        "case": case,
        "service": service,
        "decision": case.decisions[-1] if case.decisions else None,
        "steps": cases.available(service, case, cases.By(current_user, Actor.insured_person)),
        "answer_by": deadlines.answer_by(case),
        "asked": information_asked(case),
        "is_new": _is_new(case),
        "ended": ENDED,
        "categories": {category.code: category for category in categories},
        "conversation": case.conversation,
    }
    return facts, is_unread
