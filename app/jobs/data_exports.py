"""The copy of everything we hold on a person."""

from app.extensions import db
from app.models import DataExport
from app.services import data_exports


def make_data_export(outbox_id: int, export_id: int) -> None:
    """Make one archive; one that was forgotten meanwhile is not made."""
    export = db.session.get(DataExport, export_id)
    if export is not None:
        data_exports.make(export)
