"""How each exchange spells its contracts: a text taken apart, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

KINDS: Final = ("future", "option", "combination", "tas")
OPTION_TYPES: Final = ("call", "put")

IsProduct = Callable[[str, str, str, str], bool]
"""Whether an exchange has a product: asked with exchange, kind (future, option), code, product."""


class Contract(NamedTuple):
    """What the spelling of a contract tells."""

    exchange: str
    code: str  # as the exchange itself writes it
    kind: str  # one of KINDS
    product: str | None = None  # cu, cu_o (options on it), sc_tas, IO; None of a combination
    month: int | None = None  # of delivery, of an index option of expiry: yyyymm
    option_type: str | None = None  # call, put
    strike: int | None = None
    underlying: str | None = None  # the future; None where it is no contract, as an index
    series: str | None = None  # the options of one underlying or month: cu2503_o, IO2503
    legs: tuple[Contract, ...] = ()  # of a combination


def parse(text: str, exchange: str, day: date, is_product: IsProduct) -> Contract | None:
    """Return the contract that a text spells at an exchange; None where it fits no form whole.

    ``day`` is the trading day, which settles the decade that CZCE leaves out.
    """
    if not (combination := _COMBINATION.fullmatch(text)):
        return _parse_leg(text, exchange, day, is_product)
    legs = [_parse_leg(leg, exchange, day, is_product) for leg in combination.groups()]
    found = tuple(leg for leg in legs if leg is not None)
    if len(found) < len(legs):
        return None
    return Contract(exchange, text, "combination", legs=found)


def full_year(digit: int, month: int, day: date) -> int:
    """Return the year of a month of which one digit is told: the first not before the day's."""
    year = day.year - day.year % 10 + digit
    return year if (year, month) >= (day.year, day.month) else year + 10


def _parse_leg(text: str, exchange: str, day: date, is_product: IsProduct) -> Contract | None:
    for form in _FORMS.get(exchange, ()):
        fit = form.pattern.fullmatch(text)
        if fit is None:
            continue
        code, digits, *option = fit.groups()
        product = code + form.suffix
        if not is_product(exchange, form.product_kind, code, product):
            continue
        month = int(digits[-2:])
        year = 2000 + int(digits[:2]) if len(digits) == 4 else full_year(int(digits[0]), month, day)
        found = Contract(exchange, text, form.kind, product, year * 100 + month)
        if form.kind == "future":
            return found
        if form.suffix:
            found = found._replace(underlying=code + digits)
        if form.kind == "tas":
            return found
        return found._replace(
            option_type="call" if option[0] == "C" else "put",
            strike=int(option[1]),
            series=code + digits + form.suffix,
        )
    return None


class _Form(NamedTuple):
    """One way in which an exchange spells contracts; groups: code, digits, option type, strike."""

    kind: str
    product_kind: str  # the kind of product that has the code
    suffix: str  # added to the code, so that options and TAS contracts are products of their own
    pattern: re.Pattern[str]


_MONTH = "(?:0[1-9]|1[0-2])"
_STRIKE = "([0-9]{1,12})"


def _forms(future: str, option_tail: str) -> tuple[_Form, ...]:
    return (
        _Form("future", "future", "", re.compile(future)),
        _Form("option", "future", "_o", re.compile(future + option_tail)),
    )


_LOWER = f"([a-z]+)([0-9]{{2}}{_MONTH})"
_CFFEX = f"([A-Z]+)([0-9]{{2}}{_MONTH})"
_JOINED, _DASHED = f"([CP]){_STRIKE}", f"-([CP])-{_STRIKE}"
_FORMS: Final[dict[str, tuple[_Form, ...]]] = {
    "SHFE": _forms(_LOWER, _JOINED),
    "INE": (
        *_forms(_LOWER, _JOINED),
        _Form("tas", "future", "_tas", re.compile(_LOWER + "TAS")),
    ),
    "DCE": _forms(_LOWER, _DASHED),
    "GFEX": _forms(_LOWER, _DASHED),
    "CZCE": _forms(f"([A-Z]+)([0-9]{_MONTH})", _JOINED),
    "CFFEX": (
        _Form("future", "future", "", re.compile(_CFFEX)),
        _Form("option", "option", "", re.compile(_CFFEX + _DASHED)),
    ),
}
_COMBINATION = re.compile("[A-Z]{2,4} ([^ &]+)&([^ &]+)")
