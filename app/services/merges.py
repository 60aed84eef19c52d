"""Two records of one person become one, and two again: proposed by one officer, approved by another.

Each value that changes is a row of `moved_row`; undoing puts back exactly those. The merged number goes on
leading to the survivor (`numbers.whose`).
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, InsuredPerson, PersonMerge
from app.permissions import MERGERS, STAFF
from app.security import sessions
from app.services import audit, cases, eyes, moving, notifications
from app.services.base import NotAllowed, RuleBroken
from app.services.hanging import OF_ACCOUNT, OF_PERSON


def propose(survivor: InsuredPerson, merged: InsuredPerson, reason: str, by: Account) -> PersonMerge:
    """Say that two records are one person's, and which of them stays. Raises `RuleBroken`, `NotAllowed`."""
    _check_role(survivor, merged, by)
    _check_two(survivor, merged)
    merge = PersonMerge(
        survivor=survivor,
        merged=merged,
        reason=cases.check_reason(reason, is_needed=True) or "",
        proposed_by=by,
        proposed_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(merge)
    except IntegrityError:
        raise RuleBroken(_l("Merging this record was proposed already.")) from None
    _record(merge, "propose_merge", by)
    return merge


def refuse(merge: PersonMerge, by: Account) -> None:
    """Leave the two as they are: also whoever proposed it may."""
    _hold(merge, by)
    if merge.approved_at or merge.refused_at:
        raise RuleBroken(_l("This merge was approved or refused before you."))
    merge.refused_by, merge.refused_at = by, clock.now()
    db.session.flush()
    _record(merge, "refuse_merge", by)


def approve(merge: PersonMerge, by: Account) -> None:
    """Merge, as a second officer: everything that hangs on the one goes to the other, row by row."""
    _hold(merge, by)
    if merge.approved_at or merge.refused_at:
        raise RuleBroken(_l("This merge was approved or refused before you."))
    if merge.proposed_by_id == by.id:
        raise NotAllowed(_l("You proposed this: another officer must approve it."))
    _check_two(merge.survivor, merge.merged)
    merge.approved_by, merge.approved_at = by, clock.now()
    if merge.survivor.account and merge.merged.account:
        merge.survivor_account_id, merge.merged_account_id = (
            merge.survivor.account_id,
            merge.merged.account_id,
        )
    db.session.flush()
    try:
        moved = _merge(merge)
    except DBAPIError as error:
        raise RuleBroken(
            _l("The database refuses this merge: an officer who decided is the person.")
        ) from error
    _record(merge, "approve_merge", by, {"moved": moved})
    _tell(merge, "numbers_merged")


def propose_undo(merge: PersonMerge, reason: str, by: Account) -> None:
    """Say that the two were two persons after all."""
    _hold(merge, by)
    _check_undoable(merge)
    if merge.undo_proposed_by_id is not None:
        raise RuleBroken(_l("A colleague proposed to undo this merge already: confirm it."))
    merge.undo_reason = cases.check_reason(reason, is_needed=True)
    merge.undo_proposed_by = by
    db.session.flush()
    _record(merge, "propose_undoing", by)


def undo(merge: PersonMerge, by: Account) -> None:
    """Put back every value that the merge changed, as a second officer."""
    _hold(merge, by)
    _check_undoable(merge)
    if merge.undo_proposed_by_id is None:
        raise RuleBroken(_l("Nobody proposed to undo this merge yet."))
    if merge.undo_proposed_by_id == by.id:
        raise NotAllowed(_l("You proposed this: another officer must approve it."))
    merge.undone_by, merge.undone_at = by, clock.now()
    db.session.flush()
    back = moving.put_back(merge)
    _record(merge, "undo_merge", by, {"moved": back})
    _tell(merge, "merge_undone")


def hanging_on(person: InsuredPerson) -> list[tuple[str, int]]:
    """How much of each kind hangs on a person, for who compares two."""
    owners = [(each, person.id) for each in OF_PERSON] + [(each, person.account_id) for each in OF_ACCOUNT]
    counts = [
        select(func.count()).where(moving.column_of(each) == owner).scalar_subquery()
        for each, owner in owners
        if each.label
    ]
    found = db.session.execute(select(*counts)).one()
    labels = [str(each.label) for each, _owner in owners if each.label]
    return [(label, count) for label, count in zip(labels, found, strict=True) if count]


def merged_accounts(account_id: int) -> list[int]:
    """The accounts whose rows an account holds since a merge."""
    held = select(PersonMerge.merged_account_id).where(
        PersonMerge.survivor_account_id == account_id, PersonMerge.undone_at.is_(None)
    )
    return [number for number in db.session.scalars(held) if number is not None]


def same_person(account_id: int) -> list[int]:
    """An account, then those that merges in force say are the same person's, at any remove."""
    known, more = [account_id], [account_id]
    while more:
        either = PersonMerge.survivor_account_id.in_(more) | PersonMerge.merged_account_id.in_(more)
        pairs = select(PersonMerge.survivor_account_id, PersonMerge.merged_account_id).where(
            either, PersonMerge.approved_at.is_not(None), PersonMerge.undone_at.is_(None)
        )
        found = {number for pair in db.session.execute(pairs) for number in pair if number is not None}
        more = sorted(found - set(known))
        known += more
    return known


def _merge(merge: PersonMerge) -> int:
    """Move the rows; the account moves too, or closes where both have one."""
    survivor, merged = merge.survivor, merge.merged
    moves = moving.Moves(merge)
    for each in OF_PERSON:
        moves.move_all(each, merged.id, survivor.id)
    account_id = merged.account_id
    if account_id is not None:
        moves.change("insured_person", merged.id, "account_id", account_id, None)
        if merge.merged_account_id is None:
            moves.change("insured_person", survivor.id, "account_id", None, account_id)
        else:
            _close(moves, account_id, survivor.account_id)
    moves.change("insured_person", merged.id, "merged_into_id", None, survivor.id)
    return moves.finish()


def _close(moves: moving.Moves, account_id: int, to: int | None) -> None:
    for each in OF_ACCOUNT:
        moves.move_all(each, account_id, to)
    if db.session.get_one(Account, account_id).active:
        moves.change("ab_user", account_id, "active", True, False)
    sessions.revoke_all(account_id)


def _check_role(survivor: InsuredPerson, merged: InsuredPerson, by: Account) -> None:
    if not by.has_role(*MERGERS):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_relative(survivor, by)
    eyes.check_not_relative(merged, by)


def _check_two(survivor: InsuredPerson, merged: InsuredPerson) -> None:
    if survivor.id == merged.id:
        raise RuleBroken(_l("These two numbers lead to the same record."))
    if survivor.merged_into_id or merged.merged_into_id:
        raise RuleBroken(_l("One of the two was merged already."))
    if survivor.account and merged.account and merged.account.has_role(*STAFF):
        raise RuleBroken(_l("The merged account would be closed, and it is a colleague's: keep that record."))


def _check_undoable(merge: PersonMerge) -> None:
    if merge.approved_at is None or merge.undone_at is not None:
        raise RuleBroken(_l("This merge is not in force."))
    if merge.survivor.merged_into_id is not None:
        raise RuleBroken(_l("The record was merged again since: undo the later merge first."))


def _hold(merge: PersonMerge, by: Account) -> None:
    """The merge and both persons, for this officer; two at once wait for each other."""
    db.session.refresh(merge, with_for_update={"of": PersonMerge})
    _check_role(merge.survivor, merge.merged, by)
    both = sorted((merge.survivor_id, merge.merged_id))
    table = InsuredPerson.__table__
    db.session.execute(select(table.c.id).where(table.c.id.in_(both)).order_by(table.c.id).with_for_update())
    for person in (merge.survivor, merge.merged):
        db.session.refresh(person)


def _record(merge: PersonMerge, action: str, by: Account, more: dict[str, int] | None = None) -> None:
    """In the stream of the survivor's account, else of the day; the reason is encrypted as the person's."""
    account_id = merge.survivor.account_id
    facts = {"merge": merge.id, "survivor": merge.survivor_id, "merged": merge.merged_id} | (more or {})
    said = {"reason": merge.undo_reason or merge.reason} if account_id else None
    stream = f"person:{account_id}" if account_id else f"day:{clock.today()}"
    audit.record(stream, action, by.id, facts, said, account_id)


def _tell(merge: PersonMerge, notice: str) -> None:
    """Whoever has an account reads of it; so does every address on record."""
    for person in (merge.survivor, merge.merged):
        if person.account is not None:
            known = {person.account.email, *(one for one in (person.email, merge.merged.email) if one)}
            notifications.tell_at(notice, person.account.id, known, page="my-file/")
