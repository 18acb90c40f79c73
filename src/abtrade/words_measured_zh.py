"""Chinese texts of alerts on positions, openings, bursts, limit-price cancels and figures."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- who did what ----------------------------------------------------------------------------
    "did.ordered_open_lots": "申报开仓 {n} 手（买开与卖开合计）",
    "did.filled_lots": "成交 {n} 手（买卖合计）",
    "did.limit_price_cancels": "在涨跌停板价位撤单 {n} 次（该价位已有成交之后）",
    "did.limit_price_cancel_lots": "在涨跌停板价位撤单 {n} 手（该价位已有成交之后）",
    "did.burst_occasions": "一秒内信息量达到 {parameter} 笔（{window}）共 {n} 次",
    "did.long_lots": "多头合并持仓最高达 {n} 手",
    "did.short_lots": "空头合并持仓最高达 {n} 手",
    "did.volume_share": "占全部成交手数的 {n}",
    "did.order_share": "占全部报单笔数的 {n}",
    "did.cancel_share": "占全部撤单次数的 {n}",
    "did.open_interest_share": "占持仓量的 {n}",
    "did.volume_deviation": "成交占比高出其自身此前交易日中位数 {n} 个离差",
    "did.order_deviation": "报单占比高出其自身此前交易日中位数 {n} 个离差",
    "did.cancel_deviation": "撤单占比高出其自身此前交易日中位数 {n} 个离差",
    "did.kernel": "按自定义指标 {parameter} 计为 {n}",
    "window.calendar": "按自然秒计",
    "window.sliding": "按任意一秒计",
    "where.series": "在{exchange}期权系列 {name} 全部合约上合计",
    "unit.ordered_open_lots": " 手",
    "unit.filled_lots": " 手",
    "unit.limit_price_cancels": " 次",
    "unit.limit_price_cancel_lots": " 手",
    "unit.burst_occasions": " 次",
    "unit.long_lots": " 手",
    "unit.short_lots": " 手",
    "percent": "{n}%",
    # --- levels and limits -----------------------------------------------------------------------
    "limit.part": "{sign}限额 {limit} 手的 {part}，即自 {lots} 手起",
    "limit.part.short": ">= {lots}（{part}）",
    "reached.position": "{level}标准（{limit}）：已达到，首次触发于北京时间 {clock}（{place}），"
    "触发后持仓为 {count} 手。",
    "reached.opening": "{level}标准（{limit}）：已达到，当日开盘前持仓即已达到。",
    "at the opening": "开盘前即已达到",
    # --- what was measured besides ---------------------------------------------------------------
    "ledger.figure": "不作剔除时为 {gross}。",
    "ledger.kernel": "不作剔除时为 {gross}；剔除的事件：{entries}。",
    "ledger.kernel.all": "没有剔除任何事件。",
    "partial.kernel": "该指标仅就所见部分计算",
    "partial.figure": "该数值仅就所见部分计算",
    "shares.position": "首次达到时各交易编码持仓：{entries}。",
    "shares.kernel": "各交易编码计入的事件数：{entries}。",
    "shares.bursts": "各交易编码在这些秒内的信息量：{entries}。",
    "position.peak": "持仓最高 {n}，出现于北京时间 {clock}（{place}）。",
    "position.peak.opening": "持仓最高 {n}，即开盘前持仓。",
    "position.ends": "开盘前持仓 {opening}，日终持仓 {end}。",
    "position.passages": "当日升至{level}标准 {n} 次。",
    "position.passages.once": "当日升至{level}标准一次。",
    "position.fell_back": "首次回落至{level}标准以下是在北京时间 {clock}（{place}），为 {n}。",
    "position.ends_there": "日终处于{level}标准。",
    "position.peak_shares": "持仓最高时各交易编码持仓：{entries}。",
    "bursts.first": "首个这样的一秒始于北京时间 {clock}。",
    "bursts.busiest": "最密集的一秒始于北京时间 {clock}，信息量 {n} 笔。",
    "kernel.about": "指标含义：{about}。",
    "kernel.highest": "最高值出现在 {place}，北京时间 {clock}。",
    "statistic": "比较本身不是证明：此类规则最高为黄灯。",
    "statistic.share": "该主体为 {numerator}，全部为 {denominator}。",
    "statistic.rank": "在该范围全部主体中列第 {rank} 位。",
    "statistic.deviation": "当日占比为 {share}；其最近 {days} 个交易日占比的中位数为 {median}，"
    "离差为 {spread}。",
    "granted.opening positions are none": "开盘前持仓为零（未提供期初持仓）",
}
