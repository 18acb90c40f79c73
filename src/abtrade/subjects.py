"""Subjects: who is counted, account by account, as group, else client, else account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from . import schema
from .closure import Membership, Node, Pair, close, joined_sources
from .errors import InputError, problems_error
from .pseudonyms import Pseudonyms, client_in
from .side_tables import (
    DATES,
    Column,
    Problem,
    SideTable,
    Source,
    column_names,
    dates_in_order,
    holds,
    problem_lines,
    read_table,
)

_STATUS = Column(words=schema.GROUP_STATUSES)
ACCOUNTS: Final[dict[str, Column]] = {
    "account": Column(required=True, filled=True),
    "exchange": Column("exchange"),
    "client": Column(required=True),
    "member": Column(),
}
GROUP_LINKS: Final[dict[str, Column]] = {
    "account": Column(),
    "client": Column(),
    "group": Column(required=True, filled=True),
    "exchange": Column("exchange"),
    "status": _STATUS,
    "source": Column(),
    **DATES,
}
PAIR_LINKS: Final[dict[str, Column]] = {
    "a": Column(required=True, filled=True),
    "b": Column(required=True, filled=True),
    "relation": Column(),
    "exchange": Column("exchange"),
    "status": _STATUS,
    "known_from": Column("date"),
    "source": Column(),
    **DATES,
}
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

    @property
    def subject(self) -> tuple[str, str]:
        """(kind, name) of the subject: the group, else the client, else the account."""
        return ("group", self.group) if self.group else (self.client_kind, self.client)

    @property
    def alone(self) -> tuple[str, str] | None:
        """(kind, name) of the client that a suspected group leaves to be judged alone."""
        return (self.client_kind, self.client) if self.status == "suspected" else None


class LinkRow(NamedTuple):
    """A row of links.parquet."""

    account: str
    exchange: str
    client: str
    client_kind: str
    joined: str
    group: str | None
    status: str | None
    link: str | None
    source: str | None


def load_subjects(
    *,
    day: date,
    accounts: Source | None = None,
    links: Source | None = None,
    market_makers: Source | None = None,
    close_links: int | None = None,
    log_clients: Mapping[tuple[str, str], str] | None = None,
    exchanges: Iterable[str] = (),
    pseudonyms: Pseudonyms | None = None,
) -> Subjects:
    """Return the subjects of a day; each table is a file or an Arrow table.

    ``log_clients`` is the log's own client column, by (exchange, account). Groups are checked at
    once for the exchanges that ``exchanges`` and the tables name, for another when it is first
    asked. With ``pseudonyms`` all names of the tables are such, as those of the log have to be.
    Raises InputError with every problem of the first input that has any.
    """
    if close_links is not None and links is None:
        raise InputError("--close-links needs the pairwise links that --links names")
    if close_links is not None and close_links < 2:
        raise InputError(f"--close-links: found {close_links}, expected 2 or more clients")
    table = None
    if accounts is not None:
        table = read_table(
            accounts, ACCOUNTS, name="accounts", check=_two_clients, pseudonyms=pseudonyms
        )
    client_of_code = client_in if pseudonyms is None else pseudonyms.client_in
    clients = _Clients(table, log_clients or {}, client_of_code)
    given = None
    if links is not None:
        given = _Links(_read_links(links, close_links, pseudonyms), day, clients, close_links)
    makers = None
    if market_makers is not None:
        makers = read_table(
            market_makers,
            MARKET_MAKERS,
            name="market makers",
            check=dates_in_order,
            pseudonyms=pseudonyms,
        )
    return Subjects(day, clients, given, makers, exchanges)


class Subjects:
    """Who stands behind each account on one day. Names are of one exchange each."""

    def __init__(
        self,
        day: date,
        clients: _Clients,
        links: _Links | None,
        makers: SideTable | None,
        exchanges: Iterable[str],
    ) -> None:
        self._clients = clients
        self._links = links
        self._places: dict[tuple[str, str], Place] = {}
        self._makers: dict[tuple[str | None, str], set[str]] = {}  # products
        self.has_market_makers = makers is not None
        tables = (clients.table, links.table if links else None, makers)
        self.notes: list[str] = [
            note for table in tables if table is not None for note in table.notes
        ]
        if makers is not None:
            for row in makers.select("exchange", "client", "product", "from", "to"):
                if holds(day, *row[4:]):
                    self._makers.setdefault(row[1:3], set()).add(row[3])
        if links is not None:
            links.check({*exchanges, *clients.exchanges})

    def place(self, exchange: str, account: str) -> Place:
        """Return where an account stands.

        Raises InputError where a client is in two groups at an exchange not asked for before.
        """
        found = self._places.get((exchange, account))
        if found is None:
            client, kind, joined = self._clients.of(exchange, account)
            found = Place(client, kind, joined)
            if self._links is not None:
                node = self._clients.linked(exchange, client, kind)
                if member := self._links.at(exchange).get(node):
                    found = Place(client, kind, joined, *member)
            self._places[exchange, account] = found
        return found

    def subject(self, exchange: str, account: str) -> tuple[str, str]:
        """Return (kind, name) of the subject: the group, else the client, else the account."""
        return self.place(exchange, account).subject

    def alone(self, exchange: str, account: str) -> tuple[str, str] | None:
        """Return (kind, name) of the client that a suspected group leaves to be judged alone."""
        return self.place(exchange, account).alone

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

    def link_rows(self, seen: Iterable[tuple[str, str]]) -> list[LinkRow]:
        """Return a row for each (exchange, account) seen, sorted by exchange and account."""
        return [
            LinkRow(account, exchange, *self.place(exchange, account))
            for exchange, account in sorted(set(seen))
        ]


class _Clients:
    """Account -> client, by table, by the log's column, by the code, or the account itself."""

    def __init__(
        self,
        table: SideTable | None,
        log: Mapping[tuple[str, str], str],
        client_of_code: Callable[[str], str | None],
    ) -> None:
        self.table = table
        self._client_of_code = client_of_code
        self.exchanges = {exchange for exchange, _ in log}
        self._log = log
        self._listed: dict[tuple[str | None, str], str | None] = {}
        self._accounts: set[str] = set()
        self._known: dict[str | None, set[str]] = defaultdict(set)  # clients, by exchange
        for (exchange, _), client in log.items():
            self._known[exchange].add(client)
        listed = table.select("exchange", "account", "client") if table is not None else ()
        for _, exchange, account, client in listed:
            self._accounts.add(account)
            self._listed[exchange, account] = client or self._listed.get((exchange, account))
            if client:
                self._known[exchange].add(client)
            if exchange:
                self.exchanges.add(exchange)
        self._all_known = set().union(*self._known.values())

    def of(self, exchange: str, account: str) -> tuple[str, str, str]:
        """Return (client, its kind, how it was found)."""
        if listed := self._table_client(exchange, account):
            return listed, "client", "accounts table"
        if told := self._log.get((exchange, account)):
            return told, "client", "client column"
        if exchange in schema.EXCHANGES and (client := self._client_of_code(account)):
            return client, "client", "12-digit code"
        return account, "account", "the account itself"

    def told(self, exchange: str, account: str) -> str | None:
        """Return the client that the accounts table, or the log's column, tells."""
        return self._table_client(exchange, account) or self._log.get((exchange, account))

    def _table_client(self, exchange: str, account: str) -> str | None:
        return self._listed.get((exchange, account)) or self._listed.get((None, account))

    def node(self, exchange: str, account: str) -> Node:
        """Return what links hold of.

        An account that tells no client is the client of that name, unless that is another's.
        """
        client, kind, _ = self.of(exchange, account)
        return self.linked(exchange, client, kind)

    def linked(self, exchange: str, client: str, kind: str) -> Node:
        """Return ``node`` of an account of which ``of`` told the client and its kind."""
        return Node(client, kind if self.knows(exchange, client) else "client")

    def knows(self, exchange: str | None, client: str) -> bool:
        """Whether a table or the log's column names the client (None: at any exchange)."""
        if exchange is None:
            return client in self._all_known
        return client in self._known[None] or client in self._known.get(exchange, ())

    def lists(self, exchange: str | None, account: str) -> bool:
        """Whether the accounts table names the account (None: at any exchange)."""
        if exchange is None:
            return account in self._accounts
        return (exchange, account) in self._listed or (None, account) in self._listed


def _two_clients(table: SideTable) -> Iterator[Problem]:
    """Yield a problem for each row that gives an account another client than an earlier row."""
    first: dict[str, dict[str | None, tuple[int, str]]] = defaultdict(dict)
    rows = [row for row in table.select("exchange", "account", "client") if row[3]]
    for number, exchange, account, client in sorted(rows, key=lambda row: row[1] is not None):
        told = first[account]
        number_before, before = told.get(exchange) or told.get(None) or (number, client)
        if before != client:
            rows_told = f"'{client}' (row {number}) and '{before}' (row {number_before})"
            yield number, f"account '{account}' has the clients {rows_told}, expected one"
        told.setdefault(exchange, (number, client))


def _read_links(
    source: Source, close_links: int | None, pseudonyms: Pseudonyms | None
) -> SideTable:
    """Read links of either form, which the header tells."""
    names = {name.strip() for name in column_names(source)}
    pairwise = "group" not in names and bool(names & {"a", "b"})
    columns, check = (PAIR_LINKS, dates_in_order) if pairwise else (GROUP_LINKS, _link_rows)
    table = read_table(source, columns, name="links", check=check, pseudonyms=pseudonyms)
    if pairwise and close_links is None:
        raise InputError(
            f"{table.name}: found pairwise links (columns a, b), expected a column 'group'; "
            "--close-links N forms groups of at most N clients out of pairs"
        )
    if not pairwise and close_links is not None:
        raise InputError(
            f"{table.name}: found a column 'group', expected pairwise links (columns a, b) "
            "with --close-links"
        )
    return table


def _link_rows(table: SideTable) -> Iterator[Problem]:
    yield from dates_in_order(table)
    for number, account, client in table.select("account", "client"):
        if (account is None) == (client is None):
            found = "neither" if account is None else "both"
            yield number, f"found {found} of account and client, expected one of them"


class _Link(NamedTuple):
    """A row of links that holds on the day."""

    number: int
    exchange: str | None
    left: str  # account, or a of a pair
    right: str  # client, or b of a pair
    group: str
    status: str
    source: str | None


_Resolved = tuple[dict[Node, Membership], list[Problem]]


class _Links:
    """The links that hold on the day, resolved exchange by exchange."""

    def __init__(
        self, table: SideTable, day: date, clients: _Clients, close_links: int | None
    ) -> None:
        self.table = table
        self._clients = clients
        self._close_links = close_links
        self._members: dict[str, dict[Node, Membership]] = {}
        self._rows = list(self._holding(day))

    def check(self, exchanges: set[str]) -> None:
        """Resolve the links at the exchanges, and at all that they name themselves.

        Where nobody names one, a conflict is the same everywhere. Raises InputError.
        """
        problems = set(self._unknown_names())
        named = exchanges | {link.exchange for link in self._rows if link.exchange}
        for exchange in sorted(named) or [schema.NO_EXCHANGE]:
            self._members[exchange], found = self._resolve(exchange)
            problems.update(found)
        if problems:
            raise problems_error(problem_lines(self.table.name, sorted(problems)))

    def at(self, exchange: str) -> dict[Node, Membership]:
        """Return the group of every linked client at an exchange."""
        if exchange not in self._members:
            members, problems = self._resolve(exchange)
            if problems:
                raise problems_error(problem_lines(self.table.name, problems))
            self._members[exchange] = members
        return self._members[exchange]

    def _holding(self, day: date) -> Iterator[_Link]:
        sides = ("a", "b") if self._close_links else ("account", "client")
        asked = ("exchange", *sides, "group", "status", "source", "from", "to", "known_from")
        for row in self.table.select(*asked):
            number, exchange, left, right, group, status, source, start, end, known_from = row
            if holds(day, start, end) and holds(day, known_from, None):
                yield _Link(number, exchange, left, right, group, status or "filed", source)

    def _unknown_names(self) -> Iterator[Problem]:
        """Yield a problem for each link to an account that a given accounts table lacks."""
        clients = self._clients
        if clients.table is None:
            return
        expected = f"expected one of {clients.table.name}"
        for link in self._rows:
            where = f" at {link.exchange}" if link.exchange else ""
            if not self._close_links:
                if link.left and not clients.lists(link.exchange, link.left):
                    yield link.number, f"account '{link.left}' is not known{where}, {expected}"
                continue
            for name in (link.left, link.right):
                if not clients.lists(link.exchange, name) and not clients.knows(
                    link.exchange, name
                ):
                    yield link.number, f"'{name}' is no account and no client{where}, {expected}"

    def _resolve(self, exchange: str) -> _Resolved:
        links = [link for link in self._rows if link.exchange in (None, exchange)]
        if self._close_links:
            return self._resolve_pairs(exchange, links, self._close_links)
        return self._resolve_groups(exchange, links)

    def _resolve_groups(self, exchange: str, links: list[_Link]) -> _Resolved:
        told: dict[Node, list[_Link]] = defaultdict(list)
        first: dict[str, _Link] = {}
        problems: list[Problem] = []
        for link in links:
            account = link.left
            node = self._clients.node(exchange, account) if account else Node(link.right, "client")
            told[node].append(link)
            before = told[node][0]
            if before.group != link.group:
                problems.append((link.number, _two_groups(exchange, node, link, before)))
            before = first.setdefault(link.group, link)
            if before.status != link.status:
                found = f"{link.status} here and {before.status} in row {before.number}"
                text = f"group '{link.group}' is {found}, expected one status on a day"
                problems.append((link.number, text))
        return {node: _membership(found) for node, found in told.items()}, problems

    def _resolve_pairs(self, exchange: str, links: list[_Link], largest: int) -> _Resolved:
        problems: list[Problem] = []
        pairs: list[Pair] = []
        for link in links:
            (a, wrong_a), (b, wrong_b) = (
                self._told(exchange, name) for name in (link.left, link.right)
            )
            pairs.append(Pair(a, b, link.status, link.source))
            problems += [(link.number, wrong) for wrong in (wrong_a, wrong_b) if wrong]
        members, too_large = close(pairs, largest)
        return members, problems + [(0, problem) for problem in too_large]

    def _told(self, exchange: str, name: str) -> tuple[Node, str | None]:
        """Return what a name of a pair means, a client that is known, else an account.

        The second is what is wrong where the name could mean two clients.
        """
        if not self._clients.knows(exchange, name):
            return self._clients.node(exchange, name), None
        client = self._clients.told(exchange, name) or name
        found = f"'{name}' is a client and also an account of the client '{client}', expected one"
        return Node(name, "client"), None if client == name else found


def _membership(links: list[_Link]) -> Membership:
    """Return the membership that one or more links of a client to one group tell."""
    on_client = [link for link in links if link.right]
    how = "link on client" if on_client else "link on account"
    source = joined_sources({link.source for link in on_client or links})
    return Membership(links[0].group, links[0].status, how, source)


def _two_groups(exchange: str, node: Node, link: _Link, before: _Link) -> str:
    where = "" if exchange == schema.NO_EXCHANGE else f" at {exchange}"
    here, there = (
        f"'{each.group}' (row {each.number}" + (f", account '{each.left}')" if each.left else ")")
        for each in (link, before)
    )
    return f"client '{node.name}' is in the groups {here} and {there}{where}, expected one on a day"
