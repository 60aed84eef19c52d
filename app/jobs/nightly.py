"""Regular work: each job is safe to start twice."""

from app.security.sessions import purge_expired
from app.services import documents


def purge_expired_sessions(outbox_id: int) -> None:
    """Delete the sessions nobody can use any more."""
    purge_expired()


def purge_unfiled_documents(outbox_id: int) -> None:
    """Forget the files that were sent with a form and never filed."""
    documents.purge_unfiled()
