"""An explained alert as a workbook: its message, and a table of the events behind it."""

from __future__ import annotations

from itertools import islice
from typing import IO, Final

from .. import schema, wording
from ..wording import Language, text
from .book import open_book
from .cancel_lines import cancels_line
from .explanation import Explained, events_of, events_said, has_history

EVENTS_AT_MOST: Final = 20_000
"""Events that are listed: they are held in memory."""

COLUMNS: Final = {
    "n": 8, "seq": 14, "channel": 9, "ts": 36, "file": 28, "row": 10, "action": 9, "contract": 14,
    "account": 18, "order_id": 18, "contra_account": 18, "contra_order_id": 18, "price": 12,
    "lots": 9, "amount": 9, "left_out": 24, "clause": 40, "count": 9, "figure": 12, "held": 9,
    "level": 9, "fell_under": 12,
    "rested_ns": 16, "from_best_placed": 12, "from_best_cancelled": 12, "lots_before": 10,
    "level_share": 10, "five_share": 10, "opposite_before": 10, "opposite_before_s": 10,
    "opposite_after": 10, "opposite_after_s": 10,
    "order_life": 90, "contra_life": 90,
}  # fmt: skip
"""Columns of the events, all of them, and how wide they are."""


def write_explained_book(explained: Explained, lang: Language, file: IO[bytes]) -> None:
    """Write an alert and the events behind it to a workbook in a language."""
    alert, total = explained.alert, explained.events.num_rows
    rows = min(total, EVENTS_AT_MOST)
    with open_book(file, lang) as book:
        sheet = book.sheet(text(lang, "sheet.alert"), (24, 84, 16), alert["level"])
        level = text(lang, f"level.{alert['level']}")
        sheet.line([level, f"{text(lang, 'column.alert')} {alert['alert_id']}"], "title",
                   c0=alert["level"])  # fmt: skip
        sheet.skip()
        sheet.paragraph(alert["message_zh" if lang == "zh" else "message"], clean=True)
        sheet.skip()
        sheet.paragraph(events_said(explained, lang))
        if cancels := cancels_line(explained.events, lang):
            sheet.paragraph(cancels)
        if not has_history(explained):
            sheet.paragraph(text(lang, "events.unordered"))
        if total > rows:
            sheet.paragraph(text(lang, "sheet.more_events", most=rows, n=total))
        events = book.sheet(text(lang, "sheet.events"), list(COLUMNS.values()))
        events.freeze(1)
        events.table("Events", [text(lang, f"event.column.{name}") for name in COLUMNS], rows)
        for event in islice(events_of(explained.events), rows):
            if event["left_out"] is not None:
                event["left_out"] = wording.term(lang, "reason", event["left_out"])
            reached = event["level"]
            for name in ("level", "fell_under"):
                event[name] = text(lang, f"level.{event[name]}") if event[name] else None
            for name in ("opposite_before", "opposite_after"):
                if event[name] is not None:
                    event[name] = text(lang, "look.yes" if event[name] else "look.no")
            at = list(COLUMNS).index("level")
            styles = {f"c{at}": reached} if reached in schema.LEVELS else {}
            events.line([event[name] for name in COLUMNS], "event", **styles)
