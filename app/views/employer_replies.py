"""The page an employer answers on: the same by the mailed link and for an agent in the counter."""

from typing import Any

from flask import render_template

from app.employer_kinds import Reply
from app.forms.employer import ReplyForm, reply_form
from app.models import EmployerRequest
from app.services import SERVICES, employer_answers, employer_requests
from app.services.base import Fact


def form_of(request: EmployerRequest, is_signed: bool) -> ReplyForm:
    """The question as a form, what the person declared filled in where the employer would correct it."""
    declared, missing = _facts(request, is_declared=True), _facts(request, is_declared=False)
    kept = {fact.name: fact.declared for fact in request.facts}
    values = {fact.question: fact.read(kept[fact.name] or "") for fact in declared}
    return reply_form(_fields(declared), _fields(missing), is_signed, values)


def given(request: EmployerRequest, form: ReplyForm, answered_as: str) -> employer_answers.Answer:
    """What was answered, the facts as the text they are kept as."""
    answers = form.answers()
    facts = [*_facts(request, is_declared=True), *_facts(request, is_declared=False)]
    said = {fact.name: answers.get(fact.question) for fact in facts}
    texts = {name: None if value in (None, "") else str(value) for name, value in said.items()}
    return employer_answers.Answer(Reply(form.reply.data), texts, answers.get("reason"), answered_as)


def page(request: EmployerRequest, form: ReplyForm, **more: object) -> str:
    """Who is asked about, what they declared, and the form: no more of the case than that."""
    service = SERVICES[request.case.service]
    rows = [
        {"label": _label(service.asks_employer, fact.name), "value": in_words(request, fact.declared, fact)}
        for fact in request.facts
        if fact.declared is not None
    ]
    names = [name for name in form._fields if name.startswith("fact_")]
    hanging = [name for name in names if name in form.asked_if]
    return render_template(
        "employer/request.html",
        asked=request,
        form=form,
        rows=rows,
        missing=[name for name in names if name not in hanging],
        questions_of_reply=["reply", *hanging, "reason"],
        signature=[name for name in ("answered_by", "answered_function") if name in form],
        **more,
    )


def in_words(request: EmployerRequest, text: str | None, fact: Any) -> str:
    """A fact's value as people read it."""
    return employer_requests.in_words(SERVICES[request.case.service], fact, text)


def _facts(request: EmployerRequest, is_declared: bool) -> list[Fact]:
    """The declared facts of the question that the person gave, or those only the employer can give."""
    kept = {fact.name: fact.declared is not None for fact in request.facts}
    declaration = SERVICES[request.case.service].asks_employer
    return [fact for fact in declaration if kept.get(fact.name) is is_declared]


def _fields(facts: list[Fact]) -> dict[str, Any]:
    return {fact.question: fact.field for fact in facts}


def _label(facts: tuple[Fact, ...], name: str) -> Any:
    return next((fact.label for fact in facts if fact.name == name), name)
