"""The core keeps the books that the reference keeps; in a market that matches, nothing is amiss."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from abtrade.batch import Batch
from abtrade.compiled import FinishedOrdersNeeded
from abtrade.counts import DayCounts
from abtrade.reference import ReferenceEngine
from abtrade.schema import BOOK_FAULTS, Action, BookCount, Fault, Phase
from market import market_day
from random_day import RandomDay, random_day
from test_engines_agree import compiled, counted

SEEDS = range(12)


def some_day(seed: int, rows: int = 150) -> RandomDay:
    """Return a day of nonsense, or of a market, by its seed."""
    rng = random.Random(seed)
    return market_day(rng, rows // 4) if seed % 3 == 0 else random_day(rng, rows, book=True)


def found(day: RandomDay) -> DayCounts:
    engine = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
    engine.feed(day.batch)
    return engine.finish()


def told(counts: DayCounts) -> dict[str, Any]:
    return counted(counts) | {"books": counts.books}


def fed(day: RandomDay, cuts: Iterable[int], **options: Any) -> dict[str, Any]:
    engine = compiled(day, **options)
    for start, stop in pairwise([0, *cuts, len(day.batch)]):
        engine.feed(day.batch.take(slice(start, stop)))
    return told(engine.finish())


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}", scope="module")
def day(request: pytest.FixtureRequest) -> RandomDay:
    return some_day(request.param)


@pytest.fixture(scope="module")
def whole(day: RandomDay) -> dict[str, Any]:
    return told(found(day))


def test_core_equals_reference_after_each_row(day: RandomDay) -> None:
    reference = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
    core = compiled(day)
    for row in range(len(day.batch)):
        batch = day.batch.take(slice(row, row + 1))
        reference.feed(batch)
        core.feed(batch)
        assert core.state_hash() == reference.state_hash(), f"after row {row + 1}"
    assert told(core.finish()) == told(reference.finish())


def test_of_phases_that_the_clock_put_in_auctions_alone_are_some_to_a_book() -> None:
    """As if all other rows had none, whoever asked for the phases of these."""
    differ = 0
    for seed in SEEDS:
        day = some_day(seed)
        engine = ReferenceEngine(day.plan, day.names, columns=day.columns, clock_phases=True)
        reference = day.introduce(engine)
        reference.feed(day.batch)
        by_clock = told(reference.finish())
        assert fed(day, [], clock_phases=True) == by_clock, f"seed {seed}"
        differ += by_clock["books"] != told(found(day))["books"]
        if day.batch.phase is not None:
            day.batch.phase = day.batch.phase * (day.batch.phase == Phase.AUCTION)
        assert told(found(day))["books"] == by_clock["books"], f"seed {seed}"
    assert differ, "no day tells the two apart"


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_batches_and_threads_do_not_matter(day, whole, threads):
    assert fed(day, [], threads=threads) == whole
    assert fed(day, [len(day.batch) // 3, len(day.batch) // 2], threads=threads) == whole


def test_marks_of_finished_orders_do_as_well_as_the_orders(day, whole):
    try:
        assert fed(day, [], keep_finished=False) == whole
    except FinishedOrdersNeeded:
        late = any(kind is Fault.TRADE_AFTER_FINISH for _, kind, _, _ in whole["faults"])
        assert late, "only a late fill needs the orders themselves"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_stop_and_resume_change_nothing(day, whole, part):
    cut = int(len(day.batch) * part)
    first, second = compiled(day), compiled(day)
    first.feed(day.batch.take(slice(0, cut)))
    plain, blobs = first.dump()
    second.restore(json.loads(json.dumps(plain)), blobs)
    assert second.state_hash() == first.state_hash()
    second.feed(day.batch.take(slice(cut, None)))
    assert told(second.finish()) == whole


def test_a_state_taken_up_again_goes_back(day, whole):
    """The same engine, used already, can be set back to an earlier state."""
    engine = compiled(day)
    cut = len(day.batch) // 2
    engine.feed(day.batch.take(slice(0, cut)))
    before, (plain, blobs) = engine.state_hash(), engine.dump()
    engine.feed(day.batch.take(slice(cut, None)))
    engine.restore(json.loads(json.dumps(plain)), blobs)
    assert engine.state_hash() == before
    engine.feed(day.batch.take(slice(cut, None)))
    assert told(engine.finish()) == whole


def test_books_change_no_count(day, whole):
    """All but the books themselves, and the state that they are part of."""
    same = told(found(replace(day, plan=replace(day.plan, book=False))))
    for name in ("cells", "pairs", "crossings", "faults", "rows"):
        assert same[name] == whole[name], name
    assert same["books"] == []


# --- a market that matches by price and time ---------------------------------------------------


def sums(counts: DayCounts) -> Counter[BookCount]:
    """Return what was seen in all books."""
    return Counter(
        {what: sum(seen.counts[what] for seen in counts.books) for what in BookCount}
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_market_by_price_and_time_fits_its_books(seed: int) -> None:
    counts = found(market_day(random.Random(seed), 60))
    seen = sums(counts)
    assert [what for what in (*BOOK_FAULTS, BookCount.UNKNOWN_RESTING) if seen[what]] == []
    assert counts.faults == []
    assert seen[BookCount.AT_HEAD] >= 3


def exchange_days() -> Iterator[RandomDay]:
    """Yield days of markets whose trades name both orders and whose rows have a phase."""
    for seed in range(100):
        day = market_day(random.Random(seed), 60)
        if day.batch.has_contra.any() and day.batch.phase.any():
            yield day


def same_taker(batch: Batch) -> list[int]:
    """Return the indices of trades after which the next row is a trade of the same order again.

    Off-book trades and those of auctions and combinations are none of them.
    """
    plain = (batch.action == Action.TRADE) & (batch.trade_type == 0)
    plain &= batch.phase == Phase.CONTINUOUS
    again = plain[:-1] & plain[1:] & (batch.order[:-1] == batch.order[1:])
    return [int(i) for i in np.flatnonzero(again)]


def without_row(day: RandomDay, i: int) -> RandomDay:
    return replace(day, batch=day.batch.take(np.delete(np.arange(len(day.batch)), i)))


def test_two_trades_the_other_way_round_are_seen():
    swapped = Counter[bool]()
    for day in exchange_days():
        for i in same_taker(day.batch):
            rows = np.arange(len(day.batch))
            rows[[i, i + 1]] = [i + 1, i]
            seen = sums(found(replace(day, batch=day.batch.take(rows))))
            same_price = bool(day.batch.price[i] == day.batch.price[i + 1])
            said = BookCount.NOT_FIRST if same_price else BookCount.NOT_BEST
            assert {what: seen[what] for what in BOOK_FAULTS if seen[what]} == {said: 1}
            swapped[same_price] += 1
    assert min(swapped[True], swapped[False]) > 5


def test_a_trade_that_is_missing_is_seen():
    """The order that it took still stands before the next one: that is taken out of turn."""
    missing = 0
    for day in exchange_days():
        for i in same_taker(day.batch)[:3]:
            counts = found(without_row(day, i))
            first = {what: rows[0][1] for book in counts.books for what, rows in book.first.items()}
            same_price = bool(day.batch.price[i] == day.batch.price[i + 1])
            said = BookCount.NOT_FIRST if same_price else BookCount.NOT_BEST
            assert first[said] == day.batch.seq[i + 1]
            missing += 1
    assert missing > 10


def test_a_resting_order_that_was_never_opened_is_seen():
    missing = 0
    for day in exchange_days():
        batch = day.batch
        opening = (batch.action == Action.NEW) | (batch.action == Action.CARRIED)
        for i in same_taker(batch)[:2]:
            taken = (batch.order == batch.contra[i]) & (batch.contract == batch.contract[i])
            opened = int(np.flatnonzero(taken & opening)[0])
            seen = sums(found(without_row(day, opened)))
            assert seen[BookCount.NO_LOTS] >= 1
            assert seen[BookCount.UNKNOWN_RESTING] >= seen[BookCount.NO_LOTS]
            missing += 1
    assert missing > 10


@pytest.mark.slow
def test_core_equals_reference_on_many_days():
    for seed in range(1000, 1300):
        day = some_day(seed)
        assert fed(day, [50, 100]) == told(found(day)), f"seed {seed}"
