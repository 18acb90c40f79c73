"""Exports of trading programs: rows of their orders and trades, brought together into one log.

Such an export is of a few accounts and is held in memory whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import pyarrow.compute as pc

from ...batch import Int64
from ...errors import InputError, LackingError, problems_error
from ..foreign import Stated, notes_on_accounts
from ..made import MadeSource
from ..raw import Source
from ..states.log import FINAL_STATE, FileRead, StateLog
from ..states.rows import NO_TIME, Rows, State, numbered
from ..states.vocabulary import NO_ID
from .days import NO_DATE, Clique, DayFinder, Stamps, one_day
from .rows import OrderRows, TradeRows
from .sheet import Sheet

ORDERS: Final = "orders"
TRADES: Final = "trades"
ORDER_KEY: Final = ("exchange", "order", "order_high")
NEVER: Final = 2**63 - 1


@dataclass(slots=True)
class Export:
    """All files of one export, read."""

    form: str  # the kind's name
    title: str
    sheets: list[Sheet]
    orders: list[OrderRows] = field(default_factory=list)
    trades: list[TradeRows] = field(default_factory=list)
    trading_dated: Mapping[Clique, bool] = field(default_factory=dict)  # as for ``DayFinder``
    notes: list[str] = field(default_factory=list)

    def parts(self) -> Iterator[tuple[str, OrderRows | TradeRows]]:
        """Yield the rows of each file and what they are."""
        for orders in self.orders:
            yield ORDERS, orders
        for trades in self.trades:
            yield TRADES, trades

    def note(self, text: str) -> None:
        """Add what a reader of the results must know."""
        self.notes.append(f"{self.title}: {text}")

    def note_account(self, field: str | None, stated: Stated) -> None:
        """Note what the account is: a field, or for None what is stated."""
        self.note(f"the account is {field or '--account'}")
        if field is None and stated.account_field is not None:
            self.note(
                f"--account-field {stated.account_field} is not used: --account goes before it"
            )

    def take_accounts(self, field: str, stated: Stated) -> None:
        """Note, or refuse with an InputError, accounts that are numbers."""
        files = ((str(one.path), one.schema, one.columns[field]) for one in self.sheets)
        self.notes += notes_on_accounts(stated.account_field, files)


def log_of(export: Export, stated: Stated) -> list[Source]:
    """Return the files of an export as sources of canonical rows.

    Raises InputError where they make no log of one day.
    """
    where = str(export.sheets[0].path)
    if not export.orders:
        raise InputError(
            f"{where}: found trades and no orders of {export.title}; give the file of orders too"
        )
    day = _keep_one_day(export, stated, where)
    _keep_owners_apart(export, where)
    log = StateLog()
    states = [_states(log, rows, day, stated) for rows in export.orders]
    for rows in _as_orders(states, export.orders):
        log.add_states(rows)
    for trades in export.trades:
        log.add_trades(_trades(log, trades, day, stated))
    made = log.made(
        [FileRead(sheet.file_rows, sheet.bad()) for sheet in export.sheets],
        sees_trades=bool(export.trades),
    )
    if made.repeats.same:
        export.note(f"{made.repeats.same} trades told once more left out")
    if made.repeats.other:
        file, row = made.repeats.first_other
        export.note(
            f"{made.repeats.other} trades left out that were told before with other lots or "
            f"another price; the first: {export.sheets[file].path}: row {row}"
        )
    if made.unsent_orders:
        export.note(f"{made.unsent_orders} orders left out that no row shows at the exchange")
    if made.undated_cancels:
        export.note(
            f"the time of {made.undated_cancels} cancels is not told: each stands at its order's "
            "last known time, which changes no count, but leaves tipping times unknown"
        )
    if made.short_orders:
        export.note(
            f"{made.short_orders:,} orders filled by more lots than their trades show, by "
            f"{made.short_lots:,} lots; not counted"
        )
    if made.disputed_ids:
        export.note(
            f"order ids that stand for several orders: {made.disputed_ids:,}: accounts, sides or "
            "lots differ; only the first of each is counted, the others are faults"
        )
    if export.trades and not made.sees_trades:
        export.note("no trade is left: what filled is told by the orders, self-trades are not")
    if not export.trades:
        export.note("no file of trades: what filled is told by the orders, self-trades are not")
    return [
        MadeSource(
            sheet.path, export.form, one, sheet.fingerprint, day=day,
            day_from=None if stated.day else f"the times of {export.title}",
            visibility=FINAL_STATE if made.undated_cancels else made.visibility,
            notes=export.notes,
        )
        for sheet, one in zip(export.sheets, made.files, strict=True)
    ]  # fmt: skip


# --- one trading day ---------------------------------------------------------------------------


def _keep_one_day(export: Export, stated: Stated, where: str) -> date:
    """Drop the rows of other trading days; return the day."""
    parts = list(export.parts())
    dateless = any((rows.when.dates == NO_DATE).any() for _, rows in parts)
    finder = DayFinder(stated.calendar, stated.day, export.trading_dated)
    cliques = [_cliques(what, rows) for what, rows in parts]
    stamps = {
        one: _joined_stamps([part[one] for part in cliques if one in part])
        for one in dict.fromkeys(one for part in cliques for one in part)
    }
    if not stamps and not dateless and stated.day is None:
        bad = [f"row {row.row}: {row.reason}" for sheet in export.sheets for row in sheet.bad()]
        raise InputError(f"{where}: found no row that can be read: {'; '.join(bad[:3]) or 'none'}")
    found, by_date = finder.days(stamps)
    if dateless and stated.day is None:
        days = sorted({int(day) for each in found.values() for day in np.unique(each)})
        raise LackingError(
            "day",
            f"{where}: found times without a date; give the trading day with --day",
            [date.fromordinal(day).isoformat() for day in days],
        )
    day, others = one_day(found, stated.day, where)
    for what, exchange in sorted(one for one, is_day in by_date.items() if is_day):
        export.note(f"evenings of {exchange} {what} are dated by their trading day")
    if others:
        told = ", ".join(f"{other} ({others[other]} rows)" for other in sorted(others))
        export.note(f"left out what is of other trading days than {day}: {told}")
    used = dict.fromkeys(found, 0)
    kept: list[OrderRows | TradeRows] = []
    for (_, rows), part in zip(parts, cliques, strict=True):
        keep = rows.when.dates == NO_DATE
        for one, (at, _) in part.items():
            keep[at] = found[one][used[one] : used[one] + len(at)] == day.toordinal()
            used[one] += len(at)
        kept.append(rows.where(keep))
    export.orders = [rows for rows in kept if isinstance(rows, OrderRows)]
    export.trades = [rows for rows in kept if isinstance(rows, TradeRows)]
    return day


def _cliques(what: str, rows: OrderRows | TradeRows) -> dict[Clique, tuple[Int64, Stamps]]:
    """Return the dated rows of each exchange: their places and their times."""
    exchanges = rows.exchange.fill_null("-").dictionary_encode()
    at = np.asarray(exchanges.indices)
    dated = rows.when.dates != NO_DATE
    found = {}
    for number, exchange in enumerate(exchanges.dictionary.to_pylist()):
        which = np.flatnonzero((at == number) & dated)
        if len(which):
            stamps = Stamps(rows.when.dates[which], rows.when.clocks[which])
            found[what, exchange] = (which, stamps)
    return found


def _joined_stamps(parts: Sequence[tuple[Int64, Stamps]]) -> Stamps:
    return Stamps(
        np.concatenate([stamps.dates for _, stamps in parts]),
        np.concatenate([stamps.clocks for _, stamps in parts]),
    )


# --- whose orders ------------------------------------------------------------------------------


def _keep_owners_apart(export: Export, where: str) -> None:
    """Put the owner before ids where there are several: each of them gives ids of its own."""
    parts = [rows for _, rows in export.parts()]
    owners = {owner for rows in parts for owner in pc.unique(rows.owner).to_pylist()}
    named = sorted(owner for owner in owners if owner is not None)
    if len(named) < 2:
        return
    if None in owners:
        raise problems_error(
            [f"{where}: found orders or trades of nobody beside those of {', '.join(named)}, "
             "whose ids may be the same"]
        )  # fmt: skip
    for rows in parts:
        rows.order = pc.binary_join_element_wise(rows.owner, rows.order, ".")


# --- rows as the machinery of order states takes them ------------------------------------------


def _common(
    log: StateLog, rows: OrderRows | TradeRows, day: date, stated: Stated
) -> tuple[Rows, Int64]:
    """Return the columns that states and trades have, and the time of each row."""
    low, high = log.words.ids("order_id", rows.order)
    common: Rows = {
        "file": np.full(len(rows), rows.file, np.int32),
        "row": rows.row,
        "exchange": log.words.codes("exchange", rows.exchange),
        "order": low,
        "order_high": high,
        "contract": log.words.codes("contract", rows.contract),
        "account": log.words.codes("account", rows.account),
        "lots": rows.lots,
        "price": rows.price,
        "side": rows.side,
        "offset": rows.offset,
    }
    return common, stated.calendar.moments(day, rows.when.clocks)


def _states(log: StateLog, rows: OrderRows, day: date, stated: Stated) -> Rows:
    common, ts = _common(log, rows, day, stated)
    return common | {
        "state": rows.state,
        "traded": rows.traded,
        "since": ts,
        "order_type": rows.order_type,
        "tif": rows.tif,
    }


def _trades(log: StateLog, rows: TradeRows, day: date, stated: Stated) -> Rows:
    common, ts = _common(log, rows, day, stated)
    low, high = log.words.ids("trade_id", rows.trade)
    return common | {"trade": low, "trade_high": high, "ts": ts}


def _as_orders(files: Sequence[Rows], given: Sequence[OrderRows]) -> Iterator[Rows]:
    """Yield the states with ``since``, the first time that any row tells, ``ended`` and ``local``.

    An order that did not reach the exchange keeps its id as a local name alone. Programs keep the
    time at which an order was put in; a later one on the row that says cancelled is the time of
    that.
    """
    number = numbered(*(np.concatenate([rows[key] for rows in files]) for key in ORDER_KEY))
    ts = np.concatenate([rows["since"] for rows in files])
    told = np.concatenate([rows.timed for rows in given])
    since = _least_by(number, np.where(told, ts, NEVER))
    since = np.where(since == NEVER, _least_by(number, ts), since)
    later = told & (ts > since)
    done = 0
    for rows, cells in zip(files, given, strict=True):
        these = slice(done, done + len(cells))
        done = these.stop
        ends = later[these] & (cells.state == State.CANCELLED)
        yield rows | {
            "order_high": np.where(cells.reached, rows["order_high"], np.uint64(NO_ID)),
            "local": number[these],
            "since": since[these],
            "ended": np.where(ends, ts[these], NO_TIME),
        }


def _least_by(number: Int64, values: Int64) -> Int64:
    """Return for each row the least value of all rows of its number: (n,)."""
    least = np.full(len(values), NEVER)
    np.minimum.at(least, number, values)
    return np.asarray(least[number])
