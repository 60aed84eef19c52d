"""The legal purge of a person: what is personal becomes unreadable, and what was proved stays proved."""

from sqlalchemy import select

from app.extensions import db
from app.models import Case, Receipt
from app.services import audit, merges, receipts


def purge_person(person_id: int, actor_id: int | None) -> None:
    """Destroy the person's key, those of accounts merged into theirs, and the receipts of their requests.

    Hashes and chain still verify.
    """
    for account_id in (person_id, *merges.merged_accounts(person_id)):
        audit.purge_person(account_id, actor_id)
    kept = select(Receipt).join(Case).where(Case.owner_id == person_id, Receipt.purged_at.is_(None))
    for receipt in db.session.scalars(kept.order_by(Receipt.id).with_for_update(of=Receipt)):
        receipts.purge(receipt, actor_id)
