"""Documents: checked, told of, and forgotten, outside the request that brought them."""

from app.services import document_checks, document_expiry, document_notices


def check_document(outbox_id: int, document_id: int) -> None:
    """Take a file through its checks; a second run finds it done."""
    document_checks.check(document_id)


def tell_of_refused_documents(outbox_id: int, owner_id: int) -> None:
    """One message about all files of a person that were not accepted; a second run finds nothing to tell."""
    document_notices.tell_of_refused(owner_id, outbox_id)


def tell_of_expiring_documents(outbox_id: int, owner_id: int) -> None:
    """One message about all documents of a person that expire soon."""
    document_expiry.tell(owner_id, outbox_id)
