"""Files that are not of one log, given as one: refused, each named with what it seems to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from ctp_files import order, saved, trade
from fix_log import write

import abtrade
from abtrade.errors import InputError

LOG = (
    "seq,ts,action,order_id,account,contract,exchange,side,price,lots\n"
    "1,2025-02-18 09:00:00,new,1,A,rb2505,SHFE,buy,3000,1\n"
)
FIX = "150=0 37=1 11=a 38=3 151=3 14=0"


def test_a_folder_of_a_log_and_other_things(tmp_path: Path):
    (tmp_path / "accounts.csv").write_text("account,client\nA,C\n")
    saved(tmp_path / "orders.csv", [order()])
    saved(tmp_path / "trades.csv", [trade()])
    write(tmp_path / "x.fix", FIX)
    with pytest.raises(InputError) as error:
        abtrade.scan(tmp_path)
    first, *others = str(error.value).splitlines()
    assert first == (
        "found files that are not of one log; give those of one alone, other tables by their "
        f"options; `abtrade sniff {tmp_path}` tells more"
    )
    assert others == [
        f"{tmp_path}/accounts.csv: seems no order log: it has 'account', 'client'",
        f"{tmp_path}/orders.csv: seems CTP's structures, orders",
        f"{tmp_path}/trades.csv: seems CTP's structures, trades",
        f"{tmp_path}/x.fix: seems FIX drop copy, messages",
    ]
    assert abtrade.scan([tmp_path / "orders.csv", tmp_path / "trades.csv"]).certificate["day"]


def test_a_canonical_log_beside_another(tmp_path: Path):
    (tmp_path / "day.csv").write_text(LOG)
    write(tmp_path / "x.fix", FIX)
    with pytest.raises(InputError, match=r"day\.csv: seems an order log\n.*x\.fix: seems FIX"):
        abtrade.scan(tmp_path)


def test_a_log_that_lacks_a_column_is_told_that(tmp_path: Path):
    (tmp_path / "day.csv").write_text(LOG)
    (tmp_path / "late.csv").write_text(LOG.replace("lots", "size"))
    with pytest.raises(InputError, match="column 'lots' is missing") as error:
        abtrade.scan(tmp_path)
    assert "not of one log" not in str(error.value)
