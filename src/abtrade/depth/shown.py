"""Books on a terminal: the best prices of the first and the last of them, and the last's depth."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..safe_text import for_terminal
from ..wording import Language, clock, text
from .columns import MEASURES

FIRST: Final = 10
LAST: Final = 10
"""Books that are listed, at the beginning and at the end."""

Row = Mapping[str, Any]


def show_books(
    records: Iterable[pa.RecordBatch], levels: int, lang: Language, console: Console
) -> None:
    """Print a short table of books, in a language; all of them are read, few are kept."""
    first: list[Row] = []
    last: deque[Row] = deque(maxlen=LAST)
    count = 0
    contracts: dict[str, None] = {}
    for record in records:
        first += _rows(record.slice(0, max(0, FIRST - count)))
        last.extend(_rows(record.slice(max(0, record.num_rows - LAST))))
        contracts |= dict.fromkeys(map(str, record.column("contract").dictionary.to_pylist()))
        count += record.num_rows
    named = ", ".join(map(for_terminal, contracts))
    if not count:
        _say(console, text(lang, "book.rows.none", contracts="-"))
        return
    key = "book.rows.one" if count == 1 else "book.rows"
    _say(console, text(lang, key, n=count, contracts=named))
    rest = list(last)[-(count - len(first)) :] if count > len(first) else []
    is_all = count == len(first) + len(rest)
    _say(console, text(lang, "book.best.all") if is_all else text(
        lang, "book.best", first=len(first), last=len(rest)
    ))  # fmt: skip
    _show_best([*first, *rest], len(contracts) > 1, lang, console)
    if not is_all:
        _say(console, text(lang, "book.more", n=count - len(first) - len(rest)))
    if levels > 1 and not _is_empty(last[-1]):
        _show_depth(last[-1], levels, lang, console)


def _rows(record: pa.RecordBatch) -> list[Row]:
    at = record.schema.get_field_index("ts")
    rows: list[Row] = record.set_column(at, "ts", record.column(at).cast(pa.int64())).to_pylist()
    return rows


def _show_best(
    rows: Iterable[Row], tells_contract: bool, lang: Language, console: Console
) -> None:
    named = ["contract"] if tells_contract else []
    sides = ["bid_lots", "bid", "ask", "ask_lots"]
    table = _table(["time", *named, "seq", "action", *sides], lang)
    for row in rows:
        table.add_row(
            clock(row["ts"])[11:],
            *(for_terminal(str(row[name])) for name in named),
            str(row["seq"]),
            str(row["action"]),
            *(_number(row[f"{side}_1"]) for side in _LEVEL[1:-1]),
        )
    console.print(table)


def _is_empty(row: Row) -> bool:
    return row["bid_lots_1"] is None and row["ask_lots_1"] is None


def _show_depth(row: Row, levels: int, lang: Language, console: Console) -> None:
    contract = for_terminal(str(row["contract"]))
    _say(console, text(lang, "book.last", contract=contract, time=clock(row["ts"])))
    table = _table(["bid_orders", "bid_lots", "bid", "ask", "ask_lots", "ask_orders"], lang)
    for level in range(1, levels + 1):
        cells = [row[f"{side}_{level}"] for side in _LEVEL]
        if any(cell is not None for cell in cells):
            table.add_row(*map(_number, cells))
    console.print(table)


_LEVEL: Final = (
    *(f"bid_{measure}" for measure in reversed(MEASURES)),
    *(f"ask_{measure}" for measure in MEASURES),
)


def _table(columns: Iterable[str], lang: Language) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        name = Text(text(lang, f"book.column.{column}"))
        is_text = column in ("time", "contract", "action")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=True)
    return table


def _number(value: float | None) -> str:
    return "" if value is None else format(value, ".12g")


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)
