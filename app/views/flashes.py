"""Messages after an action: said once at the top of the next page, and again when its language is changed."""

from typing import NamedTuple, cast

from flask import Flask, get_flashed_messages, request, session

from app.i18n import current_language, language_of
from app.views.language import is_switching

KEPT = "flashes_shown"


class Flash(NamedTuple):
    """What is said, as what (success, warning …), and the language it was said in."""

    category: str
    text: str
    lang: str


def init_app(app: Flask) -> None:
    """Let the layouts ask what there is to say."""
    app.add_template_global(flashes)


def flashes() -> list[Flash]:
    """This page's messages; those just shown, as they were said, when it is read in the other language."""
    page, lang = _page(), current_language()
    fresh = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    new = [Flash(category, text, lang) for category, text in fresh]
    said = new or _shown_on(page, lang)
    if said:
        session[KEPT] = {"page": page, "lang": lang, "said": [list(flash) for flash in said]}
    else:
        session.pop(KEPT, None)
    return said


def _shown_on(page: str, lang: str) -> list[Flash]:
    """What this same page showed in the other language, when that was the last page shown."""
    shown = session.get(KEPT)
    if not shown or shown["lang"] == lang or not (shown["page"] == page or is_switching()):
        return []
    return [Flash(*flash) for flash in shown["said"]]


def _page() -> str:
    """The path without its language."""
    return request.path[3:] if language_of(request.path) else request.path
