"""Sessions: when each product's call auctions and continuous trading are on a trading day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ..schema import Phase
from ..side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    holds,
    overlapping,
    read_table,
)
from .calendar import Calendar

KINDS: Final = {
    "auction": Phase.AUCTION,
    "match": Phase.AUCTION,  # when a call auction's orders are matched
    "continuous": Phase.CONTINUOUS,
}
NONE: Final = "none"
"""The kind of a row that says there is no such part."""

COLUMNS: Final[dict[str, Column]] = {
    "exchange": Column("exchange", required=True, filled=True),
    "product": Column(required=True),
    "kind": Column(required=True, filled=True, words=(*KINDS, NONE)),
    "start": Column(required=True),
    "end": Column(required=True),
    "part": Column(required=True, filled=True, words=("night", "day", "no_night")),
    **DATES,
    "source": Column(),
}
SHIPPED: Final = Path(__file__).with_name("sessions.csv")

_MINUTE: Final = 60 * 10**9
_CLOCK: Final = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")

Span = tuple[int, int]
"""Start and end, in ns since midnight of whatever date the clock shows."""


class Interval(NamedTuple):
    """A stretch of a trading day, in ns since 1970 UTC; ``end`` is no longer of it."""

    start: int
    end: int
    kind: str


class Sessions:
    """Intervals by exchange and product, as they hold on a day.

    Rows of a product go before those of its whole exchange, and at equal rank a desk's own before
    the shipped ones: kind by kind, and apart for each ``part``: ``night``, ``day``, and
    ``no_night`` for what a day has only where no night session came before it.
    """

    def __init__(self, shipped: SideTable, given: SideTable | None = None) -> None:
        self.is_given = given is not None
        self._tables = [_by_owner(table) for table in (given, shipped) if table is not None]

    @property
    def fingerprint(self) -> str:
        """A hash of what the tables say, their sources aside."""
        told = [sorted(table.items(), key=repr) for table in self._tables]
        return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()

    def phases(
        self, exchange: str, product: str | None, day: date, calendar: Calendar
    ) -> list[Interval] | None:
        """Return a product's intervals on a trading day, in order of time.

        None where nothing tells its hours, or whether it has a night session.
        """
        if product is None:
            return None
        code = product.partition("_")[0]  # options and TAS contracts keep the future's hours
        levels = [
            [row for row in table.get((exchange, name), []) if holds(day, *row.dates)]
            for name in (code, None)
            for table in self._tables
        ]
        night, of_day = _part(levels, "night"), _part(levels, "day")
        if "continuous" not in night or "continuous" not in of_day:
            return None
        if not night["continuous"] or calendar.night_of(day) is None:
            night = _part(levels, "no_night")
        parts = (night, of_day)
        spans = [(kind, span) for part in parts for kind in KINDS for span in part.get(kind, ())]
        clock = np.array([span for _, span in spans], np.int64).reshape(-1, 2)
        times = calendar.moments(day, clock).tolist()
        found = [
            Interval(start, end, kind)
            for (kind, _), (start, end) in zip(spans, times, strict=True)
        ]
        return sorted(found)


class _Row(NamedTuple):
    kind: str
    part: str
    span: Span | None
    dates: tuple[date | None, date | None]


_Table = dict[tuple[str, str | None], list[_Row]]


def _by_owner(table: SideTable) -> _Table:
    found: _Table = {}
    for _, exchange, product, kind, start, end, part, *dates in table.select(
        "exchange", "product", "kind", "start", "end", "part", "from", "to"
    ):
        span = None if kind == NONE else (_clock(start), _clock(end))
        row = _Row(kind, part, span, (dates[0], dates[1]))
        found.setdefault((exchange, product), []).append(row)
    return found


def _part(levels: Iterable[list[_Row]], part: str) -> dict[str, list[Span]]:
    """Return a part's spans by kind, each of the first level that tells of the kind."""
    told: dict[str, list[Span]] = {}
    for rows in levels:
        here: dict[str, list[Span]] = {}
        for row in rows:
            if row.part == part:
                for kind in KINDS if row.span is None else (row.kind,):
                    here.setdefault(kind, []).extend([] if row.span is None else [row.span])
        told = here | told
    return told


def load_sessions(source: Source | None = None) -> Sessions:
    """Return the shipped sessions, a desk's own table (file or Arrow) over them.

    Raises InputError with every problem of the table.
    """
    if source is None:
        return _shipped()
    own = read_table(source, COLUMNS, name="sessions", check=_problems)
    return Sessions(read_table(SHIPPED, COLUMNS), own)


@cache
def _shipped() -> Sessions:
    return Sessions(read_table(SHIPPED, COLUMNS))


def _clock(text: str) -> int:
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) * _MINUTE


def _problems(table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of a given table."""
    yield from dates_in_order(table)
    bad_rows = set()
    for number, kind, start, end, part in table.select("kind", "start", "end", "part"):
        if kind == NONE:
            if start or end:
                bad_rows.add(number)
                yield number, "found a time beside kind 'none', expected blanks"
            continue
        bad = [
            f"column '{name}': found {clock!r}, expected a time such as 09:00"
            for name, clock in (("start", start), ("end", end))
            if clock is None or not _CLOCK.fullmatch(clock)
        ]
        yield from ((number, text) for text in bad)
        bad_rows.update([number] if bad else [])
        if not bad and _of_night(start) != (part == "night"):
            hours = "from 18:00 to 06:00" if part == "night" else "from 06:00 to 18:00"
            yield number, f"column 'start': found {start} in part '{part}', expected one {hours}"
        elif not bad and _since_evening(start) >= _since_evening(end):
            yield number, f"column 'start': found {start}, expected one before 'end', {end}"


    yield from _contradictions(table, bad_rows)


def _contradictions(table: SideTable, bad_rows: Collection[int]) -> Iterator[Problem]:
    """Yield a problem for each row that leaves no hours to another one of the same days."""
    held: dict[tuple[str, str | None], list[tuple[date | None, date | None, _Hours]]] = {}
    for number, exchange, product, start, end, *rest in table.select(
        "exchange", "product", "from", "to", "kind", "part", "start", "end"
    ):
        if number not in bad_rows:
            held.setdefault((exchange, product), []).append((start, end, _Hours(number, *rest)))
    for rows in held.values():
        for first, second in map(sorted, overlapping(rows)):
            if first.part == second.part and NONE in (first.kind, second.kind):
                if first.kind != second.kind:
                    found = f"found '{second.kind}' for a part that row {first.number} has as"
                    yield second.number, f"{found} '{first.kind}', expected one of them"
            elif first.shares_a_day_with(second) and first.meets(second):
                found = f"found {second.start} to {second.end}, which overlaps {first.start} to"
                yield second.number, f"{found} {first.end} of row {first.number}, expected one"


class _Hours(NamedTuple):
    """A row's hours as they are written."""

    number: int
    kind: str
    part: str
    start: str
    end: str

    def shares_a_day_with(self, other: _Hours) -> bool:
        """Whether a trading day may have both parts."""
        return {self.part, other.part} != {"night", "no_night"} and NONE not in (
            self.kind, other.kind
        )  # fmt: skip

    def meets(self, other: _Hours) -> bool:
        """Whether both have a moment in common."""
        starts, ends = (self.start, other.start), (self.end, other.end)
        return max(map(_since_evening, starts)) < min(map(_since_evening, ends))


def _of_night(clock: str) -> bool:
    return not "06:00" <= clock < "18:00"


def _since_evening(clock: str) -> int:
    return (_clock(clock) - 18 * 60 * _MINUTE) % (24 * 60 * _MINUTE)
