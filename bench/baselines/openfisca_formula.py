"""The same evaluation for one person in openfisca-core: months counted, best window, rate, limits.

Written as that framework's users write it: a variable by month, parameters by date, a vector formula.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, Period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

Person = build_entity(key="person", plural="persons", label="A person", is_person=True)


class wage(Variable):  # noqa: N801 (the framework names a variable after its class)
    """The wage of a month."""

    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH


class months_early(Variable):  # noqa: N801
    """Months before the pension age."""

    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH


class pension(Variable):  # noqa: N801
    """The monthly pension."""

    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH

    def formula(person: Any, period: Period, parameters: Any) -> Any:  # noqa: N805
        """Months of insurance, average of the best window, rate, early reduction, minimum."""
        months = [period.offset(-back) for back in range(240, 0, -1)]
        wages = np.array([person("wage", month) for month in months])
        floors = np.array([parameters(month.start).minimum_wage for month in months])[:, None]
        insured = (wages >= floors).sum(axis=0)
        ceilings = np.array([parameters(month.start).ceiling for month in months[-60:]])[:, None]
        capped = np.minimum(wages[-60:], ceilings)
        average = np.round(np.maximum(capped[-36:].mean(axis=0), capped.mean(axis=0)))
        rate = np.minimum(0.30 + 0.01 * (np.maximum(0, insured - 180) // 12), 0.80)
        amount = average * rate * (1 - 0.004 * person("months_early", period))
        return np.round(np.maximum(amount, parameters(period.start).minimum_wage / 2))


def build_system() -> TaxBenefitSystem:
    """The tax and benefit system with the two parameters by date."""
    system = TaxBenefitSystem([Person])
    system.add_variables(wage, months_early, pension)
    figures = {
        "ceiling": {"values": {"2000-01-01": {"value": 300000}, "2016-02-01": {"value": 750000}}},
        "minimum_wage": {
            "values": {
                "2000-01-01": {"value": 23514},
                "2008-07-01": {"value": 28216},
                "2014-07-01": {"value": 36270},
                "2023-04-01": {"value": 41875},
            }
        },
    }
    system.parameters = ParameterNode("", data=figures)
    return system


def simulate(system: TaxBenefitSystem, wages: dict[str, float], early: int, on: str) -> float:
    """One person, from wages in memory to the pension."""
    builder = SimulationBuilder()
    simulation = builder.build_default_simulation(system, count=1)
    for month, amount in wages.items():
        simulation.set_input("wage", month, np.array([amount]))
    simulation.set_input("months_early", on, np.array([early]))
    return float(simulation.calculate("pension", on)[0])


def prepare(system: TaxBenefitSystem, wages: dict[str, float], early: int, on: str) -> Any:
    """A simulation with its inputs in place, so that the calculation alone can be timed."""
    simulation = SimulationBuilder().build_default_simulation(system, count=1)
    for month, amount in wages.items():
        simulation.set_input("wage", month, np.array([amount]))
    simulation.set_input("months_early", on, np.array([early]))
    return simulation
