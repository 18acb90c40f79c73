"""Contracts and accounts of a batch as the dense ids of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import repeat
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Int32
from ..market.exchanges import exchange_named
from ..names import ContractName, Names
from ..plan import ContractFacts
from .arrays import looked_up
from .words import Positions, Words

TABLE_LIMIT: Final = 1 << 22
"""Entries of a table of pairs; more are looked up pair by pair."""

NO_TICK: Final = -1e-6
"""Stands for a tick that is not known: prices are held in millionths, and none is off-tick."""

CUTS_TO_TICK: Final = "CZCE"
"""The exchange that takes an order priced between two ticks, and cuts its price."""

_UNMET: Final = -2


class ContractLookup(Protocol):
    """What a contract table tells."""

    def named(self, exchange: str | None, text: str) -> ContractName:
        """Return what a contract is called; ``exchange`` is None where the log tells none."""
        ...

    def facts(self, exchange: str, contract: str) -> ContractFacts:
        """Return what is known of a contract on the day."""
        ...


class Doubts(NamedTuple):
    """Rows whose contract cannot be meant: those whose key has a problem."""

    keys: Positions  # (n,)
    problems: dict[int, str]


class ContractReader:
    """Pairs of exchange and contract: ids, and what the price check asks of them.

    A pair is a slot, an integer; ``slots`` must be called first on each batch.
    """

    def __init__(self, names: Names, lookup: ContractLookup) -> None:
        self._names = names
        self._lookup = lookup
        self._exchanges: list[str] = []
        self._contracts: list[str] = []
        self._may_contradict = False  # whether a text may name another exchange than its row
        self._pairs: npt.NDArray[np.int64] | None = None  # pair of each slot; None: the slot is it
        self._start_tables(0)

    def slots(self, exchange: Words | None, contract: Words) -> Positions:
        """Return the slot of each row: (n,)."""
        if exchange is None:
            return self._start(contract.at, [], contract, contract.is_new)
        if len(exchange.texts) == 1 and not exchange.has_nulls:
            pairs = contract.at
        else:
            width = len(contract.texts) + 1
            pairs = exchange.at.astype(np.int64) * width + contract.at
        is_new = exchange.is_new or contract.is_new
        return self._start(pairs, exchange.texts, contract, is_new)

    def ids(self, slots: Positions) -> Int32:
        """Return the contract ids of rows that have a contract: (n,)."""
        return np.asarray(self._ids.take(slots, self._find_id))

    def ticks(self, slots: Positions) -> npt.NDArray[np.float64]:
        """Return each row's tick, NO_TICK where none is known: (n,)."""
        return np.asarray(self._ticks.take(slots, self._find_tick))

    def cut(self, slots: Positions) -> npt.NDArray[np.bool_]:
        """Return which rows are of the exchange that cuts orders to the tick: (n,) bool."""
        return np.asarray(self._cuts.take(slots, self._find_cut) == 1)

    def exchange_of(self, slot: int) -> str:
        """Return the exchange of a slot, NO_EXCHANGE where nothing tells it."""
        return self.name_of(slot)[0]

    def name_of(self, slot: int) -> tuple[str, str | None]:
        """Return the exchange and the contract of a slot, NO_EXCHANGE and None where untold."""
        exchange, contract, _ = self._named(slot)
        return exchange or schema.NO_EXCHANGE, contract or None

    def name_in(self, slot: int, text: str) -> str:
        """Return the name of a contract that another column of a row tells, by the row's slot."""
        return self._lookup.named(self.exchange_of(slot), text).contract

    def id_in(self, exchange: int, text: str) -> int:
        """Return the id of a contract that another column names, at its row's exchange."""
        named = self._lookup.named(self._names.exchanges[exchange], text)
        return self._names.contract(exchange, named.contract)

    def doubts(self, slots: Positions) -> Doubts:
        """Return which rows name another exchange in ``contract`` than in ``exchange``."""
        if not self._may_contradict:
            return Doubts(slots, {})
        met = np.flatnonzero(np.bincount(slots)).tolist()
        told = {slot: self._named(slot).problem for slot in met}
        return Doubts(slots, {slot: problem for slot, problem in told.items() if problem})

    def doubts_in(self, slots: Positions, words: Words) -> Doubts:
        """Return which rows name another exchange in a further column of contracts."""
        if not any("." in text for text in words.texts):
            return Doubts(slots, {})
        width = len(words.texts) + 1
        pairs = slots.astype(np.int64) * width + words.at
        problems = {}
        for pair in np.unique(pairs).tolist():
            slot, at = divmod(pair, width)
            if at < len(words.texts):
                named = self._lookup.named(self.exchange_of(slot), words.texts[at])
                if named.problem:
                    problems[pair] = named.problem
        return Doubts(pairs, problems)

    def _start(
        self, pairs: Positions, exchanges: list[str], contract: Words, is_new: bool
    ) -> Positions:
        size = (len(exchanges) + 1) * (len(contract.texts) + 1)
        had_pairs = self._pairs is not None
        self._pairs = None
        if size > TABLE_LIMIT:
            self._pairs, pairs = np.unique(pairs, return_inverse=True)
            size = len(self._pairs)
        if is_new or had_pairs or self._pairs is not None:
            self._exchanges = [exchange_named(exchange) for exchange in exchanges]
            self._contracts = contract.texts
            self._may_contradict = bool(exchanges) and any("." in text for text in contract.texts)
            self._start_tables(size)
        return pairs

    def _start_tables(self, size: int) -> None:
        self._ids = _LazyTable(size, np.int32, _UNMET)
        self._ticks = _LazyTable(size, np.float64, float(_UNMET))
        self._cuts = _LazyTable(size, np.int8, _UNMET)

    def _named(self, slot: int) -> ContractName:
        pair = slot if self._pairs is None else int(self._pairs[slot])
        exchange_at, contract_at = divmod(pair, len(self._contracts) + 1)
        told = self._exchanges[exchange_at] if exchange_at < len(self._exchanges) else None
        if contract_at == len(self._contracts):
            return ContractName(told, "")
        return self._lookup.named(told, self._contracts[contract_at])

    def _find_id(self, slot: int) -> int:
        exchange, contract = self.name_of(slot)
        assert contract is not None
        return self._names.contract(self._names.exchange(exchange), contract)

    def _find_tick(self, slot: int) -> float:
        exchange, contract = self.name_of(slot)
        tick = None if contract is None else self._lookup.facts(exchange, contract).tick
        return tick or NO_TICK

    def _find_cut(self, slot: int) -> int:
        return int(self.name_of(slot)[0] == CUTS_TO_TICK)


class NameReader:
    """Names that are of an exchange: accounts, or contracts that other columns name."""

    def __init__(self, intern: Callable[[int, str], int]) -> None:
        self._intern = intern
        self._known: dict[int, dict[str, int]] = defaultdict(dict)  # by exchange
        self._texts: list[str] = []
        self._table = _LazyTable(0, np.int32, _UNMET)  # by exchange id, then position in texts

    def ids(self, at: Positions, texts: list[str], exchange: int | Int32) -> Int32:
        """Return the ids of positions in ``texts``: (n,), NULL_ID where null.

        ``exchange`` is each row's exchange id, or that of all.
        """
        if texts is not self._texts:
            self._texts = texts
            self._table = _LazyTable(0, np.int32, _UNMET)
        width = len(texts) + 1
        if isinstance(exchange, int):
            pairs, highest = (at.astype(np.int64) + exchange * width if exchange else at), exchange
        else:
            pairs = exchange.astype(np.int64) * width + at
            highest = int(exchange.max(initial=0))
        if (highest + 1) * width > TABLE_LIMIT:
            met, back = np.unique(pairs, return_inverse=True)
            return np.array([self._find(int(pair)) for pair in met], np.int32)[back]
        for one in range(len(self._table.values) // width, highest + 1):
            known = self._known[one]
            row = [*map(known.get, texts, repeat(_UNMET)), schema.NULL_ID]
            self._table.values = np.append(self._table.values, np.array(row, np.int32))
        return np.asarray(self._table.take(pairs, self._find))

    def _find(self, pair: int) -> int:
        exchange, position = divmod(pair, len(self._texts) + 1)
        if position == len(self._texts):
            return schema.NULL_ID
        text = self._texts[position]
        found = self._known[exchange][text] = self._intern(exchange, text)
        return found


class _LazyTable:
    """Values by position, each found when it is first met, in the order of the rows."""

    def __init__(self, size: int, dtype: npt.DTypeLike, unmet: float) -> None:
        self.values: npt.NDArray[Any] = np.full(size, unmet, dtype)
        self._unmet = unmet

    def take(self, at: Positions, find: Callable[[int], float]) -> npt.NDArray[Any]:
        values = looked_up(self.values, at)
        if len(values) and values.min() == self._unmet:  # which no value found is below
            met = list(dict.fromkeys(at[values == self._unmet].tolist()))
            self.values[met] = [find(position) for position in met]
            values = looked_up(self.values, at)
        return values
