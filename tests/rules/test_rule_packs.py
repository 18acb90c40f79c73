"""Packs, files and folders give the rules of a day, each file's problems and no more."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from rule_makers import rule_text

from abtrade.errors import RuleError
from abtrade.rules import packs
from abtrade.rules.packs import list_packs, load_rules, rulebook_dir
from abtrade.rules.rule import filter_words
from abtrade.schema import EXCHANGES, Hedge

SHFE_2010 = ["shfe.frequent_cancel", "shfe.large_cancel", "shfe.merged_position_long",
             "shfe.merged_position_short", "shfe.self_trade"]
ARBITRAGE, HEDGE, MARKET_MAKER = Hedge.ARBITRAGE, Hedge.HEDGE, Hedge.MARKET_MAKER
FIRST_DAY, DAY_BEFORE = date(2010, 11, 5), date(2010, 11, 4)


def ids(rules):
    return [rule.id for rule in rules.rules]


@pytest.fixture
def folder(tmp_path):
    """A folder with two rules, the second in force until the end of 2019."""
    (tmp_path / "a.yaml").write_text(rule_text(id="desk.a"))
    (tmp_path / "b.yaml").write_text(rule_text(id="desk.b", to="2019-12-31"))
    return tmp_path


def problems(specs, day=None):
    with pytest.raises(RuleError) as caught:
        load_rules([str(spec) for spec in specs], day)
    return caught.value.problems


def test_the_shipped_shfe_standards_of_2010():
    rules = load_rules(["shfe"], FIRST_DAY).rules
    above_limit = ("contract", ">= 0.8", "> 1")
    told = {
        rule.id: (rule.count, rule.large_lots, rule.scope, rule.yellow.written, rule.red.written)
        for rule in rules
    }
    assert told == {
        "shfe.self_trade": ("self_trades", None, "exchange", ">= 4", ">= 5"),
        "shfe.frequent_cancel": ("cancels", None, "contract", ">= 400", ">= 500"),
        "shfe.large_cancel": ("large_cancels", 300, "contract", ">= 40", ">= 50"),
        "shfe.merged_position_long": ("long_lots", None, *above_limit),
        "shfe.merged_position_short": ("short_lots", None, *above_limit),
    }
    assert {rule.from_day for rule in rules} == {FIRST_DAY}
    assert {(rule.status, rule.source.seen) for rule in rules} == {("secondary", "secondary")}
    assert all(rule.linked_clause and rule.notes for rule in rules)
    assert all(rule.about["zh"] != rule.about["en"] for rule in rules)


def test_shipped_packs_leave_out_what_the_client_did_not_cancel_but_not_forced():
    for rule in load_rules(["shfe"], FIRST_DAY).rules:
        if "cancel" in rule.count:
            (entry,) = rule.leave_out
            words = filter_words(entry.filter)["cancel_by"]
            assert words == ["exchange", "expiry", "self_match", "disconnect"]
            assert entry.reason == "not by the client"
        elif rule.limit is None:
            assert rule.leave_out == ()


def test_the_merged_position_of_2010_is_held_against_limit_and_arbitrage_quota():
    first = load_rules(["shfe"], FIRST_DAY).rules
    last = load_rules(["shfe"], date(2025, 8, 12)).rules
    merged = [rule for rule in first if rule.id.startswith("shfe.merged_position")]
    assert {(rule.limit, rule.quotas) for rule in merged} == {("position", frozenset({ARBITRAGE}))}
    assert {rule.id for rule in merged} <= {rule.id for rule in last}
    after = {rule.id for rule in load_rules(["shfe"], date(2025, 8, 13)).rules}
    assert not {rule.id for rule in merged} & after


def test_every_exchange_has_rules_on_openings_and_positions():
    ids_of_day = set(ids(load_rules([], date(2026, 2, 2))))
    for exchange in EXCHANGES:
        pack = exchange.lower()
        wanted = {f"{pack}.intraday_opening", f"{pack}.position_limit_long",
                  f"{pack}.position_limit_short"}
        assert wanted <= ids_of_day


def test_rules_with_a_limit_that_ship_leave_hedging_out_and_turn_red_above_it():
    rules = [rule for rule in load_rules([], None).rules if rule.limit is not None]
    assert {rule.red.written for rule in rules} == {"> 1"}
    for rule in rules:
        filters = [entry.filter for entry in rule.leave_out]
        left_out = {code for entry in filters for code in entry.codes.get("hedge", ())}
        assert {HEDGE, MARKET_MAKER} <= left_out
        assert (ARBITRAGE in left_out) == (rule.limit == "position")
        assert all(entry.clause for entry in rule.leave_out)


def test_a_pack_is_in_force_from_its_day_on():
    assert ids(load_rules(["shfe"], FIRST_DAY)) == SHFE_2010
    early = load_rules(["shfe"], DAY_BEFORE)
    assert ids(early) == []
    assert early.notes == ("shfe: no rule in force on 2010-11-04, the first is from 2010-11-05",)
    assert load_rules(["shfe"], FIRST_DAY).notes == ()


def test_a_pack_as_it_stood_on_a_day_whatever_the_day_of_the_log():
    assert ids(load_rules(["shfe@2010-11-05"], date(2001, 1, 1))) == SHFE_2010
    assert ids(load_rules(["shfe@2010-11-04"], FIRST_DAY)) == []


def test_no_specs_are_all_packs_each_for_its_own_exchange():
    rules = load_rules([], FIRST_DAY)
    assert set(SHFE_2010) <= set(ids(rules))
    assert not rules.named
    assert load_rules(["shfe"], FIRST_DAY).named


def test_no_specs_on_a_day_before_all_rules_are_noted():
    rules = load_rules([], date(1990, 1, 1))
    assert rules.notes == ("no rule that ships is in force on 1990-01-01",)


def test_a_file_and_a_folder(folder):
    assert ids(load_rules([str(folder / "a.yaml")], None)) == ["desk.a"]
    assert ids(load_rules([str(folder)], None)) == ["desk.a", "desk.b"]
    assert ids(load_rules([str(folder)], date(2020, 1, 1))) == ["desk.a"]


def test_what_is_named_twice_is_read_once(folder):
    (folder / "link.yaml").symlink_to(folder / "a.yaml")
    rules = load_rules([str(folder), str(folder / "a.yaml"), str(folder)], None)
    assert ids(rules) == ["desk.a", "desk.b"]
    assert len(rules.files) == 2


def test_tests_and_hidden_files_are_no_rules(folder):
    for name in ("a.test.yaml", ".hidden.yaml", "notes.txt", "README.md"):
        (folder / name).write_text("no rule")
    (folder / ".git").mkdir()
    (folder / ".git" / "c.yaml").write_text("no rule")
    (folder / "more").mkdir()
    (folder / "more" / "c.yml").write_text(rule_text(id="desk.c"))
    assert ids(load_rules([str(folder)], None)) == ["desk.a", "desk.b", "desk.c"]
    assert problems([folder / "a.test.yaml"]) == [
        f"{folder / 'a.test.yaml'}: the test of a rule: expected a rule"
    ]


def test_pipes_and_folders_named_like_rules_are_passed_over(folder):
    os.mkfifo(folder / "pipe.yaml")
    (folder / "d.yaml").mkdir()
    assert ids(load_rules([str(folder)], None)) == ["desk.a", "desk.b"]


def test_a_link_to_nothing_is_a_problem(folder):
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    assert [line.split(": ", 1)[1] for line in problems([folder])] == [
        "cannot be read: No such file or directory",
        "cannot be read: Too many levels of symbolic links",
    ]


def test_problems_of_all_files_come_at_once(folder):
    (folder / "a.yaml").write_text(rule_text(count="cancles"))
    (folder / "c.yaml").write_text(rule_text(scope="markt"))
    heads = [line.split("\n")[0] for line in problems([folder, "shfee", folder])]
    assert heads == [
        f"{folder / 'a.yaml'}:8:8: unknown count 'cancles', did you mean 'cancels'?",
        f"{folder / 'c.yaml'}:9:8: unknown scope 'markt': expected contract, series, product, "
        "exchange",
        "'shfee' is no rule pack, no file and no folder, did you mean 'shfe'?",
    ]


@pytest.mark.parametrize("spec", ["", "nowhere.yaml", "no\0where", "x" * 5000, "@2010-11-05"])
def test_a_spec_that_is_nothing_names_the_packs(spec):
    (problem,) = problems([spec])
    assert problem.endswith(f"no folder; the packs are {', '.join(list_packs())}")


@pytest.mark.parametrize("spec", ["shfe@", "shfe@20101105", "shfe@2010-13-05", "shfe@today"])
def test_a_pack_of_no_day(spec):
    assert problems([spec]) == [
        f"'{spec}': expected a pack and a day, such as shfe@2010-11-05"
    ]


def test_a_folder_without_rules(tmp_path):
    assert problems([tmp_path]) == [f"{tmp_path}: no rule in this folder: expected *.yaml"]


def test_one_id_in_two_files_for_days_they_share(folder):
    (folder / "c.yaml").write_text(rule_text(id="desk.b", from_="2019-12-31"))
    assert problems([folder], date(2000, 1, 1)) == [
        f"{folder / 'c.yaml'}: the id desk.b stands in {folder / 'b.yaml'} too, for days they share"
    ]


def test_successive_versions_share_an_id(folder):
    (folder / "c.yaml").write_text(rule_text(id="desk.b", from_="2020-01-01", red="{gte: 9}"))
    assert ids(load_rules([str(folder)], None)) == ["desk.a", "desk.b", "desk.b"]
    for day, red in ((date(2019, 12, 31), ">= 500"), (date(2020, 1, 1), ">= 9")):
        rule = load_rules([str(folder)], day).rules[1]
        assert (rule.id, rule.red.written) == ("desk.b", red)


def test_one_rule_as_of_two_days_is_refused(folder, monkeypatch):
    book = folder / "book"
    (book / "desk").mkdir(parents=True)
    old, new = book / "desk" / "old.yaml", book / "desk" / "new.yaml"
    old.write_text(rule_text(to="2019-12-31"))
    new.write_text(rule_text(from_="2020-01-01"))
    monkeypatch.setattr(packs, "rulebook_dir", lambda: book)
    assert problems(["desk@2019-01-01", "desk"], date(2020, 1, 1)) == [
        f"{new}: a version of desk.cancels other than that of {old}: ask for one day"
    ]
    assert ids(load_rules(["desk@2019-01-01"], date(2020, 1, 1))) == ["desk.cancels"]


def test_the_hash_is_of_ids_and_versions(folder):
    before = load_rules([str(folder)], None).hash
    (folder / "a.yaml").write_text("# a comment\n" + rule_text(id="desk.a"))
    assert load_rules([str(folder)], None).hash == before
    (folder / "a.yaml").write_text(rule_text(id="desk.a", red="{gte: 501}"))
    assert load_rules([str(folder)], None).hash != before


def test_paths_are_told_from_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert load_rules([str(folder)], None).files == (
        f"{folder.name}/a.yaml", f"{folder.name}/b.yaml"
    )


def test_the_rulebook_beside_the_modules_comes_first(tmp_path, monkeypatch):
    package = tmp_path / "site" / "abtrade"
    (package / "rules").mkdir(parents=True)
    monkeypatch.setattr(packs, "__file__", str(package / "rules" / "packs.py"))
    with pytest.raises(RuleError, match="no rulebook"):
        rulebook_dir()
    (package / "rulebook" / "desk").mkdir(parents=True)
    (package / "rulebook" / "desk" / "a.yaml").write_text(rule_text())
    (package / "rulebook" / "empty").mkdir()
    assert rulebook_dir() == package / "rulebook"
    assert list_packs() == ["desk"]


def test_a_checkout_has_the_rulebook_at_its_top(tmp_path, monkeypatch):
    modules = tmp_path / "src" / "abtrade" / "rules"
    modules.mkdir(parents=True)
    (tmp_path / "rules").mkdir()
    monkeypatch.setattr(packs, "__file__", str(modules / "packs.py"))
    assert rulebook_dir() == Path(tmp_path / "rules")


@pytest.mark.parametrize("day", ["2010-11-04", "2010-11-05", "2019-01-20", "2024-10-25"])
def test_of_a_pack_only_versions_that_stand_on_the_day_are_read(day, monkeypatch):
    day = date.fromisoformat(day)
    every = load_rules([], None).rules
    parse, read = packs.parse_rule, []
    monkeypatch.setattr(
        packs, "parse_rule", lambda data, name: read.append(name) or parse(data, name)
    )
    standing = tuple(rule for rule in every if rule.in_force(day))
    assert load_rules([], day).rules == standing
    assert len(read) <= len(standing) + len(list_packs())
