"""Other thresholds and exemptions, answered out of what scans wrote: small days, told in full."""

from __future__ import annotations

import csv
import json
import os
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from rule_makers import rule_text
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.whatif.chart import distribution_lines, threshold_lines
from abtrade.whatif.distribution import distribution
from abtrade.words_whatif_en import WORDS as ENGLISH
from abtrade.words_whatif_zh import WORDS as CHINESE

HOSTILE = '=1+1<b>"\x1b'
CANCELS = {"leave_out": "[{tif: [fak, fok], reason: at once, clause: x}]", "yellow": "{gte: 4}"}
"""Cancels, those of FAK and FOK orders left out: yellow from 4 on, red from 6."""


def cancels(
    who: str, times: int, tif: str | None = "gfd", contract: str = "cu2503", **more: Any
) -> list[dict[str, Any]]:
    """Return rows of orders that come in and are cancelled."""
    order = {"account": who, "contract": contract, "tif": tif, "lots": 1, "side": "buy"} | more
    return [row | {"id": n} for n in range(times) for row in
            (order | {"action": "new"}, order | {"action": "cancel", "tif": None})]  # fmt: skip


def log(*parts: list[dict[str, Any]], day: str = "2025-02-18", lacks: Sequence[str] = ()) -> Any:
    rows = [row | {"at": at} for at, row in enumerate(row for part in parts for row in part)]
    columns = {
        "ts": [f"{day}T10:00:{row['at'] // 10:02}.{row['at'] % 10}" for row in rows],
        "exchange": ["DCE" if row["contract"].startswith("m") else "SHFE" for row in rows],
        "order_id": [f"{row['account']}{row['contract']}{row['tif']}{row['id']}"
                     if row["action"] == "new" else None for row in rows],
        "price": [70000.0] * len(rows),
        **{name: [row[name] for row in rows]
           for name in ("account", "contract", "tif", "lots", "side", "action")},
    }  # fmt: skip
    ids = columns["order_id"]
    columns["order_id"] = [ids[i - 1] if each is None else each for i, each in enumerate(ids)]
    return pa.table({name: values for name, values in columns.items() if name not in lacks})


def a_file(folder: Path, name: str = "rule", **changes: str | None) -> str:
    usual = {"status": "secondary", "from_": "2010-01-01", "red": "{gte: 6}", "id": "t.cancels"}
    keys = usual | CANCELS | changes
    path = folder / f"{name}.yaml"
    path.write_text(rule_text(**keys), "utf-8")
    return str(path)


DAY = (cancels("A", 7), cancels("B", 5), cancels("C", 3), cancels("C", 4, "fak"), cancels("D", 2))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two days; A reaches red with 7, B yellow with 5; C cancels 3, and 4 FAK orders; D 2."""
    rule = a_file(tmp_path)
    abtrade.scan(log(*DAY), rules=[rule], day="2025-02-18", out=tmp_path / "out" / "1", threads=1)
    second = log(cancels("A", 5), cancels("E", 9), day="2025-02-19")
    abtrade.scan(second, rules=[rule], day="2025-02-19", out=tmp_path / "out" / "2", threads=1)
    return tmp_path / "out"


def counts(found: Any) -> dict[str, tuple[int, int]]:
    return {found.label(v): found.counts(v)[:2] for v in found.variants}


def who(found: Any, one: int, other: int) -> list[tuple[str, str, str | None, str | None]]:
    pair = found.thresholds[one], found.thresholds[other]
    return [(str(c.day)[-2:], c.subject, c.level, c.level_next) for c in found.changes(*pair)]


# --- what is answered ----------------------------------------------------------------------------


def test_alerts_at_each_threshold_and_who_comes_and_goes(results: Path) -> None:
    found = abtrade.whatif(results, rule="t.cancels", at="5,6,8")
    assert counts(found) == {
        "as it stands": (2, 2), ">= 5": (4, 0), ">= 6": (2, 2), ">= 8": (1, 3),
    }  # fmt: skip
    assert who(found, 0, 1) == [("18", "B", "red", "yellow"), ("19", "A", "red", "yellow")]
    assert who(found, 1, 2) == [("18", "A", "red", "yellow")]
    assert [found.counts(found.variants[0], [day])[:3] for day in found.days] == [(1, 1, 2)] * 2


def test_a_bare_number_keeps_the_sign_and_a_sign_stands(results: Path) -> None:
    found = abtrade.whatif(results, rule="t.cancels", at=[5, ">5"], level="yellow")
    assert counts(found) == {"as it stands": (2, 2), ">= 5": (2, 2), "> 5": (2, 0)}
    assert who(found, 0, 1) == [("18", "B", "yellow", None), ("19", "A", "yellow", None)]


@pytest.mark.parametrize("name", ["at once", "fak", "tif=fak"])
def test_an_exemption_less(results: Path, name: str) -> None:
    found = abtrade.whatif(results, rule="t.cancels", without_exemption=name)
    assert counts(found) == {"as it stands": (2, 2), "changed": (3, 2)}
    (change,) = found.changes(*found.variants)
    assert (change.subject, change.level, change.level_next, change.counted) == (
        "C", None, "red", 7)  # fmt: skip


def test_a_word_that_nobody_used_changes_nothing(results: Path) -> None:
    found = abtrade.whatif(results, rule="t.cancels", without_exemption="fok")
    assert counts(found)["changed"] == counts(found)["as it stands"]


def test_another_text_of_the_rule(results: Path, tmp_path: Path) -> None:
    new = a_file(tmp_path, "new", leave_out=None, only="{tif: [fak, fok]}", red="{gte: 4}",
                 yellow=None)  # fmt: skip
    found = abtrade.whatif(results, with_rules=new, at=[5])
    assert counts(found) == {"as it stands": (2, 2), "changed": (1, 0), ">= 5": (0, 0)}


def test_what_only_drops_is_called_outside(tmp_path: Path) -> None:
    rule = a_file(tmp_path, leave_out=None, only="{tif: fak}", red="{gte: 6}", yellow=None)
    abtrade.scan(log(*DAY), rules=[rule], day="2025-02-18", out=tmp_path / "out")
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", without_exemption="outside")
    assert counts(found) == {"as it stands": (0, 0), "changed": (2, 0)}


def test_a_suspected_group_is_yellow_at_most_and_its_clients_stand_alone(tmp_path: Path) -> None:
    links = pa.table({"account": ["A", "B"], "group": ["G", "G"], "status": ["suspected"] * 2})
    abtrade.scan(log(*DAY), rules=[a_file(tmp_path)], day="2025-02-18", links=links,
                 out=tmp_path / "out")  # fmt: skip
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", at="5,12,13", level="red")
    told = [(row["variant"], row["subject"], row["level"]) for row in found.alerts.to_pylist()]
    assert told[3:6] == [(">= 5", "A", "red"), (">= 5", "B", "red"), (">= 5", "G", "yellow")]
    assert {row[1:] for row in told[6:9]} == {("A", "yellow"), ("B", "yellow"), ("G", "yellow")}


def test_bursts_take_other_levels_alone(tmp_path: Path) -> None:
    rule = a_file(tmp_path, count="burst_occasions", scope="exchange", burst_messages="2",
                  leave_out="[{tif: fak, clause: x}]", red="{gte: 2}", yellow=None)  # fmt: skip
    abtrade.scan(log(*DAY), rules=[rule], day="2025-02-18", out=tmp_path / "out")
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", at="1,2,9")
    assert counts(found) == {
        "as it stands": (3, 0), ">= 1": (4, 0), ">= 2": (3, 0), ">= 9": (0, 0),
    }  # fmt: skip
    with pytest.raises(InputError, match="takes a scan"):
        abtrade.whatif(tmp_path / "out", rule="t.cancels", without_exemption="fak")


def test_the_rule_is_asked_as_the_desk_had_it(tmp_path: Path) -> None:
    overlay = tmp_path / "desk.yaml"
    overlay.write_text(
        "owner: desk\nlevels:\n  t.cancels: {yellow: {gte: 3}}\nexemptions:\n"
        "  - {rule: t.cancels, account: A, owner: desk, reason: agreed, until: 2025-12-31}\n",
        "utf-8",
    )
    abtrade.scan(log(*DAY), rules=[a_file(tmp_path)], day="2025-02-18", overlay=overlay,
                 out=tmp_path / "out")  # fmt: skip
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", at=[5])
    assert counts(found) == {"as it stands": (0, 2), ">= 5": (1, 1)}
    assert not found.notes
    moved = overlay.rename(tmp_path / "moved.yaml")
    ask = partial(abtrade.whatif, tmp_path / "out", rule="t.cancels", at=[5])
    with pytest.raises(InputError, match="is not there; say where it is now by --overlay"):
        ask()
    assert counts(ask(overlay=moved)) == counts(found)
    moved.write_text(moved.read_text("utf-8") + "# a remark\n", "utf-8")
    with pytest.raises(InputError, match=r"moved\.yaml: the overlay has changed since the scan"):
        ask(overlay=moved)
    told = CliRunner().invoke(app, ["rules", "whatif", str(tmp_path / "out"), "--overlay",
                                    str(moved), "--rule", "t.cancels", "--at", "5"])  # fmt: skip
    assert told.exit_code == 1 and "has changed since the scan" in told.output


def test_packs_judge_their_own_exchange_and_keep_apart_what_its_rules_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = tmp_path / "packs"
    for name, leave_out in (("SHFE", CANCELS["leave_out"]), ("DCE", None)):
        (packs / name.lower()).mkdir(parents=True)
        a_file(packs / name.lower(), id=f"{name.lower()}.cancels", exchange=name,
               leave_out=leave_out)  # fmt: skip
    monkeypatch.setattr("abtrade.rules.packs.rulebook_dir", lambda: packs)
    both = log(*DAY, cancels("A", 6, "fak", "m2505"), cancels("F", 4, "gfd", "m2505"))
    abtrade.scan(both, day="2025-02-18", out=tmp_path / "out")
    found = abtrade.whatif(tmp_path / "out", rule="dce.cancels", at=[4])
    assert counts(found) == {"as it stands": (1, 1), ">= 4": (2, 0)}
    found = abtrade.whatif(tmp_path / "out", rule="shfe.cancels", without_exemption="fak")
    assert counts(found) == {"as it stands": (1, 1), "changed": (2, 1)}
    new = a_file(tmp_path, "new", id="dce.cancels", exchange="DCE")
    with pytest.raises(InputError, match="not keep apart at DCE"):
        abtrade.whatif(tmp_path / "out", with_rules=new)


# --- what is not judged, and is said to be -------------------------------------------------------


def test_a_day_without_the_rule_and_one_where_it_is_blind(tmp_path: Path) -> None:
    rule = a_file(tmp_path, leave_out=None, only="{tif: fak}", to="2025-02-18")
    blind = log(*DAY, lacks=["tif"])
    abtrade.scan(blind, rules=[rule], day="2025-02-18", out=tmp_path / "out" / "1")
    later = log(*DAY, day="2025-02-19")
    abtrade.scan(later, rules=[rule], day="2025-02-19", out=tmp_path / "out" / "2")
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", at=[5])
    assert [day.last.status for day in found.days] == ["blind", "not in force"]
    assert found.days[0].last.why == "only: needs tif, which the log does not have"
    said = CliRunner().invoke(app, ["rules", "whatif", str(tmp_path / "out"), "--rule",
                                    "t.cancels", "--at", "5", "--lang", "en"]).output  # fmt: skip
    assert "blind: only: needs tif" in said and "no such rule in force" in said


def test_a_rule_that_has_changed_since_the_scan_is_named(results: Path, tmp_path: Path) -> None:
    a_file(tmp_path, red="{gte: 9}")
    found = abtrade.whatif(results, rule="t.cancels", at=[5])
    assert [each.key for each in found.notes] == ["rewritten", "rewritten"]
    assert counts(found)["as it stands"] == (1, 3)


def test_assumptions_are_told(tmp_path: Path) -> None:
    rule = a_file(tmp_path)
    lacking = log(*DAY, lacks=["tif"])
    abtrade.scan(lacking, rules=[rule], day="2025-02-18", out=tmp_path / "out")
    found = abtrade.whatif(tmp_path / "out", rule="t.cancels", at=[5])
    assert found.notes == [("assumed", (("words", "tif is gfd"),))]


# --- what takes a scan ---------------------------------------------------------------------------


def test_attributes_that_were_not_kept_apart_are_refused(tmp_path: Path) -> None:
    rule = a_file(tmp_path, leave_out=None)
    new = a_file(tmp_path, "new")
    for keep in (False, True):
        abtrade.scan(log(*DAY), rules=[rule], day="2025-02-18", out=tmp_path / "out", force=True,
                     keep_attributes=keep)  # fmt: skip
        if keep:
            assert counts(abtrade.whatif(tmp_path / "out", with_rules=new))["changed"] == (1, 1)
        else:
            with pytest.raises(InputError, match=r"tif, which .* --keep-attributes"):
                abtrade.whatif(tmp_path / "out", with_rules=new)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"count": "large_cancels", "large_lots": "5"}, r"do not hold large_cancels@5"),
        ({"count": "open_lots", "limit": "opening", "red": "{gt: 1}"}, "parts of a limit"),
        ({"count": "volume_share", "red": None, "yellow": "{gte: 0.1}"}, "exact shares"),
    ],
)
def test_counts_that_outputs_do_not_hold(
    results: Path, tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    new = a_file(tmp_path, "new", **({"yellow": None} | changes))
    with pytest.raises(InputError, match=told):
        abtrade.whatif(results, with_rules=new)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"at": "5,x"}, "'x': expected a number"),
        ({"at": "400,,"}, r"^--at: '': expected a number such as 450 or >450$"),
        ({"at": ">=" + "9" * 19}, "expected at most 999999999999999999$"),
        ({"at": "4.5"}, "whole numbers, found >= 4.5"),
        ({"at": "0"}, "always so"),
        ({}, "what is asked"),
        ({"at": "5", "rule": "t.cancel"}, "did you mean 't.cancels'"),
        ({"without_exemption": "fax"}, "expected at once, fak, fok|did you mean 'fak'"),
    ],
)
def test_questions_that_cannot_be_meant(results: Path, asked: dict[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        abtrade.whatif(results, **{"rule": "t.cancels", **asked})


# --- folders that are not whole ------------------------------------------------------------------


def edit(folder: Path, name: str, **changes: Any) -> None:
    told = json.loads((folder / name).read_text("utf-8"))
    (folder / name).write_text(json.dumps(told | changes), "utf-8")


def test_every_damage_is_told_at_once(results: Path) -> None:
    edit(results / "1", "run.json", schema_version=99)
    (results / "2" / "cells.parquet").write_bytes(b"PAR1")
    (results / "2" / "certificate.json").unlink()
    with pytest.raises(InputError) as raised:
        abtrade.whatif(results, rule="t.cancels", at=[5])
    told = str(raised.value)
    assert "schema version 99" in told and "cells.parquet cannot" in told
    assert "certificate.json cannot" in told


@pytest.mark.parametrize("name", ["certificate.json", "run.json", "cells.parquet"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(results: Path, name: str) -> None:
    (results / "1" / name).unlink()
    os.mkfifo(results / "1" / name)
    with pytest.raises(InputError) as refused:
        abtrade.whatif(results, rule="t.cancels", at="5")
    assert str(refused.value) == (
        f"{results}/1: {name} cannot be read (found a pipe or a device, expected a regular file)"
    )


def test_tables_of_two_scans_in_one_folder_are_refused(results: Path) -> None:
    for name in ("cells", "links"):
        shutil.copy(results / "2" / f"{name}.parquet", results / "1" / f"{name}.parquet")
    with pytest.raises(InputError, match="tables of different scans"):
        abtrade.whatif(results / "1", rule="t.cancels", at=[5])
    shutil.copy(results / "2" / "cells.parquet", results / "1")
    links = results / "1" / "links.parquet"
    pq.write_table(pq.read_table(links).slice(0, 1), links)
    with pytest.raises(InputError, match=r"account that links\.parquet does not name"):
        abtrade.whatif(results / "1", rule="t.cancels", at=[5])


def test_two_outputs_of_one_day_are_refused(results: Path) -> None:
    edit(results / "2", "run.json", day="2025-02-18")
    with pytest.raises(InputError, match="both of 2025-02-18 at SHFE"):
        abtrade.whatif(results, rule="t.cancels", at=[5])


def test_pseudonyms_are_told_and_do_not_mix_with_names(results: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(range(64)))
    key.chmod(0o600)
    abtrade.scan(log(*DAY), rules=[str(tmp_path / "rule.yaml")], day="2025-02-18",
                 pseudonymise=key, out=results / "1", force=True)  # fmt: skip
    found = abtrade.whatif(results / "1", rule="t.cancels", at=[5])
    assert [each.key for each in found.notes] == ["pseudonyms"]
    assert counts(found)["as it stands"] == (1, 1)
    with pytest.raises(InputError, match="has names"):
        abtrade.whatif(results, rule="t.cancels", at=[5])


# --- how it is told ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_fit_a_terminal(results: Path, lang: Any) -> None:
    found = abtrade.whatif(results, rule="t.cancels", at="1,2,3,4,5,6,1000000,123456789012345678")
    lines = [*threshold_lines(found, lang), *distribution_lines(distribution(found), lang)]
    assert max(cell_len(line.plain) for line in lines) <= 80
    assert len(lines) > 12


def test_the_distribution_holds_every_subject_once(results: Path) -> None:
    found = abtrade.whatif(results, rule="t.cancels", at="4,6")
    bins = distribution(found)
    assert sum(each.subjects for each in bins) == 6
    assert [each.low for each in bins if each.is_threshold] == [4, 6]
    assert {each.low: each.subjects for each in bins}[5] == 2


def test_both_languages_say_the_same() -> None:
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.fixture
def hostile(tmp_path: Path) -> Any:
    rule = a_file(tmp_path)
    abtrade.scan(log(cancels(HOSTILE, 7)), rules=[rule], day="2025-02-18", out=tmp_path / "h")
    return tmp_path / "h"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, ["rules", "whatif", *map(str, words)], prog_name="abtrade")


def test_names_from_outside_do_no_harm(hostile: Path, tmp_path: Path) -> None:
    asked = (hostile, "--rule", "t.cancels", "--at", "5,8", "--lang", "en")
    said = run(*asked)
    assert said.exit_code == 0 and "\x1b" not in said.output and r"\x1b" in said.output
    for suffix in ("csv", "json", "parquet", "xlsx", "svg"):
        assert run(*asked, "-q", "--out", tmp_path / f"a.{suffix}").exit_code == 0
    ET.parse(tmp_path / "a.svg")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text("utf-8").splitlines()))
    assert [row["variant"] for row in rows] == ["as it stands", ">= 5", ">= 8"]
    assert all(row["subject"].startswith("'=1+1") for row in rows)
    told = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [(v["variant"], v["red"], v["yellow"]) for v in told["variants"]] == [
        ("as it stands", 1, 0), (">= 5", 1, 0), (">= 8", 0, 1)]  # fmt: skip
    assert told["changes"][0]["subject"] == HOSTILE
    assert pq.read_table(tmp_path / "a.parquet")["subject"].to_pylist() == [HOSTILE] * 3
    cells = [cell for sheet in load_workbook(tmp_path / "a.xlsx") for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_lists_are_cut_and_say_so(results: Path) -> None:
    said = run(results, "--rule", "t.cancels", "--at", "5,20", "--top", 1, "--lang", "en").output
    assert "and 3 more" in said
    assert "2025-02-19" in said


def test_what_is_printed_for_programs(results: Path) -> None:
    said = run(results, "--rule", "t.cancels", "--at", "5", "--format", "json")
    assert json.loads(said.stdout)["days"][1]["alerts"]["as it stands"] == {"yellow": 1, "red": 1}
    said = run(results, "--rule", "t.cancels", "--at", "5", "--format", "csv")
    assert len(said.stdout.splitlines()) == 9


def test_a_file_of_no_known_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    said = run(tmp_path / "none", "--rule", "t.cancels", "--at", "5", "--out", tmp_path / "a.txt")
    assert said.exit_code == 1 and "ends with .csv or" in said.output
