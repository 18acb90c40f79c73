"""Arrow arrays seen as numpy arrays, without a copy where that can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bool = npt.NDArray[np.bool_]


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


def filled(values: npt.NDArray[Any], valid: Bool | None, null: int) -> npt.NDArray[Any]:
    """Return the values, and ``null`` where they are not valid: (n,) integers.

    Multiplied, not chosen: a branch for each row would cost ten times as much.
    """
    if valid is None:
        return values
    if not null:
        return np.asarray(values * valid)
    made = values - null
    made *= valid
    made += null
    return np.asarray(made)


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
    low = words[:, 0]
    return low, (words[:, 1:] == (low >> 63)[:, None]).all(axis=1)


def fixed_of_words(array: pa.Array, count: int) -> npt.NDArray[np.int64]:
    """Return each cell as ``count`` words, lowest first: (n, count) int64."""
    buffer = array.buffers()[1]
    if not len(array) or buffer is None:
        return np.zeros((len(array), count), np.int64)
    start = array.offset * 8 * count
    return np.frombuffer(buffer, np.int64, len(array) * count, start).reshape(-1, count)
