"""Shape: the one schema that the rows of all inputs of a conversion are brought to.

Names and codes travel as indices into dictionaries that last for the whole conversion, so that
batches of any file can be sorted, merged and written together.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from .convert_schema import UNREADABLE, WORDS, merged_metadata, output_types, placed
from .convert_text import TYPE_OF, TYPED, typed
from .errors import InputError
from .log_writers import SHANGHAI
from .readers.arrays import decoded, valid_of
from .readers.columns import is_text
from .readers.raw import RawBatch, Source
from .readers.texts import as_strings
from .readers.times import timestamps_to_ns


class Shape:
    """What the output's columns are, found from the inputs.

    ``schema`` is of the output. Takes a pass over columns of text that may be numbers or times,
    and over files whose rows may not all be rows of a table.
    Raises InputError where columns of one name cannot stand in one column.
    """

    def __init__(
        self, sources: Sequence[Source], *, as_text: bool, day: str | None, mapped: bool
    ) -> None:
        types = output_types(sources, as_text=as_text, mapped=mapped)
        self._day_column = as_text and day is not None and "day" not in types
        if self._day_column:
            types["day"] = pa.string()
        self._day = day
        self.schema = pa.schema(list(types.items()), merged_metadata(sources, types, day))
        self._words = {name: _Words() for name, kind in types.items() if kind == WORDS}
        self.travelling = pa.schema(
            [(name, pa.int32() if kind == WORDS else kind) for name, kind in types.items()]
        )

    def batch(self, raw: RawBatch) -> pa.RecordBatch:
        """Return a batch's rows as they travel, those of no shape among them, in file order."""
        count, made = raw.record.num_rows, []
        for name, kind in zip(self.travelling.names, self.travelling.types, strict=True):
            at = raw.record.schema.get_field_index(name)
            if at >= 0:
                with placed(raw):
                    made.append(self._column(name, kind, raw.record.column(at)))
            elif name == "day" and self._day_column:
                made.append(pa.repeat(pa.scalar(self._day, pa.string()), count))
            else:
                made.append(pa.nulls(count, kind))
        record = pa.RecordBatch.from_arrays(made, schema=self.travelling)
        return self._with_unreadable(raw, record) if raw.bad else record

    def finish(self, record: pa.RecordBatch) -> pa.RecordBatch:
        """Return rows that have travelled as they are written."""
        columns = [
            pa.DictionaryArray.from_arrays(column, self._words[name].all)
            if name in self._words
            else column
            for name, column in zip(record.schema.names, record.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _column(self, name: str, kind: pa.DataType, array: pa.Array) -> pa.Array:
        if name in self._words:
            return self._words[name].indices(array)
        if name in TYPED and kind == TYPE_OF[name] and is_text(decoded(array[:0]).type):
            return typed(name, array)[0]
        array = decoded(array)
        if array.type == kind:
            return array
        if name == "ts" and kind == SHANGHAI:
            return _to_shanghai(array)
        return as_strings(array) if pa.types.is_string(kind) else array.cast(kind)

    def _with_unreadable(self, raw: RawBatch, record: pa.RecordBatch) -> pa.RecordBatch:
        _, order = raw.with_bad()
        extra = [
            pa.array([bad.content for bad in raw.bad], pa.string())
            if name == UNREADABLE
            else pa.nulls(len(raw.bad), kind)
            for name, kind in zip(self.travelling.names, self.travelling.types, strict=True)
        ]
        both = [record, pa.RecordBatch.from_arrays(extra, schema=self.travelling)]
        whole = pa.Table.from_batches(both).combine_chunks().to_batches()[0]
        return whole.take(pa.array(order))


class _Words:
    """One dictionary that grows as texts are met."""

    def __init__(self) -> None:
        self.all: pa.StringArray = pa.array([], pa.string())
        self._last: pa.Array | None = None
        self._moved: pa.Int32Array = pa.array([], pa.int32())

    def indices(self, array: pa.Array) -> pa.Array:
        """Return the position of each cell's text, null where it is null: (n,) int32."""
        if not pa.types.is_dictionary(array.type):
            array = as_strings(array).dictionary_encode()
        if self._last is None or not array.dictionary.equals(self._last):
            self._take(array.dictionary)
        return self._moved.take(array.indices)

    def _take(self, dictionary: pa.Array) -> None:
        texts = as_strings(decoded(dictionary))
        new = pc.unique(texts.filter(pc.invert(pc.is_in(texts, self.all)))).drop_null()
        if len(new):
            self.all = pa.concat_arrays([self.all, new])
        self._last, self._moved = dictionary, pc.index_in(texts, self.all)


def _to_shanghai(array: pa.Array) -> pa.Array:
    ns, fits = timestamps_to_ns(array)
    valid = valid_of(array)
    if not (fits if valid is None else fits | ~valid).all():
        raise InputError("column 'ts': found a time that ns since 1970 cannot tell")
    return pa.array(ns, mask=None if valid is None else ~valid).cast(SHANGHAI)
