"""The contract table: which exchange and product a contract is of, and its facts on the day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from ..plan import ContractFacts
from ..side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    holds,
    read_table,
)

COLUMNS: Final[dict[str, Column]] = {
    "contract": Column(),
    "exchange": Column("exchange"),
    "product": Column(),
    "tick": Column("float", positive=True),
    "multiplier": Column("float", positive=True),
    "max_order_lots": Column("int", positive=True),
    "order_fee": Column("bool"),
    "upper_limit": Column("float"),
    "lower_limit": Column("float"),
    "underlying": Column(),
    "strike": Column("float"),
    "expiry": Column("date"),
    "previous_close": Column("float"),
    **DATES,
}
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


def load_contracts(source: Source | None, day: date) -> ContractTable:
    """Return the contracts of the day: the given table (file or Arrow) over the starter file.

    Raises InputError with every problem of the table.
    """
    given = None
    if source is not None:
        given = read_table(source, COLUMNS, name="contracts", check=_problems)
    return ContractTable(given, read_table(STARTER, STARTER_COLUMNS), day)


class ContractTable:
    """What is known of contracts on one day.

    A row that names a contract comes before one that names its product, and both before the
    starter file; a blank cell leaves the question to the next. Products are told by spelling,
    which no date bounds; dates bound the figures.
    """

    def __init__(self, given: SideTable | None, starter: SideTable, day: date) -> None:
        self.notes: list[str] = list(given.notes) if given is not None else []
        self._contracts: dict[tuple[str | None, str], _Row] = {}
        self._products: dict[tuple[str | None, str], _Row] = {}
        self._exchanges: dict[str, set[str]] = defaultdict(set)  # of a contract, as given
        self._given_products: set[tuple[str | None, str]] = set()
        self._codes: set[tuple[str, str, str]] = set()  # exchange, kind, code
        self._starter_codes: set[str] = set()
        self._ticks: dict[tuple[str, str], float] = {}  # exchange, product
        self._facts: dict[tuple[str, str], ContractFacts] = {}
        self._exchange_of: dict[str, str | None] = {}
        self._unmatched: set[tuple[str, str]] = set()
        if given is not None:
            self._take_given(given, day)
        self._take_starter(starter, day)
        rows = (*self._contracts.values(), *self._products.values())
        self.has_order_fee = any(row.order_fee is not None for row in rows)
        """Whether any row of the day says which contracts carry an order fee."""

    def exchange_of(self, contract: str) -> str | None:
        """Return the exchange of a contract, None where nothing, or more than one thing, tells."""
        if contract not in self._exchange_of:
            fitting = self._exchanges.get(contract) or {
                exchange for exchange in _FORMS if self._is_spelled(exchange, contract)
            }
            self._exchange_of[contract] = next(iter(fitting)) if len(fitting) == 1 else None
        return self._exchange_of[contract]

    def facts(self, exchange: str, contract: str) -> ContractFacts:
        """Return what is known of a contract on the day; what is not known is None."""
        found = self._facts.get((exchange, contract))
        if found is None:
            found = self._facts[exchange, contract] = self._find(exchange, contract)
            if not self.known(exchange, contract):
                self._unmatched.add((exchange, contract))
        return found

    def known(self, exchange: str, contract: str) -> bool:
        """Whether a row names the contract, or its spelling is one of the exchange's."""
        return self._row(exchange, contract) is not None or self._is_spelled(exchange, contract)

    @property
    def unmatched(self) -> list[tuple[str, str]]:
        """The contracts, with their exchange, whose facts were asked and that nothing matched."""
        return sorted(self._unmatched)

    def _take_given(self, given: SideTable, day: date) -> None:
        asked = ("contract", "exchange", "product", "tick", "order_fee", "from", "to")
        for _, contract, exchange, product, tick, order_fee, start, end in given.select(*asked):
            if contract is None:
                self._given_products.add((exchange, product))
            if not holds(day, start, end):
                continue
            row = _Row(product, tick, order_fee)
            if contract is None:
                self._products[exchange, product] = row
                continue
            self._contracts[exchange, contract] = row
            if exchange is not None:
                self._exchanges[contract].add(exchange)

    def _take_starter(self, starter: SideTable, day: date) -> None:
        asked = ("exchange", "product", "kind", "tick", "from", "to")
        for _, exchange, product, kind, tick, start, end in starter.select(*asked):
            self._codes.add((exchange, kind, product))
            self._starter_codes.add(product)
            if tick is not None and holds(day, start, end):
                self._ticks[exchange, product] = tick

    def _find(self, exchange: str, contract: str) -> ContractFacts:
        row = self._row(exchange, contract) or _Row()
        spelled = self._product(exchange, contract)
        product = row.product or spelled
        tick, order_fee = row.tick, row.order_fee
        if product is not None:
            of_product = self._products.get((exchange, product))
            of_product = of_product or self._products.get((None, product)) or _Row()
            tick = of_product.tick if tick is None else tick
            order_fee = of_product.order_fee if order_fee is None else order_fee
            if tick is None and spelled == product:
                tick = self._ticks.get((exchange, product))
        return ContractFacts(exchange, contract, product, order_fee, tick)

    def _row(self, exchange: str, contract: str) -> _Row | None:
        return self._contracts.get((exchange, contract)) or self._contracts.get((None, contract))

    def _is_spelled(self, exchange: str, contract: str) -> bool:
        """Whether the whole spelling is that of a contract, or combination, of the exchange."""
        legs = _COMBINATION.fullmatch(contract)
        return all(self._product(exchange, leg) for leg in (legs.groups() if legs else [contract]))

    def _product(self, exchange: str, contract: str) -> str | None:
        """Return the product that the whole spelling of a contract tells."""
        for form in _FORMS.get(exchange, ()):
            if fit := form.pattern.fullmatch(contract):
                code, product = fit[1], fit[1] + form.suffix
                if (exchange, form.kind, code) in self._codes:
                    return product
                if self._is_given(exchange, code) or self._is_given(exchange, product):
                    return product
        return None

    def _is_given(self, exchange: str, product: str) -> bool:
        """Whether a given row adds a product to an exchange's.

        A row without an exchange adds one to all six, unless it means one of the starter file's:
        else a fee for product `m` would make `m2505` a contract of four exchanges.
        """
        if (exchange, product) in self._given_products:
            return True
        return (None, product) in self._given_products and product not in self._starter_codes


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row of the given table states, None where it states nothing."""

    product: str | None = None
    tick: float | None = None
    order_fee: bool | None = None


class _Form(NamedTuple):
    """One way in which an exchange spells contracts; group 1 is the product's code."""

    kind: str  # the kind of product that has the code
    suffix: str  # added to the code, so that options and TAS contracts are products of their own
    pattern: re.Pattern[str]


_MONTH = "(?:0[1-9]|1[0-2])"


def _forms(future: str, option_tail: str) -> tuple[_Form, ...]:
    return (
        _Form("future", "", re.compile(future)),
        _Form("future", "_o", re.compile(future + option_tail)),
    )


_LOWER = f"([a-z]+)[0-9]{{2}}{_MONTH}"
_CFFEX = f"([A-Z]+)[0-9]{{2}}{_MONTH}"
_FORMS: Final[dict[str, tuple[_Form, ...]]] = {
    "SHFE": _forms(_LOWER, "[CP][0-9]+"),
    "INE": (
        *_forms(_LOWER, "[CP][0-9]+"),
        _Form("future", "_tas", re.compile(_LOWER + "TAS")),
    ),
    "DCE": _forms(_LOWER, "-[CP]-[0-9]+"),
    "GFEX": _forms(_LOWER, "-[CP]-[0-9]+"),
    "CZCE": _forms(f"([A-Z]+)[0-9]{_MONTH}", "[CP][0-9]+"),
    "CFFEX": (
        _Form("future", "", re.compile(_CFFEX)),
        _Form("option", "", re.compile(_CFFEX + "-[CP]-[0-9]+")),
    ),
}
_COMBINATION = re.compile("[A-Z]{2,4} ([^ &]+)&([^ &]+)")


class _Span(NamedTuple):
    """The days of a row."""

    start: date
    end: date
    number: int


def _problems(table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of a given table."""
    yield from dates_in_order(table)
    for number, contract, product in table.select("contract", "product"):
        if contract is None and product is None:
            yield number, "found neither a contract nor a product, expected one of them"
    for number, upper, lower in table.select("upper_limit", "lower_limit"):
        if upper is not None and lower is not None and upper < lower:
            yield number, f"column 'upper_limit': found {upper}, expected {lower} or more"
    yield from _overlaps(table)


def _overlaps(table: SideTable) -> Iterator[Problem]:
    """Yield a problem for each row that speaks of days on which an earlier one speaks already."""
    named: dict[tuple[str, str], dict[str | None, list[_Span]]] = {}
    asked = ("contract", "product", "exchange", "from", "to")
    for number, contract, product, exchange, start, end in table.select(*asked):
        key = ("contract", contract) if contract else ("product", product)
        span = _Span(start or date.min, end or date.max, number)
        named.setdefault(key, {}).setdefault(exchange, []).append(span)
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
