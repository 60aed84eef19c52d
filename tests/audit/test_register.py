"""What the chain cannot know of itself, the register of cases still tells: each case, and each of its steps."""

import pytest

from app import clock
from app.extensions import db
from app.models import Agency
from app.services import audit, casework, letters, reference_changes
from app.workflow import Status
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case

OF = "stream = :stream"


@pytest.fixture
def case(chain):
    return file_case()


def test_a_case_and_its_steps_are_sound(chain, case):
    bring_to(case, Status.proposed)
    assert chain.verify().is_sound


def test_a_stream_deleted_with_its_head_is_missed_by_its_case(chain, case):
    stream = f"case:{case.id}"
    file_case("peter", "another key")
    chain.tamper(f"DELETE FROM audit_entry WHERE {OF}", f"DELETE FROM audit_head WHERE {OF}", stream=stream)
    assert chain.found() == {
        ("case_without_stream", stream),
        ("steps_differ", stream),
        ("rows_differ", stream),
    }


def test_an_older_head_put_back_with_its_seal_is_missed_by_the_steps(chain, case):
    stream = f"case:{case.id}"
    older = head_of(chain, stream)
    bring_to(case, Status.under_review)
    assert chain.verify().is_sound
    put_back(chain, stream, older)
    [finding] = chain.verify().findings
    assert (finding.kind, finding.place) == ("steps_differ", stream)
    assert finding.sentence == f"{stream} took 2 steps in the register of cases, and 1 in the chain."


def head_of(chain, stream):
    [head] = chain.rows(f"SELECT count, hash, seal FROM audit_head WHERE {OF}", stream=stream)
    return head


def put_back(chain, stream, head):
    """The end of the stream deleted, and an older head put back with the seal it had."""
    chain.tamper(
        f"DELETE FROM audit_entry WHERE {OF} AND seq > :count",
        f"UPDATE audit_head SET count = :count, hash = :hash, seal = :seal WHERE {OF}",
        stream=stream, **head._mapping,
    )  # fmt: skip


def correct(case):
    casework.correct(SERVICE, case, "family_name", "Tabe", REASON, account("officer"))


def leave_note(case):
    """Its words are encrypted with the person's key, which is made with it."""
    casework.note(SERVICE, case, "Called.", account("officer"))


def put_letter_in_the_print_queue(case):
    bring_to(case, ("reject",))
    [letter] = case.letters
    letters.make(SERVICE, letter)
    letters.print_instead(letter)


def post_letter(case):
    [letter] = case.letters
    letters.mark_posted(letter, clock.day_of(letter.written_at), account("officer"))


def purge(case):
    audit.purge_person(case.owner_id, None)


@pytest.mark.parametrize(
    ("prepare", "act", "stream_of", "rows"),
    [
        (leave_note, correct, "case:{0.id}", ["corrections"]),
        (correct, leave_note, "case:{0.id}", ["notes"]),
        (put_letter_in_the_print_queue, post_letter, "case:{0.id}", ["notified decisions", "posted letters"]),
        (leave_note, purge, "person:{0.owner_id}", ["destroyed keys"]),
    ],
)
def test_the_end_of_a_stream_that_tells_of_no_step_is_missed_by_its_rows(
    chain, case, prepare, act, stream_of, rows
):
    stream = stream_of.format(case)
    prepare(case)
    audit.record(stream, "x", None, {})
    db.session.commit()
    older = head_of(chain, stream)
    act(case)
    db.session.commit()
    assert chain.verify().is_sound
    put_back(chain, stream, older)
    findings = chain.verify().findings
    assert {(finding.kind, finding.place) for finding in findings} == {("rows_differ", stream)}
    assert [finding.sentence for finding in findings] == [
        f"{stream}, {name}: 1 in the register, and 0 in the chain." for name in rows
    ]


def test_a_row_taken_out_of_the_register_is_named(chain, case):
    correct(case)
    db.session.commit()
    chain.tamper("DELETE FROM case_correction")
    assert chain.found() == {("rows_differ", f"case:{case.id}")}


def test_a_step_taken_out_of_the_register_is_named(chain, case):
    chain.tamper("DELETE FROM case_event")
    assert chain.found() == {("steps_differ", f"case:{case.id}")}


def test_what_is_deleted_from_both_is_said_to_be_out_of_sight(chain, case):
    bound = chain.verify().bound
    assert "Whoever owns the database" in bound
    chain.checkpoint()
    assert "Whoever owns the database" in chain.verify().bound


@pytest.fixture
def agency(chain):
    """An agency added, then renamed there and back and there again, by the administrator; and one by nobody."""
    reference_changes.by(account("administrator"))
    added = Agency(code="NWD", name_fr="Nord", name_en="North")
    db.session.add(added)
    db.session.commit()
    for name in ("West", "North", "West"):
        added.name_en = name
        db.session.commit()
    del db.session.info["reference_actor"]
    db.session.add(Agency(code="SUD", name_fr="Sud", name_en="South"))
    db.session.commit()
    return added.id


def test_changes_of_reference_data_are_sound(chain, agency):
    assert chain.rows("SELECT count(*) FROM reference_change") == [(5,)]
    assert chain.verify().is_sound


ONE = "WHERE id = (SELECT max(id) FROM reference_change WHERE action = 'changed')"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (f"DELETE FROM reference_change {ONE}", ["told"]),
        (f"UPDATE reference_change SET account_id = NULL {ONE}", ["kept", "told"]),
        (f"UPDATE reference_change SET row_id = row_id + 1000 {ONE}", ["kept", "told"]),
        (f"UPDATE reference_change SET action = 'added' {ONE}", ["kept", "told"]),
        (
            f"UPDATE reference_change SET changes = jsonb_set(changes, '{{name_en,0}}', '\"East\"') {ONE}",
            ["kept", "told"],
        ),
        (
            f"UPDATE reference_change SET changed_at = changed_at - interval '1 day' {ONE}",
            ["kept", "told"],
        ),
        (
            "INSERT INTO reference_change (kind, row_id, action, changes, changed_at) "
            f"SELECT kind, row_id, action, changes, changed_at FROM reference_change {ONE}",
            ["kept"],
        ),
    ],
)
def test_a_change_of_reference_data_altered_deleted_or_made_up_is_named(chain, agency, statement, found):
    chain.tamper(statement)
    findings = chain.verify().findings
    assert {finding.kind for finding in findings} == {"reference_differs"}
    kept = [finding for finding in findings if "is not what the chain was told" in finding.sentence]
    told = [finding for finding in findings if "it is not kept so" in finding.sentence]
    assert (len(kept), len(told)) == (found.count("kept"), found.count("told"))
    assert f"agency/{agency}" in {finding.place for finding in findings}


def test_the_command_names_a_change_of_reference_data_that_was_deleted(chain, agency):
    chain.tamper("DELETE FROM reference_change")
    result = chain.run("verify")
    assert result.exit_code != 0
    assert f"Change of agency {agency} (added): the chain was told, and it is not kept so." in result.output
