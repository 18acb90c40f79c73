"""Matches within a subject: self-trades, their pairs, incoming orders and lots, and levels."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any, Final, NamedTuple

from . import ids, schema
from ._core import ENTRIES
from .auction_orders import AuctionOrders, Order
from .batch import Batch
from .counts import Crossing, Pair
from .levels import crossing_at, levels_of, scope_text
from .plan import ContractFacts, Plan, PlanRule
from .wide import Reasons

_IN_AUCTION: Final = ENTRIES["INCOMING_IN_AUCTION"], ENTRIES["RESTING_IN_AUCTION"]


class _Match(NamedTuple):
    """A record of the core's, field by field; see ``_core.MATCH``."""

    row: int
    lots: int
    incoming: int
    resting: int
    incoming_high: int
    resting_high: int
    contract: int
    incoming_contract: int
    resting_contract: int
    incoming_account: int
    resting_account: int
    incoming_attributes: int
    resting_attributes: int
    entry: int

    def turned(self) -> _Match:
        """Return the match with the other order as the incoming one."""
        return _Match(
            self.row, self.lots, self.resting, self.incoming, self.resting_high,
            self.incoming_high, self.contract, self.resting_contract, self.incoming_contract,
            self.resting_account, self.incoming_account, self.resting_attributes,
            self.incoming_attributes, self.entry,
        )


class MatchCounter:
    """Count the matches that the core hands out, in row order."""

    def __init__(self, plan: Plan, facts: list[ContractFacts], reasons: Reasons) -> None:
        self._facts = facts
        self._reasons = reasons
        self._rules = [rule for rule in plan.rules if rule.count in schema.PAIR_COUNTS]
        self._subject: list[int] = []
        self._alone: list[int] = []
        self._pairs: dict[tuple[Any, ...], Pair] = {}
        self._counted: dict[tuple[int, int, str], int] = {}
        self._seen: set[tuple[Any, ...]] = set()
        self._judging_of: dict[tuple[int, int, int], list[Any]] = {}
        self._texts: dict[tuple[int, int], str] = {}
        self._openings = AuctionOrders()

    def account(self, subject: int, alone: int) -> None:
        """Take up the next account: its subject, and the client judged besides (-1 none)."""
        self._subject.append(subject)
        self._alone.append(alone)

    def remember_openings(self, batch: Batch, base: int) -> None:
        """Keep which orders the batch's auctions open; ``base`` is the index of its first row."""
        self._openings.note(batch, base)

    def tells_incoming(self, matches: Any) -> bool:
        """Whether it is known of each match in an auction which of the two orders came in later.

        Of an order that the same auction opened and one that it did not, the first did.
        """
        untold = matches[(matches["entry"] & ENTRIES["UNTOLD"]) != 0]
        return all(map(self._is_told, map(_Match._make, untold.tolist())))

    def _is_told(self, match: _Match) -> bool:
        here = [
            order
            for order, flag in zip(_orders(match), _IN_AUCTION, strict=True)
            if match.entry & flag
        ]
        if len(here) == 1:
            return self._openings.opened_in(here[0], match.row)
        return len(here) == 2

    def remember_texts(self, batch: Batch) -> None:
        """Keep the texts of digested order ids whose second row may come in a later batch."""
        if batch.order_text is None or batch.has_trade is None or batch.order_high is None:
            return
        for row in batch.has_trade.nonzero()[0].tolist():
            high = int(batch.order_high[row])
            if high & ids.DIGEST_BIT:
                self._texts[high, int(batch.order[row])] = batch.order_text[row]

    def count(self, matches: Any, batch: Batch, base: int) -> list[tuple[int, Crossing]]:
        """Add a batch's matches; return the levels reached, each with its row in the day."""
        found: list[tuple[int, Crossing]] = []
        for match in map(self._settled, map(_Match._make, matches.tolist())):
            incoming, resting = _orders(match)
            pair = self._pair(match, incoming, resting, batch, base)
            pair.matches += 1
            pair.lots += match.lots
            units = {
                "self_trade_pairs": (match.contract, *sorted((incoming, resting))),
                "self_trade_orders": (match.contract, incoming),
            }
            judged = self._judged(pair)
            for rule, scope, levels in self._judging(pair):
                for subject in judged:
                    amount = self._amount(rule, subject, units, match.lots)
                    before = self._counted.get((rule.index, subject, scope), 0)
                    after = self._counted[rule.index, subject, scope] = before + amount
                    found += [
                        (
                            base + match.row,
                            crossing_at(batch, match.row, rule.index, level, subject, scope, after),
                        )
                        for level, at in levels
                        if before < at <= after
                    ]
        return found

    def _settled(self, match: _Match) -> _Match:
        """Return a match with the order that was opened later as the incoming one."""
        incoming_here, resting_here = (bool(match.entry & flag) for flag in _IN_AUCTION)
        if not (incoming_here and resting_here):
            return match.turned() if resting_here else match
        incoming, resting = map(self._openings.opened_at, _orders(match))
        return match.turned() if incoming < resting else match

    def _judging(self, pair: Pair) -> list[tuple[PlanRule, str, list[tuple[int, int]]]]:
        """Return the rules that count a pair, each with its scope and its levels."""
        key = (pair.contract, pair.incoming_attributes, pair.resting_attributes)
        found = self._judging_of.get(key)
        if found is None:
            found = self._judging_of[key] = [
                (
                    rule,
                    scope_text(rule.scope, self._facts[pair.contract]),
                    levels_of(rule, self._facts[pair.contract]),
                )
                for rule in self._rules
                if self._counts(rule, pair)
            ]
        return found

    def _counts(self, rule: PlanRule, pair: Pair) -> bool:
        reasons = self._reasons(rule.index, pair.contract)
        return reasons is not None and not pair.reason(
            rule,
            int(reasons[rule.place(pair.incoming_attributes)]),
            int(reasons[rule.place(pair.resting_attributes)]),
        )

    def pairs(self) -> list[Pair]:
        """Return the pairs, in the order of their first match."""
        return list(self._pairs.values())

    def dump(self) -> dict[str, Any]:
        """Return the running state as plain values."""
        return {
            "pairs": [[list(key), list(astuple(pair))] for key, pair in self._pairs.items()],
            "counted": [[*key, count] for key, count in self._counted.items()],
            "seen": [_plain(key) for key in self._seen],
            "texts": [[*key, text] for key, text in self._texts.items()],
        }

    def restore(self, plain: dict[str, Any]) -> None:
        """Take up what ``dump`` gave."""
        self._pairs = {_tupled(key): Pair(*values) for key, values in plain["pairs"]}
        self._counted = {(rule, subject, scope): n for rule, subject, scope, n in plain["counted"]}
        self._seen = {_tupled(key) for key in plain["seen"]}
        self._texts = {(high, low): text for high, low, text in plain["texts"]}

    def _pair(
        self, match: _Match, incoming: Order, resting: Order, batch: Batch, base: int
    ) -> Pair:
        """Return the record a match belongs to, new or known."""
        row = match.row
        attributes = match.incoming_attributes, match.resting_attributes
        accounts = match.incoming_account, match.resting_account
        key = (match.contract, *incoming, *resting, *attributes, *accounts)
        pair = self._pairs.get(key)
        if pair is None:
            pair = self._pairs[key] = Pair(
                contract=match.contract,
                incoming=self._text(incoming, batch, row),
                resting=self._text(resting, batch, row),
                incoming_contract=incoming[0],
                resting_contract=resting[0],
                incoming_account=accounts[0],
                resting_account=accounts[1],
                incoming_attributes=attributes[0],
                resting_attributes=attributes[1],
                matches=0,
                lots=0,
                first_index=base + row,
                first_seq=int(batch.seq[row]),
                first_channel=0 if batch.channel is None else int(batch.channel[row]),
                first_ts=int(batch.ts[row]),
            )
        return pair

    def _judged(self, pair: Pair) -> list[int]:
        subject = self._subject[pair.incoming_account]
        alone = self._alone[pair.incoming_account]
        both = alone >= 0 and alone == self._alone[pair.resting_account]
        return [subject, alone] if both else [subject]

    def _amount(
        self,
        rule: PlanRule,
        subject: int,
        units: dict[str, tuple[Any, ...]],
        lots: int,
    ) -> int:
        """Return what a match that counts adds to a rule's count: pairs and orders only once."""
        if rule.count == "self_trades":
            return 1
        if rule.count == "self_trade_lots":
            return lots
        key = (rule.index, subject, units[rule.count])
        if key in self._seen:
            return 0
        self._seen.add(key)
        return 1

    def _text(self, order: Order, batch: Batch, row: int) -> str:
        """Return an order id as written in the log."""
        _, high, low = order
        text = ids.unpack(high, low)
        if text is not None:
            return text
        if batch.order_text is not None and (
            batch.order_high is not None
            and int(batch.order_high[row]) == high
            and int(batch.order[row]) == low
        ):
            return str(batch.order_text[row])
        if batch.contra_text is not None and (
            batch.contra_high is not None
            and batch.contra is not None
            and int(batch.contra_high[row]) == high
            and int(batch.contra[row]) == low
        ):
            return str(batch.contra_text[row])
        return self._texts[high, low]


def _orders(match: _Match) -> tuple[Order, Order]:
    """Return the incoming and the resting order."""
    return (
        (match.incoming_contract, match.incoming_high, match.incoming),
        (match.resting_contract, match.resting_high, match.resting),
    )


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
