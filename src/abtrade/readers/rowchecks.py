"""What a row of each action must have: cells that are not null, and enough lots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ..batch import Int64, UInt8
from ..schema import Action, OrderType
from .arrays import Bool
from .complaints import Complaints
from .numbers import UNREADABLE
from .orderids import Ids
from .words import Positions, Words


@dataclass(slots=True)
class Whole:
    """n numbers of a column, and which are not null (None: all are)."""

    values: Int64
    valid: Bool | None


@dataclass(slots=True)
class Cells:
    """The columns of one batch, each read by itself; a column that is not there is not in here."""

    action: UInt8  # (n,) 0 where null; no Action where unknown
    slots: Positions  # (n,) the contract, as ContractReader counts them
    codes: dict[str, UInt8] = field(default_factory=dict)
    numbers: dict[str, Whole] = field(default_factory=dict)
    ids: dict[str, Ids] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)


def check_rows(cells: Cells, complaints: Complaints) -> None:
    """Complain of rows that lack what their action needs."""
    complaints.add(np.equal(cells.action, 0), _null_in("action", cells))
    for column, actions in _NEEDED.items():
        null = _nulls(cells, column)
        if null is not None:
            complaints.add(null & is_any(cells.action, actions), _null_in(column, cells))
    _check_price(cells, complaints)
    _check_lots(cells, complaints)


def is_any(action: UInt8, actions: Iterable[Action]) -> Bool:
    """Return which rows are of one of these actions: (n,) bool."""
    found = np.zeros(len(action), np.bool_)
    for one in actions:
        found |= action == int(one)  # to numpy an enum is an int64, and the column would become one
    return found


def _check_price(cells: Cells, complaints: Complaints) -> None:
    """A null price is bad on a trade, and on an order that says that it is a limit order."""
    price = cells.numbers.get("price")
    if price is None or price.valid is None:
        return
    needed = is_any(cells.action, (Action.TRADE,))
    order_type = cells.codes.get("order_type")
    if order_type is not None:
        needed |= is_any(cells.action, ORDERS) & (order_type == int(OrderType.LIMIT))
    complaints.add(~price.valid & needed, _null_in("price", cells))


def _check_lots(cells: Cells, complaints: Complaints) -> None:
    lots = cells.numbers["lots"]
    complaints.add(
        lots.values > MOST_LOTS,
        lambda at: f"lots: found {lots.values[at]}, expected {MOST_LOTS} or fewer",
    )
    few = lots.values < max(_LEAST_LOTS.values())
    if lots.valid is not None:
        few &= lots.valid
    if not few.any():
        return
    least = np.full(256, UNREADABLE)
    least[list(_LEAST_LOTS)] = list(_LEAST_LOTS.values())
    few &= (lots.values < least.take(cells.action)) & (lots.values != UNREADABLE)
    complaints.add(
        few,
        lambda at: (
            f"lots: found {lots.values[at]} on a {_action(cells, at)} row, "
            f"expected {least[cells.action[at]]} or more"
        ),
    )


def _nulls(cells: Cells, column: str) -> Bool | None:
    """Return which cells of a column are null; None where none is, or it was not read."""
    if column in cells.codes:
        return np.equal(cells.codes[column], 0)
    if column in cells.words:
        words = cells.words[column]
        return words.nulls() if words.has_nulls else None
    known: Whole | Ids | None = cells.numbers.get(column) or cells.ids.get(column)
    return None if known is None or known.valid is None else ~known.valid


def _null_in(column: str, cells: Cells) -> Callable[[int], str]:
    return lambda at: f"{column}: found nothing, expected a value on a {_action(cells, at)} row"


def _action(cells: Cells, at: int) -> str:
    code = int(cells.action[at])
    return Action(code).name.lower() if code in _BY_CODE else "log"


MOST_LOTS: Final = 1 << 40
"""No order is larger, and sums of lots over a day stay within 64 bits."""

ORDERS: Final = (Action.NEW, Action.CARRIED)
_BY_CODE: Final = frozenset(Action)
_NEEDED: Final[dict[str, Iterable[Action]]] = {
    "seq": Action,
    "ts": Action,
    "contract": Action,
    "order_id": tuple(set(Action) - {Action.RFQ}),
    "account": (*ORDERS, Action.RFQ),
    "side": ORDERS,
    "lots": (*ORDERS, Action.TRADE, Action.AMEND),
}
_LEAST_LOTS: Final = {
    Action.NEW: 1,
    Action.CARRIED: 1,
    Action.TRADE: 1,
    Action.AMEND: 0,
    Action.CANCEL: 0,
}
