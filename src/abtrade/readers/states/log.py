"""A log of order states and trades, gathered run by run, and the events it comes to.

For readers of sources that tell how an order stands, not what happened to it. Rows are given in
the order of the log's files, as ``rows`` describes; orders are kept, not rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ...batch import Int64
from ..made import Made
from ..raw import BadRow
from .events import Names, events_of, filled_lots, fills_of, name_the_nameless
from .orders import brought_together, disputed, has_id, identified, orders_of
from .rows import Rows, State, count_of, joined, taken
from .tables import EventTables
from .trades import NONE, Repeats, once
from .vocabulary import Vocabulary

FINAL_STATE: Final = "final-state"
BROKER: Final = "broker"

_ROOM: Final = 1 << 20
"""So many orders in runs are brought together once more."""


@dataclass(slots=True)
class FileRead:
    """What a file had besides good rows."""

    rows: int = 0  # data rows
    bad: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MadeLog:
    """The events of a log, by file, and what is to be known of them."""

    files: list[Made]
    final_state: bool  # each order has one row, how it stood in the end
    sees_trades: bool
    unsent_orders: int  # left out: they got no id from the exchange, and were not refused
    unsent_rows: int
    undated_cancels: int  # whose time no row tells
    repeats: Repeats  # rows of trades told again, left out
    nameless_orders: int  # taken without an id: rows show that the exchange had them
    disputed_ids: int  # that stand for several orders of one contract
    short_orders: int  # of which more lots are said to be filled than trades show
    short_lots: int  # so many more

    @property
    def visibility(self) -> str:
        """What of the market the log shows."""
        return FINAL_STATE if self.final_state else BROKER


class StateLog:
    """The rows of a log as they are read.

    ``words`` has the texts of the columns exchange, contract, account, order_id and trade_id.
    """

    def __init__(self) -> None:
        self.words = Vocabulary()
        self._orders: list[Rows] = []
        self._loose = 0
        self._trades: list[Rows] = []
        self._requests: list[Rows] | None = None
        self._aside = np.zeros(0, np.int64)

    def add_states(self, states: Rows) -> None:
        """Take rows of order states, behind all that were given before."""
        self._orders.append(orders_of(states))
        self._loose += count_of(self._orders[-1])
        if self._loose > _ROOM and len(self._orders) > 1:
            self._orders = [brought_together(joined(self._orders))]
            self._loose = -count_of(self._orders[0]) // 2

    def add_trades(self, trades: Rows) -> None:
        """Take rows of trades."""
        self._trades.append(trades)

    def add_requests(self, requests: Rows) -> None:
        """Take requests to cancel that were not refused; an empty run says that there are none."""
        self._requests = [*(self._requests or []), requests]

    def leave_out(self, fronts: Int64) -> None:
        """Take the ``front`` names of orders that are known to be kept from the exchange."""
        if len(fronts):
            self._aside = np.unique(np.concatenate([self._aside, fronts]))

    def made(
        self,
        files: Sequence[FileRead],
        *,
        sees_trades: bool,
        final_state: bool = False,
        name: Names = "{} {}".format,
    ) -> MadeLog:
        """Return the events of all rows; the rows given are forgotten.

        sees_trades : whether the log has files of trades; if not, or if these are empty though
            orders filled, its orders tell what filled
        final_state : the log is said to have one row an order, how it stood in the end
        name : what stands for the id of a refused order that got none
        """
        parts, self._orders = self._orders, []
        orders = identified(brought_together(joined(parts)))
        final = final_state or (count_of(orders) > 0 and bool((orders["rows"] == 1).all()))
        sees_trades = sees_trades and self._shows_fills(orders)
        trades, repeats = once(joined(self._trades)) if sees_trades else (fills_of(orders), NONE)
        requests = None if self._requests is None else joined(self._requests)
        self._trades, self._requests = [], None
        events = events_of(orders, trades, requests)
        del requests
        orders = events.orders
        nameless = int((~has_id(orders) & (orders["end"] != State.REJECTED)).sum())
        for rows in (orders, events.trades):
            name_the_nameless(rows, name, lambda text: self.words.code("order_id", text))
        tables = EventTables(events, self.words, sees_matches=sees_trades)
        unsent = events.unsent
        if "front" in unsent:
            known = np.isin(unsent["front"], self._aside) & (unsent["front"] >= 0)
            unsent = taken(unsent, ~known)
        return MadeLog(
            [tables.made(number, one.bad, one.rows) for number, one in enumerate(files)],
            final,
            sees_trades,
            count_of(unsent),
            int(unsent["rows"].sum()),
            events.undated,
            repeats,
            nameless,
            disputed(orders),
            int(np.count_nonzero(events.short)),
            int(events.short.sum()),
        )

    def _shows_fills(self, orders: Rows) -> bool:
        """Whether there is any trade, or no order says that it was filled."""
        return any(map(count_of, self._trades)) or not filled_lots(orders).any()
