"""Each exemption of the test pack has an honest twin that would be accused without it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from made_days import differences, made

from abtrade import schema
from abtrade.synthetic import day as day_module
from abtrade.synthetic.families import stories_of
from abtrade.synthetic.tables import PACK
from abtrade.synthetic.truth import read_truth

RULES = {path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
         for path in sorted(PACK.glob("*.yaml"))}  # fmt: skip
MOST = max(len(rule["leave_out"]) for rule in RULES.values())


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twins") / "day"
    return made(folder, rows=260_000, offences="all", plant="all", seed=6)


def write_without(folder: Path, position: int) -> dict[str, str]:
    """Write the pack, each rule without its exemption at a position; return rules and reasons."""
    folder.mkdir()
    reasons = {}
    for name, rule in RULES.items():
        kept = list(rule["leave_out"])
        if position < len(kept):
            reasons[rule["id"]] = kept.pop(position)["reason"]
        mutant = {key: value for key, value in rule.items() if key != "leave_out"}
        mutant |= {"from": str(rule["from"])} | ({"leave_out": kept} if kept else {})
        (folder / name).write_text(yaml.safe_dump(mutant, allow_unicode=True), encoding="utf-8")
    return reasons


@pytest.mark.parametrize("position", range(MOST))
def test_a_rule_without_one_of_its_exemptions_accuses_an_honest_twin(day, tmp_path, position):
    reasons = write_without(tmp_path / "rules", position)
    lines = differences(day, tmp_path / "out", rules=[tmp_path / "rules"])
    accused = {line.split()[3] for line in lines if line.startswith("found, not planted: ")}
    assert reasons
    assert {rule: reason for rule, reason in reasons.items() if rule not in accused} == {}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("exchange", schema.EXCHANGES)
def test_a_remainder_is_large_where_its_lots_are_told_or_come_last(
    tmp_path, monkeypatch, exchange, bare
):
    stories = [story for story in stories_of(("orders",))
               if story.rule == "large_cancels" and story.acts[0].tif != "gfd"]  # fmt: skip
    monkeypatch.setattr(day_module, "stories_of", lambda families: stories)
    day = made(tmp_path / "day", rows=20_000, exchanges=(exchange,), bare=bare)
    assert differences(day, tmp_path / "out") == []
    truths = read_truth(day.folder / "truth.csv")
    large = [truth for truth in truths
             if truth.count == "large_cancels@300" and truth.exempt]  # fmt: skip
    told = not bare or exchange not in schema.REMAINDER_BEFORE_TRADES
    assert len(large) == (sum(story.gross >= 90 for story in stories) if told else 0)
