"""Parquet logs: decoded batch by batch, texts that repeat kept as dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError
from .arrays import check_indices
from .columns import DICTIONARY_COLUMNS, is_text
from .fingerprint import footer_hash
from .mapping import Mapping
from .raw import UNREADABLE, BadRow, DecodedSource, check_names, said

READ_BYTES: Final = 1 << 18
"""Of a column, read at once: without, a row group's whole column is, however large it is."""


class ParquetSource(DecodedSource):
    """A Parquet file."""

    format: ClassVar[str] = "parquet"

    def __init__(self, path: Path, mapping: Mapping | None) -> None:
        self.path = path
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                self._metadata = file.metadata
                names = mapping.columns if mapping else {}
                self._as_dictionary = [
                    field.name
                    for field in file.schema_arrow
                    if names.get(field.name, field.name) in DICTIONARY_COLUMNS
                    and is_text(field.type)
                ]
            with self._open() as file:
                schema = file.schema_arrow
                check_names(schema)
        except UNREADABLE as error:
            raise InputError(
                f"{path}: found a damaged or cut-off file, expected Parquet: {said(error)}"
            ) from error
        super().__init__(path, schema, mapping, int(self._metadata.num_rows))

    def fingerprint(self) -> str:
        """Return a hash of the file's footer."""
        return footer_hash(self.path, magic=b"PAR1")

    def _records(
        self, names: list[str], batch_rows: int, bad: list[BadRow], parallel: bool
    ) -> Iterator[pa.RecordBatch]:
        with self._open() as file:
            for record in file.iter_batches(
                batch_rows, columns=names, use_threads=parallel and pa.cpu_count() > 1
            ):
                for column in record.columns:
                    if pa.types.is_dictionary(column.type):
                        check_indices(column)
                yield record.select(names)

    def _open(self) -> Any:
        # Reading ahead and mapping the file cost memory that grows with the file, and no time.
        return pq.ParquetFile(
            self.path,
            metadata=self._metadata,
            read_dictionary=[*self._as_dictionary, *self.repeating],
            pre_buffer=False,
            memory_map=False,
            buffer_size=READ_BYTES,
            page_checksum_verification=True,
        )
