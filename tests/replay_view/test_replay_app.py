"""The view under a terminal made up by Textual: keys, dialogs, sizes, playing."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from made_session import CLIENT, GROUP, ROWS, SECOND, MadeSession
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from abtrade.replay.view import app as view_app
from abtrade.replay.view.app import Picture, View
from abtrade.replay.view.dialogs import Choice, Jump, Page
from abtrade.replay.view.request import Request
from abtrade.wording import LANGUAGES, Language

Play = Callable[[View, "Pilot[None]"], Awaitable[None]]


def shown(view: View) -> str:
    picture = view.screen_stack[0].query_one(Picture)
    rows = range(picture.size.height)
    return "\n".join("".join(part.text for part in picture.render_line(y)) for y in rows)


async def settle(view: View, pilot: Pilot[None]) -> None:
    """Wait until all that was asked has arrived and is drawn."""
    await pilot.pause(0)
    while view.is_waiting:
        await asyncio.sleep(0.002)
    await pilot.pause(0)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait until something holds; a dialog that closes tells its answer a little later."""
    for _ in range(400):
        await pilot.pause(0.005)
        if holds():
            return
    raise AssertionError("that did not come")


async def press(view: View, pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        view.simulate_key(key)
        await settle(view, pilot)


def watch(
    play: Play, session: MadeSession | None = None, row: int = 290, lang: Language = "en",
    size: tuple[int, int] = (80, 24), speed: float = 5.0,
) -> View:  # fmt: skip
    view = View(session or MadeSession(lang=lang), row, speed, lang)

    async def run() -> None:
        async with view.run_test(size=size) as pilot:
            await settle(view, pilot)
            await play(view, pilot)

    asyncio.run(run())
    view.leave()
    assert view.failure is None
    return view


def row(view: View) -> int:
    assert view.moment is not None
    return view.moment.row


def test_keys_lead_where_they_say() -> None:
    async def play(view: View, pilot: Pilot[None]) -> None:
        async def leads(key: str, to: int) -> None:
            await press(view, pilot, key)
            assert (key, row(view)) == (key, to)

        await leads("right", 291)
        await leads("left", 290)
        await leads("full_stop", 292)  # two rows a second
        await leads("comma", 290)
        await leads("right_square_bracket", 410)
        await leads("left_square_bracket", 290)
        await leads("a", 300)
        assert "» 09:32:29.500  yellow  shfe.cancel_count client C1" in shown(view)
        await leads("a", 500)
        await leads("a", 500)
        assert "no later alert in this contract" in shown(view)
        await leads("A", 300)
        await leads("e", 310)
        await leads("E", 300)
        await leads("end", ROWS)
        await leads("e", ROWS)
        assert "no later event of client C1" in shown(view)
        await leads("home", 0)
        assert "before the first row" in shown(view)

    watch(play)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_dialogs(lang: Language) -> None:
    """Help, messages, a time, a subject, a contract; whatever a name holds, it is a name."""
    session = MadeSession(lang=lang, name="[red]\x1b[@click=app.quit]q[/]")

    async def play(view: View, pilot: Pilot[None]) -> None:
        async def opens(key: str, kind: type[Screen[Any]]) -> None:
            view.simulate_key(key)
            await until(pilot, lambda: isinstance(view.screen, kind) and view.screen.is_mounted)

        async def closes(key: str) -> None:
            view.simulate_key(key)
            await until(pilot, lambda: len(view.screen_stack) == 1)
            await settle(view, pilot)

        await opens("h", Page)
        await closes("escape")
        await opens("s", Choice)
        offered = view.screen.query_one(OptionList)
        await until(pilot, lambda: offered.option_count == 3)
        assert str(offered.get_option_at_index(1).prompt).endswith(
            "[red]\\x1b[@click=app.quit]q[/]"
        )
        view.screen.query_one(Input).value = "g7"
        await until(pilot, lambda: offered.option_count == 1)
        await closes("enter")
        await until(pilot, lambda: session.subject == GROUP)
        await press(view, pilot, "end")
        await opens("m", Page)
        await closes("q")
        await opens("g", Jump)
        view.screen.query_one(Input).value = "9:31"
        await closes("enter")
        await until(pilot, lambda: row(view) == 121)
        await opens("g", Jump)
        view.screen.query_one(Input).value = "[b]25:00"
        await closes("enter")
        await until(pilot, lambda: "[b]25:00 " in shown(view))
        assert row(view) == 121
        await opens("c", Choice)
        await until(pilot, lambda: view.screen.query_one(OptionList).option_count == 3)
        view.simulate_key("down")
        await pilot.pause(0.01)
        await closes("enter")
        await until(pilot, lambda: session.contract == "SHFE.cu2504")
        await settle(view, pilot)
        assert row(view) == 121

    watch(play, session, lang=lang, size=(100, 30))


def test_the_phase_is_that_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two rows there may be a pause."""
    monkeypatch.setattr(view_app, "SECOND", SECOND // 4)

    async def play(view: View, pilot: Pilot[None]) -> None:
        assert "continuous" in shown(view)
        await press(view, pilot, "full_stop")
        assert row(view) == 290
        assert "continuous" not in shown(view)
        assert "closed" in shown(view)
        await press(view, pilot, "right")
        assert "continuous" in shown(view)

    watch(play)


@pytest.mark.parametrize(("said", "told"), [
    ("2025-01-13T10:00", "2025-01-13T10:00 is of another trading day than 2025-01-10"),
    ("20:00:00", "20:00:00 is not within the rows, 09:30:00 to 09:34:59"),
    ("soon", "soon is no time: 10:31, 21:00:05.250 are"),
])  # fmt: skip
def test_a_time_that_cannot_be_gone_to_is_told_whole(said: str, told: str) -> None:
    async def play(view: View, pilot: Pilot[None]) -> None:
        view._ask(Request("time", said))
        await settle(view, pilot)
        assert told in shown(view)

    watch(play)


def test_the_suspect_of_the_latest_alert_is_followed() -> None:
    session = MadeSession(subject=None)

    async def play(view: View, pilot: Pilot[None]) -> None:
        await press(view, pilot, "f")
        assert "no alert has fired by now" in shown(view)
        await press(view, pilot, "e")
        assert "nobody is followed: press s" in shown(view)
        await press(view, pilot, "a", "f")
        assert session.subject == CLIENT
        assert "following client C1" in shown(view)
        await press(view, pilot, "a", "f")
        assert session.subject == GROUP

    watch(play, session)


def test_sizes() -> None:
    """Every size is drawn whole; less than 80 by 24 is told, and more again is used."""

    async def play(view: View, pilot: Pilot[None]) -> None:
        for size in ((160, 50), (100, 30), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0)
            lines = shown(view).split("\n")
            assert (len(lines[0]), len(lines)) == size
            assert "Own orders" in shown(view)
        await pilot.resize_terminal(79, 24)
        await pilot.pause(0)
        assert "needs 80 columns and 24 lines; the terminal has 79 and 24" in " ".join(
            shown(view).split()
        )
        await press(view, pilot, "right")
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0)
        assert "row 291 of 600" in shown(view)

    watch(play)


def test_it_plays_by_the_log_s_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = 1_000.0
    monkeypatch.setattr(view_app, "monotonic", lambda: wall)
    monkeypatch.setattr(view_app, "FRAME", 1e6)  # the test ticks itself

    async def play(view: View, pilot: Pilot[None]) -> None:
        nonlocal wall

        async def tick(seconds: float) -> None:
            nonlocal wall
            wall += seconds
            view.tick()
            await settle(view, pilot)

        await press(view, pilot, "space")
        await tick(0.1)
        assert row(view) == 91  # half a second of the log at 5x
        await tick(0.1)
        assert row(view) == 92
        assert "playing 5x" in shown(view)
        await press(view, pilot, "minus")
        await tick(1.0)
        assert row(view) == 96  # two seconds at 2x
        assert "frames skipped: 9" in shown(view)
        await press(view, pilot, "space")
        await tick(5.0)
        assert row(view) == 96
        assert "paused 2x" in shown(view)
        await press(view, pilot, *["plus"] * 9, "space")
        for _ in range(12):
            await tick(0.1)
        assert row(view) == ROWS
        assert "the day is played to its end" in shown(view)
        assert "paused max" in shown(view)

    watch(play, row=90, speed=5.0)


def test_playing_stops_where_it_is_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_app, "FRAME", 1e6)

    async def play(view: View, pilot: Pilot[None]) -> None:
        await press(view, pilot, "space")
        for _ in range(9):
            view.tick()
            await settle(view, pilot)
        assert row(view) == 333
        assert not view.pace.playing
        await press(view, pilot, "right")
        assert row(view) == 334

    watch(play, MadeSession(until_row=333), speed=math.inf)


def test_a_seek_does_not_hold_the_screen_and_the_last_one_wins() -> None:
    gate = threading.Event()
    session = MadeSession()

    async def play(view: View, pilot: Pilot[None]) -> None:
        session.waits = gate
        view.simulate_key("home")
        await asyncio.sleep(0.02)
        for key in ("right", "right", "end", "home", "end", "left", "left"):
            view.simulate_key(key)
        view.simulate_key("h")  # the screen goes on
        await pilot.pause(0)
        assert isinstance(view.screen, Page)
        assert row(view) == 290
        view.simulate_key("escape")
        gate.set()
        await settle(view, pilot)
        assert row(view) == ROWS - 2
        assert session.asked[-3:] == ["row 0", f"row {ROWS}", f"row {ROWS - 2}"]

    watch(play, session)


def test_what_the_session_raises_ends_the_view() -> None:
    class Broken(MadeSession):
        def seek_row(self, row: int) -> None:
            raise OSError("the disk is full")

    view = View(Broken(), 5, 1.0, "en")

    async def run() -> None:
        async with view.run_test(size=(80, 24)) as pilot:
            for _ in range(100):
                await pilot.pause(0)
                if view.failure is not None:
                    return

    asyncio.run(run())
    assert isinstance(view.failure, OSError)


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def colours() -> set[str]:
        found: set[str] = set()

        async def play(view: View, pilot: Pilot[None]) -> None:
            await press(view, pilot, "a")
            picture = view.screen_stack[0].query_one(Picture)
            parts = (part for line in picture.render_lines(Region(0, 0, 80, 24)) for part in line)
            for style in (part.style for part in parts if part.style):
                found.update(each.name for each in (style.color, style.bgcolor) if each)

        watch(play)
        return found

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert {"red", "green", "yellow", "cyan"} < colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert colours() <= {"default"}
