"""The documents of a case for staff: opened through the case, each opening recorded, and judged."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.extensions import db
from app.files.states import Verdict
from app.i18n import current_language
from app.models import Account, Case, Document
from app.permissions import LABELS, READERS, may_read
from app.services import SERVICES, document_categories, document_review
from app.services.base import RuleBroken
from app.views import documents


class CaseDocuments:
    """The endpoints a case view adds; each goes through the view's own filters."""

    endpoint: str
    enter_document: Any
    row: Any

    @expose("/document/<int:pk>/<public_id>", methods=["GET"])
    @has_access
    @permission_name("download")
    def document(self, pk: int, public_id: str) -> Response:
        """A document of a case this officer can see."""
        case = self.row(pk)
        document = _of(case, public_id)
        self.enter_document(pk, document)
        return documents.send(document, case)

    @expose("/document/<int:pk>/<public_id>/preview/<int:number>", methods=["GET"])
    @has_access
    @permission_name("download")
    def document_preview(self, pk: int, public_id: str, number: int) -> Response:
        """A picture of one of its first pages."""
        case = self.row(pk)
        document = _of(case, public_id)
        self.enter_document(pk, document)
        return documents.send_preview(document, number, case)

    @expose("/document/<int:pk>/<public_id>/verify", methods=["POST"])
    @has_access
    @permission_name("step")
    def verify(self, pk: int, public_id: str) -> BaseResponse:
        """Say what was found: accepted, refused or unreadable."""
        case = self.row(pk)
        document = _of(case, public_id)
        verdict = request.form.get("verdict", "")
        if verdict not in list(Verdict):
            abort(400)
        try:
            document_review.verify(
                SERVICES[case.service],
                case,
                document,
                Verdict(verdict),
                request.form.get("verdict_reason"),
                current_user._get_current_object(),
            )
            db.session.commit()
            flash(_("%(name)s: noted.", name=document.filename), "success")
        except RuleBroken as refusal:
            message = str(refusal.message)
            db.session.rollback()
            flash(message, "warning")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk, _anchor="documents"))

    @expose("/document/<int:pk>/<public_id>/category", methods=["POST"])
    @has_access
    @permission_name("step")
    def categorise(self, pk: int, public_id: str) -> BaseResponse:
        """Say what kind of document it is, where the person could not or did not."""
        case = self.row(pk)
        document, me = _of(case, public_id), current_user._get_current_object()
        try:
            wanted = request.form.get("category", "")
            document_review.categorise(SERVICES[case.service], case, document, wanted, me)
            db.session.commit()
            name = document_categories.name_of(document.category, current_language())
            flash(
                _("%(name)s is now under “%(category)s”.", name=document.filename, category=name), "success"
            )
        except RuleBroken as refusal:
            message = str(refusal.message)
            db.session.rollback()
            flash(message, "warning")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk, _anchor="documents"))


def hidden_from(reader: Account, case: Case) -> dict[str, str]:
    """The documents of a case that this reader knows of and may not open, with who may."""
    return {
        document.public_id: ", ".join(str(LABELS[role]) for role in READERS[document.category])
        for document in case.documents
        if not may_read(reader, document.category)
    }


def _of(case: Case, public_id: str) -> Document:
    """A document of the case, or 404."""
    found = (document for document in case.documents if document.public_id == public_id)
    return next(found, None) or abort(404)
