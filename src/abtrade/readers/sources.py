"""Sources by name: which files a command line means, and what each of them is by its content."""

from __future__ import annotations

import codecs
import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from ..errors import InputError, problems_error
from .foreign import Glimpse
from .mapping import Mapping
from .raw import UNREADABLE, BadRow, RawBatch, Source, said
from .textblocks import EITHER

SUFFIXES: Final = (
    *(".parquet", ".arrow", ".feather", ".ipc", ".csv", ".csv.gz", ".csv.zst"),
    *(".fix", ".fix.gz", ".fix.zst", ".dbn", ".dbn.zst"),
)
"""How the files of a folder end that are logs."""

SNIFF_BYTES: Final = 65_536
SHORTEST_HEADER: Final = 40
"""Bytes; the names of the columns that every log has are longer."""

EXPECTED: Final = "expected a log in Parquet, Arrow IPC or CSV (plain, gz, zst)"

_CODECS: Final = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_OTHERS: Final = (
    (b"PK\x03\x04", "zip", "a zip file, perhaps an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "old_excel", "an old Excel workbook"),
    (b"%PDF", "pdf", "a PDF"),
    (b"BZh", "bzip2", "a bzip2 file"),
    (b"\xfd7zXZ", "xz", "an xz file"),
    (b"7z\xbc\xaf", "7z", "a 7z file"),
    (b"SQLite format 3", "sqlite", "an SQLite database"),
    (b"DUCK", "duckdb", "a DuckDB database"),
    (b"\xff\xfe", "utf16", "text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "utf16", "text in UTF-16: save it as UTF-8"),
)
"""How files begin that are no logs: the first bytes, a word for them, and a message's words."""


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """Return the files that paths, folders and patterns mean, each file once.

    Raises InputError with a line for each path that is nothing, or that holds no log.
    """
    found: dict[Path, Path] = {}
    problems = []
    for given in paths:
        try:
            for path in _expanded(given):
                found.setdefault(path.resolve(), path)
        except InputError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{given}: cannot be read: {error.strerror or error}")
    if problems:
        raise problems_error(problems)
    return list(found.values())


def open_source(path: str | Path, mapping: Mapping | None = None) -> Source:
    """Return the log file at ``path``; what it is, its content tells.

    Raises InputError where it is none, is cut off, or does not fit the mapping.
    """
    path = Path(path)
    try:
        head = _head(path)
        for magic, codec in _CODECS:
            if head.startswith(magic):
                return _csv(path, mapping, _inside(path, codec, SNIFF_BYTES), codec)
        return _plain(path, mapping, head)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or said(error)}") from error


def glimpse(path: str | Path) -> Glimpse:
    """Return a look into a file, whatever it holds.

    Raises InputError where it cannot be read.
    """
    path = Path(path)
    head, _ = beginning(path, SNIFF_BYTES)
    told = encoding_of(head)
    if told == "utf-8" and (table := _opened(path, told)) is not None:
        return Glimpse(path, head, told, table)
    table = _opened(path, EITHER)
    return Glimpse(path, head, told if table is None else "gb18030", table)


def _opened(path: Path, encoding: str) -> Source | None:
    try:
        return open_source(path, Mapping(str(path), encoding=encoding))
    except InputError:
        return None


def as_table(look: Glimpse) -> Source:
    """Return a file that is a table with its text in UTF-8 or GB18030, whichever it is.

    The start of a file need not tell: it may be ASCII, and the first Chinese word come much later.
    """
    return open_source(look.path, Mapping(str(look.path), encoding=EITHER))


def beginning(path: str | Path, length: int) -> tuple[bytes, str | None]:
    """Return the first bytes of a file, decompressed, and its codec: gzip, zstd, None for plain.

    Raises InputError where it cannot be read.
    """
    path = Path(path)
    try:
        head = _head(path)
        for magic, codec in _CODECS:
            if head.startswith(magic):
                return _inside(path, codec, length), codec
        if length > SNIFF_BYTES:
            with path.open("rb") as file:
                head = file.read(length)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or said(error)}") from error
    return head, None


def other_format(head: bytes) -> str | None:
    """Return the word for a file of a well-known form that is no log, by how it begins."""
    return next((word for magic, word, _ in _OTHERS if head.startswith(magic)), None)


def encoding_of(head: bytes) -> str:
    """Return the encoding of text that starts so, and may be cut off within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _expanded(given: str | Path) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        inside = sorted(
            file
            for file in path.iterdir()
            if file.name.lower().endswith(SUFFIXES)
            and not file.name.startswith(".")
            and file.is_file()
        )
        if not inside:
            raise InputError(f"{given}: the folder holds no log (*{', *'.join(SUFFIXES)})")
        return inside
    if path.exists():
        return [path]
    if not glob.has_magic(str(given)):
        raise InputError(f"{given}: no such file or folder")
    # Path.glob wants a folder and a pattern apart, which a pattern's text does not tell.
    matches = sorted(glob.glob(str(given), recursive=True))  # noqa: PTH207
    files = [Path(match) for match in matches if Path(match).is_file()]
    if not files:
        raise InputError(f"{given}: no file fits the pattern")
    return files


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: found a folder, {EXPECTED}")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: found no regular file, {EXPECTED}")
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    if not head:
        raise InputError(f"{path}: the file is empty, {EXPECTED}")
    return head


def _plain(path: Path, mapping: Mapping | None, head: bytes) -> Source:
    from .ipc import FILE_MAGIC, STREAM_MAGIC, ArrowSource
    from .parquet import ParquetSource

    if head.startswith(b"PAR1"):
        return ParquetSource(path, mapping)
    if head.startswith((FILE_MAGIC, STREAM_MAGIC)):
        return ArrowSource(path, mapping)
    if head.startswith(b"PARE"):
        raise InputError(f"{path}: found an encrypted Parquet file, {EXPECTED}")
    try:
        return _csv(path, mapping, head, None)
    except InputError as error:
        if path.suffix.lower() != ".parquet":
            raise
        raise InputError(f"{path}: found no Parquet file, {EXPECTED}") from error


def _inside(path: Path, codec: str, length: int) -> bytes:
    try:
        with pa.input_stream(str(path), compression=codec) as stream:
            return bytes(stream.read(length))
    except UNREADABLE as error:
        raise InputError(
            f"{path}: found damaged or cut-off {codec} data, {EXPECTED}: {said(error)}"
        ) from error


def _csv(path: Path, mapping: Mapping | None, text: bytes, codec: str | None) -> Source:
    from .csv import CsvSource

    inside = f"{codec} data, and inside " if codec else ""
    if not text:
        raise InputError(f"{path}: found {inside}nothing, {EXPECTED}")
    if text.startswith((b"PAR1", b"ARROW1")):
        what = "Parquet" if text.startswith(b"PAR1") else "Arrow IPC"
        raise InputError(f"{path}: found {inside}{what}, {EXPECTED}")
    for start, _, what in _OTHERS:
        if text.startswith(start):
            raise InputError(f"{path}: found {inside}{what}, {EXPECTED}")
    if b"\x00" in text[:SHORTEST_HEADER] + text.partition(b"\n")[0]:
        raise InputError(f"{path}: found {inside}binary data of no known kind, {EXPECTED}")
    return CsvSource(path, mapping, codec)


__all__ = ["BadRow", "RawBatch", "Source", "as_table", "expand", "glimpse", "open_source"]
