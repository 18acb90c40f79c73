"""View: a file's columns under their canonical names, as its mapping says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from .. import schema
from ..errors import problems_error
from .arrays import Bool, indices_of, valid_of
from .columns import did_you_mean, is_text
from .mapping import Mapping
from .maptime import time_type, time_values
from .texts import as_strings, trimmed

TEXT: pa.DataType = pa.dictionary(pa.int32(), pa.string())

Made = tuple[pa.Array, Bool | None, str]
"""A column, which of its cells could not be read (None: all could), and what they should be."""

Make = Callable[[Sequence[pa.Array], int], Made]


@dataclass(frozen=True, slots=True)
class Output:
    """One canonical column: its type, the file's columns it is made of, and how."""

    name: str
    type: pa.DataType
    sources: tuple[str, ...]
    make: Make | None = None  # from the sources' cells and the number of rows; None: as it is


class View:
    """What a file offers; raises InputError with all that keeps a mapping from fitting it.

    ``schema`` is of all columns; ``left_out`` are those without a name of their own.
    """

    def __init__(self, file_schema: pa.Schema, mapping: Mapping | None, where: str) -> None:
        mapping = (mapping or Mapping(where)).fitted(file_schema.names)
        counts = Counter(file_schema.names)
        problems = _problems(counts, mapping, where)
        if problems:
            raise problems_error(problems)
        self.left_out = tuple(name for name in counts if counts[name] > 1 or not name)
        self._where = where
        self._outputs = [
            _output(field, mapping, where)
            for field in file_schema
            if field.name not in self.left_out
        ]
        if mapping.time.join:
            kinds = [file_schema.field(name).type for name in mapping.time.join]
            self._outputs.append(_time_output(mapping.time.join, kinds, mapping, where))
        self._outputs += [_constant(name, value) for name, value in mapping.constants.items()]
        self.schema = pa.schema(
            [(output.name, output.type) for output in self._outputs], file_schema.metadata
        )

    def pick(self, columns: Collection[str] | None) -> Projection:
        """Return what is to be read for these columns, None for all.

        Raises InputError where the file has none of them.
        """
        picked = [out for out in self._outputs if columns is None or out.name in columns]
        if not any(output.sources for output in picked):
            wanted = "any column" if columns is None else ", ".join(sorted(columns))
            raise problems_error([f"{self._where}: has none of the columns wanted: {wanted}"])
        return Projection(picked)


class Projection:
    """Some columns of a file; ``sources`` are the file's names of what they are made of."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        self._outputs = outputs
        self._schema = pa.schema([(output.name, output.type) for output in outputs])
        self._plain = all(output.make is None for output in outputs)
        self.sources = list(dict.fromkeys(name for out in outputs for name in out.sources))

    def nothing(self) -> pa.RecordBatch:
        """Return no row of these columns."""
        empty = [pa.array([], field.type) for field in self._schema]
        return pa.RecordBatch.from_arrays(empty, schema=self._schema)

    def apply(
        self, record: pa.RecordBatch
    ) -> tuple[pa.RecordBatch, Bool | None, list[tuple[int, str]]]:
        """Return the columns made of a record of ``sources``; rows to keep; the others and why.

        None for the rows to keep: all.
        """
        cells = dict(zip(self.sources, record.columns, strict=True))
        if self._plain:
            arrays = [cells[output.sources[0]] for output in self._outputs]
            return pa.RecordBatch.from_arrays(arrays, self._schema.names), None, []
        arrays, refused = [], {}
        for output in self._outputs:
            array = cells[output.sources[0]] if output.sources else None
            if output.make is not None:
                sources = [cells[name] for name in output.sources]
                array, bad, expected = output.make(sources, record.num_rows)
                for at in np.flatnonzero(bad) if bad is not None else ():
                    found = " ".join(str(source[at]) for source in sources)
                    refused[int(at)] = f"{output.name}: found {found!r}, expected {expected}"
            arrays.append(array)
        made = pa.RecordBatch.from_arrays(arrays, self._schema.names)
        if not refused:
            return made, None, []
        kept = np.ones(record.num_rows, np.bool_)
        kept[list(refused)] = False
        return made, kept, sorted(refused.items())


def _problems(counts: Counter[str], mapping: Mapping, where: str) -> list[str]:
    """Return what keeps a mapping from fitting the columns of a file."""
    after = Counter(mapping.columns.get(name, name) for name in counts.elements())
    problems = [
        f"{where}: {count} columns become {name!r}, expected one"
        for name, count in after.items()
        if count > 1 and name in schema.LOG_COLUMNS
    ]
    for name in (*mapping.columns, *mapping.time.join):
        if name not in counts:
            hint = did_you_mean(name, counts)
            problems.append(f"{where}: column {name!r} of {mapping.path} is missing{hint}")
        elif counts[name] > 1 and name not in schema.LOG_COLUMNS:
            problems.append(f"{where}: {name!r} of {mapping.path} names {counts[name]} columns")
    if mapping.time.join and "ts" in after:
        problems.append(f"{where}: column 'ts' is there, and {mapping.path} joins others to it")
    for name in mapping.constants:
        if name in after:
            problems.append(f"{where}: column {name!r} is there, and a constant of {mapping.path}")
    for name in mapping.codes:
        if name not in after:
            problems.append(f"{where}: {mapping.path} has codes of {name!r}, which is missing")
    return list(dict.fromkeys(problems))


def _output(field: pa.Field, mapping: Mapping, where: str) -> Output:
    name = mapping.columns.get(field.name, field.name)
    if name == "ts":
        return _time_output((field.name,), [field.type], mapping, where)
    words = mapping.codes.get(name)
    if words is None:
        return Output(name, field.type, (field.name,))
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not (is_text(kind) or pa.types.is_integer(kind)):
        raise problems_error(
            [f"{where}: column {field.name!r}: found type {field.type}, expected text or integers"]
        )
    return Output(name, TEXT, (field.name,), _Words(words))


def _time_output(
    sources: tuple[str, ...], kinds: Sequence[pa.DataType], mapping: Mapping, where: str
) -> Output:
    rule = mapping.time
    made = time_type(kinds, rule)
    if isinstance(made, str):
        raise problems_error([f"{where}: column {' and '.join(map(repr, sources))}: {made}"])
    if made is None:
        return Output("ts", kinds[0], sources)
    return Output("ts", made, sources, lambda arrays, _: time_values(arrays, rule))


def _constant(name: str, value: str | int) -> Output:
    if isinstance(value, int):
        return Output(
            name, pa.int64(), (), lambda _, n: (pa.array(np.full(n, value, np.int64)), None, "")
        )
    return Output(name, TEXT, (), lambda _, n: (_repeated(value, n), None, ""))


def _repeated(value: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([value]))


class _Words:
    """Source words made canonical; words that the mapping does not name stay as they are."""

    def __init__(self, words: dict[str, str | None]) -> None:
        self._words = words
        self._last: pa.Array | None = None
        self._made: tuple[Any, pa.Array] = (None, None)

    def __call__(self, arrays: Sequence[pa.Array], _: int) -> Made:
        array = arrays[0]
        if not pa.types.is_dictionary(array.type):
            array = (as_strings(array) if is_text(array.type) else array).dictionary_encode()
        if self._last is None or not array.dictionary.equals(self._last):
            self._last = array.dictionary
            self._made = self._translate(array.dictionary)
        moved, words = self._made
        valid = valid_of(array)
        indices = indices_of(array)
        if valid is not None:
            indices = np.where(valid, indices, 0)
        made = moved[indices] if len(moved) else np.full(len(array), -1, np.int32)
        null = made < 0 if valid is None else (made < 0) | ~valid
        return pa.DictionaryArray.from_arrays(pa.array(made, mask=null), words), None, ""

    def _translate(self, dictionary: pa.Array) -> tuple[Any, pa.Array]:
        """Return the new position of each entry, -1 for null, and the words there."""
        texts = trimmed(as_strings(dictionary)).to_pylist()
        words = [self._words.get(text, text) for text in texts]
        places = {word: at for at, word in enumerate(dict.fromkeys(w for w in words if w))}
        moved = np.array([places.get(word, -1) for word in words], np.int32)
        return moved, pa.array(list(places), pa.string())
