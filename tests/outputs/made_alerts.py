"""Alerts and scans made by hand, for the tests of what shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa

from abtrade import outputs
from abtrade.alerts import Alert, Result, Share, Tipping, alert_id
from abtrade.large import LargeSize

BEIJING = timezone(timedelta(hours=8))
HOSTILE = (
    "\x1b[31mred",
    "<script>alert(1)</script>",
    "=cmd()",
    "[bold]x[/bold]",
    "a\u202eb",
    "line\nbreak",
    "\x9b31m",
    "back\\slash",
)
"""Account names that would do harm where they reach a terminal, a sheet or a page as they are."""


def ts(clock: str, ns: int = 0) -> int:
    """Return ns since 1970 UTC of a Beijing time."""
    moment = datetime.fromisoformat(clock).replace(tzinfo=BEIJING)
    return int(moment.timestamp()) * 1_000_000_000 + ns


RED = Tipping(500, 123, None, ts("2010-11-08 09:33:20", 250_000_000))
YELLOW = Tipping(400, 100, None, ts("2010-11-05 21:31:02", 1))


OTHERS = ("notes", "sight", "yellow_from", "red_from", "detail")


def made_alert(**changes: Any) -> Alert:
    """Return a red alert on a filed group, with fields of it or of its result changed."""
    result: dict[str, Any] = {
        "rule": "shfe.cancels", "day": "2010-11-08", "exchange": "SHFE", "subject": "G1",
        "subject_kind": "group", "scope": "contract:cu1103", "count": "cancels", "gross": 524,
        "counted": 512, "exempt": {"not by the client": 12}, "unknown": 0, "level": "red",
        "assumed": ["hedge is speculation"],
    }  # fmt: skip
    alert: dict[str, Any] = {
        "rule_version": "0123456789ab",
        "level": "red",
        "about": {"en": "Cancels in one contract and day.", "zh": "单个合约单日的撤单次数。"},
        "accounts": ["A", "B"],
        "group_status": "filed",
        "yellow_limit": ">= 400",
        "red_limit": ">= 500",
        "yellow": YELLOW,
        "red": RED,
        "shares": [Share("A", "X", 300), Share("B", "Y", 212)],
        "largest_client": "X",
        "largest_client_count": 300,
        "reached_alone": False,
        "clause": {"en": "Guideline of 2010-11-05.", "zh": "2010 年 11 月 5 日指引。"},
        "exempt_clauses": {"not by the client": "Not an act of the client."},
        "status": "secondary",
        "chinese": {
            "not by the client": "非客户自行撤单",
            "Not an act of the client.": "不是客户的行为。",
        },
    }
    for name, value in changes.items():
        assert name in result or name in {*alert, *OTHERS}, name
        if name in result:
            result[name] = value
        if name in {*alert, *OTHERS}:
            alert[name] = value
    told = Result(**result)
    about = (told.rule, told.exchange, told.subject, told.subject_kind, told.scope, told.day)
    return Alert(alert_id=alert_id(*about), result=told, **alert)


def lone_alert(account: str, **changes: Any) -> Alert:
    """Return a yellow alert on one account."""
    values = {
        "subject": account, "subject_kind": "account", "accounts": [account], "level": "yellow",
        "group_status": None, "counted": 402, "gross": 414, "red": None,
        "shares": [Share(account, account, 402)], "largest_client": account,
        "largest_client_count": 402, "reached_alone": True,
    }  # fmt: skip
    return made_alert(**{**values, **changes})


def ratio_alert(**changes: Any) -> Alert:
    """Return a red alert on an OTR."""
    values = {
        "rule": "made.otr", "subject": "00012345", "subject_kind": "client", "count": "otr",
        "accounts": ["000100012345"], "group_status": None, "counted": 81.5, "gross": 90.25,
        "yellow_limit": None, "red_limit": "> 80", "yellow": None, "red": None,
        "shares": [Share("000100012345", "00012345", 330)], "largest_client": "00012345",
        "largest_client_count": 81.5, "reached_alone": True, "assumed": [],
    }  # fmt: skip
    return made_alert(**{**values, **changes})


@dataclass
class MadeScan:
    """What the sinks read of a scan."""

    alert_list: list[Alert]
    certificate: dict[str, Any]
    run: dict[str, Any]
    tallies: pa.Table
    rejected: pa.Table
    fees: pa.Table | None = None
    out: Path | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def made_scan(alerts: list[Alert], *, clean: bool = False, out: Path | None = None) -> MadeScan:
    """Return a scan with these alerts: of a clean log, or of one with everything wrong in it."""
    certificate: dict[str, Any] = {
        "day": "2010-11-08",
        "verdict": "complete",
        "rejected_rows": 0,
        "faults": {},
        "visibility": "exchange",
        "one_broker": False,
        "visibility_note": None,
        "visibility_note_zh": None,
        "stated": {},
        "derived": {},
        "assumed": {},
        "blind": {},
        "unverified_off": [],
        "switched_off": {},
        "uncovered": [],
        "unmatched": [],
        "no_position_limit": {},
        "no_opening_limit": {},
        "no_limit_prices": {},
        "kind_unknown": {},
        "no_order_size": {},
        "no_order_fee": {},
        "identities": {
            "SHFE": {"accounts": 2, "joined": {"the account itself": 2}, "in_no_table": None,
                     "codes_not_joined": 0},
        },
        "exchanges": {"SHFE": {"cu1103": {"faults": {}}, "rb1105": {"faults": {}}}},
    }
    rejected: list[dict[str, Any]] = []
    if not clean:
        rejected = [
            {"file": "day.csv", "row": 5, "reason": "price 1.5 is off the tick", "content": "{}"},
            {"file": "day.csv", "row": 9, "reason": "\x1b]0;lots is negative", "content": "{}"},
        ]
        certificate |= {
            "verdict": "rejected rows",
            "rejected_rows": 2,
            "faults": {"duplicate_order": 4, "unknown_order": 1200},
            "stated": {"tif": "gfd"},
        "derived": {},
            "assumed": {"shfe.cancels": ["hedge is speculation"],
                        "shfe.large_cancels": ["hedge is speculation", "tif is not fak or fok"]},
            "blind": {"shfe.fak": "only: needs tif, which the log does not have"},
            "uncovered": ["IF1012", "cu\x1b[2J"],
            "unmatched": ["SHFE:cu\x1b[2J"],
            "identities": {
                "CFFEX": {"accounts": 4, "joined": {"12-digit code": 4},
                          "in_no_table": {"accounts": 1, "first": ["000100000007"]},
                          "codes_not_joined": 4},
                "SHFE": {"accounts": 2, "joined": {"the account itself": 2},
                         "in_no_table": {"accounts": 2, "first": ["A", "B\x1b[2J"]},
                         "codes_not_joined": 0},
            },
        }
        certificate["exchanges"]["SHFE"]["cu1103"]["faults"] = {
            "duplicate_order": {"count": 3, "first": [{"seq": 7}, {"seq": 9}, {"seq": 12}]},
            "unknown_order": {"count": 1200, "first": [{"seq": n} for n in range(20, 25)]},
        }
        certificate["exchanges"]["SHFE"]["rb1105"]["faults"] = {
            "duplicate_order": {"count": 1, "first": [{"seq": 30}]},
        }
    return MadeScan(
        alert_list=alerts,
        certificate=certificate,
        run={"rows": 1_234_567, "seconds": 1.5, "rows_per_second": 823_045, "day_how": "given",
             "peak_memory_bytes": 150_000_000, "notes": ["the 2nd half \x1b[1m"]},
        tallies=made_tallies(),
        rejected=pa.Table.from_pylist(rejected, outputs.REJECTED),
        out=out,
    )  # fmt: skip


def made_tallies() -> pa.Table:
    """Return tallies of two subjects, one of them in two contracts."""
    columns = outputs.tallies_schema([LargeSize(lots=300)])
    rows = [("G1", "group", "cu1103"), ("G1", "group", "rb1105"), ("Z", "account", "cu1103")]
    counts = {
        name: [1] * len(rows)
        for name in columns.names
        if columns.field(name).type == pa.int64()
    }
    return outputs.table_of(
        columns,
        {
            "day": [datetime(2010, 11, 8).date()] * len(rows),
            "exchange": ["SHFE"] * len(rows),
            "subject": [row[0] for row in rows],
            "subject_kind": [row[1] for row in rows],
            "contract": [row[2] for row in rows],
            **counts,
        },
    )
