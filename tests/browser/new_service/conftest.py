"""Where the service of the document is not, there is nothing to collect."""

from app.services import SERVICES

SLUG = "funeral_grants"
collect_ignore_glob = [] if SLUG in SERVICES else ["test_*.py"]
