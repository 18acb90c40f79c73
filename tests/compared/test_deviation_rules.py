"""Rules on deviations: a day's share against the same people's shares of earlier days."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from statistic_days import DAYS, TODAY, a_day, earlier, figures, rule, scan, shares

from abtrade.comparison.usual import compare, exact_usual

USUAL = [2, 3, 4, 5, 6, 7]  # orders of A among 20: median 0.225, spread 1.4826 x 0.075


def days_of(orders, contract="cu2505"):
    return {
        day: {("A", contract): (n,), ("B", contract): (20 - n,)}
        for day, n in zip(DAYS, orders, strict=False)
        if n is not None
    }


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return earlier(tmp_path_factory.mktemp("history"), days_of(USUAL))


def test_a_share_is_told_in_spreads_above_the_median(history, tmp_path):
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)})
    found = scan(log, [rule(tmp_path, "order_deviation", "gte: 4")], history=[history])
    expected = (Fraction(15, 20) - Fraction(9, 40)) / (Fraction(3, 40) * Fraction(14826, 10000))
    assert figures(found)["A", "contract:cu2505"] == float(expected)
    [alert] = found.alert_list  # B went down
    assert alert.detail == {
        "numerator": 15, "denominator": 20, "rank": 1, "share": 0.75, "median": 0.225,
        "spread": pytest.approx(0.111195), "days": 6, "first_day": DAYS[0], "last_day": DAYS[-1],
    }  # fmt: skip
    assert shares(found, "order_deviation")["A", "cu2505"] == pytest.approx(float(expected))
    assert shares(found, "history_days")["A", "cu2505"] == 6


@pytest.mark.parametrize(("level", "reached"), [("gte", True), ("gt", False)])
def test_a_deviation_at_the_level_exactly(tmp_path, level, reached):
    # Shares 0.1 and 0.3 by turns: median 0.2, spread 1.4826 x 0.1. 0.49652 is 2 spreads above.
    def of_two(own, all_lots):
        return [("A", "A", "cu2505", own), ("B", "B", "cu2505", all_lots - own)]

    trades = {day: of_two(2 if i % 2 else 6, 20) for i, day in enumerate(DAYS)}
    history = earlier(tmp_path / "history", {day: {} for day in DAYS}, trades)
    path = rule(tmp_path, "volume_deviation", f"{level}: 2")
    found = scan(a_day({}, of_two(12413, 25000)), [path], history=[history])
    assert [alert.result.subject for alert in found.alert_list] == (["A"] if reached else [])


def test_both_engines_say_the_same(history, tmp_path):
    log = a_day({("A", "cu2505"): (15, 3), ("B", "cu2505"): (5, 1)}, [("A", "B", "cu2505", 3)])
    asked = [rule(tmp_path, f"{word}_deviation", "gte: 1") for word in ("order", "volume")]
    tables = [
        [found.alert_list, found.results, found.shares, found.concentration]
        for engine in ("core", "reference")
        for found in [scan(log, asked, history=[history], engine=engine)]
    ]
    assert tables[0] == tables[1]


def test_without_a_spread_there_is_no_deviation(tmp_path):
    history = earlier(tmp_path / "history", days_of([5] * 6))
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)})
    found = scan(log, [rule(tmp_path, "order_deviation", "gte: 1")], history=[history])
    assert (figures(found), found.alert_list) == ({}, [])
    assert shares(found, "order_deviation")["A", "cu2505"] is None
    assert shares(found, "order_median")["A", "cu2505"] == 0.25


def test_a_day_without_a_row_is_a_day_of_nothing(tmp_path):
    days = days_of([4, 0, 6, 0, 8, 0])
    history = earlier(tmp_path / "history", days)
    found = scan(a_day({("A", "cu2505"): (10,), ("B", "cu2505"): (10,)}), history=[history])
    assert shares(found, "order_median")["A", "cu2505"] == 0.1  # of 0, 0, 0, 0.2, 0.3, 0.4
    assert shares(found, "order_spread")["A", "cu2505"] == pytest.approx(1.4826 * 0.1)


def test_contracts_roll_and_their_product_stays(tmp_path):
    history = earlier(tmp_path / "history", days_of(USUAL, "cu2504"))
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)})
    by_contract = rule(tmp_path, "order_deviation", "gte: 4")
    assert figures(scan(log, [by_contract], history=[history])) == {}
    by_product = rule(tmp_path, "order_deviation", "gte: 4", "product")
    [alert] = scan(log, [by_product], history=[history]).alert_list
    assert (alert.result.scope, alert.detail["median"]) == ("product:cu", 0.225)


def test_a_group_is_compared_with_what_the_same_people_did_before(tmp_path):
    """It was no group then; and one of it is silent today."""
    days = {
        day: {("A", "cu2505"): (n,), ("X", "cu2505"): (2,), ("B", "cu2505"): (18 - n,)}
        for day, n in zip(DAYS, USUAL, strict=True)
    }
    history = earlier(tmp_path / "history", days)
    links = pa.table({"account": ["A", "X"], "group": ["G", "G"]})
    log = a_day({("A", "cu2505"): (16,), ("B", "cu2505"): (4,)})
    found = scan(
        log, [rule(tmp_path, "order_deviation", "gte: 3")], history=[history], links=links
    )
    [alert] = found.alert_list
    assert (alert.result.subject, alert.detail["median"]) == ("G", 0.325)
    alone = (Fraction(16, 20) - Fraction(9, 40)) / (Fraction(3, 40) * Fraction(14826, 10000))
    assert (alert.largest_client, alert.largest_client_count) == ("A", float(alone))
    assert alert.reached_alone


def test_a_client_of_a_suspected_group_is_compared_with_itself(tmp_path):
    links = pa.table({"account": ["A", "X"], "group": ["G", "G"], "status": 2 * ["suspected"]})
    days = {day: {**done, ("X", "cu2505"): (20,)} for day, done in days_of(USUAL).items()}
    history = earlier(tmp_path / "history", days, links=links)
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,), ("X", "cu2505"): (20,)})
    found = scan(
        log, [rule(tmp_path, "order_deviation", "gte: 4")], history=[history], links=links
    )
    medians = {alert.result.subject: alert.detail["median"] for alert in found.alert_list}
    assert medians == {"A": 0.225 / 2, "G": pytest.approx(0.5 + 0.225 / 2)}
    whole = scan(log, history=[history], links=links).concentration.to_pylist()[0]
    assert whole["order_top10_median"] == 1.0  # A and X are not added twice


def test_what_is_left_out_today_only_lowers_the_figure(history, tmp_path):
    more = "leave_out: [{hedge: hedge, clause: Hedging is hedging}]"
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)}, hedge={"A": "hedge"})
    path = rule(tmp_path, "order_deviation", "gte: 4", more=more)
    found = scan(log, [path], history=[history])
    assert found.alert_list == []
    [a] = [row for row in found.results.to_pylist() if row["subject"] == "A"]
    assert a["gross_ratio"] > 4
    assert a["ratio"] < 0


def test_too_few_days_make_the_rule_blind(tmp_path):
    path = rule(tmp_path, "order_deviation", "gte: 4")
    log = a_day({("A", "cu2505"): (15,)})
    assert scan(log, [path]).compiled.blind == {
        "desk.order_deviation": "order_deviation needs history, no earlier outputs are given"
    }
    history = earlier(tmp_path / "history", days_of(USUAL[:4]))
    found = scan(log, [path], history=[history])
    assert found.compiled.blind == {
        "desk.order_deviation": "order_deviation needs history, fewer than 5 earlier days are given"
    }
    assert shares(found, "order_median")["A", "cu2505"] == 0.175  # the table tells it all the same


def test_outputs_without_volume_blind_rules_on_volume_alone(tmp_path):
    for day, done in days_of(USUAL).items():
        scan(a_day(done, day=day), day=day, out=tmp_path / "history" / day)
    asked = [rule(tmp_path, f"{word}_deviation", "gte: 4") for word in ("order", "volume")]
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)})
    found = scan(log, asked, history=[tmp_path / "history"])
    assert found.compiled.blind == {
        "desk.volume_deviation": "volume_deviation needs filled_lots, "
        "which earlier outputs do not have"
    }
    assert [alert.result.rule for alert in found.alert_list] == ["desk.order_deviation"]
    assert shares(found, "volume_median")["A", "cu2505"] is None


def test_the_latest_days_are_taken(history, tmp_path):
    log = a_day({("A", "cu2505"): (15,), ("B", "cu2505"): (5,)})
    found = scan(log, history=[history], history_days=3)
    assert shares(found, "order_median")["A", "cu2505"] == 0.3
    assert shares(found, "history_days")["A", "cu2505"] == 3


def test_a_resumed_day_and_any_threads_give_the_same(history, tmp_path):
    log = a_day({("A", "cu2505"): (15, 3), ("B", "cu2505"): (5,)}, [("A", "B", "al2505", 3)])
    asked = [rule(tmp_path, f"{word}_deviation", "gte: 1") for word in ("order", "cancel")]
    options = {"history": [history], "day": TODAY}
    whole = scan(log, asked, threads=1, **options)
    scan(log.slice(0, 12), asked, save_state=tmp_path / "state", **options)
    parts = scan(log.slice(12), asked, resume=tmp_path / "state", threads=3, **options)
    assert whole.alert_list == parts.alert_list
    assert (whole.shares, whole.results) == (parts.shares, parts.results)


@pytest.mark.parametrize("seed", range(10))
def test_floats_of_the_table_are_near_the_exact_figures(seed):
    rng = np.random.default_rng(seed)
    days = int(rng.integers(2, 9))
    amounts, totals = rng.integers(0, 4, (days, 30)), rng.integers(0, 9, (days, 1))
    amounts = np.minimum(amounts, totals)
    earlier_shares = np.where(totals > 0, amounts / np.maximum(totals, 1), 0.0)
    found = compare(np.full(30, 0.5), earlier_shares)
    for i in range(30):
        middle, spread = exact_usual(amounts[:, i].tolist(), totals[:, 0].tolist())
        assert found.median[i] == pytest.approx(float(middle))
        assert found.spread[i] == pytest.approx(float(spread), abs=1e-15)
        assert np.isnan(found.deviation[i]) == (spread == 0)
