"""Regular work: each job is safe to start twice."""

from app.security.sessions import purge_expired
from app.services import deadlines, documents


def purge_expired_sessions(outbox_id: int) -> None:
    """Delete the sessions nobody can use any more."""
    purge_expired()


def purge_unfiled_documents(outbox_id: int) -> None:
    """Forget the files that were sent with a form and never filed."""
    documents.purge_unfiled()


def remind_unanswered(outbox_id: int) -> None:
    """Recall requests for information whose reminder falls due today."""
    deadlines.remind_unanswered()


def lapse_unanswered(outbox_id: int) -> None:
    """Close the cases whose author did not answer in time."""
    deadlines.lapse_unanswered()


def go_on_without_employer(outbox_id: int) -> None:
    """Hand over the cases whose employer stayed silent."""
    deadlines.go_on_without_employer()
