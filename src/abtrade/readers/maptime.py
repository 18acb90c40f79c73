"""Times that a mapping describes: joined columns, other formats and zones, numbers since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..batch import Int64
from ..market.calendar import load_calendar
from .arrays import Bool, decoded, valid_of, whole_of
from .columns import is_text
from .mapping import TimeRule
from .texts import as_strings, trimmed, whole_numbers
from .timeformat import to_iso
from .times import SHANGHAI, texts_to_ns, zoned_ns

NS_UTC: pa.DataType = pa.timestamp("ns", "UTC")
DAY: Final = 86_400 * 10**9
EPOCH: Final = date(1970, 1, 1).toordinal()
_MOST: Final = 2**63 - 1


def time_type(kinds: Sequence[pa.DataType], rule: TimeRule) -> pa.DataType | str | None:
    """Return the type that columns of ``kinds`` become under a rule.

    None: the column stays as it is. Text: what is wrong with it.
    """
    kind = kinds[0].value_type if pa.types.is_dictionary(kinds[0]) else kinds[0]
    if len(kinds) == 1 and pa.types.is_timestamp(kind):
        if rule.unit or rule.date == "trading":
            return f"found type {kind}, and the mapping says how to read something else"
        return pa.timestamp(kind.unit, rule.zone) if rule.zone and kind.tz is None else None
    if rule.unit:
        whole = is_text(kind) or pa.types.is_integer(kind)
        return pa.timestamp(rule.unit, "UTC") if whole else f"found type {kind}, expected integers"
    if rule == TimeRule():
        return None
    bad = [str(kind) for kind in kinds if not _is_written(kind)]
    return f"found type {bad[0]}, expected text" if bad else NS_UTC


def time_values(arrays: Sequence[pa.Array], rule: TimeRule) -> tuple[pa.Array, Bool | None, str]:
    """Return the times, which cells are none (None: all are times), and what was expected."""
    if rule.unit:
        return _from_numbers(arrays[0], rule.unit)
    if len(arrays) == 1 and pa.types.is_timestamp(arrays[0].type):
        return zoned_ns(arrays[0], str(rule.zone)), None, ""
    parts = [_written(array) for array in arrays]
    texts = pc.binary_join_element_wise(*parts, " ") if len(parts) > 1 else parts[0]
    for form in rule.formats:
        texts = to_iso(texts, form)
    ns, fits = texts_to_ns(texts, rule.zone)
    if rule.date == "trading":
        ns = of_trading_days(ns)
    forms = " or ".join(f"'{form}'" for form in rule.formats) or "ISO 8601"
    return _timestamps(ns, valid_of(texts), fits, NS_UTC, f"a time as in {forms}")


def of_trading_days(ns: Int64) -> Int64:
    """Return the moments of times whose date is their trading day, on the evening before too.

    ns : (n,) since 1970 UTC, as if the date were that of the calendar
    """
    days, clocks = np.divmod(ns + SHANGHAI, DAY)
    made, calendar = ns.copy(), load_calendar()
    for day in np.unique(days):
        which = days == day
        made[which] = calendar.moments(date.fromordinal(EPOCH + int(day)), clocks[which])
    return made


def _from_numbers(array: pa.Array, unit: str) -> tuple[pa.Array, Bool | None, str]:
    kind = pa.timestamp(unit, "UTC")
    expected = f"{unit} since 1970"
    array = decoded(array)
    if pa.types.is_integer(array.type):
        numbers = whole_of(array)
        fits = numbers <= np.uint64(_MOST) if numbers.dtype == np.uint64 else numbers <= _MOST
        return _timestamps(numbers, valid_of(array), fits, kind, expected)
    texts = trimmed(as_strings(array))
    numbers, fits = whole_numbers(texts)
    return _timestamps(numbers, valid_of(texts), fits, kind, expected)


def _timestamps(
    values: npt.NDArray[Any], valid: Bool | None, fits: Bool, kind: pa.DataType, expected: str
) -> tuple[pa.Array, Bool | None, str]:
    valid = np.ones(len(fits), np.bool_) if valid is None else valid
    bad = valid & ~fits
    times = pa.array(values.astype(np.int64), mask=~(valid & fits)).cast(kind)
    return times, bad if bad.any() else None, expected


def _is_written(kind: pa.DataType) -> bool:
    """Whether the cells of a type have a text of which a time can be made."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_text(kind) or any(
        test(kind) for test in (pa.types.is_integer, pa.types.is_date, pa.types.is_time)
    )


def _written(array: pa.Array) -> pa.StringArray:
    return trimmed(as_strings(decoded(array)))
