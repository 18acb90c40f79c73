"""English texts on moments of a day in lines, by key; ``words_moment_zh`` has the same."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "row.new": "new",
    "row.cancel": "cancel",
    "row.trade": "trade",
    "row.amend": "amend",
    "row.reject": "reject",
    "row.carried": "carried",
    "row.rfq": "quote request",
    "row.buy": "buy",
    "row.sell": "sell",
    "moment.alert": "{time}  {contract}  {level}  {who}  {rule}  {count}",
    "moment.market": "bid {bid}, ask {ask}, last {last}",
    "moment.price": "{price} x {lots}",
    "moment.none": "none",
    "moment.no_book": "the log tells of no book; last {last}",
    "moment.broker": " (one broker's orders)",
    "moment.own": "own lots: {bought} on the bid, {sold} on the ask",
    "moment.before": "{side} {lots} @ {price}, {before} lots before it",
    "moment.more": "and {n} more",
    "moment.begin": "before the first row",
    "moment.end": "end of the day",
    "moment.alerts.none": "no alert here",
    "moment.stop": "{time}  {contract}  row {row} of {rows}: {said}",
    "moment.standing": "{rule}: {about} {count}, yellow at {yellow}, red at {red}",
}
