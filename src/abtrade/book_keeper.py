"""BookKeeper: a compiled engine that keeps books and judges nobody, told of all that comes up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .batch import Batch
from .compiled import CompiledEngine
from .job import NEEDED_COLUMNS
from .market.contracts import ContractTable
from .names import Names
from .observers import Observer
from .plan import ContractFacts, Plan, make_plan
from .readers.log import Log

PLAN: Plan = make_plan((), book=True)
PLACE_COLUMNS: Final = ("side", "price")
"""Columns without which no order has a place in a book."""


def book_columns(log: Log) -> frozenset[str]:
    """Return the columns of a log that books are kept by."""
    return frozenset(log.columns) & (NEEDED_COLUMNS | PLAN.columns)


class BookKeeper:
    """Keeps the books of the contracts whose rows it is fed.

    names : of the rows that will come; a reader may go on adding to them
    columns : canonical columns of the log that are read
    auctions : rows of auctions have their phase, though the log has no such column
    clock_phases : phases are put in by the clock
    """

    def __init__(
        self,
        names: Names,
        contracts: ContractTable,
        *,
        columns: frozenset[str],
        auctions: bool,
        clock_phases: bool,
        observers: Sequence[Observer] = (),
    ) -> None:
        self.engine = CompiledEngine(
            PLAN, names, columns=columns, auctions=auctions, keep_openings=auctions,
            observers=observers, clock_phases=clock_phases,
        )  # fmt: skip
        self.accounts = 0  # that are known
        self._names = names
        self._contracts = contracts
        self._known = 0

    def take_up(self) -> Iterator[tuple[int, ContractFacts]]:
        """Tell the engine of what has come up since the last batch; yield its contracts, by id.

        To be run to its end before the batch is fed.
        """
        for contract, (exchange, name) in enumerate(
            self._names.contracts[self._known :], self._known
        ):
            facts = self._contracts.facts(self._names.exchanges[exchange], name)
            self.engine.contract(contract, facts)
            self._known = contract + 1
            yield contract, facts
        for account in range(self.accounts, len(self._names.accounts)):
            self.engine.account(account, account, -1, account, frozenset())
            self.accounts = account + 1

    def feed(self, batch: Batch) -> None:
        """Apply rows, in order."""
        self.engine.feed(batch)
