"""The followed subject's orders in the book, with the lots that stand before each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from ...wording import Language, clock, text
from ..moment import Moment, OwnOrder
from ..said import price_text
from . import styles
from .lines import Piece, harmless, head, line, right

WIDE = 56
COLUMNS = ("price", "lots", "before")


def own_orders(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return a head, then a line an order: side, price, lots left, lots before it, since when."""
    name = text(lang, "replay.orders")
    if not moment.orders:
        known = "none" if moment.book != "none" else "unknown"
        key = "replay.nobody.short" if moment.subject is None else f"replay.orders.{known}"
        return [head(name, width), line((text(lang, key), styles.FAINT))]
    room = max(1, height - 2)
    shown = moment.orders[:room]
    more = len(moment.orders) - len(shown)
    lots = sum(each.lots for each in moment.orders)
    said = text(lang, "replay.orders.all", n=len(moment.orders), lots=f"{lots:,}")
    cells = [[price_text(each.price, moment.tick), f"{each.lots:,}", _before(each, lang)]
             for each in shown]  # fmt: skip
    titles = [text(lang, f"replay.orders.{each}") for each in COLUMNS]
    widths = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    sides = max(cell_len(text(lang, f"replay.side.{side}")) for side in ("buy", "sell"))
    words = [right(title, each) for title, each in zip(titles, widths, strict=True)]
    since = text(lang, "replay.orders.since")
    beyond = f"  {text(lang, 'replay.more', n=more)}" if more else ""
    found = [head(name, width, said)]
    found.append(line((" " * (sides + 1) + " ".join(words) + f" {since}{beyond}", styles.FAINT)))
    for each, row in zip(shown, cells, strict=True):
        found.append(_line(each, row, widths, sides, lang, wide=width >= WIDE))
    return found


def _line(
    order: OwnOrder, cells: Sequence[str], widths: Sequence[int], sides: int, lang: Language,
    *, wide: bool,
) -> Text:  # fmt: skip
    said = text(lang, f"replay.side.{order.side}")
    price, lots, before = (right(cell, width) for cell, width in zip(cells, widths, strict=True))
    pieces: list[Piece] = [
        (said + " " * (sides - cell_len(said)), styles.SIDES[order.side]),
        f" {price} ",
        (lots, styles.OWN),
        f" {before} ",
        (clock(order.since)[11 : 23 if wide else 19], styles.FAINT),
    ]
    if wide:
        pieces.append(f" {harmless(order.account)} #{harmless(order.order_id)}")
    return line(*pieces)


def _before(order: OwnOrder, lang: Language) -> str:
    return text(lang, "replay.orders.trading") if order.incoming else f"{order.lots_before:,}"
