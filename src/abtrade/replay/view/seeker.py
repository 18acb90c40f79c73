"""Seeker: the one thread that asks the session, so that the screen never waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..moment import Moment, Subject
from .log_clock import FRAME
from .protocol import Session
from .request import Notice, Request, joined, perform

BUDGET: Final = FRAME
"""Seconds that the rows of a frame may take when the day plays as fast as can be."""
FEWEST, MOST = 1, 1 << 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """A moment that was gone to, and what there is to say of the way."""

    moment: Moment
    serial: int  # of the last request that was carried out
    ts: int  # of the log's clock: of the moment's row or later; just before the first row at first
    played: bool  # the day's playing led here, no key
    ended: bool  # and it ends here
    notices: Sequence[Notice] = ()
    offered: Sequence[Subject] | None = None


class Seeker:
    """Takes requests, carries them out in its thread and tells each arrival.

    told : called in the seeker's thread with each Arrival, and with an exception, the last thing
    it tells
    """

    def __init__(self, session: Session, told: Callable[[Arrival | Exception], object]) -> None:
        self._session = session
        self._told = told
        self._waiting: list[Request] = []
        self._changed = threading.Condition()
        self._serial = 0
        self._ended = False
        self._ts: int | None = None
        self._rows = FEWEST  # of a frame at the highest speed
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        """Begin to take requests."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests; the one that is being carried out goes on to its end."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def wait(self) -> None:
        """Wait until the thread is done with the session, after ``stop``."""
        if self._thread.ident is not None:
            self._thread.join()

    def ask(self, *requests: Request) -> int:
        """Have requests carried out after those that still matter; return the last's serial."""
        with self._changed:
            for request in requests:
                self._waiting = joined(self._waiting, request)
                self._serial += 1
            self._changed.notify()
            return self._serial

    def play_on(self) -> int:
        """Go on by as many rows as fit a frame; return the request's serial."""
        return self.ask(Request("rows", self._rows))

    def _run(self) -> None:
        try:
            while asked := self._next():
                self._told(self._arrive(*asked))
        except Exception as error:  # a defect: the screen ends and raises it
            self._told(error)

    def _next(self) -> tuple[list[Request], int] | None:
        """Return what is to be done and its serial, once there is something; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._ended:
                return None
            requests, self._waiting = self._waiting, []
            return requests, self._serial

    def _arrive(self, requests: Sequence[Request], serial: int) -> Arrival:
        notices: list[Notice] = []
        offered = None
        before = self._session.row
        for request in requests:
            begin = time.perf_counter()
            done = perform(self._session, request, self._ts)
            if request.kind == "rows":
                self._adapt(time.perf_counter() - begin)
            self._ts = done.ts
            notices += [done.notice] if done.notice else []
            offered = done.offered if done.offered is not None else offered
        played = all(request.kind in ("clock", "rows") for request in requests)
        ended = played and self._ends(before)
        moment = self._session.moment()
        if self._ts is None:
            self._ts = self._session.first_ts - 1 if moment.ts is None else moment.ts
        elif moment.ts is not None and self._ts > moment.ts:
            moment = replace(moment, phase=self._session.phase_at(self._ts))
        return Arrival(moment, serial, self._ts, played, ended, notices, offered)

    def _ends(self, before: int) -> bool:
        """Whether playing ends here; it does not go past where it is to stop."""
        session = self._session
        if session.until_row is not None and before < session.until_row <= session.row:
            session.seek_row(session.until_row)
            self._ts = None
            return True
        return session.row >= session.last_row

    def _adapt(self, seconds: float) -> None:
        """Take more rows a frame while they take little time, fewer where they take much."""
        if seconds < BUDGET / 2:
            self._rows = min(MOST, self._rows * 2)
        elif seconds > BUDGET:
            self._rows = max(FEWEST, self._rows // 2)
