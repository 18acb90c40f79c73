"""Random order logs, small and as nasty as a log can be, and the forms they are stored in.

Few contracts, orders, accounts and trade ids, so that unknown orders, late rows, repeated ids,
self-trades and third twins happen all the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
from hypothesis import strategies as st

DAY: Final = "2025-01-06"
START_NS: Final = 1_736_125_200_000_000_000  # 09:00:00 of that day in Shanghai

CONTRACTS: Final = (
    *[("SHFE", "cu2501")] * 6, ("SHFE", "cu2502"), ("SHFE", "al2501"), *[("DCE", "m2505")] * 3,
    ("DCE", "p2505"),
)
"""Where rows stand, those where most of them do more than once."""
ACCOUNTS: Final = ("A", "B", "C", "D", "E")
ACTIVE: Final = ("A", "A", "A", *ACCOUNTS)
ACTIONS: Final = ("new",) * 7 + ("trade",) * 7 + ("cancel",) * 4 + (
    "amend", "carried", "reject", "rfq"
)
INTS: Final = ("channel", "seq", "lots")
OPTIONAL: Final = (
    "exchange", "channel", "offset", "hedge", "order_type", "tif", "contra_order_id",
    "contra_account", "trade_id", "order_contract", "contra_order_contract", "trade_type",
    "cancel_by", "phase", "client",
)
"""Columns that a log may lack."""
CLIENTS: Final = {"A": "K", "B": "K", "C": "L"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Log:
    """Rows in seq order within each lane, and the columns that the log has."""

    rows: list[Row] = field(repr=False)
    columns: tuple[str, ...]
    text_ids: bool = False

    def __repr__(self) -> str:
        told = [{k: v for k, v in row.items() if v is not None} for row in self.rows]
        body = "\n".join(f"  {row}" for row in told)
        return f"Log(columns={self.columns}, text_ids={self.text_ids}, rows=[\n{body}])"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def table(self) -> pa.Table:
        """Return the log as a canonical table."""
        return pa.table({c: self._array(c) for c in self.columns})

    def _array(self, column: str) -> pa.Array:
        values = [row.get(column) for row in self.rows]
        if column == "ts":
            return pa.array(values, pa.int64()).cast(pa.timestamp("ns", "Asia/Shanghai"))
        if column in INTS:
            return pa.array(values, pa.int64())
        if column == "price":
            return pa.array(values, pa.float64())
        if column in ("order_id", "contra_order_id"):
            if not self.text_ids:
                return pa.array(values, pa.int64())
            return pa.array([None if v is None else text_id(v) for v in values], pa.string())
        return pa.array(values, pa.string())

    def with_rows(self, rows: list[Row]) -> Log:
        """Return a log of other rows with the same columns."""
        return replace(self, rows=rows)


def text_id(number: int) -> str:
    """Return an order id as a text: some with leading zeros, some with letters."""
    return (f"{number}", f"00{number}", f"X{number:019}")[number % 3]


@st.composite
def logs(
    draw: st.DrawFn, *, channels: bool = True, faults: bool = True, max_rows: int = 40
) -> Log:
    """Draw a log.

    channels : whether an exchange may number its rows in several lanes
    faults : whether seqs may repeat and timestamps run backwards
    """
    dropped = draw(st.sets(st.sampled_from(OPTIONAL), max_size=4))
    if not channels:
        dropped |= {"channel"}
    contracts = tuple(c for c in CONTRACTS if c[0] == "SHFE" or "exchange" not in dropped)
    least = draw(st.integers(1, max_rows))
    events = draw(st.lists(_events(contracts, faults), min_size=least, max_size=max_rows))
    columns = ("seq", "ts", "contract", "action", "order_id", "account", "side", "price", "lots",
               *(column for column in OPTIONAL if column not in dropped))
    rows = _in_sequence(events, "channel" not in dropped)
    return Log([_without(row, dropped) for row in rows], columns, draw(st.booleans()))


def _events(contracts: tuple[tuple[str, str], ...], faults: bool) -> st.SearchStrategy[Row]:
    orders = st.integers(1, 9)
    maybe_account = st.sampled_from((None, None, None, *ACCOUNTS))
    others = [name for _, name in contracts]
    return st.fixed_dictionaries({
        "where": st.sampled_from(contracts),
        "action": st.sampled_from(ACTIONS),
        "order": orders,
        "contra": st.one_of(st.none(), orders, orders),
        "is_known": st.sampled_from((True, True, True, False)),
        "account": st.sampled_from(ACTIVE),
        "told_account": maybe_account,
        "contra_account": maybe_account,
        "side": st.sampled_from(("buy", "sell")),
        "told_side": st.sampled_from((None, None, "buy", "sell")),
        "offset": st.sampled_from(("open", "open", "close", None)),
        "hedge": st.sampled_from(("speculation", "speculation", "hedge", "market_maker", None)),
        "order_type": st.sampled_from(("limit", "limit", "quote", "combination", None)),
        "tif": st.sampled_from(("gfd", "fak", "fok", None)),
        "lots": st.sampled_from((1, 1, 2, 3, 6, 9)),
        "told_lots": st.sampled_from((None, None, 0, 1, 2, 6)),
        "price": st.sampled_from((70000, 70010)),
        "trade_id": st.sampled_from((None, None, "T1", "T2", "T3")),
        "other": st.sampled_from((None,) * 3 * len(others) + (*others,)),
        "contra_other": st.sampled_from((None,) * 3 * len(others) + (*others,)),
        "trade_type": st.sampled_from((None, "normal", "normal", "combination_leg", "block")),
        "cancel_by": st.sampled_from(
            (None, "client", "client", "exchange", "expiry", "self_match", "disconnect", "forced")
        ),
        "phase": st.sampled_from(("continuous", "continuous", "auction", None)),
        "channel": st.integers(1, 2),
        "seconds": st.sampled_from((0, 0, 1, 1, -1) if faults else (0, 0, 1)),
        "seq_step": st.sampled_from((1, 1, 1, 1, 1, 3, 0) if faults else (1, 1, 2)),
        "again": st.booleans(),
    })


def _in_sequence(events: list[Row], has_channels: bool) -> list[Row]:
    """Return events as rows, with seqs that never fall within an exchange and channel."""
    rows: list[Row] = []
    last: dict[tuple[str, int | None], Row] = {}
    opened: dict[tuple[str, str], list[int]] = {}
    ts = START_NS
    for event in events:
        exchange, contract = event["where"]
        _aim(event, opened.setdefault(event["where"], []))
        channel = event["channel"] if has_channels else None
        before = last.get((exchange, channel))
        ts += event["seconds"] * 1_000_000_000
        row = _row(event) | {"exchange": exchange, "contract": contract, "channel": channel,
                             "ts": ts, "seq": 1}
        if before is not None:
            row["seq"] = before["seq"] + event["seq_step"]
            if row["seq"] == before["seq"] and event["again"]:
                row = dict(before)
        last[exchange, channel] = row
        rows.append(row)
    return rows


def _aim(event: Row, opened: list[int]) -> None:
    """Let most events befall orders that were opened, and most new rows open others."""
    if event["action"] in ("new", "carried"):
        if event["is_known"]:
            event["order"] = 10 + len(opened)
        opened.append(event["order"])
    elif event["is_known"] and opened:
        for name in ("order", "contra"):
            if event[name] is not None:
                event[name] = opened[-1 - event[name] % min(len(opened), 3)]


def _row(event: Row) -> Row:
    action = event["action"]
    row: Row = {"action": action, "order_id": event["order"], "phase": event["phase"],
                "account": event["told_account"], "side": event["told_side"]}
    if action in ("new", "carried"):
        row |= {name: event[name] for name in
                ("account", "side", "offset", "hedge", "order_type", "tif", "price")}
        row["lots"] = 2 * event["lots"]
        row["client"] = CLIENTS.get(event["account"])
    elif action == "cancel":
        row |= {"lots": event["told_lots"], "cancel_by": event["cancel_by"]}
    elif action == "amend":
        row["lots"] = event["told_lots"] or event["lots"]
    elif action == "reject":
        row["lots"] = event["lots"]
    elif action == "rfq":
        row |= {"order_id": None, "account": event["account"], "hedge": event["hedge"]}
    else:
        row |= {name: event[name] for name in ("offset", "trade_id", "trade_type", "lots", "price",
                                               "contra_account")}
        row |= {"contra_order_id": event["contra"], "order_contract": event["other"],
                "contra_order_contract": event["contra_other"]}
        if event["contra"] is None and event["trade_id"] is not None:
            row["side"] = event["side"]
    return row


def _without(row: Row, columns: set[str]) -> Row:
    return {column: value for column, value in row.items() if column not in columns}


def links() -> st.SearchStrategy[pa.Table | None]:
    """Draw who is linked: nobody, one group or two, of any status."""
    statuses = st.sampled_from(("filed", "determined", "suspected", None))
    members = st.sets(st.sampled_from(ACCOUNTS), min_size=1, max_size=3)
    return st.one_of(st.none(), st.builds(_links, members, statuses, statuses, st.booleans()))


def _links(first: set[str], status: str | None, other: str | None, two: bool) -> pa.Table:
    """Return the links of a group, and where asked of the rest, whole clients in each."""
    clients = {CLIENTS.get(account, account) for account in first}
    groups = {
        account: ("G", status) if CLIENTS.get(account, account) in clients else ("H", other)
        for account in ACCOUNTS
    }
    linked = {a: told for a, told in groups.items() if two or told[0] == "G"}
    return pa.table({
        "account": pa.array(linked, pa.string()),
        "group": pa.array([group for group, _ in linked.values()], pa.string()),
        "status": pa.array([status for _, status in linked.values()], pa.string()),
    })


def cuts(size: int) -> st.SearchStrategy[list[int]]:
    """Draw where to cut a log of that many rows, ascending, ends left out."""
    return st.lists(st.integers(1, max(size - 1, 1)), max_size=4, unique=True).map(sorted)


# --- how a log is stored -------------------------------------------------------------------------


def write(log: pa.Table, path: Path, rows: int = 3) -> Path:
    """Write a log to a file in the form its suffix names, a few rows a group."""
    FORMS[path.suffix[1:]](log, path, rows)
    return path


def dictionaries(log: pa.Table) -> pa.Table:
    """Return a log with every text column as a dictionary."""
    return pa.table({
        name: column.dictionary_encode() if pa.types.is_string(column.type) else column
        for name, column in zip(log.column_names, log.columns, strict=True)
    })


def _write_parquet(log: pa.Table, path: Path, rows: int) -> None:
    pa.parquet.write_table(log, path, row_group_size=rows)


def _write_arrow(log: pa.Table, path: Path, rows: int) -> None:
    with pa.ipc.new_file(path, log.schema) as file:
        file.write_table(log, max_chunksize=rows)


def _write_csv(log: pa.Table, path: Path, rows: int) -> None:
    pa.csv.write_csv(log, path, pa.csv.WriteOptions(quoting_style="needed", batch_size=rows))


FORMS: Final[dict[str, Callable[[pa.Table, Path, int], None]]] = {
    "parquet": _write_parquet,
    "arrow": _write_arrow,
    "csv": _write_csv,
}
