"""What was typed comes back: a page sent after the session ended, or before a code was given, is kept.

It is kept on the server in the browser's session, for the account whose session it was, and shown again as
the language switch shows a form: nothing is recorded by it.
"""

from typing import TypedDict
from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.security import sessions
from app.views.addresses import safe
from app.views.language import add_language, bilingual

blueprint = bilingual("typed_again", __name__)
blueprint.url_defaults(add_language)
MOST_TYPED = 64 * 1024
TYPED = "typed"
_NEVER_KEPT = {"password", "current", "code", "csrf_token", "_switch", "_checked"}
_NO_SECRETS = {"code"}
"""Names that are a secret in the portal, where codes are given; in the back office an agency has a code."""

_SHOW_WHAT_IS_TYPED = (
    *(".step", ".note", "ConversationView.answer"),
    *("documents.expiry", "documents.renew", "documents.show_again"),
    *("journey.send", "counter.send"),
)
"""These answer `_switch` too, though reading their address is another endpoint or none."""


class Typed(TypedDict):
    """A page as it was sent: by whom, where to, with which fields; whether a file was among them."""

    account: int
    page: str
    fields: list[list[str]]
    had_files: bool


def keep(account_id: int) -> str:
    """Keep what this request sent, for that account alone; the address of the page it was on."""
    session.pop(TYPED, None)
    if not can_be_shown():
        return _page_before()
    if request.method == "POST":
        typed = request.form.items(multi=True)
        fields = [[name, value] for name, value in typed if name not in _never_kept()]
        if sum(len(name) + len(value) for name, value in fields) <= MOST_TYPED:
            session[TYPED] = Typed(
                account=account_id,
                page=_here(),
                fields=fields,
                had_files=any(file.filename for file in request.files.values()),
            )
    return _here() if _opens_by_reading() else _page_before()


def carried(account_id: int) -> Typed | None:
    """What is kept for that account; what was kept for another is never seen."""
    typed: Typed | None = session.get(TYPED)
    return typed if typed is not None and typed["account"] == account_id else None


def resume(typed: Typed | None) -> str | None:
    """The address that shows what was typed, kept on in this session; None when nothing was."""
    if typed is None:
        return None
    session[TYPED] = typed
    return url_for("typed_again.show")


@blueprint.get("/typed")
def show() -> Response | str:
    """Say that it is there, with a button that shows the page as it was typed."""
    typed = carried(current_user.id)
    if typed is None:
        return redirect(url_for("portal.home"))
    page = safe(typed["page"]) or url_for("portal.home")
    return render_template("portal/typed_again.html", typed=typed, page=page, lang=current_language())


def after_an_ended_session() -> Response | None:
    """To sign in, with what was typed kept, when the session of a form that was sent is over."""
    account_id = sessions.ended_account()
    if account_id is None:
        return None
    back = keep(account_id)
    session["was_signed_out"] = True
    return redirect(url_for("account.sign_in", lang=current_language(), next=back))


def can_be_shown() -> bool:
    """Whether the page's own address shows a form again without acting on it (`is_switching`)."""
    rule = request.url_rule
    if rule is None or rule.methods is None or rule.endpoint == "cases.step":
        return False
    return "GET" in rule.methods or rule.endpoint.endswith(_SHOW_WHAT_IS_TYPED)


def _never_kept() -> set[str]:
    is_of_the_portal = request.url_rule is not None and "lang" in request.url_rule.arguments
    return _NEVER_KEPT if is_of_the_portal else _NEVER_KEPT - _NO_SECRETS


def _here() -> str:
    """This page with its query, which may say what a form acts on: the list that was narrowed."""
    return request.full_path.rstrip("?")


def _opens_by_reading() -> bool:
    adapter = request_ctx.url_adapter
    return adapter is not None and adapter.test(request.path, "GET")


def _page_before() -> str:
    """The page of ours the button was on."""
    before = urlsplit(request.referrer or "")
    return (before.netloc == request.host and safe(before.path)) or url_for(
        "portal.home", lang=current_language()
    )


def sentence() -> str:
    """What the sign-in page says to whom it brought here."""
    if TYPED in session:
        return _("You were signed out because you were away for a while. What you typed is kept for you.")
    return _("You were signed out because you were away for a while.")
