"""Beside: what stands beside the log for counts that need more than its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .kernel_loading import Loaded


@dataclass(frozen=True, slots=True)
class Beside:
    """The tables and measures that observers need; None where none was given."""

    kernels: Mapping[str, Loaded] = field(default_factory=dict)  # by name, those that rules use
