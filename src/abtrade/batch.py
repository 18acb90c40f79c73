"""EVENTS: a run of normalised log rows as numpy columns, the only form the engines read.

A batch holds good rows only, in the order of the log. A column the log lacks, or that was not
read, is None; a null in a column that was read is 0 for codes, ``NULL_LOTS``, ``NULL_PRICE`` or
``NULL_ID``. Order ids are two words: see ``ids.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(slots=True)
class Batch:
    """n rows, in the order in which they are counted."""

    file: Int32  # (n,) index of the source file
    row: Int64  # (n,) data row within that file, from 1
    seq: Int64  # (n,) the exchange's number; the row number where the log has none
    ts: Int64  # (n,) ns since 1970 UTC
    contract: Int32  # (n,) id given by Names; the contract fixes the exchange
    action: UInt8  # (n,) schema.Action
    order: Int64  # (n,) low word of order_id; 0 on rfq
    lots: Int64  # (n,) NULL_LOTS where null
    account: Int32  # (n,) id given by Names; NULL_ID where null
    channel: Int64 | None = None  # (n,) 0 where null
    order_high: UInt64 | None = None  # (n,) high word of order_id; None: all 0
    side: UInt8 | None = None
    offset: UInt8 | None = None
    hedge: UInt8 | None = None
    order_type: UInt8 | None = None
    tif: UInt8 | None = None
    price: Int64 | None = None  # (n,) ticks; NULL_PRICE where null
    contra: Int64 | None = None  # (n,) low word of contra_order_id
    contra_high: UInt64 | None = None
    has_contra: UInt8 | None = None  # (n,) 1 where contra_order_id is given
    contra_account: Int32 | None = None
    trade: Int64 | None = None  # (n,) low word of trade_id
    trade_high: UInt64 | None = None
    has_trade: UInt8 | None = None  # (n,) 1 where trade_id is given
    order_contract: Int32 | None = None  # (n,) contract the order stands in; NULL_ID: this one
    contra_order_contract: Int32 | None = None
    trade_type: UInt8 | None = None
    cancel_by: UInt8 | None = None
    phase: UInt8 | None = None
    order_text: Texts | None = None  # (n,) order_id as written; only where a digest stands for it
    contra_text: Texts | None = None

    def __len__(self) -> int:
        return len(self.seq)

    def take(self, index: Any) -> Batch:
        """Return the rows at ``index`` (positions, a mask or a slice), in that order."""
        taken: dict[str, Any] = {
            name: None if column is None else column[index]
            for name, column in self.columns().items()
        }
        return Batch(**taken)

    def naming(self, contract: int) -> Bool:
        """Return which rows name a contract, as their own or as that of an order: (n,)."""
        found: Bool = self.contract == contract
        for legs in (self.order_contract, self.contra_order_contract):
            if legs is not None:
                found = found | (legs == contract)
        return found

    def columns(self) -> dict[str, Any]:
        """Return the columns by name, absent ones as None."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @staticmethod
    def join(parts: Sequence[Batch]) -> Batch:
        """Return the rows of all parts, one after the other; a column one part has, all have."""
        if len(parts) == 1:
            return parts[0]
        return Batch(**{f.name: _join([getattr(p, f.name) for p in parts], f.name, parts)
                        for f in fields(Batch)})


_MISSING = {
    "price": -(2**63),
    "contra_account": -1,
    "order_contract": -1,
    "contra_order_contract": -1,
    "order_text": None,
    "contra_text": None,
}


def _join(columns: list[Any], name: str, parts: Sequence[Batch]) -> Any:
    present = [column for column in columns if column is not None]
    if not present:
        return None
    dtype = present[0].dtype
    return np.concatenate(
        [
            np.full(len(part), _MISSING.get(name, 0), dtype) if column is None else column
            for column, part in zip(columns, parts, strict=True)
        ]
    )
