"""A picture of an answer as SVG: alerts by threshold, and what subjects come to; light or dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..safe_text import for_html
from ..wording import Language, text
from .answer import Counts, WhatIf
from .chart import bounds, label
from .distribution import Bin, distribution
from .report import title

WIDTH: Final = 800
LEFT: Final = 190  # of the names
RIGHT: Final = 110  # of what stands after a bar
BAR: Final = 18
GAP: Final = 6
STYLE: Final = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "Microsoft YaHei", sans-serif; }
.head { font-size: 15px; font-weight: 600; }
.name, .head, .number { fill: #1f2328; }
.mark { font-weight: 600; }
.red { fill: #c4302b; }
.yellow { fill: #e0a800; }
.step { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
.name, .head, .number { fill: #f0f6fc; }
.step { fill: #656c76; }
}
""".strip()


def picture(found: WhatIf, lang: Language) -> str:
    """Return the SVG of an answer."""
    parts = [_text(12, 28, "head", title(found, lang))]
    y = 46
    counts = [(label(found, variant, lang), found.counts(variant)) for variant in found.variants]
    most = max(1, *(each.red + each.yellow for _, each in counts))
    for name, each in counts:
        parts += _alerts(name, each, y, most)
        y += BAR + GAP
    bins = distribution(found)
    if bins:
        n = f"{sum(each.subjects for each in bins):,}"
        y += 34
        parts.append(_text(12, y - 10, "head", text(lang, "whatif.distribution", n=n)))
        parts += _steps(bins, y, lang)
        y += len(bins) * (BAR + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12}" '
        f'width="{WIDTH}" height="{y + 12}" role="img" '
        f'aria-label="{for_html(title(found, lang))}">\n'
        f"<style>\n{STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _alerts(name: str, counts: Counts, y: int, most: int) -> Iterator[str]:
    yield _text(LEFT - 10, y + 14, "name", name, end=True)
    at: float = LEFT
    for level, n in (("red", counts.red), ("yellow", counts.yellow)):
        width = n * (WIDTH - LEFT - RIGHT) / most
        if n:
            yield _bar(at, y, width, level)
        at += width
    yield _text(at + 8, y + 14, "number", f"{counts.red:,} / {counts.yellow:,}")


def _steps(bins: Sequence[Bin], y: int, lang: Language) -> Iterator[str]:
    """Yield a bar a step; the first, of all below, is most often longer than all others."""
    most = max(1, *(each.subjects for each in bins[1:]))
    for each in bins:
        kind = "name mark" if each.is_threshold else "name"
        yield _text(LEFT - 10, y + 14, kind, bounds(each, lang), end=True)
        width = 0.0 if each.low is None else each.subjects * (WIDTH - LEFT - RIGHT) / most
        if width:
            yield _bar(LEFT, y, width, "step")
        yield _text(LEFT + width + 8, y + 14, "number", f"{each.subjects:,}")
        y += BAR + GAP


def _bar(x: float, y: int, width: float, kind: str) -> str:
    size = f'width="{max(1.0, width):.1f}" height="{BAR}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y}" {size}/>'


def _text(x: float, y: int, kind: str, said: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y}"{anchor}>{for_html(said)}</text>'
