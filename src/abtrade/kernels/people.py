"""Who is judged by kernels: subjects, and besides each client of those that have several.

As long as a subject has one client, what it comes to is what that client comes to alone. When a
second one comes up, the first takes over a copy of what stands for the subject.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import state_hash
from ..names import Names

NOBODY = -1


class People:
    """Accounts in id order with their subjects and clients.

    A *who* is twice a subject, or twice a client and one.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._subject = array("i")
        self._alone = array("i")
        self._client = array("i")
        self._beside = array("i")  # the client, where it is judged besides
        self._hash = array("Q")
        self._columns: tuple[npt.NDArray[Any], ...] | None = None
        self._accounts: dict[int, list[int]] = {}  # of a who
        self._clients: dict[int, list[int]] = {}  # of a subject, in the order they came up

    def account(self, account: int, subject: int, alone: int, client: int) -> int | None:
        """Take up the next account; return its subject where that now has a second client."""
        assert account == len(self._subject), "account ids come in order"
        exchange, name = self._names.accounts[account]
        full = state_hash.full_name(self._names.exchanges[exchange], name)
        self._subject.append(subject)
        self._alone.append(alone)
        self._client.append(client)
        self._beside.append(client if self.has_several(subject) else NOBODY)
        self._hash.append(state_hash.name_hash(full))
        self._columns = None
        self._accounts.setdefault(2 * client + 1, []).append(account)
        came = [judged for judged in (subject, alone) if judged != NOBODY]
        for judged in came:
            self._accounts.setdefault(2 * judged, []).append(account)
            if client not in (known := self._clients.setdefault(judged, [])):
                known.append(client)
        if self._clients[subject][1:] != [client] or self._beside[account] != NOBODY:
            return None
        for each in self._accounts[2 * subject]:
            self._beside[each] = self._client[each]
        return subject

    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """Return, by account: subject, alone, client judged besides (int32), name (int64)."""
        if self._columns is None:
            numbers = (self._subject, self._alone, self._beside)
            names = np.array(self._hash, np.uint64).view(np.int64)
            self._columns = (*(np.array(each, np.int32) for each in numbers), names)
        return self._columns

    def whos(self, account: int) -> Iterator[int]:
        """Yield who is judged for an account's events."""
        yield 2 * self._subject[account]
        if self._alone[account] != NOBODY:
            yield 2 * self._alone[account]
        if self._beside[account] != NOBODY:
            yield 2 * self._client[account] + 1

    def name(self, account: int) -> int:
        """Return the number that stands for an account's name, as a signed word."""
        return signed(self._hash[account])

    def has_several(self, subject: int) -> bool:
        """Whether a subject has several clients."""
        return len(self._clients.get(subject, ())) > 1

    def accounts(self, subject: int) -> list[int]:
        """Return a subject's accounts."""
        return self._accounts[2 * subject]

    def clients(self, subject: int) -> list[int]:
        """Return a subject's clients."""
        return self._clients[subject]

    def client_of(self, account: int) -> int:
        """Return an account's client."""
        return self._client[account]

    def hash_of(self, who: int) -> int:
        """Return 64 bits of a who: of the names of its accounts."""
        return sum(self._hash[account] for account in self._accounts[who]) + who % 2


def signed(word: int) -> int:
    """Return a 64-bit word as a signed number."""
    return word - (1 << 64) if word >> 63 else word
