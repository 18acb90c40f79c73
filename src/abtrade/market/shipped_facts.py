"""Facts of contracts that ship, dated: which carry an order fee, and how large orders may be.

Each row names a product, or all futures or all options of an exchange, and has its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from ..side_tables import DATES, Column, holds, read_table
from .products import Layer, days_told

SHIPPED: Final = Path(__file__).with_name("contract_facts.csv")
FACTS: Final[dict[str, Column]] = {
    "order_fee": Column("bool"),
    "max_order_lots": Column("int", positive=True),
    "max_market_order_lots": Column("int", positive=True),
}
"""What a row may state, as in a user's contract table; lots are of limit and of market orders."""
COLUMNS: Final[dict[str, Column]] = {
    "exchange": Column("exchange", required=True, filled=True),
    "product": Column(required=True),  # blank: every product of the kind
    "kind": Column(required=True, filled=True, words=("future", "option")),
    **FACTS,
    **DATES,
    "status": Column(required=True, filled=True, words=("verified", "secondary")),
    "source": Column(required=True, filled=True),
}


class ShippedFacts:
    """What the shipped file says on one day. What no source tells is in no row."""

    def __init__(self, day: date) -> None:
        self._told: dict[tuple[str, str | None, str], list[Layer]] = {}
        asked = ("exchange", "product", "kind", "from", "to", "status", "source", *FACTS)
        rows = read_table(SHIPPED, COLUMNS).select(*asked)
        for _, exchange, product, kind, start, end, status, source, *cells in rows:
            if not holds(day, start, end):
                continue
            named = zip(FACTS, cells, strict=True)
            facts = {name: value for name, value in named if value is not None}
            where = f"shipped{days_told(start, end)}: {source} ({status})"
            self._told.setdefault((exchange, product, kind), []).append(Layer(facts, where))

    def of(self, exchange: str, product: str | None, kind: str | None) -> Iterator[Layer]:
        """Yield what is said of a contract: of its product first, then of all of its kind."""
        if product is None or kind is None:
            return
        for named in (product, None):
            yield from self._told.get((exchange, named, kind), ())

    def tell(self, fact: str, exchange: str | None) -> bool:
        """Whether a row states the fact at an exchange, None: at any."""
        return any(
            fact in layer.facts and exchange in (None, key[0])
            for key, layers in self._told.items()
            for layer in layers
        )


def largest_orders(exchange: str, product: str, first: date, last: date | None) -> int | None:
    """Return the most lots of a limit order in a product between two days, both inclusive.

    None where it is not known for some of the days; ``last`` None: from the first day on.
    """
    table = read_table(SHIPPED, COLUMNS)
    spans: list[tuple[date, date, int]] = sorted(
        (start or date.min, end or date.max, lots)
        for _, at, named, start, end, lots in table.select(
            "exchange", "product", "from", "to", "max_order_lots"
        )
        if (at, named) == (exchange, product) and lots is not None
    )
    known_to = first.toordinal() - 1
    for start, end, _ in spans:
        if start.toordinal() <= known_to + 1:
            known_to = max(known_to, end.toordinal())
    if known_to < (last or date.max).toordinal():
        return None
    return max(lots for start, end, lots in spans if end >= first and start <= (last or date.max))
