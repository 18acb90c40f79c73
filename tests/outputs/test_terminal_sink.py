from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from made_alerts import HOSTILE, lone_alert, made_alert, made_scan, ratio_alert
from rich.cells import cell_len

from abtrade.sinks.summary import ALERTS_SHOWN
from abtrade.sinks.terminal import make_console, show_rows, show_scan

GOLDEN = Path(__file__).with_name("golden")
REWRITE = os.environ.get("ABTRADE_GOLDEN") == "write"


def shown(scan: Any, lang: Any, width: int | None = None) -> str:
    file = io.StringIO()
    show_scan(scan, lang, make_console(file, width))
    return file.getvalue()


def alerts() -> list[Any]:
    """Yellow before red, so that the order is the sink's doing."""
    suspected = made_alert(
        subject="S-1", group_status="suspected", level="yellow", red=None, counted=455
    )
    return [lone_alert("000100012345"), suspected, ratio_alert(), made_alert()]


def hold_to_golden(name: str, text: str) -> None:
    golden = GOLDEN / name
    if REWRITE:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "width", "clean"),
    [("pipe", None, False), ("narrow", 48, False), ("clean", None, True)],
)
def test_golden(lang: str, name: str, width: int | None, clean: bool) -> None:
    out = None if clean else Path("out of it")
    scan = made_scan([] if clean else alerts(), clean=clean, out=out)
    hold_to_golden(f"{name}_{lang}.txt", shown(scan, lang, width))


ONE_SIDED = {"count": 1401, "first": [{"seq": 7}, {"seq": 9}]}


def faulty(faults: dict[str, Any], *, one_broker: bool) -> list[str]:
    """Return what is said, line by line, of a log with faults in one contract."""
    scan = made_scan([], clean=True)
    scan.certificate |= {
        "verdict": "faults",
        "one_broker": one_broker,
        "faults": {kind: fault["count"] for kind, fault in faults.items()},
        "exchanges": {"SHFE": {"cu1103": {"faults": faults}}},
    }
    return shown(scan, "en").splitlines()


def test_a_brokers_trades_with_others_are_no_alarm() -> None:
    told = faulty({"one_sided_trade": ONE_SIDED}, one_broker=True)
    assert (
        "Trades of which the log has one side: 1,401 (one_sided_trade). In one broker's log these "
        "are, as a rule, trades with clients of other members (SHFE cu1103 seq 7 9)"
    ) in told
    assert "No other faults in the log." in told
    assert "Verdict: faults, all of them one_sided_trade." in told
    assert "\n".join(told).count("1,401") == 1 and "Faults in the log:" not in told


def test_a_brokers_other_faults_are_told_as_ever() -> None:
    differs = {"count": 1, "first": [{"seq": 3}]}
    told = faulty({"one_sided_trade": ONE_SIDED, "differs": differs}, one_broker=True)
    at = told.index("Faults in the log:")
    assert "one_sided_trade" in told[at - 1] and "differs" in told[at + 1]
    assert "Verdict: faults." in told


def test_in_a_whole_market_a_side_that_is_missing_is_a_fault_like_others() -> None:
    told = faulty({"one_sided_trade": ONE_SIDED}, one_broker=False)
    first = told[told.index("Faults in the log:") + 1]
    assert "one_sided_trade: trade with one side missing" in first
    assert "Verdict: faults." in told


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [20, 60, 100, 140, 200])
def test_nothing_is_cut_and_no_table_is_wider_than_the_terminal(lang: str, width: int) -> None:
    told = shown(made_scan(alerts()), lang, width).splitlines()
    for alert in alerts():
        assert any(alert.alert_id in line for line in told)
        assert any(alert.result.subject in line for line in told)
        assert any(alert.result.scope in line for line in told)
    table = [line for line in told if line.startswith(("level ", "级别 "))]
    assert bool(table) == (width >= 140)
    assert all(cell_len(line) <= width for line in told[1:6]) or not table


def test_several_exchanges_have_a_column() -> None:
    assert "exchange " not in shown(made_scan(alerts()), "en").splitlines()[1]
    told = shown(made_scan([*alerts(), made_alert(exchange="INE")]), "en").splitlines()
    assert "  exchange  " in told[1]
    assert "  INE       " in told[3]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("width", [None, 60])
def test_hostile_names_are_spelled_out(lang: str, name: str, width: int | None) -> None:
    alert = lone_alert(name, rule=name, scope=f"contract:{name}", exchange=name)
    scan = made_scan([alert], out=Path(name.replace("/", "")))
    scan.certificate["exchanges"] = {
        name: {name: {"faults": {"differs": {"count": 1, "first": [{"seq": 1}]}}}}
    }
    scan.certificate |= {
        "faults": {"differs": 1},
        "uncovered": [name],
        "unmatched": [name],
        "no_position_limit": {name: [name]},
        "kind_unknown": {name: [name]},
        "no_order_size": {name: [name]},
        "no_order_fee": {name: [name]},
        "identities": {name: {"in_no_table": {"accounts": 1, "first": [name]},
                              "codes_not_joined": 1}},
        "blind": {name: name},
        "assumed": {name: [name]},
        "stated": {name: name},
        "derived": {},
        "book": {"counts": {"at_head": 1}, "begin_without_resting_orders": [name]},
    }
    told = shown(scan, lang, width)
    assert not any(char in told for char in "\x1b\x9b\u202e")
    if name == "[bold]x[/bold]":
        assert "[bold]x[/bold]" in "".join(told.split())


def test_colours_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def told_on(file: io.StringIO) -> str:
        show_scan(made_scan(alerts()), "en", make_console(file))
        return file.getvalue()

    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    assert "\x1b[1;31mred" in told_on(Terminal())
    assert "\x1b" not in told_on(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in told_on(Terminal())


def test_many_alerts_say_how_many_more() -> None:
    many: Sequence[Any] = [lone_alert(f"{i:05}") for i in range(ALERTS_SHOWN + 7)]
    told = shown(made_scan(list(many)), "en")
    assert "7 more alerts are not shown" in told
    assert told.count("cancels  ") == ALERTS_SHOWN
    assert f"Alerts: 0 red, {ALERTS_SHOWN + 7} yellow." in told
    assert "more alerts" not in shown(made_scan(list(many[:ALERTS_SHOWN])), "en")


@pytest.mark.parametrize(("width", "is_table"), [(None, True), (80, True), (40, False)])
def test_rows_are_a_table_or_blocks(width: int | None, is_table: bool) -> None:
    file = io.StringIO()
    row = {"id": "shfe.frequent_cancel", "to": "", "red": ">= 500\x1b", "about": "A b " * 20}
    show_rows(("id", "to", "red", "about"), [row], make_console(file, width))
    lines = file.getvalue().splitlines()
    if is_table:
        assert lines[0] == "id                    to  red         about"
        assert lines[1].startswith(r"shfe.frequent_cancel      >= 500\x1b  A b")
    else:
        assert lines[:2] == ["shfe.frequent_cancel", r"    red >= 500\x1b"]
        assert lines[2].startswith("    A b A b")
