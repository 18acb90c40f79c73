"""What the core hands out of its books row by row is what the reference's books hold."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from abtrade.reference import ReferenceEngine
from abtrade.schema import NULL_PRICE, Side
from market import market_day
from random_day import RandomDay, random_day
from test_engines_agree import compiled

LEVELS = 3


def some_day(seed: int) -> RandomDay:
    rng = random.Random(seed)
    return market_day(rng, 50) if seed % 2 else random_day(rng, 200, book=True)


def shown(reference: Any, contract: int) -> list[int]:
    """Return the first levels of a contract's book as the core writes them, bids before asks."""
    cells: list[int] = []
    book = reference._books._books[contract]
    for side in (Side.BUY, Side.SELL):
        queues = book.queues(side)
        best = sorted(queues, reverse=side == Side.BUY)[:LEVELS]
        for price in best:
            lots = sum(reference._orders[key].left for key in queues[price])
            cells += [price, lots, len(queues[price])]
        cells += [NULL_PRICE, 0, 0] * (LEVELS - len(best))
    return cells


@pytest.mark.parametrize("seed", range(6))
def test_depth_after_each_row_is_that_of_the_reference(seed: int) -> None:
    day = some_day(seed)
    reference = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
    all_rows, changes = compiled(day), compiled(day)
    contracts = range(len(day.names.contracts))
    for contract in contracts:
        all_rows.tap(contract, LEVELS, changes_only=False)
        changes.tap(contract, LEVELS, changes_only=True)
    all_rows.feed(day.batch)
    changes.feed(day.batch)
    told = {(row, contract): levels for row, *levels, contract in all_rows.take_depth().tolist()}
    changed = {(row, contract): levels for row, *levels, contract in changes.take_depth().tolist()}
    before = {contract: [NULL_PRICE, 0, 0] * 2 * LEVELS for contract in contracts}
    for row in range(len(day.batch)):
        reference.feed(day.batch.take(slice(row, row + 1)))
        for contract in contracts:
            now = shown(reference, contract)
            if contract == day.batch.contract[row]:
                assert told[row, contract] == now, f"row {row + 1}"
            assert told.get((row, contract), now) == now, f"row {row + 1}"
            assert changed.get((row, contract)) == (None if now == before[contract] else now)
            before[contract] = now
    assert changed or not day.columns >= {"side", "price"}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_seen_of_an_order_is_how_the_reference_has_it(seed: int) -> None:
    """Every order is followed; how each stands at its cancel is read off the reference's queues.

    Not where the cancel ends an incoming order, which then rests before it is looked at.
    """
    day = some_day(seed)
    reference = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
    core = compiled(day)
    core.follow(range(len(day.names.accounts)))
    core.feed(day.batch)
    sights = core.take_sights()
    queued = sights[(sights["stands"] == 1) & np.isin(sights["what"], (3, 4))]
    seen = {int(sight["row"]): sight for sight in queued}
    for row in range(len(day.batch)):
        if row in seen and reference._books._books[day.batch.contract[row]].incoming is None:
            _check(reference, day, seen[row], row)
        reference.feed(day.batch.take(slice(row, row + 1)))
    assert seen or not day.columns >= {"side", "price"}


def _check(reference: Any, day: RandomDay, sight: np.void, row: int) -> None:
    """Hold a sight against the book as it stood before its row."""
    book = reference._books._books[int(sight["contract"])]
    place, queue = next(
        (book.places[key], book.queues(book.places[key].side)[book.places[key].price])
        for key in book.places
        if key.low == day.batch.order[row] and key.contract == sight["contract"]
        and (day.batch.order_high is None or key.high == day.batch.order_high[row])
    )  # fmt: skip
    lots = [reference._orders[key].left for key in queue]
    at = [key.low for key in queue].index(int(day.batch.order[row]))
    queues = book.queues(place.side)
    prices = sorted(queues, reverse=place.side == Side.BUY)
    depth = [sum(reference._orders[key].left for key in queues[price]) for price in prices]
    assert sight["price"] == place.price
    assert sight["own_best"] == prices[0]
    assert sight["rank"] == prices.index(place.price)
    assert sight["left"] == lots[at]
    assert sight["before"] == sum(lots[:at])
    assert sight["level_lots"] == sum(lots)
    assert sight["five_lots"] == sum(depth[:5])
