"""Beside: what stands beside the log for counts that need more than its rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beside:
    """The tables and measures that observers need; None where none was given."""
