"""Folding: a text broken into lines by its width on a terminal, Chinese and English alike."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len

_OPENING: Final = "（“《〔"
_CLOSING: Final = "，。；：、）”》〕！？"
_CHINESE: Final = "\u3040-\u9fff"
_PIECE: Final = re.compile(
    rf"[{_OPENING}]*(?:[{_CHINESE}]|[^\s{_CHINESE}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*\s*"
)


def fold(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Return a text as lines of at most ``width`` columns, a word longer than that apart.

    first, rest : what begins the first line and the others
    A Chinese character is a word of its own, but no line begins with a comma or the like.
    """
    rest = first if rest is None else rest
    lines = [first]
    empty = True
    for piece in _PIECE.findall(text):
        if not empty and cell_len(lines[-1] + piece.rstrip()) > width:
            lines.append(rest)
        lines[-1] += piece
        empty = False
    return [line.rstrip() for line in lines]
