"""What the core shows of a book is what stands in the reference's: levels, orders, sights, taps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from abtrade.reference import ReferenceEngine
from abtrade.reference_book import Book, Place
from abtrade.reference_orders import open_order
from abtrade.reference_rows import Row
from abtrade.schema import NULL_PRICE, Action, Side
from abtrade.steps import What
from market import market_day
from random_day import RandomDay, random_day
from test_engines_agree import compiled

LEVELS = 3
FOLLOWED = (0, 2)
SHOWN = ("key", "price", "lots", "before", "account", "side", "incoming")


@pytest.fixture(params=range(10), ids=lambda seed: f"seed{seed}")
def day(request: pytest.FixtureRequest) -> RandomDay:
    rng = random.Random(request.param)
    return market_day(rng, 40) if request.param % 3 == 0 else random_day(rng, 150, book=True)


class Watched:
    """A reference engine whose books can be looked into, also in the middle of a row."""

    def __init__(self, day: RandomDay) -> None:
        self.engine = day.introduce(
            ReferenceEngine(day.plan, day.names, columns=day.columns)
        )
        self.sights: list[tuple[Any, ...]] = []
        books = self.engine._books
        before = books.before

        def look(row: Row) -> None:
            before(row)
            self._look(row)

        books.before = look

    def feed(self, day: RandomDay, row: int) -> None:
        """Count one row of a day."""
        self.engine.feed(day.batch.take(slice(row, row + 1)))

    def of(self, contract: int) -> Book:
        """Return a contract's book."""
        return self.engine._books._books[contract]

    def levels(self, contract: int, side: int) -> list[tuple[int, int, int]]:
        """Return price, lots and orders of every level of a side, the best first."""
        queues = self.of(contract).queues(side)
        return [
            (price, sum(self._left(key) for key in queues[price]), len(queues[price]))
            for price in sorted(queues, reverse=side == Side.BUY)
        ]

    def resting(self, contract: int) -> list[tuple[int, ...]]:
        """Return every order of a book, as ``SHOWN``: bids, asks, the incoming one."""
        book, orders = self.of(contract), self.engine._orders
        told = []
        for side in Side:
            for price, _, _ in self.levels(contract, side):
                ahead = 0
                for key in book.queues(side)[price]:
                    left = self._left(key)
                    told.append((key.low, price, left, ahead, orders[key].account, int(side), 0))
                    ahead += left
        if book.incoming is not None:
            key, place = book.incoming, book.places[book.incoming]
            told.append((key.low, place.price, self._left(key), 0, orders[key].account,
                         place.side, 1))  # fmt: skip
        return told

    def depth(self, contract: int) -> list[int]:
        """Return the best levels of both sides in a row of numbers."""
        told: list[int] = []
        for side in Side:
            levels = self.levels(contract, side)[:LEVELS]
            levels += [(NULL_PRICE, 0, 0)] * (LEVELS - len(levels))
            told += [number for level in levels for number in level]
        return told

    def _left(self, key: Any) -> int:
        return int(self.engine._orders[key].left)

    def _look(self, row: Row) -> None:
        """Note what an order looks like before the row changes it, as a sight tells it."""
        key = row.order_reference().key
        order = self.engine._orders.get(key)
        book = self.of(row.contract)
        if row.action in (Action.NEW, Action.CARRIED) and order is None:
            books = self.engine._books
            self.engine._orders[key] = open_order(row, filled=False)
            has_place = bool(books._may_have_place(key) and row.price != NULL_PRICE)
            del self.engine._orders[key]
            collecting = books._collecting or row.action == Action.CARRIED
            place = Place(row.side, row.price)
            stands = 0 if not has_place else 2 if not collecting and book.reaches(place) else 1
            what = What.ORDER if row.action == Action.NEW else What.CARRIED
            queue = self._lots_at(row.contract, *place)
            self._note(row, what, row.side, row.price, row.account, stands, row.lots,
                       (queue, queue + row.lots))  # fmt: skip
        elif row.action in (Action.CANCEL, Action.AMEND) and order is not None and order.left:
            if row.action == Action.CANCEL and row.lots == 0:
                return
            stands_at = book.places.get(key)
            stands = 0 if stands_at is None else 2 if book.incoming == key else 1
            ahead = level = 0
            price = NULL_PRICE if stands_at is None else stands_at.price
            if stands == 1:
                queue_of = book.queues(order.side)[price]
                ahead = sum(self._left(one) for one in queue_of[: queue_of.index(key)])
                level = self._lots_at(row.contract, order.side, price)
            what = What.CANCEL if row.action == Action.CANCEL else What.AMEND
            self._note(row, what, order.side, price, order.account, stands, order.left,
                       (ahead, level))  # fmt: skip

    def _lots_at(self, contract: int, side: int, price: int) -> int:
        levels = {at: lots for at, lots, _ in self.levels(contract, side)} if side else {}
        return levels.get(price, 0)

    def _note(self, row: Row, what: int, side: int, price: int, account: int, stands: int,
              left: int, queue: tuple[int, int]) -> None:
        if account not in FOLLOWED:
            return
        own = self.levels(row.contract, side) if side else []
        other = self.levels(row.contract, 3 - side) if side else []
        ahead, level = queue if stands == 1 else (0, 0)
        better = sum(1 for at, _, _ in own if (at > price if side == Side.BUY else at < price))
        self.sights.append((
            row.index, price, own[0][0] if own else NULL_PRICE,
            other[0][0] if other else NULL_PRICE, ahead, level,
            sum(lots for _, lots, _ in own[:5]), left, row.contract, account, stands, int(what),
            better if stands == 1 else 0,
        ))  # fmt: skip


def contracts(day: RandomDay) -> Iterator[int]:
    yield from range(len(day.names.contracts))


def test_levels_and_orders_are_the_same_after_each_row(day):
    reference, core = Watched(day), compiled(day)
    for row in range(len(day.batch)):
        reference.feed(day, row)
        core.feed(day.batch.take(slice(row, row + 1)))
        for contract in contracts(day):
            sides = core.book(contract, LEVELS)
            for side, shown in zip(Side, sides, strict=True):
                levels = reference.levels(contract, side)[:LEVELS]
                assert [tuple(each) for each in shown.tolist()] == levels, f"row {row}"
            everybody = np.ones(len(day.names.accounts), np.uint8)
            shown = core.resting_of(contract, everybody)
            resting = [tuple(one) for one in shown[list(SHOWN)].tolist()]
            assert resting == reference.resting(contract), f"row {row}"


def test_an_account_that_is_followed_is_seen_alike(day):
    reference = Watched(day)
    for row in range(len(day.batch)):
        reference.feed(day, row)
    followed = [account for account in FOLLOWED if account < len(day.names.accounts)]
    for threads, size in ((1, 1), (1, 1000), (2, 40)):
        core = compiled(day, threads=threads)
        core.follow(followed)
        told: list[tuple[Any, ...]] = []
        for start in range(0, len(day.batch), size):
            core.feed(day.batch.take(slice(start, start + size)))
            sights = core.take_sights().copy()
            sights["row"] += start
            told += sights[[name for name in sights.dtype.names if name != "unused"]].tolist()
        assert sorted(told) == sorted(reference.sights)
    assert len(reference.sights) > 10


@pytest.mark.parametrize("changes_only", [True, False])
def test_a_tap_hands_out_the_levels_after_each_row(day, changes_only):
    reference, core = Watched(day), compiled(day)
    for contract in contracts(day):
        core.tap(contract, LEVELS, changes_only=changes_only)
    before = {contract: reference.depth(contract) for contract in contracts(day)}
    for row in range(len(day.batch)):
        reference.feed(day, row)
        core.feed(day.batch.take(slice(row, row + 1)))
        told = {int(each[-1]): each[1:-1].tolist() for each in core.take_depth()}
        changed = set()
        for contract in contracts(day):
            depth = reference.depth(contract)
            if depth != before[contract] or contract in told:
                assert told[contract] == depth, f"row {row}"
            if depth != before[contract]:
                changed.add(contract)
            before[contract] = depth
        if changes_only:
            assert set(told) == changed, f"row {row}"
        else:
            assert int(day.batch.contract[row]) in told


def test_cut_or_whole_a_tap_hands_out_the_same(day):
    told = []
    for threads, size in ((1, 1), (1, 1000), (2, 37)):
        core = compiled(day, threads=threads)
        for contract in contracts(day):
            core.tap(contract, LEVELS, changes_only=True)
        parts = []
        for start in range(0, len(day.batch), size):
            core.feed(day.batch.take(slice(start, start + size)))
            part = core.take_depth().copy()
            part[:, 0] += start
            parts.append(part)
        every = np.concatenate(parts)
        told.append(every[np.lexsort((every[:, -1], every[:, 0]))].tolist())
    assert told[0] == told[1] == told[2]
