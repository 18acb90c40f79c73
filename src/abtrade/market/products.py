"""Products of an exchange: those of the starter file, and those that a user's table adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..schema import EXCHANGES
from ..side_tables import DATES, Column, SideTable, holds, read_table
from .respelling import cased, split_exchange

STARTER_COLUMNS: Final[dict[str, Column]] = {
    "exchange": Column("exchange", required=True, filled=True),
    "product": Column(required=True, filled=True),
    "kind": Column(required=True, filled=True, words=("future", "option")),
    "tick": Column("float", required=True, positive=True),
    "multiplier": Column("float", required=True, positive=True),
    "source": Column(required=True, filled=True),
    **DATES,
}
STARTER: Final = Path(__file__).with_name("products.csv")


class Layer(NamedTuple):
    """What one source states; facts that it leaves blank are not in it."""

    facts: Mapping[str, Any]
    source: str  # where it stands, and on which days it holds


class ProductName(NamedTuple):
    """What a product is called."""

    exchange: str | None
    product: str
    problem: str | None = None


class Products:
    """Which products each exchange has. No date bounds that; dates bound the starter's figures."""

    def __init__(self, day: date) -> None:
        self._codes: set[tuple[str, str, str]] = set()  # exchange, kind, code
        self._starter_codes: set[str] = set()
        self._given: set[tuple[str | None, str]] = set()
        self._figures: dict[tuple[str, str], Layer] = {}  # by exchange, product
        self._take_starter(read_table(STARTER, STARTER_COLUMNS), day)

    def add(self, exchange: str | None, product: str) -> None:
        """Add a product of a user's table."""
        self._given.add((exchange, product))

    def figures(self, exchange: str, product: str) -> Layer | None:
        """Return what the starter file says of a product on the day."""
        return self._figures.get((exchange, product))

    def is_product(self, exchange: str, kind: str, code: str, product: str) -> bool:
        """Whether an exchange has a product of a kind (future, option) and code."""
        return (
            (exchange, kind, code) in self._codes
            or self._is_given(exchange, code)
            or self._is_given(exchange, product)
        )

    def named(self, exchange: str | None, text: str) -> ProductName:
        """Return the product that a text means, in the exchange's case: `SHFE.CU` is `cu` there.

        A product that is not known stands in the case of the exchange told; where none is told, as
        it stands.
        """
        affix, rest = split_exchange(text)
        if affix is not None and exchange not in (None, affix):
            found = f"found {text!r}, expected a product of {exchange}, as exchange says"
            return ProductName(exchange, text, found)
        exchange = exchange if affix is None else affix
        if exchange is not None:
            return ProductName(exchange, _cased(rest, exchange) if exchange in EXCHANGES else rest)
        fits = {
            product
            for one in EXCHANGES
            if self.has(one, product := _cased(rest, one))
        }
        if self._has_anywhere(rest) or len(fits) != 1:
            return ProductName(None, rest)
        return ProductName(None, fits.pop())

    def has(self, exchange: str, product: str) -> bool:
        """Whether an exchange has a product, or options or TAS contracts on it."""
        code = product.partition("_")[0]
        return any(self.is_product(exchange, kind, code, product) for kind in ("future", "option"))

    def _has_anywhere(self, product: str) -> bool:
        return any(self.has(exchange, product) for exchange in EXCHANGES)

    def _is_given(self, exchange: str, product: str) -> bool:
        """Whether a given row adds a product to an exchange's.

        A row without an exchange adds one to all six, unless it means one of the starter file's:
        else a fee for product `m` would make `m2505` a contract of four exchanges.
        """
        if (exchange, product) in self._given:
            return True
        return (None, product) in self._given and product not in self._starter_codes

    def _take_starter(self, starter: SideTable, day: date) -> None:
        asked = ("exchange", "product", "kind", "tick", "multiplier", "source", "from", "to")
        for _, exchange, product, kind, tick, multiplier, source, start, end in starter.select(
            *asked
        ):
            self._codes.add((exchange, kind, product))
            self._starter_codes.add(product)
            if not holds(day, start, end):
                continue
            figures = {"tick": tick, "multiplier": multiplier}
            facts = {name: value for name, value in figures.items() if value is not None}
            days = days_told(start, end)
            self._figures[exchange, product] = Layer(facts, f"starter file{days}: {source}")


def days_told(start: date | None, end: date | None) -> str:
    """Return the days on which a row holds, to stand behind its name."""
    if start is None:
        return "" if end is None else f", until {end}"
    return f", from {start}" if end is None else f", {start} to {end}"


def _cased(product: str, exchange: str) -> str:
    code, underscore, suffix = product.partition("_")
    return cased(code, exchange) + underscore + suffix.lower()
