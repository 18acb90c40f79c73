"""Charts of an answer as lines of text, no wider than a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from ..sinks.terminal import STYLES
from ..wording import Language, number, text
from .answer import AS_IS, CHANGED, Counts, Variant, WhatIf
from .distribution import Bin

WIDTH: Final = 80
LABEL_WIDTH: Final = 24
"""Columns that the name of a threshold may take."""
BARS: Final = {"red": "█", "yellow": "▒"}
_COLUMNS: Final = ("red", "yellow", "subjects", "days")


def threshold_lines(found: WhatIf, lang: Language) -> Iterator[Text]:
    """Yield a head, then a line a variant: its numbers and a bar of its alerts."""
    counts = {variant: found.counts(variant) for variant in found.variants}
    shown = _COLUMNS if len(found.days) > 1 else _COLUMNS[:3]
    heads = [text(lang, f"whatif.column.{name}") for name in shown]
    names = [shortened(label(found, variant, lang), LABEL_WIDTH) for variant in found.variants]
    first = max(map(cell_len, names))
    widths = [max(cell_len(head), *(len(f"{getattr(each, name):,}") for each in counts.values()))
              for head, name in zip(heads, shown, strict=True)]  # fmt: skip
    yield Text(_row("", heads, first, widths), "bold")
    room = max(8, WIDTH - first - sum(widths) - 2 * len(widths) - 2)
    most = max(1, *(each.red + each.yellow for each in counts.values()))
    for name, each in zip(names, counts.values(), strict=True):
        numbers = [f"{getattr(each, column):,}" for column in shown]
        yield Text.assemble(_row(name, numbers, first, widths) + "  ", *_bar(each, room, most))


def distribution_lines(bins: Sequence[Bin], lang: Language) -> Iterator[Text]:
    """Yield a line a step: its bounds, how many figures, and a bar; thresholds are marked."""
    names = [bounds(each, lang) for each in bins]
    counts = [f"{each.subjects:,}" for each in bins]
    first, second = max(map(cell_len, names)), max(map(len, counts))
    most = max(1, *(each.subjects for each in bins[1:]))
    room = WIDTH - first - second - 6
    for each, name, count in zip(bins, names, counts, strict=True):
        mark = ">" if each.is_threshold else " "
        bar = "" if each.low is None else "█" * length(each.subjects, room, most)
        yield Text(f"{mark} {padded(name, first)}  {count:>{second}}  {bar}".rstrip())


def label(found: WhatIf, variant: Variant, lang: Language) -> str:
    """Return a variant as a language calls it."""
    if variant.name in (AS_IS, CHANGED):
        return text(lang, f"whatif.variant.{variant.name}")
    return found.label(variant)


def bounds(each: Bin, lang: Language) -> str:
    """Return the bounds of a step in words: ``450 to 499``, ``under 400``."""
    if each.low is None:
        return text(lang, "whatif.under", n=number(each.high or 0))
    if each.high is None:
        return text(lang, "whatif.from", n=number(each.low))
    if isinstance(each.high, int) and isinstance(each.low, int):
        last = each.high - 1
        return number(last) if last == each.low else f"{each.low} - {last}"
    return f"{number(each.low)} - < {number(each.high)}"


def padded(said: str, width: int) -> str:
    """Return a text with blanks after it; a Chinese character takes two columns."""
    return said + " " * (width - cell_len(said))


def shortened(said: str, width: int) -> str:
    """Return a text that takes no more columns than that."""
    while cell_len(said) > width:
        said = said[:-2] + "…"
    return said


def length(count: int, room: int, most: int) -> int:
    """Return how long a bar is: at least 1 for what is not nothing."""
    return max(1, round(count * room / most)) if count else 0


def _row(name: str, cells: Iterable[str], first: int, widths: Sequence[int]) -> str:
    right = (" " * (width - cell_len(cell)) + cell
             for cell, width in zip(cells, widths, strict=True))  # fmt: skip
    return "  ".join([padded(name, first), *right])


def _bar(counts: Counts, room: int, most: int) -> Iterator[tuple[str, str]]:
    """Yield the red part of a bar, then the yellow one; together they have the whole's length."""
    whole = length(counts.red + counts.yellow, room, most)
    red = min(length(counts.red, room, most), whole - bool(counts.yellow and whole > 1))
    yield BARS["red"] * red, STYLES["red"]
    yield BARS["yellow"] * (whole - red), STYLES["yellow"]
