"""Events: what the rows of planted accounts are worth to each count, in the order of the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy.typing as npt

from .. import schema
from .contracts import Contract
from .forms import Form

_BY_CLIENT: Final = (0, schema.CancelBy.CLIENT, schema.CancelBy.FORCED)


class Attributes(NamedTuple):
    """What a filter may ask of an event's order and row."""

    hedge: int
    tif: int
    order_type: int
    phase: int
    cancel_by: int


class Event(NamedTuple):
    """One thing that a count counts."""

    seq: int
    ts: int
    contract: int
    account: int
    amount: int
    attributes: Attributes
    other: int | None = None  # of a match: the resting order's account and attributes
    other_attributes: Attributes | None = None
    side: int = 0  # of a fill: schema.Side and schema.Offset of the order
    offset: int = 0


Events = dict[str, list[Event]]
"""By count; large cancels as `large_cancels@300`.

`fills` are of every order, in lots; `burst_messages` are messages other than remainders. A cancel
at a limit price is told where a trade there is among the rows: in still contracts each is.
"""


def events_of(
    rows: npt.NDArray[Any],
    contracts: Sequence[Contract],
    first_planted: int,
    form: Form,
    sizes: Sequence[int],
) -> Events:
    """Return the events of each count.

    rows : (n,) ROW, every row of a planted account, a match as one row
    sizes : lots from which on a cancel is large
    """
    reader = _Reader(contracts, first_planted, form, sizes)
    for values in rows.tolist():
        reader.read(_Row._make(values))
    return reader.events


class _Reader:
    """Reads row after row, and knows which orders were filled and which have met."""

    def __init__(
        self, contracts: Sequence[Contract], first_planted: int, form: Form, sizes: Sequence[int]
    ) -> None:
        self.events: Events = defaultdict(list)
        self._contracts = contracts
        self._first_planted = first_planted
        self._form = form
        self._sizes = sizes
        self._filled: set[tuple[str, int]] = set()
        self._met: set[tuple[str, int, int]] = set()
        self._came_in: set[tuple[str, int]] = set()
        self._traded: set[tuple[int, int]] = set()  # contract and level

    def read(self, row: _Row) -> None:
        """Take one row in."""
        own = Attributes(row.hedge, row.tif, row.order_type, row.phase, row.cancel_by)
        mine = Event(row.seq, row.ts, row.contract, row.account, 1, own)
        if row.action == schema.Action.NEW:
            self.events["orders"].append(mine)
            if row.offset == schema.Offset.OPEN:
                self.events["ordered_open_lots"].append(mine._replace(amount=row.lots))
        if row.action in (schema.Action.NEW, schema.Action.AMEND, schema.Action.RFQ):
            self.events["messages"].append(mine)
            self.events["burst_messages"].append(mine)
        if row.action == schema.Action.CANCEL:
            self._cancel(row, mine)
        if row.action == schema.Action.TRADE:
            self._trade(row, own)

    def _cancel(self, row: _Row, mine: Event) -> None:
        self.events["cancels"].append(mine)
        exchange = self._contracts[row.contract].exchange
        remainder = row.tif in (schema.Tif.FAK, schema.Tif.FOK) and "tif" not in self._form.without
        if "cancel_by" in self._form.without or row.cancel_by in _BY_CLIENT:
            self.events["messages"].append(mine)
            if not remainder:
                self.events["burst_messages"].append(mine)
        if (row.contract, row.level) in self._traded and row.side == self._side_at(row):
            self.events["limit_price_cancels"].append(mine)
            self.events["limit_price_cancel_lots"].append(mine._replace(amount=row.lots))
        if self._form.bare and remainder and exchange in schema.REMAINDER_BEFORE_TRADES:
            return  # its lots are not told, and its trades come after it
        for size in self._sizes:
            if row.lots >= size:
                self.events[f"large_cancels@{size}"].append(mine)

    def _side_at(self, row: _Row) -> int:
        """Return whose cancels count at a row's price: buys at the upper limit, sells at the lower.

        0 for those of nobody.
        """
        if row.level == self._contracts[row.contract].levels - 1:
            return schema.Side.BUY
        return schema.Side.SELL if row.level == 0 else 0

    def _trade(self, row: _Row, own: Attributes) -> None:
        self._traded.add((row.contract, row.level))
        theirs = Attributes(row.contra_hedge, row.contra_tif, row.contra_order_type, row.phase, 0)
        second = row.seq + self._form.two_rows  # two rows a match: the other side's is the next
        fill = Event(row.seq, row.ts, row.contract, row.account, row.lots, own)
        fill = fill._replace(side=row.side, offset=row.offset)
        self._fill(row, row.order_id, fill)
        fill = Event(second, row.ts, row.contract, row.contra_account, row.lots, theirs)
        fill = fill._replace(side=schema.Side.BUY + schema.Side.SELL - row.side,
                             offset=row.contra_offset)  # fmt: skip
        self._fill(row, row.contra_order_id, fill)
        if min(row.account, row.contra_account) >= self._first_planted:
            match = Event(second, row.ts, row.contract, row.account, 1, own, row.contra_account,
                          theirs)  # fmt: skip
            self._match(row, match)

    def _fill(self, row: _Row, order_id: int, fill: Event) -> None:
        if fill.account < self._first_planted:
            return
        # What is held is judged after the whole match, which stands at its second row.
        self.events["fills"].append(fill._replace(seq=row.seq + self._form.two_rows))
        if fill.offset == schema.Offset.OPEN:
            self.events["open_lots"].append(fill)
        order = (self._contracts[row.contract].exchange, order_id)
        if order not in self._filled:
            self._filled.add(order)
            self.events["filled_orders"].append(fill._replace(amount=1))

    def _match(self, row: _Row, match: Event) -> None:
        """Note a match of two planted accounts; whether they are one subject is asked later."""
        self.events["self_trades"].append(match)
        self.events["self_trade_lots"].append(match._replace(amount=row.lots))
        exchange = self._contracts[row.contract].exchange
        pair = (exchange, row.order_id, row.contra_order_id)
        assert pair not in self._met, "two orders meet once"
        self._met.add(pair)
        self.events["self_trade_pairs"].append(match)
        if pair[:2] not in self._came_in:
            self._came_in.add(pair[:2])
            self.events["self_trade_orders"].append(match)


class _Row(NamedTuple):
    """A row of the floor, as ``_floor.ROW``."""

    seq: int
    ts: int
    order_id: int
    contra_order_id: int
    trade_id: int
    contract: int
    account: int
    contra_account: int
    level: int
    lots: int
    action: int
    side: int
    offset: int
    hedge: int
    tif: int
    order_type: int
    cancel_by: int
    phase: int
    contra_offset: int
    contra_hedge: int
    contra_tif: int
    contra_order_type: int
