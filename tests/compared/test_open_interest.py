"""Shares of open interest: lots held at the end of the day, on the larger side."""

from __future__ import annotations

import pyarrow as pa
import pytest
from statistic_days import a_day, earlier, figures, rule, scan, shares

TRADES = [("A", "B", "cu2505", 5)]


def positions(rows, open_interest="cu2505:100"):
    """Return opening positions of (account, contract, long, short)."""
    given = dict(pair.split(":") for pair in open_interest.split())
    return pa.table(
        {
            "account": [row[0] for row in rows],
            "contract": [row[1] for row in rows],
            "long": [row[2] for row in rows],
            "short": [row[3] for row in rows],
            "open_interest": [int(given[row[1]]) if row[1] in given else None for row in rows],
        }
    )


OPENING = positions([("A", "cu2505", 15, 4), ("B", "cu2505", 0, 10), ("S", "cu2505", 40, 0)])


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_the_larger_side_at_the_end_of_the_day_over_the_open_interest(tmp_path, engine):
    path = rule(tmp_path, "open_interest_share", "gte: 0.2")
    found = scan(a_day({}, TRADES), [path], positions=OPENING, engine=engine)
    assert figures(found) == {
        ("A", "contract:cu2505"): 0.2, ("B", "contract:cu2505"): 0.15,
        ("S", "contract:cu2505"): 0.4,
    }  # fmt: skip
    details = {alert.result.subject: alert.detail for alert in found.alert_list}
    assert details == {
        "A": {"numerator": 20, "denominator": 100, "rank": 2, "side": "long"},
        "S": {"numerator": 40, "denominator": 100, "rank": 1, "side": "long"},  # silent today
    }


def test_over_a_product_each_contract_needs_its_open_interest(tmp_path):
    path = rule(tmp_path, "open_interest_share", "gte: 0.2", "product")
    rows = [("A", "cu2505", 15, 0), ("A", "cu2506", 0, 60)]
    both = positions(rows, "cu2505:100 cu2506:100")
    [alert] = scan(a_day({}, TRADES), [path], positions=both).alert_list
    assert alert.detail == {"numerator": 60, "denominator": 200, "rank": 1, "side": "short"}
    assert figures(scan(a_day({}, TRADES), [path], positions=positions(rows))) == {}


def test_a_group_s_sides_are_added_and_hedging_is_left_out(tmp_path):
    more = "leave_out: [{hedge: hedge, clause: Hedging is hedging}]"
    path = rule(tmp_path, "open_interest_share", "gte: 0.3", more=more)
    links = pa.table({"account": ["A", "S"], "group": ["G", "G"]})
    log = a_day({}, TRADES, hedge={"A": "speculation", "B": "speculation"})
    found = scan(log, [path], positions=OPENING, links=links)
    [group] = found.alert_list
    assert (group.result.subject, group.result.counted) == ("G", 0.6)
    assert [(share.account, share.counted) for share in group.shares] == [("S", 40), ("A", 20)]
    assert (group.largest_client, group.largest_client_count, group.reached_alone) == (
        "S", 0.4, True,
    )  # fmt: skip
    held = OPENING.append_column("hedge", pa.array(["speculation", "speculation", "hedge"]))
    assert scan(log, [path], positions=held, links=links).alert_list == []


def test_the_tables_tell_what_is_held_where_positions_are_given():
    found = scan(a_day({}, TRADES), positions=OPENING, statistics=True)
    assert shares(found, "long_share") == {
        ("A", "cu2505"): 0.2, ("B", "cu2505"): 0.0, ("S", "cu2505"): 0.4,
    }  # fmt: skip
    assert shares(found, "short_lots")["B", "cu2505"] == 15
    assert shares(found, "volume_rank")["S", "cu2505"] is None
    [contract, _] = found.concentration.to_pylist()
    assert (contract["long_lots"], contract["long_top10"], contract["open_interest"]) == (
        60, 1.0, 100,
    )  # fmt: skip


def test_without_open_interest_shares_of_it_are_unknown_and_concentration_is_told(tmp_path):
    held = OPENING.drop_columns(["open_interest"])
    path = rule(tmp_path, "open_interest_share", "gte: 0.3")
    found = scan(a_day({}, TRADES), [path], positions=held, statistics=True)
    assert found.compiled.blind == {
        "desk.open_interest_share": "open_interest_share needs open_interest, "
        "which the positions table does not give"
    }
    assert shares(found, "long_share")["A", "cu2505"] is None
    assert found.concentration["long_top10"].to_pylist()[0] == 1.0
    assert found.concentration["open_interest"].null_count == 2


def test_a_silent_account_s_position_adds_nothing_to_earlier_days(tmp_path):
    days = {f"2025-03-0{n}": {("A", "cu2505"): (2,), ("B", "cu2505"): (2,)} for n in (3, 4, 5)}
    history = earlier(tmp_path / "history", days, positions=OPENING)
    found = scan(a_day({("A", "cu2505"): (1,)}), history=[history], positions=OPENING)
    assert shares(found, "order_median") == {
        ("A", "cu2505"): 0.5, ("B", "cu2505"): 0.5, ("S", "cu2505"): 0.0,
    }  # fmt: skip
