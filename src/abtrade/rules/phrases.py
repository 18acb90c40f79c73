"""Phrases: filters, counts, levels and days of a rule in the words of a language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Final

from .. import schema
from ..plan import Filter
from ..wording import Language, exchange_name, has_text, term, text
from .kinds import words
from .rule import Level, Rule, assume_words, decimal_text, filter_words

EVENTS: Final[dict[str, str]] = {
    **dict.fromkeys(("orders", "filled_orders", "ordered_open_lots"), "orders"),
    **dict.fromkeys(("order_share", "order_deviation"), "orders"),
    **dict.fromkeys(("cancels", "large_cancels", *schema.LIMIT_PRICE_COUNTS), "cancels"),
    **dict.fromkeys(("cancel_share", "cancel_deviation"), "cancels"),
    **dict.fromkeys(("messages", "burst_occasions", *schema.RATIO_COUNTS), "messages"),
    **dict.fromkeys(("open_lots", "filled_lots", "volume_share", "volume_deviation"), "fills"),
    **dict.fromkeys(schema.PAIR_COUNTS, "self_trades"),
    **dict.fromkeys(schema.HELD_COUNTS, "held"),
    "kernel": "events",
}
"""Count -> what its filters are asked of."""

Asked = dict[str, list[str] | bool]


def any_of(listed: Iterable[str], lang: Language) -> str:
    """Return names as a list of which any one may be meant."""
    return words(listed) if lang == "en" else text(lang, "list").join(listed)


def all_of(listed: Iterable[str], lang: Language) -> str:
    """Return names as a list of all that is meant."""
    *rest, last = listed
    return text(lang, "and", rest=text(lang, "list").join(rest), last=last) if rest else last


# --- filters -------------------------------------------------------------------------------------


def only_said(rule: Rule, lang: Language) -> str:
    """Return the events that alone count; nothing where all do."""
    told = (filter_said(entry, rule, lang, is_only=True) for entry in rule.only)
    return text(lang, "entries").join(told)


def filter_said(entry: Filter, rule: Rule, lang: Language, *, is_only: bool = False) -> str:
    """Return the events of a rule that a filter takes: ``cancels of FAK or FOK orders``.

    is_only : it is a filter of what counts; else, of what is exempt
    """
    asked = filter_words(entry)
    where = ""
    if "product" in asked or "order_fee" in asked:
        where = text(lang, "filter.on", contracts=_contracts(asked, lang))
    return text(lang, "filter", where=where, events=_events(asked, rule, lang, is_only))


def _contracts(asked: Asked, lang: Language) -> str:
    told = text(lang, "filter.contracts")
    if "product" in asked:
        told = text(lang, "filter.contracts.of", products=any_of(_list(asked["product"]), lang))
    if "order_fee" in asked:
        key = f"filter.contracts.fee.{_flag(asked['order_fee'])}"
        told = text(lang, key, contracts=told)
    return told


def _events(asked: Asked, rule: Rule, lang: Language, is_only: bool) -> str:
    kind = EVENTS[rule.count]
    parts = {
        "events": text(lang, f"events.{kind}"),
        "phase": _part(asked, "phase", lang),
        "by": _part(asked, "cancel_by", lang),
        "purpose": _part(asked, "hedge", lang),
        "tif": _part(asked, "tif", lang),
        "type": _part(asked, "order_type", lang),
        "who": "",
    }
    if "market_maker" in asked:
        whose = "held" if kind == "held" else "orders"
        parts["who"] = text(lang, f"{whose}.who.{_flag(asked['market_maker'])}")
    if not any(said for name, said in parts.items() if name != "events"):
        return text(lang, "filter.all", **parts)
    if kind == "held":
        return text(lang, "filter.held", **parts)
    is_plain = not parts["tif"] and not parts["type"]
    orders = text(lang, "orders.plain" if is_plain else "orders", **parts)
    if kind == "orders":
        return text(lang, "filter.orders", orders=orders, **parts)
    if is_plain and not parts["purpose"] and not parts["who"]:
        return text(lang, "filter.bare", **parts)
    if kind == "self_trades":
        side = text(lang, f"side.{_side(rule, is_only)}")
        return text(lang, "filter.self_trades", orders=orders, side=side, **parts)
    return text(lang, "filter.of", orders=orders, **parts)


_TEMPLATES: Final = {
    "phase": "phase", "cancel_by": "by", "hedge": "purpose", "tif": "tif", "order_type": "type",
}  # fmt: skip


def _part(asked: Asked, name: str, lang: Language) -> str:
    """Return what a filter asks of one attribute, ready to stand in a phrase."""
    if name not in asked:
        return ""
    said = any_of((text(lang, f"{name}.{word}") for word in _list(asked[name])), lang)
    return text(lang, f"orders.{_TEMPLATES[name]}", words=said)


def _side(rule: Rule, is_only: bool) -> str:
    """Return which orders of a self-trade must fit: a match counts where none is left out."""
    if rule.both:
        return "some" if is_only else "both"
    return "both" if is_only else "either"


def _list(said: list[str] | bool) -> list[str]:
    assert isinstance(said, list)
    return said


def _flag(said: list[str] | bool) -> str:
    return "true" if said else "false"


# --- counts --------------------------------------------------------------------------------------


def count_sentence(rule: Rule, lang: Language) -> str:
    """Return in a sentence what a rule counts, and what one is."""
    window = text(lang, f"burst_window.{rule.burst_window}")
    return text(lang, f"counted.{rule.count}", window=window, **_parameters(rule, lang))


def count_name(rule: Rule, lang: Language) -> str:
    """Return what a rule counts as a name, with its parameters."""
    window = text(lang, f"short.burst_window.{rule.burst_window}")
    return text(lang, f"name.{rule.count}", window=window, **_parameters(rule, lang))


def _parameters(rule: Rule, lang: Language) -> dict[str, str]:
    return {
        "large": _large(rule, lang),
        "messages": text(lang, "messages.n", n=rule.burst_messages or 0),
        "kernel": rule.kernel or "",
    }


def _large(rule: Rule, lang: Language) -> str:
    """Return the size that makes a cancel large."""
    if rule.large_of_max is not None:
        part = text(lang, "large.part", n=percent_said(rule.large_of_max.number, lang))
        return text(lang, f"compared.{rule.large_of_max.op}", n=part)
    key = "large.lots.one" if rule.large_lots == 1 else "large.lots"
    return text(lang, key, n=rule.large_lots or 0)


def assume_said(rule: Rule, lang: Language) -> str:
    """Return what is taken for granted of a log without a column; nothing where nothing is."""
    told = (
        text(lang, "assumption", what=text(lang, f"asked.{name}"), value=term(lang, "value", word))
        for name, word in assume_words(rule).items()
    )
    return text(lang, "entries").join(told)


def products_said(rule: Rule, lang: Language) -> str:
    """Return the products that a rule is for."""
    if rule.products is None:
        return text(lang, "products.all")
    key = "product" if len(rule.products) == 1 else "products"
    return text(lang, key, products=all_of(sorted(rule.products), lang))


def exchange_said(rule: Rule, lang: Language) -> str:
    """Return the exchange whose rule it is."""
    return exchange_name(rule.exchange, lang)


def quotas_said(rule: Rule, lang: Language) -> str:
    """Return the approved quotas that are added to the limit, nothing where there are none."""
    told = (schema.word_of("hedge", code) for code in sorted(rule.quotas))
    return all_of((text(lang, f"hedge.{word}") for word in told), lang) if rule.quotas else ""


# --- levels --------------------------------------------------------------------------------------


def level_said(rule: Rule, level: Level, lang: Language, *, brief: bool = False) -> str:
    """Return what a level asks: ``at least 500 cancels``, ``lots opened come to ...``.

    brief : what is counted is known, and its parameters are left out
    """
    if rule.limit is not None:
        return text(lang, f"amount.limit.{rule.count}", n=_of_limit(level, lang))
    key = _amount_key(rule.count, level.number, lang, brief)
    return text(lang, key, n=_compared(rule, level, lang), **_parameters(rule, lang))


def _of_limit(level: Level, lang: Language) -> str:
    if level.number == 1:
        return text(lang, f"compared.limit.{level.op}")
    part = text(lang, "of_limit", n=percent_said(level.number, lang))
    return text(lang, f"compared.{level.op}", n=part)


def _compared(rule: Rule, level: Level, lang: Language) -> str:
    if rule.count in schema.SHARE_COUNTS:
        figure = percent_said(level.number, lang)
    else:
        figure = decimal_text(level.number) + _unit(rule.count, lang)
    return text(lang, f"compared.{level.op}", n=figure)


def _amount_key(count: str, number: Fraction, lang: Language, brief: bool) -> str:
    """Return the key of an amount: brief where asked for, singular of 1, where there is such."""
    key = f"amount.brief.{count}"
    if not brief or not has_text(lang, key):
        key = f"amount.{count}"
    one = key.removesuffix(count) + f"one.{count}"
    return one if number == 1 and has_text(lang, one) else key


def _unit(count: str, lang: Language) -> str:
    """Return what stands after a number of a count; in English the noun of the phrase does."""
    if lang == "en":
        return ""
    own = f"measured.{count}"
    return text(lang, own) if has_text(lang, own) else term(lang, "unit", count).strip()


def percent_said(part: Fraction, lang: Language) -> str:
    """Return a part of a whole as a percentage, no digit lost."""
    return text(lang, "percent", n=decimal_text(100 * part))


# --- days ----------------------------------------------------------------------------------------


def days_said(first: date, last: date | None, lang: Language) -> str:
    """Return the days of a version: ``since 2024-10-25``, ``from 2010-11-05 to 2024-10-24``."""
    if last is None:
        return text(lang, "days.endless", first=first)
    return text(lang, "days.bounded", first=first, last=last)
