"""Kernels come to the same in both engines, however a day is cut, threaded, stopped, resumed."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

import abtrade
from abtrade import schema
from abtrade.batch import Batch
from abtrade.compiled import CompiledEngine
from abtrade.kernels.observer import KernelObserver
from abtrade.kernels.reference import ReferenceKernelObserver
from abtrade.plan import Filter, PlanRule, make_plan
from abtrade.reference import ReferenceEngine
from measure_rows import rows_of
from random_day import RandomDay, random_day

pytest.importorskip("numba")


@abtrade.kernel("busiest_moment", wants=("cancel",), state=2, unit="lots")
def busiest_moment(events, slots, state, out):
    for i in range(len(events)):
        mine = state[slots[i]]
        moment = events[i]["ts"] // 8 + 1
        if moment > mine[0]:
            mine[0] = moment
            mine[1] = 0
        mine[1] += events[i]["lots"]
        out[i] = mine[1]


@abtrade.kernel("mean_fill", wants=("fill", "order"), state=2, state_type="float64")
def mean_fill(events, slots, state, out):
    """Lots a fill, and a step up for each order; goes up and down."""
    for i in range(len(events)):
        mine = state[slots[i]]
        if events[i]["what"] == 6:
            mine[0] += events[i]["lots"] * (3 - 2 * events[i]["side"])
            mine[1] += 1
        else:
            mine[0] += 0.25
        out[i] = mine[0] / max(1.0, mine[1])


@abtrade.kernel("last_other", wants=("order", "cancel", "amend", "rfq", "carried", "fill"), state=2)
def last_other(events, slots, state, out):
    """How often in a row another contract or account came than before."""
    for i in range(len(events)):
        mine = state[slots[i]]
        name = events[i]["contract"] ^ events[i]["account"]
        mine[1] = 0 if mine[0] == name else mine[1] + 1
        mine[0] = name
        out[i] = mine[1]


KERNELS = {each.name: each for each in (busiest_moment, mean_fill, last_other)}


def with_kernels(rng: random.Random, rows: int) -> RandomDay:
    """Return a random day with rules on kernels instead of its own, its plan's kept attributes."""
    day = random_day(rng, rows)
    rules = []
    for index in range(rng.randint(1, 3)):
        leave_out = tuple(
            Filter({"hedge": frozenset({rng.randint(1, 4)})}, rng.choice([None, frozenset({"p0"})]))
            for _ in range(rng.choice([0, 0, 1, 2]))
        )
        yellow = Fraction(rng.randint(1, 8), rng.choice([1, 3]))
        rules.append(
            PlanRule(
                index=index, id=f"r{index}", count="kernel", kernel=rng.choice(sorted(KERNELS)),
                scope=rng.choice(schema.SCOPES), yellow_at=rng.choice([None, yellow]),
                red_at=yellow + rng.randint(1, 6),
                strict=(rng.random() < 0.5, rng.random() < 0.5),
                only=(Filter({"tif": frozenset({1, 2})}),) if rng.random() < 0.3 else (),
                leave_out=leave_out,
                reasons=("outside", *(f"why {i}" for i in range(len(leave_out)))),
                exchange=rng.choice([None, None, "SHFE"]),
            )
        )  # fmt: skip
    day.plan = make_plan(rules)
    return day


def found(counts: Any) -> dict[str, Any]:
    return {
        "crossings": sorted(map(dataclasses.astuple, counts.crossings)),
        "measures": sorted(map(dataclasses.astuple, rows_of(counts.measures)), key=lambda m: m[:3]),
        "state_hash": counts.state_hash,
    }


def reference(day: RandomDay) -> dict[str, Any]:
    observer = ReferenceKernelObserver(day.plan, day.names, KERNELS)
    engine = ReferenceEngine(day.plan, day.names, columns=day.columns, observers=[observer])
    day.introduce(engine).feed(day.batch)
    return found(engine.finish())


def compiled(day: RandomDay, threads: int = 1, introduced: bool = True) -> CompiledEngine:
    observer = KernelObserver(day.plan, day.names, KERNELS)
    engine = CompiledEngine(
        day.plan, day.names, columns=day.columns, threads=threads, observers=[observer]
    )
    if introduced:
        return day.introduce(engine)
    subject, day.names.accounts[:] = day.names.accounts[:], []
    day.introduce(engine)
    day.names.accounts[:] = subject
    return engine


def fed(engine: CompiledEngine, batch: Batch, cuts: Sequence[int]) -> dict[str, Any]:
    for start, stop in zip([0, *cuts], [*cuts, len(batch)], strict=True):
        engine.feed(batch.take(slice(start, stop)))
    return found(engine.finish())


@pytest.fixture(params=range(25), ids=lambda seed: f"seed{seed}")
def day(request: pytest.FixtureRequest) -> RandomDay:
    rng = random.Random(request.param)
    return with_kernels(rng, rng.choice([1, 20, 60, 150]))


def test_both_engines_measure_alike(day):
    meant = reference(day)
    assert fed(compiled(day), day.batch, []) == meant
    assert fed(compiled(day, threads=3), day.batch, [len(day.batch) // 3]) == meant


def test_cuts_of_the_day_do_not_matter(day):
    assert fed(compiled(day), day.batch, range(1, len(day.batch))) == reference(day)


def test_accounts_may_come_up_late(day):
    """A group's second client turns up after the first has done things, as in a long log."""
    engine, told = compiled(day, introduced=False), 0
    for row in range(len(day.batch)):
        batch = day.batch.take(slice(row, row + 1))
        others = [] if batch.contra_account is None else [int(batch.contra_account[0])]
        last = max(int(batch.account[0]), *others, told - 1)
        for account in range(told, last + 1):
            engine.account(
                account, day.subject[account], day.alone[account], account, day.makes[account]
            )
        told = last + 1
        engine.feed(batch)
    for account in range(told, len(day.names.accounts)):
        engine.account(
            account, day.subject[account], day.alone[account], account, day.makes[account]
        )
    assert found(engine.finish()) == reference(day)


def test_stop_and_resume_change_nothing(day):
    cut = len(day.batch) // 2
    first = compiled(day)
    first.feed(day.batch.take(slice(0, cut)))
    plain, blobs = first.dump()
    second = compiled(day)
    second.restore(json.loads(json.dumps(plain)), blobs)
    assert second.state_hash() == first.state_hash()
    second.feed(day.batch.take(slice(cut, None)))
    assert found(second.finish()) == reference(day)


def test_the_random_days_reach_levels_and_leave_out():
    seen = [reference(with_kernels(random.Random(seed), 150)) for seed in range(10)]
    measures = [measure for each in seen for measure in each["measures"]]
    assert any(each["crossings"] for each in seen)
    assert {level for *_, level, _, _, _, _ in measures} == {0, 1, 2}
    assert any(sum(measure[5]) for measure in measures)
    assert any(len(measure[10]) > 1 for measure in measures), "a group of several clients"
