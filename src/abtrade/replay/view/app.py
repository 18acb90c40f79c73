"""The view of a replayed day on a terminal: keys in, frames out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...wording import Language, term, text
from ..moment import Moment, Subject
from .dialogs import Choice, Jump, Page
from .fired import told
from .frame import frame
from .keys import KEYS, help_lines
from .lines import harmless
from .log_clock import FRAME, LogClock
from .pace import Pace, faster, slower
from .protocol import Session
from .request import Notice, Request
from .seeker import Arrival, Seeker
from .top import speed_text

SECOND = 1_000_000_000
SLOW = 0.3
"""After so many seconds the screen says that it is still on its way."""


def run(session: Session, start_row: int, speed: float, lang: Language) -> None:
    """Show a session on the terminal until the viewer leaves.

    start_row : where to begin; speed : times the log's clock, ``math.inf`` as fast as can be
    Raises what the session raises.
    """
    view = View(session, start_row, speed, lang)
    try:
        view.run()
    finally:
        view.leave()
    if view.failure is not None:
        raise view.failure


class Picture(Widget):
    """The frame on the screen; ``resized`` is called when it gets another size."""

    def __init__(self, resized: Callable[[], object]) -> None:
        super().__init__()
        self._resized = resized
        self._lines: list[Text] = []

    def on_resize(self) -> None:
        """Have the frame laid out anew."""
        self._resized()

    def draw(self, lines: list[Text]) -> None:
        """Show other lines."""
        self._lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a line of the frame."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        segments = [Segment(each.text, each.style or Style.null()) for each in
                    self._lines[y].render(self.app.console) if each.text]  # fmt: skip
        return Strip(segments, self._lines[y].cell_len)


class View(App[None]):
    """Shows a session; ``failure`` is what it raised."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", show=False, priority=True),
        *(Binding(key, action, show=False) for key, action, _ in KEYS),
    ]
    CSS = "Picture { width: 1fr; height: 1fr; }"

    class Arrived(Message):
        """The seeker has arrived somewhere."""

        def __init__(self, arrival: Arrival | Exception) -> None:
            super().__init__()
            self.arrival = arrival

    def __init__(self, session: Session, start_row: int, speed: float, lang: Language) -> None:
        super().__init__(ansi_color=True)  # the terminal's own colours, be they dark or light
        self.theme = "ansi-dark"
        self.failure: Exception | None = None
        self.lang = lang
        self.pace = Pace(speed=speed)
        self.notice = ""
        self.moment: Moment | None = None
        self._day, self._contracts = session.day, list(session.contracts)
        self._picture = Picture(self.draw)
        self._ts = 0
        self._clock = LogClock()
        self._seeker = Seeker(session, self._arrived)
        self._asked, self._done, self._asked_at = 0, 0, 0.0
        self._start = start_row

    # --- what is shown ---------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Show the frame alone."""
        yield self._picture

    def on_mount(self) -> None:
        """Go to where the view begins, and start the frame clock."""
        self._seeker.start()
        self._ask(Request("row", self._start))
        self.set_interval(FRAME, self.tick)

    def on_unmount(self) -> None:
        """Ask nothing more."""
        self._seeker.stop()

    def leave(self) -> None:
        """Wait until nobody asks the session any more; the terminal is given back by then."""
        self._seeker.stop()
        self._seeker.wait()

    def _arrived(self, arrival: Arrival | Exception) -> None:
        """Bring an arrival from the seeker's thread to the screen's."""
        with suppress(RuntimeError):  # the screen is gone, and its loop is closed
            self.post_message(self.Arrived(arrival))

    def draw(self) -> None:
        """Draw the frame of the moment."""
        if self.moment is None:
            return
        lines = frame(
            self.moment, self._day, self.pace, self.lang, *self._picture.size,
            ts=self._ts if self.moment.row else None, notice=self.notice,
        )  # fmt: skip
        self._picture.draw(lines)

    def on_view_arrived(self, event: Arrived) -> None:
        """Show where the seeker has arrived."""
        arrival = event.arrival
        if isinstance(arrival, Exception):
            self.failure = arrival
            self.exit()
            return
        self.moment, self._done, self._ts = arrival.moment, arrival.serial, arrival.ts
        if not arrival.played:
            self._set_clock()
            self.notice = "  ".join(map(self._said, arrival.notices))
        elif arrival.ended and self.pace.playing:
            self._play(playing=False)
            self.notice = text(self.lang, "replay.notice.end")
        self.draw()
        if arrival.offered is not None:
            self._offer_subjects(list(arrival.offered))
        if self.pace.is_max:
            self._play_on()

    @property
    def is_waiting(self) -> bool:
        """Whether something was asked that has not arrived."""
        return self._done < self._asked

    # --- playing ---------------------------------------------------------------------------------

    def tick(self) -> None:
        """Ask for the next frame, or count it as skipped while the last one is not there."""
        now = monotonic()
        busy = self.is_waiting
        if busy and not self.pace.playing and now - self._asked_at > SLOW and not self.notice:
            self._say("busy")
        if not self.pace.playing:
            return
        missed = self._clock.missed(now) + busy
        if missed and not self.pace.is_max:
            self.pace = replace(self.pace, skipped=self.pace.skipped + missed)
        if busy:
            return
        if self.pace.is_max:
            self._play_on()
        else:
            ts = self._clock.at(now, self.pace.speed)
            self._asked = self._seeker.ask(Request("clock", ts))

    def _play_on(self) -> None:
        """Go on at once where the day plays as fast as can be."""
        if self.pace.playing and not self.is_waiting:
            self._asked = self._seeker.play_on()

    def _play(self, *, playing: bool) -> None:
        self.pace = Pace(playing, self.pace.speed)
        self._set_clock()

    def _set_speed(self, speed: float) -> None:
        self._set_clock()
        self.pace = replace(self.pace, speed=speed)
        self.notice = speed_text(speed, self.lang)
        self.draw()

    def _set_clock(self) -> None:
        """Let the log's clock go on from where it stands."""
        self._clock.set(self._ts, monotonic())

    def _ask(self, *requests: Request) -> None:
        self.notice = ""
        self._asked, self._asked_at = self._seeker.ask(*requests), monotonic()

    def _say(self, key: str) -> None:
        self.notice = text(self.lang, f"replay.notice.{key}")
        self.draw()

    def _said(self, notice: Notice) -> str:
        values = {
            name: _who(value, self.lang) if isinstance(value, Subject) else harmless(str(value))
            for name, value in notice.values.items()
        }
        return text(self.lang, f"replay.notice.{notice.key}", **values)

    # --- keys ------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Play, or pause."""
        self.notice = ""
        self._play(playing=not self.pace.playing)
        self.draw()

    def action_step(self, rows: int) -> None:
        """Go on by rows; whoever steps wants no playing."""
        self._play(playing=False)
        self._ask(Request("step", rows))

    def action_second(self, seconds: int) -> None:
        """Go on by seconds."""
        self._ask(Request("shift", seconds * SECOND))

    def action_minute(self, minutes: int) -> None:
        """Go on by minutes."""
        self._ask(Request("shift", minutes * 60 * SECOND))

    def action_event(self, many: int) -> None:
        """Go to an event of the followed subject."""
        self._play(playing=False)
        self._ask(Request("event", many))

    def action_alert(self, many: int) -> None:
        """Go to an alert of the contract."""
        self._play(playing=False)
        self._ask(Request("alert", many))

    def action_edge(self, at: int) -> None:
        """Go to the beginning or the end."""
        self._play(playing=False)
        self._ask(Request("edge", at))

    def action_faster(self) -> None:
        """Play faster."""
        self._set_speed(faster(self.pace.speed))

    def action_slower(self) -> None:
        """Play slower."""
        self._set_speed(slower(self.pace.speed))

    def action_suspect(self) -> None:
        """Follow the suspect of the latest alert."""
        if self.moment is None or not self.moment.fired:
            self._say("no_suspect")
            return
        self._ask(Request("follow", self.moment.fired[0].subject))

    def action_jump(self) -> None:
        """Ask for a time and go there."""

        def go(said: str | None) -> None:
            if said is not None:
                self._ask(Request("time", said))

        self.push_screen(Jump(self.lang), go)

    def action_subject(self) -> None:
        """Have the subjects looked up, to choose from."""
        self._ask(Request("offer"))

    def action_contract(self) -> None:
        """Choose the contract."""

        def show(at: int | None) -> None:
            if at is not None:
                self._play(playing=False)
                self._ask(Request("show", self._contracts[at]))

        names = [harmless(name) for name in self._contracts]
        self.push_screen(Choice(text(self.lang, "replay.choose.contract"), names), show)

    def _offer_subjects(self, subjects: list[Subject]) -> None:
        offered = [None, *subjects]
        names = [text(self.lang, "replay.choose.nobody"),
                 *(_who(each, self.lang) for each in subjects)]  # fmt: skip

        def follow(at: int | None) -> None:
            if at is not None:
                self._ask(Request("follow", offered[at]))

        self.push_screen(Choice(text(self.lang, "replay.choose.subject"), names), follow)

    def action_messages(self) -> None:
        """Show the alerts so far with their whole messages."""
        alerts = self.moment.fired if self.moment is not None else ()
        if not alerts:
            self._say("no_suspect")
            return
        width = self.size.width * 9 // 10 - 6
        lines = [line for alert in alerts for line in (*told(alert, self.lang, width), Text(""))]
        self._page("replay.alerts", lines)

    def action_help(self) -> None:
        """Show the keys."""
        self._page("replay.help", help_lines(self.lang))

    def _page(self, title: str, lines: list[Text]) -> None:
        self.push_screen(Page(text(self.lang, title), lines, text(self.lang, "replay.close")))


def _who(subject: Subject, lang: Language) -> str:
    return f"{term(lang, 'kind', subject.kind)} {harmless(subject.name)}"
