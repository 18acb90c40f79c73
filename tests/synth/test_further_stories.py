"""Limit prices, openings against a limit, bursts, positions: a scan finds each as planted."""

from __future__ import annotations

import csv
import json

import pytest
import yaml
from made_days import FORMS, differences, made, scanned

from abtrade.errors import InputError
from abtrade.synth_check import check
from abtrade.synthetic.families import FAMILIES
from abtrade.synthetic.truth import read_truth

FURTHER = tuple(name for name in FAMILIES if name != "orders")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("further") / "day"
    return made(folder, rows=60_000, offences="all", plant=FURTHER, seed=11)


@pytest.fixture(scope="module")
def found(day, tmp_path_factory):
    """The folder of a scan of that day."""
    out = tmp_path_factory.mktemp("found") / "out"
    scanned(day, out)
    return out


def test_a_scan_finds_what_is_planted(day, found):
    assert day.manifest["alerts"] > 200
    assert check(day.folder, found) == []


def test_the_reference_finds_what_is_planted(tmp_path):
    day = made(tmp_path / "day", rows=24_000, offences=30, plant=FURTHER, seed=12,
               exchanges=("SHFE", "CZCE"))  # fmt: skip
    assert day.manifest["alerts"] > 10
    assert differences(day, tmp_path / "out", engine="reference") == []


@pytest.mark.parametrize("form", [name for name in FORMS if name != "full"])
def test_a_few_in_every_form(tmp_path, form):
    day = made(tmp_path / "day", rows=30_000, plant=FURTHER, seed=len(form), **FORMS[form])
    assert differences(day, tmp_path / "out") == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["bare, two rows", "no hedge, no offset"])
def test_every_story(tmp_path, form):
    """The forms that differ most; a few stories in every form are enough for the others."""
    day = made(tmp_path / "day", rows=220_000, offences="all", plant="all", **FORMS[form])
    assert differences(day, tmp_path / "out") == []


@pytest.mark.parametrize("table", ["contracts", "limits", "positions", "links"])
def test_a_scan_without_a_table_does_not_pass(day, tmp_path, table):
    scanned(day, tmp_path / "out", **{table: None})
    assert check(day.folder, tmp_path / "out")


def rule_changed(day, tmp_path, name, change):
    """Return in what a scan differs whose rules have one that is changed."""
    for path in day.rules.iterdir():
        rule = yaml.safe_load(path.read_text(encoding="utf-8"))
        rule["from"] = str(rule["from"])
        if path.stem == name:
            change(rule)
        text = yaml.safe_dump(rule, allow_unicode=True)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return differences(day, tmp_path / "out", rules=[tmp_path])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("bursts", {"burst_messages": 9}),
        ("bursts", {"burst_messages": 11}),
        ("bursts", {"burst_window": "sliding"}),
        ("sliding_bursts", {"burst_window": "calendar"}),
        ("limit_price_cancels", {"count": "cancels"}),
        ("ordered_opening_limit", {"count": "open_lots"}),
        ("opening_limit", {"count": "ordered_open_lots"}),
        ("opening_limit", {"red": {"gte": 1}}),
        ("long_lots", {"red": {"gte": 1}}),
        ("long_lots", {"count": "short_lots"}),
        ("merged_long_lots", {"quotas": None}),
    ],
)
def test_a_rule_that_is_a_little_off_does_not_pass(day, tmp_path, name, change):
    def put_in(rule):
        rule |= change
        for key in [key for key, value in rule.items() if value is None]:
            del rule[key]

    lines = rule_changed(day, tmp_path, name, put_in)
    assert any(f"synth.{name} " in line for line in lines)


def test_what_is_over_held_is_told_and_no_day_has_it(day, found, tmp_path):
    """A lot less of what one account has closed to the last, and the log closes too much."""
    certificate = json.loads((found / "certificate.json").read_text())
    assert certificate["verdict"] == "complete"
    with (day.folder / "positions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    closed = next(row for row in rows if row["account"][4] != "9" and int(row["long"]))
    closed["long"] = str(int(closed["long"]) - 1)
    closed["long_today"] = str(min(int(closed["long_today"]), int(closed["long"])))
    with (tmp_path / "positions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, closed)
        writer.writeheader()
        writer.writerows(rows)
    result = scanned(day, positions=tmp_path / "positions.csv")
    assert result.certificate["faults"] != certificate["faults"]
    assert result.certificate["verdict"] == "faults"


def test_positions_tell_today_apart_and_who_is_silent(day):
    with (day.folder / "positions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(int(row["long_today"]) <= int(row["long"]) for row in rows)
    assert all(int(row["short_today"]) <= int(row["short"]) for row in rows)
    assert any(int(row["long_today"]) for row in rows)
    truths = read_truth(day.folder / "truth.csv")
    outset = [truth for truth in truths if truth.level == "red" and truth.red_seq is None]
    assert {truth.story for truth in outset if truth.level == "red"} >= {
        "301 lots held long by a client that is silent all day",
        "305 lots held short when the day begins, 285, then 325",
    }


def test_without_asking_a_day_is_as_it_was(tmp_path):
    plain = made(tmp_path / "day", rows=20_000, offences=2)
    assert [path.name for path in plain.tables.values()] == [
        "accounts.csv", "links.csv", "market_makers.csv", "contracts.csv",
    ]  # fmt: skip
    assert not (plain.rules / "bursts.yaml").exists()


def test_a_family_that_there_is_not_is_told(tmp_path):
    with pytest.raises(InputError, match="plant: found 'swarms', expected some of orders, limit"):
        made(tmp_path / "day", plant=["bursts", "swarms"])
