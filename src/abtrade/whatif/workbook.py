"""An answer as a workbook: thresholds, days, who comes and goes, and every alert."""

from __future__ import annotations

from itertools import chain, islice
from typing import IO, Any, Final

from ..sinks.book import Book, open_book
from ..wording import Language, text
from .answer import WhatIf
from .chart import label
from .report import note_lines, status_text, title

ROWS_AT_MOST: Final = 20_000
"""Rows of a sheet: they are held in memory."""


def write_book(found: WhatIf, lang: Language, file: IO[bytes]) -> None:
    """Write an answer to a workbook in a language."""
    with open_book(file, lang) as book:
        sheet = book.sheet(text(lang, "whatif.sheet.thresholds"), (26, 10, 10, 10, 10, 40))
        sheet.line([title(found, lang)], "title")
        columns = ("red", "yellow", "subjects", "days")
        sheet.line(["", *(text(lang, f"whatif.column.{name}") for name in columns)], "header")
        for variant in found.variants:
            sheet.line([label(found, variant, lang), *found.counts(variant)])
        sheet.skip()
        for line in (*note_lines(found.notes, lang), text(lang, "whatif.no_events")):
            sheet.paragraph(line)
        _days(found, lang, book)
        _changes(found, lang, book)
        _alerts(found, lang, book)


def _days(found: WhatIf, lang: Language, book: Book) -> None:
    heads = [text(lang, "whatif.column.day")]
    for variant in found.variants:
        heads += [f"{label(found, variant, lang)} {text(lang, f'level.{level}')}"
                  for level in ("red", "yellow")]  # fmt: skip
    heads.append(text(lang, "whatif.column.state"))
    sheet = book.sheet(text(lang, "whatif.sheet.days"), [12, *[16] * (len(heads) - 2), 40])
    sheet.freeze(1)
    sheet.line(heads, "header")
    for day in found.days:
        counts = [[judged.levels["red"], judged.levels["yellow"]] for judged in day.found.values()]
        sheet.line([str(day.day), *chain(*counts), status_text(day, lang)])


def _changes(found: WhatIf, lang: Language, book: Book) -> None:
    names = ("variant", "variant", "day", "exchange", "subject", "scope", "count", "change",
             "change")  # fmt: skip
    rows: list[list[Any]] = []
    for one, other in found.neighbours():
        for change in found.changes(one, other):
            kind = text(lang, f"kind.{change.subject_kind}")
            levels = [_level(change.level, lang), _level(change.level_next, lang)]
            rows.append([label(found, one, lang), label(found, other, lang), str(change.day),
                         change.exchange, f"{kind} {change.subject}", change.scope, change.counted,
                         *levels])  # fmt: skip
    _list("changes", names, (16, 16, 12, 10, 30, 24, 10, 10, 10), rows, lang, book)


def _alerts(found: WhatIf, lang: Language, book: Book) -> None:
    names = ("variant", "day", "exchange", "subject", "scope", "change", "count", "gross",
             "unknown")  # fmt: skip
    alerts = found.alerts
    rows = [
        [row["variant"], str(row["day"]), row["exchange"],
         f"{text(lang, 'kind.' + row['subject_kind'])} {row['subject']}", row["scope"],
         _level(row["level"], lang),
         *((row["ratio"], row["gross_ratio"]) if row["counted"] is None
           else (row["counted"], row["gross"])),
         row["unknown"]]
        for row in alerts.slice(0, ROWS_AT_MOST).to_pylist()
    ]  # fmt: skip
    widths = (26, 12, 10, 30, 24, 10, 10, 10, 10)
    _list("alerts", names, widths, rows, lang, book, total=alerts.num_rows)


def _list(
    name: str, heads: tuple[str, ...], widths: tuple[int, ...], rows: list[list[Any]],
    lang: Language, book: Book, total: int | None = None,
) -> None:  # fmt: skip
    sheet = book.sheet(text(lang, f"whatif.sheet.{name}"), widths)
    sheet.freeze(1)
    sheet.line([text(lang, f"whatif.column.{head}") for head in heads], "header")
    for row in islice(rows, ROWS_AT_MOST):
        sheet.line(row)
    total = len(rows) if total is None else total
    if total > ROWS_AT_MOST:
        sheet.paragraph(text(lang, "whatif.sheet.more", most=f"{ROWS_AT_MOST:,}", n=f"{total:,}"))


def _level(level: str | None, lang: Language) -> str:
    return text(lang, f"level.{level}") if level else text(lang, "whatif.none")
