"""Concerned: which rows of a log are read again to count once more what one subject did."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from . import schema
from .batch import Batch
from .job import Job, Prepared
from .names import Names
from .reference_rows import OrderKey, TradeKey
from .subjects import Subjects

Mask = npt.NDArray[np.bool_]


class Concerned:
    """The rows that a subject's count depends on.

    They are those that name the subject's accounts or the orders these opened, with every row of
    each order and trade that they name: an order's own rows tell whose it is, and the side of an
    order that no row opened is told by the order that it traded with.
    """

    def __init__(self, job: Job, ready: Prepared, names: Names, alert: Mapping[str, Any]) -> None:
        self._ready = ready
        self._names = names
        self._alert = alert
        count = schema.count_word(alert["count_name"])
        self._member: Mask = np.zeros(0, np.bool_)
        self._watches_limits = count in schema.LIMIT_PRICE_COUNTS
        batches = partial(job.batches, ready, names)
        own = _Orders({key for batch in batches() for key in self._opened(batch)})
        orders, self._trades = own.keys.copy(), set[TradeKey]()
        for batch in batches():
            for row in np.flatnonzero(self._names_a_member(batch) | own.rows(batch)).tolist():
                orders.update(_keys(batch, row))
                self._trades.update(_trade(batch, row))
        self._orders = _Orders(orders)
        self._trade_low = _low_words(self._trades)

    def rows(self, batch: Batch) -> Mask:
        """Return whether each row of a batch concerns the subject."""
        concerned = self._names_a_member(batch) | self._orders.rows(batch)
        if self._trades and batch.trade is not None:
            for row in np.flatnonzero(np.isin(batch.trade, self._trade_low) & ~concerned).tolist():
                concerned[row] = any(key in self._trades for key in _trade(batch, row))
        return concerned | self._trades_at_limits(batch) if self._watches_limits else concerned

    def _names_a_member(self, batch: Batch) -> Mask:
        """Return whether each row of a batch names an account of the subject."""
        member = self._members()
        found = member[batch.account]
        if batch.contra_account is not None:
            found = found | member[batch.contra_account]
        return found

    def _opened(self, batch: Batch) -> Iterator[OrderKey]:
        """Yield the orders that the subject's accounts opened in a batch."""
        opens = np.isin(batch.action, (schema.Action.NEW, schema.Action.CARRIED))
        for i in np.flatnonzero(opens & self._members()[batch.account]).tolist():
            high = 0 if batch.order_high is None else int(batch.order_high[i])
            yield OrderKey(int(batch.contract[i]), high, int(batch.order[i]))

    def _members(self) -> Mask:
        if len(self._member) <= len(self._names.accounts):
            self._member = members(self._names, self._ready.subjects, self._alert)
        return self._member

    def _trades_at_limits(self, batch: Batch) -> Mask:
        """Return the trades, whosoever, at a limit price of their contract."""
        found = np.zeros(len(batch), np.bool_)
        if batch.price is None:
            return found
        is_trade = batch.action == schema.Action.TRADE
        for contract in np.unique(batch.contract[is_trade]).tolist():
            exchange, name = self._names.contracts[contract]
            facts = self._ready.contracts.facts(self._names.exchanges[exchange], name)
            limits = [price for price in facts.limit_prices() if price is not None]
            found |= is_trade & (batch.contract == contract) & np.isin(batch.price, limits)
        return found


def members(names: Names, subjects: Subjects, alert: Mapping[str, Any]) -> Mask:
    """Return whether each account is of an alert's subject; the last entry is for no account."""
    wanted = (alert["subject_kind"], alert["subject"])
    member = np.zeros(len(names.accounts) + 1, np.bool_)
    for account, (exchange, name) in enumerate(names.accounts[: len(member) - 1]):
        where = names.exchanges[exchange]
        if where == alert["exchange"]:
            member[account] = wanted in (subjects.subject(where, name), subjects.alone(where, name))
    return member


class _Orders:
    """Orders, to be found in batches."""

    def __init__(self, keys: set[OrderKey]) -> None:
        self.keys = keys
        self._low = _low_words(keys)

    def rows(self, batch: Batch) -> Mask:
        """Return whether each row of a batch names one of the orders."""
        likely = np.isin(batch.order, self._low)
        if batch.contra is not None:
            likely |= np.isin(batch.contra, self._low)
        for row in np.flatnonzero(likely).tolist():
            likely[row] = any(key in self.keys for key in _keys(batch, row))
        return likely


def _low_words(keys: Collection[OrderKey | TradeKey]) -> npt.NDArray[np.int64]:
    return np.unique(np.array([key.low for key in keys], np.int64))


def _keys(batch: Batch, row: int) -> Iterator[OrderKey]:
    """Yield the orders that a row of a batch names."""
    if batch.action[row] == schema.Action.RFQ:
        return
    contract = int(batch.contract[row])
    is_trade = batch.action[row] == schema.Action.TRADE
    high = 0 if batch.order_high is None else int(batch.order_high[row])
    yield OrderKey(_stands_in(batch.order_contract, row, contract, is_trade), high,
                   int(batch.order[row]))
    if batch.contra is not None and batch.has_contra is not None and batch.has_contra[row]:
        high = 0 if batch.contra_high is None else int(batch.contra_high[row])
        yield OrderKey(_stands_in(batch.contra_order_contract, row, contract, is_trade), high,
                       int(batch.contra[row]))


def _trade(batch: Batch, row: int) -> Iterator[TradeKey]:
    """Yield the trade of the broker form that a row of a batch is one side of, if it is any."""
    if batch.trade is None or batch.has_trade is None or not batch.has_trade[row]:
        return
    if batch.action[row] == schema.Action.TRADE:
        high = 0 if batch.trade_high is None else int(batch.trade_high[row])
        yield TradeKey(int(batch.contract[row]), high, int(batch.trade[row]))


def _stands_in(column: Any, row: int, contract: int, is_trade: bool) -> int:
    """Return the contract in which an order that a row names stands."""
    if not is_trade or column is None or column[row] == schema.NULL_ID:
        return contract
    return int(column[row])
