"""Samples: the beginning of a file, to be read in its stead."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import ClassVar, Final

import pyarrow as pa

from ..readers.foreign import Glimpse
from ..readers.raw import BATCH_ROWS, RawBatch, Source
from ..readers.sources import beginning

SAMPLE_ROWS: Final = 10_000
"""Rows of a file after which reading stops, at the end of the batch."""
SAMPLE_BYTES: Final = 4 << 20
"""Of text, decompressed: no more is looked at."""

_ROWS_A_BATCH: Final = 2_000
_DBN: Final = b"DBN"
_DBN_PREFIX: Final = 8  # DBN, a version, the length of what follows


class Sample(Source):
    """The first rows of a source; ``rows_read`` and ``is_whole`` tell of the last reading.

    ``without`` hides columns.
    """

    format: ClassVar[str] = "sample"

    def __init__(self, whole: Source, without: Collection[str] = ()) -> None:
        self.path = whole.path
        self.rows = whole.rows
        self.day = whole.day
        self.day_from = whole.day_from
        self.visibility = whole.visibility
        self.one_broker = whole.one_broker
        self.notes = whole.notes
        self.form = whole.form
        self.file_rows = whole.file_rows
        self.columns = tuple(name for name in whole.columns if name not in without)
        self.schema = pa.schema([field for field in whole.schema if field.name not in without])
        self.left_out = whole.left_out
        self.rows_read = 0
        self.is_whole = False
        self._whole = whole

    def fingerprint(self) -> str:
        """Return that of the whole."""
        return self._whole.fingerprint()

    def read(
        self,
        columns: Collection[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        *,
        parallel: bool = True,
    ) -> Iterator[RawBatch]:
        """Yield whole batches until there are ``SAMPLE_ROWS`` rows."""
        wanted = [name for name in self.columns if columns is None or name in columns]
        self.rows_read, self.is_whole = 0, False
        for raw in self._whole.read(wanted, min(batch_rows, _ROWS_A_BATCH), parallel=False):
            self.rows_read += raw.record.num_rows + len(raw.bad)
            yield raw
            if self.rows_read >= SAMPLE_ROWS:
                return
        self.is_whole = True


def cut_copy(look: Glimpse, folder: Path) -> Path | None:
    """Write the beginning of a file into a folder, None where it is no longer than a sample.

    Readers of foreign logs read their files whole: they are given this one.
    """
    table = look.table
    if table is not None and table.format in ("parquet", "arrow"):
        return _cut_table(table, folder)
    data, _ = beginning(look.path, SAMPLE_BYTES + 1)
    kept = (_dbn_records(data) if data.startswith(_DBN) else _whole_lines(data)) or SAMPLE_BYTES
    if kept == len(data):
        return None
    copy = folder / look.path.name
    copy.write_bytes(data[:kept])
    return copy


def _cut_table(table: Source, folder: Path) -> Path | None:
    import pyarrow.parquet as pq

    sample = Sample(table)
    records = [raw.record for raw in sample.read()]
    if sample.is_whole:
        return None
    copy = folder / table.path.name
    pq.write_table(pa.Table.from_batches(records), copy)
    return copy


def _whole_lines(data: bytes) -> int:
    """Return how many bytes are a sample of whole lines, a quoted cell not cut."""
    end = -1
    for _ in range(SAMPLE_ROWS + 1):
        found = data.find(b"\n", end + 1)
        if found < 0:
            break
        end = found
    else:
        return _outside_quotes(data, end)
    return len(data) if len(data) <= SAMPLE_BYTES else _outside_quotes(data, end)


def _outside_quotes(data: bytes, end: int) -> int:
    """Return the end of the last line, up to ``end``, with no quote left open; else ``end``."""
    at = end
    quotes = data.count(b'"', 0, end)
    while quotes % 2 and at > 0:
        before = data.rfind(b"\n", 0, at)
        quotes -= data.count(b'"', before + 1, at)
        at = before
    return (at if at > 0 else end) + 1


def _dbn_records(data: bytes) -> int:
    """Return how many bytes of a DBN file are a sample of whole records."""
    if len(data) <= SAMPLE_BYTES:
        return len(data)
    start = at = _DBN_PREFIX + int.from_bytes(data[4:_DBN_PREFIX], "little")
    while at < len(data) and (length := data[at] * 4) and at + length <= SAMPLE_BYTES:
        at += length
    return max(at, start)
