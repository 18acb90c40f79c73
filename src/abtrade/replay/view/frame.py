"""A frame: all panels of a moment, laid out as exactly as many lines and columns as there are."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from rich.text import Text

from ...sinks.folding import fold
from ...wording import Language, text
from ..moment import Moment
from .fired import fired
from .keys import footer
from .ladder import ladder
from .lines import beside, block, fitted, line
from .own_orders import own_orders
from .pace import Pace
from .price_line import price_line
from .standings import standings
from .tape import tape
from .top import top

LEAST_WIDTH: Final = 80
LEAST_HEIGHT: Final = 24
WIDE: Final = 130
"""From so many columns on, the price line stands beside the tape and not above it."""


class Heights(NamedTuple):
    """Lines of the three rows of panels."""

    book: int
    subject: int
    alerts: int


def frame(
    moment: Moment,
    day: date,
    pace: Pace,
    lang: Language,
    width: int,
    height: int,
    ts: int | None = None,
    notice: str = "",
    keys: bool = True,
) -> list[Text]:
    """Return a frame, or what is amiss where it has less than 80 columns and 24 lines.

    ts : where the log's clock stands, None where the last row does
    notice : stands in place of the keys, harmless already
    keys : a picture has no use for them, nor for the pace
    """
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return _too_small(lang, width, height)
    rows = heights(height - 2 - keys)
    found = block(top(moment, day, pace if keys else None, ts, lang, width), width, 2)
    found += _book(moment, lang, width, rows.book)
    left = (width - 1) * 55 // 100
    right = width - 1 - left
    found += beside(
        [(standings(moment, lang, left, rows.subject), left),
         (own_orders(moment, lang, right, rows.subject), right)], rows.subject
    )  # fmt: skip
    found += block(fired(moment, lang, width, rows.alerts), width, rows.alerts)
    if not keys:
        return found
    last = line((" " + notice, "bold")) if notice else footer(lang, width)
    return [*found, fitted(last, width)]


def heights(lines: int) -> Heights:
    """Return how many lines each row of panels gets."""
    more = lines - 21
    subject = 5 + min(more // 4, 9)
    alerts = 4 + more // 4
    return Heights(lines - subject - alerts, subject, alerts)


def _book(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    if width >= WIDE:
        first, last = width * 36 // 100, max(40, width // 4)
        middle = width - 2 - first - last
        return beside(
            [(ladder(moment, lang, first, height), first),
             (price_line(moment, lang, middle, height), middle),
             (tape(moment, lang, last, height), last)], height
        )  # fmt: skip
    left = (width - 1) * 55 // 100
    right = width - 1 - left
    prices = max(5, height // 2)
    others = block(price_line(moment, lang, right, prices), right, prices)
    others += tape(moment, lang, right, height - prices)
    return beside([(ladder(moment, lang, left, height), left), (others, right)], height)


def _too_small(lang: Language, width: int, height: int) -> list[Text]:
    said = text(lang, "replay.small", width=width, height=height)
    return block([line(each) for each in fold(said, max(1, width))], width, height)
