"""Times of an export: a date, where one is written, and a time of day."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...batch import Int64
from ...market.years import FIRST_DAY, LAST_DAY
from ..arrays import Bool
from ..columns import is_text
from ..texts import as_strings, trimmed, whole_numbers
from ..times import SHANGHAI, texts_to_ns, timestamps_to_ns
from .days import NO_DATE, Stamps

DAY: Final = 86_400 * 10**9
EPOCH: Final = date(1970, 1, 1).toordinal()

_CLOCK: Final = r"^[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
_ANY_DATE: Final = "1970-01-02 "


class Times(NamedTuple):
    """Times of n cells, anything in them where a cell is none, or of no year that a log is of."""

    stamps: Stamps
    fits: Bool  # (n,) whether the cell is a time
    blank: Bool  # (n,) whether it is empty

    def carried_on(self) -> Stamps:
        """Return the times, where a cell is none that of the last before, else of the first."""
        places = np.where(self.fits, np.arange(len(self.fits)), -1)
        before = np.maximum.accumulate(places) if len(places) else places
        first = int(np.argmax(self.fits)) if self.fits.any() else 0
        at = np.where(before < 0, first, before)
        return Stamps(self.stamps.dates[at], self.stamps.clocks[at])


def written_times(cells: pa.Array, *, counted: bool = False) -> Times:
    """Return times that are written with a date, or as a time of day alone.

    Without a zone they are of Shanghai. ``counted``: up to three digits behind the point are a
    count of milliseconds, so that ``.5`` is five of them.
    """
    if pa.types.is_timestamp(cells.type):
        ns, fits = timestamps_to_ns(cells)
        null = np.asarray(cells.is_null())
        return _known(of_ns(np.where(null, 0, ns)), fits & ~null, null)
    if not is_text(cells.type):
        nothing = np.zeros(len(cells), np.int64)
        return Times(of_ns(nothing), nothing > 0, np.asarray(cells.is_null()))
    texts = trimmed(as_strings(cells))
    blank = np.asarray(texts.is_null())
    texts = texts.fill_null("")
    if counted:
        texts = pc.replace_substring_regex(texts, r"\.([0-9])$", r".00\1")
        texts = pc.replace_substring_regex(texts, r"\.([0-9]{2})$", r".0\1")
    lone = pc.match_substring_regex(texts, _CLOCK)
    texts = pc.replace_substring_regex(texts, "^([0-9]):", r"0\1:")
    dated = pc.if_else(lone, pc.binary_join_element_wise(_ANY_DATE, texts, ""), texts)
    ns, fits = texts_to_ns(dated)
    stamps = of_ns(ns)
    stamps.dates[np.asarray(lone)] = NO_DATE
    return _known(stamps, fits, blank)


def epoch_times(cells: pa.Array) -> Times:
    """Return times that are written in ns since 1970 UTC; 0 is none."""
    if is_text(cells.type):
        texts = trimmed(as_strings(cells))
        ns, fits = whole_numbers(texts, as_float=True)
        blank = np.asarray(texts.is_null()) | (fits & (ns == 0))
    else:
        ns = np.asarray(cells.cast(pa.int64(), safe=False).fill_null(0))
        fits, blank = ns > 0, ns == 0
    return _known(of_ns(ns), fits & (ns > 0), blank)


def _known(stamps: Stamps, fits: Bool, blank: Bool) -> Times:
    of_known_year = (stamps.dates >= FIRST_DAY.toordinal()) & (
        stamps.dates <= LAST_DAY.toordinal()
    )
    return Times(stamps, fits & (of_known_year | (stamps.dates == NO_DATE)), blank)


def of_ns(ns: Int64) -> Stamps:
    """Return the dates and times of day, in Shanghai, of ns since 1970 UTC."""
    days, clocks = np.divmod(ns + SHANGHAI, DAY)
    return Stamps(days + EPOCH, clocks)
