"""Moment: what stood in a contract after so many of its rows, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is judged: an account, a client or a group."""

    kind: str  # account, client, group
    name: str
    exchange: str


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """A price of the book and what rests there."""

    price: int  # ticks
    lots: int
    orders: int
    own_lots: int  # of them the followed subject's
    own_orders: int


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order of the followed subject that has lots left in the book."""

    order_id: str
    account: str
    side: str  # buy, sell
    price: int  # ticks
    lots: int  # left
    lots_before: int  # in its queue
    since: int  # ns, when it came in
    incoming: bool  # it stands outside the queues: it is trading


@dataclass(frozen=True, slots=True)
class Print:
    """A trade of the tape."""

    row: int  # of the contract, from 1: how many rows stand once it is applied
    seq: int
    ts: int
    price: int | None  # ticks
    lots: int
    side: str | None  # of the incoming order
    own: str | None  # bought, sold: the followed subject's side of it; both: a self-trade


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule's count stood for the followed subject in the contract."""

    rule: str
    about: str  # the count as it is written: cancels, large_cancels@300
    count: int
    gross: int
    yellow: int | None  # from which count on
    red: int | None
    level: str | None  # reached so far: yellow, red


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert at the row that reached its highest level, or the end of the day."""

    alert_id: str
    rule: str
    level: str
    subject: Subject
    scope: str
    count: int | float
    seq: int | None
    ts: int | None  # None: known at the end of the day only
    row: int | None  # of the shown contract; None: of another, or of none
    message: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The state after ``row`` rows of the contract."""

    exchange: str
    contract: str
    row: int
    rows: int
    seq: int | None  # of the last row that stands; None before the first
    ts: int | None  # of the log's clock: the latest time up to that row
    said: str  # the last row in a few words: new buy 5 @ 70000
    phase: str | None
    tick: float | None  # None: prices are in millionths
    bids: tuple[PriceLevel, ...]  # best first
    asks: tuple[PriceLevel, ...]
    tape: tuple[Print, ...]  # the latest first
    prices: tuple[tuple[int, int, int], ...]  # of the price line: ts, lowest, highest; to here
    subject: Subject | None
    orders: tuple[OwnOrder, ...]
    standings: tuple[Standing, ...]
    fired: tuple[Fired, ...]  # so far, the latest first
    state_hash: int | None  # where it was asked for
    book: str = "whole"  # broker: of one broker's orders; none: the log tells of no book
