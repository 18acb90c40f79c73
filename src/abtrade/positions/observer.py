"""HoldingsObserver: positions of the compiled engine, from the opening through every fill."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Batch
from ..beside import Beside
from ..counts import Behind, Crossing, FaultCount, Measures, Observed
from ..levels import LEVEL_OF
from ..names import Names
from ..plan import ContractFacts, Plan
from ..state_hash import full_name, name_hash
from ..steps import What
from ._holdings import HOLDING, LINK, NO_LEVEL, SIZES, SLOT, Holdings
from .detail import Course, Point, detail_of, level_at, told_level
from .rules import SIDES, SPLITS_TODAY, PositionRules
from .table import HELD, opening_lots


class HoldingsObserver:
    """Lots held through the day, and the levels that they pass.

    Opening positions are put in before the first step; without a table of them nobody holds
    anything then, and closing more than is held is no fault.
    """

    wants = frozenset({What.FILL})

    def __init__(self, plan: Plan, names: Names, beside: Beside) -> None:
        self._plan = plan
        self._names = names
        self._positions = beside.positions
        self._rules = PositionRules(plan, names, beside)
        self._facts: list[ContractFacts] = []
        self._holdings = Holdings(
            [
                (*((-1, -1) if rule.limit else rule.numbers()), rule.limit is not None)
                for rule in plan.rules
            ],
            self._rules.levels,
            tells_over=self._positions is not None,
        )
        self._over: dict[int, list[Any]] = {}  # by contract: count, first (channel, seq, ts) by row
        self._has_begun = False
        self._alone: list[int] = []  # by account

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        known = len(self._rules.scopes)
        entries = self._rules.of(facts)
        for exchange, written, _ in self._rules.scopes[known:]:
            self._holdings.add_scope(name_hash(full_name(exchange, written)))
        self._holdings.add_contract(
            facts.exchange in SPLITS_TODAY,
            entries,
            name_hash(full_name(facts.exchange, facts.contract)),
        )
        self._facts.append(facts)

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        exchange, name = self._names.accounts[account]
        self._alone.append(alone)
        self._holdings.add_account(
            subject, alone, client, self._rules.is_grouped(account), self._rules.is_plain(account),
            name_hash(full_name(self._names.exchanges[exchange], name)),
        )  # fmt: skip

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Apply a batch's fills; return the levels reached."""
        self._begin()
        crossed, over = self._holdings.watch(steps, batch.channel, batch.seq, batch.ts, base)
        self._note_over(over, batch, base)
        return self._crossings(crossed)

    def finish(self) -> Observed:
        """End the day."""
        self._begin()
        late = self._crossings(self._holdings.end_day())
        slots = self._holdings.slots()
        held = np.flatnonzero((slots["is_client"] == 0) & (slots["gross_peak"] > 0))
        own = slots[held]
        measures = [
            self._measures(rule, held[own["rule"] == rule], slots)
            for rule in np.unique(own["rule"]).tolist()
        ]
        faults = [
            FaultCount(contract, schema.Fault.CLOSE_OVER_HELD, count, tuple(first.values()))
            for contract, (count, first) in sorted(self._over.items())
        ]
        return Observed(measures, {"positions": self._table()}, faults, late)

    def state_hash(self) -> int:
        """Return 64 bits of the state."""
        self._begin()
        return self._holdings.state_hash()

    def dump(self) -> Any:
        """Return the state as plain values."""
        self._begin()
        arrays, noted, waiting = self._holdings.dump()
        return {
            "sizes": SIZES,
            "arrays": {
                name: base64.b64encode(array.tobytes()).decode() for name, array in arrays.items()
            },
            "noted": noted,
            "waiting": waiting,
            "shares": [
                [slot, level, list(shares.items())]
                for (slot, level), shares in self._holdings.shares.items()
            ],
            "over": [[contract, count, list(first.items())]
                     for contract, (count, first) in self._over.items()],
        }  # fmt: skip

    def restore(self, plain: Any) -> None:
        """Take up what ``dump`` gave."""
        assert plain["sizes"] == SIZES, "saved by a build of another layout"
        arrays = {
            name: np.frombuffer(base64.b64decode(plain["arrays"][name]), dtype)
            for name, dtype in (("holdings", HOLDING), ("links", LINK), ("slots", SLOT))
        }
        shares = {(slot, level): dict(told) for slot, level, told in plain["shares"]}
        self._holdings.restore(
            **arrays, noted=plain["noted"], waiting=plain["waiting"], shares=shares
        )
        self._over = {
            contract: [count, {index: tuple(row) for index, row in first}]
            for contract, count, first in plain["over"]
        }
        self._has_begun = True

    def _begin(self) -> None:
        """Put in the opening positions, once everybody they name is known."""
        if self._has_begun:
            return
        self._has_begun = True
        held = opening_lots(self._positions, self._names)
        makes = [
            self._rules.makes_market(account, self._facts[contract])
            for account, contract, *_ in held
        ]
        columns = list(zip(*held, strict=True)) or [()] * 5
        account, contract, hedge, lots, today = columns
        self._holdings.open_day(
            np.array(account, np.int32),
            np.array(contract, np.int32),
            np.array(hedge, np.uint8),
            np.array(makes, np.uint8),
            np.array(lots, np.int64).reshape(len(held), 2),
            np.array(today, np.int64).reshape(len(held), 2),
        )

    def _note_over(self, over: list[tuple[int, int]], batch: Batch, base: int) -> None:
        for row, contract in over:
            noted = self._over.setdefault(contract, [0, {}])
            noted[0] += 1
            if len(noted[1]) < schema.FIRST_FAULTS_KEPT:
                channel = 0 if batch.channel is None else int(batch.channel[row])
                noted[1][base + row] = (channel, int(batch.seq[row]), int(batch.ts[row]))

    def _crossings(self, crossed: list[tuple[int, ...]]) -> list[tuple[int, Crossing]]:
        """Return the levels that slots reached, each with the index in the day of its row."""
        if not crossed:
            return []
        slots = self._holdings.slots()
        found = []
        for row, channel, seq, ts, at, level, lots in crossed:
            rule, scope, judge = (int(slots[at][name]) for name in ("rule", "scope", "judge"))
            written = self._rules.scopes[scope][1]
            found.append((row, Crossing(rule, level, judge, written, lots, seq, channel, ts)))
        return found

    def _measures(
        self, rule: int, held: npt.NDArray[np.intp], slots: npt.NDArray[np.void]
    ) -> Measures:
        """Return what a rule's slots, those at the places ``held``, came to."""
        own = slots[held]
        levels = np.stack([own["yellow"], own["red"]], axis=1)
        levels[levels == NO_LEVEL] = -1
        level = LEVEL_OF[own["reached"]]
        return Measures(
            rule,
            [written for _, written, _ in self._rules.scopes],
            own["judge"].astype(np.int64),
            own["scope"].astype(np.int64),
            own["gross_peak"],
            own["counted_peak"],
            np.zeros((len(own), len(self._plan.rules[rule].reasons)), np.int64),
            np.minimum(own["unknown"], own["counted_peak"]),
            level,
            levels,
            {
                i: self._behind(int(held[i]), own[i], levels[i].tolist())
                for i in np.flatnonzero(level).tolist()
            },
        )

    def _behind(self, slot: int, own: np.void, levels: list[int]) -> Behind:
        """Return what an alert tells besides its figures."""
        account = self._holdings.account_of(slot)
        rule, scope = int(own["rule"]), int(own["scope"])
        alone = int(own["judge"]) == self._alone[account]
        capped = self._rules.is_capped(rule, account, alone=alone)
        told = told_level(int(own["reached"]), capped=capped)
        at = [None if lots < 0 else lots for lots in levels]
        record = self._holdings.record(slot)
        last = Point(*record["last"])
        course = Course(
            int(own["opening"]),
            int(own["counted"]),
            Point(*record["peak"]),
            _points(record["passages"]),
            _points(record["falls"]),
            record["passed"],
            _points(record["curve"]),
            last if last.row >= 0 else None,
        )
        return Behind(
            self._holdings.shares[slot, told],
            {
                client: (peak, level_at(at, peak))
                for client, peak in self._holdings.client_peaks(slot).items()
            },
            detail_of(
                SIDES[schema.POSITION_COUNTS.index(self._plan.rules[rule].count)],
                self._rules.limit(rule, scope, account, alone),
                course,
                self._holdings.counted_shares(slot, at_peak=True),
                self._person,
            ),
        )

    def _table(self) -> npt.NDArray[np.void]:
        held = self._holdings.holdings()
        table = np.empty(len(held), HELD)
        for name in HELD.names or ():
            table[name] = held[name]
        return table

    def _person(self, account: int) -> tuple[str, str]:
        return self._names.accounts[account][1], self._rules.client_name(account)


def _points(told: Sequence[tuple[int, int, int, int, int]]) -> list[Point]:
    return [Point(*point) for point in told]
