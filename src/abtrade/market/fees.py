"""Order fees: what each exchange charges for messages, by brackets and dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from ..plan import ContractFacts
from ..schema import EXCHANGES
from ..side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    holds,
    overlapping,
    read_table,
)
from .contracts import ContractTable
from .products import days_told

SCOPES: Final = ("contract", "series", "underlying")
"""Over what the messages of a subject add up before brackets are put to them."""
STATUSES: Final = ("verified", "secondary", "unverified")
"""How sure a bracket is, the surest first; as of rules."""
SHIPPED_WORD: Final = "shipped"
"""What ``fees`` may be instead of a table: the shipped brackets and no others."""
SHIPPED: Final = Path(__file__).with_name("fees.csv")
MILLIONTHS: Final = 1_000_000
"""Rates and fees are held in millionths of a yuan, and so is an OTR that they depend on."""
MOST: Final = 10_000
"""The largest rate and OTR there may be: with it a day's fee stays within 64 bits."""

COLUMNS: Final[dict[str, Column]] = {
    "exchange": Column("exchange", required=True, filled=True),
    "contract": Column(),
    "product": Column(),
    "kind": Column(words=("future", "option")),
    "scope": Column(words=SCOPES),
    "above": Column("int", required=True, filled=True, least=0),
    "rate": Column("decimal", required=True, filled=True, least=0),
    "rate_above_otr": Column("decimal", least=0),
    "otr": Column("decimal", least=0),
    "unfilled": Column(words=("dearer",)),
    **DATES,
    "status": Column(words=STATUSES),
    "source": Column(),
}


class Bracket(NamedTuple):
    """What a message costs, in millionths of a yuan, from the one after ``above`` on."""

    above: int
    rate: int
    dearer: int  # where the OTR is above the schedule's


class Schedule(NamedTuple):
    """The brackets of a contract, a product or a kind of contract on the day."""

    scope: str  # one of SCOPES
    brackets: tuple[Bracket, ...]  # ascending, the first above 0
    otr: int | None  # in millionths; None: every message at ``rate``
    unfilled_is_dearer: bool  # an OTR without any filled order is above ``otr``
    status: str | None
    source: str


Key: TypeAlias = tuple[str, str, str]
"""What brackets are for: exchange, then ``contract``, ``product`` or ``kind``, then which."""


def fees_file(given: Any) -> Any:
    """Return a fee table as it was given, the shipped one's path where a word stands for it."""
    is_word = isinstance(given, str | Path) and str(given) == SHIPPED_WORD
    return SHIPPED if is_word else given


def load_fees(source: Source, contracts: ContractTable, day: date) -> OrderFees:
    """Return the order fees of the day: the given table (file or Arrow) over the shipped one.

    ``contracts`` tells what contracts and products are called. Raises InputError with every
    problem of the table.
    """
    shipped, notes = _read(SHIPPED, contracts, day)
    if fees_file(source) == SHIPPED:
        return OrderFees([shipped], notes)
    given, notes = _read(source, contracts, day)
    return OrderFees([given, shipped], notes)


class OrderFees:
    """Which brackets hold for a contract on one day.

    A given table comes before the shipped one. In each a row that names the contract comes before
    one that names its product, and that before one of all futures or options of the exchange.
    """

    def __init__(self, layers: list[Mapping[Key, Schedule]], notes: list[str]) -> None:
        self.notes = notes
        self._layers = layers

    def of(self, facts: ContractFacts) -> Schedule | None:
        """Return the brackets of a contract, None where it has none, or none is known."""
        if facts.order_fee is False:
            return None
        named = (("contract", facts.contract), ("product", facts.product), ("kind", facts.kind))
        for layer in self._layers:
            for what, name in named:
                if name is not None and (found := layer.get((facts.exchange, what, name))):
                    return found
        return None

    def lacks(self, facts: ContractFacts) -> bool:
        """Whether no brackets are known of a contract that may carry a fee."""
        return facts.order_fee is not False and self.of(facts) is None


# --- one table -----------------------------------------------------------------------------------


class _Row(NamedTuple):
    number: int
    key: Key
    start: date | None
    end: date | None
    cells: dict[str, Any]


def _read(
    source: Source, contracts: ContractTable, day: date
) -> tuple[dict[Key, Schedule], list[str]]:
    """Return a table's schedules of the day by what they are for, and notes on it."""
    rows: list[_Row] = []

    def check(table: SideTable) -> Iterator[Problem]:
        yield from dates_in_order(table)
        yield from _problems(table)
        yield from _take_rows(table, contracts, rows)
        schedules = _schedules(rows)
        yield from _overlaps(schedules)
        for schedule in schedules:
            yield from _unfit(schedule)

    table = read_table(source, COLUMNS, name="fees", check=check)
    where = "shipped" if source == SHIPPED else "fees table"
    found = {
        schedule[0].key: _schedule(schedule, where)
        for schedule in _schedules(rows)
        if holds(day, schedule[0].start, schedule[0].end)
    }
    return found, table.notes + [
        f"{table.name}: row {first.number}: {first.key[0]} has no product {first.key[2]!r}"
        for first, *_ in _schedules(rows)
        if first.key[1] == "product" and first.key[0] in EXCHANGES
        and not contracts.has_product(first.key[0], first.key[2])
    ]  # fmt: skip


def _problems(table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of a row."""
    for number, *told in table.select("contract", "product", "kind"):
        names = [
            f"{what} {name!r}"
            for what, name in zip(("contract", "product", "kind"), told, strict=True)
            if name is not None
        ]
        if len(names) != 1:
            found = " and ".join(names) or "none of them"
            yield number, f"found {found}, expected one of contract, product and kind"
    for number, rate, dearer in table.select("rate", "rate_above_otr"):
        if dearer is not None and dearer < rate:
            found = f"column 'rate_above_otr': found {dearer}"
            yield number, f"{found}, expected the rate, {rate}, or more"
    for name in ("rate", "rate_above_otr", "otr"):
        for number, value in table.select(name):
            if value is not None and value > MOST:
                yield number, f"column '{name}': found {value}, expected {MOST} or less"


def _take_rows(
    table: SideTable, contracts: ContractTable, rows: list[_Row]
) -> Iterator[Problem]:
    """Append the rows that name something, by the exchange's own names."""
    names = ("scope", "above", "rate", "rate_above_otr", "otr", "unfilled", "status", "source")
    asked = ("exchange", "contract", "product", "kind", "from", "to", *names)
    for number, exchange, contract, product, kind, start, end, *told in table.select(*asked):
        problem = None
        if contract is not None:
            named = contracts.named(exchange, contract)
            key, problem = (exchange, "contract", named.contract), named.problem
        elif product is not None:
            _, name, problem = contracts.product_named(exchange, product)
            key = (exchange, "product", name)
        elif kind is not None:
            key = (exchange, "kind", kind)
        else:
            continue
        if problem:
            yield number, f"column '{key[1]}': {problem}"
        rows.append(_Row(number, key, start, end, dict(zip(names, told, strict=True))))


def _schedules(rows: list[_Row]) -> list[list[_Row]]:
    """Return the rows that belong together: of one contract, product or kind, and dates."""
    found: dict[tuple[Key, date | None, date | None], list[_Row]] = {}
    for row in rows:
        found.setdefault((row.key, row.start, row.end), []).append(row)
    return list(found.values())


def _overlaps(schedules: list[list[_Row]]) -> Iterator[Problem]:
    """Yield a problem for each schedule that holds on a day on which another one does."""
    by_key: dict[Key, list[_Row]] = {}
    for first, *_ in schedules:
        by_key.setdefault(first.key, []).append(first)
    for (exchange, what, name), firsts in by_key.items():
        for pair in overlapping((row.start, row.end, row) for row in firsts):
            one, other = sorted(pair, key=lambda row: row.number)
            found = f"{exchange} {what} '{name}' has dates that overlap those of row {one.number}"
            yield other.number, f"{found}, expected one set of brackets a day"


def _unfit(schedule: list[_Row]) -> Iterator[Problem]:
    """Yield what is wrong between the rows of a schedule."""
    first, *_ = schedule
    if first.cells["above"] != 0:
        found = f"column 'above': found {first.cells['above']}"
        yield first.number, f"{found}, expected 0 in the first row of its brackets"
    for before, row in pairwise(schedule):
        if row.cells["above"] <= before.cells["above"]:
            expected = f"more than {before.cells['above']}, as row {before.number} has"
            yield row.number, f"column 'above': found {row.cells['above']}, expected {expected}"
    for name in ("scope", "otr", "unfilled"):
        told = [row for row in schedule if row.cells[name] is not None]
        for row in told[1:]:
            if row.cells[name] != told[0].cells[name]:
                expected = f"{told[0].cells[name]}, as row {told[0].number} has"
                yield row.number, f"column '{name}': found {row.cells[name]}, expected {expected}"
    dearer = [row for row in schedule if row.cells["rate_above_otr"] is not None]
    if dearer and all(row.cells["otr"] is None for row in schedule):
        yield dearer[0].number, "found a rate_above_otr and no otr, expected both"


def _schedule(rows: list[_Row], where: str) -> Schedule:
    def told(name: str) -> list[Any]:
        values = (row.cells[name] for row in rows)
        return list(dict.fromkeys(value for value in values if value is not None))

    first = rows[0]
    numbers = [row.number for row in rows]
    place = f"{where} row {numbers[0]}" if len(rows) == 1 else f"{where} rows {_span(numbers)}"
    otr = told("otr")
    return Schedule(
        scope=next(iter(told("scope")), "contract"),
        brackets=tuple(
            Bracket(
                row.cells["above"],
                _millionths(row.cells["rate"]),
                _millionths(_first(row.cells["rate_above_otr"], row.cells["rate"])),
            )
            for row in rows
        ),
        otr=_millionths(otr[0]) if otr else None,
        unfilled_is_dearer=bool(told("unfilled")),
        status=max(told("status"), key=STATUSES.index, default=None),
        source=": ".join(
            [place + days_told(first.start, first.end), *filter(None, ["; ".join(told("source"))])]
        ),
    )


def _span(numbers: list[int]) -> str:
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _first(value: Decimal | None, other: Decimal) -> Decimal:
    return other if value is None else value


def _millionths(number: Decimal) -> int:
    return int(number * MILLIONTHS)
