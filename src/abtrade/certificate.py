"""The certificate: what the log held, every fault, and what the run could and could not judge.

It is the same for the same rows however they were stored, split, batched or threaded; facts about
files and times are in ``run.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import schema, wording
from .counts import BookSeen, ContractRows, DayCounts, FaultCount
from .roster import Roster
from .rules.compile import Compiled
from .rules.desk import Desk, Named
from .rules.rule import Text
from .visibility import Sight
from .wording import iso_time

Faults = Mapping[tuple[int, schema.Fault], FaultCount]


def make_certificate(
    counts: DayCounts,
    roster: Roster,
    compiled: Compiled,
    *,
    day: str,
    columns: Sequence[str],
    sight: Sight,
    sequence_faults: Faults,
    rejected_rows: int,
    has_seq: bool,
    assume: Mapping[str, str],
    derived: Mapping[str, Any],
    uncovered: Sequence[str],
    unmatched: Sequence[str],
    no_fee_brackets: Sequence[str] | None,
    unjudged: Mapping[str, Mapping[str, Sequence[str]]],
    desk: Desk,
    identities: Mapping[str, Any],
    notes: Sequence[str],
    overlay: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the certificate as JSON data.

    columns : canonical columns that were read; what was not read was not checked
    sight : what the log shows of the market, and of its orders' history
    sequence_faults : faults of the sequence, found before the engine saw the rows
    derived : columns that the log does not have and what was put in for them
    uncovered : contracts that no rule judges
    unmatched : contracts that no table and no spelling knows
    no_fee_brackets : contracts of which no order fee is known; None: none was asked for
    unjudged : contracts that single rules are for and do not judge, by why and by rule
    desk : what a desk has switched
    identities : by exchange, how accounts were joined, and which could not be
    notes : what else of the log a reader must know, whatever files it came in
    overlay : what a desk's overlay did, None: there is none, and nothing is said of it
    """
    faults = dict(sequence_faults)
    faults |= {(fault.contract, fault.kind): fault for fault in counts.faults}
    rows = {found.contract: found for found in counts.rows}
    books = {seen.contract: seen for seen in counts.books}
    has_channels = "channel" in columns
    exchanges: dict[str, dict[str, Any]] = {}
    names = roster.names
    held = {*rows, *(contract for contract, _ in faults)}
    for contract in sorted(held, key=lambda c: (names.exchange_of(c), names.contracts[c][1])):
        entry: dict[str, Any] = {}
        if contract in rows:
            entry = _rows_entry(rows[contract])
        entry["faults"] = {
            kind.name.lower(): _fault_entry(faults[contract, kind], has_channels)
            for kind in schema.Fault
            if (contract, kind) in faults
        }
        if contract in books:
            entry["book"] = _book_entry(books[contract], rows[contract], has_channels)
        exchanges.setdefault(names.exchange_of(contract), {})[names.contracts[contract][1]] = entry
    totals = {
        kind.name.lower(): total
        for kind in schema.Fault
        if (total := sum(fault.count for (_, k), fault in faults.items() if k is kind))
    }
    return {
        "schema_version": schema.SCHEMA_VERSION,
        "day": day,
        "verdict": _verdict(rejected_rows, totals),
        "rejected_rows": rejected_rows,
        "faults": totals,
        "visibility": sight.word,
        "one_broker": sight.one_broker,
        "visibility_note": wording.sight_note(sight, "en"),
        "visibility_note_zh": wording.sight_note(sight, "zh"),
        "redelivery_seen": has_seq,
        "columns": sorted(columns),
        "attributes_kept": sorted(counts.plan.attributes_at(*exchanges)),
        "stated": dict(sorted(assume.items())),
        "derived": dict(derived),
        "assumed": {rule: texts for rule, texts in sorted(compiled.assumed.items()) if texts},
        "blind": dict(sorted(compiled.blind.items())),
        "unverified_off": sorted(rule for _, rule in desk.unverified_off),
        "switched_off": {rule: dict(why) for (_, rule), why in sorted(desk.switched_off, key=_id)},
        **({} if overlay is None else {"overlay": dict(overlay)}),
        "uncovered": sorted(uncovered),
        "unmatched": sorted(unmatched),
        "no_fee_brackets": None if no_fee_brackets is None else sorted(no_fee_brackets),
        **{why: dict(rules) for why, rules in unjudged.items()},
        "identities": dict(identities),
        "notes": list(notes),
        "state_hash": f"{counts.state_hash:016x}",
        **({"book": _all_books(exchanges)} if counts.plan.book else {}),
        "exchanges": exchanges,
    }


def _id(switched: tuple[Named, Text]) -> str:
    return switched[0][1]


def _verdict(rejected_rows: int, faults: Mapping[str, int]) -> str:
    if rejected_rows:
        return "rejected rows"
    return "faults" if faults else "complete"


def _rows_entry(rows: ContractRows) -> dict[str, Any]:
    return {
        "rows": {
            action.name.lower(): rows.actions[action]
            for action in schema.Action
            if rows.actions.get(action)
        },
        "first_seq": rows.first_seq,
        "last_seq": rows.last_seq,
        "first_ts": iso_time(rows.first_ts),
        "last_ts": iso_time(rows.last_ts),
    }


def _fault_entry(fault: FaultCount, has_channels: bool) -> dict[str, Any]:
    return {"count": fault.count, "first": _named(fault.first, has_channels)}


def _named(first: Sequence[tuple[int, int, int]], has_channels: bool) -> list[dict[str, Any]]:
    """Return the rows that are named of a fault, given as (channel, seq, ts)."""
    named = []
    for channel, seq, ts in first:
        row: dict[str, Any] = {"seq": seq, "ts": iso_time(ts)}
        named.append({"channel": channel, **row} if has_channels else row)
    return named


def _book_entry(seen: BookSeen, rows: ContractRows, has_channels: bool) -> dict[str, Any]:
    """Return how the rows of a contract fitted its order book."""
    unknown = seen.counts[schema.BookCount.UNKNOWN_RESTING]
    return {
        "counts": {
            what.name.lower(): n for what, n in zip(schema.BookCount, seen.counts, strict=True) if n
        },
        "first": {
            what.name.lower(): _named(first, has_channels) for what, first in seen.first.items()
        },
        "begins_without_resting_orders": unknown > 0 and schema.Action.CARRIED not in rows.actions,
    }


def _all_books(exchanges: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was seen in all order books, and whose log lacks the orders before it."""
    books = {
        f"{exchange}:{contract}": entry["book"]
        for exchange, contracts in exchanges.items()
        for contract, entry in contracts.items()
        if "book" in entry
    }
    words = [what.name.lower() for what in schema.BookCount]
    totals = {word: sum(book["counts"].get(word, 0) for book in books.values()) for word in words}
    return {
        "counts": {word: n for word, n in totals.items() if n},
        "begin_without_resting_orders": [
            name for name, book in books.items() if book["begins_without_resting_orders"]
        ],
    }
