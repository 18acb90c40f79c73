"""What each subject pays in order fees (申报费), and how far it is from paying more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import outputs, schema
from .batch import Int64
from .counts import DayCounts
from .day_tables import rank_of
from .market.fees import MILLIONTHS, MOST, OrderFees, Schedule
from .plan import ContractFacts
from .roster import Roster
from .subjects import Subjects

Flags = npt.NDArray[np.bool_]
_MOST_MESSAGES: Final = (1 << 63) // (MOST * MILLIONTHS) // 2
"""Of one subject, so that no sum leaves 64 bits: 461 million."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What subjects pay under one schedule, (n,) of each; in millionths of a yuan."""

    fee: Int64
    is_dearer: Flags
    above: Int64  # of the bracket that the last message is in
    rate: Int64  # of the last message
    messages_left: Int64  # before the next bracket begins; -1 where there is none
    next_rate: Int64  # in the next bracket; -1 where there is none
    next_message: Int64  # what one more message costs that leads to no fill


def charge(schedule: Schedule, messages: Int64, filled: Int64) -> Charge:
    """Return what messages cost under a schedule, exactly.

    messages, filled : (n,) whole numbers, filled those of orders with at least one fill
    """
    assert messages.max(initial=0) < _MOST_MESSAGES, "more messages than a day can have"
    above, rate, dearer = np.array(schedule.brackets, np.int64).T
    is_dearer = _is_dearer(schedule, messages, filled)
    at = np.maximum(np.searchsorted(above, messages, "left") - 1, 0)
    is_last = at == len(above) - 1
    after = np.minimum(at + 1, len(above) - 1)
    fee = _fee(schedule, messages, is_dearer)
    one_more = messages + 1
    return Charge(
        fee=fee,
        is_dearer=is_dearer,
        above=above[at],
        rate=np.where(is_dearer, dearer[at], rate[at]),
        messages_left=np.where(is_last, -1, above[after] - messages),
        next_rate=np.where(is_last, -1, np.where(is_dearer, dearer[after], rate[after])),
        next_message=_fee(schedule, one_more, _is_dearer(schedule, one_more, filled)) - fee,
    )


def _is_dearer(schedule: Schedule, messages: Int64, filled: Int64) -> Flags:
    """Whether messages / max(1, filled) - 1 is above the schedule's OTR: (n,)."""
    if schedule.otr is None:
        return np.zeros(len(messages), np.bool_)
    above = messages * MILLIONTHS > (schedule.otr + MILLIONTHS) * np.maximum(1, filled)
    if schedule.unfilled_is_dearer:
        above |= (filled == 0) & (messages > 0)
    return above


def _fee(schedule: Schedule, messages: Int64, is_dearer: Flags) -> Int64:
    total = np.zeros(len(messages), np.int64)
    ends = [bracket.above for bracket in schedule.brackets[1:]]
    for bracket, end in zip(schedule.brackets, [*ends, np.iinfo(np.int64).max], strict=True):
        within = np.clip(messages, bracket.above, end) - bracket.above
        total += within * np.where(is_dearer, bracket.dearer, bracket.rate)
    return total


# --- the table of a day --------------------------------------------------------------------------


def fees_table(
    counts: DayCounts, roster: Roster, subjects: Subjects, fees: OrderFees, day: date
) -> pa.Table:
    """Return a row per subject and scope with messages where brackets are known.

    A suspected group has a row, and so has each of its clients by itself.
    """
    units = _Units(roster, fees)
    judge, unit, sums = _in_order(
        roster, units, *_sums(counts, roster, units, _of_makers(counts, roster, subjects))
    )
    rows = len(judge)
    found: dict[str, Int64] = {
        name: np.zeros(rows, np.int64) for name in Charge.__dataclass_fields__
    }
    for alike in units.alike():
        here = np.flatnonzero(np.isin(units.schedule[unit], alike))
        charged = charge(units.schedules[alike[0]], sums[here, 0], sums[here, 1])
        for name, values in found.items():
            values[here] = getattr(charged, name)
    messages, filled, exempt = sums.T
    columns: dict[str, Any] = {
        "day": pa.array([day], pa.date32()).take(pa.array(np.zeros(rows, np.int64))),
        **_who(roster, judge),
        "scope": pa.array(units.texts, pa.string()).take(pa.array(unit)),
        "messages": messages,
        "exempt_messages": exempt,
        "filled_orders": filled,
        "otr": np.where(messages > 0, messages / np.maximum(1, filled) - 1, np.nan),
        "dearer": found["is_dearer"].astype(np.bool_),
        "fee": _yuan(found["fee"]),
        "bracket_above": found["above"],
        "rate": _yuan(found["rate"]),
        "messages_left": _known(found["messages_left"]),
        "next_rate": _yuan(found["next_rate"]),
        "next_message": _yuan(found["next_message"]),
        "status": _of_unit([one.status for one in units.schedules], units, unit),
        "source": _of_unit([one.source for one in units.schedules], units, unit),
    }
    return outputs.table_of(outputs.FEES, columns)


class _Units:
    """What messages add up over: a contract, a series, or all options on an underlying."""

    def __init__(self, roster: Roster, fees: OrderFees) -> None:
        self.texts: list[str] = []  # by unit, as written
        self.keys: list[tuple[str, str, str]] = []  # exchange, text, source: what units go by
        self.schedules: list[Schedule] = []
        self.of_contract = np.full(len(roster.facts), -1, np.int64)
        schedule_of: list[int] = []  # by unit
        numbers: dict[Schedule, int] = {}
        units: dict[tuple[str, str, int], int] = {}
        for contract, facts in enumerate(roster.facts):
            schedule = fees.of(facts)
            if schedule is None:
                continue
            number = numbers.setdefault(schedule, len(numbers))
            text = _scope(schedule, facts)
            unit = units.setdefault((facts.exchange, text, number), len(units))
            if unit == len(schedule_of):
                schedule_of.append(number)
                self.texts.append(text)
                self.keys.append((facts.exchange, text, schedule.source))
            self.of_contract[contract] = unit
        self.schedules = list(numbers)
        self.schedule = np.array(schedule_of, np.int64)

    def alike(self) -> list[list[int]]:
        """Return the schedules by number, those together that charge the same."""
        found: dict[object, list[int]] = {}
        for number, one in enumerate(self.schedules):
            charges = (one.brackets, one.otr, one.unfilled_is_dearer)
            found.setdefault(charges, []).append(number)
        return list(found.values())


def _scope(schedule: Schedule, facts: ContractFacts) -> str:
    """Return what a contract's messages add up over; what is not known of it stands for itself."""
    if schedule.scope == "series" and facts.series is not None:
        return f"series:{facts.series}"
    if schedule.scope == "underlying" and facts.underlying is not None:
        return f"underlying:{facts.underlying}"
    return f"contract:{facts.contract}"


def _of_makers(counts: DayCounts, roster: Roster, subjects: Subjects) -> Flags:
    """Whether a cell is of a market maker in the contract's product: (cells,)."""
    cells = counts.cells
    found = np.zeros(len(cells.account), np.bool_)
    if not subjects.has_market_makers:
        return found
    by_product: dict[str | None, list[int]] = {}
    for contract, facts in enumerate(roster.facts):
        by_product.setdefault(facts.product, []).append(contract)
    names = roster.names
    for account, (exchange, name) in enumerate(names.accounts):
        products = subjects.market_products(names.exchanges[exchange], name)
        if made := [one for product in products for one in by_product.get(product, ())]:
            found |= (cells.account == account) & np.isin(cells.contract, made)
    return found


def _sums(
    counts: DayCounts, roster: Roster, units: _Units, of_makers: Flags
) -> tuple[Int64, Int64, Int64]:
    """Return judge, unit and (messages, filled orders, exempt messages): (n,), (n,), (n, 3)."""
    cells = counts.cells
    unit = units.of_contract[cells.contract]
    width = len(units.texts) + 1
    messages, filled = (
        cells.of(schema.CELL_COUNTS.index(name)) for name in ("messages", "filled_orders")
    )
    amounts = np.stack(
        [np.where(of_makers, 0, messages), np.where(of_makers, 0, filled),
         np.where(of_makers, messages, 0)], axis=1,
    )  # fmt: skip
    keys, rows = [], []
    for judged in (roster.subjects(), roster.alone()):
        judge = judged[cells.account].astype(np.int64)
        here = np.flatnonzero((judge >= 0) & (unit >= 0))
        keys.append(judge[here] * width + unit[here])
        rows.append(here)
    found, at = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.zeros((len(found), 3), np.int64)
    np.add.at(sums, at, amounts[np.concatenate(rows)])
    busy = (sums[:, 0] + sums[:, 2]) > 0
    return found[busy] // width, found[busy] % width, sums[busy]


def _who(roster: Roster, judge: Int64) -> dict[str, pa.Array]:
    """Return the columns that say who a subject is: (n,) of each."""
    exchanges = roster.names.exchanges
    told = {
        "exchange": [exchanges[exchange] for exchange, _, _ in roster.judged],
        "subject": [name for _, _, name in roster.judged],
        "subject_kind": [kind for _, kind, _ in roster.judged],
        "group_status": [roster.status.get(one) for one in range(len(roster.judged))],
    }
    return {
        name: pa.array(texts, pa.string()).take(pa.array(judge)) for name, texts in told.items()
    }


def _in_order(
    roster: Roster, units: _Units, judge: Int64, unit: Int64, sums: Int64
) -> tuple[Int64, Int64, Int64]:
    """Return rows in the order of ``outputs.SORT_KEYS``."""
    by_unit = rank_of(units.keys)
    by_judge = rank_of([(kind, name) for _, kind, name in roster.judged])
    order = np.lexsort((by_judge[judge], by_unit[unit]))
    return judge[order], unit[order], sums[order]


def _of_unit(texts: list[str | None], units: _Units, unit: Int64) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(units.schedule[unit]))


def _known(numbers: Int64) -> pa.Array:
    """Return whole numbers, null where -1 stands."""
    return pa.array(numbers, pa.int64(), mask=numbers < 0)


def _yuan(millionths: Int64) -> pa.Array:
    """Return yuan as decimals, null where -1 stands."""
    words = np.zeros((len(millionths), 2), np.int64)  # of 128 bits, the lower first
    words[:, 0] = np.maximum(millionths, 0)
    known = np.packbits(millionths >= 0, bitorder="little")
    buffers = [pa.py_buffer(known.tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(outputs.YUAN, len(millionths), buffers)
