"""The check can fail: a day or a scan with something wrong in it does not pass for a right one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from made_days import differences, made, scanned

from abtrade.synth_check import check


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """One exchange, so that rows can be renumbered with ease."""
    folder = tmp_path_factory.mktemp("check") / "day"
    return made(folder, rows=180_000, offences="all", exchanges=("SHFE",), seed=3)


def written_anew(day, tmp_path, change) -> list[str]:
    """Change the log's rows, scan them, and hold that against the truth of the old ones."""
    log = day.logs[0]
    whole = log.read_bytes()
    table = pq.read_table(log)
    try:
        pq.write_table(change(table), log)
        return differences(day, tmp_path / "out")
    finally:
        log.write_bytes(whole)


def planted_cancels(table: pa.Table, text: str) -> list[int]:
    """Return where the cancels of planted accounts stand."""
    is_cancel = pc.equal(table["action"].cast(pa.string()), text)
    planted = pc.match_substring_regex(table["account"].cast(pa.string()), "^....9")
    return pc.indices_nonzero(pc.and_(is_cancel, planted)).to_pylist()


def test_a_planted_cancel_that_is_dropped_is_missed(day, tmp_path):
    def drop(table):
        at = planted_cancels(table, "cancel")[1000]
        return pa.concat_tables([table.slice(0, at), table.slice(at + 1)])

    assert any("expected" in line for line in written_anew(day, tmp_path, drop))


def test_a_planted_trade_that_is_another_s_is_missed(day, tmp_path):
    def drop(table):
        at = planted_cancels(table, "trade")[0]
        return pa.concat_tables([table.slice(0, at), table.slice(at + 1)])

    assert written_anew(day, tmp_path, drop)


def test_a_scan_without_a_table_or_by_other_rules_does_not_pass(day, tmp_path):
    assert differences(day, tmp_path / "out") == []
    for option in ({"links": None}, {"market_makers": None}, {"contracts": None}):
        scanned(day, tmp_path / "out", **option)
        assert check(day.folder, tmp_path / "out"), option
    scanned(day, tmp_path / "out", rules=["shfe"])
    assert check(day.folder, tmp_path / "out")


@pytest.mark.parametrize("level", ["400", "500"])
def test_a_rule_that_is_one_off_does_not_pass(day, tmp_path, level):
    rule = day.rules / "cancels.yaml"
    text = rule.read_text(encoding="utf-8")
    assert f"gte: {level}" in text
    try:
        rule.write_text(text.replace(f"gte: {level}", f"gt: {level}"), encoding="utf-8")
        lines = differences(day, tmp_path / "out")
    finally:
        rule.write_text(text, encoding="utf-8")
    assert any("synth.cancels" in line for line in lines)


@pytest.mark.parametrize("reason", ["hedge: hedge", "tif: [fak, fok]", "phase: auction",
                                    "market_maker: true", "order_fee: true", "order_type: quote"])
def test_an_exemption_that_is_not_there_does_not_pass(day, tmp_path, reason):
    rule = day.rules / "cancels.yaml"
    text = rule.read_text(encoding="utf-8")
    assert reason in text
    try:
        rule.write_text(text.replace(reason, "product: none_such"), encoding="utf-8")
        lines = differences(day, tmp_path / "out")
    finally:
        rule.write_text(text, encoding="utf-8")
    assert any("found, not planted: synth.cancels" in line for line in lines)
