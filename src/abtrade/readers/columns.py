"""Columns of a log: which must be there, and which Arrow types can hold what they mean."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from typing import Final

import pyarrow as pa
from pyarrow import types

from .. import schema
from ..errors import problems_error

NAME_COLUMNS: Final = (
    "exchange",
    "contract",
    "account",
    "member",
    "client",
    "contra_account",
    "order_contract",
    "contra_order_contract",
)
"""Columns of few and often repeated texts."""

ID_COLUMNS: Final = ("order_id", "contra_order_id", "trade_id")
NUMBER_COLUMNS: Final = ("channel", "seq")
DICTIONARY_COLUMNS: Final = frozenset((*NAME_COLUMNS, *schema.CODES))
"""Columns worth reading as a dictionary and indices."""


def check_columns(columns: Collection[str], where: str) -> list[str]:
    """Return notes on columns that look like a misspelt optional one and will not be read.

    Raises InputError with a line for each required column that is missing.
    """
    missing = [name for name in schema.REQUIRED_COLUMNS if name not in columns]
    if missing:
        problems = [
            f"{where}: column {name!r} is missing{_hint(name, columns)}" for name in missing
        ]
        raise problems_error([*problems, f"{where}: {_what_is_there(columns)}"])
    absent = [name for name in schema.LOG_COLUMNS if name not in columns]
    return [
        f"{where}: column {column!r} is not read, did you mean {found!r}?"
        for column in columns
        if column not in schema.LOG_COLUMNS and (found := near(column, absent))
    ]


def near(name: str, known: Iterable[str], likeness: float = 0.8) -> str | None:
    """Return the known name that ``name`` is most likely a slip for."""
    by_plain = {_plain(item): item for item in known}
    found = difflib.get_close_matches(_plain(name), by_plain, n=1, cutoff=likeness)
    return by_plain[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean '...'?", or nothing where no known name is near."""
    found = near(name, known, likeness=0.6)
    return f", did you mean {found!r}?" if found else ""


def type_problems(record_schema: pa.Schema, columns: Collection[str]) -> list[str]:
    """Return a line for each of ``columns`` whose type cannot hold what the column means."""
    problems = []
    for field in record_schema:
        if field.name in columns and field.name in _EXPECTED:
            fits, expected = _EXPECTED[field.name]
            if not (types.is_null(field.type) or fits(_value_type(field.type))):
                problems.append(
                    f"column {field.name!r}: found type {field.type}, expected {expected}"
                    f"{_type_hint(field.name, field.type)}"
                )
    return problems


def numbers_for_accounts(schema_of_file: pa.Schema, column: str, where: str) -> str | None:
    """Return what is wrong with accounts that are numbers; None where they are texts."""
    kind = _value_type(schema_of_file.field(column).type)
    if is_text(kind) or types.is_null(kind):
        return None
    return (
        f"{where}: column {column!r} holds numbers, so leading zeros are lost and 12-digit codes "
        "may not be told; write it as text"
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of this type are text, or bytes that may be."""
    return any(
        test(kind)
        for test in (
            types.is_string,
            types.is_large_string,
            types.is_string_view,
            types.is_binary,
            types.is_large_binary,
            types.is_binary_view,
        )
    )


def is_whole_decimal(kind: pa.DataType) -> bool:
    """Whether cells of this type are decimals without digits after the point."""
    return bool(types.is_decimal(kind)) and kind.scale == 0


def _is_whole(kind: pa.DataType) -> bool:
    return is_text(kind) or types.is_integer(kind) or is_whole_decimal(kind)


def _is_name(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(types.is_integer(kind))


def _is_lots(kind: pa.DataType) -> bool:
    return _is_whole(kind) or bool(types.is_floating(kind))


def _is_price(kind: pa.DataType) -> bool:
    return _is_lots(kind) or bool(types.is_decimal(kind))


def _is_time(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(types.is_timestamp(kind))


def _type_hint(column: str, found: pa.DataType) -> str:
    if column == "ts" and types.is_integer(found):
        return "; a mapping file names the unit (time: {unit: ns})"
    if column == "ts" and (types.is_date(found) or types.is_time(found)):
        return "; a mapping file joins a date and a time column (time: {join: [...]})"
    if column in schema.CODES and types.is_integer(found):
        return "; a mapping file translates a source's own codes (codes: {...})"
    if column in ID_COLUMNS and types.is_floating(found):
        return "; a float cannot hold every id: write the column as text or int64"
    return ""


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if types.is_dictionary(kind) else kind


def _hint(name: str, columns: Collection[str]) -> str:
    found = near(name, [column for column in columns if column not in schema.LOG_COLUMNS])
    return f", did you mean {found!r}?" if found else ""


def _what_is_there(columns: Collection[str]) -> str:
    if not columns:
        return "the file has no columns"
    if len(columns) == 1:
        only = next(iter(columns))
        for delimiter in (";", "\t", "|"):
            if delimiter in only:
                return f"the header seems delimited by {delimiter!r}: say so in a mapping file"
    names = ", ".join(repr(column) for column in list(columns)[:40])
    more = ", ..." if len(columns) > 40 else ""
    return f"the file has {names}{more}; a mapping file gives other names their meaning"


_EXPECTED: Final[dict[str, tuple[Callable[[pa.DataType], bool], str]]] = {
    **dict.fromkeys(NAME_COLUMNS, (_is_name, "text")),
    **dict.fromkeys(schema.CODES, (is_text, "text")),
    "action": (_is_name, "text or integer codes"),
    **dict.fromkeys(ID_COLUMNS, (_is_whole, "integers or text")),
    **dict.fromkeys(NUMBER_COLUMNS, (_is_whole, "integers")),
    "lots": (_is_lots, "integers"),
    "price": (_is_price, "decimals, floats, or integers that count ticks"),
    "ts": (_is_time, "timestamps, or text as in ISO 8601"),
}


def _plain(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", " ").replace("_", " ").split())
