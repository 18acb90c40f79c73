"""A source: one log file as record batches with canonical column names, row numbers beside them.

What is read is not yet checked: see ``normalise.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from ..batch import Int64
from ..errors import InputError
from ..schema import VISIBILITIES
from .arrays import Bool, counted_up
from .contents import content_of
from .mapping import Mapping
from .view import Projection, View

BATCH_ROWS: Final = 131_072
VISIBILITY: Final = "visibility"
ONE_BROKER: Final = "one_broker"
"""Keys of a file's metadata, beside ``day``."""
UNREADABLE: Final = (pa.ArrowException, OSError, ValueError, EOFError)
"""What pyarrow and codecs raise on data that is cut off or damaged."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row set aside whole."""

    row: int  # data row of its file, from 1
    reason: str
    content: str  # the row as JSON text


@dataclass(slots=True)
class RawBatch:
    """A run of rows as they stand in the file, and rows that are no rows of this table."""

    first_row: int  # data row of the first record, from 1
    record: pa.RecordBatch
    rows: Int64 | None = None  # (n,) row numbers, where they are not contiguous
    bad: list[BadRow] = field(default_factory=list)
    where: str = ""  # the file, for messages
    end: int | None = None  # rows of the source so far, where ``rows`` do not count up

    def row_numbers(self) -> Int64:
        """Return the data row of each record: (n,) int64, from 1."""
        if self.rows is not None:
            return self.rows
        return counted_up(self.first_row, self.record.num_rows)

    def with_bad(self) -> tuple[Int64, Int64]:
        """Return the numbers of good rows and bad ones behind them, and the order they stand in.

        That is the file's; where the rows were made out of those of a file, and stand otherwise,
        the bad ones come first.
        """
        good, bad = self.row_numbers(), np.array([bad.row for bad in self.bad], np.int64)
        rows = np.concatenate([good, bad])
        if (np.diff(good) > 0).all():
            return rows, np.argsort(rows, kind="stable")
        return rows, np.roll(np.arange(len(rows)), len(bad))


class Source(ABC):
    """One log file; ``read`` may be called as often as needed.

    ``columns`` are canonical names after the mapping, unknown columns under their own names;
    ``left_out`` names the columns that have no name of their own and can't be read. ``day`` is the
    trading day the file's metadata names, ``rows`` how many there are, where the file says so.
    ``visibility`` is one of ``schema.VISIBILITIES``, None where the columns are to tell;
    ``one_broker`` says that it is one broker's beside that, as a log of final states can be.
    ``notes`` are what a reader of the results must know of it. ``repeating`` are columns of text
    that a caller knows to hold few texts: they may be read as dictionaries. Of rows made from those
    of a foreign file, ``form`` is its kind, ``file_rows`` how many it has, and ``day_from`` what
    told the day.
    """

    format: ClassVar[str]
    visibility: str | None = None
    one_broker: bool = False
    notes: tuple[str, ...] = ()
    repeating: Collection[str] = ()
    form: str | None = None
    file_rows: int | None = None
    day_from: str | None = None

    def __init__(
        self, path: Path, file_schema: pa.Schema, mapping: Mapping | None, rows: int | None
    ) -> None:
        self.path = path
        self.rows = rows
        self.day = metadata_text(file_schema, "day")
        self._take_sight(file_schema)
        self._view = View(file_schema, mapping, str(path))
        self.columns: tuple[str, ...] = tuple(self._view.schema.names)
        self.schema: pa.Schema = self._view.schema
        self.left_out: tuple[str, ...] = self._view.left_out

    def _take_sight(self, file_schema: pa.Schema) -> None:
        """Take what a file written by ``convert`` says of the log it was made of."""
        word = metadata_text(file_schema, VISIBILITY)
        if word in VISIBILITIES:
            self.visibility = word
        if metadata_text(file_schema, ONE_BROKER) == "true":
            self.one_broker = True

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a short hash that changes when the file does, without reading all of it."""

    @abstractmethod
    def read(
        self,
        columns: Collection[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        *,
        parallel: bool = True,
    ) -> Iterator[RawBatch]:
        """Yield the rows in file order, at most ``batch_rows`` at a time.

        ``columns`` asks for these canonical columns, as far as the file has them; None for all.
        ``parallel``: several columns may be decoded at once, where there are processors for it.
        Raises InputError where the file cannot be read on, naming the row reached.
        """


class DecodedSource(Source):
    """A source whose rows are decoded and brought under canonical names as they are read."""

    def read(
        self,
        columns: Collection[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        *,
        parallel: bool = True,
    ) -> Iterator[RawBatch]:
        """Yield the rows, numbered through, bad ones beside the good; see ``Source.read``."""
        projection = self._view.pick(columns)
        numbering = _Numbering()
        records = self._records(projection.sources, batch_rows, numbering.bad, parallel)
        for record in _resized(self._guarded(records, numbering), batch_rows):
            first, rows, bad = numbering.take(record.num_rows)
            if record.num_rows or bad:
                yield self._made(projection, record, RawBatch(first, record, rows, bad))
        if rest := numbering.rest():
            yield RawBatch(numbering.next, projection.nothing(), None, rest, str(self.path))

    @abstractmethod
    def _records(
        self, names: list[str], batch_rows: int, bad: list[BadRow], parallel: bool
    ) -> Iterator[pa.RecordBatch]:
        """Yield the file's columns ``names``, in this order; append rows of no shape to ``bad``."""

    def _made(self, projection: Projection, record: pa.RecordBatch, raw: RawBatch) -> RawBatch:
        """Return a batch under canonical names, without rows that the mapping cannot read."""
        raw.where = str(self.path)
        try:
            raw.record, kept, refused = projection.apply(record)
        except (InputError, *UNREADABLE) as error:
            raise InputError(
                f"{self.path}: rows {raw.first_row} to {raw.first_row + record.num_rows - 1}: "
                f"{said(error)}"
            ) from error
        return raw if kept is None else _without(raw, record, kept, refused)

    def _guarded(
        self, records: Iterator[pa.RecordBatch], numbering: _Numbering
    ) -> Iterator[pa.RecordBatch]:
        reached = 0
        try:
            for record in records:
                reached += record.num_rows
                yield record
        except UNREADABLE as error:
            raise InputError(
                f"{self.path}: after row {reached + numbering.bad_seen}: {said(error)}"
            ) from error


def check_names(schema: pa.Schema) -> None:
    """Raise ValueError where a column's name is not UTF-8, which Arrow does not ask."""
    schema.names  # noqa: B018


def said(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


class _Numbering:
    """Row numbers of good rows, given the numbers of the rows of no shape between them."""

    def __init__(self) -> None:
        self.next = 1
        self.bad: list[BadRow] = []  # filled by the file's reader, ahead of the good rows
        self._given = 0

    @property
    def bad_seen(self) -> int:
        return self._given + len(self.bad)

    def take(self, count: int) -> tuple[int, Int64 | None, list[BadRow]]:
        """Number ``count`` good rows; return the bad rows that stand before, among, right after."""
        first, end, among = self.next, self.next + count, 0
        while among < len(self.bad) and self.bad[among].row <= end:
            end += 1
            among += 1
        bad = self.bad[:among]
        del self.bad[:among]
        self._given += among
        self.next = end
        if not bad:
            return first, None, bad
        inside = np.array([row.row - first for row in bad], np.int64)
        rows = np.delete(np.arange(first, end, dtype=np.int64), inside)
        return int(rows[0]) if count else first, rows, bad

    def rest(self) -> list[BadRow]:
        return self.bad


def _without(
    raw: RawBatch, record: pa.RecordBatch, kept: Bool, refused: list[tuple[int, str]]
) -> RawBatch:
    """Set the rows aside that the mapping could not read."""
    rows = raw.row_numbers()
    contents = content_of(record, [at for at, _ in refused])
    raw.bad += [
        BadRow(int(rows[at]), reason, content)
        for (at, reason), content in zip(refused, contents, strict=True)
    ]
    raw.bad.sort(key=lambda row: row.row)
    raw.record = raw.record.filter(pa.array(kept))
    raw.rows = rows[kept]
    return raw


def _resized(records: Iterator[pa.RecordBatch], batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Cut large batches into slices and join small ones, so that a batch costs what it should."""
    small: list[pa.RecordBatch] = []
    waiting = 0
    for record in records:
        if small and waiting + record.num_rows > batch_rows:
            yield _joined(small)
            small, waiting = [], 0
        if record.num_rows * 4 >= batch_rows or not (record.num_rows or small):
            if small:
                yield _joined(small)
                small, waiting = [], 0
            yield from (
                record.slice(start, batch_rows)
                for start in range(0, max(record.num_rows, 1), batch_rows)
            )
        elif record.num_rows:
            small.append(record)
            waiting += record.num_rows
    if small:
        yield _joined(small)


def _joined(records: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(records) == 1:
        return records[0]
    return pa.Table.from_batches(records).combine_chunks().to_batches()[0]


def metadata_text(schema: pa.Schema, key: str) -> str | None:
    """Return what a schema's metadata has under a key, None for nothing or a blank."""
    found = (schema.metadata or {}).get(key.encode())
    return None if found is None else found.decode("utf-8", "replace").strip() or None
