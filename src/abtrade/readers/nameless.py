"""Nameless: a source read with pseudonyms where people were named, and bad rows likewise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pyarrow as pa

from ..errors import InputError
from ..pseudonyms import NAME_COLUMNS, Pseudonyms
from .columns import is_text
from .raw import BadRow, RawBatch, Source
from .texts import as_strings, trimmed


def nameless(source: Source, pseudonyms: Pseudonyms) -> Source:
    """Return a source of any kind whose batches name nobody; its bad rows wait for ``Log``."""
    return cast(Source, _NamelessSource(source, pseudonyms))


class _NamelessSource:
    """A source in all things but what it reads."""

    def __init__(self, source: Source, pseudonyms: Pseudonyms) -> None:
        self._source = source
        self._pseudonyms = pseudonyms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, *args: Any, **kwargs: Any) -> Iterator[RawBatch]:
        reader = _NamelessReader(self._pseudonyms)
        for raw in self._source.read(*args, **kwargs):
            try:
                raw.record = reader.read(raw.record)
            except InputError as error:
                where = f"{self._source.path}: from row {raw.first_row} on"
                raise InputError(f"{where}: {error}") from error
            yield raw


class _NamelessReader:
    """Replaces names in one batch after another; a dictionary is worked on only where it changed.

    Batches have canonical names. Null and blank cells stay.
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._told: dict[str, tuple[pa.Array, pa.Array]] = {}  # dictionaries, before and after

    def read(self, record: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch that names nobody. Raises InputError where a name is not UTF-8."""
        for column in NAME_COLUMNS:
            at = record.schema.get_field_index(column)
            if at >= 0 and _may_name(record.schema.field(at).type):
                record = record.set_column(at, column, self._replaced(column, record.column(at)))
        return record

    def _replaced(self, name: str, column: pa.Array) -> pa.Array:
        if not pa.types.is_dictionary(column.type):
            column = (as_strings(column) if is_text(column.type) else column).dictionary_encode()
        before, told = self._told.get(name, (None, None))
        if before is None or not column.dictionary.equals(before):
            names = trimmed(as_strings(column.dictionary)).to_pylist()
            replaced = [self._pseudonyms.of(name) if name else None for name in names]
            told = pa.array(replaced, pa.string())
            self._told[name] = column.dictionary, told
        return pa.DictionaryArray.from_arrays(column.indices, told)


def nameless_row(row: BadRow, pseudonyms: Pseudonyms) -> BadRow:
    """Return a bad row whose reason and content name nobody."""
    reason, content = pseudonyms.message(row.reason), pseudonyms.content(row.content)
    return replace(row, reason=reason, content=content)


def _may_name(kind: pa.DataType) -> bool:
    """Whether a reader takes cells of this type for names; others it refuses."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_text(kind) or bool(pa.types.is_integer(kind))

