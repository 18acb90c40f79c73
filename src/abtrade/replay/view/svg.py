"""Lines of a terminal as one SVG: no script, no font and no link of its own, light or dark.

Every run of characters is given its length in columns, so that whatever fonts a reader has,
columns stay under each other, Chinese characters too. Bars are drawn, not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from ...safe_text import for_html

CELL_WIDTH: Final = 8.4
LINE_HEIGHT: Final = 18
MARGIN: Final = 12
BARS: Final = {"█": 1.0, "▓": 0.75, "▒": 0.45, "░": 0.18}
"""Characters that are drawn, with how much of the ground they cover."""

STYLE: Final = """
text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC",
 "Sarasa Mono SC", "WenQuanYi Micro Hei Mono", SimSun, monospace; white-space: pre; }
rect { shape-rendering: crispEdges; }
.ground { fill: #ffffff; }
.default { fill: #1f2328; } .on-default { fill: #1f2328; } .inverse { fill: #ffffff; }
.black { fill: #1f2328; } .white { fill: #ffffff; }
.red { fill: #c4302b; } .green { fill: #1a7f37; } .yellow { fill: #e0a800; }
.blue { fill: #3b6fb6; } .cyan { fill: #0a7d8c; }
.bold { font-weight: 700; } .dim { opacity: 0.62; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } .default { fill: #e6edf3; } .on-default { fill: #c9d1d9; }
.inverse { fill: #0d1117; }
.red { fill: #f0625d; } .green { fill: #4cc26a; } .blue { fill: #6ea8fe; } .cyan { fill: #4fd1e0; }
}
""".strip()


class Run(NamedTuple):
    """Characters of one style and one kind, at a column of a line."""

    column: int
    cells: int
    said: str
    style: Style


def svg(lines: Sequence[Text], width: int, title: str) -> str:
    """Return the SVG of lines of at most so many columns; ``title`` is harmless already."""
    across, down = width * CELL_WIDTH + 2 * MARGIN, len(lines) * LINE_HEIGHT + 2 * MARGIN
    parts = [part for at, each in enumerate(lines) for part in _line(each, at)]
    size = f'viewBox="0 0 {across:.1f} {down}" width="{across:.1f}" height="{down}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
        f"<title>{for_html(title)}</title>\n<style>\n{STYLE}\n</style>\n"
        f'<rect class="ground" width="100%" height="100%"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _line(said: Text, at: int) -> Iterator[str]:
    top = MARGIN + at * LINE_HEIGHT
    for run in _runs(said):
        x = MARGIN + run.column * CELL_WIDTH
        across = run.cells * CELL_WIDTH
        ground = _ground(run.style)
        if ground:
            yield _rect(x, top, across, ground)
        if run.said[0] in BARS:
            yield _rect(x, top + 2, across, _ink(run.style), BARS[run.said[0]], LINE_HEIGHT - 4)
        elif run.said.strip():
            yield _text(run, x, top + LINE_HEIGHT - 4.5, across)


def _runs(said: Text) -> Iterator[Run]:
    """Yield a line's runs of one style and kind."""
    column = 0
    console = Console(width=max(1, said.cell_len), color_system="truecolor", legacy_windows=False)
    for segment in said.render(console):
        style = segment.style or Style.null()
        for _, group in groupby(segment.text, _kind):
            run = "".join(group)
            if run != "\n":
                yield Run(column, cell_len(run), run, style)
            column += cell_len(run)


def _kind(character: str) -> str:
    """Return what characters of a run have in common: a drawn one, its font and its width."""
    if character in BARS:
        return character
    if character.isascii():
        return "ascii"
    return "wide" if cell_len(character) > 1 else f"{ord(character) >> 8:x}"


def _text(run: Run, x: float, y: float, across: float) -> str:
    kinds = [_ink(run.style)]
    kinds += [name for name, on in (("bold", run.style.bold), ("dim", run.style.dim)) if on]
    first = len(run.said) - len(run.said.lstrip(" "))
    said = run.said.strip(" ")
    x += first * CELL_WIDTH
    across -= (len(run.said) - len(said)) * CELL_WIDTH
    return (
        f'<text class="{" ".join(kinds)}" x="{x:.1f}" y="{y:.1f}" textLength="{across:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{for_html(said)}</text>'
    )


def _rect(
    x: float, y: float, across: float, kind: str, opacity: float = 1.0, down: int = LINE_HEIGHT
) -> str:
    seen = "" if opacity == 1.0 else f' opacity="{opacity}"'
    size = f'width="{across:.1f}" height="{down}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y}" {size}{seen}/>'


def _ink(style: Style) -> str:
    if style.reverse:
        return "inverse"
    return style.color.name if style.color else "default"


def _ground(style: Style) -> str | None:
    if style.reverse:
        return "on-default"
    return style.bgcolor.name if style.bgcolor else None
