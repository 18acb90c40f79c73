"""English texts on order books, by key; `words_book_zh` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "book.rows": "{n:,} books of {contracts}",
    "book.rows.one": "1 book of {contracts}",
    "book.none": "no book of {contracts} is to be shown",
    "book.best": "The first {first} and the last {last}, best prices only",
    "book.best.all": "Best prices",
    "book.more": "... {n:,} more: --to FILE writes all of them",
    "book.last": "Depth of {contract} in the last of them, at {time}",
    "book.column.time": "time",
    "book.column.contract": "contract",
    "book.column.seq": "seq",
    "book.column.action": "action",
    "book.column.bid_orders": "orders",
    "book.column.bid_lots": "lots",
    "book.column.bid": "bid",
    "book.column.ask": "ask",
    "book.column.ask_lots": "lots",
    "book.column.ask_orders": "orders",
}
