"""`docs/fields.md`, drawn from forms and the staff's screens: who reads and writes which field."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import current_app
from flask_appbuilder import ModelView
from flask_babel import force_locale

from app.permissions import EMPLOYEE, OFFICERS, holders
from app.services import SERVICES
from app.services.base import Service

_HEAD = """# Who reads and writes which field

Drawn from the services' forms and the staff's screens by `flask --app run guichet fields`; do not edit. A
field that is not here is read from no form: a service takes its own questions, a screen its own columns, and
what else is sent is left aside. Whose rows a role reaches is said in `docs/access.md`; what of a person's is
opened is noted. A person reads every answer of their own, and all that is held on them in the copy of their
data.
"""


def page() -> str:
    """The whole page, in English."""
    with force_locale("en"):
        services = (line for service in SERVICES.values() for line in _service(service))
        return "\n".join([_HEAD, *services, *_screens()])


def _service(service: Service[Any]) -> Iterator[str]:
    officers = _roles(OFFICERS[service.slug])
    readers = _roles(holders(service.staff_view, "can_show"))
    yield f"## {service.title} (`{service.slug}`)\n"
    yield f"Read by {readers}; in the list of cases: {_names(service.listed)}.\n"
    yield "| question | written by | corrected afterwards by |"
    yield "|---|---|---|"
    writers = f"{_roles([EMPLOYEE])}, before sending; {officers}, at the counter"
    for name in (name for page in service.pages for name in page.fields):
        corrected = officers if name in service.correctable() else "nobody"
        yield f"| `{name}` {service.label_of(name)} | {writers} | {corrected} |"
    yield ""


def _screens() -> Iterator[str]:
    yield "## The staff's screens\n"
    yield "Of an insured person's number the list shows the end alone. What moves by steps writes no field.\n"
    yield "| screen | listed | shown | written | listed by | shown by | written by |"
    yield "|---|---|---|---|---|---|---|"
    views = [view for view in current_app.appbuilder.baseviews if isinstance(view, ModelView)]  # type: ignore[attr-defined]
    yield from (_screen(view) for view in sorted(views, key=_name) if _name(view) not in _OF_SERVICES)
    yield ""


_OF_SERVICES = {service.staff_view for service in SERVICES.values()}


def _screen(view: ModelView) -> str:
    written = dict.fromkeys([*_columns(view, "add"), *_columns(view, "edit")])
    who = (_roles(holders(_name(view), f"can_{right}")) for right in ("list", "show", "edit"))
    cells = (f"`{_name(view)}`", _names(view.list_columns), _names(view.show_columns), _names(written), *who)
    return f"| {' | '.join(cells)} |"


def _columns(view: ModelView, right: str) -> list[str]:
    is_there = f"can_{right}" in view.base_permissions
    return list(getattr(view, f"{right}_columns")) if is_there else []


def _name(view: ModelView) -> str:
    return str(view.class_permission_name)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles) or "nobody"
