"""Prices as integer ticks, each checked to stand on one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..batch import Int64
from ..schema import NULL_PRICE
from ._cells import count_ticks
from .arrays import Bool, decimal_words, decoded, empty, filled, fixed_of, valid_of, whole_of
from .columns import is_text
from .complaints import Complaints
from .texts import as_strings, decimal_numbers, trimmed

TOLERANCE: Final = 1e-6
"""How far from a tick a price may be, in ticks."""
HIGHEST: Final = 2**62
"""No price has so many ticks."""

Float64 = npt.NDArray[np.float64]
Read = tuple[Int64, Bool, Bool]
"""Ticks, which cells are finite numbers, which stand off the tick: (n,) each."""


def read_prices(
    array: pa.Array, ticks: Float64, cut: Callable[[], Bool], complaints: Complaints
) -> tuple[Int64, Bool | None]:
    """Return prices in ticks, NULL_PRICE where null, and which are not (None: all): (n,) each.

    Integers are ticks already. ``ticks`` is each row's tick or NO_TICK, ``cut()`` flags the orders
    that their exchange cuts to the tick. Complains of what is no number or off the tick.
    """
    array = decoded(array)
    if is_text(array.type) or pa.types.is_null(array.type):
        array = trimmed(as_strings(array))
    valid = valid_of(array)
    floats = _floats(array)
    if floats is not None and (all_on_tick := _counted(floats, valid, ticks)) is not None:
        return all_on_tick, valid
    prices, finite, off = _read(array, floats, ticks, cut)
    if valid is not None:
        finite |= ~valid
        off &= valid
        prices = filled(prices, valid, NULL_PRICE)
    complaints.add(~finite, complaints.cell("price", "a finite number"))
    complaints.add(
        off, lambda at: complaints.cell("price", f"a multiple of the tick {ticks[at]:g}")(at)
    )
    return prices, valid


def _floats(array: pa.Array) -> Float64 | None:
    """Return prices written as text or floats, nan where they are no numbers; None for others."""
    if pa.types.is_string(array.type):
        values, fits = decimal_numbers(array)
        values[~fits] = np.nan
        return values
    if pa.types.is_floating(array.type):
        return fixed_of(array.cast(pa.float64()), np.float64)
    return None


def _counted(floats: Float64, valid: Bool | None, ticks: Float64) -> Int64 | None:
    """Return prices in ticks where every one is on its tick, the usual case; else None."""
    made = empty(len(floats), np.int64)
    some = None if valid is None else valid.view(np.uint8)
    fine = count_ticks(floats, some, ticks, TOLERANCE, NULL_PRICE, made)
    return made if fine else None


def _read(
    array: pa.Array, floats: Float64 | None, ticks: Float64, cut: Callable[[], Bool]
) -> Read:
    if floats is not None:
        return _from_floats(floats, ticks, cut)
    if pa.types.is_integer(array.type):
        return _from_integers(whole_of(array))
    return _from_decimals(array, ticks, cut())


def _from_integers(values: npt.NDArray[Any]) -> Read:
    finite = values < HIGHEST
    if values.dtype.kind == "i":
        finite &= values > -HIGHEST
    return values.astype(np.int64, copy=False), finite, np.zeros(len(values), np.bool_)


def _from_floats(values: Float64, ticks: Float64, cut: Callable[[], Bool]) -> Read:
    with np.errstate(invalid="ignore", over="ignore"):
        exact = values / np.abs(ticks)
        nearest = np.rint(exact)
        off = np.abs(exact - nearest) > TOLERANCE
        if off.any():
            off &= ticks > 0
            may_cut = cut()
            nearest = np.where(off & may_cut, np.trunc(exact), nearest)
            off &= ~may_cut
        finite = np.abs(exact) < HIGHEST
        return nearest.astype(np.int64), finite, off & finite


def _from_decimals(array: pa.Array, ticks: Float64, cut: Bool) -> Read:
    """Divide the digits of decimals by those of their ticks: integers, so nothing is lost."""
    array = _shortened(array)
    digits, narrow = decimal_words(array)
    prices = np.zeros(len(array), np.int64)
    finite = np.ones(len(array), np.bool_)
    off = np.zeros(len(array), np.bool_)
    for tick in _distinct(ticks):
        per_digit = 1 / (_fraction(tick) * 10**array.type.scale)  # ticks
        times, by = per_digit.numerator, per_digit.denominator
        of_tick = ticks == tick
        most = HIGHEST // times if by < HIGHEST else 0
        quick = of_tick & narrow & (digits <= most) & (digits >= -most)
        may_cut = cut & (tick > 0)
        prices[quick], off[quick] = _divide(digits[quick] * times, min(by, HIGHEST), may_cut[quick])
        for at in np.flatnonzero(of_tick & ~quick & array.is_valid().to_numpy(False)):
            exact = Fraction(array[int(at)].as_py()) / _fraction(tick)
            finite[at] = abs(exact) < HIGHEST
            if finite[at]:
                prices[at], off[at] = _nearest(exact, bool(may_cut[at]))
        off[of_tick] &= tick > 0
    return prices, finite, off


def _divide(digits: Int64, by: int, cut: Bool) -> tuple[Int64, Bool]:
    """Return the nearest whole quotients, and which are too far; those ``cut`` go towards zero."""
    below, rest = np.divmod(digits, by)
    off = np.minimum(rest, by - rest) > by // 10**6
    up = np.where(off & cut, below < 0, rest >= by - rest)
    return below + up, off & ~cut


def _nearest(exact: Fraction, cut: bool) -> tuple[int, bool]:
    """Do for one number what ``_divide`` does for many."""
    nearest = (exact + Fraction(1, 2)).__floor__()
    if abs(exact - nearest) <= Fraction(1, 10**6):
        return nearest, False
    return (int(exact), False) if cut else (nearest, True)


def _shortened(array: pa.Array) -> pa.Array:
    """Return decimals with nine digits after the point, where no cell has more that say anything.

    Decimals of 18 and more such digits would leave too few bits before the point.
    """
    if array.type.scale <= 9:
        return array
    try:
        return array.cast(pa.decimal256(76, 9))
    except pa.ArrowInvalid:
        return array


def _distinct(ticks: Float64) -> list[float]:
    found = []
    while len(ticks):
        found.append(float(ticks[0]))
        ticks = ticks[ticks != ticks[0]]
    return found


def _fraction(tick: float) -> Fraction:
    return Fraction(Decimal(repr(abs(tick))))
