"""Pace: whether the day plays, how fast, and how many frames it had to leave out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SPEEDS: Final = (1.0, 2.0, 5.0, 10.0, 60.0, 300.0, math.inf)
"""Seconds of the log in a second; the last is as fast as can be."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the day plays."""

    playing: bool = False
    speed: float = 1.0
    skipped: int = 0  # frames since it began to play

    @property
    def is_max(self) -> bool:
        """Whether it plays as fast as can be, whatever the log's clock says."""
        return math.isinf(self.speed)


def faster(speed: float) -> float:
    """Return the next speed above, the fastest one at the end."""
    return next((each for each in SPEEDS if each > speed), SPEEDS[-1])


def slower(speed: float) -> float:
    """Return the next speed below, the slowest one at the end."""
    return next((each for each in reversed(SPEEDS) if each < speed), SPEEDS[0])
