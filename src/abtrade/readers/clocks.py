"""Times of day as counters write them, as ns since midnight."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa

from ..batch import Int64
from . import _cells
from .arrays import decoded, empty, filled, indices_of, valid_of
from .columns import is_text
from .texts import as_strings, bytes_of, trimmed

BLANK: Final = -1
UNREADABLE: Final = -2

SECOND: Final = 10**9
_CLOCK: Final = re.compile(
    r"([0-9]{1,2}):?([0-9]{2}):?([0-9]{2})(?:\.([0-9]{1,9})[0-9]*)?\Z", re.ASCII
)


def clocks_of(cells: pa.Array) -> Int64:
    """Return ns since midnight of times such as 21:00:01, 9:30:05 or 093005.5: (n,).

    BLANK where a cell is null or blank, UNREADABLE where it is no time of day.
    """
    cells = decoded(cells)
    strings = as_strings(cells) if is_text(cells.type) else cells.cast(pa.string())
    found, valid = bytes_of(strings), valid_of(strings)
    clock = empty(len(strings), np.int64)
    flags = None if valid is None else valid.view(np.uint8)
    if _cells.read_clocks(found.data, found.offsets, flags, BLANK, UNREADABLE, clock):
        others = clock == UNREADABLE
        encoded = trimmed(strings.filter(pa.array(others))).dictionary_encode()
        texts = [_clock(text) for text in encoded.dictionary.to_pylist()]
        known = np.array([*texts, BLANK], np.int64)
        clock[others] = known[filled(indices_of(encoded), valid_of(encoded), len(texts))]
    return clock


def _clock(text: str | None) -> int:
    if not text:
        return BLANK
    found = _CLOCK.match(text)
    if not found:
        return UNREADABLE
    hour, minute, second = (int(found[part]) for part in (1, 2, 3))
    if hour > 23 or minute > 59 or second > 59:
        return UNREADABLE
    return ((hour * 60 + minute) * 60 + second) * SECOND + int((found[4] or "0").ljust(9, "0"))
