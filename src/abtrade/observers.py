"""Observers: counts that need more than an order table, each watching the day's steps.

An observer of the compiled engine is given the steps of a batch as an array, in row order; one of
the reference engine is given the steps of one row after the other. Both come to the same
``Measures`` and crossings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .batch import Batch
from .counts import Crossing, Observed
from .plan import ContractFacts
from .reference_levels import Listener
from .reference_rows import Row
from .steps import Step, What


class Introduced(Protocol):
    """Whatever is told of contracts and accounts, in id order, before their first step."""

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account.

        ``subject`` is who is judged; ``alone`` the subject judged besides, a client of a suspected
        group, else -1; ``client`` its client, in ids of clients.
        """


class Observer(Introduced, Protocol):
    """An observer of the compiled engine."""

    wants: frozenset[What]

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Take up a batch's steps, (n,) ``steps.STEP`` in row order, of all kinds that any wants.

        ``base`` is the index in the day of the batch's first row. Returns the levels reached, each
        with the index in the day of its row.
        """

    def finish(self) -> Observed:
        """End the day."""

    def state_hash(self) -> int:
        """Return 64 bits of the state; the reference's observer gives the same."""

    def dump(self) -> Any:
        """Return the state as plain values and bytes, for ``restore``."""

    def restore(self, plain: Any) -> None:
        """Take up what ``dump`` gave; contracts and accounts are told already."""


class ReferenceObserver(Introduced, Protocol):
    """An observer of the reference engine."""

    def listen(self, listener: Listener) -> None:
        """Have every event that is put to a rule told."""

    def row(self, row: Row, steps: Sequence[Step]) -> list[Crossing]:
        """Take up one row's steps; return the levels it reached."""

    def finish(self) -> Observed:
        """End the day."""

    def state_hash(self) -> int:
        """Return 64 bits of the state."""


def in_row_order(crossings: Iterable[tuple[int, Crossing]]) -> list[Crossing]:
    """Return the levels reached: by row, then rule, level, subject, scope."""
    ordered = sorted(
        crossings,
        key=lambda found: (
            found[0], found[1].rule, found[1].level, found[1].subject, found[1].scope
        ),
    )  # fmt: skip
    return [crossing for _, crossing in ordered]
