"""Which observers a plan asks for; a day without such rules has none, and costs nothing."""

from __future__ import annotations

from . import schema
from .beside import Beside
from .names import Names
from .observers import Observer, ReferenceObserver
from .plan import Plan


def observers_of(plan: Plan, names: Names, beside: Beside) -> list[Observer]:
    """Return the observers of the compiled engine."""
    found: list[Observer] = []
    if counts_positions(plan):
        from .holdings import HoldingsObserver

        found.append(HoldingsObserver(plan, names, beside))
    return found


def reference_observers_of(plan: Plan, names: Names, beside: Beside) -> list[ReferenceObserver]:
    """Return the same observers of the reference engine, in the same order."""
    found: list[ReferenceObserver] = []
    if counts_positions(plan):
        from .reference_holdings import ReferenceHoldings

        found.append(ReferenceHoldings(plan, names, beside))
    return found


def counts_positions(plan: Plan) -> bool:
    """Whether any rule needs to know what is held."""
    asking = (*schema.POSITION_COUNTS, "open_interest_share")
    return any(rule.count in asking for rule in plan.rules)
