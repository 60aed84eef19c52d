"""The engine: runs a benefit's plan over a claim and finds which outcome, if any, is due."""

from __future__ import annotations

from decimal import getcontext, setcontext
from typing import Any

from .claims import Claim
from .law import Benefit, Node, Outcome, Slots, Snapshot
from .refusals import BadInput, lacking
from .results import Result
from .values import EXACT


def run_claim(claim: Claim) -> Result:
    """Evaluate a claim under the law in force on its day. Pure: the same claim gives the same result."""
    before = getcontext()
    setcontext(EXACT)
    try:
        return _run(claim)
    except BadInput:
        raise
    except (ArithmeticError, ValueError) as error:
        raise BadInput("(input)", "uncomputable") from error
    finally:
        setcontext(before)


def _run(claim: Claim) -> Result:
    benefit = claim.benefit
    snapshot = benefit.snapshot(claim.on)
    values = _filled(claim, snapshot)
    _compute(claim, snapshot, benefit.common, values)
    outcome = _chosen(benefit, values)
    if outcome is None:
        return Result(claim, snapshot, values, _nearest(benefit, values), False, False)
    _compute(claim, snapshot, outcome.plan, values)
    return Result(claim, snapshot, values, outcome, True, _is_due(benefit, outcome, values))


def _filled(claim: Claim, snapshot: Snapshot) -> Slots:
    """The slots with the law of the day and what the claim states."""
    values = snapshot.slots.copy()
    stated = claim.values
    for slot, name in claim.benefit.inputs:
        values[slot] = stated.get(name)
    if claim.benefit.insured is not None:
        values[claim.benefit.insured] = claim.law.insurance.of(claim.career)
    return values


def _compute(claim: Claim, snapshot: Snapshot, plan: tuple[Node, ...], values: Slots) -> None:
    """Run each node of a plan in turn."""
    if snapshot.missing:
        _compute_with_gaps(claim, snapshot, plan, values)
        return
    for node in plan:
        values[node.slot] = node.run(values)


def _chosen(benefit: Benefit, values: Slots) -> Outcome | None:
    """The first outcome whose conditions are all met (and of whose `lacking` at least one is not).

    A condition that does not apply is None, and no hindrance.
    """
    for outcome in benefit.outcomes:
        if False not in outcome.met(values) and (outcome.unmet is None or False in outcome.unmet(values)):
            return outcome
    return None


def _nearest(benefit: Benefit, values: Slots) -> Outcome:
    """The outcome to explain a refusal with: of the main ones, the one with the fewest unmet conditions."""
    main = [outcome for outcome in benefit.outcomes if outcome.main] or benefit.outcomes[:1]
    return min(main, key=lambda outcome: outcome.met(values).count(False))


def _is_due(benefit: Benefit, outcome: Outcome, values: Slots) -> bool:
    """Something is due when an amount is above 0 (a daily amount: for at least one day)."""
    if benefit.on != "on":
        return True

    def above_zero(key: str) -> bool:
        name = outcome.results.get(key)
        value: Any = values[benefit.nodes[name].slot] if name else None
        return value is not None and value > 0

    if above_zero("monthly") or above_zero("lump_sum"):
        return True
    return above_zero("daily") and ("days" not in outcome.results or above_zero("days"))


def _compute_with_gaps(claim: Claim, snapshot: Snapshot, plan: tuple[Node, ...], values: Slots) -> None:
    """The same where the law lacks a figure that day: a step that needs it is refused, if it applies."""
    lacks = {slot: claim.benefit.parameters[slot] for slot in snapshot.missing.values()}
    for node in plan:
        lack = next((lacks[position] for position in node.positions if position in lacks), None)
        if lack is not None and node.applies(values):
            raise lacking(claim.benefit.on, "lacks_on", lack, day=claim.on)
        values[node.slot] = node.run(values)
