"""A scan as a workbook: a summary with all alerts, then a sheet for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

from .. import schema, wording
from ..alerts import Alert, alert_order
from ..measured_message import limit_short
from ..wording import Language, text
from .alert_sheet import WIDTHS as ALERT_WIDTHS
from .alert_sheet import fill_alert
from .book import Sheet, open_book
from .summary import Scanned, limits, reached, title
from .summary import in_short as alerts_and_verdict

SHEETS_AT_MOST: Final = 200
"""Alerts that have a sheet of their own."""

ROWS_AT_MOST: Final = 20_000
"""Alerts that the summary lists."""

COLUMNS: Final = {
    "level": 8, "alert": 19, "kind": 11, "subject": 24, "rule": 26, "exchange": 10, "scope": 22,
    "count_name": 20, "count": 10, "limit": 10, "reached": 36, "gross": 10, "left_out": 10,
    "alone": 13, "lower_bound": 12,
}  # fmt: skip
"""Columns of the table of alerts, and how wide they are."""


def write_workbook(result: Scanned, lang: Language, file: IO[bytes]) -> None:
    """Write alerts, red first, and what limits them, to a workbook in a language."""
    alerts = sorted(result.alert_list, key=alert_order)
    with open_book(file, lang) as book:
        summary = book.sheet(text(lang, "sheet.summary"), list(COLUMNS.values()))
        names = [
            f"{n} {text(lang, f'level.{alert.level}')}"
            for n, alert in enumerate(alerts[:SHEETS_AT_MOST], start=1)
        ]
        _fill_summary(summary, result, alerts, names, lang)
        for name, alert in zip(names, alerts, strict=False):
            fill_alert(book.sheet(name, ALERT_WIDTHS, alert.level), alert, summary.name, lang)


def _fill_summary(
    sheet: Sheet, result: Scanned, alerts: Sequence[Alert], names: Sequence[str], lang: Language
) -> None:
    sheet.paragraph(title(result, lang), "title", clean=True)
    sheet.freeze(sheet.row)
    sheet.paragraph(alerts_and_verdict(result, lang))
    visibility = text(lang, f"visibility.{result.certificate['visibility']}")
    sheet.paragraph(text(lang, "sheet.visibility", visibility=visibility))
    for line in limits(result, lang):
        sheet.paragraph(" ".join(line.split()), clean=True)
    if len(alerts) > SHEETS_AT_MOST:
        sheet.paragraph(text(lang, "sheet.more", most=SHEETS_AT_MOST, n=len(alerts)))
    if len(alerts) > ROWS_AT_MOST:
        sheet.paragraph(text(lang, "sheet.more_rows", most=ROWS_AT_MOST, n=len(alerts)))
    if alerts:
        sheet.skip()
        _list_alerts(sheet, alerts[:ROWS_AT_MOST], names, lang)


def _list_alerts(
    sheet: Sheet, alerts: Sequence[Alert], names: Sequence[str], lang: Language
) -> None:
    sheet.table("Alerts", [text(lang, f"column.{name}") for name in COLUMNS], len(alerts))
    for n, alert in enumerate(alerts):
        cells = list(_cells(alert, lang))
        if n < len(names):
            sheet.link(1, names[n], alert.alert_id)
            cells[1] = None
        sheet.line(cells, c0=alert.level)


def _cells(alert: Alert, lang: Language) -> Iterator[Any]:
    """Yield an alert's cells, in the order of ``COLUMNS``."""
    result = alert.result
    is_bound = alert.sight.is_lower_bound(result.count)
    yield text(lang, f"level.{alert.level}")
    yield alert.alert_id
    yield wording.term(lang, "kind", result.subject_kind)
    yield result.subject
    yield result.rule
    yield "" if result.exchange == schema.NO_EXCHANGE else result.exchange
    yield result.scope
    yield result.count
    yield result.counted
    yield limit_short(alert, lang)
    yield reached(alert, lang)
    yield result.gross
    yield sum(result.exempt.values())
    yield text(lang, "yes" if alert.reached_alone else "no")
    yield text(lang, "yes" if is_bound else "no")
