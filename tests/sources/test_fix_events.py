"""Each kind of ExecutionReport becomes the event that it tells, once, on the order it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fix_log import bad, read, rows, write

import abtrade

TOLD = ("action", "order_id", "lots", "cancel_by")

NEW = "150=0 37=1 11=a 38=10 151=10 14=0"

CASES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "a new order, filled in part, cancelled on request": (
        f"""{NEW}
        150=F 37=1 11=a 38=10 151=6 14=4 32=4 31=70000
        150=4 37=1 11=b 41=a 38=10 151=0 14=4""",
        [("new", "1", 10, None), ("trade", "1", 4, None), ("cancel", "1", 6, "client")],
    ),
    "pending, status, done for day and cancel rejects are no events": (
        f"""150=A 37=NONE 11=a 38=10 151=10 14=0
        {NEW}
        150=6 37=1 11=b 41=a 38=10 151=10 14=0
        150=I 37=1 11=a 38=10 151=10 14=0
        35=9 37=1 11=b 41=a 39=0
        35=0
        150=3 37=1 11=a 38=10 151=0 14=0""",
        [("new", "1", 10, None)],
    ),
    "a reject is a reject, whether or not the order has an OrderID": (
        """150=8 37=NONE 11=a 38=10 151=0 14=0
        150=8 37=2 11=b 38=10 151=0 14=0""",
        [("reject", "a", None, None), ("reject", "2", None, None)],
    ),
    "the venue's reasons for a cancel": (
        "\n".join(
            f"150=0 37={at} 11=c{at} 38=1 151=1 14=0\n"
            f"150=4 37={at} 11=c{at} 38=1 151=0 14=0 378={reason}"
            for at, reason in enumerate(("17", "18", "19", "20", "12", "13", "6", "8", "2", "4"))
        ),
        [
            row
            for at, by in enumerate(
                ["self_match"] * 4 + ["disconnect"] * 2 + ["exchange"] * 2 + ["client", None]
            )
            for row in (("new", str(at), 1, None), ("cancel", str(at), 1, by))
        ],
    ),
    "a cancel that nobody asked for and nobody explains is unknown": (
        f"{NEW}\n150=4 37=1 11=a 38=10 151=0 14=0",
        [("new", "1", 10, None), ("cancel", "1", 10, None)],
    ),
    "an expired order": (
        f"{NEW}\n150=C 37=1 11=a 38=10 151=0 14=0",
        [("new", "1", 10, None), ("cancel", "1", 10, "expiry")],
    ),
    "the remainder of IOC and FOK orders, cancelled or expired, names nobody": (
        """150=0 37=1 11=a 38=10 151=10 14=0 59=3
        150=F 37=1 11=a 38=10 151=7 14=3 32=3 31=70000 59=3
        150=4 37=1 11=a 38=10 151=0 14=3 59=3
        150=0 37=2 11=b 38=5 151=5 14=0 59=4
        150=C 37=2 11=b 38=5 151=0 14=0""",
        [("new", "1", 10, None), ("trade", "1", 3, None), ("cancel", "1", 7, None),
         ("new", "2", 5, None), ("cancel", "2", 5, None)],
    ),
    "a remainder told before the fills it leaves out": (
        """150=0 37=1 11=a 38=10 151=10 14=0 59=3
        150=4 37=1 11=a 38=10 151=0 14=3 59=3
        150=F 37=1 11=a 38=10 151=0 14=3 32=3 31=70000 59=3""",
        [("new", "1", 10, None), ("cancel", "1", 7, None), ("trade", "1", 3, None)],
    ),
    "a cancel without CumQty takes off what was left before": (
        """150=0 37=1 11=a 38=10
        150=F 37=1 11=a 151=4 32=6 31=70000
        150=4 37=1 11=b 41=a""",
        [("new", "1", 10, None), ("trade", "1", 6, None), ("cancel", "1", 4, "client")],
    ),
    "an amend says what is left, and is no cancel": (
        f"""{NEW}
        150=F 37=1 11=a 38=10 151=8 14=2 32=2 31=70000
        150=E 37=1 11=b 41=a 38=6 151=4 14=2
        150=5 37=1 11=b 41=a 38=6 151=4 14=2 44=70010
        150=4 37=1 11=c 41=b 38=6 151=0 14=2""",
        [("new", "1", 10, None), ("trade", "1", 2, None), ("amend", "1", 4, None),
         ("cancel", "1", 4, "client")],
    ),
    "an order that goes on under another OrderID is followed by its ClOrdIDs": (
        f"""{NEW}
        150=5 37=2 11=b 41=a 38=12 151=12 14=0
        150=F 37=2 11=b 38=12 151=11 14=1 32=1 31=70000
        150=5 37=3 11=c 41=b 38=9 151=8 14=1
        150=4 37=3 11=d 41=c 38=9 151=0 14=1""",
        [("new", "1", 10, None), ("amend", "1", 12, None), ("trade", "1", 1, None),
         ("amend", "1", 8, None), ("cancel", "1", 8, "client")],
    ),
    "an order without OrderID is its first ClOrdID": (
        """150=0 37=NONE 11=a 38=3 151=3 14=0
        150=5 37=NONE 11=b 41=a 38=4 151=4 14=0
        150=4 37=NONE 11=c 41=b 38=4 151=0 14=0
        150=0 37=NONE 11=x 38=1 151=1 14=0""",
        [("new", "a", 3, None), ("amend", "a", 4, None), ("cancel", "a", 4, "client"),
         ("new", "x", 1, None)],
    ),
    "a report that is delivered again counts once": (
        f"""{NEW}
        150=F 37=1 11=a 38=10 151=9 14=1 32=1 31=70000 17=T1
        150=F 37=1 11=a 38=10 151=9 14=1 32=1 31=70000 17=T1 43=Y
        150=F 37=1 11=a 38=10 151=9 14=1 32=1 31=70000 17=T1 97=Y
        150=F 37=1 11=a 38=10 151=8 14=2 32=1 31=70000 17=T2""",
        [("new", "1", 10, None), ("trade", "1", 1, None), ("trade", "1", 1, None)],
    ),
    "a trade that is taken back never was": (
        f"""{NEW}
        150=F 37=1 11=a 38=10 151=9 14=1 32=1 31=70000 17=T1
        150=F 37=1 11=a 38=10 151=7 14=3 32=2 31=70000 17=T2
        150=H 37=1 11=a 38=10 151=8 14=2 19=T1""",
        [("new", "1", 10, None), ("trade", "1", 2, None)],
    ),
    "a corrected trade is as corrected, twice too": (
        f"""{NEW}
        150=F 37=1 11=a 38=10 151=9 14=1 32=1 31=70000 17=T1
        150=G 37=1 11=a 38=10 151=8 14=2 32=2 31=70010 17=G1 19=T1
        150=G 37=1 11=a 38=10 151=7 14=3 32=3 31=70010 17=G2 19=G1""",
        [("new", "1", 10, None), ("trade", "1", 3, None)],
    ),
    "an order of an earlier day is carried, and no new order": (
        """150=D 37=1 11=a 38=10 151=7 14=3 378=1 59=1
        150=4 37=1 11=b 41=a 38=10 151=0 14=3""",
        [("carried", "1", 7, None), ("cancel", "1", 7, "client")],
    ),
    "lots that the venue takes off are its cancel; a restatement of nothing is none": (
        f"""{NEW}
        150=D 37=1 11=a 38=10 151=6 14=0 378=5
        150=D 37=1 11=a 38=10 151=6 14=0 378=3""",
        [("new", "1", 10, None), ("cancel", "1", 4, "exchange")],
    ),
    "the same OrderID in another contract is another order": (
        f"{NEW}\n150=0 37=1 11=z 55=al2503 38=2 151=2 14=0\n150=4 37=1 11=y 41=a 38=10 151=0 14=0",
        [("new", "1", 10, None), ("new", "1", 2, None), ("cancel", "1", 10, "client")],
    ),
    "the fills of a combination's legs make that of the whole superfluous": (
        """150=0 37=1 11=a 55=SPD1 38=2 151=2 14=0 442=3
        150=F 37=1 11=a 55=SPD1 38=2 151=0 14=2 32=2 31=5 442=3
        150=F 37=1 11=a 55=cu2503 38=2 151=0 14=2 32=2 31=70000 442=2
        150=F 37=1 11=a 55=cu2504 38=2 151=0 14=2 32=2 31=70010 442=2 54=2
        150=0 37=2 11=b 55=SPD1 38=2 151=2 14=0 442=3
        150=F 37=2 11=b 55=SPD1 38=2 151=0 14=2 32=2 31=5 442=3""",
        [("new", "1", 2, None), ("trade", "1", 2, None), ("trade", "1", 2, None),
         ("new", "2", 2, None), ("trade", "2", 2, None)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_reports_become_events(name: str, tmp_path: Path):
    text, expected = CASES[name]
    sources = read(write(tmp_path / "day.fix", text))
    assert rows(sources, *TOLD) == expected
    assert bad(sources) == []


@pytest.mark.parametrize("version", ["4.2", "4.4", "5.0"])
def test_trades_of_each_version(version: str, tmp_path: Path):
    fill = {"4.2": ("1", "2")}.get(version, ("F", "F"))
    text = f"""{NEW} 20=0
        150={fill[0]} 37=1 11=a 20=0 38=10 151=6 14=4 32=4 31=70000
        150={fill[1]} 37=1 11=a 20=0 38=10 151=0 14=10 32=6 31=70010"""
    sources = read(write(tmp_path / "day.fix", text, version))
    assert rows(sources, "action", "lots", "price") == [
        ("new", 10, "70000"), ("trade", 4, "70000"), ("trade", 6, "70010")
    ]  # fmt: skip


def test_fix_42_takes_back_and_corrects_by_exec_trans_type(tmp_path: Path):
    text = f"""{NEW} 20=0
        150=1 37=1 11=a 20=0 38=10 151=6 14=4 32=4 31=70000 17=T1
        150=1 37=1 11=a 20=0 38=10 151=4 14=6 32=2 31=70000 17=T2
        150=1 37=1 11=a 20=1 38=10 151=8 14=2 32=4 31=70000 19=T1
        150=1 37=1 11=a 20=2 38=10 151=7 14=3 32=3 31=70000 19=T2
        150=1 37=1 11=a 20=3 38=10 151=7 14=3 32=0 31=0
        150=1 37=1 11=a 20=0 38=10 151=7 14=3 32=0 31=0
        150=1 37=1 11=a 20=1 38=10 151=7 14=3 32=9 31=0 19=T9"""
    sources = read(write(tmp_path / "day.fix", text, "4.2"))
    assert rows(sources, "action", "lots") == [("new", 10), ("trade", 3)]
    assert list(sources[0].notes)[:3] == [
        "trades left out because they were taken back later in the log: 1",
        "trades counted as they were corrected later in the log: 1",
        "busts and corrections of trades that are not in the log: 1",
    ]


def test_a_leg_is_filled_in_its_own_contract_and_may_meet_an_order_there(tmp_path: Path):
    text = """150=0 37=1 11=a 55=SPD1 38=2 151=2 14=0 442=3
        150=0 37=2 11=b 55=cu2504 38=2 151=2 14=0
        150=F 37=1 11=a 55=SPD1 38=2 151=0 14=2 32=2 31=5 442=3 880=W
        150=F 37=1 11=a 55=cu2503 38=2 151=0 14=2 32=2 31=70000 442=2 880=L1
        150=F 37=1 11=a 55=cu2504 38=2 151=0 14=2 32=2 31=70010 442=2 880=L2 54=2
        150=F 37=2 11=b 55=cu2504 38=2 151=0 14=2 32=2 31=70010 880=L2"""
    path = write(tmp_path / "day.fix", text)
    told = rows(read(path), "action", "contract", "order_contract", "trade_type", "order_type")
    assert told == [
        ("new", "SPD1", None, None, "combination"),
        ("new", "cu2504", None, None, "limit"),
        ("trade", "cu2503", "SPD1", "combination_leg", None),
        ("trade", "cu2504", "SPD1", "combination_leg", None),
        ("trade", "cu2504", None, None, None),
    ]
    result = abtrade.scan(path)
    counts = {row["contract"]: row["self_trades"] for row in result.tallies.to_pylist()}
    assert counts["cu2504"] == 1
    assert result.certificate["faults"]["one_sided_trade"] == 1  # the leg that met a stranger


@pytest.mark.parametrize(
    ("buy", "sell", "other", "faults"),
    [
        ("", "", "", {}),
        ("880=M", "", "", {}),
        ("1003=1", "1003=2", "", {}),
        ("880=M", "880=M", "880=N", {"one_sided_trade": 1}),
        ("880=M", "880=M", "", {"one_sided_trade": 1}),
    ],
)
def test_a_side_is_missing_only_where_an_id_tells_both(tmp_path: Path, buy, sell, other, faults):
    text = f"""150=0 37=1 11=a 38=1
        150=0 37=2 11=b 38=1 54=2
        150=0 37=3 11=c 38=1
        150=F 37=1 11=a 38=1 151=0 14=1 32=1 31=70000 {buy}
        150=F 37=2 11=b 38=1 151=0 14=1 32=1 31=70000 54=2 {sell}
        150=F 37=3 11=c 38=1 151=0 14=1 32=1 31=70000 {other}"""
    result = abtrade.scan(write(tmp_path / "day.fix", text), rules=["shfe"])
    assert result.certificate["faults"] == faults
    assert ("shfe.self_trade" in result.certificate["blind"]) is not bool(faults)


def test_codes_become_words(tmp_path: Path):
    text = """150=0 37=1 11=a 38=1 54=5 77=O 40=1 44= 59=0
        150=0 37=2 11=b 38=1 54=2 77=C 40=4 59=1
        150=0 37=3 11=c 38=1.000 54=1 77=F 40=P 59=5"""
    sources = read(write(tmp_path / "day.fix", text))
    assert rows(sources, "side", "offset", "order_type", "tif", "lots") == [
        ("sell", "open", "market", "gfd", 1),
        ("sell", "close", "stop", "gtc", 1),
        ("buy", None, None, None, 1),
    ]


def test_contracts_and_exchanges(tmp_path: Path):
    named = {
        "55=cu2503 207=XSGE": ("cu2503", "SHFE"),
        "55=cu 200=202503 207=XSGE": ("cu2503", "SHFE"),
        "55=SR 200=20250314 207=XZCE": ("SR503", "CZCE"),
        "55=m 200=202505 201=1 202=2950.0 207=XDCE": ("m2505-C-2950", "DCE"),
        "55=cu 200=202503 201=0 202=46000 207=XSGE": ("cu2503P46000", "SHFE"),
        "55=IO 200=202505 201=0 202=4000 207=CCFX": ("IO2505-P-4000", "CFFEX"),
        "55=ES 48=ESH5 22=8 207= 100=XCME": ("ESH5", "XCME"),
        "55=[N/A] 48=123 22=4 207= 30=XEUR": ("123", "XEUR"),
        "55=FGBL 207=": ("FGBL", None),
    }
    text = "\n".join(f"150=0 37={at} 11=c{at} 38=1 {one}" for at, one in enumerate(named))
    sources = read(write(tmp_path / "day.fix", text))
    assert rows(sources, "contract", "exchange") == list(named.values())


def test_self_trades_are_seen_where_both_sides_share_an_id(tmp_path: Path):
    text = """150=0 37=1 11=a 38=9 151=9 14=0
        150=0 37=2 11=b 38=9 151=9 14=0 54=2
        150=F 37=1 11=a 38=9 151=4 14=5 32=5 31=70000 {id}=M1
        150=F 37=2 11=b 38=9 151=4 14=5 32=5 31=70000 54=2 {id}={twin}"""
    for tag, twin, expected in (("880", "M1", 1), ("1003", "M1", 1), ("880", "M2", None)):
        path = write(tmp_path / "day.fix", text.format(id=tag, twin=twin))
        result = abtrade.scan(path)
        assert result.tallies["self_trades"].to_pylist() == [expected]
        assert result.tallies["filled_orders"].to_pylist() == [2]
    assert "self-trades are not seen" in " ".join(result.notes)


def test_an_id_of_several_trades_is_told_apart_by_lots_and_price(tmp_path: Path):
    """An order that meets two others at once: all that is one match event to the venue."""
    text = """150=0 37=1 11=a 38=5 151=5 14=0 54=2
        150=0 37=2 11=b 38=4 151=4 14=0 54=2
        150=0 37=3 11=c 38=9 151=9 14=0
        150=F 37=3 11=c 38=9 151=4 14=5 32=5 31=70000 880=M1
        150=F 37=1 11=a 38=5 151=0 14=5 32=5 31=70000 54=2 880=M1
        150=F 37=3 11=c 38=9 151=0 14=9 32=4 31=70000 880=M1
        150=F 37=2 11=b 38=4 151=0 14=4 32=4 31=70000 54=2 880=M1"""
    result = abtrade.scan(write(tmp_path / "day.fix", text))
    assert result.tallies["self_trades"].to_pylist() == [2]
    assert result.tallies["self_trade_orders"].to_pylist() == [1]
    assert result.certificate["verdict"] == "complete"
