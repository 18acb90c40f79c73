"""Which observers a plan asks for; a day without such rules has none, and costs nothing."""

from __future__ import annotations

from .beside import Beside
from .burst_findings import burst_rules
from .names import Names
from .observers import Observer, ReferenceObserver
from .plan import Plan


def observers_of(plan: Plan, names: Names, beside: Beside) -> list[Observer]:
    """Return the observers of the compiled engine."""
    found: list[Observer] = []
    if burst_rules(plan):
        from .bursts import Bursts

        found.append(Bursts(plan, names))
    return found


def reference_observers_of(plan: Plan, names: Names, beside: Beside) -> list[ReferenceObserver]:
    """Return the same observers of the reference engine, in the same order."""
    found: list[ReferenceObserver] = []
    if burst_rules(plan):
        from .reference_bursts import ReferenceBursts

        found.append(ReferenceBursts(plan, names))
    return found
