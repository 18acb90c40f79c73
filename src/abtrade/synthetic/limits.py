"""Limits of a made-up day: how many lots of what, and the table that tells them.

They stand on quiet products alone, so that no one of the crowd comes near one. The table has rows
of other days besides: one that ended the day before, one that begins the day after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from .contracts import Contract


class Limit(NamedTuple):
    """One limit of each quiet contract, or of each quiet product."""

    name: str
    scope: str
    lots: int
    hedge: str = "speculation"


LIMITS: Final = (
    Limit("opening", "contract", 500),
    Limit("ordered_opening", "product", 600),
)

COLUMNS: Final = (
    "exchange", "contract", "product", "limit", "scope", "hedge", "lots", "from", "to", "source"
)  # fmt: skip
ANOTHER_DAY: Final = 1
"""Lots of the rows that do not hold on the day: whoever goes by them accuses everybody."""


def lots_of(name: str, scope: str, contract: Contract, hedge: str = "speculation") -> int | None:
    """Return a limit in lots, None where the contract has none."""
    found = [each.lots for each in LIMITS if each[:2] == (name, scope) and each.hedge == hedge]
    return found[0] if found and contract.quiet else None


def limit_rows(day: date, contracts: Sequence[Contract]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table, cells as ``COLUMNS``."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    seen = set()
    for made in contracts:
        for each in LIMITS if made.quiet else ():
            about = (made.exchange, made.name if each.scope == "contract" else "", made.product)
            if (about, each) in seen:
                continue
            seen.add((about, each))
            exchange, contract, product = about
            key = (exchange, contract, "" if contract else product, each.name, each.scope,
                   "" if each.hedge == "speculation" else each.hedge)  # fmt: skip
            yield (*key, ANOTHER_DAY, "2020-01-02", before, "made up")
            yield (*key, each.lots, day, day, "made up")
            yield (*key, ANOTHER_DAY, after, "", "made up")
