"""The contract table: what a contract is called, and what is known of it on the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ..names import ContractName
from ..plan import ContractFacts
from ..schema import EXCHANGES
from ..side_tables import Source, holds
from .contract_rows import GivenRow, read_rows
from .products import STARTER, STARTER_COLUMNS, Layer, ProductName, Products
from .respelling import Found, find_contract
from .shipped_facts import ShippedFacts
from .spelling import Contract, parse
from .strikes import Strikes, is_deep

__all__ = ["STARTER", "STARTER_COLUMNS", "ContractTable", "Described", "load_contracts"]


def load_contracts(source: Source | None, day: date) -> ContractTable:
    """Return the contracts of the day: the given table (file or Arrow) over the starter file.

    Raises InputError with every problem of the table.
    """
    products = Products(day)
    rows, notes = ([], []) if source is None else read_rows(source, products, day)
    return ContractTable(rows, products, day, notes)


class Described(NamedTuple):
    """All that is known of a contract, and whence."""

    matched: str | None  # contracts table, spelling; None: nothing knows it
    facts: dict[str, Any]  # by name, those that are known
    sources: dict[str, str]  # of each fact
    legs: tuple[str, ...]  # of a combination


class ContractTable:
    """What is known of contracts on one day.

    A row that names a contract comes before one that names its product, both before the files that
    ship, and all before what the spelling tells; a blank cell leaves the question to the next.
    Products are told by spelling, which no date bounds; dates bound the figures.
    """

    def __init__(
        self, rows: list[GivenRow], products: Products, day: date, notes: list[str]
    ) -> None:
        self.notes = notes
        self._day = day
        self._products = products
        self._shipped = ShippedFacts(day)
        self._contract_rows: dict[tuple[str | None, str], GivenRow] = {}
        self._product_rows: dict[tuple[str | None, str], GivenRow] = {}
        self._exchanges: dict[str, set[str]] = defaultdict(set)  # of a contract, as given
        self._names: dict[tuple[str | None, str], ContractName] = {}
        self._facts: dict[tuple[str, str], ContractFacts] = {}
        self._spelled: dict[tuple[str, str], Contract | None] = {}
        for row in rows:
            if holds(day, row.start, row.end):
                self._take(row)
        self._strikes = Strikes(self._listed)
        self.exchanges = {*EXCHANGES, *(row.exchange for row in rows if row.exchange is not None)}
        """The six, and those that the table names."""
        self._has_closes = self.tells(("previous_close", "underlying_close"), None)

    def named(self, exchange: str | None, text: str) -> ContractName:
        """Return what a contract of the log is called; ``exchange`` is None where it tells none.

        The exchange's own spelling stands for every other one of the contract. A text that nothing
        knows stays as it is; one that names another exchange than the log does is a problem.
        """
        found = self._names.get((exchange, text))
        if found is None:
            found = self._names[exchange, text] = self._find_name(exchange, text)
        return found

    def product_named(self, exchange: str | None, text: str) -> ProductName:
        """Return the product that a text means."""
        return self._products.named(exchange, text)

    def has_product(self, exchange: str, product: str) -> bool:
        """Whether an exchange has a product, by the starter file or the given table."""
        return self._products.has(exchange, product)

    def facts(self, exchange: str, contract: str) -> ContractFacts:
        """Return what is known of a contract on the day; what is not known is None."""
        found = self._facts.get((exchange, contract))
        if found is None:
            known: dict[str, Any] = {}
            for layer in reversed(list(self._layers(exchange, contract))):
                known.update(layer.facts)
            facts: dict[str, Any] = {name: known.get(name) for name in _ENGINE_FACTS}
            deep = self._deep_out_of_the_money(exchange, contract, known)
            found = self._facts[exchange, contract] = ContractFacts(
                exchange, contract, deep_out_of_the_money=deep, **facts
            )
        return found

    def _deep_out_of_the_money(
        self, exchange: str, contract: str, known: dict[str, Any]
    ) -> bool | None:
        """Return whether an option is deep out of the money, None where that cannot be told."""
        if known.get("kind") != "option" or not self._has_closes:
            return None
        close = known.get("underlying_close")
        if known.get("underlying") is not None:
            told = self.describe(exchange, known["underlying"]).facts.get("previous_close")
            close = close if told is None else told
        option_type, strike = known.get("option_type"), known.get("strike")
        if close is None or option_type is None or strike is None:
            return None
        return is_deep(option_type, strike, close, self._strikes.of(exchange, known.get("series")))

    def tells(self, facts: Iterable[str], exchange: str | None) -> bool:
        """Whether any row of the day states one of the facts at an exchange, None: at any."""
        return any(
            self._shipped.tell(name, exchange)
            or any(
                name in row.layer.facts and (exchange is None or row.exchange in (None, exchange))
                for of in (self._contract_rows, self._product_rows)
                for row in of.values()
            )
            for name in facts
        )

    def known(self, exchange: str, contract: str) -> bool:
        """Whether a row names the contract, or its spelling is one of the exchange's."""
        return self._row(exchange, contract) is not None or self._spells(exchange, contract)

    def describe(self, exchange: str, contract: str) -> Described:
        """Return all that is known of a contract on the day."""
        facts: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for layer in self._layers(exchange, contract):
            for name, value in layer.facts.items():
                if name not in facts:
                    facts[name], sources[name] = value, layer.source
        spelled = self._spelling(exchange, contract)
        legs = tuple(leg.code for leg in spelled.legs) if spelled else ()
        if self._row(exchange, contract) is not None:
            return Described("contracts table", facts, sources, legs)
        return Described("spelling" if spelled else None, facts, sources, legs)

    def _listed(self) -> Iterator[tuple[str, str, float]]:
        """Yield exchange, series and strike of each option that a row names."""
        for exchange, contract in self._contract_rows:
            for where in EXCHANGES if exchange is None else (exchange,):
                facts = self.describe(where, contract).facts
                if facts.get("series") is not None and facts.get("strike") is not None:
                    yield where, facts["series"], facts["strike"]

    def _take(self, row: GivenRow) -> None:
        if row.contract is None:
            assert row.product is not None
            self._product_rows[row.exchange, row.product] = row
            return
        self._contract_rows[row.exchange, row.contract] = row
        if row.exchange is not None:
            self._exchanges[row.contract].add(row.exchange)

    def _find_name(self, exchange: str | None, text: str) -> ContractName:
        if exchange is None and (given := self._exchanges.get(text)):
            return ContractName(next(iter(given)) if len(given) == 1 else None, text)
        if exchange is not None and self.known(exchange, text):
            return ContractName(exchange, text)
        if exchange is not None and exchange not in EXCHANGES and "." not in text:
            return ContractName(exchange, text)
        found: Found = find_contract(text, exchange, self._day, self._products.is_product)
        if found.contract is None:
            return ContractName(exchange, text, found.problem)
        name = found.contract.exchange, found.contract.code
        self._spelled[name] = found.contract
        return ContractName(*name)

    def _layers(self, exchange: str, contract: str) -> Iterator[Layer]:
        """Yield what each source says of a contract, the first to be asked first."""
        row, spelled = self._row(exchange, contract), self._spelling(exchange, contract)
        product = spelled.product if spelled else None
        if row is not None:
            yield row.layer
            if row.product is not None:
                yield Layer({"product": row.product}, row.layer.source)
        asked = row.product if row is not None and row.product is not None else product
        if asked is not None:
            of_product = self._product_rows.get((exchange, asked))
            of_product = of_product or self._product_rows.get((None, asked))
            if of_product is not None:
                yield of_product.layer
            if asked == product and (figures := self._products.figures(exchange, asked)):
                yield figures
        if spelled is not None:
            if asked == product:
                yield from self._shipped.of(exchange, product, spelled.kind)
            told = {name: getattr(spelled, name) for name in _SPELLED_FACTS}
            yield Layer({k: v for k, v in told.items() if v is not None}, "spelling")

    def _row(self, exchange: str, contract: str) -> GivenRow | None:
        found = self._contract_rows.get((exchange, contract))
        return found or self._contract_rows.get((None, contract))

    def _spells(self, exchange: str, contract: str) -> bool:
        return self._spelling(exchange, contract) is not None

    def _spelling(self, exchange: str, contract: str) -> Contract | None:
        key = (exchange, contract)
        if key not in self._spelled:
            found = parse(contract, exchange, self._day, self._products.is_product)
            self._spelled[key] = found
        return self._spelled[key]


_SPELLED_FACTS: Final = (
    "kind", "product", "month", "underlying", "series", "option_type", "strike"
)  # fmt: skip
_ENGINE_FACTS: Final = (
    "product", "order_fee", "tick", "kind", "month", "expiry", "underlying", "series", "strike",
    "option_type", "multiplier", "max_order_lots", "upper_limit", "lower_limit",
)  # fmt: skip
