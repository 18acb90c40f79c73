"""Arrow arrays seen as numpy arrays, without a copy where that can be."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import _cells

Bool = npt.NDArray[np.bool_]

LARGE_BYTES: Final = 1 << 16
"""So many bytes and more are worth keeping for the next column."""


def valid_of(array: pa.Array) -> Bool | None:
    """Return which cells are not null: (n,) bool, None where all are."""
    if array.null_count == 0:
        return None
    buffer = array.buffers()[0]
    if buffer is None:  # a type of nulls alone
        return np.zeros(len(array), np.bool_)
    start, skipped = divmod(array.offset, 8)
    packed = np.frombuffer(buffer, np.uint8)[start:]
    bits = np.unpackbits(packed, count=skipped + len(array), bitorder="little")
    return bits[skipped:].view(np.bool_)


def empty(count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return memory for a column: (count,) of ``dtype``, anything in it."""
    width = np.dtype(dtype)
    if count * width.itemsize < LARGE_BYTES:
        return np.empty(count, width)
    return np.frombuffer(memoryview(_cells.Block(count * width.itemsize)), width, count)


def filled(values: npt.NDArray[Any], valid: Bool | None, null: int) -> npt.NDArray[Any]:
    """Return the values, and ``null`` where they are not valid: (n,) uint8, int32 or int64."""
    if valid is None:
        return values
    made = empty(len(values), values.dtype)
    _cells.fill(values, valid.view(np.uint8), null, made)
    return made


def looked_up(
    table: npt.NDArray[Any], at: npt.NDArray[Any], valid: Bool | None = None
) -> npt.NDArray[Any]:
    """Return the table's entry at each position, its last where not valid: (n,).

    Raises IndexError where a position is outside the table.
    """
    made = empty(len(at), table.dtype)
    if valid is None:
        _cells.look_up(table, at, made)
    else:
        _cells.look_up_valid(table, at, valid.view(np.uint8), made)
    return made


def counted_up(first: int, count: int) -> npt.NDArray[np.int64]:
    """Return ``first`` and the numbers that follow it: (count,)."""
    made = empty(count, np.int64)
    _cells.count_up(first, made)
    return made


def fixed_of(array: pa.Array, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the cells of a fixed-width array: (n,) of ``dtype``, anything where they are null."""
    width = np.dtype(dtype)
    buffer = array.buffers()[1]
    if not len(array) or buffer is None:
        return np.zeros(len(array), width)
    return np.frombuffer(buffer, width, len(array), array.offset * width.itemsize)


def whole_of(array: pa.Array) -> npt.NDArray[Any]:
    """Return the cells of an integer array in the width they have; anything where null."""
    return fixed_of(array, array.type.to_pandas_dtype())


def indices_of(array: pa.DictionaryArray) -> npt.NDArray[Any]:
    """Return the dictionary positions of the cells: (n,) int32 or int64; anything where null."""
    indices = whole_of(array.indices)
    return indices.astype(np.int64 if indices.itemsize == 8 else np.int32, copy=False)


def check_indices(array: pa.DictionaryArray) -> None:
    """Raise ArrowInvalid where a cell's position is outside the dictionary: no reader looks."""
    at = indices_of(array)
    if at.min(initial=0) < 0 or at.max(initial=-1) >= len(array.dictionary):
        array.validate(full=True)  # which looks past the null cells: they may hold anything


def decoded(array: pa.Array) -> pa.Array:
    """Return an array without a dictionary: each cell its own value."""
    if not pa.types.is_dictionary(array.type):
        return array
    dictionary = array.dictionary
    if pa.types.is_string_view(dictionary.type):  # which Arrow cannot take from
        dictionary = dictionary.cast(pa.string())
    return dictionary.take(array.indices)


def decimal_words(array: pa.Array) -> tuple[npt.NDArray[np.int64], Bool]:
    """Return the unscaled values of decimals as int64, and which of them fit: (n,) each."""
    wide = array.cast(pa.decimal256(76, array.type.scale))
    words = fixed_of_words(wide, 4)
    low = np.ascontiguousarray(words[:, 0])
    return low, (words[:, 1:] == (low >> 63)[:, None]).all(axis=1)


def fixed_of_words(array: pa.Array, count: int) -> npt.NDArray[np.int64]:
    """Return each cell as ``count`` words, lowest first: (n, count) int64."""
    buffer = array.buffers()[1]
    if not len(array) or buffer is None:
        return np.zeros((len(array), count), np.int64)
    start = array.offset * 8 * count
    return np.frombuffer(buffer, np.int64, len(array) * count, start).reshape(-1, count)
