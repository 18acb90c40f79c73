"""Convert an order log: Parquet, Arrow IPC and CSV into each other, sorted where asked.

Nothing is lost: every column, known or not, and every row, bad ones too. Rows that are no rows of
their file's table, such as a line of CSV with a field too many, are kept as text in a column
``unreadable``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa

from .convert_check import Checksum, check_written
from .convert_days import DayFiles, DayRows, DaySplit
from .convert_keys import Records, RowKeys, positions_by_lane
from .convert_place import check_place, place_for
from .convert_schema import UNREADABLE, told_sight
from .convert_shape import Shape
from .errors import OutputError, problems_error
from .external_sort import ExternalSort
from .log_writers import Writer, check_types, format_of, open_writer
from .readers.day import told_day
from .readers.foreign import CANONICAL, Stated, stated_log
from .readers.index import build_index, last_row
from .readers.kinds import check_stated, foreign_hints, open_sources
from .readers.mapping import load_mapping
from .readers.merge import Merge, rows_at_once
from .readers.raw import Source
from .readers.sources import expand
from .readers.stream import Chunk, Stream
from .sinks.folder import check_out, whole_folder

Progress = Callable[[int, "int | None"], None]
"""Told the rows done and, where known, the rows in all."""

LEAST_ROOM_ROWS: Final = 1 << 16
SORT_READ_ROWS: Final = 32_768
ROW_BYTES: Final = 256
"""What a row takes that a merge holds, rather more than less."""

SPLIT_SHARE: Final = 16
GROUP_SHARE: Final = 4
"""What waits to be written takes one part in so many of the memory."""


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What a conversion did."""

    rows: int
    files: int  # read
    seconds: float
    bytes: int  # written
    unreadable: int  # rows kept as text in the column ``unreadable``
    days: tuple[DayRows, ...] = ()  # the files, where there is one a trading day
    untold: int = 0  # rows that tell no trading day, and went with the row before
    lost: str | None = None  # what the log shows, where the output has no place to say it


def convert(
    inputs: Any,
    output: str | Path,
    *,
    sort: bool = False,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
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
    source : the kind of a foreign log, of which canonical rows are to be made; none: columns stay
    account_field, account : of a foreign log, as for a scan
    format, compression : of the output, else as its name says
    memory_mb : what a sort may take, about
    day : the trading day, kept with the file
    force : replace an output that exists

    Raises InputError where an input cannot be read or is not sorted and several are to be merged,
    OutputError where the output cannot be written; then nothing is left of it.
    """
    started = time.perf_counter()
    output, memory = Path(output), memory_mb << 20
    form, packed = format_of(output, format, compression)
    paths = expand([inputs] if isinstance(inputs, str | Path) else list(inputs))
    check_place(output, paths, force=force)
    stated = stated_log(source or CANONICAL, account_field, account, day)
    sources = _open(paths, mapping, stated, in_order=sort or len(paths) > 1)
    told = told_day(sources, day, read_column=day is not None)
    shape = Shape(
        sources,
        as_text=form == "csv",
        day=told[0].isoformat() if told else None,
        mapped=mapping is not None,
    )
    check_types(shape.schema, form, output)
    with place_for(output) as place:
        counter = _Counter(sources, progress, passes=3 if sort else 2)  # the last one checks
        read, written, found = (Checksum(shape.schema, as_text=form == "csv") for _ in range(3))
        records = _records(sources, shape, sort, memory, place.parent, counter, read)
        writer = open_writer(place, form, packed, shape.schema, memory // GROUP_SHARE)
        unreadable = _write(records, shape, writer, written, counter)
        moved = sort or len(sources) > 1
        check_written(place, output, read if moved else None, written, found, counter.add)
        size = place.stat().st_size
    seconds = time.perf_counter() - started
    report = ConvertReport(written.rows, len(sources), seconds, size, unreadable)
    return replace(report, lost=_unsayable(sources)) if form == "csv" else report


def _unsayable(sources: Sequence[Source]) -> str | None:
    """Return what the log is said to show, which a CSV file has no place for."""
    told = told_sight(sources)
    return ", ".join(f"{key.decode()}: {word.decode()}" for key, word in told.items()) or None


def split_days(
    inputs: Any,
    folder: str | Path,
    *,
    sort: bool = False,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
    calendar: Any = None,
    format: str = "parquet",
    memory_mb: int = 512,
    progress: Progress | None = None,
) -> ConvertReport:
    """Write the rows of a log into a new folder, a file for each trading day, named by it.

    A row's day is what its column ``day`` says, else its time by the calendar. The options are
    those of ``convert``; ``calendar`` is a table over the shipped one.

    Raises as ``convert`` does; then there is no folder.
    """
    started = time.perf_counter()
    folder, memory, as_text = Path(folder), memory_mb << 20, format == "csv"
    form, packed = format_of(Path(f"day.{format}"), format, None)
    paths = expand([inputs] if isinstance(inputs, str | Path) else list(inputs))
    stated = stated_log(source or CANONICAL, account_field, account, None, calendar)
    check_out(folder)
    sources = _open(paths, mapping, stated, in_order=sort or len(paths) > 1)
    shape = Shape(sources, as_text=as_text, day=None, mapped=mapping is not None)
    check_types(shape.schema, form, folder)
    counter = _Counter(sources, progress, passes=3 if sort else 2)
    read, whole = (Checksum(shape.schema, as_text=as_text) for _ in range(2))
    split = DaySplit(stated.calendar)
    with whole_folder(folder) as place, TemporaryDirectory() as scratch:
        records = _records(sources, shape, sort, memory, Path(scratch), counter, read)
        files = DayFiles(
            place,
            f".{format}",
            lambda path, schema: open_writer(path, form, packed, schema, memory // SPLIT_SHARE),
            shape.schema,
            as_text=as_text,
        )
        unreadable = files.write_all(split.parts(_summed(records, shape, whole, counter)))
        days = files.check(folder, whole, counter.add)
        if (sort or len(sources) > 1) and (read.rows, read.whole) != (whole.rows, whole.whole):
            raise OutputError(f"{folder}: the rows written are not those that were read")
        size = sum(path.stat().st_size for path in place.iterdir())
    seconds = time.perf_counter() - started
    return ConvertReport(whole.rows, len(sources), seconds, size, unreadable, days, split.untold)


def _summed(
    records: Iterator[pa.RecordBatch], shape: Shape, whole: Checksum, counter: _Counter
) -> Iterator[pa.RecordBatch]:
    """Yield rows that have travelled as they are written; add them to ``whole``."""
    for record in records:
        if record.num_rows:
            finished = shape.finish(record)
            whole.add(finished)
            counter.add(finished.num_rows)
            yield finished


def _open(
    paths: Sequence[Path], mapping: str | Path | None, stated: Stated, *, in_order: bool
) -> list[Source]:
    """Return the inputs, opened; raise InputError with every problem of any of them."""
    rule = load_mapping(mapping) if mapping is not None else None
    check_stated(stated)
    problems: list[str] = []
    sources = open_sources(paths, rule, stated, problems)
    problems += [
        f"{source.path}: column 'seq' is missing, and without it rows have no order to be brought "
        "into"
        for source in sources
        if in_order and "seq" not in source.columns
    ]
    if problems:
        hints = foreign_hints(paths) if rule is None and stated.source == CANONICAL else []
        raise problems_error([*problems, *hints])
    return sources


def _records(
    sources: Sequence[Source],
    shape: Shape,
    sort: bool,
    memory: int,
    folder: Path,
    counter: _Counter,
    read: Checksum,
) -> Iterator[pa.RecordBatch]:
    """Return the rows as they travel; those that change places are added to ``read`` before."""
    if sort:
        sorter = ExternalSort(shape.travelling, folder, memory)
        return _sorted(sources, shape, sorter, counter, read)
    if len(sources) > 1:
        return _merged(sources, shape, max(LEAST_ROOM_ROWS, memory // ROW_BYTES), read)
    return (shape.batch(raw) for raw in sources[0].read())


def _sorted(
    sources: Sequence[Source],
    shape: Shape,
    sorter: ExternalSort,
    counter: _Counter,
    read: Checksum,
) -> Iterator[pa.RecordBatch]:
    reader = RowKeys()
    for source in sources:
        for raw in source.read(None, SORT_READ_ROWS):
            record = shape.batch(raw)
            read.add(shape.finish(record))
            sorter.add(record, reader.read(raw), reader.exchanges)
            counter.add(record.num_rows)
    yield from sorter.sorted(reader.exchanges)


def _merged(
    sources: Sequence[Source], shape: Shape, room: int, read: Checksum
) -> Iterator[pa.RecordBatch]:
    known = RowKeys()
    index = build_index(sources, known)
    numbers = {lane: number for number, lane in enumerate(index.lanes)}

    def chunks(source: Source) -> Iterator[Chunk[Records]]:
        reader = RowKeys()
        for raw in source.read(None, rows_at_once(room, len(sources))):
            keys = reader.read(raw)
            lanes = [
                (numbers[reader.exchanges[exchange], channel], at)
                for (exchange, channel), at in positions_by_lane(keys)
            ]
            rows, order = raw.with_bad()
            record = shape.batch(raw)
            read.add(shape.finish(record))
            yield Chunk(Records(record), lanes, keys.seq, keys.ts, rows[order], last_row(raw))

    streams = [
        Stream(str(source.path), lanes, partial(chunks, source))
        for source, lanes in zip(sources, index.files, strict=True)
    ]
    for records in Merge(streams, index.lanes, room):
        yield records.record
    if read.rows != known.rows:  # a file that was not read to its end
        raise OutputError(f"{known.rows} rows were to be merged, and {read.rows} were read")


def _write(
    records: Iterator[pa.RecordBatch],
    shape: Shape,
    writer: Writer,
    checksum: Checksum,
    counter: _Counter,
) -> int:
    """Write all rows and end the file; return how many of them could not be read."""
    unreadable = 0
    try:
        for record in records:
            if record.num_rows:
                finished = shape.finish(record)
                checksum.add(finished)
                writer.write(finished)
                counter.add(finished.num_rows)
                if UNREADABLE in finished.schema.names:
                    kept = finished.column(UNREADABLE)
                    unreadable += len(kept) - kept.null_count
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return unreadable


class _Counter:
    """Tells the caller how far a conversion is, over all its passes."""

    def __init__(self, sources: Sequence[Source], progress: Progress | None, passes: int) -> None:
        counts = [source.rows for source in sources]
        self._total = None if None in counts else sum(count or 0 for count in counts)
        self._progress = progress
        self._passes = passes
        self._done = 0

    def add(self, rows: int) -> None:
        self._done += rows
        if self._progress is not None:
            self._progress(self._done // self._passes, self._total)
