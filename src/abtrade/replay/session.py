"""Session: one contract of an opened day, to be stood in at any of its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .. import ids, schema
from ..batch import Batch
from ..day_tables import DayTables
from ..errors import InputError
from ..job import Progress
from ..market.moments import moment_of
from ..phases import Phases
from ..schema import Phase, Side
from ..steps import What
from .checkpoints import State
from .choosing import contract_named, subject_named
from .course import Course
from .ladder import MOST_LEVELS, levels, own_orders
from .moment import Fired, Moment, Subject
from .opened import OpenedDay
from .price_line import PriceLine
from .said import said
from .standings import Standings
from .tape import tape
from .track import Noted, Touches, count_until


class Session:
    """A contract-day at one of its rows.

    Row ``n`` means: the first ``n`` rows that name the contract have been applied. ``rows`` is how
    many there are. Seeking stays between ``first_row`` and ``last_row``, 0 and ``rows`` but for
    ``bound``; ``first_ts`` and ``last_ts`` are the times of the first and the latest row there.
    ``until_row``: where playing is to stop, None: at the end.

    A session is used by one thread at a time.
    """

    def __init__(
        self, opened: OpenedDay, contract: str | None = None, progress: Progress | None = None
    ) -> None:
        self.opened = opened
        self._progress = progress
        self._touches = Touches()
        self._engine, self._counter = opened.engine(self._touches)
        self._blank: State = self._counter.dump()
        self._phases, self._sessions = opened.phases(), opened.sessions()
        self._shown: Course | None = None
        self._subject: Subject | None = None
        self._bounds: tuple[int | None, int | None, int | None] = (None, None, None)
        known = opened.contracts()
        if not known:
            raise InputError("the log has no good rows: there is nothing to replay")
        self.show(next(iter(known)) if contract is None else contract)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the room on the disk back; nothing can be asked any more."""
        self._course.close()
        self.opened.close()

    @property
    def day(self) -> date:
        """The trading day."""
        return self.opened.job.log.day

    # --- which contract, which subject ---------------------------------------------------------

    @property
    def contracts(self) -> list[str]:
        """The contracts that have rows, the busiest first."""
        return list(self.opened.contracts())

    def show(self, contract: str) -> None:
        """Switch to a contract, before its first row that may be shown.

        Raises InputError for one the day has not.
        """
        known = self.opened.contracts()
        self.contract = contract_named(contract, list(known))
        self._id = known[self.contract]
        if self._shown is not None:
            self._shown.close()
        self._counter.restore(*self._blank)
        rows = self.opened.spool.rows(self.opened.spool.connected(self._id))
        self._shown = Course(self._id, rows, self._counter, self._touches, self._progress)
        self.rows = self._course.rows
        self._standings = Standings(
            self._counter.peek(), self.opened.roster, self.opened.ready.beside.limits, self._id
        )
        self._line = PriceLine(self._noted)
        self._place_alarms()
        self.follow(self._subject)
        self.bound(*self._bounds)
        self.seek_row(self.first_row)

    def bound(self, first: int | None, last: int | None, until: int | None) -> None:
        """Show nothing before or after some times, and stop playing at one; in all contracts.

        Times are ns since 1970 UTC, None: no such bound.
        """
        self._bounds = first, last, until
        latest = self._noted.latest_ts
        self.first_row = 0 if first is None else self.row_at(first - 1)
        self.last_row = self.rows if last is None else max(self.first_row, self.row_at(last))
        self.until_row = None if until is None else self.row_at(until)
        self.first_ts = int(latest[min(self.first_row, self.rows - 1)])
        self.last_ts = max(self.first_ts, int(latest[max(self.last_row, 1) - 1]))

    def subjects(self) -> list[Subject]:
        """Return who had a part in the contract, most events first."""
        roster = self.opened.roster
        events = np.bincount(self._noted.touch_account, minlength=len(roster.subject_of))
        total = np.zeros(len(roster.judged), np.int64)
        np.add.at(total, roster.subjects(), events)
        order = np.argsort(-total, kind="stable")
        return [self.opened.subject(judged) for judged in order[total[order] > 0].tolist()]

    @property
    def subject(self) -> Subject | None:
        """Who is followed."""
        return self._subject

    def follow(self, subject: Subject | str | None) -> None:
        """Follow a subject, or nobody. Raises InputError where the day has no such."""
        if isinstance(subject, str):
            subject = subject_named(subject, self.opened.roster, self.contract)
        judged = None if subject is None else self.opened.judged(subject)
        if subject is not None and judged is None:
            raise InputError(f"the day has no {subject.kind} {subject.name!r}")
        self._subject, self._judged = subject, judged
        members = [] if judged is None else self._standings.members(judged)
        self._own = np.zeros(len(self.opened.roster.subject_of) + 1, np.bool_)  # last: nobody
        self._own[members] = True
        self._own_touches = np.flatnonzero(self._own[self._noted.touch_account])
        self._own_rows = np.unique(self._noted.touch_row[self._own_touches])
        self._texts: dict[tuple[int, int], str] = {}

    # --- going about ---------------------------------------------------------------------------

    @property
    def row(self) -> int:
        """How many rows have been applied."""
        return self._course.row

    def seek_row(self, row: int) -> None:
        """Stand after so many rows."""
        row = min(max(row, self.first_row), self.last_row)
        self._course.go(row)

    def seek_ts(self, ts: int) -> None:
        """Stand before the first row that is later than a time, ns since 1970 UTC."""
        self.seek_row(self.row_at(ts))

    def row_at(self, ts: int) -> int:
        """Return how many rows stand at a time, ns since 1970 UTC."""
        return int(np.searchsorted(self._noted.latest_ts, ts, "right"))

    def step(self, rows: int) -> None:
        """Go so many rows on, or back."""
        self.seek_row(self.row + rows)

    def day_index(self, row: int) -> int:
        """Return the index, in all rows of the day, of a row from 1 on."""
        return self._course.day_index(row)

    def next_event(self, way: int) -> int | None:
        """Return the row of the next (1) or previous (-1) event of the followed subject."""
        return self._beyond(self._own_rows, way)

    def next_alert(self, way: int) -> int | None:
        """Return the row of the next (1) or previous (-1) alert in the contract."""
        rows = sorted({each.row for each in self.alerts if each.row is not None})
        return self._beyond(np.array(rows, np.int64), way)

    def _beyond(self, rows: npt.NDArray[Any], way: int) -> int | None:
        """Return the next of ascending rows, or the last before here, if it may be shown."""
        found = _beyond(rows, self.row, way)
        return found if found is not None and self.first_row < found <= self.last_row else None

    def at(self, when: datetime | str | int, subject: Subject | str | None = None) -> Moment:
        """Return what stood at a time: a datetime, ISO 8601, HH:MM:SS of the trading day, or ns.

        subject : follow it from now on; none: whoever is followed
        """
        if subject is not None:
            self.follow(subject)
        self.seek_ts(self.ts_of(when))
        return self.moment()

    def ts_of(self, when: datetime | str | int) -> int:
        """Return a time as ``at`` takes it as ns since 1970 UTC; raises InputError."""
        return moment_of(when, self.day, self.opened.calendar)

    # --- what stands ---------------------------------------------------------------------------

    def moment(self, *, hashed: bool = False) -> Moment:
        """Return what stands after the rows that have been applied.

        hashed : with the hash of the state, which takes the longer the more orders there were
        """
        facts = self.opened.roster.facts[self._id]
        last = self._last()
        bids, asks = self._counter.book(self._id, MOST_LEVELS)
        own = self._counter.resting_of(self._id, self._own[:-1].view(np.uint8))
        standings = () if self._judged is None else self._standings.of(
            self._judged, self._counter.peek()
        )  # fmt: skip
        return Moment(
            exchange=facts.exchange,
            contract=facts.contract,
            row=self.row,
            rows=self.rows,
            seq=None if last is None else int(last.seq[0]),
            ts=None if last is None else int(self._noted.latest_ts[self.row - 1]),
            said="" if last is None else self._said(last),
            phase=None if last is None else self._phase(last),
            tick=facts.tick,
            bids=levels(bids, own, Side.BUY),
            asks=levels(asks, own, Side.SELL),
            tape=tape(self._course, self._own),
            prices=self._line.until(self.row),
            subject=self._subject,
            orders=own_orders(own, self.opened.roster.account_name, self._order_text),
            standings=standings,
            fired=self._fired(),
            state_hash=self.state_hash() if hashed else None,
            book=self.opened.book,
        )

    def phase_at(self, ts: int) -> str | None:
        """Return the phase of a time at which the rows that stand are the last; None: not known.

        A phase that the log tells goes on until the sessions, if they fit the log, say closed.
        """
        last = self._last()
        if last is None:
            return None
        names = self.opened.spool.names
        at_row, now = (
            self._sessions.at(self._id, when, names) for when in (int(last.ts[0]), ts)
        )
        if now == Phase.CLOSED and at_row not in (None, Phase.CLOSED):
            return schema.word_of("phase", now)
        return self._phase(last) if self._phases is None else self._derived(self._phases, ts)

    def _derived(self, phases: Phases, ts: int) -> str | None:
        found = phases.at(self._id, ts, self.opened.spool.names)
        return None if found is None else schema.word_of("phase", found)

    def state_hash(self) -> int:
        """Return a hash of the contract's state, and of those it is connected with."""
        return self._counter.state_hash()

    @property
    def checkpoint_bytes(self) -> int:
        """How much room the checkpoints of the contract take on the disk."""
        return self._course.bytes

    @property
    def spool_bytes(self) -> int:
        """How much room the day's rows take on the disk."""
        return self.opened.spool.bytes

    def tallies(self) -> pa.Table:
        """Return a row a subject, as the scan's tallies of the contract's rows so far."""
        ready, log = self.opened.ready, self.opened.job.log
        table = DayTables(
            self._counter.peek(),
            self.opened.roster,
            log.day,
            sees_pairs=not ready.columns.isdisjoint(schema.MATCH_COLUMNS),
            sees_offset="offset" in ready.columns,
            sight=log.sight,
        ).tallies()
        facts = self.opened.roster.facts[self._id]
        mine = pc.and_(
            pc.equal(table["contract"], facts.contract), pc.equal(table["exchange"], facts.exchange)
        )
        return table.filter(mine)

    @property
    def _course(self) -> Course:
        assert self._shown is not None
        return self._shown

    @property
    def _noted(self) -> Noted:
        return self._course.noted

    # --- parts of a moment ---------------------------------------------------------------------

    def _last(self) -> Batch | None:
        """Return the last row that stands, None before the first."""
        return self._course.batch(np.array([self.row])) if self.row else None

    def _said(self, last: Batch) -> str:
        noted = self._noted
        first = count_until(noted.touch_row, self.row - 1)
        is_told = first < len(noted.touch_row) and noted.touch_row[first] == self.row
        side = int(noted.side(first)) if is_told else 0
        return said(last, side, self.opened.roster.facts[self._id].tick, self.opened.lang)

    def _phase(self, last: Batch) -> str | None:
        if last.phase is not None and last.phase[0]:
            return schema.word_of("phase", int(last.phase[0]))
        return None if self._phases is None else self._derived(self._phases, int(last.ts[0]))

    def _order_text(self, high: int, low: int) -> str:
        """Return an order's id as the log writes it."""
        text = ids.unpack(high, low)
        if text is not None:
            return text
        if (high, low) not in self._texts:
            self._remember_texts()
        return self._texts.get((high, low), f"{high:016x}{low & (2**64 - 1):016x}")

    def _remember_texts(self) -> None:
        """Read the ids of all orders that the subject's accounts opened."""
        what = self._noted.what(self._own_touches)
        opened = self._own_touches[(what == What.ORDER) | (what == What.CARRIED)]
        if not len(opened):
            return
        batch = self._course.batch(self._noted.touch_row[opened].astype(np.int64))
        if batch.order_text is None or batch.order_high is None:
            return
        keys = zip(batch.order_high.tolist(), batch.order.tolist(), strict=True)
        self._texts = dict(zip(keys, batch.order_text.tolist(), strict=True))

    # --- alerts --------------------------------------------------------------------------------

    def _place_alarms(self) -> None:
        """Find of each alert its row in the contract, and from which row on it has fired.

        What another contract's row fires after the last row of this one is not among them.
        """
        indices = [each.index for each in self.opened.alarms if each.index is not None]
        places = self._course.rows_before(np.array(indices, np.int64))
        self.alerts: list[Fired] = []
        self._fires: list[int] = []
        for number, each in enumerate(self.opened.alarms):
            row = None
            fires = self.rows
            if each.index is not None:
                fires = int(places[number]) + 1
                row = fires if self._is_at(int(places[number]), each.index) else None
            self.alerts.append(replace(each.fired, row=row))
            self._fires.append(fires)

    def _is_at(self, before: int, index: int) -> bool:
        """Whether the row after so many of the contract is the day's row ``index``."""
        return before < self.rows and self._course.day_index(before + 1) == index

    def _fired(self) -> tuple[Fired, ...]:
        ends = self._bounds[1] is None  # the day may be shown to its end
        so_far = [
            alert
            for alert, fires in zip(self.alerts, self._fires, strict=True)
            if self.first_row < fires <= self.row and (ends or alert.ts is not None)
        ]
        return tuple(reversed(so_far))


def _beyond(rows: npt.NDArray[Any], row: int, way: int) -> int | None:
    """Return the next of ascending rows after, or the last before, a row."""
    if way > 0:
        at = int(np.searchsorted(rows, row, "right"))
    else:
        at = int(np.searchsorted(rows, row, "left")) - 1
    return int(rows[at]) if 0 <= at < len(rows) else None
