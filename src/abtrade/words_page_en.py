"""The English texts of the page of an explained alert, by key."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "page.reached": "{limit}: seq {seq}, {when}",
    "page.from": "{limit} of the limit, from {lots} lots on",
    "page.visibility": "the log shows",
    "page.log": "log",
    "page.fingerprint": "fingerprint of the log",
    "page.scan": "scanned by",
    "page.rulebook": "fingerprint of the rules",
    "page.overlay": "overlay",
    "page.other-language": "中文",
    "page.theme.auto": "colours: as the system's",
    "page.theme.light": "colours: light",
    "page.theme.dark": "colours: dark",
    "page.contract": "contract",
    "page.zoom-in": "Zoom in (+)",
    "page.zoom-out": "Zoom out (-)",
    "page.pan-left": "Earlier (left arrow)",
    "page.pan-right": "Later (right arrow)",
    "page.whole": "whole day",
    "page.fit": "all events",
    "page.chart": "Prices of the orders and trades over time, and the running count below",
    "page.how": (
        "Wheel: zoom. Drag: zoom to a stretch of time. Drag with Shift, or below the chart: move. "
        "Keys: + - arrows, 0 the whole day, e all events. Click an order: its row. Click a row: "
        "its place in the chart."
    ),
    "page.running": "running count",
    "page.orders-said": "Orders of the subject: {n}.",
    "page.market-said": "Grey line: all {n} trades of the market in the contract ({lots} lots).",
    "page.market-thinned": (
        "Grey line: {n} trades of the market in the contract ({lots} lots), of which {kept} are "
        "drawn; no high and no low is left out."
    ),
    "page.cuts-said": "Hours without trading are cut out at dotted lines: {n}.",
    "page.no-history": (
        "The log holds each order's last state only: there is no order of time, and no chart."
    ),
    "page.no-chart": "There are no events to draw.",
    "page.legend.buy": "buy",
    "page.legend.sell": "sell",
    "page.legend.filled": "filled: solid, a bar at the end",
    "page.legend.part": "part filled, then cancelled: dashed",
    "page.legend.cancelled": "cancelled: short dashes, a cross at the end",
    "page.legend.rested": "rested to the end: solid",
    "page.legend.trade": "trade",
    "page.legend.self": "trade with itself",
    "page.legend.market": "the market's trades",
    "page.order-said": "Order {id} of {account}",
    "page.lots-said": "{lots} lots",
    "page.not-opened": "no row opened it",
    "page.left": "left {lots}",
    "page.self": "with itself",
    "page.more": "and {n} more steps",
    "page.side.buy": "buy",
    "page.side.sell": "sell",
    "page.side.none": "side unknown",
    "page.fate.filled": "filled",
    "page.fate.part": "part filled, then cancelled",
    "page.fate.cancelled": "cancelled",
    "page.fate.rested": "rested to the end",
    "page.fate.rejected": "rejected",
    "page.fate.untold": "how it ended the log does not tell",
    "page.action.new": "new",
    "page.action.carried": "carried over",
    "page.action.cancel": "cancel",
    "page.action.trade": "trade",
    "page.action.amend": "amend",
    "page.action.reject": "reject",
    "page.action.rfq": "request for quotes",
    "page.show": "show",
    "page.show.all": "all events",
    "page.show.counted": "counted",
    "page.show.left_out": "left out",
    "page.show.level": "levels reached",
    "page.find": "find",
    "page.found": "{n} of {all}",
    "page.printed": "The first {n} of {all} rows are printed.",
    "page.not-printed": "Columns for which the paper has no room: {columns}.",
}
