"""Styles of the view, of the terminal's own colours, so that dark and light ones can be read.

Buying and rising are red, selling and falling green, as is the custom in China. A level stands on
a ground of its colour and is told in words too: nothing is told by colour alone.
"""

from __future__ import annotations

from typing import Final

BUY: Final = "red"
SELL: Final = "green"
OWN: Final = "bold cyan"
HEAD: Final = "bold"
FAINT: Final = "dim"
BAR: Final = "reverse"
KEY: Final = "bold"
LEVELS: Final = {"yellow": "bold black on yellow", "red": "bold white on red"}
FILL: Final = {None: "blue", "yellow": "yellow", "red": "red"}
"""What fills the bar of a count, by the level it has reached."""

SIDES: Final = {"buy": BUY, "sell": SELL}
