"""The table: measured end to end on a small log, told as pages, and never half written."""

from __future__ import annotations

import json
import os
import sys
import xml.etree.ElementTree as ET

import pytest

import table
from answer import AnswersDifferError
from cases import MOST_PANDAS_ROWS, Contender, Group, groups
from goals import goals
from make_log import truth_of
from measure import Bounds, run_bounded
from picture import bars, picture
from record import Record
from report import BEGIN, END, between_marks, headline, report
from results import Results, ratio_of

ROWS = 40_000
PAGE = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def rounds(times):
    """Measurements of a round a tuple: (contender key, seconds)."""
    return [
        {key: {"seconds": seconds, "cpu_seconds": seconds, "peak_mb": 250, "own_peak_mb": 200,
               "failed": ""} for key, seconds in each}
        for each in times
    ]  # fmt: skip


@pytest.fixture
def results():
    """A run in which a scan takes 2, 2 and 4 seconds and DuckDB 6, 5 and 8."""
    scans, peers = (2.0, 2.0, 4.0), (6.0, 5.0, 8.0)
    core = {"ns_a_row": 40.0, "cpu_ns_a_row": 20.0, "memory": {"cell_bytes": 640, "cells": 10}}
    forty = {"ns_a_row": 46.0, "cpu_ns_a_row": 23.0, "memory": {"cell_bytes": 650, "cells": 10}}
    held = {
        "form": "bare", "asked_rows": 10_000_000, "rows": 9_999_999, "offenders": 3,
        "answer": {"cancels": 5, "large_cancels": 4, "self_trades": 3},
        "bytes": {"parquet": 100 << 20},
        "rounds": rounds([(("abtrade parquet 1", a), ("duckdb parquet 1", b))
                          for a, b in zip(scans, peers, strict=True)]),
    }  # fmt: skip
    return Results({
        "made": "2026-01-02", "command": "make bench", "commit": "abc",
        "machine": {"processor": "P", "processors": 2, "memory_gb": 8, "system": "Linux"},
        "versions": {"python": "3"},
        "groups": {"bare 10000000": held},
        "core": {"rounds": [{"core: cells": core, "core: 3 rules": core, "core: 40 rules": forty,
                             "core: attributes": core}]},
        "start": {"rounds": [{"python": 0.1, "help": 0.2, "scan": 0.9}]},
    })  # fmt: skip


def test_ratios_are_taken_round_by_round(results):
    scan, peer = Contender("abtrade", "parquet", 1), Contender("duckdb", "parquet", 1)
    assert results.ratio("bare 10000000", scan, peer) == ratio_of([3.0, 2.5, 2.0])
    assert str(results.ratio("bare 10000000", scan, peer)) == "2.50 (2.00 to 3.00)"
    assert results.ratio("bare 10000000", scan, Contender("polars", "parquet", 1)) is None
    assert results.ratio("full 10000000", scan, peer) is None


def test_each_goal_is_told_as_reached_or_not(results):
    told = {(goal.number, goal.goal): (goal.measured, goal.reached) for goal in goals(results)}
    assert told[1, ">= 2.3"] == ("2.50 (2.00 to 3.00)", True)
    assert told[5, "<= 50"] == ("20 ns (20 to 20)", True)
    assert told[8, "<= 1.1"] == ("1.15 (1.15 to 1.15)", False)
    assert told[8, "none"] == ("10 bytes", False)
    assert told[9, "<= 0.2 s"] == ("0.10 s", True)
    assert told[9, "<= 0.6 s"] == ("0.80 s", False)
    assert told[10, "<= 64"] == ("64", True)


def test_the_page_says_what_was_measured(results):
    page = between_marks(PAGE, report(results))
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "old" not in page
    assert "| 1 | Parquet | DuckDB | 6.00 | 6.00 | 1,666,666 | 250 | 2.50 (2.00 to 3.00) |" in page
    assert "2.5 times as quick as DuckDB (2.0 to 3.0)" in headline(results)


def test_a_side_that_gave_up_is_told_and_not_compared(results):
    for found in results.data["groups"]["bare 10000000"]["rounds"]:
        found["duckdb parquet 1"] |= {"failed": "took more than 140 s", "seconds": 0}
    assert "| 1 | Parquet | DuckDB | took more than 140 s |" in report(results)
    assert "DuckDB" not in headline(results)
    assert len(bars(results, "bare 10000000")) == 1


def test_the_picture_is_well_formed_and_holds_every_bar(results):
    root = ET.fromstring(picture(results))
    text = " ".join("".join(node.itertext()) for node in root.iter())
    assert "2.5× abtrade's time (2.0 to 3.0)" in text
    assert "9,999,999 rows" in text
    places = [node.attrib for node in root.iter() if node.tag.endswith("rect")]
    assert len(places) == 2
    widths = [float(place["width"]) for place in places]
    assert widths == sorted(widths)
    assert max(float(p["x"]) + float(p["width"]) for p in places) < float(root.attrib["width"])


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="the page has no"):
        between_marks("no marks here", "made")


def test_the_pages_stand_as_made_from_the_results(tmp_path):
    """With no results yet the marks hold nothing."""
    (tmp_path / "docs").mkdir()
    names = ("docs/benchmarks.md", "README.md")
    for name in names:
        (tmp_path / name).write_text((table.ROOT / name).read_text(encoding="utf-8"))
    if table.RESULTS.exists():
        table.write_docs(Results.read(table.RESULTS), tmp_path)
        names += ("docs/benchmarks.svg",)
    else:
        for name in names:
            inside = (tmp_path / name).read_text().partition(BEGIN)[2].partition(END)[0]
            assert not inside.strip()
    for name in names:
        assert (tmp_path / name).read_bytes() == (table.ROOT / name).read_bytes()


def test_the_default_cases(results):
    found = groups((10_000_000, 50_000_000), None, 2)
    assert [(g.form, g.rows, g.rounds) for g in found] == [
        ("bare", 10_000_000, 5), ("full", 10_000_000, 5),
        ("bare", 50_000_000, 3), ("full", 50_000_000, 3),
    ]  # fmt: skip
    for group in found:
        sides = {one.side for one in group.contenders}
        assert {"abtrade", "duckdb", "polars", "decode"} <= sides
        assert ("pandas" in sides) == (group.rows <= MOST_PANDAS_ROWS)
    alone = groups((10_000_000,), None, 1)
    assert {one.threads for group in alone for one in group.contenders} == {1}


def test_rounds_are_kept_and_a_line_cut_off_is_forgotten(tmp_path):
    record = Record(tmp_path, {"code": 1}, fresh=False)
    record.add("g", {"a": 1})
    record.add("g", {"a": 2})
    with record.path.open("a", encoding="utf-8") as file:
        file.write('{"group": "g", "rou')
    again = Record(tmp_path, {"code": 1}, fresh=False)
    assert again.rounds("g") == [{"a": 1}, {"a": 2}]
    again.add("g", {"a": 3})
    assert len(Record(tmp_path, {"code": 1}, fresh=False).rounds("g")) == 3
    assert Record(tmp_path, {"code": 2}, fresh=False).rounds("g") == []
    assert Record(tmp_path, {"code": 1}, fresh=True).rounds("g") == []


@pytest.mark.parametrize(
    ("work", "bounds", "told"),
    [
        ("import time; time.sleep(60)", Bounds(1, 4000), "took more than 1 s"),
        ("x = b'1' * (600 << 20); import time; time.sleep(60)", Bounds(60, 300),
         "took more than 300 MB"),
        ("raise MemoryError", Bounds(60, 4000), "ran out of memory"),
        ("print('well')", Bounds(60, 4000), ""),
    ],
)  # fmt: skip
def test_a_process_that_breaks_a_bound_is_ended_and_told(work, bounds, told):
    ran = run_bounded([sys.executable, "-c", work], os.environ, bounds)
    assert ran.failed == told
    assert ran.out == ("" if told else "well\n")


def test_a_process_that_fails_stops_the_run():
    with pytest.raises(RuntimeError, match="no such thing"):
        run_bounded([sys.executable, "-c", "exit('no such thing')"], os.environ, Bounds(60, 4000))


@pytest.fixture
def run(tmp_path):
    """A run of all sides on small logs, with what it said."""
    for peer in table.PEERS:
        pytest.importorskip(peer, reason=f"{peer} is not installed: pip install '.[bench]'")
    contenders = tuple(
        Contender(side, "parquet", 1) for side in ("abtrade", "duckdb", "polars", "pandas",
                                                   "decode")
    )  # fmt: skip
    said: list[str] = []
    cases = [Group("bare", ROWS, 2, contenders), Group("full", ROWS, 1, contenders)]
    return table.Run(tmp_path, cases, 1, fresh=False, say=said.append), said, cases


@pytest.mark.slow
def test_a_run_end_to_end_and_again_without_measuring(run, tmp_path):
    made, said, cases = run
    made.measure()
    results = made.results("test", "")
    assert len(results.data["groups"][f"bare {ROWS}"]["rounds"]) == 2
    assert json.loads(json.dumps(results.data)) == results.data
    text = report(results)
    for name in ("abtrade", "DuckDB", "Polars", "pandas", "pyarrow decode alone"):
        assert f"| {name} |" in text
    assert sum("answers agree" in line for line in said) == 3
    (tmp_path / "docs").mkdir()
    for page in ("docs/benchmarks.md", "README.md"):
        (tmp_path / page).write_text(PAGE)
    table.write_docs(results, tmp_path)
    ET.parse(tmp_path / "docs" / "benchmarks.svg")
    again: list[str] = []
    second = table.Run(tmp_path, cases, 1, fresh=False, say=again.append)
    second.measure()
    assert again == []
    assert second.results("test", "").data == results.data


@pytest.mark.slow
def test_answers_that_differ_stop_a_run_before_any_time_is_told(run, tmp_path):
    made, said, _ = run
    log = made._inputs.log("bare", ROWS)
    truth = json.loads(truth_of(log).read_text())
    truth["answer"]["cancels"] += 1
    truth_of(log).write_text(json.dumps(truth))
    with pytest.raises(AnswersDifferError, match="duckdb parquet 1: cancels"):
        made.measure()
    assert not any("answers agree" in line for line in said)
    assert not list(tmp_path.glob("*.jsonl"))
