"""The rules of social security. Nothing here knows a request, a session or a template.

`SERVICES` is the registry; it is checked when the application starts, not in front of a citizen.
"""

from typing import Any

from app.services.base import Service
from app.services.registration import RegistrationService


def _registry(*services: Service[Any]) -> dict[str, Service[Any]]:
    """The services by slug; a slug, a letter code or a table used twice stops the start."""
    for name in ("slug", "letters", "model"):
        values = [getattr(service, name) for service in services]
        if len(set(values)) != len(values):
            raise ValueError(f"Two services share one {name}: {values}")
    return {service.slug: service for service in services}


SERVICES = _registry(RegistrationService())
