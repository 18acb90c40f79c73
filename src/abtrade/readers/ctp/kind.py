"""CTP as a kind of log: which files are of it, and all files of one log read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final

import pyarrow as pa

from ...errors import InputError
from ...market.contracts import load_contracts
from ...market.years import FIRST_DAY
from ..ahead import ahead
from ..columns import is_text
from ..foreign import Glimpse, Kind, Meaning, Part, Stated
from ..made import MadeSource
from ..raw import RawBatch, Source
from ..sources import as_table
from ..states.log import FileRead, MadeLog, StateLog
from ..states.trades import Repeats
from .accounts import AccountField, File, account_field
from .days import TradingDays
from .fields import (
    ACTIONS,
    NOT_NEEDED,
    ORDERS,
    REQUIRED,
    TRADES,
    VARIED,
    columns_of,
    what_is_in,
)
from .meanings import meanings_of
from .names import OrderNames
from .rows import Context, Read, order_rows, request_rows, trade_rows

_READERS: Final[dict[str, Callable[..., Read]]] = {
    ORDERS: order_rows,
    TRADES: trade_rows,
    ACTIONS: request_rows,
}
READ_ROWS: Final = 16_384
"""Columns of so many rows find memory that was used before; larger ones ask for new pages."""

_DAY_COLUMNS: Final = {ORDERS: "TradingDay", TRADES: "TradingDay", ACTIONS: "ActionDate"}


class Ctp(Kind):
    """Files of OrderField, TradeField and OrderActionField, any number of each."""

    name: ClassVar[str] = "ctp"
    title: ClassVar[str] = "CTP's structures"

    def part(self, glimpse: Glimpse) -> str | None:
        """Return what a file holds: orders, trades, actions, or what of CTP is not needed.

        Raises InputError where another delimiter than a comma keeps it from being read.
        """
        what = what_is_in(glimpse.columns)
        if what is None and len(glimpse.columns) == 1:
            _check_delimiter(glimpse.columns[0], glimpse)
        return what

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each column of a file."""
        return meanings_of(part.what, part.glimpse.columns, _account_of(log, stated))

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return the files of one log, read."""
        used = [part for part in parts if part.what in REQUIRED]
        if not any(part.what == ORDERS for part in used):
            told = ", ".join(f"{part.glimpse.path} ({part.what})" for part in parts)
            raise InputError(
                f"{told}: found no file of orders (OrderField), expected one or more: without "
                "orders there is nothing to count"
            )
        return _Reading(used, stated).sources(_unused(parts))


def _file(part: Part) -> File:
    source = as_table(part.glimpse)
    names = columns_of(part.what, source.columns)
    source.repeating = [
        name
        for field, name in names.items()
        if field not in VARIED and is_text(source.schema.field(name).type)
    ]
    return source, names


def _account_of(log: Sequence[Part], stated: Stated) -> AccountField | None:
    """Return what the account of a log's files is, None where nothing tells."""
    orders, trades = ([_file(part) for part in log if part.what == w] for w in (ORDERS, TRADES))
    try:
        return account_field(orders, trades, stated) if orders else None
    except InputError:
        return None


class _Reading:
    """All files of one log on their way into events."""

    def __init__(self, parts: Sequence[Part], stated: Stated) -> None:
        self._whats = [part.what for part in parts]
        self._files = [_file(part) for part in parts]
        self._stated = stated
        self._log = StateLog()
        self._days = TradingDays(stated.day, stated.calendar)
        orders, trades = self._of(ORDERS), self._of(TRADES)
        words = self._log.words
        self._context = Context(
            words,
            OrderNames(words),
            account_field(orders, trades, stated),
            stated.calendar,
            _exchange_of(stated),
            {field for _, names in (*orders, *trades) for field in names},
            all("OrderSubmitStatus" in names for _, names in orders),
        )

    def sources(self, notes: Sequence[str]) -> list[Source]:
        """Return the files with the rows made of theirs."""
        read = [FileRead() for _ in self._files]
        for what in _READERS:
            for number, found in enumerate(self._whats):
                if found == what:
                    self._read(number, read[number])
        self._days.check()
        self._log.leave_out(self._context.kept_back)
        made = self._log.made(
            read, sees_trades=TRADES in self._whats, name=self._context.names.text
        )
        notes = [*self._notes(made), *notes]
        return [
            MadeSource(
                source.path,
                Ctp.name,
                rows,
                source.fingerprint(),
                day=self._days.day,
                day_from=self._days.day_from,
                visibility=made.visibility,
                one_broker=True,  # a counter is its broker's, states or not
                notes=notes,
            )
            for (source, _), rows in zip(self._files, made.files, strict=True)
        ]

    def _of(self, what: str) -> list[File]:
        return [file for file, found in zip(self._files, self._whats, strict=True) if found == what]

    def _read(self, number: int, read: FileRead) -> None:
        """Read one file into the log."""
        (source, names), what = self._files[number], self._whats[number]
        day_column = names.get(_DAY_COLUMNS[what])
        narrow = self._days.near if what == ACTIONS else self._days.of_day
        for raw in _batches(source, names):
            read.rows += raw.record.num_rows + len(raw.bad)
            rows = narrow(raw, day_column)
            day = self._days.day or FIRST_DAY
            made, bad = _READERS[what](rows, names, number, day, self._context)
            read.bad += bad
            {ORDERS: self._log.add_states, TRADES: self._log.add_trades,
             ACTIONS: self._log.add_requests}[what](made)  # fmt: skip

    def _notes(self, made: MadeLog) -> list[str]:
        notes = [*self._context.account.notes(self._stated), *self._days.notes()]
        left: Counter[str] = self._context.left_out
        if not made.sees_trades:
            empty = TRADES in self._whats
            given = "the files of trades hold none" if empty else "there is no file of trades"
            notes.append(
                f"{given}: what filled is taken from VolumeTraded, at the time "
                "of the order; self-trades and prices of trades are not seen"
            )
        if made.short_orders:
            notes.append(
                f"orders that filled by more lots than their trades show: {made.short_orders:,}, "
                f"by {made.short_lots:,} lots: trades are missing, so that self-trades and open "
                "lots cannot be judged whole"
            )
        if made.disputed_ids:
            notes.append(
                f"values of OrderSysID that stand for several orders of one contract: "
                f"{made.disputed_ids:,}: their accounts, sides, lots or local numbers differ; only "
                "the first of each is counted, the others are faults"
            )
        if made.nameless_orders:
            notes.append(
                "orders without an OrderSysID that were at the exchange: "
                f"{made.nameless_orders:,}: counted, by TraderID and OrderLocalID, or "
                "FrontID, SessionID and OrderRef"
            )
        if made.undated_cancels:
            notes.append(
                f"cancels without a time of their own: {made.undated_cancels:,}: they stand at the "
                "last time that is known of their order"
            )
        if made.unsent_orders:
            notes.append(
                f"orders that got no OrderSysID and were not refused: {made.unsent_orders:,} "
                f"({made.unsent_rows:,} rows): they never reached an exchange and are left out"
            )
        if left["nameless"]:
            notes.append(
                f"rows left out that name no order, neither by OrderSysID nor otherwise, and that "
                f"show none at the exchange: {left['nameless']:,}"
            )
        notes += self._repeated(made.repeats)
        if left["conditional"]:
            notes.append(
                f"{left['conditional']:,} rows of orders that wait at the counter for a condition "
                "are left out: the exchange knows nothing of them"
            )
        if left["split"]:
            notes.append(
                f"{left['split']:,} rows of trades split a combination's position and are left "
                "out: nothing was traded"
            )
        if not self._context.tells_refusals:
            notes.append(
                "no column tells OrderSubmitStatus: of cancelled orders those without OrderSysID "
                "are taken for refused ones"
            )
        return notes

    def _repeated(self, repeats: Repeats) -> list[str]:
        notes = []
        if repeats.same:
            notes.append(
                f"{repeats.same:,} rows of trades tell one that was told before and are left "
                "out: the same exchange, contract, TradeID, Direction and OrderSysID"
            )
        if repeats.other:
            file, row = repeats.first_other
            notes.append(
                f"{repeats.other:,} rows of trades that were told before with other lots or "
                f"another price are left out; the first: {self._files[file][0].path}: row {row}"
            )
        return notes


def _check_delimiter(header: str, glimpse: Glimpse) -> None:
    for delimiter in (";", "\t", "|"):
        if what := what_is_in([name.strip(' "') for name in header.split(delimiter)]):
            raise InputError(
                f"{glimpse.path}: {Ctp.title}, {what}: found columns delimited by {delimiter!r}, "
                "expected commas; save it as CSV with commas"
            )


def _batches(source: Source, names: dict[str, str]) -> Iterator[RawBatch]:
    """Yield the rows of a file; one batch without rows where it has none."""
    columns = set(names.values())
    empty = True
    for raw in ahead(source.read(columns, READ_ROWS)):
        empty = False
        yield raw
    if empty:
        fields = [source.schema.field(name) for name in sorted(columns)]
        arrays = [pa.array([], field.type) for field in fields]
        record = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
        yield RawBatch(1, record, None, [], str(source.path))


def _exchange_of(stated: Stated) -> Callable[[str], str | None]:
    table = load_contracts(None, stated.day or FIRST_DAY)
    return lambda contract: table.named(None, contract).exchange


def _unused(parts: Sequence[Part]) -> list[str]:
    return [
        f"{part.glimpse.path}: {part.what}, not read: {NOT_NEEDED[part.what][1]}"
        for part in parts
        if part.what in NOT_NEEDED
    ]


KIND: Final = Ctp()
