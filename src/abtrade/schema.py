"""The one truth about columns, codes and units: of the log, of the core and of every output.

Units everywhere: time in ns since 1970 UTC, price in ticks (millionths where no tick is known),
size in lots. Code 0 is always "null": the log does not say.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

SCHEMA_VERSION: Final = 1
EXCHANGES: Final = ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX")
NO_EXCHANGE: Final = "-"
REMAINDER_BEFORE_TRADES: Final = ("SHFE", "INE", "CFFEX")
"""Exchanges that send a fill-and-kill order's cancel before its trades."""

NULL_PRICE: Final = -(2**63)
NULL_LOTS: Final = -1
NULL_ID: Final = -1


class Action(IntEnum):
    """What a row of the log says happened."""

    NEW = 1
    CANCEL = 2
    TRADE = 3
    AMEND = 4
    REJECT = 5
    CARRIED = 6
    RFQ = 7


class Side(IntEnum):
    """Buy or sell."""

    BUY = 1
    SELL = 2


class Offset(IntEnum):
    """Whether a fill opens or closes a position."""

    OPEN = 1
    CLOSE = 2
    CLOSE_TODAY = 3
    CLOSE_YESTERDAY = 4


class Hedge(IntEnum):
    """The purpose an order declares."""

    SPECULATION = 1
    HEDGE = 2
    ARBITRAGE = 3
    MARKET_MAKER = 4


class OrderType(IntEnum):
    """How an order is priced."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    QUOTE = 4
    COMBINATION = 5


class Tif(IntEnum):
    """Time in force."""

    GFD = 1
    FAK = 2
    FOK = 3
    GTC = 4


class TradeType(IntEnum):
    """What kind of match a trade row tells; only the first two can be self-trades or openings."""

    NORMAL = 1
    COMBINATION_LEG = 2
    EFP = 3
    BLOCK = 4
    EXERCISE = 5


class CancelBy(IntEnum):
    """Who took an order off. UNNAMED: a cancel row of a log that names them leaves it blank."""

    CLIENT = 1
    EXCHANGE = 2
    EXPIRY = 3
    SELF_MATCH = 4
    DISCONNECT = 5
    FORCED = 6
    UNNAMED = 7


class Phase(IntEnum):
    """The trading phase a row falls in."""

    AUCTION = 1
    CONTINUOUS = 2
    CLOSED = 3


class Fault(IntEnum):
    """Ways in which a well-formed row does not fit the day, first kind that fits first."""

    REDELIVERED = 0
    SEQ_CONFLICT = 1
    SEQ_GAP = 2
    TS_BACKWARDS = 3
    DUPLICATE_ORDER = 4
    REJECT_AFTER_NEW = 5
    UNKNOWN_ORDER = 6
    EVENT_AFTER_FINISH = 7
    TRADE_AFTER_FINISH = 8
    CANCEL_OVER_LEFT = 9
    FILL_OVER_LEFT = 10
    ONE_SIDED_TRADE = 11
    DIFFERS = 12
    CLOSE_OVER_HELD = 13


class BookCount(IntEnum):
    """What the order book makes of a trade, and of an order that came in; see docs/book.md.

    A trade is the first of ``OFF_BOOK`` to ``AT_HEAD`` that fits. ``CROSSED`` is an order, and
    ``UNKNOWN_RESTING`` a reference to an order that must have rested before the log begins.
    """

    OFF_BOOK = 0
    AUCTION = 1
    ONE_SIDED = 2
    LEG = 3
    UNPRICED = 4
    NO_LOTS = 5
    NOT_BEST = 6
    NOT_FIRST = 7
    AT_HEAD = 8
    CROSSED = 9
    UNKNOWN_RESTING = 10


BOOK_FAULTS: Final = (
    BookCount.NO_LOTS,
    BookCount.NOT_BEST,
    BookCount.NOT_FIRST,
    BookCount.CROSSED,
)
"""What does not fit a book by price and time; the first rows of each are kept."""

FIRST_FAULTS_KEPT: Final = 5
"""How many rows of a fault kind the certificate names per contract."""

CODES: Final[dict[str, type[IntEnum]]] = {
    "action": Action,
    "side": Side,
    "offset": Offset,
    "hedge": Hedge,
    "order_type": OrderType,
    "tif": Tif,
    "trade_type": TradeType,
    "cancel_by": CancelBy,
    "phase": Phase,
}
"""Columns whose values are codes."""


def code_words(column: str) -> dict[str, int]:
    """Return the words a log may use in a code column, with their codes."""
    return {
        member.name.lower(): int(member)
        for member in CODES[column]
        if member is not CancelBy.UNNAMED
    }


def word_of(column: str, code: int) -> str | None:
    """Return the word of a code, None for 0."""
    return CODES[column](code).name.lower() if code else None


# --- the canonical log -------------------------------------------------------------------------

LOG_COLUMNS: Final = (
    "exchange",
    "channel",
    "seq",
    "ts",
    "contract",
    "action",
    "order_id",
    "account",
    "member",
    "client",
    "side",
    "offset",
    "hedge",
    "order_type",
    "tif",
    "price",
    "lots",
    "contra_order_id",
    "contra_account",
    "trade_id",
    "order_contract",
    "contra_order_contract",
    "trade_type",
    "cancel_by",
    "phase",
    "day",
)
"""Every column a canonical log may have; others are carried along by convert, unread by a scan."""

REQUIRED_COLUMNS: Final = ("ts", "contract", "action", "order_id", "account", "lots")
"""Columns without which nothing can be counted; ``side`` and ``price`` are checked if present."""

MATCH_COLUMNS: Final = ("contra_order_id", "trade_id")
"""Columns that tell the other side of a trade; a log without either lacks no side."""

ASSUMED: Final = {
    "hedge": "speculation",
    "tif": "gfd",
    "order_type": "limit",
    "phase": "continuous",
    "cancel_by": "client",
    "market_maker": "no",
    "order_fee": "no",
}
"""What a rule takes for granted where the log, or a table, does not say."""

# --- attributes of a cell, packed into 16 bits -------------------------------------------------

ATTRIBUTE_BITS: Final = {
    "hedge": (0, 3),
    "tif": (3, 3),
    "order_type": (6, 3),
    "phase": (9, 2),
    "cancel_by": (11, 3),
    "market_maker": (14, 1),
    "unknown_order": (15, 1),
}
"""Attribute -> (lowest bit, width). ``unknown_order``: the order was never opened on this day."""

ATTRIBUTE_SPACE: Final = 1 << 16
NAMED_AT: Final = 16
"""From this bit on stands a code of the exemptions that name the account, see ``people``."""


def attribute_mask(names: set[str] | frozenset[str]) -> int:
    """Return the bits of the named attributes; ``unknown_order`` is always kept."""
    mask = 0
    for name in {*names, "unknown_order"}:
        low, width = ATTRIBUTE_BITS[name]
        mask |= ((1 << width) - 1) << low
    return mask


def attribute_value(attributes: int, name: str) -> int:
    """Return one attribute's code out of a packed value."""
    low, width = ATTRIBUTE_BITS[name]
    return (attributes >> low) & ((1 << width) - 1)


# --- counts ------------------------------------------------------------------------------------

CELL_COUNTS: Final = ("orders", "cancels", "messages", "filled_orders", "open_lots")
"""Additive counts that a cell holds, in the core's order; large cancels follow, one per size."""

EXTRA_COUNTS: Final = (
    "ordered_open_lots",
    "limit_price_cancels",
    "limit_price_cancel_lots",
    "filled_lots",
)
"""Additive counts that a cell holds, after the large cancels, only where something asks for them.

ordered_open_lots: lots of ``new`` rows with offset open; limit_price_cancels: cancels of buys at
the upper, of sells at the lower limit price after a trade at it, and their lots; filled_lots: of
fills.
"""

PAIR_COUNTS: Final = ("self_trades", "self_trade_pairs", "self_trade_orders", "self_trade_lots")
"""Additive counts of matches within a subject; they are sums over ``self_pairs``."""

RATIO_COUNTS: Final = ("otr",)
"""Ratios, judged at the end of the day."""

POSITION_COUNTS: Final = ("long_lots", "short_lots")
"""Positions: judged at each upward passage of a level; a day's figure is the peak."""

SHARE_COUNTS: Final = ("volume_share", "order_share", "cancel_share", "open_interest_share")
"""A subject's part of what all did in the scope, 0 to 1, at the end of the day."""

LIMIT_PRICE_COUNTS: Final = ("limit_price_cancels", "limit_price_cancel_lots")
"""Counts that need the limit prices of the day."""

DEVIATION_COUNTS: Final = ("volume_deviation", "order_deviation", "cancel_deviation")
"""How many spreads a subject's day is above the median of its own last days."""

HELD_COUNTS: Final = (*POSITION_COUNTS, "open_interest_share")
"""Counts for which what is held has to be followed."""

STATISTICS: Final = (*SHARE_COUNTS, *DEVIATION_COUNTS)
"""Figures that alone give at most yellow."""

OBSERVED_COUNTS: Final = (*POSITION_COUNTS, "burst_occasions", "kernel")
"""Counts that observers of the day's steps measure."""

FIGURES: Final = (*RATIO_COUNTS, *STATISTICS, "kernel")
"""Counts that are numbers with a fraction: a level's own number is what they are compared with."""

COUNTS: Final = (
    *CELL_COUNTS,
    "large_cancels",
    *EXTRA_COUNTS,
    *PAIR_COUNTS,
    *RATIO_COUNTS,
    *STATISTICS,
    *OBSERVED_COUNTS,
)


def count_word(count_name: str) -> str:
    """Return the count of a name as outputs write it, without its parameter."""
    return count_name.partition("@")[0]


SCOPES: Final = ("contract", "series", "product", "exchange")
STATISTIC_SCOPES: Final = ("contract", "product")
"""Scopes in which subjects are compared: contracts come and go, their product stays."""
LEVELS: Final = ("yellow", "red")
BURST_WINDOWS: Final = ("calendar", "sliding")
CONTRACT_KINDS: Final = ("deep_out_of_the_money",)
"""Kinds of contract that a rule may be for, told by the contract table for the day."""
GROUP_STATUSES: Final = ("filed", "determined", "suspected")
SUBJECT_KINDS: Final = ("account", "client", "group")

EXCHANGE: Final = "exchange"
BROKER: Final = "broker"
FINAL_STATE: Final = "final-state"
VISIBILITIES: Final = (EXCHANGE, BROKER, FINAL_STATE)
"""What a log shows: a whole market; what one broker sees of it; each order's last state only."""
