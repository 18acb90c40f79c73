"""Rows of an export's files as columns, whatever trading program wrote them.

What the reader of a program gives for each file, and ``export_log`` makes one log of.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...batch import Int64
from ..arrays import Bool
from .days import Stamps

UInt8 = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Rows:
    """n rows of one file; texts are (n,) string arrays, null where the file tells none."""

    file: int
    row: Int64  # (n,) from 1
    order: pa.StringArray  # the program's own id of the order
    owner: pa.StringArray  # whose orders these ids are: a gateway, a user
    account: pa.StringArray
    exchange: pa.StringArray
    contract: pa.StringArray
    side: UInt8
    offset: UInt8
    price: Float64
    lots: Int64
    when: Stamps

    def __len__(self) -> int:
        return len(self.row)

    def where(self, keep: Bool) -> Self:
        """Return some of the rows."""
        mask = pa.array(keep)
        changes: dict[str, Any] = {}
        for each in fields(self):
            cells = getattr(self, each.name)
            if isinstance(cells, pa.Array):
                changes[each.name] = cells.filter(mask)
            elif isinstance(cells, np.ndarray):
                changes[each.name] = cells[keep]
            elif isinstance(cells, Stamps):
                changes[each.name] = Stamps(cells.dates[keep], cells.clocks[keep])
        return replace(self, **changes)


@dataclass(slots=True)
class OrderRows(_Rows):
    """Rows that tell how an order stands."""

    state: UInt8  # State
    timed: Bool  # whether the row tells its time itself
    reached: Bool  # whether the exchange has the order, as far as the row tells
    traded: Int64
    order_type: UInt8
    tif: UInt8


@dataclass(slots=True)
class TradeRows(_Rows):
    """Rows that are trades, each one side of a match."""

    trade: pa.StringArray  # the exchange's id of the match
