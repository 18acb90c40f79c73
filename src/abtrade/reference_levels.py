"""Levels of the reference engine: every rule asked about every event, one after the other.

Nothing is worked out ahead. A rule is asked for its reason not to count the event; where it has
none, the figure of the rule, subject and scope grows, and where it passes a level that is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from . import schema
from .counts import Crossing, Pair
from .levels import levels_of, scope_text
from .plan import ContractFacts, Plan, PlanRule
from .reference_rows import OrderKey, Row


@dataclass(frozen=True, slots=True)
class Heard:
    """One event put to one rule for one subject; told to a listener."""

    row: Row
    rule: PlanRule
    subject: int
    account: int  # whose event it is; of a match, the incoming side's
    scope: str
    reason: int  # 0 where it counts
    amount: int  # what it adds to the count, where it counts
    count: int | float  # counted after it; of a kernel its figure
    pair: Pair | None  # of a match
    held: int | None = None  # of a position: what the account holds after it, of what counts


Listener = Callable[[Heard], None]


class Levels:
    """What each rule has counted so far, and the events at which it crossed a level."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # An exchange stands in the key because two exchanges may spell a contract alike.
        self._counted: dict[tuple[int, int, str, str], int] = defaultdict(int)
        self._once: set[tuple[int, int, Hashable]] = set()
        self.crossings: list[tuple[int, Crossing]] = []
        self.listener: Listener | None = None

    def event(
        self,
        row: Row,
        facts: ContractFacts,
        subjects: Sequence[int],
        account: int,
        count: str,
        attributes: int,
        amount: int,
    ) -> None:
        """Put ``amount`` of a count, as the rules name it, to every rule that reads it."""
        for rule in self._rules_of(facts):
            if rule.count_name == count:
                reason = rule.reason(attributes, facts)
                for subject in subjects:
                    self._put(row, rule, subject, account, facts, reason, amount, None)

    def match(
        self,
        row: Row,
        facts: ContractFacts,
        subjects: Sequence[int],
        pair: Pair,
        incoming: OrderKey,
        resting: OrderKey,
        lots: int,
    ) -> None:
        """Put one match within a subject to every rule that counts matches.

        A pair of orders, whichever of them was incoming, and an incoming order count once within
        a contract of trading: at the first of their matches that is not exempt.
        """
        both = (pair.contract, min(incoming, resting), max(incoming, resting))
        came_in = (pair.contract, incoming)
        for rule in self._rules_of(facts):
            if rule.count not in schema.PAIR_COUNTS:
                continue
            reason = _match_reason(rule, pair, facts)
            for subject in subjects:
                if rule.count == "self_trade_lots":
                    amount = lots
                elif reason or rule.count == "self_trades":
                    amount = 1
                elif rule.count == "self_trade_pairs":
                    amount = self._first_time(rule, subject, both)
                else:
                    amount = self._first_time(rule, subject, came_in)
                self._put(
                    row, rule, subject, pair.incoming_account, facts, reason, amount, pair
                )

    def _rules_of(self, facts: ContractFacts) -> Iterator[PlanRule]:
        return (rule for rule in self._plan.rules if rule.applies(facts))

    def _first_time(self, rule: PlanRule, subject: int, thing: Hashable) -> int:
        seen = (rule.index, subject, thing)
        if seen in self._once:
            return 0
        self._once.add(seen)
        return 1

    def _put(
        self,
        row: Row,
        rule: PlanRule,
        subject: int,
        account: int,
        facts: ContractFacts,
        reason: int,
        amount: int,
        pair: Pair | None,
    ) -> None:
        """Add an event to a rule's count where no reason exempts it, and see what it reaches."""
        scope = scope_text(rule.scope, facts)
        key = (rule.index, subject, facts.exchange, scope)
        before = self._counted[key]
        after = self._counted[key] = before if reason else before + amount
        for level, reached_at in levels_of(rule, facts):
            if before < reached_at <= after:
                crossing = Crossing(
                    rule.index, level, subject, scope, after, row.seq, row.channel, row.ts
                )
                self.crossings.append((row.index, crossing))
        if self.listener is not None:
            self.listener(Heard(row, rule, subject, account, scope, reason, amount, after, pair))


def _match_reason(rule: PlanRule, pair: Pair, facts: ContractFacts) -> int:
    incoming = rule.reason(pair.incoming_attributes, facts)
    resting = rule.reason(pair.resting_attributes, facts)
    return pair.reason(rule, incoming, resting)
