"""Track: what is noted of a contract's rows while they are fed once: times, touches, trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Batch, Int64
from ..counts import Crossing, Observed
from ..plan import ContractFacts
from ..schema import Action, TradeType
from ..steps import What
from .scratch import ScratchColumn

Mask = npt.NDArray[np.bool_]

OFF_BOOK: Final = (TradeType.EFP, TradeType.BLOCK, TradeType.EXERCISE)
_WHAT, _SIDE = 7, 3  # bits of a touch's code


class Touches:
    """The observer of a replay's engine: whose orders each row touches, and on which side.

    It keeps no state of the day, so that a dump of the engine is whole without it.
    """

    wants = frozenset(What)

    def __init__(self) -> None:
        self.steps: npt.NDArray[np.void] | None = None  # of the last batch
        self.watching = False

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Keep the steps until the next batch; no level is reached by them."""
        self.steps = steps if self.watching else None
        return []

    def finish(self) -> Observed:
        """End the day: nothing is measured."""
        return Observed()

    def state_hash(self) -> int:
        """Return 0: there is no state."""
        return 0

    def dump(self) -> None:
        """Return nothing."""

    def restore(self, plain: None) -> None:
        """Take up nothing."""


@dataclass(slots=True)
class Noted:
    """Columns of a contract's rows; a row is the number of rows that stand once it is applied.

    ``touch_*``: a row's step for an account, in row order. ``trade_*``: trades as they are printed,
    ``line_*``: those at a price of the book.
    """

    latest_ts: Int64  # (rows,) the latest time up to each row
    touch_row: npt.NDArray[np.int32]
    touch_account: npt.NDArray[np.int32]
    touch_code: npt.NDArray[np.uint8]
    trade_row: npt.NDArray[np.int32]
    trade_first: Int64  # of a match told by two rows: the engine's index of the first; else -1
    line_row: npt.NDArray[np.int32]
    line_ts: Int64  # latest time
    line_price: Int64

    def what(self, touches: Any) -> npt.NDArray[np.uint8]:
        """Return the ``steps.What`` of touches."""
        found: npt.NDArray[np.uint8] = self.touch_code[touches] & _WHAT
        return found

    def side(self, touches: Any) -> npt.NDArray[np.uint8]:
        """Return the ``schema.Side`` of the orders of touches."""
        found: npt.NDArray[np.uint8] = self.touch_code[touches] >> _SIDE
        return found


class Track:
    """Notes a contract's rows, batch by batch."""

    def __init__(self, contract: int) -> None:
        self._contract = contract
        self._rows = 0
        self._latest = np.iinfo(np.int64).min
        self._columns = {
            "latest_ts": ScratchColumn("i8"), "touch_row": ScratchColumn("i4"),
            "touch_account": ScratchColumn("i4"), "touch_code": ScratchColumn("u1"),
            "trade_row": ScratchColumn("i4"), "trade_first": ScratchColumn("i8"),
            "line_row": ScratchColumn("i4"),
            "line_ts": ScratchColumn("i8"), "line_price": ScratchColumn("i8"),
        }  # fmt: skip

    @property
    def rows(self) -> int:
        """How many rows of the contract there were."""
        return self._rows

    def add(self, batch: Batch, base: int, touches: Touches) -> Mask:
        """Note a batch that was fed; return which of its rows are the contract's.

        ``base`` : the engine's index of its first row
        """
        mine = batch.naming(self._contract)
        number = self._rows + np.cumsum(mine)
        steps = touches.steps
        touches.steps = None
        first = np.full(len(batch), -1, np.int64)
        if steps is not None and len(steps):
            row = steps["row"]
            second = (steps["match"] >= 0) & (steps["match"] != row + base)
            first[row[second]] = steps["match"][second]
            steps = steps[mine[row]]
            self._columns["touch_row"].append(number[steps["row"]])
            self._columns["touch_account"].append(steps["account"])
            self._columns["touch_code"].append(steps["what"] | steps["side"] << _SIDE)
        latest = np.maximum.accumulate(np.where(mine, batch.ts, self._latest))
        latest = np.maximum(latest, self._latest)
        self._latest = int(latest[-1])
        self._columns["latest_ts"].append(latest[mine])
        trades = np.flatnonzero(_prints(batch, self._contract, first >= 0))
        self._columns["trade_row"].append(number[trades])
        self._columns["trade_first"].append(first[trades])
        line = trades[_is_on_book(batch, trades)]
        self._columns["line_row"].append(number[line])
        self._columns["line_ts"].append(latest[line])
        if batch.price is not None:
            self._columns["line_price"].append(batch.price[line])
        self._rows = int(number[-1])
        return mine

    def noted(self) -> Noted:
        """Return all columns; nothing can be added any more."""
        return Noted(**{name: column.array() for name, column in self._columns.items()})


def count_until(rows: npt.NDArray[np.int32], row: int) -> int:
    """Return how many of ascending rows are at most ``row``.

    A number of their own type: another would have all of them converted.
    """
    return int(np.searchsorted(rows, np.int32(row), "right"))


def _prints(batch: Batch, contract: int, second: Mask) -> Mask:
    """Return the rows that are printed as trades; of a match told by two rows the second."""
    trades: Mask = (batch.action == Action.TRADE) & (batch.contract == contract)
    if batch.has_trade is None:
        return trades
    broker = batch.has_trade.astype(np.bool_)
    if batch.has_contra is not None:
        broker &= batch.has_contra == 0
    trades &= ~broker | second
    return trades


def _is_on_book(batch: Batch, rows: npt.NDArray[np.intp]) -> Mask:
    if batch.price is None:
        return np.zeros(len(rows), np.bool_)
    known: Mask = batch.price[rows] != schema.NULL_PRICE
    if batch.trade_type is not None:
        known &= ~np.isin(batch.trade_type[rows], OFF_BOOK)
    return known
