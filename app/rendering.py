"""What every template may use: GOV.UK's macros, dates as people read them, the site's addresses."""

import json

from flask import Flask, current_app, url_for
from flask_login import current_user
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from app import assets
from app.delays import (
    AUTOSAVE_PAUSE_SECONDS,
    AUTOSAVE_RETRY_LONGEST_SECONDS,
    AUTOSAVE_RETRY_SECONDS,
    UPLOAD_LOOK_SECONDS,
    UPLOAD_PAUSE_LONGEST_SECONDS,
    UPLOAD_PAUSE_SECONDS,
)
from app.formats import about_minutes, day, file_size, in_days, instant, isoday
from app.i18n import current_language
from app.permissions import STAFF

UPLOAD_SECONDS = (UPLOAD_PAUSE_SECONDS, UPLOAD_PAUSE_LONGEST_SECONDS, UPLOAD_LOOK_SECONDS)
AUTOSAVE_SECONDS = (AUTOSAVE_PAUSE_SECONDS, AUTOSAVE_RETRY_SECONDS, AUTOSAVE_RETRY_LONGEST_SECONDS)


def init_app(app: Flask) -> None:
    """Set up Jinja before its environment is first used."""
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([app.jinja_loader, govuk])  # type: ignore[list-item]
    assets.init_app(app)
    app.add_template_filter(day)
    app.add_template_filter(instant)
    app.add_template_filter(file_size)
    app.add_template_filter(isoday)
    app.add_template_filter(facts_of)
    app.add_template_global(about_minutes)
    app.add_template_global(in_days)
    app.add_template_global(site)
    app.jinja_env.globals["upload_seconds"] = UPLOAD_SECONDS
    app.jinja_env.globals["autosave_seconds"] = AUTOSAVE_SECONDS


def facts_of(content: str) -> dict[str, object]:
    """The plain facts of an audit entry."""
    return dict(json.loads(content).get("subject") or {})


def site() -> dict[str, str | bool | None]:
    """The addresses and names the frame of each page shows."""
    lang = current_language()
    signed_in = current_user and current_user.is_authenticated
    return {
        "home": url_for("portal.home", lang=lang),
        "sign_in": url_for("account.sign_in", lang=lang),
        "register": url_for("sign_up.ask", lang=lang),
        "account": url_for("my_account.overview", lang=lang),
        "sign_out": url_for("account.sign_out", lang=lang),
        "person": current_user.get_full_name() if signed_in else None,
        "staff_home": _staff_home() if signed_in and current_user.has_role(*STAFF) else None,
        "accessibility": url_for("public.accessibility", lang=lang),
        "help": url_for("public.help_page", lang=lang),
        "demo": not current_app.config["SETTINGS"].is_production,
    }


def _staff_home() -> str:
    return url_for("StaffHomeView.index")
