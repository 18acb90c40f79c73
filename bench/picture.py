"""The picture of a run: a bar for each side on one thread, as SVG, for light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cases import Contender
from goals import FILES, NAMES, SCAN
from results import Results

WIDTH, LEFT, RIGHT = 800, 205, 290  # of the whole, of the names, of what stands after a bar
BAR, GAP, PANEL_TOP, PANEL_GAP = 18, 7, 26, 18
TOP, FOOT = 50, 24
SHOWN = (
    (SCAN, "arrow"),
    (SCAN, "converted"),
    (SCAN, "parquet"),
    ("polars", "parquet"),
    ("duckdb", "parquet"),
    ("pandas", "parquet"),
)
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.head { font-size: 15px; font-weight: 600; }
.name, .head, .title, .time { fill: #1f2328; }
.title { font-weight: 600; }
.ratio, .note { fill: #59636e; }
.note { font-size: 12px; }
.own { fill: #0969da; }
.peer { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
.name, .head, .title, .time { fill: #f0f6fc; }
.ratio, .note { fill: #9198a1; }
.own { fill: #4493f8; }
.peer { fill: #656c76; }
}
""".strip()


@dataclass(frozen=True, slots=True)
class Bar:
    """One side's bar; ``ratio`` says how its time stands to that of abtrade on the same file."""

    name: str
    own: bool
    seconds: float
    ratio: str


def picture(results: Results) -> str:
    """Return the SVG: a panel for each size of bare log."""
    panels = [
        (held, found)
        for key, held in results.groups()
        if held["form"] == "bare" and (found := bars(results, key))
    ]
    parts: list[str] = []
    y = TOP
    for held, found in panels:
        parts.append(_text(12, y + 14, "title", f"{held['rows']:,} rows"))
        y += PANEL_TOP
        longest = max(bar.seconds for bar in found)
        for bar in found:
            parts += _bar(bar, y, longest)
            y += BAR + GAP
        y += PANEL_GAP
    height = y + FOOT
    head = "Seconds to scan one bare log, one thread: shorter is quicker"
    note = (
        "abtrade makes every check and writes every output; the others only count. "
        "Same file, median of paired rounds."
    )
    body = [_text(12, 28, "head", head), *parts, _text(12, height - 16, "note", note)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(head)}">\n'
        f"<style>\n{STYLE}\n</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def bars(results: Results, group: str) -> list[Bar]:
    """Return the bars of a group: those shown that took part and ended."""
    took_part = set(results.contenders(group))
    found = []
    for side, format in SHOWN:
        one = Contender(side, format, 1)
        if one not in took_part or results.failed(group, one):
            continue
        name = f"{NAMES[side]}, {FILES[format]}"
        ratio = results.ratio(group, Contender(SCAN, format, 1), one)
        told = "" if side == SCAN or ratio is None else (
            f"{ratio.median:.1f}× abtrade's time ({ratio.low:.1f} to {ratio.high:.1f})"
        )  # fmt: skip
        found.append(Bar(name, side == SCAN, results.seconds(group, one), told))
    return found


def _bar(bar: Bar, y: int, longest: float) -> Iterator[str]:
    length = max(1.0, bar.seconds / longest * (WIDTH - LEFT - RIGHT))
    kind = "own" if bar.own else "peer"
    yield f'<text class="name" x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{bar.name}</text>'
    yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
    after = LEFT + length + 8
    yield (
        f'<text class="time" x="{after:.1f}" y="{y + 14}">{bar.seconds:.1f} s'
        f'<tspan class="ratio" dx="8">{escape(bar.ratio)}</tspan></text>'
    )


def _text(x: int, y: int, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
