"""Words of the outputs in English and Chinese, and the small pieces that sentences are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from . import schema
from .alerts import Tipping
from .safe_text import for_terminal
from .visibility import Sight
from .words_book_en import WORDS as BOOK_ENGLISH
from .words_book_zh import WORDS as BOOK_CHINESE
from .words_check_en import WORDS as CHECK_ENGLISH
from .words_check_zh import WORDS as CHECK_CHINESE
from .words_en import WORDS as ENGLISH
from .words_measured_en import WORDS as MEASURED_ENGLISH
from .words_measured_zh import WORDS as MEASURED_CHINESE
from .words_moment_en import WORDS as MOMENT_ENGLISH
from .words_moment_zh import WORDS as MOMENT_CHINESE
from .words_mutation_en import WORDS as MUTATION_ENGLISH
from .words_mutation_zh import WORDS as MUTATION_CHINESE
from .words_page_en import WORDS as PAGE_ENGLISH
from .words_page_zh import WORDS as PAGE_CHINESE
from .words_replay_en import WORDS as REPLAY_ENGLISH
from .words_replay_zh import WORDS as REPLAY_CHINESE
from .words_rules_en import WORDS as RULES_ENGLISH
from .words_rules_zh import WORDS as RULES_CHINESE
from .words_sniff_en import WORDS as SNIFF_ENGLISH
from .words_sniff_zh import WORDS as SNIFF_CHINESE
from .words_tests_en import WORDS as TESTS_ENGLISH
from .words_tests_zh import WORDS as TESTS_CHINESE
from .words_whatif_en import WORDS as WHATIF_ENGLISH
from .words_whatif_zh import WORDS as WHATIF_CHINESE
from .words_zh import WORDS as CHINESE

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
NAMES_SHOWN: Final = 20
"""Accounts a sentence names before it says how many more there are; the columns have them all."""

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": (
        ENGLISH
        | BOOK_ENGLISH
        | CHECK_ENGLISH
        | MEASURED_ENGLISH
        | MOMENT_ENGLISH
        | MUTATION_ENGLISH
        | REPLAY_ENGLISH
        | PAGE_ENGLISH
        | RULES_ENGLISH
        | SNIFF_ENGLISH
        | TESTS_ENGLISH
        | WHATIF_ENGLISH
    ),
    "zh": (
        CHINESE
        | BOOK_CHINESE
        | CHECK_CHINESE
        | MEASURED_CHINESE
        | MOMENT_CHINESE
        | MUTATION_CHINESE
        | REPLAY_CHINESE
        | PAGE_CHINESE
        | RULES_CHINESE
        | SNIFF_CHINESE
        | TESTS_CHINESE
        | WHATIF_CHINESE
    ),
}
_BEIJING: Final = timedelta(hours=8)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def text(lang: Language, key: str, **values: object) -> str:
    """Return the text of a key with its blanks filled."""
    return _WORDS[lang][key].format(**values)


def amount(lang: Language, key: str, n: int) -> str:
    """Return the text of a key that tells how many, that of ``KEY.one`` for one."""
    return text(lang, f"{key}.one" if n == 1 else key, n=n)


def has_text(lang: Language, key: str) -> bool:
    """Return whether a language has a text of its own for a key."""
    return key in _WORDS[lang]


def page_words(lang: Language) -> dict[str, str]:
    """Return the words that a page needs by itself, by key, with the names of the levels."""
    levels = {f"level.{level}": text(lang, f"level.{level}") for level in schema.LEVELS}
    words = {key[5:]: told for key, told in _WORDS[lang].items() if key.startswith("page.")}
    return words | levels


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


def in_percent(digits: str, lang: Language) -> str:
    """Return a decimal (``0.8``) as a percentage (``80%``), exactly."""
    return text(lang, "percent", n=format((100 * Decimal(digits)).normalize(), "f"))


def place(tipping: Tipping, lang: Language) -> str:
    """Return where in the log a tipping event stands."""
    return place_of(tipping.seq, tipping.channel, lang)


def place_of(seq: int, channel: int | None, lang: Language) -> str:
    """Return a place in the log; ``channel`` is None in a log without channels."""
    if channel is None:
        return text(lang, "place", seq=seq)
    return text(lang, "place.channel", channel=channel, seq=seq)


def assumption(words: str, lang: Language) -> str:
    """Return an assumption (``hedge is speculation``) in a language."""
    if " is " not in words:
        return term(lang, "granted", words)
    what, _, value = words.partition(" is ")
    if not value:
        return term(lang, "value", words)
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
    return cut(text(lang, "list").join(shown), len(names) - len(shown), lang)


def exchange_name(exchange: str, lang: Language) -> str:
    """Return an exchange as a language calls it, nothing where the log names none."""
    return "" if exchange == schema.NO_EXCHANGE else term(lang, "exchange", for_terminal(exchange))


def bare(sentence: str) -> str:
    """Return a sentence without its full stop, to stand within another."""
    return re.sub(r"[.。\s]+\Z", "", for_terminal(sentence))


def cut(listed: str, more: int, lang: Language) -> str:
    """Return a list within a sentence, with how many more there are."""
    return f"{listed} {text(lang, 'more', n=more)}" if more > 0 else listed
