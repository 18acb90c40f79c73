"""Which observers a plan asks for; a day without such rules has none, and costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import schema
from .beside import Beside
from .bursts.findings import burst_rules
from .names import Names
from .observers import Observer, ReferenceObserver
from .plan import Plan

if TYPE_CHECKING:
    from .kernels.kernel import Kernel


def observers_of(plan: Plan, names: Names, beside: Beside) -> list[Observer]:
    """Return the observers of the compiled engine."""
    found: list[Observer] = []
    if counts_positions(plan):
        from .positions.observer import HoldingsObserver

        found.append(HoldingsObserver(plan, names, beside))
    if _uses_kernels(plan):
        from .kernels.observer import KernelObserver

        found.append(KernelObserver(plan, names, _kernels(beside)))
    if burst_rules(plan):
        from .bursts.observer import Bursts

        found.append(Bursts(plan, names))
    return found


def reference_observers_of(plan: Plan, names: Names, beside: Beside) -> list[ReferenceObserver]:
    """Return the same observers of the reference engine, in the same order."""
    found: list[ReferenceObserver] = []
    if counts_positions(plan):
        from .positions.reference import ReferenceHoldings

        found.append(ReferenceHoldings(plan, names, beside))
    if _uses_kernels(plan):
        from .kernels.reference import ReferenceKernelObserver

        found.append(ReferenceKernelObserver(plan, names, _kernels(beside)))
    if burst_rules(plan):
        from .bursts.reference import ReferenceBursts

        found.append(ReferenceBursts(plan, names))
    return found


def counts_positions(plan: Plan) -> bool:
    """Whether a rule, or what else asks, needs to know what is held."""
    return plan.positions or any(rule.count in schema.HELD_COUNTS for rule in plan.rules)


def _uses_kernels(plan: Plan) -> bool:
    return any(rule.kernel is not None for rule in plan.rules)


def _kernels(beside: Beside) -> dict[str, Kernel]:
    return {name: loaded.kernel for name, loaded in beside.kernels.items()}
