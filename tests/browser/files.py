"""Files in each state they can be in: with a request, in a message, in what is not sent yet."""

from flask import Flask

from app import clock
from app.extensions import db
from app.files.states import FileState, Refusal, Verdict
from app.models import Account, Case, Document
from app.services import answers, drafts, messages
from tests import papers
from tests.browser.people import Filed, Person

_REFUSED = {FileState.refused: Refusal.encrypted, FileState.quarantined: Refusal.infected}
LONG = "numérisation-de-mon-acte-de-naissance-recto-verso-à-la-préfecture-2026-11-27"


def lay_out(app: Flask, person: Person, asked: Filed) -> Filed:
    """What somebody gave for a request that waits for them, wrote with attachments, and began; the conversation."""
    with app.app_context():
        owner, case = db.session.get_one(Account, person.id), db.session.get_one(Case, asked.id)
        case.documents.extend([*_each(owner, is_filed=True), *_judged(owner)])
        place, attached = messages.NEW, papers.accepted(owner)
        sent = messages.send(owner, place, "registration", "See my card.", [attached], f"files-{owner.id}")
        _begin(owner, messages.NEW.draft, "files", text="I have not finished th")
        _begin(owner, answers.draft_of(case), "documents", answer="Here is what")
        _begin(owner, drafts.GIVEN, "files")
        db.session.commit()
        there = sent.conversation
        return Filed(there.id, there.public_id, "")


def _begin(owner: Account, draft: str, field: str, **typed: str) -> None:
    """A draft with these words and a file in each state."""
    tokens = [document.public_id for document in _each(owner, is_filed=False)]
    words = {name: {name: [text]} for name, text in typed.items()}
    drafts.save(owner, draft, words | {field: {f"{field}-kept": tokens}})


def _each(owner: Account, *, is_filed: bool) -> list[Document]:
    found = []
    for state in FileState:
        document = papers.accepted(owner)
        document.filename = f"{LONG}-{state}.png"
        document.verdict = document.verified_at = document.verified_by_id = None
        document.filed_at = clock.now() if is_filed else None
        document.state, document.refusal = state, _REFUSED.get(state)
        if state is not FileState.accepted:
            document.stored_sha256 = None
        found.append(document)
    db.session.flush()
    return found


def _judged(owner: Account) -> list[Document]:
    """Accepted, refused and called unreadable by the staff."""
    found = []
    for verdict in Verdict:
        document = papers.accepted(owner)
        document.filename, document.verdict, document.filed_at = f"{verdict}.png", verdict, clock.now()
        if verdict is not Verdict.accepted:
            document.verdict_reason = "The lower half is missing.\nSend the whole page."
        found.append(document)
    return found
