"""Keys of the view: what each does, and how it is called."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from ...wording import Language, text
from . import styles
from .lines import left, line

KEYS: Final[tuple[tuple[str, str, str], ...]] = (
    ("space", "pause", "space"),
    ("right", "step(1)", "→ ←"),
    ("left", "step(-1)", ""),
    ("full_stop", "second(1)", ". ,"),
    ("comma", "second(-1)", ""),
    ("right_square_bracket", "minute(1)", "] ["),
    ("left_square_bracket", "minute(-1)", ""),
    ("plus,equals_sign", "faster", "+ -"),
    ("minus", "slower", ""),
    ("g", "jump", "g"),
    ("e", "event(1)", "e E"),
    ("E", "event(-1)", ""),
    ("a", "alert(1)", "a A"),
    ("A", "alert(-1)", ""),
    ("home", "edge(0)", "Home End"),
    ("end", "edge(1)", ""),
    ("f", "suspect", "f"),
    ("s", "subject", "s"),
    ("c", "contract", "c"),
    ("m,enter", "messages", "m"),
    ("h,question_mark", "help", "h ?"),
    ("q", "quit", "q"),
)
"""The keys, what they do, and how they are written; a blank belongs to the one before."""

FOOTER: Final = ("pause", "step", "second", "minute", "faster", "event", "alert", "jump")
"""What the last line tells as far as there is room; help is always there."""


def footer(lang: Language, width: int) -> Text:
    """Return the line of the keys that matter most."""
    written = {action.partition("(")[0]: keys for _, action, keys in KEYS if keys}
    last = _key(written["help"], text(lang, "replay.key.help"))
    found = Text("")
    for name in FOOTER:
        key = _key(written[name].replace(" ", ""), text(lang, f"replay.key.{name}"))
        if found.cell_len + key.cell_len + last.cell_len > width:
            break
        found.append_text(key)
    return found.append_text(last)


def _key(written: str, does: str) -> Text:
    return line(" ", (written, styles.KEY), f" {does} ")


def help_lines(lang: Language) -> list[Text]:
    """Return all keys, a line each, then what the colours and marks mean."""
    found = [
        line((left("  " + written, 12), styles.KEY),
             text(lang, f"replay.help.{action.partition('(')[0]}"))
        for _, action, written in KEYS if written
    ]  # fmt: skip
    found.append(Text(""))
    found += [line("  " + each) for each in text(lang, "replay.help.marks").split("\n")]
    return found
