"""Columns of whole numbers: seq, channel and lots as int64."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ..batch import Int64
from ..schema import NULL_LOTS
from .arrays import Bool, decimal_words, decoded, filled, fixed_of, valid_of, whole_of
from .columns import is_text, is_whole_decimal
from .complaints import Complaints
from .texts import as_strings, trimmed, whole_numbers

UNREADABLE: Final = -(2**63)
"""Stands where a cell is no whole number."""

EXACT_IN_FLOAT: Final = 2.0**53


def read_whole(array: pa.Array, column: str, complaints: Complaints) -> tuple[Int64, Bool | None]:
    """Return the numbers, and which cells are not null (None: all are): (n,) each.

    Null lots are NULL_LOTS, other nulls 0. Complains of cells that are no whole number or do not
    fit int64: they are UNREADABLE.
    """
    is_lots = column == "lots"
    values, valid, bad = whole_cells(array, as_float=is_lots)
    values = filled(values, valid, NULL_LOTS if is_lots else 0)
    if bad is not None and bad.any():
        values = np.where(bad, UNREADABLE, values)
        complaints.add(bad, complaints.cell(column, "a whole number"))
    return values, valid


def whole_cells(array: pa.Array, *, as_float: bool) -> tuple[Int64, Bool | None, Bool | None]:
    """Return numbers, which cells are not null (None: all), which are none (None: none): (n,) each.

    as_float : ``5.0`` in text is 5

    The number is anything where a cell is null or none.
    """
    array = decoded(array)
    if is_text(array.type) or pa.types.is_null(array.type):
        array = trimmed(as_strings(array))
    values, fits = _read(array, as_float)
    valid = valid_of(array)
    if fits is None:
        return values, valid, None
    return values, valid, ~fits if valid is None else valid & ~fits


def _read(array: pa.Array, as_float: bool) -> tuple[Int64, Bool | None]:
    """Return the numbers and which cells are such, None for all; anything where null."""
    if pa.types.is_string(array.type):
        return whole_numbers(array, as_float)
    if is_whole_decimal(array.type):
        return decimal_words(array)
    if pa.types.is_floating(array.type):
        floats = fixed_of(array.cast(pa.float64()), np.float64)
        with np.errstate(invalid="ignore"):
            fits = (np.abs(floats) <= EXACT_IN_FLOAT) & (np.trunc(floats) == floats)
        return np.where(fits, floats, 0).astype(np.int64), fits
    values = whole_of(array)
    fits = values <= np.uint64(2**63 - 1) if values.dtype == np.uint64 else None
    return values.astype(np.int64, copy=False), fits
