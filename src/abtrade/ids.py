"""Order and trade ids as two 64-bit words, exact and of fixed size.

====================  =============================  ==================
id in the log         high word                      low word
====================  =============================  ==================
int64, or its plain   0                              the number
decimal text
digits with leading   how many zeros lead (1 to 63)  the number
zeros (``007``)
any other text        first half of a BLAKE2b-128    second half
                      digest, top bit set
====================  =============================  ==================

So ``7`` as a number and as text is one id, ``007`` is another, and equal words mean equal ids.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import numpy as np

from .batch import Int64, UInt64

DIGEST_BIT: Final = 1 << 63
_PLAIN = re.compile(r"(0|-?[1-9][0-9]*)\Z", re.ASCII)
_PADDED = re.compile(r"(0+)([0-9]+)\Z", re.ASCII)


def pack(text: str) -> tuple[int, int]:
    """Return the (high, low) words of an id's text, blanks already trimmed; low is signed."""
    if _PLAIN.match(text):
        number = int(text)
        if -(2**63) <= number < 2**63:
            return 0, number
    elif padded := _PADDED.match(text):
        digits = padded[2].lstrip("0") or "0"
        zeros, number = len(text) - len(digits), int(digits)
        if zeros < 64 and number < 2**63:
            return zeros, number
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    high = int.from_bytes(digest[:8], "little") | DIGEST_BIT
    return high, int.from_bytes(digest[8:], "little", signed=True)


def unpack(high: int, low: int) -> str | None:
    """Return the text of an id, None where only its digest is left."""
    if high & DIGEST_BIT:
        return None
    return "0" * high + str(low)


def pack_all(texts: list[str]) -> tuple[UInt64, Int64]:
    """Return the high and low words of many ids."""
    words = [pack(text) for text in texts]
    high = np.fromiter((word[0] for word in words), np.uint64, len(words))
    low = np.fromiter((word[1] for word in words), np.int64, len(words))
    return high, low
