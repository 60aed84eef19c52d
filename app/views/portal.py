"""The home page: for a visitor the services; for an employee what needs their attention, then the rest."""

from flask import render_template
from flask_login import current_user

from app.i18n import current_language
from app.models import Conversation
from app.services import SERVICES, messages, overview
from app.views.language import add_language, bilingual

blueprint = bilingual("portal", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/")
def home() -> str:
    """What waits for me, what is open, and what one can do here."""
    mine = overview.of(current_user) if current_user.is_authenticated else None
    return render_template("portal/home.html", services=SERVICES, mine=mine, title=_title)


def _title(conversation: Conversation) -> str:
    return messages.title(conversation, current_language())
