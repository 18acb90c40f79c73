"""The first cells of a table's columns, as trimmed texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ..readers.arrays import decoded
from ..readers.columns import is_text
from ..readers.raw import UNREADABLE, Source
from ..readers.texts import as_strings, trimmed
from .sample import Sample

ROWS_LOOKED_AT: Final = 5_000


@dataclass(frozen=True, slots=True)
class Cells:
    """The first rows of one column."""

    type: pa.DataType
    texts: tuple[str | None, ...]  # null and blank cells are None

    @property
    def filled(self) -> list[str]:
        """The cells that say something."""
        return [text for text in self.texts if text is not None]

    @property
    def distinct(self) -> list[str]:
        """Each text once, in the order met."""
        return list(dict.fromkeys(self.filled))

    def are_numbers(self) -> bool:
        """Whether every cell that says something is a number, and one does."""
        return bool(self.filled) and all(_is_number(text) for text in self.filled)


def first_cells(source: Source) -> dict[str, Cells]:
    """Return the first rows of each column; of one that has no texts, none.

    Raises InputError where the file cannot be read.
    """
    records, rows = [], 0
    for raw in Sample(source).read():
        records.append(raw.record)
        rows += raw.record.num_rows
        if rows >= ROWS_LOOKED_AT:
            break
    return {
        field.name: Cells(
            field.type,
            tuple(text for record in records for text in _texts(record.column(field.name))),
        )
        for field in source.schema
    }


def _texts(column: pa.Array) -> list[str | None]:
    column = decoded(column)
    try:
        if not is_text(column.type):
            column = column.cast(pa.string())
        return [text or None for text in trimmed(as_strings(column)).to_pylist()]
    except UNREADABLE:
        return [None] * len(column)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()
