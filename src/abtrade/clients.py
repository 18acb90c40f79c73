"""Clients: account -> client, by table, by the log's column, by the code, or the account itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from . import schema
from .closure import Node
from .ctp_codes import CTP_TRADING_CODES, accounts_of
from .pseudonyms import Pseudonyms, client_in
from .side_tables import (
    Column,
    Problem,
    SideTable,
    Source,
    column_names,
    read_table,
    take_names_out,
)

ACCOUNTS: Final[dict[str, Column]] = {
    "account": Column(required=True, filled=True),
    "exchange": Column("exchange"),
    "client": Column(required=True),
    "member": Column(),
    "kind": Column(names_nobody=True),  # of client: whatever the limits table calls it
}


def read_accounts(source: Source, pseudonyms: Pseudonyms | None = None) -> SideTable:
    """Read an accounts table, or a dump of CTP's trading codes; with ``pseudonyms`` for names.

    Raises InputError with every problem of the table.
    """
    if {"ClientID", "InvestorID"} <= {name.strip() for name in column_names(source)}:
        # A client is of two columns together: what it is called stands for both at once.
        dump = read_table(
            source, CTP_TRADING_CODES, name="accounts", dump=True,
            check=lambda dump: _two_clients(_accounts_of(dump, pseudonyms)),
        )  # fmt: skip
        return _accounts_of(dump, pseudonyms)
    return read_table(
        source, ACCOUNTS, name="accounts", check=_contradictions, pseudonyms=pseudonyms
    )


def _accounts_of(dump: SideTable, pseudonyms: Pseudonyms | None) -> SideTable:
    table = accounts_of(dump)
    if pseudonyms is not None:
        take_names_out(table, ACCOUNTS, pseudonyms)
    return table


class Clients:
    """Whose client each account is. Names are of one exchange each."""

    def __init__(
        self,
        table: SideTable | None,
        log: Mapping[tuple[str, str], str],
        client_of_code: Callable[[str], str | None] = client_in,
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
        self._kinds: dict[tuple[str | None, str], str] = {}
        for _, exchange, account, client, kind in (
            table.select("exchange", "account", "client", "kind") if table is not None else ()
        ):
            if kind:
                self._kinds[exchange, client or client_of_code(account) or account] = kind

    def of(self, exchange: str, account: str) -> tuple[str, str, str]:
        """Return (client, its kind, how it was found)."""
        if listed := self._table_client(exchange, account):
            return listed, "client", "accounts table"
        if told := self._log.get((exchange, account)):
            return told, "client", "client column"
        if exchange in schema.EXCHANGES and (client := self._client_of_code(account)):
            return client, "client", "12-digit code"
        return account, "account", "the account itself"

    def kind(self, exchange: str, client: str) -> str | None:
        """Return what kind of client the accounts table calls a client."""
        return self._kinds.get((exchange, client)) or self._kinds.get((None, client))

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



def _contradictions(table: SideTable) -> Iterator[Problem]:
    yield from _two_clients(table)
    yield from _two_kinds(table)


def _two_kinds(table: SideTable) -> Iterator[Problem]:
    """Yield a problem for each row that calls a client another kind than an earlier row."""
    first: dict[str, list[tuple[int, str | None, str]]] = defaultdict(list)
    for number, exchange, client, kind in table.select("exchange", "client", "kind"):
        if not client or not kind:
            continue
        for earlier, where, before in first[client]:
            if before != kind and (where == exchange or None in (where, exchange)):
                rows_told = f"'{kind}' (row {number}) and '{before}' (row {earlier})"
                yield number, f"client '{client}' is of the kinds {rows_told}, expected one"
                break
        if (exchange, kind) not in ((where, before) for _, where, before in first[client]):
            first[client].append((number, exchange, kind))
