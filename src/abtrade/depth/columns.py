"""Levels of books as Arrow columns: prices, lots and orders of each level, null where none is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..outputs import TIME
from ..schema import CODES, NULL_PRICE

Int64 = npt.NDArray[np.int64]

MEASURES: Final = ("price", "lots", "orders")
MILLIONTH: Final = Decimal("0.000001")
"""What a price is counted in where no tick is known."""

ACTIONS: Final = tuple(member.name.lower() for member in CODES["action"])
_NAME: Final = pa.dictionary(pa.int32(), pa.string())
_ACTION: Final = pa.dictionary(pa.int8(), pa.string())
_EXACT: Final = 1 << 53


def book_schema(levels: int, *, has_channel: bool, ticks: bool) -> pa.Schema:
    """Return the columns of a table of books.

    levels : how many of each side
    has_channel : the log has channels, and rows tell theirs
    ticks : prices are whole ticks, not decimals
    """
    kinds = {"price": pa.int64() if ticks else pa.float64(), "lots": pa.int64(),
             "orders": pa.int64()}  # fmt: skip
    return pa.schema([
        pa.field("exchange", _NAME, nullable=False),
        pa.field("contract", _NAME, nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        *([pa.field("channel", pa.int64())] if has_channel else []),
        pa.field("ts", TIME, nullable=False),
        pa.field("action", _ACTION, nullable=False),
        *(
            pa.field(f"{side}_{measure}_{level}", kinds[measure])
            for side in ("bid", "ask")
            for level in range(1, levels + 1)
            for measure in MEASURES
        ),
    ])  # fmt: skip


def name_column(name: str, count: int) -> pa.Array:
    """Return a column of one name."""
    at = pa.array(np.zeros(count, np.int32))
    return pa.DictionaryArray.from_arrays(at, pa.array([name], pa.string()))


def action_column(codes: npt.NDArray[np.uint8]) -> pa.Array:
    """Return actions of rows, (n,) ``schema.Action``, in words."""
    return pa.DictionaryArray.from_arrays(_action_places().take(codes), pa.array(ACTIONS))


def level_columns(depth: Int64, tick: float | None, *, ticks: bool) -> list[pa.Array]:
    """Return the columns of books: price, lots and orders of each level, bids before asks.

    depth : (n, 3 * 2 * levels), the price NULL_PRICE where there is no level
    tick : of the contract; None: prices are in millionths
    ticks : leave prices in ticks
    """
    columns: list[pa.Array] = []
    turned = _turned(depth)
    for at in range(0, len(turned), len(MEASURES)):
        price, lots, orders = turned[at : at + len(MEASURES)]
        is_null = price == NULL_PRICE
        missing = int(is_null.sum())
        valid = None
        if missing:
            valid = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
            price[is_null] = 0
        told = price if ticks else decimals(price, tick)
        columns += [_column(values, valid, missing) for values in (told, lots, orders)]
    return columns


def decimals(ticks: Int64, tick: float | None) -> npt.NDArray[np.float64]:
    """Return the prices that numbers of ticks are, each the double that is nearest: (n,)."""
    unit = Fraction(MILLIONTH if tick is None else Decimal(str(tick)))
    over, under = unit.numerator, unit.denominator
    highest = int(np.abs(ticks).max(initial=0)) if len(ticks) else 0
    if highest * over < _EXACT and under < _EXACT:  # two exact doubles, divided once
        return np.asarray((ticks * over).astype(np.float64) / under)
    return np.array([float(n * unit) for n in ticks.tolist()], np.float64)


def _turned(depth: Int64) -> Int64:
    """Return the columns of an array as rows that stand together: (columns, n)."""
    turned = np.empty(depth.shape[::-1], np.int64)
    for start in range(0, len(depth), _BLOCK):
        turned[:, start : start + _BLOCK] = depth[start : start + _BLOCK].T
    return turned


_BLOCK: Final = 256
"""Rows that are turned at once: they fit into the processor's nearest memory."""


def _column(values: npt.NDArray[Any], valid: pa.Buffer | None, missing: int) -> pa.Array:
    kind = pa.int64() if values.dtype == np.int64 else pa.float64()
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values)], missing)


def _action_places() -> npt.NDArray[np.int8]:
    """Return the place in ACTIONS of each code."""
    codes: Sequence[int] = [int(member) for member in CODES["action"]]
    places = np.zeros(max(codes) + 1, np.int8)
    places[codes] = np.arange(len(codes), dtype=np.int8)
    return places
