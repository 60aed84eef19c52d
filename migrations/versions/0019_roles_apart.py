"""access: roles that one account may not hold together are refused by the database, whoever writes them."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


APART = """
CREATE FUNCTION roles_kept_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held text[];
    of_staff text[];
BEGIN
    PERFORM FROM ab_user WHERE id = NEW.user_id FOR UPDATE;
    SELECT array_agg(DISTINCT role.name) INTO held
        FROM ab_user_role AS given JOIN ab_role AS role ON role.id = given.role_id
        WHERE given.user_id = NEW.user_id;
    of_staff := ARRAY(SELECT unnest(held) INTERSECT SELECT unnest(ARRAY[
        'supervisor', 'registration_officer', 'claims_officer', 'contributions_officer', 'finance_officer',
        'compliance_officer', 'support_officer', 'medical_referee', 'auditor', 'administrator']));
    IF 'employer_agent' = ANY(held) AND cardinality(of_staff) > 0
        OR cardinality(of_staff) > 1 AND of_staff && ARRAY['auditor', 'administrator'] THEN
        RAISE EXCEPTION 'Account % cannot hold these roles together: %.', NEW.user_id, held
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ab_user_role_kept_apart AFTER INSERT OR UPDATE ON ab_user_role
    FOR EACH ROW EXECUTE FUNCTION roles_kept_apart();
"""


def upgrade() -> None:
    """Apply."""
    op.execute(APART)


def downgrade() -> None:
    """Revert."""
    op.execute("DROP TRIGGER ab_user_role_kept_apart ON ab_user_role")
    op.execute("DROP FUNCTION roles_kept_apart()")
