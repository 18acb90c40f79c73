"""Roster: who is judged for each account, and what is known of each contract, by dense id."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .batch import Int32
from .names import Names, intern_in
from .plan import ContractFacts


@dataclass(slots=True)
class Roster:
    """Lists by contract id, account id and subject id; they grow as the day goes on.

    A subject, and a client, is ``(exchange id, kind, name)``.
    """

    names: Names
    facts: list[ContractFacts] = field(default_factory=list)  # by contract
    judged: list[tuple[int, str, str]] = field(default_factory=list)  # by subject
    status: dict[int, str] = field(default_factory=dict)  # of groups, by subject
    subject_of: list[int] = field(default_factory=list)  # by account
    alone_of: list[int] = field(default_factory=list)  # by account; -1 none
    client_of: list[int] = field(default_factory=list)  # by account
    joined: list[str] = field(default_factory=list)  # how its client was found, by account
    clients: list[tuple[int, str, str]] = field(default_factory=list)
    _subject_ids: dict[tuple[int, str, str], int] = field(default_factory=dict)
    _client_ids: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def subject(self, exchange: int, kind: str, name: str) -> int:
        """Return the id of a subject, new or known."""
        return intern_in(self._subject_ids, self.judged, (exchange, kind, name))

    def client(self, exchange: int, kind: str, name: str) -> int:
        """Return the id of a client, new or known."""
        return intern_in(self._client_ids, self.clients, (exchange, kind, name))

    def subjects(self) -> Int32:
        """Return the subject of each account: (accounts,) int32."""
        return np.array(self.subject_of, np.int32)

    def alone(self) -> Int32:
        """Return the client judged besides for each account, -1 for none: (accounts,) int32."""
        return np.array(self.alone_of, np.int32)

    def exchange_name(self, subject: int) -> str:
        """Return the exchange at which a subject is judged."""
        return self.names.exchanges[self.judged[subject][0]]

    def account_name(self, account: int) -> str:
        """Return an account as the log writes it."""
        return self.names.accounts[account][1]
