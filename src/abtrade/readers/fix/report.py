"""Report: what one ExecutionReport says, in canonical words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from ...errors import InputError
from ...market import years
from . import words
from .contract import contract_of, exchange_of
from .lines import Message

AccountOf = Callable[[Message], "str | None"]
"""The account that a message names, None where it names none."""

DEFAULT_ACCOUNT: Final = "Account"

_NO_ORDER_ID: Final = frozenset({"", "NONE", "None", "none", "N/A", "[N/A]"})
_TIME: Final = re.compile(r"(\d{8})-(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z?", re.ASCII)
_WHOLE: Final = re.compile(r"(\d{1,18})(?:\.0*)?", re.ASCII)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SECOND: Final = 10**9


@dataclass(slots=True)
class Report:
    """One ExecutionReport; None: it does not say."""

    kind: str  # a value of KINDS
    ts: int  # ns since 1970 UTC
    exec_id: str
    exec_ref: str | None
    order_id: str | None
    client_id: str | None  # ClOrdID
    original_id: str | None  # OrigClOrdID
    contract: str
    exchange: str | None
    account: str | None
    member: str | None
    side: str
    size: int | None  # OrderQty
    left: int | None  # LeavesQty
    filled: int | None  # CumQty
    last: int | None  # LastQty
    last_price: str | None
    price: str | None
    order_type: str | None
    tif: str | None
    offset: str | None
    reason: str | None  # ExecRestatementReason
    match_id: str | None  # TrdMatchID
    trade_id: str | None  # TradeID; of a trade that is kept, the one that its twin has as well
    trade_type: str | None
    leg: str | None  # MultiLegReportingType
    key: tuple[str, ...]  # the same for each delivery of one report


def account_reader(field: str | None) -> AccountOf:
    """Return how the account is found: ``Account``, ``party:ROLE`` or ``tag:NUMBER``.

    Raises InputError where ``field`` is none of these.
    """
    what, _, number = (field or DEFAULT_ACCOUNT).partition(":")
    if what == "Account" and not number:
        return lambda message: message.values.get("1")
    if what == "party" and number.isdigit():
        return lambda message: message.parties().get(number) if "453" in message.values else None
    if what == "tag" and number.isdigit():
        return lambda message: message.values.get(number)
    raise InputError(
        f"--account-field {field}: expected Account (tag 1), party:ROLE (PartyID of a PartyRole, "
        "such as party:24) or tag:NUMBER (such as tag:109)"
    )


def kind_of(message: Message) -> str | None:
    """Return what an ExecutionReport says of its order, a value of KINDS; None: nothing known."""
    get = message.values.get
    kind = words.TRANSACTIONS.get(get("20", "")) or words.KINDS.get(get("150", ""))
    if kind == "trade" and get("32") and not get("32", "").strip("0."):
        return words.IGNORED  # the status of an order, which FIX 4.2 tells by the same code
    return kind


def read_report(message: Message, account_of: AccountOf) -> Report | str:
    """Return what an ExecutionReport says, or all that is wrong with it."""
    values = message.values
    get = values.get
    problems: list[str] = []
    kind = kind_of(message)
    if kind is None:
        problems.append(_unknown("ExecType (150)", get("150"), words.KINDS))
    side = words.SIDES.get(get("54", ""))
    if side is None:
        problems.append(_unknown("Side (54)", get("54"), words.SIDES))
    exchange = exchange_of(values)
    contract = contract_of(values, exchange)
    if not contract:
        problems.append("found no Symbol (55)")
    exec_id, client_id = get("17", ""), get("11")
    order_id = get("37", "")
    if order_id in _NO_ORDER_ID:
        order_id = ""
    if not exec_id:
        problems.append("found no ExecID (17)")
    if not (order_id or client_id):
        problems.append("found no OrderID (37) and no ClOrdID (11)")
    time = get("60") or get("52")
    ts = None if time is None else _time(time)
    if ts is None:
        problems.append(f"TransactTime (60): found {time or 'nothing'}, expected a UTC timestamp")
    lots = [_lots(get(tag)) for tag in ("38", "151", "14", "32")]
    for tag, number in zip(("38", "151", "14", "32"), lots, strict=True):
        if number == _NO_LOTS:
            problems.append(f"{_QUANTITIES[tag]} ({tag}): found {get(tag)}, expected whole lots")
    if problems:
        return "; ".join(problems)
    assert kind is not None and side is not None and contract is not None and ts is not None
    multileg = get("442") == "3" or get("167") == "MLEG"
    return Report(
        kind=kind,
        ts=ts,
        exec_id=exec_id,
        exec_ref=get("19"),
        order_id=order_id or None,
        client_id=client_id,
        original_id=get("41"),
        contract=contract,
        exchange=exchange,
        account=account_of(message),
        member=get("76") if "453" not in values else message.parties().get("1"),
        side=side,
        size=lots[0],
        left=lots[1],
        filled=lots[2],
        last=lots[3],
        last_price=get("31"),
        price=get("44"),
        order_type="combination" if multileg else words.ORDER_TYPES.get(get("40", "")),
        tif=words.TIFS.get(get("59", "")),
        offset=words.OFFSETS.get(get("77", "")),
        reason=get("378"),
        match_id=get("880"),
        trade_id=get("1003"),
        trade_type=words.TRADE_TYPES.get(get("828", "")),
        leg=get("442"),
        key=(order_id or client_id or "", exec_id, get("20", ""), get("150", "")),
    )


_QUANTITIES: Final = {"38": "OrderQty", "151": "LeavesQty", "14": "CumQty", "32": "LastQty"}
_NO_LOTS: Final = -1


def _unknown(field: str, found: str | None, known: dict[str, str]) -> str:
    return f"{field}: found {found or 'nothing'}, expected one of {', '.join(sorted(known))}"


@lru_cache(maxsize=65_536)
def _lots(text: str | None) -> int | None:
    """Return whole lots; None where there are none to read, _NO_LOTS where they are not whole."""
    if not text:
        return None
    found = _WHOLE.fullmatch(text)
    return _NO_LOTS if found is None else int(found[1])


def _time(text: str) -> int | None:
    """Return a UTC timestamp as ns since 1970, None where it is none; ps are cut off."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    midnight = _midnight(found[1])
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    if midnight is None or hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int(found[5][:9].ljust(9, "0")) if found[5] else 0
    return midnight + (hour * 3600 + minute * 60 + second) * _SECOND + fraction


@lru_cache(maxsize=256)
def _midnight(text: str) -> int | None:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    if not years.is_known(day):
        return None
    return (day.toordinal() - _EPOCH) * 86_400 * _SECOND
