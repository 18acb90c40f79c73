"""Times of day as counters write them, as ns since midnight."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa

from ..batch import Int64
from .arrays import decoded, filled, indices_of, valid_of
from .columns import is_text
from .texts import as_strings, bytes_of, trimmed

BLANK: Final = -1
UNREADABLE: Final = -2

SECOND: Final = 10**9
_CLOCK: Final = re.compile(
    r"([0-9]{1,2}):?([0-9]{2}):?([0-9]{2})(?:\.([0-9]{1,9})[0-9]*)?\Z", re.ASCII
)
_AS_USUAL: Final = 8  # bytes of 09:30:05


def clocks_of(cells: pa.Array) -> Int64:
    """Return ns since midnight of times such as 21:00:01, 9:30:05 or 093005.5: (n,).

    BLANK where a cell is null or blank, UNREADABLE where it is no time of day.
    """
    cells = decoded(cells)
    strings = as_strings(cells) if is_text(cells.type) else cells.cast(pa.string())
    found = bytes_of(strings)
    usual = found.lengths == _AS_USUAL
    valid = valid_of(strings)
    if valid is not None:
        usual &= valid
    clock = np.full(len(strings), BLANK, np.int64)
    places = found.starts[usual][:, None] + np.arange(_AS_USUAL, dtype=np.int32)
    clock[usual] = _usual(found.data[places])
    others = ~usual if valid is None else ~usual & valid
    if others.any():
        encoded = trimmed(strings.filter(pa.array(others))).dictionary_encode()
        texts = [_clock(text) for text in encoded.dictionary.to_pylist()]
        known = np.array([*texts, BLANK], np.int64)
        clock[others] = known[filled(indices_of(encoded), valid_of(encoded), len(texts))]
    return clock


def _usual(table: np.ndarray) -> Int64:
    """Return times of which all have eight bytes: (n, 8) uint8."""
    digits = table[:, [0, 1, 3, 4, 6, 7]] - np.uint8(ord("0"))
    hour, minute, second = (
        digits[:, at].astype(np.int64) * 10 + digits[:, at + 1] for at in (0, 2, 4)
    )
    fits = (digits <= 9).all(axis=1) & (table[:, 2] == ord(":")) & (table[:, 5] == ord(":"))
    fits &= (hour < 24) & (minute < 60) & (second < 60)
    clock = ((hour * 60 + minute) * 60 + second) * SECOND
    if not fits.all():
        odd = np.flatnonzero(~fits)
        texts = [bytes(table[at]).decode("utf-8", "replace") for at in odd.tolist()]
        clock[odd] = [_clock(text.strip()) for text in texts]
    return np.asarray(clock)


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
