"""Planter: gives each story its people and contracts, and turns its acts into commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from . import _floor
from .contracts import BUSY_EACH, Contract
from .people import Account
from .stories import Act, Story

Ints = npt.NDArray[np.int64]

FAR: Final = 0.1
"""Planted orders that are to meet nothing stand in this lowest part of the day's prices."""

BYSTANDERS: Final = 40
"""Accounts of an exchange that give others the lots they are to be filled with."""

GROUP_CLIENTS: Final = 3
ENDED: Final = "ended"
"""Status of a group whose link does not hold on the day."""

MS: Final = 10**6
PEOPLE: Final = {"one": 1, "members": 3, "strangers": 2, "expired": 2}
STATUSES: Final = {"group": "filed", "determined": "determined", "suspected": "suspected"}


@dataclass(frozen=True, slots=True)
class Plot:
    """A story with the accounts and contracts it was given, as positions."""

    story: Story
    exchange: str
    accounts: tuple[int, ...]
    contracts: tuple[int, ...]


@dataclass(slots=True)
class Planted:
    """All that is planted in a day; ``accounts`` are numbered from ``first`` on."""

    first: int
    plots: list[Plot] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    makers: list[tuple[Account, str]] = field(default_factory=list)
    bystanders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    commands: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, _floor.COMMAND))

    def account(self, number: int) -> Account:
        """Return an account by its number in the day."""
        return self.accounts[number - self.first]


def plant(
    stories: Sequence[Story], contracts: Sequence[Contract], first: int, rng: np.random.Generator
) -> Planted:
    """Give each story an exchange, people of its own and contracts; plan what they do when.

    first : number of the first planted account
    """
    planted = Planted(first)
    exchanges = list(dict.fromkeys(each.exchange for each in contracts))
    for exchange in exchanges:
        people = [_account(planted, exchange, 0) for _ in range(BYSTANDERS)]
        planted.bystanders[exchange] = tuple(people)
    taken: set[int] = set()
    for index, story in enumerate(stories):
        exchange = exchanges[(index + int(rng.integers(len(exchanges)))) % len(exchanges)]
        places = _places(contracts, exchange, story.place)
        if (act := story.acts[0]).kind == "uncross":
            assert places[act.contract] not in taken, "a contract's auction is one story's"
            taken.add(places[act.contract])
        plot = Plot(story, exchange, _people(planted, story, exchange, index), places)
        planted.plots.append(plot)
        if story.maker:
            maker = planted.account(plot.accounts[0])
            planted.makers.append((maker, contracts[places[0]].product))
    write_commands(planted, contracts, rng)
    return planted


def write_commands(
    planted: Planted, contracts: Sequence[Contract], rng: np.random.Generator
) -> None:
    """Plan when the people of each plot do what, and put it down as commands."""
    scribe = _Scribe(contracts, planted, rng)
    parts = [part for plot in planted.plots for part in scribe.commands(plot)]
    if parts:
        every = np.concatenate(parts)
        planted.commands = every[np.argsort(every["ts"], kind="stable")]


def _people(planted: Planted, story: Story, exchange: str, index: int) -> tuple[int, ...]:
    """Make a story's accounts; return their numbers."""
    if story.spread in STATUSES:
        group = f"PLOT{index:04d}"
        return tuple(
            _account(planted, exchange, each, group, STATUSES[story.spread])
            for each in range(GROUP_CLIENTS)
        )
    count = PEOPLE[story.spread]
    if story.spread == "members":
        one = _account(planted, exchange, 0)
        client = planted.account(one).client
        others = [_account(planted, exchange, each, client=client) for each in range(1, count)]
        return (one, *others)
    past = f"PAST{index:04d}" if story.spread == "expired" else None
    return tuple(_account(planted, exchange, each, past, ENDED) for each in range(count))


def _account(
    planted: Planted, exchange: str, member: int, group: str | None = None, status: str = "filed",
    client: str | None = None,
) -> int:  # fmt: skip
    number = planted.first + len(planted.accounts)
    client = client or f"{90_000_000 + len(planted.accounts):08d}"
    code = f"{201 + member:04d}{client}"
    planted.accounts.append(Account(code, exchange, group, status if group else "filed"))
    return number


def _places(contracts: Sequence[Contract], exchange: str, place: str) -> tuple[int, ...]:
    """Return the contracts of an exchange that suit: two, or the one with an order fee."""
    own = [i for i, each in enumerate(contracts) if each.exchange == exchange]
    if place == "quiet":
        return tuple(i for i in own if contracts[i].quiet)
    busiest = [i for i in own if not contracts[i].quiet][:BUSY_EACH]
    return tuple(i for i in busiest if contracts[i].order_fee == (place == "fee"))


class _Scribe:
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
            begun = self._begun(act, contract, plot, turn)
            turn += act.times
            yield begun
            pause = self._rng.integers(20, 400, act.times) * MS
            if act.kind in ("churn", "shrink"):
                yield _later(begun, "cancel", pause, by=schema.CancelBy[act.by.upper()])
            if act.kind == "shrink":
                yield _later(begun, "amend", pause // 2, lots=act.then)
            if act.kind == "uncross":
                yield self._bought(begun)

    def _begun(self, act: Act, contract: int, plot: Plot, turn: int) -> npt.NDArray[Any]:
        """Return the first command of each time an act is done."""
        n, rng, made = act.times, self._rng, self._contracts[contract]
        rows = np.zeros(n, _floor.COMMAND)
        kind = act.kind if act.kind in _floor.COMMANDS else "new"
        rows["kind"] = _floor.COMMANDS[kind]
        rows["ts"] = _instants(made, np.sort(rng.random(n)), auction=act.auction)
        rows["handle"] = np.arange(self._handles, self._handles + n)
        self._handles += n
        rows["contract"] = contract
        people = np.array(plot.accounts)
        rows["account"] = people[(np.arange(n) + turn) % len(people)]
        rows["contra_account"] = people[(np.arange(n) + turn + 1) % len(people)]
        rows["contra_hedge"] = schema.Hedge[act.contra_hedge.upper()]
        rows["contra_offset"] = schema.Offset.CLOSE
        if act.kind in ("fill", "sweep"):
            rows["contra_account"] = [next(self._givers[plot.exchange]) for _ in range(n)]
        rows["level"] = rng.integers(0, max(1, int(made.levels * FAR)), n)
        rows["lots"] = rng.integers(act.lots[0], act.lots[1] + 1, n)
        rows["times"] = act.rests
        rows["side"] = schema.Side.BUY - 1
        rows["offset"] = schema.Offset[act.offset.upper()]
        rows["hedge"] = schema.Hedge[act.hedge.upper()]
        rows["order_type"] = schema.OrderType[act.order_type.upper()]
        rows["tif"] = schema.Tif[act.tif.upper()]
        if act.kind == "uncross":
            rows["level"], rows["side"] = made.previous, schema.Side.SELL - 1
        return rows

    def _bought(self, begun: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the buys that meet the sells of an auction, the first the first."""
        rows = begun.copy()
        rows["account"] = begun["contra_account"]
        rows["side"] = schema.Side.BUY - 1
        rows["handle"] += len(rows)
        self._handles += len(rows)
        return rows


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


def _instants(contract: Contract, share: npt.NDArray[np.float64], *, auction: bool) -> Ints:
    """Return times, in whole ms, after shares of the trading hours or of the auction."""
    hours = contract.sessions[:1] if auction else contract.sessions[1:]
    length = np.maximum(hours[:, 1] - hours[:, 0] - 1000 * MS, 0)  # the last second is left free
    ends = np.cumsum(length)
    done = (share * 0.99 * ends[-1]).astype(np.int64) // MS * MS
    session = np.searchsorted(ends, done, side="right")
    into = done - (ends[session] - length[session])
    return np.asarray(hours[session, 0] + 100 * MS + into)
