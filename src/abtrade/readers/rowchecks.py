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

    action: UInt8  # (n,) 0 where null or unknown
    slots: Positions  # (n,) the contract, as ContractReader counts them
    codes: dict[str, UInt8] = field(default_factory=dict)
    numbers: dict[str, Whole] = field(default_factory=dict)
    ids: dict[str, Ids] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)


def check_rows(cells: Cells, complaints: Complaints) -> None:
    """Complain of rows that lack what their action needs."""
    for column, needed in _NEEDED.items():
        null = _nulls(cells, column)
        if null is not None:
            complaints.add(null & needed.take(cells.action), _null_in(column, cells))
    _check_price(cells, complaints)
    lots = cells.numbers["lots"]
    few = lots.values < _LEAST_LOTS.take(cells.action)
    few &= lots.values != UNREADABLE
    if lots.valid is not None:
        few &= lots.valid
    complaints.add(
        few,
        lambda at: (
            f"lots: found {lots.values[at]} on a {_action(cells, at)} row, "
            f"expected {_LEAST_LOTS[cells.action[at]]} or more"
        ),
    )


def _check_price(cells: Cells, complaints: Complaints) -> None:
    """A null price is bad on a trade, and on an order that says that it is a limit order."""
    price = cells.numbers.get("price")
    if price is None or price.valid is None:
        return
    needed = cells.action == Action.TRADE
    order_type = cells.codes.get("order_type")
    if order_type is not None:
        needed |= _ORDERS.take(cells.action) & (order_type == OrderType.LIMIT)
    complaints.add(~price.valid & needed, _null_in("price", cells))


def _nulls(cells: Cells, column: str) -> Bool | None:
    """Return which cells of a column are null; None where none is, or it was not read."""
    if column == "action":
        return np.equal(cells.action, 0)
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
    return Action(code).name.lower() if code else "log"


def _flags(actions: Iterable[int]) -> Bool:
    flags = np.zeros(max(Action) + 1, np.bool_)
    flags[list(actions)] = True
    return flags


_ALL: Final = range(max(Action) + 1)
_ORDERS: Final = _flags((Action.NEW, Action.CARRIED))
_NEEDED: Final = {
    "action": _flags(_ALL),
    "seq": _flags(_ALL),
    "ts": _flags(_ALL),
    "contract": _flags(_ALL),
    "order_id": _flags(set(Action) - {Action.RFQ}),
    "account": _flags((Action.NEW, Action.CARRIED, Action.RFQ)),
    "side": _ORDERS,
    "lots": _flags((Action.NEW, Action.CARRIED, Action.TRADE, Action.AMEND)),
}
_LEAST_LOTS: Final = np.full(max(Action) + 1, -(2**63), np.int64)
_LEAST_LOTS[[Action.NEW, Action.CARRIED, Action.TRADE]] = 1
_LEAST_LOTS[[Action.AMEND, Action.CANCEL]] = 0
