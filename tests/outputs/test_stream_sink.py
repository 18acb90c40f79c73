from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from made_alerts import HOSTILE, lone_alert, made_alert, made_scan, ratio_alert

from abtrade.outputs import ALERTS, alert_record
from abtrade.sinks.stream import FORMATS, write_stream


def written(scan: Any, form: str) -> str:
    file = io.StringIO()
    write_stream(scan, form, file)
    return file.getvalue()


def sheet(scan: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(scan, "csv"))))


def test_json_is_one_object_with_the_alerts_and_what_limits_them() -> None:
    told = json.loads(written(made_scan([lone_alert("A"), made_alert()]), "json"))
    assert [alert["level"] for alert in told["alerts"]] == ["red", "yellow"]
    assert told["alerts"][0] == json.loads(json.dumps(alert_record(made_alert())))
    assert told["verdict"] == "rejected rows"
    assert told["faults"] == {"duplicate_order": 4, "unknown_order": 1200}
    assert told["blind"] == {"shfe.fak": "only: needs tif, which the log does not have"}


def test_jsonl_is_an_alert_a_line() -> None:
    lines = written(made_scan([lone_alert("A"), made_alert()]), "jsonl").splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["G1", "A"]


def test_csv_has_a_header_and_a_line_an_alert() -> None:
    rows = sheet(made_scan([made_alert(), ratio_alert()]))
    assert list(rows[0]) == ALERTS.names
    otr, cancels = rows
    assert (otr["ratio"], otr["count"]) == ("81.5", "")
    assert cancels["exempt"] == "not by the client=12"
    assert cancels["accounts"] == "A; B"
    assert cancels["shares"] == "A (X)=300; B (Y)=212"
    assert cancels["reached_alone"] == "false"


def test_without_alerts_every_format_says_so() -> None:
    scan = made_scan([], clean=True)
    assert json.loads(written(scan, "json"))["alerts"] == []
    assert written(scan, "jsonl") == ""
    assert sheet(scan) == []
    assert written(scan, "csv").startswith('"alert_id","rule"')


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_stream_holds_a_control_character(form: str, name: str) -> None:
    told = written(made_scan([lone_alert(name, exempt={name: 1}, rule=name)]), form)
    assert not any(char in told for char in "\x1b\x9b\u202e")


@pytest.mark.parametrize("name", ["=cmd()", "@x", "+1+1", "-x", "\t=1", "-5"])
def test_no_cell_is_a_formula(name: str) -> None:
    alert = lone_alert(name, accounts=[name, name], assumed=[name], exempt={name: 1})
    row = sheet(made_scan([alert]))[0]
    formulas = [cell for cell in row.values() if cell[:1] in {*"=+@"} or cell.startswith("-x")]
    assert formulas == []
    assert row["accounts"].startswith(("'", "\\t"))


def test_plain_names_are_not_touched() -> None:
    row = sheet(made_scan([lone_alert("A-1")]))[0]
    assert row["subject"] == "A-1"
    assert row["accounts"] == "A-1"
