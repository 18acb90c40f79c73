"""A desk's overlay: what it changes of the rules, what it tells of that, and what is wrong in one.
"""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from rule_makers import rule_text

import abtrade
from abtrade.errors import InputError, RuleError
from abtrade.explain import explain
from abtrade.rules.overlay_syntax import read_overlay
from abtrade.rules.packs import load_rules
from abtrade.rules.schema_json import overlay_schema
from abtrade.sinks.explanation import events_said
from abtrade.sinks.stream import write_stream
from abtrade.sinks.summary import limits

DAY = "2025-03-03"
OWNER = "owner: {en: The desk, zh: 本部门}\n"
ENGINES = ("core", "reference")
RULE = {
    "status": "secondary", "count": "cancels", "scope": "contract", "yellow": "{gte: 4}",
    "red": "{gte: 5}",
}  # fmt: skip


FAK = (
    "exemptions:\n  - {rule: desk.cancels, %s, owner: Wang, reason: tests, "
    "until: 2025-12-31, clause: Mail of May}\n"
)


class Desk:
    """A folder with rules and an overlay, and days of cancels to be judged by them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules = folder / "rules"
        self.rules.mkdir()

    def rule(self, **changes: str | None) -> Path:
        """Write one more rule; the first is ``desk.cancels``."""
        text = rule_text(**{**RULE, **changes})
        path = self.rules / f"{changes.get('id', 'desk.cancels')}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def overlay(self, text: str) -> Path:
        path = self.folder / "overlay.yaml"
        path.write_text(OWNER + text, encoding="utf-8")
        return path

    def scan(self, cancels: list[dict[str, Any]], text: str | None = None, **options: Any) -> Any:
        overlay = None if text is None else self.overlay(text)
        return abtrade.scan(
            day_of(cancels),
            **{"rules": [str(self.rules)], "day": DAY, "overlay": overlay, **options},
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path)
    found.rule()
    return found


def day_of(cancels: list[dict[str, Any]]) -> pa.Table:
    """Return a log: for each entry ``times`` orders of an account, cancelled at once."""
    rows: list[dict[str, Any]] = []
    for entry in cancels:
        for _ in range(entry.get("times", 1)):
            order = {
                "ts": f"{DAY}T09:00:00", "contract": entry.get("contract", "cu2505"),
                "order_id": len(rows) + 1, "lots": 1, "side": "buy", "price": 70000,
                "account": entry["by"], "tif": entry.get("tif", "gfd"),
                "hedge": entry.get("hedge", "speculation"),
            }  # fmt: skip
            rows += [{**order, "action": "new"}, {**order, "action": "cancel"}]
    seqs = [{**row, "seq": seq} for seq, row in enumerate(rows, start=1)]
    return pa.Table.from_pylist(seqs)


def result_of(found: Any, subject: str, rule: str = "desk.cancels") -> dict[str, Any]:
    (row,) = [
        row for row in found.results.to_pylist()
        if row["rule"] == rule and row["subject"] == subject
    ]  # fmt: skip
    row["exempt"] = dict(row["exempt"])
    return row


def problems(desk: Desk, text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        desk.scan([{"by": "A"}], text)
    name = str(desk.folder / "overlay.yaml")
    return [said.split("\n")[0].removeprefix(name + ":") for said in caught.value.problems]


# --- levels and readings -------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_the_desks_yellow_is_reached_where_it_says_and_the_alert_says_whose_it_is(
    desk: Desk, engine: str
) -> None:
    found = desk.scan(
        [{"by": "A", "times": 3}], "levels:\n  desk.cancels: {yellow: {gte: 3}}\n", engine=engine
    )
    (alert,) = found.alert_list
    assert (alert.level, alert.yellow.seq, alert.yellow_limit) == ("yellow", 6, ">= 3")
    assert alert.notes == [
        "the yellow level >= 3 is the desk's own, set by The desk, in place of >= 4"
    ]
    assert alert.chinese[alert.notes[0]] == "黄灯标准>= 3由本部门自行设定，原为>= 4"
    assert not desk.scan([{"by": "A", "times": 3}]).alert_list


def test_a_red_of_the_desks_own_is_not_told_as_the_exchanges(desk: Desk) -> None:
    found = desk.scan([{"by": "A", "times": 7}], "levels:\n  desk.cancels: {red: {gte: 7}}\n")
    (alert,) = found.alert_list
    assert (alert.level, alert.red.seq) == ("red", 14)
    assert "is not the exchange's standard, which the rule has as >= 5" in alert.notes[0]


def test_a_level_that_is_the_rules_own_changes_nothing(desk: Desk) -> None:
    day = [{"by": "A", "times": 5}]
    plain, same = (desk.scan(day, t) for t in (None, "levels: {desk.cancels: {red: {gte: 5}}}\n"))
    assert plain.alerts == same.alerts


def test_a_chosen_reading_is_told_and_makes_another_version(desk: Desk) -> None:
    desk.rule(alternatives="[{name: of_3, about: A paper has 3., "
              "set: {red: {gte: 3}, yellow: {gte: 2}}}]")  # fmt: skip
    day = [{"by": "A", "times": 3}]
    (alert,) = desk.scan(day, "alternatives: {desk.cancels: of_3}\n").alert_list
    assert (alert.level, alert.red.seq) == ("red", 6)
    assert alert.notes == ["the reading of_3 was chosen by The desk: A paper has 3."]
    assert not desk.scan(day).alert_list
    (rule,) = load_rules([str(desk.rules)], None).rules
    assert alert.rule_version != rule.version
    assert rule.with_alternative("of_3").red.written == ">= 3"


# --- switches ------------------------------------------------------------------------------------


def test_a_rule_that_is_switched_off_judges_nobody_and_is_named(desk: Desk) -> None:
    text = "switch_off: [{rule: desk.cancels, owner: Li, reason: told elsewhere, until: %s}]\n"
    found = desk.scan([{"by": "A", "times": 9}], text % "2025-03-03")
    assert (found.alert_list, found.results.num_rows) == ([], 0)
    assert found.certificate["switched_off"]["desk.cancels"]["en"] == (
        "Li, until 2025-03-03: told elsewhere"
    )
    assert "switched off by the overlay: desk.cancels (Li, until 2025-03-03: told elsewhere)" in (
        found.run["notes"]
    )
    over = desk.scan([{"by": "A", "times": 9}], text % "2025-03-02")
    assert [alert.level for alert in over.alert_list] == ["red"]
    assert any("has ended, and the rule judges again" in note for note in over.run["notes"])


@pytest.mark.parametrize(
    "more", ["levels: {desk.cancels: {yellow: {gte: 1}}}\n", "switch_on: desk.cancels\n",
             FAK % "client: A"],
)  # fmt: skip
def test_off_wins_over_what_else_is_said_of_a_rule_and_a_note_says_so(
    desk: Desk, more: str
) -> None:
    off = "switch_off: [{rule: desk.cancels, owner: Li, reason: r, until: %s}]\n"
    said = "switched off by the overlay, whatever else it says of them: desk.cancels"
    found = desk.scan([{"by": "A", "times": 9}], off % DAY + more)
    assert not found.results.num_rows
    assert [note["en"] for note in found.desk_notes][1:] == [said]
    for text in (off % DAY, off % "2025-03-02" + more, off % DAY + "switch_on: desk\n"):
        notes = desk.scan([{"by": "A", "times": 9}], text).desk_notes
        assert said not in [note["en"] for note in notes]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_unverified_rule_gives_yellow_at_most(desk: Desk, engine: str) -> None:
    desk.rule(status="unverified")
    (alert,) = desk.scan([{"by": "A", "times": 6}], engine=engine).alert_list
    assert (alert.level, alert.yellow.seq, alert.red, alert.red_limit) == (
        "yellow", 8, None, ">= 5"
    )  # fmt: skip
    assert alert.notes == ["an unverified rule reaches yellow at most"]
    desk.rule(status="unverified", yellow=None)
    (alert,) = desk.scan([{"by": "A", "times": 6}], engine=engine).alert_list
    assert (alert.level, alert.yellow.seq, alert.yellow_limit) == ("yellow", 10, ">= 5")


@pytest.mark.parametrize(
    ("asked", "off"),
    [
        ({}, ["shfe.position_limit_long", "shfe.position_limit_short"]),
        ({"unverified": True}, []),
        ({"text": "switch_on: shfe.position_limit_long\n"}, ["shfe.position_limit_short"]),
        ({"text": "switch_on: [shfe]\n"}, []),
        ({"text": "switch_on: ['shfe.*']\n"}, []),
        ({"text": "switch_on: [gfex]\n"},
         ["shfe.position_limit_long", "shfe.position_limit_short"]),
    ],
)  # fmt: skip
def test_unverified_rules_of_packs_are_off_until_switched_on(
    desk: Desk, asked: dict[str, Any], off: list[str]
) -> None:
    found = desk.scan([{"by": "A"}], rules=(), **asked)
    assert found.certificate["unverified_off"] == off
    assert not set(off) & {*found.certificate["blind"], *found.certificate["assumed"]}


def test_an_unverified_rule_that_is_named_by_its_file_is_on(desk: Desk) -> None:
    path = desk.rule(status="unverified")
    found = desk.scan([{"by": "A"}], rules=[str(path)])
    assert found.certificate["unverified_off"] == []
    assert result_of(found, "A")["counted"] == 1


# --- exemptions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_exempt_events_are_left_out_under_the_desks_name_and_gross_stays(
    desk: Desk, engine: str
) -> None:
    day = [{"by": "A", "times": 3, "tif": "fak"}, {"by": "A", "times": 4}]
    found = desk.scan(day, FAK % "tif: [fak, fok]", engine=engine)
    row = result_of(found, "A")
    assert (row["gross"], row["counted"], row["exempt"]) == (7, 4, {"desk: tests": 3})
    (alert,) = found.alert_list
    assert (alert.level, alert.yellow.seq) == ("yellow", 14)
    assert alert.exempt_clauses["desk: tests"] == (
        "the desk's own exemption, by Wang, until 2025-12-31: Mail of May"
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("who", "exempt"),
    [
        ("account: B1", 3), ("client: b", 5), ("client: [b, nobody]", 5), ("group: G", 11),
        ("account: B1, client: b", 5), ("client: b, tif: fak", 2), ("client: nobody", 0),
    ],
)  # fmt: skip
def test_of_a_group_only_those_who_are_named_are_exempt(
    desk: Desk, engine: str, threads: int, who: str, exempt: int
) -> None:
    """Group G is a (A1) and b (B1, B2); c is nobody's and is never exempt."""
    day = [
        {"by": "B1", "times": 3}, {"by": "A1", "times": 3}, {"by": "B2", "times": 2, "tif": "fak"},
        {"by": "A1", "times": 3}, {"by": "C1", "times": 5, "contract": "al2505"},
    ]  # fmt: skip
    accounts = pa.table({"account": ["A1", "B1", "B2", "C1"], "client": ["a", "b", "b", "c"]})
    links = pa.table({"client": ["a", "b"], "group": ["G", "G"]})
    found = desk.scan(
        day, FAK % who, engine=engine, threads=threads, accounts=accounts, links=links
    )
    row = result_of(found, "G")
    assert (row["gross"], row["counted"]) == (11, 11 - exempt)
    assert row["exempt"] == ({"desk: tests": exempt} if exempt else {})
    red = {0: 10, 2: 10, 3: 16, 5: 20, 11: None}[exempt]
    alerts = {alert.result.subject: alert for alert in found.alert_list}
    assert (alerts["G"].red.seq if red else alerts.get("G")) == red
    assert alerts["c"].red.count == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_who_is_named_is_exempt_over_a_whole_product_and_of_self_trades(
    desk: Desk, engine: str
) -> None:
    desk.rule(id="desk.product", scope="product")
    desk.rule(id="desk.self", count="self_trades", scope="product", yellow="{gte: 1}", red=None)
    rows = []
    for i, (buyer, seller) in enumerate([("A", "A"), ("B", "B"), ("A", "A")]):
        order = {
            "ts": f"{DAY}T09:00:00", "contract": ("cu2505", "cu2506")[i % 2], "lots": 1,
            "contra_order_id": None,
        }  # fmt: skip
        rows += [
            {**order, "action": "new", "order_id": 2 * i, "account": buyer, "side": "buy",
             "price": 70000},
            {**order, "action": "new", "order_id": 2 * i + 1, "account": seller, "side": "sell",
             "price": 70000},
            {**order, "action": "trade", "order_id": 2 * i + 1, "contra_order_id": 2 * i,
             "price": 70000},
        ]  # fmt: skip
    log = pa.Table.from_pylist([{**row, "seq": i} for i, row in enumerate(rows, start=1)])
    rule = "[desk.self, desk.product]"
    overlay = desk.overlay((FAK % "client: A").replace("desk.cancels", rule))
    found = abtrade.scan(log, rules=[str(desk.rules)], day=DAY, overlay=overlay, engine=engine)
    assert [alert.result.subject for alert in found.alert_list] == ["B"]
    assert result_of(found, "A", "desk.self")["exempt"] == {"desk: tests": 2}


def _each_for_its_own_reason(n: int) -> str:
    return "exemptions:\n" + "".join(
        f"  - {{rule: desk.cancels, client: C{i}, owner: W, reason: r{i}, until: 2026-01-01}}\n"
        for i in range(n)
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_has_at_most_253_exemptions_its_own_among_them(desk: Desk, engine: str) -> None:
    desk.rule(leave_out="[{tif: fak, reason: fak, clause: c}]")
    found = desk.scan([{"by": "C251", "times": 5}], _each_for_its_own_reason(252), engine=engine)
    assert result_of(found, "C251")["exempt"] == {"desk: r251": 5}
    with pytest.raises(RuleError) as caught:
        desk.scan([{"by": "A"}], _each_for_its_own_reason(253), engine=engine)
    assert caught.value.problems == [
        "desk.cancels has 254 exemptions, those of the overlay among them, expected at most 253; "
        "name several accounts, clients or groups in one entry"
    ]


def test_what_is_said_300_times_is_said_once(desk: Desk) -> None:
    day = [{"by": "A", "times": 5}]
    once = desk.scan(day, FAK % "client: A")
    entry = (FAK % "client: A").removeprefix("exemptions:\n")
    often = desk.scan(day, "exemptions:\n" + 300 * entry)
    assert once.results == often.results
    many = ", ".join(f"C{i}" for i in range(1000))
    crowd = desk.scan(day, FAK % f"client: [A, {many}]")
    assert result_of(crowd, "A")["exempt"] == {"desk: tests": 5}


def test_an_exemption_that_has_ended_is_not_applied_and_is_named(desk: Desk) -> None:
    text = (FAK % "client: A").replace("2025-12-31", "2025-03-02")
    found = desk.scan([{"by": "A", "times": 5}], text)
    assert result_of(found, "A")["counted"] == 5
    assert found.run["notes"] == [
        "the overlay's exemption from desk.cancels (Wang: tests) ended on 2025-03-02 and is not "
        "applied"
    ]
    last = (FAK % "client: A").replace("2025-12-31", DAY)
    assert result_of(desk.scan([{"by": "A"}], last), "A")["exempt"] == {"desk: tests": 1}


def test_explain_leaves_out_what_the_scan_left_out(desk: Desk) -> None:
    log = desk.folder / "day.parquet"
    pq.write_table(day_of([{"by": "A1", "times": 4}, {"by": "B1", "times": 3}]), log)
    links, out = desk.folder / "links.csv", desk.folder / "out"
    links.write_text("account,group\nA1,G\nB1,G\n", encoding="utf-8")
    overlay = desk.overlay(FAK % "client: B1")
    found = abtrade.scan(
        str(log), rules=[str(desk.rules)], day=DAY, overlay=overlay, links=links, out=out
    )
    (alert,) = found.alert_list
    events = explain(out, alert.alert_id).events.to_pylist()
    assert [row["left_out"] for row in events] == [None] * 4 + ["desk: tests"] * 3
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["overlay"] == read_overlay(overlay).sha256
    moved = desk.folder / "moved.yaml"
    overlay.rename(moved)
    with pytest.raises(InputError, match=f"{overlay}: the overlay of the scan is not there"):
        explain(out, alert.alert_id)
    again = explain(out, alert.alert_id, overlay=moved)
    assert again.events.to_pylist() == events and moved in again.inputs
    overlay.write_text(moved.read_text(encoding="utf-8").replace("B1", "A1"), encoding="utf-8")
    with pytest.raises(InputError, match=f"rule desk.cancels: the overlay {overlay} has changed"):
        explain(out, alert.alert_id)
    with pytest.raises(InputError, match=f"{overlay}: the overlay has changed since the scan"):
        explain(out, alert.alert_id, overlay=overlay)


def test_explain_says_how_many_events_of_a_group_count(desk: Desk) -> None:
    log, out = desk.folder / "day.parquet", desk.folder / "out"
    pq.write_table(day_of([{"by": "A1", "times": 4}, {"by": "B1", "times": 3}]), log)
    links = desk.folder / "links.csv"
    links.write_text("account,group\nA1,G\nB1,G\n", encoding="utf-8")
    scan = partial(abtrade.scan, str(log), rules=[str(desk.rules)], day=DAY, links=links)
    (alert,) = scan(overlay=desk.overlay(FAK % "client: B1"), out=out).alert_list
    explained = explain(out, alert.alert_id)
    assert events_said(explained, "en") == "Events behind it: 7, of them 4 counted and 3 left out"
    assert events_said(explained, "zh") == "告警背后的事件：7 个，其中计入 4 个，剔除 3 个"
    (alert,) = scan(out=out, force=True).alert_list
    assert events_said(explain(out, alert.alert_id), "en") == "Events behind it: 7"
    with pytest.raises(InputError, match="the scan had no overlay: leave --overlay out"):
        explain(out, alert.alert_id, overlay=desk.folder / "overlay.yaml")


def test_with_pseudonyms_the_same_people_are_exempt(desk: Desk) -> None:
    key = desk.folder / "key"
    key.write_bytes(bytes(range(64)))
    key.chmod(0o600)
    found = desk.scan([{"by": "A", "times": 5}], FAK % "client: A", pseudonymise=key)
    (row,) = found.results.to_pylist()
    assert (row["subject"][:2], dict(row["exempt"])) == ("p-", {"desk: tests": 5})


def test_a_day_is_not_gone_on_with_under_another_overlay(desk: Desk) -> None:
    state = desk.folder / "state"
    text = FAK % "client: A"
    log = day_of([{"by": "A", "times": 2}, {"by": "B", "times": 4}])
    one, two = log.slice(0, 6), log.slice(6)
    same = {"rules": [str(desk.rules)], "day": DAY}
    overlay = desk.overlay(text)
    whole = abtrade.scan(log, overlay=overlay, **same)
    abtrade.scan(one, overlay=overlay, save_state=state, **same)
    rest = abtrade.scan(two, overlay=overlay, resume=state, **same)
    assert rest.alerts == whole.alerts and rest.results == whole.results
    other = desk.folder / "other.yaml"
    other.write_text(OWNER + FAK % "client: B, tif: fak", encoding="utf-8")
    told = {
        overlay: f"with --overlay {overlay}, which has changed since",
        other: f"with --overlay {overlay}, now --overlay is {other}, which says something else",
        None: f"with --overlay {overlay}, now there is none",
    }
    overlay.write_text(OWNER + text + "# a remark\n", encoding="utf-8")
    for now, said in told.items():
        with pytest.raises(InputError) as caught:
            abtrade.scan(two, overlay=now, resume=state, **same)
        assert str(caught.value) == f"{state}: saved {said}"
    abtrade.scan(one, save_state=state, force=True, **same)
    with pytest.raises(InputError, match=f"saved without an overlay, now --overlay is {other}"):
        abtrade.scan(two, overlay=other, resume=state, **same)


# --- what a run says of an overlay ---------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("status", ["filed", "suspected"])
def test_a_run_says_what_its_overlay_did(desk: Desk, engine: str, status: str) -> None:
    """Of a suspected group, whose clients are judged once more, each event is told once."""
    links = pa.table({"account": ["A", "B"], "group": ["G", "G"], "status": [status] * 2})
    text = (FAK % "client: A") + "levels: {desk.cancels: {yellow: {gte: 3}}}\n"
    day = [{"by": "A", "times": 6}, {"by": "B", "times": 2}, {"by": "C", "contract": "al2505"}]
    found = desk.scan(day, text, links=links, engine=engine)
    assert not found.alert_list
    level = "the yellow level >= 3 is the desk's own, set by The desk, in place of >= 4"
    told = found.certificate["overlay"]
    assert told["owner"] == {"en": "The desk", "zh": "本部门"}
    assert told["sha256"] == read_overlay(desk.folder / "overlay.yaml").sha256
    did = told["rules"]["desk.cancels"]
    assert [change["en"] for change in did["changes"]] == [level]
    (exemption,) = did["exemptions"]
    assert exemption["reason"] == {"en": "desk: tests", "zh": "本机构豁免：tests"}
    assert exemption["left_out"] == 6
    assert [clause["en"] for clause in exemption["clauses"]] == [
        "the desk's own exemption, by Wang, until 2025-12-31: Mail of May"
    ]
    path = desk.folder / "overlay.yaml"
    english, chinese = ("\n".join(limits(found, lang)) for lang in ("en", "zh"))
    assert f"Overlay {path} (The desk), rules that judge otherwise by it:" in english
    assert f"  desk.cancels: {level}; exemptions left out 6 events (desk: tests)" in english
    assert f"叠加文件{path}（本部门），以下规则据此另作判断：" in chinese
    assert "豁免剔除6笔（本机构豁免：tests）" in chinese
    printed = io.StringIO()
    write_stream(found, "json", printed)
    assert json.loads(printed.getvalue())["overlay"] == told


def test_an_overlay_that_changes_no_rule_is_named_and_none_is_not(desk: Desk) -> None:
    found = desk.scan([{"by": "A"}], "levels: {desk.cancels: {red: {gte: 5}}}\n")
    assert found.certificate["overlay"]["rules"] == {}
    assert any(line.endswith("no rule has other levels, readings or exemptions")
               for line in limits(found, "en"))  # fmt: skip
    plain = desk.scan([{"by": "A"}])
    assert "overlay" not in plain.certificate
    assert not any("verlay" in line for line in limits(plain, "en"))
    printed = io.StringIO()
    write_stream(plain, "json", printed)
    assert "overlay" not in json.loads(printed.getvalue())


@pytest.mark.parametrize(
    ("who", "nobody"),
    [
        ("account: [A1, S1, T1]", None), ("client: [a, s, T1, C1]", None), ("group: [G, H]", None),
        ("account: a", "account a"), ("client: A1", "client A1"), ("group: [G, K]", "group K"),
        ("client: [zz, 'y y'], account: x, tif: fak", "account x, client y y, client zz"),
    ],
)  # fmt: skip
def test_whom_nobody_knows_is_named_once_a_run(
    desk: Desk, who: str, nobody: str | None
) -> None:
    """A1 trades; s, of the accounts, and T1, of the links, do not; K was a group until March."""
    accounts = pa.table({"account": ["A1", "S1"], "client": ["a", "s"]})
    links = pa.table({
        "client": ["a", "s", "T1", "a"], "group": ["G", "G", "H", "K"],
        "from": [None, None, None, "2020-01-01"], "to": [None, None, None, "2025-03-02"],
    })  # fmt: skip
    desk.rule(id="desk.too")
    text = (FAK % who).replace("rule: desk.cancels", "rule: [desk.cancels, desk.too]")
    found = desk.scan([{"by": "A1"}, {"by": "C1"}], text, accounts=accounts, links=links)
    told = [note["en"] for note in found.desk_notes]
    said = "the overlay exempts whom neither the log nor any table names: "
    assert told == ([said + nobody] if nobody else [])
    assert all(note["zh"].startswith("叠加文件豁免了") for note in found.desk_notes)


# --- what is wrong with an overlay ---------------------------------------------------------------


def test_every_problem_of_a_file_is_told_at_once(desk: Desk) -> None:
    text = (
        "switch_of: []\n"
        "levels: {desk.cancels: {}}\n"
        "exemptions:\n"
        "  - {rule: desk.cancels, tif: fakk, owner: A, reason: b}\n"
        "  - {rule: desk.cancels, owner: A, reason: b, until: 2025-02-30}\n"
    )
    assert problems(desk, text) == [
        "2:1: unknown key 'switch_of', did you mean 'switch_off'?",
        "3:24: levels of a rule without a key: give yellow or red",
        "5:5: an entry of exemptions without the key 'until'",
        "5:31: unknown tif word 'fakk', did you mean 'fak'?",
        "6:5: names no events: give hedge, client or such, or switch the rule off",
        "6:54: '2025-02-30' is no day of the calendar",
    ]


def test_a_rule_that_does_not_exist_is_a_problem_and_one_of_another_day_a_note(desk: Desk) -> None:
    text = "levels:\n  desk.cancel: {red: {gte: 9}}\nswitch_on: [gfx]\n"
    assert problems(desk, text) == [
        "3:3: unknown rule 'desk.cancel', did you mean 'desk.cancels'?",
        "4:13: unknown pack or rule 'gfx', did you mean 'gfex'?",
    ]
    desk.rule(id="desk.late", from_="2026-01-01")
    found = desk.scan([{"by": "A"}], "levels:\n  desk.late: {red: {gte: 9}}\n")
    assert found.run["notes"] == [
        "the overlay names rules that are not in force on the day: desk.late"
    ]
    assert found.run["notes_zh"][found.run["notes"][0]].startswith("叠加文件")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("levels:\n  desk.cancels: {yellow: {gte: 5}}\n",
         "3:3: desk.cancels: red >= 5 must be above yellow >= 5"),
        ("levels:\n  desk.cancels: {yellow: {gte: 2.5}}\n",
         "3:26: cancels are counted in whole numbers, found >= 2.5"),
        ("alternatives: {desk.cancels: other}\n",
         "2:16: desk.cancels has no alternatives on that day"),
        ("exemptions: [{rule: desk.self, cancel_by: client, owner: A, reason: b, "
         "until: 2026-01-01}]\n", "2:43: desk.self counts self_trades, which nobody cancels"),
        ("exemptions: [{rule: desk.long, client: A, owner: A, reason: b, until: 2026-01-01}]\n",
         "2:40: desk.long counts long_lots, of which nobody can be exempt by name"),
        ("exemptions: [{rule: desk.cancels, client: 00001234, owner: A, reason: b, "
         "until: 2026-01-01}]\n", "2:43: '00001234' is not read as a text: put it in quotes"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_a_rule_is_told_with_its_place(
    desk: Desk, text: str, told: str
) -> None:
    desk.rule(id="desk.self", count="self_trades")
    desk.rule(id="desk.long", count="long_lots")
    assert problems(desk, text) == [told]


def test_a_schema_for_editors_takes_an_overlay() -> None:
    validator = Draft202012Validator(overlay_schema())
    good = {
        "owner": "The desk", "switch_on": "gfex",
        "levels": {"shfe.self_trade": {"red": {"gte": 9}}},
        "exemptions": [{"rule": "shfe.self_trade", "client": "A", "owner": "B", "reason": "c",
                        "until": "2026-01-01"}],
    }  # fmt: skip
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "owner": None})
    assert not validator.is_valid({**good, "levels": {"shfe.self_trade": {}}})
    assert not validator.is_valid({**good, "levels": {"Self Trade": {"red": {"gte": 9}}}})
