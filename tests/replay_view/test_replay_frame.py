"""Frames of the view as text: what each panel says, at every size, in both languages."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from made_session import CLIENT, FIRST, SECOND, MadeSession, ts_of
from rich.text import Text

from abtrade.replay.moment import Moment, OwnOrder, PriceLevel, Standing
from abtrade.replay.view import styles
from abtrade.replay.view.fired import fired
from abtrade.replay.view.frame import LEAST_HEIGHT, LEAST_WIDTH, frame
from abtrade.replay.view.ladder import ladder
from abtrade.replay.view.own_orders import own_orders
from abtrade.replay.view.pace import SPEEDS, Pace, faster, slower
from abtrade.replay.view.price_line import price_line
from abtrade.replay.view.standings import standings
from abtrade.wording import LANGUAGES, Language

GOLDEN = Path(__file__).with_name("golden")
HOSTILE = "[red]\x1b]0;x\x07\u202e[/] 账户\n[@click=app.quit]q[/]"


def moment_at(row: int, lang: str = "en", **changes: object) -> Moment:
    session = MadeSession(lang=lang, **changes)  # type: ignore[arg-type]
    session.seek_row(row)
    return session.moment()


def drawn(moment: Moment, lang: Language, width: int, height: int, pace: Pace | None = None) -> str:
    lines = frame(moment, MadeSession.day, pace or Pace(), lang, width, height)
    assert [each.cell_len for each in lines] == [width] * height
    return "\n".join(each.plain.rstrip() for each in lines) + "\n"


def plain(lines: list[Text]) -> list[str]:
    return [each.plain.rstrip() for each in lines]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (160, 50)])
def test_golden(lang: Language, width: int, height: int) -> None:
    """``ABTRADE_GOLDEN=write`` writes them anew, to be read before they are kept."""
    said = drawn(moment_at(300, lang), lang, width, height, Pace(True, 60, 3))
    golden = GOLDEN / f"{lang}_{width}x{height}.txt"
    if os.environ.get("ABTRADE_GOLDEN") == "write":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("row", [0, 1, 37, 600])
def test_every_size_is_filled_exactly(lang: Language, row: int) -> None:
    moment = moment_at(row, lang, subject=CLIENT if row else None)
    for width in (*range(LEAST_WIDTH, 180, 13), 129, 130):
        for height in range(LEAST_HEIGHT, 70, 11):
            drawn(moment, lang, width, height)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(79, 24), (80, 23), (20, 5)])
def test_a_terminal_too_small_is_told(lang: Language, width: int, height: int) -> None:
    said = "".join(drawn(moment_at(300), lang, width, height).split())
    assert said == ("Theviewneeds80columnsand24lines;theterminalhas{}and{}." if lang == "en"
                    else "画面需80列24行；终端现有{}列{}行。").format(width, height)  # fmt: skip
    drawn(moment_at(300), lang, 1, 1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_are_spelled_out(lang: Language) -> None:
    moment = moment_at(520, lang, name=HOSTILE)
    said = drawn(replace(moment, said=HOSTILE), lang, 200, 60)
    assert "[red]\\x1b]0;x\\x07\\u202e[/] 账户\\n[@click" in said
    assert not set(said) & set("\x1b\x07\u202e")


def test_own_lots_are_marked_by_signs_too() -> None:
    lines = plain(ladder(moment_at(300), "en", 44, 13))
    own = [each for each in lines if "◆" in each]
    assert [each[:2] for each in own] == ["▸ ", "▸ "]
    assert all("█" in each for each in own)
    nobody = plain(ladder(moment_at(300, subject=None), "en", 44, 13))
    assert not any(sign in each for each in nobody for sign in "◆▸█")


def test_own_lots_that_have_no_room_are_told() -> None:
    moment = moment_at(300)
    far = replace(moment.orders[0], lots=70, price=60_000)
    assert "beyond: 30 ◆70" in plain(
        ladder(replace(moment, orders=(*moment.orders, far)), "en", 60, 13)
    )[0]
    assert "◆" not in plain(ladder(moment, "en", 60, 13))[0]
    deep = replace(moment, bids=moment.bids * 5)
    assert "beyond: 110+" in plain(ladder(deep, "en", 60, 13))[0]


def test_the_best_prices_meet_in_the_middle() -> None:
    tick = 0.2
    moment = replace(
        moment_at(300), tick=tick,
        asks=(PriceLevel(18_502, 3, 1, 0, 0), PriceLevel(18_505, 40, 9, 0, 0)),
        bids=(PriceLevel(18_501, 7, 2, 7, 2),),
    )  # fmt: skip
    prices = [each.split()[0] for each in plain(ladder(moment, "en", 50, 9))[1:] if each]
    assert prices == ["3701.0", "3700.4", "spread", "▸"]


def test_a_crossed_book_and_an_empty_one_are_told() -> None:
    moment = moment_at(300)
    crossed = replace(moment, bids=moment.asks[:2], asks=moment.bids[:2])
    assert any("crossed by 10" in each for each in plain(ladder(crossed, "en", 44, 13)))
    empty = replace(moment, bids=(), asks=())
    assert any("no order rests" in each for each in plain(ladder(empty, "en", 44, 13)))


def test_what_the_log_does_not_tell_is_not_said() -> None:
    """Orders do rest in a log without prices; nobody can say where."""
    moment = replace(moment_at(300), bids=(), asks=(), orders=(), book="none")
    assert any("the log tells of no book" in each for each in plain(ladder(moment, "en", 44, 13)))
    assert plain(own_orders(moment, "en", 40, 5))[1] == "not known"
    broker = replace(moment_at(300), book="broker")
    assert any("one broker's" in each for each in plain(ladder(broker, "en", 43, 13)))


def test_a_message_is_spelled_out_once() -> None:
    """Names are spelled out where a message is made."""
    alert = replace(moment_at(520).fired[0], message="A\\u2028 \x1b")
    lines = fired(replace(moment_at(520), fired=(alert,)), "en", 80, 5)
    assert lines[2].plain.strip() == "A\\u2028 \\x1b"


def test_an_alert_cut_short_says_so_and_keeps_its_level_s_ground() -> None:
    lines = fired(moment_at(520), "en", 80, 5)
    assert lines[-1].plain.endswith("shfe.cancel_count client C1 contract:cu2503 423 …")
    assert styles.LEVELS["yellow"] in {str(span.style) for span in lines[-1].spans}


def bar_of(count: int, yellow: int | None, red: int | None, level: str | None = None) -> str:
    one = Standing("r", "cancels", count, count, yellow, red, level)
    lines = standings(replace(moment_at(1), standings=(one,)), "en", 44, 5)
    assert len(lines) == 2
    return lines[1].plain


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        (bar_of(0, 400, 500), "░░░░░░░░░░░░░░░│░░░"),
        (bar_of(250, 400, 500), "█████████░░░░░░│░░░"),
        (bar_of(400, 400, 500, "yellow"), "yellow█████████│░░░"),
        (bar_of(999, 400, 500, "red"), "red████████████│███"),
        (bar_of(3, None, 4), "█████████████░░░░░"),
        (bar_of(3, None, None), "3 -"),
    ],
)
def test_a_bar_fills_towards_yellow_and_red(bar: str, said: str) -> None:
    assert said in " ".join(bar.split())


def test_two_rules_of_one_count_go_by_their_own_names() -> None:
    one = Standing("shfe.a", "cancels", 1, 1, 4, 5, None)
    moment = replace(moment_at(1), standings=(one, replace(one, rule="shfe.b")))
    assert [each.plain.split()[0] for each in standings(moment, "en", 44, 5)[1:]] == [
        "shfe.a",
        "shfe.b",
    ]


def test_orders_tell_the_lots_before_them_and_how_many_have_no_room() -> None:
    order = OwnOrder("8", "A", "buy", 70_000, 5, 1_234, FIRST, False)
    moment = replace(moment_at(300), orders=(order,) * 9)
    lines = plain(own_orders(moment, "en", 60, 5))
    assert lines[1].endswith("6 more")
    assert lines[2] == "buy  700000    5  1,234 09:30:00.000 A #8"


def test_the_price_line_spans_lowest_to_highest() -> None:
    moment = replace(moment_at(1), prices=tuple((ts_of(n), n, n) for n in range(1, 9)))
    *dots, times = plain(price_line(moment, "en", 12, 4))[1:]
    assert dots == ["80     ⢀⣀⠤⠒⠉", "10 ⣀⡠⠔⠊⠁"]
    assert times.split() == ["09:30:03"]
    assert plain(price_line(moment, "en", 24, 4))[-1].split() == ["09:30:00", "09:30:03"]


def test_the_clock_stands_where_the_log_s_clock_does_and_says_night() -> None:
    moment, day = moment_at(3), MadeSession.day
    at = frame(moment, day, Pace(), "en", 80, 24, ts=FIRST + 20 * SECOND + 5_000_000)
    assert "09:30:20.005  continuous" in at[0].plain
    night = frame(moment, day, Pace(), "zh", 80, 24, ts=FIRST - 10 * 3600 * SECOND)
    assert "23:30:00.000 （夜盘）" in night[0].plain


def test_speeds_end_at_both_ends() -> None:
    assert [faster(each) for each in SPEEDS] == [*SPEEDS[1:], SPEEDS[-1]]
    assert [slower(each) for each in SPEEDS] == [SPEEDS[0], *SPEEDS[:-1]]
    assert faster(7) == 10
    assert slower(7) == 5


def test_levels_stand_on_a_ground_of_their_own() -> None:
    """Yellow letters cannot be read on a light terminal, so there are none."""
    found = frame(moment_at(300), MadeSession.day, Pace(), "en", 80, 24)
    spans = {str(span.style) for each in found for span in each.spans}
    assert styles.LEVELS["yellow"] in spans
    assert "on yellow" in styles.LEVELS["yellow"]
    assert not any(style.split(" on ")[0].endswith("yellow") for style in spans - {"yellow"})
