"""What is told of a position that reached a level: passages, peak, curve, who held how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .. import schema
from ..market.limit_rows import Limit

STRETCHES: Final = 256
"""Stretches that a curve has at most; each is told by its highest point, the first of equals."""

MOMENTS: Final = 100
"""Passages, and falls back, that are told at most."""

Shares = Mapping[int, int]
"""Lots by account."""


class Point(NamedTuple):
    """What was held after a row; ``level`` is that which was passed, -1 for none."""

    row: int  # index in the day; -1: the opening
    seq: int
    ts: int
    lots: int
    level: int = -1


@dataclass(frozen=True, slots=True)
class Course:
    """A position from the moment on at which it first reached its lowest level."""

    opening: int
    end: int
    peak: Point
    passages: Sequence[Point]  # the first MOMENTS
    falls: Sequence[Point]
    passed: Sequence[int]  # how many passages of each level
    curve: Sequence[Point]  # the highest point of each stretch
    last: Point | None  # where it changed at all


def told_level(reached: int, *, capped: bool) -> int:
    """Return the level that an alert is of, 0 yellow, 1 red; ``reached`` has a bit for each.

    What is capped is told as yellow, wherever it reached that.
    """
    return 0 if capped and reached & 1 else reached.bit_length() - 1


def level_at(levels: Sequence[int | float | None], lots: int) -> int:
    """Return the level that so many lots reach: 0 none, 1 yellow, 2 red."""
    return max(
        (code for code, at in enumerate(levels, start=1) if at is not None and lots >= at),
        default=0,
    )


def detail_of(
    side: str,
    limit: Sequence[Limit],
    course: Course,
    shares_at_peak: Shares,
    person: Callable[[int], tuple[str, str]],
) -> dict[str, Any]:
    """Return an alert's ``detail``, as JSON data.

    person : account id -> its name and its client
    """
    peak = course.peak
    at_opening = peak.row < 0
    return {
        "side": side,
        "limit": sum(row.lots for row in limit) if limit else None,
        "limit_rows": [row.told for row in limit],
        "opening": course.opening,
        "end": course.end,
        "peak": {
            "lots": peak.lots,
            "seq": None if at_opening else peak.seq,
            "ts": None if at_opening else peak.ts,
        },
        "passages": [_moment(point) for point in course.passages],
        "passage_count": dict(zip(schema.LEVELS, course.passed, strict=True)),
        "fell_back": [_moment(point) for point in course.falls],
        "shares_at_peak": _shares(shares_at_peak, person),
        "curve": _curve(course),
    }


def _moment(point: Point) -> dict[str, Any]:
    level = schema.LEVELS[point.level]
    return {"level": level, "seq": point.seq, "ts": point.ts, "lots": point.lots}


def _shares(
    shares: Shares, person: Callable[[int], tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return who held how much, the largest first, as an alert's shares."""
    told = [(*person(account), lots) for account, lots in shares.items()]
    return [
        {"account": account, "client": client, "counted": lots}
        for account, client, lots in sorted(told, key=lambda each: (-each[2], each[0]))
    ]


def _curve(course: Course) -> list[list[int]]:
    """Return the points kept, one a row, in the order of the day."""
    kept = {
        point.row: [point.seq, point.ts, point.lots]
        for point in (*course.curve, *course.passages, *course.falls, course.peak, course.last)
        if point is not None and point.row >= 0
    }
    return [kept[row] for row in sorted(kept)]
