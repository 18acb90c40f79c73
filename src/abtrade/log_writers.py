"""Writers of order logs: record batches of one schema into Parquet, Arrow IPC or CSV."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from .errors import InputError, problems_error

SHANGHAI: Final = pa.timestamp("ns", "Asia/Shanghai")
GROUP_ROWS: Final = 1 << 20
"""Rows of a Parquet row group."""

BATCH_ROWS: Final = 131_072
"""Rows of an Arrow record batch."""

COMPRESSIONS: Final = {
    "parquet": ("lz4", "zstd", "snappy", "gzip", "none"),
    "arrow": ("none", "lz4", "zstd"),
    "csv": ("none", "gzip", "zstd"),
}
"""What each format can be compressed with, the usual way first."""

ENDINGS: Final = {
    ".parquet": ("parquet", None),
    ".arrow": ("arrow", None),
    ".feather": ("arrow", None),
    ".ipc": ("arrow", None),
    ".csv": ("csv", None),
    ".csv.gz": ("csv", "gzip"),
    ".csv.zst": ("csv", "zstd"),
}
"""How a file's name ends, and the format and compression that says."""

DELTA: Final = "DELTA_BINARY_PACKED"
HIGH_DICTIONARY_BYTES: Final = 16 << 20
"""A Parquet column of names keeps its dictionary up to this size."""


def format_of(path: Path, form: str | None, compression: str | None) -> tuple[str, str]:
    """Return format and compression of an output, as its name says where nothing else does.

    Raises InputError where the name says nothing, or the two do not go together.
    """
    named, packed = next(
        (what for end, what in ENDINGS.items() if path.name.lower().endswith(end)), (None, None)
    )
    form = form or named
    if form is None:
        raise InputError(
            f"{path}: the name does not tell the format, expected an ending "
            f"{', '.join(ENDINGS)}"
        )
    if form not in COMPRESSIONS:
        raise InputError(f"format {form!r} is not known, expected {', '.join(COMPRESSIONS)}")
    compression = compression or (packed if form == named else None) or COMPRESSIONS[form][0]
    if compression not in COMPRESSIONS[form]:
        raise InputError(
            f"{form} is not compressed with {compression!r}, expected "
            f"{', '.join(COMPRESSIONS[form])}"
        )
    return form, compression


def open_writer(
    path: Path, form: str, compression: str, schema: pa.Schema, group_bytes: int
) -> Writer:
    """Return a writer of a new file; ``group_bytes`` bounds what waits to be written at once.

    ``schema`` is one that ``check_types`` lets pass.
    """
    writer: Writer = _WRITERS[form](path, compression, schema, group_bytes)
    return writer


class Writer(ABC):
    """Writes record batches to a file; what is too small to stand alone is gathered first."""

    group_rows: int

    def __init__(self, schema: pa.Schema, group_bytes: int) -> None:
        self._schema = schema
        self._group_bytes = group_bytes
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0

    def write(self, record: pa.RecordBatch) -> None:
        """Write rows, or keep them until there are enough."""
        while self._waiting_rows + record.num_rows >= self.group_rows:
            room = self.group_rows - self._waiting_rows
            self._keep(record.slice(0, room))
            self._flush()
            record = record.slice(room)
        if record.num_rows:
            self._keep(record)
            if self._waiting_bytes >= self._group_bytes:
                self._flush()

    def close(self) -> None:
        """Write what is left and end the file."""
        self._flush()
        self.end()

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        self._waiting.clear()
        with suppress(Exception):
            self.end()

    def _keep(self, record: pa.RecordBatch) -> None:
        self._waiting.append(record)
        self._waiting_rows += record.num_rows
        self._waiting_bytes += row_bytes(record) * record.num_rows

    def _flush(self) -> None:
        if self._waiting_rows:
            self.write_group(pa.Table.from_batches(self._waiting, self._schema))
            self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0

    @abstractmethod
    def write_group(self, table: pa.Table) -> None:
        """Write rows that stand together."""

    @abstractmethod
    def end(self) -> None:
        """End the file."""


class ParquetWriter(Writer):
    """Parquet in the encodings that decode fastest.

    Codes, names, prices and lots as a dictionary; seq, ts, ids and other integers as deltas.
    """

    group_rows = GROUP_ROWS

    def __init__(
        self, path: Path, compression: str, schema: pa.Schema, group_bytes: int
    ) -> None:
        import pyarrow.parquet as pq

        super().__init__(schema, group_bytes)
        deltas = [field.name for field in schema if _rises(field)]
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression=compression.upper(),
            use_dictionary=[field.name for field in schema if field.name not in deltas],
            column_encoding=dict.fromkeys(deltas, DELTA),
            dictionary_pagesize_limit=HIGH_DICTIONARY_BYTES,
            write_statistics=True,
            data_page_version="2.0",
            write_page_checksum=True,
        )

    def write_group(self, table: pa.Table) -> None:
        """Write one row group."""
        self._file.write_table(table, row_group_size=table.num_rows)

    def end(self) -> None:
        """Write the footer."""
        self._file.close()


class ArrowWriter(Writer):
    """An Arrow IPC file; the dictionaries of later batches add to those of earlier ones."""

    group_rows = BATCH_ROWS

    def __init__(
        self, path: Path, compression: str, schema: pa.Schema, group_bytes: int
    ) -> None:
        super().__init__(schema, group_bytes)
        codec = None if compression == "none" else compression
        options = pa.ipc.IpcWriteOptions(compression=codec, emit_dictionary_deltas=True)
        self._sink = pa.OSFile(str(path), "wb")
        self._file = pa.ipc.new_file(self._sink, schema, options=options)

    def write_group(self, table: pa.Table) -> None:
        """Write one record batch."""
        self._file.write_batch(joined(table))

    def end(self) -> None:
        """Write the footer."""
        self._file.close()
        self._sink.close()


class CsvWriter(Writer):
    """CSV in UTF-8: times with nine digits and their zone, nulls as nothing."""

    group_rows = BATCH_ROWS

    def __init__(
        self, path: Path, compression: str, schema: pa.Schema, group_bytes: int
    ) -> None:
        from pyarrow import csv

        super().__init__(schema, group_bytes)
        self._written = pa.schema([(field.name, _csv_type(field)) for field in schema])
        codec = None if compression == "none" else compression
        self._sink = pa.output_stream(str(path), compression=codec)
        self._file = csv.CSVWriter(self._sink, self._written)

    def write_group(self, table: pa.Table) -> None:
        """Write rows."""
        self._file.write_table(pa.table([_csv_column(column, field.type) for column, field in
                                         zip(table.columns, self._written, strict=True)],
                                        schema=self._written))

    def end(self) -> None:
        """End the file."""
        self._file.close()
        self._sink.close()


_WRITERS: Final[dict[str, Any]] = {
    "parquet": ParquetWriter,
    "arrow": ArrowWriter,
    "csv": CsvWriter,
}


def joined(table: pa.Table) -> pa.RecordBatch:
    """Return a table, of one row or more, as one record batch."""
    return table.combine_chunks().to_batches()[0]


def row_bytes(record: pa.RecordBatch) -> int:
    """Return about how many bytes a row takes; dictionaries, which rows share, are left out."""
    columns: Sequence[pa.Array] = [
        column.indices if pa.types.is_dictionary(column.type) else column
        for column in record.columns
    ]
    total = sum(int(column.nbytes) for column in columns)
    return max(1, total // max(1, int(record.num_rows)))


def _rises(field: pa.Field) -> bool:
    """Whether a column's cells mostly follow one another: then their differences are small."""
    if field.name in ("price", "lots", "channel"):
        return False
    kind = field.type
    wide = pa.types.is_integer(kind) and kind.bit_width >= 32
    return bool(wide or pa.types.is_timestamp(kind))


def check_types(schema: pa.Schema, form: str, path: Path) -> None:
    """Raise InputError with each column that the format of an output, ``path``, cannot hold."""
    if form != "csv":
        return
    problems = [
        f"column {field.name!r} is {field.type}, and CSV holds text and numbers"
        for field in schema
        if pa.types.is_nested(field.type) or _is_bytes(field.type)
    ]
    if "price" in schema.names and pa.types.is_integer(schema.field("price").type):
        problems.append("column 'price' counts ticks, which CSV would turn into prices")
    if problems:
        raise problems_error([f"{path}: {problem}" for problem in problems])


def _is_bytes(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    )


def _csv_type(field: pa.Field) -> pa.DataType:
    if pa.types.is_dictionary(field.type):
        return field.type.value_type
    if field.name == "ts" and pa.types.is_timestamp(field.type):
        return SHANGHAI
    if pa.types.is_timestamp(field.type):
        return pa.timestamp("ns", field.type.tz)
    return field.type


def csv_cells(array: pa.Array, field: pa.Field) -> pa.Array:
    """Return the cells of a column as CSV has them: text, null where there is nothing.

    ``field`` is what the column was before it was written; what was read again is text already.
    """
    return _csv_column(array, pa.string() if array.type != field.type else _csv_type(field)).cast(
        pa.string()
    )


def _csv_column(column: Any, kind: pa.DataType) -> Any:
    if column.type == kind:
        return column
    if kind == SHANGHAI and column.type.tz is None:
        import pyarrow.compute as pc

        column = pc.assume_timezone(column.cast(pa.timestamp(column.type.unit)), "Asia/Shanghai")
    return column.cast(kind)
