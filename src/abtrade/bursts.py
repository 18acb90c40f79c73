"""Bursts of the compiled engine: its counter, told of rules and people, and asked for measures."""

from __future__ import annotations

import base64
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ._bursts import BurstCounter
from .batch import Batch
from .burst_findings import TABLE, Findings, Occasion, burst_rules, levels_of, reasons_of
from .counts import Crossing, Observed
from .levels import crossing_at, scope_text
from .names import Names
from .plan import ContractFacts, Plan, PlanRule
from .state_hash import full_name, name_hash
from .steps import What

UNKNOWN: Final = 0x8000
"""The bit of a depth that says that the message rests on a blank."""


class Bursts:
    """The bursts of all who are judged, and of each client of theirs alone."""

    wants = frozenset({What.ORDER, What.CANCEL, What.AMEND, What.RFQ})

    def __init__(self, plan: Plan, names: Names) -> None:
        self._rules = burst_rules(plan)
        self._names = names
        self._facts: list[ContractFacts] = []
        self._depths: dict[tuple[Any, ...], npt.NDArray[np.uint16]] = {}
        self._counter = BurstCounter([_numbers(rule) for rule in self._rules])

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        self._facts.append(facts)
        self._counter.add_contract(
            [
                (i, self._depths_of(rule, facts))
                for i, rule in enumerate(self._rules)
                if rule.applies(facts)
            ]
        )

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        exchange, name = self._names.accounts[account]
        hashed = name_hash(full_name(self._names.exchanges[exchange], name))
        self._counter.add_account(subject, alone, client, hashed)

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Take up a batch's steps; return the levels reached, with the rows of the day."""
        self._counter.watch(steps, batch.ts, batch.seq, batch.channel)
        reached, self._counter.reached = self._counter.reached, []
        return [
            (base + row, crossing_at(batch, row, self._rules[of].index, level, judge, scope, count))
            for row, of, level, judge, contract, count in reached
            for scope in [scope_text(self._rules[of].scope, self._facts[contract])]
        ]

    def finish(self) -> Observed:
        """End the day."""
        measures, rows = [], []
        for i, rule in enumerate(self._rules):
            for place, subject, contract, occasions, *figures in self._counter.judged(i):
                scope = scope_text(rule.scope, self._facts[contract])
                found = Findings(rule, subject, scope, occasions, *figures)
                rows.append(found.row())
                if found.level:
                    shares = self._counter.shares(i, place)
                    clients = self._counter.clients(i, place)
                    first = [Occasion(*each) for each in self._counter.told(i, place)]
                    measures.append(found.measure(shares, clients, first))
                elif found.occasions[0]:
                    measures.append(found.measure({}, {}, []))
        return Observed(measures, {"bursts": np.array(rows, TABLE)})

    def state_hash(self) -> int:
        """Return 64 bits of the state; the reference's observer gives the same."""
        return self._counter.state_hash([rule.index for rule in self._rules])

    def dump(self) -> Any:
        """Return the state, whole numbers of 64 bits, as base64."""
        return base64.b64encode(self._counter.dump().tobytes()).decode()

    def restore(self, plain: Any) -> None:
        """Take up what ``dump`` gave; contracts and accounts are told already."""
        self._counter.restore(np.frombuffer(base64.b64decode(plain), np.int64))

    def _depths_of(self, rule: PlanRule, facts: ContractFacts) -> npt.NDArray[np.uint16]:
        """Return to how many stages a message belongs, by attributes: (65536,) uint16."""
        filters = ([rule.only] if rule.only else []) + list(rule.leave_out)
        asked = [
            (
                each.fits_contract(facts),
                each.fits_contract(facts, null_fits=True),
                each.asks_unknown(facts),
            )
            for each in filters
        ]
        key = (rule.index, *asked)
        if key not in self._depths:
            self._depths[key] = _depths(rule, facts)
        return self._depths[key]


def _depths(rule: PlanRule, facts: ContractFacts) -> npt.NDArray[np.uint16]:
    codes = reasons_of(rule)
    depth = np.full(len(rule.leave_out) + 2, len(codes) + 1, np.uint16)
    depth[codes] = np.arange(1, len(codes) + 1)
    reasons = rule.reason_table(facts)
    table: npt.NDArray[np.uint16] = depth[reasons]
    table[rule.unknown_table(facts) & (reasons == 0)] |= UNKNOWN
    return table


def _numbers(rule: PlanRule) -> tuple[int, int, bool, int, int]:
    assert rule.burst_messages is not None
    yellow, red = (-1 if at is None else at for at in levels_of(rule))
    return rule.burst_messages, len(reasons_of(rule)) + 1, rule.sliding, yellow, red
