"""Messages: the inbox, conversations, writing; somebody else's do not exist, and that is logged."""

from typing import NoReturn

import structlog
from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.base import PortalForm
from app.forms.messages import SearchForm
from app.i18n import current_language
from app.models import Conversation, Notice
from app.services import SERVICES, documents, drafts, inbox, locks, messages, notice_kinds, notifications
from app.services.base import RuleBroken
from app.services.messages import NEW, Place
from app.views import questions, writing
from app.views.cases import my_case
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.stale import is_stale

blueprint = bilingual("messages", __name__)
blueprint.url_defaults(add_language)
Answer = Response | str | tuple[str, int]
MOST_PAGES = 10_000


@blueprint.get("/messages/")
def index() -> str:
    """The inbox: conversations and notices, searched, filtered, and those put away."""
    form = SearchForm(request.args)
    form.service.choices = [("", _("All services"))] + [
        (slug, str(it.title)) for slug, it in SERVICES.items()
    ]
    wanted = _wanted(form)
    return render_template(
        "portal/messages.html",
        form=form,
        wanted=wanted,
        inbox=inbox.of(current_user, wanted),
        begun=[] if wanted.is_archived else messages.drafts_of(current_user),
        title=lambda conversation: messages.title(conversation, current_language()),
        place_title=_place_title,
        write_at=_write_at,
        is_filtered=bool(wanted.words or wanted.service or wanted.is_unread),
    )


@blueprint.route("/messages/new", methods=["GET", "POST"])
def new() -> Answer:
    """Write about a subject."""
    return _write(NEW)


@blueprint.route("/cases/<public_id>/message", methods=["GET", "POST"])
def about_case(public_id: str) -> Answer:
    """Write about a request of one's own; once there is a conversation about it, there."""
    place = messages.about(my_case(public_id))
    if place.conversation is not None and request.method != "POST":
        return redirect(_thread(place.conversation))
    return _write(place)


@blueprint.route("/messages/<public_id>", methods=["GET", "POST"])
def show(public_id: str) -> Answer:
    """A conversation, and the place to answer in it; opening it reads what we wrote."""
    return _write(Place(conversation=_mine(public_id)))


@blueprint.post("/messages/<public_id>/archive")
def archive(public_id: str) -> Response:
    """Put a conversation away, or bring it back."""
    is_away = request.form.get("away") == "1"
    messages.put_away(_mine(public_id), is_away)
    db.session.commit()
    return _put_away(is_away)


@blueprint.get("/messages/notices/<public_id>")
def notice(public_id: str) -> str:
    """What the machinery told, with the way to its page; opening it reads it."""
    found = _my_notice(public_id)
    notifications.read(found)
    page = render_template(
        "portal/notice.html",
        notice=found,
        kind=notice_kinds.KINDS[found.name],
        subject=getattr(found, f"subject_{current_language()}"),
        href=f"/{current_language()}/{found.page}",
    )
    db.session.commit()
    return page


@blueprint.post("/messages/notices/<public_id>/archive")
def archive_notice(public_id: str) -> Response:
    """Put a notice away, or bring it back."""
    is_away = request.form.get("away") == "1"
    notifications.put_away(_my_notice(public_id), is_away)
    db.session.commit()
    return _put_away(is_away)


@blueprint.post("/messages/drafts/<draft>")
def autosave(draft: str) -> FlaskResponse:
    """Keep what was typed so far of a message."""
    place = messages.place_of(current_user, draft) or abort(404)
    return writing.saved(writing.of(place))


def _write(place: Place) -> Answer:
    """The page with its form; sent, the message goes once, and the browser to its conversation."""
    if place.conversation is None or request.method == "POST":
        locks.check(current_user, place.service)
    draft = drafts.of(current_user, place.draft)
    if request.method != "POST":
        return _page(place, writing.shown(writing.of(place), draft))
    earlier = messages.sent_before(current_user, request.form.get(writing.KEY, ""))
    if earlier is not None and not is_switching():
        return redirect(_thread(earlier.conversation))
    form, refused = writing.posted(writing.of(place), draft, keeps_files=not is_stale())
    db.session.commit()
    if questions.is_taking_away():
        writing.keep(writing.of(place), form, draft)
        return _page(place, form)
    if is_switching() and not was_checked():
        return _page(place, form)
    return _checked(place, form, refused)


def _checked(place: Place, form: PortalForm, refused: questions.Refused) -> Answer:
    """What was sent, looked at: kept for later, shown with its errors, or sent on."""
    draft = drafts.of(current_user, place.draft)
    if writing.SAVE in request.form and not refused:
        writing.keep(writing.of(place), form, draft)
        flash(_("Your message is kept as a draft. It is not sent."), "success")
        return redirect(url_for("messages.index"))
    is_right = questions.is_right(form, refused)
    if is_switching():
        return _page(place, form)
    if not is_right:
        writing.keep(writing.of(place), form, draft)
        return _page(place, form)
    return _send(place, form)


def _send(place: Place, form: PortalForm) -> Answer:
    documents.hold(current_user)
    files = questions.documents_of(writing.of(place)[0], form)
    given = form.answers()
    me = current_user._get_current_object()
    try:
        sent = messages.send(me, place, given.get("subject"), given["text"], files, writing.key())
    except locks.FileLocked:
        raise
    except RuleBroken as refusal:
        db.session.rollback()
        form["text"].errors = [str(refusal.message)]
        return _page(place, form)
    drafts.discard(current_user, place.draft)
    there = _thread(sent.conversation)
    db.session.commit()
    flash(_("Your message is sent."), "success")
    return redirect(there)


def _page(place: Place, form: PortalForm) -> str:
    """The conversation with its form, or the form alone."""
    conversation = place.conversation
    if conversation is None:
        return writing.page(
            "portal/message_new.html", place, form, case=place.case, title=_place_title(place)
        )
    is_locked = _is_locked(place)
    news = {message.id for message in conversation.messages if message.is_staff and message.read_at is None}
    if messages.mark_read(conversation, current_user, is_staff=False):
        db.session.commit()
    title = messages.title(conversation, current_language())
    facts = {"conversation": conversation, "title": title, "news": news, "is_locked": is_locked}
    return writing.page("portal/conversation.html", place, form, **facts)


def _is_locked(place: Place) -> bool:
    try:
        locks.check(current_user, place.service)
    except locks.FileLocked:
        return True
    return False


def _wanted(form: SearchForm) -> inbox.Wanted:
    """What the address asks for; what it cannot mean is left out."""
    number = request.args.get("page", 1, type=int)
    return inbox.Wanted(
        words=messages.clean(form.q.data or ""),
        service=form.service.data if form.service.data in SERVICES else "",
        is_unread=bool(form.unread.data),
        is_archived=request.args.get("archived") == "1",
        page=number if 0 < number <= MOST_PAGES else 1,
    )


def _put_away(is_away: bool) -> Response:
    flash(_("Moved to the archive.") if is_away else _("Moved back to the inbox."), "success")
    return redirect(url_for("messages.index", archived=None if is_away else 1))


def _mine(public_id: str) -> Conversation:
    """The signed-in person's own conversation, or 404."""
    found = messages.of_public_id(public_id)
    if found is None or found.owner_id != current_user.id:
        _not_mine(found)
    return found


def _my_notice(public_id: str) -> Notice:
    found = notifications.own(current_user, public_id)
    if found is None:
        _not_mine(notifications.by_public_id(public_id))
    return found


def _not_mine(there: Conversation | Notice | None) -> NoReturn:
    """404; that somebody asked for another's is logged."""
    if there is not None:
        structlog.get_logger("guichet.access").warning(
            "not_theirs", what=repr(there), account=current_user.id
        )
    abort(404)


def _thread(conversation: Conversation) -> str:
    return url_for("messages.show", public_id=conversation.public_id)


def _write_at(place: Place) -> str:
    """Where a message that is begun goes on."""
    if place.conversation is not None:
        return _thread(place.conversation)
    if place.case is not None:
        return url_for("messages.about_case", public_id=place.case.public_id)
    return url_for("messages.new")


def _place_title(place: Place) -> str:
    if place.conversation is not None:
        return messages.title(place.conversation, current_language())
    return messages.title_of(place.case) if place.case else _("New message")
