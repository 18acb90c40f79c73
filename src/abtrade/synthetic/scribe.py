"""Scribe: turns the acts of a story into commands for the floor, with times, sizes and prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from . import _floor
from .contracts import Contract
from .plots import Planted, Plot
from .story import Act

Ints = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

FAR: Final = 0.1
"""Planted orders that are to meet nothing stand in this lowest part of the day's prices."""

TOUCHED: Final = 0.5
"""Share of the day after which a still contract first trades, at one of its limit prices."""

_KINDS: Final = {"cross": "cross", "fill": "fill", "shed": "fill", "sweep": "sweep", "rfq": "rfq"}
"""Kind of act -> of command; ``new`` for others."""

MS: Final = 10**6
SECOND: Final = 1000 * MS


class Scribe:
    """Writes commands, with times, sizes and prices drawn at random."""

    def __init__(
        self, contracts: Sequence[Contract], planted: Planted, rng: np.random.Generator
    ) -> None:
        self._contracts = contracts
        self._rng = rng
        self._handles = 0
        self._givers = {name: cycle(people) for name, people in planted.bystanders.items()}

    def commands(self, plot: Plot) -> Iterator[npt.NDArray[Any]]:
        """Yield the commands of each act, not in order."""
        turn = 0
        for act in plot.story.acts:
            contract = plot.contracts[act.contract]
            if act.kind == "burst":
                yield from self._bursts(act, plot)
                continue
            begun = self._begun(act, contract, plot, turn)
            turn += act.times
            yield begun
            pause = self._pauses(act, contract, begun)
            if act.kind in ("churn", "shrink"):
                yield _later(begun, "cancel", pause, by=schema.CancelBy[act.by.upper()])
            if act.kind == "shrink":
                yield _later(begun, "amend", pause // 2, lots=act.then)
            if act.kind == "uncross":
                yield self._bought(begun)

    def touch(self, contract: int, limit: str, people: Sequence[int]) -> list[npt.NDArray[Any]]:
        """Return the first trade of a still contract, of one lot at a limit price.

        One side of it stands first in the queue from the opening on, so that it meets no other.
        """
        made = self._contracts[contract]
        rows = np.zeros(2, _floor.COMMAND)
        rows["kind"] = _floor.COMMANDS["new"]
        rows["ts"] = _instants(made, np.array([0.0, TOUCHED]), auction=False)
        rows["handle"] = self._new_handles(2)
        rows["contract"], rows["account"], rows["lots"] = contract, people, 1
        rows["level"], rows["side"] = _level_at(limit, made)
        rows["side"][1] = 1 - rows["side"][0]
        rows["offset"], rows["hedge"] = schema.Offset.OPEN, schema.Hedge.SPECULATION
        rows["order_type"], rows["tif"] = schema.OrderType.LIMIT, schema.Tif.GFD
        return [rows]

    def _begun(self, act: Act, contract: int, plot: Plot, turn: int) -> npt.NDArray[Any]:
        """Return the first command of each time an act is done."""
        n, rng, made = act.times, self._rng, self._contracts[contract]
        rows = np.zeros(n, _floor.COMMAND)
        rows["kind"] = _floor.COMMANDS[_KINDS.get(act.kind, "new")]
        shares = _within(act.window, np.sort(rng.random(n)))
        rows["ts"] = _instants(made, shares, auction=act.auction)
        rows["handle"] = self._new_handles(n)
        rows["contract"] = contract
        people = np.array(plot.accounts[: act.hands or None])
        rows["account"] = people[(np.arange(n) + turn) % len(people)]
        rows["contra_account"] = people[(np.arange(n) + turn + 1) % len(people)]
        rows["contra_hedge"] = schema.Hedge[act.contra_hedge.upper()]
        rows["contra_offset"] = schema.Offset.CLOSE
        if act.kind in ("fill", "shed", "sweep"):
            rows["contra_account"] = [next(self._givers[plot.exchange]) for _ in range(n)]
        rows["level"] = rng.integers(0, max(1, int(made.levels * FAR)), n)
        rows["lots"] = rng.integers(act.lots[0], act.lots[1] + 1, n)
        rows["times"] = act.rests
        rows["side"] = (schema.Side.SELL if act.kind == "shed" else schema.Side.BUY) - 1
        if act.at != "far":
            rows["level"], rows["side"] = _level_at(act.at, made)
        self._describe(rows, act)
        if act.kind == "uncross":
            rows["level"], rows["side"] = made.previous, schema.Side.SELL - 1
        return rows

    def _describe(self, rows: npt.NDArray[Any], act: Act) -> None:
        """Set what an act says of its orders."""
        rows["offset"] = schema.Offset[act.offset.upper()]
        rows["hedge"] = schema.Hedge[act.hedge.upper()]
        rows["order_type"] = schema.OrderType[act.order_type.upper()]
        rows["tif"] = schema.Tif[act.tif.upper()]

    def _pauses(self, act: Act, contract: int, begun: npt.NDArray[Any]) -> Ints:
        """Return how long after each order it is taken off, in ns."""
        pause: Ints = self._rng.integers(20, 400, act.times) * MS
        if act.until is None:
            return pause
        shares = _within(act.until, np.sort(self._rng.random(act.times)))
        ends = _instants(self._contracts[contract], shares, auction=False)
        return np.asarray(ends - begun["ts"])

    def _bursts(self, act: Act, plot: Plot) -> Iterator[npt.NDArray[Any]]:
        """Yield the messages of each burst, in turn of accounts, contracts and kinds.

        Of a storm they are FAK orders. Else two orders that are taken off within the burst, and
        requests for quote.
        """
        contract = self._contracts[plot.contracts[0]]
        n, m = act.times, act.messages
        shares = (np.arange(n) + 0.5 * self._rng.random(n)) / n
        begins = _instants(contract, shares, auction=False, free=5 * SECOND) // SECOND * SECOND
        offsets = np.stack([self._offsets(act) for _ in range(n)])
        number = np.tile(np.arange(m), n)
        rows = np.zeros(n * m, _floor.COMMAND)
        rows["ts"] = (begins[:, None] + offsets).ravel()
        rows["handle"] = self._new_handles(n * m)
        rows["kind"] = _floor.COMMANDS["new" if act.shape == "storm" else "rfq"]
        rows["contract"] = np.array(plot.contracts)[number % len(plot.contracts)]
        rows["account"] = np.array(plot.accounts)[number % len(plot.accounts)]
        rows["lots"], rows["side"] = act.lots[0], schema.Side.BUY - 1
        self._describe(rows, act)
        rows["tif"] = schema.Tif.FAK if act.shape == "storm" else schema.Tif.GFD
        rows["hedge"][number % 2 == 1] = schema.Hedge[act.contra_hedge.upper()]
        if act.shape != "storm":
            _put_in_and_take_off(rows, number)
        yield rows

    def _offsets(self, act: Act) -> Ints:
        """Return when after the begin of a second its messages come, in ns, ascending."""
        m, rng = act.messages, self._rng
        offsets: Ints = np.sort(rng.integers(50, 950, m)) * MS
        if act.shape == "edges":
            offsets[0], offsets[-1] = 0, SECOND - 1
        if act.shape == "seam":
            half = m // 2
            offsets[:half] = SECOND - 1 - np.sort(rng.integers(0, 400, half))[::-1] * MS
            offsets[half:] = SECOND + np.sort(rng.integers(0, 400, m - half)) * MS
        return offsets

    def _new_handles(self, n: int) -> Ints:
        handles = np.arange(self._handles, self._handles + n)
        self._handles += n
        return handles

    def _bought(self, begun: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the buys that meet the sells of an auction, the first the first."""
        rows = begun.copy()
        rows["account"] = begun["contra_account"]
        rows["side"] = schema.Side.BUY - 1
        rows["handle"] += len(rows)
        self._handles += len(rows)
        return rows


def _put_in_and_take_off(rows: npt.NDArray[Any], number: Ints) -> None:
    """Make the first and third message of each burst an order, the second and fourth its cancel."""
    for nth in (0, 2):
        put, off = number == nth, number == nth + 1
        rows["kind"][put], rows["kind"][off] = _floor.COMMANDS["new"], _floor.COMMANDS["cancel"]
        for name in ("handle", "contract", "account", "hedge"):
            rows[name][off] = rows[name][put]
        rows["cancel_by"][off] = schema.CancelBy.CLIENT


def _level_at(place: str, contract: Contract) -> tuple[int, int]:
    """Return the level and side (0 buy) of orders at a limit price, or a tick beside it."""
    if place in ("upper", "below_upper"):
        return contract.levels - 1 - (place == "below_upper"), schema.Side.BUY - 1
    return int(place == "above_lower"), schema.Side.SELL - 1


def _within(window: tuple[float, float], shares: npt.NDArray[np.float64]) -> Shares:
    """Return shares of the day as shares of a part of it."""
    return np.asarray(window[0] + shares * (window[1] - window[0]))


def _later(
    begun: npt.NDArray[Any], kind: str, pause: Ints, *, by: int = 0, lots: int = 0
) -> npt.NDArray[Any]:
    """Return what follows on each command, so many ns after it."""
    rows = begun.copy()
    rows["kind"] = _floor.COMMANDS[kind]
    rows["ts"] += pause
    rows["cancel_by"] = by
    if lots:
        rows["lots"] = lots
    return rows


def _instants(
    contract: Contract, share: Shares, *, auction: bool, free: int = SECOND
) -> Ints:
    """Return times, in whole ms, after shares of the trading hours or of the auction.

    free : ns at the end of each session that are left free
    """
    hours = contract.sessions[:1] if auction else contract.sessions[1:]
    length = np.maximum(hours[:, 1] - hours[:, 0] - free, 0)
    ends = np.cumsum(length)
    done = (share * 0.99 * ends[-1]).astype(np.int64) // MS * MS
    session = np.searchsorted(ends, done, side="right")
    into = done - (ends[session] - length[session])
    return np.asarray(hours[session, 0] + 100 * MS + into)
