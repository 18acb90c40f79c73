"""A sample read as a scan reads a log: its first events, its bad rows, what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np

from .. import ids, schema
from ..batch import Batch
from ..errors import InputError, OrderError
from ..market.calendar import load_calendar
from ..market.contracts import ContractTable, load_contracts
from ..names import Names
from ..readers.clock_day import FoundDay
from ..readers.log import Log
from ..readers.merge import ROOM_ROWS
from ..readers.raw import Source
from .found import Sampled
from .sample import Sample

BAD_SHOWN: Final = 5
_MILLIONTHS: Final = Decimal("0.000001")
_ORDER: Final = ("seq", "channel")
_CODES: Final = ("side", "offset", "hedge", "order_type", "tif", "trade_type", "cancel_by", "phase")


def read_sample(sources: Sequence[Source], day: date, rows: int) -> Sampled:
    """Return what the first rows of a log hold, the first ``rows`` of them as events.

    Of files out of order each is read as it stands, and ``unsorted`` says where.
    Raises nothing: what cannot be read on is told by ``problem``.
    """
    samples = [Sample(source) for source in sources]
    try:
        return _read(samples, [samples], day, rows)
    except OrderError as error:
        unsorted = str(error)
    except InputError as error:
        return Sampled(problem=str(error))
    each = [[Sample(source, without=_ORDER)] for source in sources]
    try:
        found = _read([one for [one] in each], each, day, rows)
    except InputError as error:
        found = Sampled(problem=str(error))
    found.unsorted = unsorted
    return found


def _read(
    samples: Sequence[Sample], logs: Sequence[Sequence[Sample]], day: date, rows: int
) -> Sampled:
    reading = _Reading(load_contracts(None, day), rows)
    found = reading.found
    for sources in logs:
        log = Log(list(sources), FoundDay(day, ""), load_calendar(), [], ROOM_ROWS)
        names, reading.has_seq = Names(), log.has_seq
        for batch in log.batches(names, reading.contracts, log.columns, {}, threads=1):
            reading.take(batch, names)
        reading.meet(names)
        found.bad_rows += log.rejected_rows
        bad = log.rejected().slice(0, BAD_SHOWN - len(found.bad)).to_pylist()
        found.bad += [{key: row[key] for key in ("file", "row", "reason")} for row in bad]
    found.rows = sum(sample.rows_read for sample in samples)
    found.whole = all(sample.is_whole for sample in samples)
    return found


@dataclass
class _Reading:
    contracts: ContractTable
    rows: int  # events to keep
    has_seq: bool = True
    found: Sampled = field(default_factory=Sampled)
    accounts: set[tuple[str, str]] = field(default_factory=set)

    def take(self, batch: Batch, names: Names) -> None:
        """Note what a batch tells."""
        found = self.found
        first, last = int(batch.ts.min()), int(batch.ts.max())
        found.first_ts = first if found.first_ts is None else min(first, found.first_ts)
        found.last_ts = last if found.last_ts is None else max(last, found.last_ts)
        for code, count in zip(*np.unique(batch.action, return_counts=True), strict=True):
            word = str(schema.word_of("action", int(code)))
            found.actions[word] = found.actions.get(word, 0) + int(count)
        for at in range(min(self.rows - len(found.events), len(batch))):
            found.events.append(self._event(batch, at, names))

    def meet(self, names: Names) -> None:
        """Note whom and what a log's rows name."""
        found = self.found
        contracts = [name for _, name in names.contracts]
        found.contracts = list(dict.fromkeys([*found.contracts, *contracts]))
        met = [names.exchanges[exchange] for exchange, _ in names.contracts]
        found.exchanges = list(dict.fromkeys([*found.exchanges, *met]))
        self.accounts |= {(names.exchanges[at], name) for at, name in names.accounts}
        found.accounts = len(self.accounts)

    def _event(self, batch: Batch, at: int, names: Names) -> dict[str, Any]:
        """Return a row by canonical column, what it does not say left out."""
        exchange_id, contract = names.contracts[batch.contract[at]]
        exchange = names.exchanges[exchange_id]
        cells: dict[str, Any] = {
            "exchange": None if exchange == schema.NO_EXCHANGE else exchange,
            "channel": _cell(batch.channel, at),
            "seq": int(batch.seq[at]) if self.has_seq else None,
            "ts": int(batch.ts[at]),
            "contract": contract,
            "action": schema.word_of("action", int(batch.action[at])),
            "order_id": _id(batch.order_text, batch.order_high, batch.order, at),
            "account": _account(batch.account, at, names),
        }
        if cells["action"] == "rfq":
            del cells["order_id"]
        for name in _CODES:
            cells[name] = schema.word_of(name, _cell(getattr(batch, name), at) or 0)
        cells["price"] = self._price(batch, at, exchange, contract)
        cells["lots"] = None if batch.lots[at] == schema.NULL_LOTS else int(batch.lots[at])
        if _cell(batch.has_contra, at):
            cells["contra_order_id"] = _id(batch.contra_text, batch.contra_high, batch.contra, at)
            cells["contra_account"] = _account(batch.contra_account, at, names)
        if _cell(batch.has_trade, at):
            cells["trade_id"] = _id(None, batch.trade_high, batch.trade, at)
        return {name: cell for name, cell in cells.items() if cell is not None}

    def _price(self, batch: Batch, at: int, exchange: str, contract: str) -> str | None:
        ticks = _cell(batch.price, at)
        if ticks is None or ticks == schema.NULL_PRICE:
            return None
        tick = self.contracts.facts(exchange, contract).tick
        price = ticks * (Decimal(str(tick)) if tick else _MILLIONTHS)
        return f"{price.normalize():f}"


def _cell(column: Any, at: int) -> int | None:
    return None if column is None else int(column[at])


def _account(column: Any, at: int, names: Names) -> str | None:
    found = _cell(column, at)
    return None if found is None or found == schema.NULL_ID else names.accounts[found][1]


def _id(texts: Any, high: Any, low: Any, at: int) -> str | None:
    if texts is not None and texts[at] is not None:
        return str(texts[at])
    return ids.unpack(0 if high is None else int(high[at]), int(low[at]))
