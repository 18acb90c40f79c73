"""Step: one thing that a row did for one account, resolved; what observers and kernels read.

A row of the log names orders; a step says whose order it was, under which attributes, and how many
lots it moved. A trade has a step a side, the one of ``order_id`` first. Rows without effect (a
duplicate, an event on a finished order, a reject) and orders of nobody known have none. Steps are
handed out only where something asks for them.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

import numpy as np


class What(IntEnum):
    """What happened to the order."""

    ORDER = 1  # it came in
    CARRIED = 2  # it rested when the log begins
    CANCEL = 3  # lots were taken off
    AMEND = 4
    RFQ = 5
    FILL = 6


class Flag(IntFlag):
    """What else is known of a step."""

    MESSAGE = 1  # it counts in ``messages``
    REMAINDER = 2  # a cancel: the automatic remainder of a FAK or FOK order
    ORDINARY = 4  # a fill: of a trade that can be a self-trade or an opening


class Step(NamedTuple):
    """One step; null is 0 for codes, NULL_PRICE for the price."""

    row: int  # in the batch
    lots: int  # ORDER, CARRIED: of the order; CANCEL: taken off; AMEND: left; FILL: matched; RFQ: 0
    price: int  # of the row, in ticks
    match: int  # a fill of a match told by two rows: index in the day of the first; else -1
    contract: int  # of a fill: where it was traded
    account: int
    attributes: int  # as in cells, but for the code of exemptions: packed, masked; see schema
    what: int  # What
    side: int  # schema.Side of the order; of a leg's fill, its own
    offset: int  # schema.Offset
    flags: int  # Flag


STEP: Final = np.dtype([
    ("row", "i8"), ("lots", "i8"), ("price", "i8"), ("match", "i8"), ("contract", "i4"),
    ("account", "i4"), ("attributes", "u4"), ("what", "u1"), ("side", "u1"), ("offset", "u1"),
    ("flags", "u1"),
])  # fmt: skip
"""A ``Step`` as the core hands it out: 48 bytes."""
