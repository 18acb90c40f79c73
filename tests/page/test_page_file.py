"""The page of an explained alert as a file: what is in it, and that nothing in it can run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_pages import HOSTILE, explained_day, many_orders, write

from abtrade.errors import OutputError
from abtrade.explain import Explanation
from abtrade.market_line import Line, Market
from abtrade.sinks.page import page
from abtrade.sinks.page.page_data import page_data
from abtrade.wording import page_words


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    return explained_day(tmp_path_factory.mktemp("day"))


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.found[-1][0] if self.found else "", []).append(data)


def test_lives_of_orders_are_told_step_by_step(day: Explanation) -> None:
    scene = day.scene
    assert scene is not None
    assert [(life.text, life.fate) for life in scene.orders] == [
        ("2", "cancelled"), ("4", "part"), ("5", "filled"), ("6", "filled"), ("7", "cancelled"),
        ("8", "rested"),
    ]  # fmt: skip
    amended = scene.orders[1]
    assert [(s.action, s.price, s.left) for s in amended.steps] == [
        ("new", "77990", 9), ("amend", "78010", 9), ("trade", "78010", 5), ("cancel", None, 0),
    ]  # fmt: skip
    assert {key.low for key, _ in scene.self_trades} == {5, 6}
    assert scene.touched == [[0], [1], [4]]


def test_hours_without_trading_are_cut_out_and_the_markets_trades_are_all_there(
    day: Explanation,
) -> None:
    scene = day.scene
    assert scene is not None
    minutes = [(end - start) // (60 * 10**9) for start, end in scene.hours]
    # 21:00 to 01:00; 08:55 with the auction, 10:30 and 13:30 to 14:31, where the log ends
    assert minutes == [240, 80, 60, 61]
    (shown,) = scene.contracts
    assert (shown.line.price * 10).tolist() == [78010, 78010, 78020]


def test_nothing_from_outside_is_markup(day: Explanation, tmp_path: Path) -> None:
    text = write(day, tmp_path / "page.html").read_text("utf-8")
    elements = Elements(text)
    assert "img" not in dict(elements.found)
    assert sum(tag == "script" for tag, _ in elements.found) == 2
    data = json.loads(re.search('id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["subject"] == HOSTILE
    assert not re.search("[<>&\u2028\u2029]", page.json_block({"a": "<>&\u2028\u2029"}))


def test_the_policy_names_the_script_and_the_style_that_are_there(
    day: Explanation, tmp_path: Path
) -> None:
    text = write(day, tmp_path / "page.html").read_text("utf-8")
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    for tag in ("script", "style"):
        body = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_a_page_is_refused_where_a_browser_could_not_hold_it(
    day: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "EVENTS_AT_MOST", 9)
    with pytest.raises(OutputError, match="10 events, of which a page takes 9"):
        write(many_orders(day, 10), tmp_path / "many.html")
    assert not list(tmp_path.iterdir())
    with pytest.raises(OutputError, match=r"ends with \.html or \.htm"):
        page.check_page(tmp_path / "page.pdf")


def test_every_word_the_script_asks_for_is_there() -> None:
    folder = Path(page.__file__).parent
    script = "".join((folder / f"{name}.js").read_text("utf-8") for name in page.SCRIPTS)
    asked = set(re.findall(r'\bword\("([\w.-]+)"', script))
    asked |= set(re.findall(r'data-(?:word|title)="([\w.-]+)"', (folder / "page.html").read_text()))
    assert asked
    for lang in ("en", "zh"):
        assert asked - page_words(lang).keys() == set()
    assert {path.stem for path in folder.glob("*.js")} == set(page.SCRIPTS)


@pytest.mark.parametrize("seed", range(3))
def test_a_line_is_thinned_without_losing_an_extreme(seed: int) -> None:
    draw = np.random.default_rng(seed)
    ts = np.sort(draw.integers(0, 10**13, 30_000))
    price = draw.integers(-50, 50, 30_000).cumsum()
    line = Line()
    for part in np.array_split(np.arange(30_000), 7):
        line.add(ts[part], price[part], 500)
        assert len(line.ts) <= 1_000 + 30_000 // 7 + 1
    line.thin(500)
    assert len(line.ts) <= 500
    assert (line.price.min(), line.price.max()) == (price.min(), price.max())
    assert (line.ts[0], line.ts[-1], line.trades) == (ts[0], ts[-1], 30_000)
    for stretch in np.unique(ts // line.width):
        whole = price[ts // line.width == stretch]
        kept = line.price[line.ts // line.width == stretch]
        assert (kept.min(), kept.max()) == (whole.min(), whole.max())


def test_two_rows_of_one_trade_are_one_across_batches_and_a_lone_row_is_one_too() -> None:
    line = Line()
    assert line.first_rows(None, np.array([7, 8, 7])).tolist() == [True, True, False]
    assert line.first_rows(None, np.array([8, 9])).tolist() == [False, True]
    assert line.waiting == {(0, 9)}


def test_a_limit_is_told_in_lots_too(day: Explanation) -> None:
    scene = day.scene
    assert scene is not None
    alert = day.alert | {"red_limit": "> 1", "red_from": 301, "yellow_limit": ">= 0.8",
                         "yellow_from": 240, "detail": {"opening": 60}}  # fmt: skip
    data = page_data(Explanation(alert, day.events, scene=scene), scene, "en")
    told = dict(data["facts"]["en"])
    assert told["red"].startswith("> 100% of the limit, from 301 lots on")
    assert told["yellow"].startswith(">= 80% of the limit, from 240 lots on")
    assert any("301 手起" in value for _, value in data["facts"]["zh"])
    assert (data["levels"], data["opening"]) == ({"yellow": 240, "red": 301}, 60)


def test_numbers_that_a_browser_would_round_are_texts(day: Explanation) -> None:
    scene = day.scene
    assert scene is not None
    first = scene.orders[0]
    steps = [first.steps[0]._replace(seq=2**53 + 1), *first.steps[1:]]
    big = replace(scene, orders=[replace(first, steps=steps), *scene.orders[1:]])
    told = page_data(day, big, "en")["orders"][0]["steps"]
    assert told[0][5] == "9007199254740993"


def test_few_trades_are_all_kept() -> None:
    market = Market([3])
    market.lines[3].add(np.array([5, 1, 1]), np.array([7, 8, 9]), 500)
    market.finish()
    assert (market.lines[3].ts.tolist(), market.lines[3].price.tolist()) == ([1, 1, 5], [8, 9, 7])
    assert market.lines[3].width == 0
