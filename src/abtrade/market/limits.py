"""Limits on lots, as dated data: those of a user's table over those that ship."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from .. import schema
from ..plan import ContractFacts
from ..pseudonyms import Pseudonyms
from ..side_tables import Source, holds
from .contracts import ContractTable
from .limit_rows import SHIPPED, Limit, read_limits


def load_limits(
    source: Source | None,
    contracts: ContractTable,
    day: date,
    pseudonyms: Pseudonyms | None = None,
) -> Limits:
    """Return the limits of a trading day: the given table (file or Arrow) over those that ship.

    With ``pseudonyms`` the clients of the table are such. Raises InputError with every problem of
    the table.
    """
    rows, _ = read_limits(SHIPPED, contracts)
    shipped = [row._replace(is_shipped=True) for row in rows]
    given, notes = ([], []) if source is None else read_limits(source, contracts, pseudonyms)
    return Limits(given, shipped, day, notes)


class Person(NamedTuple):
    """A client as limits see it: its name where a row may be for it alone, and its kind."""

    client: str | None = None
    kind: str | None = None


class Limits:
    """The limits in force on one trading day.

    Of the rows about a contract one of the user's comes before one that ships; then one for a
    client before one for its kind, before one for everybody; then one that names the contract
    before one that names months of its product, before one that names the product alone.
    """

    def __init__(
        self, given: Iterable[Limit], shipped: Iterable[Limit], day: date, notes: Iterable[str] = ()
    ) -> None:
        self.day = day
        self.notes = list(notes)
        self._layers = [_Layer(rows, day) for rows in (given, shipped)]
        self.clients = frozenset[str]().union(*(layer.clients for layer in self._layers))
        """Clients with limits of their own."""

    @property
    def basis(self) -> str:
        """What tells these limits from others: 12 hex digits of a hash over the rows."""
        text = repr([(str(self.day)), *(row for layer in self._layers for row in layer.all)])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def put_in(self, facts: ContractFacts) -> ContractFacts:
        """Return what is known of a contract with the limits that hold there for everybody."""
        found = {
            key: row.lots
            for key in sorted({key for layer in self._layers for key in layer.keys})
            if (row := self.row(*key, facts)) is not None
        }
        return replace(facts, limits=tuple((*key, lots) for key, lots in found.items()))

    def row(self, name: str, scope: str, facts: ContractFacts) -> Limit | None:
        """Return the row that limits everybody's speculation in a contract."""
        return self._best(
            name, scope, facts,
            lambda row: row.client is None and row.kind is None
            and row.hedge == schema.Hedge.SPECULATION,
        )  # fmt: skip

    def position(
        self,
        name: str,
        facts: ContractFacts,
        scope: str,
        hedge: int,
        people: Collection[Person],
        quotas: Collection[int],
    ) -> list[Limit]:
        """Return the rows whose lots together a subject may hold in a contract, none: not known.

        hedge : code of schema.Hedge of what is held
        people : the subject's clients
        quotas : hedge codes whose approved quotas are added, those of all clients together

        A client's limit is its own, else that of the row nearest to the contract (so of the
        delivery month before its product), for its kind before everybody. Of several clients' the
        lowest stands, but approved limits on other holdings than speculation are summed.
        """
        clients = {person.client for person in people if person.client}
        own = self._of_clients(name, scope, facts, hedge, clients)
        if own and hedge != schema.Hedge.SPECULATION:
            rows = own
        else:
            found = [
                row
                for person in people
                if (row := self._of_person(name, scope, facts, hedge, person)) is not None
            ]
            if not found:
                return []
            rows = [min(found, key=lambda row: (row.lots, row.is_shipped, row.number))]
        quota = [self._of_clients(name, scope, facts, code, clients) for code in sorted(quotas)]
        return rows + [row for rows_of_one in quota for row in rows_of_one]

    def speaks_of(self, name: str, scope: str, facts: ContractFacts) -> bool:
        """Whether any row, whoever it is for, limits this contract."""
        return self._best(name, scope, facts, lambda row: True) is not None

    def knows(self, name: str, scope: str, exchange: str | None) -> bool:
        """Whether any limit of a name and scope holds on the day at an exchange, None: at any."""
        return any(layer.knows(name, scope, exchange) for layer in self._layers)

    def _of_clients(
        self, name: str, scope: str, facts: ContractFacts, hedge: int, clients: Collection[str]
    ) -> list[Limit]:
        """Return the row of each client that has one of its own."""
        rows = [self._own(name, scope, facts, hedge, client) for client in sorted(clients)]
        return [row for row in rows if row is not None]

    def _own(
        self, name: str, scope: str, facts: ContractFacts, hedge: int, client: str
    ) -> Limit | None:
        return self._best(
            name, scope, facts, lambda row: row.client == client and row.hedge == hedge
        )

    def _of_person(
        self, name: str, scope: str, facts: ContractFacts, hedge: int, person: Person
    ) -> Limit | None:
        """Return the row that holds for a client."""

        def fits(row: Limit) -> bool:
            if row.client is not None:
                return row.client == person.client and row.hedge == hedge
            return row.kind in (None, person.kind) and row.hedge == hedge

        return self._best(name, scope, facts, fits)

    def _best(
        self, name: str, scope: str, facts: ContractFacts, fits: Callable[[Limit], bool]
    ) -> Limit | None:
        for layer in self._layers:
            rows = [row for row in layer.rows(name, scope, facts) if fits(row)]
            if rows:
                return max(rows, key=_rank)
        return None


def _rank(row: Limit) -> tuple[bool, int, bool]:
    """Return what a row stands before others by: a client's own, then what it is of, then whose."""
    return row.client is not None, row.nearness, row.kind is not None


class _Layer:
    """The rows of one table that hold on the day, by what they are about."""

    def __init__(self, rows: Iterable[Limit], day: date) -> None:
        self._day = day
        self.all: list[tuple[object, ...]] = []  # in the order of the file, numbers left out
        self.clients: set[str] = set()
        self.keys: set[tuple[str, str]] = set()  # limit, scope: of rows for everybody
        self._rows: dict[tuple[str, str, tuple[str, str]], list[Limit]] = defaultdict(list)
        self._exchanges: dict[tuple[str, str], set[str | None]] = defaultdict(set)
        for row in rows:
            if not holds(day, row.start, row.end):
                continue
            self.all.append(row[1:])
            self._rows[row.limit, row.scope, row.of].append(row)
            self._exchanges[row.limit, row.scope].add(row.exchange)
            if row.client is not None:
                self.clients.add(row.client)
            elif row.kind is None:
                self.keys.add((row.limit, row.scope))

    def rows(self, name: str, scope: str, facts: ContractFacts) -> list[Limit]:
        """Return the rows about a contract."""
        of = [("contract", facts.contract)]
        if facts.product is not None:
            of.append(("product", facts.product))
        return [
            row
            for what in of
            for row in self._rows.get((name, scope, what), ())
            if row.fits(facts, self._day)
        ]

    def knows(self, name: str, scope: str, exchange: str | None) -> bool:
        exchanges = self._exchanges.get((name, scope), set())
        return bool(exchanges) and (exchange is None or not exchanges.isdisjoint({exchange, None}))
