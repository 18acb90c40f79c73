"""An alert as a sheet: its facts, its message, what was left out, and who contributed what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from .. import alert_message, schema, wording
from ..alerts import Alert
from ..wording import Language, text
from .book import Sheet

WIDTHS: Final = (24, 84, 16)
SHARES_AT_MOST: Final = 1_000
"""Accounts whose shares are listed."""


def fill_alert(sheet: Sheet, alert: Alert, summary: str, lang: Language) -> None:
    """Fill a sheet with one alert; ``summary`` is the sheet that lists it."""
    result = alert.result
    kind = wording.term(lang, "kind", result.subject_kind)
    subject = text(lang, "subject", kind=kind, name=result.subject)
    level = text(lang, f"level.{alert.level}")
    sheet.line([level, f"{subject}  {result.rule}  {result.scope}"], "title", c0=alert.level)
    sheet.link(0, summary, text(lang, "sheet.back"))
    sheet.skip()
    sheet.freeze(sheet.row)
    for label, value in _facts(alert, lang):
        if value not in (None, ""):
            sheet.line([text(lang, label), value], "fact", c0="label")
    sheet.skip()
    sheet.paragraph(alert_message.message(alert, lang), clean=True)
    _left_out(sheet, alert, lang)
    _shares(sheet, alert, lang)


def _facts(alert: Alert, lang: Language) -> Iterator[tuple[str, Any]]:
    """Yield an alert's facts, each with the key of its label."""
    result = alert.result
    is_bound = alert.sight.is_lower_bound(result.count)
    assumed = [wording.assumption(words, lang) for words in result.assumed]
    yield "column.alert", alert.alert_id
    yield "column.kind", wording.term(lang, "kind", result.subject_kind)
    yield "column.subject", result.subject
    if alert.group_status is not None:
        yield "sheet.group_status", wording.term(lang, "group", alert.group_status)
    yield "sheet.accounts", text(lang, "list").join(alert.accounts)
    yield "sheet.day", result.day
    if result.exchange != schema.NO_EXCHANGE:
        yield "column.exchange", result.exchange
    yield "column.scope", result.scope
    yield "column.rule", f"{result.rule} {alert.rule_version}"
    yield "column.count_name", result.count
    yield "column.count", result.counted
    yield "column.gross", result.gross
    yield "column.left_out", sum(result.exempt.values())
    yield "sheet.unknown", result.unknown
    yield "level.red", alert_message.level_said(alert, "red", lang)
    yield "level.yellow", alert_message.level_said(alert, "yellow", lang)
    yield "sheet.largest", f"{alert.largest_client}  {wording.number(alert.largest_client_count)}"
    yield "column.alone", text(lang, "yes" if alert.reached_alone else "no")
    yield "column.lower_bound", text(lang, "yes" if is_bound else "no")
    yield "sheet.assumed", text(lang, "entries").join(assumed)
    yield "sheet.clause", wording.by_language(alert.clause, lang)


def _left_out(sheet: Sheet, alert: Alert, lang: Language) -> None:
    """List what was left out: the reason, the clause it rests on, how many."""
    rows = []
    for reason, n in alert.result.exempt.items():
        clause = alert.exempt_clauses.get(reason, "")
        said = alert_message.said(alert, "reason", reason, lang)
        rows.append((said, alert_message.said(alert, "", clause, lang), n))
    if rows:
        _list(sheet, [text(lang, f"sheet.{name}") for name in ("reason", "clause", "n")], rows)


def _shares(sheet: Sheet, alert: Alert, lang: Language) -> None:
    """List who contributed what: the account, its client, how many."""
    rows = [(share.account, share.client, share.counted) for share in alert.shares]
    if not rows:
        return
    _list(
        sheet,
        [text(lang, name) for name in ("kind.account", "kind.client", "sheet.counted")],
        rows[:SHARES_AT_MOST],
    )
    if len(rows) > SHARES_AT_MOST:
        sheet.paragraph(text(lang, "sheet.more_shares", most=SHARES_AT_MOST, n=len(rows)))


def _list(sheet: Sheet, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet.skip()
    sheet.line(headers, "header")
    for row in rows:
        sheet.line(row, c1="wrapped")
