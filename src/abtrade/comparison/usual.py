"""Usual: what the subjects of a day did on their own last days, out of earlier outputs.

People are put together as they are today: an account of an earlier day counts for the subject that
it has on this one, so that a group is compared with what the same people did before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..batch import Int64
from ..errors import InputError
from ..levels import scope_text
from ..names import intern_in
from ..plan import ContractFacts
from ..roster import Roster
from ..safe_text import for_terminal
from ..subjects import Subjects
from .earlier_outputs import EarlierOutput
from .shares import DONE, Scopes, largest, parts_of

NORMAL: Final = Fraction(14826, 10000)
"""The median absolute deviation times this is the standard deviation of normal numbers."""

CHUNK: Final = 1 << 16
"""How many rows are compared at once."""

Key = tuple[int, str, str]
Floats = npt.NDArray[np.float64]


class Usual:
    """The amounts of earlier days, by those who are judged and by clients of today."""

    def __init__(
        self,
        earlier: Sequence[EarlierOutput],
        roster: Roster,
        subjects: Subjects,
        scopes: dict[str, Scopes],
        quantities: Sequence[str],
    ) -> None:
        self.days: tuple[date, ...] = tuple(output.day for output in earlier)
        self.quantities = tuple(quantities)
        people = _People(roster, subjects)
        self._days = [_read_day(output, roster, people, scopes, quantities) for output in earlier]

    def amounts(
        self, kind: str, quantity: str, judge: Int64, scope: Int64, *, clients: bool = False
    ) -> Int64:
        """Return what subjects, or else clients, did on each day: (days, n)."""
        at = self.quantities.index(quantity)
        return np.stack([day[kind].of(judge, scope, at, clients) for day in self._days])

    def totals(self, kind: str, quantity: str) -> Int64:
        """Return what all did on each day: (days, scopes)."""
        at = self.quantities.index(quantity)
        return np.stack([day[kind].totals[:, at] for day in self._days])

    def largest(self, kind: str, quantity: str) -> Int64:
        """Return what the largest subjects of each scope did together, each day: (days, scopes)."""
        at = self.quantities.index(quantity)
        return np.stack([day[kind].largest[:, at] for day in self._days])


@dataclass(frozen=True, slots=True)
class Compared:
    """Shares of a day against those of earlier ones; NaN without a spread."""

    median: Floats  # (n,)
    spread: Floats
    deviation: Floats


def compare(share: Floats, earlier: Floats) -> Compared:
    """Compare shares, (n,), with those of earlier days, (days, n)."""
    parts = [
        _compare(share[at : at + CHUNK], earlier[:, at : at + CHUNK])
        for at in range(0, max(1, len(share)), CHUNK)
    ]
    return Compared(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _compare(share: Floats, earlier: Floats) -> tuple[Floats, Floats, Floats]:
    middle = np.median(earlier, axis=0)
    spread = float(NORMAL) * np.median(np.abs(earlier - middle), axis=0)
    nothing = np.full(len(share), np.nan)
    return middle, spread, np.divide(share - middle, spread, out=nothing, where=spread > 0)


def exact_usual(amounts: Sequence[int], totals: Sequence[int]) -> tuple[Fraction, Fraction]:
    """Return the median of the shares of some days, and their spread, exactly."""
    shares = [
        Fraction(amount, total) if total else Fraction(0)
        for amount, total in zip(amounts, totals, strict=True)
    ]
    middle = _median(shares)
    return middle, NORMAL * _median([abs(share - middle) for share in shares])


def _median(values: list[Fraction]) -> Fraction:
    """Return the middle value, exactly; of an even number halfway between the two."""
    ordered, half = sorted(values), len(values) // 2
    return (ordered[half] + ordered[~half]) / 2


def earlier_parts(amounts: Int64, totals: Int64, scope: Int64) -> Floats:
    """Return the shares of earlier days: amounts (days, n) as parts of totals (days, scopes)."""
    return parts_of(amounts, totals[:, scope])


# --- one day -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sparse:
    """Amounts by judge and scope; who is not there did nothing."""

    keys: Int64  # (m,) ascending
    table: Int64  # (m, k)

    def of(self, keys: Int64, at: int) -> Int64:
        """Return one quantity by key: (n,)."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: Int64 = np.where(self.keys[place] == keys, self.table[place, at], 0)
        return found


@dataclass(frozen=True, slots=True)
class _Day:
    """What was done in the scopes of one kind."""

    judged: _Sparse
    clients: _Sparse
    totals: Int64  # (scopes, k)
    largest: Int64  # (scopes, k)

    def of(self, judge: Int64, scope: Int64, at: int, clients: bool) -> Int64:
        sparse = self.clients if clients else self.judged
        return sparse.of(judge * len(self.totals) + scope, at)


@dataclass(slots=True)
class _People:
    """Who is judged today for an account of an earlier day."""

    roster: Roster
    subjects: Subjects
    judged: list[Key] = field(default_factory=list)  # today's, then others
    exchanges: dict[str, int] = field(default_factory=dict)
    _judged: dict[Key, int] = field(default_factory=dict)
    _clients: dict[Key, int] = field(default_factory=dict)
    _known: dict[tuple[str, str, str, str], tuple[int, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.judged = list(self.roster.judged)
        self.exchanges = {name: i for i, name in enumerate(self.roster.names.exchanges)}
        self._judged = {key: i for i, key in enumerate(self.judged)}
        self._clients = {key: i for i, key in enumerate(self.roster.clients)}

    def of(self, exchange: str, account: str, kind: str, client: str) -> tuple[int, int, int]:
        """Return (subject, client judged besides, client), -1 for none of today.

        ``kind`` and ``client`` are what that day's output says of the account. A subject that
        today does not know gets an id after all of today's.
        """
        key = (exchange, account, kind, client)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(*key)
        return found

    def _find(self, exchange: str, account: str, kind: str, client: str) -> tuple[int, int, int]:
        at = self.exchanges.get(exchange)
        if at is None:
            return -1, -1, -1
        place = self.subjects.place(exchange, account)
        if place.client_kind == "account":  # today says no more of it than that day did
            place = self.subjects.place_of(exchange, client, kind)
        alone = place.alone
        return (
            intern_in(self._judged, self.judged, (at, *place.subject)),
            -1 if alone is None else self._judged.get((at, *alone), -1),
            self._clients.get((at, place.client_kind, place.client), -1),
        )


def _read_day(
    output: EarlierOutput,
    roster: Roster,
    people: _People,
    scopes: dict[str, Scopes],
    quantities: Sequence[str],
) -> dict[str, _Day]:
    """Read what an earlier day's output holds of today's scopes, by kind of scope."""
    import pyarrow as pa

    fields = [DONE[name] for name in quantities]
    try:
        cells = _table(output, "cells", ["exchange", "account", "contract", *fields])
        accounts = _accounts(output, people)
        contracts = _contracts(output, people, scopes)
        grouped = cells.group_by(["exchange", "account", "contract"])
        done = grouped.aggregate([(name, "sum") for name in fields])
        told = done.join(accounts, ["exchange", "account"]).join(
            contracts, ["exchange", "contract"]
        )
        if told.num_rows != done.num_rows:
            raise ValueError("an account or a contract is told twice")
        columns = {
            name: told[name].combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
            for name in told.column_names
            if name not in ("exchange", "account", "contract") and not told[name].null_count
        }
        table = np.stack([columns[f"{name}_sum"] for name in fields], axis=1)
        return {
            kind: _day(columns[f"{kind}_scope"], columns, table, len(found))
            for kind, found in scopes.items()
        }
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        cause = for_terminal(str(error)).splitlines()[0]
        raise InputError(
            f"history: {for_terminal(str(output.path))}: is damaged, its tables do not go together "
            f"({cause}); scan that day again"
        ) from error


def _day(scope: Int64, columns: dict[str, Int64], table: Int64, scopes: int) -> _Day:
    here = scope >= 0
    scope, table = scope[here], table[here]
    totals = np.zeros((scopes, table.shape[1]), np.int64)
    np.add.at(totals, scope, table)
    subject, alone, client = (columns[name][here] for name in ("subject", "alone", "client"))
    judged = _sums(
        np.concatenate([subject, alone]),
        np.concatenate([scope, scope]),
        np.concatenate([table, table]),
        scopes,
    )
    own = _sums(subject, scope, table, scopes)
    tops = [largest(own.keys % max(1, scopes), column, scopes) for column in own.table.T]
    return _Day(judged, _sums(client, scope, table, scopes), totals, np.stack(tops, axis=1))


def _sums(judge: Int64, scope: Int64, table: Int64, scopes: int) -> _Sparse:
    here = judge >= 0
    keys, at = np.unique(judge[here] * scopes + scope[here], return_inverse=True)
    total = np.zeros((len(keys), table.shape[1]), np.int64)
    np.add.at(total, at, table[here])
    return _Sparse(keys, total)


def _accounts(output: EarlierOutput, people: _People) -> Any:
    import pyarrow as pa

    table = _table(output, "links", ["exchange", "account", "client_kind", "client"])
    found = [people.of(*row) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]
    ids = np.array(found, np.int64).reshape(len(found), 3)
    return pa.table(
        {
            "exchange": table["exchange"],
            "account": table["account"],
            **{name: ids[:, i] for i, name in enumerate(("subject", "alone", "client"))},
        }
    )


def _contracts(output: EarlierOutput, people: _People, scopes: dict[str, Scopes]) -> Any:
    """Return the scope of each contract of an earlier day, -1 for one that is none of today's."""
    import pyarrow as pa

    table = _table(output, "contracts", ["exchange", "contract", "product"])
    index = {kind: {key: i for i, key in enumerate(found.keys)} for kind, found in scopes.items()}
    places: dict[str, list[int]] = {kind: [] for kind in scopes}
    for exchange, contract, product in zip(*(c.to_pylist() for c in table.columns), strict=True):
        facts = ContractFacts(exchange, contract, product)
        for kind in scopes:
            key = (people.exchanges.get(exchange, -1), scope_text(kind, facts))
            places[kind].append(index[kind].get(key, -1))
    return pa.table(
        {"exchange": table["exchange"], "contract": table["contract"]}
        | {f"{kind}_scope": np.array(found, np.int64) for kind, found in places.items()}
    )


def _table(output: EarlierOutput, name: str, columns: list[str]) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(output.path / f"{name}.parquet", columns=columns, use_threads=False)
