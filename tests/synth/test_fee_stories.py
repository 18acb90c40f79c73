"""Order fees: a scan bills each planted subject as its story says, and the check can tell."""

from __future__ import annotations

import csv
import dataclasses
import shutil
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_days import differences, made, scanned

from abtrade.errors import InputError, OutputError
from abtrade.synth_check import check
from abtrade.synthetic import day as made_up
from abtrade.synthetic.families import stories_of
from abtrade.synthetic.fee_truth import read_fee_truth


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return made(tmp_path_factory.mktemp("fees") / "day", rows=30_000, offences="all", plant="fees",
                exchanges=("SHFE", "CZCE"), seed=21)  # fmt: skip


@pytest.fixture(scope="module")
def whole(day, tmp_path_factory):
    """The folder of a scan of that day."""
    out = tmp_path_factory.mktemp("found") / "out"
    scanned(day, out)
    return out


@pytest.fixture
def out(whole, tmp_path):
    """A copy of it to do harm to."""
    return shutil.copytree(whole, tmp_path / "out")


def test_a_scan_bills_what_is_planted(day, whole):
    assert check(day.folder, whole) == []


def test_the_truth_tells_each_edge(day):
    fees = read_fee_truth(day.folder / "fee_truth.csv")
    assert day.manifest["fees"] == len(fees)
    pays = {(fee.story, fee.subject_kind): fee.fee for fee in fees}
    assert pays["100 messages, none filled, by one account", "client"] == 0
    assert pays["101 messages, 34 orders filled, by one account", "client"] == Decimal("0.25")
    spread = "messages for 50 filled orders, spread over a group"
    assert pays[f"150 {spread}", "group"] == Decimal("12.5")
    assert pays[f"151 {spread}", "group"] == Decimal("25.5")
    suspected = "450 messages of a suspected group, 150 of each client"
    assert (pays[suspected, "group"], pays[suspected, "client"]) == (675, 25)
    of_maker = next(fee for fee in fees if fee.story == "500 messages of a market maker")
    assert (of_maker.messages, of_maker.exempt_messages, of_maker.fee) == (0, 500, 0)
    free = next(fee for fee in fees if "without an order fee" in fee.story)
    assert (free.messages, free.fee) == (600, None)


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [("above", "100", "101"), ("rate", "1.25", "1.26"), ("rate_above_otr", "0.654321", "0.654322"),
     ("otr", "2", "2.02"), ("otr", "300", "299"), ("unfilled", "dearer", ""),
     ("to", "2025-02-17", "")],
)  # fmt: skip
def test_brackets_that_are_a_little_off_do_not_pass(day, tmp_path, column, old, new):
    with (day.folder / "fees.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if column == "to":  # the day before's go on, the day's are gone
        rows = [row for row in rows if row["from"] == "2020-01-02"]
    assert any(row[column] == old for row in rows)
    for row in rows:
        row[column] = new if row[column] == old else row[column]
    with (tmp_path / "fees.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    lines = differences(day, tmp_path / "out", fees=tmp_path / "fees.csv")
    assert lines
    assert all(line.startswith("fee: ") for line in lines)


@pytest.mark.parametrize("table", ["market_makers", "links", "contracts"])
def test_a_scan_that_does_not_know_who_is_who_does_not_pass(day, tmp_path, table):
    lines = differences(day, tmp_path / "out", **{table: None})
    assert any("fee" in line.split(":")[0] for line in lines)


def test_a_scan_that_was_not_asked_for_fees_is_refused(day, tmp_path):
    scanned(day, tmp_path / "out", fees=None)
    with pytest.raises(InputError, match=r"fees\.parquet: No such file"):
        check(day.folder, tmp_path / "out")


def rewritten(out, change) -> None:
    """Change the rows of the fees, given the first of a planted subject that pays."""
    path = out / "fees.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    first = next(row for row in rows if row["subject"].startswith("9") and row["fee"])
    change(rows, first)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows, row: row.update(fee=row["fee"] + Decimal("0.000001")), "fee is "),
        (lambda rows, row: row.update(messages=row["messages"] + 1), "messages is "),
        (lambda rows, row: row.update(exempt_messages=1), "exempt_messages is 1, expected 0"),
        (lambda rows, row: row.update(filled_orders=5000), "filled_orders is 5000"),
        (lambda rows, row: row.update(dearer=not row["dearer"]), "dearer is "),
        (lambda rows, row: row.update(next_message=Decimal(7)), "next_message is 7"),
        (lambda rows, row: rows.remove(row), "no fee: "),
        (lambda rows, row: rows.insert(0, dict(row)), "2 fees, expected one: "),
        (lambda rows, row: rows.append(row | {"scope": "contract:x"}), "not in the truth: "),
    ],
)
def test_a_fee_that_was_changed_does_not_pass(day, out, change, said):
    rewritten(out, change)
    lines = check(day.folder, out)
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: lines[:5], "found 4 rows, expected"),
        (lambda lines: [*lines, lines[-1]], "repeats one above"),
        (lambda lines: [lines[0], lines[1].replace("false", "no"), *lines[2:]], "row 2: dearer"),
        (lambda lines: [lines[0], "SHFE,client,1,contract:x,1,0,0,false,much,0,x", *lines[2:]],
         "row 2: fee: found 'much', expected a number"),
    ],
)  # fmt: skip
def test_a_truth_about_fees_that_is_damaged_is_named(day, whole, tmp_path, damage, said):
    folder = tmp_path / "day"
    folder.mkdir()
    for name in ("manifest.json", "truth.csv", "fee_truth.csv"):
        shutil.copy(day.folder / name, folder / name)
    path = folder / "fee_truth.csv"
    path.write_text("\n".join([*damage(path.read_text().splitlines()), ""]))
    with pytest.raises(InputError, match=r"fee_truth\.csv: ") as raised:
        check(folder, whole)
    assert said in str(raised.value)


def test_a_story_whose_fee_the_log_does_not_tell_is_an_error(tmp_path, monkeypatch):
    told = next(story for story in stories_of(["fees"]) if story.fee == Decimal("12.5"))
    one_off = dataclasses.replace(told, fee=Decimal("12.51"))
    monkeypatch.setattr(made_up, "stories_of", lambda families: [told, one_off])
    with pytest.raises(OutputError, match=r"meant a fee of 12\.51, wrote 12\.50"):
        made(tmp_path / "day", rows=20_000, plant="fees")
    assert list(tmp_path.iterdir()) == []
