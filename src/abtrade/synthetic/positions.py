"""Opening positions of a made-up day: what its stories say, and for all others what they close.

So nobody closes more than is held, and who comes near a limit is only who is meant to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import schema
from .contracts import Contract
from .events import Event
from .forms import Form
from .people import Account
from .plots import Planted

COLUMNS: Final = (
    "account", "contract", "exchange", "hedge", "long", "short", "long_today", "short_today"
)  # fmt: skip

Side = int
LONG, SHORT = 0, 1
SIDES: Final = {"long": LONG, "short": SHORT}


class Key(NamedTuple):
    """Whose lots of what."""

    account: int
    contract: int
    hedge: int  # schema.Hedge


@dataclass(slots=True)
class Lots:
    """Lots by side, those of earlier days and those of today."""

    earlier: list[int] = field(default_factory=lambda: [0, 0])
    today: list[int] = field(default_factory=lambda: [0, 0])

    def total(self, side: Side) -> int:
        """Return the lots of one side."""
        return self.earlier[side] + self.today[side]


Positions = dict[Key, Lots]


def closed_by(event: Event) -> Side:
    """Return the side that a close of the event's side takes from: a buy takes short."""
    return SHORT if event.side == schema.Side.BUY else LONG


def told_hedge(event_hedge: int, form: Form) -> int:
    """Return the flag under which a form of the log tells lots; speculation where it tells none."""
    return int(schema.Hedge.SPECULATION) if "hedge" in form.without else event_hedge


def planted_positions(planted: Planted, fills: Iterable[Event], form: Form) -> Positions:
    """Return what planted accounts hold when the day begins.

    fills : of planted accounts, as a log of any form would tell them
    """
    held: Positions = defaultdict(Lots)
    for event in fills:
        if event.offset == schema.Offset.OPEN or _is_told(planted, event):
            continue
        lots = held[Key(event.account, event.contract, told_hedge(event.attributes.hedge, form))]
        part = lots.today if event.offset == schema.Offset.CLOSE_TODAY else lots.earlier
        part[closed_by(event)] += event.amount
    for plot in planted.plots:
        for each in plot.story.held:
            for hand in each.hands or range(len(plot.accounts)):
                hedge = told_hedge(schema.Hedge[each.hedge.upper()], form)
                lots = held[Key(plot.accounts[hand], plot.contracts[0], hedge)]
                lots.today[SIDES[each.side]] += each.today
                lots.earlier[SIDES[each.side]] += each.lots - each.today
    return dict(held)


def _is_told(planted: Planted, event: Event) -> bool:
    """Whether a story says what an account holds of a contract."""
    return (event.account, event.contract) in planted.holders


def crowd_positions(
    cells: npt.NDArray[Any], closed: npt.NDArray[np.int64], form: Form
) -> Iterator[tuple[Key, Lots]]:
    """Yield what accounts of the crowd hold when the day begins.

    cells : (cells,) CELL; closed : see ``Floor.closed_lots``
    """
    sizes = cells["accounts"].astype(np.int64)
    cell = np.repeat(np.arange(len(cells)), sizes)
    nth = np.arange(len(cell)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    for i in np.flatnonzero(closed.any(axis=1)).tolist():
        own = cells[cell[i]]
        lots = Lots()
        side = SHORT if own["side"] == schema.Side.BUY - 1 else LONG
        lots.today[side], lots.earlier[side] = closed[i].tolist()
        account = int(own["first_account"] + nth[i])
        yield Key(account, int(own["contract"]), told_hedge(int(own["hedge"]), form)), lots


def position_rows(
    positions: Iterable[tuple[Key, Lots]],
    accounts: Sequence[Account],
    contracts: Sequence[Contract],
    form: Form,
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table, cells as ``COLUMNS``."""
    for key, lots in positions:
        hedge = "" if "hedge" in form.without else schema.word_of("hedge", key.hedge)
        contract = contracts[key.contract]
        yield (accounts[key.account].code, contract.name, contract.exchange, hedge,
               lots.total(LONG), lots.total(SHORT), *lots.today)  # fmt: skip
