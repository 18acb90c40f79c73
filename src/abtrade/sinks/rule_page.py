"""A rule explained, as lines for a terminal, as Markdown, or as JSON data."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from ..rules.explained import Explained
from ..safe_text import for_lines
from ..wording import Language, text

_LISTS: Final = ("levels", "leave_out", "versions", "alternatives")
"""Parts whose sentences speak of one thing each."""


def page_text(explained: Explained, lang: Language) -> str:
    """Return the page as lines, a sentence a line, each made harmless."""
    lines = [_heading(explained, lang), explained.about]
    for part in explained.parts:
        mark = "- " if part.key in _LISTS else ""
        lines += ["", part.title, *(f"  {mark}{sentence}" for sentence in part.sentences)]
    return for_lines("\n".join(lines))


def page_markdown(explained: Explained, lang: Language) -> str:
    """Return the page as Markdown; texts of the rule bring no markup of their own."""
    lines = [f"# {_marked(_heading(explained, lang))}", "", _marked(explained.about)]
    for part in explained.parts:
        lines += ["", f"## {part.title}", ""]
        if part.key in _LISTS:
            lines += [f"- {_marked(sentence)}" for sentence in part.sentences]
        else:
            lines.append(_marked(text(lang, "sentence").join(part.sentences)))
    return "\n".join(lines)


def page_data(explained: Explained, day: date | None, lang: Language) -> dict[str, Any]:
    """Return the page as JSON data; ``day`` is the one that was asked for."""
    rule = explained.rule
    return {
        "rule": rule.id,
        "version": rule.version,
        "day": day,
        "language": lang,
        "about": explained.about,
        "exchange": rule.exchange,
        "from": rule.from_day,
        "to": rule.to_day,
        "status": rule.status,
        "parts": [
            {"part": part.key, "title": part.title, "sentences": list(part.sentences)}
            for part in explained.parts
        ],
        "file": rule.path,
    }


def _heading(explained: Explained, lang: Language) -> str:
    version = text(lang, "part.version"), explained.rule.version
    return f"{explained.rule.id} ({version[0]} {version[1]})"


def _marked(line: str) -> str:
    r"""Return text for a line of Markdown, its own marks spelled out: ``*`` becomes ``\*``."""
    return re.sub(r"[\\*<>\[\]&|#]", lambda mark: "\\" + mark[0], for_lines(line))
