"""Codes of CTP's fields: what each says in canonical terms, as a character or in Chinese words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...schema import Hedge, Offset, OrderType, Side, TradeType
from ..states.rows import State

NOTHING: Final = 0
"""A code that has no canonical twin: the log does not say."""
UNKNOWN: Final = 255
"""No code of the field."""
BLANK: Final = 254


@dataclass(frozen=True, eq=False)
class Field:
    """What the texts of a field mean; ``several``: one character for each leg of a combination."""

    meanings: Mapping[str, int]
    several: bool = False

    def meaning(self, text: str) -> int:
        """Return the code of a cell, UNKNOWN where there is none. Legs that differ say nothing."""
        text = plain(text)
        if text in self.meanings:
            return self.meanings[text]
        if self.several and len(text) > 1:
            legs = {self.meanings.get(leg, UNKNOWN) for leg in text}
            return UNKNOWN if UNKNOWN in legs else legs.pop() if len(legs) == 1 else NOTHING
        return UNKNOWN

    def expected(self) -> str:
        """Return what a message says may stand in a cell."""
        return ", ".join(self.meanings)


def plain(text: str) -> str:
    """Return a code without blanks and quotes around it, also as spreadsheets force text."""
    return text.strip(" \t\u3000\x00").removeprefix("=").strip("'\"").strip()


def _said(meanings: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    return {text: int(code) for texts, code in meanings.items() for text in texts}


DIRECTION: Final = Field(
    _said({("0", "买", "买入"): Side.BUY, ("1", "卖", "卖出"): Side.SELL})
)
OFFSET: Final = Field(
    _said(
        {
            ("0", "开", "开仓"): Offset.OPEN,
            ("1", "平", "平仓"): Offset.CLOSE,
            ("2", "强平"): Offset.CLOSE,
            ("3", "平今", "平今仓"): Offset.CLOSE_TODAY,
            ("4", "平昨", "平昨仓"): Offset.CLOSE_YESTERDAY,
            ("5", "强减"): Offset.CLOSE,
            ("6", "本地强平"): Offset.CLOSE,
        }
    ),
    several=True,
)
HEDGE: Final = Field(
    _said(
        {
            ("1", "投机", "投"): Hedge.SPECULATION,
            ("2", "套利"): Hedge.ARBITRAGE,
            ("3", "套保", "套期保值", "保"): Hedge.HEDGE,
            ("5", "做市商", "做市"): Hedge.MARKET_MAKER,
            ("6", "第一腿投机第二腿套保", "7", "第一腿套保第二腿投机"): NOTHING,
        }
    ),
    several=True,
)
PRICE_TYPE: Final = Field(
    _said(
        {
            ("1", "任意价", "市价"): OrderType.MARKET,
            ("2", "限价"): OrderType.LIMIT,
            ("3", "最优价", "G", "五档价"): OrderType.MARKET,
            ("4", "最新价", *"56789ABCDEF"): NOTHING,
        }
    )
)
ORDER_TYPE: Final = Field(
    _said(
        {
            ("0", "正常", "2", "组合衍生", "4", "条件单", "5", "互换单"): NOTHING,
            ("1", "报价衍生"): OrderType.QUOTE,
            ("3", "组合报单"): OrderType.COMBINATION,
            ("6", "大宗交易成交衍生", "7", "期转现成交衍生"): NOTHING,
        }
    )
)
"""What an order is besides its price type, NOTHING where that decides."""

ON_THE_SPOT: Final = 1
STAYS: Final = 2
REMAINS: Final = 3
TIME_CONDITION: Final = Field(
    _said(
        {
            ("1", "立即完成,否则撤销", "立即完成，否则撤销"): ON_THE_SPOT,
            ("2", "本节有效", "3", "当日有效", "6", "集合竞价有效"): STAYS,
            ("4", "指定日期前有效", "5", "撤销前有效"): REMAINS,
        }
    )
)
ALL_LOTS: Final = 1
VOLUME_CONDITION: Final = Field(
    _said({("1", "任何数量", "2", "最小数量"): NOTHING, ("3", "全部数量"): ALL_LOTS})
)

NOT_SENT: Final = 100
"""An order that waits at the counter for its condition: the exchange knows nothing of it."""
STATUS: Final = Field(
    _said(
        {
            ("0", "全部成交", "全成"): State.FILLED,
            ("1", "部分成交还在队列中", "部分成交"): State.ALIVE,
            ("2", "部分成交不在队列中"): State.ALIVE,
            ("3", "未成交还在队列中", "未成交"): State.ALIVE,
            ("4", "未成交不在队列中"): State.ALIVE,
            ("5", "撤单", "已撤单", "已撤", "部成部撤", "部成已撤"): State.CANCELLED,
            ("废单", "拒单", "已拒绝"): State.REJECTED,
            ("a", "未知"): State.SENT,
            ("b", "尚未触发", "c", "已触发"): NOT_SENT,
        }
    )
)
REFUSED: Final = 1
ACCEPTED: Final = 2
SUBMIT_STATUS: Final = Field(
    _said(
        {
            ("0", "已经提交", "1", "撤单已经提交", "2", "修改已经提交"): NOTHING,
            ("3", "已经接受", "5", "撤单已经被拒绝", "6", "改单已经被拒绝"): ACCEPTED,
            ("4", "报单已经被拒绝"): REFUSED,
        }
    )
)

NO_TRADE: Final = 100
"""A row that splits a combination's position: nothing was traded."""
TRADE_TYPE: Final = Field(
    _said(
        {
            ("0", "普通成交", "普通"): TradeType.NORMAL,
            ("1", "期权执行"): TradeType.EXERCISE,
            ("2", "OTC成交", "5", "大宗交易成交"): TradeType.BLOCK,
            ("3", "期转现衍生成交"): TradeType.EFP,
            ("4", "组合衍生成交"): TradeType.COMBINATION_LEG,
            ("#", "组合持仓拆分为单一持仓"): NO_TRADE,
        }
    )
)

DELETE: Final = 1
ACTION_FLAG: Final = Field(_said({("0", "删除"): DELETE, ("3", "修改"): NOTHING}))
ACTION_STATUS: Final = Field(
    _said({("a", "已经提交", "b", "已经接受"): NOTHING, ("c", "已经被拒绝"): REFUSED})
)

EXCHANGES: Final = {
    "上期所": "SHFE",
    "上海期货交易所": "SHFE",
    "能源中心": "INE",
    "上期能源": "INE",
    "上海国际能源交易中心": "INE",
    "大商所": "DCE",
    "大连商品交易所": "DCE",
    "郑商所": "CZCE",
    "郑州商品交易所": "CZCE",
    "中金所": "CFFEX",
    "中国金融期货交易所": "CFFEX",
    "广期所": "GFEX",
    "广州期货交易所": "GFEX",
}
