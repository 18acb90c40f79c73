"""Complaints: which rows of a batch are bad, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from .arrays import Bool, decoded
from .raw import BadRow, RawBatch

Reason = str | Callable[[int], str]
"""What is wrong with the rows flagged, or with the row at a place in the batch."""


class Complaints:
    """Reasons gathered column by column; a row may have several, and is set aside once."""

    def __init__(self, raw: RawBatch) -> None:
        self._raw = raw
        self._found: list[tuple[Bool, Reason]] = []
        self._bad: Bool | None = None

    def add(self, bad: Bool, reason: Reason) -> None:
        """Complain of the rows flagged; a reason may depend on the row's place in the batch."""
        if bad.any():
            self._found.append((bad, reason))
            self._bad = bad if self._bad is None else self._bad | bad

    def cell(self, column: str, expected: str) -> Callable[[int], str]:
        """Return a reason that tells a cell and what was expected of it."""
        return lambda at: (
            f"{column}: found {text_of(self._raw.record.column(column)[at])}, expected {expected}"
        )

    def good(self) -> Bool | None:
        """Return the rows without complaint: (n,) bool, None where that is all."""
        return None if self._bad is None else ~self._bad

    def rows(self) -> list[BadRow]:
        """Return the bad rows, those of the raw batch among them, in file order."""
        if self._bad is None:
            return self._raw.bad
        places = np.flatnonzero(self._bad)
        numbers = self._raw.row_numbers()[places]
        contents = content_of(self._raw.record, places)
        made = [
            BadRow(int(number), self._reasons(int(at)), content)
            for at, number, content in zip(places, numbers, contents, strict=True)
        ]
        return sorted([*self._raw.bad, *made], key=lambda row: row.row)

    def _reasons(self, at: int) -> str:
        return "; ".join(
            reason if isinstance(reason, str) else reason(at)
            for bad, reason in self._found
            if bad[at]
        )


def content_of(record: pa.RecordBatch, places: Sequence[int] | np.ndarray) -> list[str]:
    """Return rows of a record as JSON texts; null cells are left out."""
    rows = record.take(pa.array(np.asarray(places, np.int64)))
    names = rows.schema.names
    columns = [_plain_cells(column) for column in rows.columns]
    return [
        json.dumps(
            {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None},
            ensure_ascii=False,
        )
        for cells in zip(*columns, strict=True)
    ]


def text_of(cell: pa.Scalar) -> str:
    """Return how a cell reads in a message."""
    value = _plain_cells(pa.array([None], cell.type) if not cell.is_valid else _one(cell))[0]
    return "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)


def _one(cell: pa.Scalar) -> pa.Array:
    return pa.repeat(cell, 1)


def _plain_cells(array: pa.Array) -> list[Any]:
    """Return cells as JSON can hold them: numbers that are whole or finite, text, or None."""
    array = decoded(array)
    if pa.types.is_duration(array.type):
        array = array.cast(pa.int64())
    elif pa.types.is_temporal(array.type):
        array = array.cast(pa.string())
    return [_plain_cell(cell) for cell in array.to_pylist()]


def _plain_cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, (bool, int, str)):
        return cell
    if isinstance(cell, float):
        return cell if np.isfinite(cell) else str(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    return str(cell)
