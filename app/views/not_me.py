"""“This was not me”: a warning's link, which stops a recovery without signing in."""

from flask import render_template

from app.extensions import db
from app.services import recoveries
from app.views.language import add_language, bilingual

blueprint = bilingual("not_me", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/not-me/<token>")
def ask(token: str) -> str | tuple[str, int]:
    """Say what the link does; looking at it stops nothing, as mail programs open links by themselves."""
    recovery = recoveries.of_link(token)
    if recovery is None:
        return render_template("portal/link_over.html"), 404
    return render_template("portal/not_me.html", token=token, is_frozen=recovery.frozen_at is not None)


@blueprint.post("/not-me/<token>")
def freeze(token: str) -> str | tuple[str, int]:
    """Stop it."""
    recovery = recoveries.of_link(token)
    if recovery is None:
        return render_template("portal/link_over.html"), 404
    recoveries.freeze(recovery)
    db.session.commit()
    return render_template("portal/not_me.html", token=token, is_frozen=True)
