"""The auditor's screens: trail, samples, four-eyes report, verification; nobody else's, and they change nothing."""

import hashlib
import json

import pytest
from sqlalchemy import select, text

from app import clock
from app.extensions import db
from app.models import AuditEntry, AuditSample, Case, ChainRun, PersonMerge
from app.services import audit, audit_trail, audit_verification, cases
from app.workflow import Actor
from tests.papers import accept_all
from tests.services.test_cases import SERVICE, account, file_case
from tests.services.test_merges import merged, person, undone
from tests.views.test_backoffice import contents
from tests.views.test_home import queries

__all__ = ["queries"]
SCREENS = ("audittrail/list/", "sampleview/list/", "sampleview/draw", "foureyes/list/", "chainrunview/list/")


@pytest.fixture
def decided(app):
    """Twelve decided cases, three of them approved; their references."""
    with app.app_context():
        filed = [file_case(login, f"key-{login}") for login in ("joseph", "peter", "amina", "chantal")]
        filed += [file_case("joseph", f"key-{number}") for number in range(8)]
        accept_all()
        for place, case in enumerate(filed):
            name = "approve" if 0 < place < 4 else "reject"
            cases.perform(SERVICE, case, name, cases.By(account("officer"), Actor.officer), "Reason.")
        db.session.commit()
        return [case.reference for case in filed]


@pytest.mark.parametrize("login", ["officer", "supervisor", "administrator", "support", "joseph"])
def test_they_are_the_auditors_alone(visitor, app, login):
    other = visitor(login)
    before = contents(app)
    for screen in SCREENS:
        other.open(f"/staff/{screen}")
        assert other.status == 403, screen
    other.open("/en/sign-in")
    data = {"csrf_token": other.token(), "service": "registration", "size": "1"}
    for path in ("/staff/sampleview/draw", "/staff/chainrunview/start"):
        other.post(path, data)
        assert other.status == 403, path
    assert contents(app) == before


def actions(auditor):
    return [cell.get_text(strip=True) for cell in auditor.page.select("td[data-label=Action]")]


def test_the_trail_of_a_case_an_officer_a_person_and_a_period(visitor, app, decided):
    auditor = visitor("auditor")
    auditor.open(f"/staff/audittrail/list/?case={decided[1]}")
    assert {"submit", "approve", "carry_out"} <= set(actions(auditor))
    auditor.open("/staff/audittrail/list/?officer=officer@demo.example")
    assert set(actions(auditor)) >= {"approve", "reject"}
    assert "submit" not in actions(auditor)
    auditor.open(f"/staff/audittrail/list/?officer=officer@demo.example&case={decided[5]}")
    assert actions(auditor) == ["reject"]
    auditor.open("/staff/audittrail/list/?person=peter@demo.example")
    assert actions(auditor).count("submit") == 1
    auditor.open("/staff/audittrail/list/?until=2001-01-01")
    assert "Nothing was recorded that fits" in auditor.text
    auditor.open("/staff/audittrail/list/?since=2026-01-01")
    assert actions(auditor)


@pytest.mark.parametrize("by", ["number", "old number", "e-mail", "old e-mail"])
def test_the_trail_of_a_merged_person_reads_what_each_account_was_recorded_with(visitor, app, by):
    with app.app_context():
        first, second, third = (person(family) for family in ("Ondoa", "Ondoua", "Ondouah"))
        for one in (first, second, third):
            audit.record(f"person:{one.account_id}", f"mark_{one.family_name}", None, {})
        keys = {
            "number": third.ssn,
            "old number": first.ssn,
            "e-mail": third.account.email,
            "old e-mail": first.account.email,
        }
        merged(second, first)
        last = merged(third, second)
        number = last.id
        db.session.commit()
    auditor = visitor("auditor")
    auditor.open(f"/staff/audittrail/list/?language=en&person={keys[by]}")
    assert {"mark_Ondoa", "mark_Ondoua", "mark_Ondouah"} <= set(actions(auditor))
    assert "This includes what was recorded of 2 accounts merged with this one." in auditor.text
    with app.app_context():
        undone(db.session.get_one(PersonMerge, number))
    auditor.open(f"/staff/audittrail/list/?person={keys[by]}")
    mine = {"mark_Ondouah"} if by in ("number", "e-mail") else {"mark_Ondoa", "mark_Ondoua"}
    assert {name for name in actions(auditor) if name.startswith("mark_")} == mine


def test_the_trail_shows_no_personal_value(visitor, app, decided):
    auditor = visitor("auditor")
    auditor.open(f"/staff/audittrail/list/?case={decided[5]}")
    assert "Reason." not in auditor.text
    assert "sealed" not in auditor.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("case=RG-0", "No case has this reference."),
        ("person=nobody", "No account has this number or e-mail address."),
        ("officer=nobody", "No member of the staff has this e-mail address."),
        ("since=yesterday", "Enter a day as year-month-day"),
    ],
)
def test_what_the_trail_does_not_know_is_said_and_kept(visitor, app, query, said):
    auditor = visitor("auditor")
    auditor.open(f"/staff/audittrail/list/?{query}")
    assert auditor.status == 422
    assert said in auditor.text
    name, _equals, typed = query.partition("=")
    assert auditor.value_of(name) == typed


def test_a_look_at_the_trail_is_recorded(visitor, app, decided):
    auditor = visitor("auditor")
    auditor.open("/staff/audittrail/list/")
    auditor.open(f"/staff/audittrail/list/?case={decided[0]}")
    with app.app_context():
        looks = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "read_trail")).all()
        assert [entry.actor_id for entry in looks] == [account("auditor").id]


def test_a_page_of_the_trail_costs_the_same_for_few_and_many(visitor, decided, queries, monkeypatch):
    monkeypatch.setattr(audit_trail, "PAGE", 20)
    auditor = visitor("auditor")
    with queries() as few:
        auditor.open(f"/staff/audittrail/list/?case={decided[0]}")
    with queries() as many:
        auditor.open("/staff/audittrail/list/?since=2026-01-01")
    assert len(auditor.page.select("tbody tr")) == 20
    assert auditor.page.select("a[rel=next]")
    assert len(many) <= len(few) + 1
    assert len(many) <= 12


def draw(auditor, **changes):
    auditor.open("/staff/sampleview/draw")
    today = clock.now().date()
    fields = {"service": "registration", "since": "2026-01-01", "until": f"{today:%Y}-12-31", "size": "5"}
    auditor.send(form="#model_form", **fields | changes)


def drawn(auditor):
    return [item.get_text(strip=True) for item in auditor.page.select("#cases li")]


def test_the_same_seed_draws_the_same_cases_as_anybody_would(visitor, app, decided):
    auditor = visitor("auditor")
    draw(auditor, seed="autumn")
    first = drawn(auditor)
    by_hand = sorted(decided, key=lambda one: hashlib.sha256(f"autumn{one}".encode()).digest())
    assert first == by_hand[:5]
    assert "Drawn again just now: the same cases." in auditor.text
    draw(auditor, seed="autumn")
    assert drawn(auditor) == first
    draw(auditor, seed="winter")
    assert drawn(auditor) != first
    with app.app_context():
        sample = db.session.scalars(select(AuditSample).order_by(AuditSample.id).limit(1)).one()
        listed = "\n".join(sorted(decided))
        assert sample.population == len(decided)
        assert sample.population_digest == hashlib.sha256(listed.encode()).hexdigest()


def test_a_draw_is_recorded_in_the_chain(visitor, app, decided):
    auditor = visitor("auditor")
    draw(auditor)
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "draw_sample")).one()
        said = json.loads(entry.content)["subject"]
        sample = db.session.scalars(select(AuditSample)).one()
        assert said["drawn"] == drawn(auditor) == sample.references
        assert said["seed"] == sample.seed
        assert len(sample.seed) == 16
        assert entry.actor_id == account("auditor").id


def test_a_population_that_changed_is_told(visitor, app, decided):
    auditor = visitor("auditor")
    draw(auditor, seed="autumn", size="12")
    with app.app_context():
        case = file_case("joseph", "key-later")
        cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), "Reason.")
        db.session.commit()
    auditor.open(auditor.url)
    assert "the population has changed since (13 cases, then 12)" in auditor.text


@pytest.mark.long(sample=3)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": "0"}, "Enter a number from 1 to 500."),
        ({"size": "501"}, "Enter a number from 1 to 500."),
        ({"size": "many"}, "Not a valid integer"),
        ({"since": "2026-02-30"}, "Enter a day as year-month-day"),
        ({"until": "2025-12-31"}, "The last day cannot be before the first."),
        ({"since": "2020-01-01", "until": "2020-01-02"}, "No case was decided in this period."),
        ({"seed": "x" * 65}, "The seed must be at most 64 characters long."),
    ],
)
def test_a_draw_that_cannot_be_is_refused(visitor, app, decided, changes, said):
    auditor = visitor("auditor")
    draw(auditor, **changes)
    assert auditor.status == 422
    assert said in auditor.text
    with app.app_context():
        assert db.session.scalars(select(AuditSample)).all() == []


def test_the_four_eyes_report_is_empty_as_it_should_be(visitor, app, decided):
    auditor = visitor("auditor")
    auditor.open("/staff/foureyes/list/")
    assert "None. Two people stand behind every decision that needs them." in auditor.text
    assert "FROM case_event" in auditor.text


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("proposed", "Confirmed a proposal although they had proposed in this case"),
        ("corrected", "Confirmed a proposal although they had corrected an answer of this case"),
        ("entered", "Confirmed a proposal although they had entered this case at the counter"),
        ("alone", "Decided without a proposal where two pairs of eyes were needed"),
        ("again", "Decided without a proposal where two pairs of eyes were needed"),
        ("oneself", "Decided on their own case"),
    ],
)
def test_a_breach_behind_the_engines_back_is_found(visitor, app, decided, planted, said):
    """Written by somebody who owns the database and switched its triggers off."""
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.reference == decided[5])).unique().one()
        values = {"case": case.id, "who": account("agent").id, "owner": case.owner_id}
        event = (
            "INSERT INTO case_event"
            " (case_id, step, from_status, to_status, proposed_outcome, actor, account_id, happened_at)"
            " VALUES (:case, 'x', '{0}', '{1}', CASE '{1}' WHEN 'proposed' THEN 'reject' END,"
            " 'officer', :who, now())"
        )
        plants = {
            "proposed": [event.format("rejected", "proposed"), event.format("proposed", "rejected")],
            "corrected": [
                "INSERT INTO case_correction (case_id, field, reason, account_id, corrected_at)"
                " VALUES (:case, 'family_name', 'x', :who, now() - interval '1 hour')",
                event.format("proposed", "rejected"),
            ],
            "alone": [
                "INSERT INTO two_pairs_service VALUES ('registration')",
                event.format("submitted", "rejected"),
            ],
            "entered": [
                "UPDATE \"case\" SET channel = 'counter', entered_by_id = :who WHERE id = :case",
                event.format("proposed", "rejected"),
            ],
            "again": [event.format("under_review", "rejected")],
            "oneself": [
                "INSERT INTO decision (case_id, outcome, decided_by_id, decided_at)"
                " VALUES (:case, 'reject', :owner, now())"
            ],
        }
        db.session.execute(text("SET session_replication_role = replica"))
        for statement in plants[planted]:
            db.session.execute(text(statement), values)
        db.session.execute(text("SET session_replication_role = DEFAULT"))
        db.session.commit()
    auditor = visitor("auditor")
    auditor.open("/staff/foureyes/list/")
    assert decided[5] in auditor.text
    assert said in auditor.text


def test_a_verification_is_asked_for_worked_and_told(visitor, app, decided, work):
    auditor = visitor("auditor")
    auditor.open("/staff/chainrunview/list/")
    auditor.send(form="#start")
    assert "The verification has begun." in auditor.text
    address = auditor.page.select_one("td a[href*='/show/']")["href"]
    auditor.open(address)
    assert "The chain is being read." in auditor.text
    assert auditor.page.select_one("[data-look-again]")
    auditor.open("/staff/chainrunview/list/")
    auditor.send(form="#start")
    assert "A verification is under way already." in auditor.text
    work()
    auditor.open(address)
    assert "Nothing differs from what was written." in auditor.text
    assert not auditor.page.select_one("[data-look-again]")
    auditor.open("/staff/chainrunview/list/")
    auditor.send(form="#start")
    assert "The verification has begun." in auditor.text


def test_its_progress_is_seen_while_it_is_under_way(app, decided, monkeypatch, work, visitor):
    seen = []
    monkeypatch.setattr(audit_verification, "ENTRIES_PER_WORD", 10)
    auditor = visitor("auditor")
    auditor.open("/staff/chainrunview/list/")
    auditor.send(form="#start")
    execute = audit_verification.StreamCheck.run

    def looked_at(self, entries, heads):
        def passing():
            for batch in entries:
                yield batch
                with db.engine.connect() as connection:
                    seen.append(connection.scalar(select(ChainRun.entries_read)))

        return execute(self, passing(), heads)

    monkeypatch.setattr(audit_verification.StreamCheck, "run", looked_at)
    monkeypatch.setattr(audit_verification.audit_reading, "BATCH", 20)
    work()
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert 0 < seen[-1] < 1000


def test_a_difference_is_told_on_its_page(visitor, app, decided, work):
    with app.app_context():
        db.session.execute(text("SET session_replication_role = replica"))
        db.session.execute(
            text(
                "UPDATE audit_entry SET content = replace(content, 'reject', 'rejekt') WHERE action = 'reject'"
            )
        )
        db.session.execute(text("SET session_replication_role = DEFAULT"))
        db.session.commit()
    auditor = visitor("auditor")
    auditor.open("/staff/chainrunview/list/")
    auditor.send(form="#start")
    work()
    auditor.open("/staff/chainrunview/list/")
    auditor.open(auditor.page.select_one("td a[href*='/show/']")["href"])
    assert "Do not repair anything." in auditor.text
    assert "Nothing differs" not in auditor.text
