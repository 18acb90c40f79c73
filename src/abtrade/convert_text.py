"""Columns that came as text and may be numbers or times: whether every cell of one is such.

A column that has one cell that is not keeps its text, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa

from .log_writers import SHANGHAI
from .readers.arrays import Bool, decoded, valid_of
from .readers.texts import as_strings, bytes_of, decimal_numbers, trimmed, whole_numbers
from .readers.times import texts_to_ns

EXACT_DIGITS: Final = 15
"""Every number of so many digits is what a float that stands for it is written as."""


def typed(name: str, array: pa.Array) -> tuple[pa.Array, bool]:
    """Return a canonical column's text cells in the column's type, and whether all could be.

    Null where a cell could not be, or is null or blank.
    """
    strings = trimmed(as_strings(decoded(array)))
    values, fits, kind = _READERS[name](strings)
    valid = valid_of(strings)
    bad = ~fits if valid is None else valid & ~fits
    made = pa.array(values, mask=~fits if valid is None else ~(fits & valid))
    return made.cast(kind), not bad.any()


def _whole(strings: pa.StringArray) -> tuple[np.ndarray, Bool, pa.DataType]:
    return *whole_numbers(strings), pa.int64()


def _lots(strings: pa.StringArray) -> tuple[np.ndarray, Bool, pa.DataType]:
    return *whole_numbers(strings, as_float=True), pa.int64()


def _times(strings: pa.StringArray) -> tuple[np.ndarray, Bool, pa.DataType]:
    return *texts_to_ns(strings), SHANGHAI


def _prices(strings: pa.StringArray) -> tuple[np.ndarray, Bool, pa.DataType]:
    values, fits = decimal_numbers(strings)
    lengths = bytes_of(strings).lengths
    valid = valid_of(strings)
    long = np.flatnonzero(lengths > EXACT_DIGITS if valid is None
                          else valid & (lengths > EXACT_DIGITS))
    if len(long):
        cells = strings.take(pa.array(long)).dictionary_encode()
        exact = np.array([_is_exact(text) for text in cells.dictionary.to_pylist()], np.bool_)
        fits = fits.copy()
        fits[long] &= exact[cells.indices.to_numpy(zero_copy_only=False)]
    return values, fits, pa.float64()


def _is_exact(text: str) -> bool:
    """Whether a float that stands for a number is written as that number."""
    try:
        return Decimal(repr(float(text))) == Decimal(text)
    except (ArithmeticError, ValueError):
        return False


_READERS: Final[dict[str, Callable[[pa.StringArray], tuple[np.ndarray, Bool, pa.DataType]]]] = {
    "channel": _whole,
    "seq": _whole,
    "lots": _lots,
    "ts": _times,
    "price": _prices,
}

TYPED: Final = frozenset(_READERS)
"""Canonical columns whose type is not text."""

TYPE_OF: Final[dict[str, pa.DataType]] = {
    name: pa.float64() if name == "price" else SHANGHAI if name == "ts" else pa.int64()
    for name in _READERS
}


