"""What a kernel's figures come to for a rule: where its levels stand, and the day's measures."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import Any

from ..counts import Measure
from ..errors import InputError
from ..names import Names
from ..plan import PlanRule
from .kernel import Kernel

Levels = tuple[float | None, float | None]


def leaves_out(rule: PlanRule) -> bool:
    """Whether a rule may leave events out, so that all of them make another figure."""
    return bool(rule.only or rule.leave_out)


def reached_by(rule: PlanRule, figure: float) -> int:
    """Return the levels that a figure reaches: bit 0 yellow, bit 1 red."""
    bits = 0
    levels = zip((rule.yellow_at, rule.red_at), rule.strict, strict=True)
    for level, (at, above) in enumerate(levels):
        if at is not None and (Fraction(figure) > at if above else Fraction(figure) >= at):
            bits |= 1 << level
    return bits


def least_figures(rule: PlanRule) -> tuple[float, float]:
    """Return the least figure that reaches yellow, and red; infinite where there is no such level.
    """
    found = []
    for at, above in zip((rule.yellow_at, rule.red_at), rule.strict, strict=True):
        figure = inf if at is None else float(at)
        while at is not None and (Fraction(figure) < at or (above and Fraction(figure) == at)):
            figure = nextafter(figure, inf)
        found.append(figure)
    return found[0], found[1]


def level_of(reached: int) -> int:
    """Return the highest of the levels reached: 0 none, 1 yellow, 2 red."""
    return reached.bit_length()


def measure(
    rule: PlanRule,
    kernel: Kernel,
    subject: int,
    scope: str,
    *,
    gross: float,
    counted: float,
    exempt: tuple[int, ...],
    unknown: int,
    levels: Levels,
    reached: int,
    events: int,
    peak: tuple[int, int, int],
    shares: dict[int, int],
    alone: dict[int, tuple[int | float, int]],
) -> Measure:
    """Return what a rule's kernel says of a subject in a scope.

    gross, counted : the highest figures of the day, of all events and of those that count
    exempt, unknown : events, as are ``shares`` and ``events``, those that count
    peak : seq, channel, ts of the event at which the counted figure was highest
    """
    return Measure(
        rule.index, subject, scope, gross, counted, exempt, unknown, level_of(reached), levels,
        shares, alone, detail(kernel, events, peak) if reached else {},
    )  # fmt: skip


def levels_of(rule: PlanRule) -> Levels:
    """Return the numbers that a rule's figures are compared with."""
    yellow, red = rule.yellow_at, rule.red_at
    return (None if yellow is None else float(yellow), None if red is None else float(red))


def detail(kernel: Kernel, events: int, peak: tuple[int, ...]) -> dict[str, Any]:
    """Return what an alert tells of a kernel's figure; ``peak`` as ``measure`` takes it."""
    seq, channel, ts = peak
    highest = {"seq": seq, "channel": channel, "ts": ts}
    if not channel:
        del highest["channel"]
    return {
        "kernel": kernel.name,
        "unit": kernel.unit,
        "about": kernel.about,
        "events": events,
        "highest": highest if ts else None,
    }


def no_number(kernel: Kernel, figure: float, names: Names, contract: int, seq: int) -> InputError:
    """Return the error of a figure that is no finite number."""
    return InputError(
        f"kernel {kernel.name} ({kernel.place}): found the figure {figure} after seq {seq} in "
        f"{names.contracts[contract][1]}, expected a finite number in out for every event"
    )


