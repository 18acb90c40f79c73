"""Shorthand: the lines of a case as an order log, and which rows each repetition came to."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ..market.calendar import Calendar
from .case import MARKET, Line, Tip
from .clock import MS, begins

TYPES: Final[dict[str, pa.DataType]] = {
    "seq": pa.int64(),
    "ts": pa.timestamp("ns"),
    "contract": pa.string(),
    "action": pa.string(),
    "order_id": pa.int64(),
    "account": pa.string(),
    "side": pa.string(),
    "offset": pa.string(),
    "hedge": pa.string(),
    "order_type": pa.string(),
    "tif": pa.string(),
    "price": pa.float64(),
    "lots": pa.int64(),
    "contra_order_id": pa.int64(),
    "contra_account": pa.string(),
    "trade_type": pa.string(),
    "cancel_by": pa.string(),
    "phase": pa.string(),
}
"""Columns of a case's log, of which it may lack some."""

Row = dict[str, Any]
"""A row of one repetition; order ids count from 0 in it."""


@dataclass(frozen=True, slots=True)
class MadeLog:
    """The rows of a case's log, and where each line begins in them."""

    table: pa.Table
    firsts: tuple[int, ...]  # seq of each line's first row
    sizes: tuple[int, ...]  # rows of one repetition of each line

    def place(self, seq: int) -> Tip:
        """Return the line and the repetition that a row stands for."""
        line = bisect_right(self.firsts, seq) - 1
        return Tip(line + 1, (seq - self.firsts[line]) // self.sizes[line] + 1)


def make_log(
    lines: Sequence[Line], day: date, calendar: Calendar, without: frozenset[str]
) -> MadeLog:
    """Return the log of a trading day that lines stand for; ``without``: columns it lacks."""
    columns: dict[str, list[Any]] = defaultdict(list)
    order_ids: dict[str, list[np.ndarray[Any, Any]]] = {"order_id": [], "contra_order_id": []}
    clocks: list[np.ndarray[Any, Any]] = []
    firsts, sizes = [], []
    orders, rows = 1, 0
    for line, clock in zip(lines, begins(lines), strict=True):
        pattern = list(_VERBS[line.verb](line))
        firsts.append(rows + 1)
        sizes.append(len(pattern))
        repetition = np.repeat(np.arange(line.times, dtype=np.int64), len(pattern))
        clocks.append(clock + repetition * line.every * MS)
        new = 1 + max((row["order_id"] for row in pattern if row["order_id"] is not None),
                      default=-1)  # fmt: skip
        for column, parts in order_ids.items():
            parts.append(_numbered(pattern, column, line.times, orders + repetition * new))
        for column in TYPES:
            if column not in ("seq", "ts", *order_ids):
                columns[column] += [row.get(column) for row in pattern] * line.times
        orders += line.times * new
        rows += line.times * len(pattern)
    made: dict[str, Any] = {**columns, "seq": np.arange(1, rows + 1)}
    made |= {name: np.concatenate(parts) for name, parts in order_ids.items() if parts}
    at = calendar.moments(day, np.concatenate(clocks)) if clocks else np.zeros(0, np.int64)
    table = pa.table({
        name: _ids(made[name]) if name in order_ids else pa.array(made[name], kind)
        for name, kind in TYPES.items()
        if name not in {"ts", *without}
    })  # fmt: skip
    zoned = pa.array(at, pa.int64()).cast(pa.timestamp("ns", "UTC"))
    table = table.append_column("ts", zoned)
    return MadeLog(table, tuple(firsts), tuple(sizes))


def _numbered(
    pattern: Sequence[Row], column: str, times: int, base: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the order ids of a line's rows, 0 where a row names none."""
    of_row = np.array([-1 if row.get(column) is None else row[column] for row in pattern], np.int64)
    within = np.tile(of_row, times)
    return np.where(within < 0, 0, base + within)


def _ids(numbers: np.ndarray[Any, Any]) -> pa.Array:
    """Return order ids, null where a row names none."""
    return pa.array(numbers, pa.int64(), mask=numbers == 0)


# --- verbs: the rows of one repetition -----------------------------------------------------------


def _order(line: Line) -> Iterator[Row]:
    yield _new(line, 0, line.lots)


def _cancel(line: Line) -> Iterator[Row]:
    ordered = line.ordered if line.ordered is not None else line.lots + line.filled
    if line.filled:
        yield _resting(line, 1, MARKET, line.filled)
    yield _new(line, 0, ordered)
    if line.filled:
        yield _match(line, 0, 1, line.filled, MARKET)
    yield {**_row(line, "cancel", 0), "lots": line.lots, "cancel_by": line.cancel_by}


def _trade(line: Line) -> Iterator[Row]:
    resting, incoming, matches = line.resting_orders, line.incoming_orders, line.matches
    for number in range(resting):
        yield _resting(line, incoming + number, line.other, line.lots * matches * incoming)
    for number in range(incoming):
        yield _new(line, number, line.lots * matches * resting)
        for other in range(resting):
            for _ in range(matches):
                yield _match(line, number, incoming + other, line.lots, line.other)


def _amend(line: Line) -> Iterator[Row]:
    yield _new(line, 0, line.lots)
    yield {**_row(line, "amend", 0), "lots": line.lots}


def _rfq(line: Line) -> Iterator[Row]:
    yield {**_row(line, "rfq", None), "account": line.account}


def _reject(line: Line) -> Iterator[Row]:
    yield {**_new(line, 0, line.lots), "action": "reject"}


_VERBS: Final = {
    "order": _order,
    "cancel": _cancel,
    "trade": _trade,
    "amend": _amend,
    "rfq": _rfq,
    "reject": _reject,
}


def _row(line: Line, action: str, order: int | None) -> Row:
    return {
        "contract": line.contract, "action": action, "order_id": order, "phase": line.phase,
    }  # fmt: skip


def _new(line: Line, order: int, lots: int) -> Row:
    return {
        **_row(line, "new", order),
        "account": line.account,
        "side": line.side,
        "offset": line.offset,
        "hedge": line.hedge,
        "order_type": line.order_type,
        "tif": line.tif,
        "price": float(line.price),
        "lots": lots,
    }


def _resting(line: Line, order: int, account: str, lots: int) -> Row:
    """Return the order that a line's own meets: the market's closes unless the line says more."""
    offset = line.other_offset or ("close" if account == MARKET else "open")
    return {
        **_new(line, order, lots),
        "account": account,
        "side": "sell" if line.side == "buy" else "buy",
        "offset": offset,
        "hedge": line.other_hedge,
        "order_type": line.other_order_type,
        "tif": line.other_tif,
    }


def _match(line: Line, order: int, contra: int, lots: int, other: str) -> Row:
    return {
        **_row(line, "trade", order),
        "contra_order_id": contra,
        "account": line.account,
        "contra_account": other,
        "side": line.side,
        "price": float(line.price),
        "lots": lots,
        "trade_type": line.trade_type,
    }
