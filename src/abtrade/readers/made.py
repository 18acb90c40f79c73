"""A source of canonical rows that were made from a foreign file's rows, and are held in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from ..batch import Int64
from .raw import BATCH_ROWS, BadRow, RawBatch, Source


@dataclass(frozen=True, slots=True)
class Made:
    """Canonical rows of one file, by ``seq``, and the file's rows that could not be read."""

    table: pa.Table  # canonical columns only
    rows: Int64  # (n,) data row of the file that each row was made of, from 1
    bad: Sequence[BadRow] = field(default=())
    file_rows: int = 0  # data rows of the file


class MadeSource(Source):
    """The rows made of one file.

    ``visibility``, ``one_broker`` and ``notes`` are of the log that the file is a part of; ``form``
    is the kind.
    """

    format: ClassVar[str] = "made"

    def __init__(
        self,
        path: Path,
        form: str,
        made: Made,
        fingerprint: str,
        *,
        day: date | None = None,
        day_from: str | None = None,
        visibility: str | None = None,
        one_broker: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(path, made.table.schema, None, made.table.num_rows)
        self.form = form
        self.file_rows = made.file_rows
        self.day = None if day is None else day.isoformat()
        self.day_from = day_from
        self.visibility = visibility
        self.one_broker = one_broker
        self.notes = tuple(notes)
        self._of_file = made
        self._fingerprint = fingerprint

    def fingerprint(self) -> str:
        """Return the hash of the file that was given."""
        return self._fingerprint

    def read(
        self,
        columns: Collection[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        *,
        parallel: bool = True,
    ) -> Iterator[RawBatch]:
        """Yield the rows by ``seq``, at most ``batch_rows`` at a time; with the first, bad rows."""
        projection = self._view.pick(columns)
        made, where, done = self._of_file, str(self.path), 0
        bad = list(made.bad)
        for record in made.table.select(projection.sources).to_batches(batch_rows):
            end = done + record.num_rows
            yield RawBatch(done + 1, record, made.rows[done:end], bad, where, end)
            bad, done = [], end
        if bad:
            yield RawBatch(done + 1, projection.nothing(), None, bad, where, done)
