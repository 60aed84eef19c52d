"""Whatever hangs on a person or on their account is in the one list that merging follows."""

from app.extensions import db
from app.services import hanging


def test_each_key_to_a_person_is_in_the_list():
    keys = {
        (table.name, key.parent.name)
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "insured_person"
    }
    assert keys == {(each.table, each.column) for each in hanging.OF_PERSON}


OWN_DOORS = {
    "insured_person",
    "invitation",
    "link_attempt",
    "recovery",
    "data_export",
    "closure_request",
    "web_session",
    "mailed_link",
    "second_factor",
    "recovery_code",
    "sign_in",
    "employer_agent",
}
"""What belongs to the account as such, and stays with it."""

OF_THE_STAFF = {
    "declared_interest",
    "delegation",
    "role_grant",
    "factor_reset",
    "access_entry",
    "access_review",
    "bulk_run",
    "audit_sample",
    "chain_run",
    "list_export",
    "case_event",
    "case_correction",
    "case_note",
    "conversation_note",
    "reference_change",
}


def test_each_column_that_says_whose_account_is_in_the_list():
    owned = {
        (table.name, key.parent.name)
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "ab_user"
        and key.parent.name in ("owner_id", "account_id", "recipient_id", "relative_id")
        and table.name not in OWN_DOORS | OF_THE_STAFF
    }
    assert owned == {(each.table, each.column) for each in hanging.OF_ACCOUNT} - {
        ("declared_interest", "relative_id")
    }
