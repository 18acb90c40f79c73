"""OpenedDay: a day that was scanned and spooled: its alerts, its rows, and engines to feed them to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..alert_message import message
from ..alerts import Alert, Tipping
from ..book_keeper import PLACE_COLUMNS
from ..compiled import CompiledEngine
from ..engine import Engine
from ..job import Job
from ..market.calendar import Calendar
from ..market.sessions import load_sessions
from ..phases import Phases
from ..plan import Plan
from ..roster import Roster
from ..scan import put_rules
from ..schema import BROKER
from ..wording import Language
from .moment import Fired, Subject
from .spool import Spool
from .track import Touches

Place = tuple[str, int, int]
"""Where a row stands in the log: exchange, channel (0 where there are none), seq."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert, and the row of the day at which it reached its highest level."""

    fired: Fired
    index: int | None  # of that row in the day; None: known at the end of the day only
    contract: int | None  # of that row


class OpenedDay:
    """One day, read once.

    ``alarms`` are in the order in which they fire, those of the end of the day last.
    """

    def __init__(self, job: Job, lang: Language) -> None:
        self.spool = Spool()
        job.listener = self.spool
        try:
            counted = job.count()
            verdicts, _, _ = put_rules(job.log, counted)
        except BaseException:
            self.spool.close()
            raise
        self.job = job
        self.lang: Language = lang
        self.ready = counted.ready
        self.roster: Roster = counted.engine.roster
        self.rows_of = self.spool.contracts()
        self.plan: Plan = replace(self.ready.compiled.plan, book=True)
        self.alerts = verdicts.alerts
        self.alarms = self._alarms(self.alerts)

    @property
    def calendar(self) -> Calendar:
        """The days around this one."""
        return self.job.log.calendar

    @property
    def book(self) -> str:
        """What books hold: ``whole``, ``broker`` (one broker's orders), ``none`` (no book)."""
        log = self.job.log
        if not log.sight.has_history or not set(PLACE_COLUMNS) <= set(log.columns):
            return "none"
        return "broker" if log.visibility == BROKER else "whole"

    def engine(self, touches: Touches) -> tuple[Engine, CompiledEngine]:
        """Return an engine at the day's first row that knows everybody, and its counter."""
        spool = self.spool
        engine = self.ready.engine(
            "core", spool.names, keep_finished=spool.keep_finished, keep_openings=True,
            plan=self.plan, observers=[touches],
        )  # fmt: skip
        engine.introduce()
        assert isinstance(engine.counter, CompiledEngine)
        return engine, engine.counter

    def name(self, contract: int) -> str:
        """Return how a contract is written: its exchange, where one is known, and its name."""
        facts = self.roster.facts[contract]
        return facts.contract if facts.exchange == "-" else f"{facts.exchange}.{facts.contract}"

    def contracts(self) -> dict[str, int]:
        """Return the contracts that have rows, by name, the busiest first."""
        busy = sorted(self.rows_of, key=lambda contract: (-self.rows_of[contract], contract))
        return {self.name(contract): contract for contract in busy}

    def phases(self) -> Phases | None:
        """Return what tells the phase of each row where the log does not; None: nothing does."""
        told = self.ready.phases
        return None if told is None or told.unusable() is not None else told

    def sessions(self) -> Phases:
        """Return what tells the phase of a time, whatever the log says of its rows."""
        log = self.job.log
        return Phases(
            load_sessions(self.job.tables["sessions"]), log.calendar, self.ready.contracts,
            log.day, everywhere=False,
        )  # fmt: skip

    def subject(self, judged: int) -> Subject:
        """Return a subject by its id in the roster."""
        exchange, kind, name = self.roster.judged[judged]
        return Subject(kind, name, self.roster.names.exchanges[exchange])

    def judged(self, subject: Subject) -> int | None:
        """Return the id of a subject in the roster, None where the day has no such."""
        names = self.roster.names.exchanges
        if subject.exchange not in names:
            return None
        key = (names.index(subject.exchange), subject.kind, subject.name)
        return self.roster._subject_ids.get(key)

    def close(self) -> None:
        """Give the room on the disk back."""
        self.spool.close()

    def _alarms(self, alerts: list[Alert]) -> list[Alarm]:
        keys = [_tipping_row(alert) for alert in alerts]
        places = self._places({key for key in keys if key is not None})
        found = [
            Alarm(_fired(alert, self.lang), *((None, None) if key is None else places[key]))
            for alert, key in zip(alerts, keys, strict=True)
        ]
        return sorted(found, key=lambda each: (each.index is None, each.index or 0))

    def _places(self, wanted: set[Place]) -> dict[Place, tuple[int, int]]:
        """Return (index in the day, contract) of rows by exchange, channel and seq."""
        found: dict[Place, tuple[int, int]] = {}
        seqs = np.unique(np.array([seq for _, _, seq in wanted], np.int64))
        for index, contract, channel, seq in self.spool.find(seqs) if wanted else ():
            key = (self.roster.facts[contract].exchange, channel, seq)
            if key in wanted:
                found.setdefault(key, (index, contract))
        return found


def _tip(alert: Alert) -> Tipping | None:
    return alert.red if alert.level == "red" else alert.yellow


def _tipping_row(alert: Alert) -> Place | None:
    tip = _tip(alert)
    return None if tip is None else (alert.result.exchange, tip.channel or 0, tip.seq)


def _fired(alert: Alert, lang: Language) -> Fired:
    result, tip = alert.result, _tip(alert)
    subject = Subject(result.subject_kind, result.subject, result.exchange)
    return Fired(
        alert.alert_id, result.rule, alert.level, subject, result.scope,
        result.counted if tip is None else tip.count,
        None if tip is None else tip.seq, None if tip is None else tip.ts, None,
        message(alert, lang),
    )  # fmt: skip
