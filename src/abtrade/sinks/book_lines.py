"""What a scan says of its order books, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .. import wording
from ..schema import BOOK_FAULTS, BookCount
from ..wording import Language, text

HELD_AGAINST: Final = (
    BookCount.NO_LOTS,
    BookCount.NOT_BEST,
    BookCount.NOT_FIRST,
    BookCount.AT_HEAD,
)
"""Trades of which a book by price and time tells whether they fit it."""


def book_lines(book: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield how the trades of all contracts fitted their books, from the certificate's ``book``."""
    counts = {what: book["counts"].get(what.name.lower(), 0) for what in BookCount}
    held = sum(counts[what] for what in HELD_AGAINST)
    others = [what for what in BookCount if what < BookCount.NO_LOTS]
    yield text(
        lang,
        "book" if held else "book.none",
        head=f"{counts[BookCount.AT_HEAD]:,}",
        held=f"{held:,}",
        faults=_several(counts, BOOK_FAULTS, lang),
        others=_several(counts, others, lang),
    )
    if begin_without := book["begin_without_resting_orders"]:
        yield text(lang, "book.without", names=wording.names_of(begin_without, lang))


def _several(counts: Mapping[BookCount, int], kinds: Sequence[BookCount], lang: Language) -> str:
    """Return the counts above 0 of some kinds, by their words."""
    told = [f"{what.name.lower()} {counts[what]:,}" for what in kinds if counts[what]]
    return text(lang, "list").join(told) or text(lang, "book.nothing")
