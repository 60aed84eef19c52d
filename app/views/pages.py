"""Pages that differ only in their words: one small form, or a message and the way on."""

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from app.delays import SAID_IN_MINUTES
from app.forms.base import PortalForm
from app.views.language import is_switching, was_checked

Link = dict[str, str]


def form_page(
    form: PortalForm,
    title: str,
    button_text: str,
    texts: Sequence[str] = (),
    template: str = "portal/form_page.html",
    **more: object,
) -> str:
    """A page with that form; `more` goes to the template (back_href, links, checked)."""
    return render_template(template, form=form, title=title, button_text=button_text, texts=texts, **more)


def message(title: str, *texts: str, next: Link | None = None, links: Sequence[Link] = ()) -> str:
    """A page that says something."""
    return render_template("portal/message.html", title=title, texts=texts, next=next, links=links)


def link(text: str, href: str) -> Link:
    """A link to show under a page's text."""
    return {"text": text, "href": href}


def is_filled_in(form: PortalForm) -> bool:
    """Whether the form was sent to be acted on, and is right; for its other language it is only checked."""
    if is_switching():
        if was_checked():
            form.validate()
        return False
    return bool(form.validate_on_submit())


def wait_in_words(wait: timedelta) -> str:
    """How long to wait, told roughly and never too short: 12 minutes, 5 hours."""
    seconds = int(wait.total_seconds())
    if wait <= SAID_IN_MINUTES:
        return ngettext("%(num)d minute", "%(num)d minutes", -(-seconds // 60))
    return ngettext("%(num)d hour", "%(num)d hours", -(-seconds // 3600))


def too_many(wait: timedelta) -> str:
    """What to say beside a field after too many tries."""
    return _("Too many tries. Wait %(time)s, then try again.", time=wait_in_words(wait))
