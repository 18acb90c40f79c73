"""Rules for tests: a short valid one, variations of it, and what comes of reading them."""

from __future__ import annotations

from hypothesis import strategies as st

from abtrade import schema
from abtrade.errors import RuleError
from abtrade.rules.lint import CANCEL_BY_COUNTS, OF_ORDERS
from abtrade.rules.packs import RuleSet, rule_set
from abtrade.rules.rule import Rule
from abtrade.rules.syntax import RULE, parse_rule
from abtrade.safe_text import for_lines

KEYS = {
    "id": "desk.cancels",
    "about": "Cancels per subject and contract in one day.",
    "exchange": "SHFE",
    "from": "2010-11-05",
    "status": "unverified",
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


@st.composite
def good_rules(draw: st.DrawFn) -> Rule:
    """Return a rule of any count, with filters, exemptions and levels that fit it."""
    count = draw(st.sampled_from(schema.COUNTS))
    keys = {
        "about": draw(_texts), "clause": draw(_texts), "notes": draw(st.none() | _texts),
        "status": draw(st.sampled_from(["verified", "secondary", "unverified"])),
        "count": count, **_with(count), "products": draw(st.none() | st.sampled_from(["cu", "al"])),
        "both": draw(st.sampled_from([None, "true"])) if count in schema.PAIR_COUNTS else None,
    }  # fmt: skip
    filters = [entry for entry in _FILTERS if count not in schema.POSITION_COUNTS
               or not entry.startswith(OF_ORDERS)]  # fmt: skip
    only = draw(st.lists(st.sampled_from(filters), max_size=2, unique=True))
    left_out = draw(st.lists(st.sampled_from([*filters, *_BY[: 1 + (count in CANCEL_BY_COUNTS)]]),
                             max_size=2, unique=True))  # fmt: skip
    clause = draw(_texts)
    keys["only"] = f"[{', '.join(f'{{{entry}}}' for entry in only)}]" if only else None
    entries = ", ".join(f"{{{entry}, clause: {clause}}}" for entry in left_out)
    keys["leave_out"] = f"[{entries}]" if left_out else None
    keys["yellow"] = draw(st.sampled_from(["{gte: 1}", "{gt: 1}", "{gte: 3}"]))
    if count not in schema.STATISTICS:
        keys["red"] = draw(st.sampled_from(["{gte: 4}", "{gt: 4}"]) | st.none())
    return a_rule(**{"red": None, **keys})


_texts = st.sampled_from(["One.", "Two.", "{en: One., zh: 一。}", "{en: One., zh: 二。}"])
_FILTERS = (
    "hedge: hedge", "tif: [fak, fok]", "tif: gfd", "order_type: market", "phase: auction",
    "market_maker: true", "market_maker: false", "product: [cu, al]", "order_fee: true",
)  # fmt: skip
_BY = ("hedge: arbitrage", "cancel_by: [expiry, exchange]")


def _with(count: str) -> dict[str, str]:
    """Return the keys that go with a count."""
    if count == "large_cancels":
        return {"scope": "contract", "large_lots": "300"}
    if count == "burst_occasions":
        return {"scope": "exchange", "burst_messages": "10"}
    return {"scope": "product", **({"kernel": "own"} if count == "kernel" else {})}
