"""Clients: which client the log itself names for each account."""

from __future__ import annotations

import numpy as np

from ..batch import Int32
from .identities import NameReader
from .words import Positions


class ClientReader:
    """Pairs of account and client, gathered batch by batch.

    ``of`` holds, by account id, the clients named, in the order of first sight: one, as a rule.
    """

    def __init__(self) -> None:
        self.of: dict[int, list[str]] = {}
        self._clients: list[str] = []
        self._reader = NameReader(self._intern)
        self._first = np.empty(0, np.int32)  # first client by account id, -1 for none

    def read(self, at: Positions, texts: list[str], accounts: Int32) -> None:
        """Note the clients, positions in ``texts``, that stand beside account ids: (n,) each."""
        if not len(accounts):
            return
        clients = self._reader.ids(at, texts, 0)
        grown = int(accounts.max()) + 1 - len(self._first)
        if grown > 0:
            self._first = np.append(self._first, np.full(grown, -1, np.int32))
        told = (accounts >= 0) & (clients >= 0)
        told[told] = self._first[accounts[told]] != clients[told]
        pairs = zip(accounts[told].tolist(), clients[told].tolist(), strict=True)
        for account, client in dict.fromkeys(pairs):
            known = self.of.setdefault(account, [])
            if not known:
                self._first[account] = client
            if self._clients[client] not in known:
                known.append(self._clients[client])

    def _intern(self, _: int, text: str) -> int:
        self._clients.append(text)
        return len(self._clients) - 1
