"""The chain against the register of cases: a case knows that it has a stream, and how many steps it took.

Between checkpoints the chain alone cannot miss a stream, or the end of one, deleted together with its head.
"""

from typing import Any

import psycopg

from app.audit.verification import Tally
from app.workflows import REVIEW, REVIEW_TWICE

STEPS = sorted({step.name for workflow in (REVIEW, REVIEW_TWICE) for step in workflow.steps})

_DIFFERING = """
WITH told AS (
    SELECT stream, count(*) AS steps FROM audit_entry
    WHERE action IN (SELECT step FROM case_event UNION SELECT unnest(%s::text[])) GROUP BY stream
), happened AS (
    SELECT case_id, count(*) AS steps FROM case_event GROUP BY case_id
)
SELECT named.stream, "case".submitted_at IS NOT NULL AND audit_head.stream IS NULL,
       coalesce(happened.steps, 0) AS of_register, coalesce(told.steps, 0) AS of_chain
FROM "case"
CROSS JOIN LATERAL (SELECT 'case:' || "case".id AS stream) AS named
LEFT JOIN audit_head ON audit_head.stream = named.stream
LEFT JOIN told ON told.stream = named.stream
LEFT JOIN happened ON happened.case_id = "case".id
WHERE ("case".submitted_at IS NOT NULL AND audit_head.stream IS NULL)
   OR coalesce(happened.steps, 0) <> coalesce(told.steps, 0)
ORDER BY "case".id
"""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Each submitted case has its stream, and as many steps in the register as in the chain."""
    for stream, is_missing, of_register, of_chain in connection.execute(_DIFFERING, (STEPS,)):
        if is_missing:
            sentence = f"The case of {stream} was submitted, and the chain knows nothing of it."
            tally.find("case_without_stream", stream, sentence)
        if of_register != of_chain:
            sentence = (
                f"{stream} took {of_register} steps in the register of cases, and {of_chain} in the chain."
            )
            tally.find("steps_differ", stream, sentence)
