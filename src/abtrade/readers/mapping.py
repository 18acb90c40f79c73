"""Mapping: what the columns and words of a foreign log mean, as read from a YAML file.

::

    columns: {委托号: order_id, 合约: contract}
    codes: {side: {买: buy, 卖: sell}}
    constants: {exchange: SHFE}
    time: {join: [日期, 时间], format: '%Y%m%d %H:%M:%S.%f', zone: Asia/Shanghai}
    encoding: gbk
    delimiter: ','
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from .. import schema
from ..errors import InputError, problems_error
from .columns import did_you_mean
from .timeformat import FIXED_ZONE, format_problem

ENCODINGS: Final = ("utf-8", "gbk", "gb18030")
UNITS: Final = ("s", "ms", "us", "ns")
NOT_CONSTANT: Final = ("ts", "seq", "order_id", "contra_order_id", "trade_id", "price")
"""Columns that cannot be the same on all rows."""
SIZE_LIMIT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How ``ts`` is written: all None and empty for ISO 8601 or a timestamp column."""

    join: tuple[str, ...] = ()  # source columns whose texts, blanks between, make the time
    format: str | None = None  # as in strftime, with %f for one to nine digits
    zone: str | None = None  # of times that name none; None: Asia/Shanghai
    unit: str | None = None  # numbers since 1970 UTC, in this unit


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, checked."""

    path: str
    columns: dict[str, str] = field(default_factory=dict)  # source column -> canonical
    codes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    constants: dict[str, str | int] = field(default_factory=dict)
    time: TimeRule = field(default_factory=TimeRule)
    encoding: str = "utf-8"
    delimiter: str = ","


def load_mapping(path: str | Path) -> Mapping:
    """Return the mapping in a YAML file.

    Raises InputError with every problem of the file, each with line and column.
    """
    name = str(path)
    root = _compose(_text_of(Path(path)), name)
    problems = _Problems(name)
    given = _pairs(root, problems, "a mapping file", _SECTIONS)
    values = {key: _SECTIONS[key](node, problems) for key, (_, node) in given.items()}
    if "ts" in values.get("columns", {}).values() and values.get("time", TimeRule()).join:
        problems.add(given["time"][1], "time.join makes 'ts', and so does a column in columns")
    for column in values.get("constants", {}):
        if column in values.get("columns", {}).values():
            problems.add(given["constants"][1], f"{column!r} is a constant and a column as well")
    problems.fail_if_any()
    return Mapping(name, **values)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise InputError(f"{path}: longer than {SIZE_LIMIT} bytes, this is no mapping file")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found bytes that are not UTF-8 at {error.start}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _compose(text: str, name: str) -> Any:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise InputError(f"{name}:{place}: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{name}: is no YAML: {' '.join(str(error).split())}") from error
    if root is None:
        raise InputError(f"{name}: is empty, expected a mapping file")
    return root


class _Problems:
    """The problems of one file, with their places."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[tuple[int, int, str]] = []

    def add(self, node: Any, message: str) -> None:
        mark = node.start_mark
        self._found.append((mark.line + 1, mark.column + 1, message))

    def fail_if_any(self) -> None:
        if self._found:
            raise problems_error(
                [
                    f"{self._name}:{line}:{column}: {said}"
                    for line, column, said in sorted(self._found)
                ]
            )


def _pairs(
    node: Any, problems: _Problems, what: str, known: Iterable[str] | None = None
) -> dict[str, tuple[Any, Any]]:
    """Return the keys of a YAML mapping with the nodes of key and value."""
    pairs: dict[str, tuple[Any, Any]] = {}
    if not isinstance(node, yaml.MappingNode):
        problems.add(node, f"found {_kind(node)}, expected {what} with keys and values")
        return pairs
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            problems.add(key_node, f"found {_kind(key_node)} as a key, expected text")
        elif known is not None and key_node.value not in known:
            hint = did_you_mean(key_node.value, known) or f"; there are {', '.join(known)}"
            problems.add(key_node, f"unknown key {key_node.value!r}{hint}")
        elif key_node.value in pairs:
            problems.add(key_node, f"{key_node.value!r} stands twice")
        else:
            pairs[key_node.value] = (key_node, value_node)
    return pairs


def _scalars(node: Any, problems: _Problems, what: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield key, value, key node and value node of a YAML mapping of texts."""
    for key, (key_node, value_node) in _pairs(node, problems, what).items():
        if isinstance(value_node, yaml.ScalarNode):
            yield key, value_node.value, key_node, value_node
        else:
            problems.add(value_node, f"found {_kind(value_node)}, expected text")


def _columns(node: Any, problems: _Problems) -> dict[str, str]:
    columns: dict[str, str] = {}
    taken: dict[str, str] = {}
    for source, name, _, value_node in _scalars(node, problems, "columns"):
        if name not in schema.LOG_COLUMNS:
            hint = did_you_mean(name, schema.LOG_COLUMNS)
            problems.add(value_node, f"unknown column {name!r}{hint}")
        elif name in taken:
            problems.add(value_node, f"{taken[name]!r} and {source!r} both become {name!r}")
        else:
            taken[name] = source
            columns[source] = name
    return columns


def _codes(node: Any, problems: _Problems) -> dict[str, dict[str, str | None]]:
    known = (*schema.CODES, "exchange")
    codes: dict[str, dict[str, str | None]] = {}
    for column, (_, words_node) in _pairs(node, problems, "codes", known).items():
        words: dict[str, str | None] = {}
        for source, word, _, node_ in _scalars(words_node, problems, "words"):
            key = source.strip(" \t\u3000")
            if key in words:
                problems.add(node_, f"{key!r} stands twice")
            elif node_.tag == "tag:yaml.org,2002:null":
                words[key] = None
            elif (said := _word_problem(column, word)) is not None:
                problems.add(node_, said)
            else:
                words[key] = word
        codes[column] = words
    return codes


def _constants(node: Any, problems: _Problems) -> dict[str, str | int]:
    known = [name for name in schema.LOG_COLUMNS if name not in NOT_CONSTANT]
    constants: dict[str, str | int] = {}
    for column, (_, value_node) in _pairs(node, problems, "constants", known).items():
        text = value_node.value if isinstance(value_node, yaml.ScalarNode) else ""
        said = _word_problem(column, text)
        if not text.strip():
            problems.add(value_node, f"constant {column!r}: expected a value")
        elif said is not None:
            problems.add(value_node, said)
        elif column not in ("channel", "lots"):
            constants[column] = text
        elif text.isascii() and text.isdigit() and len(text) <= 18:
            constants[column] = int(text)
        else:
            problems.add(value_node, f"constant {column!r}: found {text!r}, expected an integer")
    return constants


def _word_problem(column: str, word: str) -> str | None:
    """Return what is wrong with a canonical word; None where nothing is, or any word will do."""
    words = schema.code_words(column) if column in schema.CODES else None
    if words is None or word in words:
        return None
    return f"{column}: unknown word {word!r}, expected one of {', '.join(words)}"


def _time(node: Any, problems: _Problems) -> TimeRule:
    given = _pairs(node, problems, "time", ("join", "format", "zone", "unit"))
    values: dict[str, Any] = {}
    for key, (key_node, value_node) in given.items():
        if key != "unit" and "unit" in given:
            problems.add(key_node, f"{key!r} does not go with 'unit': numbers count from 1970 UTC")
        elif key == "join":
            values[key] = _join(value_node, problems)
        elif not isinstance(value_node, yaml.ScalarNode):
            problems.add(value_node, f"found {_kind(value_node)}, expected text")
        elif said := _TIME_CHECKS[key](value_node.value):
            problems.add(value_node, said)
        else:
            values[key] = value_node.value
    return TimeRule(**values)


def _join(node: Any, problems: _Problems) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    if len(items) < 2 or not all(isinstance(item, yaml.ScalarNode) for item in items):
        problems.add(node, "time.join: expected a list of two source columns or more")
        return ()
    return tuple(item.value for item in items)


def _zone_problem(zone: str) -> str | None:
    if FIXED_ZONE.match(zone):
        return None
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return f"unknown time zone {zone!r}, expected a name such as Asia/Shanghai, or +08:00"
    return None


def _unit_problem(unit: str) -> str | None:
    return None if unit in UNITS else f"unknown unit {unit!r}, expected one of {', '.join(UNITS)}"


def _encoding(node: Any, problems: _Problems) -> str:
    name = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
    name = {"utf8": "utf-8"}.get(name, name)
    if name not in ENCODINGS:
        problems.add(node, f"encoding: expected one of {', '.join(ENCODINGS)}")
    return name


def _delimiter(node: Any, problems: _Problems) -> str:
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    text = "\t" if text == "tab" else text
    if len(text) != 1 or not text.isascii() or text.isalnum() or text in '"\r\n\0':
        problems.add(node, "delimiter: expected one ASCII sign, or tab")
    return text


def _kind(node: Any) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"{node.value!r}" if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "keys and values"


_SECTIONS: Final[dict[str, Callable[[Any, _Problems], Any]]] = {
    "columns": _columns,
    "codes": _codes,
    "constants": _constants,
    "time": _time,
    "encoding": _encoding,
    "delimiter": _delimiter,
}
_TIME_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {
    "format": format_problem,
    "zone": _zone_problem,
    "unit": _unit_problem,
}
