"""The books of order logs that others made: who matches by price and time fits to the last trade.

``ABTRADE_SAMPLE_LOGS`` names the folder they are in; none of them is part of this project.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import abtrade

FOLDER = os.environ.get("ABTRADE_SAMPLE_LOGS")
SEEN = {
    "abides_day": {"at_head": 37354},
    "pams_day": {"auction": 61, "at_head": 6155},
    "es_futures_day": {"auction": 35, "no_lots": 127, "not_best": 23, "not_first": 451,
                       "at_head": 5628, "crossed": 11},
}


@pytest.mark.parametrize("name", SEEN)
def test_trades_fit_the_books_as_the_page_says(name):
    if FOLDER is None:
        pytest.skip("ABTRADE_SAMPLE_LOGS names no folder of sample logs")
    path = Path(FOLDER, f"{name}.parquet")
    if not path.exists():
        pytest.skip(f"no {path}")
    core, *others = (
        abtrade.scan(path, rules=["shfe@2010-11-05"], day="2010-11-08", book=True, engine=engine)
        for engine in ("core", "reference")
        if engine == "core" or name != "abides_day"  # the reference takes half a minute for it
    )
    assert all(core.certificate == other.certificate for other in others)
    assert core.certificate["book"] == {"counts": SEEN[name], "begin_without_resting_orders": []}
    page = (Path(__file__).parents[2] / "docs/book.md").read_text(encoding="utf-8")
    assert all(f"{n:,}" in page for n in SEEN[name].values())
