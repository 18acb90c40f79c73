from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_alerts import HOSTILE, RED, YELLOW, made_alert, ts

from abtrade.errors import OutputError
from abtrade.outputs import alert_record
from abtrade.sinks.explanation import (
    SUFFIXES,
    check_export,
    export,
    show_explanation,
    write_explanation,
)
from abtrade.sinks.terminal import make_console
from abtrade.trace import EVENTS


@dataclass
class Explained:
    alert: dict[str, Any]
    events: pa.Table
    inputs: list[Path] = field(default_factory=list)


def event(**changes: Any) -> dict[str, Any]:
    return {
        "n": 1, "seq": 99, "channel": None, "ts": ts("2010-11-08 09:30:00", 5), "file": "day.csv",
        "row": 120, "action": "cancel", "contract": "cu1103", "account": "A", "order_id": "007",
        "contra_account": None, "contra_order_id": None, "price": None, "lots": None, "amount": 1,
        "left_out": None, "clause": None, "count": 399, "figure": None, "held": None,
        "level": None, "fell_under": None,
        "order_life": "seq 90 09:29:00 new buy 5 @ 70000 | seq 99 09:30:00 cancel all left",
        "contra_life": None, **changes,
    }  # fmt: skip


def explained(*events: dict[str, Any]) -> Explained:
    return Explained(alert_record(made_alert()), pa.Table.from_pylist(list(events), EVENTS))


def some() -> Explained:
    return explained(
        event(),
        event(n=2, seq=100, ts=YELLOW.ts, count=400, level="yellow"),
        event(n=3, seq=110, left_out="not by the client", clause="Art. 1", count=400),
        event(n=4, seq=123, ts=RED.ts, count=500, level="red", action="trade", lots=3,
              contra_account="B", contra_order_id="8", contra_life="seq 80 new sell 3"),
    )  # fmt: skip


def shown(what: Explained, lang: Any) -> list[str]:
    file = io.StringIO()
    show_explanation(what, lang, make_console(file))
    return file.getvalue().splitlines()


def test_every_event_stands_with_the_life_of_its_order() -> None:
    lines = shown(some(), "en")
    assert lines[0].startswith("Group G1 (filed actual-control group; accounts A, B) made 512")
    assert lines[1:5] == [
        "Events behind it: 4, of them 3 counted and 1 left out",
        "     1  2010-11-08 09:30:00.000000005  seq 99  cancel  cu1103  account A order 007"
        "  +1 = 399",
        "        its order: seq 90 09:29:00 new buy 5 @ 70000 | seq 99 09:30:00 cancel all left",
        "     2  2010-11-05 21:31:02.000000001  seq 100  cancel  cu1103  account A order 007"
        "  +1 = 400  YELLOW reached",
    ]
    assert lines[6].endswith("account A order 007  left out: not by the client")
    assert lines[8].endswith(
        "seq 123  trade  cu1103  account A order 007  account B order 8  lots 3  +1 = 500"
        "  RED reached"
    )
    assert lines[10] == "        the other order: seq 80 new sell 3"


def test_in_chinese_too() -> None:
    lines = shown(some(), "zh")
    assert lines[0].startswith("实际控制关系账户组 G1（已报备")
    assert lines[1] == "告警背后的事件：4 个，其中计入 3 个，剔除 1 个"
    assert lines[4].endswith("交易编码 A 报单 007  +1 = 400  达到黄灯")
    assert lines[6].endswith("不计入：非客户自行撤单")


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_streams_hold_every_event(form: str) -> None:
    file = io.StringIO()
    write_explanation(some(), form, file)
    told = file.getvalue()
    if form == "json":
        assert json.loads(told)["alert"]["alert_id"] == made_alert().alert_id
        rows = json.loads(told)["events"]
    elif form == "jsonl":
        rows = [json.loads(line) for line in told.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(told)))
    assert [int(row["seq"]) for row in rows] == [99, 100, 110, 123]
    assert rows[1]["ts"] == "2010-11-05T21:31:02.000000001+08:00"
    assert list(rows[0]) == EVENTS.names


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_export_writes_what_its_ending_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"evidence{suffix}"
    export(some(), path)
    text = "" if suffix == ".parquet" else path.read_text("utf-8")
    rows = {
        ".parquet": lambda: pq.read_table(path).num_rows,
        ".csv": lambda: len(list(csv.DictReader(io.StringIO(text)))),
        ".json": lambda: len(json.loads(text)["events"]),
        ".jsonl": lambda: len(text.splitlines()),
    }[suffix]()
    assert rows == 4
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_export_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old")
    for name, why in (
        ("evidence.xlsx", "expected a name that ends with"),
        ("old.csv", "exists already"),
        ("none/evidence.csv", "is no folder"),
    ):
        with pytest.raises(OutputError, match=why):
            check_export(tmp_path / name)
    export(some(), tmp_path / "old.csv", force=True)
    assert (tmp_path / "old.csv").read_text().startswith('"n","seq"')


def test_an_export_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "old.csv"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError, match=r"old\.csv: cannot be written: No space left"):
        export(some(), path, force=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_do_no_harm(name: str) -> None:
    what = explained(event(account=name, order_id=name, contract=name, order_life=name,
                           contra_account=name, contra_order_id=name, contra_life=name,
                           left_out=name))  # fmt: skip
    told = ["\n".join(shown(what, "en"))]
    for form in ("json", "jsonl", "csv"):
        file = io.StringIO()
        write_explanation(what, form, file)
        told.append(file.getvalue())
    assert not any(char in text for char in "\x1b\x9b\u202e" for text in told)
