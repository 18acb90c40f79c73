from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent / "outputs"))
from made_alerts import lone_alert, made_alert, made_scan

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError, OrderError, OutputError, RuleError

VERBS = (
    ["scan"], ["explain"], ["convert"], ["sniff"], ["demo"], ["rules"], ["rules", "list"],
    ["rules", "show"], ["rules", "explain"], ["rules", "diff"], ["rules", "timeline"],
    ["rules", "check"], ["rules", "schema"], ["rules", "test"], ["rules", "whatif"],
)  # fmt: skip


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


class Stub:
    """Stands in for a call of the package, and keeps what it was called with."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.asked: tuple[Any, ...] = ()
        self.told: dict[str, Any] = {}

    def __call__(self, *asked: Any, **told: Any) -> Any:
        self.asked, self.told = asked, told
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


StubIn = Callable[[str, Any], Stub]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubIn:
    def put(name: str, result: Any) -> Stub:
        call = Stub(result)
        module = ModuleType(f"abtrade.{name}")
        setattr(module, name, call)
        monkeypatch.setitem(sys.modules, f"abtrade.{name}", module)
        return call

    return put


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), prog_name="abtrade")


# --- what scan is told ---------------------------------------------------------------------------


def test_scan_hands_on_what_it_is_told(stub: StubIn, tmp_path: Path) -> None:
    call = stub("scan", made_scan([], clean=True))
    words = shlex.split(
        "scan a.csv b.csv --day 20101108 --rules shfe --rules my.yaml --accounts acc.csv "
        "--links links.csv --close-links 9 --market-makers mm.csv --contracts c.csv "
        "--calendar days.csv --sessions hours.csv "
        "--mapping m.yaml --assume tif=gfd --assume hedge=hedge --engine reference --threads 3 "
        "--whole --keep-attributes --columns needed --seal --strict --force "
        "--save-state new.state --resume old.state --pseudonymise key "
        "--source ctp --account-field InvestorID --account A1 "
        "--positions p.csv --limits l.csv --fees f.csv --history old --history-days 5 "
        "--kernels k.py --statistics --overlay o.yaml --unverified --book"
    )
    result = run(*words, "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert call.asked == (["a.csv", "b.csv"],)
    in_force = call.told.pop("settings")["settings"]["options"]
    assert in_force["links"] == {"value": "links.csv", "from": "command line"}
    assert call.told == {
        "rules": ["shfe", "my.yaml"], "day": date(2010, 11, 8), "accounts": Path("acc.csv"),
        "links": Path("links.csv"), "close_links": 9, "market_makers": Path("mm.csv"),
        "contracts": Path("c.csv"), "calendar": Path("days.csv"),
        "sessions": Path("hours.csv"), "mapping": Path("m.yaml"),
        "source": "ctp", "account_field": "InvestorID", "account": "A1",
        "assume": ["tif=gfd", "hedge=hedge"], "engine": "reference", "threads": 3, "whole": True,
        "keep_attributes": True, "columns": "needed", "seal": True, "strict": True,
        "save_state": Path("new.state"), "resume": Path("old.state"), "pseudonymise": Path("key"),
        "positions": Path("p.csv"), "limits": Path("l.csv"), "fees": Path("f.csv"),
        "history": [Path("old")], "history_days": 5, "statistics": True, "kernels": ["k.py"],
        "overlay": Path("o.yaml"), "unverified": True, "book": True,
        "out": tmp_path / "out", "force": True, "progress": None,
    }  # fmt: skip


def test_scan_has_defaults(stub: StubIn) -> None:
    call = stub("scan", made_scan([], clean=True))
    assert run("scan", "a.csv").exit_code == 0
    in_force = call.told.pop("settings")["settings"]
    assert in_force["file"] is None
    assert {option["from"] for option in in_force["options"].values()} == {"default"}
    told = {name: value for name, value in call.told.items() if value not in (None, False)}
    assert told == {
        "rules": (), "assume": [], "engine": "core", "columns": "all", "history": (),
        "history_days": 20, "kernels": (),
    }  # fmt: skip


# --- exit codes ----------------------------------------------------------------------------------

RED, YELLOW = made_alert(), lone_alert("A")


@pytest.mark.parametrize(
    ("alerts", "clean", "options", "code"),
    [
        ([RED], True, [], 0),
        ([RED], True, ["--fail-on", "red"], 3),
        ([YELLOW], True, ["--fail-on", "red"], 0),
        ([YELLOW], True, ["--fail-on", "yellow"], 3),
        ([RED], True, ["--fail-on", "yellow"], 3),
        ([], True, ["--fail-on", "yellow"], 0),
        ([RED], False, [], 4),
        ([RED], False, ["--fail-on", "red"], 3),
        ([YELLOW], False, ["--fail-on", "red"], 4),
    ],
)
def test_exit_codes(
    stub: StubIn, alerts: list[Any], clean: bool, options: list[str], code: int
) -> None:
    stub("scan", made_scan(alerts, clean=clean))
    assert run("scan", "a.csv", *options).exit_code == code


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (InputError("day.csv: no column 'ts', expected it"), 1, "day.csv: no column 'ts'"),
        (OrderError("day.csv: row 2: sort the file"), 1, "sort the file"),
        (OutputError("out: exists already"), 1, "out: exists already"),
        (RuleError(["a.yaml:1:2: wrong", "a.yaml:3:4: wrong too"]), 1,
         "a.yaml:1:2: wrong\na.yaml:3:4: wrong too\n"),
        (FileNotFoundError(2, "No such file or directory", "gone"), 1, "gone: No such file"),
        (MemoryError(), 1, "out of memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (BrokenPipeError(), 0, ""),
    ],
)  # fmt: skip
def test_errors_are_one_message_and_no_traceback(
    stub: StubIn, error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abtrade.cli_support.close_pipe", lambda: None)
    stub("scan", error)
    result = run("scan", "a.csv", "--fail-on", "red")
    assert result.exit_code == code
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_wrong_code_is_not_hidden(stub: StubIn) -> None:
    stub("scan", AssertionError("a bug"))
    assert isinstance(run("scan", "a.csv").exception, AssertionError)


def test_a_message_does_no_harm(stub: StubIn) -> None:
    stub("scan", InputError("a\x1b[31m.csv: \u202ewrong"))
    assert run("scan", "a.csv").stderr == "a\\x1b[31m.csv: \\u202ewrong\n"


@pytest.mark.parametrize(
    "words",
    [
        ["scan"],
        ["scan", "a.csv", "--nonsense"],
        ["scan", "a.csv", "--day", "yesterday"],
        ["scan", "a.csv", "--day", "2010-02-30"],
        ["scan", "a.csv", "--assume", "tif"],
        ["scan", "a.csv", "--assume", "=gfd"],
        ["scan", "a.csv", "--engine", "third"],
        ["scan", "a.csv", "--threads", "0"],
        ["scan", "a.csv", "--close-links", "x"],
        ["scan", "a.csv", "--format", "ods"],
        ["scan", "a.csv", "--bom"],
        ["scan", "a.csv", "--bom", "--format", "jsonl"],
        ["explain", "out", "4c87", "--bom"],
        ["scan", "a.csv", "--fail-on", "green"],
        ["scan", "a.csv", "--lang", "de"],
        ["scan", "a.csv", "--columns", "some"],
        ["nonsense"],
        ["explain", "out"],
        ["convert", "a.csv"],
        ["demo", "--seed", "x"],
        ["rules", "show"],
        ["rules", "check", "--format", "x"],
        ["rules", "list", "--day", "x"],
        ["rules", "explain"],
        ["rules", "explain", "shfe.self_trade", "--format", "csv"],
        ["rules", "diff", "shfe"],
        ["rules", "timeline", "--from", "2024-10-25", "--to", "2024-10-24"],
    ],
)
def test_wrong_usage_is_2(stub: StubIn, words: list[str]) -> None:
    call = stub("scan", made_scan([]))
    result = run(*words)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert call.asked == ()


def test_wrong_usage_comes_before_everything(stub: StubIn) -> None:
    stub("scan", InputError("not reached"))
    assert run("scan", "a.csv", "--fail-on", "green").exit_code == 2


# --- what is printed -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_is_the_default(stub: StubIn, lang: str) -> None:
    stub("scan", made_scan([RED]))
    result = run("scan", "a.csv", "--lang", lang)
    assert RED.alert_id in result.stdout
    assert ("红灯" in result.stdout) == (lang == "zh")


@pytest.mark.parametrize(
    ("env", "is_chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, False),
        ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "", "LANG": "zh"}, True),
        ({}, False),
    ],
)
def test_the_language_follows_the_locale(
    stub: StubIn, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], is_chinese: bool
) -> None:
    monkeypatch.delenv("LANG")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    stub("scan", made_scan([RED]))
    assert ("红灯" in run("scan", "a.csv").stdout) == is_chinese


def test_formats_for_programs_are_alone_on_standard_output(stub: StubIn) -> None:
    stub("scan", made_scan([RED, YELLOW]))
    assert len(json.loads(run("scan", "a.csv", "--format", "json").stdout)["alerts"]) == 2
    lines = run("scan", "a.csv", "--format", "jsonl", "--quiet").stdout.splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["red", "yellow"]
    assert run("scan", "a.csv", "--format", "csv").stdout.startswith('"alert_id"')


def test_quiet_prints_nothing(stub: StubIn) -> None:
    stub("scan", made_scan([RED]))
    result = run("scan", "a.csv", "--quiet", "--fail-on", "red")
    assert (result.output, result.exit_code) == ("", 3)


def test_explain_hands_on_and_exports(stub: StubIn, tmp_path: Path) -> None:
    from test_explanation_sink import some

    call = stub("explain", some())
    path = tmp_path / "evidence.csv"
    result = run("explain", "out", "4c87", "--log", "x.csv", "--export", str(path))
    assert result.exit_code == 0, result.output
    assert call.asked == (Path("out"), "4c87")
    assert call.told == {
        "log": ["x.csv"], "overlay": None, "pseudonymise": None, "scene": False,
        "within": 5.0,
    }  # fmt: skip
    assert "Events behind it: 4" in result.stdout
    assert path.read_text().startswith('"n","seq"')
    assert run("explain", "out", "4c87", "--export", str(path)).exit_code == 1
    assert run("explain", "out", "4c87", "--export", str(path), "--force", "-q").stdout == ""


def test_an_export_that_cannot_be_is_told_before_the_work(stub: StubIn, tmp_path: Path) -> None:
    call = stub("explain", InputError("not reached"))
    result = run("explain", "out", "4c87", "--export", str(tmp_path / "evidence.pdf"))
    assert result.exit_code == 1
    assert "expected a name that ends with" in result.stderr
    assert call.asked == ()


def test_convert_hands_on(stub: StubIn) -> None:
    done = SimpleNamespace(
        rows=7000, bytes=123456, seconds=1.5, unreadable=0, lost=None, untold=0, days=()
    )
    call = stub("convert", done)
    result = run(
        *shlex.split("convert a.csv b.csv out.arrow --sort --mapping m.yaml --memory 64 --force "
                    "--source ctp --account-field InvestorID --account A1"),
        "--day=2010-11-08",
    )
    assert result.exit_code == 0, result.output
    assert result.stderr == "out.arrow: 7,000 rows, 123,456 bytes in 1.50 s\n"
    assert call.asked == (["a.csv", "b.csv"], Path("out.arrow"))
    assert call.told == {
        "sort": True, "mapping": Path("m.yaml"), "memory_mb": 64, "day": date(2010, 11, 8),
        "source": "ctp", "account_field": "InvestorID", "account": "A1",
        "force": True, "progress": None,
    }  # fmt: skip
    assert run("convert", "a.csv", "out.arrow", "--quiet").output == ""


@pytest.mark.parametrize(("is_right", "code"), [(True, 0), (False, 1)])
def test_demo_fails_where_the_alerts_are_not_as_planted(
    stub: StubIn, is_right: bool, code: int
) -> None:
    call = stub("demo", is_right)
    assert run("demo", "--out", "there", "--seed", "7", "--lang", "zh").exit_code == code
    assert call.asked == (Path("there"), 7, "zh")


def test_rules_are_listed_and_shown() -> None:
    listed = run("rules", "list").stdout.splitlines()
    assert listed[0].split()[:3] == ["id", "count", "scope"]
    assert any(line.startswith("shfe.self_trade") for line in listed)
    rows = json.loads(run("rules", "list", "--json").stdout)
    assert {row["id"] for row in rows} == {line.split()[0] for line in listed[1:]}
    assert "self_trades" in run("rules", "show", "shfe.self_trade").stdout
    assert "自成交" in run("rules", "show", "shfe.self_trade", "--lang", "zh").stdout
    wrong = run("rules", "show", "shfe.self_trades")
    assert wrong.exit_code == 1
    assert "did you mean 'shfe.self_trade'" in wrong.stderr


def test_a_rule_is_explained_as_it_stood_on_a_day() -> None:
    day = "2024-10-24"
    told = run("rules", "explain", "czce.limit_price_cancel", "--day", day).stdout
    assert "cancels of FAK or FOK orders. Basis:" in told
    chinese = run("rules", "explain", "czce.limit_price_cancel", "--day", day, "--lang", "zh")
    assert "FAK、FOK指令的撤单。依据：" in chinese.stdout
    data = json.loads(
        run("rules", "explain", "czce.limit_price_cancel", "--format", "json").stdout
    )
    assert (data["from"], data["to"], data["day"]) == ("2024-10-25", None, None)
    marked = run("rules", "explain", "czce.limit_price_cancel", "--format", "markdown").stdout
    assert marked.startswith("# czce.limit_price_cancel (Version ")
    early = run("rules", "explain", "czce.limit_price_cancel", "--day", "2009-01-05")
    assert (early.exit_code, early.stdout) == (1, "")
    assert "czce.limit_price_cancel is not in force on 2009-01-05" in early.stderr


def test_two_days_of_a_pack_are_compared() -> None:
    told = run("rules", "diff", "czce@2024-10-24", "czce@2024-10-25")
    assert told.exit_code == 0
    assert "changed: czce.limit_price_cancel\n  - " in told.stdout
    same = run("rules", "diff", "czce", "czce", "--day", "2024-10-25", "--exit-code")
    assert same.exit_code == 0
    assert "Nothing differs:" in same.stdout
    differ = run("rules", "diff", "czce@2024-10-24", "czce@2024-10-25", "--exit-code",
                 "--format", "json", "--lang", "zh")  # fmt: skip
    assert differ.exit_code == 1
    assert "变更" not in differ.stdout
    assert json.loads(differ.stdout)["differences"]
    before = run("rules", "diff", "shfe@2010-11-04", "shfe@2010-11-05")
    assert "added: shfe.self_trade" in before.stdout
    assert before.stderr == (
        "shfe@2010-11-04: no rule in force on 2010-11-04, the first is from 2010-11-05\n"
    )


def test_the_timeline_of_packs() -> None:
    told = run("rules", "timeline", "shfe", "--to", "2010-11-05").stdout
    assert "self_trade: begins. Red: at least 5 self-trades." in told
    rows = run("rules", "timeline", "shfe", "czce", "--format", "csv").stdout.splitlines()
    assert rows[0].startswith('"pack","rule","day"')
    assert {row.split(",")[0] for row in rows[1:]} == {'"shfe"', '"czce"'}
    packs = json.loads(run("rules", "timeline", "--format", "json").stdout)
    assert [pack["pack"] for pack in packs] == ["cffex", "czce", "dce", "gfex", "ine", "shfe"]


def test_rules_are_checked(tmp_path: Path) -> None:
    good = run("rules", "check", "shfe")
    assert good.exit_code == 0
    assert "error" not in good.stderr
    (tmp_path / "bad.yaml").write_text("id: x.y\nyelow: 5\n")
    bad = run("rules", "check", str(tmp_path))
    assert bad.exit_code == 1
    assert "bad.yaml:2:1: unknown key 'yelow', did you mean 'yellow'?" in bad.stderr


def test_the_schema_is_json() -> None:
    assert json.loads(run("rules", "schema").stdout)["title"] == "abtrade rule"


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help(verb: list[str]) -> None:
    result = run(*verb, "--help")
    assert result.exit_code == 0
    assert "Usage: abtrade" in result.stdout
    if verb != ["rules"]:
        assert "Example" in result.stdout
        assert f"\n  abtrade {' '.join(verb)}" in result.stdout.replace("\n    ", "\n  ")


def test_version() -> None:
    assert run("--version").stdout == f"abtrade {abtrade.__version__}\n"


# --- the process ---------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["rules", "list"]])
def test_what_cannot_be_printed_fails(words):
    with Path("/dev/full").open("w") as full:
        ran = process(*words, stdout=full)
        assert ran.communicate()[1] == "standard output: No space left on device\n"
    assert ran.returncode == 1


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "abtrade", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, **{"stdout": pipe, "stderr": pipe, "text": True, **options})


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['abtrade', '--help']\n"
        "from abtrade.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pyarrow', 'rich', 'yaml'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert "scan" in done.stdout


def cpu_seconds(*words: str) -> float:
    """Return what a Python takes of a processor, which other processes hardly change."""
    before = os.times()
    subprocess.run([sys.executable, *words], capture_output=True, check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def test_help_is_quick() -> None:
    bare = min(cpu_seconds("-c", "pass") for _ in range(3))
    helped = min(cpu_seconds("-m", "abtrade", "--help") for _ in range(5))
    assert helped - bare < 0.2


def test_a_reader_that_goes_away_is_no_error() -> None:
    with process("rules", "schema", bufsize=1) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 0


FOUND = """
import sys
from types import ModuleType
sys.path.insert(0, sys.argv.pop(1))
from made_alerts import made_alert, made_scan
module = ModuleType("abtrade.scan")
module.scan = lambda log, **_: made_scan([made_alert()], clean=True)
sys.modules["abtrade.scan"] = module
sys.stdin.read()
from abtrade.cli import main
main()
"""


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_the_exit_code_stands_though_nobody_reads(form: str) -> None:
    helpers = str(Path(__file__).parent / "outputs")
    options = ["--format", form, "--fail-on", "red"]
    command = [sys.executable, "-c", FOUND, helpers, "scan", "a.csv", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        running.stdin.close()
        assert running.stderr.read() == ""
    assert running.returncode == 3


SLOW_SCAN = """
import signal, sys, time
from pathlib import Path
from types import ModuleType, SimpleNamespace
def scan(log, *, out, **_):
    from abtrade.sinks.folder import whole_folder
    with whole_folder(out) as folder:
        (folder / "run.json").write_text("{}")
        print("ready", flush=True)
        time.sleep(60)
    sys.exit("nobody interrupted this")
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may come ignored
module = ModuleType("abtrade.scan")
module.scan = scan
sys.modules["abtrade.scan"] = module
from abtrade.cli import main
main()
"""


@pytest.mark.parametrize(
    ("sent", "code", "told"),
    [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "")],
)
def test_an_interrupt_in_the_middle_leaves_nothing(
    tmp_path: Path, sent: signal.Signals, code: int, told: str
) -> None:
    command = [sys.executable, "-c", SLOW_SCAN, "scan", "a.csv", "--out", str(tmp_path / "out")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        os.kill(running.pid, sent)
        assert running.stderr.read() == told
    assert running.returncode == code
    assert list(tmp_path.iterdir()) == []


# --- the package ---------------------------------------------------------------------------------


def test_the_package_offers_its_calls_whichever_module_came_first() -> None:
    code = (
        "import importlib, sys, abtrade\n"
        "assert 'numpy' not in sys.modules\n"
        "module = importlib.import_module('abtrade.explain')\n"
        "assert callable(abtrade.explain) and abtrade.explain is module.explain\n"
        "from abtrade import scan\n"
        "assert callable(scan) and scan is sys.modules['abtrade.scan'].scan\n"
        "assert callable(abtrade.scan)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = abtrade.nonsense


def test_the_version_is_the_metadata_s() -> None:
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    assert f'\nversion = "{abtrade.__version__}"\n' in text
