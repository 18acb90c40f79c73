"""Read a scenario: a small day as a text table, and what a scan must say of it.

::

    time      action  order  account  contract  side  price  lots

    scenario  two accounts of a group that trade with one another are one self-trade
    group     G1 A B
    09:00:01  new     11     A        cu2501    buy   70000  5
    09:00:02  new     12     B        cu2501    sell  70000  2
    09:00:02  trade   12/11  -        cu2501    -     70000  2
    expect    G1 cu2501 self_trades=1

    twin      two accounts without a group are two subjects
    ...

A cell ``-`` is null. ``12/11`` is the incoming and the other order of a trade, ``A/B`` their
accounts; ``1..5`` is a row for each of five orders, ``x3`` at the end of a row repeats it; further
columns are ``key=value`` at the end of a row, or named in the header. ``seq`` counts on from the
row before of the same exchange and channel. A word that is not known fails, with its place.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from abtrade import schema

BASE_COLUMNS: Final = ("seq", "ts", "contract", "action", "order_id", "account", "side", "price",
                       "lots")
HEADER: Final = ("time", "action", "order", "account", "contract", "side", "price", "lots")
WHOLE_COUNTS: Final = (*schema.CELL_COUNTS, *schema.PAIR_COUNTS)
FAULTS: Final = frozenset(fault.name.lower() for fault in schema.Fault)

DAY: Final = "2025-01-06"
"""The day of a scenario that names none."""

_Known = dict[str, tuple[int, frozenset[str] | None]]

OPTIONS: Final[_Known] = {  # keyword -> (least words, keys it takes; None: any)
    "group": (2, frozenset({"status", "from", "to", "exchange"})),
    "client": (2, frozenset({"exchange"})),
    "pair": (2, frozenset({"relation", "status", "from", "to"})),
    "close_links": (1, frozenset()),
    "market_maker": (2, frozenset({"from", "to", "exchange"})),
    "contract": (1, frozenset({"exchange", "product", "tick", "order_fee"})),
    "day": (1, frozenset()),
    "exchange": (1, frozenset()),
    "zone": (1, frozenset()),
    "ids": (1, frozenset()),
    "form": (1, frozenset()),
    "prices": (1, frozenset()),
    "read": (1, frozenset()),
    "columns": (1, frozenset()),
    "without": (1, frozenset()),
    "assume": (0, frozenset(schema.ASSUMED)),
    "rule": (3, frozenset({"only", "leave_out"})),
    "pack": (1, frozenset()),
    "whole": (0, frozenset()),
}
EXPECTATIONS: Final[_Known] = {
    "expect": (2, frozenset({*WHOLE_COUNTS, "large_cancels", "otr", "exchange"})),
    "subjects": (0, frozenset()),
    "fault": (1, frozenset({*FAULTS, "first"})),
    "faults": (1, frozenset()),
    "alert": (4, frozenset({"count", "gross", "yellow_seq", "yellow_at", "yellow_channel",
                            "red_seq", "red_at", "red_channel", "alone", "largest",
                            "largest_count", "assumed", "shares", "accounts"})),
    "alerts": (1, frozenset()),
    "ledger": (3, frozenset({"gross", "counted", "exempt", "unknown", "level", "assumed"})),
    "no_ledger": (3, frozenset()),
    "blind": (1, frozenset()),
    "rejected": (2, frozenset()),
    "pair_of": (2, frozenset({"matches", "lots"})),
    "found_day": (1, frozenset()),
    "error": (1, frozenset()),
}

Row = dict[str, str | None]
"""A row of the log, column -> text; None is null."""


class ScenarioError(Exception):
    """A scenario file that says something nobody knows."""


@dataclass
class Line:
    """A line of options or expectations: its words, its ``key=value`` pairs, where it stands."""

    place: str
    words: list[str]
    values: dict[str, str]


@dataclass
class Scenario:
    """A named day and what must come of it."""

    name: str
    place: str
    is_twin: bool
    header: tuple[str, ...]
    lines: dict[str, list[Line]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def all_of(self, keyword: str) -> list[Line]:
        """Return the lines of a keyword."""
        assert keyword in OPTIONS or keyword in EXPECTATIONS, keyword
        return self.lines.get(keyword, [])

    def word(self, keyword: str, default: str = "") -> str:
        """Return the first word of a keyword's last line, ``default`` where there is none."""
        lines = self.all_of(keyword)
        return lines[-1].words[0] if lines else default

    def columns(self) -> list[str]:
        """Return the log's columns: the usual ones and those the rows name, less ``without``."""
        named = {column for row in self.rows for column in row} | {*BASE_COLUMNS}
        named.update(word for line in self.all_of("columns") for word in line.words)
        named.difference_update(word for line in self.all_of("without") for word in line.words)
        return [column for column in schema.LOG_COLUMNS if column in named]


def read_scenarios(folder: Path) -> list[Scenario]:
    """Return the scenarios of every ``*.scenario`` file of a folder; no name stands twice."""
    paths = sorted(folder.glob("*.scenario"))
    found = [scenario for path in paths for scenario in parse(path.read_text("utf-8"), path.name)]
    places: dict[str, str] = {}
    for scenario in found:
        if scenario.name in places:
            message = f"{scenario.place}: the name of a scenario at {places[scenario.name]}"
            raise ScenarioError(message)
        places[scenario.name] = scenario.place
    return found


def parse(text: str, name: str = "scenario") -> list[Scenario]:
    """Return the scenarios of a text. Raise ScenarioError where a line is not understood.

    A header before the first scenario holds for all, one within a scenario for that one.
    """
    header: tuple[str, ...] = HEADER
    scenarios: list[Scenario] = []
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{name}:{number}"
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "" or keyword.startswith("#"):
            continue
        if keyword in ("scenario", "twin"):
            scenarios.append(Scenario(rest.strip(), place, keyword == "twin", header))
        elif keyword == "time" and scenarios:
            scenarios[-1].header = _header(line, place)
        elif keyword == "time":
            header = _header(line, place)
        elif scenarios:
            _read_line(scenarios[-1], line, place)
        else:
            raise ScenarioError(f"{place}: expected `scenario`, found {keyword!r}")
    for scenario in scenarios:
        check(scenario)
    return scenarios


def check(scenario: Scenario) -> None:
    """Raise ScenarioError where a scenario is empty or speaks of what it does not have."""
    for missing, there in (("a name", scenario.name), ("rows", scenario.rows),
                           ("expectations", set(scenario.lines) & set(EXPECTATIONS))):
        if not there:
            raise ScenarioError(f"{scenario.place}: without {missing}")
    contracts = {row.get("contract") for row in scenario.rows}
    for keyword, word in (("expect", 1), ("fault", 0)):
        for line in scenario.all_of(keyword):
            if line.words[word] not in contracts:
                raise ScenarioError(f"{line.place}: no row in {line.words[word]!r}")
    rules = {line.words[0] for line in scenario.all_of("rule")}
    for keyword, word in (("alert", 1), ("ledger", 0), ("no_ledger", 0), ("blind", 0)):
        for line in scenario.all_of(keyword):
            if line.words[word] not in rules and not scenario.all_of("pack"):
                raise ScenarioError(f"{line.place}: no rule {line.words[word]!r}")
    if not scenario.all_of("rejected"):
        for row, place in zip(scenario.rows, scenario.places, strict=True):
            _check_codes(row, place)


def _check_codes(row: Row, place: str) -> None:
    for column in schema.CODES:
        value = row.get(column)
        if value is not None and value not in schema.code_words(column):
            raise ScenarioError(f"{place}: no {column} {value!r}")


def _header(line: str, place: str) -> tuple[str, ...]:
    names = tuple(line.split())
    for name in names:
        if name not in (*HEADER, *schema.LOG_COLUMNS):
            raise ScenarioError(f"{place}: no column {name!r}")
    return names


def _read_line(scenario: Scenario, line: str, place: str) -> None:
    try:
        keyword, *words = shlex.split(line)
    except ValueError as error:
        raise ScenarioError(f"{place}: {error}") from error
    if keyword in OPTIONS or keyword in EXPECTATIONS:
        scenario.lines.setdefault(keyword, []).append(_line(keyword, words, place))
    elif re.match(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT|-\Z", keyword):
        for row in _rows(scenario, [keyword, *words], place):
            scenario.rows.append(row)
            scenario.places.append(place)
    else:
        raise ScenarioError(f"{place}: unknown word {keyword!r}")


def _line(keyword: str, words: list[str], place: str) -> Line:
    least, keys = (OPTIONS.get(keyword) or EXPECTATIONS[keyword])
    pairs = [word for word in words if re.match(r"[a-z_]+(@\d+)?=", word)]
    plain = [word for word in words if word not in pairs]
    values = dict(pair.split("=", 1) for pair in pairs)
    if len(plain) < least:
        raise ScenarioError(f"{place}: {keyword} takes {least} words, found {len(plain)}")
    if len(values) < len(pairs):
        raise ScenarioError(f"{place}: a key stands twice")
    for key in values:
        if keys is not None and key.partition("@")[0] not in keys:
            raise ScenarioError(f"{place}: {keyword} knows no {key!r}")
    return Line(place, plain, values)


def _rows(scenario: Scenario, words: list[str], place: str) -> Iterator[Row]:
    width = len(scenario.header)
    if len(words) < width:
        raise ScenarioError(f"{place}: {len(words)} cells, the header has {width}")
    cells = dict(zip(scenario.header, words[:width], strict=True))
    times = 1
    for word in words[width:]:
        key, equals, value = word.partition("=")
        if re.fullmatch(r"x[1-9]\d*", word):
            times = int(word[1:])
        elif equals and key in schema.LOG_COLUMNS:
            cells[key] = value
        else:
            raise ScenarioError(f"{place}: no column in {word!r}")
    for _ in range(times):
        for orders in _orders(cells["order"], place):
            yield _row(scenario, cells, orders)


def _orders(cell: str, place: str) -> list[tuple[str, ...]]:
    runs = [_run(part) for part in cell.split("/")]
    most = max(len(run) for run in runs)
    if len(runs) > 2 or any(len(run) not in (1, most) for run in runs):
        raise ScenarioError(f"{place}: {cell!r} is no order, pair or run of orders")
    return [tuple(run[index % len(run)] for run in runs) for index in range(most)]


def _run(cell: str) -> list[str]:
    run = re.fullmatch(r"(\d+)\.\.(\d+)", cell)
    return [str(number) for number in range(int(run[1]), int(run[2]) + 1)] if run else [cell]


def _row(scenario: Scenario, cells: dict[str, str], orders: tuple[str, ...]) -> Row:
    told = dict(cells)
    told["ts"] = told.pop("time")
    del told["order"]
    told.update(zip(("order_id", "contra_order_id"), orders, strict=False))
    accounts = told.pop("account").split("/")
    told.update(zip(("account", "contra_account"), accounts, strict=False))
    row: Row = {column: None if value == "-" else value for column, value in told.items()}
    if exchange := scenario.word("exchange"):
        row.setdefault("exchange", exchange)
    row.setdefault("seq", _next_seq(scenario.rows, row))
    return row


def _next_seq(rows: list[Row], row: Row) -> str:
    lane = (row.get("exchange"), row.get("channel"))
    for earlier in reversed(rows):
        if (earlier.get("exchange"), earlier.get("channel")) == lane:
            return str(int(earlier["seq"] or 0) + 1)
    return "1"


# --- what a scan is given --------------------------------------------------------------------


def log_table(scenario: Scenario) -> pa.Table:
    """Return the rows of a scenario as a canonical log; every column as text for ``form csv``."""
    columns = {c: [row.get(c) for row in scenario.rows] for c in scenario.columns()}
    if scenario.word("form") == "csv":
        columns["ts"] = [_instant(value) for value in columns["ts"]]
        return pa.table({c: pa.array(values, pa.string()) for c, values in columns.items()})
    return pa.table({c: _array(scenario, c, values) for c, values in columns.items()})


def _array(scenario: Scenario, column: str, values: list[str | None]) -> pa.Array:
    if column == "ts":
        told = pa.array([_instant(value) for value in values], pa.string())
        clock = told.cast(pa.timestamp("ns"))
        zone = scenario.word("zone")
        return clock.cast(pa.int64()).cast(pa.timestamp("ns", zone)) if zone else clock
    if column in ("seq", "channel", "lots"):
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    if column == "price" and scenario.word("prices") == "ticks":
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    if column == "price":
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if column in ("order_id", "contra_order_id", "trade_id") and _are_numbers(scenario):
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    return pa.array(values, pa.string())


def _instant(value: str | None) -> str | None:
    return value if value is None or "T" in value else f"{DAY}T{value}"


def _are_numbers(scenario: Scenario) -> bool:
    ids = [row.get(c) for row in scenario.rows for c in ("order_id", "contra_order_id", "trade_id")]
    return not scenario.all_of("ids") and all(v is None or str(_number(v)) == v for v in ids)


def _number(value: str) -> int | None:
    return int(value) if value.isdecimal() else None


def rule_files(scenario: Scenario, folder: Path) -> Iterator[str]:
    """Write each rule of a scenario to a file of its own and yield the files' paths."""
    for line in scenario.all_of("rule"):
        path = folder / f"{line.words[0]}.yaml"
        path.write_text("\n".join(rule_lines(line)) + "\n", "utf-8")
        yield str(path)


def rule_lines(line: Line) -> Iterator[str]:
    """Yield the YAML of a rule: its id, count, scope and levels, and whom it leaves out."""
    name, count, scope, *rest = line.words
    count, _, parameter = count.partition("@")
    yield f"id: t.{name}"
    yield "about: A rule of a scenario.\nexchange: SHFE\nfrom: 2000-01-01\nstatus: secondary"
    yield "source: {document: a scenario}\nclause: a scenario"
    yield f"count: {count}\nscope: {scope}"
    if count == "burst_occasions":
        messages, _, window = parameter.partition("/")
        yield f"burst_messages: {messages}\nburst_window: {window or 'calendar'}"
    elif parameter:
        yield f"large_lots: {parameter}"
    if "only" in line.values:
        yield f"only: {{{_filter(line.values['only'])}}}"
    entries = line.values.get("leave_out")
    for index, entry in enumerate(entries.split("|") if entries else ()):
        reason = " and ".join(part.partition(":")[0] for part in entry.split("+"))
        yield "leave_out:" if index == 0 else "# and"
        yield f"  - {{{_filter(entry)}, reason: {reason}, clause: a scenario}}"
    for word in rest:
        yield _level(word, line)


def _level(word: str, line: Line) -> str:
    if word == "both":
        return "both: true"
    for operator, key in ((">=", "gte"), (">", "gt")):
        level, found, number = word.partition(operator)
        if found and level in ("yellow", "red"):
            return f"{level}: {{{key}: {number}}}"
    raise ScenarioError(f"{line.place}: a rule knows no {word!r}")


def _filter(entry: str) -> str:
    parts = (part.partition(":") for part in entry.split("+"))
    flags = {"yes": "true", "no": "false"}
    return ", ".join(f"{name}: {flags.get(values, f'[{values}]')}" for name, _, values in parts)


def table(rows: list[dict[str, Any]]) -> pa.Table | None:
    """Return rows as a side table of texts, None where there are none."""
    if not rows:
        return None
    columns = {key: None for row in rows for key in row}
    return pa.table({c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns})


def clients(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the accounts table of the ``client`` lines."""
    lines = ((line.words, line.values) for line in scenario.all_of("client"))
    return [{"account": a, "client": words[0], **values} for words, values in lines
            for a in words[1:]]


def links(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the links of the ``group`` and ``pair`` lines."""
    pairs = [{"a": line.words[0], "b": line.words[1], **line.values}
             for line in scenario.all_of("pair")]
    return pairs + [
        {"client" if who.startswith("client:") else "account": who.removeprefix("client:"),
         "group": line.words[0], **line.values}
        for line in scenario.all_of("group") for who in line.words[1:]
    ]


def market_makers(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the market makers of a scenario."""
    return [{"client": line.words[0], "product": line.words[1], **line.values}
            for line in scenario.all_of("market_maker")]


def contracts(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the contract table of a scenario."""
    return [{"contract": line.words[0], **line.values} for line in scenario.all_of("contract")]
