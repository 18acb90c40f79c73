"""Files of books, of the format that their ending says: Parquet, Arrow, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from ..convert_place import check_place, place_for
from ..errors import OutputError
from ..log_writers import ENDINGS, format_of, open_writer
from ..safe_text import for_csv, for_json, for_terminal
from ..wording import iso_time

JSON_LINES: Final = ".jsonl"
GROUP_BYTES: Final = 64 << 20
"""Memory that waits to be written at once."""


def check_output(path: Path, inputs: Sequence[Path], *, force: bool) -> None:
    """Raise OutputError where a file could not be written, or its name tells no format."""
    shown = for_terminal(str(path))
    if not path.name.lower().endswith((JSON_LINES, *ENDINGS)):
        endings = ", ".join((*ENDINGS, JSON_LINES))
        raise OutputError(f"{shown}: the name does not tell the format, expected {endings}")
    check_place(path, inputs, force=force)


def write_file(path: Path, schema: pa.Schema, records: Iterable[pa.RecordBatch]) -> int:
    """Write books to a file that is there whole or not at all; return how many rows it has.

    Raises OutputError, and whatever the records raise.
    """
    rows = 0
    with place_for(path) as place:
        if path.name.lower().endswith(JSON_LINES):
            with place.open("wb") as file:
                for record in records:
                    write_json(record, file)
                    rows += record.num_rows
            return rows
        form, compression = format_of(path, None, None)
        writer = open_writer(place, form, compression, schema, GROUP_BYTES)
        try:
            for record in records:
                writer.write(guarded_names(record) if form == "csv" else record)
                rows += record.num_rows
            writer.close()
        except BaseException:
            writer.abandon()
            raise
    return rows


class CsvStream:
    """Books as CSV on a stream of bytes; the header is written with the first, or at the end."""

    def __init__(self, schema: pa.Schema, file: IO[bytes]) -> None:
        kinds = [_csv_type(field.type) for field in schema]
        self._schema = pa.schema(list(zip(schema.names, kinds, strict=True)))
        self._file = file
        self._writer: Any = None

    def write(self, record: pa.RecordBatch) -> None:
        """Write rows."""
        named = guarded_names(record)
        columns = [
            column.cast(field.type)
            for column, field in zip(named.columns, self._schema, strict=True)
        ]
        self._begun().write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """End the text; it has a header even where there was no book."""
        self._begun().close()

    def _begun(self) -> Any:
        from pyarrow import csv

        if self._writer is None:
            self._writer = csv.CSVWriter(self._file, self._schema)
        return self._writer


def write_json(record: pa.RecordBatch, file: IO[bytes]) -> None:
    """Write books as JSON lines, times as ISO 8601 texts."""
    at = record.schema.get_field_index("ts")
    plain = record.set_column(at, "ts", record.column(at).cast(pa.int64()))
    for row in plain.to_pylist():
        row["ts"] = iso_time(row["ts"])
        file.write((for_json(row) + "\n").encode())


def guarded_names(record: pa.RecordBatch) -> pa.RecordBatch:
    """Return books whose names no spreadsheet takes for formulas."""
    for name in ("exchange", "contract"):
        at = record.schema.get_field_index(name)
        column = record.column(at)
        told = pa.array([for_csv(text) for text in column.dictionary.to_pylist()], pa.string())
        guarded = pa.DictionaryArray.from_arrays(column.indices, told)
        record = record.set_column(at, record.schema.field(at), guarded)
    return record


def _csv_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
