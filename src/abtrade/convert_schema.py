"""The columns of a conversion's output: their names and types, found from all of its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from .convert_text import TYPE_OF, TYPED, typed
from .errors import InputError, problems_error
from .log_writers import SHANGHAI
from .readers.columns import DICTIONARY_COLUMNS, is_text
from .readers.raw import ONE_BROKER, VISIBILITY, RawBatch, Source, said
from .schema import LOG_COLUMNS
from .visibility import sight_of

UNREADABLE: Final = "unreadable"
"""The column that keeps, as JSON text, a row of the input that is no row of its table."""

WORDS: Final = pa.dictionary(pa.int32(), pa.string())
"""The type of names and codes."""


_BYTES: Final = frozenset((pa.binary(), pa.large_binary(), pa.binary_view()))
"""Types of a column that may be text where the log has that column, and else is kept as it is."""


def output_types(
    sources: Sequence[Source], *, as_text: bool, mapped: bool
) -> dict[str, pa.DataType]:
    """Return the type of each column, in the order in which the files name them.

    Takes a pass over columns of text that may be numbers or times (``as_text``: they need not
    be), and over files whose rows may not all be rows of a table.
    Raises InputError where columns of one name cannot stand in one column.
    """
    kinds: dict[str, dict[str, pa.DataType]] = {}
    for source in sources:
        for one in source.schema:
            kinds.setdefault(one.name, {})[str(source.path)] = _plain(one.type)
    asked = {
        name for name, by_file in kinds.items()
        if name in TYPED and not (as_text and all(map(is_text, by_file.values())))
    }
    seen = _look(sources, asked, mapped=mapped)
    found, problems = {}, []
    for name, by_file in kinds.items():
        there = [kind for kind in by_file.values() if not pa.types.is_null(kind)]
        if there and not as_text and name not in LOG_COLUMNS and _BYTES.issuperset(there):
            found[name] = pa.binary() if {*there} == {pa.binary()} else pa.large_binary()
            continue
        kind = _one_type(name, list(by_file.values()), name in asked - seen.text)
        if kind is None:
            told = ", ".join(f"{kind} in {file}" for file, kind in by_file.items())
            problems.append(f"column '{name}': found {told}; expected one type")
        else:
            found[name] = kind
    if problems:
        raise problems_error(problems)
    return found | ({UNREADABLE: pa.string()} if seen.unreadable else {})


@dataclass(slots=True)
class _Seen:
    """What a first pass has found in the inputs."""

    text: set[str] = field(default_factory=set)  # columns with a cell that must stay text
    unreadable: bool = False


def _look(sources: Sequence[Source], asked: set[str], *, mapped: bool) -> _Seen:
    """Read what must be known of the inputs before the first row is written."""
    seen = _Seen()
    for source in sources:
        texts = {
            name for name in asked & set(source.columns)
            if is_text(_plain(source.schema.field(name).type))
        }
        wanted = set(texts)
        if mapped and "ts" in source.columns:
            wanted.add("ts")
        if source.format == "csv" and not wanted:
            wanted.add(source.columns[0])
        for raw in source.read(wanted) if wanted else ():
            seen.unreadable |= bool(raw.bad)
            with placed(raw):
                seen.text |= {
                    name for name in texts - seen.text
                    if not typed(name, raw.record.column(name))[1]
                }
    return seen


def _one_type(
    name: str, kinds: Sequence[pa.DataType], typed_text: bool
) -> pa.DataType | None:
    """Return the type that holds all of these, None where there is none.

    ``typed_text``: cells of text are of the column's own type as well.
    """
    texts = any(map(is_text, kinds))
    others = list(dict.fromkeys(k for k in kinds if not (is_text(k) or pa.types.is_null(k))))
    if texts and not typed_text:
        # Whole numbers may be written as text; a whole price counts ticks, and its text does not.
        fits = all(map(pa.types.is_integer, others)) and not (others and name == "price")
        return (WORDS if name in DICTIONARY_COLUMNS else pa.string()) if fits else None
    if texts:
        others = list(dict.fromkeys([TYPE_OF[name], *others]))
    if not others:
        return pa.null()
    return others[0] if len(others) == 1 else _wider(name, others)


def _wider(name: str, kinds: Sequence[pa.DataType]) -> pa.DataType | None:
    if all(map(pa.types.is_integer, kinds)) and pa.uint64() not in kinds:
        return pa.int64()
    if all(map(pa.types.is_floating, kinds)):
        return pa.float64()
    return SHANGHAI if name == "ts" and all(map(pa.types.is_timestamp, kinds)) else None


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def merged_metadata(
    sources: Sequence[Source], types: dict[str, pa.DataType], day: str | None
) -> dict[bytes, bytes]:
    """Return what the files say of themselves, as far as they agree and it is still true."""
    found: dict[bytes, bytes] = {}
    for source in sources:
        for key, value in (source.schema.metadata or {}).items():
            if found.setdefault(key, value) != value:
                found[key] = b""
    same = all(types.get(f.name) == f.type for source in sources for f in source.schema)
    if not same or len(sources) > 1:
        found.pop(b"pandas", None)  # it describes types and rows that are no longer these
    found = {key: value for key, value in found.items() if value}
    return found | ({b"day": day.encode()} if day else {}) | told_sight(sources)


def told_sight(sources: Sequence[Source]) -> dict[bytes, bytes]:
    """Return what the files together show, where they tell more than their columns do."""
    sight = sight_of((source.visibility for source in sources), ())
    told: dict[bytes, bytes] = {}
    if any(source.visibility is not None for source in sources):
        told[VISIBILITY.encode()] = sight.word.encode()
    if any(source.one_broker for source in sources):
        told[ONE_BROKER.encode()] = b"true"
    return told


@contextmanager
def placed(raw: RawBatch) -> Iterator[None]:
    """Name the file, and the rows from which on it cannot be read, in an error."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{raw.where}: from row {raw.first_row} on: {error}") from error
    except pa.ArrowInvalid as error:
        raise InputError(f"{raw.where}: from row {raw.first_row} on: {said(error)}") from error
