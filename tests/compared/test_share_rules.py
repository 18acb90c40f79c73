"""Rules on shares: exact at the level, counted over all, and who is behind."""

from __future__ import annotations

import pyarrow as pa
import pytest
from statistic_days import a_day, figures, rule, scan

TEN = {("A", "cu2505"): (3,), ("B", "cu2505"): (7,)}


@pytest.mark.parametrize(
    ("level", "reached"),
    [
        ("gte: 0.3", ["A", "B"]),  # 0.3 is no binary number: only fractions are exact here
        ("gt: 0.3", ["B"]),
        ("gte: 0.31", ["B"]),
        ("gte: 0.7", ["B"]),
        ("gt: 0.7", []),
    ],
)
@pytest.mark.parametrize("engine", ["core", "reference"])
def test_a_share_at_under_and_over_the_level(tmp_path, level, reached, engine):
    found = scan(a_day(TEN), [rule(tmp_path, "order_share", level)], engine=engine)
    assert [alert.result.subject for alert in found.alert_list] == reached
    assert figures(found) == {("A", "contract:cu2505"): 0.3, ("B", "contract:cu2505"): 0.7}


def test_an_alert_tells_numerator_denominator_and_rank(tmp_path):
    log = a_day({("A", "cu2505"): (4, 3), ("B", "cu2505"): (1, 1)}, [("A", "B", "cu2506", 9)])
    asked = [rule(tmp_path, "cancel_share", "gte: 0.5"), rule(tmp_path, "volume_share", "gt: 0.4")]
    cancels, *volumes = scan(log, asked).alert_list
    assert cancels.detail == {"numerator": 3, "denominator": 4, "rank": 1}
    assert cancels.level == "yellow"
    assert (cancels.yellow, cancels.red) == (None, None)  # judged at the end of the day
    assert [alert.detail for alert in volumes] == 2 * [
        {"numerator": 9, "denominator": 18, "rank": 1}
    ]


def test_over_a_product_contracts_are_added(tmp_path):
    log = a_day({("A", "cu2505"): (2,), ("A", "cu2506"): (1,), ("B", "cu2506"): (1,),
                 ("B", "al2506"): (5,)})  # fmt: skip
    found = scan(log, [rule(tmp_path, "order_share", "gt: 0.5", "product")])
    assert figures(found) == {
        ("A", "product:cu"): 0.75, ("B", "product:cu"): 0.25, ("B", "product:al"): 1.0,
    }  # fmt: skip


def test_what_is_left_out_is_missing_above_the_line_alone(tmp_path):
    more = "leave_out: [{hedge: hedge, clause: Hedging is hedging}]"
    log = a_day({("A", "cu2505"): (4,), ("B", "cu2505"): (6,)},
                hedge={"A": "hedge", "B": "speculation"})  # fmt: skip
    found = scan(log, [rule(tmp_path, "order_share", "gte: 0.4", more=more)])
    assert figures(found) == {("A", "contract:cu2505"): 0.0, ("B", "contract:cu2505"): 0.6}
    [b] = found.alert_list
    assert b.detail == {"numerator": 6, "denominator": 10, "rank": 1}
    [row] = [row for row in found.results.to_pylist() if row["subject"] == "A"]
    assert (row["gross_ratio"], row["exempt"]) == (0.4, [("hedge hedge", 4)])


def test_a_group_is_one_and_its_largest_client_is_asked_alone(tmp_path):
    log = a_day({("A", "cu2505"): (3,), ("B", "cu2505"): (2,), ("C", "cu2505"): (5,)})
    links = pa.table({"account": ["A", "B"], "group": ["G", "G"]})
    for level, alone in (("gte: 0.3", True), ("gt: 0.3", False)):
        found = scan(log, [rule(tmp_path, "order_share", level)], links=links)
        group = found.alert_list[-1]
        assert (group.result.subject, group.result.counted) == ("G", 0.5)
        assert [(share.account, share.counted) for share in group.shares] == [("A", 3), ("B", 2)]
        assert (group.largest_client, group.largest_client_count) == ("A", 0.3)
        assert group.reached_alone is alone


def test_clients_of_a_suspected_group_are_judged_besides(tmp_path):
    log = a_day({("A", "cu2505"): (3,), ("B", "cu2505"): (2,), ("C", "cu2505"): (5,)})
    links = pa.table({"account": ["A", "B"], "group": ["G", "G"], "status": 2 * ["suspected"]})
    found = scan(log, [rule(tmp_path, "order_share", "gte: 0.3")], links=links)
    told = {alert.result.subject: alert.detail["rank"] for alert in found.alert_list}
    assert told == {"A": None, "C": 1, "G": 1}


def test_a_rule_of_another_exchange_s_pack_judges_nothing_here(tmp_path):
    path = rule(tmp_path, "order_share", "gte: 0.3", more="products: [al]")
    found = scan(a_day(TEN), [path])
    assert figures(found) == {}
    assert found.shares.num_rows == 4  # the tables are of all


def test_without_open_interest_a_rule_on_it_is_blind(tmp_path):
    found = scan(a_day(TEN), [rule(tmp_path, "open_interest_share", "gte: 0.3")])
    assert found.compiled.blind == {
        "desk.open_interest_share": "open_interest_share needs open_interest, "
        "no positions are given"
    }
    assert found.alert_list == []
