"""No output of a scan with --pseudonymise tells a name, and nothing else of it changes."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.pseudonyms import Pseudonyms, read_key

KEY = b"k3yk3y-0123456789-abcdefghijklmn"
RULES = """
id: desk.{count}
about: Two of them.
exchange: SHFE
from: 2020-01-01
status: secondary
source: {{document: Desk}}
clause: Desk rule
count: {count}
scope: contract
red: {{gte: 2}}
"""
ACCOUNTS = [
    "760187654321", "760287654321", "760376543210", "zhāng三", "=cmd|'/C calc'!Z9", "quo\"ted'Zed",
    "na\u202eme-Zed", "0007Z", "Zed, Ltd", "back\\Zed", "Zed\nbreak", "Zed's bhoy", "Zeppelin",
]  # fmt: skip
COLUMNS = ["seq", "ts", "exchange", "contract", "action", "order_id", "account", "client", "member",
           "side", "price", "lots", "contra_order_id", "contra_account"]  # fmt: skip
SECRETS = (
    "87654321", "76543210", "7601", "7602", "7603", "三", "calc", "quo", "na\u202eme", "u202e",
    "0007Z", "Ltd", "back", "break", "bhoy", "Zed", "Zeppelin", "ZMember", "ZClient", "ZGroup",
    "ZSource", "ZLost",
)  # fmt: skip
"""A piece of every name, none of which stands in anything else."""


def row(seq: int, action: str, order: object = "", account: str = "", **more: object) -> list[Any]:
    told = {
        "seq": seq, "ts": f"2025-03-03 09:00:{seq % 60:02}", "exchange": "SHFE",
        "contract": "cu2505", "action": action, "order_id": order, "account": account, **more,
    }  # fmt: skip
    return [told.get(column, "") for column in COLUMNS]


def log_rows() -> Iterator[list[Any]]:
    seq = 0
    for at, account in enumerate(ACCOUNTS):
        for order in (2 * at, 2 * at + 1):
            named = {"client": f"ZClient{at}-{order % 2}", "member": "ZMember"} if at == 3 else {}
            yield row(seq, "new", order, account, side="buy", price=70000, lots=5, **named)
            yield row(seq + 1, "cancel", order)
            seq += 2
    for order in (100, 102):  # two self-trades of one client at two members
        yield row(seq, "new", order, ACCOUNTS[0], side="buy", price=70000, lots=1)
        yield row(seq + 1, "new", order + 1, ACCOUNTS[1], side="sell", price=70000, lots=1)
        yield row(seq + 2, "trade", order + 1, ACCOUNTS[1], price=70000, lots=1,
                  contra_order_id=order, contra_account=ACCOUNTS[0], side="sell")  # fmt: skip
        seq += 3
    yield row(seq, "new", 200, ACCOUNTS[5], side="ZLost1", price=70000, lots="ZLost2")
    yield row(seq + 1, "new", "ZLost3", "ZLost4", side="buy", price="7601ZLost", lots=1)
    yield row(seq + 2, "new", 201, "", contract="Zed's bhoy", side="ZLost's \"best\"", lots=1)
    yield ["ZLost5", "ZLost, 6"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with a log, tables, rules and a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    write("day.csv", [COLUMNS, *log_rows()])
    write("accounts.csv", [
        ["account", "exchange", "client", "member"],
        [ACCOUNTS[4], "", "ZClient", "ZMember"], [ACCOUNTS[5], "SHFE", "ZClient", "ZMember"],
        *([account, "", "", ""] for account in (*ACCOUNTS[:4], *ACCOUNTS[6:])),
    ])  # fmt: skip
    write("links.csv", [
        ["account", "client", "group", "status", "source"],
        [ACCOUNTS[2], "", "ZGroup \"1\"", "filed", f"ZSource: {ACCOUNTS[2]} told"],
        [ACCOUNTS[6], "", "ZGroup \"1\"", "filed", "ZSource"],
        ["", "87654321", "ZGroup's", "suspected", ""], [ACCOUNTS[7], "", "ZGroup's", "suspected",
                                                        ""],
    ])  # fmt: skip
    write("pairs.csv", [["a", "b", "relation", "source"], [ACCOUNTS[8], "ZClient", "ZSource", "Z"],
                        [ACCOUNTS[0], ACCOUNTS[9], "", "ZSource"]])  # fmt: skip
    write("makers.csv", [["client", "product"], ["ZClient", "cu"], [ACCOUNTS[10], "cu"]])
    for count in ("cancels", "self_trades"):
        Path(f"{count}.yaml").write_text(RULES.format(count=count), "utf-8")
    Path("key").write_bytes(KEY)
    Path("key").chmod(0o600)
    return tmp_path


def write(name: str, rows: list[list[Any]]) -> None:
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


TABLES = ("--accounts", "accounts.csv", "--market-makers", "makers.csv")
LINKS = ("--links", "links.csv")
PAIRS = ("--links", "pairs.csv", "--close-links", "9")
HIDDEN = ("--pseudonymise", "key")


def run(*words: str) -> Any:
    rules = ("--rules", "cancels.yaml", "--rules", "self_trades.yaml")
    words = ("scan", "day.csv", *words, *rules) if words[0].startswith("-") else words
    result = CliRunner().invoke(app, list(words), prog_name="abtrade")
    assert not result.exception or isinstance(result.exception, SystemExit), result.output
    return result


def texts_of(path: Path) -> str:
    """Return all that a file holds, as text: its bytes, and what these mean."""
    told = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        told += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
    elif path.suffix in (".json", ".jsonl"):
        whole = [told] if path.suffix == ".json" else told.splitlines()
        told += "".join(json.dumps(json.loads(each), ensure_ascii=False) for each in whole)
    return told


def named_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


# --- what is told --------------------------------------------------------------------------------


def test_without_a_key_every_secret_is_told(folder: Path) -> None:
    run(*TABLES, *LINKS, "--out", "out", "-q")
    told = "".join(texts_of(path) for path in Path("out").iterdir())
    told += run(*TABLES, *PAIRS).output
    assert set(SECRETS) - set(named_in(told)) <= {"ZMember"}  # no output has a column for it


@pytest.mark.parametrize("links", [(), LINKS, PAIRS])
def test_no_file_names_anybody(folder: Path, links: tuple[str, ...]) -> None:
    done = run(*TABLES, *links, *HIDDEN, "--out", "out", "--seal", "--keep-attributes")
    assert done.exit_code == 4, done.output
    assert named_in(done.output) == []
    for path in sorted(Path("out").iterdir()):
        assert (path.name, named_in(texts_of(path))) == (path.name, [])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_workbook_names_anybody(folder: Path, lang: str) -> None:
    words = ("--format", "xlsx", "--to", "a.xlsx", "--lang", lang)
    done = run(*TABLES, *LINKS, *HIDDEN, *words)
    assert named_in(done.output) == []
    with zipfile.ZipFile("a.xlsx") as book:
        told = "".join(book.read(name).decode("utf-8") for name in book.namelist())
    assert "p-" in told
    assert set(named_in(told)) <= {"calc", "quo"}  # words of the format's own


def test_an_investor_of_a_dump_has_the_pseudonym_that_a_link_names(folder: Path) -> None:
    write("codes.csv", [
        ["InvestorID", "BrokerID", "ExchangeID", "ClientID", "ClientIDType"],
        *(["ZClient", "9999", "SHFE", account, "1"] for account in (ACCOUNTS[0], ACCOUNTS[2])),
    ])  # fmt: skip
    write("links.csv", [["client", "group"], ["9999:ZClient", "ZGroup"]])
    words = ("--accounts", "codes.csv", *LINKS, *HIDDEN, "--out", "out")
    done = run(*words)
    assert named_in(done.output) == []
    found = {row["account"]: row for row in pq.read_table("out/links.parquet").to_pylist()}
    of = Pseudonyms(KEY).of
    for account in (ACCOUNTS[0], ACCOUNTS[2]):
        assert found[of(account)]["client"] == of("9999:ZClient")
        assert found[of(account)]["group"] == of("ZGroup")


def test_an_account_that_is_stated_does_not_go_with_pseudonyms(folder: Path) -> None:
    done = run(*HIDDEN, "--account", "Zed", "--out", "out")
    assert (done.exit_code, "does not go with --account" in done.output) == (1, True)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_nothing_printed_names_anybody(folder: Path, form: str, lang: str) -> None:
    done = run(*TABLES, *LINKS, *HIDDEN, "--format", form, "--lang", lang)
    assert "p-" in done.output
    assert named_in(done.output) == []


def test_no_explanation_names_anybody(folder: Path) -> None:
    run(*TABLES, *LINKS, *HIDDEN, "--out", "out", "-q")
    alerts = [json.loads(line) for line in Path("out/alerts.jsonl").read_text("utf-8").splitlines()]
    assert len(alerts) > len(ACCOUNTS) // 2
    for alert in alerts:
        done = run("explain", "out", alert["alert_id"], *HIDDEN, "--export", "e.csv", "--force")
        assert done.exit_code == 0, done.output
        assert alert["subject"] in done.output
        assert named_in(done.output) == []
        assert named_in(texts_of(Path("e.csv"))) == []


def test_a_state_names_nobody_and_another_key_does_not_take_it_up(folder: Path) -> None:
    whole = run(*TABLES, *HIDDEN, "--format", "json").output
    with Path("day.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    write("day.csv", rows[:10])
    run(*TABLES, *HIDDEN, "--save-state", "state", "-q")
    assert named_in(texts_of(Path("state"))) == []
    write("day.csv", [rows[0], *rows[10:]])
    assert run(*TABLES, *HIDDEN, "--resume", "state", "--format", "json").output == whole
    for other in ((), ("--pseudonymise", "other")):
        Path("other").write_bytes(KEY[::-1])
        Path("other").chmod(0o600)
        done = run(*TABLES, *other, "--resume", "state")
        assert (done.exit_code, "saved with" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("accounts.csv", [["account", "client"], ["Zed", "ZClient1"], ["Zed", "ZClient2"]]),
        ("accounts.csv", [["Zed", "ZClient1"], ["Zeppelin", "ZClient2"]]),
        ("accounts.csv", [["account", "client", "exchange"], ["Zed", "ZClient1", "shfe"],
                          ["Zed", "ZClient1", "Zed's"], ["Zed", "ZClient2", ""]]),
        ("links.csv", [["account", "group"], ["Zeppelin", "ZGroup1"], ["Zeppelin", "ZGroup2"]]),
        ("links.csv", [["account", "group"], ["ZLost", "ZGroup1"]]),
        ("links.csv", [["account", "group", "status"], ["Zeppelin", "ZGroup", "ZLost's"]]),
        ("links.csv", [["account", "group", "from"], ["Zeppelin", "ZGroup", "Zed\"'s\" day"]]),
        ("day.csv", [["Zed", "ZLost's"], ["Zed", "ZClient"]]),
        ("day.csv", [["day", *COLUMNS], *[["ZLost", *row(1, "new", 1, "Zed")]]]),
    ],
)
def test_no_error_names_anybody(folder: Path, table: str, rows: list[list[Any]]) -> None:
    write(table, rows)
    plain, hidden = (run(*TABLES, *LINKS, *more) for more in ((), HIDDEN))
    assert plain.exit_code == hidden.exit_code == 1
    assert named_in(plain.output)
    assert named_in(hidden.output) == []
    assert "expected" in hidden.output or "missing" in hidden.output


@pytest.mark.parametrize(
    "text",
    [
        "side: found 'ZLost', expected buy", "found b'ZLost' here", 'found "Zed\'s", expected',
        "('ZLost', 'Zed')", "x='ZLost'", r"found 'Zed\'s \"best\"'; lots: found 'Zed'",
    ],
)  # fmt: skip
def test_no_quoted_piece_of_a_message_is_told(text: str) -> None:
    hidden = Pseudonyms(KEY)
    told = hidden.message(text)
    assert named_in(text)
    assert named_in(told) == []
    assert hidden.message(told) == told


def test_abtrades_own_words_and_apostrophes_stay() -> None:
    text = "day.csv: row 3: column 'ts' can't be read; it's not 'complete', expected 'buy'"
    assert Pseudonyms(KEY).message(text) == text


def test_a_bad_row_keeps_what_names_nobody(folder: Path) -> None:
    run(*HIDDEN, "--out", "out", "-q")
    rows = [json.loads(row) for row in pq.read_table("out/rejected.parquet")["content"].to_pylist()]
    kept = {name: rows[0][name] for name in ("ts", "exchange", "contract", "action")}
    assert kept == {
        "ts": "2025-03-03 09:00:58", "exchange": "SHFE", "contract": "cu2505", "action": "new"
    }  # fmt: skip
    assert rows[0]["account"] == Pseudonyms(KEY).of(ACCOUNTS[5])


# --- what stays as it was ------------------------------------------------------------------------


@pytest.mark.parametrize("links", [(), LINKS, PAIRS])
def test_all_but_the_names_is_as_without(folder: Path, links: tuple[str, ...]) -> None:
    run(*TABLES, *links, "--out", "plain", "-q")
    run(*TABLES, *links, *HIDDEN, "--out", "hidden", "-q")
    of = Pseudonyms(KEY).of
    for name in ("tallies", "cells", "self_pairs", "results"):
        plain, hidden = (
            pq.read_table(f"{out}/{name}.parquet").to_pylist() for out in ("plain", "hidden")
        )
        for told in plain:
            for column in told.keys() & {"account", "incoming_account", "resting_account"}:
                told[column] = of(told[column])
            if "subject" in told and not str(told["subject"]).startswith("closed:"):
                told["subject"] = of(told["subject"])
        closed = {each.get("subject") for each in hidden} - {each.get("subject") for each in plain}
        assert all(subject.startswith("closed:p-") for subject in closed)
        assert told_apart(plain) == told_apart(hidden)


def told_apart(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows in an order of their own; a group formed of links is named after its least."""
    for told in rows:
        if str(told.get("subject")).startswith("closed:"):
            told["subject"] = "closed"
    return sorted(str(told) for told in rows)


def test_rows_stand_in_the_order_of_the_pseudonyms(folder: Path) -> None:
    run(*TABLES, *HIDDEN, "--out", "out", "-q")
    accounts = pq.read_table("out/links.parquet")["account"].to_pylist()
    of = Pseudonyms(KEY).of
    assert accounts == sorted(map(of, ACCOUNTS)) != list(map(of, sorted(ACCOUNTS)))


@pytest.mark.parametrize("kind", [pa.string(), pa.int64(), pa.dictionary(pa.int8(), pa.string())])
def test_any_type_of_column_is_covered(kind: pa.DataType) -> None:
    table = pa.table({
        "seq": [1, 2], "ts": pa.array([0, 1], pa.timestamp("ns", "UTC")),
        "contract": ["cu2505"] * 2, "action": ["new", "cancel"], "order_id": [1, 1],
        "account": pa.array(["881234567", None]).cast(kind), "side": ["buy", None], "lots": [1, 1],
        "price": [70000.0, None],
    })  # fmt: skip
    found = abtrade.scan(table, day="2025-02-18", pseudonymise=Pseudonyms(KEY))
    assert found.cells["account"].to_pylist() == [Pseudonyms(KEY).of("881234567")]


def test_a_name_has_one_pseudonym_on_every_machine() -> None:
    assert Pseudonyms(KEY).of("00620045") == "p-082c26d0bc8939d3"
    assert Pseudonyms(KEY).of("00620045") != Pseudonyms(KEY[::-1]).of("00620045")


# --- the key -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "mode", "told"),
    [
        (KEY, 0o640, "mode 0640"), (KEY, 0o604, "chmod 600"), (KEY[:31], 0o600, "31 bytes"),
        (KEY[:31] + b"\n", 0o600, "31 bytes"), (b"0" * 64, 0o600, "random"),
        (os.urandom(5000), 0o600, "more bytes"), (b"", 0o644, "0 bytes"),
    ],
)  # fmt: skip
def test_a_key_that_will_not_do_is_refused(
    tmp_path: Path, key: bytes, mode: int, told: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(key)
    path.chmod(mode)
    with pytest.raises(InputError, match=told):
        read_key(path)


def test_blanks_around_a_key_of_text_do_not_count(tmp_path: Path) -> None:
    for at, key in enumerate((KEY, KEY + b"\n", b" " + KEY + b"\r\n")):
        path = tmp_path / str(at)
        path.touch(mode=0o600)
        path.write_bytes(key)
        assert read_key(path).of("A") == Pseudonyms(KEY).of("A")


def test_a_key_is_a_regular_file_that_is_there(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, told in (("pipe", "regular"), ("none", "No such file"), (".", "directory")):
        with pytest.raises(InputError, match=told):
            read_key(tmp_path / name)


def test_explain_wants_the_key_of_the_scan(folder: Path) -> None:
    run(*HIDDEN, "--out", "hidden", "-q")
    run("--out", "plain", "-q")
    Path("other").write_bytes(KEY[::-1])
    Path("other").chmod(0o600)
    ids = {
        out: json.loads(Path(out, "alerts.jsonl").read_text("utf-8").splitlines()[0])["alert_id"]
        for out in ("plain", "hidden")
    }
    for out, key, told in (
        ("hidden", (), "--pseudonymise"), ("hidden", ("--pseudonymise", "other"), "another key"),
        ("plain", HIDDEN, "leave --pseudonymise out"),
    ):  # fmt: skip
        done = run("explain", out, ids[out], *key)
        assert (done.exit_code, told in done.output) == (1, True), done.output
