"""Lines of a panel: texts of a fixed number of columns, a Chinese character taking two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from ...safe_text import for_lines, for_terminal
from . import styles

Piece = str | tuple[str, str]
"""A text, or a text with its style."""


def line(*pieces: Piece) -> Text:
    """Return a line out of pieces; whatever comes out of a log is made harmless first."""
    return Text.assemble(*pieces, no_wrap=True, end="")


def fitted(one: Text, width: int) -> Text:
    """Return a line of exactly so many columns, one cut short ending in an ellipsis."""
    made = one.copy()
    made.truncate(width, overflow="ellipsis", pad=True)
    return made


def block(lines: Iterable[Text], width: int, height: int) -> list[Text]:
    """Return exactly so many lines of so many columns."""
    made = [fitted(each, width) for each in lines][:height]
    return made + [Text(" " * width, end="")] * (height - len(made))


def beside(blocks: Sequence[tuple[Sequence[Text], int]], height: int, gap: int = 1) -> list[Text]:
    """Return blocks of lines, each with its width, next to each other."""
    columns = [block(lines, width, height) for lines, width in blocks]
    return [Text(" " * gap, end="").join(row) for row in zip(*columns, strict=True)]


def head(name: str, width: int, more: str = "") -> Text:
    """Return the line above a panel: its name, and what else there is to say of it."""
    said = line((name, styles.HEAD), " ", more, " " if more else "")
    said.truncate(width, overflow="ellipsis")
    return said.append("─" * max(0, width - said.cell_len), styles.FAINT)


def right(said: str, width: int) -> str:
    """Return a text with blanks before it."""
    return " " * (width - cell_len(said)) + said


def left(said: str, width: int) -> str:
    """Return a text with blanks after it."""
    return said + " " * (width - cell_len(said))


def harmless(said: str) -> str:
    """Return a text of the log on one line, control and unseen characters spelled out."""
    return for_terminal(said)


def spelled(message: str) -> str:
    """Return a message, whose names are spelled out already, on one line."""
    return for_lines(message).replace("\n", "\\n").replace("\t", "\\t")
