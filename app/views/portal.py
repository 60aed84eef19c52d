"""The home page: for a visitor the services, for an employee their requests as well."""

from collections.abc import Sequence

from flask import render_template
from flask_login import current_user
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Draft
from app.services import SERVICES, drafts
from app.views.language import add_language, bilingual

blueprint = bilingual("portal", __name__)
blueprint.url_defaults(add_language)
MOST_SHOWN = 50


@blueprint.get("/")
def home() -> str:
    """What is open, and what one can do here."""
    mine: Sequence[Case] = []
    begun: Sequence[Draft] = []
    if current_user.is_authenticated:
        mine = db.session.scalars(
            select(Case).where(Case.owner_id == current_user.id).order_by(Case.id.desc()).limit(MOST_SHOWN)
        ).all()
        begun = [draft for draft in drafts.all_of(current_user) if draft.service in SERVICES]
    return render_template(
        "portal/home.html", services=SERVICES.values(), cases=mine, drafts=begun, all=SERVICES
    )
