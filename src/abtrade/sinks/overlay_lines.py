"""A desk's overlay told on a terminal: whose it is, and which rules judged otherwise by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .. import wording
from ..safe_text import for_terminal
from ..wording import Language, text

REASONS_SHOWN: Final = 3


def overlay_lines(overlay: Mapping[str, Any], path: str, lang: Language) -> Iterator[str]:
    """Yield what the certificate has of an overlay, a line a rule that judged otherwise by it."""
    key = "overlay" if overlay["rules"] else "overlay.nothing"
    yield text(lang, key, file=for_terminal(path), owner=for_terminal(overlay["owner"][lang]))
    for rule, did in overlay["rules"].items():
        parts = [for_terminal(change[lang]) for change in did["changes"]]
        if exemptions := did["exemptions"]:
            reasons = [entry["reason"][lang] for entry in exemptions]
            n = sum(entry["left_out"] for entry in exemptions)
            names = wording.names_of(reasons, lang, REASONS_SHOWN)
            parts.append(text(lang, "overlay.exempt", n=f"{n:,}", names=names))
        entries = text(lang, "entries").join(parts)
        yield text(lang, "rule.line", what=for_terminal(rule), entries=entries)
