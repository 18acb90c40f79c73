"""What is planted covers what the rules know: each count, level, way to spread and exemption."""

from __future__ import annotations

from datetime import date

import pytest

from abtrade import schema
from abtrade.rules.packs import load_rules
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
        if RULES[rule].count == "otr":
            assert {below, name} <= {kind for _, kind in planted}
            continue
        least = int(level.number) + (level.op == "gt")
        assert {(least - 1, below), (least, name)} <= planted
        assert least + 1 in {number for number, _ in planted}


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"synth.otr"}))
def test_each_count_is_spread_in_every_way(rule):
    for level in (None, "yellow", "red"):
        spreads = {s.spread for s in STORIES if f"synth.{s.rule}" == rule and s.level == level}
        assert set(SPREADS) <= spreads


def test_texts_tell_stories_apart():
    assert len({(story.rule, story.text) for story in STORIES}) == len(STORIES)
