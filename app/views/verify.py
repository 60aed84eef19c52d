"""Is this paper genuine? For anybody, without an account; the answer never says what the paper says."""

from typing import Any

import structlog
from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import verification
from app.services.verification import Verified
from app.views.language import add_language, bilingual

blueprint = bilingual("verify", __name__)
blueprint.url_defaults(add_language)
LONGEST_CODE = 60


@blueprint.get("/verify")
def ask() -> Response | str:
    """Ask for the code, then go to its page."""
    code = request.args.get("code", "").strip()[:LONGEST_CODE]
    if code.strip("./"):
        return redirect(url_for("verify.show", code=code.replace("/", "-")))
    return render_template("portal/verify.html", code="", found=None)


@blueprint.get("/verify/<code>")
def show(code: str) -> Response:
    """What is known of the paper of that code; an unknown one gets the same page."""
    return page_of(code[:LONGEST_CODE], verification.find(code))


def page_of(code: str, found: Verified | None, **more: Any) -> Response:
    """The answer about a paper: 404 for none, 409 when our own records contradict each other."""
    status = 200 if found else 404
    if found and found.is_contradicted:
        status = 409
        structlog.get_logger("guichet.receipts").error("contradicted", number=found.number)
    response = make_response(render_template("portal/verify.html", code=code, found=found, **more), status)
    response.headers["Cache-Control"] = "no-store"
    return response
