"""The tape: the latest trades, the latest first, those of the followed subject marked."""

from __future__ import annotations

from rich.text import Text

from ...wording import Language, clock, text
from ..moment import Moment, Print
from ..said import price_text
from . import styles
from .ladder import OWN_MARK
from .lines import Piece, head, line, right

ARROWS = {"buy": "▲", "sell": "▼", None: " "}


def tape(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return the tape: time, side of the incoming order, price, lots, the subject's part."""
    shown = moment.tape[: max(0, height - 1)]
    prices = [_price(each, moment.tick) for each in shown]
    widest = max(map(len, prices), default=0)
    lots = max((len(f"{each.lots:,}") for each in shown), default=0)
    found = [head(text(lang, "replay.tape"), width)]
    for each, price in zip(shown, prices, strict=True):
        found.append(_line(each, right(price, widest), right(f"{each.lots:,}", lots), lang))
    if not shown:
        found.append(line((text(lang, "replay.tape.none"), styles.FAINT)))
    return found


def _line(trade: Print, price: str, lots: str, lang: Language) -> Text:
    style = styles.SIDES.get(trade.side or "", "")
    pieces: list[Piece] = [
        (clock(trade.ts)[11:23] + " ", styles.FAINT),
        (f"{ARROWS[trade.side]} {price}", style),
        f" {lots}",
    ]
    if trade.own:
        pieces.append((f" {OWN_MARK}{text(lang, f'replay.own.{trade.own}')}", styles.OWN))
    return line(*pieces)


def _price(trade: Print, tick: float | None) -> str:
    return "-" if trade.price is None else price_text(trade.price, tick)
