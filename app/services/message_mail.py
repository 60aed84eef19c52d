"""The e-mail that says that there is a message: the first name and a link, nothing of what it says."""

from flask_babel import force_locale

from app.extensions import db
from app.message_kinds import Delivery
from app.models import Message
from app.services import notices, notifications


def send(message_id: int, outbox_id: int) -> None:
    """Send it, unless the person has read the message already. Raises `OSError` when mail fails."""
    message = db.session.get_one(Message, message_id)
    owner = message.conversation.owner
    if message.read_at is not None:
        notifications.end(outbox_id, Delivery.overtaken)
        return
    if not notices.may_mail(owner, "message", outbox_id):
        return
    with force_locale(owner.language):
        page = f"{owner.language}/messages/{message.conversation.public_id}"
        mail = notices.write("message", owner.email, owner.first_name, owner.language, page)
    notices.post(mail, outbox_id)
