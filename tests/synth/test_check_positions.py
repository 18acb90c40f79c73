"""What an alert on a position tells besides its figures is held against the truth, each part."""

from __future__ import annotations

import csv
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_days import made, scanned

from abtrade.errors import InputError
from abtrade.synth_check import check
from abtrade.synthetic.truth import read_truth


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a made day of positions and a scan of it."""
    folder = tmp_path_factory.mktemp("positions")
    day = made(folder / "day", rows=24_000, offences="all", plant="positions", seed=31,
               exchanges=("SHFE", "DCE"))  # fmt: skip
    scanned(day, folder / "out")
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it to do harm to."""
    return shutil.copytree(whole, tmp_path / "copy")


def differences(folder) -> list[str]:
    return check(folder / "day", folder / "out")


def test_a_scan_tells_what_is_planted(whole):
    assert differences(whole) == []


def detail_of(whole, text):
    truths = read_truth(whole / "day" / "truth.csv")
    return next(truth.detail for truth in truths if truth.story == text and truth.detail)


def test_the_truth_tells_passages_falls_and_the_end(whole):
    detail = detail_of(whole, "320 lots held long, 220, then 330")
    assert [detail["opening"], detail["peak"]["lots"], detail["end"]] == [200, 330, 330]
    assert detail["passage_count"] == {"yellow": 2, "red": 2}
    assert [fall["level"] for fall in detail["fell_back"]] == ["red", "yellow"]
    assert detail["fell_back"][0]["seq"] < detail["fell_back"][1]["seq"]
    assert 220 <= detail["fell_back"][1]["lots"] < 240


def test_the_truth_tells_what_is_there_from_the_outset(whole):
    detail = detail_of(whole, "301 lots held short by a client that is silent all day")
    assert detail["peak"] == {"lots": 301, "seq": None}
    assert (detail["passages"], detail["fell_back"], detail["end"]) == ([], [], 301)
    assert [share["counted"] for share in detail["shares"]] == [301]
    closed = detail_of(whole, "300 lots held short and closed to the last")
    assert (closed["end"], closed["shares_at_peak"][0]["counted"]) == (0, 300)


def test_the_truth_tells_who_reached_it_alone(whole):
    silent = "310 lots held long by a group, 200 of them by a client that is silent"
    assert not detail_of(whole, silent)["reached_alone"]
    assert detail_of(whole, silent)["shares_at_peak"][0]["counted"] == 200
    suspected = "held long by a suspected group"
    assert not detail_of(whole, f"330 lots {suspected}, 110 by each client")["reached_alone"]
    assert detail_of(whole, f"960 lots {suspected}, 320 by each client")["reached_alone"]


IN_DETAIL = {
    "opening": lambda detail: detail.update(opening=7),
    "end": lambda detail: detail.update(end=7),
    "peak": lambda detail: detail["peak"].update(seq=7),
    "passages": lambda detail: detail["passages"][0].update(lots=7),
    "passage_count": lambda detail: detail["passage_count"].update(yellow=7),
    "fell_back": lambda detail: detail["fell_back"].pop(),
    "shares_at_peak": lambda detail: detail["shares_at_peak"][0].update(counted=7),
}


def rewritten(folder, change) -> None:
    """Change an alert on a planted client that fell back."""
    path = folder / "out" / "alerts.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(next(row for row in rows
                if row["subject"][0] == "9" and json.loads(row["detail"])["fell_back"]))
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


@pytest.mark.parametrize("name", IN_DETAIL)
def test_a_detail_that_was_changed_does_not_pass(folder, name):
    def change(row):
        detail = json.loads(row["detail"])
        IN_DETAIL[name](detail)
        row["detail"] = json.dumps(detail)

    rewritten(folder, change)
    lines = differences(folder)
    assert len(lines) == 1
    assert f": {name} is " in lines[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row["shares"][0].update(counted=7), "shares is "),
        (lambda row: row.update(shares=[]), "shares is []"),
        (lambda row: row.update(reached_alone=not row["reached_alone"]), "reached_alone is "),
        (lambda row: row.update(detail="[]"), "detail is no JSON object"),
        (lambda row: row.update(detail="{"), "detail is no JSON object"),
    ],
)
def test_what_else_an_alert_tells_does_not_pass_when_changed(folder, change, said):
    rewritten(folder, change)
    lines = differences(folder)
    assert len(lines) == 1
    assert said in lines[0]


def test_an_alert_without_a_detail_lacks_each_part(folder):
    rewritten(folder, lambda row: row.update(detail=None))
    assert sum(" is None, expected " in line for line in differences(folder)) == len(IN_DETAIL)


@pytest.mark.parametrize("text", ["[]", "{", "7"])
def test_a_detail_of_truth_that_is_none_is_named_with_its_row(folder, text):
    path = folder / "day" / "truth.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    at = next(i for i, row in enumerate(rows) if row[-2].startswith("{"))
    rows[at][-2] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(InputError, match=rf"truth\.csv: row {at + 1}: detail: found"):
        differences(folder)
