"""Alerts on counts that need more than an order table, made by hand: one of each kind."""

from __future__ import annotations

from typing import Any

from made_alerts import lone_alert, made_alert, ts

from abtrade.alerts import Alert, Share, Tipping

TIPPED = Tipping(620, 41, None, ts("2010-11-08 10:15:00"))


def position_alert(**changes: Any) -> Alert:
    """Return a red alert on a group's long position, of which 600 lots are the limit."""
    at = ts("2010-11-08 10:20:00")
    detail = {
        "side": "long", "limit": 600, "opening": 450, "end": 300,
        "peak": {"lots": 700, "seq": 44, "ts": at},
        "passages": [{"level": "yellow", "seq": 40, "ts": at - 9, "lots": 500},
                     {"level": "red", "seq": 41, "ts": TIPPED.ts, "lots": 620}],
        "passage_count": {"yellow": 1, "red": 2},
        "fell_back": [{"level": "red", "seq": 60, "ts": at + 8, "lots": 590}],
        "shares_at_peak": [{"account": "A", "client": "X", "counted": 400},
                           {"account": "B", "client": "Y", "counted": 300}],
        "curve": [[40, at - 9, 500], [41, TIPPED.ts, 620], [44, at, 700]],
    }  # fmt: skip
    values = {
        "rule": "made.position", "count": "long_lots", "gross": 705, "counted": 700, "exempt": {},
        "yellow_limit": ">= 0.8", "red_limit": "> 1", "yellow_from": 480, "red_from": 601,
        "yellow": Tipping(500, 40, None, at - 9), "red": TIPPED, "detail": detail,
        "shares": [Share("A", "X", 400), Share("B", "Y", 220)], "largest_client_count": 400,
        "assumed": ["hedge is speculation", "opening positions are none"],
    }  # fmt: skip
    return made_alert(**{**values, **changes})


def opening_alert(**changes: Any) -> Alert:
    """Return a yellow alert on lots opened in a series of options, of which 500 are the limit."""
    values = {
        "rule": "made.opening", "count": "open_lots", "scope": "series:IO2503",
        "exchange": "CFFEX", "counted": 420, "gross": 432, "yellow_limit": ">= 0.8",
        "red_limit": "> 1", "yellow_from": 400, "red_from": 501, "detail": {"limit": 500},
    }  # fmt: skip
    return lone_alert("A", **{**values, **changes})


def burst_alert(**changes: Any) -> Alert:
    """Return a yellow alert on seconds with ten messages or more."""
    first, busiest = ts("2010-11-08 09:01:02"), ts("2010-11-08 13:30:00")
    detail = {
        "window": "calendar", "messages": 131, "most": {"messages": 19, "second": busiest},
        "occasions": [{"ts": first, "seq": 7, "messages": 10},
                      {"ts": busiest, "seq": 90, "messages": 19}],
    }  # fmt: skip
    values = {
        "rule": "made.bursts", "count": "burst_occasions@10", "scope": "exchange:SHFE",
        "counted": 12, "gross": 12, "exempt": {}, "yellow_limit": ">= 10", "red_limit": None,
        "yellow": Tipping(10, 70, None, busiest), "shares": [Share("A", "A", 112)],
        "largest_client_count": 12, "detail": detail,
    }  # fmt: skip
    return lone_alert("A", **{**values, **changes})


def limit_price_alert(**changes: Any) -> Alert:
    """Return a yellow alert on cancels at a limit price."""
    values = {"rule": "made.limit_price", "count": "limit_price_cancels", "exchange": "CZCE",
              "scope": "contract:SR503"}
    return lone_alert("A", **{**values, **changes})


def share_alert(**changes: Any) -> Alert:
    """Return a yellow alert on a share of the volume."""
    values = {
        "rule": "made.share", "count": "volume_share", "counted": 0.355, "gross": 0.36,
        "exempt": {}, "yellow_limit": ">= 0.3", "red_limit": None, "yellow": None,
        "shares": [Share("A", "A", 355)], "largest_client_count": 0.355,
        "detail": {"numerator": 355, "denominator": 1000, "rank": 1},
    }  # fmt: skip
    return lone_alert("A", **{**values, **changes})


def deviation_alert(**changes: Any) -> Alert:
    """Return a yellow alert on a day unlike a subject's own last days."""
    values = {
        "rule": "made.unusual", "count": "cancel_deviation", "counted": 6.5, "gross": 6.5,
        "yellow_limit": ">= 5", "largest_client_count": 6.5,
        "detail": {"numerator": 143, "denominator": 1000, "rank": 2, "share": 0.143,
                   "median": 0.013, "spread": 0.02, "days": 20, "first_day": "2010-10-11",
                   "last_day": "2010-11-05"},
    }  # fmt: skip
    return share_alert(**{**values, **changes})


def kernel_alert(**changes: Any) -> Alert:
    """Return a yellow alert by a desk's own measure."""
    values = {
        "rule": "made.kernel", "count": "kernel@busiest_minute", "counted": 120.5, "gross": 130.0,
        "exempt": {}, "yellow_limit": ">= 100", "red_limit": None, "largest_client_count": 120.5,
        "shares": [Share("A", "A", 31)], "yellow": Tipping(101.5, 77, None, TIPPED.ts),
        "detail": {"kernel": "busiest_minute", "unit": "lots", "events": 31,
                   "about": "Lots cancelled in the minute with the most of them.",
                   "highest": {"seq": 80, "channel": None, "ts": TIPPED.ts}},
    }  # fmt: skip
    return lone_alert("A", **{**values, **changes})
