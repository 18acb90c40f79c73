"""Bursts: the compiled counter says what the plain one says, on days of every kind of nonsense."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from abtrade import _core, state_hash
from abtrade.bursts import _bursts
from abtrade.bursts import findings as burst_findings
from abtrade.bursts.observer import Bursts
from abtrade.bursts.reference import ReferenceBursts
from abtrade.compiled import CompiledEngine
from abtrade.counts import DayCounts
from abtrade.plan import Filter, PlanRule, make_plan
from abtrade.reference import ReferenceEngine
from measure_rows import rows_of
from random_day import RandomDay, random_day

SEEDS = range(40)
SECOND = 1_000_000_000


def bursting_day(seed: int, rows: int = 300) -> RandomDay:
    """Return a random day whose rows crowd in seconds, some late, under one to three rules."""
    rng = random.Random(seed)
    day = random_day(rng, rows)
    jump = rng.choice([SECOND // 10, SECOND // 3, 3 * SECOND])
    ts = 1_000 * SECOND + np.cumsum([rng.randint(0, jump) for _ in range(rows)])
    late = [rng.randint(0, 12) * SECOND if rng.random() < 0.1 else 0 for _ in range(rows)]
    day.batch.ts = ts - np.array(late)
    day.plan = make_plan([burst_rule(rng, i, day) for i in range(rng.randint(1, 3))])
    return day


def burst_rule(rng: random.Random, index: int, day: RandomDay) -> PlanRule:
    readable = [name for name in ("hedge", "tif", "order_type", "phase", "cancel_by")
                if name in day.columns]
    leave_out = tuple(some_filter(rng, readable) for _ in range(rng.randint(0, 3)))
    yellow = rng.randint(1, 4)
    return PlanRule(
        index=index,
        id=f"r{index}",
        count="burst_occasions",
        scope="exchange",
        yellow_at=Fraction(yellow) if rng.random() < 0.8 else None,
        red_at=Fraction(yellow + rng.randint(1, 6)) if rng.random() < 0.8 else None,
        only=some_filters(rng, readable) if rng.random() < 0.3 else (),
        leave_out=leave_out,
        reasons=("outside", *(f"reason {i}" for i in range(len(leave_out)))),
        exchange=rng.choice([None, None, None, "SHFE"]),
        burst_messages=rng.randint(2, 6),
        sliding=rng.random() < 0.5,
    )


def some_filters(rng: random.Random, readable: list[str]) -> tuple[Filter, ...]:
    return tuple(some_filter(rng, readable) for _ in range(rng.choice([1, 1, 2])))


def some_filter(rng: random.Random, readable: list[str]) -> Filter:
    products = frozenset({"p0"}) if rng.random() < 0.3 or not readable else None
    names = rng.sample(readable, min(1, len(readable)))
    return Filter({name: frozenset(rng.sample((1, 2, 3), 2)) for name in names}, products)


def said(counts: DayCounts) -> dict[str, Any]:
    """Return all that is said of bursts, in an order of its own."""
    measures = sorted(
        rows_of(counts.measures), key=lambda each: (each.rule, each.subject, each.scope)
    )
    return {
        "crossings": counts.crossings,
        "measures": [
            (each.rule, each.subject, each.scope, each.gross, each.counted, each.exempt,
             each.unknown, each.level, each.levels, sorted(each.shares.items()),
             sorted(each.alone.items()), each.detail)
            for each in measures
        ],
        "table": sorted(counts.observed["bursts"].tolist()),
        "state_hash": counts.state_hash,
    }


def reference(day: RandomDay) -> dict[str, Any]:
    observers = [ReferenceBursts(day.plan, day.names)]
    engine = ReferenceEngine(day.plan, day.names, columns=day.columns, observers=observers)
    day.introduce(engine).feed(day.batch)
    return said(engine.finish())


def compiled(day: RandomDay, threads: int = 1) -> CompiledEngine:
    observers = [Bursts(day.plan, day.names)]
    return day.introduce(
        CompiledEngine(
            day.plan, day.names, columns=day.columns, observers=observers, threads=threads
        )
    )


def feed(engine: CompiledEngine, day: RandomDay, edges: list[int]) -> dict[str, Any]:
    for start, stop in pairwise([*edges, len(day.batch)]):
        engine.feed(day.batch.take(slice(start, stop)))
    return said(engine.finish())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_counter_says_what_the_reference_says(seed):
    day = bursting_day(seed)
    meant = reference(day)
    assert feed(compiled(day), day, [0]) == meant
    assert feed(compiled(day, threads=3), day, [0, 7, 100, 101, 250]) == meant


@pytest.mark.parametrize("seed", SEEDS)
def test_stop_and_resume_change_nothing(seed):
    day = bursting_day(seed)
    cut = random.Random(seed).randrange(len(day.batch))
    first, second = compiled(day), compiled(day)
    first.feed(day.batch.take(slice(0, cut)))
    plain, blobs = first.dump()
    second.restore(json.loads(json.dumps(plain)), blobs)
    assert second.state_hash() == first.state_hash()
    assert feed(second, day, [cut]) == reference(day)


def test_the_days_have_what_is_compared():
    """Alerts at both levels, exemptions, blanks, late rows, and clients alone below a group."""
    found = [reference(bursting_day(seed)) for seed in SEEDS]
    measures = [measure for each in found for measure in each["measures"]]
    assert {level for *_, level, _, _, _, _ in measures} == {0, 1, 2}
    assert any(sum(exempt) for *_, exempt, _, _, _, _, _, _ in measures)
    assert any(unknown for *_, unknown, _, _, _, _, _ in measures)
    assert any(len(alone) > 1 for *_, alone, _ in measures)
    assert any(late for each in found for *_, late in each["table"])
    assert any(each["crossings"] for each in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_gross_is_counted_and_left_out(seed):
    for measure in reference(bursting_day(seed))["measures"]:
        _, _, _, gross, counted, exempt, *_ = measure
        assert gross == counted + sum(exempt)
        assert min(exempt) >= 0


def test_a_message_more_or_less_is_seen_in_the_state():
    day = bursting_day(3)
    whole = reference(day)["state_hash"]
    for row in np.flatnonzero(day.batch.action == 1).tolist()[:20]:
        changed = bursting_day(3)
        changed.batch.ts[row] += 60 * SECOND
        if reference(changed)["state_hash"] != whole:
            return
    pytest.fail("sixty seconds later is the same state")


def test_constants_are_those_of_python():
    told = dict(_bursts.CONSTANTS)
    assert told.pop("STEP") == _core.STEP.itemsize
    meant = {name: getattr(burst_findings, name, None) or getattr(state_hash, name)
             for name in told}
    assert told == meant


@pytest.mark.slow
def test_the_counter_says_what_the_reference_says_on_many_days():
    for seed in range(1000, 1300):
        day = bursting_day(seed, 200)
        assert feed(compiled(day), day, [0, 100]) == reference(day), f"seed {seed}"
