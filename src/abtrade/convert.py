"""Convert an order log: Parquet, Arrow IPC and CSV into each other, sorted where asked.

Nothing is lost: every column, known or not, and every row, bad ones too. Rows that are no rows of
their file's table, such as a line of CSV with a field too many, are kept as text in a column
``unreadable``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from .convert_check import Checksum, check_written
from .convert_keys import Records, RowKeys, positions_by_lane
from .convert_shape import Shape
from .errors import InputError, OutputError, problems_error
from .external_sort import ExternalSort
from .log_writers import format_of, open_writer
from .readers.index import LogIndex, build_index, last_row
from .readers.mapping import load_mapping
from .readers.merge import ROOM_ROWS, Merge
from .readers.raw import Source
from .readers.sources import expand, open_source
from .readers.stream import Chunk, Stream

Progress = Callable[[int, "int | None"], None]
"""Told the rows done and, where known, the rows in all."""

SORT_READ_ROWS = 32_768
GROUP_SHARE = 4
"""What waits to be written takes one part in so many of the memory."""


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What a conversion did."""

    rows: int
    files: int  # read
    seconds: float
    bytes: int  # written


def convert(
    inputs: Any,
    output: str | Path,
    *,
    sort: bool = False,
    mapping: str | Path | None = None,
    format: str | None = None,
    compression: str | None = None,
    memory_mb: int = 512,
    day: date | str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> ConvertReport:
    """Write the rows of one log, from one file or several, to another file.

    inputs : a file, folder or glob, or a list of such; several are merged by exchange, channel, seq
    sort : bring the rows of each exchange and channel into order; without, they keep theirs
    mapping : a mapping file, for other column names and codes
    format, compression : of the output, else as its name says
    memory_mb : what a sort may take, about
    day : the trading day, kept with the file
    force : replace an output that exists

    Raises InputError where an input cannot be read or is not sorted and several are to be merged,
    OutputError where the output cannot be written; then nothing is left of it.
    """
    started = time.perf_counter()
    output = Path(output)
    form, packed = format_of(output, format, compression)
    paths = expand([inputs] if isinstance(inputs, str | Path) else list(inputs))
    _check_place(output, paths, force=force)
    sources = _open(paths, mapping)
    told_day = _day(sources, day)
    shape = Shape(sources, as_text=form == "csv", day=told_day, mapped=mapping is not None)
    with _place_for(output) as place:
        job = _Job(sources, shape, sort, memory_mb << 20, place.parent)
        checksum = Checksum(shape.schema)
        write = partial(open_writer, place, form, packed, shape.schema, job.memory // GROUP_SHARE)
        rows = _write(job, write, checksum, progress)
        check_written(place, output, rows, checksum)
        size = place.stat().st_size
    return ConvertReport(rows, len(sources), time.perf_counter() - started, size)
