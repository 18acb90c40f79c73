"""DayCounts: what an engine found in a day, before any rule's words are put to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import schema
from .batch import Int64
from .plan import Plan, PlanRule


@dataclass(slots=True)
class Cells:
    """Counts by account, contract and attributes; n rows, in no particular order.

    ``large`` has one column per size of ``plan.large``.
    """

    contract: npt.NDArray[np.int32]  # (n,)
    account: npt.NDArray[np.int32]  # (n,)
    attributes: npt.NDArray[np.int32]  # (n,) packed, see schema.ATTRIBUTE_BITS
    counts: Int64  # (n, len(schema.CELL_COUNTS))
    large: Int64  # (n, sizes)
    extra: Int64  # (n, len(plan.extra))

    def every(self) -> Int64:
        """Return all counts, in the order of a cell: (n, counts)."""
        return np.hstack([self.counts, self.large, self.extra])

    def of(self, field: int) -> Int64:
        """Return one count, by its place in a cell: (n,)."""
        for table in (self.counts, self.large, self.extra):
            if field < table.shape[1]:
                return table[:, field]
            field -= table.shape[1]
        raise IndexError("no such count in a cell")


@dataclass(slots=True)
class Pair:
    """Matches of an incoming with a resting order within one subject, alike in attributes.

    Attributes are those of the order with the phase of the trade row. ``first_*`` is the first of
    these matches; ``first_index`` orders it among all rows of the day.
    """

    contract: int  # of the trade
    incoming: str  # order id as written
    resting: str
    incoming_contract: int  # where each order stands, other than ``contract`` for a leg fill
    resting_contract: int
    incoming_account: int
    resting_account: int
    incoming_attributes: int
    resting_attributes: int
    matches: int
    lots: int
    first_index: int
    first_seq: int
    first_channel: int
    first_ts: int

    def reason(self, rule: PlanRule, incoming: int, resting: int) -> int:
        """Return the pair's reason code out of those of its two orders, the incoming first."""
        if rule.both:
            return incoming if incoming and resting else 0
        return incoming or resting


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level reached: the tipping event of a rule, subject and scope."""

    rule: int  # index into plan.rules
    level: int  # 0 yellow, 1 red
    subject: int
    scope: str  # as written: contract:cu2503
    count: int | float  # after the event
    seq: int
    channel: int
    ts: int


@dataclass(slots=True)
class Behind:
    """What an alert tells of a measure besides its numbers."""

    shares: dict[int, int]  # account -> what it contributed; of bursts: messages in occasions
    alone: dict[int, tuple[int | float, int]]  # client -> what it comes to alone, its level
    detail: dict[str, Any]  # what else an alert tells, as JSON data


@dataclass(slots=True)
class Measures:
    """What one rule measured, where its count is no sum of cells: n rows, in no particular order.

    A row is a subject in a scope, each at most once. Of a figure, gross, counted and levels are
    float64, else int64. ``levels`` are the numbers at which a row turns yellow and red: NaN for
    never, -1 where they are whole.
    """

    rule: int  # index into plan.rules
    scopes: Sequence[str]  # as written; those of two exchanges may be alike
    subject: Int64  # (n,)
    scope: Int64  # (n,) index into ``scopes``
    gross: npt.NDArray[Any]  # (n,)
    counted: npt.NDArray[Any]  # (n,)
    exempt: Int64  # (n, reasons) by reason code - 1; all 0 where gross is no sum of such
    unknown: Int64  # (n,) of counted: rests on something the log left blank
    level: Int64  # (n,) 0 none, 1 yellow, 2 red
    levels: npt.NDArray[Any]  # (n, 2)
    behind: dict[int, Behind]  # by row, of each that reached a level

    def __len__(self) -> int:
        return len(self.subject)

    def where(self, rows: npt.NDArray[np.intp]) -> Measures:
        """Return the rows at some places, in the order of these."""
        return Measures(
            self.rule,
            self.scopes,
            self.subject[rows],
            self.scope[rows],
            self.gross[rows],
            self.counted[rows],
            self.exempt[rows],
            self.unknown[rows],
            self.level[rows],
            self.levels[rows],
            {i: self.behind[rows[i]] for i in np.flatnonzero(self.level[rows]).tolist()},
        )


@dataclass(slots=True)
class Measure:
    """A row of ``Measures`` by itself, levels None for never; ``shares`` to ``detail`` are empty
    where no level is reached.
    """

    rule: int  # index into plan.rules
    subject: int
    scope: str  # as written
    gross: int | float
    counted: int | float
    exempt: tuple[int, ...]  # by reason code - 1; all 0 where gross is no sum of such
    unknown: int  # of counted: rests on something the log left blank
    level: int  # 0 none, 1 yellow, 2 red
    levels: tuple[int | float | None, int | float | None]
    shares: dict[int, int]  # account -> what it contributed; of bursts: messages in occasions
    alone: dict[int, tuple[int | float, int]]  # client -> what it comes to alone, its level
    detail: dict[str, Any]  # what else an alert tells, as JSON data


@dataclass(slots=True)
class Observed:
    """What an observer saw in a day: measures for the rules, and arrays for output tables."""

    measures: list[Measures] = field(default_factory=list)
    tables: dict[str, npt.NDArray[np.void]] = field(default_factory=dict)
    faults: list[FaultCount] = field(default_factory=list)
    crossings: list[tuple[int, Crossing]] = field(default_factory=list)
    """Levels of which it was known late that they are reached, with the index of the row."""


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How often a kind of fault befell a contract, and the first rows it was seen in."""

    contract: int
    kind: schema.Fault
    count: int
    first: tuple[tuple[int, int, int], ...]  # (channel, seq, ts), at most FIRST_FAULTS_KEPT


@dataclass(frozen=True, slots=True)
class BookSeen:
    """How the rows of a contract fitted its order book."""

    contract: int
    counts: tuple[int, ...]  # by schema.BookCount
    first: dict[schema.BookCount, tuple[tuple[int, int, int], ...]]
    """Of each kind in BOOK_FAULTS that was seen: (channel, seq, ts) of its first rows, at most
    FIRST_FAULTS_KEPT."""


@dataclass(slots=True)
class ContractRows:
    """What the log holds of a contract."""

    contract: int
    actions: dict[schema.Action, int]
    first_seq: int
    last_seq: int
    first_ts: int
    last_ts: int


@dataclass(slots=True)
class DayCounts:
    """All an engine knows at the end of the day."""

    plan: Plan
    cells: Cells
    pairs: list[Pair]
    crossings: list[Crossing]
    faults: list[FaultCount]
    rows: list[ContractRows]
    state_hash: int
    measures: list[Measures] = field(default_factory=list)  # at most one a rule
    observed: dict[str, npt.NDArray[np.void]] = field(default_factory=dict)  # by name of a table
    books: list[BookSeen] = field(default_factory=list)  # by contract id, where books are kept
