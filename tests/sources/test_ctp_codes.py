"""Every code of CTP's fields, and what it says in canonical terms."""

from __future__ import annotations

import pytest

from abtrade.readers.ctp import codes
from abtrade.readers.ctp.codes import NOTHING, UNKNOWN
from abtrade.readers.ctp.fields import what_is_in
from abtrade.readers.states.rows import State
from abtrade.schema import Hedge, Offset, OrderType, Side, TradeType

ALL = {
    "DIRECTION": {"0": Side.BUY, "1": Side.SELL},
    "OFFSET": {
        "0": Offset.OPEN, "1": Offset.CLOSE, "2": Offset.CLOSE, "3": Offset.CLOSE_TODAY,
        "4": Offset.CLOSE_YESTERDAY, "5": Offset.CLOSE, "6": Offset.CLOSE,
    },
    "HEDGE": {
        "1": Hedge.SPECULATION, "2": Hedge.ARBITRAGE, "3": Hedge.HEDGE, "5": Hedge.MARKET_MAKER,
        "6": NOTHING, "7": NOTHING,
    },
    "PRICE_TYPE": {
        "1": OrderType.MARKET, "2": OrderType.LIMIT, "3": OrderType.MARKET, "G": OrderType.MARKET,
        **dict.fromkeys("456789ABCDEF", NOTHING),
    },
    "TIME_CONDITION": {
        "1": codes.ON_THE_SPOT, "2": codes.STAYS, "3": codes.STAYS, "4": codes.REMAINS,
        "5": codes.REMAINS, "6": codes.STAYS,
    },
    "VOLUME_CONDITION": {"1": NOTHING, "2": NOTHING, "3": codes.ALL_LOTS},
    "STATUS": {
        "0": State.FILLED, "1": State.ALIVE, "2": State.ALIVE, "3": State.ALIVE, "4": State.ALIVE,
        "5": State.CANCELLED, "a": State.SENT, "b": codes.NOT_SENT, "c": codes.NOT_SENT,
    },
    "SUBMIT_STATUS": {
        **dict.fromkeys("012", NOTHING), **dict.fromkeys("356", codes.ACCEPTED), "4": codes.REFUSED,
    },
    "ORDER_TYPE": {
        **dict.fromkeys("024567", NOTHING), "1": OrderType.QUOTE, "3": OrderType.COMBINATION,
    },
    "TRADE_TYPE": {
        "#": codes.NO_TRADE, "0": TradeType.NORMAL, "1": TradeType.EXERCISE, "2": TradeType.BLOCK,
        "3": TradeType.EFP, "4": TradeType.COMBINATION_LEG, "5": TradeType.BLOCK,
    },
    "ACTION_FLAG": {"0": codes.DELETE, "3": NOTHING},
    "ACTION_STATUS": {"a": NOTHING, "b": NOTHING, "c": codes.REFUSED},
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_every_printable_character_is_a_code_or_unknown(name):
    field = getattr(codes, name)
    found = {chr(c): field.meaning(chr(c)) for c in range(33, 127) if chr(c) not in "'\"="}
    known = {text: int(code) for text, code in found.items() if code != UNKNOWN}
    assert known == {text: int(code) for text, code in ALL[name].items()}


@pytest.mark.parametrize(
    ("text", "code"),
    [("11", Offset.CLOSE), ("01", NOTHING), ("0x", UNKNOWN), ("平今", Offset.CLOSE_TODAY),
     (" '0' ", Offset.OPEN), ("0", Offset.OPEN)],
)  # fmt: skip
def test_a_combination_has_a_character_for_each_leg(text, code):
    assert codes.OFFSET.meaning(text) == code


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ("OrderSysID InstrumentID Direction VolumeTotalOriginal OrderStatus InsertTime", "orders"),
        ("报单编号 合约代码 买卖方向 数量 报单状态 委托时间", "orders"),
        ("TradeID OrderSysID InstrumentID Direction Price Volume TradeTime", "trades"),
        ("成交编号 报单编号 合约 买卖 价格 手数 成交时间", "trades"),
        ("ActionFlag OrderActionStatus ActionTime", "actions"),
        ("QuoteRef AskPrice BidPrice QuoteStatus", "quotes"),
        ("OrderPriceType VolumeTotalOriginal LimitPrice InstrumentID", "order inputs"),
        ("ActionFlag OrderActionRef OrderSysID", "action inputs"),
        ("InstrumentID PriceTick VolumeMultiple", "instruments"),
        ("InstrumentStatus EnterTime TradingSegmentSN", "instrument status"),
        ("ts contract action order_id account lots", None),
        ("orderid symbol exchange direction offset price volume traded status", None),
    ],
)
def test_a_file_is_told_by_its_fields(columns, what):
    assert what_is_in(columns.split()) == what
