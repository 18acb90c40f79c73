"""A scan told on a terminal: alerts as a table, red first, then what the log held and lacked.

A table too wide for the terminal becomes blocks, and lines are left to the terminal to fold, so
that no identifier is cut and each can be copied; piped, nothing is coloured. No account name
reaches the terminal but through ``for_terminal``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import IO, Final, NoReturn

from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from .. import wording
from ..alerts import Alert, alert_order
from ..measured_message import figure_short, limit_short
from ..safe_text import for_terminal
from ..wording import Language, text
from .summary import ALERTS_SHOWN, Scanned, lines_below, reached, title

PIPE_WIDTH: Final = 100_000
"""Columns of a pipe: no line is folded there."""
LEAST_TEXT_WIDTH: Final = 24
"""Columns that a text in a table needs to be read."""
STYLES: Final = {"red": "bold red", "yellow": "yellow"}


def show_scan(result: Scanned, lang: Language, console: Console | None = None) -> None:
    """Print a scan in a language; ``console`` defaults to standard output."""
    console = console or make_console(sys.stdout)
    alerts = sorted(result.alert_list, key=alert_order)
    _say(console, title(result, lang))
    if alerts:
        _show_alerts(alerts[:ALERTS_SHOWN], lang, console)
    for line in lines_below(result, alerts, lang):
        _say(console, line)


def show_rows(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], console: Console
) -> None:
    """Print rows as a table whose last column folds, or as blocks where the others do not fit."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(columns[-1], overflow="fold", min_width=LEAST_TEXT_WIDTH)
    shown = [{column: for_terminal(row[column]) for column in columns} for row in rows]
    for row in shown:
        table.add_row(*(Text(row[column]) for column in columns))
    if Measurement.get(console, _without_end(console), table).minimum <= console.width:
        _print_table(table, console)
        return
    for row in shown:
        _say(console, row[columns[0]])
        _say(console, "    " + ", ".join(f"{c} {row[c]}" for c in columns[1:-1] if row[c]))
        _say(console, "    " + row[columns[-1]])


def make_console(file: IO[str], width: int | None = None) -> Console:
    """Return a console on a stream: as wide as a terminal is, without end where it is a pipe."""
    console = _Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    if width is None and not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


class _Console(Console):
    """Leaves a reader that went away to the caller, where rich would end the process with 1."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


# --- the alerts ----------------------------------------------------------------------------------

_COLUMNS: Final = (
    "level",
    "subject",
    "rule",
    "exchange",
    "scope",
    "count",
    "limit",
    "reached",
    "alert",
)


def _show_alerts(alerts: Sequence[Alert], lang: Language, console: Console) -> None:
    rows = [_cells(alert, lang) for alert in alerts]
    one_exchange = len({row["exchange"] for row in rows}) == 1
    names = [name for name in _COLUMNS if name != "exchange" or not one_exchange]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        right = name in ("count", "limit")
        table.add_column(
            text(lang, f"column.{name}"), justify="right" if right else "left", no_wrap=True
        )
    for alert, cells in zip(alerts, rows, strict=True):
        level, *others = (cells[name] for name in names)
        table.add_row(Text(level, STYLES[alert.level]), *(Text(cell) for cell in others))
    if Measurement.get(console, _without_end(console), table).maximum <= console.width:
        _print_table(table, console)
        return
    for alert, cells in zip(alerts, rows, strict=True):
        _show_block(alert, cells, lang, console)


def _without_end(console: Console) -> ConsoleOptions:
    """Return the options of a console on which everything fits."""
    return console.options.update_width(PIPE_WIDTH)


def _print_table(table: Table, console: Console) -> None:
    """Print a table without the blanks that fill up its last column."""
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def _show_block(alert: Alert, cells: Mapping[str, str], lang: Language, console: Console) -> None:
    """Print an alert as three lines, for a terminal too narrow for the table."""
    level = cells["level"], STYLES[alert.level]
    subject = f"  {cells['subject']}  {cells['rule']}"
    console.print(Text.assemble(level, subject), soft_wrap=True)
    count_name = for_terminal(alert.result.count)
    place = cells["scope"]
    if not place.startswith("exchange:"):
        place = f"{cells['exchange']} {place}"
    _say(console, "    " + text(lang, "block.what", place=place, count_name=count_name, **cells))
    _say(console, "    " + text(lang, "block.reached", **cells))


def _cells(alert: Alert, lang: Language) -> dict[str, str]:
    result = alert.result
    suspected = ".suspected" if alert.group_status == "suspected" else ""
    kind = wording.term(lang, "kind", result.subject_kind)
    return {
        "level": text(lang, f"level.{alert.level}"),
        "subject": text(lang, f"subject{suspected}", kind=kind, name=for_terminal(result.subject)),
        "rule": for_terminal(result.rule),
        "exchange": for_terminal(result.exchange),
        "scope": for_terminal(result.scope),
        "count": figure_short(result.count, result.counted, lang),
        "limit": limit_short(alert, lang),
        "reached": reached(alert, lang),
        "alert": alert.alert_id,
    }


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)
