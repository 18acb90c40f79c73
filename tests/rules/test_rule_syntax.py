"""A rule file becomes a Rule, and nothing else does."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from rule_makers import a_rule, problems_of, rule_text

from abtrade import schema
from abtrade.errors import RuleError
from abtrade.plan import Filter
from abtrade.rules.rule import LeaveOut, Level, Source
from abtrade.rules.syntax import parse_rule

FULL = """\
id: desk.large            # a comment
about: {en: Large cancels., zh: 大额撤单。}
exchange: DCE
products: [m, y]
from: 2010-11-05
to: 2012-01-31
status: verified
source:
  document: {en: Measures, zh: 办法}
  number: "[2012] 94"
  article: Art. 10
  date: 2010-11-01
  seen: official
  seen_in: The exchange's page
  address: https://example.org/measures
clause: Art. 10
linked_clause: {en: Art. 11, zh: 第十一条}
count: large_cancels
large_lots: 300
scope: product
only: {tif: [gfd, fak], market_maker: false}
leave_out:
  - {hedge: hedge, reason: hedging, reason_zh: 套期保值, clause: Art. 12}
  - {cancel_by: [expiry, exchange], product: y, order_fee: true, clause: Art. 13}
yellow: {gt: 39}
red: {gte: 50}
notes: >-
  Two lines
  of text.
"""


def test_every_key_is_read():
    rule = parse_rule(FULL, "desk/large.yaml")
    assert (rule.id, rule.exchange, rule.status) == ("desk.large", "DCE", "verified")
    assert rule.about == {"en": "Large cancels.", "zh": "大额撤单。"}
    assert rule.products == {"m", "y"}
    assert (rule.from_day, rule.to_day) == (date(2010, 11, 5), date(2012, 1, 31))
    assert rule.source == Source(
        document={"en": "Measures", "zh": "办法"},
        number="[2012] 94",
        article="Art. 10",
        date=date(2010, 11, 1),
        seen="official",
        seen_in={"en": "The exchange's page", "zh": "The exchange's page"},
        address="https://example.org/measures",
    )
    assert rule.clause == {"en": "Art. 10", "zh": "Art. 10"}
    assert rule.linked_clause == {"en": "Art. 11", "zh": "第十一条"}
    assert (rule.count, rule.large_lots, rule.scope) == ("large_cancels", 300, "product")
    assert (rule.yellow, rule.red) == (Level("gt", Fraction(39)), Level("gte", Fraction(50)))
    assert rule.notes == {"en": "Two lines of text.", "zh": "Two lines of text."}
    assert rule.path == "desk/large.yaml"


def test_filters_hold_codes():
    rule = parse_rule(FULL, "large.yaml")
    gfd_or_fak = frozenset({schema.Tif.GFD, schema.Tif.FAK})
    assert rule.only == (Filter({"tif": gfd_or_fak, "market_maker": frozenset({0})}),)
    by = frozenset({schema.CancelBy.EXPIRY, schema.CancelBy.EXCHANGE})
    hedging = Filter({"hedge": frozenset({schema.Hedge.HEDGE})})
    fee = Filter({"cancel_by": by}, frozenset({"y"}), order_fee=True)
    derived = "cancel by exchange or expiry, product y, order fee"
    assert rule.leave_out == (
        LeaveOut(hedging, "hedging", "套期保值", {"en": "Art. 12", "zh": "Art. 12"}),
        LeaveOut(fee, derived, derived, {"en": "Art. 13", "zh": "Art. 13"}),
    )


def test_a_ratio_is_kept_exactly():
    rule = a_rule(count="otr", yellow="{gt: 0.1}", red="{gt: 2.50}")
    assert rule.yellow == Level("gt", Fraction(1, 10))
    assert rule.red is not None
    assert rule.red.written == "> 2.5"


def test_both_ends_of_a_period_are_in_force():
    rule = a_rule(from_="2020-01-02", to="2020-01-31")
    days = [date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 31), date(2020, 2, 1)]
    assert [rule.in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    "same",
    [
        "# a comment\n" + rule_text(),
        "".join(sorted(rule_text().splitlines(keepends=True))),
        rule_text().replace("{gte: 500}", "\n  gte: 500"),
        rule_text(both=None, red="{gte: 500.0}"),
        rule_text().replace("\n", "\r\n"),
        "\ufeff" + rule_text(),
    ],
    ids=["comment", "order", "block style", "500.0", "CRLF", "BOM"],
)
def test_version_is_of_what_is_said_not_how(same):
    assert parse_rule(same, "elsewhere.yaml").version == a_rule().version


@pytest.mark.parametrize(
    "other",
    [{"red": "{gt: 500}"}, {"red": "{gte: 501}"}, {"clause": "Rule 2."}, {"to": "2030-01-01"},
     {"leave_out": "[{tif: fak, clause: x}]"}, {"products": "cu"}],
)
def test_version_changes_with_what_is_said(other):
    assert a_rule(**other).version != a_rule().version


def test_version_ignores_the_order_of_words_and_attributes():
    one = a_rule(leave_out="[{tif: [fak, fok], hedge: hedge, clause: x}]")
    other = a_rule(leave_out="[{clause: x, hedge: [hedge], tif: [fok, fak]}]")
    assert one.version == other.version


def test_version_is_twelve_hex_digits():
    assert len(a_rule().version) == 12
    int(a_rule().version, 16)


def test_bytes_and_text_read_alike():
    text = rule_text(about="撤单")
    assert parse_rule(text.encode(), "a").about == parse_rule(text, "a").about
    assert parse_rule(b"\xef\xbb\xbf" + text.encode(), "a").about["zh"] == "撤单"


def test_a_problem_shows_its_line_with_a_caret_under_the_place():
    with pytest.raises(RuleError) as caught:
        parse_rule(rule_text(about="撤单", red="{gte: 0500}"), "desk/rule.yaml")
    (problem,) = caught.value.problems
    assert problem.splitlines() == [
        "desk/rule.yaml:10:12: '0500': expected a number such as 400",
        "  red: {gte: 0500}",
        "             ^",
    ]


def test_the_caret_stands_right_after_wide_characters():
    with pytest.raises(RuleError) as caught:
        parse_rule(rule_text(about="{zh: 撤单, em: Cancels}"), "rule.yaml")
    line, caret = caught.value.problems[1].splitlines()[1:]
    assert line[:16] == "  about: {zh: 撤单"
    assert caret.index("^") == len("  about: {zh: 撤单, ") + 2  # each of the two is two wide


def test_all_problems_come_at_once_in_order_of_place():
    text = rule_text(status="sure", red="{gte: 1}", yellow="{gte: 2}", colour="red")
    assert problems_of(text) == [
        "5:9: unknown status 'sure': expected verified, secondary, unverified",
        "10:12: red >= 1 must be above yellow >= 2",
        "12:1: unknown key 'colour': expected id, about, exchange, products, from, to, status, "
        "source, clause, linked_clause, count, large_lots, large_of_max, burst_messages, "
        "burst_window, kernel, limit, quotas, contracts, scope, groups_only, only, assume, "
        "leave_out, both, yellow, red, notes, alternatives",
    ]


def test_a_misspelt_key_is_one_problem_not_two():
    assert problems_of(rule_text(count=None, cuont="cancels")) == [
        "10:1: unknown key 'cuont', did you mean 'count'?"
    ]


def test_a_very_wrong_file_tells_a_hundred_problems_and_how_many_more():
    problems = problems_of("".join(f"key{i}: 1\n" for i in range(300)))
    assert len(problems) == 101
    assert problems[-1].endswith("210 more problems")  # 10 required keys and a level are missing


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred", "a\u202eb", "\u200b"],
    ids=["escape", "right to left", "zero width"],
)
def test_texts_that_act_on_a_terminal_are_refused(text):
    (problem,) = problems_of(rule_text(about='"' + text.encode("unicode_escape").decode() + '"'))
    assert problem.startswith("2:8: a text with characters that do not print")
    assert text not in problem


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("about", "500", "'500' is not read as a text: put it in quotes"),
        ("about", "no", "'no' is not read as a text: put it in quotes"),
        ("about", "", "nothing: expected a text"),
        ("about", '" "', "nothing: expected a text"),
        ("about", "[a]", "a list: expected a text"),
        ("about", "x" * 2001, "a text of 2001 characters: expected at most 2000"),
        ("from", "2010-02-30", "'2010-02-30' is no day of the calendar"),
        ("from", "5 Nov 2010", "'5 Nov 2010': expected a date such as 2010-11-05"),
        ("from", "0000-01-01", "'0000-01-01' is no day of the calendar"),
        ("id", "Cancels", "'Cancels': expected lower-case words joined by dots, at most 100 "
                          "characters, such as shfe.self_trade"),
        ("products", "[]", "an empty list: name at least one"),
        ("products", "[cu, cu]", "'cu' is listed twice"),
        ("products", "铜", "'铜': expected a product such as cu"),
        ("exchange", "shfe", "unknown exchange 'shfe', did you mean 'SHFE'?"),
        ("count", "canceles", "unknown count 'canceles', did you mean 'cancels'?"),
        ("scope", "market",
         "unknown scope 'market': expected contract, series, product, exchange"),
        ("red", "500", "'500': expected a level, with keys such as gte, gt"),
        ("red", "{}", "a level has one key, gte or gt: found 0"),
        ("red", "{gte: 1, gt: 2}", "a level has one key, gte or gt: found 2"),
        ("leave_out", "{tif: fak}", "a mapping: expected a list, one `- ` an entry"),
        ("leave_out", "[]", "an empty list: name at least one entry"),
        ("leave_out", "[{tif: fak}]", "an entry of leave_out without the key 'clause'"),
        ("leave_out", "[{tif: fakk, clause: x}]",
         "unknown tif word 'fakk', did you mean 'fak'?"),
        ("leave_out", "[{tiff: fak, clause: x}]", "unknown key 'tiff', did you mean 'tif'?"),
        ("leave_out", "[{cancel_by: unnamed, clause: x}]",
         "unknown cancel_by word 'unnamed': expected client, exchange, expiry, self_match, "
         "disconnect, forced"),
        ("leave_out", "[{market_maker: yes, clause: x}]", "'yes': expected true or false"),
        ("leave_out", '[{order_fee: "true", clause: x}]', "'true': expected true or false"),
        ("leave_out", '[{tif: fak, reason: "a;b", clause: x}]',
         "'a;b': expected a short English name in letters, digits"),
        ("source", "{article: Art. 1}", "a source without the key 'document'"),
        ("source", "{document: D, address: javascript:alert(1)}",
         "'javascript:alert(1)': expected an address, https://..."),
    ],
)
def test_a_value_of_the_wrong_form_is_named(key, value, message):
    problems = problems_of(rule_text(**{key: value}))
    assert [problem.split(": ", 1)[1] for problem in problems] == [message]


@pytest.mark.parametrize(
    "number",
    ["-5", "+5", "0500", "1_000", "5e2", ".5", "5.", "0x10", "1:30", ".inf", '"5"'],
)
def test_a_number_is_written_in_plain_decimal(number):
    (problem,) = problems_of(rule_text(red=f"{{gte: {number}}}"))
    assert problem.startswith("10:12: ")
    assert problem.endswith("expected a number such as 400")
    assert problems_of(rule_text(red="{gte: 5}")) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [("9" * 19, f"at most {'9' * 18}"), ("9" * 5000, f"at most {'9' * 18}"),
     ("1.0000000001", "at most 9 decimals")],
)  # fmt: skip
def test_a_number_of_too_many_digits_is_told_the_bound(number, expected):
    (problem,) = problems_of(rule_text(red=f"{{gte: {number}}}"))
    assert problem.endswith(f"expected {expected}")
    assert problems_of(rule_text(red=f"{{gte: {'9' * 18}}}")) == []


def test_an_id_has_at_most_100_characters():
    assert problems_of(rule_text(id="a." + "b" * 98)) == []
    (problem,) = problems_of(rule_text(id="a." + "b" * 99))
    assert "at most 100 characters" in problem


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_one_problem(encoding):
    data = rule_text(about="撤单").encode(encoding)
    assert problems_of(data) == ["1:1: text in UTF-16; save the file as UTF-8"]


def test_the_worked_example_of_the_docs_is_true():
    docs = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    example = docs.split("```yaml\n")[1].split("```")[0]
    name = "desk/copper_cancels.yaml"
    assert parse_rule(example, name).products == {"cu"}
    wrong = example.replace("scope: contract", "scope: contracts").replace("250}", "150}")
    with pytest.raises(RuleError) as caught:
        parse_rule(wrong, name)
    assert f"```\n{caught.value}\n```" in docs
