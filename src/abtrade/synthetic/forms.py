"""Forms of a log: which columns its rows tell, and the floor's rows as Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import schema
from .contracts import Contract
from .people import Account

OPTIONAL: Final = (
    "exchange", "side", "offset", "hedge", "order_type", "tif", "price", "cancel_by", "phase"
)  # fmt: skip
"""Columns that a form may be without."""

TIME: Final = pa.timestamp("ns", "Asia/Shanghai")
WORDS: Final = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Form:
    """What the rows of a log tell.

    ``bare``: account and side on the rows of new orders alone, no lots on cancels. ``two_rows``: a
    match has two rows, one a side, that share a trade id.
    """

    bare: bool = False
    two_rows: bool = False
    without: frozenset[str] = frozenset()

    @property
    def untold(self) -> frozenset[str]:
        """Columns of which a scan knows nothing: a phase it puts in by the clock."""
        return self.without - {"phase"}

    def columns(self) -> list[str]:
        """Return the columns of the log, in canonical order."""
        left_out = {"channel", "member", "client", "trade_type", "day", "order_contract",
                    "contra_order_contract", *self.without}  # fmt: skip
        left_out |= {"contra_order_id", "contra_account"} if self.two_rows else {"trade_id"}
        left_out |= {"contra_account"} if self.bare else set()
        return [name for name in schema.LOG_COLUMNS if name not in left_out]


class Maker:
    """Makes record batches of a form out of the floor's rows."""

    def __init__(
        self, form: Form, contracts: Sequence[Contract], accounts: Sequence[Account], day: str
    ) -> None:
        self._form = form
        exchanges = list(dict.fromkeys(each.exchange for each in contracts))
        self._exchange_of = np.array([exchanges.index(each.exchange) for each in contracts])
        self._lowest = np.array([each.lowest for each in contracts])
        ticks = [each.tick.as_integer_ratio() for each in contracts]
        self._ticks = np.array(ticks, np.float64)
        self._words = {
            "exchange": pa.array(exchanges),
            "contract": pa.array([each.name for each in contracts]),
            "account": pa.array([each.code for each in accounts], pa.string()),
        }
        for name in schema.CODES:
            self._words[name] = pa.array([each.name.lower() for each in schema.CODES[name]])
        kinds: dict[str, pa.DataType] = dict.fromkeys(form.columns(), WORDS)
        numbers = ("seq", "order_id", "lots", "contra_order_id", "trade_id")
        kinds |= {name: pa.int64() for name in numbers if name in kinds}
        kinds |= {"ts": TIME}
        if "price" in kinds:
            kinds["price"] = pa.float64()
        self.schema = pa.schema(list(kinds.items()), metadata={"day": day})

    def batch(self, rows: npt.NDArray[Any]) -> pa.RecordBatch:
        """Return rows, (n,) ROW, as a record batch."""
        action, contract = rows["action"], rows["contract"]
        opens = (action == schema.Action.NEW) | (action == schema.Action.REJECT)
        asks = action == schema.Action.RFQ
        trades = action == schema.Action.TRADE
        met = trades & (rows["contra_account"] >= 0)
        cancels = action == schema.Action.CANCEL
        every = np.ones(len(rows), np.bool_)
        named = opens | asks if self._form.bare else every
        sided = opens if self._form.bare else opens | trades
        priced = opens | trades
        sized = ~(asks | cancels) if self._form.bare else ~asks
        cells = {
            "exchange": self._words_at("exchange", self._exchange_of[contract], every),
            "seq": pa.array(rows["seq"]),
            "ts": pa.array(rows["ts"]).cast(TIME),
            "contract": self._words_at("contract", contract, every),
            "action": self._code("action", action, every),
            "order_id": pa.array(rows["order_id"], mask=asks),
            "account": self._words_at("account", rows["account"], named),
            "side": self._code("side", rows["side"], sided),
            "offset": self._code("offset", rows["offset"], opens),
            "hedge": self._code("hedge", rows["hedge"], opens | asks),
            "order_type": self._code("order_type", rows["order_type"], opens | asks),
            "tif": self._code("tif", rows["tif"], opens),
            "price": pa.array(self._prices(rows), mask=~priced),
            "lots": pa.array(rows["lots"].astype(np.int64), mask=~sized),
            "contra_order_id": pa.array(rows["contra_order_id"], mask=~trades),
            "contra_account": self._words_at("account", rows["contra_account"], met),
            "trade_id": pa.array(rows["trade_id"], mask=~trades),
            "cancel_by": self._code("cancel_by", rows["cancel_by"], cancels),
            "phase": self._code("phase", rows["phase"], every),
        }
        return pa.record_batch([cells[name] for name in self.schema.names], schema=self.schema)

    def _prices(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return prices, each the double nearest to its decimal: one division of whole numbers."""
        tick = self._ticks[rows["contract"]]
        ticks = self._lowest[rows["contract"]] + rows["level"]
        return np.asarray(ticks * tick[:, 0] / tick[:, 1])

    def _code(
        self, name: str, codes: npt.NDArray[np.uint8], told: npt.NDArray[np.bool_]
    ) -> pa.Array:
        return self._words_at(name, codes.astype(np.int32) - 1, told & (codes > 0))

    def _words_at(
        self, name: str, index: npt.NDArray[Any], told: npt.NDArray[np.bool_]
    ) -> pa.Array:
        cells = pa.array(index.astype(np.int32), mask=None if told.all() else ~told)
        return pa.DictionaryArray.from_arrays(cells, self._words[name])
