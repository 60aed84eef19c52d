"""My record: what the administration holds on me, its history, and what I may change at once."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.my_record import SmallChangesForm
from app.models import InsuredPerson, PersonAddress
from app.services import certificates, my_record, people, records
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.step_up import proof_required

blueprint = bilingual("my_record", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/my-file/record")
def index() -> str:
    """What holds today, what held before, and the ways to change it."""
    person = people.of_account(current_user)
    return render_template(
        "portal/my_record.html",
        person=person,
        rows=my_record.today(person) if person else [],
        former=my_record.before(person) if person else [],
        certificates=[(it, certificates.is_valid(it)) for it in certificates.of_person(person)]
        if person
        else [],
    )


@blueprint.route("/my-file/record/change", methods=["GET", "POST"])
@proof_required
def change() -> Response | str:
    """Change the address line or the occupation, at once."""
    person = people.of_account(current_user)
    if person is None:
        return redirect(url_for("my_record.index"))
    there = records.in_force(PersonAddress, person)
    form = SmallChangesForm(address_line=there.line if there else "", occupation=person.occupation)
    if there is None:
        del form.address_line
    if request.method != "POST" or (is_switching() and not was_checked()):
        return _page(form)
    if not form.validate() or is_switching():
        return _page(form)
    return _written(person, form)


@blueprint.get("/my-file/certificates/<number>")
def certificate(number: str) -> Response:
    """One of my certificates, byte for byte as it was first printed."""
    found = certificates.mine(current_user, number) or abort(404)
    content = certificates.pdf_of(found)
    db.session.commit()
    response = current_app.response_class(content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{found.number}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


def _written(person: InsuredPerson, form: SmallChangesForm) -> Response:
    given = form.answers()
    is_changed = my_record.put(current_user, person, given.get("address_line") or "", given["occupation"])
    db.session.commit()
    if is_changed:
        flash(_("Your record is up to date."), "success")
    else:
        flash(_("Nothing was changed."))
    return redirect(url_for("my_record.index"))


def _page(form: SmallChangesForm) -> str:
    return render_template("portal/my_record_change.html", form=form)
