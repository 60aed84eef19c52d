"""Mail about accounts: both languages, nothing personal but a first name, the same when it is sent twice."""

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.extensions import db
from app.jobs import mail as mail_jobs
from app.models import Account, MailedLink, Outbox
from app.services import accounts, notices, sign_ups
from tests.browser import people
from tests.jobs.test_outbox import received

ABOUT_ACCOUNTS = (
    "account_exists",
    "confirm_email",
    "confirm_sign_up",
    "email_change_asked",
    "email_changed",
    "new_device",
    "password_changed",
    "phone_changed",
    "recovery_code_used",
    "reset_password",
    "second_factor_removed",
    "second_factor_set_up",
)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("notice", ABOUT_ACCOUNTS)
def test_each_mail_speaks_its_language_and_leads_to_its_page(context, notice, lang):
    with force_locale(lang):
        message = notices.write(notice, "a@mail.cm", "Amina", lang, f"{lang}/account/", device="Firefox")
    assert message["Subject"]
    assert message["Content-Language"] == lang
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        assert ("Bonjour Amina," if lang == "fr" else "Hello Amina,") in text
        assert f"http://localhost/{lang}/account/" in text
    assert f"<title>{message['Subject'].replace(chr(39), '&#39;')}</title>" in text


def test_a_second_run_sends_the_same_link_and_message_id(context, mailbox):
    sign_ups.ask("marie@mail.cm", "quatre mots sans rapport", "Marie", "Abena", "fr")
    db.session.commit()
    link = db.session.scalars(select(MailedLink)).one()
    row = db.session.scalars(select(Outbox)).one()
    for _ in range(2):
        mail_jobs.send_mailed_link(row.id, link.id)
    first, second = received(mailbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()


def test_the_outbox_holds_no_address(context):
    sign_ups.ask("marie@mail.cm", "quatre mots sans rapport", "Marie", "Abena", "fr")
    db.session.commit()
    assert "marie" not in str(db.session.scalars(select(Outbox)).one().payload)


@pytest.mark.parametrize("is_wanted", [True, False])
def test_who_does_not_want_receipts_gets_none(app, mails, is_wanted):
    person = people.new_employee(app)
    with app.app_context():
        accounts.choose_notices(db.session.get_one(Account, person.id), ["receipts"] if is_wanted else [])
        db.session.commit()
    people.file_case(app, person)
    assert bool(mails(person.login)) is is_wanted
