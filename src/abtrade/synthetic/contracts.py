"""Contracts of a made-up day: real product codes as each exchange spells them, busy by Zipf."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..market.contracts import STARTER, STARTER_COLUMNS
from ..side_tables import holds, read_table
from .hours import sessions_of

PRODUCTS: Final = Path(__file__).with_name("products.csv")
"""Products in the order of how busy they are; prices of about the right size, made up."""

QUIET: Final = {"SHFE": "wr", "INE": "bc", "DCE": "bb", "CZCE": "RI", "CFFEX": "TF", "GFEX": "si"}
"""A product of each exchange in which the crowd does next to nothing."""

QUIET_EACH: Final = 2
STILL_EACH: Final = 2
"""Contracts of an exchange in which nobody trades but who is planted, where some ask for them."""

BUSY_EACH: Final = 3
"""Least contracts of an exchange: quiet ones, and others (two without an order fee, one with)."""

MOST_CONTRACTS: Final = 250
"""Of a day that asks for no number of its own."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract; levels count ticks from its lower limit."""

    exchange: str
    product: str
    name: str
    tick: Fraction
    multiplier: float
    lowest: int  # lower limit in ticks
    levels: int  # prices from the lower to the upper limit
    previous: int  # level of the previous close
    order_fee: bool
    quiet: bool
    limit_day: bool  # runs to its upper limit and stays there
    weight: float  # share of the crowd's orders, not normalised
    sessions: npt.NDArray[np.int64]  # (5, 2), see ``hours``
    still: bool = False  # of the quiet product, without a crowd

    def price(self, level: int) -> float:
        """Return a price as the log writes it."""
        return float((self.lowest + level) * self.tick)


@dataclass(frozen=True, slots=True)
class _Product:
    exchange: str
    code: str
    tick: Fraction
    multiplier: float
    price: Fraction
    limit: Fraction
    rank: int


def choose_contracts(
    exchanges: Sequence[str],
    count: int,
    day: date,
    rng: np.random.Generator,
    *,
    still: bool = False,
    quiet_fee: bool = False,
) -> list[Contract]:
    """Return ``count`` contracts of the exchanges, the busiest first, the quiet ones last.

    still : two more of each exchange, in which nobody trades but who is planted
    quiet_fee : the quiet ones, and these, have an order fee

    Raises InputError where the day has not so many, or the exchanges need more.
    """
    least = (QUIET_EACH + BUSY_EACH) * len(exchanges)
    if count < least:
        raise InputError(
            f"found {count} contracts, expected {least} or more: "
            f"{QUIET_EACH + BUSY_EACH} for each exchange"
        )
    products = [each for each in _products(day) if each.exchange in exchanges]
    listed = []
    for product in products:
        for month, name in enumerate(_names(product, day)):
            noise = rng.random()
            listed.append((product.rank + 9 * month + 6 * noise, name, product))
    listed.sort(key=lambda entry: entry[:2])
    quiet = [entry for entry in listed if QUIET[entry[2].exchange] == entry[2].code]
    busy = [entry for entry in listed if QUIET[entry[2].exchange] != entry[2].code]
    idle = _first_of_each(quiet, exchanges, QUIET_EACH + STILL_EACH)
    quiet = _first_of_each(quiet, exchanges, QUIET_EACH)
    idle = [entry for entry in idle if still and entry not in quiet]
    first = _first_of_each(busy, exchanges, BUSY_EACH)
    rest = [entry for entry in busy if entry not in first]
    wanted = count - len(quiet) - len(first)
    if wanted > len(rest):
        most = count - wanted + len(rest)
        raise InputError(f"found {count} contracts, expected {most} or fewer on {day}")
    chosen = sorted(first + rest[:wanted], key=lambda entry: entry[:2])
    made = []
    seen: dict[str, int] = {}
    for rank, (_, name, product) in enumerate(chosen, start=1):
        nth = seen[product.exchange] = seen.get(product.exchange, 0) + 1
        limit_day = nth > BUSY_EACH and nth % 12 == 5
        made.append(_contract(product, name, day, rng, weight=1 / rank, order_fee=nth % 3 == 0,
                              limit_day=limit_day))  # fmt: skip
    for entries, is_still in ((quiet, False), (idle, True)):
        for _, name, product in entries:
            each = _contract(product, name, day, rng, order_fee=quiet_fee)
            made.append(replace(each, still=is_still))
    return made


def named_contracts(
    exchange: str, names: Sequence[str], day: date, rng: np.random.Generator
) -> list[Contract]:
    """Return an exchange's contracts of these names, the busiest first."""
    offered = {name: product for product in _products(day) if product.exchange == exchange
               for name in _names(product, day)}  # fmt: skip
    return [_contract(offered[name], name, day, rng, weight=1 / rank)
            for rank, name in enumerate(names, start=1)]  # fmt: skip


def _first_of_each(
    listed: list[tuple[float, str, _Product]], exchanges: Sequence[str], count: int
) -> list[tuple[float, str, _Product]]:
    return [
        entry
        for exchange in exchanges
        for entry in [each for each in listed if each[2].exchange == exchange][:count]
    ]


def _contract(
    product: _Product, name: str, day: date, rng: np.random.Generator,
    *, weight: float = 0.0, order_fee: bool = False, limit_day: bool = False,
) -> Contract:  # fmt: skip
    close = product.price * Fraction(str(round(1 + 0.04 * (rng.random() - 0.5), 4)))
    previous = round(close / product.tick)
    lowest = round(previous * (1 - product.limit))
    highest = round(previous * (1 + product.limit))
    return Contract(
        product.exchange, product.code, name, product.tick, product.multiplier,
        lowest, highest - lowest + 1, previous - lowest, order_fee,
        QUIET[product.exchange] == product.code, limit_day, weight,
        sessions_of(product.exchange, product.code, day),
    )  # fmt: skip


def _products(day: date) -> list[_Product]:
    """Return the products whose tick is known on the day."""
    starter = read_table(STARTER, STARTER_COLUMNS)
    ticks = {
        (exchange, product): (tick, multiplier)
        for _, exchange, product, tick, multiplier, start, end in starter.select(
            "exchange", "product", "tick", "multiplier", "from", "to"
        )
        if tick is not None and holds(day, start, end)
    }
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    products = []
    ranks: dict[str, int] = {}
    for row in rows:
        key = (row["exchange"], row["product"])
        rank = ranks[row["exchange"]] = ranks.get(row["exchange"], 0) + 1
        if key not in ticks:
            continue
        tick, multiplier = ticks[key]
        products.append(
            _Product(*key, Fraction(str(tick)), multiplier, Fraction(row["price"]),
                     Fraction(row["limit"]), rank)
        )  # fmt: skip
    return products


def _names(product: _Product, day: date) -> list[str]:
    """Return a product's contracts of the next twelve months, main months first."""
    mains = (3, 6, 9, 12) if product.exchange == "CFFEX" else (1, 5, 9)
    ahead = [divmod(day.year * 12 + day.month - 1 + step, 12) for step in range(1, 13)]
    ahead.sort(key=lambda month: month[1] + 1 not in mains)
    years = 1 if product.exchange == "CZCE" else 2
    return [f"{product.code}{str(year)[-years:]}{month + 1:02d}" for year, month in ahead]
