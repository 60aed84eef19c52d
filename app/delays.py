"""Every delay of the machinery, named once; those the law or the fund promises are rows (services/delays)."""

from datetime import timedelta

SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
SESSION_LIMITS = {
    "employee": (SESSION_IDLE, SESSION_LONGEST),
    "staff": (timedelta(minutes=30), timedelta(hours=10)),
    "administrator": (timedelta(minutes=15), timedelta(hours=8)),
}
"""How long a session lasts without use, and at most, by what its person may do."""

SESSION_REMEMBERED = timedelta(days=1)
"""How long an ended session still tells whose it was, so that what they typed comes back to them alone."""

HALF_SIGNED_IN = timedelta(minutes=10)
"""Between the right password and the code."""

STEP_UP = timedelta(minutes=10)
"""How long a code given counts as proof for what is sensitive."""

SET_UP = timedelta(minutes=30)
"""How long the key of an app being set up is shown."""

SIGN_UP_LINK = timedelta(hours=24)
RESET_LINK = timedelta(hours=1)
CHANGE_EMAIL_LINK = timedelta(hours=24)
UNDO_EMAIL_LINK = timedelta(days=30)
"""How long whoever held the former address can say that the change was not theirs."""

LINK_KEPT = timedelta(days=7)
"""A link of the past says that it is too old; afterwards that it is unknown."""

SIGN_INS_KEPT = timedelta(days=395)
STRAY_SIGN_INS_KEPT = timedelta(days=30)
"""Tries at addresses nobody has."""

KNOWN_DEVICE = timedelta(days=90)
"""A device family not seen for this long is new."""

PASSWORD_TRIES = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
"""Wrong passwords for one address of e-mail, known or not; whoever has the mailbox gets in by a link."""

PASSWORD_TRIES_FROM_ONE_PLACE = ((100, timedelta(hours=1)),)
"""Wrong passwords from one network address: many people share one at a cyber café."""

CODE_TRIES = ((5, timedelta(minutes=15)), (20, timedelta(days=1)))
MAILS_TO_ONE_ADDRESS = ((3, timedelta(hours=1)), (10, timedelta(days=1)))
MAILS_ASKED_FROM_ONE_PLACE = ((30, timedelta(hours=1)),)
UPLOAD_KEPT = timedelta(days=1)
"""How long a file stays that was sent with a form, never filed with a case, and that no draft names."""

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
