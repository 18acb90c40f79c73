"""The tables a scan writes: their schemas, the order of their rows, and alerts as tables.

A count with a whole number is int64 everywhere. A ratio has columns of its own (``ratio``, and
``gross_ratio`` without exemptions, float64); in a row of a ratio ``count``, ``counted`` and
``gross`` are null, and ``exempt``, ``unknown`` and ``shares`` are of messages, or of the lots,
orders or cancels that a share is of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from . import alert_message, schema, wording
from .alerts import Alert, Tipping, alert_order
from .large import LargeSize
from .safe_text import for_json

YUAN: Final = pa.decimal128(20, 6)
TIME: Final = pa.timestamp("ns", "Asia/Shanghai")
LEFT_OUT: Final = pa.map_(pa.string(), pa.int64())
SHARES: Final = pa.list_(
    pa.struct([("account", pa.string()), ("client", pa.string()), ("counted", pa.int64())])
)

ALERTS: Final = pa.schema([
    pa.field("alert_id", pa.string(), nullable=False),
    pa.field("rule", pa.string(), nullable=False),
    pa.field("rule_version", pa.string(), nullable=False),
    pa.field("level", pa.string(), nullable=False),  # yellow, red
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("subject_kind", pa.string(), nullable=False),  # account, client, group
    pa.field("accounts", pa.list_(pa.string()), nullable=False),
    pa.field("scope", pa.string(), nullable=False),  # contract:cu2503
    pa.field("count", pa.int64()),  # counted at the end of the day
    pa.field("gross", pa.int64()),
    pa.field("exempt", LEFT_OUT, nullable=False),  # reason -> n; gross = count + their sum
    pa.field("yellow_at", pa.int64()),  # the count after the event that reached yellow
    pa.field("red_at", pa.int64()),
    pa.field("yellow_seq", pa.int64()),
    pa.field("yellow_ts", TIME),
    pa.field("red_seq", pa.int64()),
    pa.field("red_ts", TIME),
    pa.field("shares", SHARES, nullable=False),
    pa.field("largest_client", pa.string(), nullable=False),
    pa.field("reached_alone", pa.bool_(), nullable=False),
    pa.field("assumed", pa.list_(pa.string()), nullable=False),
    pa.field("clause", pa.string(), nullable=False),
    pa.field("message", pa.string(), nullable=False),
    pa.field("message_zh", pa.string(), nullable=False),
    pa.field("count_name", pa.string(), nullable=False),  # what is counted: large_cancels@300
    pa.field("unknown", pa.int64(), nullable=False),  # of the counted
    pa.field("ratio", pa.float64()),  # of a ratio, what count is of the others
    pa.field("gross_ratio", pa.float64()),
    pa.field("yellow_limit", pa.string()),  # as the rule says it: ">= 400"
    pa.field("red_limit", pa.string()),
    pa.field("yellow_channel", pa.int64()),  # null where the log has no channels
    pa.field("red_channel", pa.int64()),
    pa.field("group_status", pa.string()),  # filed, determined, suspected
    pa.field("largest_client_count", pa.int64()),  # self-trades: both sides that client
    pa.field("largest_client_ratio", pa.float64()),
    pa.field("exempt_clauses", pa.map_(pa.string(), pa.string()), nullable=False),
    pa.field("clause_zh", pa.string(), nullable=False),
    pa.field("status", pa.string(), nullable=False),  # verified, secondary, unverified
    pa.field("notes", pa.list_(pa.string()), nullable=False),
    pa.field("visibility", pa.string(), nullable=False),  # exchange, broker, final-state
    pa.field("lower_bound", pa.bool_(), nullable=False),  # whether the count may be higher in truth
    pa.field("yellow_from", pa.int64()),  # lots that reach yellow, where a limit tells
    pa.field("red_from", pa.int64()),
    pa.field("detail", pa.string()),  # JSON: what else was measured; see docs/outputs.md
])
"""One row an alert."""

RESULTS: Final = pa.schema([
    pa.field("rule", pa.string(), nullable=False),
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string()),  # null, as all down to scope, in the row of a blind rule
    pa.field("subject", pa.string()),
    pa.field("subject_kind", pa.string()),
    pa.field("scope", pa.string()),
    pa.field("gross", pa.int64()),
    pa.field("counted", pa.int64()),
    pa.field("exempt", LEFT_OUT),
    pa.field("level", pa.string()),  # yellow, red or null
    pa.field("assumed", pa.list_(pa.string())),
    pa.field("unknown", pa.int64()),
    pa.field("count_name", pa.string()),
    pa.field("ratio", pa.float64()),
    pa.field("gross_ratio", pa.float64()),
    pa.field("blind", pa.string()),  # why the rule was not evaluated; null where it was
    pa.field("lower_bound", pa.bool_()),  # whether the count may be higher in truth
])
"""One row a rule, subject and scope with gross > 0, then one for each rule that was blind."""

REJECTED: Final = pa.schema([
    pa.field("file", pa.string(), nullable=False),
    pa.field("row", pa.int64(), nullable=False),  # data row within the file, from 1
    pa.field("reason", pa.string(), nullable=False),
    pa.field("content", pa.string(), nullable=False),  # the row as read
])
"""One row a bad row."""

LINKS: Final = pa.schema([
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("account", pa.string(), nullable=False),
    pa.field("client", pa.string(), nullable=False),
    pa.field("client_kind", pa.string(), nullable=False),  # client, account
    pa.field("joined", pa.string(), nullable=False),  # how the client was found
    pa.field("client_accounts", pa.int64(), nullable=False),  # the client's, in the log
    pa.field("in_accounts_table", pa.bool_()),  # null where none was given
    pa.field("group", pa.string()),
    pa.field("status", pa.string()),  # of the group
    pa.field("link", pa.string()),  # how the group was found
    pa.field("through", pa.list_(pa.string()), nullable=False),  # the client's own links
    pa.field("source", pa.string()),  # of the links
    pa.field("group_clients", pa.int64()),  # on the day, silent ones too
    pa.field("group_clients_in_log", pa.int64()),
    pa.field("remark", pa.string()),  # what could not be joined
])
"""One row an account of the log."""

CONTRACTS: Final = pa.schema([
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("contract", pa.string(), nullable=False),  # in the exchange's own spelling
    pa.field("matched", pa.string()),  # contracts table, spelling; null: nothing knows it
    pa.field("kind", pa.string()),  # future, option, combination, tas
    pa.field("product", pa.string()),
    pa.field("month", pa.int32()),  # yyyymm
    pa.field("expiry", pa.date32()),
    pa.field("underlying", pa.string()),
    pa.field("series", pa.string()),
    pa.field("option_type", pa.string()),  # call, put
    pa.field("strike", pa.float64()),
    pa.field("legs", pa.list_(pa.string()), nullable=False),  # of a combination
    pa.field("tick", pa.float64()),
    pa.field("multiplier", pa.float64()),
    pa.field("max_order_lots", pa.int64()),  # of a limit order
    pa.field("max_market_order_lots", pa.int64()),
    pa.field("order_fee", pa.bool_()),
    pa.field("upper_limit", pa.float64()),
    pa.field("lower_limit", pa.float64()),
    pa.field("previous_close", pa.float64()),
    pa.field("underlying_close", pa.float64()),
    pa.field("sources", pa.map_(pa.string(), pa.string()), nullable=False),  # fact -> whence
])
"""One row a contract of the log; null: not known."""

FEES: Final = pa.schema([
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("subject_kind", pa.string(), nullable=False),
    pa.field("group_status", pa.string()),
    pa.field("scope", pa.string(), nullable=False),  # over what messages add up
    pa.field("messages", pa.int64(), nullable=False),  # that are charged
    pa.field("exempt_messages", pa.int64(), nullable=False),  # of market makers
    pa.field("filled_orders", pa.int64(), nullable=False),
    pa.field("otr", pa.float64()),
    pa.field("dearer", pa.bool_(), nullable=False),  # whether the dearer rates apply
    pa.field("fee", YUAN, nullable=False),
    pa.field("bracket_above", pa.int64(), nullable=False),
    pa.field("rate", YUAN, nullable=False),  # of the last message
    pa.field("messages_left", pa.int64()),  # before the next bracket; null: there is none
    pa.field("next_rate", YUAN),
    pa.field("next_message", YUAN, nullable=False),  # what one more message costs
    pa.field("status", pa.string()),  # verified, secondary, unverified
    pa.field("source", pa.string(), nullable=False),
])
"""One row a subject and scope with messages where brackets of order fees are known."""

BURSTS: Final = pa.schema([
    pa.field("rule", pa.string(), nullable=False),
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("subject_kind", pa.string(), nullable=False),
    pa.field("count_name", pa.string(), nullable=False),  # burst_occasions@10
    pa.field("occasions", pa.int64(), nullable=False),  # gross
    pa.field("counted", pa.int64(), nullable=False),
    pa.field("most_messages", pa.int64(), nullable=False),  # that count, in one second
    pa.field("most_from", TIME),  # where that second begins; null: no message counts
    pa.field("late_messages", pa.int64(), nullable=False),  # of a second too long ago
])
"""One row a rule on bursts and a subject that sent messages."""

SHARE_WORDS: Final = {"volume": "volume", "orders": "order", "cancels": "cancel"}
"""What subjects do -> the word that columns of shares of it begin with."""


def _figures(word: str) -> list[pa.Field]:
    """Return the columns that compare a share with those of earlier days."""
    return [
        pa.field(f"{word}_{name}", pa.float64()) for name in ("median", "spread", "deviation")
    ]


SUBJECT_SHARES: Final = pa.schema([
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("subject_kind", pa.string(), nullable=False),
    pa.field("scope", pa.string(), nullable=False),  # contract:cu2503, product:cu
    *(
        field
        for quantity, word in SHARE_WORDS.items()
        for field in (
            pa.field(quantity, pa.int64(), nullable=False),
            pa.field(f"{word}_share", pa.float64(), nullable=False),
            pa.field(f"{word}_rank", pa.int64()),
            *_figures(word),
        )
    ),
    pa.field("long_lots", pa.int64()),  # at the end of the day
    pa.field("long_share", pa.float64()),  # of the open interest
    pa.field("short_lots", pa.int64()),
    pa.field("short_share", pa.float64()),
    pa.field("history_days", pa.int64(), nullable=False),  # that it was compared with
])
"""One row a subject and scope in which it did or held anything."""

CONCENTRATION: Final = pa.schema([
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("scope", pa.string(), nullable=False),
    pa.field("subjects", pa.int64(), nullable=False),  # that did or held anything
    *(
        field
        for quantity, word in SHARE_WORDS.items()
        for field in (
            pa.field(quantity, pa.int64(), nullable=False),  # of all
            pa.field(f"{word}_top10", pa.float64(), nullable=False),
            *_figures(f"{word}_top10"),
        )
    ),
    pa.field("long_lots", pa.int64()),  # of all, at the end of the day
    pa.field("long_top10", pa.float64()),
    pa.field("short_lots", pa.int64()),
    pa.field("short_top10", pa.float64()),
    pa.field("open_interest", pa.int64()),
    pa.field("history_days", pa.int64(), nullable=False),
])
"""One row a contract, and a product: what part of all the ten largest subjects have."""

POSITIONS: Final = pa.schema([
    pa.field("day", pa.date32(), nullable=False),
    pa.field("exchange", pa.string(), nullable=False),
    pa.field("account", pa.string(), nullable=False),
    pa.field("contract", pa.string(), nullable=False),
    pa.field("hedge", pa.string(), nullable=False),
    *(
        pa.field(f"{side}_{name}", pa.int64(), nullable=name.endswith(("today", "seq")))
        for name in ("opening", "opening_today", "end", "end_today", "peak", "peak_seq")
        for side in ("long", "short")
    ),
    pa.field("bought", pa.int64(), nullable=False),
    pa.field("sold", pa.int64(), nullable=False),
    pa.field("side_unknown", pa.int64(), nullable=False),  # lots filled of which no side is told
])
"""One row an account, contract and hedge flag of which lots were held or filled.

Today's lots are null at exchanges that do not tell them apart; the seq of a peak where the opening
was it.
"""

SORT_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "results": ("rule", "exchange", "scope", "subject_kind", "subject"),
    "tallies": ("exchange", "contract", "subject_kind", "subject"),
    "cells": ("exchange", "contract", "account", *schema.ATTRIBUTE_BITS),
    "self_pairs": (
        "exchange",
        "contract",
        "first_channel",
        "first_seq",
        "incoming",
        "resting",
        *(f"incoming_{name}" for name in schema.ATTRIBUTE_BITS),
        *(f"resting_{name}" for name in schema.ATTRIBUTE_BITS),
    ),
    "shares": ("exchange", "scope", "subject_kind", "subject"),
    "concentration": ("exchange", "scope"),
    "rejected": ("file", "row"),
    "positions": ("exchange", "contract", "account", "hedge"),
    "links": ("exchange", "account"),
    "contracts": ("exchange", "contract"),
    "fees": ("exchange", "scope", "source", "subject_kind", "subject"),
    "bursts": ("rule", "exchange", "subject_kind", "subject"),
}
"""The columns that order a table's rows, those it has of them; text by code point."""

_PAIR_ATTRIBUTES: Final = ("hedge", "tif", "order_type", "phase", "market_maker", "unknown_order")
_FLAGS: Final = ("market_maker", "unknown_order")


def alerts_table(alerts: Sequence[Alert]) -> pa.Table:
    """Return alerts in the order of ``alert_order``, with the columns of ``ALERTS``."""
    ordered = sorted(alerts, key=alert_order)
    return pa.Table.from_pylist([_alert_row(alert) for alert in ordered], ALERTS)


def alert_record(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON data: keys as the columns of ``ALERTS``, times as ISO 8601 texts."""
    row = _alert_row(alert)
    row["day"] = alert.result.day
    row["exempt"] = dict(row["exempt"])
    row["exempt_clauses"] = dict(row["exempt_clauses"])
    for name in ("yellow_ts", "red_ts"):
        row[name] = None if row[name] is None else wording.iso_time(row[name])
    row["detail"] = told(alert.detail) or None
    return row


def told(detail: Any, key: str = "") -> Any:
    """Return an alert's detail as it is written: times, under ``ts`` and ``second``, as ISO 8601.

    A point of a ``curve`` is seq, time and lots.
    """
    if isinstance(detail, dict):
        return {name: told(value, name) for name, value in detail.items()}
    if key == "curve":
        return [[seq, wording.iso_time(ts), lots] for seq, ts, lots in detail]
    if isinstance(detail, list):
        return [told(value) for value in detail]
    return wording.iso_time(detail) if key in ("ts", "second") and detail is not None else detail


def tallies_schema(large: Sequence[LargeSize], extra: Sequence[str] = ()) -> pa.Schema:
    """Return the schema of a subject's counts in a contract.

    ``large``: sizes in use; ``extra``: counts of schema.EXTRA_COUNTS that were asked for.
    Null: the log cannot tell (``open_lots`` without an offset, self-trades without the other side
    of a trade, ``otr`` without messages).
    """
    return pa.schema([
        pa.field("day", pa.date32(), nullable=False),
        pa.field("exchange", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("contract", pa.string(), nullable=False),
        *(_count(name) for name in ("orders", "cancels", *large_columns(large))),
        *(_count(name, nullable=True) for name in (*schema.PAIR_COUNTS, "open_lots")),
        *(_count(name) for name in ("messages", "filled_orders")),
        pa.field("otr", pa.float64()),
        *map(_count, extra),
    ])


def cells_schema(
    large: Sequence[LargeSize], attributes: Collection[str], extra: Sequence[str] = ()
) -> pa.Schema:
    """Return the schema of an account's counts in a contract by attributes.

    ``attributes``: those kept apart in this run; the others have no column. A null attribute is
    one the log leaves blank, one that no rule of the exchange reads, or (``cancel_by``) one that
    does not apply.
    """
    return pa.schema([
        pa.field("day", pa.date32(), nullable=False),
        pa.field("exchange", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("contract", pa.string(), nullable=False),
        *_attributes("", tuple(schema.ATTRIBUTE_BITS), attributes),
        *(_count(name) for name in ("orders", "cancels", *large_columns(large))),
        _count("open_lots", nullable=True),
        *(_count(name) for name in ("messages", "filled_orders", *extra)),
    ])


def self_pairs_schema(attributes: Collection[str]) -> pa.Schema:
    """Return the schema of pairs of orders that traded within a subject.

    ``attributes``: those kept apart in this run, of each order; the phase is the trade's.
    """
    return pa.schema([
        pa.field("day", pa.date32(), nullable=False),
        pa.field("exchange", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("contract", pa.string(), nullable=False),  # of the trade
        pa.field("incoming", pa.string(), nullable=False),  # order ids as written
        pa.field("resting", pa.string(), nullable=False),
        pa.field("incoming_contract", pa.string(), nullable=False),  # where the order stands
        pa.field("resting_contract", pa.string(), nullable=False),
        pa.field("incoming_account", pa.string(), nullable=False),
        pa.field("resting_account", pa.string(), nullable=False),
        *_attributes("incoming_", _PAIR_ATTRIBUTES, attributes),
        *_attributes("resting_", _PAIR_ATTRIBUTES, attributes),
        _count("matches"),
        _count("lots"),
        pa.field("first_seq", pa.int64(), nullable=False),  # of the first of these matches
        pa.field("first_channel", pa.int64()),
        pa.field("first_ts", TIME, nullable=False),
    ])


def large_columns(large: Sequence[LargeSize]) -> list[str]:
    """Return the columns of large cancels: one a size, the plain name too where there is one."""
    plain = ["large_cancels"] if len(large) == 1 else []
    return plain + [f"large_cancels@{size.name}" for size in large]


def table_of(columns: pa.Schema, values: Mapping[str, Any]) -> pa.Table:
    """Return a table of numpy arrays, lists or Arrow arrays by column name.

    A column that is not given, or None, is null in every row; NaN is null. ``large_cancels`` may
    be left out: it is the one size's column.
    """
    values = {name: column for name, column in values.items() if column is not None}
    sizes = [name for name in columns.names if name.startswith("large_cancels@")]
    if "large_cancels" in columns.names and sizes[0] in values:
        values["large_cancels"] = values[sizes[0]]
    assert set(values) <= set(columns.names), sorted(set(values) - set(columns.names))
    rows = len(next(iter(values.values()), ()))
    arrays = []
    for field in columns:
        given = field.name in values
        assert given or field.nullable or not rows, f"{field.name} is not given"
        arrays.append(_array(values[field.name], field) if given else pa.nulls(rows, field.type))
    return pa.Table.from_arrays(arrays, schema=columns)


def sort_table(name: str, table: pa.Table) -> pa.Table:
    """Return the rows of a table in the order of its sort keys."""
    keys = [(key, "ascending") for key in SORT_KEYS[name] if key in table.column_names]
    return table.sort_by(keys) if table.num_rows > 1 else table


# --- pieces --------------------------------------------------------------------------------------


def _alert_row(alert: Alert) -> dict[str, Any]:
    result = alert.result
    is_ratio = schema.count_word(result.count) in schema.FIGURES
    row: dict[str, Any] = {
        "alert_id": alert.alert_id,
        "rule": result.rule,
        "rule_version": alert.rule_version,
        "level": alert.level,
        "day": date.fromisoformat(result.day),
        "exchange": result.exchange,
        "subject": result.subject,
        "subject_kind": result.subject_kind,
        "accounts": list(alert.accounts),
        "scope": result.scope,
        "count": None if is_ratio else result.counted,
        "gross": None if is_ratio else result.gross,
        "exempt": list(result.exempt.items()),
        "yellow_at": None if is_ratio else _of(alert.yellow, "count"),
        "red_at": None if is_ratio else _of(alert.red, "count"),
        "yellow_seq": _of(alert.yellow, "seq"),
        "yellow_ts": _of(alert.yellow, "ts"),
        "red_seq": _of(alert.red, "seq"),
        "red_ts": _of(alert.red, "ts"),
        "shares": [asdict(share) for share in alert.shares],
        "largest_client": alert.largest_client,
        "reached_alone": alert.reached_alone,
        "assumed": list(result.assumed),
        "clause": wording.by_language(alert.clause, "en"),
        "message": alert_message.message(alert, "en"),
        "message_zh": alert_message.message(alert, "zh"),
        "count_name": result.count,
        "unknown": result.unknown,
        "ratio": float(result.counted) if is_ratio else None,
        "gross_ratio": float(result.gross) if is_ratio else None,
        "yellow_limit": alert.yellow_limit,
        "red_limit": alert.red_limit,
        "yellow_channel": _of(alert.yellow, "channel"),
        "red_channel": _of(alert.red, "channel"),
        "group_status": alert.group_status,
        "largest_client_count": None if is_ratio else alert.largest_client_count,
        "largest_client_ratio": float(alert.largest_client_count) if is_ratio else None,
        "exempt_clauses": list(alert.exempt_clauses.items()),
        "clause_zh": wording.by_language(alert.clause, "zh"),
        "status": alert.weakest_status,
        "notes": list(alert.notes),
        "visibility": alert.sight.word,
        "lower_bound": alert.sight.is_lower_bound(result.count),
        "yellow_from": alert.yellow_from,
        "red_from": alert.red_from,
        "detail": for_json(told(alert.detail)) if alert.detail else None,
    }
    assert list(row) == ALERTS.names
    return row


def _of(tipping: Tipping | None, name: str) -> Any:
    return None if tipping is None else getattr(tipping, name)


def _count(name: str, nullable: bool = False) -> pa.Field:
    return pa.field(name, pa.int64(), nullable=nullable)


def _attributes(prefix: str, names: Sequence[str], kept: Collection[str]) -> list[pa.Field]:
    return [
        pa.field(prefix + name, pa.bool_(), nullable=False)
        if name in _FLAGS
        else pa.field(prefix + name, pa.string())
        for name in names
        if name in kept or name == "unknown_order"
    ]


def _array(values: Any, field: pa.Field) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(field.type)
    if isinstance(values, np.ndarray) and field.type == TIME:
        return pa.array(values.astype(np.int64)).cast(TIME)
    return pa.array(values, field.type, from_pandas=True)
