"""LogClock: the time of the log while the day plays, driven by the time of the wall."""

from __future__ import annotations

from typing import Final

FRAME: Final = 0.1
"""Seconds from one frame to the next while the day plays."""


class LogClock:
    """Runs so many times as fast as the wall's clock from where it was set."""

    def __init__(self) -> None:
        self._ts = 0
        self._wall = 0.0
        self._last_tick = 0.0

    def set(self, ts: int, wall: float) -> None:
        """Set the log's time (ns) as it is at a time of the wall (seconds)."""
        self._ts, self._wall, self._last_tick = ts, wall, wall

    def at(self, wall: float, speed: float) -> int:
        """Return the log's time (ns) at a time of the wall (seconds)."""
        return self._ts + round((wall - self._wall) * speed * 1e9)

    def missed(self, wall: float) -> int:
        """Return how many frames should have been shown since the last call, but for this one."""
        frames = round((wall - self._last_tick) / FRAME)
        self._last_tick = wall
        return max(0, frames - 1)
