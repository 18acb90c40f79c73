"""A scan and an explanation as workbooks, read back: all there, and nothing in them runs."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from made_alerts import HOSTILE, lone_alert, made_alert, made_scan, ratio_alert
from openpyxl import load_workbook
from test_explanation_sink import event, explained, some

from abtrade.alerts import Share
from abtrade.sinks import alert_sheet, explained_book, workbook
from abtrade.sinks.book import CELL_CHARS, fitted
from abtrade.sinks.explained_book import COLUMNS as EVENT_COLUMNS
from abtrade.sinks.explained_book import write_explained_book
from abtrade.sinks.workbook import write_workbook
from abtrade.visibility import Sight

TRAPS = (
    "=1+1", "@SUM(A1)", "+1", "-1", "{=1}", "=HYPERLINK(\"http://x\")", "http://x.example",
    "mailto:a@x.example", "internal:Summary!A1", "external:c:\\x", "00012345", "1e5", "1.50",
    "TRUE", "#REF!", "2025-01-01", "_x0041_", "a'!b", "<f>1</f>",
)  # fmt: skip
"""Names that a spreadsheet would run, follow, or take for a number."""


def book_of(*alerts: Any, lang: Any = "en", clean: bool = True) -> bytes:
    file = io.BytesIO()
    write_workbook(made_scan(list(alerts), clean=clean), lang, file)
    return file.getvalue()


def read(made: bytes) -> Any:
    return load_workbook(io.BytesIO(made))


def texts(sheet: Any) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def links(sheet: Any) -> list[tuple[str, str]]:
    """Return what each link of a sheet shows, and where it leads."""
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink is not None]
    return [(cell.value, cell.hyperlink.location) for cell in cells]


def table(sheet: Any) -> list[dict[str, Any]]:
    """Return the rows of a sheet's only table."""
    (place,) = (found.ref for found in sheet.tables.values())
    header, *rows = [[cell.value for cell in row] for row in sheet[place]]
    return [dict(zip(header, row, strict=True)) for row in rows]


def all_xml(made: bytes) -> dict[str, str]:
    files = zipfile.ZipFile(io.BytesIO(made))
    return {name: files.read(name).decode("utf-8") for name in files.namelist()}


# --- what is in it -------------------------------------------------------------------------------


def test_the_summary_lists_all_alerts_red_first_with_links() -> None:
    made = read(book_of(lone_alert("00012345"), ratio_alert(), made_alert()))
    assert made.sheetnames == ["Summary", "1 red", "2 red", "3 yellow"]
    rows = table(made["Summary"])
    assert [(row["level"], row["subject"]) for row in rows] == [
        ("red", "00012345"), ("red", "G1"), ("yellow", "00012345"),
    ]
    assert (rows[1]["count"], rows[1]["gross"], rows[1]["left out"]) == (512, 524, 12)
    assert rows[0]["count"] == 81.5
    assert rows[1]["reached"] == "09:33:20.250 seq 123"
    assert links(made["Summary"]) == [
        (rows[0]["alert"], "'1 red'!A1"),
        (rows[1]["alert"], "'2 red'!A1"),
        (rows[2]["alert"], "'3 yellow'!A1"),
    ]


def test_the_summary_says_what_limits_the_alerts() -> None:
    told = "\n".join(texts(read(book_of(made_alert(), clean=False))["Summary"]))
    for said in (
        "Trading day 2010-11-08 (given) SHFE", "Verdict: rejected rows.",
        "Visibility: a whole market.", "1200 unknown_order: ", "Rejected rows, not counted: 2",
        "tif is gfd", "hedge is speculation: shfe.cancels, shfe.large_cancels",
        "shfe.fak: only: needs tif, which the log does not have", "No rule covers: IF1012",
    ):  # fmt: skip
        assert said in told


def test_a_sheet_tells_an_alert_whole() -> None:
    made = read(book_of(made_alert()))["1 red"]
    facts = {row[0].value: row[1].value for row in made.iter_rows(max_col=2) if row[1].value}
    assert facts["alert"] == made_alert().alert_id
    assert facts["accounts"] == "A, B"
    assert facts["left out"] == 12
    assert facts["red"].startswith("Red standard >= 500: reached at seq 123, 2010-11-08 09:33:20")
    assert facts["clause"] == "Guideline of 2010-11-05."
    rows = [[cell.value for cell in row] for row in made.iter_rows()]
    assert ["not by the client", "Not an act of the client.", 12] in rows
    assert ["A", "X", 300] in rows
    assert ["B", "Y", 212] in rows
    assert any(str(row[0]).startswith("Group G1 (filed actual-control group;") for row in rows)
    assert links(made) == [("to the summary", "'Summary'!A1")]


def test_in_chinese_too() -> None:
    made = read(book_of(made_alert(), lone_alert("A"), lang="zh"))
    assert made.sheetnames == ["摘要", "1 红灯", "2 黄灯"]
    row = table(made["摘要"])[0]
    assert (row["级别"], row["主体类别"], row["计数"], row["是否为下限"]) == (
        "红灯", "账户组", 512, "否",
    )
    told = "\n".join(texts(made["1 红灯"]))
    assert "实际控制关系账户组 G1（已报备" in told
    assert "非客户自行撤单" in told
    assert "不是客户的行为。" in told


def test_a_day_without_alerts_has_a_summary_alone() -> None:
    made = read(book_of())
    assert made.sheetnames == ["Summary"]
    assert "No alerts. Verdict: complete." in texts(made["Summary"])
    assert not made["Summary"].tables


def test_it_says_what_the_log_does_not_show() -> None:
    broker = made_alert(sight=Sight("broker", one_broker=True))
    states = lone_alert("A", sight=Sight("final-state"), yellow=None)
    made = read(book_of(broker, states))
    assert [row["lower bound"] for row in table(made["Summary"])] == ["yes", "no"]
    assert table(made["Summary"])[1]["reached"] == "time not known"
    assert any("the count is a lower bound" in said for said in texts(made["1 red"]))
    assert any("when it was reached is not known" in said for said in texts(made["2 yellow"]))


def test_it_is_pleasant_to_open() -> None:
    sheet = read(book_of(made_alert(), lone_alert("A")))["Summary"]
    assert sheet.freeze_panes == "A2"
    (found,) = sheet.tables.values()
    assert found.autoFilter is not None
    assert sheet.column_dimensions["D"].width > 20
    header = int(re.findall(r"\d+", found.ref)[0])
    fills = [sheet[f"A{header + n}"].fill.fgColor.rgb for n in (1, 2)]
    assert fills == ["FFFFC7CE", "FFFFEB9C"]


def test_the_same_scan_is_the_same_bytes_and_needs_no_file_to_go_back_in() -> None:
    class Pipe:
        def __init__(self) -> None:
            self.got = b""

        def write(self, data: Any) -> int:
            self.got += bytes(data)
            return len(data)

    pipe: Any = Pipe()
    write_workbook(made_scan([made_alert()], clean=True), "en", pipe)
    assert pipe.got == book_of(made_alert())
    assert all_xml(pipe.got)["docProps/core.xml"].count("2000-01-01T00:00:00Z") == 2


# --- nothing in it runs --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*HOSTILE, *TRAPS])
def test_a_name_stays_a_name(name: str) -> None:
    hostile = made_alert(
        subject=name, rule=name, scope=f"contract:{name}", exchange=name, exempt={name: 1},
        accounts=[name, name], shares=[Share(name, name, 1)], largest_client=name,
        exempt_clauses={name: name}, clause={"en": name}, assumed=[name], group_status=None,
    )  # fmt: skip
    made = book_of(hostile, lone_alert(name))
    files = all_xml(made)
    assert not [xml for xml in files.values() if "<f>" in xml or "<f " in xml]
    assert not [path for path in files if "external" in path.lower()]
    assert "TargetMode" not in "".join(files.values())  # no link leaves the book
    assert not any(char in xml for xml in files.values() for char in "\x1b\x9b\u202e")
    sheets = read(made)
    assert sheets.sheetnames == ["Summary", "1 red", "2 yellow"]
    first = table(sheets["Summary"])[0]
    if name in TRAPS and "\\" not in name and "_x" not in name:
        assert first["subject"] == first["rule"] == name
    assert {cell.data_type for sheet in sheets for row in sheet.iter_rows() for cell in row
            if cell.value is not None} <= {"s", "n"}  # fmt: skip
    if name == "_x0041_":
        assert "<t>_x005F_x0041_</t>" in files["xl/sharedStrings.xml"]  # how the format writes it


def test_a_code_keeps_its_zeros_and_a_count_is_a_number() -> None:
    made = read(book_of(lone_alert("00012345")))
    row = table(made["Summary"])[0]
    assert row["subject"] == "00012345"
    assert row["count"] == 402
    assert ["00012345", "00012345", 402] in [
        [cell.value for cell in each] for each in made["1 yellow"].iter_rows()
    ]


def test_digits_that_a_spreadsheet_would_lose_stay_text() -> None:
    row = table(read(book_of(made_alert(counted=2**60, gross=10**15 - 1)))["Summary"])[0]
    assert row["count"] == str(2**60)
    assert row["gross"] == 10**15 - 1


# --- bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", ["x", "字", "😀"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_text_that_is_too_long_says_that_it_was_cut(one: str, lang: Any) -> None:
    units = len(one.encode("utf-16-le")) // 2
    whole = one * (CELL_CHARS // units)
    assert fitted(whole, lang) == whole
    cut = fitted(whole + one + "y", lang)
    assert CELL_CHARS - 1 <= len(cut.encode("utf-16-le")) // 2 <= CELL_CHARS
    assert f"{len(whole) + 2:,}" in cut[-40:]


def test_an_alert_on_very_many_accounts_fits() -> None:
    accounts = [f"{i:012}" for i in range(3000)]
    shares = [Share(account, account, 1) for account in accounts]
    told = texts(read(book_of(made_alert(accounts=accounts, shares=shares)))["1 red"])
    most = alert_sheet.SHARES_AT_MOST
    assert max(map(len, told)) == CELL_CHARS
    assert f"The first {most} of 3000 accounts are listed; " in "\n".join(told)
    assert len([each for each in told if each in set(accounts)]) == most * 2


def test_of_thousands_of_alerts_the_first_have_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEETS_AT_MOST", 3)
    monkeypatch.setattr(workbook, "ROWS_AT_MOST", 5)
    made = read(book_of(*(lone_alert(f"{i:05}") for i in range(9))))
    assert made.sheetnames == ["Summary", "1 yellow", "2 yellow", "3 yellow"]
    told = texts(made["Summary"])
    assert "The first 3 of 9 alerts have sheets of their own." in told
    assert "The first 5 of 9 alerts are listed; --format csv has them all." in told
    assert [row["subject"] for row in table(made["Summary"])] == [f"{i:05}" for i in range(5)]
    assert len(links(made["Summary"])) == 3


# --- an explained alert --------------------------------------------------------------------------


def explained_book_of(what: Any, lang: Any = "en") -> bytes:
    file = io.BytesIO()
    write_explained_book(what, lang, file)
    return file.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_events_are_a_table(lang: Any) -> None:
    made = read(explained_book_of(some(), lang))
    assert made.sheetnames == (["Alert", "Events"] if lang == "en" else ["告警", "事件"])
    rows = [list(row.values()) for row in table(made.worksheets[1])]
    assert len(rows) == 4
    events = [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in rows]
    assert [each["seq"] for each in events] == [99, 100, 110, 123]
    assert events[0]["order_id"] == "007"
    assert events[1]["level"] == ("yellow" if lang == "en" else "黄灯")
    assert events[2]["left_out"] == ("not by the client" if lang == "en" else "非客户自行撤单")
    assert events[3]["ts"] == "2010-11-08T09:33:20.250000000+08:00"


@pytest.mark.parametrize("name", [*HOSTILE, *TRAPS])
def test_events_run_nothing(name: str) -> None:
    columns = ("account", "order_id", "contract", "order_life", "file", "contra_account", "clause")
    what = explained(event(**dict.fromkeys(columns, name), left_out=name))
    files = all_xml(explained_book_of(what))
    assert not [xml for xml in files.values() if "<f>" in xml or "TargetMode" in xml]
    assert not any(char in xml for xml in files.values() for char in "\x1b\x9b\u202e")


def test_of_very_many_events_the_first_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explained_book, "EVENTS_AT_MOST", 2)
    made = read(explained_book_of(some()))
    assert "The first 2 of 4 events are listed; --format csv has them all." in texts(made["Alert"])
    assert len(table(made["Events"])) == 2


def test_every_column_of_events_is_there() -> None:
    from abtrade.trace import EVENTS

    assert list(EVENT_COLUMNS) == EVENTS.names
