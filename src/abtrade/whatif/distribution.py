"""Distribution: how many subjects come to how much, in steps about the thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any, Final, NamedTuple

import numpy as np

from .. import schema
from ..rules.rule import Level
from .answer import WhatIf

MOST_MARKS: Final = 12
"""With more thresholds than these, steps between them are not told apart."""
STEPS_BEYOND: Final = 3
"""Steps below the lowest threshold and above the highest."""


class Bin(NamedTuple):
    """How many subjects come to at least ``low`` and less than ``high``; None: no bound."""

    low: int | float | None
    high: int | float | None
    subjects: int
    is_threshold: bool  # whether one of the thresholds is where it begins


def distribution(found: WhatIf) -> list[Bin]:
    """Return the figures of all subjects, scopes and days in steps; none where there are none."""
    figures = found.figures()
    marks = _marks(found)
    if not len(figures) or not marks:
        return []
    edges = _edges(marks, whole=np.issubdtype(figures.dtype, np.integer))
    counts = _counts(figures, edges)
    bounds = [None, *edges, None]
    return [
        Bin(low, high, count, low in marks)
        for (low, high), count in zip(pairwise(bounds), counts, strict=True)
    ]


def _marks(found: WhatIf) -> list[int | float]:
    """Return the least figures that reach the thresholds, else the levels of the rule."""
    levels: list[Level] = [found.level_at(variant) for variant in found.thresholds]
    rules = [day.rule for day in found.days if day.rule is not None]
    if not rules:
        return []
    if not levels:
        levels = [level for level in (rules[-1].yellow, rules[-1].red) if level is not None]
    if rules[-1].count in schema.FIGURES:
        return sorted({float(level.number) for level in levels})
    return sorted({int(level.number) + (level.op == "gt") for level in levels})


def _edges(marks: Sequence[int | float], *, whole: bool) -> list[int | float]:
    low, high = marks[0], marks[-1]
    step = _round((high - low or max(low, 1)) / 6)
    if whole:
        step = max(1, int(step))
    edges = set(marks)
    edges.update(low - n * step for n in range(1, STEPS_BEYOND + 1) if low - n * step > 0)
    edges.update(high + n * step for n in range(1, STEPS_BEYOND + 1))
    if len(marks) <= MOST_MARKS:
        for one, other in pairwise(marks):
            parts = max(1, ceil((other - one) / step - 1e-9))
            between = (one + (other - one) * n / parts for n in range(1, parts))
            edges.update(map(floor, between) if whole else between)
    return sorted(edges)


def _round(step: float) -> int | float:
    """Return 1, 2 or 5 times a power of ten that is near."""
    scale = 10 ** floor(log10(step))
    size = next(n for n in (1, 2, 5, 10) if step <= n * scale * 1.000001)
    near: int | float = size * scale
    return near


def _counts(figures: np.ndarray[Any, Any], edges: Sequence[int | float]) -> list[int]:
    at = np.searchsorted(np.array(edges), figures, side="right")
    counts: list[int] = np.bincount(at, minlength=len(edges) + 1).tolist()
    return counts
