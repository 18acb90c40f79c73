"""Nameless: record batches and bad rows with pseudonyms where people were named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from ..pseudonyms import NAME_COLUMNS, Pseudonyms
from .columns import is_text
from .texts import as_strings, trimmed

if TYPE_CHECKING:
    from .raw import BadRow


def nameless_record(record: pa.RecordBatch, pseudonyms: Pseudonyms) -> pa.RecordBatch:
    """Return a batch under canonical names with the names in it replaced; null and blank stay.

    Raises InputError where a name is not UTF-8.
    """
    for column in NAME_COLUMNS:
        at = record.schema.get_field_index(column)
        if at >= 0 and _may_name(record.schema.field(at).type):
            record = record.set_column(at, column, _replaced(record.column(at), pseudonyms))
    return record


def nameless_row(row: BadRow, pseudonyms: Pseudonyms) -> BadRow:
    """Return a bad row whose reason and content name nobody."""
    reason, content = pseudonyms.message(row.reason), pseudonyms.content(row.content)
    return replace(row, reason=reason, content=content)


def _may_name(kind: pa.DataType) -> bool:
    """Whether a reader takes cells of this type for names; others it refuses."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_text(kind) or bool(pa.types.is_integer(kind))


def _replaced(column: pa.Array, pseudonyms: Pseudonyms) -> pa.Array:
    if not pa.types.is_dictionary(column.type):
        column = (as_strings(column) if is_text(column.type) else column).dictionary_encode()
    names = trimmed(as_strings(column.dictionary)).to_pylist()
    told = pa.array([pseudonyms.of(name) if name else None for name in names], pa.string())
    return pa.DictionaryArray.from_arrays(column.indices, told)
