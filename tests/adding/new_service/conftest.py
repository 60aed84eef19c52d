"""The migration that the document asks for; without the service there is nothing to collect."""

import pytest
from flask_migrate import migrate, upgrade

from app.services import SERVICES
from config import ROOT

SLUG = "funeral_grants"
FOLDER = str(ROOT / "migrations")
collect_ignore_glob = [] if SLUG in SERVICES else ["test_*.py"]


@pytest.fixture(scope="session")
def house(house):
    """The application, its database brought up to date by the migration of the new model."""
    with house.app_context():
        migrate(directory=FOLDER, message="funeral grants", rev_id=SLUG)
        upgrade(directory=FOLDER)
    return house
