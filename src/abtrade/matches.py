"""Matches within a subject: self-trades, their pairs, incoming orders and lots, and levels."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from . import ids, schema
from .batch import Batch
from .counts import Crossing, Pair
from .levels import reached, scope_text
from .plan import ContractFacts, Plan, PlanRule
from .wide import Reasons

Order = tuple[int, int, int]  # contract, high word, low word


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
        self._texts: dict[tuple[int, int], str] = {}

    def account(self, subject: int, alone: int) -> None:
        """Take up the next account: its subject, and the client judged besides (-1 none)."""
        self._subject.append(subject)
        self._alone.append(alone)

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
        for match in matches:
            row, contract = int(match["row"]), int(match["contract"])
            incoming = _order(match, "incoming")
            resting = _order(match, "resting")
            pair = self._pair(match, incoming, resting, batch, base)
            pair.matches += 1
            pair.lots += int(match["lots"])
            pair_key = (contract, *sorted((incoming, resting)))
            for rule in self._rules:
                reasons = self._reasons(rule.index, contract)
                if reasons is None or pair.reason(
                    rule,
                    int(reasons[pair.incoming_attributes]),
                    int(reasons[pair.resting_attributes]),
                ):
                    continue
                scope = scope_text(rule.scope, self._facts[contract])
                for subject in self._judged(pair):
                    amount = self._amount(
                        rule, subject, pair_key, (contract, incoming), int(match["lots"])
                    )
                    key = (rule.index, subject, scope)
                    before = self._counted.get(key, 0)
                    self._counted[key] = before + amount
                    found += reached(
                        rule, subject, scope, before, before + amount, batch, row, base
                    )
        return found

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

    def _pair(self, match: Any, incoming: Order, resting: Order, batch: Batch, base: int) -> Pair:
        """Return the record a match belongs to, new or known."""
        row = int(match["row"])
        attributes = int(match["incoming_attributes"]), int(match["resting_attributes"])
        accounts = int(match["incoming_account"]), int(match["resting_account"])
        key = (int(match["contract"]), *incoming, *resting, *attributes, *accounts)
        pair = self._pairs.get(key)
        if pair is None:
            pair = self._pairs[key] = Pair(
                contract=int(match["contract"]),
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
        pair_key: tuple[Any, ...],
        incoming_key: tuple[Any, ...],
        lots: int,
    ) -> int:
        """Return what a match that counts adds to a rule's count: pairs and orders only once."""
        if rule.count == "self_trades":
            return 1
        if rule.count == "self_trade_lots":
            return lots
        unit = pair_key if rule.count == "self_trade_pairs" else incoming_key
        key = (rule.index, subject, unit)
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


def _order(match: Any, side: str) -> Order:
    return int(match[f"{side}_contract"]), int(match[f"{side}_high"]), int(match[side])


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
