"""Mail reaches a real SMTP server, once it answers."""

import socket
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from app.adapters import mail


class Inbox(Message):
    """Keeps what a server on loopback received."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def handle_message(self, message):
        self.messages.append(message)


@pytest.fixture
def port():
    """A port of loopback nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def inbox(port):
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox
    controller.stop()


def letter():
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = (
        "amina@demo.example",
        "guichet@example.org",
        "Décision",
    )
    message.set_content("Bonjour Amina, à bientôt.")
    return message


@pytest.fixture
def smtp(context, port, monkeypatch):
    monkeypatch.setitem(context.config, "SETTINGS", SimpleNamespace(SMTP_URL=f"smtp://127.0.0.1:{port}"))


def test_a_real_server_receives_it(smtp, inbox):
    mail.send(letter())
    (received,) = inbox.messages
    assert received["To"] == "amina@demo.example"
    assert "bientôt" in received.get_payload(decode=True).decode()


def test_a_server_that_does_not_answer_is_a_failure(smtp):
    with pytest.raises(OSError, match="refused"):
        mail.send(letter())


@pytest.fixture
def half_made(context, tmp_path, monkeypatch):
    """A mailbox as it stands while another process makes its folders."""
    (tmp_path / "mail" / "tmp").mkdir(parents=True)
    monkeypatch.setitem(context.config, "SETTINGS", SimpleNamespace(SMTP_URL=f"maildir://{tmp_path}/mail"))


def test_a_mailbox_half_made_by_another_is_empty(half_made):
    assert mail.delivered() == []


def test_a_mailbox_half_made_by_another_takes_mail(half_made):
    mail.send(letter())
    assert [message["To"] for message in mail.delivered()] == ["amina@demo.example"]
