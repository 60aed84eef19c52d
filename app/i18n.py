"""Which language a page speaks: its path, then what the person chose, then their browser, then French."""

from typing import TypedDict
from urllib.parse import urlencode

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import get_locale, refresh
from flask_login import current_user

from config import LANGUAGES

NAMES = {"fr": "Français", "en": "English"}


class Switch(TypedDict):
    """The other language: its code, its own name, and this page in it."""

    code: str
    label: str
    href: str


def init_app(app: Flask) -> None:
    """Let Flask-Babel (set up by FAB) ask us, and give templates the language and its switch."""
    app.before_request(_remember_choice)
    app.add_template_global(current_language)
    app.add_template_global(language_switch)
    app.add_template_global(language_alternates)


def select_locale() -> str:
    """The language of this request; the default outside one."""
    if not has_request_context():
        return "fr"
    return language_of(request.path) or chosen_language()


def chosen_language() -> str:
    """The language last chosen on this session or account, else the browser's, else French."""
    chosen = session.get("language") if session else None
    if chosen in LANGUAGES:
        return str(chosen)
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES) or "fr"


def current_language() -> str:
    """The code of the language being spoken: `fr` or `en`."""
    locale = get_locale()
    return locale.language if locale else "fr"


def language_switch() -> Switch:
    """This same page in the other language."""
    other = "en" if current_language() == "fr" else "fr"
    return Switch(code=other, label=NAMES[other], href=_here_in(other))


def language_alternates() -> dict[str, str]:
    """The address of this page in each language, for `hreflang`; empty where the path has no language."""
    if language_of(request.path) is None:
        return {}
    root = current_app.config["SETTINGS"].PUBLIC_URL
    return {code: root + _here_in(code) for code in LANGUAGES}


def language_of(path: str) -> str | None:
    """The language a path begins with, or None."""
    return path[1:3] if path[1:3] in LANGUAGES and path[3:4] in ("", "/") else None


def _here_in(code: str) -> str:
    """The path and query of this page in another language."""
    arguments = {key: values for key, values in request.args.lists() if key != "language"}
    if language_of(request.path):
        path = f"/{code}{request.path[3:] or '/'}"
    else:
        path, arguments = request.path, arguments | {"language": [code]}
    query = urlencode(arguments, doseq=True)
    return f"{path}?{query}" if query else path


def choose_language(code: str | None) -> None:
    """Speak that language from now on, on pages that have none in their path."""
    if code in LANGUAGES:
        session["language"] = code
        refresh()


def _remember_choice() -> None:
    """Keep a language chosen by `?language=` or a form's switch (staff pages have none in their path).

    Before the view begins, so that all of it speaks that language.
    """
    if language_of(request.path) is None:
        choose_language(request.form.get("_switch") or request.args.get("language"))
