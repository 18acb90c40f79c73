"""Header words, English and Chinese, of order logs, and the canonical columns they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from ..readers.columns import near
from ..schema import LOG_COLUMNS

DATE: Final = "date"
CLOCK: Final = "clock"
"""What a column of dates or of times of day means: half of ``ts``."""
STATUS: Final = "status"
"""A column of an order's states: its table is no log of events."""
NOTHING: Final = ""
"""A well-known column that a log has no use for."""

LIKENESS: Final = 0.85


class Meant(NamedTuple):
    """What a header word means, and whether that is a guess."""

    canonical: str
    guess: bool


_WORDS: Final[dict[str, str]] = {
    "exchange": "exchangeid exch market marketid venue mic 交易所 交易所代码 交易所编号 交易所名称 "
    "市场 市场代码",
    "channel": "channelid channelno 通道 通道号 频道 频道代码",
    "seq": "sequence seqno seqnum sequenceno sequencenumber msgseqnum 序号 流水号 序列号 消息序号 "
    "记录号 行情序号 逐笔序号",
    "ts": "timestamp datetime time eventtime transacttime exchangetime eventts tsevent 时间 时间戳 "
    "日期时间 发生时间 事件时间 委托时间 报单时间 交易时间 操作时间 业务时间",
    "contract": "instrument instrumentid symbol ticker securityid contractid contractcode 合约 "
    "合约代码 合约编号 合约号 交易合约 代码",
    "action": "event eventtype msgtype messagetype operation op ordaction 动作 操作 操作类型 事件 "
    "事件类型 业务类型 消息类型 流水类型 委托动作 类别 类型",
    "order_id": "order orderno ordernumber ordersysid orderref ordernum 委托号 报单号 报单编号 "
    "委托编号 订单号 订单编号 系统号 报单系统号 委托序号",
    "account": "accountid acct accountno tradingcode investor investorid trader user userid 账号 "
    "账户 资金账号 交易编码 交易编号 客户号 客户代码 客户编码 客户编号 投资者 投资者代码 "
    "投资者账号 投资者编号",
    "member": "memberid broker brokerid participant participantid firm 会员 会员号 会员代码 "
    "会员编号 经纪公司 期货公司",
    "client": "clientid clientcode customer customerid 客户 客户名称 实际控制人",
    "side": "direction buysell buyorsell bs bsflag 买卖 买卖方向 买卖标志 方向 多空",
    "offset": "openclose positioneffect oc offsetflag comboffsetflag 开平 开平标志 开平仓 开平方向 "
    "组合开平标志 开平仓标志",
    "hedge": "hedgeflag combhedgeflag 投保 投机套保 投机套保标志 投保标志 套保标志 "
    "组合投机套保标志",
    "order_type": "ordtype pricetype orderpricetype 报单类型 委托类型 价格类型 报单价格条件 "
    "报单价格类型",
    "tif": "timeinforce timecondition validity 有效期 有效期类型 时间条件 有效期限 报单属性 "
    "成交属性",
    "price": "limitprice orderprice px 价格 委托价格 报单价格 委托价 报单价 限价 成交价格 成交价",
    "lots": "qty quantity volume size vol lot orderqty 手数 数量 委托数量 委托量 报单数量 报单手数 "
    "委托手数 成交数量 成交手数",
    "contra_order_id": "contraorder counterorderid oppositeorderid 对手委托号 对手报单号 "
    "对手方委托号 对手方报单号 对手单号",
    "contra_account": "counteraccount oppositeaccount 对手账户 对手账号 对手交易编码 对手客户号 "
    "对手方交易编码 对手方账户",
    "trade_id": "tradeno tradenumber execid matchid matchno fillid 成交号 成交编号 成交序号",
    "trade_type": "成交类型",
    "cancel_by": "cancelledby canceledby 撤单方 撤单人 撤单发起方 撤单来源",
    "phase": "session tradingphase 交易阶段 阶段 交易节",
    "day": "tradingday tradeday 交易日 交易日期",
    DATE: "tradedate actiondate insertdate orderdate actionday 日期 委托日期 报单日期 自然日 "
    "发生日期",
    CLOCK: "timeofday inserttime",
    NOTHING: "traded tradedqty filledqty cumqty leavesqty remaining lefts turnover amount fee "
    "commission pnl currency remark note reference reserve1 reserve2 reserve3 last open high low "
    "close bid ask 已成交 成交量 今成交数量 剩余数量 剩余量 未成交量 总数量 成交额 成交金额 手续费 "
    "平仓盈亏 备注 币种 来源 接口",
    STATUS: "orderstatus orderstate state 状态 报单状态 委托状态 订单状态",
}
"""Canonical column -> other words for it, in their plain form; earlier lines go first."""


def meaning_of(name: str) -> Meant | None:
    """Return what a header word means, None where no known word is near."""
    plain = plain_word(name)
    if plain in _BY_WORD:
        return Meant(_BY_WORD[plain], guess=False)
    if len(plain) < 5 or not plain.isascii():
        return None
    found = near(plain, _BY_WORD, LIKENESS)
    return Meant(_BY_WORD[found], guess=True) if found else None


def meanings_of(
    names: Iterable[str], may_be: Callable[[str, str], bool] = lambda *_: True
) -> dict[str, Meant]:
    """Return what header words mean; of two for one column the first stands, certain ones first.

    ``may_be`` tells whether a column may mean something. A client beside no account is taken for
    the account.
    """
    found = {
        name: meant
        for name in names
        if (meant := meaning_of(name)) and meant.canonical and may_be(name, meant.canonical)
    }
    kept: dict[str, Meant] = {}
    taken: set[str] = set()
    for name, meant in sorted(found.items(), key=lambda item: item[1].guess):
        if meant.canonical not in taken:
            taken.add(meant.canonical)
            kept[name] = meant
    client = next((name for name, meant in kept.items() if meant.canonical == "client"), None)
    if client is not None and "account" not in taken:
        kept[client] = Meant("account", guess=True)
    return {name: kept[name] for name in found if name in kept}


def plain_word(name: str) -> str:
    """Return a header word without what differs from one program to the next."""
    return re.sub(r"[\s_\-/.()\[\]#:]+", "", unicodedata.normalize("NFKC", name).casefold())


_BY_WORD: Final[dict[str, str]] = {
    **{plain_word(word): column for column, words in _WORDS.items() for word in words.split()},
    **{plain_word(column): column for column in (*LOG_COLUMNS, DATE, STATUS)},
}
