"""Rows of a table of limits: how many lots, of what, for whom, and on which days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from .. import schema
from ..plan import ContractFacts
from ..pseudonyms import Pseudonyms
from ..side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    overlapping,
    read_table,
)
from . import years
from .contracts import ContractTable

SHIPPED: Final = Path(__file__).with_name("limits.csv")
POSITION: Final = "position"
OPENING: Final = "opening"
SCOPES: Final = ("contract", "series", "product")
CONFIDENCES: Final = ("verified", "secondary", "unverified")
GIVEN: Final = "given"
"""How sure a row of a user's table is that does not say."""

_HEDGES: Final = schema.code_words("hedge")
_NAME: Final = re.compile("[a-z][a-z0-9_]{0,39}")

COLUMNS: Final[dict[str, Column]] = {
    "exchange": Column("exchange"),
    "contract": Column(names_nobody=True),
    "product": Column(names_nobody=True),
    "month_from": Column("int"),
    "month_to": Column("int"),
    "months_before": Column("int", least=0),
    "limit": Column(names_nobody=True),
    "scope": Column(words=SCOPES),
    "kind": Column(names_nobody=True),
    "client": Column(),
    "hedge": Column(words=tuple(_HEDGES)),
    "lots": Column("int", required=True, filled=True, positive=True),
    "source": Column(names_nobody=True),
    "confidence": Column(words=CONFIDENCES),
    **DATES,
}


class Limit(NamedTuple):
    """A row: a number of lots, and where it holds; a blank asks nothing."""

    number: int  # of the row
    exchange: str | None
    contract: str | None
    product: str | None
    months: tuple[int, int] | None  # delivery months, yyyymm, both inclusive
    months_before: int | None  # the delivery month: 0 in that month itself
    limit: str
    scope: str
    kind: str | None
    client: str | None
    hedge: int  # schema.Hedge
    lots: int
    start: date | None
    end: date | None
    source: str | None
    confidence: str | None
    is_shipped: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """What an alert tells of the row, as JSON data; ``row`` is that of the given table."""
        return {
            "lots": self.lots,
            "source": self.source,
            "status": self.confidence or GIVEN,
            "row": None if self.is_shipped else self.number,
        }

    @property
    def of(self) -> tuple[str, str]:
        """What the row is about: contract or product, and its name."""
        if self.contract is not None:
            return "contract", self.contract
        return "product", self.product or ""

    def fits(self, facts: ContractFacts, day: date) -> bool:
        """Whether the row, in force on the day, is about this contract."""
        if self.exchange is not None and self.exchange != facts.exchange:
            return False
        if self.of not in (("contract", facts.contract), ("product", facts.product)):
            return False
        if self.scope == "series" and facts.series is None:
            return False
        return self._fits_month(facts.month, day)

    def _fits_month(self, month: int | None, day: date) -> bool:
        if self.months is None and self.months_before is None:
            return True
        if month is None:
            return False
        if self.months is not None:
            return self.months[0] <= month <= self.months[1]
        return months_between(day, month) == self.months_before

    @property
    def nearness(self) -> int:
        """How closely the row names a contract: by its name, its months, or its product."""
        if self.contract is not None:
            return 3
        return 2 if self.months is not None else int(self.months_before is not None)


def months_between(day: date, month: int) -> int:
    """Return how many months a month (yyyymm) is after that of the day."""
    return (month // 100 - day.year) * 12 + month % 100 - day.month


def read_limits(
    source: Source, contracts: ContractTable, pseudonyms: Pseudonyms | None = None
) -> tuple[list[Limit], list[str]]:
    """Return the rows of a table of limits, and notes on it.

    Raises InputError with every problem of the table.
    """
    rows: list[Limit] = []

    def check(table: SideTable) -> Iterator[Problem]:
        yield from dates_in_order(table)
        for said in _said(table):
            problems = list(_problems(said, contracts))
            yield from ((said["number"], problem) for problem in problems)
            if not problems:
                rows.append(_limit(said, contracts))
        yield from _overlaps(rows)

    table = read_table(source, COLUMNS, name="limits", check=check, pseudonyms=pseudonyms)
    return rows, table.notes


def _said(table: SideTable) -> Iterator[dict[str, Any]]:
    """Yield what each row says, by column, with its number."""
    for number, *cells in table.select(*COLUMNS):
        said = dict(zip(COLUMNS, cells, strict=True))
        said["limit"] = said["limit"] or POSITION
        said["scope"] = said["scope"] or "contract"
        yield {"number": number, **said}


def _limit(said: dict[str, Any], contracts: ContractTable) -> Limit:
    """Return a row without problems."""
    exchange, contract, product = said["exchange"], said["contract"], said["product"]
    if contract is not None:
        named = contracts.named(exchange, contract)
        exchange, contract = named.exchange, named.contract
    else:
        name = contracts.product_named(exchange, product)
        exchange, product = name.exchange, name.product
    months = None
    if said["month_from"] is not None or said["month_to"] is not None:
        months = said["month_from"] or 0, said["month_to"] or 999912
    return Limit(
        said["number"], exchange, contract, product, months, said["months_before"], said["limit"],
        said["scope"], said["kind"], said["client"],
        _HEDGES[said["hedge"]] if said["hedge"] else int(schema.Hedge.SPECULATION),
        said["lots"], said["from"], said["to"], said["source"], said["confidence"],
    )  # fmt: skip


def _problems(said: dict[str, Any], contracts: ContractTable) -> Iterator[str]:
    """Yield what is wrong between the cells of a row."""
    yield from _name_problems(said, contracts)
    yield from _month_problems(said)
    if not _NAME.fullmatch(said["limit"]):
        expected = f"a name such as {POSITION}, {OPENING}"
        yield f"column 'limit': found {said['limit']!r}, expected {expected}"
    if said["scope"] != "contract" and said["contract"] is not None:
        found = f"found {said['scope']} with a contract"
        yield f"column 'scope': {found}, expected a product, whose lots are added up so"
    if said["limit"].startswith(OPENING):
        for name in ("kind", "client", "hedge"):
            if said[name] is not None and said[name] != "speculation":
                yield (
                    f"column {name!r}: found {said[name]!r}, expected a blank: a limit on opening "
                    "holds for everybody"
                )


def _name_problems(said: dict[str, Any], contracts: ContractTable) -> Iterator[str]:
    exchange, contract, product = said["exchange"], said["contract"], said["product"]
    if (contract is None) == (product is None):
        found = "neither" if contract is None else "both"
        yield f"found {found} of contract and product, expected one of them"
    if exchange is not None and exchange not in contracts.exchanges:
        known = ", ".join(schema.EXCHANGES)
        yield (
            f"column 'exchange': found {exchange!r}, expected one of {known}, or one that the "
            "contract table names"
        )
    elif contract is not None and (problem := contracts.named(exchange, contract).problem):
        yield f"column 'contract': {problem}"
    elif product is not None and (problem := contracts.product_named(exchange, product).problem):
        yield f"column 'product': {problem}"


def _month_problems(said: dict[str, Any]) -> Iterator[str]:
    first, last, before = said["month_from"], said["month_to"], said["months_before"]
    told = [name for name in ("month_from", "month_to", "months_before") if said[name] is not None]
    for name in ("month_from", "month_to"):
        month = said[name]
        if month is not None and not (
            years.FIRST_DAY.year <= month // 100 <= years.LAST_DAY.year
            and 1 <= month % 100 <= 12
        ):
            yield f"column {name!r}: found {month}, expected a month of delivery such as 202603"
    if first is not None and last is not None and first > last:
        yield f"column 'month_from': found {first}, expected no later than 'month_to', {last}"
    if before is not None and len(told) > 1:
        yield f"column 'months_before': found {before} with {told[0]}, expected one of the two"
    if told and said["product"] is None:
        yield f"column {told[0]!r}: is for rows of a product"
    elif told and said["scope"] == "product":
        yield f"column {told[0]!r}: goes with scope contract or series, found scope product"


def _overlaps(rows: list[Limit]) -> Iterator[Problem]:
    """Yield a problem for each row that says on some day what an earlier one says already."""
    alike: dict[tuple[Any, ...], list[Limit]] = {}
    for row in rows:
        key = (row.of, row.limit, row.scope, row.kind, row.client, row.hedge, row.months_before,
               row.months is None)  # fmt: skip
        alike.setdefault(key, []).append(row)
    for group in alike.values():
        for one, other in overlapping((row.start, row.end, row) for row in group):
            first, second = sorted((one, other), key=lambda row: row.number)
            if _share_exchange(first, second) and _share_month(first, second):
                what, name = first.of
                yield second.number, (
                    f"the limit {first.limit!r} of {what} {name!r} has dates that overlap those of "
                    f"row {first.number}, expected one row a day"
                )


def _share_exchange(one: Limit, other: Limit) -> bool:
    return one.exchange == other.exchange or None in (one.exchange, other.exchange)


def _share_month(one: Limit, other: Limit) -> bool:
    if one.months is None or other.months is None:
        return True
    return one.months[0] <= other.months[1] and other.months[0] <= one.months[1]
