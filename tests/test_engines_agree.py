"""The compiled core says what the reference says, on days made of every kind of nonsense."""

from __future__ import annotations

import dataclasses
import json
import random
from itertools import pairwise
from typing import Any

import pytest

from abtrade.compiled import CompiledEngine, FinishedOrdersNeeded
from abtrade.counts import DayCounts
from abtrade.reference import ReferenceEngine
from abtrade.schema import Fault
from random_day import RandomDay, random_day

SEEDS = range(40)


def counted(found: DayCounts) -> dict[str, Any]:
    """Return all an engine found, in an order of its own."""
    cells = found.cells
    return {
        "cells": sorted(
            (int(contract), int(account), int(attributes), *counts.tolist())
            for contract, account, attributes, counts in zip(
                cells.contract, cells.account, cells.attributes, cells.every(), strict=True
            )
            if counts.any()
        ),
        "pairs": sorted(map(dataclasses.astuple, found.pairs)),
        "crossings": sorted(map(dataclasses.astuple, found.crossings)),
        "faults": sorted((f.contract, f.kind, f.count, f.first) for f in found.faults),
        "rows": sorted(
            (r.contract, sorted(r.actions.items()), r.first_seq, r.last_seq, r.first_ts, r.last_ts)
            for r in found.rows
        ),
        "state_hash": found.state_hash,
    }


def reference(day: RandomDay) -> dict[str, Any]:
    engine = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
    engine.feed(day.batch)
    return counted(engine.finish())


def compiled(day: RandomDay, **options: Any) -> CompiledEngine:
    engine = CompiledEngine(day.plan, day.names, columns=day.columns, **options)
    return day.introduce(engine)


def feed(engine: CompiledEngine, day: RandomDay, cuts: list[int]) -> dict[str, Any]:
    edges = [0, *sorted(cuts), len(day.batch)]
    for start, stop in pairwise(edges):
        engine.feed(day.batch.take(slice(start, stop)))
    return counted(engine.finish())


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}")
def day(request: pytest.FixtureRequest) -> RandomDay:
    rng = random.Random(request.param)
    return random_day(rng, rng.choice([1, 5, 20, 60, 200, 400]))


def test_core_equals_reference(day):
    assert feed(compiled(day), day, []) == reference(day)


def test_batch_edges_do_not_matter(day):
    every_row = list(range(1, len(day.batch)))
    assert feed(compiled(day), day, every_row) == reference(day)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_do_not_matter(day, threads):
    cuts = [len(day.batch) // 3, len(day.batch) // 2]
    assert feed(compiled(day, threads=threads), day, cuts) == reference(day)


def test_marks_of_finished_orders_do_as_well_as_the_orders(day):
    whole = reference(day)
    late = any(kind is Fault.TRADE_AFTER_FINISH for _, kind, _, _ in whole["faults"])
    try:
        assert feed(compiled(day, keep_finished=False), day, []) == whole
    except FinishedOrdersNeeded:
        assert late, "only a late fill needs the orders themselves"


def test_stop_and_resume_change_nothing(day):
    cut = len(day.batch) // 2
    first = compiled(day)
    first.feed(day.batch.take(slice(0, cut)))
    plain, blobs = first.dump()
    second = compiled(day)
    second.restore(json.loads(json.dumps(plain)), blobs)
    assert second.state_hash() == first.state_hash()
    second.feed(day.batch.take(slice(cut, None)))
    assert counted(second.finish()) == reference(day)


def test_the_comparison_sees_a_single_row_missing():
    day = random_day(random.Random(0), 60)
    whole = reference(day)
    day.batch = day.batch.take(slice(0, len(day.batch) - 1))
    assert reference(day) != whole


@pytest.mark.slow
def test_core_equals_reference_on_many_days():
    for seed in range(1000, 1400):
        day = random_day(random.Random(seed), 150)
        assert feed(compiled(day), day, [50, 100]) == reference(day), f"seed {seed}"
