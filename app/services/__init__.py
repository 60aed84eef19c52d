"""The rules of social security. Nothing here knows a request, a session or a template.

`SERVICES` is the registry; it is checked when the application starts, not in front of a citizen.
"""

from typing import Any

from app.forms.answers import questions_of
from app.services.base import Service
from app.services.registration import RegistrationService


def _registry(*services: Service[Any]) -> dict[str, Service[Any]]:
    """The services by slug; a slug, a letter code or a table used twice stops the start."""
    for name in ("slug", "letters", "model"):
        values = [getattr(service, name) for service in services]
        if len(set(values)) != len(values):
            raise ValueError(f"Two services share one {name}: {values}")
    for service in services:
        _check_pages(service)
    return {service.slug: service for service in services}


def _check_pages(service: Service[Any]) -> None:
    """Each question of the form stands on one page, once, and each page has an address of its own."""
    asked = [name for page in service.pages for name in page.fields]
    slugs = [page.slug for page in service.pages]
    if sorted(asked) != sorted(questions_of(service.form)) or len(set(slugs)) != len(slugs):
        raise ValueError(f"The pages of {service.slug} do not ask each question of its form once.")


SERVICES = _registry(RegistrationService())
