"""What the chain cannot know of itself, the register of cases still tells: each case, and each of its steps."""

import pytest

from app import clock
from app.extensions import db
from app.services import audit, casework, letters
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
