"""The ladder: asks above bids, lots and orders at each price, and what of them is the subject's."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from ...wording import Language, text
from ..ladder import MOST_LEVELS
from ..moment import Moment, PriceLevel
from ..said import price_text
from . import styles
from .lines import Piece, head, line, right

OWN_MARK = "◆"
OWN_BAR = "█"
OTHERS_BAR = "▒"
LEAST_BAR = 4


def ladder(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return the ladder: asks with the best one last, the spread, bids best first."""
    levels = max(0, (height - 2) // 2)
    asks, bids = moment.asks[:levels], moment.bids[:levels]
    shown = [*asks, *bids]
    most = max((each.lots for each in shown), default=1)
    widths = _widths(shown, moment.tick, lang)
    found = [_head(widths, _beyond(moment, levels, lang), lang, width)]
    found += [Text("")] * (levels - len(asks))
    found += [_level(each, "sell", moment.tick, widths, width, most) for each in reversed(asks)]
    found.append(_between(moment, lang))
    found += [_level(each, "buy", moment.tick, widths, width, most) for each in bids]
    return found


def _widths(shown: Sequence[PriceLevel], tick: float | None, lang: Language) -> list[int]:
    """Return the columns of price, lots, orders and own lots."""
    cells = [[price_text(each.price, tick), f"{each.lots:,}", f"{each.orders:,}",
              f"{OWN_MARK}{each.own_lots:,}"] for each in shown]  # fmt: skip
    titles = _title_words(lang)
    widths = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    widths[0] = max(widths[0], cell_len(text(lang, "replay.ladder")) + cell_len(titles[0]) - 1)
    return widths


def _title_words(lang: Language) -> list[str]:
    return [text(lang, f"replay.ladder.{name}") for name in ("price", "lots", "orders", "own")]


def _head(widths: Sequence[int], beyond: str, lang: Language, width: int) -> Text:
    """Return the head, in which the columns have their names."""
    name = text(lang, "replay.ladder")
    price, *others = _title_words(lang)
    first = right(price, 2 + widths[0] - cell_len(name))
    words = [right(said, room) for said, room in zip(others, widths[1:], strict=True)]
    return head(name, width, "  ".join([first[1:], *words, beyond]).rstrip())


def _level(
    level: PriceLevel, side: str, tick: float | None, widths: Sequence[int], width: int, most: int
) -> Text:
    style = styles.SIDES[side]
    own = f"{OWN_MARK}{level.own_lots:,}" if level.own_lots else ""
    pieces: list[Piece] = [
        ("▸ " if level.own_lots else "  ", styles.OWN),
        (right(price_text(level.price, tick), widths[0]), style),
        "  " + right(f"{level.lots:,}", widths[1]),
        ("  " + right(f"{level.orders:,}", widths[2]), styles.FAINT),
        ("  " + right(own, widths[3]), styles.OWN),
    ]
    room = width - 2 - sum(widths) - 6 - 2
    if room >= LEAST_BAR:
        pieces += ["  ", *_bar(level, room, most, style)]
    return line(*pieces)


def _bar(level: PriceLevel, room: int, most: int, style: str) -> list[Piece]:
    """Return a bar of all lots of a level, the subject's first; of neither nothing is lost."""
    whole = max(1, round(level.lots * room / most)) if level.lots else 0
    own = max(1, round(level.own_lots * whole / level.lots)) if level.own_lots else 0
    if own == whole and level.own_lots < level.lots and whole > 1:
        own -= 1
    return [(OWN_BAR * own, styles.OWN), (OTHERS_BAR * (whole - own), style)]


def _between(moment: Moment, lang: Language) -> Text:
    """Return the line between asks and bids: how far they are apart, and the last price."""
    pieces: list[Piece] = ["  "]
    if moment.asks and moment.bids:
        spread = moment.asks[0].price - moment.bids[0].price
        key = "replay.crossed" if spread <= 0 else "replay.spread"
        pieces.append((text(lang, key, spread=_size(spread, moment.tick)), styles.FAINT))
    elif not moment.asks and not moment.bids:
        key = "replay.no_book" if moment.book == "none" else "replay.empty"
        pieces.append((text(lang, key), styles.FAINT))
    last = next((each.price for each in moment.tape if each.price is not None), None)
    if last is not None:
        pieces += ["  ", (text(lang, "replay.last", price=price_text(last, moment.tick)), "bold")]
    if moment.book == "broker":
        pieces += ["  ", (text(lang, "replay.broker"), styles.FAINT)]
    return line(*pieces)


def _size(ticks: int, tick: float | None) -> str:
    return price_text(abs(ticks), tick)


def _beyond(moment: Moment, levels: int, lang: Language) -> str:
    """Return how many prices there are that have no room, and the subject's lots at them."""
    shown = [*moment.asks[:levels], *moment.bids[:levels]]
    more = len(moment.asks) + len(moment.bids) - len(shown)
    if not more:
        return ""
    cut = MOST_LEVELS in (len(moment.asks), len(moment.bids))  # a moment tells no more of a side
    said = text(lang, "replay.ladder.more", n=f"{more}+" if cut else more)
    resting = sum(each.lots for each in moment.orders if not each.incoming)
    own = resting - sum(each.own_lots for each in shown)
    return f"{said} {OWN_MARK}{own:,}" if own > 0 else said
