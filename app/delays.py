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

UNDO_FACTOR_LINK = timedelta(days=30)
"""How long whoever holds the mailbox can say that an authenticator app is not theirs; one this young falls
when a change is undone from there."""

NOT_ME_KEPT = timedelta(days=30)
"""How long after an account was given back a warning's link still closes it."""

LINK_KEPT = timedelta(days=7)
"""A link of the past says that it is too old; afterwards that it is unknown."""

SIGN_INS_KEPT = timedelta(days=395)
STRAY_SIGN_INS_KEPT = timedelta(days=30)
"""Tries at addresses nobody has."""

KNOWN_DEVICE = timedelta(days=90)
"""A device family not seen for this long is new."""

PASSWORD_TRIES = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
"""Wrong passwords for one address of e-mail, known or not; whoever has the mailbox gets in by a link."""

PASSWORD_TRIES_WITHIN = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
"""Wrong passwords of who is signed in already, by account: what outsiders try does not count here."""

PASSWORD_TRIES_FROM_ONE_PLACE = ((100, timedelta(hours=1)),)
"""Wrong passwords from one network address: many people share one at a cyber café."""

CODE_SECONDS = 30
"""How long an authenticator app shows a code (RFC 6238)."""

CODE_TRIES = ((5, timedelta(minutes=15)), (20, timedelta(days=1)))
EMPLOYERS_SOUGHT = ((120, timedelta(minutes=1)),)
"""Suggestions while one types the name of an employer: a quick typist is never refused, a copyist soon is."""

MAILS_TO_ONE_ADDRESS = ((3, timedelta(hours=1)), (10, timedelta(days=1)))
MAILS_ASKED_FROM_ONE_PLACE = ((30, timedelta(hours=1)),)
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

QUARANTINE_KEPT = timedelta(days=90)
"""How long an infected file is kept under lock for whoever investigates."""

EXPIRY_REMINDERS = (60, 30, 7)
"""How many days before a document expires its owner is reminded."""

STRAYS_LOOKED_FOR = timedelta(days=30)
"""Files a kill left without a row are looked for among those stored since."""

RELAY_SWEEP_SECONDS = 3
"""The relay looks for forgotten outbox rows this often, even when nobody woke it."""

OUTBOX_NOTICE = timedelta(seconds=6)
"""An outbox row handed to the queue and neither done nor running after this is handed over again."""

OUTBOX_BACKOFF = timedelta(seconds=5)
OUTBOX_BACKOFF_LONGEST = timedelta(minutes=15)
OUTBOX_FAILURES_ALLOWED = 12
"""A job that failed, or took its process with it, this often is set aside, for a person to look at."""

SCHEDULER_TICK_SECONDS = 5
WORKER_ALIVE_SECONDS = 30
STREAM_SECONDS = 240
"""An event stream ends after this, and the page opens it again: rights are checked afresh."""

STREAM_HEARTBEAT_SECONDS = 15
SMTP_SECONDS = 10
DRAFT_KEPT = timedelta(days=60)
DRAFT_REMINDER = timedelta(days=14)
"""A draft nobody touched for this long is recalled to its author, once."""

DRAFT_ENDING = timedelta(days=7)
"""A draft that is deleted within this time is pointed out on the home page."""

SESSION_TOUCHED_EVERY = timedelta(minutes=1)
RETRY_SECONDS = 5
"""What a page that could not be served says about coming back."""

RESUBSCRIBE_SECONDS = 0.5
JOB_SECONDS = 300
LONGEST_JOB_SECONDS = 6 * 3600
"""How long the verification of a nation's audit chain may take; every other job has `JOB_SECONDS`."""

WORKER_MAINTENANCE_SECONDS = 10
WORKER_WATCH_SECONDS = 5
QUEUE_SECONDS = 5
QUEUE_CONNECT_SECONDS = 2
MOMENT = timedelta(minutes=10)
"""How long a decision was taken "a moment ago"."""

QUEUE_RETRY_SECONDS = 0.05
QUEUE_RETRY_LONGEST_SECONDS = 1
"""A queue that does not answer is asked again after these, from the first try to the last."""

POOL_SECONDS = 5
"""A request waits this long for a connection to the database, then says that the service is busy."""

STREAM_RETRY_SECONDS = 1
PAGE_POLL_SECONDS = 20
"""An open page without its event stream asks for its state this often."""

PAGE_HIDDEN_SECONDS = 60
"""A page nobody looks at gives its event stream up after this."""

NAMED_FILE_CACHED = timedelta(days=365)
"""For a static file whose name carries its hash; one under its plain name may change."""

PLAIN_FILE_CACHED = timedelta(hours=1)
HTTPS_ONLY = timedelta(days=365)

WEB_SILENT_SECONDS = 60
"""The web server kills a worker that has not stirred for this long."""

WEB_GRACEFUL_SECONDS = 3
"""Event streams do not end by themselves: a worker asked to stop waits no longer than this."""

WEB_KEPT_OPEN_SECONDS = 5

HOUSE_OPEN_SECONDS = 120.0
HOUSE_TICK_SECONDS = 0.1
HOUSE_LOOK_SECONDS = 5
HEALTH_SECONDS = 2
GIVEN_SERVER_SECONDS = 5
"""How long a server that was given, and not ours, may take to answer."""

APPLICATION_STOP_SECONDS = 5
SERVERS_STOP_SECONDS = 3
HOUSE_STOP_SECONDS = 8.5
"""Longer than the two above together; with the next, within the ten seconds a Ctrl-C may take."""

ORPHANS_SECONDS = 1.0
ORPHANS_TICK_SECONDS = 0.02
SERVER_START_SECONDS = 20.0
SERVER_TICK_SECONDS = 0.01
SERVER_STOP_SECONDS = 5
VALKEY_ANSWER_SECONDS = 1
INVITATION_KEPT = timedelta(hours=72)
LINK_CODE_KEPT = timedelta(minutes=10)
LINK_PAUSE = timedelta(days=1)
"""After five failures nobody tries to link an account again for this long."""

REASON_HOLDS = timedelta(minutes=30)
"""A reason typed to open a record opens it again for this long."""

OWN_WORK_OPENS = timedelta(days=1)
"""An officer who took a step in a case reads it without a reason for this long after it ended."""

DATA_EXPORT_KEPT = timedelta(days=7)

LIST_EXPORT_KEPT = timedelta(days=2)
"""How long the file of a list made in the background can be taken by who asked for it."""

INSPECTION_CPU_SECONDS = 20
INSPECTION_SECONDS = 45
"""How long the inspection of one file may compute, and how long it may last."""

SAID_IN_MINUTES = timedelta(hours=2)
"""A wait up to this is told in minutes, a longer one in hours."""

AUTOSAVE_PAUSE_SECONDS = 1
AUTOSAVE_RETRY_SECONDS = 2
AUTOSAVE_RETRY_LONGEST_SECONDS = 60
"""A page saves this long after the last key, and tries again after these, from the first to the last."""

UPLOAD_PAUSE_SECONDS = 0.5
UPLOAD_PAUSE_LONGEST_SECONDS = 15
"""A page whose upload was cut tries again after these, from the first pause to the last."""

UPLOAD_LOOK_SECONDS = 2
"""An open page asks this often whether a file of its own was checked."""

WEEK = timedelta(days=7)
"""What the workbench counts by."""

BULK_LOOK_SECONDS = 3
"""A page of work in the background is read again after this."""
