"""Concerned: which rows of a log are read again to count once more what one subject did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import schema
from .batch import Batch
from .job import Job, Prepared
from .names import Names
from .reference_rows import OrderKey

Mask = npt.NDArray[np.bool_]


class Concerned:
    """The rows that name a subject's orders or accounts, and trades that its count depends on."""

    def __init__(self, job: Job, ready: Prepared, names: Names, alert: Mapping[str, Any]) -> None:
        self._ready = ready
        self._names = names
        self._alert = alert
        count = schema.count_word(alert["count_name"])
        self._watches_limits = count in schema.LIMIT_PRICE_COUNTS
        self._own = {key for batch in job.batches(ready, names) for key in self._opened(batch)}

    def rows(self, batch: Batch) -> Mask:
        """Return whether each row of a batch concerns the subject."""
        member = self._members()
        concerned = member[batch.account].copy()
        if batch.contra_account is not None:
            concerned |= member[batch.contra_account]
        low = np.array(sorted({key.low for key in self._own}), np.int64)
        likely = np.isin(batch.order, low)
        if batch.contra is not None:
            likely |= np.isin(batch.contra, low)
        for row in np.flatnonzero(likely & ~concerned).tolist():
            concerned[row] = any(key in self._own for key in _keys(batch, row))
        return concerned | self._trades_at_limits(batch) if self._watches_limits else concerned

    def _opened(self, batch: Batch) -> Iterator[OrderKey]:
        """Yield the orders that the subject's accounts opened in a batch."""
        opens = np.isin(batch.action, (schema.Action.NEW, schema.Action.CARRIED))
        for i in np.flatnonzero(opens & self._members()[batch.account]).tolist():
            high = 0 if batch.order_high is None else int(batch.order_high[i])
            yield OrderKey(int(batch.contract[i]), high, int(batch.order[i]))

    def _members(self) -> Mask:
        """Return whether each account is the subject's; the last entry stands for no account."""
        wanted = (self._alert["subject_kind"], self._alert["subject"])
        subjects = self._ready.subjects
        member = np.zeros(len(self._names.accounts) + 1, np.bool_)
        for account, (exchange, name) in enumerate(self._names.accounts):
            where = self._names.exchanges[exchange]
            if where == self._alert["exchange"]:
                judged = (subjects.subject(where, name), subjects.alone(where, name))
                member[account] = wanted in judged
        return member

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


def _keys(batch: Batch, row: int) -> Iterator[OrderKey]:
    """Yield the orders that a row of a batch names."""
    contract = int(batch.contract[row])
    is_trade = batch.action[row] == schema.Action.TRADE
    high = 0 if batch.order_high is None else int(batch.order_high[row])
    yield OrderKey(_stands_in(batch.order_contract, row, contract, is_trade), high,
                   int(batch.order[row]))
    if batch.contra is not None and batch.has_contra is not None and batch.has_contra[row]:
        high = 0 if batch.contra_high is None else int(batch.contra_high[row])
        yield OrderKey(_stands_in(batch.contra_order_contract, row, contract, is_trade), high,
                       int(batch.contra[row]))


def _stands_in(column: Any, row: int, contract: int, is_trade: bool) -> int:
    """Return the contract in which an order that a row names stands."""
    if not is_trade or column is None or column[row] == schema.NULL_ID:
        return contract
    return int(column[row])
