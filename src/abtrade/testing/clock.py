"""The clock of a case's log: when each line begins, and which lines leave the trading day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..market.calendar import NIGHT_BEGINS, NIGHT_ENDS
from .case import Line

MS: Final = 1_000_000
_HOUR: Final = 3600 * 10**9
_MORNING: Final = 10 * _HOUR
"""The clock of a log that names no time, in ns."""


def begins(lines: Sequence[Line | None]) -> Iterator[int]:
    """Yield the clock at which each line begins: ns since midnight, above 24 hours after it.

    A line that could not be read (None) takes no time.
    """
    clock = _MORNING
    for line in lines:
        if line is None:
            yield clock
            continue
        clock = clock if line.at is None else line.at
        yield clock
        clock += line.times * line.every * MS


def leaving(lines: Sequence[Line | None]) -> Iterator[tuple[Line, str]]:
    """Yield each line by which the clock first runs out of the trading day, and how it does.

    By day the clock ends where the next night session begins, by night where that session does.
    """
    set_at, is_out = _MORNING, False
    for line, clock in zip(lines, begins(lines), strict=True):
        if line is None:
            continue
        if line.at is not None:
            set_at, is_out = line.at, False
        by_night = set_at >= NIGHT_BEGINS * _HOUR
        end = NIGHT_ENDS + 24 if by_night else NIGHT_BEGINS
        if not is_out and clock + (line.times - 1) * line.every * MS >= end * _HOUR:
            is_out = True
            session = "night session" if by_night else "trading day"
            yield line, (
                f"times {line.times}, every {line.every} ms: the clock runs past "
                f"{end % 24:02}:00:00, where the {session} ends"
            )
