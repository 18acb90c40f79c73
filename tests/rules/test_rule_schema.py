"""The JSON Schema that editors use and the reader that a scan uses say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from rule_makers import mutated_rules, parsed, rule_text
from test_rule_lint import CASES

from abtrade.rules import schema_json
from abtrade.rules.packs import rulebook_dir
from abtrade.rules.schema_json import SCHEMA_FILE, rule_schema, schema_text
from abtrade.rules.syntax import FILTER_FIELDS, LEAVE_OUT, LEVEL, RULE, SOURCE

VALIDATOR = Draft202012Validator(rule_schema())
DOCS = Path(__file__).parents[2] / "docs" / "rules.md"
NOT_IN_SCHEMA = {
    # what a schema cannot say: comparisons of one value with another
    "red equal to yellow",
    "red above n is red from n + 1",
    "yellow above n is yellow from n + 1",
    "red ratio under yellow",
    "ends before it begins",
    "an exemption twice",
    "an exemption within an earlier one",
    "the engine's own reason",
    "one reason, two Chinese names",
    "verified in a secondary page",
}


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: a date is a string."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def accepts(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.load(text, EditorLoader))


def test_it_is_a_schema():
    Draft202012Validator.check_schema(rule_schema())


def test_the_copy_that_ships_is_the_schema():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        f"write schema_text() of {schema_json.__name__} to {SCHEMA_FILE.name}"
    )


@pytest.mark.parametrize("path", sorted(rulebook_dir().rglob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_rules_are_valid(path):
    assert path.name.endswith(".test.yaml") or accepts(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_the_schema_knows_what_lint_knows_of_one_value(name):
    wrong, _, right = CASES[name]
    assert accepts(rule_text(**right))
    assert accepts(rule_text(**wrong)) == (name in NOT_IN_SCHEMA)


@settings(max_examples=300, deadline=None)
@given(mutated_rules)
def test_what_a_scan_accepts_an_editor_accepts(text):
    assert parsed(text) is None or accepts(text)


def test_the_docs_name_every_key_and_word():
    names = {field.name for table in (RULE, LEAVE_OUT, LEVEL, SOURCE) for field in table.fields}
    words = {word for field in FILTER_FIELDS for word in re.findall(r"'(\w+)'", str(field.kind))}
    told = set(re.findall(r"`([\w.@]+)`", DOCS.read_text(encoding="utf-8")))
    assert names <= told
    assert words <= told
