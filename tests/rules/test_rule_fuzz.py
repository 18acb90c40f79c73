"""Whatever stands in a rule file, the answer is a rule or a RuleError, and comes soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_makers import mutated_rules, parsed, rule_text

from abtrade.errors import RuleError
from abtrade.rules import syntax
from abtrade.rules.document import SIZE_LIMIT, Page, compose_fast
from abtrade.rules.syntax import parse_rule

FRAGMENTS = [
    "id: desk.cancels", "red: {gte: 500}", "yellow:", "gte: 400", "leave_out:", "- ", "tif: [fak",
    "]", "}", "{", "[", ", ", ": ", "? ", "&a ", "*a", "!!str ", "!x ", "<<: ", "---", "...", "|",
    ">-", "'", '"', '"\\U00110000"', "\\", "%YAML 9.9", "# ", "\t", "\r", "\x00", "\ufeff",
    "\ud800", "\u2028", "\x85", "撤单", "~", "=", "2010-11-05", "9" * 400, "1:30", "\n", "\n  ",
]
yaml_like = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(yaml_like)
def test_yaml_like_text(text):
    parsed(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_bytes(data):
    parsed(data)
    parsed(rule_text().encode() + data)


@settings(max_examples=300, deadline=None)
@given(mutated_rules)
def test_changed_values(text):
    parsed(text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_cut_and_spliced_rules(data):
    text = rule_text(leave_out="[{tif: fak, clause: x}]", notes="{en: a, zh: 撤单}")
    at = data.draw(st.integers(0, len(text)))
    to = data.draw(st.integers(at, min(len(text), at + 12)))
    parsed(text[:at] + data.draw(st.sampled_from(FRAGMENTS) | st.text(max_size=3)) + text[to:])


def test_mutated_rules_are_sometimes_good():
    """The strategies above reach both answers, or they would prove nothing."""
    assert parsed(rule_text()) is not None
    assert parsed(rule_text(count="otr", red="{gte: 4.5}")) is not None
    assert parsed(rule_text(red="{}")) is None


HOSTILE = {
    "nested lists": "[" * SIZE_LIMIT,
    "nested mappings": "{" * SIZE_LIMIT,
    "nested dashes": "- " * (SIZE_LIMIT // 2),
    "anchors": "&a " * (SIZE_LIMIT // 3),
    "keys": "".join(f"k{i}:\n" for i in range(8000)),
    "one key again": "a: 1\n" * (SIZE_LIMIT // 5),
    "a long word": "count: " + "c" * (SIZE_LIMIT - 7),
    "a long number": "red: {gte: " + "9" * (SIZE_LIMIT - 12) + "}",
    "exemptions": "leave_out:\n" + "".join(
        f"- {{product: p{i}, clause: a}}\n" for i in range(1500)
    ),
    "zeros": "\0" * SIZE_LIMIT,
    "tabs": "\t\n" * (SIZE_LIMIT // 2),
    "laughs": "a0: &a0 ha\n" + "".join(
        f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(500)
    ),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_cost_little(text):
    start = time.process_time()
    assert parsed(text) is None
    assert time.process_time() - start < 20  # seconds, on a slow machine; the worst takes about 1


def test_a_file_larger_than_any_rule_is_not_parsed():
    text = rule_text() + "#" * SIZE_LIMIT
    with pytest.raises(RuleError, match=f"longer than {SIZE_LIMIT} bytes"):
        parse_rule(text, "rule.yaml")
    assert parse_rule(text[:SIZE_LIMIT], "rule.yaml").id == "desk.cancels"


@settings(max_examples=300, deadline=None)
@given(yaml_like.map(lambda text: rule_text() + text) | mutated_rules)
def test_the_fast_loader_says_the_same(text):
    with pytest.MonkeyPatch.context() as patch:
        fast = _answer(text)
        patch.setattr(syntax, "compose_fast", lambda page: None)
        assert _answer(text) == fast


def test_the_fast_loader_is_the_one_that_reads():
    assert compose_fast(Page("rule.yaml", rule_text())) is not None


def _answer(text):
    try:
        return parse_rule(text, "rule.yaml")
    except RuleError as error:
        return error.problems
