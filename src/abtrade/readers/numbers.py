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
    array = decoded(array)
    if is_text(array.type) or pa.types.is_null(array.type):
        array = trimmed(as_strings(array))
    values, fits = _read(array, as_float=column == "lots")
    valid = valid_of(array)
    values = filled(values, valid, NULL_LOTS if column == "lots" else 0)
    if fits is not None:
        bad = ~fits if valid is None else valid & ~fits
        if bad.any():
            values = np.where(bad, UNREADABLE, values)
            complaints.add(bad, complaints.cell(column, "a whole number"))
    return values, valid


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
