"""The rules of social security. Nothing here knows a request, a session or a template.

`SERVICES` is the registry; it is checked when the application starts, not in front of a citizen.
"""

from typing import Any

from wtforms import BooleanField, RadioField

from app import permissions
from app.forms.answers import questions_of
from app.services.base import Service
from app.services.new_employments import NewEmploymentService
from app.services.record_changes import RecordChangeService
from app.services.registration import RegistrationService


def _registry(*services: Service[Any]) -> dict[str, Service[Any]]:
    """The services by slug; a slug, a letter code or a table used twice stops the start."""
    for name in ("slug", "letters", "model"):
        values = [getattr(service, name) for service in services]
        if len(set(values)) != len(values):
            raise ValueError(f"Two services share one {name}: {values}")
    for service in services:
        _check_pages(service)
        _check_conditions(service)
        _check_columns(service)
        permissions.admit(service.slug, service.staff_view, service.officers)
    return {service.slug: service for service in services}


def _check_pages(service: Service[Any]) -> None:
    """Each question of the form stands on one page, once, and each page has an address of its own."""
    asked = [name for page in service.pages for name in page.fields]
    slugs = [page.slug for page in service.pages]
    if sorted(asked) != sorted(questions_of(service.form)) or len(set(slugs)) != len(slugs):
        raise ValueError(f"The pages of {service.slug} do not ask each question of its form once.")


def _check_conditions(service: Service[Any]) -> None:
    """A condition rests on an earlier question; on the same page, on radios or a box, which can reveal it."""
    questions = [name for page in service.pages for name in page.fields]
    for name, condition in service.form.asked_if.items():
        before = questions[: questions.index(name)] if name in questions else []
        if condition.question not in before:
            raise ValueError(f"{service.slug} asks {name} on a condition that no earlier question answers.")
        if _is_same_page(service, name, condition.question):
            kind = getattr(service.form, condition.question).field_class
            if not issubclass(kind, RadioField | BooleanField):
                raise ValueError(
                    f"{service.slug} cannot reveal {name}: {condition.question} is no radio or box."
                )


def _is_same_page(service: Service[Any], *names: str) -> bool:
    return any(set(names) <= set(page.fields) for page in service.pages)


def _check_columns(service: Service[Any]) -> None:
    """What staff see in lists and search by are columns of the model."""
    unknown = set(service.listed + service.searched) - set(service.model.__mapper__.columns.keys())
    if unknown:
        raise ValueError(f"{service.slug} lists what its model has not: {sorted(unknown)}.")


SERVICES = _registry(
    RegistrationService(),
    RecordChangeService(),
    NewEmploymentService(),
)
