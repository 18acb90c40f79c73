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
from abtrade.synthetic import day
from abtrade.synthetic.stories import SPREADS, all_stories
from abtrade.synthetic.tables import PACK

RULES = {rule.id: rule for rule in load_rules([str(PACK)], date(2025, 2, 18)).rules}
STORIES = all_stories()


def test_the_pack_has_a_rule_for_every_count():
    assert {rule.count for rule in RULES.values()} == set(schema.COUNTS)
    assert {rule.scope for rule in RULES.values()} == set(schema.SCOPES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_level_has_a_story_one_under_at_and_one_over_it(rule):
    planted = {(s.counted, s.level) for s in STORIES if f"synth.{s.rule}" == rule}
    for name, below in (("yellow", None), ("red", "yellow")):
        level = getattr(RULES[rule], name)
        step = Fraction(1, 2) if RULES[rule].count == "otr" else 1  # a message, of two fills
        least = math.floor(level.number / step) * step
        while least < level.number or (level.op == "gt" and least == level.number):
            least += step
        assert {(least - step, below), (least, name)} <= planted
        assert least + step in {number for number, _ in planted}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_count_is_spread_in_every_way(rule):
    for level in (None, "yellow", "red"):
        spreads = {s.spread for s in STORIES if f"synth.{s.rule}" == rule and s.level == level}
        assert set(SPREADS) <= spreads


def test_a_story_that_the_log_does_not_tell_is_an_error(tmp_path, monkeypatch):
    told = next(story for story in STORIES if story.rule == "cancels" and story.counted == 400)
    one_off = dataclasses.replace(told, counted=401)
    monkeypatch.setattr(day, "all_stories", lambda: [told, one_off])
    with pytest.raises(OutputError, match=r"meant \('yellow', 401.0, .*wrote \('yellow', 400.0"):
        made(tmp_path / "day", rows=20_000)
    assert list(tmp_path.iterdir()) == []


def test_texts_tell_stories_apart():
    assert len({(story.rule, story.text) for story in STORIES}) == len(STORIES)
