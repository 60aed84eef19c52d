"""What an employer is asked of an employment: since when, as what, for how much."""

from datetime import date
from decimal import Decimal

from app.forms.employer import employed_from_field, monthly_wage_field, occupation_field
from app.services.base import Fact

WAGE = "monthly_wage"
EMPLOYMENT_FACTS = (
    Fact("employed_from", employed_from_field(), date.fromisoformat),
    Fact("occupation", occupation_field()),
    Fact(WAGE, monthly_wage_field(), Decimal, declared=False),
)
"""The wage is the employer's to give: the person is not asked."""
