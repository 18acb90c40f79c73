"""Rejected: the bad rows of a log, kept as they will be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from ..batch import Int64
from .raw import BadRow

REJECTED: Final = pa.schema(
    [("file", pa.string()), ("row", pa.int64()), ("reason", pa.string()), ("content", pa.string())]
)
"""The file as it was named, the data row in it from 1, why, and the row as JSON text."""


class Rejected:
    """Bad rows as they are met; ``count`` of them so far, ``earlier`` ones included."""

    def __init__(self, earlier: pa.Table | None = None) -> None:
        # Not ``empty_table``: it imports pandas, where that is there, for a quarter of a second.
        self._earlier = pa.Table.from_batches([], REJECTED) if earlier is None else earlier
        self.count: int = self._earlier.num_rows
        self._parts: list[pa.RecordBatch] = []

    def add(self, bad: Sequence[tuple[int, BadRow]]) -> None:
        """Keep rows, each with the index of its file."""
        if bad:
            self.count += len(bad)
            columns = [
                pa.array([file for file, _ in bad], pa.int32()),
                pa.array([row.row for _, row in bad], pa.int64()),
                pa.array([row.reason for _, row in bad], pa.string()),
                pa.array([row.content for _, row in bad], pa.string()),
            ]
            self._parts.append(pa.RecordBatch.from_arrays(columns, names=REJECTED.names))

    def rows(self) -> dict[int, Int64]:
        """Return the numbers of the rows by index of their file, earlier ones aside."""
        files = [part.column("file").to_numpy() for part in self._parts]
        rows = [part.column("row").to_numpy() for part in self._parts]
        if not files:
            return {}
        file, row = np.concatenate(files), np.concatenate(rows)
        return {int(one): row[file == one] for one in np.unique(file)}

    def table(self, files: Sequence[str]) -> pa.Table:
        """Return the rows by file and row; ``files`` names what the indices count.

        Rows of files read before a snapshot stand first.
        """
        if not self._parts:
            return self._earlier
        order = [("file", "ascending"), ("row", "ascending")]
        table = pa.Table.from_batches(self._parts).sort_by(order)
        names = pa.array(files, pa.string()).take(table["file"].combine_chunks())
        return pa.concat_tables([self._earlier, table.set_column(0, "file", names).cast(REJECTED)])
