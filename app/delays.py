"""Every delay of the machinery, named once; those the law or the fund promises are rows (services/delays)."""

from datetime import timedelta

SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
UPLOAD_KEPT = timedelta(days=1)
"""How long a file stays that was sent with a form, never filed with a case, and that no draft names."""

UPLOAD_EXPIRES = timedelta(hours=6)
"""How long a file sent in parts may take; what came is forgotten then."""

CLAMD_SECONDS = 60
SCANNER_PAUSE = timedelta(minutes=1)
"""A file whose scanner did not answer is shown to it again after this, as long as it takes."""

CHECK_OVERDUE = timedelta(hours=1)
"""A file that waits for its checks this long is put in the queue again."""

REFUSALS_GATHERED = timedelta(minutes=2)
"""Files refused within this are told of in one message."""

EXPIRY_REMINDERS = (60, 30, 7)
"""How many days before a document expires its owner is reminded."""

RELAY_SWEEP_SECONDS = 3
"""The relay looks for forgotten outbox rows this often, even when nobody woke it."""

OUTBOX_NOTICE = timedelta(seconds=6)
"""An outbox row handed to the queue and neither done nor running after this is handed over again."""

OUTBOX_BACKOFF = timedelta(seconds=5)
OUTBOX_BACKOFF_LONGEST = timedelta(minutes=15)
OUTBOX_FAILURES_ALLOWED = 12
"""A job that failed this often is set aside, for a person to look at."""

SCHEDULER_TICK_SECONDS = 5
WORKER_ALIVE_SECONDS = 30
STREAM_SECONDS = 240
"""An event stream ends after this, and the page opens it again: rights are checked afresh."""

STREAM_HEARTBEAT_SECONDS = 15
SMTP_SECONDS = 10
DRAFT_KEPT = timedelta(days=60)
DRAFT_REMINDER = timedelta(days=14)
"""A draft nobody touched for this long is recalled to its author, once."""

SESSION_TOUCHED_EVERY = timedelta(minutes=1)
RETRY_SECONDS = 5
"""What a page that could not be served says about coming back."""

RESUBSCRIBE_SECONDS = 0.5
JOB_SECONDS = 300
WORKER_MAINTENANCE_SECONDS = 10
WORKER_WATCH_SECONDS = 5
QUEUE_SECONDS = 5
QUEUE_CONNECT_SECONDS = 2
MOMENT = timedelta(minutes=10)
"""How long a decision was taken "a moment ago"."""
