"""Requests: where a viewer wants to go, put together where several wait, and carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from ...errors import InputError
from ...wording import clock
from ..moment import Subject
from .protocol import Session

SECOND: Final = 1_000_000_000
GOES: Final = ("row", "time", "edge", "clock", "rows")
"""Requests that lead to a place whatever was asked before."""
ADDS: Final = ("step", "shift", "event", "alert")
"""Requests that lead on from where one is: rows, ns, events, alerts."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a kind, and how many or which.

    row : so many rows stand; clock : a time in ns, as the day plays; rows : on by so many, as the
    day plays; time : a text; step : rows on; shift : ns on; event, alert : so many on;
    follow : a subject; show : a contract; edge : 0 the beginning, 1 the end; offer : subjects.
    """

    kind: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to say of a request: a key of the texts, with what fills its blanks."""

    key: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: where the log's clock stands, and what to say or to offer."""

    ts: int | None  # None: where the last row does
    notice: Notice | None = None
    offered: Sequence[Subject] | None = None


def joined(waiting: Sequence[Request], request: Request) -> list[Request]:
    """Return what waits once a request has come: the last place wins, steps of a kind add up."""
    if request.kind in GOES:
        return [each for each in waiting if each.kind not in GOES + ADDS] + [request]
    if waiting and waiting[-1].kind == request.kind:
        last = waiting[-1]
        value = last.value + request.value if request.kind in ADDS else request.value
        return [*waiting[:-1], replace(last, value=value)]
    return [*waiting, request]


def perform(session: Session, request: Request, ts: int | None) -> Done:
    """Carry a request out; ``ts`` is where the log's clock stands, None where the last row does."""
    try:
        return _WORK[request.kind](session, request, ts)
    except InputError as error:
        return Done(ts, Notice("refused", {"why": str(error)}))


def _go_rows(session: Session, request: Request, ts: int | None) -> Done:
    if request.kind == "row":
        session.seek_row(request.value)
    elif request.kind == "edge":
        session.seek_row(session.rows if request.value else 0)
    else:
        session.step(request.value)
    return Done(None)


def _go_to_time(session: Session, request: Request, ts: int | None) -> Done:
    try:
        to = session.ts_of(request.value)
    except InputError:
        said = {"said": request.value, "day": session.day}
        return Done(ts, Notice("other_day" if _is_time(request.value) else "time", said))
    if not session.first_ts // SECOND * SECOND <= to <= session.last_ts:
        first, last = (clock(each)[11:19] for each in (session.first_ts, session.last_ts))
        notice = Notice("outside", {"said": request.value, "first": first, "last": last})
        return Done(ts, notice)
    return _go_to(session, Request("clock", to), ts)


def _is_time(said: str) -> bool:
    try:
        datetime.fromisoformat(said.strip())
    except ValueError:
        return False
    return True


def _go_to(session: Session, request: Request, ts: int | None) -> Done:
    to = request.value
    if request.kind == "shift":
        now = session.moment().ts if ts is None else ts
        to += session.first_ts if now is None else now
    to = min(max(to, session.first_ts - 1), session.last_ts)
    session.seek_ts(to)
    return Done(to)


def _go_next(session: Session, request: Request, ts: int | None) -> Done:
    """Go on by so many events or alerts, as far as there are some."""
    kind, many = request.kind, request.value
    if kind == "event" and session.subject is None:
        return Done(ts, Notice("follow"))
    direction = 1 if many > 0 else -1
    for _ in range(abs(many)):
        row = session.next_event(direction) if kind == "event" else session.next_alert(direction)
        if row is None:
            key = f"no_{kind}" if direction > 0 else f"no_{kind}.back"
            return Done(ts, Notice(key, {"who": session.subject}))
        session.seek_row(row)
        ts = None
    return Done(ts)


def _offer(session: Session, request: Request, ts: int | None) -> Done:
    return Done(ts, offered=session.subjects())


def _follow(session: Session, request: Request, ts: int | None) -> Done:
    session.follow(request.value)
    return Done(ts, Notice("follows", {"who": request.value}) if request.value else None)


def _show(session: Session, request: Request, ts: int | None) -> Done:
    """Show a contract at the time that is shown."""
    if request.value == session.contract:
        return Done(ts)
    now = session.moment().ts if ts is None else ts
    session.show(request.value)
    if now is not None:
        session.seek_ts(now)
    return Done(now)


_WORK: Final[dict[str, Callable[[Session, Request, int | None], Done]]] = {
    "row": _go_rows, "rows": _go_rows, "step": _go_rows, "edge": _go_rows,
    "clock": _go_to, "shift": _go_to, "time": _go_to_time,
    "event": _go_next, "alert": _go_next,
    "offer": _offer, "follow": _follow, "show": _show,
}  # fmt: skip
