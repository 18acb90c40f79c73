"""Links: client -> group on the day, by a given list or by closing over pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from . import schema
from .clients import Clients
from .closure import Membership, Node, Pair, close, first_links, joined_sources
from .errors import InputError, problems_error
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

def read_links(source: Source, close_links: int | None) -> SideTable:
    """Read links of either form, which the header tells.

    Raises InputError with every problem of the table.
    """
    names = {name.strip() for name in column_names(source)}
    pairwise = "group" not in names and bool(names & {"a", "b"})
    columns, check = (PAIR_LINKS, dates_in_order) if pairwise else (GROUP_LINKS, _link_rows)
    table = read_table(source, columns, name="links", check=check)
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
    relation: str | None  # of a pair

    def told(self) -> str:
        """Return the link in words: its row, whom it names, and on what it rests."""
        if self.left and self.right:
            whom = f"{self.left} - {self.right}"
        else:
            whom = f"account {self.left}" if self.left else f"client {self.right}"
        rests = [text for text in (self.relation, self.status, self.source) if text]
        return f"row {self.number}: {whom} ({', '.join(rests)})"


_Resolved = tuple[dict[Node, Membership], list[Problem]]


class Links:
    """The links that hold on the day, resolved exchange by exchange."""

    def __init__(
        self, table: SideTable, day: date, clients: Clients, close_links: int | None
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
        dates = self.table.select("from", "to", "known_from")
        asked = ("exchange", *sides, "group", "status", "source", "relation")
        for row, (_, start, end, known_from) in zip(self.table.select(*asked), dates, strict=True):
            number, exchange, left, right, group, status, *more = row
            if holds(day, start, end) and holds(day, known_from, None):
                yield _Link(number, exchange, left, right, group, status or "filed", *more)

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
        sizes = Counter(found[0].group for found in told.values())
        members = {node: _membership(found, sizes[found[0].group]) for node, found in told.items()}
        return members, problems

    def _resolve_pairs(self, exchange: str, links: list[_Link], largest: int) -> _Resolved:
        problems: list[Problem] = []
        pairs: list[Pair] = []
        for link in links:
            (a, wrong_a), (b, wrong_b) = (
                self._told(exchange, name) for name in (link.left, link.right)
            )
            pairs.append(Pair(a, b, link.status, link.source, link.told()))
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


def _membership(links: list[_Link], size: int) -> Membership:
    """Return the membership that one or more links of a client to one group tell."""
    on_client = [link for link in links if link.right]
    how = "link on client" if on_client else "link on account"
    source = joined_sources({link.source for link in on_client or links})
    through = first_links([link.told() for link in links])
    return Membership(links[0].group, links[0].status, how, source, through, size)


def _two_groups(exchange: str, node: Node, link: _Link, before: _Link) -> str:
    where = "" if exchange == schema.NO_EXCHANGE else f" at {exchange}"
    here, there = (
        f"'{each.group}' (row {each.number}" + (f", account '{each.left}')" if each.left else ")")
        for each in (link, before)
    )
    return f"client '{node.name}' is in the groups {here} and {there}{where}, expected one on a day"
