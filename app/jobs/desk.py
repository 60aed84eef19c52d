"""What the staff's desk has done in the background."""

from app.extensions import db
from app.models import BulkRun, ChainRun, ListExport
from app.services import bulk, chain_runs, list_exports


def work_bulk(outbox_id: int, run_id: int) -> None:
    """The next cases of a bulk act; a second run finds them done."""
    bulk.work(db.session.get_one(BulkRun, run_id))


def run_verification(outbox_id: int, run_id: int) -> None:
    """Verify the whole chain for somebody who asked; a second run finds it done."""
    chain_runs.work(db.session.get_one(ChainRun, run_id))


def make_list_export(outbox_id: int, export_id: int) -> None:
    """Make one file; one that was forgotten meanwhile is not made."""
    export = db.session.get(ListExport, export_id)
    if export is not None:
        list_exports.make(export)
