"""Markets that match by price and time, and the logs they leave: most trades are at the head.

The matching here is its own: one list of orders a side, sorted anew by price and time whenever
somebody comes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from abtrade import schema
from abtrade.batch import Batch
from abtrade.names import Names
from abtrade.plan import make_plan
from abtrade.schema import Action, OrderType, Phase, Side, Tif, TradeType
from random_day import COLUMNS, DTYPES, RandomDay

CONTRACTS = ("k0", "k1", "SP k0&k1")
COMBINATION = 2
ACCOUNTS = 4
NO_ID = schema.NULL_ID
MIDDLE = 50


@dataclass
class Live:
    """An order that a market knows."""

    contract: int
    number: int
    account: int
    side: int
    price: int
    left: int
    came: int  # how many came before it


@dataclass
class Market:
    """Contracts with a book each, and the rows they have left so far."""

    rng: random.Random
    form: str  # of trades: exchange, broker
    tells_phase: bool
    rows: list[dict[str, int]] = field(default_factory=list)
    live: list[Live] = field(default_factory=list)
    came: int = 0
    trades: int = 0
    phase: Phase = Phase.CONTINUOUS

    # --- orders --------------------------------------------------------------------------------

    def come(self) -> None:
        """Let somebody send an order; match it, unless orders collect."""
        rng = self.rng
        contract = rng.choice([0, 0, 1])
        order = self._order(contract, rng.choice(list(Side)), self._price())
        tif, order_type = self._kind()
        at_once = tif in (Tif.FAK, Tif.FOK)
        unpriced = order_type in (OrderType.MARKET, OrderType.STOP)
        if self.phase is not Phase.CONTINUOUS:
            tif, order_type, at_once, unpriced = Tif.GFD, OrderType.LIMIT, False, False
        price = schema.NULL_PRICE if order_type == OrderType.MARKET else order.price
        self._row(Action.NEW, order, lots=order.left, side=order.side, tif=tif,
                  order_type=order_type, price=price)  # fmt: skip
        if self.phase is not Phase.CONTINUOUS:
            self.live.append(order)
        elif order_type == OrderType.STOP:
            self._row(Action.CANCEL, order, lots=schema.NULL_LOTS)
        elif tif == Tif.FOK and self._could_fill(order) < order.left:
            self._row(Action.CANCEL, order, lots=order.left)
        else:
            self._match(order, told_first=at_once and rng.random() < 0.5)
            if order.left and (at_once or unpriced):
                self._row(Action.CANCEL, order, lots=schema.NULL_LOTS)
            elif order.left:
                self.live.append(order)

    def carry(self) -> None:
        """Let an order have rested since the day before: away from the middle."""
        side = self.rng.choice(list(Side))
        away = self.rng.randint(1, 4)
        order = self._order(0, side, MIDDLE + (away if side == Side.SELL else -away))
        self._row(Action.CARRIED, order, lots=order.left, side=side, price=order.price)
        self.live.append(order)

    def combine(self) -> None:
        """Let an order of the combination rest, and each leg of it be met by somebody."""
        order = self._order(COMBINATION, Side.BUY, 5)
        lots = order.left
        self._row(Action.NEW, order, lots=order.left, side=order.side, price=order.price)
        for leg in (0, 1):
            other = self._order(leg, Side.SELL, self._price())
            self._row(Action.NEW, other, lots=lots, side=Side.SELL, tif=Tif.FAK, price=other.price)
            self._trade(other, order, leg, lots, other.price, TradeType.COMBINATION_LEG)

    def cancel(self) -> None:
        """Take lots off somebody's order."""
        order = self._somebody()
        if order is not None:
            lots = self.rng.choice([schema.NULL_LOTS, order.left, self.rng.randint(1, order.left)])
            self._row(Action.CANCEL, order, lots=lots, cancel_by=self.rng.choice([0, 1, 2, 4]))
            order.left -= order.left if lots == schema.NULL_LOTS else lots
            self._clean()

    def amend(self) -> None:
        """Change somebody's order; it is matched anew where it loses its place."""
        order = self._somebody()
        if order is None:
            return
        lots = self.rng.randint(1, order.left + 2)
        price = self.rng.choice([schema.NULL_PRICE, order.price, self._price()])
        self._row(Action.AMEND, order, lots=lots, price=price)
        keeps = price in (schema.NULL_PRICE, order.price) and lots <= order.left
        order.left = lots
        if keeps:
            return
        order.price = order.price if price == schema.NULL_PRICE else price
        self.came += 1
        order.came = self.came
        if self.phase is Phase.CONTINUOUS:
            self.live.remove(order)
            self._match(order, told_first=False)
            if order.left:
                self.live.append(order)

    def report(self) -> None:
        """Leave a row that has nothing to do with the book."""
        order = self._order(0, Side.BUY, self._price())
        action = self.rng.choice([Action.REJECT, Action.RFQ])
        if action == Action.RFQ:
            order.number = 0
        self._row(action, order, lots=0)

    def block(self) -> None:
        """Let two orders of no book meet off it."""
        orders = [self._order(0, side, self._price()) for side in Side]
        for order in orders:
            self._row(Action.NEW, order, lots=order.left, side=order.side,
                      order_type=OrderType.STOP)  # fmt: skip
        self._trade(*orders, 0, min(order.left for order in orders), MIDDLE, TradeType.BLOCK)

    def uncross(self) -> None:
        """End an auction: match what can be, at one price."""
        for contract in (0, 1):
            while True:
                bids, asks = (self._queue(contract, side) for side in Side)
                if not bids or not asks or bids[0].price < asks[0].price:
                    break
                lots = min(bids[0].left, asks[0].left)
                self._trade(bids[0], asks[0], contract, lots, bids[0].price, 0)
                self._clean()
        self.phase = Phase.CONTINUOUS

    # --- matching ------------------------------------------------------------------------------

    def _match(self, order: Live, *, told_first: bool) -> None:
        """Match an order; ``told_first``: what it lacks is taken off before its trades are told."""
        met: list[tuple[Live, int]] = []
        left = order.left
        for other in self._queue(order.contract, opposite(order.side)):
            if left == 0 or not self._reaches(order, other):
                break
            met.append((other, min(left, other.left)))
            left -= met[-1][1]
        if told_first and met and left:
            self._row(Action.CANCEL, order, lots=left)
            order.left -= left
        for other, lots in met:
            self._trade(order, other, order.contract, lots, other.price, 0)
        self._clean()

    def _could_fill(self, order: Live) -> int:
        queue = self._queue(order.contract, opposite(order.side))
        return sum(other.left for other in queue if self._reaches(order, other))

    def _reaches(self, order: Live, other: Live) -> bool:
        if order.side == Side.BUY:
            return order.price >= other.price
        return order.price <= other.price

    def _queue(self, contract: int, side: int) -> list[Live]:
        """Return who stands on a side, the next to trade first."""
        sign = -1 if side == Side.BUY else 1
        standing = [one for one in self.live if (one.contract, one.side) == (contract, side)]
        return sorted(standing, key=lambda one: (sign * one.price, one.came))

    def _trade(
        self, order: Live, other: Live, contract: int, lots: int, price: int, trade_type: int
    ) -> None:
        self.trades += 1
        told: dict[str, Any] = {"lots": lots, "price": price, "trade_type": trade_type}
        for one in (order, other):
            one.left -= lots
        stands = [one.contract if one.contract != contract else NO_ID for one in (order, other)]
        if self.form == "exchange":
            self._row(Action.TRADE, order, at=contract, contra=other.number, has_contra=1,
                      order_contract=stands[0], contra_order_contract=stands[1], **told)
            return
        sides = [(order, stands[0]), (other, stands[1])]
        if self.rng.random() < 0.5:
            sides.reverse()
        for one, stands_in in sides:
            self._row(Action.TRADE, one, at=contract, trade=self.trades, has_trade=1,
                      order_contract=stands_in, **told)  # fmt: skip

    # --- rows ----------------------------------------------------------------------------------

    def _order(self, contract: int, side: int, price: int) -> Live:
        self.came += 1
        lots = self.rng.randint(1, 6)
        account = self.rng.randrange(ACCOUNTS)
        return Live(contract, self.came, account, side, price, lots, self.came)

    def _price(self) -> int:
        return MIDDLE + self.rng.randint(-3, 3)

    def _kind(self) -> tuple[int, int]:
        tif = self.rng.choice([0, Tif.GFD, Tif.GTC, Tif.GFD, Tif.FAK, Tif.FOK])
        order_type = self.rng.choice([0, OrderType.LIMIT, OrderType.LIMIT, OrderType.QUOTE])
        if tif == Tif.FAK and self.rng.random() < 0.3:
            order_type = self.rng.choice([OrderType.MARKET, OrderType.STOP])
        return tif, order_type

    def _somebody(self) -> Live | None:
        return self.rng.choice(self.live) if self.live else None

    def _clean(self) -> None:
        self.live = [order for order in self.live if order.left]

    def _row(self, action: Action, order: Live, *, at: int | None = None, **told: Any) -> None:
        self.rows.append({
            "contract": order.contract if at is None else at,
            "action": int(action),
            "order": order.number,
            "account": order.account if action != Action.TRADE else NO_ID,
            "phase": int(self.phase) if self.tells_phase else 0,
            **{name: int(value) for name, value in told.items()},
        })


def opposite(side: int) -> int:
    return Side.BUY + Side.SELL - side


MARKET_ACTIONS = (*["come"] * 8, "cancel", "cancel", "amend", "report", "block", "combine")


def market_day(rng: random.Random, steps: int) -> RandomDay:
    """Return a day of a market that matches by price and time, its books kept."""
    market = Market(rng, rng.choice(["exchange", "broker"]), tells_phase=rng.random() < 0.6)
    for _ in range(rng.randrange(4)):
        market.carry()
    if market.tells_phase and rng.random() < 0.7:
        market.phase = rng.choice([Phase.AUCTION, Phase.CLOSED])
        for _ in range(steps // 5):
            getattr(market, rng.choice(["come", "come", "come", "cancel", "amend"]))()
        market.phase = Phase.AUCTION
        market.uncross()
    for _ in range(steps):
        getattr(market, rng.choice(MARKET_ACTIONS))()
    return day_of(market.rows)


def day_of(rows: list[dict[str, int]]) -> RandomDay:
    """Return a day of rows; what a row does not say is null."""
    names = Names()
    exchange = names.exchange("SHFE")
    for name in CONTRACTS:
        names.contract(exchange, name)
    for account in range(ACCOUNTS):
        names.account(exchange, f"a{account}")
    nulls = {"price": schema.NULL_PRICE, "order_contract": NO_ID, "contra_order_contract": NO_ID,
             "contra_account": NO_ID}
    every: dict[str, Any] = {}
    for one in fields(Batch):
        if one.name not in ("order_text", "contra_text"):
            values = [row.get(one.name, nulls.get(one.name, 0)) for row in rows]
            every[one.name] = np.array(values, DTYPES.get(one.name, np.uint8))
    numbers = np.arange(1, len(rows) + 1)
    every |= {"seq": numbers, "row": numbers, "ts": numbers}
    empty = {"order_text": None, "contra_text": None}
    plan = replace(make_plan([]), book=True)
    people = list(range(ACCOUNTS))
    makes = [frozenset[str]()] * ACCOUNTS
    return RandomDay(Batch(**every, **empty), names, frozenset(COLUMNS), plan, people,
                     [-1] * ACCOUNTS, makes)  # fmt: skip
