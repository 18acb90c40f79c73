"""Names: strings die at the door, and come back in the outputs.

Exchanges, contracts and accounts become dense ids in the order of first sight. A contract or an
account of the same spelling on two exchanges is two.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar


class ContractName(NamedTuple):
    """What a contract is called: the exchange's own spelling, as far as that is known."""

    exchange: str | None  # None: nothing tells it
    contract: str  # as it stands where no table and no spelling knows it
    problem: str | None = None  # why no contract can be meant


class Names:
    """The dense ids of one run.

    ``contracts[i]`` and ``accounts[i]`` are ``(exchange id, name)``; ``exchanges[i]`` is a name.
    """

    def __init__(self) -> None:
        self.exchanges: list[str] = []
        self.contracts: list[tuple[int, str]] = []
        self.accounts: list[tuple[int, str]] = []
        self._exchange_ids: dict[str, int] = {}
        self._contract_ids: dict[tuple[int, str], int] = {}
        self._account_ids: dict[tuple[int, str], int] = {}

    def exchange(self, name: str) -> int:
        """Return the id of an exchange, new or known."""
        return intern_in(self._exchange_ids, self.exchanges, name)

    def contract(self, exchange: int, name: str) -> int:
        """Return the id of a contract of an exchange, new or known."""
        return intern_in(self._contract_ids, self.contracts, (exchange, name))

    def account(self, exchange: int, name: str) -> int:
        """Return the id of an account at an exchange, new or known."""
        return intern_in(self._account_ids, self.accounts, (exchange, name))

    def exchange_of(self, contract: int) -> str:
        """Return the exchange of a contract."""
        return self.exchanges[self.contracts[contract][0]]


KeyT = TypeVar("KeyT")


def intern_in(ids: dict[KeyT, int], items: list[KeyT], key: KeyT) -> int:
    """Return the id of a key: its place among the items, at their end where it is new."""
    found = ids.get(key)
    if found is None:
        found = ids[key] = len(items)
        items.append(key)
    return found
