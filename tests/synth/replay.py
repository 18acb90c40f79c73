"""The rules of an exchange checked on a log, row by row, without the floor that made it."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

SIGN = {"buy": 1, "sell": -1}
OTHER = {"buy": "sell", "sell": "buy"}


@dataclass
class Order:
    """An order as its rows tell it."""

    id: int
    side: str
    price: float
    left: int
    tif: str
    is_off: bool = False  # cancelled, or filled


@dataclass
class Book:
    """The orders of one contract."""

    orders: dict[int, Order] = field(default_factory=dict)
    queues: dict[str, dict[float, deque[Order]]] = field(
        default_factory=lambda: {"buy": defaultdict(deque), "sell": defaultdict(deque)}
    )
    incoming: Order | None = None
    auction_prices: set[float] = field(default_factory=set)

    def best(self, side: str) -> Order | None:
        """Return the first order at the best price."""
        queue = self.queues[side]
        for price in [p for p, orders in queue.items() if not orders]:
            del queue[price]
        return queue[max(queue, key=lambda p: p * SIGN[side])][0] if queue else None

    def settle(self) -> None:
        """Rest what the last incoming order has left; the book must not be crossed then."""
        order, self.incoming = self.incoming, None
        if order is not None and order.left:
            assert order.tif == "gfd" and not order.is_off
            self.queues[order.side][order.price].append(order)
        bid, ask = self.best("buy"), self.best("sell")
        assert bid is None or ask is None or bid.price < ask.price, "the book is crossed"


def replay(rows: list[dict[str, Any]], remainder_first: tuple[str, ...]) -> dict[str, int]:
    """Check every row of a log in the full form; return how many of each kind were checked.

    Prices cross rightly, the best price and in it the first order trades, lots are conserved, an
    auction has one price, numbers rise by one and times never fall, nothing is left at the end.
    """
    books: dict[tuple[str, str], Book] = defaultdict(Book)
    seen: dict[str, int] = defaultdict(int)
    last_seq: dict[str, int] = defaultdict(int)
    last_id: dict[str, int] = defaultdict(int)
    last_ts = 0
    for row in rows:
        exchange = row["exchange"]
        assert row["seq"] == last_seq[exchange] + 1
        last_seq[exchange] = row["seq"]
        assert row["ts"] >= last_ts
        last_ts = row["ts"]
        book = books[exchange, row["contract"]]
        action = row["action"]
        seen[action] += 1
        if action in ("new", "reject"):
            assert row["order_id"] == last_id[exchange] + 1
            last_id[exchange] = row["order_id"]
        if action == "new":
            _new(book, row)
        elif action == "trade":
            seen["auction trades"] += _trade(book, row)
        elif action in ("cancel", "amend"):
            _change(book, row, early=exchange in remainder_first)
    for book in books.values():
        if book.incoming is not None:
            assert not book.incoming.left
        assert all(order.left == 0 for order in book.orders.values())
        assert len(book.auction_prices) <= 1
    return seen


def _new(book: Book, row: dict[str, Any]) -> None:
    order = Order(row["order_id"], row["side"], row["price"], row["lots"], row["tif"])
    assert order.id not in book.orders and order.left > 0
    book.orders[order.id] = order
    if row["phase"] == "auction":
        assert order.tif == "gfd"
        book.queues[order.side][order.price].append(order)
        return
    book.settle()
    book.incoming = order


def _trade(book: Book, row: dict[str, Any]) -> bool:
    """Check a match; return whether it was in the auction."""
    order, contra = book.orders[row["order_id"]], book.orders[row["contra_order_id"]]
    assert OTHER[order.side] == contra.side
    in_auction = row["phase"] == "auction"
    assert book.best(contra.side) is contra, "not the first at the best price"
    assert (order.price - row["price"]) * SIGN[order.side] >= 0
    assert (contra.price - row["price"]) * SIGN[contra.side] >= 0
    if in_auction:
        assert book.best(order.side) is order
        assert order.id > contra.id
        book.auction_prices.add(row["price"])
    else:
        assert book.incoming is order
        assert row["price"] == contra.price
    for each in (order, contra):
        each.left -= row["lots"]
        assert each.left >= 0
    for each in (order, contra) if in_auction else (contra,):
        if not each.left:
            assert book.queues[each.side][each.price].popleft() is each
    return in_auction


def _change(book: Book, row: dict[str, Any], *, early: bool) -> None:
    order = book.orders[row["order_id"]]
    is_remainder = order is book.incoming and order.tif in ("fak", "fok")
    if row["action"] == "amend":
        assert 0 < row["lots"] < order.left
        order.left = row["lots"]
        return
    assert 0 < row["lots"] <= order.left
    if is_remainder:
        assert not order.is_off
        assert order.tif == "fak" or row["lots"] == order.left
        order.is_off = True
        order.left -= row["lots"]
        other = book.best(OTHER[order.side])
        left_over = early or other is None or (order.price - other.price) * SIGN[order.side] < 0
        assert left_over or order.tif == "fok", "a remainder that could have traded"
        return
    if book.incoming is order or row["phase"] != "auction":
        book.settle()
    assert row["lots"] == order.left
    book.queues[order.side][order.price].remove(order)
    order.left = 0
