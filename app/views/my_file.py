"""My file: the number it is linked to, who looked at it, its lock, its copy, and closing the account."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access_kinds import LockKind
from app.extensions import db
from app.forms.account import ClosureForm
from app.permissions import EMPLOYEE, LABELS
from app.services import SERVICES, access, closures, data_exports, locks, people
from app.services.base import RuleBroken
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.step_up import proof_required

blueprint = bilingual("my_file", __name__)
blueprint.url_defaults(add_language)


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
    entries = access.seen_by(current_user)
    return render_template("portal/my_openings.html", entries=entries, roles=LABELS, services=SERVICES)


@blueprint.get("/my-file/copy")
def copy() -> str:
    """The copy of my data: asked for, being made, or ready."""
    return render_template("portal/my_copy.html", export=data_exports.of_account(current_user))


@blueprint.post("/my-file/copy")
@proof_required
def ask_copy() -> Response:
    """Have it made."""
    try:
        data_exports.ask(current_user)
        db.session.commit()
        flash(_("We are making your copy. We will write to you when it is ready."), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(url_for("my_file.copy"))


@blueprint.get("/my-file/copy.zip")
@proof_required
def download_copy() -> Response:
    """The archive: only its owner has this address lead anywhere."""
    try:
        content = data_exports.content_of(current_user)
    except FileNotFoundError:
        abort(404)
    db.session.commit()
    response = current_app.response_class(content, content_type="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename="guichet.zip")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/my-file/close", methods=["GET", "POST"])
@proof_required
def close() -> Response | str:
    """Ask to close my account, with why; open requests stand in the way."""
    form = ClosureForm()
    if request.method != "POST" or (is_switching() and not was_checked()):
        return _close_page(form)
    if not form.validate() or is_switching():
        return _close_page(form)
    try:
        closures.ask(current_user, form.reason.data or "")
        db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(url_for("my_file.close"))


@blueprint.post("/my-file/close/cancel")
def keep() -> Response:
    """Keep my account after all."""
    closures.cancel(current_user)
    db.session.commit()
    flash(_("Your account stays open."), "success")
    return redirect(url_for("my_file.close"))


@blueprint.get("/my-file/close/cancel")
def back_to_close() -> Response:
    """The address of the button, opened again."""
    return redirect(url_for("my_file.close"))


def _close_page(form: ClosureForm) -> str:
    return render_template(
        "portal/my_closure.html",
        form=form,
        wish=closures.open_request(current_user),
        in_the_way=closures.in_the_way(current_user),
    )
