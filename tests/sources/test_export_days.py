"""The trading day of an export: of which day its rows are, and what is said of the others."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from small_files import files, opened
from test_vnpy import HEADER, order

from abtrade.errors import InputError
from abtrade.market.calendar import load_calendar
from abtrade.readers.exports.days import HOUR, Clique, DayFinder, Stamps

DCE: Clique = ("orders", "DCE")
SHFE: Clique = ("orders", "SHFE")
FRIDAY, MONDAY, TUESDAY = "2025-02-28", "2025-03-03", "2025-03-04"


def stamps(*times: str) -> Stamps:
    moments = [datetime.fromisoformat(time) for time in times]
    return Stamps(
        np.array([moment.toordinal() for moment in moments]),
        np.array([moment.hour * HOUR for moment in moments]),
    )


def found(usual: bool, given: str | None = None, **rows: Stamps) -> dict[str, list[str]]:
    """Return the days found for rows of orders at an exchange, DCE being in doubt."""
    day = None if given is None else date.fromisoformat(given)
    finder = DayFinder(load_calendar(), day, {DCE: usual})
    days, _ = finder.days({("orders", exchange): each for exchange, each in rows.items()})
    return {
        exchange: [date.fromordinal(int(day)).isoformat() for day in each]
        for (_, exchange), each in days.items()
    }


def test_evenings_and_small_hours_belong_to_the_next_trading_day() -> None:
    rows = stamps(f"{FRIDAY} 21:00", "2025-03-01 01:00", f"{MONDAY} 09:00", f"{MONDAY} 20:00")
    assert found(False, SHFE=rows) == {"SHFE": [MONDAY, MONDAY, MONDAY, TUESDAY]}


@pytest.mark.parametrize("usual", [True, False])
def test_other_rows_tell_how_evenings_are_dated(usual: bool) -> None:
    """Rows of the day's hours, or evenings of an exchange without doubt, whatever is usual."""
    by_day, by_calendar = stamps(f"{MONDAY} 21:00"), stamps(f"{FRIDAY} 21:00")
    for beside in (stamps(f"{MONDAY} 09:00"), stamps(f"{FRIDAY} 22:00")):
        assert found(usual, SHFE=beside, DCE=by_day)["DCE"] == [MONDAY]
        assert found(usual, SHFE=beside, DCE=by_calendar)["DCE"] == [MONDAY]


@pytest.mark.parametrize(("usual", "day"), [(True, MONDAY), (False, TUESDAY)])
def test_where_nothing_tells_it_is_as_usual(usual: bool, day: str) -> None:
    evening = stamps(f"{MONDAY} 21:00")
    assert found(usual, DCE=evening) == {"DCE": [day]}
    assert found(usual, given=MONDAY, DCE=evening) == {"DCE": [MONDAY]}
    assert found(usual, given=TUESDAY, DCE=evening) == {"DCE": [TUESDAY]}


def test_of_several_days_the_evenings_are_read_alike() -> None:
    evenings = stamps(f"{MONDAY} 21:00", f"{TUESDAY} 21:00")
    days = stamps(f"{MONDAY} 10:00", f"{TUESDAY} 10:00")
    assert found(False, SHFE=days, DCE=evenings)["DCE"] == [MONDAY, TUESDAY]


def test_several_days_are_refused_unless_one_is_picked(tmp_path: Path) -> None:
    orders = HEADER + order() + order(orderid="4", datetime=f"{TUESDAY} 09:00:00") + order(
        orderid="5", datetime=f"{MONDAY} 21:00:00"
    )  # fmt: skip
    paths = files(tmp_path, orders=orders)
    with pytest.raises(InputError, match=r"2025-03-03 \(1 rows\), 2025-03-04 \(2 rows\).*--day"):
        opened(paths)
    sources = opened(paths, day=TUESDAY)
    assert sum(source.rows or 0 for source in sources) == 2
    note = "vnpy: left out what is of other trading days than 2025-03-04: 2025-03-03 (1 rows)"
    assert note in sources[0].notes
    with pytest.raises(InputError, match="found no row of 2025-03-05; there is 2025-03-03"):
        opened(paths, day="2025-03-05")


def test_an_export_without_a_good_row_has_no_day(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no row that can be read.*row 1: direction: found '净'"):
        opened(files(tmp_path, orders=HEADER + order(direction="净")))
