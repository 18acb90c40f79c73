"""Chinese texts on order books, by key; `words_book_en` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "book.rows": "{contracts} 的订单簿共 {n:,} 个",
    "book.rows.one": "{contracts} 的订单簿共 1 个",
    "book.none": "没有可显示的 {contracts} 订单簿",
    "book.best": "前 {first} 个与后 {last} 个，仅列最优价",
    "book.best.all": "最优价",
    "book.more": "……另有 {n:,} 个，用 --to FILE 可全部写出",
    "book.last": "其中最后一个（{time}）{contract} 的深度",
    "book.column.time": "时间",
    "book.column.contract": "合约",
    "book.column.seq": "seq",
    "book.column.action": "动作",
    "book.column.bid_orders": "买单数",
    "book.column.bid_lots": "买量",
    "book.column.bid": "买价",
    "book.column.ask": "卖价",
    "book.column.ask_lots": "卖量",
    "book.column.ask_orders": "卖单数",
}
