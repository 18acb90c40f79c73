"""Sentences on what was measured beside an alert's figure: positions, bursts, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from . import schema
from .alerts import Alert, Share
from .safe_text import for_terminal
from .wording import (
    NAMES_SHOWN,
    Language,
    bare,
    clock,
    cut,
    in_percent,
    number,
    place_of,
    term,
    text,
)

_WHOLE: Final = {
    "otr": "messages",
    "volume_share": "filled_lots",
    "volume_deviation": "filled_lots",
    "order_share": "orders",
    "order_deviation": "orders",
    "cancel_share": "cancels",
    "cancel_deviation": "cancels",
    "open_interest_share": "long_lots",
}
"""Figure -> the count of the whole numbers that it is made of."""


def quantity(count: str, n: float, lang: Language) -> str:
    """Return a number of a count, or a figure, with the unit that the language wants after it."""
    word = schema.count_word(count)
    if word in schema.SHARE_COUNTS and not isinstance(n, int):
        return percent(n, lang)
    if word not in schema.FIGURES:
        return number(n) + _unit(word, n, lang)
    return number(n) + (_unit(_WHOLE.get(word, ""), n, lang) if isinstance(n, int) else "")


def figure_short(count: str, n: float, lang: Language) -> str:
    """Return a count or a figure for a column: without its unit, of a share as a percentage."""
    is_share = schema.count_word(count) in schema.SHARE_COUNTS
    return percent(n, lang) if is_share else number(n)


def percent(part: float, lang: Language) -> str:
    """Return a part of a whole as a percentage, at most 6 digits that matter."""
    return text(lang, "percent", n=format(100 * part, ".6g"))


def limit_said(alert: Alert, level: str, lang: Language) -> str:
    """Return what a level asks, as the rule says it, and in lots where a limit tells them."""
    sign, digits, at = _asked(alert, level)
    sign = term(lang, "sign", sign)
    limit = alert.detail.get("limit")
    if at is not None and limit is not None:
        return text(lang, "limit.part", sign=sign, part=in_percent(digits, lang), limit=limit,
                    lots=at)  # fmt: skip
    word = schema.count_word(alert.result.count)
    if word in schema.SHARE_COUNTS:
        asked = in_percent(digits, lang)
    else:
        asked = digits + term(lang, "unit", word)
    return text(lang, "limit", sign=sign, number=asked)


def limit_short(alert: Alert, lang: Language) -> str:
    """Return what the alert's level asks, for a column."""
    sign, digits, at = _asked(alert, alert.level)
    if at is not None:
        return text(lang, "limit.part.short", lots=at, part=in_percent(digits, lang))
    is_share = schema.count_word(alert.result.count) in schema.SHARE_COUNTS
    return f"{sign} {in_percent(digits, lang) if is_share else digits}".strip()


def limit_source(alert: Alert, lang: Language) -> Iterator[str]:
    """Yield how sure each row is that the limit in lots comes from, and where it stands."""
    rows = alert.detail.get("limit_rows", ())
    for row in rows:
        origin = ""
        if row["row"] is not None:
            origin += text(lang, "limit.row", row=row["row"])
        if row["source"]:
            origin += text(lang, "limit.origin", source=bare(row["source"]))
        yield text(
            lang, "limit.source" if len(rows) == 1 else "limit.source.part",
            n=number(row["lots"]), sure=text(lang, f"limit.{row['status']}"),
            origin=origin,
        )  # fmt: skip


def manner(count: str) -> str:
    """Return the ending of the texts that speak of a kind of count in a way of its own."""
    word = schema.count_word(count)
    if word in schema.RATIO_COUNTS:
        return ".ratio"
    if word == "kernel":
        return ".kernel"
    if word in schema.FIGURES:
        return ".figure"
    if word in schema.POSITION_COUNTS:
        return ".position"
    if word == "burst_occasions":
        return ".bursts"
    return ".pairs" if word in schema.PAIR_COUNTS else ""


def shares_said(shares: list[Share], lang: Language) -> str:
    """Return who has how much, as a list within a sentence."""
    entries = []
    for share in shares[:NAMES_SHOWN]:
        key = "share" if share.client == share.account else "share.client"
        entries.append(
            text(
                lang, key, account=for_terminal(share.account), client=for_terminal(share.client),
                n=number(share.counted),
            )
        )
    return cut(text(lang, "list").join(entries), len(shares) - len(entries), lang)


def measured(alert: Alert, lang: Language) -> str:
    """Return the sentences on ``alert.detail``; nothing for a count that has none."""
    told = _TOLD.get(manner(alert.result.count))
    if told is None or not alert.detail:
        return ""
    return text(lang, "sentence").join(told(alert, alert.detail, lang))


# --- kinds of counts -----------------------------------------------------------------------------


def _position(alert: Alert, detail: Mapping[str, Any], lang: Language) -> Iterator[str]:
    def lots(n: int) -> str:
        return quantity(alert.result.count, n, lang)

    peak = detail["peak"]
    if peak.get("seq") is None:
        yield text(lang, "position.peak.opening", n=lots(peak["lots"]))
    else:
        yield text(lang, "position.peak", n=lots(peak["lots"]), **_when(peak, lang))
    yield text(lang, "position.ends", opening=lots(detail["opening"]), end=lots(detail["end"]))
    level = text(lang, f"level.{alert.level}")
    if passages := detail["passage_count"].get(alert.level):
        key = "position.passages.once" if passages == 1 else "position.passages"
        yield text(lang, key, level=level, n=passages)
    back = next((each for each in detail["fell_back"] if each["level"] == alert.level), None)
    if back is not None:
        n = lots(back["lots"])
        yield text(lang, "position.fell_back", level=level, n=n, **_when(back, lang))
    if detail["end"] >= _lots_from(alert):
        yield text(lang, "position.ends_there", level=level)
    if shares := [Share(**share) for share in detail["shares_at_peak"]]:
        yield text(lang, "position.peak_shares", entries=shares_said(shares, lang))


def _bursts(alert: Alert, detail: Mapping[str, Any], lang: Language) -> Iterator[str]:
    if detail["occasions"]:
        yield text(lang, "bursts.first", clock=clock(detail["occasions"][0]["ts"]))
    most = detail["most"]
    yield text(lang, "bursts.busiest", clock=clock(most["second"]), n=most["messages"])


def _figure(alert: Alert, detail: Mapping[str, Any], lang: Language) -> Iterator[str]:
    count = schema.count_word(alert.result.count)
    if count not in schema.STATISTICS:
        return

    def whole(name: str) -> str:
        return quantity(_WHOLE[count], detail[name], lang)

    if count in schema.SHARE_COUNTS:
        yield text(lang, "statistic.share", numerator=whole("numerator"),
                   denominator=whole("denominator"))  # fmt: skip
    else:
        shares = {name: percent(detail[name], lang) for name in ("share", "median", "spread")}
        yield text(lang, "statistic.deviation", days=detail["days"], **shares)
    if detail.get("rank") is not None:
        yield text(lang, "statistic.rank", rank=detail["rank"])
    yield text(lang, "statistic")


def _kernel(_: Alert, detail: Mapping[str, Any], lang: Language) -> Iterator[str]:
    if detail["about"]:
        yield text(lang, "kernel.about", about=bare(detail["about"]))
    if detail["highest"] is not None:
        yield text(lang, "kernel.highest", **_when(detail["highest"], lang))


_TOLD: Final[
    dict[str, Callable[[Alert, Mapping[str, Any], Language], Iterator[str]]]
] = {".position": _position, ".bursts": _bursts, ".figure": _figure,
     ".kernel": _kernel}


# --- pieces --------------------------------------------------------------------------------------


def _unit(count: str, n: float, lang: Language) -> str:
    return (term(lang, "unit", f"one.{count}") if n == 1 else "") or term(lang, "unit", count)


def _asked(alert: Alert, level: str) -> tuple[str, str, int | None]:
    """Return a level's sign and number as the rule says them, and the lots that reach it."""
    limit = alert.red_limit if level == "red" else alert.yellow_limit
    sign, _, digits = (limit or "").partition(" ")
    return sign, digits, alert.red_from if level == "red" else alert.yellow_from


def _lots_from(alert: Alert) -> int:
    """Return the lots that reach the alert's level, of a rule with a limit or without one."""
    sign, digits, at = _asked(alert, alert.level)
    return int(digits) + (sign == ">") if at is None else at


def _when(event: Mapping[str, Any], lang: Language) -> dict[str, str]:
    where = place_of(event["seq"], event.get("channel"), lang)
    return {"place": where, "clock": clock(event["ts"])}
