"""The tables of a scan out of a day's counts: results, tallies, cells, pairs.

There may be a million rows, so columns are made whole; order is by rank of the names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import outputs, schema
from .batch import Int64
from .counts import DayCounts, Pair
from .large import LargeSize
from .plan import ContractFacts, Plan
from .roster import Roster
from .rules.compile import Compiled
from .rules.evaluate import RuleResults
from .visibility import Sight

Index = npt.NDArray[np.intp]


class DayTables:
    """Builds each table of one day.

    sees_pairs, sees_offset : whether the log can tell self-trades, and openings, at all
    sight : what the log shows of the market
    """

    def __init__(
        self,
        counts: DayCounts,
        roster: Roster,
        day: date,
        *,
        sees_pairs: bool,
        sees_offset: bool,
        sight: Sight,
    ) -> None:
        self._counts = counts
        self._roster = roster
        self._day = day
        self._sees_pairs = sees_pairs
        self._sees_offset = sees_offset
        self._sight = sight
        names = roster.names
        self._kept = counts.plan.attributes_at(*{facts.exchange for facts in roster.facts})
        self._sizes = _sizes_in_use(counts.plan, roster.facts)
        self._width = len(roster.facts) + 1  # subject x contract as one key
        self._exchange = pa.array(names.exchanges, pa.string())
        self._contract = pa.array([name for _, name in names.contracts], pa.string())
        self._contract_exchange = np.array([e for e, _ in names.contracts], np.int64)
        self._account = pa.array([name for _, name in names.accounts], pa.string())
        self._subject = pa.array([name for _, _, name in roster.judged], pa.string())
        self._kind = pa.array([kind for _, kind, _ in roster.judged], pa.string())
        self._judged_exchange = np.array([e for e, _, _ in roster.judged], np.int64)
        self._subject_rank = rank_of([(kind, name) for _, kind, name in roster.judged])
        self._contract_rank = rank_of([(names.exchanges[e], name) for e, name in names.contracts])

    def tallies(self) -> pa.Table:
        """Return a row per subject and contract: gross counts; a suspected member's client too."""
        keys, counts = self._cell_tallies()
        pair_keys, pair_counts = self._pair_tallies()
        found, at = np.unique(np.concatenate([keys, pair_keys]), return_inverse=True)
        total = np.zeros((len(found), counts.shape[1]), np.int64)
        np.add.at(total, at[: len(keys)], counts)
        pairs = np.zeros((len(found), len(schema.PAIR_COUNTS)), np.int64)
        pairs[at[len(keys) :]] = pair_counts
        busy = total.any(axis=1) | pairs.any(axis=1)
        subject, contract = found[busy] // self._width, found[busy] % self._width
        return self._tally_table(subject, contract, total[busy], pairs[busy])

    def cells(self) -> pa.Table:
        """Return a row per account, contract and attributes."""
        cells = self._counts.cells
        plan = self._counts.plan
        busy = np.flatnonzero(cells.every().any(axis=1))
        account_rank = rank_of([name for _, name in self._roster.names.accounts])
        order = busy[
            np.lexsort(
                (
                    *self._attribute_ranks(cells.attributes[busy]),
                    account_rank[cells.account[busy]],
                    self._contract_rank[cells.contract[busy]],
                )
            )
        ]
        columns = {
            "day": self._days(len(order)),
            "exchange": self._exchange.take(
                pa.array(self._contract_exchange[cells.contract[order]])
            ),
            "account": self._account.take(pa.array(cells.account[order])),
            "contract": self._contract.take(pa.array(cells.contract[order])),
            **_attribute_columns("", cells.attributes[order], self._kept),
            **self._count_columns(
                cells.every()[order]
            ),
        }
        return outputs.table_of(
            outputs.cells_schema(self._sizes, self._kept, plan.extra), columns
        )

    def self_pairs(self, *, has_channels: bool) -> pa.Table:
        """Return a row per pair of orders that traded within a subject, alike in attributes."""
        pairs = self._counts.pairs
        names, roster = self._roster.names, self._roster
        subjects = [roster.subject_of[pair.incoming_account] for pair in pairs]
        kept = self._kept

        def texts(of: Callable[[Pair], str]) -> list[str]:
            return [of(pair) for pair in pairs]

        columns: dict[str, Any] = {
            "day": self._days(len(pairs)),
            "exchange": texts(lambda p: names.exchange_of(p.contract)),
            "subject": [roster.judged[s][2] for s in subjects],
            "subject_kind": [roster.judged[s][1] for s in subjects],
            "contract": texts(lambda p: names.contracts[p.contract][1]),
            "incoming": texts(lambda p: p.incoming),
            "resting": texts(lambda p: p.resting),
            "incoming_contract": texts(lambda p: names.contracts[p.incoming_contract][1]),
            "resting_contract": texts(lambda p: names.contracts[p.resting_contract][1]),
            "incoming_account": texts(lambda p: roster.account_name(p.incoming_account)),
            "resting_account": texts(lambda p: roster.account_name(p.resting_account)),
            "matches": [pair.matches for pair in pairs],
            "lots": [pair.lots for pair in pairs],
            "first_seq": [pair.first_seq for pair in pairs],
            "first_channel": [pair.first_channel for pair in pairs] if has_channels else None,
            "first_ts": np.array([pair.first_ts for pair in pairs], np.int64),
        }
        for side in ("incoming", "resting"):
            packed = np.array([getattr(p, f"{side}_attributes") for p in pairs], np.int64)
            columns |= _attribute_columns(f"{side}_", packed, kept - {"cancel_by"})
        return outputs.sort_table(
            "self_pairs", outputs.table_of(outputs.self_pairs_schema(kept), columns)
        )

    def results(self, results: Sequence[RuleResults], compiled: Compiled) -> pa.Table:
        """Return a row per rule, subject and scope, then one per rule that was blind."""
        judged = [self._result_rows(found, compiled) for found in results]
        blind = [
            {"rule": rule, "day": self._day, "blind": why}
            for rule, why in sorted(compiled.blind.items())
        ]
        tables = [*judged, pa.Table.from_pylist(blind, outputs.RESULTS)]
        return pa.concat_tables(tables).combine_chunks()

    # --- parts ---------------------------------------------------------------------------------

    def _days(self, rows: int) -> pa.Array:
        return pa.array([self._day], pa.date32()).take(pa.array(np.zeros(rows, np.int64)))

    def _count_columns(self, counts: Int64) -> dict[str, Any]:
        """Return the columns of cell counts, then of large cancels, by name."""
        columns: dict[str, Any] = {
            name: counts[:, i]
            for i, name in enumerate(schema.CELL_COUNTS)
            if name != "open_lots" or self._sees_offset
        }
        plan = self._counts.plan
        j_end = len(schema.CELL_COUNTS) + len(plan.large)
        for size in self._sizes:
            column = counts[:, len(schema.CELL_COUNTS) + plan.large.index(size)]
            columns[f"large_cancels@{size.name}"] = column
        for j, name in enumerate(plan.extra, start=j_end):
            columns[name] = counts[:, j]
        return columns

    def _tally_table(
        self, subject: Int64, contract: Int64, counts: Int64, pairs: Int64
    ) -> pa.Table:
        order = np.lexsort((self._subject_rank[subject], self._contract_rank[contract]))
        subject, contract, counts, pairs = (
            subject[order], contract[order], counts[order], pairs[order],
        )
        columns = {
            "day": self._days(len(order)),
            "exchange": self._exchange.take(pa.array(self._judged_exchange[subject])),
            "subject": self._subject.take(pa.array(subject)),
            "subject_kind": self._kind.take(pa.array(subject)),
            "contract": self._contract.take(pa.array(contract)),
            **self._count_columns(counts),
            "otr": _otr(counts),
        }
        if self._sees_pairs:
            columns |= {name: pairs[:, i] for i, name in enumerate(schema.PAIR_COUNTS)}
        plan = self._counts.plan
        return outputs.table_of(outputs.tallies_schema(self._sizes, plan.extra), columns)

    def _cell_tallies(self) -> tuple[Int64, Int64]:
        """Return cells' counts by key (subject x contract), again for clients judged besides."""
        cells, roster = self._counts.cells, self._roster
        keys, rows = [], []
        for judged in (roster.subjects(), roster.alone()):
            judge = judged[cells.account].astype(np.int64)
            here = np.flatnonzero(judge >= 0)
            keys.append(judge[here] * self._width + cells.contract[here])
            rows.append(here)
        counts = cells.every()
        return np.concatenate(keys), counts[np.concatenate(rows)]

    def _pair_tallies(self) -> tuple[Int64, Int64]:
        """Return self-trade counts by key (subject x contract): keys (n,), counts (n, 4)."""
        roster = self._roster
        width = self._width
        matches: dict[int, list[Pair]] = {}
        for pair in self._counts.pairs:
            a, b = pair.incoming_account, pair.resting_account
            judged = [roster.subject_of[a]]
            if roster.alone_of[a] >= 0 and roster.alone_of[a] == roster.alone_of[b]:
                judged.append(roster.alone_of[a])
            for subject in judged:
                matches.setdefault(subject * width + pair.contract, []).append(pair)
        counts = [
            (
                sum(pair.matches for pair in pairs),
                len({_pair_key(pair) for pair in pairs}),
                len({(pair.incoming_contract, pair.incoming) for pair in pairs}),
                sum(pair.lots for pair in pairs),
            )
            for pairs in matches.values()
        ]
        return (
            np.array(list(matches), np.int64),
            np.array(counts, np.int64).reshape(len(counts), len(schema.PAIR_COUNTS)),
        )

    def _attribute_ranks(self, packed: npt.NDArray[Any]) -> list[Index]:
        """Return sort ranks of the attributes, last key first; null after every word."""
        ranks = []
        for name in reversed(schema.ATTRIBUTE_BITS):
            words = _attribute_words(name)
            by_word = sorted(range(len(words)), key=lambda i: (words[i] is None, words[i] or ""))
            rank = np.empty(len(words), np.intp)
            rank[by_word] = np.arange(len(words))
            ranks.append(rank[_codes(packed, name)])
        return ranks

    def _result_rows(self, found: RuleResults, compiled: Compiled) -> pa.Table:
        ledger, rule = found.ledger, found.rule
        rows = len(ledger.gross)
        scope_rank = rank_of(found.scopes)
        exchange_rank = rank_of(self._roster.names.exchanges)
        order = np.lexsort(
            (
                self._subject_rank[ledger.subject],
                scope_rank[ledger.scope],
                exchange_rank[self._judged_exchange[ledger.subject]],
            )
        )
        subject = ledger.subject[order]
        once = pa.array(np.zeros(rows, np.int64))
        columns: dict[str, Any] = {
            "rule": pa.array([rule.id], pa.string()).take(once),
            "day": self._days(rows),
            "exchange": self._exchange.take(pa.array(self._judged_exchange[subject])),
            "subject": self._subject.take(pa.array(subject)),
            "subject_kind": self._kind.take(pa.array(subject)),
            "scope": pa.array(found.scopes, pa.string()).take(pa.array(ledger.scope[order])),
            "exempt": _exempt_maps(rule.reasons, ledger.exempt[order]),
            "level": pa.array([None, "yellow", "red"], pa.string()).take(
                pa.array(found.level[order])
            ),
            "assumed": pa.array(
                [compiled.assumed.get(rule.id, [])], pa.list_(pa.string())
            ).take(once),
            "unknown": ledger.unknown[order],
            "count_name": pa.array([rule.count_name], pa.string()).take(once),
            "lower_bound": pa.array([self._sight.is_lower_bound(rule.count)]).take(once),
        }
        if found.ratios is None:
            columns |= {"gross": ledger.gross[order], "counted": ledger.counted[order]}
        else:
            ratios = found.ratios[order]
            columns |= {"gross_ratio": ratios[:, 0], "ratio": ratios[:, 1]}
        return outputs.table_of(outputs.RESULTS, columns)



def _sizes_in_use(plan: Plan, held: Sequence[ContractFacts]) -> list[LargeSize]:
    """Return the sizes of large cancels by which some rule judges a contract that is there.

    Where none does, that is the least size in lots, so that the count is told in any case.
    """
    used = {
        rule.large
        for rule in plan.rules
        if rule.large is not None and any(rule.applies(facts) for facts in held)
    }
    return [size for size in plan.large if size in used] or list(plan.large[:1])


def rank_of(names: Sequence[Any]) -> Index:
    """Return the rank of each name in sorted order: (n,)."""
    rank = np.empty(len(names), np.intp)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank


def _pair_key(pair: Pair) -> tuple[tuple[int, str], ...]:
    return tuple(
        sorted(((pair.incoming_contract, pair.incoming), (pair.resting_contract, pair.resting)))
    )


def _otr(counts: Int64) -> npt.NDArray[np.float64]:
    """Return messages / max(1, filled orders) - 1, NaN where there are no messages."""
    messages = counts[:, schema.CELL_COUNTS.index("messages")]
    filled = counts[:, schema.CELL_COUNTS.index("filled_orders")]
    ratio = messages / np.maximum(1, filled) - 1
    return np.where(messages > 0, ratio, np.nan)


def _exempt_maps(reasons: Sequence[str], exempt: Int64) -> pa.MapArray:
    """Return reason -> n of each row, only those above 0; reasons of one name are summed."""
    names = list(dict.fromkeys(reasons))
    summed = np.zeros((len(exempt), len(names)), np.int64)
    for i, reason in enumerate(reasons):
        summed[:, names.index(reason)] += exempt[:, i]
    row, column = np.nonzero(summed)
    offsets = np.zeros(len(exempt) + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=len(exempt)), out=offsets[1:])
    return pa.MapArray.from_arrays(
        pa.array(offsets),
        pa.array(names, pa.string()).take(pa.array(column)),
        pa.array(summed[row, column], pa.int64()),
    )


def _codes(packed: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    low, width = schema.ATTRIBUTE_BITS[name]
    return (packed >> low) & ((1 << width) - 1)


def _attribute_words(name: str) -> list[str | None]:
    """Return an attribute's words by code; None where the log is blank or it does not apply."""
    _, width = schema.ATTRIBUTE_BITS[name]
    if name not in schema.CODES:
        return [None] * (1 << width)
    known = {int(code) for code in schema.CODES[name]} - {int(schema.CancelBy.UNNAMED)}
    return [schema.word_of(name, code) if code in known else None for code in range(1 << width)]


def _attribute_columns(
    prefix: str, packed: npt.NDArray[Any], kept: frozenset[str] | set[str]
) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name in schema.ATTRIBUTE_BITS:
        if name not in kept and name != "unknown_order":
            continue
        codes = _codes(packed, name)
        if name in schema.CODES:
            words = pa.array(_attribute_words(name), pa.string())
            columns[prefix + name] = words.take(pa.array(codes.astype(np.int64)))
        else:
            columns[prefix + name] = pa.array(codes.astype(np.bool_))
    return columns
