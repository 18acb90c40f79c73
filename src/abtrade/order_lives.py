"""Lives of orders: each step of an order in time, its price and the lots left after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from . import schema
from .reference_rows import OrderKey, Reference, Row, TradeKey

FATES: Final = ("rested", "filled", "part", "cancelled", "rejected", "untold")
"""How an order ended: not at all, by trades alone, by a cancel after trades or before any.

Untold: no row opened it, so that the log does not say when nothing was left.
"""


class Step(NamedTuple):
    """What one row did to one order."""

    seq: int
    ts: int  # ns since 1970 UTC
    action: str
    price: str | None  # of the row, as a decimal; None: it tells none
    lots: int | None  # of the row; None: all that was left
    left: int | None  # after it; None where no row opened the order and it may have lots
    match: tuple[OrderKey | None, TradeKey | None] | None  # of a trade: the other order, the trade


@dataclass(slots=True)
class Life:
    """An order from the first row that names it to the last."""

    key: OrderKey
    text: str  # the order id as written
    account: int
    side: int
    lots: int | None = None  # when it came in; None: no row opened it
    left: int | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def fate(self) -> str:
        """One of FATES."""
        if any(step.action == "reject" for step in self.steps):
            return "rejected"
        traded = any(step.action == "trade" for step in self.steps)
        ended = next((step for step in self.steps if step.left == 0), None)
        if ended is None:
            return "untold" if self.lots is None else "rested"
        if ended.action == "trade":
            return "filled"
        return "part" if traded else "cancelled"


class Lives:
    """Gathers the lives of orders, row by row in the order of the log."""

    def __init__(self) -> None:
        self._lives: dict[OrderKey, Life] = {}

    def note(self, row: Row, price: str | None) -> None:
        """Add what a row did to each order it names; ``price`` is the row's as a decimal."""
        if row.action == schema.Action.RFQ:
            return
        order = row.order_reference()
        trade = row.trade_key if row.has_trade and row.action == schema.Action.TRADE else None
        contra = row.contra_reference() if row.has_contra else None
        self._step(row, order, price, None if contra is None else contra.key, trade)
        if contra is not None:
            self._step(row, contra, price, order.key, trade)

    def of(self, accounts: Collection[int], contracts: Collection[int]) -> list[Life]:
        """Return the orders of some accounts that stand in some contracts, in order of time."""
        found = [
            life
            for life in self._lives.values()
            if life.account in accounts and life.key.contract in contracts
        ]
        return sorted(found, key=lambda life: life.steps[0].ts)

    def _step(
        self,
        row: Row,
        reference: Reference,
        price: str | None,
        other: OrderKey | None,
        trade: TradeKey | None,
    ) -> None:
        life = self._lives.get(reference.key)
        if life is None:
            life = Life(reference.key, reference.text, reference.account, reference.side)
            self._lives[reference.key] = life
        lots = None if row.lots == schema.NULL_LOTS else row.lots
        if row.action in (schema.Action.NEW, schema.Action.CARRIED):
            if life.lots is None:
                life.account, life.side, life.lots, life.left = row.account, row.side, lots, lots
        elif life.left is not None:
            life.left = _left(row.action, life.left, lots)
        elif row.action == schema.Action.CANCEL and lots is None:
            life.left = 0  # all that was left, however much
        is_trade = row.action == schema.Action.TRADE
        life.steps.append(
            Step(
                row.seq, row.ts, schema.word_of("action", row.action) or "", price, lots,
                life.left, (other, trade) if is_trade else None,
            )
        )  # fmt: skip


def self_traded(lives: Collection[Life]) -> set[tuple[OrderKey, int]]:
    """Return the trades of orders with each other, as the order and the place of the step."""
    own = {life.key for life in lives}
    sides: dict[TradeKey, list[tuple[OrderKey, int]]] = defaultdict(list)
    found = set()
    for life in lives:
        for at, step in enumerate(life.steps):
            if step.match is None:
                continue
            other, trade = step.match
            if other in own:
                found.add((life.key, at))
            elif trade is not None:
                sides[trade].append((life.key, at))
    return found.union(*(both for both in sides.values() if len({key for key, _ in both}) > 1))


def _left(action: int, left: int, lots: int | None) -> int:
    """Return the lots left of an order after a row; an amend tells them."""
    if action == schema.Action.AMEND:
        return left if lots is None or left == 0 else lots
    if action == schema.Action.TRADE:
        return max(0, left - (lots or 0))
    if action == schema.Action.CANCEL:
        return 0 if lots is None else max(0, left - lots)
    return left
