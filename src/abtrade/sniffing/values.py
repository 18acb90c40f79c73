"""Values of columns: the words of code columns in other tongues, and what else cells look like."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from ..schema import CODES, code_words

MOST_WORDS: Final = 24
"""Distinct texts that a column of codes has at most."""

_WORDS: Final[dict[str, dict[str, str]]] = {
    "action": {
        "new": "n new insert order add submit enter entered neworder 报单 委托 申报 新单 下单 新增 "
        "报入 挂单",
        "cancel": "c cancel cancelled canceled cxl delete del withdraw 撤单 撤销 撤 已撤单 撤回",
        "trade": "t trade traded fill filled match matched exec execution deal 成交 撮合",
        "amend": "m amend modify replace change 改单 修改 变更",
        "reject": "reject rejected 拒单 拒绝 废单 错单",
        "carried": "carried carry 结转 隔夜 结转单",
        "rfq": "rfq quoterequest 询价",
    },
    "side": {
        "buy": "b buy bid bought 买 买入 买进 多",
        "sell": "s sell ask sold 卖 卖出 沽 空",
    },
    "offset": {
        "open": "o open 开 开仓",
        "close": "c close 平 平仓",
        "close_today": "ct closetoday 平今 平今仓",
        "close_yesterday": "cy closeyesterday 平昨 平昨仓",
    },
    "hedge": {
        "speculation": "spec speculation 投机 投",
        "hedge": "hedge hedging 套保 套期保值 保",
        "arbitrage": "arb arbitrage 套利 套",
        "market_maker": "mm marketmaker 做市 做市商",
    },
    "order_type": {
        "limit": "l limit 限价 限价单",
        "market": "mkt market 市价 市价单",
        "stop": "stop 止损 止损单 条件单",
        "quote": "quote 报价 双边报价",
        "combination": "combination combo 组合 组合单 套利单",
    },
    "tif": {
        "gfd": "gfd day 当日有效 当日",
        "fak": "fak ioc 立即成交剩余撤销 即时成交剩余撤销",
        "fok": "fok 立即全部成交否则撤销 全成或撤",
        "gtc": "gtc 撤销前有效",
    },
    "trade_type": {
        "normal": "normal 普通 普通成交 一般",
        "combination_leg": "combinationleg leg 组合成交 组合衍生",
        "efp": "efp 期转现",
        "block": "block 大宗 大宗交易",
        "exercise": "exercise 行权 执行",
    },
    "cancel_by": {
        "client": "client 客户 本人",
        "exchange": "exchange 交易所",
        "expiry": "expiry expired 到期 过期 收市",
        "self_match": "selfmatch 自成交 自成交防范",
        "disconnect": "disconnect 断线",
        "forced": "forced 强平 强制 强行平仓",
    },
    "phase": {
        "auction": "auction 集合竞价 竞价",
        "continuous": "continuous 连续 连续交易 连续竞价",
        "closed": "closed 闭市 收盘 休市",
    },
    "exchange": {
        "SHFE": "shfe xsge shf 上期所 上海期货交易所",
        "INE": "ine xine 能源中心 上期能源 上海国际能源交易中心",
        "DCE": "dce xdce 大商所 大连商品交易所",
        "CZCE": "czce xzce zce 郑商所 郑州商品交易所",
        "CFFEX": "cffex ccfx cfx 中金所 中国金融期货交易所",
        "GFEX": "gfex xgfe gfe 广期所 广州期货交易所",
    },
}
_CODED: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "side": ({"0": "buy", "1": "sell"}, {"1": "buy", "2": "sell"}, {"1": "buy", "-1": "sell"}),
    "offset": ({"0": "open", "1": "close", "3": "close_today", "4": "close_yesterday"},),
    "hedge": ({"1": "speculation", "2": "arbitrage", "3": "hedge", "5": "market_maker"},),
}
"""Numbers that stand for words, the commonest use first; that they do is a guess."""
_ALONE: Final = ("action", "side", "offset", "exchange", "hedge", "tif")
"""Columns that may be told by their words alone, where no header word tells them."""
_CONTRACT: Final = re.compile(
    r"(?:[A-Za-z]{2,5}\.)?[A-Za-z]{1,3}_?\d{3,4}(?:-?[CP]-?\d+)?(?:\.[A-Za-z]{2,5})?\Z", re.ASCII
)


class Codes(NamedTuple):
    """How the words of a column become canonical."""

    words: dict[str, str]  # only those that differ
    unknown: list[str]  # words that nothing is known of
    guess: bool


def codes_of(column: str, texts: Collection[str]) -> Codes:
    """Return what the distinct words of a code column, or of ``exchange``, mean."""
    known = _BY_WORD[column]
    found = {text: known[_plain(text)] for text in texts if _plain(text) in known}
    rest = [text for text in texts if text not in found]
    if not found:
        for numbers in _CODED.get(column, ()):
            if rest and set(rest) <= set(numbers):
                return Codes({text: numbers[text] for text in rest}, [], guess=True)
    canonical = code_words(column) if column in CODES else known.values()
    words = {text: word for text, word in found.items() if text != word}
    words |= _siblings(column, found)
    unknown = [text for text in rest if text not in canonical]
    return Codes(words, unknown if column in CODES else [], guess=False)


def _siblings(column: str, found: dict[str, str]) -> dict[str, str]:
    """Return Chinese words for what a column of Chinese words may say further down."""
    if not any(_is_chinese(text) for text in found) or column == "exchange":
        return {}
    rest = {word: texts for word, texts in _WORDS[column].items() if word not in found.values()}
    firsts = {word: next(filter(_is_chinese, texts.split()), "") for word, texts in rest.items()}
    return {text: word for word, text in firsts.items() if text}


def _is_chinese(text: str) -> bool:
    return "\u4e00" <= text[:1] <= "\u9fff"


def column_by_words(texts: Sequence[str], taken: Collection[str]) -> str | None:
    """Return the code column whose words these distinct texts all are, None where none fits."""
    if not 2 <= len(texts) <= MOST_WORDS:
        return None
    for column in _ALONE:
        if column not in taken and all(_plain(text) in _BY_WORD[column] for text in texts):
            return column
    return None


def look_like_contracts(texts: Sequence[str]) -> bool:
    """Whether texts look like codes of futures or options."""
    return bool(texts) and all(_CONTRACT.match(text) for text in texts)


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", text).casefold() or text


_BY_WORD: Final[dict[str, dict[str, str]]] = {
    column: {
        **{_plain(word): word for word in table},
        **{word: canonical for canonical, words in table.items() for word in words.split()},
    }
    for column, table in _WORDS.items()
}
