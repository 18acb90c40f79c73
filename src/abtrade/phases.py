"""Phases: the trading phase of each row, by its time, where the log has no column for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .batch import Batch, Int64, UInt8
from .market.calendar import NIGHT_BEGINS, Calendar, midnight_of
from .market.contracts import ContractTable
from .market.sessions import KINDS, Interval, Sessions
from .names import Names
from .schema import Action, Phase

OUTSIDE_SHARE: Final = 0.01
"""More orders than this outside every session are worth a note."""

CLOCK_SHARE: Final = 0.5
"""With more than this outside, the log's clock is not that of the exchanges: nothing is derived."""

UNKNOWN: Final = 0
_NAMES: Final[dict[int, str]] = {
    UNKNOWN: "unknown",
    **{phase: phase.name.lower() for phase in Phase},
}


@dataclass(slots=True)
class PhaseCounts:
    """What phases were put in: rows by phase, and orders in and outside sessions."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_NAMES.values(), 0))
    orders: int = 0
    orders_outside: int = 0  # in phase closed


class Phases:
    """Puts ``phase`` into the batches of a trading day.

    ``everywhere``: on every row. Without, no rule asks for it, and all that matters is which of two
    orders came in where they match in an auction: only auction rows get their phase, and a batch
    without such is left as it is.

    The phase of a row stays null where its contract has no known sessions, or its time is not of
    the trading day.
    """

    def __init__(
        self,
        sessions: Sessions,
        calendar: Calendar,
        contracts: ContractTable,
        day: date,
        *,
        everywhere: bool,
    ) -> None:
        self.everywhere = everywhere
        self.counts = PhaseCounts()
        self._earlier: list[Any] = self.dump()
        self._sessions = sessions
        self._calendar = calendar
        self._contracts = contracts
        self._day = day
        self._groups: list[list[Interval] | None] = []
        self._group_of = np.zeros(0, np.int64)  # by contract
        self._edges: Int64 = np.zeros(0, np.int64)
        self._codes: npt.NDArray[np.uint8] = np.zeros((0, 1), np.uint8)  # group x stretch

    def filled(self, batches: Iterator[Batch], names: Names) -> Iterator[Batch]:
        """Yield batches with the phases of their rows put in; ``names`` tells their contracts."""
        self._groups, self._group_of = [], self._group_of[:0]
        rows, orders, outside = self._earlier
        self.counts = PhaseCounts(dict(rows), orders, outside)
        for batch in batches:
            if len(batch):
                self._fill(batch, names)
            yield batch

    def _fill(self, batch: Batch, names: Names) -> None:
        self._take_up_contracts(names)
        first, last = np.searchsorted(self._edges, (batch.ts.min(), batch.ts.max()), "right")
        if not (self.everywhere or (self._codes[:, first : last + 1] == Phase.AUCTION).any()):
            return
        group = self._group_of.take(batch.contract)
        if first == last:
            phase = self._codes[:, first].take(group)
        else:
            stretch = np.searchsorted(self._edges, batch.ts, "right")
            phase = self._codes.ravel().take(group * self._codes.shape[1] + stretch)
        if not self.everywhere:
            phase = phase * (phase == Phase.AUCTION)
        batch.phase = phase
        self._count(batch, phase)

    def at(self, contract: int, ts: int, names: Names) -> Phase | None:
        """Return the phase of a contract at a time, None where it is not known."""
        self._take_up_contracts(names)
        stretch = np.searchsorted(self._edges, ts, "right")
        code = int(self._codes[self._group_of[contract], stretch])
        return Phase(code) if code else None

    def unusable(self) -> str | None:
        """Return why the phases put in are none to judge by, None where they are."""
        counts = self.counts
        if not sum(counts.rows[name] for code, name in _NAMES.items() if code != UNKNOWN):
            return "of no row its contract has known sessions on the trading day"
        if counts.orders_outside > CLOCK_SHARE * counts.orders:
            return (
                f"{counts.orders_outside} of {counts.orders} orders are timed outside every "
                "session, so that the log's clock is not the exchange's"
            )
        return None

    def told(self) -> dict[str, Any]:
        """Return what the certificate says of it."""
        rows = self.counts.rows if self.everywhere else {
            "auction": self.counts.rows["auction"]
        }
        return {
            "from": "ts, by the calendar and the sessions of each product",
            "sessions": "given" if self._sessions.is_given else "shipped",
            "fingerprint": self._sessions.fingerprint,
            "rows": dict(rows),
        }

    def notes(self) -> list[str]:
        """Return what a reader of the results must know."""
        counts = self.counts
        notes = self._calendar.gap_notes(self._day)
        if counts.orders_outside <= OUTSIDE_SHARE * counts.orders:
            return notes
        return [
            *notes,
            f"{counts.orders_outside} of {counts.orders} orders are timed outside every session "
            "and have phase closed"
        ]

    def dump(self) -> list[Any]:
        """Return the counts as plain values, for ``restore``."""
        return [dict(self.counts.rows), self.counts.orders, self.counts.orders_outside]

    def restore(self, plain: list[Any]) -> None:
        """Have ``filled`` go on from the counts of the day's earlier rows."""
        self._earlier = plain

    @property
    def basis(self) -> list[str]:
        """What phases rest on: the sessions, and the days around this one."""
        night = self._calendar.night_of(self._day)
        return [self._sessions.fingerprint, str(self._calendar.previous(self._day)), str(night)]

    def _count(self, batch: Batch, phase: UInt8) -> None:
        found = np.bincount(phase, minlength=len(_NAMES)).tolist()
        for code, name in _NAMES.items():
            self.counts.rows[name] += found[code]
        if self.everywhere:
            of_orders = phase[batch.action == Action.NEW]
            self.counts.orders += int((of_orders != UNKNOWN).sum())
            self.counts.orders_outside += int((of_orders == Phase.CLOSED).sum())

    def _take_up_contracts(self, names: Names) -> None:
        """Find the sessions of contracts that have come up since the last batch."""
        contracts = names.contracts
        known, groups = len(self._group_of), len(self._groups)
        if known == len(contracts):
            return
        more = []
        for exchange, name in contracts[known:]:
            where = names.exchanges[exchange]
            product = self._contracts.facts(where, name).product
            found = self._sessions.phases(where, product, self._day, self._calendar)
            if found not in self._groups:
                self._groups.append(found)
            more.append(self._groups.index(found))
        self._group_of = np.append(self._group_of, np.array(more, np.int64))
        if len(self._groups) > groups:
            self._lay_out()

    def _lay_out(self) -> None:
        """Cut the day where the phase of any group changes, and note each group's there."""
        bounds = _bounds(self._calendar, self._day)
        each = [_changes(found, bounds) for found in self._groups]
        self._edges = np.unique(np.array([at for one in each for at, _ in one], np.int64))
        self._codes = np.zeros((len(each), len(self._edges) + 1), np.uint8)
        for group, changes in enumerate(each):
            for at, phase in changes:
                self._codes[group, np.searchsorted(self._edges, at) + 1 :] = phase


def _bounds(calendar: Calendar, day: date) -> tuple[int, int]:
    """Return when a trading day begins and ends: 18:00 of the one before, and its own."""
    hours = NIGHT_BEGINS * 3_600 * 10**9
    return midnight_of(calendar.previous(day)) + hours, midnight_of(day) + hours


def _changes(found: list[Interval] | None, bounds: tuple[int, int]) -> list[tuple[int, int]]:
    """Return from when on which phase holds, in order of time."""
    if found is None:
        return []
    changes: list[tuple[int, int]] = [(bounds[0], Phase.CLOSED)]
    for index, interval in enumerate(found):
        changes.append((interval.start, KINDS[interval.kind]))
        if index + 1 == len(found) or found[index + 1].start > interval.end:
            changes.append((interval.end, Phase.CLOSED))
    return [*changes, (bounds[1], UNKNOWN)]
