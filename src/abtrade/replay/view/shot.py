"""Shots: the view of a session's present moment as an SVG file."""

from __future__ import annotations

from pathlib import Path

from ...errors import OutputError
from ...safe_text import for_terminal
from ...sinks.file import check_file, whole_text
from ...wording import Language
from .frame import LEAST_HEIGHT, LEAST_WIDTH, frame
from .pace import Pace
from .protocol import Session
from .svg import svg

WIDTH = 120
HEIGHT = 36
SUFFIX = ".svg"


def check_shot(path: Path, *, force: bool = False) -> None:
    """Raise OutputError where no picture could be written, or its name tells of another kind."""
    if path.suffix.lower() != SUFFIX:
        shown = for_terminal(str(path))
        raise OutputError(f"{shown}: expected a name that ends with {SUFFIX}")
    check_file(path, force=force)


def write_shot(
    session: Session,
    path: Path,
    *,
    lang: Language,
    width: int = WIDTH,
    height: int = HEIGHT,
    force: bool = False,
) -> None:
    """Write the view of the session's present moment, so many columns by so many lines.

    The file is there whole or not at all, names nothing outside itself, and is at least 80 x 24.
    Raises OutputError where it cannot be written, or is there and ``force`` is not given.
    """
    width, height = max(width, LEAST_WIDTH), max(height, LEAST_HEIGHT)
    moment = session.moment()
    lines = frame(moment, session.day, Pace(), lang, width, height, keys=False)
    title = f"{moment.exchange}.{moment.contract} {session.day}"
    with whole_text(path, force=force) as file:
        file.write(svg(lines, width, title))
