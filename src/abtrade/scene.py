"""Scene: what the page of an explained alert shows besides its events.

The orders of the subject with their lives, the market's trades in the same contracts, and the
hours of trading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from . import ids
from .concerned import members
from .job import Job, Prepared
from .market.sessions import load_sessions
from .market_line import Line, Market
from .names import Names
from .order_lives import Life, Lives, self_traded
from .reference_levels import Heard
from .reference_rows import OrderKey
from .schema import Action

_MINUTE: Final = 60 * 10**9
LONGEST_PAUSE_MIN: Final = 10
"""A pause as long as this, in no session and without a row, is no time of trading."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A contract, and its market."""

    exchange: str
    contract: str
    tick: float  # what the line's prices are told in
    line: Line


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is drawn around the events; times are ns since 1970 UTC.

    ``contract_of`` and ``account_of`` give places in ``contracts`` and names of accounts for the
    ids that lives hold; ``touched`` the places of orders by event; ``self_trades`` steps of orders.
    """

    contracts: list[Shown]
    orders: list[Life]
    contract_of: dict[int, int]
    account_of: dict[int, str]
    touched: list[list[int]]
    self_trades: set[tuple[OrderKey, int]]
    hours: list[tuple[int, int]]
    run: dict[str, Any]


def make_scene(
    job: Job,
    ready: Prepared,
    names: Names,
    heard: list[Heard],
    lives: Lives,
    alert: Mapping[str, Any],
    run: dict[str, Any],
) -> Scene:
    """Return the scene of some events; the log is read once more, for the market's trades."""
    keys = [_keys(event) for event in heard]
    seen = {event.row.contract for event in heard} | {key.contract for each in keys for key in each}
    contracts = sorted(seen, key=lambda contract: (names.contracts[contract][1], contract))
    market = Market(contracts)
    if contracts:
        for batch in job.batches(ready, names):
            market.take(batch)
        market.finish()
    mask = members(names, ready.subjects, alert)
    orders = lives.of(set(np.flatnonzero(mask).tolist()), seen)
    place = {life.key: at for at, life in enumerate(orders)}
    lines = market.lines
    return Scene(
        contracts=[_shown(ready, names, contract, lines[contract]) for contract in contracts],
        orders=orders,
        contract_of={contract: at for at, contract in enumerate(contracts)},
        account_of={life.account: names.accounts[life.account][1] for life in orders},
        touched=[[place[key] for key in each if key in place] for each in keys],
        self_trades=self_traded(orders),
        hours=_hours(job, ready, names, contracts, market),
        run=run,
    )


def _keys(event: Heard) -> list[OrderKey]:
    """Return the orders that an event is about: none of a request for quotes, both of a match."""
    row, pair = event.row, event.pair
    if row.action == Action.RFQ:
        return []
    if pair is not None:
        return [
            OrderKey(pair.incoming_contract, *ids.pack(pair.incoming)),
            OrderKey(pair.resting_contract, *ids.pack(pair.resting)),
        ]
    own = row.order_reference().key
    return [own, row.contra_reference().key] if row.has_contra else [own]


def _shown(ready: Prepared, names: Names, contract: int, line: Line) -> Shown:
    exchange, name = names.exchange_of(contract), names.contracts[contract][1]
    tick = ready.contracts.facts(exchange, name).tick
    return Shown(exchange, name, 1e-6 if tick is None else float(tick), line)


def _hours(
    job: Job, ready: Prepared, names: Names, contracts: list[int], market: Market
) -> list[tuple[int, int]]:
    """Return when there was trading: sessions that are known, and whatever has rows besides.

    They begin with the first row and end with the last.
    """
    if not len(market.minutes):
        return []
    sessions = load_sessions(job.tables["sessions"])
    spans = [(minute * _MINUTE, (minute + 1) * _MINUTE) for minute in market.minutes.tolist()]
    first, end = spans[0][0], spans[-1][1]
    for contract in contracts:
        exchange, name = names.exchange_of(contract), names.contracts[contract][1]
        product = ready.contracts.facts(exchange, name).product
        known = sessions.phases(exchange, product, job.log.day, job.log.calendar)
        spans += [(each.start, each.end) for each in known or ()]
    joined: list[tuple[int, int]] = []
    for start, stop in sorted((max(a, first), min(b, end)) for a, b in spans):
        if stop <= start:
            continue
        if joined and start - joined[-1][1] < LONGEST_PAUSE_MIN * _MINUTE:
            joined[-1] = joined[-1][0], max(joined[-1][1], stop)
        else:
            joined.append((start, stop))
    return joined
