"""ReferenceHoldings: what positions mean, in plain Python, one row after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import schema, state_hash
from ..beside import Beside
from ..counts import Crossing, FaultCount, Measure, Observed
from ..measured import measures_of
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..reference_levels import Heard, Listener
from ..reference_rows import Row
from ..schema import Hedge, Offset, Side, attribute_value
from ..steps import Step, What
from .detail import Point, detail_of, level_at, told_level
from .figures import LONG, SHORT, Figure, Holding, Key
from .rules import SIDES, SPLITS_TODAY, PositionRules, attributes_of, kind
from .table import HELD, opening_lots

KEY_HOLDING: Final = 20
KEY_FIGURE: Final = 21
"""Kinds of parts of the state hash."""


class Change(NamedTuple):
    """What a fill did to a holding; lots are (long, short)."""

    step: Step
    key: Key
    before: tuple[int, ...]
    after: tuple[int, ...]


class ReferenceHoldings:
    """The observer of the reference engine for positions."""

    def __init__(self, plan: Plan, names: Names, beside: Beside) -> None:
        self._plan = plan
        self._names = names
        self._positions = beside.positions
        self._rules = PositionRules(plan, names, beside)
        self._facts: list[ContractFacts] = []
        self._judges: list[tuple[int, int, int]] = []  # by account: subject, alone, client
        self._holdings: dict[Key, Holding] = {}
        self._figures: dict[tuple[int, int, int], Figure] = {}  # by rule, scope, subject
        self._apart: dict[tuple[int, int, int], Figure] = {}  # by rule, scope, client
        self._figures_of: dict[Key, list[Figure]] = {}
        self._apart_of: dict[Key, list[Figure]] = {}
        self._over: dict[int, list[Row]] = defaultdict(list)
        self._waiting: dict[int, tuple[Row, Key]] = {}  # first rows by match, and what they moved
        self._late: list[tuple[int, Crossing]] = []
        self._listener: Listener | None = None
        self._unheard: dict[Figure, Heard] = {}  # of first rows, told when they are judged
        self._has_begun = False

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        self._facts.append(facts)
        self._rules.of(facts)

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        self._judges.append((subject, alone, client))

    def listen(self, listener: Listener) -> None:
        """Have every fill that moves, or might move, a rule's figure told."""
        self._listener = listener

    def row(self, row: Row, steps: Sequence[Step]) -> list[Crossing]:
        """Apply one row's fills; return the levels that it reached.

        The first of the two rows of a match is judged with the second, or before another fill
        moves what it moved, or at the end of the day.
        """
        self._begin()
        fills = [step for step in steps if step.what == What.FILL]
        changes: list[Change] = []
        for step in fills:
            key = self._key(step)
            holding = self._holdings[key]
            before = tuple(holding.held)
            for side in (LONG, SHORT):
                if step.side and _concerns(step, side):
                    self._end_waiting(key, side, step.match)
            if not step.side:
                holding.unplaced += step.lots
            elif holding.fill(step.side, step.offset, step.lots) and self._positions is not None:
                self._over[step.contract].append(row)
            changes.append(Change(step, key, before, tuple(holding.held)))
            for figure in self._all_figures_of(key):
                figure.add_up(self._holdings)
        crossings = self._end_row(row, changes)
        for change in changes:
            self._tell(row, *change)
        return crossings

    def finish(self) -> Observed:
        """End the day."""
        self._begin()
        for key in self._holdings:
            for side in (LONG, SHORT):
                self._end_waiting(key, side, -1)
        measures = [
            self._measure(figure) for figure in self._figures.values() if figure.gross_peak
        ]
        return Observed(
            measures_of(self._plan, measures), {"positions": self._table()}, self._faults(),
            self._late,
        )  # fmt: skip

    def state_hash(self) -> int:
        """Return 64 bits of the state."""
        self._begin()
        mix, names = state_hash.mix, self._names
        total = 0
        for key, holding in self._holdings.items():
            sides = (
                n for side in (LONG, SHORT)
                for n in (holding.held[side], holding.today[side], holding.peak[side],
                          holding.filled[side], holding.match[side] + 1)
            )  # fmt: skip
            at, account = names.accounts[key.account]
            facts = self._facts[key.contract]
            total += mix(
                KEY_HOLDING,
                _hash(facts.exchange, facts.contract),
                _hash(names.exchanges[at], account),
                key.hedge, *sides, holding.unplaced,
            )  # fmt: skip
        for figure in self._figures.values():
            scope = _hash(*self._rules.scopes[figure.scope][:2])
            total += mix(
                KEY_FIGURE, figure.rule.index, scope, figure.counted, figure.gross,
                figure.counted_peak, figure.gross_peak, figure.unknown,
                figure.match + 1,
            )  # fmt: skip
        return total & state_hash.WORD

    # --- the day -------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Put in the opening positions, and judge them."""
        if self._has_begun:
            return
        self._has_begun = True
        for account, contract, hedge, lots, today in opening_lots(self._positions, self._names):
            key = Key(account, contract, hedge)
            makes = self._rules.makes_market(account, self._facts[contract])
            holding = self._hold(key, makes)
            holding.opening = lots
            holding.held, holding.peak = list(lots), list(lots)
            if holding.splits_today:
                holding.opening_today, holding.today = today, list(today)
        for figure in (*self._figures.values(), *self._apart.values()):
            figure.add_up(self._holdings)
            figure.settle(self._holdings)
            figure.opening = figure.counted
            figure.unknown = sum(
                self._holdings[key].held[figure.side]
                for key, reason in figure.members.items()
                if not reason and self._is_doubtful(figure.rule, key)
            )
            figure.reached = {
                level: figure.shares(self._holdings)
                for level, at in enumerate(figure.levels)
                if 0 <= at <= figure.counted
            }

    def _key(self, step: Step) -> Key:
        """Return whose lots a fill moves; lots without a hedge flag are speculation."""
        hedge = attribute_value(step.attributes, "hedge")
        key = Key(step.account, step.contract, hedge or int(Hedge.SPECULATION))
        self._hold(key, attribute_value(step.attributes, "market_maker"))
        self._note_blank(key, step, hedge)
        return key

    def _hold(self, key: Key, makes_market: int) -> Holding:
        """Return a holding, new or known; a new one is put to every rule that judges it."""
        found = self._holdings.get(key)
        if found is None:
            facts = self._facts[key.contract]
            found = Holding(int(makes_market), facts.exchange in SPLITS_TODAY)
            self._holdings[key] = found
            attributes = attributes_of(kind(key.hedge, found.makes_market))
            self._figures_of[key], self._apart_of[key] = [], []
            for rule in self._rules_of(facts):
                self._put_to(rule, key, facts)
            for figure in self._all_figures_of(key):
                figure.members[key] = figure.rule.reason(attributes, facts)
        return found

    def _rules_of(self, facts: ContractFacts) -> Iterable[PlanRule]:
        return (
            rule for rule in self._plan.rules
            if rule.count in schema.POSITION_COUNTS and rule.applies(facts)
        )  # fmt: skip

    def _put_to(self, rule: PlanRule, key: Key, facts: ContractFacts) -> None:
        """Have a rule count a holding for its subject, and apart for its client."""
        scope = self._rules.scope(rule, facts)
        subject, alone, client = self._judges[key.account]
        for judge, is_alone in ((subject, False), (alone, True)):
            place = (rule.index, scope, judge)
            if judge >= 0 and place not in self._figures:
                levels = self._rules.levels(rule.index, scope, key.account, is_alone)
                self._figures[place] = Figure(rule, judge, scope, levels)
            if judge >= 0:
                self._figures_of[key].append(self._figures[place])
        place = (rule.index, scope, client)
        self._apart_of[key].append(self._apart.setdefault(place, Figure(rule, client, scope)))

    def _all_figures_of(self, key: Key) -> list[Figure]:
        return [*self._figures_of[key], *self._apart_of[key]]

    def _end_row(self, row: Row, changes: Sequence[Change]) -> list[Crossing]:
        """Judge what a row moved, and what waited for it; or have a match's first row wait."""
        match = changes[0].step.match if changes else -1
        if match == row.index:
            self._wait(row, changes[0])
            return []
        moved = dict.fromkeys(change.key for change in changes)
        if match in self._waiting:
            moved[self._waiting.pop(match)[1]] = None
        for key in moved:
            for side, waits_for in enumerate(self._holdings[key].match):
                if waits_for in (-1, match):
                    self._note_peak(key, side, row)
        figures = dict.fromkeys(figure for key in moved for figure in self._all_figures_of(key))
        return [
            crossing for figure in figures if figure.match in (-1, match)
            for crossing in self._judge(figure, row)
        ]  # fmt: skip

    def _wait(self, row: Row, change: Change) -> None:
        """Have what a match's first row moved wait for its second."""
        for side in (LONG, SHORT):
            if change.before[side] != change.after[side]:
                self._waiting[row.index] = (row, change.key)
                self._holdings[change.key].match[side] = row.index
                for figure in self._all_figures_of(change.key):
                    if figure.side == side:
                        figure.match = row.index

    def _end_waiting(self, key: Key, side: int, match: int) -> None:
        """Judge, as of its first row, what of a holding's side waits for a match but this one."""
        waits_for = self._holdings[key].match[side]
        if waits_for not in (-1, match):
            self._note_peak(key, side, self._waiting[waits_for][0])
        for figure in self._all_figures_of(key):
            if figure.side == side and figure.match not in (-1, match):
                row, _ = self._waiting[figure.match]
                self._late += [(row.index, found) for found in self._judge(figure, row)]

    def _note_peak(self, key: Key, side: int, row: Row) -> None:
        holding = self._holdings[key]
        holding.match[side] = -1
        if holding.held[side] > holding.peak[side]:
            holding.peak[side] = holding.held[side]
            holding.peak_seq[side] = row.seq

    def _judge(self, figure: Figure, row: Row) -> list[Crossing]:
        """Judge a figure as of a row."""
        crossings = []
        before, after = figure.judged, figure.counted
        figure.settle(self._holdings)
        if self._listener is not None and figure in self._unheard:
            self._listener(replace(self._unheard.pop(figure), count=after))
        if before != after:
            figure.points.append(Point(row.index, row.seq, row.ts, after))
        for level, at in enumerate(figure.levels):
            if at >= 0 and before < at <= after and level not in figure.reached:
                figure.reached[level] = figure.shares(self._holdings)
                scope = self._rules.scopes[figure.scope][1]
                crossings.append(
                    Crossing(
                        figure.rule.index, level, figure.judge, scope, after, row.seq,
                        row.channel, row.ts,
                    )
                )  # fmt: skip
        return crossings

    def _note_blank(self, key: Key, step: Step, hedge: int) -> None:
        """Note the lots of a fill that rests on something the log, or a table, leaves blank."""
        for figure in self._figures_of[key]:
            if figure.members[key] or not _concerns(step, figure.side):
                continue
            rule = figure.rule
            if (
                not step.side
                or attribute_value(step.attributes, "unknown_order")
                or (not hedge and "hedge" in rule.attributes())
                or self._is_doubtful(rule, key)
            ):
                figure.unknown += step.lots

    def _is_doubtful(self, rule: PlanRule, key: Key) -> bool:
        facts = self._facts[key.contract]
        return rule.unknown(attributes_of(kind(Hedge.SPECULATION, 0)), facts)

    def _tell(
        self, row: Row, step: Step, key: Key, before: tuple[int, ...], after: tuple[int, ...]
    ) -> None:
        """Tell a listener of a fill that is of a rule's side, with what is held after its match."""
        if self._listener is None:
            return
        for figure in self._figures_of[key]:
            if _concerns(step, figure.side):
                scope = self._rules.scopes[figure.scope][1]
                amount = after[figure.side] - before[figure.side]
                heard = Heard(
                    row, figure.rule, figure.judge, key.account, scope, figure.members[key],
                    amount, figure.judged, None,
                    figure.shares(self._holdings).get(key.account, 0),
                )  # fmt: skip
                if figure.match == row.index:
                    self._unheard[figure] = heard
                else:
                    self._listener(heard)

    # --- the end -------------------------------------------------------------------------------

    def _measure(self, figure: Figure) -> Measure:
        levels = tuple(None if at < 0 else at for at in figure.levels)
        measure = Measure(
            figure.rule.index, figure.judge, self._rules.scopes[figure.scope][1], figure.gross_peak,
            figure.counted_peak, (0,) * len(figure.rule.reasons),
            min(figure.unknown, figure.counted_peak), level_at(levels, figure.counted_peak),
            (levels[0], levels[1]), {}, {}, {},
        )  # fmt: skip
        if not measure.level:
            return measure
        account = next(iter(figure.members)).account
        alone = figure.judge == self._judges[account][1]
        reached = sum(1 << level for level in figure.reached)
        capped = self._rules.is_capped(figure.rule.index, account, alone=alone)
        measure.shares = figure.reached[told_level(reached, capped=capped)]
        measure.alone = {
            client: self._alone(figure, client, measure)
            for client in {self._judges[key.account][2] for key in figure.members}
        }
        measure.detail = detail_of(
            SIDES[figure.side],
            self._rules.limit(figure.rule.index, figure.scope, account, alone),
            figure.course(),
            figure.shares_at_peak,
            lambda account: (self._names.accounts[account][1], self._rules.client_name(account)),
        )
        return measure

    def _alone(self, figure: Figure, client: int, measure: Measure) -> tuple[int, int]:
        apart = self._apart[figure.rule.index, figure.scope, client]
        return apart.counted_peak, level_at(measure.levels, apart.counted_peak)

    def _faults(self) -> list[FaultCount]:
        found = []
        for contract, rows in sorted(self._over.items()):
            first = list({row.index: row for row in rows}.values())[: schema.FIRST_FAULTS_KEPT]
            places = tuple((row.channel, row.seq, row.ts) for row in first)
            found.append(FaultCount(contract, schema.Fault.CLOSE_OVER_HELD, len(rows), places))
        return found

    def _table(self) -> npt.NDArray[np.void]:
        rows = [
            (*key, *(getattr(holding, name) for name in (HELD.names or ())[3:]))
            for key, holding in self._holdings.items()
        ]
        return np.array([tuple(map(_pair, row)) for row in rows], HELD)


def _concerns(step: Step, side: int) -> bool:
    """Whether a fill moves, or might move, one side: without a side or an offset, both."""
    if not step.side or not step.offset:
        return True
    bought = LONG if step.side == Side.BUY else SHORT
    return (side == bought) == (step.offset == Offset.OPEN)


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _hash(exchange: str, name: str) -> int:
    return state_hash.name_hash(state_hash.full_name(exchange, name))
