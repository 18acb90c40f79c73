"""Write a canonical log as a FIX drop copy: what a broker's session would have been sent of it.

A match in one row becomes a report of each side with a common TrdMatchID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

SOH = "\x01"
BEGIN = {"4.2": "FIX.4.2", "4.4": "FIX.4.4", "5.0": "FIXT.1.1"}
MICS = {"SHFE": "XSGE", "INE": "XINE", "DCE": "XDCE", "CZCE": "XZCE", "CFFEX": "CCFX",
        "GFEX": "GFEX"}  # fmt: skip
SIDES = {"buy": "1", "sell": "2"}
TIFS = {"gfd": "0", "gtc": "1", "fak": "3", "fok": "4"}
OFFSETS = {"open": "O", "close": "C", "close_today": "C", "close_yesterday": "C"}
TYPES = {"market": "1", "limit": "2", "stop": "3", "quote": "D"}
REASONS = {"exchange": "8", "self_match": "18", "disconnect": "12"}
TRADE_TYPES = {"normal": "0", "block": "1", "efp": "2", "exercise": "45"}

Field = tuple[int, str]
Row = dict[str, Any]


@dataclass
class Order:
    """An order as its reports tell it."""

    row: Row
    size: int
    left: int
    filled: int = 0
    client_ids: int = 0


@dataclass
class Exporter:
    """Reports of one drop copy session."""

    version: str = "4.4"
    orders: dict[tuple[Any, ...], Order] = field(default_factory=dict)
    executions: int = 0

    def messages(self, log: pa.Table) -> Iterator[list[Field]]:
        """Yield the reports of a log, each as the fields of its body."""
        for row in log.to_pylist():
            yield from self._reports(row)

    def _reports(self, row: Row) -> Iterator[list[Field]]:
        match row["action"]:
            case "new":
                yield self._report(row, self._open(row), "0")
            case "carried":
                yield self._report(row, self._open(row), "D", (378, "1"))
            case "cancel":
                yield self._cancelled(row)
            case "amend":
                order = self._order(row, row["order_id"])
                order.left, order.size = row["lots"], row["lots"] + order.filled
                yield self._report(row, order, "5", replaces=True, price=row.get("price"))
            case "trade":
                yield from self._traded(row)
            case "reject":
                yield self._report(row, Order(row, row["lots"] or 0, 0), "8")
            case other:
                raise AssertionError(f"FIX has no report of {other}")

    def _open(self, row: Row) -> Order:
        order = Order(row, row["lots"], row["lots"])
        self.orders.setdefault(_key(row, row["order_id"]), order)
        return order

    def _order(self, row: Row, number: Any) -> Order:
        return self.orders[_key(row, number)]

    def _cancelled(self, row: Row) -> list[Field]:
        order = self._order(row, row["order_id"])
        lots = order.left if row["lots"] is None else row["lots"]
        order.left -= lots
        by = row.get("cancel_by")
        reason = ((378, REASONS[by]),) if by in REASONS else ()
        kind = "C" if by == "expiry" else "4"
        if order.left:  # FIX tells a part that the venue takes off as a restatement
            kind, reason = "D", reason or ((378, "5"),)
        return self._report(row, order, kind, *reason, replaces=by == "client")

    def _traded(self, row: Row) -> Iterator[list[Field]]:
        number = row.get("trade_id") or f"M{self.executions}"
        for side in ("order_id", "contra_order_id"):
            if row.get(side) is not None:
                yield self._filled(row, self._order(row, row[side]), str(number))

    def _filled(self, row: Row, order: Order, number: str) -> list[Field]:
        order.left -= row["lots"]
        order.filled += row["lots"]
        kind = "F" if self.version != "4.2" else "1" if order.left else "2"
        more: list[Field] = [(32, str(row["lots"])), (31, str(row["price"])), (880, number)]
        if row.get("trade_type") in TRADE_TYPES:
            more.append((828, TRADE_TYPES[row["trade_type"]]))
        return self._report(row, order, kind, *more)

    def _report(
        self,
        row: Row,
        order: Order,
        kind: str,
        *more: Field,
        replaces: bool = False,
        price: Any = None,
    ) -> list[Field]:
        self.executions += 1
        new = order.row
        was = f"C{new['order_id']}-{order.client_ids}"
        order.client_ids += replaces
        found: list[Field] = [
            (35, "8"), (37, str(new["order_id"])),
            (11, f"C{new['order_id']}-{order.client_ids}"), (17, f"E{self.executions}"),
            *([(41, was)] if replaces else ()), *([(20, "0")] if self.version == "4.2" else ()),
            (150, kind), (39, "0"), (1, new["account"]), (55, row["contract"]),
            (54, SIDES[new["side"]]), (38, str(order.size)), (151, str(order.left)),
            (14, str(order.filled)), (6, "0"), (60, utc(row["ts"])),
        ]  # fmt: skip
        for tag, words, column in ((207, MICS, "exchange"), (40, TYPES, "order_type"),
                                   (59, TIFS, "tif"), (77, OFFSETS, "offset")):  # fmt: skip
            if new.get(column) in words:
                found.append((tag, words[new[column]]))
        if (limit := price if price is not None else new.get("price")) is not None:
            found.append((44, str(limit)))
        if new.get("member"):
            found += [(453, "1"), (448, new["member"]), (447, "D"), (452, "1")]
        return [*found, *more]


def _key(row: Row, number: Any) -> tuple[Any, ...]:
    return row.get("exchange"), row["contract"], number


def utc(ts: Any) -> str:
    """Return a time, in ns since 1970 UTC, as a UTCTimestamp."""
    seconds, rest = divmod(ts, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d-%H:%M:%S}.{rest:09}"


def wire(fields: Iterable[Field], version: str = "4.4") -> str:
    """Return a message with its header, length and checksum, its fields between SOH."""
    body = "".join(f"{tag}={value}{SOH}" for tag, value in fields)
    head = f"8={BEGIN[version]}{SOH}9={len(body.encode())}{SOH}{body}"
    return f"{head}10={sum(head.encode()) % 256:03}{SOH}"


def lines(messages: Iterable[str], delimiter: str = SOH, prefix: str = "") -> str:
    """Return messages as the lines of a log."""
    return "".join(f"{prefix}{message.replace(SOH, delimiter)}\n" for message in messages)


def plain(log: pa.Table) -> pa.Table:
    """Return a log with its times in ns since 1970, without requests for quotes."""
    at = log.column_names.index("ts")
    times = log.column("ts").cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
    return log.set_column(at, "ts", times).filter(pa.compute.field("action") != "rfq")


def export(
    log: pa.Table, path: Path, version: str = "4.4", delimiter: str = SOH, prefix: str = ""
) -> Path:
    """Write a log as a drop copy."""
    made = (wire(fields, version) for fields in Exporter(version).messages(plain(log)))
    path.write_text(lines(made, delimiter, prefix), encoding="utf-8", newline="")
    return path
