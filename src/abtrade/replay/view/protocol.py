"""Session: what the view asks of a replayed day, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from ..moment import Moment, Subject


class Session(Protocol):
    """A contract of a replayed day that can be put to any of its moments.

    Row ``n`` means that the first ``n`` rows of the contract stand. Seeking stays between
    ``first_row`` and ``last_row``. Only one thread may ask.
    """

    @property
    def day(self) -> date:
        """The trading day."""

    @property
    def contracts(self) -> Sequence[str]:
        """All contracts of the day as they are written: ``SHFE.cu2503``."""

    @property
    def contract(self) -> str:
        """The one that is shown."""

    @property
    def rows(self) -> int:
        """How many rows the contract has."""

    @property
    def last_row(self) -> int:
        """The last row that can be gone to."""

    @property
    def until_row(self) -> int | None:
        """Where playing stops; None: at the last row."""

    @property
    def first_ts(self) -> int:
        """When the first row was that can be gone to, ns."""

    @property
    def last_ts(self) -> int:
        """When the last row was that can be gone to, ns."""

    @property
    def row(self) -> int:
        """How many rows stand."""

    @property
    def subject(self) -> Subject | None:
        """Who is followed."""

    def moment(self) -> Moment:
        """Return what stands now."""

    def phase_at(self, ts: int, /) -> str | None:
        """Return the phase of a time by the contract's sessions; None: not known."""

    def seek_row(self, row: int, /) -> None:
        """Go to where so many rows stand."""

    def seek_ts(self, ts: int, /) -> None:
        """Go to before the first row later than ``ts``."""

    def ts_of(self, when: str, /) -> int:
        """Return a time of the trading day as people write it, ns; raises InputError."""

    def step(self, rows: int, /) -> None:
        """Go so many rows on, or back where negative."""

    def follow(self, subject: Subject | None, /) -> None:
        """Mark the orders and tell the counts of a subject, of nobody for None."""

    def subjects(self) -> Sequence[Subject]:
        """Return the contract's subjects, those with most events first."""

    def next_event(self, direction: int, /) -> int | None:
        """Return the row of the followed subject's next (+1) or last (-1) event from here."""

    def next_alert(self, direction: int, /) -> int | None:
        """Return the row of the contract's next (+1) or last (-1) alert from here."""

    def show(self, contract: str, /) -> None:
        """Show another contract, from before its first row; what may be gone to stays."""
