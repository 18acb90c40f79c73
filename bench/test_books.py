"""Books are timed only where the answer is right."""

from __future__ import annotations

import pytest

import abtrade
from books import Day, check, core_costs


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books") / "made"
    abtrade.synth(folder, rows=20_000, offences="none")
    return Day(folder / "day.parquet")


def test_what_is_kept_is_right_and_costs_something(day):
    costs = core_costs(day, rounds=2)
    assert set(costs) == {"plain", "book"}
    assert all(0 < least <= middle for least, middle in costs.values())


def test_a_log_that_does_not_fit_is_not_timed(day):
    engines = {case: day.engine(book=case == "book") for case in ("plain", "book")}
    for batch in day.batches:
        kept = batch.take(batch.action != 1)  # without a single order: nothing rests
        for engine in engines.values():
            engine.feed(kept)
    with pytest.raises(AssertionError, match="no trade is on the book"):
        check(engines)
