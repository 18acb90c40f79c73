"""A scan told on a terminal: alerts as a table, red first, then what the log held and lacked.

A table too wide for the terminal becomes blocks, and lines are left to the terminal to fold, so
that no identifier is cut and each can be copied; piped, nothing is coloured. No account name
reaches the terminal but through ``for_terminal``.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final, Protocol

import pyarrow as pa
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from .. import schema, wording
from ..alerts import Alert, Tipping, alert_order
from ..safe_text import for_terminal
from ..wording import Language, text

ALERTS_SHOWN: Final = 200
REJECTED_SHOWN: Final = 5
PIPE_WIDTH: Final = 100_000
"""Columns of a pipe: no line is folded there."""
STYLES: Final = {"red": "bold red", "yellow": "yellow"}


class Scanned(Protocol):
    """What is shown of a scan."""

    @property
    def alert_list(self) -> Sequence[Alert]:
        """The alerts."""

    @property
    def tallies(self) -> pa.Table:
        """A row a subject and contract."""

    @property
    def rejected(self) -> pa.Table:
        """A row a bad row."""

    @property
    def certificate(self) -> Mapping[str, Any]:
        """What the log held."""

    @property
    def run(self) -> Mapping[str, Any]:
        """How the run went."""

    @property
    def out(self) -> Any:
        """Where the files are, None where none were asked for."""


def show_scan(result: Scanned, lang: Language, console: Console | None = None) -> None:
    """Print a scan in a language; ``console`` defaults to standard output."""
    console = console or make_console(sys.stdout)
    alerts = sorted(result.alert_list, key=alert_order)
    _say(console, _title(result, lang))
    if alerts:
        _show_alerts(alerts[:ALERTS_SHOWN], lang, console)
    for line in _after_alerts(result, alerts, lang):
        _say(console, line)


def show_rows(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], console: Console
) -> None:
    """Print rows as a table; texts too long for the terminal fold within their column."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(for_terminal(row[column])) for column in columns))
    _print_table(table, console)


def make_console(file: IO[str], width: int | None = None) -> Console:
    """Return a console on a stream: as wide as a terminal is, without end where it is a pipe."""
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    if width is None and not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


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
    without_end = console.options.update_width(PIPE_WIDTH)
    if Measurement.get(console, without_end, table).maximum <= console.width:
        _print_table(table, console)
        return
    for alert, cells in zip(alerts, rows, strict=True):
        _show_block(alert, cells, lang, console)


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
    _say(console, "    " + text(lang, "block.what", count_name=count_name, **cells))
    _say(console, "    " + text(lang, "block.reached", **cells))


def _cells(alert: Alert, lang: Language) -> dict[str, str]:
    result = alert.result
    tipping = alert.red if alert.level == "red" else alert.yellow
    limit = alert.red_limit if alert.level == "red" else alert.yellow_limit
    suspected = ".suspected" if alert.group_status == "suspected" else ""
    kind = wording.term(lang, "kind", result.subject_kind)
    return {
        "level": text(lang, f"level.{alert.level}"),
        "subject": text(lang, f"subject{suspected}", kind=kind, name=for_terminal(result.subject)),
        "rule": for_terminal(result.rule),
        "exchange": for_terminal(result.exchange),
        "scope": for_terminal(result.scope),
        "count": wording.number(result.counted),
        "limit": limit or "",
        "reached": _reached(tipping, result.day, lang),
        "alert": alert.alert_id,
    }


def _reached(tipping: Tipping | None, day: str, lang: Language) -> str:
    if tipping is None:
        return text(lang, "end of day")
    return text(
        lang,
        "reached.short",
        clock=_short_clock(tipping.ts, day),
        place=wording.place(tipping, lang),
    )


def _short_clock(ts: int, day: str) -> str:
    """Return a time of the day, with its date where that is another; 0, 3, 6 or 9 digits."""
    shown = wording.clock(ts).removeprefix(f"{day} ")
    while shown.endswith("000"):
        shown = shown[:-3]
    return shown.removesuffix(".")


# --- what the log held ---------------------------------------------------------------------------


def _title(result: Scanned, lang: Language) -> str:
    how = for_terminal(wording.day_how(result.run["day_how"], lang))
    exchanges = [name for name in result.certificate["exchanges"] if name != schema.NO_EXCHANGE]
    return text(
        lang,
        "title",
        day=result.certificate["day"],
        how=text(lang, "brackets", text=how),
        exchanges="".join(" " + for_terminal(name) for name in exchanges),
    )


def _after_alerts(result: Scanned, alerts: Sequence[Alert], lang: Language) -> Iterator[str]:
    """Yield the lines below the alerts."""
    certificate = result.certificate
    yield from _alert_totals(alerts, lang)
    yield from _faults(certificate, lang)
    yield from _rejected(result.rejected, certificate["rejected_rows"], lang)
    yield from _granted(certificate, lang)
    yield from _blind(certificate["blind"], lang)
    if certificate["uncovered"]:
        names = wording.names_of(list(certificate["uncovered"]), lang)
        yield text(lang, "uncovered", names=names)
    yield from (text(lang, "note", note=for_terminal(note)) for note in result.run["notes"])
    yield _totals(result, lang)
    yield text(lang, "verdict", verdict=text(lang, f"verdict.{certificate['verdict']}"))
    if result.out is not None:
        out = for_terminal(shlex.quote(str(result.out)))
        yield text(lang, "files", out=out)
        if alerts:
            yield text(lang, "explain", out=out, alert=alerts[0].alert_id)


def _alert_totals(alerts: Sequence[Alert], lang: Language) -> Iterator[str]:
    if len(alerts) > ALERTS_SHOWN:
        yield text(lang, "alerts.more", n=len(alerts) - ALERTS_SHOWN)
    if not alerts:
        yield text(lang, "alerts.none")
        return
    red = sum(alert.level == "red" for alert in alerts)
    yield text(lang, "alerts", red=red, yellow=len(alerts) - red)


def _faults(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    if not certificate["faults"]:
        yield text(lang, "faults.none")
        return
    yield text(lang, "faults.title")
    for kind, n in certificate["faults"].items():
        about = text(lang, f"fault.{kind}")
        first = text(lang, "list").join(_first_faults(certificate["exchanges"], kind))
        yield text(lang, "fault.line", n=n, kind=kind, about=about, first=first)


def _first_faults(exchanges: Mapping[str, Any], kind: str) -> list[str]:
    """Return the first rows of a fault kind, by contract: ``SHFE cu2503 seq 12 15``."""
    told, left = [], schema.FIRST_FAULTS_KEPT
    for exchange, contracts in exchanges.items():
        for contract, entry in contracts.items():
            rows = entry["faults"].get(kind, {}).get("first", [])[:left]
            if not rows:
                continue
            left -= len(rows)
            where = contract if exchange == schema.NO_EXCHANGE else f"{exchange} {contract}"
            told.append(f"{for_terminal(where)} seq {' '.join(str(row['seq']) for row in rows)}")
    return told


def _rejected(rejected: pa.Table, n: int, lang: Language) -> Iterator[str]:
    if not n:
        return
    yield text(lang, "rejected.title", n=n)
    for row in rejected.slice(0, REJECTED_SHOWN).to_pylist():
        yield text(
            lang,
            "rejected.line",
            file=for_terminal(row["file"]),
            row=row["row"],
            reason=for_terminal(row["reason"]),
        )


def _granted(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield what was stated for the log, and what rules had to assume."""
    if stated := certificate["stated"]:
        entries = [
            wording.assumption(f"{for_terminal(name)} is {for_terminal(value)}", lang)
            for name, value in stated.items()
        ]
        yield text(lang, "stated", entries=text(lang, "entries").join(entries))
    if not certificate["assumed"]:
        return
    rules: dict[str, list[str]] = {}
    for rule, assumed in certificate["assumed"].items():
        for words in assumed:
            rules.setdefault(words, []).append(rule)
    yield text(lang, "assumed.title")
    for words, names in rules.items():
        entries = [for_terminal(name) for name in names]
        what = for_terminal(wording.assumption(words, lang))
        yield text(lang, "rule.line", what=what, entries=text(lang, "list").join(entries))


def _blind(blind: Mapping[str, str], lang: Language) -> Iterator[str]:
    if not blind:
        return
    yield text(lang, "blind.title")
    for rule, reason in blind.items():
        why = for_terminal(wording.blindness(reason, lang))
        yield text(lang, "rule.line", what=for_terminal(rule), entries=why)


def _totals(result: Scanned, lang: Language) -> str:
    run = result.run
    contracts = sum(len(held) for held in result.certificate["exchanges"].values())
    subjects = result.tallies.group_by(["exchange", "subject_kind", "subject"]).aggregate([])
    line = text(
        lang,
        "totals",
        rows=f"{run['rows']:,}",
        contracts=contracts,
        subjects=f"{subjects.num_rows:,}",
    )
    return line + text(
        lang,
        "totals.speed",
        seconds=f"{run['seconds']:.2f}",
        speed=f"{run['rows_per_second'] or 0:,.0f}",
        mb=f"{run['peak_memory_bytes'] / 1e6:,.0f}",
    )


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)
