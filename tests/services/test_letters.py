"""The letter of a decision: its words, its signatory, its number; written with the decision and never changed."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask_babel import force_locale
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from stdnum.iso7064 import mod_37_36

from app import clock
from app.extensions import db
from app.models import Delegation, Letter, LetterTemplate, Outbox
from app.services import cases, letter_templates, letters, verification
from app.services.base import RuleBroken
from app.workflow import Actor, Outcome, Status
from tests.origin import shapes
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case

LANGUAGES = ["fr", "en"]
HOSTILE = [
    "<b>Tabi</b> & <script>alert(1)</script>",
    '#panic("no") $x$ @ref *a*',
    "# Not a heading",
    "%(reason)s %(person)s {{ 7 * 7 }}",
    "محمد 😀 N’Guessan",
]


def decided(step="reject", reason=REASON, login="joseph", by="officer", key="key-of-this-test"):
    """The letter of a decision just taken."""
    case = file_case(login, key)
    cases.perform(SERVICE, case, step, cases.By(account(by), Actor.officer), reason)
    db.session.commit()
    return case.letters[-1]


def made(letter):
    letters.make(SERVICE, letter)
    db.session.commit()
    return letter


def words_of(letter):
    return "\n".join(block["text"] for block in letter.body)


def pdf_text(letter):
    reader = PdfReader(BytesIO(letters.open_pdf(letter)))
    return " ".join("\n".join(page.extract_text() for page in reader.pages).replace("\xa0", " ").split())


def delegate(login="officer", service=None, start=0, end=None, quality="Head of centre"):
    """A delegation from `start` to `end`, in days from today."""
    today = clock.today()
    delegation = Delegation(
        account_id=account(login).id,
        service=service,
        quality_fr=f"{quality} (fr)",
        quality_en=quality,
        valid_from=today + timedelta(days=start),
        valid_to=None if end is None else today + timedelta(days=end),
        proposed_by_id=account("administrator").id,
        approved_by_id=account("administrator2").id,
        approved_at=clock.now(),
    )
    db.session.add(delegation)
    db.session.commit()
    return delegation


@pytest.mark.parametrize(
    ("login", "sentences"),
    [
        ("joseph", ["Dear Joseph Tabi,", "we rejected it.", "within 60 days of the day"]),
        ("amina", ["Madame, Monsieur,", "nous l’avons refusée.", "dans un délai de 60 jours"]),
    ],
)
def test_it_speaks_the_persons_language(context, login, sentences):
    letter = decided(login=login)
    assert letter.language == account(login).language
    for sentence in [*sentences, REASON]:
        assert sentence in words_of(letter)
    assert letter.case.reference in letter.subject
    assert "%(" not in letter.subject + words_of(letter)


def test_an_approval_says_what_it_gives(context):
    letter = decided("approve", reason=None)
    number = letter.case.person.ssn
    assert f"Social security number: {number}" in words_of(letter)
    assert letter.recipient_number == number
    assert "Why" not in [block["text"] for block in letter.body]


def test_its_number_checks_itself(context):
    letter = decided()
    assert re.fullmatch(r"L-\d{4}-\d{6}-[0-9A-Z]", letter.number)
    assert mod_37_36.is_valid(letter.number.replace("-", ""))


def test_a_refused_step_writes_no_letter(context):
    case = file_case()
    with pytest.raises(RuleBroken):
        cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), " ")
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_without_a_template_nothing_is_decided(context):
    case = file_case()
    before = shapes()
    officer = cases.By(account("officer"), Actor.officer)
    for template in db.session.scalars(select(LetterTemplate)):
        template.valid_from = clock.today() + timedelta(days=1)
    with pytest.raises(RuleBroken, match="administrator"):
        cases.perform(SERVICE, case, "reject", officer, REASON)
    db.session.rollback()
    assert shapes() == before


@pytest.mark.parametrize("words", HOSTILE)
def test_what_is_filled_in_is_text_and_nothing_else(context, words):
    letter = made(decided(reason=words))
    (block,) = [block for block in letter.body if block["text"] == words]
    assert block["kind"] == "text"
    assert "<script>" not in letter.html
    assert "<b>Tabi</b>" not in letter.html
    shown = pdf_text(letter)
    for word in words.replace("😀", "\ufffd").split():
        assert word in shown or not word.isascii()


def test_a_hostile_name_is_text_too(context):
    owner = account("joseph")
    owner.first_name, owner.last_name = "<i>Jo & #x", "$T@bi 😀"
    letter = made(decided())
    owner.first_name, owner.last_name = "Joseph", "Tabi"
    db.session.commit()
    assert "&lt;i&gt;Jo &amp; #x $T@bi 😀" in letter.html
    assert "<i>Jo & #x $T@bi \ufffd" in pdf_text(letter)


@pytest.mark.parametrize("login", ["joseph", "amina"])
def test_html_and_pdf_say_the_same_in_the_same_language(context, login):
    letter = made(decided(login=login))
    shown = pdf_text(letter)
    for text in [letter.subject, letter.recipient, letter.signatory, letter.quality, letter.number]:
        assert text in letter.html
        assert text in shown
    assert f'lang="{letter.language}"' in letter.html
    assert letter.html.count("<h1>") == 1
    catalog = PdfReader(BytesIO(letters.open_pdf(letter))).trailer["/Root"]
    assert catalog["/Lang"] == letter.language


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "'Other words'"),
        ("body", "'[]'::jsonb"),
        ("signatory", "'Somebody else'"),
        ("quality", "'Queen'"),
        ("number", "'L-2026-000000-0'"),
        ("html", "'<p>Other words</p>'"),
        ("pdf_sha256", "repeat('0', 64)"),
        ("delegation_id", "NULL"),
    ],
)
def test_the_database_refuses_to_change_it(context, column, value):
    delegate()
    letter = made(decided())
    table = db.metadata.tables["letter"]
    change = table.update().where(table.c.id == letter.id).values({column: db.text(value)})
    with pytest.raises(IntegrityError, match="stays as it was written"):
        db.session.execute(change)
    db.session.rollback()


def test_a_new_template_changes_no_letter_that_is_written(context):
    letter = decided()
    before = words_of(letter)
    template = letter_templates.in_force("registration", Outcome.reject)
    kept = template.body_en
    template.body_en = "New words, %(person)s."
    db.session.commit()
    try:
        assert "rejected" in made(letter).html
        assert words_of(letter) == before
        assert words_of(decided(login="peter", key="another-key")) == "New words, Peter Fon."
    finally:
        template.body_en = kept
        db.session.commit()


@pytest.mark.parametrize(
    ("delegations", "quality"),
    [
        ([], "Registration officer"),
        ([{}], "Head of centre"),
        ([{"service": "registration"}], "Head of centre"),
        ([{"service": "claims"}], "Registration officer"),
        ([{"start": -30, "end": -1}], "Registration officer"),
        ([{"start": 1}], "Registration officer"),
        ([{"start": -30, "end": 0}], "Head of centre"),
        ([{"login": "agent"}], "Registration officer"),
        ([{"quality": "For all"}, {"service": "registration", "start": -9}], "Head of centre"),
        ([{"start": -90, "end": -10, "quality": "Earlier"}, {"start": -9}], "Head of centre"),
    ],
)
def test_it_is_signed_under_the_delegation_in_force_that_day(context, delegations, quality):
    rows = [delegate(**delegation) for delegation in delegations]
    letter = decided()
    assert (letter.signatory, letter.quality) == ("Ruth Ebai", quality)
    used = [row.id for row in rows if row.quality_en == quality]
    assert letter.delegation_id == (used[0] if used else None)


def test_the_quality_is_in_the_letters_language(context):
    delegate()
    assert decided(login="amina").quality == "Head of centre (fr)"


def test_whoever_confirms_signs(context):
    case = file_case()
    bring_to(case, Status.proposed)
    cases.perform(SERVICE, case, "confirm_approval", cases.By(account("supervisor"), Actor.approver))
    db.session.commit()
    (letter,) = case.letters
    assert letter.signatory == "Irène Kamga"
    assert letter.quality == "Head of the Coast agency"


@pytest.mark.parametrize("outcome", [Outcome.approve, Outcome.reject])
def test_a_preview_is_the_letter_and_writes_nothing(context, outcome):
    case = file_case()
    before = shapes()
    officer = account("officer")
    sheet = letters.preview(SERVICE, case, outcome, REASON, officer)
    assert shapes() == before
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0
    cases.perform(SERVICE, case, outcome.value, cases.By(officer, Actor.officer), REASON)
    (letter,) = case.letters
    assert (sheet.subject, sheet.signatory, sheet.quality) == (
        letter.subject,
        letter.signatory,
        letter.quality,
    )
    if outcome is Outcome.reject:
        assert sheet.body == letter.body


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Le motif figurera ici"), ("en", "The reason will stand here")]
)
def test_a_preview_without_a_reason_shows_its_place(context, language, words):
    sheet = letters.preview(SERVICE, file_case(), Outcome.reject, None, None, language)
    assert sheet.language == language
    assert any(words in block["text"] for block in sheet.body)


def test_a_revision_names_the_letter_it_replaces(context):
    first = made(decided())
    case = first.case
    cases.perform(
        SERVICE, case, "revise_to_approve", cases.By(account("officer"), Actor.officer), "A new paper."
    )
    cases.perform(SERVICE, case, "confirm_approval", cases.By(account("supervisor"), Actor.approver))
    db.session.commit()
    second = case.letters[-1]
    assert f"letter {first.number}" in words_of(second)
    assert second.number != first.number


def test_a_later_decision_takes_its_place(context):
    case = file_case()
    bring_to(case, Status.decision_withdrawn)
    first, second = (made(letter) for letter in case.letters)
    assert f"letter {first.number}" in words_of(second)
    assert verification.find(first.verification_code).still_valid is False
    assert verification.find(second.verification_code).still_valid is True


def test_verification_tells_who_and_when_and_never_what(context):
    letter = decided("approve", reason=None)
    assert verification.find(letter.verification_code) is None
    made(letter)
    typed = letter.verification_code.lower().replace("0", "o").replace("1", "l")
    found = verification.find(f" {typed[:4]}-{typed[4:]} ")
    assert found.number == letter.number
    assert found.issued_on == clock.today()
    assert found.initials == "J. T."
    assert found.last_digits == letter.recipient_number[-2:]
    assert verification.find("0000-0000-0000-0000") is None
    assert verification.find("") is None


def test_codes_are_never_the_same(context):
    codes = {decided("reject").verification_code, *(letters.papers.new_code() for _ in range(200))}
    assert len(codes) == 201


def on_paper(login="joseph"):
    """A made letter for somebody who has no e-mail; their account is put back afterwards."""
    owner = account(login)
    address, owner.email = owner.email, "joseph@no-email.invalid"
    db.session.flush()
    case = cases.submit(
        SERVICE,
        owner,
        {"given_names": "Jo", "family_name": "T", "birth_date": date(1990, 1, 1)},
        [],
        "key-on-paper",
        "en",
    )
    cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), REASON)
    owner.email = address
    letter = case.letters[-1]
    letters.make(SERVICE, letter)
    db.session.commit()
    return letter


def test_who_has_no_email_gets_paper_and_no_mail(context):
    letter = on_paper()
    assert letter.channel == letters.PAPER
    notices = db.session.scalars(select(Outbox).where(Outbox.payload["notice"].astext == "decided")).all()
    assert notices == []
    assert letter.decision.notified_at is None


def test_the_time_to_appeal_runs_from_the_day_of_posting(context):
    letter = on_paper()
    with clock.frozen(clock.now() + timedelta(days=3)):
        posted = clock.today() - timedelta(days=1)
        letters.mark_posted(letter, posted, account("officer"))
        db.session.commit()
        assert letter.posted_on == posted
        assert letter.decision.notified_how == letters.PAPER
        assert clock.day_of(letter.decision.notified_at) == posted
        assert letter.decision.appeal_by == posted + timedelta(days=60)
        with force_locale("en"), pytest.raises(RuleBroken, match="before"):
            letters.mark_posted(letter, posted, account("officer"))


@pytest.mark.parametrize("days", [-1, 1, None])
def test_a_day_that_cannot_be_is_refused(context, days):
    letter = on_paper()
    posted = None if days is None else clock.today() + timedelta(days=days)
    with force_locale("en"), pytest.raises(RuleBroken, match="Enter the day"):
        letters.mark_posted(letter, posted, account("officer"))
    db.session.rollback()
    assert letter.decision.notified_at is None


def test_a_letter_sent_by_email_is_never_marked_as_posted(context):
    letter = made(decided())
    with force_locale("en"), pytest.raises(RuleBroken, match="not in the print queue"):
        letters.mark_posted(letter, clock.today(), account("officer"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_can_be_previewed_in_each_language(context, language):
    case = file_case()
    with force_locale("en" if language == "fr" else "fr"):
        for outcome in Outcome:
            sheet = letters.preview(SERVICE, case, outcome, REASON, account("officer"), language)
            assert sheet.language == language
            assert sheet.body
            assert "%(" not in sheet.subject
