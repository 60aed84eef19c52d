"""My file: the number it is linked to, who looked at it, its lock, its copy, and closing the account."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app.access_kinds import LockKind
from app.extensions import db
from app.permissions import EMPLOYEE, LABELS
from app.services import access, locks, people
from app.views.language import add_language, bilingual

blueprint = bilingual("my_file", __name__)
blueprint.url_defaults(add_language)


@blueprint.before_request
@login_required
def _signed_in() -> None:
    """These pages are for who is signed in."""


@blueprint.get("/my-file/")
def index() -> str:
    """What one may do about one's own file."""
    return render_template(
        "portal/my_file.html",
        person=people.of_account(current_user),
        may_link=current_user.has_role(EMPLOYEE),
        locks=locks.in_force(current_user),
    )


@blueprint.get("/my-file/lock")
def lock_page() -> str:
    """My locks, and the buttons that set one."""
    there = {lock.kind: lock for lock in locks.in_force(current_user)}
    return render_template("portal/my_lock.html", kinds=LockKind, locks=there)


@blueprint.post("/my-file/lock")
def lock() -> Response:
    """Lock my file, in one click."""
    kind = next((kind for kind in LockKind if kind.value == request.form.get("kind")), None) or abort(400)
    locks.set_lock(current_user, kind)
    db.session.commit()
    flash(_("Your file is locked: %(lock)s.", lock=kind.label), "success")
    return redirect(url_for("my_file.lock_page"))


@blueprint.get("/my-file/openings")
def openings() -> str:
    """Who of the staff opened what of mine: role and agency, never the officer's name."""
    return render_template("portal/my_openings.html", entries=access.seen_by(current_user), roles=LABELS)
