"""The contract that a FIX message names: by its symbol, or composed of product and maturity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from .words import EXCHANGES

_PRODUCT: Final = re.compile(r"[A-Za-z]{1,6}")
_MATURITY: Final = re.compile(r"(\d{2})(\d{2})(\d{2})\w*")
_EXCHANGE_SYMBOL: Final = "8"
_PUT_OR_CALL: Final = {"0": "P", "1": "C"}


def exchange_of(values: Mapping[str, str]) -> str | None:
    """Return the exchange: SecurityExchange (207), else ExDestination (100), else LastMkt (30)."""
    for tag in ("207", "100", "30"):
        if found := values.get(tag):
            return EXCHANGES.get(found, found)
    return None


def contract_of(values: Mapping[str, str], exchange: str | None) -> str | None:
    """Return the contract as its exchange writes it, None where the message names none."""
    symbol = values.get("55")
    if symbol in (None, "[N/A]", "N/A") or _PRODUCT.fullmatch(symbol or ""):
        if (code := values.get("48")) and values.get("22") == _EXCHANGE_SYMBOL:
            return code
        maturity = values.get("200") or values.get("541")
        if symbol and maturity and _PRODUCT.fullmatch(symbol):
            option = (values.get("201"), values.get("202"))
            return _composed(symbol, maturity, *option, exchange)
        return values.get("48") if symbol in (None, "[N/A]", "N/A") else symbol
    return symbol


@lru_cache(maxsize=4096)
def _composed(
    product: str, maturity: str, put_or_call: str | None, strike: str | None, exchange: str | None
) -> str:
    """Return ``cu2503``, ``SR503``, ``m2505-C-2950``, ... of a product and its maturity."""
    month = _MATURITY.fullmatch(maturity)
    if month is None:
        return f"{product}{maturity}"
    year = month[2][1:] if exchange == "CZCE" else month[2]
    future = f"{product}{year}{month[3]}"
    right = _PUT_OR_CALL.get(put_or_call or "")
    if right is None or strike is None:
        return future
    price = strike.rstrip("0").rstrip(".") if "." in strike else strike
    dash = "" if exchange in ("SHFE", "INE", "CZCE") else "-"
    return f"{future}{dash}{right}{dash}{price}"
