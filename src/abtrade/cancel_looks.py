"""What cancels looked like: how long each order had rested, and where it stood in the book.

Shown, not judged: no count depends on it. Each column is told in docs/explain-cancels.md.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import schema
from .batch import Batch
from .book_keeper import BookKeeper, book_columns
from .concerned import members
from .counts import Crossing, Observed
from .job import Job, Prepared
from .names import Names
from .plan import ContractFacts
from .reference_rows import OrderKey
from .steps import STEP, Flag, What

Place = tuple[int, int]
"""Where a row stands: the index of its file, and the data row in it."""

LOOKS: Final = (
    pa.field("rested_ns", pa.int64()),  # from its new row to the cancel
    pa.field("from_best_placed", pa.int64()),  # ticks behind the best price of its side; 0: at it
    pa.field("from_best_cancelled", pa.int64()),
    pa.field("lots_before", pa.int64()),  # in its queue, when it was cancelled
    pa.field("level_share", pa.float64()),  # its lots left, of all at its price
    pa.field("five_share", pa.float64()),  # of all in the first five levels of its side
    pa.field("opposite_before", pa.bool_()),  # the subject traded on the other side shortly before
    pa.field("opposite_before_s", pa.float64()),  # how long before, in seconds
    pa.field("opposite_after", pa.bool_()),
    pa.field("opposite_after_s", pa.float64()),
)
"""Columns that tell of a cancel; null in rows that are none."""

WITHIN_S: Final = 5.0
"""Seconds before and after a cancel in which a trade on the other side is told."""


@dataclass(slots=True)
class _Placed:
    """An order of the subject, as it came in."""

    side: int  # schema.Side, 0 where the log does not tell
    ts: int | None  # None: it rested when the log begins
    from_best: int | None


class _Moment(NamedTuple):
    place: int  # of the row, among those that were read
    ts: int


class CancelLooks:
    """Finds what the cancels of an alert's subject looked like, in a pass over the log.

    All rows of their contracts are read: the book is made of everybody's orders.
    """

    def __init__(
        self, job: Job, ready: Prepared, alert: Mapping[str, Any], *, within_s: float = WITHIN_S
    ) -> None:
        self._job = job
        self._ready = ready
        self._alert = alert
        self._within = round(within_s * 1e9)
        self._sees_market = not job.log.sight.one_broker
        self._names = Names()
        self._placed: dict[OrderKey, _Placed] = {}
        self._fills: dict[tuple[int, int], list[_Moment]] = defaultdict(list)  # contract, side
        self._cancels: list[tuple[Place, int, int, _Moment]] = []  # with contract and side
        self._looks: dict[Place, dict[str, Any]] = {}

    def find(
        self, places: Collection[Place], contracts: Collection[tuple[str, str]]
    ) -> dict[Place, dict[str, Any]]:
        """Return the columns ``LOOKS`` of the cancels at these places, as far as they are known.

        contracts : exchange and name of the contracts that they are of
        """
        if not places:
            return {}
        ready, log = self._ready, copy(self._job.log)
        log.keep_only(ready.contracts, lambda *contract: contract in contracts)
        columns = book_columns(log) | frozenset(self._job.stated)
        has_phases = ready.phases is not None and ready.has_phases
        fills = _Fills()
        keeper = BookKeeper(
            self._names, ready.contracts,
            columns=columns | ({"phase"} if has_phases else set()),
            auctions=ready.phases is not None and not has_phases,
            clock_phases=ready.phases is not None,
            observers=[fills],
        )  # fmt: skip
        rows = log.batches(self._names, ready.contracts, columns, self._job.stated)
        base = known = 0
        member = members(self._names, ready.subjects, self._alert)
        for batch in rows if ready.phases is None else ready.phases.filled(rows, self._names):
            for _ in keeper.take_up():
                pass
            if keeper.accounts > known:
                known = keeper.accounts
                member = members(self._names, ready.subjects, self._alert)
                keeper.engine.follow(np.flatnonzero(member[:known]).tolist())
            keeper.feed(batch)
            self._note_fills(fills.take(), member, batch, base)
            for sight in keeper.engine.take_sights():
                self._note(sight, batch, base, places)
            base += len(batch)
        self._note_opposite()
        return self._looks

    def _note(
        self, sight: np.void, batch: Batch, base: int, places: Collection[Place]
    ) -> None:
        """Take up how an order of the subject stood before a row."""
        row, what = int(sight["row"]), int(sight["what"])
        high = 0 if batch.order_high is None else int(batch.order_high[row])
        key = OrderKey(int(sight["contract"]), high, int(batch.order[row]))
        if what in (What.ORDER, What.CARRIED):
            side = 0 if batch.side is None else int(batch.side[row])
            carried = what == What.CARRIED
            from_best = None if carried else self._from_best(sight, side)
            self._placed[key] = _Placed(side, None if carried else int(batch.ts[row]), from_best)
            return
        place = int(batch.file[row]), int(batch.row[row])
        if what != What.CANCEL or place not in places:
            return
        placed = self._placed[key]
        moment = _Moment(base + row, int(batch.ts[row]))
        self._cancels.append((place, key.contract, placed.side, moment))
        look = self._looks[place] = dict.fromkeys((field.name for field in LOOKS), None)
        look["rested_ns"] = None if placed.ts is None else moment.ts - placed.ts
        look["from_best_placed"] = placed.from_best
        if sight["stands"] == _IN_QUEUE and self._sees_market:
            left, five = int(sight["left"]), int(sight["five_lots"])
            look["from_best_cancelled"] = self._from_best(sight, placed.side)
            look["lots_before"] = int(sight["before"])
            look["level_share"] = left / int(sight["level_lots"])
            look["five_share"] = left / five if sight["rank"] < _FIVE else 0.0

    def _from_best(self, sight: np.void, side: int) -> int | None:
        """Return how many ticks an order stands behind the best price of its side."""
        price, best = int(sight["price"]), int(sight["own_best"])
        if not (sight["stands"] and self._sees_market) or best == schema.NULL_PRICE:
            return None
        return best - price if side == schema.Side.BUY else price - best

    def _note_fills(
        self, steps: npt.NDArray[np.void], member: npt.NDArray[np.bool_], batch: Batch, base: int
    ) -> None:
        """Take up the trades of the subject."""
        ordinary = (steps["flags"] & Flag.ORDINARY) != 0
        for step in steps[member[steps["account"]] & ordinary]:
            row = int(step["row"])
            at = _Moment(base + row, int(batch.ts[row]))
            self._fills[int(step["contract"]), int(step["side"])].append(at)

    def _note_opposite(self) -> None:
        """Tell of each cancel the nearest trades on the other side."""
        times = {
            key: np.array([each.ts for each in fills], np.int64)
            for key, fills in self._fills.items()
        }
        rising = {key: bool((ts[1:] >= ts[:-1]).all()) for key, ts in times.items()}
        for place, contract, side, moment in self._cancels:
            if side not in _OTHER_SIDE:
                continue
            key = contract, _OTHER_SIDE[side]
            ts = times.get(key, np.empty(0, np.int64))
            at = bisect(self._fills.get(key, []), moment)
            before, after = moment.ts - ts[:at], ts[at:] - moment.ts
            if rising.get(key):  # the adjoining one is nearest, unless the cancel's time is off
                before = before[-1:] if (before[-1:] >= 0).all() else before
                after = after[:1] if (after[:1] >= 0).all() else after
            for name, apart in (("before", before), ("after", after)):
                near = apart[np.abs(apart) <= self._within]
                self._looks[place][f"opposite_{name}"] = bool(len(near))
                if len(near):
                    self._looks[place][f"opposite_{name}_s"] = max(0, int(near.min())) / 1e9


class _Fills:
    """An observer that hands on what was filled."""

    wants = frozenset({What.FILL})

    def __init__(self) -> None:
        self._steps: list[npt.NDArray[np.void]] = []

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Keep a batch's steps until they are taken; no level is reached."""
        self._steps.append(steps)
        return []

    def take(self) -> npt.NDArray[np.void]:
        """Return the steps since the last call."""
        steps, self._steps = self._steps, []
        return np.concatenate([np.empty(0, STEP), *steps])

    def finish(self) -> Observed:
        """End the day."""
        return Observed()

    def state_hash(self) -> int:
        """Return 0: nothing is counted."""
        return 0

    def dump(self) -> Any:
        """Return nothing: there is no state."""

    def restore(self, plain: Any) -> None:
        """Take up nothing."""


_IN_QUEUE: Final = 1
_FIVE: Final = 5
_OTHER_SIDE: Final = {
    int(schema.Side.BUY): int(schema.Side.SELL), int(schema.Side.SELL): int(schema.Side.BUY)
}  # fmt: skip
