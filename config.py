"""Every setting of Guichet, read once from the environment, with the embedded defaults.

Nothing else reads `os.environ`. Production refuses to start on an unsafe value (`UnsafeSetting`).
"""

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("embedded", "testing", "production")
LANGUAGES = ("fr", "en")
SHORTEST_SECRET = 32
STORES = {"file": "", "s3": "s3fs", "gs": "gcsfs", "abfs": "adlfs"}
"""Where documents may be, and the package that opens it."""


class BadSetting(ValueError):
    """A setting that cannot be used; the message says which one and what to do."""


class UnsafeSetting(BadSetting):
    """A setting good enough to try Guichet, and refused in production."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process. URLs are complete: given, or those of the embedded servers."""

    ENV: str
    DATA_DIR: Path
    RUN_DIR: Path
    HOST: str
    PORT: int
    DATABASE_URL: str
    REDIS_URL: str
    STORAGE_URL: str
    SMTP_URL: str
    CLAMD_URL: str
    MAIL_FROM: str
    PUBLIC_URL: str
    SECRET_KEY: str
    AUDIT_KEY: str
    ENCRYPTION_KEYS: str
    TIME_ZONE: ZoneInfo
    WEB_WORKERS: int
    TRUSTED_PROXIES: int
    LOG_LEVEL: str
    METRICS_TOKEN: str
    METRICS_DIR: str
    SSN_FORMAT: str
    TEMPORARY_SSN_FORMAT: str
    SSN_REGION: str
    DEMO_PERSONS: int
    embedded_database: bool
    embedded_queue: bool

    @property
    def is_production(self) -> bool:
        """Whether real people's data are at stake."""
        return self.ENV == "production"

    @property
    def is_https(self) -> bool:
        """Whether people reach it by https only: cookies and headers say so."""
        return self.PUBLIC_URL.startswith("https://")

    @property
    def trusted_hosts(self) -> list[str] | None:
        """The names production answers to: people's, and this machine's own for health checks; None: any."""
        if not self.is_production:
            return None
        return [urlsplit(self.PUBLIC_URL).hostname or "", "localhost", "127.0.0.1"]

    def flask(self) -> dict[str, object]:
        """The same settings under the names Flask and its extensions read."""
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.SECRET_KEY,
            "TESTING": self.ENV == "testing",
            "SQLALCHEMY_DATABASE_URI": self.DATABASE_URL,
            "PROVIDE_AUTOMATIC_OPTIONS": False,
            "MAX_CONTENT_LENGTH": LARGEST_BODY,
            "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
            "MAX_FORM_PARTS": 200,
            "TRUSTED_HOSTS": self.trusted_hosts,
            "SESSION_COOKIE_NAME": "__Host-guichet" if self.is_https else "guichet",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.is_https,
            "SESSION_REFRESH_EACH_REQUEST": False,
            "WTF_CSRF_TIME_LIMIT": None,
            "BABEL_DEFAULT_LOCALE": "fr",
            "BABEL_DEFAULT_TIMEZONE": str(self.TIME_ZONE),
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
            "BABEL_DOMAIN": "messages",
            "LANGUAGES": {"fr": {"flag": "fr", "name": "Français"}, "en": {"flag": "gb", "name": "English"}},
            "APP_NAME": "Guichet",
            "FAB_CREATE_DB": False,
            "FAB_UPDATE_PERMS": False,
            "FAB_ADD_SECURITY_API": False,
            "FAB_ADD_MENU_API": False,
            "FAB_ADD_OPENAPI_VIEWS": False,
            "FAB_ADD_SECURITY_VIEWS": True,
            "FAB_SECURITY_MANAGER_CLASS": "app.security.manager.GuichetSecurityManager",
            "FAB_BASE_TEMPLATE": "backoffice/frame.html",
            "AUTH_TYPE": 1,
            "AUTH_ROLE_ADMIN": "administrator",
            "COMPRESS_MIMETYPES": COMPRESSED_TYPES,
            "COMPRESS_ALGORITHM": ["br", "gzip"],
            "COMPRESS_STREAMS": False,
            "COMPRESS_BR_LEVEL": 5,
        }


LARGEST_BODY = 64 * 1024 * 1024
"""What is taken in at all; a file above its own limit is refused beside its field."""

COMPRESSED_TYPES = [
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "application/javascript",
    "application/json",
    "image/svg+xml",
]


def load(environ: Mapping[str, str] | None = None, *, makes_keys: bool = True) -> Settings:
    """Read the settings; `BadSetting` names the one that cannot be used.

    An embedded installation without its keys gets them now, or is left untouched, its keys empty.
    """
    env = os.environ if environ is None else environ
    kind = _one_of(env, "GUICHET_ENV", ENVIRONMENTS)
    _refuse_unreadable(env)
    data = _data_folder(env)
    run = run_folder(data)
    port = _number(env, "PORT", 8000, 1, 65535)
    host = env.get("HOST") or "127.0.0.1"
    keeps = makes_keys and kind != "production"
    settings = Settings(
        ENV=kind,
        DATA_DIR=data,
        RUN_DIR=run,
        HOST=host,
        PORT=port,
        DATABASE_URL=_database_url(env, run),
        REDIS_URL=_redis_url(env, run),
        STORAGE_URL=_storage_url(env, data),
        SMTP_URL=_smtp_url(env, data),
        CLAMD_URL=_clamd_url(env),
        MAIL_FROM=env.get("MAIL_FROM") or "guichet@example.org",
        PUBLIC_URL=(env.get("PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
        SECRET_KEY=env.get("SECRET_KEY") or _kept_secret(data, keeps, "secret_key"),
        AUDIT_KEY=_keys(env, "AUDIT_KEY", _AUDIT_KEYS) or _kept_secret(data, keeps, "audit_key"),
        ENCRYPTION_KEYS=_keys(env, "ENCRYPTION_KEYS", _ENCRYPTION_KEYS)
        or _kept_secret(data, keeps, "encryption_keys", "1:"),
        TIME_ZONE=_time_zone(env.get("TIME_ZONE") or "Africa/Douala"),
        WEB_WORKERS=_number(env, "WEB_WORKERS", 2, 1, 64),
        TRUSTED_PROXIES=_number(env, "TRUSTED_PROXIES", 0, 0, 5),
        LOG_LEVEL=_one_of(env, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        METRICS_TOKEN=env.get("METRICS_TOKEN") or _kept_secret(data, keeps, "metrics_token"),
        METRICS_DIR=env.get("PROMETHEUS_MULTIPROC_DIR") or "",
        SSN_FORMAT=env.get("SSN_FORMAT") or "{region:2}-{digits:7}-{check:mod_97_10}",
        TEMPORARY_SSN_FORMAT=env.get("TEMPORARY_SSN_FORMAT") or "T{digits:7}-{check:mod_37_36}",
        SSN_REGION=env.get("SSN_REGION") or "10",
        DEMO_PERSONS=_number(env, "DEMO_PERSONS", 200, 0, 200_000),
        embedded_database=not env.get("DATABASE_URL"),
        embedded_queue=not env.get("REDIS_URL"),
    )
    if settings.is_production:
        _refuse_unsafe(settings, env)
    return settings


def secret_key(settings: Settings) -> str:
    """SECRET_KEY, also for settings that were read before the installation had made its own."""
    return settings.SECRET_KEY or _kept_secret(settings.DATA_DIR, True, "secret_key")


def run_folder(data: Path) -> Path:
    """A short folder for sockets, one for each data folder: socket paths end at about 90 bytes."""
    name = hashlib.sha256(str(data).encode()).hexdigest()[:10]
    return Path("/tmp") / f"guichet-{os.geteuid()}-{name}"


def _refuse_unreadable(env: Mapping[str, str]) -> None:
    """A byte that is no text could be in no URL, configuration file or message."""
    for name in Settings.__annotations__:
        if not _is_text(env.get(name) or ""):
            raise BadSetting(f"{name} is not written in UTF-8: correct it.")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _data_folder(env: Mapping[str, str]) -> Path:
    """Where everything is kept, links followed."""
    given = env.get("DATA_DIR") or str(ROOT / "data")
    try:
        folder = Path(given).expanduser().resolve()
    except RuntimeError as error:  # no such user, or links in a circle
        raise BadSetting(
            f"DATA_DIR {given} leads nowhere ({error}): choose another folder with DATA_DIR=…"
        ) from error
    if not _is_text(str(folder)):
        raise BadSetting(
            f"The name of the data folder {ascii(str(folder))} is not written in UTF-8: "
            "rename it, or choose another folder with DATA_DIR=…"
        )
    return folder


def _database_url(env: Mapping[str, str], run: Path) -> str:
    given = env.get("DATABASE_URL")
    if not given:
        return f"postgresql+psycopg://guichet@/guichet?host={quote(str(run / 'pg'), safe='')}"
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    raise BadSetting(
        "DATABASE_URL must begin with postgresql:// — Guichet stores its data in PostgreSQL only."
    )


def _redis_url(env: Mapping[str, str], run: Path) -> str:
    given = env.get("REDIS_URL")
    if not given:
        return f"unix://{run / 'valkey.sock'}"
    if given.startswith(("redis://", "rediss://", "unix:///")):
        return given
    raise BadSetting("REDIS_URL must begin with redis://, rediss:// or unix:/// (three slashes).")


def _storage_url(env: Mapping[str, str], data: Path) -> str:
    """A folder, or a store whose fsspec package is installed."""
    url = env.get("STORAGE_URL") or f"file://{data}/files"
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in STORES:
        raise BadSetting(f"STORAGE_URL must begin with {', '.join(f'{name}://' for name in STORES)}.")
    package = STORES[scheme]
    if package and find_spec(package) is None:
        raise BadSetting(f"STORAGE_URL {scheme}:// needs the Python package {package}: install it.")
    return url


def _smtp_url(env: Mapping[str, str], data: Path) -> str:
    url = env.get("SMTP_URL") or f"maildir://{data}/mail"
    if not url.startswith(("smtp://", "smtps://", "maildir:///")):
        raise BadSetting("SMTP_URL must begin with smtp://, smtps:// or maildir:/// (three slashes).")
    return url


def _clamd_url(env: Mapping[str, str]) -> str:
    """Where the virus scanner listens; empty: there is none."""
    url = env.get("CLAMD_URL") or ""
    if url and not url.startswith(("tcp://", "unix:///")):
        raise BadSetting("CLAMD_URL must begin with tcp:// or unix:/// (three slashes).")
    return url


def _kept_secret(data: Path, keeps: bool, name: str, prefix: str = "") -> str:
    """The embedded installation's own secret, made once and kept in the data folder."""
    if not keeps:
        return ""
    path = data / name
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, prefix + secrets.token_hex(32))
        return path.read_text().strip()
    except OSError as error:
        raise BadSetting(
            f"DATA_DIR {data} cannot be written ({error.strerror}): choose another folder with DATA_DIR=…"
        ) from error


def _write_once(path: Path, secret: str) -> None:
    """Whole or not at all, and the first of several processes wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


_AUDIT_KEYS = re.compile(r"[0-9a-f]{64}(,[0-9a-f]{64})*")
_ENCRYPTION_KEYS = re.compile(r"[1-9]\d{0,3}:[0-9a-f]{64}(,[1-9]\d{0,3}:[0-9a-f]{64})*")


def _keys(env: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    """Keys as given; never shown in a message."""
    given = (env.get(name) or "").strip()
    if given and not form.fullmatch(given):
        example = "<64 hex digits>" if form is _AUDIT_KEYS else "1:<64 hex digits>"
        raise BadSetting(f"{name} must be written as {example}, several separated by commas (lower case).")
    return given


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or allowed[0]
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}, not “{value}”.")
    return value


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}, not “{text}”.")
    return int(text)


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadSetting(f"TIME_ZONE “{name}” is not a known time zone, such as Africa/Douala.") from error


def _refuse_unsafe(settings: Settings, env: Mapping[str, str]) -> None:
    """Stop production on anything that only suits a trial."""
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        raise UnsafeSetting(f"Production needs SECRET_KEY, at least {SHORTEST_SECRET} random characters.")
    if not settings.AUDIT_KEY or not settings.ENCRYPTION_KEYS:
        raise UnsafeSetting(
            "Production needs AUDIT_KEY (64 hex digits) and ENCRYPTION_KEYS (1:<64 hex digits>)."
        )
    missing = [name for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SMTP_URL") if not env.get(name)]
    if missing:
        raise UnsafeSetting(f"Production needs its own servers: set {', '.join(missing)}.")
    if settings.SMTP_URL.startswith("maildir://"):
        raise UnsafeSetting(
            "Production needs SMTP_URL smtp:// or smtps://: a mailbox on disk reaches nobody."
        )
    if not settings.is_https:
        raise UnsafeSetting("Production needs PUBLIC_URL, the https:// address people type.")
    if urlsplit(settings.PUBLIC_URL).path:
        raise UnsafeSetting("Production needs a host name of its own: PUBLIC_URL must have no path.")
    _refuse_weak_secrets(settings)
    if env.get("FLASK_DEBUG", "") not in ("", "0", "false", "False"):
        raise UnsafeSetting("Production refuses FLASK_DEBUG: errors would show code and values. Unset it.")


def _refuse_weak_secrets(settings: Settings) -> None:
    """A secret that is used twice falls twice; one that can be guessed is none."""
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_SECRET:
        raise UnsafeSetting(
            f"Production needs METRICS_TOKEN to be at least {SHORTEST_SECRET} random characters, or unset."
        )
    encryption_keys = (key.partition(":")[2] for key in settings.ENCRYPTION_KEYS.split(","))
    secrets_used = [settings.SECRET_KEY, *settings.AUDIT_KEY.split(","), *encryption_keys]
    if settings.METRICS_TOKEN:
        secrets_used.append(settings.METRICS_TOKEN)
    if len(set(secrets_used)) < len(secrets_used):
        raise UnsafeSetting(
            "Production needs each of SECRET_KEY, AUDIT_KEY, ENCRYPTION_KEYS and METRICS_TOKEN to be a secret"
            " of its own: one of them is there twice."
        )
