"""What tests of the rules share."""

import pytest
from sqlalchemy import text

from app.extensions import db


@pytest.fixture
def two_pairs(app):
    """The database, too, knows the registration as a service of two pairs."""
    with app.app_context():
        db.session.execute(text("INSERT INTO two_pairs_service VALUES ('registration')"))
        db.session.commit()
