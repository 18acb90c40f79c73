"""Every file in ``bad/`` beside the messages it must give, all of them and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_makers import problems_of

FOLDER = Path(__file__).parent / "bad"
BAD = {
    "broken": [
        "2:15: not YAML: mapping values are not allowed here",
    ],
    "control_characters": [
        "2:11: the character U+0000 may not stand in a rule",
        "2:16: the character U+0007 may not stand in a rule",
    ],
    "deep": [
        "1:9: nested deeper than 8 levels",
    ],
    "empty": [
        "1:1: empty: expected a rule",
    ],
    "gbk": [
        "2:8: not UTF-8: byte 0xb3; save the file as UTF-8",
    ],
    "laughs": [
        "2:8: the anchor &a: a rule has no anchors",
        "7:9: the anchor &b: a rule has no anchors",
        "7:13: the alias *a: write the value out",
        "7:17: the alias *a: write the value out",
        "7:21: the alias *a: write the value out",
        "10:12: the anchor &c: a rule has no anchors",
        "10:16: the alias *b: write the value out",
        "10:20: the alias *b: write the value out",
        "10:24: the alias *b: write the value out",
        "12:8: the alias *c: write the value out",
    ],
    "list_of_rules": [
        "1:1: a list: expected a rule, with keys such as id, about, exchange, products",
    ],
    "missing_keys": [
        "2:1: a rule without the key 'id'",
        "2:1: a rule without the key 'about'",
        "2:1: a rule without the key 'exchange'",
        "2:1: a rule without the key 'from'",
        "2:1: a rule without the key 'status'",
        "2:1: a rule without the key 'source'",
        "2:1: a rule without the key 'clause'",
        "2:1: a rule without the key 'scope'",
        "2:1: a rule without a level: give yellow, red or both",
    ],
    "no_such_character": [
        "2:19: an escape that stands for no character",
    ],
    "odd_keys": [
        "11:1: a key must be a word",
        "12:1: unknown key '<<': expected id, about, exchange, products, from, to, status, source, "
        "clause, linked_clause, count, large_lots, large_of_max, burst_messages, burst_window, "
        "kernel, limit, quotas, contracts, scope, groups_only, only, assume, leave_out, both, "
        "yellow, red, notes, alternatives",
        "13:3: a key must be a word",
    ],
    "red_below_yellow": [
        "10:1: unknown key 'yelow', did you mean 'yellow'?",
        "12:12: red >= 400 must be above yellow >= 500",
    ],
    "repeated_keys": [
        "5:3: repeated key 'en', first on line 3",
        "14:33: repeated key 'tif', first on line 14",
        "15:17: repeated key 'gte', first on line 15",
        "16:1: repeated key 'red', first on line 15",
    ],
    "tab_inside": [
        "2:7: a tab where YAML wants a blank",
    ],
    "tabs": [
        "3:1: a tab in the indentation: indent with blanks",
        "4:3: a tab in the indentation: indent with blanks",
    ],
    "tags": [
        "1:5: the tag tag:yaml.org,2002:python/object/apply:os...: a rule has no tags",
        "2:8: the tag tag:yaml.org,2002:str: a rule has no tags",
        "3:11: the tag !exchange: a rule has no tags",
        "10:6: the tag !level: a rule has no tags",
    ],
    "two_rules": [
        "11:1: a second document: a file holds one rule",
    ],
    "unfinished": [
        "3:1: not YAML: expected ',' or '}', but got '<stream end>' while parsing a flow mapping",
    ],
    "wrong_types": [
        "1:5: a list: expected lower-case words joined by dots, at most 100 characters, such as "
        "shfe.self_trade",
        "2:8: '5' is not read as a text: put it in quotes",
        "3:11: a mapping: expected one of SHFE, INE, DCE, CZCE, CFFEX, GFEX",
        "4:11: a mapping: expected a product such as cu",
        "5:7: 'yesterday': expected a date such as 2010-11-05",
        "6:5: '~': expected a date such as 2010-11-05",
        "7:8: nothing: expected one of verified, secondary, unverified",
        "8:9: 'Handbook of the desk': expected a source, with keys such as document, number, "
        "article, date",
        "9:9: a list: expected a text",
        "11:13: 'many': expected a number such as 400",
        "12:8: a list: expected one of contract, series, product, exchange",
        "13:7: 'gfd': expected a filter, with keys such as hedge, tif, order_type, phase",
        "14:12: a mapping: expected a list, one `- ` an entry",
        "15:7: '1': expected true or false",
        "15:7: both is for counts of self-trades, found count large_cancels",
        "16:9: '400': expected a level, with keys such as gte, gt",
        "17:12: '500': expected a number such as 400",
        "18:8: a text by language without the key 'zh'",
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_tells_all_its_problems(name):
    assert problems_of((FOLDER / f"{name}.yaml").read_bytes()) == BAD[name]


def test_every_bad_file_is_listed():
    assert {path.stem for path in FOLDER.iterdir()} == set(BAD)
