"""Times of an export: a date, where one is written, and a time of day."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..batch import Int64
from .arrays import Bool, valid_of
from .columns import is_text
from .export_days import NO_DATE, Stamps
from .texts import as_strings, trimmed, whole_numbers
from .times import SHANGHAI, texts_to_ns, timestamps_to_ns

DAY: Final = 86_400 * 10**9
EPOCH: Final = date(1970, 1, 1).toordinal()

_CLOCK: Final = r"^[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
_ANY_DATE: Final = "1970-01-02 "


def written_times(cells: pa.Array, *, counted: bool = False) -> tuple[Stamps, Bool]:
    """Return times, with a date or a time of day alone, and which cells are such: (n,) each.

    Without a zone they are of Shanghai. ``counted``: up to three digits behind the point are a
    count of milliseconds, so that ``.5`` is five of them.
    """
    if pa.types.is_timestamp(cells.type):
        ns, fits = timestamps_to_ns(cells)
        valid = valid_of(cells)
        return of_ns(ns), fits if valid is None else fits & valid
    if not is_text(cells.type):
        return of_ns(np.zeros(len(cells), np.int64)), np.zeros(len(cells), np.bool_)
    texts = trimmed(as_strings(cells)).fill_null("")
    if counted:
        texts = pc.replace_substring_regex(texts, r"\.([0-9])$", r".00\1")
        texts = pc.replace_substring_regex(texts, r"\.([0-9]{2})$", r".0\1")
    lone = pc.match_substring_regex(texts, _CLOCK)
    texts = pc.replace_substring_regex(texts, "^([0-9]):", r"0\1:")
    dated = pc.if_else(lone, pc.binary_join_element_wise(_ANY_DATE, texts, ""), texts)
    ns, fits = texts_to_ns(dated)
    stamps = of_ns(ns)
    stamps.dates[np.asarray(lone)] = NO_DATE
    return stamps, fits


def epoch_times(cells: pa.Array) -> tuple[Stamps, Bool]:
    """Return times that are written in ns since 1970 UTC, and which cells are such: (n,) each."""
    if is_text(cells.type):
        ns, fits = whole_numbers(trimmed(as_strings(cells)), as_float=True)
    else:
        ns = np.asarray(cells.cast(pa.int64(), safe=False).fill_null(0))
        fits = np.ones(len(ns), np.bool_)
    return of_ns(ns), fits & (ns > 0)


def of_ns(ns: Int64) -> Stamps:
    """Return the dates and times of day, in Shanghai, of ns since 1970 UTC."""
    days, clocks = np.divmod(ns + SHANGHAI, DAY)
    return Stamps(days + EPOCH, clocks)
