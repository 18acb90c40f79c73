"""Shards: which thread works on which contract.

A shard is a set of contracts; contracts that combinations connect share one. State belongs to the
contract, so a contract may change its shard between batches and nothing else changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .batch import Batch, Int32


class Shards:
    """Give each contract to the shard with the fewest rows so far."""

    def __init__(self, scanner: Any, count: int) -> None:
        self._scanner = scanner
        self._rows = [0] * count
        self._shard_of: dict[int, int] = {}
        self._linked: dict[int, set[int]] = {}

    def assign(self, batch: Batch) -> None:
        """Place the batch's new contracts, and bring connected ones together."""
        if len(self._rows) == 1:
            return
        rows = np.bincount(batch.contract)
        for contract in np.argsort(-rows, kind="stable").tolist():
            if rows[contract]:
                self._place(contract)
                self._rows[self._shard_of[contract]] += int(rows[contract])
        for legs in (batch.order_contract, batch.contra_order_contract):
            if legs is not None:
                self._connect(batch.contract, legs)

    def _place(self, contract: int) -> None:
        if contract not in self._shard_of:
            self._linked[contract] = {contract}
            self._move(contract, min(range(len(self._rows)), key=self._rows.__getitem__))

    def _connect(self, contracts: Int32, legs: Int32) -> None:
        linked = np.flatnonzero(legs >= 0)
        pairs = set(zip(contracts[linked].tolist(), legs[linked].tolist(), strict=True))
        for a, b in sorted(pairs):
            self._place(a)
            self._place(b)
            self._join(self._linked[a], self._linked[b])

    def _join(self, keep: set[int], give: set[int]) -> None:
        """Bring two sets of connected contracts into one shard, the first one's."""
        if keep is give:
            return
        shard = self._shard_of[next(iter(keep))]
        keep |= give
        for contract in give:
            self._linked[contract] = keep
            self._move(contract, shard)

    def _move(self, contract: int, shard: int) -> None:
        self._shard_of[contract] = shard
        self._scanner.set_shard(contract, shard)
