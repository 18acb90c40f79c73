"""Mapping: what the columns and words of a foreign log mean, as read from a YAML file.

::

    about: What a broker's counter writes at the end of a day.
    columns: {委托号: order_id, 合约: contract}
    optional: {开平: offset, 开平标志: offset}
    codes: {side: {买: buy, 卖: sell}}
    constants: {exchange: SHFE}
    time: {join: [日期, 时间], format: '%Y%m%d %H:%M:%S.%f', zone: Asia/Shanghai}
    encoding: gbk
    delimiter: ','
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from .. import schema
from .columns import did_you_mean
from .mapping_nodes import Problems, kind_of, pairs_of, root_of, scalars_of
from .shipped import mapping_file
from .textblocks import EITHER
from .timeformat import FIXED_ZONE, format_problem

ENCODINGS: Final = {"utf-8": "utf-8", "gbk": "gbk", "gb18030": "gb18030", "auto": EITHER}
"""Encodings as a mapping names them, and as they are read."""

DATES: Final = ("calendar", "trading")
SHANGHAI: Final = "Asia/Shanghai"
UNITS: Final = ("s", "ms", "us", "ns")
NOT_CONSTANT: Final = ("ts", "seq", "order_id", "contra_order_id", "trade_id", "price")
"""Columns that cannot be the same on all rows."""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How ``ts`` is written: all None and empty for ISO 8601 or a timestamp column."""

    join: tuple[str, ...] = ()  # source columns whose texts, blanks between, make the time
    formats: tuple[str, ...] = ()  # any of these, as in strftime, with %f for 1 to 9 digits
    zone: str | None = None  # of times that name none; None: Asia/Shanghai
    unit: str | None = None  # numbers since 1970 UTC, in this unit
    date: str = "calendar"  # trading: the date is the trading day, on the evening before it too


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, checked."""

    path: str
    columns: dict[str, str] = field(default_factory=dict)  # source column -> canonical
    optional: dict[str, str] = field(default_factory=dict)  # the same, of columns a file may lack
    codes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    constants: dict[str, str | int] = field(default_factory=dict)
    time: TimeRule = field(default_factory=TimeRule)
    encoding: str = "utf-8"
    delimiter: str = ","
    about: str = ""

    def fitted(self, names: Collection[str]) -> Mapping:
        """Return the mapping for a file with these columns: none of it is optional any more."""
        found = {source: name for source, name in self.optional.items() if source in names}
        lacking = {*self.optional.values()} - {*found.values(), *self.columns.values(), *names}
        codes = {name: words for name, words in self.codes.items() if name not in lacking}
        return replace(self, columns=self.columns | found, optional={}, codes=codes)


def load_mapping(path: str | Path) -> Mapping:
    """Return the mapping in a YAML file, or the one that ships under a name.

    Raises InputError with every problem of the file, each with line and column.
    """
    path = mapping_file(path)
    name = str(path)
    root = root_of(path)
    problems = Problems(name)
    given = pairs_of(root, problems, "a mapping file", _SECTIONS)
    values = {key: _SECTIONS[key](node, problems) for key, (_, node) in given.items()}
    if "ts" in values.get("columns", {}).values() and values.get("time", TimeRule()).join:
        problems.add(given["time"][1], "time.join makes 'ts', and so does a column in columns")
    optional = values.get("optional", {})
    for source in optional:
        if source in values.get("columns", {}):
            problems.add(given["optional"][1], f"{source!r} stands in columns as well")
    for column in values.get("constants", {}):
        if column in (*values.get("columns", {}).values(), *optional.values()):
            problems.add(given["constants"][1], f"{column!r} is a constant and a column as well")
    problems.fail_if_any()
    return Mapping(name, **values)


def _columns(node: Any, problems: Problems) -> dict[str, str]:
    columns: dict[str, str] = {}
    taken: dict[str, str] = {}
    for source, name, value_node in _named(node, problems, "columns"):
        if name in taken:
            problems.add(value_node, f"{taken[name]!r} and {source!r} both become {name!r}")
        else:
            taken[name] = source
            columns[source] = name
    return columns


def _optional(node: Any, problems: Problems) -> dict[str, str]:
    """Return columns that a file may lack; of several that become one, it is to have one."""
    return {source: name for source, name, _ in _named(node, problems, "optional columns")}


def _named(node: Any, problems: Problems, what: str) -> Iterator[tuple[str, str, Any]]:
    """Yield each source column with its canonical one, and the node that says so."""
    for source, name, _, value_node in scalars_of(node, problems, what):
        if name in schema.LOG_COLUMNS:
            yield source, name, value_node
        else:
            hint = did_you_mean(name, schema.LOG_COLUMNS)
            problems.add(value_node, f"unknown column {name!r}{hint}")


def _codes(node: Any, problems: Problems) -> dict[str, dict[str, str | None]]:
    known = (*schema.CODES, "exchange")
    codes: dict[str, dict[str, str | None]] = {}
    for column, (_, words_node) in pairs_of(node, problems, "codes", known).items():
        words: dict[str, str | None] = {}
        for source, word, _, node_ in scalars_of(words_node, problems, "words"):
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


def _constants(node: Any, problems: Problems) -> dict[str, str | int]:
    known = [name for name in schema.LOG_COLUMNS if name not in NOT_CONSTANT]
    constants: dict[str, str | int] = {}
    for column, (_, value_node) in pairs_of(node, problems, "constants", known).items():
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


def _time(node: Any, problems: Problems) -> TimeRule:
    given = pairs_of(node, problems, "time", ("join", "format", "zone", "unit", "date"))
    values: dict[str, Any] = {}
    for key, (key_node, value_node) in given.items():
        if key != "unit" and "unit" in given:
            problems.add(key_node, f"{key!r} does not go with 'unit': numbers count from 1970 UTC")
        elif key == "join":
            values[key] = _join(value_node, problems)
        elif key == "format":
            values["formats"] = _formats(value_node, problems)
        elif not isinstance(value_node, yaml.ScalarNode):
            problems.add(value_node, f"found {kind_of(value_node)}, expected text")
        elif said := _TIME_CHECKS[key](value_node.value):
            problems.add(value_node, said)
        else:
            values[key] = value_node.value
    if values.get("date") == "trading" and values.get("zone", SHANGHAI) != SHANGHAI:
        problems.add(given["zone"][1], f"'date: trading' goes with times of {SHANGHAI} alone")
    return TimeRule(**values)


def _join(node: Any, problems: Problems) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    if len(items) < 2 or not all(isinstance(item, yaml.ScalarNode) for item in items):
        problems.add(node, "time.join: expected a list of two source columns or more")
        return ()
    return tuple(item.value for item in items)


def _formats(node: Any, problems: Problems) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if not isinstance(item, yaml.ScalarNode):
            problems.add(item, f"found {kind_of(item)}, expected text")
        elif said := format_problem(item.value):
            problems.add(item, said)
    if not items:
        problems.add(node, "time.format: expected a format, or a list of some")
    return tuple(str(item.value) for item in items)


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


def _date_problem(date: str) -> str | None:
    return None if date in DATES else f"unknown date {date!r}, expected one of {', '.join(DATES)}"


def _about(node: Any, problems: Problems) -> str:
    if not isinstance(node, yaml.ScalarNode):
        problems.add(node, f"found {kind_of(node)}, expected text")
        return ""
    return " ".join(str(node.value).split())


def _encoding(node: Any, problems: Problems) -> str:
    name = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
    name = {"utf8": "utf-8"}.get(name, name)
    if name not in ENCODINGS:
        problems.add(node, f"encoding: expected one of {', '.join(ENCODINGS)}")
        return name
    return ENCODINGS[name]


def _delimiter(node: Any, problems: Problems) -> str:
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    text = "\t" if text == "tab" else text
    if len(text) != 1 or not text.isascii() or text.isalnum() or text in '"\r\n\0':
        problems.add(node, "delimiter: expected one ASCII sign, or tab")
    return text


_SECTIONS: Final[dict[str, Callable[[Any, Problems], Any]]] = {
    "about": _about,
    "columns": _columns,
    "optional": _optional,
    "codes": _codes,
    "constants": _constants,
    "time": _time,
    "encoding": _encoding,
    "delimiter": _delimiter,
}
_TIME_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {
    "zone": _zone_problem,
    "unit": _unit_problem,
    "date": _date_problem,
}
