"""Messages as a visitor writes them and staff answer them."""

from sqlalchemy import select

from app.extensions import db
from app.models import Conversation, Message, MessageSubject
from app.services import message_desk, messages
from app.services.messages import NEW, Place
from tests.services.test_cases import account

INBOX = "/en/messages/"
WRITE = "/en/messages/new"
TEXT = "Hello, my name is spelt wrong."
ANSWER = "We have put it right."


def write(person, text=TEXT, subject="registration", **fields):
    """Write a message about a subject, on its page."""
    person.open(WRITE)
    person.send(subject=subject, text=text, **fields)


def written(login="joseph", text=TEXT, subject="registration", case=None, key="key-of-a-message"):
    """A conversation begun without a browser."""
    place = messages.about(case) if case else NEW
    message = messages.send(account(login), place, subject, text, [], key)
    db.session.commit()
    return message.conversation


def write_again(conversation, text="And again.", key="key-of-another"):
    """The person writes once more."""
    messages.send(conversation.owner, Place(conversation=conversation), None, text, [], key)
    db.session.commit()


def answered(conversation, text=ANSWER, by="officer", awaits=False, key="key-of-an-answer"):
    """An officer's answer, without a browser."""
    message = message_desk.answer(conversation, text, account(by), key, awaits=awaits, last_seen=None)
    db.session.commit()
    return message


def only():
    """The only conversation there is."""
    return db.session.scalars(select(Conversation)).unique().one()


def texts():
    """What was written, in order."""
    return list(db.session.scalars(select(Message.text).order_by(Message.id)))


def subject(code):
    """A subject by its code."""
    return db.session.scalars(select(MessageSubject).where(MessageSubject.code == code)).one()


def show(number):
    """The staff's screen of a conversation."""
    return f"/staff/conversationview/show/{number}"
