"""Wanted: which contract, subject, alert and times of a day a user asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import InputError
from ..market.moments import moment_of
from ..safe_text import for_terminal
from .choosing import contract_named, subject_named
from .moment import Subject
from .opened import Alarm, OpenedDay
from .session import Session

SHOWN: Final = 10
"""How many ids of alerts an error lists."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None: not said. Times are ns since 1970 UTC.

    ``first`` and ``last`` bound what is shown; at ``until`` playing stops.
    """

    contract: str | None
    subject: Subject | None
    alarm: Alarm | None
    first: int | None
    last: int | None
    until: int | None

    def contract_shown(self, opened: OpenedDay) -> str | None:
        """Return the contract to begin with: the one asked for, else of the first alert shown."""
        if self.contract is not None:
            return self.contract
        shown = (alarm for alarm in opened.alarms if self.shows(alarm, opened))
        first = next(shown, None)
        return None if first is None else contract_of(opened, first)

    def shows(self, alarm: Alarm, opened: OpenedDay) -> bool:
        """Whether an alert is among those that are asked for."""
        fired = alarm.fired
        if self.contract not in (None, contract_of(opened, alarm)):
            return False
        return self.subject in (None, fired.subject) and self._is_in_time(fired.ts)

    def _is_in_time(self, ts: int | None) -> bool:
        """Whether a time is shown; None: the end of the day."""
        if ts is None:
            return self.last is None and self.until is None
        begins = [self.first, None if self.alarm is None else self.alarm.fired.ts]
        ends = [self.last, self.until]
        return all(begin is None or ts >= begin for begin in begins) and all(
            end is None or ts <= end for end in ends
        )

    def place(self, session: Session) -> int:
        """Bound a session and follow the subject; return the row at which it opens.

        That is where the alert fired, else the first row that is shown.
        """
        if self.subject is not None:
            session.follow(self.subject)
        session.bound(self.first, self.last, self.until)
        if self.alarm is None:
            return session.first_row
        alert_id, ts = self.alarm.fired.alert_id, self.alarm.fired.ts
        row = next(each.row for each in session.alerts if each.alert_id == alert_id)
        if row is not None:
            return row
        return session.last_row if ts is None else session.row_at(ts)


def wanted_of(
    opened: OpenedDay,
    contract: str | None,
    subject: str | None,
    alert: str | None,
    first: str | None,
    last: str | None,
    until: str | None,
) -> Wanted:
    """Return what texts ask for. Raises InputError for what the day has not, and for no times."""
    alarm = None if alert is None else alarm_named(opened, alert)
    known = list(opened.contracts())
    named = None if contract is None else contract_named(contract, known)
    if named is None and alarm is not None:
        named = contract_of(opened, alarm)
    whom = None if alarm is None else alarm.fired.subject
    if subject is not None and known:
        whom = subject_named(subject, opened.roster, named or known[0])
    day, calendar = opened.job.log.day, opened.calendar
    begin, end, stop = (
        None if text is None else moment_of(text, day, calendar) for text in (first, last, until)
    )
    for name, after in (("--to", end), ("--until", stop)):
        if begin is not None and after is not None and after < begin:
            raise InputError(f"{name} is before --from, expected a later time")
    return Wanted(named, whom, alarm, begin, end, stop)


def alarm_named(opened: OpenedDay, alert_id: str) -> Alarm:
    """Return the alert whose id is, or begins with, a text. Raises InputError."""
    found = [alarm for alarm in opened.alarms if alarm.fired.alert_id.startswith(alert_id)]
    if len(found) == 1:
        return found[0]
    ids = [alarm.fired.alert_id for alarm in opened.alarms]
    known = ", ".join(ids[:SHOWN]) or "none"
    if len(ids) > SHOWN:
        known += f" and {len(ids) - SHOWN} more"
    what = "no alert" if not found else f"{len(found)} alerts"
    raise InputError(
        f"alert {for_terminal(alert_id)}: the day has {what} whose id begins so; there are: {known}"
    )


def contract_of(opened: OpenedDay, alarm: Alarm) -> str:
    """Return the contract in which an alert is best seen: its row's, its scope's, the busiest."""
    known = {contract: name for name, contract in opened.contracts().items()}
    if alarm.contract is not None:
        return known[alarm.contract]
    kind, _, name = alarm.fired.scope.partition(":")
    exchange = alarm.fired.subject.exchange
    there = [
        each
        for contract, each in known.items()
        if opened.roster.facts[contract].exchange == exchange
        and (kind != "contract" or opened.roster.facts[contract].contract == name)
    ]
    return (there or list(known.values()))[0]
