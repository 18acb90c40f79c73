"""abtrade.toml: defaults for every option of a scan, under environment and command line."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from abtrade import desk_file
from abtrade.cli import app

RULE = """
id: desk.{name}
about: Two cancels.
exchange: SHFE
from: 2020-01-01
status: secondary
source: {{document: Desk}}
clause: Desk rule
count: cancels
scope: contract
red: {{gte: {at}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with a log of two cancels, rules and tables below ``desk``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    orders = [1, 1, 2, 2]
    log = pa.table({
        "seq": [1, 2, 3, 4], "ts": [f"2025-03-03 09:00:0{n}" for n in range(4)],
        "exchange": ["SHFE"] * 4, "contract": ["cu2505"] * 4, "action": ["new", "cancel"] * 2,
        "order_id": orders, "account": ["A"] * 4, "side": ["buy"] * 4, "lots": [1] * 4,
        "price": [70000] * 4,
    })  # fmt: skip
    pyarrow.csv.write_csv(log, "day.csv")
    (tmp_path / "desk").mkdir()
    for name, at in (("two", 2), ("nine", 9)):
        Path(f"desk/{name}.yaml").write_text(RULE.format(name=name, at=at), "utf-8")
    Path("desk/accounts.csv").write_text("account,client\nA,C1\n")
    Path("other.csv").write_text("account,client\nA,C2\n")
    return tmp_path


def settle(text: str, path: str = "abtrade.toml") -> None:
    Path(path).write_text(text, "utf-8")
    Path(path).chmod(0o644)


def scan(*words: str) -> Any:
    done = CliRunner().invoke(app, ["scan", "day.csv", *words], prog_name="abtrade")
    assert not done.exception or isinstance(done.exception, SystemExit), done.output
    return done


def subject(*words: str) -> str:
    done = scan("--format", "jsonl", *words)
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    return str(json.loads(line)["subject"])


SETTLED = '[scan]\nrules = ["desk/two.yaml"]\naccounts = "desk/accounts.csv"\n'


# --- what comes first ----------------------------------------------------------------------------


def test_command_line_over_environment_over_file_over_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subject("--rules", "desk/two.yaml") == "A"
    settle(SETTLED)
    assert subject() == "C1"
    monkeypatch.setenv("ABTRADE_SCAN_ACCOUNTS", "other.csv")
    assert subject() == "C2"
    assert subject("--accounts", "desk/accounts.csv") == "C1"
    monkeypatch.setenv("ABTRADE_SCAN_RULES", "desk/nine.yaml")
    assert scan("--format", "jsonl").stdout == ""
    assert subject("--rules", "desk/two.yaml") == "C2"


def test_a_list_of_the_command_line_stands_in_place_of_the_files(folder: Path) -> None:
    settle('[scan]\nrules = ["desk/two.yaml"]')
    assert scan("--rules", "desk/nine.yaml", "--format", "jsonl").stdout == ""


def test_a_switch_of_the_file_can_be_turned_off(folder: Path) -> None:
    settle('[scan]\nout = "out"\nforce = true\nquiet = true')
    assert [scan().exit_code, scan().exit_code] == [0, 0]
    assert scan("--no-force").exit_code == 1
    assert scan().output == ""
    assert "Verdict" in scan("--no-quiet").output


def test_the_file_is_found_or_named_and_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(SETTLED, "desk/x.toml")
    Path("desk/two.yaml").rename("desk/desk_two.yaml")
    settle('[scan]\nrules = ["./desk_two.yaml"]\naccounts = "accounts.csv"', "desk/x.toml")
    assert scan("--rules", "desk/desk_two.yaml").stderr == ""
    done = scan("--config", "desk/x.toml")
    assert done.stderr == f"Defaults of {folder.resolve() / 'desk/x.toml'}\n"
    monkeypatch.setenv("ABTRADE_CONFIG", "desk/x.toml")
    assert subject() == "C1"
    assert scan("--no-config", "--rules", "desk/nine.yaml").stderr == ""
    monkeypatch.chdir("desk")
    monkeypatch.delenv("ABTRADE_CONFIG")
    settle("[scan]\nquiet = true", "../abtrade.toml")  # nobody looks above the working directory
    assert CliRunner().invoke(app, ["scan", "../day.csv"]).stdout != ""


def test_run_json_tells_the_options_in_force_and_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABTRADE_SCAN_THREADS", "1")
    settle(SETTLED + 'out = "out/{day}"\nfail-on = "red"\n[hook]\ncommand = ["true", "a secret"]')
    assert scan("--seal").exit_code == 3
    run = json.loads(Path("out/2025-03-03/run.json").read_text("utf-8"))
    told = run["settings"]
    assert told["file"] == {
        "path": str(folder.resolve() / "abtrade.toml"),
        "sha256": hashlib.sha256(Path("abtrade.toml").read_bytes()).hexdigest(),
    }
    assert told["options"]["fail-on"] == {"value": "red", "from": "file"}
    assert told["options"]["threads"] == {"value": 1, "from": "environment"}
    assert told["options"]["seal"] == {"value": True, "from": "command line"}
    assert told["options"]["strict"] == {"value": False, "from": "default"}
    assert told["options"]["hook"] == {"value": "true", "from": "file"}
    assert "a secret" not in json.dumps(run)
    names = {param.name for param in get_command(app).commands["scan"].params}  # type: ignore[attr-defined]
    assert len(told["options"]) == len(names - {"log", "config", "no_config", "help"})


def test_every_option_may_stand_in_the_file_and_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the page shows as a full example names them all, and is taken."""
    page = Path(__file__).parents[1].joinpath("docs/config.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(# abtrade.toml.*?)```", page, re.DOTALL)
    settle(example)
    keys = set(re.findall(r"^#? ?([a-z-]+) = ", example, re.MULTILINE))
    options = {
        max(param.opts, key=len)[2:]
        for param in get_command(app).commands["scan"].params  # type: ignore[attr-defined]
        if param.param_type_name == "option"
    } - {"help", "config", "no-config"}  # fmt: skip
    hook = {"hook": "command", "hook-on": "on", "hook-timeout": "timeout"}
    assert keys == {hook.get(option, option) for option in options}
    settle(re.sub(r"^# ([a-z-]+ = )", r"\1", example, flags=re.MULTILINE))
    done = scan("--day", "2025-03-03")
    assert (done.exit_code, "desk.key: the key cannot be read" in done.output) == (1, True)


# --- what is wrong with a file -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[scan]\nlink = 'a'", ":2:1: unknown key 'link', did you mean 'links'?"),
        ("[scan]\nfail_on = 'red'", ":2:1: unknown key 'fail_on', did you mean 'fail-on'?"),
        ("[scan]\n  strict = 'yes'", ":2:3: strict: found 'yes', expected true or false"),
        ("[scan]\nthreads = 0", ":2:1: threads: "),
        ("[scan]\nthreads = true", ":2:1: threads: found True, expected a whole number"),
        ("[scan]\nfail-on = 'green'", ":2:1: fail-on: unknown word 'green', expected one of yel"),
        ("[scan]\nassume = ['tif']", ":2:1: assume: 'tif': expected COLUMN=WORD"),
        ("[scan]\nrules = 3", ":2:1: rules: found 3, expected a list of texts"),
        ("[scan]\nrules = 'shfe'", ":2:1: rules: found 'shfe', expected a list of texts"),
        ("[scan]\nrules = ['shfe', '']", ":2:1: rules: found '', expected text that is not blank"),
        ("[scan]\naccounts = ''", ":2:1: accounts: found '', expected text that is not blank"),
        ('[scan]\nlinks = "a\\u0000b"', ":2:1: links: found 'a\\x00b', expected text"),
        ("[scan]\nday = 2025-03-03T00:00:00", ":2:1: day: found datetime.datetime"),
        ('[hook]\ncommand = ["./h.py\\u0000x"]', ":2:1: command: found ['./h.py\\x00x'], expected"),
        ("[hook]\ncommand = ['']", ":2:1: command: found [''], expected a program first"),
        ("[hook]\non = 'alerts'", ":2:1: on: found 'alerts', expected a list of texts"),
        ("[scan]\nlinks = ['a']", ":2:1: links: found ['a'], expected text"),
        ("[scan]\nday = '2025-02-30'", ":2:1: day: '2025-02-30' is no day"),
        ("[scan]\nconfig = 'x'", ":2:1: unknown key 'config'"),
        ("[scan]\nhook = 'x'", ":2:1: unknown key 'hook'; a hook has its table [hook]"),
        ("[scans]\nlinks = 'a'", ":1:1: unknown table 'scans', did you mean 'scan'?"),
        ("links = 'a'", ":1:1: unknown table 'links'"),
        ("scan = 1", ":1:1: found scan = ..., expected a table [scan]"),
        ("[hook]\ncommand = 'a b'", ":2:1: command: found 'a b', expected a list of words"),
        ("[hook]\ncommand = []", ":2:1: command: found [], expected a list of words"),
        ("[hook]\non = ['now']", ":2:1: on: unknown word 'now', expected one of alerts, fail"),
        ("[scan]\na = 1\na = 2\n", ":3:6: Cannot overwrite a value"),
        ("[scan]\nlinks = [", ": Invalid value (at end of document)"),
        ("[scan]\nlinks = '\x1b[31m'", ":2:10: "),
    ],
)
def test_a_wrong_file_is_wrong_usage(folder: Path, text: str, told: str) -> None:
    settle(text)
    done = scan()
    assert done.exit_code == 2
    assert done.stdout == ""
    assert re.search(r"abtrade\.toml" + re.escape(told), done.stderr), done.stderr


@pytest.mark.parametrize("out", ["results/{", "results/{day}/{foo}", "{Day}", "{{day}}"])
def test_nothing_but_the_day_stands_in_braces(folder: Path, out: str) -> None:
    settle(f"[scan]\nout = '{out}'")
    for done in (scan(), scan("--no-config", "--out", out)):
        assert (done.exit_code, "found other braces than" in done.stderr) == (2, True)
    assert "abtrade.toml:2:1: out: " in scan().stderr


def test_each_wrong_word_of_a_list_is_told(folder: Path) -> None:
    settle('[scan]\nassume = ["foo=bar", "tif", "tif=gfd", "tif=never"]')
    assert [line.split("assume: ")[1][:12] for line in scan().stderr.splitlines()] == [
        "'foo=bar': e", "'tif': expec", "'tif=never':",
    ]  # fmt: skip


def test_a_day_may_stand_without_quotes(folder: Path) -> None:
    settle(SETTLED + "day = 2025-03-03")
    assert subject() == "C1"
    assert scan("--out", "{day}/{", "--day", "2025-03-03").exit_code == 2


def test_all_problems_are_told_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle("[scan]\nlink = 1\nstrict = 1\n[hook]\nafter = 1")
    monkeypatch.setenv("ABTRADE_SCAN_LINK", "x")
    lines = scan().stderr.splitlines()
    assert [line.split(": ")[-1][:30] for line in lines] == [
        "unknown variable 'ABTRADE_SCAN", "unknown key 'link', did you me",
        "found 1, expected true or fals", "unknown key 'after'",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"\xff", b"[scan]\nout = 'x'\n" * 100_000])
def test_a_file_that_cannot_be_read_is_wrong_usage(folder: Path, data: bytes) -> None:
    Path("abtrade.toml").write_bytes(data)
    assert scan().exit_code == 2
    assert scan("--config", "none.toml").exit_code == 2
    assert scan("--config", "desk").exit_code == 2
    assert scan("--no-config").exit_code == 0


# --- what a run reads, it does not replace -------------------------------------------------------

READ = ("desk.key", "desk/my.toml", "desk/calendar.csv", "desk/sessions.csv", "desk/post.py",
        "desk/two.yaml", "desk/accounts.csv", "day.csv", "desk/send")  # fmt: skip


@pytest.fixture
def settled(folder: Path) -> Path:
    """Return a folder with a desk's file that names every kind of file a run reads."""
    settle(
        SETTLED.replace("desk/", "") + 'calendar = "calendar.csv"\nsessions = "sessions.csv"\n'
        'pseudonymise = "../desk.key"\n[hook]\ncommand = ["./send", "post.py", "alerts.csv"]',
        "desk/my.toml",
    )
    for name in READ:
        Path(name).touch(0o600)
    Path("desk/send").chmod(0o700)
    return folder


@pytest.mark.parametrize("output", ["--to", "--save-state"])
@pytest.mark.parametrize("read", READ)
def test_no_output_replaces_a_file_of_the_run(settled: Path, output: str, read: str) -> None:
    before = Path(read).read_bytes()
    done = scan("--config", "desk/my.toml", output, f"./{read}", "--force")
    assert (done.exit_code, "is another file of this run" in done.stderr) == (1, True)
    assert Path(read).read_bytes() == before


@pytest.mark.parametrize("out", ["2025-03-03", "{day}", "./{day}/"])
def test_no_folder_that_is_replaced_holds_a_file_of_the_run(folder: Path, out: str) -> None:
    alerts = ("--rules", "desk/two.yaml", "--out", out, "--force")
    assert scan(*alerts).exit_code == 0
    table = Path("2025-03-03/links.parquet")
    before = table.read_bytes()
    for day in ((), ("--day", "2025-03-03")):
        done = scan(*alerts, *day, "--accounts", str(table))
        assert (done.exit_code, f"holds {table}, which this run reads" in done.stderr) == (1, True)
    assert table.read_bytes() == before
    assert scan("--day", "2025-03-03", "--out", "2025", "--accounts", str(table)).exit_code == 0


def test_a_loop_of_links_is_an_error_as_any(folder: Path) -> None:
    Path("loop").symlink_to("loop")
    done = scan("--accounts", "loop", "--to", "a.txt", "--out", "out")
    assert (done.exit_code, "loop: " in done.stderr) == (1, True)


def test_a_folder_may_be_called_as_a_pack_is(folder: Path) -> None:
    for _ in range(2):
        done = scan("--rules", "shfe@2024-01-01", "--out", "shfe", "--force")
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("option", ["config", "pseudonymise", "mapping", "rules", "accounts",
                                    "calendar", "resume"])  # fmt: skip
@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_a_pipe_or_a_device_is_no_file_to_read(folder: Path, option: str, name: str) -> None:
    os.mkfifo("pipe")
    done = scan(f"--{option}", name)
    assert done.exit_code == (2 if option == "config" else 1)
    assert f"{name}: " in done.stderr
    assert "found a pipe or a device, expected a regular file" in done.stderr


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo("abtrade.toml")
    done = scan()
    assert done.exit_code == 2
    assert done.stderr.startswith("abtrade.toml: cannot be read: found a pipe or a device")


def test_a_hook_stands_in_a_file_that_nobody_else_may_write(folder: Path) -> None:
    settle("[hook]\ncommand = ['true']")
    assert scan().exit_code == 0
    Path("abtrade.toml").chmod(0o664)
    done = scan()
    assert (done.exit_code, "mode 0664" in done.stderr) == (2, True)
    settle("[scan]\nquiet = true")
    Path("abtrade.toml").chmod(0o666)
    assert scan().exit_code == 0


@pytest.mark.parametrize("seed", range(20))
def test_any_bytes_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    from random import Random

    random = Random(seed)
    text = "".join(random.choice("[]scan=\"'\n #{},.1xé\\") for _ in range(60))
    path = tmp_path / "abtrade.toml"
    path.write_text(text, "utf-8")
    try:
        assert isinstance(desk_file.read(path).tables, dict)
    except desk_file.InputError as error:
        assert str(error).startswith(str(path))
