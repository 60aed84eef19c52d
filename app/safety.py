"""What of settings, secrets and database is unsafe, each with what to do: for `flask guichet doctor`.

What production refuses to start on is in `config.py`; here is what shows later, or must not stop the house.
"""

import stat
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import exists, func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.demo import DOMAIN
from app.embedded.doctor import BAD, GOOD, NOTE, Finding
from app.extensions import db
from app.models import Account, SecondFactor
from app.permissions import ADMINISTRATOR, COUNTER, SECOND_FACTOR_ROLES
from app.services import key_rotation
from app.services.person_keys import keyring
from config import Settings

FEWEST_SIGNS = 12
"""A random secret of 32 characters has more different ones; one that was typed or repeated has fewer."""

PAIR = 2
SECRET_FILES = ("secret_key", "audit_key", "encryption_keys", "metrics_token")
LOCAL = ("", "localhost", "127.0.0.1", "::1")

_RIGHTS = text(
    "SELECT rolsuper, has_schema_privilege('public', 'CREATE') OR EXISTS ("
    " SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user) AS defines,"
    " coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)"
    " OR inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' AS is_private"
    " FROM pg_roles WHERE rolname = current_user"
)
_OFF = text(
    "SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger"
    " WHERE NOT tgisinternal AND tgenabled IN ('D', 'R') ORDER BY 1"
)


def findings() -> list[Finding]:
    """Everything worth knowing about the safety of this installation, each with its level."""
    settings: Settings = current_app.config["SETTINGS"]
    found = [*_kind(settings), *_secret_files(settings)]
    try:
        found += [*_database(settings), *_accounts(settings), *_two_of_each(settings), *_keys()]
    except (OperationalError, ProgrammingError, PoolTimeout):
        db.session.rollback()
        found.append(
            (NOTE, "The database does not answer: its rights, accounts and keys were not looked at.")
        )
    return found


def _kind(settings: Settings) -> Iterator[Finding]:
    if not settings.is_production:
        yield (
            NOTE,
            f"This is a trial (GUICHET_ENV is {settings.ENV}): set it to production before real data enter.",
        )
        return
    unsafe = list(_settings(settings))
    yield from unsafe or [(GOOD, "The settings suit production.")]


def _settings(settings: Settings) -> Iterator[Finding]:
    """What of production's settings is weak; what is worse does not start."""
    if len(set(settings.SECRET_KEY)) < FEWEST_SIGNS:
        yield BAD, "SECRET_KEY does not look random: take the output of `openssl rand -hex 32`."
    if settings.MAIL_FROM.endswith("@example.org"):
        yield BAD, "MAIL_FROM is the example's: set it to an address of the administration."
    if _is_open(settings.REDIS_URL, "redis"):
        yield BAD, "REDIS_URL is another machine without a password or TLS: use rediss://:password@host."
    if _is_open(settings.SMTP_URL, "smtp"):
        yield NOTE, "SMTP_URL is smtp://: mail is encrypted only if the server offers it. Prefer smtps://."
    if not settings.TRUSTED_PROXIES:
        yield (
            NOTE,
            "TRUSTED_PROXIES is 0: if a proxy speaks TLS before us, say how many there are,"
            " or everybody shares its address and its limits.",
        )
    if settings.LOG_LEVEL == "DEBUG":
        yield NOTE, "LOG_LEVEL is DEBUG: set it to INFO once the fault is found."


def _is_open(url: str, scheme: str) -> bool:
    """Whether it goes to another machine under a scheme without TLS; a password is enough for the queue."""
    parts = urlsplit(url)
    is_guarded = scheme == "redis" and bool(parts.password)
    return parts.scheme == scheme and (parts.hostname or "") not in LOCAL and not is_guarded


def _secret_files(settings: Settings) -> Iterator[Finding]:
    for name in SECRET_FILES:
        path = settings.DATA_DIR / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield BAD, f"{path} can be read by other users: chmod 600 {path}"


def _database(settings: Settings) -> Iterator[Finding]:
    worse = BAD if settings.is_production else NOTE
    rights = db.session.execute(_RIGHTS).one()
    if rights.rolsuper:
        yield (
            worse,
            "The database's role is a superuser: it can switch the triggers off. Use a role of its own.",
        )
    elif rights.defines:
        yield (
            worse,
            "The database's role owns tables or may create them: let another role run `flask db upgrade`,"
            " and grant this one only SELECT, INSERT, UPDATE and DELETE (docs/security.md).",
        )
    else:
        yield GOOD, "The database's role may change rows, and no table or trigger."
    if not rights.is_private:
        yield worse, "The database is reached over the network without TLS: add ?sslmode=verify-full."
    for trigger in db.session.scalars(_OFF):
        yield BAD, f"The trigger {trigger} is off: ALTER TABLE … ENABLE TRIGGER, and verify the audit chain."


def _accounts(settings: Settings) -> Iterator[Finding]:
    unprotected = select(func.count(Account.id)).where(
        Account.roles.any(Role.name.in_(SECOND_FACTOR_ROLES)),
        Account.active.is_(True),
        ~exists().where(SecondFactor.account_id == Account.id, SecondFactor.confirmed_at.is_not(None)),
    )
    if number := db.session.scalar(unprotected):
        yield (
            NOTE,
            f"{number} accounts that must have a second factor have none yet: they can do nothing but set it"
            " up. Deactivate those nobody will use.",
        )
    if not settings.is_production:
        return
    known = select(func.count()).where(Account.email.like(f"%{DOMAIN}"), Account.active.is_(True))
    if number := db.session.scalar(known):
        yield BAD, f"{number} accounts of the demonstration are active: begin with an empty database."


def _two_of_each(settings: Settings) -> Iterator[Finding]:
    """What two must do together is done by nobody where there is one."""
    worse = BAD if settings.is_production else NOTE
    if _active(ADMINISTRATOR) < PAIR:
        yield (
            worse,
            "There are fewer than two active administrators: no role can be given, no lost second factor of a"
            " colleague ended. The first two: `flask guichet found-administrators`.",
        )
    if _active(*COUNTER) < PAIR:
        yield (
            worse,
            "There are fewer than two active officers of a counter (support, registration, supervisor): no"
            " account can be given back, no lock lifted.",
        )


def _active(*roles: str) -> int:
    number = select(func.count(Account.id)).where(
        Account.active.is_(True), Account.roles.any(Role.name.in_(roles))
    )
    return db.session.scalar(number) or 0


def _keys() -> Iterator[Finding]:
    """Which master keys are needed, can be removed, or are missed."""
    used: Counter[int] = Counter()
    for place in key_rotation.places():
        used.update(key_rotation.versions(place))
    ours, newest = keyring().keys, keyring().newest
    for version in sorted(set(used) - set(ours)):
        yield (
            BAD,
            f"{used[version]} values are under key {version}, which ENCRYPTION_KEYS lacks: put it back.",
        )
    for version in sorted(set(ours) - {newest}):
        yield NOTE, _about_older(version, used[version])
    if set(used) <= {newest} and len(ours) == 1:
        yield GOOD, f"Every encrypted value is under key {newest}, the only one in ENCRYPTION_KEYS."


def _about_older(version: int, number: int) -> str:
    if not number:
        return f"Key {version} of ENCRYPTION_KEYS opens nothing any more: it can be removed."
    return (
        f"{number} values are under key {version} of ENCRYPTION_KEYS: run `flask guichet keys rotate`,"
        " and keep the key until then."
    )
