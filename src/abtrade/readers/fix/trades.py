"""Trades of a FIX log: taken back, corrected, and the id that both sides of one share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from .report import Report

LEG: Final = "2"
WHOLE: Final = "3"
"""MultiLegReportingType (442) of a fill: of a combination's leg, or of all of it."""


def orders_filled_in_legs(reports: Iterable[Report | None]) -> frozenset[str | None]:
    """Return the OrderIDs of combinations whose fills are told leg by leg."""
    return frozenset(
        one.order_id for one in reports
        if one is not None and one.kind == "trade" and one.leg == LEG
    )  # fmt: skip


def is_superfluous(report: Report, in_legs: frozenset[str | None]) -> bool:
    """Whether a report tells the fill of a whole combination that is told leg by leg too."""
    return report.kind == "trade" and report.leg == WHOLE and report.order_id in in_legs


def settled(reports: Sequence[Report]) -> tuple[list[Report | None], list[str]]:
    """Return the reports with each trade as it was in the end, None for one that was taken back.

    A correction's lots and price stand where the trade stood. Reports of corrections and busts
    themselves are None too. With it come notes on what was done.
    """
    kept: list[Report | None] = list(reports)
    trades = {(r.contract, r.side, r.exec_id): at for at, r in enumerate(reports)
              if r.kind == "trade"}  # fmt: skip
    done: Counter[str] = Counter()
    for at, report in enumerate(reports):
        if report.kind not in ("bust", "correction"):
            continue
        kept[at] = None
        found = trades.get((report.contract, report.side, report.exec_ref or ""))
        trade = None if found is None else kept[found]
        if found is None or trade is None:
            done["lost"] += 1
            continue
        done[report.kind] += 1
        if report.kind == "bust":
            kept[found] = None
        else:
            trade.last = trade.last if report.last is None else report.last
            trade.last_price = report.last_price or trade.last_price
            trades[report.contract, report.side, report.exec_id] = found
    return kept, [text.format(done[what]) for what, text in _NOTES.items() if done[what]]


_NOTES = {
    "bust": "trades left out because they were taken back later in the log: {}",
    "correction": "trades counted as they were corrected later in the log: {}",
    "lost": "busts and corrections of trades that are not in the log: {}",
}


def share_ids(trades: Sequence[Report]) -> list[str]:
    """Give trades the id that both sides of one have, None to all where the log has no such id.

    That is TrdMatchID (880), else TradeID (1003): whichever stands on reports of both sides. An id
    of several trades, as of all that an order met at once, is told apart by lots and price.
    Returns notes.
    """
    by_match = _by_id(trades, [trade.match_id for trade in trades])
    by_trade = _by_id(trades, [trade.trade_id for trade in trades])
    for trade in trades:
        trade.trade_id = None
    for name, groups in (("TrdMatchID (880)", by_match), ("TradeID (1003)", by_trade)):
        if any(len({trade.side for trade in group}) == 2 for group in groups.values()):
            for (_, number), group in groups.items():
                _name(number, group)
            return [f"the two sides of a trade are told by {name}"]
    if not trades:
        return []
    return [
        "no TrdMatchID (880) or TradeID (1003) stands on both sides of a trade: whether the two "
        "share one cannot be told, and self-trades are not seen"
    ]


def _by_id(
    trades: Sequence[Report], ids: Sequence[str | None]
) -> dict[tuple[str, str], list[Report]]:
    groups: dict[tuple[str, str], list[Report]] = defaultdict(list)
    for trade, number in zip(trades, ids, strict=True):
        if number:
            groups[trade.contract, number].append(trade)
    return groups


def _name(number: str, group: list[Report]) -> None:
    """Give the trades of one id that id; of a third and more, each pair an id of its own."""
    if len(group) <= 2:
        for trade in group:
            trade.trade_id = number
        return
    waiting: dict[tuple[str, int | None, str | None], list[str]] = defaultdict(list)
    made = 0
    for trade in group:
        other = "sell" if trade.side == "buy" else "buy"
        twins = waiting[other, trade.last, trade.last_price]
        if twins:
            trade.trade_id = twins.pop(0)
            continue
        made += 1
        trade.trade_id = number if made == 1 else f"{number}/{made}"
        waiting[trade.side, trade.last, trade.last_price].append(trade.trade_id)
