"""Kernels named by an operator: loaded, run, told, and refused where something is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.kernels.kernel import Kernel, jitted

pytest.importorskip("numba")

EXAMPLES = Path(__file__).parents[1] / "examples" / "kernels"
KERNEL = (EXAMPLES / "busiest_minute.py").read_text("utf-8")
RULE = (EXAMPLES / "busiest_minute.yaml").read_text("utf-8")
HEAD = "seq,ts,contract,action,order_id,account,side,price,lots,cancel_by\n"


def rows(*cancels: tuple[str, str, int, str]) -> str:
    """Return a log of orders entered and then cancelled: time, account, lots, by whom."""
    lines = [
        f"{i},2025-03-03 09:00:00,cu2505,new,{i},{who},buy,70000,{lots},\n"
        for i, (_, who, lots, _) in enumerate(cancels, start=1)
    ]
    lines += [
        f"{len(cancels) + i},2025-03-03 {at},cu2505,cancel,{i},,,,,{by}\n"
        for i, (at, _, _, by) in enumerate(cancels, start=1)
    ]
    return HEAD + "".join(lines)


BUSY = rows(
    ("10:00:59.9", "A", 150, "client"),
    ("10:01:00", "A", 120, "client"),
    ("10:01:59.999999999", "A", 79, "client"),  # 199 in that minute
    ("10:01:59.999999999", "A", 400, "expiry"),
    ("10:02:30", "B", 199, "client"),
    ("10:02:59", "A", 200, "client"),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with a log, the example's kernel and its rule."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    Path("day.csv").write_text(BUSY)
    Path("k.py").write_text(KERNEL)
    Path("r.yaml").write_text(RULE)
    return tmp_path


def scan(*words: str) -> Any:
    return CliRunner().invoke(
        app, ["scan", "day.csv", "--rules", "r.yaml", *words], prog_name="abtrade"
    )


def alerts(folder: str = "out") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "alerts.jsonl").read_text().splitlines()]


# --- the worked example ----------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_the_busiest_minute_is_found_at_its_cancel(desk, engine):
    found = scan("--kernels", "k.py", "--out", "out", "--engine", engine)
    assert found.exit_code == 0, found.output
    (alert,) = alerts()
    assert (alert["subject"], alert["level"], alert["scope"]) == ("A", "yellow", "contract:cu2505")
    assert (alert["count_name"], alert["ratio"]) == ("kernel@busiest_minute", 200.0)
    assert alert["yellow_seq"] == 12, "199 lots and 400 that expired are silent"
    assert alert["red_seq"] is None
    assert alert["gross_ratio"] == 599.0
    assert sum(alert["exempt"].values()) == 1
    assert alert["shares"] == [{"account": "A", "client": "A", "counted": 4}]
    assert alert["detail"]["highest"]["seq"] == 12
    assert "highest at seq 12" in alert["message"]


def test_both_engines_write_the_same_alerts_and_state(desk):
    for engine in ("core", "reference"):
        assert scan("--kernels", "k.py", "--out", engine, "--engine", engine).exit_code == 0
    for name in ("alerts.jsonl", "alerts.parquet", "results.parquet", "certificate.json"):
        assert Path("core", name).read_bytes() == Path("reference", name).read_bytes(), name


def test_a_group_is_measured_as_one_and_no_member_reached_it_alone(desk):
    Path("day.csv").write_text(
        rows(("10:01:00", "A", 120, "client"), ("10:01:10", "B", 80, "client"))
    )
    Path("links.csv").write_text("account,group,status\nA,G,filed\nB,G,filed\n")
    assert scan("--kernels", "k.py", "--links", "links.csv", "--out", "out").exit_code == 0
    (alert,) = alerts()
    assert (alert["subject"], alert["ratio"]) == ("G", 200.0)
    assert (alert["largest_client"], alert["largest_client_ratio"]) == ("A", 120.0)
    assert alert["reached_alone"] is False
    assert [share["counted"] for share in alert["shares"]] == [1, 1]


def test_an_alert_is_explained_from_the_record(desk):
    scan("--kernels", "k.py", "--out", "out")
    (alert,) = alerts()
    events = abtrade.explain("out", alert["alert_id"]).events.to_pylist()
    assert [event["figure"] for event in events] == [150, 120, 199, 199, 200]
    assert [event["left_out"] is None for event in events] == [True, True, True, False, True]
    assert [event["level"] for event in events] == [None, None, None, None, "yellow"]


def test_the_record_tells_the_file_and_its_hash(desk):
    scan("--kernels", "k.py", "--out", "out")
    (record,) = json.loads(Path("out/run.json").read_text())["kernels"]
    assert (record["kernel"], record["path"]) == ("busiest_minute", str(desk / "k.py"))
    assert len(record["sha256"]) == 64


def test_explain_refuses_a_kernel_that_has_changed(desk):
    scan("--kernels", "k.py", "--out", "out")
    (alert,) = alerts()
    Path("k.py").write_text(KERNEL + "\n# changed\n")
    with pytest.raises(InputError, match="kernel busiest_minute: its code has changed"):
        abtrade.explain("out", alert["alert_id"])


def test_resume_refuses_a_kernel_that_has_changed(desk):
    assert scan("--kernels", "k.py", "--save-state", "state").exit_code == 0
    Path("k.py").write_text(KERNEL + "\n# changed\n")
    found = scan("--kernels", "k.py", "--resume", "state")
    assert found.exit_code == 1
    assert "saved with kernels" in found.output


# --- what is given, and what is not --------------------------------------------------------------


def test_a_rule_whose_kernel_is_not_given_is_blind(desk):
    found = scan("--out", "out")
    assert found.exit_code == 0
    blind = json.loads(Path("out/certificate.json").read_text())["blind"]
    needs = "kernel needs busiest_minute, which neither --kernels nor a package gives"
    assert blind == {"desk.busiest_minute": needs}


def test_a_kernel_that_no_rule_names_is_not_run(desk):
    Path("k.py").write_text("raise SystemExit('run')\n")
    Path("r.yaml").write_text(
        RULE.replace("count: kernel\nkernel: busiest_minute", "count: cancels")
    )
    found = scan("--kernels", "k.py")
    assert found.exit_code == 0
    assert "no rule names a kernel" in found.output


def test_a_module_may_be_named(desk, monkeypatch):
    Path("desk_measures.py").write_text(KERNEL)
    monkeypatch.syspath_prepend(str(desk))
    found = abtrade.scan("day.csv", rules=["r.yaml"], kernels=["desk_measures"])
    assert found.run["kernels"][0]["module"] == "desk_measures"
    assert len(found.alert_list) == 1


def install(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Offer an entry point, as an installed package would."""
    point = EntryPoint(name, value, "abtrade.kernels")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])


def test_an_installed_kernel_is_found_by_its_name(desk, monkeypatch):
    Path("desk_package.py").write_text(KERNEL)
    monkeypatch.syspath_prepend(str(desk))
    install(monkeypatch, "busiest_minute", "desk_package:busiest_minute")
    found = abtrade.scan("day.csv", rules=["r.yaml"])
    assert found.run["kernels"][0]["module"] == "desk_package:busiest_minute"
    assert len(found.alert_list) == 1


def test_an_installed_kernel_of_another_name_is_not_loaded(desk, monkeypatch):
    install(monkeypatch, "other", "there_is_no_such_module:other")
    found = abtrade.scan("day.csv", rules=["r.yaml"], kernels=["k.py"])
    assert len(found.alert_list) == 1


def test_an_object_may_be_given_in_python(desk):
    @abtrade.kernel("busiest_minute", wants=("cancel",))
    def largest(events, slots, state, out):
        for i in range(len(events)):
            out[i] = events[i]["lots"]

    found = abtrade.scan("day.csv", rules=["r.yaml"], kernels=[largest])
    assert sorted(alert.result.counted for alert in found.alert_list) == [200.0]


PROBLEMS = {
    "not there": (None, "--kernels k.py: cannot be read: No such file"),
    "no Python": ("def f(:\n", "--kernels k.py: line 1: SyntaxError"),
    "fails": ("x = 1\nx / 0\n", "--kernels k.py: line 2: ZeroDivisionError"),
    "ends the run": ("import sys\nsys.exit(0)\n", "--kernels k.py: line 2: SystemExit"),
    "no kernel": ("x = 1\n", "--kernels k.py: found no kernel"),
    "wrong parameters": (
        KERNEL.replace("slots, state, out", "state"), "expected a function of (events, slots"
    ),
    "wrong wants": (KERNEL.replace('("cancel",)', '("cancle",)'), "found wants ('cancle',)"),
    "one word for wants": (KERNEL.replace('("cancel",)', '"cancel"'), "found wants 'cancel'"),
    "negative state": (KERNEL.replace("state=2", "state=-1"), "found state -1"),
    "no such type": (KERNEL.replace("state=2", 'state_type="int8"'), "found state_type 'int8'"),
    "no name": (KERNEL.replace('kernel("busiest_minute"', 'kernel("Busiest"'), "kernel 'Busiest'"),
    "cannot be compiled": (
        KERNEL.replace('["lots"]', '["size"]'), "kernel busiest_minute ({path}:"
    ),
    "index out of bounds": (
        KERNEL.replace("mine[1] +=", "state[9999999, 0] +="), "kernel busiest_minute ({path}:"
    ),
    "no number": (
        KERNEL.replace("out[i] = mine[1]", "pass"),
        "found the figure nan after seq 7 in cu2505, expected a finite number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("problem", sorted(PROBLEMS))
@pytest.mark.parametrize("engine", ["core", "reference"])
def test_what_is_wrong_with_a_kernel_is_said(desk, problem, engine):
    text, said = PROBLEMS[problem]
    Path("k.py").unlink()
    if text is not None:
        Path("k.py").write_text(text)
    found = scan("--kernels", "k.py", "--engine", engine, "--out", "out")
    assert found.exit_code == 1
    assert said.format(path=desk / "k.py") in found.output.replace("\n", " ").replace("  ", " ")
    assert "Traceback" not in found.output
    assert not Path("out").exists()


def test_a_pipe_is_no_kernel_file(desk):
    Path("k.py").unlink()
    subprocess.run(["mkfifo", "k.py"], check=True)
    assert "expected a regular file" in scan("--kernels", "k.py").output


def test_two_kernels_of_one_name_are_refused_with_both_places(desk):
    shutil.copy("k.py", "other.py")
    found = scan("--kernels", "k.py", "--kernels", "other.py")
    assert found.exit_code == 1
    said = found.output.replace("\n", " ")
    assert "found twice" in said and "k.py" in said and "other.py" in said


def test_all_problems_are_told_at_once(desk):
    Path("k.py").write_text("x = 1\n")
    found = scan("--kernels", "k.py", "--kernels", "none.py", "--kernels", "no_such_module")
    said = ("k.py: found no kernel", "none.py: cannot be read", "no_such_module: ModuleNotFound")
    assert all(each in found.output for each in said)


def test_the_desks_file_may_name_kernels_but_not_if_others_write_it(desk):
    settled = Path("abtrade.toml")
    settled.write_text('[scan]\nkernels = ["k.py"]\nout = "out"\n')
    settled.chmod(0o644)
    assert scan().exit_code == 0
    assert len(alerts()) == 1
    settled.chmod(0o666)
    found = scan("--force")
    assert found.exit_code == 2
    assert "abtrade.toml:2:1: kernels: names code to be run" in found.output


# --- what keeps it light, and what would be wrong -------------------------------------------------


def test_numba_is_not_imported_where_no_rule_asks(desk):
    code = (
        "import sys, abtrade; abtrade.scan('day.csv', rules=['shfe']); "
        "assert 'numba' not in sys.modules; "
        "sys.argv[1:] and exec(open(sys.argv[1]).read()); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, "k.py"], check=True)


def test_without_numba_it_is_said_how_to_get_it(desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    found = scan("--kernels", "k.py")
    assert found.exit_code == 1
    assert "numba is needed to run it: pip install" in found.output
    assert scan("--kernels", "k.py", "--engine", "reference").exit_code == 0


def test_a_jitted_function_is_taken_as_it_is():
    import numba

    @abtrade.kernel("plain", wants=("rfq",))
    @numba.njit(fastmath=True)
    def plain(events, slots, state, out):
        """What it measures.

        More of it.
        """

    assert isinstance(plain, Kernel)
    assert jitted(plain) is plain.function
    assert plain.plain is plain.function.py_func
    assert plain.about == "What it measures."


def test_what_numba_cached_beside_the_file_is_taken_up_again(desk):
    text = KERNEL.replace("def busiest_minute", "@numba.njit(cache=True)\ndef busiest_minute")
    Path("k.py").write_text(f"import numba\n{text}")
    for _ in range(2):
        assert len(abtrade.scan("day.csv", rules=["r.yaml"], kernels=["k.py"]).alert_list) == 1
    assert list(Path("__pycache__").glob("k.busiest_minute*.nbc"))


def test_the_audit_shows_a_kernel_that_remembers_by_stretches(desk):
    """One that counts up within a call, instead of in its state, as docs/kernels.md warns."""
    Path("k.py").write_text(
        KERNEL.replace("    for i", "    total = 0\n    for i").replace(
            "out[i] = mine[1]", "total += events[i]['lots']\n        out[i] = total"
        )
    )
    for engine in ("core", "reference"):
        scan("--kernels", "k.py", "--engine", engine, "--out", engine)
    assert alerts("core") != alerts("reference")


def test_the_page_shows_the_example_as_it_ships():
    page = (EXAMPLES.parents[1] / "docs" / "kernels.md").read_text("utf-8")
    assert KERNEL in page
    assert RULE in page
