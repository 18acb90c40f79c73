"""Chinese texts on moments of a day in lines, by key; ``words_moment_en`` has the same."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "row.new": "报单",
    "row.cancel": "撤单",
    "row.trade": "成交",
    "row.amend": "改单",
    "row.reject": "拒单",
    "row.carried": "上日留存",
    "row.rfq": "询价",
    "row.buy": "买",
    "row.sell": "卖",
    "moment.alert": "{time}  {contract}  {level}  {who}  {rule}  {count}",
    "moment.market": "买一 {bid}，卖一 {ask}，最新 {last}",
    "moment.price": "{price} x {lots}",
    "moment.none": "无",
    "moment.no_book": "日志无法还原盘口；最新 {last}",
    "moment.broker": "（仅一家期货公司的委托）",
    "moment.own": "自己的挂单：买 {bought} 手，卖 {sold} 手",
    "moment.before": "{side} {lots} 手 @ {price}，前面有 {before} 手",
    "moment.more": "另有 {n} 笔",
    "moment.begin": "首行之前",
    "moment.end": "收市",
    "moment.alerts.none": "此处没有预警",
    "moment.stop": "{time}  {contract}  第 {row} 行，共 {rows} 行：{said}",
    "moment.standing": "{rule}：{about} {count}，黄 {yellow}，红 {red}",
}
