"""Alerts as they fire: the latest first, its message folded."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ...sinks.folding import fold
from ...wording import Language, clock, number, term, text
from ..moment import Fired, Moment
from . import styles
from .lines import Piece, harmless, head, line, spelled

FRESH_NS = 1_000_000_000
"""For so long, by the log's clock, an alert is marked as new."""


def fired(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return a head with how many there are, then alert by alert as many lines as there is room."""
    alerts = moment.fired
    name = text(lang, "replay.alerts")
    if not alerts:
        return [head(name, width), line((text(lang, "replay.alerts.none"), styles.FAINT))]
    found = [head(name, width, text(lang, "replay.alerts.all", n=len(alerts)))]
    for alert in alerts:
        found += told(alert, lang, width, fresh=_is_fresh(alert, moment))
        if len(found) >= height:
            break
    if len(found) > height:
        found = found[:height]
        found[-1].truncate(width - 2)
        found[-1].append(" …")
    return found


def told(alert: Fired, lang: Language, width: int, *, fresh: bool = False) -> Iterator[Text]:
    """Yield an alert's lines: when, level, rule and who; then its message, folded."""
    when = text(lang, "replay.end") if alert.ts is None else clock(alert.ts)[11:23]
    pieces: list[Piece] = [
        ("» " if fresh else "  ", "bold"),
        f"{when} ",
        (f" {term(lang, 'level', alert.level)} ", styles.LEVELS[alert.level]),
        (f" {harmless(alert.rule)}", "bold"),
        f" {term(lang, 'kind', alert.subject.kind)} {harmless(alert.subject.name)}",
        (f" {harmless(alert.scope)}", styles.FAINT),
        f" {number(alert.count)}",
    ]
    yield line(*pieces)
    for each in fold(spelled(alert.message), width, first="  "):
        yield line(each)


def _is_fresh(alert: Fired, moment: Moment) -> bool:
    if alert.ts is None or moment.ts is None:
        return False
    return 0 <= moment.ts - alert.ts < FRESH_NS
