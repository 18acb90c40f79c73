"""Checksum: whether what was written is what was to be written, in whatever order."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .errors import InputError, OutputError
from .readers.arrays import decoded, valid_of
from .readers.columns import is_text
from .readers.sources import open_source
from .readers.texts import as_strings, bytes_of, trimmed, whole_numbers

CHECKED: Final = ("seq", "order_id")
"""Columns that are summed, those the log has of them, where they are integers or text."""

MIX: Final = np.uint64(0x9E3779B97F4A7C15)


class Checksum:
    """Sums over the cells of a few columns, the same in any order of the rows."""

    def __init__(self, schema: pa.Schema) -> None:
        self._types = {
            name: schema.field(name).type for name in CHECKED if name in schema.names
            and (is_text(schema.field(name).type) or pa.types.is_integer(schema.field(name).type))
        }
        self.columns = list(self._types) or schema.names[:1]
        self.sums = dict.fromkeys(self._types, 0)

    def add(self, record: pa.RecordBatch) -> None:
        """Add the rows of a record; numbers may stand there as text, as in CSV."""
        for name, kind in self._types.items():
            array = decoded(record.column(name))
            total = _text_sum(array) if is_text(kind) else _number_sum(array)
            self.sums[name] = (self.sums[name] + total) % (1 << 64)


def check_written(place: Path, output: Path, rows: int, schema: pa.Schema, sums: Checksum) -> None:
    """Read again what was written; raise OutputError where rows or sums differ."""
    found, count = Checksum(schema), 0
    try:
        for raw in open_source(place).read(found.columns):
            count += raw.record.num_rows + len(raw.bad)
            found.add(raw.record)
    except InputError as error:
        raise OutputError(f"{output}: what was written cannot be read again: {error}") from error
    if count != rows:
        raise OutputError(f"{output}: {rows} rows were written, and {count} can be read again")
    for name, expected in sums.sums.items():
        if found.sums[name] != expected:
            raise OutputError(f"{output}: column '{name}' reads differently than it was written")


def _number_sum(array: pa.Array) -> int:
    if is_text(array.type):
        values, valid = whole_numbers(trimmed(as_strings(array)))
    else:
        values, some = array.cast(pa.int64(), safe=False), valid_of(array)
        values = values.fill_null(0).to_numpy(zero_copy_only=False)
        valid = np.ones(len(values), np.bool_) if some is None else some
    mixed = values.astype(np.uint64)[valid] * MIX
    mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64)) + int(valid.sum())


def _text_sum(array: pa.Array) -> int:
    """Return the sum over all bytes of each times its place in its text; null is no byte."""
    strings = as_strings(array)
    cells = bytes_of(strings.fill_null("") if strings.null_count else strings)
    data = cells.data.astype(np.int64)
    until: npt.NDArray[np.int64] = np.concatenate(([0], np.cumsum(data)))
    inside = until[cells.ends] - until[cells.starts]
    placed = (data * np.arange(1, len(data) + 1)).sum() - (cells.starts * inside).sum()
    return int(placed)
