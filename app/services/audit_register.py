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

_REFERENCE = """
WITH changed AS (
    SELECT account_id AS actor, changed_at AS at, jsonb_build_object(
        'kind', kind, 'row_id', row_id, 'action', action, 'changes', changes) AS said
    FROM reference_change
), entered AS (
    SELECT actor_id AS actor, recorded_at AS at, content::jsonb -> 'subject' AS said
    FROM audit_entry WHERE action = 'change_reference_data'
), kept AS (
    SELECT *, row_number() OVER (PARTITION BY said, actor ORDER BY at) AS nth FROM changed
), told AS (
    SELECT *, row_number() OVER (PARTITION BY said, actor ORDER BY at) AS nth FROM entered
)
SELECT coalesce(kept.said, told.said) ->> 'kind', coalesce(kept.said, told.said) ->> 'row_id',
    coalesce(kept.said, told.said) ->> 'action', kept.said IS NOT NULL
FROM kept FULL JOIN told ON told.said = kept.said AND told.nth = kept.nth
    AND coalesce(told.actor, 0) = coalesce(kept.actor, 0)
    AND kept.at >= told.at - interval '1 minute' AND kept.at <= told.at + interval '1 minute'
WHERE kept.said IS NULL OR told.said IS NULL
ORDER BY 1, 2, kept.nth, told.nth
"""
"""The changes of reference data and the entries that tell of them: the same words, person and minute."""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Each submitted case has its stream; steps, corrections and so on are as many here as in the chain.

    Each kept change of reference data is the one that was told, and each that was told is kept.
    """
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
    for kind, row_id, action, is_kept in connection.execute(_REFERENCE):
        said = f"Change of {kind} {row_id} ({action})"
        sentence = (
            f"{said}: what is kept is not what the chain was told."
            if is_kept
            else f"{said}: the chain was told, and it is not kept so."
        )
        tally.find("reference_differs", f"{kind}/{row_id}", sentence)
