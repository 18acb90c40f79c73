"""One file: how it is written, how long it is, and what it seems to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from .. import schema
from ..errors import InputError
from ..readers.foreign import CANONICAL, Glimpse, Kind, Part, Stated
from ..readers.kinds import recognised
from ..readers.mapping import Mapping, load_mapping
from ..readers.raw import UNREADABLE, Source
from ..readers.shipped import mappings
from ..readers.sources import beginning, encoding_of, glimpse, open_source, other_format
from .cells import Cells, first_cells
from .found import ColumnUse, FileFound
from .moments import are_clocks, are_dates
from .others import SIDE_TABLES, file_is, table_is
from .proposal import Proposal, propose
from .sample import SAMPLE_BYTES

FEWEST_COLUMNS: Final = 3
"""A text of fewer is no table that could be a log."""
_DELIMITERS: Final = (",", "\t", "|", ";")
_LINES: Final = 20
_BINARY: Final = b"\x00"
_ARROW_FORMS: Final = (b"PAR1", b"ARROW1")


@dataclass(slots=True)
class Looked:
    """A file that was looked at, and what of it can be read as a log."""

    found: FileFound
    source: Source | None = None  # canonical, or under a mapping
    part: tuple[Kind, Part] | None = None  # of a foreign log
    proposal: Proposal | None = None
    shipped: str | None = None  # the name of a mapping that ships and fits


def look_at(path: Path, mapping: Mapping | None, stated: Stated) -> Looked:
    """Return what a file seems to be; with a mapping it is a table that the mapping fits.

    A file that cannot be read, or is not of the kind that is stated, has its ``problem`` said.
    """
    found = FileFound(path, "unreadable", size=_size(path))
    try:
        data, found.compression = beginning(path, SAMPLE_BYTES)
        look = glimpse(path)
    except InputError as error:
        found.what = "empty" if found.size == 0 else "unreadable"
        found.problem = str(error)
        return Looked(found)
    _describe(found, look, data)
    if mapping is not None:
        return _mapped(found, mapping)
    if set(schema.REQUIRED_COLUMNS) <= set(look.columns) or stated.source == CANONICAL:
        return _table(found, look, data)
    if table_is(look.columns) in SIDE_TABLES:
        return _known(found, look) or Looked(found)
    return _foreign(found, look, stated) or _known(found, look) or _table(found, look, data)


def _describe(found: FileFound, look: Glimpse, data: bytes) -> None:
    """Note how a file is written and how long it is."""
    form = look.table.format if look.table is not None else ""
    if form in ("parquet", "arrow"):
        found.form = form
        assert look.table is not None
        found.rows = _arrow_rows(look.path) if form == "arrow" else look.table.rows
        found.rows_exact = found.rows is not None
        return
    if data.startswith(_ARROW_FORMS):
        found.form = "parquet" if data.startswith(_ARROW_FORMS[0]) else "arrow"
        return
    if _BINARY in data or other_format(data) is not None:
        found.form = "binary"
        return
    found.form = "text"
    found.encoding = encoding_of(data)
    found.rows, found.rows_exact = _lines_of(found, data)


def _arrow_rows(path: Path) -> int | None:
    """Return the rows that an Arrow file's batches say they have; a stream has to be read."""
    try:
        with pa.memory_map(str(path)) as mapped:
            return int(pa.ipc.open_file(mapped).count_rows())
    except UNREADABLE:
        return None


def _lines_of(found: FileFound, data: bytes) -> tuple[int | None, bool]:
    """Return how many lines a text has, and whether that is exact."""
    lines = data.count(b"\n") or data.count(b"\r")
    if len(data) < SAMPLE_BYTES:
        return lines + (not data.endswith((b"\n", b"\r"))), b'"' not in data
    read = _read_of(found, len(data))
    return (round(lines * found.size / read), False) if read else (None, False)


def _read_of(found: FileFound, length: int) -> int:
    """Return how many bytes of the file on disk give so many bytes of text."""
    if found.compression is None:
        return length
    with pa.OSFile(str(found.path)) as raw, pa.CompressedInputStream(
        raw, found.compression
    ) as stream:
        stream.read(length)
        return int(raw.tell())


def _mapped(found: FileFound, mapping: Mapping) -> Looked:
    try:
        source = open_source(found.path, mapping)
    except InputError as error:
        found.problem = str(error)
        return Looked(found)
    found.what, found.form = "log", source.format
    if found.form == "csv":
        found.encoding = mapping.encoding
        _be_csv(found, mapping.delimiter)
    return Looked(found, source)


def _foreign(found: FileFound, look: Glimpse, stated: Stated) -> Looked | None:
    try:
        named = recognised(look, stated)
    except InputError as error:
        found.what, found.problem = "unknown", str(error)
        return Looked(found)
    if named is None:
        return None
    kind, part = named
    found.what, found.kind, found.title, found.part = "part", kind.name, kind.title, part.what
    if found.form == "text" and len(look.columns) > 1:
        _be_csv(found, ",")
    return Looked(found, part=named)


def _known(found: FileFound, look: Glimpse) -> Looked | None:
    """Return a file that is known to be no log."""
    what = table_is(look.columns)
    if what is not None and look.table is not None and look.table.format == "csv":
        _be_csv(found, ",")
    what = what or file_is(look)
    if what is None:
        return None
    found.what = what
    return Looked(found)


def _table(found: FileFound, look: Glimpse, data: bytes) -> Looked:
    """Return a table that is a log, or may become one by a mapping; else what cannot be told."""
    found.what = "unknown"
    encoding = found.encoding or "utf-8"
    lines = _first_lines(data, encoding) if found.form == "text" else []
    delimiter = _delimiter(lines)
    if lines and _has_no_header(lines[0].split(delimiter)):
        found.what, found.form, found.delimiter = "no_header", "csv", delimiter
        return Looked(found)
    plain = Mapping(str(look.path), encoding=encoding, delimiter=delimiter)
    try:
        source = open_source(look.path, plain)
        if len(source.columns) < FEWEST_COLUMNS:
            return Looked(found)
        cells = first_cells(source)
    except InputError as error:
        found.problem = str(error)
        return Looked(found)
    if found.form == "text":
        _be_csv(found, delimiter)
    if what := table_is(source.columns):
        found.what = what
        return Looked(found)
    proposal = propose(cells, encoding, delimiter)
    if not proposal.is_needed and set(schema.REQUIRED_COLUMNS) <= proposal.columns:
        found.what, found.columns = "log", proposal.uses
        return Looked(found, open_source(found.path))
    return _shipped(found, source) or _proposed(found, proposal)


def _shipped(found: FileFound, table: Source) -> Looked | None:
    """Return a table that a mapping that ships makes a log of, with nothing left to say."""
    for name in mappings():
        mapping = load_mapping(name)
        try:
            source = open_source(found.path, mapping)
            if not set(schema.REQUIRED_COLUMNS) <= set(source.columns):
                continue
            left = propose(first_cells(source))
        except InputError:
            continue
        if not (left.is_needed or left.unknown_words):
            found.what = "table"
            found.columns = _uses(mapping.fitted(table.columns), table.columns)
            return Looked(found, source, shipped=name)
    return None


def _uses(mapping: Mapping, columns: Iterable[str]) -> list[ColumnUse]:
    """Return what a mapping makes of each column."""
    known = {**dict.fromkeys(mapping.time.join, "ts"), **mapping.columns}
    own = {name: name for name in schema.LOG_COLUMNS}
    return [
        ColumnUse(name, known.get(name, own.get(name, "")),
                  "joined" if name in mapping.time.join else "")
        for name in columns
    ]  # fmt: skip


def _be_csv(found: FileFound, delimiter: str) -> None:
    """Take a text for CSV: a line of it is the header, and one row may take several lines."""
    found.form, found.delimiter = "csv", delimiter
    if found.rows is not None:
        found.rows = max(found.rows - 1, 0)


def _proposed(found: FileFound, proposal: Proposal) -> Looked:
    found.columns = proposal.uses
    found.what = "table"
    try:
        source: Source | None = open_source(found.path, proposal.mapping)
    except InputError as error:
        found.problem, source = str(error), None
    return Looked(found, source, proposal=proposal)


def _first_lines(data: bytes, encoding: str) -> list[str]:
    lines = data[: 1 << 16].decode(encoding, "replace").removeprefix("\ufeff").splitlines()
    return [line for line in lines if line.strip()][:_LINES]


def _delimiter(lines: list[str]) -> str:
    """Return the sign that parts the header into most cells, and the next lines into as many."""
    best = max(_DELIMITERS, key=lambda sign: _columns(lines, sign))
    return best if _columns(lines, best) else ","


def _columns(lines: list[str], sign: str) -> int:
    counts = [line.count(sign) for line in lines]
    alike = sum(count == counts[0] for count in counts) if counts else 0
    return counts[0] if alike * 2 > len(counts) else 0


def _has_no_header(names: list[str]) -> bool:
    """Whether what should name the columns are values."""
    values = sum(_is_value(name) for name in names)
    return len(names) >= FEWEST_COLUMNS and values * 2 >= len(names)


def _is_value(name: str) -> bool:
    text = name.strip()
    return Cells(pa.string(), (text,)).are_numbers() or are_dates([text]) or are_clocks([text])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
