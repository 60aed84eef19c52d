"""What every installation begins with: roles, holidays, the laws and the number range (scheme `demo`).

Only the names of the roles are rows: what they may do is code, and FAB's permission tables stay empty.
"""

from datetime import date, timedelta

from dateutil.easter import easter
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import Holiday, NumberRange, TwoPairsService
from app.permissions import ROLES
from app.services import SERVICES, delays, document_categories, laws, letter_templates, message_subjects
from app.services.numbers import TEMPORARY, region

YEARS_AHEAD = 3
FIRST_NUMBER = 345
_FIXED = {
    (1, 1): ("Jour de l’an", "New Year’s Day"),
    (2, 11): ("Fête de la jeunesse", "Youth Day"),
    (5, 1): ("Fête du travail", "Labour Day"),
    (5, 20): ("Fête nationale", "National Day"),
    (8, 15): ("Assomption", "Assumption Day"),
    (11, 1): ("Toussaint", "All Saints’ Day"),
    (12, 25): ("Noël", "Christmas Day"),
}


def write() -> None:
    """Write what is missing; what is there is left as the administration changed it."""
    for role in ROLES:
        db.session.execute(insert(Role).values(name=role).on_conflict_do_nothing())
    delays.seed()
    letter_templates.seed()
    document_categories.seed()
    message_subjects.seed()
    laws.keep()
    for slug, service in SERVICES.items():
        if service.workflow.pairs_of_eyes > 1:
            db.session.execute(insert(TwoPairsService).values(service=slug).on_conflict_do_nothing())
    year = clock.today().year
    for day, names in _holidays(range(year, year + YEARS_AHEAD + 1)).items():
        row = insert(Holiday).values(day=day, name_fr=names[0], name_en=names[1])
        db.session.execute(row.on_conflict_do_nothing())
    for name, first in ((region(), FIRST_NUMBER), (TEMPORARY, 1)):
        row = insert(NumberRange).values(region=name, next_number=first)
        db.session.execute(row.on_conflict_do_nothing())


def _holidays(years: range) -> dict[date, tuple[str, str]]:
    days = {date(year, month, day): names for year in years for (month, day), names in _FIXED.items()}
    return days | {easter(year) + timedelta(days=1): ("Lundi de Pâques", "Easter Monday") for year in years}
