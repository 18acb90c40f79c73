"""ReferenceBooks: what order books mean, in plain Python, one row after the other.

``docs/book.md`` says what every step is for; read it beside this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from . import schema, state_hash
from .counts import BookSeen
from .reference_book import Book, Place
from .reference_orders import NEVER_OPENED, Order
from .reference_rows import OrderKey, Reference, Row, TradeKey
from .schema import NULL_PRICE, Action, BookCount, CancelBy, OrderType, Phase, Side, Tif, TradeType

NO_PLACE_TIFS: Final = (Tif.FAK, Tif.FOK)
NO_PLACE_TYPES: Final = (OrderType.MARKET, OrderType.STOP)
COLLECTING_PHASES: Final = (Phase.AUCTION, Phase.CLOSED)
OFF_BOOK_TRADES: Final = (TradeType.EFP, TradeType.BLOCK, TradeType.EXERCISE)


class Look(NamedTuple):
    """What would be said of a trade if this order of it is the resting one."""

    in_queue: bool
    opened_at: int  # NEVER_OPENED: no row has opened it
    said: BookCount  # LEG to AT_HEAD
    trade_type: int = 0  # of the row


class ReferenceBooks:
    """The order books of a day.

    ``before`` is told of each row before it changes its orders, ``after`` when it has.

    orders : the engine's orders, by key; ``before`` and ``after`` look lots left up in it
    matched : the engine's trades in broker form that have had two rows
    clock_phases : phases were put in by the clock: only auctions are phases to a book
    """

    def __init__(
        self,
        orders: Mapping[OrderKey, Order],
        matched: Set[TradeKey],
        *,
        clock_phases: bool = False,
    ) -> None:
        self._phases = frozenset({Phase.AUCTION} if clock_phases else Phase)
        self._orders = orders
        self._matched = matched
        self._books: defaultdict[int, Book] = defaultdict(Book)
        self._first_looks: dict[TradeKey, tuple[Look, Row]] = {}  # of trades with one row so far
        self._collecting = False  # at the row that is being applied
        self._left_before: int | None = None  # of the row's order; None: no row has opened it

    def before(self, row: Row) -> None:
        """End what this row ends, and say what it is if it is a trade."""
        book = self._books[row.contract]
        if book.incoming is not None and not _leaves_incoming(row, book.incoming):
            self._end_incoming(book, row)
        self._collecting = self._collects(book, row)
        if book.by_phase and not self._collecting:
            book.by_phase = False
            if book.crossed():
                book.say(BookCount.CROSSED, row)
        if self._phase(row) in COLLECTING_PHASES:
            book.by_phase = True
        for reference in _must_be_open(row):
            if reference.key not in self._orders:
                book.say(BookCount.UNKNOWN_RESTING, row)
        if row.action == Action.TRADE:
            self._trade(book, row)
        order = self._orders.get(row.order_reference().key)
        self._left_before = None if order is None else order.left

    def after(self, row: Row) -> None:
        """Let the orders that the row named take, keep, change and leave their places."""
        book = self._books[row.contract]
        opens = row.action in (Action.NEW, Action.CARRIED) and self._left_before is None
        if opens:
            self._open(book, row)
        elif row.action == Action.AMEND and self._left_before:
            self._amend(book, row, self._left_before)
        for reference in _named(row):
            order = self._orders.get(reference.key)
            if order is not None and order.left == 0:
                self._books[reference.key.contract].leave(reference.key)
        if row.action == Action.TRADE and row.trade_type not in OFF_BOOK_TRADES:
            book.traded = True
        for contract in {row.contract, *(named.key.contract for named in _named(row))}:
            self._books[contract].settle()
        if book.inferred and book.traded and not book.crossed():
            book.inferred = False

    def finish(self, contracts: Set[int]) -> list[BookSeen]:
        """End the day; return what was seen in the contracts that have rows."""
        for _, row in self._first_looks.values():
            self._books[row.contract].say(BookCount.ONE_SIDED, row)
        return [self._seen(contract) for contract in sorted(contracts)]

    def _seen(self, contract: int) -> BookSeen:
        book = self._books[contract]
        return BookSeen(
            contract,
            tuple(book.counts[what] for what in BookCount),
            {what: tuple(book.first[what]) for what in schema.BOOK_FAULTS if what in book.first},
        )

    # --- collecting, and the incoming order ----------------------------------------------------

    def _collects(self, book: Book, row: Row) -> bool:
        """Whether orders collect at a row: by its phase, else by what was seen so far."""
        phase = self._phase(row)
        return phase in COLLECTING_PHASES if phase else book.inferred

    def _phase(self, row: Row) -> int:
        """Return the phase of a row, null where the clock does not tell it sharply enough."""
        return row.phase if row.phase in self._phases else 0

    def _end_incoming(self, book: Book, row: Row) -> None:
        """Let the incoming order rest though it reaches the other side: it is done."""
        assert book.incoming is not None
        book.rest(book.incoming)
        if not self._phase(row) and not book.traded:
            book.inferred = True
        elif not self._collects(book, row):
            book.say(BookCount.CROSSED, row)

    # --- orders --------------------------------------------------------------------------------

    def _open(self, book: Book, row: Row) -> None:
        if row.price != NULL_PRICE and self._may_have_place(row.order_reference().key):
            book.come_in(
                row.order_reference().key,
                Place(row.side, row.price),
                collecting=self._collecting or row.action == Action.CARRIED,
            )

    def _amend(self, book: Book, row: Row, left_before: int) -> None:
        """Leave an amended order where it is, or take it out and in anew."""
        key = row.order_reference().key
        order, place = self._orders[key], book.places.get(key)
        if place is None and row.price == NULL_PRICE:
            return
        price = row.price if place is None or row.price != NULL_PRICE else place.price
        keeps = place is not None and price == place.price and order.left <= left_before
        if not keeps and order.left and self._may_have_place(key):
            book.leave(key)
            book.come_in(key, Place(order.side, price), collecting=self._collecting)

    def _may_have_place(self, key: OrderKey) -> bool:
        """Whether an order has a place once it has a price."""
        order = self._orders[key]
        order_type = schema.attribute_value(order.attributes, "order_type")
        return (
            order.side != 0 and order.tif not in NO_PLACE_TIFS and order_type not in NO_PLACE_TYPES
        )

    # --- trades --------------------------------------------------------------------------------

    def _trade(self, book: Book, row: Row) -> None:
        """Say what a trade is, unless it is the first row of two."""
        if row.has_contra:
            order = self._look(row, row.order_reference())
            contra = self._look(row, row.contra_reference())
            resting = order if order.in_queue and not contra.in_queue else contra
            self._say_of_trade(book, row, row.trade_type, resting)
        elif row.has_trade and row.trade_key not in self._matched:
            look = self._look(row, row.order_reference())
            if row.trade_key not in self._first_looks:
                self._first_looks[row.trade_key] = look, row
                return
            first, _ = self._first_looks.pop(row.trade_key)
            self._say_of_trade(
                book, row, first.trade_type or row.trade_type, _resting_of_two(first, look)
            )
        else:
            self._say_of_trade(book, row, row.trade_type, None)

    def _say_of_trade(self, book: Book, row: Row, trade_type: int, resting: Look | None) -> None:
        """Say the first that fits; ``resting`` is None where the row tells one order only."""
        if trade_type in OFF_BOOK_TRADES:
            book.say(BookCount.OFF_BOOK, row)
        elif self._collecting:
            book.say(BookCount.AUCTION, row)
        elif resting is None:
            book.say(BookCount.ONE_SIDED, row)
        else:
            book.say(resting.said, row)

    def _look(self, row: Row, reference: Reference) -> Look:
        """Look at an order of a trade before the row fills it."""
        key = reference.key
        order, book = self._orders.get(key), self._books[key.contract]
        in_queue = key in book.places and key != book.incoming
        if key.contract != row.contract:
            said = BookCount.LEG
        elif order is None or order.left == 0:
            said = BookCount.NO_LOTS
        elif not in_queue:
            said = BookCount.UNPRICED
        else:
            said = book.say_of_resting(key)
        opened_at = NEVER_OPENED if order is None else order.opened_at
        return Look(in_queue, opened_at, said, row.trade_type)

    # --- state ---------------------------------------------------------------------------------

    def state_parts(self, contract_hash: Callable[[int], int]) -> Iterator[int]:
        """Yield the books' parts of the state hash."""
        mix = state_hash.mix
        for contract, book in self._books.items():
            name = contract_hash(contract)
            for side in Side:
                for price, queue in book.queues(side).items():
                    for place, key in enumerate(queue):
                        yield mix(
                            state_hash.BOOK_ORDER, name, side, price, place, key.high, key.low,
                            self._orders[key].left,
                        )  # fmt: skip
            if book.incoming is not None:
                key = book.incoming
                yield mix(state_hash.BOOK_INCOMING, name, key.high, key.low, self._orders[key].left)
            flags = book.traded | book.inferred << 1 | book.by_phase << 2
            if flags:
                yield mix(state_hash.BOOK_FLAGS, name, flags)


def _resting_of_two(first: Look, second: Look) -> Look:
    """Return the resting order of a trade in broker form: of two rows, in their order."""
    if first.in_queue != second.in_queue:
        return first if first.in_queue else second
    return second if first.opened_at > second.opened_at else first


def _leaves_incoming(row: Row, incoming: OrderKey) -> bool:
    """Whether a row may belong to what an incoming order does: it is not done by it."""
    if row.action not in (Action.TRADE, Action.CANCEL, Action.AMEND):
        return False
    if any(named.key == incoming for named in _named(row)):
        return True
    if row.action == Action.CANCEL:
        return row.cancel_by == CancelBy.SELF_MATCH
    return row.action == Action.TRADE and not row.has_contra


def _named(row: Row) -> list[Reference]:
    """Return the orders that a row names and may take lots off."""
    if row.action in (Action.RFQ, Action.REJECT):
        return []
    contra = row.action == Action.TRADE and row.has_contra
    return [row.order_reference(), *([row.contra_reference()] if contra else [])]


def _must_be_open(row: Row) -> list[Reference]:
    """Return the orders that must have rested before the log begins if no row has opened them."""
    if row.action in (Action.CANCEL, Action.AMEND):
        return [row.order_reference()]
    return [row.contra_reference()] if row.action == Action.TRADE and row.has_contra else []
