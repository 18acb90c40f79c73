"""Arrow IPC logs: files and streams, mapped into memory; LZ4 and ZSTD bodies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow as pa
from pyarrow import ipc

from ..errors import InputError
from .arrays import check_indices
from .fingerprint import ends_hash
from .mapping import Mapping
from .raw import UNREADABLE, BadRow, DecodedSource, check_names, said

FILE_MAGIC: Final = b"ARROW1"
STREAM_MAGIC: Final = b"\xff\xff\xff\xff"
STREAM_END: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class ArrowSource(DecodedSource):
    """An Arrow IPC file, or a stream kept in a file."""

    format: ClassVar[str] = "arrow"

    def __init__(self, path: Path, mapping: Mapping | None) -> None:
        with path.open("rb") as file:
            self._is_stream = file.read(len(FILE_MAGIC)) != FILE_MAGIC
        if self._is_stream:
            _check_end(path)
        try:
            with pa.memory_map(str(path)) as mapped:
                self._file_schema = self._reader(mapped).schema
                check_names(self._file_schema)
        except UNREADABLE as error:
            raise InputError(
                f"{path}: found a damaged or cut-off file, expected Arrow IPC: {said(error)}"
            ) from error
        super().__init__(path, self._file_schema, mapping, None)

    def fingerprint(self) -> str:
        """Return a hash of the first and last 64 KiB: the footer tells places, and no content."""
        return ends_hash(self.path)

    def _records(
        self, names: list[str], batch_rows: int, bad: list[BadRow], parallel: bool
    ) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(self.path)) as mapped:
            fields = [self._file_schema.get_field_index(name) for name in names]
            options = ipc.IpcReadOptions(included_fields=fields, use_threads=parallel)
            reader = self._reader(mapped, options)
            checked: dict[str, pa.Array] = {}
            for record in _batches(reader):
                made = record.select(names)
                _validate(made, checked)
                yield made

    def _reader(self, mapped: Any, options: Any = None) -> Any:
        if self._is_stream:
            return ipc.open_stream(mapped, options=options)
        return ipc.open_file(mapped, options=options)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, ipc.RecordBatchStreamReader):
        yield from reader
    else:
        yield from (reader.get_batch(at) for at in range(reader.num_record_batches))


def _validate(record: pa.RecordBatch, checked: dict[str, pa.Array]) -> None:
    """Raise ArrowInvalid where offsets or positions lead astray: nothing else checks a mapped file.

    ``checked`` holds each column's last dictionary, which mostly serves many batches.
    """
    record.validate()
    for name, column in zip(record.schema.names, record.columns, strict=True):
        if not pa.types.is_dictionary(column.type):
            if not pa.types.is_primitive(column.type):
                column.validate(full=True)
            continue
        dictionary = column.dictionary
        # While the last one is held, no other can stand at its address.
        if name not in checked or _places(dictionary) != _places(checked[name]):
            dictionary.validate(full=True)
            checked[name] = dictionary
        check_indices(column)


def _places(array: pa.Array) -> tuple[int, int, list[int]]:
    addresses = [0 if buffer is None else buffer.address for buffer in array.buffers()]
    return len(array), array.offset, addresses


def _check_end(path: Path) -> None:
    """A stream that was cut between two batches reads well: only its end mark tells it is whole."""
    with path.open("rb") as file:
        file.seek(-min(len(STREAM_END), path.stat().st_size), 2)
        if file.read() != STREAM_END:
            raise InputError(
                f"{path}: found an Arrow stream without its end mark, expected a whole one: "
                "it was cut off, or its writer did not close it"
            )
