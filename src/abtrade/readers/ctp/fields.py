"""Fields of CTP's structures: which file holds which structure, under which names of its columns.

A column bears the name of its field, in any case, or one of the Chinese names that the interface's
documentation and brokers' tables give it. Columns of other names are not read.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

ORDERS: Final = "orders"
TRADES: Final = "trades"
ACTIONS: Final = "actions"

_COMMON: Final[dict[str, tuple[str, ...]]] = {
    "BrokerID": ("经纪公司代码", "经纪公司编号"),
    "InvestorID": ("投资者代码", "投资者编号", "投资者账号", "投资者帐号", "客户号"),
    "UserID": ("用户代码",),
    "ExchangeID": ("交易所代码", "交易所"),
    "ParticipantID": ("会员代码", "会员号", "会员编号"),
    "ClientID": ("客户代码", "交易编码", "客户交易编码", "交易编号"),
    "AccountID": ("资金账号", "资金帐号", "资金账户"),
    "BusinessUnit": ("业务单元",),
    "InvestUnitID": ("投资单元代码", "投资单元"),
    "InstrumentID": ("合约代码", "合约", "合约编号"),
    "Direction": ("买卖方向", "买卖", "方向", "买/卖"),
    "OrderSysID": ("报单编号", "系统报单号", "交易所报单编号", "系统号"),
    "OrderRef": ("报单引用",),
    "OrderLocalID": ("本地报单编号", "报单本地编号"),
    "TraderID": ("交易所交易员代码", "交易员代码"),
    "TradingDay": ("交易日", "交易日期"),
}
_ORDER: Final[dict[str, tuple[str, ...]]] = {
    **_COMMON,
    "OrderPriceType": ("报单价格条件", "价格条件", "价格类型"),
    "CombOffsetFlag": ("组合开平标志", "开平标志", "开平", "开/平"),
    "CombHedgeFlag": ("组合投机套保标志", "投机套保标志", "投保标志", "投保", "投/保"),
    "LimitPrice": ("价格", "报单价格", "委托价格", "限价"),
    "VolumeTotalOriginal": ("数量", "报单数量", "报单手数", "委托数量", "手数"),
    "TimeCondition": ("有效期类型",),
    "VolumeCondition": ("成交量类型",),
    "ContingentCondition": ("触发条件",),
    "FrontID": ("前置编号",),
    "SessionID": ("会话编号",),
    "OrderSubmitStatus": ("报单提交状态", "提交状态"),
    "OrderStatus": ("报单状态", "委托状态", "挂单状态", "状态"),
    "OrderType": ("报单类型",),
    "VolumeTraded": ("今成交数量", "成交数量", "成交手数", "已成交"),
    "VolumeTotal": ("剩余数量", "未成交手数", "未成交数量", "未成交"),
    "InsertDate": ("报单日期", "委托日期"),
    "InsertTime": ("委托时间", "报单时间"),
    "UpdateTime": ("最后修改时间",),
    "CancelTime": ("撤销时间", "撤单时间"),
    "RelativeOrderSysID": ("相关报单",),
}
_TRADE: Final[dict[str, tuple[str, ...]]] = {
    **_COMMON,
    "TradeID": ("成交编号", "成交序号"),
    "OffsetFlag": ("开平标志", "组合开平标志", "开平", "开/平"),
    "HedgeFlag": ("投机套保标志", "组合投机套保标志", "投保标志", "投保", "投/保"),
    "Price": ("价格", "成交价格", "成交价"),
    "Volume": ("数量", "成交数量", "成交手数", "手数"),
    "TradeDate": ("成交日期", "成交时期"),
    "TradeTime": ("成交时间",),
    "TradeType": ("成交类型",),
}
_ACTION: Final[dict[str, tuple[str, ...]]] = {
    **_COMMON,
    "OrderActionRef": ("报单操作引用",),
    "FrontID": ("前置编号",),
    "SessionID": ("会话编号",),
    "ActionFlag": ("操作标志",),
    "ActionDate": ("操作日期",),
    "ActionTime": ("操作时间",),
    "OrderActionStatus": ("报单操作状态", "操作状态"),
}
FIELDS: Final = {ORDERS: _ORDER, TRADES: _TRADE, ACTIONS: _ACTION}
"""The fields that are read, by what the file holds, and their Chinese names."""

VARIED: Final = frozenset(
    {"OrderSysID", "OrderRef", "OrderLocalID", "RelativeOrderSysID", "TradeID", "LimitPrice",
     "Price", "InsertTime", "UpdateTime", "CancelTime", "TradeTime", "ActionTime"}
)  # fmt: skip
"""The fields of which few rows share a text."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    TRADES: ("TradeID", "OrderSysID", "InstrumentID", "Direction", "Price", "Volume", "TradeTime"),
    ORDERS: ("OrderSysID", "InstrumentID", "Direction", "VolumeTotalOriginal", "OrderStatus",
             "InsertTime"),
    ACTIONS: ("ActionFlag", "OrderActionStatus", "ActionTime"),
}  # fmt: skip
"""Fields without which a file is none of these."""

NOT_NEEDED: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "quotes": (("QuoteRef", "AskPrice", "BidPrice"),
               "a quote's two orders are rows of orders themselves"),
    "quote inputs": (("QuoteRef", "ForQuoteSysID"), "what was asked for, not what came of it"),
    "order inputs": (("OrderPriceType", "VolumeTotalOriginal", "LimitPrice"),
                     "what was asked for, not what came of it; give the rows of orders"),
    "action inputs": (("OrderActionRef", "ActionFlag"),
                      "what was asked for, not whether it was taken; give the rows of actions"),
    "instruments": (("InstrumentID", "PriceTick", "VolumeMultiple"),
                    "facts of contracts come from --contracts"),
    "instrument status": (("InstrumentStatus", "EnterTime", "TradingSegmentSN"),
                          "phases are not taken from it"),
    "trading codes": (("ClientID", "ClientIDType", "InvestorID"),
                      "whose code is whose comes from --accounts"),
    "message fees": (("OrderCount", "OrderActionCount", "InfoCnt"),
                     "a counter's own count, to hold a result against"),
    "positions": (("InvestorID", "PosiDirection", "YdPosition"), "no orders"),
    "accounts": (("AccountID", "PreBalance", "Available"), "no orders"),
}  # fmt: skip
"""Other structures by the fields that tell them, and why nothing of them is read."""


def columns_of(what: str, columns: Collection[str]) -> dict[str, str]:
    """Return the file's name of each field that is read: its own name goes before a Chinese one."""
    plain = {name.strip().casefold(): name for name in reversed(list(columns))}
    found = {}
    for field, others in FIELDS[what].items():
        for name in (field.casefold(), *others):
            if name in plain:
                found[field] = plain[name]
                break
    return found


def what_is_in(columns: Collection[str]) -> str | None:
    """Return which structure a file of these columns holds, None where it is none of CTP."""
    for what in REQUIRED:
        if columns_of(what, columns).keys() >= set(REQUIRED[what]):
            return what
    names = {name.strip().casefold() for name in columns}
    for what, (fields, _) in NOT_NEEDED.items():
        if {field.casefold() for field in fields} <= names:
            return what
    return None
