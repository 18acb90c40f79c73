"""Rows of a user's contract table: each names a contract or a product, and states facts of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ..side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    column_names,
    dates_in_order,
    read_table,
)
from .ctp_instruments import CTP_INSTRUMENTS, LEAST_TICK, contracts_of
from .products import Layer, Products, days_told
from .respelling import find_contract, split_exchange
from .shipped_facts import FACTS as SHIPPED_FACTS
from .spelling import KINDS, OPTION_TYPES

FACTS: Final[dict[str, Column]] = {
    "kind": Column(words=KINDS),
    "expiry": Column("date"),
    "underlying": Column(),
    "series": Column(),
    "option_type": Column(words=OPTION_TYPES),
    "strike": Column("float"),
    "tick": Column("float", least=LEAST_TICK),
    "multiplier": Column("float", positive=True),
    **SHIPPED_FACTS,
    "upper_limit": Column("float"),
    "lower_limit": Column("float"),
    "previous_close": Column("float"),
    "underlying_close": Column("float"),  # of an option: the previous close of its underlying
}
"""What a row may state."""
COLUMNS: Final[dict[str, Column]] = {
    "contract": Column(),
    "exchange": Column("exchange"),
    "product": Column(),
    **FACTS,
    **DATES,
}


class GivenRow(NamedTuple):
    """A row, its contract or product in the exchange's own spelling."""

    number: int
    exchange: str | None  # None: at every exchange
    contract: str | None  # None: the row is of its product
    product: str | None
    start: date | None
    end: date | None
    layer: Layer


def read_rows(source: Source, products: Products, day: date) -> tuple[list[GivenRow], list[str]]:
    """Return the rows of a contract table, or of CTP's instruments, and notes on it.

    New products are added to ``products``. Raises InputError with every problem of the table.
    """
    rows: list[GivenRow] = []

    def check(table: SideTable) -> Iterator[Problem]:
        yield from _problems(table)
        yield from _take_rows(table, products, day, rows)
        yield from _overlaps(rows)

    if "InstrumentID" in {name.strip() for name in column_names(source)}:
        table = read_table(
            source, CTP_INSTRUMENTS, name="contracts", dump=True,
            check=lambda dump: check(contracts_of(dump)),
        )  # fmt: skip
    else:
        table = read_table(source, COLUMNS, name="contracts", check=check)
    return rows, table.notes


def _take_rows(
    table: SideTable, products: Products, day: date, rows: list[GivenRow]
) -> Iterator[Problem]:
    """Append the rows, those of products first, and yield a problem for each of none."""
    found = list(table.select("contract", "exchange", "product", "other_product", "from", "to"))
    layers = _layers(table)
    for row, layer in zip(found, layers, strict=True):
        number, contract, exchange, product, _, start, end = row
        if contract is None and product is not None:
            name = products.named(exchange, product)
            if name.problem:
                yield number, f"column 'product': {name.problem}"
            products.add(name.exchange, name.product)
            rows.append(GivenRow(number, name.exchange, None, name.product, start, end, layer))
    for row, stated in zip(found, layers, strict=True):
        number, contract, exchange, product, other_product, start, end = row
        layer = stated
        if contract is None:
            continue
        spelled, problem = find_contract(contract, exchange, day, products.is_product)
        if problem:
            yield number, f"column 'contract': {problem}"
        if spelled is not None:
            exchange = exchange or split_exchange(contract).exchange
            contract = spelled.code
        elif product is None:
            product = other_product
        if product is not None:
            own = products.named(exchange, product).product
            product = own if exchange is not None and products.has(exchange, own) else product
        if told := layer.facts.get("underlying"):
            underlying = find_contract(told, exchange, day, products.is_product).contract
            if underlying is not None:
                layer = layer._replace(facts={**layer.facts, "underlying": underlying.code})
        rows.append(GivenRow(number, exchange, contract, product, start, end, layer))


def _layers(table: SideTable) -> list[Layer]:
    """Return what each row states."""
    names = [name for name in FACTS if name in table.cells]
    return [
        Layer(
            {name: value for name, value in zip(names, facts, strict=True) if value is not None},
            f"contracts table row {number}{days_told(start, end)}",
        )
        for number, start, end, *facts in table.select("from", "to", *names)
    ]


def _problems(table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of a row."""
    yield from dates_in_order(table)
    for number, contract, product in table.select("contract", "product"):
        if contract is None and product is None:
            yield number, "found neither a contract nor a product, expected one of them"
    for number, upper, lower in table.select("upper_limit", "lower_limit"):
        if upper is not None and lower is not None and upper < lower:
            yield number, f"column 'upper_limit': found {upper}, expected {lower} or more"


class _Span(NamedTuple):
    """The days of a row."""

    start: date
    end: date
    number: int


def _overlaps(rows: list[GivenRow]) -> Iterator[Problem]:
    """Yield a problem for each row that speaks of days on which an earlier one speaks already."""
    named: dict[tuple[str, Any], dict[str | None, list[_Span]]] = {}
    for row in rows:
        key = ("contract", row.contract) if row.contract else ("product", row.product)
        span = _Span(row.start or date.min, row.end or date.max, row.number)
        named.setdefault(key, {}).setdefault(row.exchange, []).append(span)
    for (column, name), by_exchange in named.items():
        everywhere = by_exchange.get(None, [])
        clashes: set[tuple[int, int]] = set()
        for exchange, spans in by_exchange.items():
            clashes.update(_clashes(spans if exchange is None else spans + everywhere))
        for first, second in sorted(clashes):
            found = f"{column} '{name}' has dates that overlap those of row {first}"
            yield second, f"{found}, expected one row a day"


def _clashes(spans: list[_Span]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of rows that overlap, the lower first: each with the last to end."""
    last, *others = sorted(spans)
    for span in others:
        if span.start <= last.end:
            yield min(last.number, span.number), max(last.number, span.number)
        if span.end > last.end:
            last = span
