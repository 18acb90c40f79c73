"""Positions: what each account held when the day began, as a table beside the log tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from .. import schema
from ..market.contracts import ContractTable
from ..names import Names
from ..pseudonyms import Pseudonyms
from ..side_tables import Column, Problem, SideTable, Source, read_table

MOST_LOTS: Final = 1 << 40
"""More lots than anybody holds; sums of so many stay within 64 bits."""

_LOTS: Final = Column("int", least=0)
POSITIONS: Final[dict[str, Column]] = {
    "account": Column(required=True, filled=True),
    "contract": Column(required=True, filled=True, names_nobody=True),
    "exchange": Column("exchange"),
    "hedge": Column(words=tuple(schema.code_words("hedge")), names_nobody=True),
    "long": Column("int", required=True, filled=True, least=0),
    "short": Column("int", required=True, filled=True, least=0),
    "long_today": _LOTS,
    "short_today": _LOTS,
    "open_interest": _LOTS,
}

HELD: Final = np.dtype([
    ("account", "i4"), ("contract", "i4"), ("hedge", "i4"),
    *((name, "i8", (2,)) for name in
      ("opening", "opening_today", "held", "today", "peak", "peak_seq", "filled")),
    ("unplaced", "i8"),
])  # fmt: skip
"""What was held through a day by account, contract and hedge flag; pairs are (long, short).

``opening`` and ``held``: lots at the opening and at the end, today's among them; ``peak_seq``: the
seq of the row, AT_OPENING where the opening was the peak; ``filled``: lots bought and sold;
``unplaced``: lots of fills of which no side is told.
"""

AT_OPENING: Final = -(2**63) + 1

LogExchanges = Callable[[], Collection[str]]
"""Tells which exchanges the log is of; asked only where a row's contract does not tell."""


class Held(NamedTuple):
    """What one account holds of one contract under one hedge flag; lots, today's among them."""

    exchange: str
    account: str
    contract: str
    hedge: int  # schema.Hedge
    long: int
    short: int
    long_today: int
    short_today: int


class Positions:
    """The opening positions of a day, in the order of the table.

    ``open_interest`` is by (exchange, contract), of those that the table tells.
    """

    def __init__(
        self, held: list[Held], open_interest: dict[tuple[str, str], int], notes: list[str]
    ) -> None:
        self.held = held
        self.open_interest = open_interest
        self.notes = notes

    def introduce(self, names: Names) -> None:
        """Give every account and contract of the table its id; the log may be silent on them."""
        for row in self.held:
            exchange = names.exchange(row.exchange)
            names.contract(exchange, row.contract)
            names.account(exchange, row.account)

    @property
    def basis(self) -> str:
        """What tells these positions from others, whatever the order of their rows."""
        text = repr(sorted(self.held))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


OpeningLots = tuple[int, int, int, tuple[int, int], tuple[int, int]]
"""Account, contract and hedge flag; lots long and short, and those of them opened today."""


def opening_lots(positions: Positions | None, names: Names) -> list[OpeningLots]:
    """Return the opening positions by the ids of a run, which all are introduced; none: empty."""
    found = []
    for row in positions.held if positions is not None else ():
        exchange = names.exchange(row.exchange)
        found.append(
            (
                names.account(exchange, row.account),
                names.contract(exchange, row.contract),
                row.hedge,
                (row.long, row.short),
                (row.long_today, row.short_today),
            )
        )
    return found


def load_positions(
    source: Source,
    contracts: ContractTable,
    log_exchanges: LogExchanges,
    pseudonyms: Pseudonyms | None = None,
) -> Positions:
    """Return the opening positions that a file or an Arrow table tells.

    Without ``exchange`` a contract is of the exchange that the contract table knows it at, else of
    the log's only one. Without ``hedge`` all is speculation; without today's part none is of today.
    Raises InputError with every problem of the table.
    """
    places = _Places(contracts, log_exchanges)
    table = read_table(
        source, POSITIONS, name="positions", check=partial(_problems, places),
        pseudonyms=pseudonyms,
    )  # fmt: skip
    held = []
    open_interest = {}
    hedges = schema.code_words("hedge")
    for row in _rows(table):
        assert row.account is not None and row.contract is not None
        assert row.long is not None and row.short is not None
        exchange, contract, _ = places.of(row.exchange, row.contract)
        assert exchange is not None
        held.append(
            Held(
                exchange, row.account, contract, hedges[row.hedge or "speculation"],
                row.long, row.short, row.long_today or 0, row.short_today or 0,
            )
        )  # fmt: skip
        if row.open_interest is not None:
            open_interest[exchange, contract] = row.open_interest
    return Positions(held, open_interest, table.notes)


class _Row(NamedTuple):
    number: int
    account: str | None  # null only where the table is refused, as are contract, long and short
    contract: str | None
    exchange: str | None
    hedge: str | None
    long: int | None
    short: int | None
    long_today: int | None
    short_today: int | None
    open_interest: int | None


def _rows(table: SideTable) -> Iterator[_Row]:
    return (_Row(*cells) for cells in table.select(*POSITIONS))


class _Places:
    """Where each contract of the table is traded, and what it is called there."""

    def __init__(self, contracts: ContractTable, log_exchanges: LogExchanges) -> None:
        self._contracts = contracts
        self._log_exchanges = log_exchanges
        self._only: str | None = None
        self._asked = False
        self._found: dict[tuple[str | None, str], tuple[str | None, str, str | None]] = {}

    def of(self, exchange: str | None, contract: str) -> tuple[str | None, str, str | None]:
        """Return exchange, contract and what is wrong with them, if anything is."""
        found = self._found.get((exchange, contract))
        if found is None:
            found = self._found[exchange, contract] = self._find(exchange, contract)
        return found

    def _find(self, exchange: str | None, contract: str) -> tuple[str | None, str, str | None]:
        if exchange not in (None, schema.NO_EXCHANGE, *schema.EXCHANGES):
            known = self._log_exchanges()
            if exchange not in known:
                return None, contract, (
                    f"column 'exchange': found {exchange!r}, expected one of the six or one of the "
                    f"log's: {', '.join(sorted(known))}"
                )
        name = self._contracts.named(exchange, contract)
        if name.problem:
            return None, contract, f"column 'contract': {name.problem}"
        at = name.exchange or self._log_exchange()
        problem = None
        if at is None:
            problem = (
                f"column 'contract': no table tells the exchange of {contract!r}, and the log has "
                "several: expected a column 'exchange' that says it"
            )
        elif name.exchange is None:
            name = self._contracts.named(at if at != schema.NO_EXCHANGE else None, contract)
        elif at in schema.EXCHANGES and not self._contracts.known(at, name.contract):
            problem = f"column 'contract': found {contract!r}, which is no contract of {at}"
        return at, name.contract, problem

    def _log_exchange(self) -> str | None:
        if not self._asked:
            self._asked = True
            exchanges = self._log_exchanges()
            self._only = next(iter(exchanges)) if len(exchanges) == 1 else None
        return self._only


def _problems(places: _Places, table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of rows, and between rows."""
    first: dict[tuple[Any, ...], int] = {}
    interest: dict[tuple[str | None, str], tuple[int, int]] = {}
    for row in _rows(table):
        yield from _bad_lots(row)
        if row.account is None or row.contract is None:
            continue  # told already
        exchange, contract, problem = places.of(row.exchange, row.contract)
        if problem:
            yield row.number, problem
            continue
        key = (exchange, row.account, contract, row.hedge or "speculation")
        before = first.setdefault(key, row.number)
        if before != row.number:
            yield row.number, (
                f"account {row.account!r} and contract {contract!r} stand in row {before} too, "
                "expected one row for both and a hedge flag"
            )
        if row.open_interest is not None:
            told, number = interest.setdefault(
                (exchange, contract), (row.open_interest, row.number)
            )
            if told != row.open_interest:
                yield row.number, (
                    f"column 'open_interest': found {row.open_interest}, expected {told} as row "
                    f"{number} says of {contract!r}"
                )


def _bad_lots(row: _Row) -> Iterator[Problem]:
    for side, total, today in (
        ("long", row.long, row.long_today),
        ("short", row.short, row.short_today),
    ):
        if total is None:
            continue  # told already
        if total > MOST_LOTS:
            yield row.number, f"column '{side}': found {total}, expected {MOST_LOTS} or less"
        if today is not None and today > total:
            yield row.number, (
                f"column '{side}_today': found {today}, expected no more than '{side}', {total}"
            )
