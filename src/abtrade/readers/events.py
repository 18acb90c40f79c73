"""EventMaker: the cells of a batch's good rows as EVENTS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Batch, Int32, Int64, UInt8
from ..names import Names
from ..schema import Action
from .arrays import Bool
from .assume import Assumptions
from .identities import ContractReader, NameReader
from .orderids import Ids
from .rowchecks import Cells, Whole, is_any

Keep = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


class EventMaker:
    """Makes EVENTS of the cells of one file, batch by batch; names get their ids here."""

    def __init__(
        self,
        names: Names,
        contracts: ContractReader,
        columns: Collection[str],
        assume: Mapping[str, str],
    ) -> None:
        self._names = names
        self._contracts = contracts
        self._assume = Assumptions(assume)
        self._code_columns = [name for name in schema.CODES if name in columns]
        self._readers = {
            "account": NameReader(names.account),
            "contra_account": NameReader(names.account),
            "order_contract": NameReader(contracts.id_in),
            "contra_order_contract": NameReader(contracts.id_in),
        }
        self._exchange_of = np.empty(0, np.int32)  # by contract id

    def make(self, file_index: int, rows: Int64, cells: Cells, good: Bool | None) -> Batch:
        """Return the rows flagged ``good`` (None: all), ``rows`` being all their numbers."""

        def keep(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return values if good is None else values[good]

        row, action = keep(rows), keep(cells.action)
        contract = self._contracts.ids(keep(cells.slots))
        columns: dict[str, Any] = {
            "file": np.broadcast_to(np.int32(file_index), len(row)),
            "row": row,
            "seq": row,
            "contract": contract,
        }
        for name, whole in cells.numbers.items():
            columns[name] = keep(_filled(name, whole))
        for name in self._code_columns:
            codes = cells.codes.get(name)
            codes = None if codes is None else keep(codes)
            columns[name] = self._assume.fill(name, codes, action)
        exchange = self._exchange(contract)
        for name, reader in self._readers.items():
            if name in cells.words:
                words = cells.words[name]
                columns[name] = reader.ids(keep(words.at), words.texts, exchange)
        for name, ids in cells.ids.items():
            columns |= _id_columns(name, ids, action, keep)
        return Batch(**columns)

    def _exchange(self, contract: Int32) -> int | Int32:
        """Return each row's exchange id, or the one of all."""
        if len(self._names.exchanges) <= 1:
            return 0
        known, contracts = len(self._exchange_of), self._names.contracts
        if known < len(contracts):
            more = np.array([exchange for exchange, _ in contracts[known:]], np.int32)
            self._exchange_of = np.append(self._exchange_of, more)
        return self._exchange_of.take(contract)


def _filled(name: str, whole: Whole) -> Int64:
    """Return a column's numbers; where an action needs no lots, negative ones say nothing."""
    values = whole.values
    if name != "lots" or values.min(initial=0) >= schema.NULL_LOTS:
        return values
    return np.maximum(values, schema.NULL_LOTS)


def _id_columns(name: str, ids: Ids, action: UInt8, keep: Keep) -> dict[str, Any]:
    low, high, texts = (
        None if words is None else keep(words) for words in (ids.low, ids.high, ids.texts)
    )
    if name == "order_id":
        return _order_columns(low, high, texts, is_any(action, (Action.RFQ,)))
    given = is_any(action, (Action.TRADE,))
    if ids.valid is not None:
        given &= keep(ids.valid)
    has = given.view(np.uint8)
    if name == "trade_id":
        return {"trade": low, "trade_high": high, "has_trade": has}
    return {"contra": low, "contra_high": high, "has_contra": has, "contra_text": texts}


def _order_columns(low: Any, high: Any, texts: Any, no_order: Bool) -> dict[str, Any]:
    if no_order.any():
        low = np.where(no_order, 0, low)
        high = None if high is None else np.where(no_order, np.uint64(0), high)
        texts = None if texts is None else np.where(no_order, None, texts)
    return {"order": low, "order_high": high, "order_text": texts}
