"""Mapping files that ship: found by name, and each reads what it says it reads."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.readers.mapping import Mapping, load_mapping
from abtrade.readers.shipped import mapping_file, mappings
from abtrade.readers.sources import open_source

CHINESE_DAY = """\
序号,交易日,时间,交易所,合约,操作,委托号,对手委托号,交易编码,买卖,开平,投保,有效期,价格,手数,撤单方
1,20250303,21:00:00.500,上期所,cu2505,报单,   131,,000100000001,买,开仓,投机,当日有效,70000,5,
2,20250303,00:30:00,上期所,cu2505,报单,132,,000100000001,卖,平今,套保,FAK,70000,7,
3,20250303,00:30:00,上期所,cu2505,成交,132,131,,,,,,70000,5,
4,20250303,00:30:00,上期所,cu2505,撤单,132,,,,,,,,2,客户
5,20250303,09:00:00,郑商所,SR505,询价,,,000200000002,,,投机,,,,
6,20250303,09:00:01,郑商所,SR505,拒单,140,,000200000002,买,开仓,投机,当日有效,6000,1,
"""
ENGLISH_DAY = """\
TradingDay,SeqNo,Timestamp,Exchange,Instrument,Event,OrderNo,ContraOrderNo,Account,Side,OpenClose,TimeInForce,Price,Qty
20250303,1,20250303 09:00:00.5,SHFE,cu2505,N,131,,000100000001,B,O,GFD,70000,5
20250303,2,20250303-09:00:01,SHFE,cu2505,New,132,,000100000001,SELL,CT,IOC,70000,7
20250303,3,2025-03-03T09:00:01,SHFE,cu2505,T,132,131,,,,,70000,5
20250303,4,2025-03-03T01:00:01Z,SHFE,cu2505,CANCEL,132,,,,,,,2
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_log_with_chinese_headers(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(CHINESE_DAY.encode(encoding))
    result = abtrade.scan(path, mapping="events-zh")
    assert result.certificate["verdict"] == "complete"
    assert result.run["day"] == "2025-03-03"
    tallies = {(row["subject"], row["contract"]): row for row in result.tallies.to_pylist()}
    copper = tallies["00000001", "cu2505"]
    assert [copper[name] for name in ("orders", "cancels", "self_trades", "open_lots")] == [
        2, 1, 1, 5,
    ]  # fmt: skip
    assert tallies["00000002", "SR505"]["messages"] == 1  # the request for a quote, not the reject


def test_the_evening_is_that_of_the_trading_day_before(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(CHINESE_DAY.encode())
    source = open_source(path, load_mapping("events-zh"))
    (raw,) = source.read(("ts",))
    local = pc.strftime(raw.record["ts"].cast(pa.timestamp("ns", "Asia/Shanghai")), "%F %H:%M")
    assert local.to_pylist() == [
        "2025-02-28 21:00", "2025-03-01 00:30", "2025-03-01 00:30", "2025-03-01 00:30",
        "2025-03-03 09:00", "2025-03-03 09:00",
    ]  # fmt: skip


def test_a_log_with_english_headers(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text(ENGLISH_DAY)
    result = abtrade.scan(path, mapping="events-en")
    assert result.certificate["verdict"] == "complete"
    (row,) = result.tallies.to_pylist()
    assert [row[name] for name in ("orders", "cancels", "self_trades", "open_lots")] == [2, 1, 1, 5]


def test_the_worked_example_of_the_page(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text("utf-8")
    raw, mapping, rule = (
        part.partition("```")[0] for part in page.split("step by step")[1].split("```text\n")[1:4]
    )
    for name, text in (("raw.csv", raw), ("desk.yaml", mapping), ("desk_rule.yaml", rule)):
        (tmp_path / name).write_text(text, "utf-8")
    result = abtrade.scan(
        tmp_path / "raw.csv", mapping=tmp_path / "desk.yaml", day="2025-03-03",
        rules=[tmp_path / "desk_rule.yaml"],
    )  # fmt: skip
    assert result.certificate["verdict"] == "rejected rows"
    (bad,) = result.rejected.to_pylist()
    assert (bad["row"], bad["reason"].partition(",")[0]) == (7, "action: found '查询'")
    (alert,) = result.alerts.to_pylist()
    assert (alert["level"], alert["subject"], alert["count"], alert["yellow_seq"]) == (
        "yellow", "00100001", 2, 6,
    )  # fmt: skip


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text(CHINESE_DAY.replace("序号,", "序号,合约代码,").replace("\n", "\nx,"))
    with pytest.raises(InputError, match="2 columns become 'contract', expected one"):
        open_source(path, load_mapping("events-zh"))


def test_what_a_log_lacks_is_named_in_the_canonical_words(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text(CHINESE_DAY.replace("合约", "品种"))
    with pytest.raises(InputError, match="column 'contract' is missing"):
        abtrade.scan(path, mapping="events-zh")


@pytest.mark.parametrize("name", sorted(mappings()))
def test_every_shipped_mapping_is_sound_and_says_what_it_is_for(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.about.endswith(".")
    assert {"contract", "action", "order_id", "account", "lots"} <= set(mapping.optional.values())


def test_a_file_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert mapping_file("events-en") == mappings()["events-en"]
    Path("events-en").write_text("columns: {a: lots}")
    assert load_mapping("events-en").columns == {"a": "lots"}


def test_a_wrong_name_lists_what_ships(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(ENGLISH_DAY)
    said = CliRunner().invoke(app, ["scan", str(tmp_path / "day.csv"), "--mapping", "event-en"])
    assert said.exit_code == 1
    assert "no mapping of this name ships; there are events-en, events-zh" in " ".join(
        said.output.split()
    )


def test_what_is_optional_may_be_absent_with_its_words() -> None:
    mapping = Mapping("m", optional={"有效期": "tif"}, codes={"tif": {"FAK": "fak"}})
    assert mapping.fitted(["合约"]).codes == {}
    assert mapping.fitted(["有效期"]).columns == {"有效期": "tif"}
    assert mapping.fitted(["tif"]).codes == {"tif": {"FAK": "fak"}}
