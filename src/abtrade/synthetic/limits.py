"""Limits of a made-up day: how many lots of what, and the table that tells them.

They stand on quiet products alone, so that no one of the crowd comes near one. The table has rows
of other days besides: one that ended the day before, one that begins the day after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from ..rules.rule import Rule
from .contracts import Contract
from .plots import Planted


class Limit(NamedTuple):
    """One limit of each quiet contract, or of each quiet product."""

    name: str
    scope: str
    lots: int


POSITION: Final = "position"
LIMITS: Final = (
    Limit("opening", "contract", 500),
    Limit("ordered_opening", "product", 600),
    Limit(POSITION, "contract", 300),
)

COLUMNS: Final = (
    "exchange", "contract", "product", "limit", "scope", "client", "hedge", "lots", "from", "to",
    "source",
)  # fmt: skip
ANOTHER_DAY: Final = 1
"""Lots of the rows that do not hold on the day: whoever goes by them accuses everybody."""

GIVERS_LOTS: Final = 100_000
"""What each of those may hold who give others the lots they are to be filled with."""


class OwnLimits:
    """What single clients have been granted, by exchange and client."""

    def __init__(self, planted: Planted) -> None:
        self.quotas: dict[tuple[str, str], int] = {}
        self.givers: dict[tuple[str, str], int] = {}
        for plot in planted.plots:
            for account in map(planted.account, plot.accounts if plot.story.quota else ()):
                self.quotas[account.exchange, account.client] = plot.story.quota
        for numbers in planted.bystanders.values():
            for account in map(planted.account, numbers):
                self.givers[account.exchange, account.client] = GIVERS_LOTS


def lots_of(
    rule: Rule, contract: Contract, own: OwnLimits, clients: Collection[str]
) -> int | None:
    """Return the lots by which a rule judges some clients together, None where it has no limit."""
    found = [each.lots for each in LIMITS if each[:2] == (rule.limit, rule.scope)]
    if not found or not contract.quiet:
        return None
    if rule.limit != POSITION:
        return found[0]
    keys = [(contract.exchange, client) for client in clients]
    lots = min([own.givers[key] for key in keys if key in own.givers] or found)
    return lots + sum(own.quotas.get(key, 0) for key in keys if rule.quotas)


def limit_rows(
    day: date, contracts: Sequence[Contract], own: OwnLimits
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table, cells as ``COLUMNS``."""
    products = dict.fromkeys((each.exchange, each.product) for each in contracts if each.quiet)
    for limit in LIMITS:
        if limit.scope == "product":
            for exchange, product in products:
                yield from _dated(day, (exchange, "", product, *limit[:2], "", ""), limit.lots)
        else:
            for each in contracts:
                if each.quiet:
                    about = (each.exchange, each.name, "", *limit[:2], "", "")
                    yield from _dated(day, about, limit.lots)
    for exchange, product in products:
        for granted, hedge in ((own.givers, ""), (own.quotas, "arbitrage")):
            for (where, client), lots in granted.items():
                if where == exchange:
                    about = (exchange, "", product, POSITION, "contract", client, hedge)
                    yield from _dated(day, about, lots)


def _dated(day: date, about: tuple[str, ...], lots: int) -> Iterator[tuple[object, ...]]:
    """Yield a limit's row of the day, between rows of other days."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    yield (*about, ANOTHER_DAY, "2020-01-02", before, "made up")
    yield (*about, lots, day, day, "made up")
    yield (*about, ANOTHER_DAY, after, "", "made up")
