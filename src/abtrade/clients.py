"""Clients: account -> client, by table, by the log's column, by the code, or the account itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from . import schema
from .closure import Node
from .ctp_codes import CTP_TRADING_CODES, accounts_of
from .side_tables import Column, Problem, SideTable, Source, column_names, read_table

ACCOUNTS: Final[dict[str, Column]] = {
    "account": Column(required=True, filled=True),
    "exchange": Column("exchange"),
    "client": Column(required=True),
    "member": Column(),
}


def read_accounts(source: Source) -> SideTable:
    """Read an accounts table, or a dump of CTP's trading codes.

    Raises InputError with every problem of the table.
    """
    if {"ClientID", "InvestorID"} <= {name.strip() for name in column_names(source)}:
        dump = read_table(
            source, CTP_TRADING_CODES, name="accounts", dump=True,
            check=lambda dump: _two_clients(accounts_of(dump)),
        )  # fmt: skip
        return accounts_of(dump)
    return read_table(source, ACCOUNTS, name="accounts", check=_two_clients)


class Clients:
    """Whose client each account is. Names are of one exchange each."""

    def __init__(self, table: SideTable | None, log: Mapping[tuple[str, str], str]) -> None:
        self.table = table
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
        if exchange in schema.EXCHANGES and (code := _CODE.fullmatch(account)):
            return code[1], "client", "12-digit code"
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


_CODE = re.compile("[0-9]{4}([0-9]{8})")
