"""An Arrow table in memory as a source, read as if it were a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from ..errors import InputError
from .mapping import Mapping
from .raw import BadRow, DecodedSource, said


class TableSource(DecodedSource):
    """A table that the caller holds; ``name`` stands where a path would."""

    format: ClassVar[str] = "table"

    def __init__(self, table: pa.Table, mapping: Mapping | None, name: str = "<table>") -> None:
        self._table = table
        super().__init__(Path(name), table.schema, mapping, table.num_rows)

    def fingerprint(self) -> str:
        """Return a hash of the schema, the number of rows, and the first and last thousand."""
        made = hashlib.blake2b(f"{self._table.num_rows}".encode(), digest_size=16)
        last = max(self._table.num_rows - 1000, 0)
        for part in (self._table.slice(0, 1000), self._table.slice(last)):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, part.schema) as writer:
                writer.write_table(part)
            made.update(sink.getvalue())
        return made.hexdigest()

    def _records(
        self, names: list[str], batch_rows: int, bad: list[BadRow], parallel: bool
    ) -> Iterator[pa.RecordBatch]:
        yield from self._table.select(names).to_batches(batch_rows)


def is_table(given: Any) -> bool:
    """Whether something is Arrow data, or a frame that can give it."""
    return hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")


def table_of(given: Any) -> pa.Table:
    """Return Arrow data as a table; a reader is read to its end, into memory.

    Raises InputError where it is no table.
    """
    try:
        return given if isinstance(given, pa.Table) else pa.table(given)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            f"found {type(given).__name__}, expected a table: {said(error)}"
        ) from error
