"""Every scenario says what the counting rules say, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import abtrade
import scenario as text
import strategies
from abtrade.errors import InputError
from scenario import Scenario

SCENARIOS = text.read_scenarios(Path(__file__).parent / "scenarios")
NAMES = [scenario.name for scenario in SCENARIOS]
IN_FILES = [scenario for index, scenario in enumerate(SCENARIOS)
            if index % 5 < 2 and scenario.word("prices") != "ticks"]
"""Two of five; in a text file nothing tells whole numbers in ticks from those in money."""
ADDITIVE = frozenset(text.WHOLE_COUNTS)



@pytest.mark.parametrize("engine", ["core", "reference"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_scenario(scenario: Scenario, engine: str, tmp_path: Path) -> None:
    expect(scenario, scenario.word("form", "table"), engine, tmp_path)


@pytest.mark.parametrize("form", strategies.FORMS)
@pytest.mark.parametrize("scenario", IN_FILES, ids=lambda s: s.name)
def test_scenario_in_a_file(scenario: Scenario, form: str, tmp_path: Path) -> None:
    """A log says the same from a file as from memory."""
    expect(scenario, form, "core", tmp_path)


def test_each_scenario_has_a_silent_twin() -> None:
    kinds = [scenario.is_twin for scenario in SCENARIOS]
    assert kinds == [False, True] * (len(SCENARIOS) // 2)


def expect(scenario: Scenario, form: str, engine: str, folder: Path) -> None:
    """Scan a scenario's log and compare all that is found with all that is expected."""
    if wanted := scenario.all_of("error"):
        with pytest.raises(InputError) as raised:
            scan(scenario, form, engine, folder)
        for line in wanted:
            assert line.words[0] in str(raised.value)
        return
    found = scan(scenario, form, engine, folder)
    assert rejected(found) == {int(line.words[0]) for line in scenario.all_of("rejected")}
    assert list(faults(found)) == list(faults_expected(scenario))
    if scenario.all_of("rule") or scenario.all_of("pack"):
        assert blind(found) == set(rule_ids(scenario, "blind"))
    for check in CHECKS:
        check(scenario, found)


# --- the scan ------------------------------------------------------------------------------------


def scan(scenario: Scenario, form: str, engine: str, folder: Path) -> Any:
    """Scan the log of a scenario, as a table or out of a file of that form."""
    log: pa.Table | Path = text.log_table(scenario)
    if form != "table":
        log = strategies.write(log, folder / f"log.{form}")
    day = None if scenario.all_of("found_day") else scenario.word("day", text.DAY)
    close_links = scenario.word("close_links")
    packs = [line.words[0] for line in scenario.all_of("pack")]
    return abtrade.scan(
        log,
        rules=[*text.rule_files(scenario, folder), *packs],
        day=None if "day" in scenario.columns() else day,
        accounts=text.table(text.clients(scenario)),
        links=text.table(text.links(scenario)),
        close_links=int(close_links) if close_links else None,
        market_makers=text.table(text.market_makers(scenario)),
        contracts=text.table(text.contracts(scenario)),
        assume=[f"{k}={v}" for line in scenario.all_of("assume") for k, v in line.values.items()],
        engine=engine,
        threads=2,
        whole=bool(scenario.all_of("whole")),
        columns=scenario.word("read", "all"),
    )


# --- what was found, and what is expected --------------------------------------------------------


def rejected(found: Any) -> set[int]:
    """Return the row numbers set aside."""
    return set(found.rejected["row"].to_pylist())


def blind(found: Any) -> set[str]:
    """Return the rules that could not be evaluated; results and certificate name the same."""
    rows = [row["rule"] for row in found.results.to_pylist() if row["blind"] is not None]
    assert sorted(rows) == sorted(found.certificate["blind"])
    return set(rows)


def faults(found: Any) -> Iterator[tuple[str, str, int]]:
    """Yield (contract, kind, count) of every fault, sorted."""
    told = [
        (contract, kind, fault["count"])
        for contracts in found.certificate["exchanges"].values()
        for contract, entry in contracts.items()
        for kind, fault in entry["faults"].items()
    ]
    yield from sorted(told)


def faults_expected(scenario: Scenario) -> Iterator[tuple[str, str, int]]:
    """Yield what a scenario expects ``faults`` to yield."""
    yield from sorted(
        (line.words[0], kind, int(count))
        for line in scenario.all_of("fault")
        for kind, count in line.values.items()
        if kind != "first"
    )


def check_tallies(scenario: Scenario, found: Any) -> None:
    """Each subject named has the counts named, and with ``only`` no others."""
    tallies = found.tallies.to_pylist()
    for line in scenario.all_of("expect"):
        rows = [row for row in tallies if row["contract"] == line.words[1]
                and _is_subject(row, line.words[0])
                and row["exchange"] == line.values.get("exchange", row["exchange"])]
        assert len(rows) == 1, f"{line.place}: {len(rows)} tallies of {line.words}"
        wanted = {c: _number_or_none(v) for c, v in line.values.items() if c != "exchange"}
        counts = {c: n for c, n in rows[0].items() if c in wanted or "only" in line.words[2:]}
        others = {c: 0 for c in counts if c in ADDITIVE or "@" in c}
        told = {c: 0 if n is None and c not in wanted else n for c, n in counts.items()}
        assert {c: told[c] for c in {**others, **wanted}} == {**others, **wanted}, line.place


def check_otr(scenario: Scenario, found: Any) -> None:
    """In every tally otr is messages over filled orders, less one."""
    for row in found.tallies.to_pylist():
        ratio = row["messages"] / max(1, row["filled_orders"]) - 1 if row["messages"] else None
        assert row["otr"] == ratio


def check_subjects(scenario: Scenario, found: Any) -> None:
    """Where subjects are listed, they are all that have a tally."""
    for line in scenario.all_of("subjects"):
        told = {f"{row['subject_kind']}:{row['subject']}" for row in found.tallies.to_pylist()}
        wanted = {next((t for t in told if t.endswith(f":{w}")), w) if ":" not in w else w
                  for w in line.words}
        assert told == wanted, line.place


def check_faults(scenario: Scenario, found: Any) -> None:
    """The first rows of a fault are kept, and the verdict follows from what was found."""
    for line in scenario.all_of("fault"):
        if "first" in line.values:
            (kind,) = (kind for kind in line.values if kind != "first")
            kept = [row["seq"] for contracts in found.certificate["exchanges"].values()
                    for row in contracts[line.words[0]]["faults"][kind]["first"]]
            assert kept == [int(seq) for seq in line.values["first"].split(",")], line.place
    verdict = "complete" if not scenario.all_of("fault") else "faults"
    verdict = "rejected rows" if scenario.all_of("rejected") else verdict
    assert found.certificate["verdict"] == verdict


def check_rejected(scenario: Scenario, found: Any) -> None:
    """The reason of a bad row names the column."""
    reasons = dict(zip(found.rejected["row"].to_pylist(), found.rejected["reason"].to_pylist(),
                       strict=True))
    for line in scenario.all_of("rejected"):
        assert line.words[1] in reasons[int(line.words[0])], line.place


def check_alerts(scenario: Scenario, found: Any) -> None:
    """The alerts are those expected and no others, each as it is told."""
    alerts = list(found.alert_list)
    for line in scenario.all_of("alert"):
        _, rule, subject, scope = line.words
        fits = [a for a in alerts if _fits(asdict(a.result), rule, subject, scope)]
        assert len(fits) == 1, f"{line.place}: {len(fits)} such alerts among {alerts}"
        alerts.remove(fits[0])
        told = {key: _alert_word(fits[0], key) for key in line.values}
        assert {"level": fits[0].level, **told} == {"level": line.words[0],
                                                    **_sorted_words(line.values)}, line.place
        assert (fits[0].red is None) == ("red_seq" not in line.values), line.place
    assert not alerts


def check_ledger(scenario: Scenario, found: Any) -> None:
    """A ledger line says what was counted, what was exempt and why, and how much is unknown."""
    results = [row for row in found.results.to_pylist() if row["blind"] is None]
    for line in scenario.all_of("ledger"):
        (row,) = [row for row in results if _fits(row, *line.words)]
        told = {
            "gross": str(row["gross"]),
            "counted": str(row["counted"]),
            "unknown": str(row["unknown"]),
            "level": row["level"] or "-",
            "exempt": ",".join(f"{reason}:{n}" for reason, n in row["exempt"]),
            "assumed": ",".join(sorted(row["assumed"])) or "-",
        }
        told["exempt"] = told["exempt"].replace(" and ", "+")
        wanted = {"unknown": "0", "level": "-", "exempt": "", **_sorted_words(line.values)}
        assert {key: told[key] for key in wanted} == wanted, line.place
    for line in scenario.all_of("no_ledger"):
        assert not [row for row in results if _fits(row, *line.words)], line.place


def check_gross(scenario: Scenario, found: Any) -> None:
    """Whatever is exempt, gross is counted and exempt together."""
    for row in found.results.to_pylist():
        if row["gross"] is not None:
            assert row["gross"] == row["counted"] + sum(n for _, n in row["exempt"])


def check_pairs(scenario: Scenario, found: Any) -> None:
    """A pair of orders has the matches and lots named."""
    rows = found.self_pairs.to_pylist()
    for line in scenario.all_of("pair_of"):
        pair = [row for row in rows if [row["incoming"], row["resting"]] == line.words]
        told = {key: str(sum(row[key] for row in pair)) for key in line.values}
        assert told == line.values, line.place


def check_day(scenario: Scenario, found: Any) -> None:
    """The day found is the day expected."""
    for line in scenario.all_of("found_day"):
        assert str(found.certificate["day"]) == line.words[0], line.place


CHECKS = (check_tallies, check_otr, check_subjects, check_faults, check_rejected, check_alerts,
          check_ledger, check_gross, check_pairs, check_day)


def _is_subject(row: dict[str, Any], word: str) -> bool:
    return word in (row["subject"], f"{row['subject_kind']}:{row['subject']}")


def rule_ids(scenario: Scenario, keyword: str) -> Iterator[str]:
    """Yield the rules that lines of a keyword name, by their full ids."""
    for line in scenario.all_of(keyword):
        name = line.words[0]
        yield name if "." in name else f"t.{name}"


def _fits(row: dict[str, Any], rule: str, subject: str, scope: str) -> bool:
    named = row["rule"] in (rule, f"t.{rule}") and row["scope"] == scope
    return named and (subject == "*" or _is_subject(row, subject))


def _sorted_words(values: dict[str, str]) -> dict[str, str]:
    return {key: ",".join(sorted(value.split(","))) if key == "assumed" else value
            for key, value in values.items()}


def _number_or_none(value: str) -> float | None:
    return None if value == "none" else float(value)


def _alert_word(alert: Any, key: str) -> str:
    level, _, part = key.partition("_")
    if level in ("yellow", "red"):
        tipping = getattr(alert, level)
        value = None if tipping is None else getattr(tipping, {"at": "count"}.get(part, part))
        return "-" if value is None else str(value)
    words = {
        "count": f"{alert.result.counted:g}",
        "gross": str(alert.result.gross),
        "alone": "yes" if alert.reached_alone else "no",
        "largest": alert.largest_client,
        "largest_count": f"{alert.largest_client_count:g}",
        "assumed": ",".join(sorted(alert.result.assumed)) or "-",
        "shares": ",".join(f"{share.account}:{share.counted}" for share in alert.shares),
        "accounts": ",".join(alert.accounts),
    }
    return str(words[key])


# --- the harness itself: it fails aloud where a scenario is misspelt or untrue --------------------

TRUE = """
scenario  a cancel, a self-trade and a late cancel
rule      r cancels contract yellow>=1 red>=2 leave_out=hedge:hedge
rule      s orders contract yellow>=2
09:00:01  new      1..2   A        cu2501    buy   70000  5
09:00:02  cancel   2      -        cu2501    -     -      -
09:00:02  new      3      A        cu2501    sell  70000  5
09:00:03  trade    3/1    -        cu2501    -     70000  5
09:00:04  cancel   1      -        cu2501    -     -      -
expect    A cu2501 only orders=3 cancels=1 messages=4 filled_orders=2 self_trades=1 \
self_trade_pairs=1 self_trade_orders=1 self_trade_lots=5
subjects  A
fault     cu2501 event_after_finish=1 first=6
alert     yellow r A contract:cu2501 count=1 yellow_seq=3 alone=yes shares=A:1
alert     yellow s A contract:cu2501 count=3 yellow_seq=2
ledger    r A contract:cu2501 gross=1 counted=1 level=yellow "assumed=hedge is speculation"
pair_of   3 1 matches=1 lots=5
"""

MISSPELT = [
    (" self_trades=1", " self_trade=1", "expect knows no 'self_trade'"),
    ("A cu2501 only", "A cu2502 only", "no row in 'cu2502'"),
    ("event_after_finish", "event_after_end", "fault knows no 'event_after_end'"),
    ("yellow r A", "yellow q A", "no rule 'q'"),
    ("new      1..2", "nwe      1..2", "no action 'nwe'"),
    ("fault     ", "faultt    ", "unknown word 'faultt'"),
    ("sell  70000  5", "sell  70000", "7 cells, the header has 8"),
    ("r A contract:cu2501 gross", "r A gross", "ledger takes 3 words, found 2"),
    ("new      1..2 ", "new      1..2/1..3 ", "no order, pair or run of orders"),
    ("70000  5\n", "70000  5 tiff=fak\n", "no column in 'tiff=fak'"),
    ("orders=3 cancels=1", "orders=3 orders=3", "a key stands twice"),
]


def test_a_true_scenario_passes(tmp_path: Path) -> None:
    expect(text.parse(TRUE)[0], "table", "core", tmp_path)


@pytest.mark.parametrize(("right", "wrong", "message"), MISSPELT)
def test_a_misspelt_scenario_is_refused(right: str, wrong: str, message: str) -> None:
    with pytest.raises(text.ScenarioError, match=r"scenario:\d+: ") as raised:
        text.parse(TRUE.replace(right, wrong))
    assert message in str(raised.value)


@pytest.mark.parametrize("lie", [
    ("orders=3", "orders=2"),
    (" self_trades=1", ""),
    ("subjects  A", "subjects  A B"),
    ("event_after_finish=1", "unknown_order=1"),
    ("first=6", "first=5"),
    ("alert     yellow r", "alert     red r"),
    ("alert     yellow s A contract:cu2501 count=3 yellow_seq=2", ""),
    ("count=1 yellow_seq=3", "count=1 yellow_seq=4"),
    ("alone=yes", "alone=no"),
    ("shares=A:1", "shares=A:2"),
    ("gross=1", "gross=2"),
    (' "assumed=hedge is speculation"', " assumed=-"),
    ("matches=1", "matches=2"),
    ("pair_of   3 1 matches=1 lots=5", "rejected  1 price"),
    ("pair_of   3 1 matches=1 lots=5", "error price"),
    ("subjects  A", "blind r"),
    ("subjects  A", "found_day 2025-01-07"),
])
def test_an_untrue_scenario_fails(lie: tuple[str, str], tmp_path: Path) -> None:
    untrue = TRUE.replace(*lie)
    assert untrue != TRUE
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        expect(text.parse(untrue)[0], "table", "core", tmp_path)
