"""Saving a page as the person types; whether the answers are right is asked when they go on."""

from flask import Response, abort, jsonify, make_response
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.extensions import db
from app.formats import time_of_day
from app.services import drafts
from app.views import questions
from app.views.journey import SERVICE, asked_for
from app.views.language import bilingual

blueprint = bilingual("autosave", __name__)


@blueprint.post(f"{SERVICE}/new/<page_slug>/autosave")
def save(slug: str, page_slug: str) -> Response:
    """Keep what was typed so far; 401 for who is signed out. No draft is made before the first answer."""
    if not current_user.is_authenticated:
        return make_response(jsonify(problem="signed_out"), 401)
    service = asked_for(slug)
    page = service.page(page_slug) or abort(404)
    draft = drafts.of(current_user, slug)
    form, _refused = questions.posted(service, page, draft, keeps_files=False)
    saved = drafts.save(current_user, slug, questions.half_answers_of(form, draft))
    db.session.commit()
    sentence = _("Saved at %(time)s", time=time_of_day(clock.now())) if saved else ""
    return jsonify(saved=sentence)
