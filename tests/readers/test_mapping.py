"""Mapping files: foreign columns and words become canonical ones; every problem has its place."""

from __future__ import annotations

import datetime
import textwrap
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from day_files import NS, read, rows_of, table_of, write, write_table
from hypothesis import given, settings
from hypothesis import strategies as st

from abtrade.errors import InputError
from abtrade.readers.mapping import Mapping, load_mapping
from abtrade.readers.sources import open_source

CHINESE = """
columns: {委托号: order_id, 合约: contract, 动作: action, 客户号: account, 方向: side,
          价格: price, 手数: lots}
codes:
  action: {报单: new, 撤单: cancel, 成交: trade}
  side: {买: buy, 卖: sell, '-': null}
constants: {exchange: SHFE, channel: 3}
time: {join: [日期, 时间], format: '%Y%m%d %H:%M:%S.%f'}
encoding: gbk
delimiter: '|'
"""
CHINESE_DAY = """委托号|合约|动作|客户号|方向|价格|手数|日期|时间|备注
        131|cu2503|报单|00012345|买|70000|5|20250303|09:00:00.5|x
007|cu2503|报单|00012346| 卖 |70010|2|20250303|9:0:1.25|
131|cu2503|撤单||-|||20250303|09:00:02.0|y
131|cu2503|撤单||-|||20250303|09:00|bad time
131|cu2503|废单||-|||20250303|09:00:02.0|bad word
"""


def test_a_flat_file_with_chinese_headers(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(CHINESE_DAY.encode("gbk"))
    source = open_source(path, mapping_of(tmp_path, CHINESE))
    assert source.columns == (
        "order_id", "contract", "action", "account", "side", "price", "lots",
        "日期", "时间", "备注", "ts", "exchange", "channel",
    )  # fmt: skip
    good, bad = read(source)
    assert [row["order"] for row in good] == ["131", "007", "131"]
    assert [row["account"] for row in good] == ["SHFE:00012345", "SHFE:00012346", None]
    assert [row["side"] for row in good] == [1, 2, 0]
    assert [row["channel"] for row in good] == [3, 3, 3]
    assert [row["ts"] - NS for row in good] == [499_999_999, 1_249_999_999, 1_999_999_999]
    assert [(row.row, row.reason) for row in bad] == [
        (4, "ts: found '20250303 09:00', expected a time as in '%Y%m%d %H:%M:%S.%f'"),
        (
            5,
            "action: found '废单', expected one of new, cancel, trade, amend, reject, carried, rfq",
        ),
    ]
    assert '"日期": "20250303"' in bad[0].content


def test_the_same_without_its_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(CHINESE_DAY.encode("gbk"))
    with pytest.raises(InputError, match="encoding: gbk"):
        open_source(path)
    with pytest.raises(InputError, match=r"column '委托号' of .* is missing"):
        open_source(path, mapping_of(tmp_path, CHINESE.replace("'|'", "','")))


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_codes_from_words_integers_and_dictionaries(tmp_path: Path, form: str) -> None:
    codes = {0: "buy", 1: "sell"}
    mapping = mapping_of(tmp_path, "codes: {side: {0: buy, 1: sell, 9: null}}")
    for number in (0, 1):
        rows = rows_of({"side": number}, {"action": "cancel", "side": 9}, {"side": 7})
        path = write(tmp_path, rows, form)
        good, bad = read(open_source(path, mapping))
        assert [row["side"] for row in good] == [{"buy": 1, "sell": 2}[codes[number]], 0]
        assert bad[0].reason == "side: found '7', expected one of buy, sell"
    if form != "csv":
        table = table_of(rows_of({"side": "0"}, {"side": "1"}, {"side": "buy"}))
        at = table.schema.get_field_index("side")
        table = table.set_column(at, "side", table["side"].dictionary_encode())
        good, bad = read(open_source(write_table(tmp_path / "day", table, form), mapping))
        assert ([row["side"] for row in good], bad) == ([1, 2, 1], [])


TIMES: list[tuple[str, str, str]] = [
    # the mapping's time, what is written, the instant
    ("{format: '%Y%m%d%H%M%S%f'}", "20250303090000000000001", "2025-03-03T01:00:00.000000001"),
    ("{format: '%Y/%m/%d %H:%M:%S'}", "2025/3/3 9:00:05", "2025-03-03T01:00:05"),
    ("{format: '%d.%m.%Y %H时%M分%S秒'}", "3.3.2025 9时0分5秒", "2025-03-03T01:00:05"),
    ("{format: '%Y%m%d %H:%M:%S', zone: UTC}", "20250303 01:00:05", "2025-03-03T01:00:05"),
    ("{format: '%Y%m%d %H:%M:%S', zone: '+01:00'}", "20250303 01:00:05", "2025-03-03T00:00:05"),
    ("{zone: America/Chicago}", "2025-07-01 09:00:00", "2025-07-01T14:00:00"),
    ("{zone: America/Chicago}", "2025-01-02 09:00:00", "2025-01-02T15:00:00"),
    ("{zone: UTC}", "2025-03-03 09:00:00+08:00", "2025-03-03T01:00:00"),
    ("{format: ['%Y%m%d %H:%M:%S', '%Y%m%d %H:%M:%S.%f']}", "20250303 09:00:05.25",
     "2025-03-03T01:00:05.25"),
    ("{date: trading}", "2025-03-03 21:00:00", "2025-02-28T13:00:00"),
    ("{date: trading}", "2025-03-03 02:29:59", "2025-02-28T18:29:59"),
    ("{date: trading}", "2025-03-03 09:00:00", "2025-03-03T01:00:00"),
    ("{unit: ms}", "1740963600123", "2025-03-03T01:00:00.123"),
    ("{unit: ns}", "1740963600000000001", "2025-03-03T01:00:00.000000001"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "instant"), TIMES)
def test_time_formats(tmp_path: Path, rule: str, text: str, instant: str) -> None:
    """A format is strict: what does not follow it is a bad row, its neighbours are good."""
    mapping = mapping_of(tmp_path, f"time: {rule}")
    rows = rows_of({"ts": text}, {"ts": "?"}, {"ts": text}, {"ts": None})
    good, bad = read(open_source(write(tmp_path, rows, "csv"), mapping))
    whole, _, fraction = instant.partition(".")
    seconds = int(datetime.datetime.fromisoformat(whole + "+00:00").timestamp())
    assert [row["ts"] for row in good] == [seconds * 10**9 + int(fraction.ljust(9, "0"))] * 2
    assert [row["row"] for row in good] == [1, 3]
    assert [row.row for row in bad] == [2, 4]
    assert bad[0].reason.startswith("ts: found '?', expected ")


def test_time_of_typed_columns(tmp_path: Path) -> None:
    table = table_of(rows_of({}, {})).drop_columns("ts")
    days = pa.array([datetime.date(2025, 3, 3)] * 2)
    clock = pa.array([32_400_000_000, 32_400_000_001], pa.time64("us"))
    joined = table.append_column("d", days).append_column("t", clock)
    mapping = mapping_of(tmp_path, "time: {join: [d, t]}")
    good, bad = read(open_source(write_table(tmp_path / "day", joined, "parquet"), mapping))
    assert ([row["ts"] for row in good], bad) == ([NS - 1, NS + 999], [])

    for kind in (pa.int64(), pa.uint64()):
        numbers = table.append_column("ts", pa.array([NS // 10**6, None], kind))
        mapping = mapping_of(tmp_path, "time: {unit: ms}")
        good, bad = read(open_source(write_table(tmp_path / "day", numbers, "arrow"), mapping))
        assert ([row["ts"] for row in good], [row.row for row in bad]) == ([NS - 1], [2])

    naive = table.append_column("ts", pa.array([NS // 1000] * 2, pa.timestamp("us")))
    mapping = mapping_of(tmp_path, "time: {zone: UTC}")
    good, bad = read(open_source(write_table(tmp_path / "day", naive, "parquet"), mapping))
    assert ([row["ts"] for row in good], bad) == ([NS - 1] * 2, [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("colums: {a: ts}", ["1:1: unknown key 'colums', did you mean 'columns'?"]),
        ("columns: {a: acount}", ["1:14: unknown column 'acount', did you mean 'account'?"]),
        ("columns: {a: ts, b: ts}", ["1:21: 'a' and 'b' both become 'ts'"]),
        ("columns: {a: ts, a: seq}", ["1:18: 'a' stands twice"]),
        ("columns: [a]", ["1:10: found a list, expected columns with keys and values"]),
        ("columns: {a: [ts]}", ["1:14: found a list, expected text"]),
        ("columns: {[a]: ts}", ["1:11: found a list as a key, expected text"]),
        (
            "codes:\n  side: {买: by}\n  acton: {}",
            ["2:13: side: unknown word 'by', expected one of buy, sell",
             "3:3: unknown key 'acton', did you mean 'action'?"],
        ),
        ("codes: {side: {买: buy, ' 买': sell}}", ["'买' stands twice"]),
        ("constants: {tif: ioc}", ["1:18: tif: unknown word 'ioc'"]),
        ("constants: {seq: 1}", ["1:13: unknown key 'seq'"]),
        ("constants: {channel: x}", ["constant 'channel': found 'x', expected an integer"]),
        ("constants: {exchange: ''}", ["constant 'exchange': expected a value"]),
        ("columns: {x: tif}\nconstants: {tif: fak}", ["2:12: 'tif' is a constant and a column"]),
        ("encoding: big5", ["1:11: encoding: expected one of utf-8, gbk, gb18030, auto"]),
        ("about: [a]", ["1:8: found a list, expected text"]),
        ("optional: {a: acount}", ["1:15: unknown column 'acount', did you mean 'account'?"]),
        ("columns: {a: ts}\noptional: {a: seq}", ["2:11: 'a' stands in columns as well"]),
        ("optional: {x: tif}\nconstants: {tif: fak}", ["'tif' is a constant and a column"]),
        ("time: {format: []}", ["1:16: time.format: expected a format, or a list of some"]),
        ("time: {format: ['%Y%m%d%H%M%S', '%H']}", ["1:33: the time format lacks %Y %m %d %M %S"]),
        ("time: {date: trade}", ["1:14: unknown date 'trade', expected one of calendar, trading"]),
        (
            "time: {date: trading, zone: UTC}",
            ["1:29: 'date: trading' goes with times of Asia/Shanghai alone"],
        ),
        ("delimiter: ab", ["1:12: delimiter: expected one ASCII sign, or tab"]),
        ("time: {format: '%Y-%m-%d'}", ["1:16: the time format lacks %H %M %S"]),
        ("time: {format: '%Y%m%d%H%M%S%y'}", ["unknown '%y' in the time format"]),
        ("time: {zone: Asia/Shangai}", ["1:14: unknown time zone 'Asia/Shangai'"]),
        ("time: {zone: ../../etc/passwd}", ["unknown time zone"]),
        ("time: {unit: min}", ["1:14: unknown unit 'min', expected one of s, ms, us, ns"]),
        ("time: {unit: ms, zone: UTC}", ["1:18: 'zone' does not go with 'unit'"]),
        ("time: {join: [a]}", ["1:14: time.join: expected a list of two source columns or more"]),
        ("columns: {a: ts}\ntime: {join: [b, c]}", ["2:7: time.join makes 'ts'"]),
        ("columns: {a: ts\n", ["2:1: expected ',' or '}'"]),
        ("", ["is empty"]),
        ("- a", ["1:1: found a list, expected a mapping file"]),
        ("a: 1\n--- \nb: 2", ["2:1: but found another document"]),
        ("x: &x [*x]", ["unknown key 'x'"]),
    ],
)  # fmt: skip
def test_problems_have_their_place(tmp_path: Path, text: str, problems: list[str]) -> None:
    with pytest.raises(InputError) as error:
        mapping_of(tmp_path, text)
    lines = str(error.value).splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(str(tmp_path / "map.yaml"))
        assert problem in line


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = "columns: {a: tss, b: price}\nencoding: x\ntime: {unit: h}\nmore: 1\n"
    with pytest.raises(InputError) as error:
        mapping_of(tmp_path, text)
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {orderid: order_id}", "column 'orderid' of .* is missing, did you mean"),
        ("columns: {seq: order_id}", "2 columns become 'order_id', expected one"),
        ("constants: {account: x}", "column 'account' is there, and a constant of"),
        ("codes: {tif: {F: fak}}", "has codes of 'tif', which is missing"),
        ("time: {join: [seq, lots]}", "column 'ts' is there, and"),
        ("time: {unit: ns}", "found type timestamp"),
        ("codes: {side: {B: buy}}\ncolumns: {price: side, side: member}", "expected text or int"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, rows_of({}), "parquet")
    with pytest.raises(InputError, match=said):
        open_source(path, mapping_of(tmp_path, text))


def test_unreadable_mapping_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_mapping(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        load_mapping(tmp_path)
    (tmp_path / "map.yaml").write_bytes("columns: {委托号: order_id}".encode("gbk"))
    with pytest.raises(InputError, match="not UTF-8"):
        load_mapping(tmp_path / "map.yaml")
    (tmp_path / "map.yaml").write_text("[" * 10_000)
    with pytest.raises(InputError, match="map"):
        load_mapping(tmp_path / "map.yaml")
    (tmp_path / "map.yaml").write_text("#" * 2_000_000)
    with pytest.raises(InputError, match="this is no mapping file"):
        load_mapping(tmp_path / "map.yaml")


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    text = "columns: !!python/object/apply:os.system ['touch /tmp/pwned']"
    with pytest.raises(InputError, match="found a list, expected columns"):
        mapping_of(tmp_path, text)


def test_the_page_on_mappings_works(tmp_path: Path) -> None:
    """The example of docs/mapping.md, read as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text("utf-8")
    text, mapping = (_block(page, kind) for kind in ("csv", "yaml"))
    (tmp_path / "day.csv").write_bytes(text.encode("gbk"))
    good, bad = read(open_source(tmp_path / "day.csv", mapping_of(tmp_path, mapping)))
    assert not bad
    assert [row["action"] for row in good] == [1, 1, 3, 2]
    assert [row["contra"] for row in good] == ["0", "0", "000131", "0"]


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["columns", "codes", "constants", "time", "encoding", "delimiter", "x"])


@settings(max_examples=150)
@given(st.text(max_size=80) | st.dictionaries(KEYS, TREES, max_size=4).map(yaml.safe_dump))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load_mapping(path), Mapping)
    except InputError as error:
        assert all(line.startswith(str(path)) for line in str(error).splitlines())


def mapping_of(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "map.yaml"
    path.write_text(text, "utf-8")
    return load_mapping(path)


def _block(page: str, kind: str) -> Any:
    return textwrap.dedent(page.split(f"```{kind}\n")[1].split("```", maxsplit=1)[0])
