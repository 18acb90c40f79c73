"""What is planted covers what the rules know: each count, level, way to spread and exemption."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from fractions import Fraction

import pytest
from made_days import made

from abtrade import schema
from abtrade.errors import OutputError
from abtrade.rules.packs import load_rules
from abtrade.synthetic import day, limits
from abtrade.synthetic.families import FAMILIES, stories_of
from abtrade.synthetic.story import SPREADS
from abtrade.synthetic.tables import PACK

RULES = {rule.id: rule for rule in load_rules([str(PACK)], date(2025, 2, 18)).rules}
STORIES = stories_of(tuple(FAMILIES))
NOT_PLANTED = {*schema.STATISTICS, "kernel", "filled_lots"}
"""Statistics have no standard of their own, a kernel is a desk's."""

SPREAD_OUT = sorted(set(RULES) - {"synth.merged_long_lots"})
"""The last differs from positions in its quotas alone."""


def test_the_pack_has_a_rule_for_every_count():
    assert {rule.count for rule in RULES.values()} == set(schema.COUNTS) - NOT_PLANTED
    assert {rule.scope for rule in RULES.values()} == set(schema.SCOPES) - {"series"}


def test_every_rule_of_the_pack_has_stories_and_every_story_a_rule():
    assert set(RULES) == {f"synth.{story.rule}" for story in STORIES}


def least_of(rule, name):
    """Return the least number that reaches a level; of the ratio, a message of two fills more."""
    level = getattr(rule, name)
    lots = next((each.lots for each in limits.LIMITS if each.name == rule.limit), 1)
    step = Fraction(1, 2) if rule.count == "otr" else 1
    at = level.number * lots
    least = math.floor(at / step) * step
    while least < at or (level.op == "gt" and least == at):
        least += step
    return least, step


@pytest.mark.parametrize("rule", SPREAD_OUT)
def test_each_level_has_a_story_one_under_at_and_one_over_it(rule):
    planted = {(s.counted, s.level) for s in STORIES if f"synth.{s.rule}" == rule}
    for name, below in (("yellow", None), ("red", "yellow")):
        least, step = least_of(RULES[rule], name)
        assert {(least - step, below), (least, name)} <= planted
        assert least + step in {number for number, _ in planted}


@pytest.mark.parametrize("rule", SPREAD_OUT)
def test_each_count_is_spread_in_every_way(rule):
    for level in (None, "yellow", "red"):
        spreads = {s.spread for s in STORIES if f"synth.{s.rule}" == rule and s.level == level}
        assert set(SPREADS) <= spreads


def test_a_story_that_the_log_does_not_tell_is_an_error(tmp_path, monkeypatch):
    told = next(story for story in STORIES if story.rule == "cancels" and story.counted == 400)
    one_off = dataclasses.replace(told, counted=401)
    monkeypatch.setattr(day, "stories_of", lambda families: [told, one_off])
    with pytest.raises(OutputError, match=r"meant \('yellow', 401.0, .*wrote \('yellow', 400.0"):
        made(tmp_path / "day", rows=20_000)
    assert list(tmp_path.iterdir()) == []


def test_texts_tell_stories_apart():
    assert len({(story.rule, story.text) for story in STORIES}) == len(STORIES)
