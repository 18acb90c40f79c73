"""Beside: what stands beside the log for counts that need more than its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .positions import Positions
from .subjects import Subjects


@dataclass(frozen=True, slots=True)
class Beside:
    """The tables and measures that observers need; None where none was given."""

    subjects: Subjects | None = None  # who stands behind each account
    positions: Positions | None = None  # at the opening
    limits: Any = None  # of the day
