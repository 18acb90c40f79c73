"""Contents: rows as JSON text, to be kept, and cells as they read in a message."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from .arrays import decoded


def content_of(record: pa.RecordBatch, places: Sequence[int] | np.ndarray) -> list[str]:
    """Return rows of a record as JSON texts; null cells are left out."""
    at = pa.array(np.asarray(places, np.int64))
    names = record.schema.names
    columns = [_plain_cells(_takeable(column).take(at)) for column in record.columns]
    return [
        json.dumps(
            {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None},
            ensure_ascii=False,
        )
        for cells in zip(*columns, strict=True)
    ]


def text_of(column: pa.Array, at: int) -> str:
    """Return how one cell of a column reads in a message."""
    value = _plain_cells(column.slice(at, 1))[0]
    return "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)


def _takeable(array: pa.Array) -> pa.Array:
    """Return an array from which Arrow can take, as it cannot from views of text."""
    if pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type):
        return array.cast(pa.large_binary())
    return array


def _plain_cells(array: pa.Array) -> list[Any]:
    """Return cells as JSON can hold them: numbers that are whole or finite, text, or None."""
    array = decoded(array)
    if pa.types.is_duration(array.type):
        array = array.cast(pa.int64())
    elif pa.types.is_temporal(array.type):
        array = array.cast(pa.string())
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        array = array.cast(pa.large_binary())  # nobody may have asked whether it is UTF-8
    return [_plain_cell(cell) for cell in array.to_pylist()]


def _plain_cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, (bool, int, str)):
        return cell
    if isinstance(cell, float):
        return cell if np.isfinite(cell) else str(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    return str(cell)
