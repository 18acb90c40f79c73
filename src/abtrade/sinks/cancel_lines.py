"""What cancels looked like, in words: one by one, and all of them in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, Final

import pyarrow as pa

from ..measured_message import percent
from ..wording import Language, amount, text

SECOND: Final = 1_000_000_000
QUICK_NS: Final = SECOND
"""Orders that rested no longer than this are told apart."""

Event = Mapping[str, Any]


def cancel_line(event: Event, lang: Language) -> str | None:
    """Return what a cancel looked like on a line; None where nothing is known of it."""
    parts = []
    if (rested := event["rested_ns"]) is not None:
        parts.append(text(lang, "look.rested", seconds=_seconds(rested / SECOND)))
    for when in ("placed", "cancelled"):
        if (ticks := event[f"from_best_{when}"]) is not None:
            parts.append(text(lang, f"look.{when}", where=_where(ticks, lang)))
    if event["lots_before"] is not None:
        parts.append(text(lang, "look.lots_before", lots=event["lots_before"]))
        level, five = (_rounded(event[f"{of}_share"], lang) for of in ("level", "five"))
        parts.append(text(lang, "look.shares", level=level, five=five))
    parts += [
        text(lang, f"look.opposite_{when}", seconds=_seconds(event[f"opposite_{when}_s"]))
        for when in ("before", "after")
        if event[f"opposite_{when}"]
    ]
    return text(lang, "look", parts=_listed(parts, lang)) if parts else None


def cancels_line(events: pa.Table, lang: Language) -> str | None:
    """Return what all cancels among the events looked like; None where nothing is known.

    Each part is of the cancels of which it is known.
    """
    cancels = _cancels(events)
    parts = []
    if rested := _known(cancels, "rested_ns"):
        quick = [each <= QUICK_NS for each in rested]
        middle = _seconds(median(rested) / SECOND)
        parts.append(text(lang, "looks.rested", median=middle, quick=_share(quick, lang)))
    if stood := _known(cancels, "from_best_cancelled"):
        parts.append(text(lang, "looks.best", best=_share([ticks == 0 for ticks in stood], lang)))
    sides = zip(_known(cancels, "opposite_before"), _known(cancels, "opposite_after"), strict=True)
    if near := [before or after for before, after in sides]:
        parts.append(text(lang, "looks.opposite", opposite=_share(near, lang)))
    if not parts:
        return None
    key = "looks.one" if len(cancels) == 1 else "looks"
    return text(lang, key, n=len(cancels), parts=_listed(parts, lang))


_SUMMED: Final = ("rested_ns", "from_best_cancelled", "opposite_before", "opposite_after")


def _cancels(events: pa.Table) -> list[Event]:
    """Return the cancels among the events, each once, with what is summed up of them."""
    rows = events.select(["file", "row", "action", *_SUMMED]).to_pylist()
    cancels = {(row["file"], row["row"]): row for row in rows if row["action"] == "cancel"}
    return list(cancels.values())


def _known(cancels: Iterable[Event], name: str) -> list[Any]:
    return [event[name] for event in cancels if event[name] is not None]


def _where(ticks: int, lang: Language) -> str:
    if not ticks:
        return text(lang, "look.at_best")
    return amount(lang, "look.behind" if ticks > 0 else "look.better", abs(ticks))


def _seconds(seconds: float) -> str:
    return format(seconds, ".6g")


def _share(found: Sequence[bool], lang: Language) -> str:
    return _rounded(sum(found) / len(found), lang)


def _rounded(share: float, lang: Language) -> str:
    return percent(round(share, 3), lang)


def _listed(parts: Sequence[str], lang: Language) -> str:
    return ("，" if lang == "zh" else ", ").join(parts)
