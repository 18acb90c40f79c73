"""Checksum: whether what was written is what was read and what was to be written, cell by cell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .errors import InputError, OutputError
from .log_writers import csv_cells
from .readers._cells import fold_cells, hash_texts, sum_cells
from .readers.arrays import filled, fixed_of, indices_of, valid_of
from .readers.columns import is_text
from .readers.sources import open_source
from .readers.times import texts_to_ns, timestamps_to_ns

Hashes = npt.NDArray[np.uint64]
"""(n,) what each cell holds, in 64 bits; anything where it is null."""


class Checksum:
    """Sums over all cells of a log: the same however rows are cut.

    ``sums`` has one for each column, over its cells, each with its row. ``whole``, over whole rows,
    is the same in whatever order they come.

    as_text : cells are taken as CSV writes them, where null is nothing
    """

    def __init__(self, schema: pa.Schema, *, as_text: bool) -> None:
        self._schema = schema
        self._as_text = as_text
        self.rows = self.whole = 0
        self.sums = dict.fromkeys(schema.names, 0)

    def add(self, record: pa.RecordBatch) -> None:
        """Add the rows of a record that follow those added before."""
        rows = np.zeros(record.num_rows, np.uint64)
        for field in self._schema:
            array = record.column(field.name)
            if self._as_text and field.name == "ts" and pa.types.is_timestamp(field.type):
                array = _instants(array)
            elif self._as_text:
                array = csv_cells(array, field).fill_null("")
            elif not pa.types.is_dictionary(array.type) and array.type != field.type:
                array = array.cast(field.type)  # a file may keep seconds as milliseconds
            valid = valid_of(array)
            some = None if valid is None else valid.view(np.uint8)
            words = _hashes(array)
            self.sums[field.name] += sum_cells(words, some, self.rows)
            self.sums[field.name] %= 1 << 64
            fold_cells(words, some, rows)
        self.whole = (self.whole + int(rows.sum())) % (1 << 64)
        self.rows += record.num_rows


def check_written(
    place: Path,
    output: Path,
    read: Checksum | None,
    written: Checksum,
    found: Checksum,
    progress: Callable[[int], None],
) -> None:
    """Add what can be read again to ``found``; raise OutputError where it is not ``written``.

    ``read`` is of the rows before they changed places, None where they did not: then OutputError as
    well where the file does not hold these very rows.
    ``progress`` is told how many rows more have been looked at.
    """
    try:
        for raw in open_source(place).read():
            if raw.bad:
                raise OutputError(f"{output}: row {raw.bad[0].row} cannot be read again")
            found.add(raw.record)
            progress(raw.record.num_rows)
    except InputError as error:
        raise OutputError(f"{output}: what was written cannot be read again: {error}") from error
    if found.rows != written.rows:
        raise OutputError(
            f"{output}: {written.rows} rows were written, and {found.rows} can be read again"
        )
    for name, expected in written.sums.items():
        if found.sums[name] != expected:
            raise OutputError(f"{output}: column '{name}' reads differently than it was written")
    if read is not None and found.rows != read.rows:
        raise OutputError(f"{output}: {read.rows} rows were read, and {found.rows} written")
    if read is not None and found.whole != read.whole:
        raise OutputError(f"{output}: the rows written are not those that were read")


def _instants(array: pa.Array) -> pa.Array:
    """Return times as ns, as text or not: to write them out once more would take long."""
    if pa.types.is_timestamp(array.type):
        values, _ = timestamps_to_ns(array)
        return pa.array(values, mask=array.is_null().to_numpy(zero_copy_only=False))
    values, fits = texts_to_ns(array)
    return pa.array(values, mask=~fits)


def _hashes(array: pa.Array) -> Hashes:
    kind = array.type
    if pa.types.is_null(kind):
        return np.zeros(len(array), np.uint64)
    if pa.types.is_dictionary(kind):
        return _of_dictionary(array)
    if is_text(kind):
        return _of_texts(array)
    if pa.types.is_boolean(kind):
        array, kind = array.cast(pa.uint8()), pa.uint8()
    if pa.types.is_primitive(kind) and kind.bit_width in _WORDS:
        return fixed_of(array, _WORDS[kind.bit_width]).astype(np.uint64)
    return _of_objects(array)


def _of_dictionary(array: pa.DictionaryArray) -> Hashes:
    entries = _hashes(array.dictionary)
    inside = valid_of(array.dictionary)
    if inside is not None:
        entries = np.where(inside, entries, 0)
    places = filled(indices_of(array), valid_of(array), len(entries))
    return np.asarray(np.append(entries, np.uint64(0)).take(places))


def _of_texts(array: pa.Array) -> Hashes:
    wide = array.cast(pa.large_binary())
    _, offsets, data = wide.buffers()
    made = np.zeros(len(wide), np.uint64)
    if len(wide):
        bounds = np.frombuffer(offsets, np.int64, len(wide) + 1, wide.offset * 8)
        text = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
        hash_texts(text, bounds, made)
    return made


def _of_objects(array: pa.Array) -> Hashes:
    """Return hashes of what few logs have, such as lists and decimals: one by one."""
    digests = (
        hashlib.blake2b(repr(cell).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for cell in array.to_pylist()
    )
    return np.array([int.from_bytes(digest, "little") for digest in digests], np.uint64)


_WORDS: Final = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}
