"""Whatever a test file says, it is read and run, or every problem of it is told."""

from __future__ import annotations

from case_makers import HEAD
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_makers import a_rule

from abtrade.errors import RuleError
from abtrade.safe_text import for_lines
from abtrade.testing.cases import parse_cases
from abtrade.testing.run import run_case
from abtrade.testing.syntax import BESIDE, CASE, EXPECTED, LOG_LINE, TEST_FILE

GOOD = [
    "A", "cu2412", "i2501", "1", "3", "2024-10-25", "fak", "sell", "close", "hedge", "market",
    "nothing", "blind", "not in force", "[{cancel: A}]", "[{trade: A, with: B}, {order: B}]",
    "[{subject: A}]", "[{subject: A, level: red}]", "{line: 1, time: 1}", "{hedging: 3}", "true",
    "[{group: G, clients: [A, B]}]", "[{contract: cu2412, order_fee: true}]", "[tif, phase]",
    "{tif: fak}", "[{account: A, client: C}]", "[{client: A, product: cu}]", "10:00:00",
    "[{product: cu, limit: position, lots: 5}]", "[{account: A, contract: cu2412, long: 1}]",
]  # fmt: skip
values = st.sampled_from(GOOD) | st.sampled_from(
    ["", "~", "[]", "{}", "[[]]", "-1", "1.5", "99999999999999999999", "'", "&a b", "*a", "!x y",
     "2024-02-30", "0x10", "yes", "[A, A]", "{a: {b: c}}", "\"\\u202e\"", "\t"]
) | st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=6)  # fmt: skip


def keys_of(table) -> st.SearchStrategy[str]:
    names = st.sampled_from([field.name for field in table.fields])
    return st.dictionaries(names, values, max_size=4).map(
        lambda said: ", ".join(f"{name}: {value}" for name, value in said.items())
    )


cases = st.builds(
    lambda case, line, expected: (
        f"  - {{name: a, day: 2024-10-25, log: [{{cancel: A, {line}}}],"
        f" expect: [{{subject: A, {expected}}}], {case}}}\n"
    ),
    keys_of(CASE), keys_of(LOG_LINE), keys_of(EXPECTED),
)  # fmt: skip
heads = st.lists(
    st.tuples(st.sampled_from([f.name for f in (*BESIDE, *TEST_FILE.fields)]), values), max_size=2
).map(lambda said: "".join(f"{name}: {value}\n" for name, value in said))


@settings(max_examples=60)
@given(heads, st.lists(cases, min_size=1, max_size=2))
def test_a_test_file_is_run_or_its_problems_are_told(head, found):
    rule = a_rule(leave_out="[{hedge: hedge, reason: hedging, clause: x}]")
    text = head + HEAD + "".join(found)
    try:
        parsed, _ = parse_cases(text, "rule.test.yaml", rule)
    except RuleError as error:
        assert error.problems
        assert all(problem.startswith("rule.test.yaml:") for problem in error.problems)
        assert for_lines(str(error)) == str(error)
        return
    for case in parsed:
        outcome = run_case(rule, case)
        assert all(outcome.failures)


@settings(max_examples=60)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_read_or_refused(data):
    try:
        parse_cases(data, "rule.test.yaml", a_rule())
    except RuleError as error:
        assert error.problems
