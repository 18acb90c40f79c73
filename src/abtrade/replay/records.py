"""Alerts with the market around them, and moments, as JSON data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..wording import iso_time
from .moment import Fired, Moment, OwnOrder, PriceLevel
from .opened import Alarm, OpenedDay
from .said import price_text
from .session import Session
from .wanted import Wanted, contract_of

Record = dict[str, Any]


def records_of(session: Session, wanted: Wanted) -> Iterator[Record]:
    """Yield the alerts that are wanted in the order in which they fire, each with the market then.

    Where a time to stop at is wanted, what stands there comes last. The session goes through the
    contracts of these alerts.
    """
    opened, shown = session.opened, session.contract
    alarms = [alarm for alarm in opened.alarms if wanted.shows(alarm, opened)]
    places: dict[str | None, list[int]] = {}
    for number, alarm in enumerate(alarms):
        places.setdefault(_contract_of(alarm, opened), []).append(number)
    found: dict[int, Record] = {}
    for contract, numbers in places.items():
        if contract is not None:
            session.show(contract)
        for number in numbers:
            fired = alarms[number].fired
            moment = None if contract is None else _moment_of(session, fired)
            market = market_record(contract, moment)
            found[number] = _told(fired) | market | {"message": fired.message}
    yield from (found[number] for number in sorted(found))
    if wanted.until is not None:
        session.show(shown)
        wanted.place(session)
        session.seek_ts(wanted.until)
        yield {"moment": market_record(shown, session.moment())}


def _moment_of(session: Session, fired: Fired) -> Moment:
    """Return the moment at which an alert of the shown contract fired, its subject followed."""
    at = next(each.row for each in session.alerts if each.alert_id == fired.alert_id)
    session.follow(fired.subject)
    session.seek_row(session.rows if at is None else at)
    return session.moment()


def _contract_of(alarm: Alarm, opened: OpenedDay) -> str | None:
    """Return the contract that an alert is told with; None: it is of no single one."""
    is_of_one = alarm.contract is not None or alarm.fired.scope.startswith("contract:")
    return contract_of(opened, alarm) if is_of_one else None


def _told(fired: Fired) -> Record:
    return {
        "alert_id": fired.alert_id,
        "rule": fired.rule,
        "level": fired.level,
        "exchange": fired.subject.exchange,
        "subject": fired.subject.name,
        "subject_kind": fired.subject.kind,
        "scope": fired.scope,
        "count": fired.count,
        "at": None if fired.ts is None else iso_time(fired.ts),
    }


def market_record(contract: str | None, moment: Moment | None) -> Record:
    """Return what stood, all of it None where there is no moment."""
    if moment is None:
        names = ("ts", "seq", "row", "rows", "said", "phase", "book", "bid", "ask", "last", "own")
        return {"contract": contract, **dict.fromkeys(names)}
    last = next((each.price for each in moment.tape if each.price is not None), None)
    return {
        "contract": contract,
        "ts": None if moment.ts is None else iso_time(moment.ts),
        "seq": moment.seq,
        "row": moment.row,
        "rows": moment.rows,
        "said": moment.said,
        "phase": moment.phase,
        "book": moment.book,
        "bid": _best(moment.bids, moment.tick),
        "ask": _best(moment.asks, moment.tick),
        "last": None if last is None else price_text(last, moment.tick),
        "own": None if moment.subject is None else _own(moment),
    }


def _best(levels: tuple[PriceLevel, ...], tick: float | None) -> Record | None:
    if not levels:
        return None
    best = levels[0]
    return {"price": price_text(best.price, tick), "lots": best.lots, "orders": best.orders}


def _own(moment: Moment) -> Record:
    assert moment.subject is not None
    known = moment.book != "none"
    return {
        "subject": moment.subject.name,
        "subject_kind": moment.subject.kind,
        "bid_lots": _lots(moment, "buy") if known else None,
        "ask_lots": _lots(moment, "sell") if known else None,
        "orders": [_order(order, moment) for order in moment.orders] if known else None,
        "standings": [asdict(standing) for standing in moment.standings],
    }


def _lots(moment: Moment, side: str) -> int:
    return sum(order.lots for order in moment.orders if order.side == side)


def _order(order: OwnOrder, moment: Moment) -> Record:
    levels = moment.bids if order.side == "buy" else moment.asks
    prices = [level.price for level in levels]
    return {
        "order_id": order.order_id,
        "account": order.account,
        "side": order.side,
        "price": price_text(order.price, moment.tick),
        "lots": order.lots,
        "level": prices.index(order.price) + 1 if order.price in prices else None,
        "lots_before": order.lots_before,
        "since": iso_time(order.since),
        "incoming": order.incoming,
    }
