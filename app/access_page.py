"""`docs/access.md`, drawn from the table of access: it cannot go stale."""

from collections.abc import Iterator

from flask import current_app

from app.access import ANYONE, SECTIONS, SIGNED_IN, Page
from app.permissions import STAFF

_HEAD = """# Who may open which page

Drawn from `app/access.py` by `flask --app run guichet access`; do not edit. Before each request
`app/gate.py` reads the same table: a page that is not in it is not served, and the application does
not start with one. A method that is not listed is answered by a 405 (a HEAD is a GET). A visitor who may not
is led to the sign-in; another role gets a 403, or a 404 where the address names somebody's own object, since
for them none exists. Which steps of a case a role may take is said in `docs/workflow.md`.
"""


def page() -> str:
    """The whole page."""
    addresses: dict[str, str] = {}
    for rule in current_app.url_map.iter_rules():
        addresses.setdefault(rule.endpoint, rule.rule)
    return "\n".join([_HEAD, *(line for name in SECTIONS for line in _section(name, addresses))])


def _section(name: str, addresses: dict[str, str]) -> Iterator[str]:
    yield f"## {name}\n"
    yield "| page | address | methods | who | whose objects |"
    yield "|---|---|---|---|---|"
    yield from (_row(it, addresses.get(it.endpoint, "not here")) for it in SECTIONS[name])
    yield ""


def _row(it: Page, address: str) -> str:
    cells = (f"`{it.endpoint}`", f"`{_escape(address)}`", ", ".join(it.methods), _who(it.who), it.whose)
    return f"| {' | '.join(cells)} |"


def _escape(address: str) -> str:
    return address.replace("|", "\\|")


def _who(who: tuple[str, ...]) -> str:
    """The roles in words, shorter where it is a whole group."""
    for group, name in ((ANYONE, "anybody"), (SIGNED_IN, "whoever is signed in"), (STAFF, "all staff")):
        if set(who) == set(group):
            return name
    return ", ".join(role.replace("_", " ") for role in who) or "nobody"
