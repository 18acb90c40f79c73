"""Contracts as other tools spell them, brought to the exchange's own spelling, and written so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from ..schema import EXCHANGES, NO_EXCHANGE
from .exchanges import exchange_named
from .spelling import Contract, IsProduct, full_year, parse


class Affixed(NamedTuple):
    """A text without the exchange that stood before or after it."""

    exchange: str | None
    text: str


class Found(NamedTuple):
    """What a text was found to mean."""

    contract: Contract | None
    problem: str | None = None


def find_contract(text: str, exchange: str | None, day: date, is_product: IsProduct) -> Found:
    """Return the contract that a text means, at an exchange or (None) at whichever one it fits.

    What an exchange itself writes comes first. Another spelling counts only where it fits one
    exchange; one that names another exchange than the one told is a problem.
    """
    among = EXCHANGES if exchange is None else (exchange,)
    exact = [found for each in among if (found := parse(text, each, day, is_product))]
    if exact:
        return Found(exact[0] if len(exact) == 1 else None)
    affix, rest = split_exchange(text)
    if affix is not None:
        among = (affix,)
    fits = [found for each in among if (found := parse_foreign(rest, each, day, is_product))]
    if len(fits) != 1:
        return Found(None)
    if affix is None or exchange in (None, affix):
        return Found(fits[0])
    if exchange == NO_EXCHANGE:
        return Found(None)
    return Found(None, f"found {text!r}, expected a contract of {exchange}, as exchange says")


def split_exchange(text: str) -> Affixed:
    """Take the exchange off `cu2503.SHFE` or `SHFE.cu2503`; None where no exchange stands there."""
    before, dot, after = text.partition(".")
    if dot and (exchange := exchange_named(before)) in EXCHANGES:
        return Affixed(exchange, after)
    before, dot, after = text.rpartition(".")
    if dot and (exchange := exchange_named(after)) in EXCHANGES:
        return Affixed(exchange, before)
    return Affixed(None, text)


def parse_foreign(text: str, exchange: str, day: date, is_product: IsProduct) -> Contract | None:
    """Return the contract that a text means at an exchange, whatever its case and dashes.

    CZCE's months may have the decade: it must be the one that the day tells. No exchange stands in
    the text any more. None where it means none.
    """
    own = _respelled(text, exchange, day)
    return None if own is None else parse(own, exchange, day, is_product)


def write(contract: Contract, style: str = "exchange") -> str:
    """Return a contract as a tool writes it: one of ``STYLES``."""
    return STYLES[style](contract)


def cased(code: str, exchange: str) -> str:
    """Return a product's code in the case that an exchange writes it in."""
    return code.upper() if exchange in ("CZCE", "CFFEX") else code.lower()


def _respelled(text: str, exchange: str, day: date) -> str | None:
    if combination := _COMBINATION.fullmatch(text):
        legs = [_respelled_leg(leg, exchange, day) for leg in combination.groups()[1:]]
        if None in legs:
            return None
        return f"{combination[1].upper()} {legs[0]}&{legs[1]}"
    return _respelled_leg(text, exchange, day)


def _respelled_leg(text: str, exchange: str, day: date) -> str | None:
    fit = _LEG.fullmatch(text)
    if fit is None:
        return None
    code, digits, tas, option_type, strike = fit.groups()
    code = cased(code, exchange)
    if exchange == "CZCE" and len(digits) == 4:
        if full_year(int(digits[1]), int(digits[2:]), day) % 100 != int(digits[:2]):
            return None
        digits = digits[1:]
    if tas:
        return f"{code}{digits}TAS"
    if option_type is None:
        return code + digits
    dash = "-" if exchange in _DASHED else ""
    return f"{code}{digits}{dash}{option_type.upper()}{dash}{strike}"


def _capitals(contract: Contract) -> str:
    """Return a contract as data vendors write it: in capitals, with the decade at CZCE too."""
    if contract.legs:
        one, other = map(_capitals, contract.legs)
        return f"{contract.code.partition(' ')[0]} {one}&{other}"
    code = contract.code.upper()
    if contract.exchange == "CZCE" and contract.month is not None:
        code = _CZCE_YEAR.sub(f"{contract.month // 100 % 100:02d}", code, count=1)
    return code


_DASHED: Final = ("DCE", "GFEX", "CFFEX")
_LEG = re.compile("([A-Z]+)([0-9]{3,4})(?:(TAS)|-?([CP])-?([0-9]+))?", re.IGNORECASE | re.ASCII)
_COMBINATION = re.compile("([A-Z]{2,4}) +([^ &]+) *& *([^ &]+)", re.IGNORECASE | re.ASCII)
_CZCE_YEAR = re.compile("(?<=[A-Z])[0-9]")
_MIC: Final = {
    "SHFE": "XSGE", "INE": "XINE", "DCE": "XDCE", "CZCE": "XZCE", "CFFEX": "CCFX", "GFEX": "GFEX"
}  # fmt: skip
_SHORT: Final = {
    "SHFE": "SHF", "INE": "INE", "DCE": "DCE", "CZCE": "ZCE", "CFFEX": "CFX", "GFEX": "GFE"
}  # fmt: skip
STYLES: Final[dict[str, Callable[[Contract], str]]] = {
    "exchange": lambda contract: contract.code,
    "vnpy": lambda contract: f"{contract.code}.{contract.exchange}",
    "tqsdk": lambda contract: f"{contract.exchange}.{contract.code}",
    "joinquant": lambda contract: f"{_capitals(contract)}.{_MIC[contract.exchange]}",
    "tushare": lambda contract: f"{_capitals(contract)}.{_SHORT[contract.exchange]}",
}
"""The exchange's own spelling, and those of tools: `cu2503.SHFE`, `SHFE.cu2503`, `CU2503.XSGE`,
`CU2503.SHF`."""
