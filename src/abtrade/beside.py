"""Beside: what stands beside the log for counts that need more than its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .market.limits import Limits
from .positions.table import Positions
from .subjects import Subjects

if TYPE_CHECKING:
    from .kernels.loading import Loaded


@dataclass(frozen=True, slots=True)
class Beside:
    """The tables and measures that observers need; None where none was given."""

    limits: Limits | None = None  # of the day
    kernels: Mapping[str, Loaded] = field(default_factory=dict)  # by name, those that rules use
    subjects: Subjects | None = None  # who stands behind each account
    positions: Positions | None = None  # at the opening

    @property
    def limits_basis(self) -> str | None:
        """What tells the limits from others."""
        return None if self.limits is None else self.limits.basis

    @property
    def positions_basis(self) -> str | None:
        """What tells the opening positions from others."""
        return None if self.positions is None else self.positions.basis

    @property
    def notes(self) -> list[str]:
        """What the tables have that was not read."""
        tables = (self.limits, self.positions)
        return [note for table in tables if table is not None for note in table.notes]
