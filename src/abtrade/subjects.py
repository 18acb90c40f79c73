"""Subjects: who is counted, account by account, as group, else client, else account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from .clients import Clients, read_accounts
from .closure import Node
from .errors import InputError
from .links import Links, read_links
from .market.products import ProductName
from .pseudonyms import Pseudonyms, client_in
from .side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    holds,
    read_table,
)

ProductNamed = Callable[[str | None, str], ProductName]
"""Tells which product a text means; asked with the exchange, None where none is told."""
MARKET_MAKERS: Final[dict[str, Column]] = {
    "client": Column(required=True, filled=True),
    "product": Column(required=True, filled=True, names_nobody=True),
    "exchange": Column("exchange"),
    **DATES,
}


class Place(NamedTuple):
    """Where an account stands: its client, and the client's group on the day."""

    client: str
    client_kind: str  # client; account where the account tells no client
    joined: str  # how: accounts table, client column, 12-digit code, the account itself
    group: str | None = None
    status: str | None = None
    link: str | None = None  # how the group was found
    source: str | None = None
    through: tuple[str, ...] = ()  # the client's own links, in words
    group_clients: int | None = None  # of the group on the day, silent ones too

    @property
    def subject(self) -> tuple[str, str]:
        """(kind, name) of the subject: the group, else the client, else the account."""
        return ("group", self.group) if self.group else (self.client_kind, self.client)

    @property
    def alone(self) -> tuple[str, str] | None:
        """(kind, name) of the client that a suspected group leaves to be judged alone."""
        return (self.client_kind, self.client) if self.status == "suspected" else None


def load_subjects(
    *,
    day: date,
    accounts: Source | None = None,
    links: Source | None = None,
    market_makers: Source | None = None,
    close_links: int | None = None,
    log_clients: Mapping[tuple[str, str], str] | None = None,
    exchanges: Iterable[str] = (),
    product_named: ProductNamed = ProductName,
    pseudonyms: Pseudonyms | None = None,
) -> Subjects:
    """Return the subjects of a day; each table is a file or an Arrow table.

    ``log_clients`` is the log's own client column, by (exchange, account). Groups are checked at
    once for the exchanges that ``exchanges`` and the tables name, for another when it is first
    asked. ``product_named`` tells which product a market maker's row means. With ``pseudonyms``
    all names of the tables are such, as those of the log have to be.

    Raises InputError with every problem of the first input that has any.
    """
    if close_links is not None and links is None:
        raise InputError("--close-links needs the pairwise links that --links names")
    if close_links is not None and close_links < 2:
        raise InputError(f"--close-links: found {close_links}, expected 2 or more clients")
    table = None if accounts is None else read_accounts(accounts, pseudonyms)
    client_of_code = client_in if pseudonyms is None else pseudonyms.client_in
    clients = Clients(table, log_clients or {}, client_of_code)
    given = None
    if links is not None:
        given = Links(read_links(links, close_links, pseudonyms), day, clients, close_links)
    makers = None
    if market_makers is not None:
        makers = read_table(
            market_makers, MARKET_MAKERS, name="market makers",
            check=partial(_check_makers, product_named), pseudonyms=pseudonyms,
        )  # fmt: skip
    return Subjects(day, clients, given, makers, exchanges, product_named)


def _check_makers(product_named: ProductNamed, table: SideTable) -> Iterator[Problem]:
    yield from dates_in_order(table)
    for number, exchange, product in table.select("exchange", "product"):
        if problem := product_named(exchange, product).problem:
            yield number, f"column 'product': {problem}"


class Subjects:
    """Who stands behind each account on one day. Names are of one exchange each."""

    def __init__(
        self,
        day: date,
        clients: Clients,
        links: Links | None,
        makers: SideTable | None,
        exchanges: Iterable[str],
        product_named: ProductNamed,
    ) -> None:
        self._clients = clients
        self._links = links
        self._places: dict[tuple[str, str], Place] = {}
        self._makers: dict[tuple[str | None, str], set[str]] = {}  # products
        self._clients_of_groups: dict[str, dict[str, frozenset[str]]] = {}  # by exchange
        self.has_market_makers = makers is not None
        self.has_accounts_table = clients.table is not None
        tables = (clients.table, links.table if links else None, makers)
        self.notes: list[str] = [
            note for table in tables if table is not None for note in table.notes
        ]
        if makers is not None:
            asked = ("exchange", "client", "product", "from", "to")
            for _, exchange, client, told, start, end in makers.select(*asked):
                if holds(day, start, end):
                    name = product_named(exchange, told)
                    self._makers.setdefault((name.exchange, client), set()).add(name.product)
        if links is not None:
            links.check({*exchanges, *clients.exchanges})

    def place(self, exchange: str, account: str) -> Place:
        """Return where an account stands.

        Raises InputError where a client is in two groups at an exchange not asked for before.
        """
        found = self._places.get((exchange, account))
        if found is None:
            found = self._linked(exchange, Place(*self._clients.of(exchange, account)))
            self._places[exchange, account] = found
        return found

    def place_of(self, exchange: str, client: str, kind: str) -> Place:
        """Return where a client stands that something else than the day's log and tables names."""
        return self._linked(exchange, Place(client, kind, "named"))

    def _linked(self, exchange: str, place: Place) -> Place:
        """Return a place with the group of its client on the day."""
        if self._links is not None:
            node = self._clients.linked(exchange, place.client, place.client_kind)
            if member := self._links.at(exchange).get(node):
                return Place(place.client, place.client_kind, place.joined, *member)
        return place

    def subject(self, exchange: str, account: str) -> tuple[str, str]:
        """Return (kind, name) of the subject: the group, else the client, else the account."""
        return self.place(exchange, account).subject

    def alone(self, exchange: str, account: str) -> tuple[str, str] | None:
        """Return (kind, name) of the client that a suspected group leaves to be judged alone."""
        return self.place(exchange, account).alone

    def clients_of_group(self, exchange: str, group: str) -> frozenset[str]:
        """Return the clients of a group at an exchange on the day, silent ones too."""
        found = self._clients_of_groups.get(exchange)
        if found is None:
            members: dict[str, set[str]] = defaultdict(set)
            for node, member in (self._links.at(exchange) if self._links else {}).items():
                members[member.group].add(node.name)
            found = {name: frozenset(clients) for name, clients in members.items()}
            self._clients_of_groups[exchange] = found
        return found.get(group, frozenset())

    def lists(self, exchange: str, account: str) -> bool | None:
        """Whether the accounts table names the account; None where none was given."""
        return self._clients.lists(exchange, account) if self.has_accounts_table else None

    def names(self, exchange: str, kind: str, name: str) -> bool:
        """Whether a table names an account, a client or a group (``kind``) there on the day."""
        if kind == "group":
            return bool(self.clients_of_group(exchange, name))
        linked = self._links.at(exchange) if self._links is not None else {}
        if kind == "account":
            listed = self._clients.lists(exchange, name)
            return listed or self._clients.node(exchange, name) in linked
        if self._clients.knows(exchange, name) or Node(name, "client") in linked:
            return True
        return (exchange, name) in self._makers or (None, name) in self._makers

    def kind(self, exchange: str, client: str) -> str | None:
        """Return the kind of a client, where the accounts table tells one."""
        return self._clients.kind(exchange, client)

    def makes_market(self, exchange: str, account: str, product: str | None) -> bool:
        """Whether the account's client is a market maker in the product on the day."""
        return product in self.market_products(exchange, account)

    def market_products(self, exchange: str, account: str) -> frozenset[str]:
        """Return the products in which the account's client is a market maker on the day."""
        if not self._makers:
            return frozenset()
        node = self._clients.node(exchange, account)
        if node.kind != "client":
            return frozenset()
        return frozenset().union(
            *(self._makers.get((where, node.name), ()) for where in (exchange, None))
        )
