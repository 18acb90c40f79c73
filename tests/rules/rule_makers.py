"""Rules for tests: a short valid one, variations of it, and what comes of reading them."""

from __future__ import annotations

from hypothesis import strategies as st

from abtrade.errors import RuleError
from abtrade.rules.packs import RuleSet, rule_set
from abtrade.rules.rule import Rule
from abtrade.rules.syntax import RULE, parse_rule
from abtrade.safe_text import for_lines

KEYS = {
    "id": "desk.cancels",
    "about": "Cancels per subject and contract in one day.",
    "exchange": "SHFE",
    "from": "2010-11-05",
    "status": "secondary",
    "source": "{document: Handbook of the desk}",
    "clause": "Rule 1 of the desk.",
    "count": "cancels",
    "scope": "contract",
    "red": "{gte: 500}",
}


def rule_text(**changes: str | None) -> str:
    """Return the short rule with other values; ``from_`` means from, None takes a key out."""
    keys = {**KEYS, **{name.rstrip("_"): value for name, value in changes.items()}}
    return "".join(f"{name}: {value}\n" for name, value in keys.items() if value is not None)


def a_rule(**changes: str | None) -> Rule:
    return parse_rule(rule_text(**changes), "rule.yaml")


def rules_of(*rules: Rule, named: bool = True) -> RuleSet:
    return rule_set(rules, named)


def problems_of(data: str | bytes) -> list[str]:
    """Return the problems as ``line:column: message``, without source lines; none where good."""
    try:
        parse_rule(data, "rule.yaml")
    except RuleError as error:
        heads = [problem.split("\n")[0] for problem in error.problems]
        return [head.removeprefix("rule.yaml:") for head in heads]
    return []


def parsed(data: str | bytes) -> Rule | None:
    """Return the rule or None; a RuleError has problems, each with the file's name."""
    try:
        return parse_rule(data, "rule.yaml")
    except RuleError as error:
        assert error.problems
        assert all(problem.startswith("rule.yaml:") for problem in error.problems)
        assert for_lines(str(error)) == str(error)
        return None


_values = st.one_of(
    st.sampled_from(list(KEYS.values())),
    st.sampled_from(
        ["", "~", "[]", "{}", "yes", "true", "0", "1", "4.5", "{gte: 1}", "{gt: 0}", "on", "0x1F",
         "{en: a, zh: b}", "otr", "self_trades", "large_cancels", "messages", "verified",
         "[{tif: fak, clause: x}]", "[{cancel_by: [expiry, forced], clause: x}]", "[cu, al]",
         "{market_maker: false}", "{order_fee: 1}", "1999-12-31", "2010-11-05 ", '"500"',
         "{document: 2010-11-05}", "{document: D, number: 5}",
         "{document: D, seen: reprint, date: 2010-11-05}"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8),
)
_keys = st.sampled_from([field.name for field in RULE.fields])
mutated_rules = st.dictionaries(_keys, _values | st.none(), max_size=4).map(
    lambda changes: rule_text(**changes)
)
