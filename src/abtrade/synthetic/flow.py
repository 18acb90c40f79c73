"""Flow: the crowd's orders, drawn block by block in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from . import _floor
from .contracts import Contract
from .people import Crowd

BLOCK_ORDERS: Final = 50_000
LEAST_SLICES: Final = 60
IN_AUCTION: Final = 0.015
QUIET_ORDERS: Final = 4
"""Orders of a cell of a quiet contract, about."""

OPENING_NS: Final = 600 * 10**9
BUSY_OPENING: Final = 2.0
"""How much busier the first ten minutes of a session are."""

AGGRESSIVE, AGGRESSIVE_AT_ONCE = 0.08, 0.75
NEVER_CANCELLED: Final = 0.06
LIFE: Final = 0.06
"""How long orders rest that nothing ends: share of the day's trading hours, in the mean."""

FAK_SHARE, FOK_SHARE, REJECTED_SHARE = 0.05, 0.01, 0.002
TAIL: Final = 1.35
"""Exponent of the sizes' heavy tail."""

MOST_LOTS: Final = 500
QUIET_LOTS: Final = 3
MOST_MOVES: Final = 0.05
"""Share of a contract's orders before which the middle price goes up a tick; down as many."""

MOVES_A_DAY: Final = 800
"""Ticks up in a day at most, so that a busier contract is not a wilder one."""

LIMIT_RUN: Final = 0.4
"""Share of a limit day's orders after which the upper limit is reached."""

US: Final = 1000


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of the day without the begin or end of a session within it."""

    start: int  # ns
    end: int
    orders: npt.NDArray[np.float64]  # (contracts,) how many the crowd puts in, in the mean


class Flow:
    """The crowd's orders over a day; ``slices`` are in the order of time."""

    def __init__(
        self, contracts: Sequence[Contract], crowd: Crowd, orders: int, rng: np.random.Generator
    ) -> None:
        self._rng = rng
        self._crowd = crowd
        self._quiet = np.array([each.quiet for each in contracts])
        hours = np.stack([each.sessions for each in contracts])
        self._trading = (hours[:, 1:, 1] - hours[:, 1:, 0]).sum(axis=1)
        per_contract = _orders_each(contracts, crowd, orders)
        self._moves = np.minimum(MOST_MOVES, MOVES_A_DAY / np.maximum(per_contract, 1))
        self._up = np.array(
            [(each.levels - each.previous) / LIMIT_RUN / n if each.limit_day else 0.0
             for each, n in zip(contracts, np.maximum(per_contract, 1), strict=True)]
        )  # fmt: skip
        self.slices = list(_slices(hours, per_contract, self._quiet))

    def arrivals(self, part: Slice, scale: float) -> npt.NDArray[Any]:
        """Draw a slice's orders, ``scale`` times as many as planned: (n,) ARRIVAL by time."""
        rng = self._rng
        counts = rng.poisson(part.orders * np.where(self._quiet, 1.0, scale))
        contract = np.repeat(np.arange(len(counts)), counts)
        n = len(contract)
        rows = np.zeros(n, _floor.ARRIVAL)
        rows["ts"] = part.start + rng.integers(0, (part.end - part.start) // US, n) * US
        contract = contract[order := np.argsort(rows["ts"], kind="stable")]
        rows["ts"] = rows["ts"][order]
        quiet = self._quiet[contract]
        rows["cell"] = self._cells(contract)
        rows["pick"] = rng.integers(0, 1 << 16, n)
        life = rng.exponential(LIFE, n) * self._trading[contract]
        rows["life"] = np.where(rng.random(n) < NEVER_CANCELLED, 0, life).astype(np.int64)
        rows["lots"] = np.where(quiet, rng.integers(1, QUIET_LOTS + 1, n), self._lots(n))
        rows["drift"] = self._drift(contract)
        kind = np.where(quiet, 1.0, rng.random(n))
        at_once = kind < FAK_SHARE + FOK_SHARE
        rows["tif"] = schema.Tif.GFD
        rows["tif"][at_once] = schema.Tif.FAK
        rows["tif"][kind < FOK_SHARE] = schema.Tif.FOK
        rows["away"] = self._away(at_once)
        rows["offset"] = rng.choice(4, n, p=(0.55, 0.1, 0.25, 0.1)) + 1
        rejected = rng.random(n) < REJECTED_SHARE
        rows["action"] = np.where(rejected, schema.Action.REJECT, schema.Action.NEW)
        return rows

    def _cells(self, contract: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Draw who puts each order in, those more often who are more active."""
        running, starts = self._crowd.drawn_from, self._crowd.starts
        before = np.concatenate([[0.0], running])
        low, high = before[starts[contract]], before[starts[contract + 1]]
        drawn = np.searchsorted(running, low + self._rng.random(len(contract)) * (high - low))
        clipped: npt.NDArray[np.int64] = np.clip(
            drawn, starts[contract], starts[contract + 1] - 1
        )
        return clipped

    def _lots(self, n: int) -> npt.NDArray[np.int64]:
        return np.minimum(1 + self._rng.pareto(TAIL, n), MOST_LOTS).astype(np.int64)

    def _away(self, at_once: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Draw how far from the middle price an order is put in; below 0: through it."""
        rng, n = self._rng, len(at_once)
        passive = 1 + rng.exponential(3.0, n) + np.where(rng.random(n) < 0.03, 25.0, 0.0)
        through = rng.random(n) < np.where(at_once, AGGRESSIVE_AT_ONCE, AGGRESSIVE)
        return np.where(through, -rng.integers(1, 4, n), passive).astype(np.int64)

    def _drift(self, contract: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Draw the ticks by which the middle price moves before an order."""
        move = self._rng.random(len(contract))
        up = np.minimum(self._up[contract], 5.0)
        steps = up.astype(np.int64) + (self._rng.random(len(contract)) < up % 1)
        share = self._moves[contract]
        steps += (move < share).astype(np.int64) - (move > 1 - share)
        return np.asarray(steps)


def _orders_each(
    contracts: Sequence[Contract], crowd: Crowd, orders: int
) -> npt.NDArray[np.float64]:
    """Return how many orders the crowd puts in each contract, by Zipf but in the quiet ones."""
    quiet = np.array([each.quiet for each in contracts])
    weight = np.array([each.weight for each in contracts])
    few = np.diff(crowd.starts) * QUIET_ORDERS * quiet
    few = np.minimum(few, orders / len(contracts) / QUIET_ORDERS)
    return np.asarray(np.where(quiet, few, weight / weight.sum() * max(0.0, orders - few.sum())))


def _slices(
    hours: npt.NDArray[np.int64],
    per_contract: npt.NDArray[np.float64],
    quiet: npt.NDArray[np.bool_],
) -> Iterator[Slice]:
    """Cut the day at every begin and end of a session, and finer, with the orders of each part."""
    edges = np.unique(hours[hours > 0])
    length = max(int(edges[-1] - edges[0]) // LEAST_SLICES, 1)
    cuts = [start for low, high in pairwise(edges)
            for start in range(int(low), int(high), length)]  # fmt: skip
    cuts = sorted({*cuts, int(edges[-1])})
    pieces = list(pairwise(cuts))
    busy = np.zeros((len(pieces), len(per_contract)))
    for index, (start, end) in enumerate(pieces):
        inside = (hours[:, :, 0] <= start) & (end <= hours[:, :, 1])
        opening = (hours[:, 1:, 0] == start).any(axis=1) * min(end - start, OPENING_NS)
        trading = inside[:, 1:].any(axis=1) * (end - start)
        busy[index] = trading + opening * (BUSY_OPENING - 1)
    busy *= per_contract / busy.sum(axis=0)
    for index, (start, end) in enumerate(pieces):
        auction = (hours[:, 0, 0] <= start) & (end <= hours[:, 0, 1]) & ~quiet
        span = hours[:, 0, 1] - hours[:, 0, 0]
        orders = busy[index] + auction * per_contract * IN_AUCTION * (end - start) / span
        parts = int(orders.sum() // BLOCK_ORDERS) + 1
        marks = np.linspace(start, end, parts + 1).astype(np.int64).tolist()
        for low, high in pairwise(marks):
            yield Slice(low, high, orders / parts)
