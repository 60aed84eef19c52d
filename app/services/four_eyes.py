"""The four-eyes report: decisions that one person alone took where two were needed, or took on themself.

It reads the rows of the history, not what the engine remembers: engine and triggers refuse each of these, so
that the report is expected to be empty; a line in it means that somebody got around both.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.extensions import db

MOST_SHOWN = 500

QUERY = """
SELECT decided.reference, decided.service, decided.account, decided.happened_at, decided.how FROM (
  -- who confirmed a proposal had proposed something in the same case before
  SELECT c.reference, c.service, e.account_id, a.first_name || ' ' || a.last_name AS account, e.happened_at,
         'proposed' AS how
    FROM case_event e JOIN "case" c ON c.id = e.case_id JOIN ab_user a ON a.id = e.account_id
   WHERE e.from_status = 'proposed' AND e.to_status IN ('approved', 'rejected', 'decision_withdrawn')
     AND EXISTS (SELECT FROM case_event p WHERE p.case_id = e.case_id AND p.to_status = 'proposed'
                    AND p.account_id = e.account_id AND p.id < e.id)
  UNION ALL
  -- who confirmed a proposal had corrected an answer of the case before
  SELECT c.reference, c.service, e.account_id, a.first_name || ' ' || a.last_name, e.happened_at, 'corrected'
    FROM case_event e JOIN "case" c ON c.id = e.case_id JOIN ab_user a ON a.id = e.account_id
   WHERE e.from_status = 'proposed' AND e.to_status IN ('approved', 'rejected', 'decision_withdrawn')
     AND EXISTS (SELECT FROM case_correction k WHERE k.case_id = e.case_id AND k.account_id = e.account_id
                    AND k.corrected_at <= e.happened_at)
  UNION ALL
  -- who confirmed a proposal had entered the case, or an answer, for the person
  SELECT c.reference, c.service, e.account_id, a.first_name || ' ' || a.last_name, e.happened_at, 'entered'
    FROM case_event e JOIN "case" c ON c.id = e.case_id JOIN ab_user a ON a.id = e.account_id
   WHERE e.from_status = 'proposed' AND e.to_status IN ('approved', 'rejected', 'decision_withdrawn')
     AND (c.entered_by_id = e.account_id OR EXISTS (SELECT FROM case_event f WHERE f.case_id = e.case_id
                    AND f.told IS NOT NULL AND f.account_id = e.account_id AND f.id < e.id))
  UNION ALL
  -- a decision that no proposal preceded, in a service of two pairs of eyes or on a case decided before
  SELECT c.reference, c.service, e.account_id, a.first_name || ' ' || a.last_name, e.happened_at, 'alone'
    FROM case_event e JOIN "case" c ON c.id = e.case_id JOIN ab_user a ON a.id = e.account_id
   WHERE e.from_status <> 'proposed' AND e.to_status IN ('approved', 'rejected', 'decision_withdrawn')
     AND (EXISTS (SELECT FROM two_pairs_service t WHERE t.service = c.service)
       OR EXISTS (SELECT FROM decision d WHERE d.case_id = c.id AND d.decided_at < e.happened_at))
  UNION ALL
  -- a decision on one's own case
  SELECT c.reference, c.service, d.decided_by_id, a.first_name || ' ' || a.last_name, d.decided_at, 'oneself'
    FROM decision d JOIN "case" c ON c.id = d.case_id JOIN ab_user a ON a.id = d.decided_by_id
   WHERE d.decided_by_id = c.owner_id
) AS decided
ORDER BY decided.happened_at DESC, decided.reference
LIMIT :most
"""


@dataclass(frozen=True)
class Breach:
    """One decision that should not be: which case, who, when, and which rule it breaks."""

    reference: str
    service: str
    account: str
    at: datetime
    how: str


def report() -> list[Breach]:
    """The breaches, the latest first."""
    return [Breach(*row) for row in db.session.execute(text(QUERY), {"most": MOST_SHOWN})]
