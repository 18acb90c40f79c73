"""Bursts of the compiled engine: its counter, told of rules and people, and asked for measures."""

from __future__ import annotations

import base64
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..batch import Batch, Int64
from ..counts import Behind, Crossing, Measures, Observed
from ..levels import crossing_at, scope_text
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..state_hash import full_name, name_hash
from ..steps import What
from ._bursts import JUDGED, BurstCounter
from .findings import TABLE, Findings, Occasion, burst_rules, levels_of, reasons_of

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
        found = [self._counter.judged(i) for i in range(len(self._rules))]
        return Observed(
            [self._measures(i, judged) for i, judged in enumerate(found)],
            {"bursts": np.concatenate([
                _table(rule, judged) for rule, judged in zip(self._rules, found, strict=True)
            ])},
        )  # fmt: skip

    def _measures(self, i: int, judged: Int64) -> Measures:
        """Return what those of a rule's judged come to that had an occasion at all."""
        rule, facts = self._rules[i], self._facts
        judged = judged[judged[:, len(JUDGED)] > 0]
        subject, contract, unknown = judged[:, 1:4].T
        occasions = judged[:, len(JUDGED) :]
        contracts, scope = np.unique(contract, return_inverse=True)
        exempt = np.zeros((len(judged), len(rule.reasons)), np.int64)
        for stage, code in enumerate(reasons_of(rule)):
            exempt[:, code - 1] = occasions[:, stage] - occasions[:, stage + 1]
        at = [-1 if number is None else number for number in levels_of(rule)]
        level = np.zeros(len(judged), np.int64)
        for code, number in enumerate(at, start=1):
            level[(number >= 0) & (occasions[:, -1] >= number)] = code
        return Measures(
            rule.index,
            [scope_text(rule.scope, facts[contract]) for contract in contracts.tolist()],
            subject,
            scope,
            occasions[:, 0],
            occasions[:, -1],
            exempt,
            unknown,
            level,
            np.tile(np.array(at, np.int64), (len(judged), 1)),
            {row: self._behind(i, judged[row].tolist()) for row in np.flatnonzero(level).tolist()},
        )

    def _behind(self, i: int, judged: list[int]) -> Behind:
        place, subject, contract, *figures = judged[: len(JUDGED)]
        rule, occasions = self._rules[i], tuple(judged[len(JUDGED) :])
        scope = scope_text(rule.scope, self._facts[contract])
        first = [Occasion(*each) for each in self._counter.told(i, place)]
        found = Findings(rule, subject, scope, occasions, *figures).measure(
            self._counter.shares(i, place), self._counter.clients(i, place), first
        )
        return Behind(found.shares, found.alone, found.detail)

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
        asked = [
            (
                each.fits_contract(facts),
                each.fits_contract(facts, null_fits=True),
                each.asks_unknown(facts),
            )
            for each in (*rule.only, *rule.leave_out)
        ]
        key = (rule.index, *asked)
        if key not in self._depths:
            self._depths[key] = _depths(rule, facts)
        return self._depths[key]


def _table(rule: PlanRule, judged: Int64) -> npt.NDArray[np.void]:
    """Return the rows of ``TABLE`` of all who are judged by a rule."""
    table = np.empty(len(judged), TABLE)
    table["rule"] = rule.index
    table["subject"] = judged[:, JUDGED.index("judge")]
    table["occasions"], table["counted"] = judged[:, len(JUDGED)], judged[:, -1]
    for name in ("most", "most_from", "late"):
        column = name if name in (TABLE.names or ()) else f"{name}_messages"
        table[column] = judged[:, JUDGED.index(name)]
    return table


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
