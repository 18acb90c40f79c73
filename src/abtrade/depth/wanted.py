"""Which contracts of a log are meant: as people name them, or the only one that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ..errors import InputError
from ..market.contracts import ContractTable
from ..market.exchanges import exchange_named
from ..readers.only import rows_by_contract
from ..readers.raw import Source
from ..safe_text import for_terminal

BUSIEST: Final = 10
"""Contracts that a message lists."""


class Wanted:
    """The contracts that were named.

    A text may name the exchange, as ``SHFE.cu2503``, ``cu2503.SHFE`` or ``SHFE:cu2503``; without,
    it is the contract of every exchange of the log that has one so called.
    """

    def __init__(self, texts: Sequence[str], contracts: ContractTable) -> None:
        self._meant = [(text, _meant(text, contracts)) for text in dict.fromkeys(texts)]
        self._found: set[str] = set()

    def __call__(self, exchange: str, contract: str) -> bool:
        """Whether a contract of the log is one of them."""
        texts = self._texts(exchange, contract)
        self._found |= texts
        return bool(texts)

    def lacking(self, contracts: Iterable[tuple[str, str]]) -> list[str]:
        """Return the texts that none of some contracts, by exchange and name, is called by."""
        called = {text for contract in contracts for text in self._texts(*contract)}
        return [text for text, _ in self._meant if text not in called]

    @property
    def missing(self) -> list[str]:
        """The texts that no contract met so far is called by."""
        return [text for text, _ in self._meant if text not in self._found]

    def _texts(self, exchange: str, contract: str) -> set[str]:
        return {
            text for text, meant in self._meant
            if (exchange, contract) in meant or (None, contract) in meant
        }  # fmt: skip


def only_contract(sources: Sequence[Source], contracts: ContractTable) -> str:
    """Return the one contract of a log. Raises InputError where it has several, or none."""
    rows = rows_by_contract(sources, contracts)
    if not rows:
        raise InputError("the log has no row that names a contract")
    if len(rows) > 1:
        raise InputError(
            f"the log has {len(rows)} contracts: name one by --contract; {_busiest(rows)}"
        )
    (exchange, contract), = rows
    return f"{exchange}:{contract}"


def check_met(wanted: Wanted, sources: Sequence[Source], contracts: ContractTable) -> None:
    """Raise InputError where the log has no row of a contract that was named."""
    if not wanted.missing:
        return
    rows = rows_by_contract(sources, contracts)
    for exchange, contract in rows:
        wanted(exchange, contract)
    if wanted.missing:
        named = ", ".join(map(for_terminal, wanted.missing))
        raise InputError(f"the log has no row of contract {named}; {_busiest(rows)}")


def _busiest(rows: Counter[tuple[str, str]]) -> str:
    told = ", ".join(
        f"{for_terminal(f'{exchange}.{contract}')} ({n:,} rows)"
        for (exchange, contract), n in sorted(
            rows.items(), key=lambda each: (-each[1], each[0])
        )[:BUSIEST]
    )
    if not told:
        return "it names none"
    return f"it has {told}" if len(rows) <= BUSIEST else f"the busiest are {told}"


def _meant(text: str, contracts: ContractTable) -> set[tuple[str | None, str]]:
    """Return the pairs of exchange (None: any) and contract that a text may stand for."""
    named = contracts.named(None, text)
    meant = {(None, text), (named.exchange, named.contract)}
    for mark in (":", "."):
        exchange, found, contract = text.partition(mark)
        if found:
            where = exchange_named(exchange)
            meant |= {(where, contract), (where, contracts.named(where, contract).contract)}
    return meant
