"""Planter: gives each story its people and contracts, and turns its acts into commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from .contracts import BUSY_EACH, Contract
from .people import Account
from .plots import ENDED, LIMIT_PLACES, Planted, Plot
from .scribe import Scribe
from .story import Story

BYSTANDERS: Final = 40
"""Accounts of an exchange that give others the lots they are to be filled with."""

GROUP_CLIENTS: Final = 3
PEOPLE: Final = {"one": 1, "members": 3, "strangers": 2, "expired": 2}
STATUSES: Final = {"group": "filed", "determined": "determined", "suspected": "suspected"}


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
        if story.held:
            planted.holders |= {(account, places[0]) for account in plot.accounts}
        if story.maker:
            maker = planted.account(plot.accounts[0])
            planted.makers.append((maker, contracts[places[0]].product))
    write_commands(planted, contracts, rng)
    return planted


def write_commands(
    planted: Planted, contracts: Sequence[Contract], rng: np.random.Generator
) -> None:
    """Plan when the people of each plot do what, and put it down as commands."""
    scribe = Scribe(contracts, planted, rng)
    parts = [part for plot in planted.plots for part in scribe.commands(plot)]
    for exchange, people in planted.bystanders.items():
        for nth, contract in enumerate(still_contracts(contracts, exchange)):
            parts += scribe.touch(contract, LIMIT_PLACES[nth], people[:2])
    if parts:
        every = np.concatenate(parts)
        planted.commands = every[np.argsort(every["ts"], kind="stable")]


def still_contracts(contracts: Sequence[Contract], exchange: str) -> list[int]:
    """Return an exchange's contracts in which nobody trades but who is planted."""
    return [i for i, each in enumerate(contracts) if each.still and each.exchange == exchange]


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
    own = [i for i, each in enumerate(contracts) if each.exchange == exchange and not each.still]
    if place in LIMIT_PLACES:
        return (still_contracts(contracts, exchange)[LIMIT_PLACES.index(place)],)
    if place == "quiet":
        return tuple(i for i in own if contracts[i].quiet)
    busiest = [i for i in own if not contracts[i].quiet][:BUSY_EACH]
    return tuple(i for i in busiest if contracts[i].order_fee == (place == "fee"))
