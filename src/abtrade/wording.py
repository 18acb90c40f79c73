"""An alert in words: full sentences, in English and Chinese, that can be read alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from . import schema
from .alerts import Alert, Tipping
from .safe_text import for_terminal
from .visibility import Sight
from .words_en import WORDS as ENGLISH
from .words_sniff_en import WORDS as SNIFF_ENGLISH
from .words_sniff_zh import WORDS as SNIFF_CHINESE
from .words_zh import WORDS as CHINESE

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
NAMES_SHOWN: Final = 20
"""Accounts a sentence names before it says how many more there are; the columns have them all."""

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": ENGLISH | SNIFF_ENGLISH,
    "zh": CHINESE | SNIFF_CHINESE,
}
_BEIJING: Final = timedelta(hours=8)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def message(alert: Alert, lang: Language) -> str:
    """Return all that a lawyer needs of an alert, in sentences; names made harmless."""
    parts = [
        _headline(alert, lang),
        level_said(alert, "red", lang),
        level_said(alert, "yellow", lang),
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


def text(lang: Language, key: str, **values: object) -> str:
    """Return the text of a key with its blanks filled."""
    return _WORDS[lang][key].format(**values)


def term(lang: Language, kind: str, word: str) -> str:
    """Return a word of a log or a rule in a language; a word without another name as it is.

    A unit that a language does without is nothing.
    """
    return _WORDS[lang].get(f"{kind}.{word}", "" if kind == "unit" else word)


def by_language(texts: dict[str, str], lang: Language) -> str:
    """Return a rule's text in a language, in English where it has no other."""
    return texts.get(lang) or texts.get("en") or next(iter(texts.values()), "")


def clock(ts: int) -> str:
    """Return a time (ns since 1970 UTC) as Beijing shows it, with 9 digits of the second."""
    seconds, ns = divmod(ts, 1_000_000_000)
    return f"{_EPOCH + _BEIJING + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}.{ns:09d}"


def iso_time(ts: int) -> str:
    """Return a time (ns since 1970 UTC) as ISO 8601 in Beijing time, 9 digits of the second."""
    return clock(ts).replace(" ", "T") + "+08:00"


def number(value: float) -> str:
    """Return a count as digits, a ratio with at most 12 digits that matter."""
    return str(value) if isinstance(value, int) else format(value, ".12g")


def place(tipping: Tipping, lang: Language) -> str:
    """Return where in the log a tipping event stands."""
    if tipping.channel is None:
        return text(lang, "place", seq=tipping.seq)
    return text(lang, "place.channel", channel=tipping.channel, seq=tipping.seq)


def assumption(words: str, lang: Language) -> str:
    """Return an assumption (``hedge is speculation``) in a language."""
    what, _, value = words.partition(" is ")
    key = "assumption.not" if value.startswith("not ") else "assumption"
    values = [term(lang, "value", each) for each in re.split(", | or ", value.removeprefix("not "))]
    return text(
        lang, key, what=term(lang, "attribute", what), value=text(lang, "values").join(values)
    )


def blindness(reason: str, lang: Language) -> str:
    """Return why a rule was blind (``open_lots needs offset, which ...``) in a language."""
    if lang == "en" or " needs " not in reason:
        return term(lang, "why", reason)
    what, _, needs = reason.partition(" needs ")
    told = []
    for need in needs.split("; "):
        name, _, why = need.rpartition(", ")
        told.append(name.replace(" or ", f" {text(lang, 'or')} ") + term(lang, "why", why))
    return text(lang, "needs", what=what, needs=text(lang, "entries").join(told))


def day_how(how: str, lang: Language) -> str:
    """Return how the trading day was found (``the metadata of day.parquet``) in a language."""
    if lang == "en":
        return how
    told = []
    for part in how.split("; "):
        beginnings = [key for key in CHINESE if key.startswith("day.") and key.endswith(" ")]
        begin = next((key for key in beginnings if part.startswith(key[4:])), None)
        told.append(CHINESE[begin] + part[len(begin) - 4 :] if begin else term(lang, "day", part))
    return text(lang, "entries").join(told)


def sight_note(sight: Sight, lang: Language) -> str | None:
    """Return what a log does not show and what follows, None of a whole market's."""
    notes = [] if sight.has_history else [text(lang, "sight.final-state")]
    notes += [text(lang, "sight.broker")] if sight.one_broker else []
    return text(lang, "sentence").join(notes) or None


def names_of(names: list[str], lang: Language, most: int = NAMES_SHOWN) -> str:
    """Return names as a list within a sentence, cut after ``most``."""
    shown = [for_terminal(name) for name in names[:most]]
    return _cut(text(lang, "list").join(shown), len(names) - len(shown), lang)


def exchange_name(exchange: str, lang: Language) -> str:
    """Return an exchange as a language calls it, nothing where the log names none."""
    return "" if exchange == schema.NO_EXCHANGE else term(lang, "exchange", for_terminal(exchange))


# --- the sentences -------------------------------------------------------------------------------


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
    count, parameter = _split_count(alert.result.count)
    n = alert.result.counted
    one = f"did.one.{count}"
    key = one if n == 1 and one in _WORDS[lang] else f"did.{count}"
    return text(lang, key, n=number(n), lots=parameter)


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
    values = {"level": text(lang, f"Level.{level}"), "limit": _limit(alert, limit, lang)}
    if tipping is not None:
        return text(
            lang, "reached", **values, place=place(tipping, lang), clock=clock(tipping.ts),
            count=tipping.count,
        )
    if level in (alert.level, "yellow") and (_is_ratio(alert) or not alert.sight.has_history):
        return text(lang, "reached.ratio" if _is_ratio(alert) else "reached.unseen", **values)
    capped = level == "red" and alert.group_status == "suspected"
    return text(lang, "not_applied" if capped else "not_reached", **values)


def _limit(alert: Alert, limit: str, lang: Language) -> str:
    sign, _, digits = limit.partition(" ")
    unit = term(lang, "unit", _split_count(alert.result.count)[0])
    return text(lang, "limit", sign=term(lang, "sign", sign), number=digits + unit)


def _ledger(alert: Alert, lang: Language) -> str:
    result = alert.result
    entries = text(lang, "entries").join(
        _left_out(alert, reason, n, lang) for reason, n in result.exempt.items()
    )
    gross = _quantity(alert, result.gross, lang)
    if _is_ratio(alert):
        key = "ledger.ratio" if entries else "ledger.ratio.all"
        return text(lang, key, gross=gross, entries=entries)
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
    return text(lang, "left_out.clause", **values, clause=_bare(said(alert, "", clause, lang)))


def _partial(alert: Alert, lang: Language) -> str:
    """Return what is not in one broker's log of what the subject did, and what follows."""
    if not alert.sight.one_broker:
        return ""
    who = text(lang, f"partial.{alert.result.subject_kind}")
    but = text(lang, "partial" + (_manner(alert) or ".count"))
    if alert.sight.has_history and not _is_ratio(alert):
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
    entries = []
    for share in alert.shares[:NAMES_SHOWN]:
        key = "share" if share.client == share.account else "share.client"
        entries.append(
            text(
                lang, key, account=for_terminal(share.account), client=for_terminal(share.client),
                n=number(share.counted),
            )
        )
    listed = _cut(text(lang, "list").join(entries), len(alert.shares) - len(entries), lang)
    return text(lang, "shares" + _manner(alert), entries=listed)


def _largest(alert: Alert, lang: Language) -> str:
    manner = _manner(alert)
    if manner == ".pairs" and not alert.largest_client_count:
        return text(lang, "largest.pairs.none")
    return text(
        lang, "largest" + manner, client=for_terminal(alert.largest_client),
        n=_quantity(alert, alert.largest_client_count, lang),
        alone=text(lang, "alone.yes" if alert.reached_alone else "alone.no"),
    )


def _rests_on(alert: Alert, lang: Language) -> str:
    sentences = [
        text(
            lang, "rule", rule=alert.result.rule, version=alert.rule_version,
            about=_bare(by_language(alert.about, lang)),
        ),
        text(lang, "clause", clause=_bare(by_language(alert.clause, lang))),
        text(lang, f"source.{alert.status}"),
    ]
    return text(lang, "sentence").join(sentences)


def _notes(alert: Alert, lang: Language) -> str:
    if not alert.notes:
        return ""
    notes = (_bare(said(alert, "note", note, lang)) for note in alert.notes)
    return text(lang, "notes", entries=text(lang, "entries").join(notes))


# --- pieces of sentences -------------------------------------------------------------------------


def said(alert: Alert, kind: str, english: str, lang: Language) -> str:
    """Return a text of the alert's rule in a language."""
    if lang == "zh" and english in alert.chinese:
        return alert.chinese[english]
    return term(lang, kind, english)


def _quantity(alert: Alert, n: float, lang: Language) -> str:
    """Return a number with the unit that Chinese wants after it; of a ratio, messages."""
    count = _split_count(alert.result.count)[0]
    if schema.count_word(count) not in schema.FIGURES:
        return number(n) + term(lang, "unit", count)
    return number(n) + (term(lang, "unit", "messages") if isinstance(n, int) else "")


def _split_count(count: str) -> tuple[str, str]:
    name, _, parameter = count.partition("@")
    return name, parameter


def _is_ratio(alert: Alert) -> bool:
    return schema.count_word(alert.result.count) in schema.FIGURES


def _manner(alert: Alert) -> str:
    """Return the ending of the texts that speak differently of a ratio and of self-trades."""
    if _is_ratio(alert):
        return ".ratio"
    return ".pairs" if alert.result.count in schema.PAIR_COUNTS else ""


def _bare(sentence: str) -> str:
    """Return a sentence without its full stop, to stand within another."""
    return re.sub(r"[.。\s]+\Z", "", for_terminal(sentence))


def _cut(listed: str, more: int, lang: Language) -> str:
    return f"{listed} {text(lang, 'more', n=more)}" if more > 0 else listed
