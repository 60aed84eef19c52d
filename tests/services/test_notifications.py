"""What people are told: once for each event, in the inbox and by e-mail as they chose, and how it fared."""

from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.adapters import mail
from app.extensions import db
from app.files.states import FileState, Refusal
from app.message_kinds import Delivery
from app.models import Document, Notice, Outbox
from app.services import accounts, notice_kinds, notifications, outbox
from app.workflow import Status
from tests.messages import answered, write_again, written
from tests.services.test_cases import account, bring_to, file_case


def told(name):
    return db.session.scalars(select(Notice).where(Notice.name == name)).one()


def mails(mailbox):
    return [path.read_text() for path in mailbox.iterdir()] if mailbox.exists() else []


def try_again():
    db.session.execute(update(Outbox).values(next_try_at=clock.now()))
    db.session.commit()


def test_each_step_is_told_once_with_its_cause(context):
    case = file_case()
    notice = told("received")
    assert notice.delivery is Delivery.queued
    assert notice.subject_en == f"We have received your request {case.reference}"
    assert notice.subject_fr.startswith("Nous avons bien reçu votre demande")
    before = db.session.scalar(select(func.count()).select_from(Outbox))
    notifications.tell_of_case("received", case, notice.event)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == before
    assert told("received").id == notice.id


def test_the_database_holds_one_notice_for_each_event_and_person(context):
    file_case()
    row = {column.key: getattr(told("received"), column.key) for column in Notice.__table__.columns}
    db.session.add(Notice(**row | {"id": None, "public_id": "other", "outbox_id": 10**9}))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_nothing_is_told_of_what_did_not_happen(context):
    case = file_case()
    notifications.tell_of_case("lapsed", case, "event:0")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.name == "lapsed")) == 0


def test_a_mail_is_sent_once_and_noted(app, work, mailbox):
    with app.app_context():
        file_case()
    work()
    work()
    with app.app_context():
        notice = told("received")
        assert notice.delivery is Delivery.sent
        assert notice.ended_at is not None
        assert f"<outbox-{notice.outbox_id}@" in mails(mailbox)[0]
    assert len(mails(mailbox)) == 1


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (SMTPRecipientsRefused({"joseph@demo.example": (550, b"no such user")}), "[550]"),
        (SMTPServerDisconnected("gone"), "gone"),
    ],
)
def test_a_refusal_is_noted_with_its_reason_and_tried_again(app, work, mailbox, monkeypatch, problem, reason):
    with app.app_context():
        file_case()

    def refuse(message):
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", refuse)
        work()
    with app.app_context():
        assert told("received").delivery is Delivery.refused
        assert reason in told("received").refusal
        assert "joseph" not in told("received").refusal
        try_again()
    work()
    with app.app_context():
        assert told("received").delivery is Delivery.sent
        assert told("received").refusal is None
    assert len(mails(mailbox)) == 1


def test_who_does_without_gets_the_line_and_no_mail(app, work, mailbox):
    with app.app_context():
        accounts.choose_notices(account("joseph"), ["reminders"])
        file_case()
    work()
    with app.app_context():
        assert told("received").delivery is Delivery.not_wanted
    assert mails(mailbox) == []


def test_what_the_law_requires_is_sent_whatever_was_chosen(app, work, mailbox):
    with app.app_context():
        accounts.choose_notices(account("joseph"), [])
        bring_to(file_case(), Status.rejected)
    work()
    with app.app_context():
        assert told("decided").delivery is Delivery.sent
    assert len(mails(mailbox)) == 1


def test_a_choice_of_what_cannot_be_switched_off_changes_nothing(context):
    owner = account("joseph")
    owner.muted_notices = ["decisions", "safety"]
    for name in notice_kinds.ONLY_MAILED:
        assert accounts.wants(owner, name)
    accounts.choose_notices(owner, [])
    assert set(owner.muted_notices) == {"messages", "receipts", "reminders"}


def test_who_has_no_address_gets_paper_where_something_is_asked(app, work):
    with app.app_context():
        case = file_case()
        case.owner.email = f"joseph{accounts.NO_EMAIL}"
        bring_to(case, Status.info_requested)
    work()
    with app.app_context():
        assert told("received").delivery is Delivery.no_address
        asked = told("information_requested")
        assert asked.delivery is Delivery.paper
        assert asked.letter.channel == "paper"


def test_several_refused_files_are_one_line_and_one_mail(app, work, mailbox):
    with app.app_context():
        owner = account("joseph")
        for number in range(3):
            db.session.add(
                Document(
                    owner_id=owner.id,
                    category="other",
                    filename=f"secret-{number}.pdf",
                    content_type="application/pdf",
                    size=1,
                    sha256=str(number) * 64,
                    created_at=clock.now(),
                    state=FileState.refused,
                    refusal=Refusal.macros,
                )
            )
            outbox.write("tell_of_refused_documents", owner_id=owner.id)
        db.session.commit()
    work()
    with app.app_context():
        assert told("documents_refused").subject_en == "3 of your files were not accepted"
        assert told("documents_refused").delivery is Delivery.sent
    assert len(mails(mailbox)) == 1
    assert "secret" not in mails(mailbox)[0]


def test_a_message_read_before_its_mail_leaves_is_not_announced(app, work, mailbox):
    with app.app_context():
        message = answered(written())
        message.read_at, message.read_by_id = clock.now(), account("joseph").id
        db.session.commit()
    work()
    with app.app_context():
        assert told("message").delivery is Delivery.overtaken
    assert mails(mailbox) == []


def test_ones_own_message_is_told_to_nobody(app, work, mailbox):
    with app.app_context():
        write_again(written())
        assert db.session.scalar(select(func.count()).select_from(Notice)) == 0
    work()
    assert mails(mailbox) == []


def test_the_page_of_preferences_says_what_cannot_be_switched_off(visitor, app):
    person = visitor("joseph")
    person.open("/en/account/notices")
    for group in notice_kinds.ALWAYS:
        assert str(group.label) in person.text
    assert {box["name"] for box in person.page.select("input[type=checkbox]")} == {
        group.value for group in notice_kinds.OPTIONAL
    }
    person.send(messages=None, receipts="y", decisions=None)
    with app.app_context():
        assert "messages" in account("joseph").muted_notices
        assert "receipts" not in account("joseph").muted_notices
