"""Tally: whom an event of the reference engine counts for, and what has been counted so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import schema
from .batch import Int64
from .counts import Cells, Crossing, Pair
from .large import LargeSize
from .plan import ContractFacts, Plan
from .reference_levels import Levels, Listener
from .reference_orders import TradeSide, packed
from .reference_rows import OrderKey, Row
from .schema import NULL_ID


class CellKey(NamedTuple):
    """A cell holds the counts of one account, contract and attributes, less those masked out."""

    contract: int
    account: int
    attributes: int


class PairKey(NamedTuple):
    """Matches that are alike: the contract of trading, and all that is known of both orders.

    The accounts stand here because an unknown order has no account but the one each row names.
    """

    contract: int
    incoming: OrderKey
    resting: OrderKey
    incoming_account: int
    resting_account: int
    incoming_attributes: int
    resting_attributes: int


class Tally:
    """Cells, pairs and levels of a day, and the facts and subjects they are counted by."""

    def __init__(self, plan: Plan) -> None:
        self.facts: list[ContractFacts] = []  # by contract id
        self.cells: dict[CellKey, Counter[str]] = defaultdict(Counter)
        self._plan = plan
        self._kept_bits: list[int] = []  # by contract id
        self._subjects: list[tuple[int, int]] = []  # by account id: subject, judged alone besides
        self._market_products: list[frozenset[str]] = []  # by account id
        self._named: list[int] = []  # by account id: the code of exemptions that name it
        self._pairs: dict[PairKey, Pair] = {}
        self._levels = Levels(plan)

    def listen(self, listener: Listener) -> None:
        """Tell a listener of every event that is put to a rule."""
        self._levels.listener = listener

    def add_contract(self, contract_id: int, facts: ContractFacts) -> None:
        """Tell what is known of the next contract id."""
        assert contract_id == len(self.facts), "contract ids come in order"
        self.facts.append(facts)
        self._kept_bits.append(
            schema.attribute_mask(self._plan.attributes_at(facts.exchange))
        )

    def add_account(
        self,
        account_id: int,
        subject: int,
        alone: int,
        market_products: frozenset[str],
        named: int,
    ) -> None:
        """Tell the next account id's subjects, products and code of exemptions that name it."""
        assert account_id == len(self._subjects), "account ids come in order"
        self._subjects.append((subject, alone))
        self._market_products.append(market_products)
        self._named.append(named)

    def count(
        self, row: Row, contract: int, account: int, attributes: int, name: str, amount: int = 1
    ) -> None:
        """Add to a count of a cell, and put the event to the rules."""
        assert account != NULL_ID, "the reader lets no such row pass without its account"
        attributes = self.judged(contract, account, attributes)
        self.cells[CellKey(contract, account, attributes)][name] += amount
        subjects = [subject for subject in self._subjects[account] if subject != NULL_ID]
        self._levels.event(
            row, self.facts[contract], subjects, account, name, attributes, amount
        )

    def count_extra(
        self, row: Row, account: int, attributes: int, name: str, amount: int
    ) -> None:
        """Add to a count that cells hold only where it is asked for."""
        if name in self._plan.extra:
            self.count(row, row.contract, account, attributes, name, amount)

    def count_match(self, row: Row, incoming: TradeSide, resting: TradeSide, lots: int) -> None:
        """Note a match, and put it to the rules, where its two sides have one subject."""
        if NULL_ID in (incoming.account, resting.account):
            return
        subjects = self._subjects_in_common(incoming.account, resting.account)
        if not subjects:
            return
        pair = self._pair(row, incoming, resting)
        pair.matches += 1
        pair.lots += lots
        facts = self.facts[row.contract]
        self._levels.match(row, facts, subjects, pair, incoming.key, resting.key, lots)

    def pairs(self) -> list[Pair]:
        """Return the matches within a subject, in order of the first of each kind."""
        return list(self._pairs.values())

    def crossings(self) -> list[tuple[int, Crossing]]:
        """Return the levels reached, each with the index of its row."""
        return self._levels.crossings

    def cell_table(self) -> Cells:
        """Return the cells as arrays, by contract, account and attributes."""
        keys = sorted(self.cells)
        values = [self.cell_values(key) for key in keys]
        width, sizes = len(schema.CELL_COUNTS), len(self._plan.large)
        return Cells(
            contract=np.array([key.contract for key in keys], np.int32),
            account=np.array([key.account for key in keys], np.int32),
            attributes=np.array([key.attributes for key in keys], np.int32),
            counts=_table([value[:width] for value in values], width),
            large=_table([value[width : width + sizes] for value in values], sizes),
            extra=_table([value[width + sizes :] for value in values], len(self._plan.extra)),
        )

    def cell_values(self, key: CellKey) -> list[int]:
        """Return a cell's counts: schema.CELL_COUNTS, large cancels by size, extra counts."""
        large = [large_cancels(size) for size in self._plan.large]
        return [self.cells[key][name] for name in (*schema.CELL_COUNTS, *large, *self._plan.extra)]

    def judged(self, contract: int, account: int, attributes: int) -> int:
        """Return an event's attributes, less those that no rule reads, with what is the account's.
        """
        if self.facts[contract].product in self._market_products[account]:
            attributes |= packed(market_maker=1)
        return attributes & self._kept_bits[contract] | self._named[account] << schema.NAMED_AT

    def _subjects_in_common(self, account: int, other: int) -> list[int]:
        """Return the subjects that both accounts have, judged together or alone."""
        return [
            subject
            for subject, others in zip(self._subjects[account], self._subjects[other], strict=True)
            if subject == others != NULL_ID
        ]

    def _pair(self, row: Row, incoming: TradeSide, resting: TradeSide) -> Pair:
        """Return the pair that a match is one of, begun with no match where this is the first."""
        phase = packed(phase=row.phase)
        came_in = self.judged(row.contract, incoming.account, incoming.attributes | phase)
        rested = self.judged(row.contract, resting.account, resting.attributes | phase)
        key = PairKey(
            row.contract,
            incoming.key,
            resting.key,
            incoming.account,
            resting.account,
            came_in,
            rested,
        )
        if key not in self._pairs:
            self._pairs[key] = Pair(
                contract=row.contract,
                incoming=incoming.text,
                resting=resting.text,
                incoming_contract=incoming.key.contract,
                resting_contract=resting.key.contract,
                incoming_account=incoming.account,
                resting_account=resting.account,
                incoming_attributes=came_in,
                resting_attributes=rested,
                matches=0,
                lots=0,
                first_index=row.index,
                first_seq=row.seq,
                first_channel=row.channel,
                first_ts=row.ts,
            )
        return self._pairs[key]


def large_cancels(size: LargeSize) -> str:
    """Return the name that rules have for the cancels that are large by a size."""
    return f"large_cancels@{size.name}"


def _table(rows: Sequence[Sequence[int]], width: int) -> Int64:
    return np.array(rows, np.int64).reshape(len(rows), width)
