"""Pages for everyone: the way to one's language, help, the accessibility statement, and the health check."""

import hmac
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from app import health, metrics
from app.delays import DRAFT_KEPT
from app.embedded.countersign import CHALLENGE, COUNTERSIGN, countersign
from app.extensions import csrf
from app.i18n import chosen_language
from app.views.language import add_language, bilingual

root = Blueprint("root", __name__)
blueprint = bilingual("public", __name__)
blueprint.url_defaults(add_language)


@root.get("/")
def index() -> BaseResponse:
    """Send the visitor to the home page in their language."""
    response = redirect(url_for("portal.home", lang=chosen_language()))
    response.vary.add("Accept-Language")
    return response


@root.get("/healthz")
@csrf.exempt
def healthz() -> Response:
    """200 when web, database, queue and worker all answer, else 503; each part is named, a challenge met."""
    parts = health.check()
    answer = make_response(jsonify(parts), 200 if all(parts.values()) else 503)
    if signed := countersign(current_app.config["SETTINGS"], request.headers.get(CHALLENGE, "")):
        answer.headers[COUNTERSIGN] = signed
    return answer


@root.get("/livez")
@csrf.exempt
def livez() -> Response:
    """200 while this process answers at all, whatever becomes of database and queue."""
    return Response("ok\n", mimetype="text/plain")


@root.get("/metrics")
@csrf.exempt
def show_metrics() -> Response:
    """What Prometheus reads, for who holds METRICS_TOKEN; for anybody else there is no such page."""
    token = current_app.config["SETTINGS"].METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(HTTPStatus.NOT_FOUND)
    return Response(metrics.page(), content_type=metrics.CONTENT_TYPE)


@blueprint.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("portal/accessibility.html")


@blueprint.get("/help")
def help_page() -> str:
    """How to get help."""
    return render_template("portal/help.html", draft_days=DRAFT_KEPT.days)


@blueprint.get("/terms")
def terms() -> str:
    """What one accepts with an account."""
    return render_template("portal/terms.html")
