"""The client that a log's own ``client`` column names for each account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..batch import Int32, Int64
from ..names import Names
from .clients import ClientReader
from .identities import ContractLookup, NameReader
from .keys import KeyReader
from .raw import RawBatch, Source
from .words import WordReader, Words

_NONE: Final = np.empty(0, np.int64)
NAMED_CONFLICTS: Final = 5
"""How many accounts a note names."""


def find_clients(
    sources: Sequence[Source],
    contracts: ContractLookup,
    set_aside: Mapping[int, Int64] | None = None,
) -> tuple[dict[tuple[str, str], str], list[str]]:
    """Return the client of each account that a row names with one, and notes on conflicts.

    Accounts are (exchange, account). Where rows differ that with the lowest seq stands, then the
    lowest channel, then the first: the same however the log is split. A pass over the columns of
    names; a second one only where rows differ.

    set_aside : numbers of bad rows by file, which name nobody
    """
    aside = {} if set_aside is None else set_aside
    named = [
        (source, aside.get(file, _NONE))
        for file, source in enumerate(sources)
        if "client" in source.columns
    ]
    accounts = _Accounts(contracts)
    clients = ClientReader()
    for source, bad in named:
        for _, account, client in accounts.read(source, (), bad):
            clients.read(client.at, client.texts, account)
    found = {account: clients_of[0] for account, clients_of in clients.of.items()}
    differing = {account: told for account, told in clients.of.items() if len(told) > 1}
    if differing:
        found |= _first_named(named, accounts, sorted(differing))
    names = {id_: accounts.name(id_) for id_ in found}
    return (
        {names[account]: client for account, client in found.items()},
        _notes({names[account]: told for account, told in differing.items()}),
    )


class _Accounts:
    """Reads accounts, as dense ids, and clients of one file after another."""

    def __init__(self, contracts: ContractLookup) -> None:
        self._names = Names()
        self._keys = KeyReader(contracts)
        self._ids = NameReader(self._names.account)

    def name(self, account: int) -> tuple[str, str]:
        """Return exchange and account of an id."""
        exchange, name = self._names.accounts[account]
        return self._keys.exchanges[exchange], name

    def read(
        self, source: Source, more: tuple[str, ...], bad: Int64
    ) -> Iterator[tuple[RawBatch, Int32, Words]]:
        """Yield each batch, with ``more`` columns, its account ids and its clients.

        Rows that ``bad`` numbers have no client.
        """
        readers = WordReader(), WordReader()
        for raw in source.read(("exchange", "contract", "account", "client", *more)):
            if raw.record.num_rows:
                account, client = (
                    reader.read(raw.record.column(column))
                    for reader, column in zip(readers, ("account", "client"), strict=True)
                )
                exchange = self._keys.read(raw).exchange.astype(np.int32)
                if len(bad):
                    at = np.where(np.isin(raw.row_numbers(), bad), len(client.texts), client.at)
                    client = Words(at, client.texts, True, client.is_new)
                yield raw, self._ids.ids(account.at, account.texts, exchange), client

    def place(self, raw: RawBatch) -> tuple[Int64, Int64]:
        """Return seq and channel of each row."""
        keys = self._keys.read(raw)
        return keys.seq, np.zeros_like(keys.seq) if keys.channel is None else keys.channel


class _Named(NamedTuple):
    """A row that names a client, by its place in the log."""

    seq: int
    channel: int
    file: int
    row: int
    client: str


def _first_named(
    sources: Sequence[tuple[Source, Int64]], accounts: _Accounts, asked: Sequence[int]
) -> dict[int, str]:
    """Return, for the accounts asked, the client in the row that comes first."""
    first: dict[int, _Named] = {}
    for file, (source, bad) in enumerate(sources):
        for raw, account, client in accounts.read(source, ("seq", "channel"), bad):
            at = np.flatnonzero(np.isin(account, asked) & ~client.nulls())
            seq, channel = accounts.place(raw)
            at = at[np.lexsort((channel[at], seq[at], account[at]))]
            heads = np.flatnonzero(np.diff(account[at], prepend=-1))
            numbers = raw.row_numbers()
            for row in at[heads].tolist():
                named = _Named(
                    int(seq[row]), int(channel[row]), file, int(numbers[row]),
                    client.texts[int(client.at[row])],
                )
                id_ = int(account[row])
                first[id_] = min(named, first.get(id_, named))
    return {account: named.client for account, named in first.items()}


def _notes(differing: dict[tuple[str, str], list[str]]) -> list[str]:
    if not differing:
        return []
    named = [
        f"{exchange} {account} ({', '.join(sorted(differing[exchange, account]))})"
        for exchange, account in sorted(differing)[:NAMED_CONFLICTS]
    ]
    more = ", ..." if len(differing) > NAMED_CONFLICTS else ""
    return [
        f"the log names more than one client for {len(differing)} accounts; the first stands: "
        f"{', '.join(named)}{more}"
    ]
