"""Merged positions: small days, each with what a clerk would write down of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import abtrade
from abtrade.errors import InputError
from abtrade.positions.figures import Holding
from scenario import links, log_table, parse, table

ENGINES = ("core", "reference")
RULE = """
id: desk.position
about: {en: Lots held by a subject, zh: 持仓}
exchange: SHFE
from: 2025-01-01
status: secondary
source: {document: {en: made up, zh: 虚构}}
clause: {en: made up, zh: 虚构}
"""


def rule(folder: Path, text: str, name: str = "desk.position") -> Path:
    path = folder / f"{name}.yaml"
    said = RULE.replace("desk.position", name)
    path.write_text(said + "\n".join(text.strip().split("; ")) + "\n", encoding="utf-8")
    return path


@pytest.fixture(params=ENGINES)
def scan(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return a function that scans a small day under one rule."""

    def run(
        rows: str, said: str = "", held: str | None = None, exchange: str = "SHFE", **options: Any
    ) -> Any:
        (day,) = parse(f"scenario  a day\nexchange {exchange}\n{rows}\nfaults none\n")
        given = links(day)
        text = said or "count: long_lots; scope: contract; yellow: {gte: 8}; red: {gte: 10}"
        return abtrade.scan(
            log_table(day), day="2025-01-06", engine=request.param, threads=1,
            rules=[rule(tmp_path, text)], links=table(given) if given else None,
            positions=None if held is None else positions(held), **options,
        )

    return run


def positions(text: str) -> pa.Table:
    """Return a positions table: a header, then a line a row; ``-`` is null."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    columns = zip(*lines, strict=True)
    number = ("long", "short", "open_interest")
    return pa.table({
        name: pa.array(
            [None if cell == "-" else int(cell) if name.startswith(number) else cell
             for cell in column],
            pa.int64() if name.startswith(number) else pa.string(),
        )
        for name, column in zip(header, columns, strict=True)
    })


def trades(*fills: str) -> str:
    """Return rows of trades, ``A buy open 5``: an order each, filled by one nobody asks about."""
    rows = []
    for number, fill in enumerate(fills, start=1):
        account, side, offset, lots, *more = fill.split()
        offset = "" if offset == "-" else f"offset={offset}"
        extra = " ".join(more)
        contract = "cu2503"
        rows.append(f"09:00:{number:02}  new    {number}  {account}  {contract}  {side}  70000  "
                    f"{lots}  {offset} {extra}")
        rows.append(f"09:00:{number:02}  trade  {number}  -  {contract}  -  70000  {lots}")
    return "\n".join(rows)


def one(found: Any) -> dict[str, Any]:
    (alert,) = found.alerts.to_pylist()
    return alert | {"detail": json.loads(alert["detail"])}


def held(found: Any, account: str = "A") -> dict[str, Any]:
    rows = [row for row in found.positions.to_pylist() if row["account"] == account]
    assert len(rows) == 1
    return rows[0]


def test_a_group_passes_the_level_that_none_of_it_passes_alone(scan):
    found = scan(
        "group  G A B\n" + trades("A buy open 4", "B buy open 5", "A buy open 2", "B sell close 4"),
        held="account contract long short\nA cu2503 0 3\n",
    )
    alert = one(found)
    assert (alert["level"], alert["count"], alert["gross"]) == ("red", 11, 11)
    assert (alert["yellow_seq"], alert["yellow_at"]) == (4, 9)
    assert (alert["red_seq"], alert["red_at"]) == (6, 11)
    assert [(s["account"], s["counted"]) for s in alert["shares"]] == [("A", 6), ("B", 5)]
    assert (alert["largest_client"], alert["largest_client_count"]) == ("A", 6)
    assert not alert["reached_alone"]
    detail = alert["detail"]
    assert (detail["side"], detail["opening"], detail["end"]) == ("long", 0, 7)
    assert detail["peak"]["lots"] == 11
    assert detail["passage_count"] == {"yellow": 1, "red": 1}
    assert [(m["level"], m["seq"]) for m in detail["fell_back"]] == [("yellow", 8), ("red", 8)]
    assert [[seq, lots] for seq, _, lots in detail["curve"]] == [[4, 9], [6, 11], [8, 7]]


TRANSFER = """group  G A B
09:00:01  new    1  B  cu2503  buy   70000  5  offset=open
09:00:01  new    2  A  cu2503  sell  70000  5  offset=close
09:00:02  new    3  B  cu2503  buy   70000  1  offset=open
"""
SEVEN = "account contract long short\nA cu2503 7 0\n"


def test_two_rows_of_a_match_are_one_event(scan):
    """In broker form too a group that moves lots among its accounts never holds both."""
    found = scan(
        TRANSFER
        + "09:00:03  trade  1  -  cu2503  buy   70000  5  trade_id=T1\n"
        + "09:00:03  trade  2  -  cu2503  sell  70000  5  trade_id=T1\n",
        held=SEVEN,
    )
    assert found.alerts.num_rows == 0
    assert [row["counted"] for row in found.results.to_pylist()] == [7]
    assert [(held(found, who)["long_peak"], held(found, who)["long_end"]) for who in "AB"] == [
        (7, 2), (5, 5)
    ]  # fmt: skip


def test_a_match_of_two_rows_stands_at_the_second(scan):
    found = scan(
        "group  G A B\n"
        "09:00:01  new    1  A  cu2503  buy   70000  4  offset=open\n"
        "09:00:01  new    2  X  cu2503  sell  70000  4  offset=open\n"
        "09:00:02  trade  1  -  cu2503  buy   70000  4  trade_id=T1\n"
        "09:00:02  trade  2  -  cu2503  sell  70000  4  trade_id=T1\n",
        held=SEVEN,
    )
    alert = one(found)
    assert (alert["level"], alert["red_seq"], alert["red_at"]) == ("red", 4, 11)
    assert held(found)["long_peak_seq"] == 4


def test_a_fill_between_the_two_rows_has_the_first_judged_before_it(scan):
    found = scan(
        TRANSFER
        + "09:00:03  trade  1  -  cu2503  buy   70000  5  trade_id=T1\n"
        + "09:00:03  trade  3  -  cu2503  buy   70000  1  trade_id=T2\n"
        + "09:00:03  trade  2  -  cu2503  sell  70000  5  trade_id=T1\n",
        held=SEVEN,
    )
    alert = one(found)
    assert (alert["red_seq"], alert["red_at"], alert["count"]) == (4, 12, 13)
    assert [share["counted"] for share in alert["shares"]] == [7, 5]
    assert [[seq, lots] for seq, _, lots in alert["detail"]["curve"]] == [[4, 12], [5, 13], [6, 8]]


def test_a_row_whose_second_never_comes_is_judged_when_the_day_ends(scan):
    found = scan(TRANSFER + "09:00:03  trade  1  -  cu2503  buy  70000  5  trade_id=T1", held=SEVEN)
    alert = one(found)
    assert (alert["red_seq"], alert["red_at"]) == (4, 12)
    assert alert["detail"]["end"] == 12
    assert held(found, "B")["long_peak_seq"] == 4


def test_apart_they_stay_below(scan):
    rows = trades("A buy open 4", "B buy open 5", "A buy open 2")
    assert scan(rows).alerts.num_rows == 0


@pytest.mark.parametrize(("lots", "level"), [(7, None), (8, "yellow"), (9, "yellow"), (10, "red")])
def test_a_level_is_reached_at_its_number(scan, lots, level):
    alerts = scan(trades(f"A buy open {lots}")).alerts.to_pylist()
    assert [alert["level"] for alert in alerts] == ([level] if level else [])


def test_who_begins_above_has_reached_it_without_an_event(scan):
    found = scan(
        trades("A sell close 4", "A buy open 5"), held="account contract long short\nA cu2503 9 0\n"
    )
    alert = one(found)
    assert (alert["level"], alert["yellow_seq"], alert["red_seq"]) == ("red", None, 4)
    assert alert["detail"]["opening"] == 9
    assert [(m["level"], m["seq"]) for m in alert["detail"]["passages"]] == [
        ("yellow", 4), ("red", 4)
    ]


def test_silent_accounts_and_contracts_are_judged(scan):
    found = scan(
        "group  G A B\n" + trades("A buy open 1"),
        held="account contract long short\nB cu2503 7 0\nC cu2504 12 0\n",
    )
    alerts = {alert["subject"]: alert for alert in found.alerts.to_pylist()}
    assert (alerts["G"]["level"], alerts["G"]["yellow_seq"]) == ("yellow", 2)
    assert (alerts["C"]["level"], alerts["C"]["scope"]) == ("red", "contract:cu2504")
    assert alerts["C"]["red_seq"] is None
    assert any("1 accounts" in note and "'C'" in note for note in found.notes)


@pytest.mark.parametrize(
    ("fill", "long", "today", "faults"),
    [
        ("A sell close 3", 7, 4, 0),  # yesterday's first
        ("A sell close 8", 2, 2, 0),
        ("A sell close 11", 0, 0, 1),
        ("A sell close_today 3", 7, 1, 0),
        ("A sell close_today 5", 5, 0, 1),  # more than today's: the rest is yesterday's
        ("A sell close_yesterday 6", 4, 4, 0),
        ("A sell close_yesterday 7", 3, 3, 1),
        ("A buy open 2", 12, 6, 0),
        ("A buy close 2", 10, 4, 0),
        ("A buy close 4", 10, 4, 1),
    ],
)
def test_what_each_offset_takes_where_today_is_told_apart(scan, fill, long, today, faults):
    found = scan(
        trades(fill), held="account contract long short long_today short_today\nA cu2503 10 3 4 -\n"
    )
    assert (held(found)["long_end"], held(found)["long_end_today"]) == (long, today)
    assert found.certificate["faults"].get("close_over_held", 0) == faults
    assert found.certificate["verdict"] == ("faults" if faults else "complete")


def test_elsewhere_only_totals_matter(scan):
    found = scan(
        trades("A sell close_today 3").replace("cu2503", "m2505"), exchange="DCE",
        held="account contract long short long_today\nA m2505 5 0 1\n",
    )
    assert (held(found)["long_end"], held(found)["long_end_today"]) == (2, None)
    assert found.certificate["faults"] == {}


def test_without_an_offset_positions_are_netted(scan):
    found = scan(trades("A buy - 5", "A sell - 7", "A buy - 4"),
                 "count: short_lots; scope: contract; yellow: {gte: 2}")
    assert (held(found)["long_end"], held(found)["short_end"]) == (2, 0)
    assert one(found)["detail"]["peak"]["lots"] == 2
    assert "fills without an offset are netted" in one(found)["assumed"]


def test_both_sides_of_a_match_stand_at_one_row(scan):
    """A closes to B of its own group: the group never holds more than 9."""
    rows = """
group  G A B
09:00:01  new    1    A  cu2503  buy   70000  9  offset=open
09:00:01  trade  1    -  cu2503  -     70000  9
09:00:02  new    2    A  cu2503  sell  70000  5  offset=close
09:00:03  new    3    B  cu2503  buy   70000  5  offset=open
09:00:03  trade  3/2  -  cu2503  -     70000  5
"""
    alert = one(scan(rows))
    assert (alert["level"], alert["detail"]["peak"]["lots"]) == ("yellow", 9)
    assert [(s["account"], s["counted"]) for s in alert["detail"]["shares_at_peak"]] == [("A", 9)]


def test_only_what_a_rule_counts_is_held_against_it(scan):
    found = scan(
        trades("A buy open 6 hedge=speculation", "A buy open 7 hedge=hedge"),
        "count: long_lots; scope: contract; only: {hedge: [speculation]}; yellow: {gte: 6}",
    )
    alert = one(found)
    assert (alert["count"], alert["gross"]) == (6, 13)
    assert {row["hedge"]: row["long_end"] for row in found.positions.to_pylist()} == {
        "speculation": 6, "hedge": 7
    }


def test_a_rule_on_the_flag_is_blind_without_it(scan):
    found = scan(
        trades("A buy open 6"),
        "count: long_lots; scope: contract; only: {hedge: [speculation]}; yellow: {gte: 6}",
    )
    assert found.certificate["blind"] == {
        "desk.position": "only: needs hedge, which the log does not have"
    }


def test_multiples_of_a_limit(scan):
    limits = pa.table({
        "limit": ["position"], "exchange": ["SHFE"], "contract": ["cu2503"], "lots": [10],
        "source": ["made up"],
    })  # fmt: skip
    found = scan(
        trades("A buy open 8", "A buy open 2", "A buy open 1"),
        "count: long_lots; scope: contract; limit: position; yellow: {gte: 0.8}; red: {gt: 1}",
        limits=limits,
    )
    alert = one(found)
    assert (alert["yellow_seq"], alert["red_seq"], alert["detail"]["limit"]) == (2, 6, 10)
    assert (alert["yellow_from"], alert["red_from"]) == (8, 11)


def test_no_table_is_said_aloud_and_closing_too_much_is_no_fault(scan):
    found = scan(trades("A sell close 5", "A buy open 9"))
    assert found.certificate["faults"] == {}
    assert "opening positions are none" in one(found)["assumed"]
    assert one(found)["count"] == 9


def test_a_hundred_passages_are_told_and_all_are_counted(scan):
    fills = ["A buy open 8"] + ["A sell close 1", "A buy open 1"] * 24
    detail = one(scan(trades(*fills)))["detail"]
    assert detail["passage_count"] == {"yellow": 25, "red": 0}
    assert (len(detail["passages"]), len(detail["fell_back"])) == (25, 24)


BAD = """
account contract exchange hedge        long short long_today open_interest
A       cu2503   SHFE     -            -5   0     -          100
A       cu2503   SHFE     -            5    0     6          100
B       cu2503   SHFE     spekulation  5    0     -          100
C       cu2503   SHFE     -            5    0     -          100
C       cu2503   SHFE     speculation  5    0     -          101
-       cu2503   SHFE     -            5    0     -          -
"""


def test_all_that_is_wrong_with_a_table_is_said_at_once(scan):
    with pytest.raises(InputError) as caught:
        scan(trades("A buy open 1"), held=BAD)
    lines = str(caught.value).splitlines()
    assert [line.split(": ", 2)[1] for line in lines] == [
        "row 1", "row 2", "row 3", "row 5", "row 5", "row 6"
    ]
    for words in ("-5", "no more than 'long', 5", "speculation, hedge, arbitrage, market_maker",
                  "stand in row 4 too", "found 101, expected 100", "found a blank"):
        assert words in str(caught.value)


def test_a_table_that_no_rule_asks_for_is_not_used(scan):
    found = scan(trades("A buy open 1"), "count: orders; scope: contract; yellow: {gte: 1}",
                 held="account contract long short\nZ cu2503 9 0\n")
    assert found.positions is None
    assert "positions: no rule asks what is held; the table is not used" in found.notes
    assert found.links.num_rows == 1


# --- what is not known of the opening ------------------------------------------------------------

FILLS = st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1, 4), st.integers(1, 9)))


def peaks(opening: tuple[int, int], today: tuple[int, int], fills: list[Any]) -> list[int]:
    held = Holding(0, True, held=list(opening), today=list(today), peak=list(opening))
    for side, offset, lots in fills:
        held.fill(side, offset, lots)
        held.peak = [max(pair) for pair in zip(held.peak, held.held, strict=True)]
    return [*held.peak, *held.held]


@given(fills=FILLS, long=st.integers(0, 20), short=st.integers(0, 20), part=st.integers(0, 20))
def test_an_opening_that_is_not_told_only_adds(fills, long, short, part):
    with_it = peaks((long, short), (min(part, long), min(part, short)), fills)
    assert all(a >= b for a, b in zip(with_it, peaks((0, 0), (0, 0), fills), strict=True))


def test_where_fills_are_netted_it_may_take_away():
    assert peaks((0, 10), (0, 0), [(1, 0, 10)])[0] < peaks((0, 0), (0, 0), [(1, 0, 10)])[0]


# --- with what else a scan may do ----------------------------------------------------------------

LONG = "count: long_lots; scope: product; yellow: {gte: 8}; red: {gte: 10}"
OPENING = "account contract long short long_today short_today\nA cu2503 4 2 1 0\nZ cu2504 3 0 - -\n"
DAY = "group  G A B Z\n" + trades("A buy open 3", "B sell close 2", "A sell close_today 6",
                                  "B buy open 6", "A buy - 4")


def day_of(text: str) -> Any:
    (day,) = parse(f"scenario  a day\nexchange SHFE\n{text}\nfaults none\n")
    return log_table(day), table(links(day))


def test_stop_and_resume_change_nothing(tmp_path):
    log, linked = day_of(DAY)
    options = {"day": "2025-01-06", "rules": [rule(tmp_path, LONG)], "links": linked,
               "positions": positions(OPENING)}
    abtrade.scan(log, out=tmp_path / "whole", threads=2, **options)
    abtrade.scan(log.slice(0, 5), save_state=tmp_path / "state", **options)
    abtrade.scan(log.slice(5), resume=tmp_path / "state", out=tmp_path / "parts", **options)
    for name in ("alerts.parquet", "positions.parquet", "certificate.json", "results.parquet"):
        whole, parts = (tmp_path / kind / name for kind in ("whole", "parts"))
        assert whole.read_bytes() == parts.read_bytes(), name
    assert json.loads((tmp_path / "whole/certificate.json").read_text())["faults"] == {
        "close_over_held": 2
    }
    other = options | {"positions": positions(OPENING.replace("4 2 1", "5 2 1"))}
    with pytest.raises(InputError, match="saved with positions"):
        abtrade.scan(log.slice(5), resume=tmp_path / "state", **other)


def test_pseudonyms_stand_for_the_accounts_of_the_table_too(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(bytes(range(40)))
    key.chmod(0o600)
    log, linked = day_of(DAY)
    options = {"day": "2025-01-06", "rules": [rule(tmp_path, LONG)], "links": linked,
               "positions": positions(OPENING)}
    plain, hidden = abtrade.scan(log, **options), abtrade.scan(log, pseudonymise=key, **options)
    lots = ["contract", "long_opening", "long_peak", "long_end", "bought", "sold"]
    bags = [sorted(map(str, found.positions.select(lots).to_pylist())) for found in (plain, hidden)]
    assert bags[0] == bags[1]
    assert one(plain)["count"] == one(hidden)["count"]
    assert not set(hidden.positions["account"].to_pylist()) & {"A", "B", "Z"}
    bad = OPENING.replace("4 2 1 0", "4 2 9 0")
    with pytest.raises(InputError) as caught:
        abtrade.scan(log, pseudonymise=key, **(options | {"positions": positions(bad)}))
    assert "'A'" not in str(caught.value)


def test_a_contract_of_no_known_exchange_is_a_problem_only_where_the_log_has_several(tmp_path):
    log, _ = day_of(trades("A buy open 1"))
    other = log.set_column(log.column_names.index("exchange"), "exchange",
                           pa.array(["SHFE", "XNYS"])) if "exchange" in log.column_names else (
        log.append_column("exchange", pa.array(["SHFE", "XNYS"])))
    unknown = positions("account contract long short\nA qq77 5 0\n")
    options = {"day": "2025-01-06", "rules": [rule(tmp_path, LONG)], "positions": unknown}
    one_exchange = log if "exchange" not in log.column_names else log.drop_columns(["exchange"])
    found = abtrade.scan(one_exchange, **options)
    assert [r["contract"] for r in found.positions.to_pylist() if r["long_opening"]] == ["qq77"]
    with pytest.raises(InputError, match="no table tells the exchange of 'qq77'"):
        abtrade.scan(other, **options)
