"""The chain against the register: each case has its stream, and each row that was told is still told of.

Between checkpoints the chain alone cannot miss a stream, or the end of one, deleted together with its head.
"""

from typing import Any

import psycopg

from app.audit.verification import Tally
from app.workflows import REVIEW, REVIEW_TWICE

STEPS = sorted({step.name for workflow in (REVIEW, REVIEW_TWICE) for step in workflow.steps})

STEP = "step"
_ROWS_OF = {
    "correct": "corrections",
    "note": "notes",
    "issue_receipt": "receipts",
    "post_letter": "posted letters",
    "notify": "notified decisions",
    "purge_personal_values": "destroyed keys",
}
"""What is recorded once for each row that the register keeps, beside the steps: the action, and the rows."""

_MISSING = """
SELECT 'case:' || "case".id FROM "case"
WHERE "case".submitted_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM audit_head WHERE audit_head.stream = 'case:' || "case".id)
ORDER BY "case".id
"""

_DIFFERING = """
WITH of_case AS (
    SELECT case_id, 'step' AS what FROM case_event
    UNION ALL SELECT case_id, 'correct' FROM case_correction
    UNION ALL SELECT case_id, 'note' FROM case_note
    UNION ALL SELECT case_id, 'issue_receipt' FROM receipt
    UNION ALL SELECT case_id, 'post_letter' FROM letter WHERE posted_on IS NOT NULL
    UNION ALL SELECT case_id, 'notify' FROM decision WHERE notified_at IS NOT NULL
), happened AS (
    SELECT 'case:' || case_id AS stream, what, count(*) AS times FROM of_case GROUP BY case_id, what
    UNION ALL SELECT 'person:' || person_id, 'purge_personal_values', count(*)
    FROM person_key WHERE destroyed_at IS NOT NULL GROUP BY person_id
), told AS (
    SELECT stream, CASE WHEN action = ANY(%(rows)s) THEN action ELSE 'step' END AS what, count(*) AS times
    FROM audit_entry
    WHERE action = ANY(%(rows)s)
       OR action IN (SELECT step FROM case_event UNION SELECT unnest(%(steps)s::text[]))
    GROUP BY 1, 2
), known AS (
    SELECT 'case:' || id AS stream FROM "case"
    UNION ALL SELECT DISTINCT 'person:' || person_id FROM person_key
)
SELECT stream, what, coalesce(happened.times, 0), coalesce(told.times, 0)
FROM happened FULL JOIN told USING (stream, what) JOIN known USING (stream)
WHERE coalesce(happened.times, 0) <> coalesce(told.times, 0)
ORDER BY stream, what
"""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Each submitted case has its stream; steps, corrections and so on are as many here as in the chain."""
    for (stream,) in connection.execute(_MISSING):
        sentence = f"The case of {stream} was submitted, and the chain knows nothing of it."
        tally.find("case_without_stream", stream, sentence)
    counted = {"rows": list(_ROWS_OF), "steps": STEPS}
    for stream, what, of_register, of_chain in connection.execute(_DIFFERING, counted):
        if what == STEP:
            sentence = (
                f"{stream} took {of_register} steps in the register of cases, and {of_chain} in the chain."
            )
            tally.find("steps_differ", stream, sentence)
        else:
            sentence = (
                f"{stream}, {_ROWS_OF[what]}: {of_register} in the register, and {of_chain} in the chain."
            )
            tally.find("rows_differ", stream, sentence)
