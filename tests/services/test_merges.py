"""Two records of one person become one, and two again: everything moves, is traced, and comes back exactly."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access_kinds import LockKind, Opened
from app.extensions import db
from app.models import (
    Account,
    Case,
    DeclaredInterest,
    Dependant,
    Document,
    Employer,
    Employment,
    FileLock,
    InsuredPerson,
    Letter,
    MovedRow,
    Notice,
    PersonKey,
    PersonMerge,
    PersonName,
)
from app.services import SERVICES, access, cases, hanging, locks, merges, numbers, people, purges, search
from app.services.base import NotAllowed, RuleBroken
from tests.accounts import new_account
from tests.papers import accepted
from tests.services.test_cases import account, born, bring_to
from tests.services.test_grants import at_once

SERVICE = SERVICES["registration"]

PLACES = iter(range(8000, 9000))


def person(family="Ondoa", with_account=True, with_case=False):
    place = next(PLACES)
    owner = new_account("employee") if with_account else None
    if with_case and owner:
        bring_to(file_case_of(owner), ["reject"])
    made = InsuredPerson(
        ssn=people.number_of(place),
        given_names="Rose",
        family_name=family,
        birth_date=date(1988, 2, 1),
        registered_on=date(2020, 1, 6),
        account=owner,
    )
    db.session.add(made)
    db.session.flush()
    since = date(2020, 1, 6)
    db.session.add(PersonName(person_id=made.id, given_names="Rose", family_name=family, valid_from=since))
    db.session.commit()
    return made


def file_case_of(owner):
    employer = db.session.scalars(select(Employer)).first()
    answers = {"given_names": "R", "family_name": "O", "birth_date": born(owner), "employer_id": employer.id}
    paper = accepted(owner)
    paper.verified_by_id = account("officer").id
    case = cases.submit(SERVICE, owner, answers, [paper], f"merge-{owner.id}", "en")
    db.session.commit()
    return case


def with_everything(of):
    """A row of each kind that hangs on a person, where the test can make one."""
    employer = db.session.scalars(select(Employer)).first()
    db.session.add_all(
        [
            Employment(person_id=of.id, employer=employer, started_on=date(2021, 1, 4)),
            Dependant(
                person_id=of.id,
                given_names="Luc",
                family_name="Ondoa",
                birth_date=date(2015, 5, 5),
                sex="male",
                kinship="child",
                valid_from=date(2021, 1, 4),
            ),
            DeclaredInterest(account=account("claims"), person=of),
        ]
    )
    db.session.commit()
    if of.account is not None:
        locks.set_lock(of.account, LockKind.bank)
    db.session.commit()


def merged(survivor, other, proposer="officer", approver="supervisor"):
    merge = merges.propose(survivor, other, "Same paper and photo.", account(proposer))
    db.session.commit()
    merges.approve(merge, account(approver))
    db.session.commit()
    return merge


def undone(merge):
    merges.propose_undo(merge, "Two sisters.", account("officer"))
    db.session.commit()
    merges.undo(merge, account("supervisor"))
    db.session.commit()


MOVING = [each for each in (*hanging.OF_PERSON, *hanging.OF_ACCOUNT) if each.fate is not hanging.Fate.stays]


def everything():
    """Every value of every table a merge may change, to compare before and after."""
    found = {}
    for name in sorted({each.table for each in MOVING} | {"insured_person", "ab_user"}):
        table = db.metadata.tables[name]
        rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
        found[name] = [{key: row[key] for key in row if key != "version"} for row in rows]
    return found


@pytest.mark.parametrize("accounts_of", ["both", "merged", "survivor", "none"])
def test_what_was_merged_and_undone_is_as_it_was(english, accounts_of):
    survivor = person(with_account=accounts_of in ("both", "survivor"), with_case=True)
    other = person("Ondoua", with_account=accounts_of in ("both", "merged"), with_case=True)
    with_everything(survivor)
    with_everything(other)
    before = everything()
    merge = merged(survivor, other)
    assert everything() != before
    undone(merge)
    after = everything()
    told_before = {row["id"] for row in before["notice"]}
    after["notice"] = [row for row in after["notice"] if row["id"] in told_before]
    for name in before:
        assert after[name] == before[name], name


def test_everything_goes_to_the_survivor_row_by_row(english):
    survivor, other = person(), person("Ondoua", with_case=True)
    with_everything(other)
    owner, to = other.account, survivor.account
    case = db.session.scalars(select(Case).where(Case.owner_id == owner.id)).unique().one()
    merge = merged(survivor, other)
    assert numbers.whose(other.ssn) == survivor
    for model, column in (
        (Case, Case.owner_id),
        (Document, Document.owner_id),
        (Letter, Letter.recipient_id),
        (FileLock, FileLock.account_id),
    ):
        assert db.session.scalars(select(column).select_from(model).where(column == owner.id)).all() == []
    assert case.owner == to
    held = [
        row.person_id
        for model in (Employment, Dependant, PersonName)
        for row in db.session.scalars(select(model))
    ]
    assert held.count(survivor.id) == 4
    assert not db.session.get(Account, owner.id).active
    traces = {(row.table_name, row.field) for row in db.session.scalars(select(MovedRow))}
    assert {("case", "owner_id"), ("letter", "recipient_id"), ("person_name", "valid_to")} <= traces
    assert merge.survivor_account_id == to.id


def test_messages_and_notices_move_by_an_approved_merge_alone(english):
    survivor, other = person(), person("Ondoua", with_case=True)
    told = db.session.scalars(select(Notice).where(Notice.account_id == other.account_id)).first()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            text("UPDATE notice SET account_id = :to WHERE id = :id"),
            {"to": survivor.account_id, "id": told.id},
        )
    to = survivor.account_id
    merged(survivor, other)
    assert told.account_id == to
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            text("UPDATE notice SET account_id = :to WHERE id = :id"),
            {"to": account("joseph").id, "id": told.id},
        )


def test_a_lock_both_have_stays_where_it_is_and_the_rest_moves(english):
    survivor, other = person(), person("Ondoua")
    for one in (survivor, other):
        locks.set_lock(one.account, LockKind.everything)
    locks.set_lock(other.account, LockKind.bank)
    db.session.commit()
    left, to = other.account_id, survivor.account_id
    merged(survivor, other)
    kinds = {lock.account_id: [] for lock in db.session.scalars(select(FileLock))}
    for lock in db.session.scalars(select(FileLock)):
        kinds[lock.account_id].append(lock.kind.value)
    assert kinds == {to: ["everything", "bank"], left: ["everything"]}


def test_one_proposes_and_another_approves(english):
    merge = merges.propose(person(), person("Ondoua"), "x", account("officer"))
    db.session.commit()
    with pytest.raises(NotAllowed, match="You proposed this"):
        merges.approve(merge, account("officer"))
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            text("UPDATE person_merge SET approved_by_id = proposed_by_id, approved_at = now()")
        )
    merges.approve(merge, account("agent"))
    db.session.commit()
    with pytest.raises(RuleBroken, match="before you"):
        merges.approve(merge, account("supervisor"))
    merges.propose_undo(merge, "x", account("agent"))
    with pytest.raises(NotAllowed, match="You proposed this"):
        merges.undo(merge, account("agent"))


@pytest.mark.parametrize("who", ["claims", "auditor", "administrator", "support", "joseph"])
def test_only_registration_and_supervisors_merge(english, who):
    with pytest.raises(NotAllowed):
        merges.propose(person(), person("Ondoua"), "x", account(who))


def test_nobody_merges_themself_or_a_relative(english):
    one, other = person(), person("Ondoua", with_account=False)
    db.session.add(DeclaredInterest(account=account("officer"), person=other))
    db.session.commit()
    with pytest.raises(NotAllowed, match="interest"):
        merges.propose(one, other, "x", account("officer"))


def test_what_cannot_be_merged_is_refused(english):
    one, other = person(), person("Ondoua")
    with pytest.raises(RuleBroken, match="the same record"):
        merges.propose(one, one, "x", account("officer"))
    with pytest.raises(RuleBroken, match="Give the reason"):
        merges.propose(one, other, " ", account("officer"))
    merges.propose(one, other, "x", account("officer"))
    with pytest.raises(RuleBroken, match="proposed already"):
        merges.propose(one, other, "x", account("agent"))
    colleague = person("Third")
    colleague.account = account("claims")
    db.session.flush()
    with pytest.raises(RuleBroken, match="a colleague's"):
        merges.propose(one, colleague, "x", account("officer"))


def test_a_merged_record_is_not_merged_again_and_the_later_merge_is_undone_first(english):
    first, second, third = person(), person("Ondoua"), person("Ondouah")
    early = merged(second, third)
    with pytest.raises(RuleBroken, match="merged already"):
        merges.propose(first, third, "x", account("officer"))
    late = merged(first, second)
    assert numbers.whose(third.ssn) == first
    with pytest.raises(RuleBroken, match="undo the later merge first"):
        merges.propose_undo(early, "x", account("officer"))
    undone(late)
    undone(early)
    assert [numbers.whose(each.ssn) for each in (first, second, third)] == [first, second, third]


def test_what_changed_since_is_not_put_back_blindly(english):
    survivor, other = person(), person("Ondoua")
    with_everything(other)
    merge = merged(survivor, other)
    third = person("Third")
    row = db.session.scalars(select(Employment).where(Employment.person_id == survivor.id)).one()
    row.person_id = third.id
    db.session.commit()
    merges.propose_undo(merge, "x", account("officer"))
    with pytest.raises(RuleBroken, match="changed hands since"):
        merges.undo(merge, account("supervisor"))


def test_what_comes_after_the_merge_stays_with_the_survivor(english):
    survivor, other = person(), person("Ondoua")
    to = survivor.account
    merge = merged(survivor, other)
    paper = accepted(to)
    db.session.commit()
    undone(merge)
    assert paper.owner_id == to.id


def test_who_judged_a_document_does_not_come_to_own_it(english):
    survivor, other = person(), person("Ondoua")
    accepted(other.account).verified_by_id = survivor.account_id
    db.session.commit()
    merge = merges.propose(survivor, other, "x", account("officer"))
    db.session.commit()
    with pytest.raises(RuleBroken, match="The database refuses this merge"):
        merges.approve(merge, account("supervisor"))


def test_a_refused_merge_may_be_proposed_again(english):
    one, other = person(), person("Ondoua")
    merge = merges.propose(one, other, "x", account("officer"))
    merges.refuse(merge, account("officer"))
    with pytest.raises(RuleBroken):
        merges.approve(merge, account("agent"))
    assert merges.propose(one, other, "y", account("officer")).id != merge.id


def test_a_merged_record_is_found_as_the_one_that_stays(english):
    survivor, other = person("Zzabc"), person("Zzdef")
    number = other.ssn
    merged(survivor, other)
    assert search.persons_of(number) == [survivor]
    assert search.persons_of("Zzdef Rose") == [survivor]


def test_a_name_of_before_finds_the_person(english):
    one = person("Today")
    row = db.session.scalars(select(PersonName).where(PersonName.person_id == one.id)).one()
    row.valid_to = date(2022, 2, 2)
    row.family_name = "Yesterday"
    db.session.commit()
    assert search.persons_of("yesterady") == search.persons_of("Rose Today") == [one]


def test_who_looked_at_the_merged_record_is_read_by_the_survivor(english):
    survivor, other = person(), person("Ondoua")
    access.record(account("claims"), Opened.record, other.ssn, access.Subject.of_person(other))
    db.session.commit()
    to = survivor.account
    merged(survivor, other)
    assert [entry.account.email for entry in access.seen_by(to)][-1:] == ["claims@demo.example"]


def test_a_purge_ends_the_keys_of_both_accounts(english):
    survivor, other = person(), person("Ondoua")
    to, left = survivor.account_id, other.account_id
    for one in (survivor, other):
        locks.set_lock(one.account, LockKind.everything)
        locks.propose_lift(locks.in_force(one.account)[0], "said", account("support"))
    db.session.commit()
    merged(survivor, other)
    purges.purge_person(to, None)
    db.session.commit()
    kept = db.session.scalars(select(PersonKey).where(PersonKey.person_id.in_([to, left]))).all()
    assert {key.person_id for key in kept} == {to, left}
    assert all(key.destroyed_at for key in kept)


def test_both_are_told(english):
    survivor, other = person(), person("Ondoua")
    to = survivor.account_id
    merged(survivor, other)
    told = db.session.execute(select(Notice.name, Notice.account_id)).all()
    assert ("numbers_merged", to) in [tuple(row) for row in told]


def test_two_approvers_at_once_merge_once(app):
    with app.app_context():
        number = merges.propose(person(), person("Ondoua"), "x", account("officer")).id
        db.session.commit()

    def approve(login):
        merges.approve(db.session.get_one(PersonMerge, number), account(login))

    assert at_once(app, lambda: approve("agent"), lambda: approve("supervisor")) == ["RuleBroken", "done"]
