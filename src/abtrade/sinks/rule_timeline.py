"""A timeline of rules as a chart within 80 columns and a list of changes, as JSON data or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.cells import cell_len

from ..rules.timeline import BEGUN, COLUMNS, NONE, Row, Timeline, event_rows
from ..safe_text import for_lines
from ..wording import Language, amount, text
from .folding import fold
from .sheet import sheet_row

WIDTH: Final = 80
LEAST_CELL, MOST_CELL = 3, 6
MARGIN: Final = 2


def timeline_text(timeline: Timeline, lang: Language) -> str:
    """Return the chart, then each day with what changes on it, in lines of at most 80 columns."""
    if not timeline.rows:
        return for_lines(text(lang, "timeline.empty", pack=timeline.name))
    lines = [*fold(_title(timeline, lang), WIDTH), "", *_chart(timeline), ""]
    lines += fold(text(lang, "timeline.legend"), WIDTH)
    for number, day in enumerate(timeline.days, 1):
        lines += ["", f"{number:>2}  {day}"]
        for rule, sentence in _on_day(timeline, number - 1, lang):
            said = text(lang, "part.line", part=rule, text=sentence)
            lines += fold(said, WIDTH, " " * 4, " " * 6)
    gaps = [(row, gap) for row in timeline.rows for gap in row.gaps]
    if gaps:
        lines.append("")
    for row, (first, last) in gaps:
        rule = timeline.short(row.rule)
        lines += fold(text(lang, "timeline.gap", rule=rule, first=first, last=last), WIDTH)
    return for_lines("\n".join(lines))


def timeline_data(timeline: Timeline) -> dict[str, Any]:
    """Return a timeline as JSON data."""
    return {
        "pack": timeline.name,
        "days": timeline.days,
        "rules": [
            {
                "rule": row.rule,
                "versions": [
                    {"version": rule.version, "from": rule.from_day, "to": rule.to_day,
                     "status": rule.status, "file": rule.path}
                    for rule in row.versions
                ],
                "gaps": [{"first": first, "last": last} for first, last in row.gaps],
            }
            for row in timeline.rows
        ],
        "events": event_rows(timeline),
    }  # fmt: skip


def timeline_csv(timelines: Iterable[Timeline]) -> Iterator[str]:
    """Yield a line of CSV for each event, a header first."""
    yield sheet_row(COLUMNS)
    for timeline in timelines:
        for row in event_rows(timeline):
            yield sheet_row(row[column] for column in COLUMNS)


def _title(timeline: Timeline, lang: Language) -> str:
    counts = {
        name: amount(lang, f"timeline.{name}", n)
        for name, n in (("rules", len(timeline.rows)), ("days", len(timeline.days)))
    }
    return text(lang, "timeline.title", pack=timeline.name, **counts)


def _on_day(timeline: Timeline, index: int, lang: Language) -> Iterator[tuple[str, str]]:
    """Yield each rule that changes on a day of the timeline, and how."""
    day = timeline.days[index]
    events = [event for event in timeline.events if event.day == day]
    for event in events:
        yield timeline.short(event.rule), event.sentence
    changed = {event.rule for event in events}
    standing = [row.rule for row in timeline.rows if row.cells[index] and row.rule not in changed]
    if index == 0 and standing:
        names = text(lang, "list").join(timeline.short(rule) for rule in standing)
        yield text(lang, "timeline.standing"), names


def _chart(timeline: Timeline) -> Iterator[str]:
    """Yield the lines of the chart; days that do not fit go on below."""
    margin = max(cell_len(timeline.short(row.rule)) for row in timeline.rows) + MARGIN
    most = max(1, (WIDTH - margin) // LEAST_CELL)
    cell = max(LEAST_CELL, min(MOST_CELL, (WIDTH - margin) // min(most, len(timeline.days))))
    for begin in range(0, len(timeline.days), most):
        if begin:
            yield ""
        shown = range(begin, min(begin + most, len(timeline.days)))
        yield (" " * margin + "".join(f"{index + 1:<{cell}}" for index in shown)).rstrip()
        for row in timeline.rows:
            name = timeline.short(row.rule)
            bar = "".join(_cell(row, index, cell) for index in shown)
            yield (name + " " * (margin - cell_len(name)) + bar).rstrip()


def _cell(row: Row, index: int, width: int) -> str:
    if row.cells[index] == NONE:
        return " " * width
    line = "-" if row.unverified[index] else "="
    return ("|" if row.cells[index] == BEGUN else line) + line * (width - 1)
