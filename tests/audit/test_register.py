"""What the chain cannot know of itself, the register of cases still tells: each case, and each of its steps."""

import pytest

from app.workflow import Status
from tests.services.test_cases import bring_to, file_case

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
    assert chain.found() == {("case_without_stream", stream), ("steps_differ", stream)}


def test_an_older_head_put_back_with_its_seal_is_missed_by_the_steps(chain, case):
    stream = f"case:{case.id}"
    [(count, reached, seal)] = chain.rows(
        f"SELECT count, hash, seal FROM audit_head WHERE {OF}", stream=stream
    )
    bring_to(case, Status.under_review)
    assert chain.verify().is_sound
    chain.tamper(
        f"DELETE FROM audit_entry WHERE {OF} AND seq > :count",
        f"UPDATE audit_head SET count = :count, hash = :reached, seal = :seal WHERE {OF}",
        stream=stream, count=count, reached=reached, seal=seal,
    )  # fmt: skip
    [finding] = chain.verify().findings
    assert (finding.kind, finding.place) == ("steps_differ", stream)
    assert finding.sentence == f"{stream} took 2 steps in the register of cases, and 1 in the chain."


def test_a_step_taken_out_of_the_register_is_named(chain, case):
    chain.tamper("DELETE FROM case_event")
    assert chain.found() == {("steps_differ", f"case:{case.id}")}


def test_what_is_deleted_from_both_is_said_to_be_out_of_sight(chain, case):
    bound = chain.verify().bound
    assert "Whoever owns the database" in bound
    chain.checkpoint()
    assert "Whoever owns the database" in chain.verify().bound
