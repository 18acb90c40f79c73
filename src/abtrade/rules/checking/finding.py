"""Finding: what a check says of a place in a rule file, by a code that stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...wording import LANGUAGES, text
from ..document import Place
from ..rule import Text
from .rule_file import RuleFile

ERROR: Final = "error"
WARNING: Final = "warning"

SEVERITIES: Final = {
    "R001": ERROR,  # not a rule: what reading it says
    "R002": ERROR,  # an id twice for one day
    "R003": WARNING,  # days between two versions
    "R004": WARNING,  # a rule that never says what another does not
    "R005": ERROR,  # everything is left out
    "R006": ERROR,  # a filter of `only` that nothing counted fits
    "R007": WARNING,  # a filter of `only` that the others cover
    "R008": WARNING,  # an exemption that is never the reason of anything
    "R009": ERROR,  # a rule, or a level, that no contract can reach
    "R010": WARNING,  # a citation with a part missing
    "R011": WARNING,  # no test beside the rule
    "R012": WARNING,  # blind on the given log
    "R013": WARNING,  # a remark on a finding that is not there, or without a reason
}
"""Code -> severity. Codes are never given to another check."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a place, and what to do about it."""

    code: str  # one of SEVERITIES
    path: str  # as people are told it
    place: Place | None  # None: the file as a whole, or no file
    message: Text
    advice: Text | None = None
    rule: str | None = None  # id
    excerpt: str = ""  # the line and a caret under the place

    @property
    def severity(self) -> str:
        """``error`` or ``warning``."""
        return SEVERITIES[self.code]

    def fails(self, strict: bool) -> bool:
        """Whether a check fails by it: an error, and where that is ``strict`` a warning too."""
        return strict or self.severity == ERROR

    @property
    def where(self) -> str:
        """The place as ``file:line:column``, as much of it as there is."""
        if self.place is None:
            return self.path
        return f"{self.path}:{self.place.line}:{self.place.column}"


def finding(code: str, file: RuleFile, at: tuple[str | int, ...] | Place, kind: str = "",
            **values: object) -> Finding:  # fmt: skip
    """Return a finding on a rule file.

    at : keys and list positions that lead to the place, or the place
    kind : which of the code's texts, where it has several
    """
    place = at if isinstance(at, Place) else file.place(*at)
    key = f"check.{code}{'.' + kind if kind else ''}"
    return Finding(
        code, file.rule.path, place,
        message={lang: text(lang, key, **_of(values, lang)) for lang in LANGUAGES},
        advice={lang: text(lang, f"check.{code}.advice") for lang in LANGUAGES},
        rule=file.rule.id, excerpt=file.excerpt(place),
    )  # fmt: skip


def _of(values: dict[str, object], lang: str) -> dict[str, object]:
    """Return the values in a language: a text stands for itself in that language."""
    return {
        name: value[lang] if isinstance(value, dict) else value for name, value in values.items()
    }
