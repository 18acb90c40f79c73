"""Book: the orders of one contract that have a place, as the reference engine keeps them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from . import schema
from .reference_rows import OrderKey, Row
from .schema import BookCount, Side


class Place(NamedTuple):
    """Where an order that has a place stands: a queue of its contract's book, or at its door."""

    side: int
    price: int


@dataclass(slots=True)
class Book:
    """The orders of one contract that have a place, and what was said of its rows.

    A key stands in exactly one queue, or is the incoming order; ``places`` has every such key.
    """

    bids: dict[int, list[OrderKey]] = field(default_factory=dict)  # price in ticks -> first first
    asks: dict[int, list[OrderKey]] = field(default_factory=dict)
    places: dict[OrderKey, Place] = field(default_factory=dict)
    incoming: OrderKey | None = None
    traded: bool = False  # a trade on the book was seen
    inferred: bool = False  # orders collect where the row has no phase
    by_phase: bool = False  # orders collected at the last row, by its phase
    counts: Counter[BookCount] = field(default_factory=Counter)
    first: dict[BookCount, list[tuple[int, int, int]]] = field(default_factory=dict)

    def queues(self, side: int) -> dict[int, list[OrderKey]]:
        """Return the queues of a side, by price; none is empty."""
        return self.bids if side == Side.BUY else self.asks

    def best(self, side: int) -> int | None:
        """Return the best price of a side, None where no order rests."""
        queues = self.queues(side)
        if not queues:
            return None
        return max(queues) if side == Side.BUY else min(queues)

    def reaches(self, place: Place) -> bool:
        """Whether an order of this side and price would trade with the other side."""
        if place.side == Side.BUY:
            best = self.best(Side.SELL)
            return best is not None and place.price >= best
        best = self.best(Side.BUY)
        return best is not None and place.price <= best

    def crossed(self) -> bool:
        """Whether the best bid reaches the best ask."""
        bid = self.best(Side.BUY)
        return bid is not None and self.reaches(Place(Side.BUY, bid))

    def come_in(self, key: OrderKey, place: Place, *, collecting: bool) -> None:
        """Take in an order: as the incoming one, or at the end of its price's queue."""
        self.places[key] = place
        if not collecting and self.reaches(place):
            self.incoming = key
        else:
            self.rest(key)

    def rest(self, key: OrderKey) -> None:
        """Put an order that has a place at the end of the queue of its price."""
        place = self.places[key]
        self.queues(place.side).setdefault(place.price, []).append(key)
        if self.incoming == key:
            self.incoming = None

    def leave(self, key: OrderKey) -> None:
        """Take an order out, where it has a place."""
        place = self.places.pop(key, None)
        if place is None:
            return
        if self.incoming == key:
            self.incoming = None
            return
        queues = self.queues(place.side)
        queues[place.price].remove(key)
        if not queues[place.price]:
            del queues[place.price]

    def settle(self) -> None:
        """Let the incoming order rest once it reaches no price of the other side."""
        if self.incoming is not None and not self.reaches(self.places[self.incoming]):
            self.rest(self.incoming)

    def say_of_resting(self, key: OrderKey) -> BookCount:
        """Return what a trade is whose resting order is this one, which stands in a queue."""
        side, price = self.places[key]
        if any(other > price if side == Side.BUY else other < price for other in self.queues(side)):
            return BookCount.NOT_BEST
        is_first = self.queues(side)[price][0] == key
        return BookCount.AT_HEAD if is_first else BookCount.NOT_FIRST

    def say(self, what: BookCount, row: Row) -> None:
        """Count something, by the row that showed it; a row that shows it twice is named once."""
        self.counts[what] += 1
        if what in schema.BOOK_FAULTS:
            named = self.first.setdefault(what, [])
            place = row.channel, row.seq, row.ts
            if place not in named[-1:] and len(named) < schema.FIRST_FAULTS_KEPT:
                named.append(place)
