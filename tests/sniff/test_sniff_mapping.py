"""Mappings proposed for tables of unknown columns."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sniffed_files import COUNTER, LETTERS, written
from typer.testing import CliRunner

import abtrade
from abtrade import schema
from abtrade.cli import app
from abtrade.readers.mapping import Mapping, TimeRule, load_mapping
from abtrade.sniffing.header import meanings_of
from abtrade.sniffing.moments import joined_rule, rule_of
from abtrade.sniffing.proposal import Proposal
from abtrade.sniffing.values import codes_of
from abtrade.sniffing.yaml_text import mapping_yaml
from abtrade.wording import clock


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def say(key: str, **values: object) -> str:
    return f"{key} {values}"


@pytest.mark.parametrize(("text", "encoding"), [(COUNTER, "gbk"), (LETTERS, "utf-8")])
def test_the_mapping_is_written_and_the_command_runs(text: str, encoding: str):
    written(Path("day.csv"), text, encoding)
    ran = CliRunner().invoke(app, shlex.split("sniff day.csv --write-mapping broker.yaml"))
    assert ran.exit_code == 0, ran.output
    command = next(line for line in ran.output.splitlines() if "abtrade scan" in line)
    assert "--mapping broker.yaml" in command
    again = CliRunner().invoke(app, shlex.split(command)[1:])
    assert again.exit_code == (4 if text is LETTERS else 0), again.output
    found = abtrade.sniff("day.csv", mapping="broker.yaml")
    assert found.scannable
    assert found.proposal is None
    assert found.sample.actions["new"] == 2


def test_a_mapping_that_is_there_is_replaced_by_force_only():
    written(Path("day.csv"), LETTERS)
    written(Path("broker.yaml"), "mine")
    words = shlex.split("sniff day.csv --write-mapping broker.yaml")
    assert CliRunner().invoke(app, words).exit_code == 1
    assert Path("broker.yaml").read_text() == "mine"
    assert CliRunner().invoke(app, [*words, "--force"]).exit_code == 0
    assert Path("broker.yaml").read_text() != "mine"
    assert Path("broker.yaml").stat().st_mode & 0o777 == 0o600


def test_words_that_nothing_is_known_of_are_named():
    found = abtrade.sniff(written(Path("day.csv"), LETTERS))
    assert found.proposal is not None
    assert found.proposal.unknown_words == {"action": ["Z"]}
    assert found.besides[0].values == {"column": "action", "names": ["Z"]}


def test_columns_are_told_by_their_values_where_names_say_nothing():
    rows = "a,b,c,d,account,order_id,lots\n"
    rows += "2025-03-03 09:00:00,rb2505,报单,买,A,1,1\n2025-03-03 09:00:01,cu2503,撤单,卖,A,2,1\n"
    found = abtrade.sniff(written(Path("day.csv"), rows))
    assert found.proposal is not None
    assert {use.column: use.canonical for use in found.files[0].columns if use.guess} == {
        "a": "ts", "b": "contract", "c": "action", "d": "side",
    }  # fmt: skip
    assert found.scannable


def test_a_name_that_its_values_gainsay_means_nothing():
    rows = LETTERS.replace("Price", "Lots").replace("70000", "many")
    found = abtrade.sniff(written(Path("day.csv"), rows))
    assert found.proposal is not None
    assert found.proposal.mapping.columns["Qty"] == "lots"
    assert "Lots" not in found.proposal.mapping.columns


def test_numbers_for_words_are_a_guess():
    rows = LETTERS.replace(",B,", ",0,").replace(",S,", ",1,")
    found = abtrade.sniff(written(Path("day.csv"), rows))
    assert found.proposal is not None
    assert found.proposal.mapping.codes["side"] == {"0": "buy", "1": "sell"}
    assert found.proposal.guessed_codes == {"side"}


def test_canonical_names_with_other_words_need_a_mapping_of_words_alone():
    rows = "ts,contract,action,order_id,account,lots\n2025-03-03 09:00:00,cu2503,报单,1,A,5\n"
    found = abtrade.sniff(written(Path("day.csv"), rows))
    assert found.kind == "mapping"
    assert found.proposal is not None
    assert found.proposal.mapping.columns == {}
    assert found.sample.actions == {"new": 1}


def test_a_parquet_file_of_other_names_and_types():
    table = pa.table({
        "time": pa.array([1_740_963_600_000] * 2), "instrument": ["cu2503"] * 2,
        "event": pa.array(["N", "C"]).dictionary_encode(), "order_no": [1, 1],
        "account": ["A"] * 2, "volume": [5, 5],
    })  # fmt: skip
    pq.write_table(table, "day.parquet")
    found = abtrade.sniff("day.parquet")
    assert found.scannable
    assert found.proposal is not None
    assert found.proposal.mapping.time == TimeRule(unit="ms")
    assert found.day == "2025-03-03"


def test_a_mapping_that_ships_and_fits_is_named():
    rows = "序号,交易日,时间,合约,操作,委托号,交易编码,买卖,价格,手数\n"
    rows += "1,20250303,21:00:00,cu2503,报单,1,A,买,70000,5\n"
    found = abtrade.sniff(written(Path("day.csv"), rows, "gbk"))
    assert found.shipped == "events-zh"
    assert found.proposal is None
    assert "--mapping events-zh" in found.commands[0]
    assert CliRunner().invoke(app, shlex.split(found.commands[0])[1:]).exit_code == 0


def test_a_trading_day_and_a_time_of_day_are_told_as_such():
    rows = LETTERS.replace("Time,", "TradingDay,Clock,").replace("2025-03-03 09", "20250303,21")
    found = abtrade.sniff(written(Path("day.csv"), rows.replace("Clock", "InsertTime")))
    assert found.proposal is not None
    assert found.proposal.mapping.time.date == "trading"
    assert found.sample.first_ts is not None
    assert clock(found.sample.first_ts).startswith("2025-02-28 21:00:00.5")


def test_files_that_need_different_mappings_are_not_one_log():
    written(Path("a.csv"), LETTERS)
    written(Path("b.csv"), LETTERS.replace("Qty", "Volume"))
    found = abtrade.sniff(["a.csv", "b.csv"])
    assert [reason.key for reason in found.reasons] == ["sniff.why.mappings"]
    assert found.reasons[0].values == {"names": ["b.csv"]}


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_delimiters(sign: str):
    found = abtrade.sniff(written(Path("day.csv"), LETTERS.replace(",", sign)))
    assert found.files[0].delimiter == sign
    assert found.scannable


# --- pieces --------------------------------------------------------------------------------------


def test_header_words():
    names = ["报单编号", "Order ID", "Acount ID", "买/卖", "client_id", "Volumne", "traded", "备注"]
    assert {name: tuple(meant) for name, meant in meanings_of(names).items()} == {
        "报单编号": ("order_id", False),
        "Acount ID": ("account", True),
        "买/卖": ("side", False),
        "client_id": ("client", False),
        "Volumne": ("lots", True),
    }


def test_a_client_alone_is_taken_for_the_account():
    assert meanings_of(["client_id"])["client_id"].canonical == "account"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2025-03-03 09:00:00.5", TimeRule()),
        ("2025-03-03T09:00:00+08:00", TimeRule()),
        ("20250303 09:00:00.500", TimeRule(formats=("%Y%m%d %H:%M:%S.%f",))),
        ("20250303090000500", TimeRule(formats=("%Y%m%d%H%M%S%f",))),
        ("2025/3/3 9:00:00", TimeRule(formats=("%Y/%m/%d %H:%M:%S",))),
        ("20250303-09:00:00.123", TimeRule(formats=("%Y%m%d-%H:%M:%S.%f",))),
        ("1740963600", TimeRule(unit="s")),
        ("1740963600000", TimeRule(unit="ms")),
        ("1740963600000000000", TimeRule(unit="ns")),
        ("09:00:00", None),
        ("never", None),
    ],
)
def test_how_times_are_written(text: str, rule: TimeRule | None):
    assert rule_of([text]) == rule


def test_dates_and_times_of_day_are_joined():
    names = ("日期", "时间")
    rule = joined_rule(names, [["2025-03-03"], ["9:00:00"]])
    assert rule == TimeRule(names, ("%Y-%m-%d %H:%M:%S",))
    assert joined_rule(names, [["x"], ["y"]]) is None


def test_chinese_words_bring_those_that_may_follow():
    found = codes_of("side", ["买"])
    assert found.words == {"买": "buy", "卖": "sell"}
    assert codes_of("side", ["buy", "B"]).words == {"B": "buy"}


@given(
    columns=st.dictionaries(st.text(min_size=1), st.sampled_from(schema.LOG_COLUMNS), max_size=5),
    words=st.dictionaries(st.text(min_size=1).map(lambda text: text.strip(" \t\u3000")),
                          st.sampled_from(["buy", "sell"]), max_size=5),
    delimiter=st.sampled_from(",;|\t~"),
)  # fmt: skip
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    columns: dict[str, str],
    words: dict[str, str],
    delimiter: str,
):
    taken: dict[str, str] = {canonical: name for name, canonical in columns.items()}
    columns = {name: canonical for canonical, name in taken.items()}
    time = TimeRule() if "ts" in taken else TimeRule(("日", "t"), ('%Y"%m-%d %H:%M:%S',))
    codes = {"side": dict(words)} if words else {}
    path = tmp_path_factory.getbasetemp() / "mapping.yaml"
    mapping = Mapping(
        str(path), columns, codes=codes, time=time, encoding="gb18030", delimiter=delimiter
    )
    proposal = Proposal(mapping, [], {"side"}, {"action": ["\x1b[31m", "报\n单"]})
    path.write_text(mapping_yaml(proposal, say), encoding="utf-8", errors="strict")
    assert load_mapping(path) == replace(mapping, path=str(path))


def test_a_mapping_is_remarked_upon_in_both_languages():
    languages: list[Callable[..., str]] = [say, lambda key, **_: key]
    proposal = Proposal(Mapping("m", {"a": "ts"}), [])
    assert len({mapping_yaml(proposal, one) for one in languages}) == 2
