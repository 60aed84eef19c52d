"""Notices by e-mail: a first name, a reference and a link; nothing else leaves the portal."""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.adapters import mail
from app.extensions import db
from app.models import Case
from app.services import decisions


def send(notice: str, case_id: int, outbox_id: int) -> None:
    """Send a notice to the owner of a case, in their language; raises `OSError` when mail fails."""
    case = db.session.get_one(Case, case_id)
    with force_locale(case.owner.language):
        message = compose(notice, case)
    settings = current_app.config["SETTINGS"]
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message["Message-ID"] = f"<outbox-{outbox_id}@{domain}>"
    message["From"] = formataddr(("Guichet", settings.MAIL_FROM))
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    mail.send(message)
    if notice == "decided":
        decisions.mark_notified(case, "email")


def compose(notice: str, case: Case) -> EmailMessage:
    """The text of a notice in the language in force."""
    root = current_app.config["SETTINGS"].PUBLIC_URL
    facts = {
        "first_name": case.owner.first_name,
        "reference": case.reference,
        "url": f"{root}/{case.owner.language}/cases/{case.public_id}",
        "signature": _("Guichet, the social security administration"),
    }
    message = EmailMessage()
    message["To"] = case.owner.email
    message["Subject"] = render_template(f"email/{notice}/subject.txt", **facts).strip()
    message.set_content(render_template(f"email/{notice}/body.txt", **facts))
    message.add_alternative(render_template(f"email/{notice}/body.html", **facts), subtype="html")
    message["Content-Language"] = case.owner.language
    return message
