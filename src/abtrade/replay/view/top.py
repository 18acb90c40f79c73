"""The two lines above everything: contract, day, clock, phase and pace; then the last row."""

from __future__ import annotations

import math
from datetime import date

from rich.text import Text

from ...market.calendar import NIGHT_BEGINS, NIGHT_ENDS
from ...wording import Language, clock, term, text
from ..moment import Moment
from . import styles
from .lines import harmless, line
from .pace import Pace


def top(
    moment: Moment, day: date, pace: Pace | None, ts: int | None, lang: Language, width: int
) -> list[Text]:
    """Return both lines; a picture has no pace.

    ts : where the log's clock stands, None where the last row does
    """
    contract = harmless(f"{moment.exchange}.{moment.contract}")
    said = [contract, day.isoformat(), _time(moment.ts if ts is None else ts, lang)]
    if moment.phase:
        said.append(term(lang, "value", moment.phase))
    pace_said = _pace(pace, lang) if pace else ""
    first = _ends(line("  ".join(["", *said])), line(pace_said, "  "), width)
    first.stylize(styles.BAR)
    second = line(
        "  " + text(lang, "replay.row", row=f"{moment.row:,}", rows=f"{moment.rows:,}"),
        "" if moment.seq is None else f"  seq {moment.seq}",
        ("  " + harmless(moment.said), styles.HEAD),
    )
    skipped = text(lang, "replay.skipped", n=f"{pace.skipped:,}") if pace and pace.skipped else ""
    return [first, _ends(second, line((skipped, styles.HEAD), "  "), width)]


def speed_text(speed: float, lang: Language) -> str:
    """Return a speed in words: ``60x``, ``max``."""
    return text(lang, "replay.max") if math.isinf(speed) else f"{speed:g}x"


def _pace(pace: Pace, lang: Language) -> str:
    key = "replay.playing" if pace.playing else "replay.paused"
    return text(lang, key, speed=speed_text(pace.speed, lang))


def _time(ts: int | None, lang: Language) -> str:
    if ts is None:
        return text(lang, "replay.before")
    time = clock(ts)[11:23]
    night = not NIGHT_ENDS <= int(time[:2]) < NIGHT_BEGINS
    return f"{time} {text(lang, 'replay.night')}" if night else time


def _ends(first: Text, last: Text, width: int) -> Text:
    """Return a line with one text at its beginning and one at its end, the last one whole."""
    first.truncate(max(0, width - last.cell_len), overflow="ellipsis", pad=True)
    return first.append_text(last)
