"""A made-up session: a contract of 600 rows whose moments are worked out from the row alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from abtrade.errors import InputError
from abtrade.market.calendar import load_calendar
from abtrade.market.moments import moment_of
from abtrade.replay.moment import (
    Fired,
    Moment,
    OwnOrder,
    PriceLevel,
    Print,
    Standing,
    Subject,
)

SECOND = 1_000_000_000
FIRST = 1_736_472_600 * SECOND  # 2025-01-10 09:30:00 in Beijing
ROWS = 600
STEP = SECOND // 2
CLIENT = Subject("client", "C1", "SHFE")
GROUP = Subject("group", "G7", "SHFE")
MESSAGES = {
    "en": "Client C1 cancelled 423 orders in cu2503 on 2025-01-10, 400 are yellow and 500 are red; "
    "77 more cancels of any size in this contract would reach red.",
    "zh": "客户 C1 于 2025-01-10 在 cu2503 撤单 423 笔，达到黄灯 400 笔，红灯为 500 笔；"
    "再撤 77 笔即达红灯。",
}


def ts_of(row: int) -> int:
    return FIRST + (row - 1) * STEP


def level(price: int, at: int, own: int) -> PriceLevel:
    lots = 5 + 17 * at % 90 + own
    return PriceLevel(price, lots, 1 + lots // 7, own, 1 if own else 0)


@dataclass
class MadeSession:
    """Has all that the view asks; what is asked of it from a second thread is an error."""

    lang: str = "en"
    contract: str = "SHFE.cu2503"
    contracts: Sequence[str] = ("SHFE.cu2503", "SHFE.cu2504", "SHFE.sc2503")
    day: date = date(2025, 1, 10)
    rows: int = ROWS
    row: int = 0
    until_row: int | None = None
    subject: Subject | None = CLIENT
    name: str = "C1"
    waits: threading.Event | None = None  # a seek waits for it
    asked: list[str] = field(default_factory=list)
    thread: int | None = None

    first_ts = FIRST
    last_ts = ts_of(ROWS)
    last_row = ROWS

    def _alerts(self) -> Sequence[Fired]:
        message = MESSAGES[self.lang]
        subject = replace(CLIENT, name=self.name)
        yellow = Fired("a1", "shfe.cancel_count", "yellow", subject, "contract:cu2503", 423, 300,
                       ts_of(300), 300, message)  # fmt: skip
        red = replace(yellow, alert_id="a2", rule="shfe.self_trade", level="red", subject=GROUP,
                      count=10, seq=500, ts=ts_of(500), row=500)  # fmt: skip
        return (yellow, red)

    def moment(self) -> Moment:
        self._in_one_thread()
        row = self.row
        best = 70_000 + row // 40 - (row // 100) * 3
        tape = tuple(
            Print(n, n, ts_of(n), best - n % 3, 1 + n % 9, ("buy", "sell", None)[n % 3],
                  "bought" if n % 10 == 0 else None)
            for n in range(row, max(0, row - 50), -1)
        )  # fmt: skip
        own = self.subject is not None
        return Moment(
            exchange="SHFE", contract=self.contract.partition(".")[2], row=row, rows=self.rows,
            seq=row or None, ts=ts_of(row) if row else None,
            said=f"new buy 5 @ {best * 10}" if row else "", phase="continuous" if row else None,
            tick=10.0,
            bids=tuple(level(best - n, n + row, 5 if own and n == 2 else 0) for n in range(20)),
            asks=tuple(level(best + 1 + n, n * 3 + row, 9 if own and n == 1 else 0)
                       for n in range(20)),
            tape=tape,
            prices=tuple((ts_of(n), 69_990 + n // 9 % 23, 69_993 + n // 7 % 29)
                         for n in range(1, row, 5)),
            subject=self.subject and replace(self.subject, name=self.name),
            orders=self._orders(best) if own else (),
            standings=self._standings(row) if own else (),
            fired=tuple(each for each in reversed(self._alerts()) if (each.row or 0) <= row),
            state_hash=row,
        )  # fmt: skip

    def _orders(self, best: int) -> tuple[OwnOrder, ...]:
        return (
            OwnOrder("88001", self.name, "buy", best - 2, 5, 37, FIRST, False),
            OwnOrder("88002", self.name, "sell", best + 2, 9, 1_204, FIRST + SECOND, False),
            OwnOrder("88003", self.name, "buy", best + 1, 30, 0, FIRST + 2 * SECOND, True),
        )

    def _standings(self, row: int) -> tuple[Standing, ...]:
        count = row * 423 // 300
        reached = "red" if count >= 500 else "yellow" if count >= 400 else None
        return (
            Standing("shfe.self_trade", "self_trades", row // 100, row // 100, 5, 10, None),
            Standing("shfe.cancel_count", "cancels", count, count + 20, 400, 500, reached),
            Standing("shfe.large_cancel", "large_cancels@300", row // 30, row // 30, 40, 50, None),
            Standing("dce.otr", "messages", row, row, None, None, None),
        )

    def phase_at(self, ts: int) -> str | None:
        return "closed" if ts % STEP else "continuous"

    def seek_row(self, row: int) -> None:
        self._in_one_thread()
        if self.waits is not None:
            self.waits.wait(5)
        self.asked.append(f"row {row}")
        self.row = min(max(row, 0), self.rows)

    def seek_ts(self, ts: int) -> None:
        self.asked.append(f"ts {ts}")
        self.row = min(max((ts - FIRST) // STEP + 1, 0), self.rows)

    def ts_of(self, when: str) -> int:
        return moment_of(when, self.day, load_calendar())

    def step(self, rows: int) -> None:
        self.seek_row(self.row + rows)

    def follow(self, subject: Subject | None) -> None:
        if subject and subject.name == "nobody":
            raise InputError("the day has no client 'nobody'")
        self.subject = subject

    def subjects(self) -> Sequence[Subject]:
        return (replace(CLIENT, name=self.name), GROUP)

    def next_event(self, direction: int) -> int | None:
        rows = range(0, self.rows + 1, 10)
        return self._next(rows, direction)

    def next_alert(self, direction: int) -> int | None:
        return self._next([each.row for each in self._alerts() if each.row], direction)

    def _next(self, rows: Sequence[int], direction: int) -> int | None:
        if direction > 0:
            return next((row for row in rows if row > self.row), None)
        return next((row for row in reversed(rows) if row < self.row), None)

    def show(self, contract: str) -> None:
        self.asked.append(f"show {contract}")
        self.contract, self.row = contract, 0

    def _in_one_thread(self) -> None:
        self.thread = self.thread or threading.get_ident()
        assert self.thread == threading.get_ident(), "a session is asked by one thread"
