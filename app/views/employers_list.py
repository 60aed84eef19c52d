"""The employers of the list whose name holds what is being typed: for the script that suggests them."""

from http import HTTPStatus

from flask import Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.forms.employer_field import MOST_SHOWN, Listed
from app.security import attempts
from app.services import employers
from app.views.language import add_language, bilingual

blueprint = bilingual("employers_list", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/employers/suggestions")
def suggest() -> Response | tuple[Response, int]:
    """At most ten, with the sentence a screen reader says; 429 for who asks faster than anybody types."""
    try:
        attempts.spend(attempts.EMPLOYERS, str(current_user.id))
    except attempts.TooManyTries:
        return jsonify(employers=[], said=""), HTTPStatus.TOO_MANY_REQUESTS
    found = employers.like(request.args.get("q", ""))
    shown = [{"id": one.id, "name": one.name, "label": one.label} for one in found[:MOST_SHOWN]]
    return jsonify(employers=shown, said=_said(found))


def _said(found: list[Listed]) -> str:
    if len(found) > MOST_SHOWN:
        return _("More than %(most)s employers. Go on typing to see fewer.", most=MOST_SHOWN)
    if not found:
        return _("No employer of this name is in our list.")
    return ngettext("%(num)s employer found.", "%(num)s employers found.", len(found))
