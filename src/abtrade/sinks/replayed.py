"""Alerts of a replayed day and the market around them, as lines for people or JSON lines."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TextIO

from ..safe_text import for_json, for_lines, for_terminal
from ..wording import Language, number, text

SHOWN: Final = 5
"""How many of the subject's orders are told on lines."""

Record = Mapping[str, Any]


def write_records(
    records: Iterable[Record], form: str, lang: Language, file: TextIO, speed: float = math.inf
) -> None:
    """Write records as they come, each whole before the next one is waited for.

    form : ``jsonl``, or ``plain``
    speed : seconds of the log in a second; infinity: there is no waiting
    """
    some = False
    for record in paced(records, speed):
        some = True
        lines = [for_json(record)] if form == "jsonl" else _lines(record, lang)
        file.writelines(line + "\n" for line in lines)
        file.flush()
    if not some and form == "plain":
        file.write(text(lang, "moment.alerts.none") + "\n")


def paced(records: Iterable[Record], speed: float) -> Iterator[Record]:
    """Yield records, the times between them those of the log, so many times as fast."""
    begun: tuple[float, float] | None = None
    for record in records:
        at = record.get("at") or record.get("moment", record)["ts"]
        if at is not None and not math.isinf(speed):
            seconds = datetime.fromisoformat(f"{at[:26]}+08:00").timestamp()
            now = time.monotonic()
            begun = begun or (now, seconds)
            time.sleep(max(0.0, begun[0] + (seconds - begun[1]) / speed - now))
        yield record


def _lines(record: Record, lang: Language) -> Iterator[str]:
    if "moment" in record:
        moment = record["moment"]
        yield text(
            lang, "moment.stop",
            time=_time(moment["ts"], lang) if moment["row"] else text(lang, "moment.begin"),
            contract=for_terminal(moment["contract"]), row=moment["row"], rows=moment["rows"],
            said=for_terminal(moment["said"]),
        )  # fmt: skip
        yield from _market(moment, lang)
        return
    yield text(
        lang, "moment.alert", time=_time(record["at"], lang),
        contract=for_terminal(record["contract"] or record["scope"]),
        level=text(lang, f"level.{record['level']}"),
        who=text(lang, f"who.{record['subject_kind']}", name=for_terminal(record["subject"])),
        rule=for_terminal(record["rule"]), count=number(record["count"]),
    )  # fmt: skip
    yield from _market(record, lang)
    yield f"    {for_lines(record['message'])}"


def _market(market: Record, lang: Language) -> Iterator[str]:
    if market["row"] is None:
        return
    none = text(lang, "moment.none")
    bid, ask = (
        none if best is None else text(lang, "moment.price", price=best["price"], lots=best["lots"])
        for best in (market["bid"], market["ask"])
    )
    last = none if market["last"] is None else market["last"]
    if market["book"] == "none":
        yield "    " + text(lang, "moment.no_book", last=last)
        return
    said = text(lang, "moment.market", bid=bid, ask=ask, last=last)
    yield f"    {said}{text(lang, 'moment.broker') if market['book'] == 'broker' else ''}"
    if market["own"] is not None:
        yield from (f"    {line}" for line in _own(market["own"], lang))


def _own(own: Record, lang: Language) -> Iterator[str]:
    yield text(lang, "moment.own", bought=own["bid_lots"], sold=own["ask_lots"])
    for order in own["orders"][:SHOWN]:
        side = text(lang, f"row.{order['side']}")
        yield "  " + text(lang, "moment.before", **{**order, "side": side,
                                                    "before": order["lots_before"]})
    if len(own["orders"]) > SHOWN:
        yield "  " + text(lang, "moment.more", n=len(own["orders"]) - SHOWN)


def _time(iso: str | None, lang: Language) -> str:
    """Return a time to the millisecond, as Beijing shows it."""
    return text(lang, "moment.end") if iso is None else iso[:23].replace("T", " ")
