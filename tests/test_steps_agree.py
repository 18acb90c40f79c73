"""Both engines hand out the same steps: what each row did, for whom, under which attributes."""

from __future__ import annotations

import random

import pytest

from abtrade.compiled import CompiledEngine
from abtrade.counts import Observed
from abtrade.reference import ReferenceEngine
from abtrade.steps import Step, What
from random_day import random_day


class Recorder:
    """An observer of either engine that keeps every step, with the index of its row."""

    wants = frozenset(What)

    def __init__(self):
        self.seen = []

    def contract(self, contract, facts):
        pass

    def account(self, account, subject, alone, client):
        pass

    def watch(self, steps, batch, base):
        self.seen += [(base + step[0], *step[1:]) for step in steps.tolist()]
        return []

    def row(self, row, steps):
        self.seen += [(row.index, *map(int, step[1:])) for step in steps]
        return []

    def finish(self):
        return Observed()

    def state_hash(self):
        return 0


def in_row_order(steps):
    return sorted(steps, key=lambda step: step[0])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("seed", range(40))
def test_core_and_reference_hand_out_the_same_steps(seed, threads):
    day = random_day(random.Random(seed), 200)
    said, meant = Recorder(), Recorder()
    reference = ReferenceEngine(day.plan, day.names, columns=day.columns, observers=[meant])
    day.introduce(reference).feed(day.batch)
    core = CompiledEngine(
        day.plan, day.names, columns=day.columns, observers=[said], threads=threads
    )
    day.introduce(core)
    for cut in (slice(0, 70), slice(70, None)):
        core.feed(day.batch.take(cut))
    assert said.seen == meant.seen
    assert {What(step[Step._fields.index("what")]) for step in said.seen}
