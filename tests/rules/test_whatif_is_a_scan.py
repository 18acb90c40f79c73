"""What is answered out of a scan's tables is what a scan by the changed rule says."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_makers import rule_text

import abtrade
from abtrade import schema
from abtrade.errors import InputError
from abtrade.outputs import RESULTS
from abtrade.rules.packs import load_rules, rule_set
from abtrade.rules.rule import Rule
from abtrade.whatif.asking import whatif
from abtrade.whatif.change import Threshold, exemptions_of, with_level, without
from strategies import DAY, Log, links, logs

RULES = {
    "cancels": {
        "leave_out": "[{cancel_by: [expiry, exchange], reason: not by the client, clause: x},"
        " {hedge: [hedge, arbitrage], clause: x}]"
    },
    "either": {
        "only": "[{order_fee: true, tif: [fak, fok]}, {order_fee: false}]",
        "leave_out": "[{order_fee: false, tif: [fak, fok], order_type: limit, clause: x}]",
        "assume": "{order_type: limit}",
        "scope": "exchange",
    },
    "product": {"scope": "product", "leave_out": "[{market_maker: true, clause: x}]"},
    "of_cu": {"products": "[cu]", "only": "{tif: fak}"},
    "large": {
        "count": "large_cancels", "large_lots": "2", "leave_out": "[{phase: auction, clause: x}]",
    },
    "of_max": {"count": "large_cancels", "large_of_max": "{gt: 0.4}", "scope": "exchange"},
    "orders": {"count": "orders", "leave_out": "[{hedge: hedge, tif: gfd, clause: x}]"},
    "messages": {
        "count": "messages", "only": "{cancel_by: [client, forced]}", "scope": "exchange",
        "leave_out": "[{order_type: quote, clause: x}]",
    },
    "unnamed": {"count": "messages", "leave_out": "[{cancel_by: client, clause: x}]"},
    "filled": {"count": "filled_orders", "leave_out": "[{hedge: market_maker, clause: x}]"},
    "openings": {"count": "open_lots", "leave_out": "[{hedge: hedge, clause: x}]"},
    "at_limit": {"count": "limit_price_cancels"},
    "trades": {"count": "self_trades", "leave_out": "[{hedge: hedge, clause: x}]"},
    "both": {
        "count": "self_trades", "scope": "exchange", "both": "true",
        "leave_out": "[{hedge: hedge, clause: x}, {tif: fak, clause: x}]",
    },
    "pairs": {"count": "self_trade_pairs", "leave_out": "[{tif: [fak, fok], clause: x}]"},
    "incoming": {"count": "self_trade_orders", "leave_out": "[{hedge: hedge, clause: x}]"},
    "wide": {
        "count": "self_trade_orders", "scope": "exchange",
        "leave_out": "[{phase: auction, clause: x}]",
    },
    "lots": {"count": "self_trade_lots", "scope": "product"},
    "otr": {"count": "otr", "leave_out": "[{hedge: hedge, clause: x}]"},
    "bursts": {"count": "burst_occasions", "scope": "exchange", "burst_messages": "2"},
}  # fmt: skip
STATUS = {"status": "secondary"}
LEVELS = {"yellow": "{gte: 1}", "red": "{gt: 2}"}
CONTRACTS = pa.table({
    "contract": ["cu2501", "cu2502", "al2501", "m2505"],
    "exchange": ["SHFE", "SHFE", "SHFE", "DCE"],
    "order_fee": [True, False, None, True],
    "max_order_lots": [5, 2, None, 10],
    "upper_limit": [70000.0, None, None, None],
    "lower_limit": [70000.0, None, None, None],
})
MAKERS = pa.table({"client": ["K", "L"], "product": ["cu", "m"], "exchange": ["SHFE", "DCE"]})


@dataclass(frozen=True)
class Case:
    """A day's tables, what its scan went by, and what is asked."""

    scanned: tuple[str, ...]
    rule: str
    level: str
    threshold: Threshold
    keep: bool
    makers: bool
    contracts: bool
    pick: int  # which exemption is done without; a multiple of 3: none
    engine: str


cases = st.builds(
    Case,
    st.sets(st.sampled_from(sorted(RULES)), max_size=4).map(sorted).map(tuple),
    st.sampled_from(sorted(RULES)),
    st.sampled_from(schema.LEVELS),
    st.builds(Threshold, st.integers(1, 6).map(Fraction), st.sampled_from((None, "gte", "gt"))),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 8),
    st.sampled_from(("core", "reference")),
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rule]:
    folder = tmp_path_factory.mktemp("rules")
    for name, keys in RULES.items():
        text = rule_text(**{"id": f"t.{name}", "from_": "2000-01-01", **STATUS, **LEVELS, **keys})
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return {rule.id.removeprefix("t."): rule for rule in load_rules([str(folder)], None).rules}


def scanned(log: Log, rules: Any, case: Case, linked: pa.Table | None, **options: Any) -> Any:
    return abtrade.scan(
        log.table(), rules=rules, day=DAY, threads=1, links=linked, engine=case.engine,
        market_makers=MAKERS if case.makers else None,
        contracts=CONTRACTS if case.contracts else None, **options,
    )  # fmt: skip


@settings(max_examples=25)
@given(log=logs(), linked=links(), case=cases)
def test_counts_and_levels_are_those_of_a_scan(
    rules: dict[str, Rule], log: Log, linked: pa.Table | None, case: Case
) -> None:
    rule = rules[case.rule]
    names = exemptions_of([rule])
    dropped = names[case.pick % len(names)] if names and case.pick % 3 else None
    changed = rule if dropped is None else without(rule, dropped)
    assert changed is not None
    changed = with_level(changed, case.level, case.threshold)
    with TemporaryDirectory() as out:
        went_by = [rules[name] for name in case.scanned]
        if case.rule not in case.scanned and not case.keep:
            went_by.append(rule)
        scanned(log, rule_set(went_by or rules.values(), named=True), case, linked,
                out=f"{out}/scan", keep_attributes=case.keep)  # fmt: skip
        other = with_op(rule, case)
        given = None
        if other is not rule or case.pick > 4 or case.rule not in case.scanned:
            given = rule_set([other], named=True)
        try:
            found = whatif(
                f"{out}/scan", rule=rule.id, at=[case.threshold.number], level=case.level,
                without_exemption=dropped or (),
                with_rules=given,
            )  # fmt: skip
        except InputError as error:
            needs = "bursts" in case.rule or rule.count not in schema.CELL_COUNTS
            assert needs and ("takes a scan" in str(error) or "do not hold" in str(error))
            return
        expected = scanned(log, rule_set([changed], named=True), case, linked)
    (day,) = found.days
    judged = day.found[found.variants[-1]]
    rows = expected.results
    if judged.status == "blind":
        assert rows["blind"].to_pylist() == [judged.why]
        return
    if judged.status == "no contracts":
        assert not rows.num_rows
        return
    assert rows["blind"].null_count == rows.num_rows
    told = rows["ratio" if rule.count == "otr" else "counted"].to_pylist()
    assert sorted(judged.counted.tolist()) == sorted(told)
    assert listed(judged.alerts, log) == listed(rows.filter(pc.is_valid(rows["level"])), log)


def with_op(rule: Rule, case: Case) -> Rule:
    """Return the rule with the comparison that is asked for, which a bare number takes over."""
    if case.threshold.op is None:
        return rule
    return with_level(rule, case.level, Threshold(Fraction(9), case.threshold.op))


def listed(rows: pa.Table, log: Log) -> list[dict[str, Any]]:
    """Return rows in an order of their own.

    Which pair of an order is its first, and so its reason, channels with times that run backwards
    do not tell.
    """
    names = [name for name in RESULTS.names if name not in unsure(log)]
    key = lambda row: tuple(str(row[name]) for name in ("exchange", "scope", "subject"))  # noqa: E731
    return sorted(rows.select(names).to_pylist(), key=key)


def unsure(log: Log) -> set[str]:
    times = [row["ts"] for row in log.rows]
    backwards = times != sorted(times)
    return {"exempt", "unknown"} if backwards and "channel" in log.columns else set()
