"""The price line: lowest to highest price over time, in dots of braille."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from ...wording import Language, clock, text
from ..moment import Moment
from ..said import price_text
from . import styles
from .lines import head, line, right

_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a braille character: two columns of four dots, from above."""


def price_line(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return the line: a head, the dots with the highest and lowest price beside, the times."""
    found = [head(text(lang, "replay.price"), width)]
    plot = height - 2
    if not moment.prices or plot < 1:
        return [*found, line((text(lang, "replay.tape.none"), styles.FAINT))]
    low = min(each[1] for each in moment.prices)
    high = max(each[2] for each in moment.prices)
    labels = [price_text(high, moment.tick), price_text(low, moment.tick)]
    side = max(map(len, labels)) + 1
    room = max(1, width - side)
    rose = moment.prices[-1][2] >= moment.prices[0][1]
    style = styles.BUY if rose else styles.SELL
    for at, dots in enumerate(_plot(moment.prices, low, high, room, plot)):
        label = labels[0] if at == 0 else labels[1] if at == plot - 1 else ""
        found.append(line((right(label, side - 1) + " ", styles.FAINT), (dots, style)))
    found.append(_times(moment, side, room))
    return found


def _plot(
    prices: Sequence[tuple[int, int, int]], low: int, high: int, width: int, height: int
) -> list[str]:
    """Return lines of braille; each column of dots goes from its lowest to its highest price."""
    cells = [[0] * width for _ in range(height)]
    columns, rows = 2 * width, 4 * height
    span = max(1, high - low)
    for column, (least, most) in enumerate(_spread(prices, columns)):
        top = (high - most) * (rows - 1) // span
        bottom = (high - least) * (rows - 1) // span
        for row in range(top, bottom + 1):
            cells[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in cells]


def _spread(prices: Sequence[tuple[int, int, int]], columns: int) -> list[tuple[int, int]]:
    """Return lowest and highest of each column of dots: buckets are joined, or drawn wider."""
    n = len(prices)
    found = []
    for column in range(columns):
        begin = column * n // columns
        end = max(begin + 1, (column + 1) * n // columns)
        part = prices[begin:end]
        found.append((min(each[1] for each in part), max(each[2] for each in part)))
    return found


def _times(moment: Moment, side: int, room: int) -> Text:
    first, last = (clock(moment.prices[at][0])[11:19] for at in (0, -1))
    between = room - len(first)
    said = first + right(last, between) if between > len(last) else last
    return line((" " * side + said, styles.FAINT))
