"""Words of FIX: what its codes mean in a canonical log."""

from __future__ import annotations

from typing import Final

IGNORED: Final = "ignored"

KINDS: Final[dict[str, str]] = {
    "0": "new",
    "1": "trade",
    "2": "trade",
    "F": "trade",
    "4": "cancel",
    "C": "expiry",
    "5": "amend",
    "8": "reject",
    "D": "restated",
    "H": "bust",
    "G": "correction",
    **dict.fromkeys(("3", "6", "7", "9", "A", "B", "E", "I", "J", "K", "L", "M", "N"), IGNORED),
}
"""ExecType (150) -> what it says of an order. Ignored: pending, status, done for day, triggered,
suspended, stopped, calculated, clearing hold and release."""

TRANSACTIONS: Final[dict[str, str]] = {"1": "bust", "2": "correction", "3": IGNORED}
"""ExecTransType (20) of FIX 4.2, where it is not a new one."""

SIDES: Final = {"1": "buy", "2": "sell", "3": "buy", "4": "sell", "5": "sell", "6": "sell"}
"""Side (54); selling short is selling."""

ORDER_TYPES: Final = {"1": "market", "2": "limit", "3": "stop", "4": "stop", "D": "quote"}
"""OrdType (40); a multi-leg order (442=3, 167=MLEG) is a combination whatever its type."""

TIFS: Final = {"0": "gfd", "1": "gtc", "3": "fak", "4": "fok", "6": "gtc"}
"""TimeInForce (59); good till date outlives the day as good till cancelled does."""

OFFSETS: Final = {"O": "open", "C": "close", "N": "close"}
"""PositionEffect (77)."""

TRADE_TYPES: Final = {"0": "normal", "1": "block", "2": "efp", "45": "exercise"}
"""TrdType (828)."""

CANCEL_REASONS: Final[dict[str, str | None]] = {
    "2": "client",  # told by voice
    "4": None,  # the broker's choice: neither the client's nor the venue's
    **dict.fromkeys(("12", "13"), "disconnect"),
    **dict.fromkeys(("17", "18", "19", "20"), "self_match"),
}
"""ExecRestatementReason (378) -> who took the order off; any other is the venue's reason."""

EXCHANGES: Final = {
    "XSGE": "SHFE",
    "XINE": "INE",
    "XDCE": "DCE",
    "XZCE": "CZCE",
    "CCFX": "CFFEX",
    "XGFE": "GFEX",
}
"""Market identifier codes of the Chinese futures exchanges; others stand as they are."""


def cancelled_by(reason: str | None) -> str | None:
    """Return who an ExecRestatementReason says took the order off."""
    return None if reason is None else CANCEL_REASONS.get(reason, "exchange")
