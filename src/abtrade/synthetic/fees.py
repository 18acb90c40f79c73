"""Order fees of a made-up day: what a message costs in which contract, and the table of that.

Brackets stand at small numbers, so that a story need not be long. The table has rows of other days
besides, as that of limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from .contracts import Contract

COLUMNS: Final = (
    "exchange", "contract", "product", "kind", "above", "rate", "rate_above_otr", "otr",
    "unfilled", "from", "to", "source",
)  # fmt: skip


class Bracket(NamedTuple):
    """Yuan a message, from the one after ``above`` on."""

    above: int
    rate: Decimal
    dearer: Decimal


class Schedule(NamedTuple):
    """Brackets, and the order-to-trade ratio above which the dearer rates hold."""

    brackets: tuple[Bracket, ...]
    otr: Decimal | None = None
    unfilled_is_dearer: bool = False


OF_QUIET: Final = Schedule(
    (
        Bracket(0, Decimal(0), Decimal(0)),
        Bracket(100, Decimal("0.25"), Decimal("0.5")),
        Bracket(200, Decimal("1.25"), Decimal("2.5")),
    ),
    otr=Decimal(2),
)
"""Of an exchange's quiet product."""

OF_SECOND: Final = Schedule(
    (
        Bracket(0, Decimal("0.01"), Decimal("0.02")),
        Bracket(150, Decimal("0.123457"), Decimal("0.654321")),
    ),
    otr=Decimal(300),
    unfilled_is_dearer=True,
)
"""Of the second contract of that product, by its name."""

OF_ALL: Final = Schedule((Bracket(0, Decimal(1), Decimal(1)),))
"""Of all other futures that have an order fee."""

ANOTHER_DAY: Final = Schedule((Bracket(0, Decimal(9), Decimal(9)),))
"""Of days before and after: whoever goes by it bills everybody."""


def schedules_of(contracts: Sequence[Contract]) -> list[Schedule | None]:
    """Return what holds for each contract, None where it has no order fee."""
    second = _second_quiet(contracts)
    return [
        None if not each.order_fee
        else OF_SECOND if each in second
        else OF_QUIET if each.quiet
        else OF_ALL
        for each in contracts
    ]  # fmt: skip


def fee(schedule: Schedule, messages: int, filled: int) -> Decimal:
    """Return what so many messages cost, message after message, with so many filled orders."""
    total = Decimal(0)
    dearer = is_dearer(schedule, messages, filled)
    for nth in range(1, messages + 1):
        bracket = [each for each in schedule.brackets if each.above < nth][-1]
        total += bracket.dearer if dearer else bracket.rate
    return total


def is_dearer(schedule: Schedule, messages: int, filled: int) -> bool:
    """Return whether messages are too many for the filled orders."""
    if schedule.otr is None or not messages:
        return False
    if not filled and schedule.unfilled_is_dearer:
        return True
    return messages - max(1, filled) > schedule.otr * max(1, filled)


def fee_rows(day: date, contracts: Sequence[Contract]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table, cells as ``COLUMNS``."""
    for exchange in dict.fromkeys(each.exchange for each in contracts):
        yield from _dated(day, (exchange, "", "", "future"), OF_ALL)
    for each in _second_quiet(contracts):
        yield from _dated(day, (each.exchange, each.name, "", ""), OF_SECOND)
    for exchange, product in dict.fromkeys(
        (each.exchange, each.product) for each in contracts if each.quiet
    ):
        yield from _dated(day, (exchange, "", product, ""), OF_QUIET)


def _second_quiet(contracts: Sequence[Contract]) -> list[Contract]:
    """Return the second quiet contract of each exchange."""
    quiet = [each for each in contracts if each.quiet and not each.still]
    exchanges = dict.fromkeys(each.exchange for each in quiet)
    return [[each for each in quiet if each.exchange == name][1] for name in exchanges]


def _dated(
    day: date, about: tuple[str, ...], schedule: Schedule
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the day, between those of other days."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    for held, start, end in (
        (ANOTHER_DAY, "2020-01-02", before), (schedule, day, day), (ANOTHER_DAY, after, ""),
    ):  # fmt: skip
        for above, rate, dearer in held.brackets:
            told = ("", "") if held.otr is None else (dearer, held.otr)
            unfilled = "dearer" if held.unfilled_is_dearer else ""
            yield (*about, above, rate, *told, unfilled, start, end, "made up")
