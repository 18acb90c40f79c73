"""The hash of an engine's state: a sum over its parts, so that no order of theirs matters.

A part is a run of whole numbers, the first of which says what kind of part it is; ``mix`` makes
64 bits of it. Both engines add up the same parts modulo 2^64. Names enter as ``name_hash``, never
as dense ids, so that the order in which a log names things does not matter either.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, Final

import numpy as np

WORD: Final = 2**64 - 1
"""The bits of a machine word; every sum and product here is cut to them."""

OPEN_ORDER: Final = 1  # contract, id high, id low, account, lots left, filled
FINISHED_ORDER: Final = 2  # contract, id high, id low
FILLED_UNKNOWN_ORDER: Final = 3  # contract, id high, id low
WAITING_TRADE: Final = 4  # contract, trade id high, trade id low, lots
CELL: Final = 5  # contract, account, attributes, schema.CELL_COUNTS, then one per large size
BOOK_ORDER: Final = 6  # contract, side, price, place in its queue, id high, id low, lots left
BOOK_INCOMING: Final = 7  # contract, id high, id low, lots left
BOOK_FLAGS: Final = 8  # contract, 1 traded + 2 collecting without a phase + 4 collecting by phase
BURSTS: Final = 30  # rule, who, clock, late, unknown, occasions by stage
BURST_SECOND: Final = 31  # rule, who, start, unknown, messages by stage
BURST_WINDOW: Final = 32  # rule, who, start, messages, unknown, stage
BURST_WAITING: Final = 33  # rule, who, time, unknown, stage
BURST_SHARE: Final = 34  # rule, who, messages in occasions
KERNEL_FIGURE: Final = 40  # rule, who, scope, levels, highest figure, its event, numbers kept
KERNEL_GROSS_FIGURE: Final = 41  # the same of all events that the rule asks about
KERNEL_EVENTS: Final = 42  # rule, account, scope, events, unknown ones
KERNEL_GROSS_EVENTS: Final = 43  # the same of all events, then those left out by reason


def mix(*words: int) -> int:
    """Return 64 bits of a run of whole numbers, each taken modulo 2^64; their order matters."""
    folded = 0
    for word in words:
        folded = splitmix64(folded ^ (word & WORD))
    return folded


def splitmix64(word: int) -> int:
    """Return the splitmix64 step of a word: a bijection of 64 bits that spreads every bit."""
    word = (word + 0x9E3779B97F4A7C15) & WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
    return word ^ (word >> 31)


@lru_cache(maxsize=64)  # who is new is told to every observer in turn
def name_hash(text: str) -> int:
    """Return 64 bits of a name; that of a contract or account is its ``full_name``."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def full_name(exchange: str, name: str) -> str:
    """Return the name of a contract or an account that tells exchanges apart."""
    return f"{exchange}\x1f{name}"


def mix_columns(*words: Any) -> int:
    """Return the sum of ``mix`` over rows: each word an int for all, or (n,) 64-bit numbers."""
    rows = max((len(word) for word in words if not isinstance(word, int)), default=1)
    folded = np.zeros(rows, np.uint64)
    for word in words:
        column = np.uint64(word & WORD) if isinstance(word, int) else word.view(np.uint64)
        folded = _splitmix64_columns(folded ^ column)
    return int(folded.sum()) & WORD


def _splitmix64_columns(word: Any) -> Any:
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
