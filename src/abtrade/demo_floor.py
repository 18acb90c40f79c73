"""Match the orders of the demo day by price and time, so that its log has no fault."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

Action = Callable[..., None]

COLUMNS: Final = (
    "exchange", "seq", "ts", "contract", "action", "order_id", "account", "side", "offset",
    "hedge", "tif", "price", "lots", "contra_order_id", "cancel_by", "phase",
)  # fmt: skip
"""Of the rows a floor writes; ``ts`` in ns since 1970 UTC."""


class Floor:
    """An exchange: its books, its agenda of who acts when, and the rows it writes."""

    def __init__(self, exchange: str, books: Sequence[Book]) -> None:
        self.exchange = exchange
        self.books = {book.contract: book for book in books}
        self.rows: list[tuple[Any, ...]] = []
        self.now_ns = 0
        self._orders: list[Order] = []
        self._agenda: list[tuple[int, int, Action, tuple[Any, ...]]] = []
        self._planned = 0

    def at(self, ts_ns: int, action: Action, *about: Any) -> None:
        """Put ``action(*about)`` on the agenda."""
        self._planned += 1
        heapq.heappush(self._agenda, (ts_ns, self._planned, action, about))

    def at_share(self, contract: str, share: float, action: Action, *about: Any) -> None:
        """Put ``action(book, *about)`` after a share (0 to 1) of the trading hours."""
        book = self.books[contract]
        ts_ns = book.hours.instant(share * book.hours.seconds)
        assert ts_ns is not None, "the share is below 1"
        self.at(ts_ns, action, book, *about)

    def after(self, book: Book, seconds: float, action: Action, *about: Any) -> None:
        """Put it so many seconds of trading from now; nowhere, where that is past the close."""
        ts_ns = book.hours.instant(book.hours.elapsed(self.now_ns) + seconds)
        if ts_ns is not None:
            self.at(ts_ns, action, book, *about)

    def run(self) -> None:
        """Let everyone act in turn; time never runs backwards."""
        while self._agenda:
            ts_ns, _, action, about = heapq.heappop(self._agenda)
            self.now_ns = max(self.now_ns, ts_ns)
            action(*about)

    def close(self, ts_ns: int) -> None:
        """Expire what still rests."""
        self.now_ns = max(self.now_ns, ts_ns)
        for order in self._orders:
            self.cancel(order, by="expiry", phase="closed")

    def new(
        self,
        book: Book,
        account: str,
        side: str,
        price: int,
        lots: int,
        tif: str = "gfd",
        offset: str = "open",
        hedge: str = "speculation",
    ) -> Order:
        """Write a new order and match it; an auction only collects. ``price`` is in ticks."""
        order = Order(len(self._orders) + 1, book, side, price, lots)
        self._orders.append(order)
        self._write(book, "new", order.id, account=account, side=side, offset=offset,
                    hedge=hedge, tif=tif, price=price, lots=lots)  # fmt: skip
        matches = [] if book.in_auction else book.match(order)
        if tif == "fak":  # this exchange sends the remainder's cancel before the trades
            self.cancel(order)
        elif order.left:
            book.rest(order)
        for resting, lots_traded in matches:
            self._write(book, "trade", order.id, price=resting.price, lots=lots_traded,
                        contra_order_id=resting.id)  # fmt: skip
        return order

    def cancel(self, order: Order, by: str = "client", phase: str | None = None) -> None:
        """Take off what is left of an order, if anything is."""
        if order.left:
            lots, order.left = order.left, 0
            self._write(order.book, "cancel", order.id, lots=lots, cancel_by=by, phase=phase)

    def uncross(self, book: Book) -> None:
        """End the auction: best against best, all at the price of the last match."""
        matches = book.uncross()
        for buy, sell, lots in matches:
            early, late = sorted((buy.id, sell.id))
            self._write(book, "trade", late, price=matches[-1][0].price, lots=lots,
                        contra_order_id=early)  # fmt: skip
        book.in_auction = False

    def _write(
        self, book: Book, action: str, order_id: int, *, lots: int, price: int | None = None,
        phase: str | None = None, **rest: str | int,
    ) -> None:  # fmt: skip
        row = {
            "exchange": self.exchange,
            "seq": len(self.rows) + 1,
            "ts": self.now_ns,
            "contract": book.contract,
            "action": action,
            "order_id": order_id,
            "price": None if price is None else round(price * book.tick, 2),
            "lots": lots,
            "phase": phase or ("auction" if book.in_auction else "continuous"),
            **rest,
        }
        self.rows.append(tuple(row.get(name) for name in COLUMNS))


@dataclass(slots=True)
class Order:
    """One order in a book."""

    id: int
    book: Book
    side: str
    price: int  # ticks
    left: int  # lots


@dataclass(slots=True)
class Book:
    """The resting orders of one contract, its trading hours and its middle price in ticks."""

    number: int
    contract: str
    tick: float
    middle: int
    hours: Hours
    in_auction: bool = True
    heaps: dict[str, list[tuple[int, int, Order]]] = field(
        default_factory=lambda: {"buy": [], "sell": []}
    )

    def rest(self, order: Order) -> None:
        """Queue an order behind the others of its price."""
        key = -order.price if order.side == "buy" else order.price
        heapq.heappush(self.heaps[order.side], (key, order.id, order))

    def best(self, side: str) -> Order | None:
        """Return the first order of a side, forgetting finished ones."""
        heap = self.heaps[side]
        while heap and heap[0][2].left == 0:
            heapq.heappop(heap)
        return heap[0][2] if heap else None

    def match(self, order: Order) -> list[tuple[Order, int]]:
        """Fill an incoming order as far as its price goes; return (resting order, lots)."""
        other, sign = ("sell", 1) if order.side == "buy" else ("buy", -1)
        matches = []
        while order.left and (resting := self.best(other)):
            if (order.price - resting.price) * sign < 0:
                break
            lots = min(order.left, resting.left)
            order.left -= lots
            resting.left -= lots
            matches.append((resting, lots))
        return matches

    def uncross(self) -> list[tuple[Order, Order, int]]:
        """Fill the best buys with the best sells while they cross; return (buy, sell, lots)."""
        matches = []
        while (buy := self.best("buy")) and (sell := self.best("sell")) and buy.price >= sell.price:
            lots = min(buy.left, sell.left)
            buy.left -= lots
            sell.left -= lots
            matches.append((buy, sell, lots))
        return matches

    def lots_up_to(self, price: int) -> int:
        """Return the lots offered at ``price`` or below."""
        return sum(order.left for key, _, order in self.heaps["sell"] if key <= price)


class Hours:
    """The sessions of a trading day: (first instant in ns since 1970 UTC, length in ns) each."""

    def __init__(self, sessions: Sequence[tuple[int, int]]) -> None:
        self.sessions = tuple(sessions)
        self.open_ns = self.sessions[0][0]
        self.seconds = sum(length for _, length in self.sessions) / 10**9

    def instant(self, seconds: float) -> int | None:
        """Return the instant (whole ms) after so many seconds of trading, None after the close."""
        left_ns = int(seconds * 1000) * 10**6
        for start_ns, length in self.sessions:
            if left_ns < length:
                return start_ns + left_ns
            left_ns -= length
        return None

    def elapsed(self, now_ns: int) -> float:
        """Return the seconds of trading up to an instant."""
        done = (min(max(now_ns - start, 0), length) for start, length in self.sessions)
        return sum(done) / 10**9


def shanghai_ns(day: date, hours: float) -> int:
    """Return ns since 1970 UTC, so many hours into a day in Shanghai; below 0: on the eve."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    return int((midnight + timedelta(hours=hours)).timestamp()) * 10**9
