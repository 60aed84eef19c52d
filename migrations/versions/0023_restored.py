"""restored: two triggers are written as PostgreSQL tells them after a backup came back, too.

A condition on a `varchar` column is told in other words once it was dumped and restored, and the check of the
guards then finds it changed; on its text it is told the same for ever.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEPT_OPEN = "('under_review', 'proposed', 'approved', 'carried_out', 'rejected', 'decision_withdrawn')"
DECIDED = "('approved', 'carried_out', 'rejected', 'decision_withdrawn')"


def upgrade() -> None:
    """Compare texts."""
    _write(f"NEW.status::text NOT IN {KEPT_OPEN}", f"NEW.status::text IN {DECIDED}")


def downgrade() -> None:
    """Compare the column, as migration 0010 did."""
    _write(f"NEW.status NOT IN {KEPT_OPEN}", f"NEW.status IN {DECIDED}")


def _write(is_open: str, is_decided: str) -> None:
    op.execute('DROP TRIGGER decided_for_good ON "case"; DROP TRIGGER status_as_decided ON "case"')
    op.execute(
        'CREATE CONSTRAINT TRIGGER decided_for_good AFTER INSERT OR UPDATE OF status ON "case"'
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({is_open}) EXECUTE FUNCTION refuse_undecided()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER status_as_decided AFTER INSERT OR UPDATE OF status, decided_by_id, decided_at"
        ' ON "case" DEFERRABLE INITIALLY DEFERRED'
        f" FOR EACH ROW WHEN ({is_decided}) EXECUTE FUNCTION refuse_undecided_status()"
    )
