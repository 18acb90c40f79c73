"""What messages cost, by brackets and by the OTR: edges, and a clerk who adds up one by one."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abtrade.market.contracts import load_contracts
from abtrade.market.fees import MILLIONTHS, Bracket, Schedule, load_fees
from abtrade.order_fees import Charge, charge

YUAN = MILLIONTHS


def schedule(*brackets: tuple[int, float, float], otr: float | None = 2, unfilled: bool = False):
    held = tuple(Bracket(a, round(r * YUAN), round(d * YUAN)) for a, r, d in brackets)
    at = None if otr is None else round(otr * MILLIONTHS)
    return Schedule("contract", held, at, unfilled, None, "made")


SHFE = schedule((0, 0, 0), (4000, 0.25, 0.5), (8000, 1.25, 2.5), (40000, 25, 50))


def charged(of: Schedule, messages: int, filled: int) -> dict[str, Any]:
    found = charge(of, np.array([messages], np.int64), np.array([filled], np.int64))
    return {name: getattr(found, name).item() for name in Charge.__dataclass_fields__}


# --- one subject in one contract -----------------------------------------------------------------


def test_the_day_at_shfe_that_cost_four_million():
    """59,600 FAK orders in bitumen without a fill, 2023-04-19."""
    day = date(2023, 4, 19)
    contracts = load_contracts(None, day)
    shipped = load_fees("shipped", contracts, day).of(contracts.facts("SHFE", "bu2306"))
    assert shipped is not None
    assert charged(shipped, 119_200, 0)["fee"] == 4_042_000 * YUAN
    assert 4_000 * 0.5 + 32_000 * 2.5 + 79_200 * 50 == 4_042_000


@pytest.mark.parametrize(
    ("messages", "fee", "above", "left", "next_message"),
    [
        (3_999, 0, 0, 1, 0),
        (4_000, 0, 0, 0, 0.5),
        (4_001, 0.5, 4_000, 3_999, 0.5),
        (8_000, 2_000, 4_000, 0, 2.5),
        (8_001, 2_002.5, 8_000, 31_999, 2.5),
        (40_000, 82_000, 8_000, 0, 50),
        (40_001, 82_050, 40_000, -1, 50),
    ],
)
def test_edges_of_brackets(messages, fee, above, left, next_message):
    found = charged(SHFE, messages, 0)
    assert (found["fee"], found["above"], found["messages_left"], found["next_message"]) == (
        fee * YUAN, above, left, next_message * YUAN,
    )  # fmt: skip


def test_the_dearer_rate_begins_above_the_otr_and_not_at_it():
    at, above = charged(SHFE, 6_000, 2_000), charged(SHFE, 6_001, 2_000)
    assert (at["is_dearer"], at["fee"], at["rate"]) == (False, 500 * YUAN, 0.25 * YUAN)
    assert (above["is_dearer"], above["fee"], above["rate"]) == (True, 1_000.5 * YUAN, 0.5 * YUAN)
    assert (at["next_rate"], above["next_rate"]) == (1.25 * YUAN, 2.5 * YUAN)


def test_one_more_message_may_make_all_of_them_dearer():
    found = charged(SHFE, 6_000, 2_000)
    assert found["next_message"] == (1_000.5 - 500) * YUAN


def test_an_otr_with_decimals_is_compared_exactly():
    fine = schedule((0, 1, 2), otr=0.1)
    assert not charged(fine, 11, 10)["is_dearer"]
    assert charged(fine, 12, 10)["is_dearer"]


def test_czce_takes_a_day_without_fills_for_dearer():
    plain, czce = schedule((0, 1, 2)), schedule((0, 1, 2), unfilled=True)
    assert (charged(plain, 3, 0)["fee"], charged(czce, 3, 0)["fee"]) == (3 * YUAN, 6 * YUAN)
    assert charged(czce, 3, 1)["fee"] == 3 * YUAN
    assert charged(czce, 0, 0)["fee"] == 0


def test_a_flat_fee_has_no_next_bracket():
    found = charged(schedule((0, 1, 1), otr=None), 7, 0)
    assert (found["fee"], found["next_message"]) == (7 * YUAN, YUAN)
    assert (found["messages_left"], found["next_rate"], found["is_dearer"]) == (-1, -1, False)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    starts = sorted({0, *draw(st.lists(st.integers(1, 60), max_size=3))})
    rates = st.integers(0, 3 * YUAN)
    brackets = []
    for above in starts:
        rate = draw(rates)
        brackets.append(Bracket(above, rate, rate + draw(rates)))
    otr = draw(st.none() | st.integers(0, 5 * MILLIONTHS))
    return Schedule("contract", tuple(brackets), otr, draw(st.booleans()), None, "made")


def one_by_one(of: Schedule, messages: int, filled: int) -> int:
    """Return the fee as a clerk adds it up, message after message."""
    otr = Fraction(messages, max(1, filled)) - 1
    dearer = of.otr is not None and (
        otr > Fraction(of.otr, MILLIONTHS) or (of.unfilled_is_dearer and not filled)
    )
    total = 0
    for number in range(1, messages + 1):
        bracket = [one for one in of.brackets if one.above < number][-1]
        total += bracket.dearer if dearer else bracket.rate
    return total


@given(schedules(), st.integers(1, 90), st.integers(0, 60))
def test_a_fee_is_what_its_messages_cost_one_by_one(of, messages, filled):
    found = charged(of, messages, filled)
    fee = one_by_one(of, messages, filled)
    assert found["fee"] == fee
    assert found["next_message"] == one_by_one(of, messages + 1, filled) - fee
    left = found["messages_left"]
    starts = [bracket.above for bracket in of.brackets]
    assert found["above"] == max(start for start in starts if start < messages)
    assert left == -1 if messages > starts[-1] else messages + left in starts
