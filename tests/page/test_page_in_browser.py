"""The page of an explained alert in a real browser, which is not to reach out for anything."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_pages import HOSTILE, explained_day, many_orders, write

from abtrade.explain import Explanation
from abtrade.market_line import Line

playwright = pytest.importorskip("playwright.sync_api")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("ABTRADE_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = pytest.mark.skipif(
    BROWSER is None,
    reason="no browser: install one (Debian: apt install chromium), or name it in ABTRADE_BROWSER",
)
FRAME_MS = 50.0
"""How long drawing 20,000 orders may take; a slow machine under load is given room."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        opened = started.chromium.launch(executable_path=BROWSER, args=sandbox)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    return explained_day(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def small(day: Explanation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(day, tmp_path_factory.mktemp("small") / "page.html")


FIND_TIP = """(text) => {
    const [stage, tip] = ["stage", "tip"].map((id) => document.getElementById(id));
    const box = stage.getBoundingClientRect();
    for (let y = 8; y < box.height * 0.65; y += 5) {
        for (let x = 70; x < box.width - 20; x += 12) {
            const place = [Math.round(box.x + x), Math.round(box.y + y)];
            const [clientX, clientY] = place;
            stage.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
            if (!tip.hidden && tip.textContent.includes(text)) return place;
        }
    }
    return null;
}"""


CHART_IN_PDF = 4_000
"""Bytes that the picture of a chart adds to a sheet, at the least; a blank one adds far fewer."""
COUNT_AT_LEFT = """() => {
    const c = document.getElementById("picture");
    const at = c.getContext("2d").getImageData(72, 0, 1, c.height).data;
    const isLine = (i) => at[4 * i + 3] > 200 && at[4 * i] < 80 && at[4 * i + 2] < 110;
    return [...Array(c.height).keys()].filter((i) => i > c.height * 0.7 && isLine(i))[0];
}"""


class Opened:
    """A page in the browser, and what went wrong in it."""

    def __init__(self, browser: Any, path: Path) -> None:
        self.wrong: list[str] = []
        self.page = browser.new_page(viewport={"width": 1200, "height": 1700})
        self.page.on("console", lambda said: self.wrong.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.route("**/*", self._only_files)
        self.page.goto(path.as_uri())
        self.frame()

    def _only_files(self, route: Any) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.wrong.append(f"asked for {route.request.url}")
            route.abort()

    def frame(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.evaluate("new Promise(r => requestAnimationFrame(() => setTimeout(r)))")

    @property
    def window(self) -> str:
        self.frame()
        return self.page.inner_text("#window")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in the chart, told as shares of its width and height."""
        box = self.page.locator("#stage").bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def ink(self, canvas: str = "picture") -> int:
        """Return how many pixels of a canvas are drawn on."""
        return self.page.evaluate(
            """(id) => {
                const shown = document.getElementById(id);
                const c = new OffscreenCanvas(shown.width, shown.height);
                const copy = c.getContext("2d", { willReadFrequently: true });
                copy.drawImage(shown, 0, 0);
                const d = copy.getImageData(0, 0, c.width, c.height).data;
                let n = 0;
                for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
                return n;
            }""",
            canvas,
        )

    def nearest_order(self, text: str) -> tuple[float, float]:
        """Look where in the chart the tip has a text, move the mouse there; return the place."""
        place = self.page.evaluate(FIND_TIP, text)
        assert place is not None, f"nowhere in the chart is {text!r}"
        self.page.mouse.move(*place)
        assert text in self.page.inner_text("#tip")
        return place[0], place[1]


@pytest.fixture
def opened(browser: Any, small: Path) -> Iterator[Opened]:
    page = Opened(browser, small)
    yield page
    assert page.wrong == []
    page.page.close()


def test_the_page_shows_the_alert_its_chart_and_its_events(opened: Opened) -> None:
    page = opened.page
    assert page.inner_text("#level") == "red"
    assert "made 3 cancels" in page.inner_text("#message")
    assert "Handbook of the desk" in page.inner_text("#clause")
    assert page.locator(".row:visible").count() == 3
    assert "red" in page.locator(".row.red").inner_text()
    assert opened.ink() > 2_000
    assert opened.window == "2025-02-17 21:00:00 – 2025-02-18 14:31:00"
    assert "cut out at dotted lines: 3" in page.inner_text("#chart-said")


def test_hostile_names_are_told_and_do_nothing(opened: Opened) -> None:
    page = opened.page
    assert HOSTILE in page.inner_text("#title")
    assert page.locator("img").count() == 0
    assert page.title() != "run"
    assert any(HOSTILE in text for text in page.locator(".row").all_inner_texts())


def test_zoom_by_wheel_drag_keys_and_buttons(opened: Opened) -> None:
    page, whole = opened.page, opened.window
    seen = {whole}

    def changes() -> None:
        assert opened.window not in seen
        seen.add(opened.window)

    def back() -> None:
        page.click("#whole")
        assert opened.window == whole

    page.mouse.move(*opened.at(0.5, 0.3))
    page.mouse.wheel(0, -300)
    changes()
    back()
    page.mouse.move(*opened.at(0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*opened.at(0.4, 0.3))
    page.mouse.up()
    changes()
    zoomed = opened.window
    page.mouse.move(*opened.at(0.5, 0.98))
    page.mouse.down()
    page.mouse.move(*opened.at(0.3, 0.98))
    page.mouse.up()
    changes()
    assert opened.window > zoomed  # later
    back()
    page.focus("#stage")
    for key in ("+", "ArrowLeft", "ArrowRight", "-"):
        page.keyboard.press(key)
    assert opened.window == whole
    page.keyboard.press("+")
    changes()
    back()
    page.click("#zoom-in")
    page.click("#pan-right")
    changes()
    page.click("#fit")
    changes()


def test_pointing_tells_the_order_in_full(opened: Opened) -> None:
    opened.nearest_order("Order 4 of")
    told = opened.page.inner_text("#tip")
    assert HOSTILE in told
    assert "9 lots" in told
    assert "part filled, then cancelled" in told
    assert re.search(r"09:10:00\.000000000\s+trade\s+4 lots\s+@ 78010\s+left 5", told)
    assert opened.ink("overlay") > 0
    opened.nearest_order("with itself")


def test_a_row_moves_the_chart_and_the_chart_chooses_a_row(opened: Opened) -> None:
    page, whole = opened.page, opened.window
    page.locator(".row").nth(2).click()
    assert opened.window != whole
    assert page.locator(".row[aria-selected=true]").count() == 1
    page.click("#whole")
    page.fill("#find", "nothing at all")
    assert page.locator(".row:visible").count() == 0
    page.mouse.click(*opened.nearest_order("Order 2 of"))
    chosen = page.locator(".row[aria-selected=true]")
    assert chosen.get_attribute("data-event") == "0"
    assert page.input_value("#find") == ""


def test_sorting_and_searching(opened: Opened) -> None:
    page = opened.page
    first = page.locator(".row").nth(0)
    page.click("#headers button[data-name=seq]")
    page.click("#headers button[data-name=seq]")
    assert page.locator("[aria-sort=descending]").inner_text().startswith("seq")
    assert first.get_attribute("data-event") == "2"
    page.fill("#find", "77980")
    assert page.inner_text("#found") == "1 of 3"
    page.select_option("#shown", "left_out")
    assert page.inner_text("#found") == "0 of 3"


def test_turned_to_chinese_and_to_dark(opened: Opened) -> None:
    page = opened.page
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#lang")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.inner_text("#level") == "红灯"
    assert "撤单 3 次" in page.inner_text("#message")
    assert "撤单" in page.locator(".row").nth(0).inner_text()
    page.click("#theme")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.click("#lang")
    assert page.inner_text("#level") == "red"


def test_on_paper_every_row_is_there(opened: Opened) -> None:
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".row:visible").count() == 3
    assert not page.is_visible("#lang")
    page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_the_printed_sheet_has_the_chart_and_columns_that_fit(opened: Opened) -> None:
    page = opened.page
    with_chart = len(page.pdf(prefer_css_page_size=True))
    page.evaluate("document.getElementById('picture').style.visibility = 'hidden'")
    chart = with_chart - len(page.pdf(prefer_css_page_size=True))
    assert chart > CHART_IN_PDF
    page.evaluate("document.getElementById('picture').style.visibility = ''")
    page.set_viewport_size({"width": 1032, "height": 700})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    ends = page.evaluate(
        "[...document.querySelectorAll('[role=columnheader]')]"
        ".map((cell) => cell.getBoundingClientRect().right)"
    )
    assert len(ends) > 5
    assert max(ends) <= 1032
    assert "no room: " in page.inner_text("#printed")
    assert opened.ink() > 2_000
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("[role=columnheader]").count() > len(ends)


def test_the_chart_turns_to_the_contract_that_is_chosen(
    browser: Any, day: Explanation, tmp_path: Path
) -> None:
    scene = day.scene
    assert scene is not None
    other = replace(scene.contracts[0], contract="cu2504", line=Line(trades=7, lots=9))
    two = replace(scene, contracts=[*scene.contracts, other])
    path = write(Explanation(day.alert, day.events, scene=two), tmp_path / "page.html")
    opened = Opened(browser, path)
    page, before = opened.page, opened.ink()
    assert page.locator("#contract option").all_inner_texts() == ["SHFE cu2503", "SHFE cu2504"]
    page.select_option("#contract", "1")
    opened.frame()
    assert "all 7 trades of the market in the contract (9 lots)" in page.inner_text("#chart-said")
    assert opened.ink() < before
    page.locator(".row").nth(0).click()  # an event in the first contract: the chart goes there
    assert page.input_value("#contract") == "0"
    assert opened.wrong == []
    page.close()


def test_a_position_begins_with_what_was_held(
    browser: Any, day: Explanation, tmp_path: Path
) -> None:
    """The pixels of the count's line left of the first event, from above."""
    found = []
    for opening in (0, 2):
        alert = day.alert | {"detail": {"opening": opening}}
        path = write(Explanation(alert, day.events, scene=day.scene), tmp_path / "page.html")
        opened = Opened(browser, path)
        found.append(opened.page.evaluate(COUNT_AT_LEFT))
        opened.page.close()
    assert found[1] < found[0] - 20


def test_a_name_as_long_as_a_book_leaves_the_chart_in_reach(
    browser: Any, day: Explanation, tmp_path: Path
) -> None:
    name = "Z" * 10_000
    alert = day.alert | {"subject": name, "accounts": [name], "message": name}
    opened = Opened(browser, write(Explanation(alert, day.events, scene=day.scene),
                                   tmp_path / "page.html"))  # fmt: skip
    assert opened.page.locator("#stage").bounding_box()["y"] < 1_700
    opened.page.close()


def test_without_an_order_of_time_or_without_events_there_is_no_chart(
    browser: Any, day: Explanation, tmp_path: Path
) -> None:
    scene = day.scene
    assert scene is not None
    states = Explanation(day.alert | {"visibility": "final-state"}, day.events, scene=scene)
    nothing = replace(scene, contracts=[], orders=[], touched=[], self_trades=set(), hours=[])
    compared = Explanation(day.alert, day.events.slice(0, 0), scene=nothing)
    for found, rows, said in ((states, 3, "last state only"), (compared, 0, "no events to draw")):
        opened = Opened(browser, write(found, tmp_path / "page.html"))
        page = opened.page
        assert said in page.inner_text("#chart")
        assert page.locator(".row:visible").count() == rows
        if rows:
            page.locator(".row").nth(1).click()
        page.click("#lang")
        page.click("#theme")
        opened.frame()
        assert opened.wrong == []
        page.close()


def test_20_000_orders_are_quick(browser: Any, day: Explanation, tmp_path: Path) -> None:
    opened = Opened(browser, write(many_orders(day, 20_000), tmp_path / "many.html"))
    page = opened.page
    assert page.inner_text("#found") == "20000 of 20000"
    assert page.locator(".row").count() < 60
    page.evaluate("document.getElementById('table').scrollTop = 15_000 * 24")
    opened.frame()
    assert page.locator(".row[data-event='15000']").count() == 1
    times = page.evaluate(
        """async () => {
            const stage = document.getElementById("stage");
            const frame = () => new Promise(requestAnimationFrame);
            const press = (key) => stage.dispatchEvent(new KeyboardEvent("keydown", { key }));
            const times = [];
            for (const key of "++-+----++0".split("").concat(Array(8).fill("ArrowRight"))) {
                await frame();
                press(key);
                const start = performance.now();
                await frame();
                times.push(performance.now() - start);
            }
            return times.sort((a, b) => a - b);
        }"""
    )
    assert times[len(times) // 2] < FRAME_MS
    assert opened.wrong == []
    page.close()
