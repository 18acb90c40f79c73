"""CSV logs, plain or compressed: every cell read as the text that stands there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from .. import schema
from ..errors import InputError
from .ahead import ahead
from .fingerprint import ends_hash
from .mapping import Mapping
from .raw import UNREADABLE, BadRow, DecodedSource, said
from .textblocks import header_of, native, text_blocks, unreadable_line

_DECODED_AS: Final = {"utf-8": "utf-8-sig"}
"""As Excel saves it, UTF-8 starts with a mark that is no part of the first name."""


class CsvSource(DecodedSource):
    """A CSV file; ``codec`` is gzip or zstd, None where it is plain."""

    format: ClassVar[str] = "csv"

    def __init__(self, path: Path, mapping: Mapping | None, codec: str | None) -> None:
        self._codec = codec
        self._encoding = mapping.encoding if mapping else "utf-8"
        self._delimiter = mapping.delimiter if mapping else ","
        header = self._header(path)
        _check_header(header, path)
        named = (*mapping.columns, *mapping.optional) if mapping else ()
        self._one_line = {*schema.LOG_COLUMNS, *named}
        self._fields = len(header)
        columns = pa.schema([(name, pa.string()) for name in header])
        super().__init__(path, columns, mapping, None)

    def fingerprint(self) -> str:
        """Return a hash of the file's first and last 64 KiB, as they are on disk."""
        return ends_hash(self.path)

    def _not_in(self, path: Path, error: BaseException) -> str:
        hint = "the mapping file should name another"
        if self._encoding == "utf-8":
            hint = "a mapping file can name another for a canonical log (`encoding: gbk`)"
        encoding = _DECODED_AS.get(self._encoding, self._encoding)
        line = unreadable_line(path, self._codec, encoding)
        where = f"{path}: line {line:,}" if line else str(path)
        return f"{where}: expected text in {self._encoding}, {hint}: {said(error)}"

    def _header(self, path: Path) -> list[str]:
        try:
            with closing(self._blocks(path)) as blocks:
                text = header_of(next(blocks, b""), self._delimiter)
            with self._parsed(text, csv.ConvertOptions(), lambda _: "skip") as reader:
                return list(reader.schema.names)
        except UnicodeDecodeError as error:
            raise InputError(self._not_in(path, error)) from error
        except UNREADABLE as error:
            raise InputError(f"{path}: expected CSV with a header: {said(error)}") from error

    def _records(
        self, names: list[str], batch_rows: int, bad: list[BadRow], parallel: bool
    ) -> Iterator[pa.RecordBatch]:
        options = csv.ConvertOptions(
            include_columns=names,
            column_types={name: pa.string() for name in names},
            strings_can_be_null=True,
            null_values=[""],
        )

        open_quotes: list[tuple[int, int]] = []  # row, lines that it goes over
        refused: list[int] = []

        good = rows = 0  # rows: in the blocks before, good and bad

        def set_aside(row: Any) -> str:
            number = rows + row.number - 1  # the header is row 1
            if lines := row.text.count("\n"):
                open_quotes.append((number, lines + 1))
            bad.append(_bad_row(row, number))
            refused.append(number)
            return "skip"

        blocks = self._blocks(self.path)
        try:
            with closing(ahead(blocks) if parallel else blocks) as texts:
                header = b""
                for text in texts:
                    whole = header + text
                    with self._parsed(whole, options, set_aside) as reader:
                        for record in reader:
                            if found := self._broken_cell(record):
                                row = _row_number(good + found[0], refused)
                                open_quotes.append((row, found[1]))
                            if open_quotes:
                                raise InputError(_open_quote(self.path, *min(open_quotes)))
                            good += record.num_rows
                            yield record
                    header = header or header_of(text, self._delimiter)
                    rows = good + len(refused)
            if open_quotes:
                raise InputError(_open_quote(self.path, *min(open_quotes)))
        except UnicodeDecodeError as error:
            raise InputError(self._not_in(self.path, error)) from error

    def _broken_cell(self, record: pa.RecordBatch) -> tuple[int, int] | None:
        """Return the first row with a cell that has swallowed others, and the lines it goes over.

        A name may hold a line break; one with as many delimiters as a row besides is no name: a
        quote is not closed.
        """
        found = []
        for name in self._one_line.intersection(record.schema.names):
            column = record.column(name)
            breaks = pc.match_substring(column, "\n")
            if not pc.any(breaks).as_py():
                continue
            for row in pc.indices_nonzero(breaks).to_pylist():
                cell = column[row].as_py()
                if cell.count(self._delimiter) >= self._fields - 1:
                    found.append((row, cell.count("\n") + 1))
                    break
        return min(found, default=None)

    def _blocks(self, path: Path) -> Generator[bytes, None, None]:
        encoding = _DECODED_AS.get(self._encoding, self._encoding)
        return text_blocks(path, self._codec, encoding, self._delimiter)

    def _parsed(
        self, text: bytes, convert: csv.ConvertOptions, on_invalid: Callable[[Any], str]
    ) -> Any:
        """Return a reader of rows behind their header."""
        return csv.open_csv(
            native(text),
            # One thread, for only then are rows of no shape numbered.
            csv.ReadOptions(use_threads=False, block_size=len(text) + 1),
            csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                invalid_row_handler=on_invalid,
            ),
            convert,
        )


def _row_number(good: int, refused: list[int]) -> int:
    """Return the data row, from 1, of the good row with so many good ones before it."""
    number = good + 1
    for row in sorted(refused):
        number += row <= number
    return number


def _open_quote(path: Path, row: int, lines: int) -> str:
    return (
        f"{path}: row {row}: goes over {lines} lines within a quoted cell, expected one; a quote "
        "is not closed, or stands where none belongs"
    )


def _bad_row(row: Any, number: int) -> BadRow:
    return BadRow(
        number,
        f"found {row.actual_columns} fields, expected {row.expected_columns}",
        json.dumps({"line": row.text}, ensure_ascii=False),
    )


def _check_header(header: list[str], path: Path) -> None:
    twice = [repr(name) for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise InputError(f"{path}: the header has {', '.join(twice)} more than once")
