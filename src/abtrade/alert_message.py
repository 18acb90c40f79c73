"""An alert in words: full sentences, in English and Chinese, that can be read alone."""

from __future__ import annotations

from . import schema
from .alerts import Alert
from .measured_message import limit_said, limit_source, manner, measured, quantity, shares_said
from .safe_text import for_terminal
from .wording import (
    Language,
    assumption,
    bare,
    by_language,
    clock,
    exchange_name,
    has_text,
    names_of,
    number,
    place,
    term,
    text,
)


def message(alert: Alert, lang: Language) -> str:
    """Return all that a lawyer needs of an alert, in sentences; names made harmless."""
    parts = [
        _headline(alert, lang),
        level_said(alert, "red", lang),
        level_said(alert, "yellow", lang),
        measured(alert, lang),
        _ledger(alert, lang),
        text(lang, "unknown", n=_quantity(alert, alert.result.unknown, lang)),
        _partial(alert, lang),
        _assumed(alert.result.assumed, lang),
        _shares(alert, lang),
        _largest(alert, lang),
        _rests_on(alert, lang),
        _notes(alert, lang),
    ]
    return text(lang, "sentence").join(part for part in parts if part)


def _headline(alert: Alert, lang: Language) -> str:
    result = alert.result
    who = text(lang, f"who.{result.subject_kind}", name=for_terminal(result.subject))
    details = _details(alert, lang)
    if details:
        who += text(lang, "brackets", text=text(lang, "entries").join(details))
    elif lang == "zh":
        who += " "
    return text(
        lang, "headline", who=who, did=_did(alert, lang), where=_where(alert, lang), day=result.day
    )


def _details(alert: Alert, lang: Language) -> list[str]:
    details = [term(lang, "group", alert.group_status)] if alert.group_status else []
    if alert.accounts != [alert.result.subject]:
        key = "accounts.one" if len(alert.accounts) == 1 else "accounts"
        details.append(text(lang, key, names=names_of(alert.accounts, lang)))
    return details


def _did(alert: Alert, lang: Language) -> str:
    count, _, parameter = alert.result.count.partition("@")
    parameter, _, window = parameter.partition("/")
    n = alert.result.counted
    one = f"did.one.{count}"
    key = one if n == 1 and has_text(lang, one) else f"did.{count}"
    figure = quantity(alert.result.count, n, lang) if count in schema.SHARE_COUNTS else number(n)
    if unit := alert.detail.get("unit"):
        figure += f" {for_terminal(unit)}"
    window = text(lang, f"window.{window or schema.BURST_WINDOWS[0]}")
    return text(lang, key, n=figure, parameter=for_terminal(parameter), window=window)


def _where(alert: Alert, lang: Language) -> str:
    scope, _, name = alert.result.scope.partition(":")
    exchange = exchange_name(alert.result.exchange, lang)
    if exchange:
        exchange = text(lang, "exchange", name=exchange)
    return text(lang, f"where.{scope}", exchange=exchange, name=for_terminal(name))


def level_said(alert: Alert, level: str, lang: Language) -> str:
    """Return whether, and when and where, a level was reached; nothing where there is no such."""
    limit = alert.red_limit if level == "red" else alert.yellow_limit
    tipping = alert.red if level == "red" else alert.yellow
    if limit is None:
        return ""
    values = {"level": text(lang, f"Level.{level}"), "limit": limit_said(alert, level, lang)}
    if tipping is not None:
        key = "reached.position" if _is_position(alert) else "reached"
        return text(
            lang, key, **values, place=place(tipping, lang), clock=clock(tipping.ts),
            count=number(tipping.count),
        )
    if level in (alert.level, "yellow"):
        if _is_figure(alert) and manner(alert.result.count) != ".kernel":
            return text(lang, "reached.ratio", **values)
        if not alert.sight.has_history:
            return text(lang, "reached.unseen", **values)
        if _is_position(alert):
            return text(lang, "reached.opening", **values)
    key = "not_reached"
    if level == "red" and alert.group_status == "suspected":
        key = "not_applied"
    elif level == "red" and alert.status == "unverified":
        key = "not_applied.unverified"
    return text(lang, key, **values)


def _ledger(alert: Alert, lang: Language) -> str:
    result = alert.result
    entries = text(lang, "entries").join(
        _left_out(alert, reason, n, lang) for reason, n in result.exempt.items()
    )
    gross = _quantity(alert, result.gross, lang)
    kind = manner(result.count)
    if kind in (".ratio", ".kernel"):
        key = f"ledger{kind}" if entries else f"ledger{kind}.all"
        return text(lang, key, gross=gross, entries=entries)
    if kind in (".figure", ".position"):
        return text(lang, "ledger.figure", gross=gross)
    if not entries:
        return text(lang, "ledger.all", gross=gross)
    return text(
        lang, "ledger", gross=gross, counted=_quantity(alert, result.counted, lang),
        exempt=_quantity(alert, sum(result.exempt.values()), lang), entries=entries,
    )


def _left_out(alert: Alert, reason: str, n: int, lang: Language) -> str:
    clause = alert.exempt_clauses.get(reason)
    why = for_terminal(said(alert, "reason", reason, lang))
    values = {"n": _quantity(alert, n, lang), "reason": why}
    if not clause:
        return text(lang, "left_out", **values)
    return text(lang, "left_out.clause", **values, clause=bare(said(alert, "", clause, lang)))


def _partial(alert: Alert, lang: Language) -> str:
    """Return what is not in one broker's log of what the subject did, and what follows."""
    if not alert.sight.one_broker:
        return ""
    who = text(lang, f"partial.{alert.result.subject_kind}")
    key = "partial" + manner(alert.result.count)
    but = text(lang, key if has_text(lang, key) and key != "partial" else "partial.count")
    if alert.sight.has_history and not _is_figure(alert):
        but += text(lang, "partial.tipping")
    return text(lang, "partial", who=who, but=but)


def _assumed(assumed: list[str], lang: Language) -> str:
    if not assumed:
        return text(lang, "assumed.none")
    entries = text(lang, "entries").join(assumption(words, lang) for words in assumed)
    return text(lang, "assumed", entries=entries)


def _shares(alert: Alert, lang: Language) -> str:
    if not alert.shares:
        return ""
    key = "shares" + manner(alert.result.count)
    return text(
        lang, key if has_text(lang, key) else "shares", entries=shares_said(alert.shares, lang)
    )


def _largest(alert: Alert, lang: Language) -> str:
    key = "largest" + manner(alert.result.count)
    if key == "largest.pairs" and not alert.largest_client_count:
        return text(lang, "largest.pairs.none")
    return text(
        lang, key if has_text(lang, key) else "largest", client=for_terminal(alert.largest_client),
        n=_quantity(alert, alert.largest_client_count, lang),
        alone=text(lang, "alone.yes" if alert.reached_alone else "alone.no"),
    )


def _rests_on(alert: Alert, lang: Language) -> str:
    sentences = [
        text(
            lang, "rule", rule=alert.result.rule, version=alert.rule_version,
            about=bare(by_language(alert.about, lang)),
        ),
        text(lang, "clause", clause=bare(by_language(alert.clause, lang))),
        text(lang, f"source.{alert.status}"),
        *limit_source(alert, lang),
    ]
    return text(lang, "sentence").join(sentences)


def _notes(alert: Alert, lang: Language) -> str:
    if not alert.notes:
        return ""
    notes = (bare(said(alert, "note", note, lang)) for note in alert.notes)
    return text(lang, "notes", entries=text(lang, "entries").join(notes))


# --- pieces of sentences -------------------------------------------------------------------------


def said(alert: Alert, kind: str, english: str, lang: Language) -> str:
    """Return a text of the alert's rule in a language."""
    if lang == "zh" and english in alert.chinese:
        return alert.chinese[english]
    return term(lang, kind, english)


def _quantity(alert: Alert, n: float, lang: Language) -> str:
    return quantity(alert.result.count, n, lang)


def _is_figure(alert: Alert) -> bool:
    return schema.count_word(alert.result.count) in schema.FIGURES


def _is_position(alert: Alert) -> bool:
    return schema.count_word(alert.result.count) in schema.POSITION_COUNTS
