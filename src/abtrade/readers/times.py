"""Times of a log as ns since 1970 UTC: from Arrow timestamps, or from text in ISO 8601."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..batch import Int64
from .arrays import Bool, fixed_of
from .texts import Bytes, bytes_of

SHANGHAI: Final = 8 * 3_600 * 10**9
"""Asia/Shanghai ahead of UTC, in ns; unchanged since September 1991, before the first log."""

SECOND: Final = 10**9
_PER_UNIT: Final = {"s": SECOND, "ms": 10**6, "us": 10**3, "ns": 1}
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_FIRST_YEAR, _LAST_YEAR = 1678, 2261  # whole years that ns can tell
_DATE_TIME_BYTES: Final = 19  # 2025-03-03 09:00:00
_FRACTION_DIGITS: Final = 9
_ZONES: Final = (0, 1, 5, 6)  # bytes of "", "Z", "+0800", "+08:00"

Matrix = npt.NDArray[np.uint8]
"""(n, width) bytes: n texts of one length."""


def timestamps_to_ns(array: pa.Array) -> tuple[Int64, Bool]:
    """Return ns of timestamps, and which of them ns can tell: (n,) each; anything where null.

    Those without a time zone are Asia/Shanghai.
    """
    values = fixed_of(array, np.int64)
    ahead = 0 if array.type.tz else SHANGHAI
    factor = _PER_UNIT[array.type.unit]
    if factor == 1 and not ahead:
        return values, np.ones(len(values), np.bool_)
    fits = values >= -(-(_LOWEST + ahead) // factor)
    fits &= values <= min(_HIGHEST, (_HIGHEST + ahead) // factor)
    ns = values * factor  # where this wraps and the time fits, it wraps back
    ns -= ahead
    return ns, fits


def texts_to_ns(strings: pa.StringArray, zone: str | None = None) -> tuple[Int64, Bool]:
    """Return ns of times in ISO 8601, and which cells are such: (n,) each.

    ``2025-03-03 09:00:00``, blank or T between, up to nine digits of a fraction, then Z, +08:00,
    +0800 or nothing: then the time is of ``zone``, None for Asia/Shanghai.
    """
    cells = bytes_of(strings)
    n = len(strings)
    ns, fits, zoned = np.zeros(n, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    longest = _DATE_TIME_BYTES + 1 + _FRACTION_DIGITS + max(_ZONES)
    for length in np.unique(cells.lengths):
        if _DATE_TIME_BYTES <= length <= longest:
            which = np.flatnonzero(cells.lengths == length)
            ns[which], fits[which], zoned[which] = _parse(_matrix(cells, which, int(length)))
    return _local_to_utc(ns, fits, zoned, zone), fits


def zoned_ns(array: pa.Array, zone: str) -> pa.Array:
    """Return timestamps without a time zone as instants, told that they are of ``zone``."""
    return pc.assume_timezone(array, zone, ambiguous="earliest", nonexistent="earliest")


def _local_to_utc(ns: Int64, fits: Bool, zoned: Bool, zone: str | None) -> Int64:
    if zone in (None, "Asia/Shanghai"):
        return np.where(zoned, ns, ns - SHANGHAI)
    local = pa.array(np.where(fits, ns, 0), pa.timestamp("ns"))
    return np.where(zoned, ns, fixed_of(zoned_ns(local, str(zone)), np.int64))


def _matrix(cells: Bytes, which: npt.NDArray[np.intp], length: int) -> Matrix:
    if len(which) == len(cells.starts):
        return np.asarray(cells.data.reshape(-1, length))
    return np.asarray(cells.data[cells.starts[which][:, None] + np.arange(length)])


def _parse(text: Matrix) -> tuple[Int64, Bool, Bool]:
    """Return ns, which rows are times, and which of them name a zone: (n,) each."""
    ns, fits = _date_time(text)
    zoned = np.zeros(len(text), np.bool_)
    tail = text[:, _DATE_TIME_BYTES:]
    any_tail = np.zeros(len(text), np.bool_)
    for zone_bytes in _ZONES:
        digits = tail.shape[1] - zone_bytes - 1  # after the point; -1: there is no point
        if not -1 <= digits <= _FRACTION_DIGITS or digits == 0:
            continue
        fraction, fraction_fits = _fraction(tail[:, : digits + 1])
        ahead, zone_fits = _zone(tail[:, digits + 1 :])
        this = fraction_fits & zone_fits
        ns = np.where(this, ns + fraction - ahead, ns)
        any_tail |= this
        if zone_bytes:
            zoned |= this
    return ns, fits & any_tail, zoned


def _date_time(text: Matrix) -> tuple[Int64, Bool]:
    year, month, day = _number(text[:, 0:4]), _number(text[:, 5:7]), _number(text[:, 8:10])
    hour, minute, second = (_number(text[:, at : at + 2]) for at in (11, 14, 17))
    fits = (text[:, 4] == ord("-")) & (text[:, 7] == ord("-"))
    fits &= (text[:, 10] == ord(" ")) | (text[:, 10] == ord("T"))
    fits &= (text[:, 13] == ord(":")) & (text[:, 16] == ord(":"))
    fits &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR)
    fits &= (month >= 1) & (month <= 12) & (day >= 1)
    fits &= (hour >= 0) & (hour < 24) & (minute >= 0) & (minute < 60)
    fits &= (second >= 0) & (second < 60)
    months = np.where(fits, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    fits &= day <= (months + 1).astype("datetime64[D]").astype(np.int64) - first
    seconds = (first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    return np.where(fits, seconds, 0) * SECOND, fits


def _fraction(text: Matrix) -> tuple[Int64, Bool]:
    """Return the ns after the point, and which rows are a point and digits, or nothing."""
    digits = text.shape[1] - 1
    if digits < 0:
        return np.zeros(len(text), np.int64), np.ones(len(text), np.bool_)
    value = _number(text[:, 1:])
    fits = (text[:, 0] == ord(".")) & (value >= 0)
    return np.where(fits, value, 0) * 10 ** (_FRACTION_DIGITS - digits), fits


def _zone(text: Matrix) -> tuple[Int64, Bool]:
    """Return how many ns the zone is ahead of UTC, and which rows are a zone."""
    nothing = np.zeros(len(text), np.int64)
    if text.shape[1] == 0:
        return nothing, np.ones(len(text), np.bool_)
    if text.shape[1] == 1:
        return nothing, text[:, 0] == ord("Z")
    hours, minutes = _number(text[:, 1:3]), _number(text[:, -2:])
    behind = text[:, 0] == ord("-")
    fits = (behind | (text[:, 0] == ord("+"))) & (hours >= 0) & (hours < 24)
    fits &= (minutes >= 0) & (minutes < 60)
    if text.shape[1] == 6:
        fits &= text[:, 3] == ord(":")
    ahead = np.where(fits, hours * 3_600 + minutes * 60, 0) * SECOND
    return np.where(behind, -ahead, ahead), fits


def _number(text: Matrix) -> Int64:
    """Return the number that each row's digits write, -1 where one is no digit: (n,)."""
    value = np.zeros(len(text), np.int64)
    strange = np.zeros(len(text), np.bool_)
    for column in range(text.shape[1]):
        digit = text[:, column] - np.uint8(0x30)
        strange |= digit > 9
        value *= 10
        value += digit
    value[strange] = -1
    return value
