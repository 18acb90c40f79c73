"""Orders of a FIX log: each report put to its order, and the canonical row that comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from .report import Report
from .trades import LEG, WHOLE, is_superfluous, orders_filled_in_legs
from .words import cancelled_by

COLUMNS: Final = (
    "exchange", "ts", "contract", "action", "order_id", "account", "member", "side", "offset",
    "order_type", "tif", "price", "lots", "trade_id", "order_contract", "trade_type", "cancel_by",
)  # fmt: skip

Row = tuple[Any, ...]
"""Cells of COLUMNS."""


@dataclass(slots=True)
class Order:
    """What is known of an order so far."""

    number: str  # OrderID, or the first ClOrdID of an order that has none
    has_number: bool
    contract: str
    exchange: str | None
    left: int | None
    tif: str | None


class Orders:
    """The orders of a log, as its reports come one after the other."""

    def __init__(self, reports: Sequence[Report | None]) -> None:
        self.notes: Counter[str] = Counter()
        self._by_number: dict[tuple[str, str], Order] = {}
        self._by_client_id: dict[tuple[str, str, str], Order] = {}
        self._combinations: dict[str, Order] = {}  # by OrderID alone
        self._in_legs = orders_filled_in_legs(reports)

    def row(self, report: Report) -> Row | None:
        """Return what a report says as a row, None where it says nothing that is counted."""
        if report.kind == "trade" and report.leg == LEG:
            return self._leg(report)
        if is_superfluous(report, self._in_legs):
            self.notes["fills of whole combinations left out, for those of their legs count"] += 1
            return None
        order = self._find(report)
        known = order is not None
        if order is None:
            order = _opened(report)
        self._link(report, order)
        match report.kind:
            case "new":
                order.tif, order.left = report.tif, _first(report.size, report.left)
                price, lots = report.price, order.left
            case "trade":
                order.left = _first(report.left, _less(order.left, report.last))
                price, lots = report.last_price, report.last
            case "amend":
                order.left = _first(report.left, _less(report.size, report.filled))
                price, lots = report.price, order.left
            case "reject":
                price, lots = None, None
            case "restated":
                return self._restated(report, order, known)
            case _:
                return self._cancel(report, order)
        return _row(report, order, report.kind, price, lots)

    def _find(self, report: Report) -> Order | None:
        """Return the order of a report: by OrderID, else by the chain of its ClOrdIDs.

        A replaced order may go on under another OrderID, one that was pending gets one.
        """
        if report.order_id is not None:
            found = self._by_number.get((report.contract, report.order_id))
            if found is not None:
                return found
        for client_id in (report.client_id, report.original_id):
            found = self._by_client_id.get((report.contract, report.side, client_id or ""))
            if found is not None and (
                report.order_id is None or report.kind == "amend" or not found.has_number
            ):
                return found
        return None

    def _link(self, report: Report, order: Order) -> None:
        if report.order_id is not None:
            self._by_number[report.contract, report.order_id] = order
            if report.leg == WHOLE:
                self._combinations[report.order_id] = order
        if report.client_id:
            self._by_client_id[report.contract, report.side, report.client_id] = order

    def _leg(self, report: Report) -> Row:
        """Return the fill of a combination's leg, in the leg's contract."""
        order = self._combinations.get(report.order_id or "") or _opened(report)
        report.trade_type = "combination_leg"
        return _row(report, order, "trade", report.last_price, report.last)

    def _cancel(self, report: Report, order: Order) -> Row:
        """Return a cancel: of what was left, by the reports before it and by its own account."""
        by_itself = _less(_less(report.size, report.filled), report.left)
        told = [lots for lots in (_less(order.left, report.left), by_itself) if lots is not None]
        lots = max(min(told), 0) if told else None
        order.left = _first(report.left, 0)
        return _row(report, order, "cancel", None, lots, self._canceller(report, order))

    def _canceller(self, report: Report, order: Order) -> str | None:
        """Return who cancelled; nobody is named for the remainder of a FAK or FOK order."""
        if report.reason is not None:
            return cancelled_by(report.reason)
        if (order.tif or report.tif) in ("fak", "fok"):
            return None
        if report.kind == "expiry":
            return "expiry"
        return "client" if report.original_id else None

    def _restated(self, report: Report, order: Order, known: bool) -> Row | None:
        """Return an order of an earlier day as carried, and lots that the venue took off."""
        if not known:
            order.left, order.tif = report.left, report.tif
            return _row(report, order, "carried", report.price, report.left)
        taken = _less(order.left, report.left)
        if not taken or taken < 0:
            self.notes["restatements that take nothing off an order, left out"] += 1
            return None
        order.left = report.left
        return _row(report, order, "cancel", None, taken, cancelled_by(report.reason or "8"))


def _opened(report: Report) -> Order:
    number = report.order_id or report.client_id or ""
    has_number = report.order_id is not None
    return Order(number, has_number, report.contract, report.exchange, None, None)


def _row(
    report: Report,
    order: Order,
    action: str,
    price: str | None,
    lots: int | None,
    cancel_by: str | None = None,
) -> Row:
    is_new = action in ("new", "carried")
    is_leg = report.contract != order.contract
    return (
        order.exchange,
        report.ts,
        report.contract,
        action,
        order.number,
        report.account,
        report.member,
        None if is_leg else report.side,  # a leg may be sold by an order that buys
        report.offset,
        report.order_type if is_new else None,
        report.tif if is_new else None,
        price,
        lots,
        report.trade_id if action == "trade" else None,
        order.contract if is_leg else None,
        report.trade_type if action == "trade" else None,
        cancel_by,
    )


def _first(*numbers: int | None) -> int | None:
    """Return the first number that is there."""
    return next((number for number in numbers if number is not None), None)


def _less(number: int | None, taken: int | None) -> int | None:
    """Return a number less what was taken; what nobody tells is taken for nothing."""
    return None if number is None else number - (taken or 0)
