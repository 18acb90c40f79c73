"""Beside: what stands beside the log for counts that need more than its rows."""

from __future__ import annotations

from dataclasses import dataclass

from .market.limits import Limits


@dataclass(frozen=True, slots=True)
class Beside:
    """The tables and measures that observers need; None where none was given."""

    limits: Limits | None = None  # of the day
