"""A row of the log in a few words: new buy 5 @ 70000."""

from __future__ import annotations

from decimal import Decimal

from .. import schema
from ..batch import Batch
from ..schema import Action
from ..wording import Language, text


def said(row: Batch, side: int, tick: float | None, lang: Language) -> str:
    """Return what a row says.

    row : a batch of one row
    side : of the order that it names, where the row does not tell; 0 unknown
    """
    action = Action(int(row.action[0]))
    side = side if row.side is None or not row.side[0] else int(row.side[0])
    lots = int(row.lots[0])
    price = schema.NULL_PRICE if row.price is None else int(row.price[0])
    words = [text(lang, f"row.{action.name.lower()}")]
    if side and action not in (Action.REJECT, Action.RFQ):
        words.append(text(lang, f"row.{schema.word_of('side', side)}"))
    if lots != schema.NULL_LOTS and action != Action.RFQ:
        words.append(str(lots))
    if price != schema.NULL_PRICE and action not in (Action.CANCEL, Action.REJECT):
        words.append(f"@ {price_text(price, tick)}")
    return " ".join(words)


def price_text(ticks: int, tick: float | None) -> str:
    """Return a price as decimals, with as many digits as its tick has."""
    if tick is None:
        return format((ticks * Decimal("0.000001")).normalize(), "f")
    size = Decimal(str(tick)).normalize()
    exponent = size.as_tuple().exponent
    assert isinstance(exponent, int)
    return format(ticks * size, f".{max(0, -exponent)}f")
