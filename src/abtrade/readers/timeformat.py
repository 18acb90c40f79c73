"""Time formats of mapping files: texts written in one, rewritten as ISO 8601."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

FIXED_ZONE: Final = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]\Z", re.ASCII)
"""A time zone given as its distance from UTC."""

_NEEDED: Final = "YmdHMS"
_DIRECTIVE: Final = re.compile("%(.?)", re.DOTALL)
_LONE_DIGIT: Final = r"([-: ])([0-9])\b"


def format_problem(form: str) -> str | None:
    """Return what is wrong with a format, None where nothing is."""
    found = _DIRECTIVE.findall(form)
    for letter in found:
        if not letter or letter not in _NEEDED + "f%":
            return f"unknown '%{letter}' in the time format, expected %Y %m %d %H %M %S %f %%"
        if letter != "%" and found.count(letter) > 1:
            return f"'%{letter}' stands twice in the time format"
    missing = [f"%{letter}" for letter in _NEEDED if letter not in found]
    if missing:
        return f"the time format lacks {' '.join(missing)}"
    return None


def to_iso(strings: pa.StringArray, form: str) -> pa.StringArray:
    """Return the texts that follow ``form`` as ISO 8601; others are left as they are."""
    pattern, replacement = _rewriting(form)
    strings = pc.replace_substring_regex(strings, pattern, replacement)
    return pc.replace_substring_regex(strings, _LONE_DIGIT, r"\10\2")


def follows(text: str, form: str) -> bool:
    """Whether a text is written in a format, sign by sign."""
    return re.match(_rewriting(form)[0], text, re.ASCII) is not None


@lru_cache(maxsize=16)
def _rewriting(form: str) -> tuple[str, str]:
    """Return the pattern of a format, and the replacement that makes ISO 8601 of it."""
    pattern, at = "^", 0
    places: dict[str, int] = {}
    for match in _DIRECTIVE.finditer(form):
        pattern += re.escape(form[at : match.start()])
        at = match.end()
        if match[1] == "%":
            pattern += "%"
            continue
        places[match[1]] = len(places) + 1
        pattern += f"({_digits(match[1], before_digits=form[at : at + 1] == '%')})"
    pattern += re.escape(form[at:]) + "$"
    replacement = r"\{Y}-\{m}-\{d} \{H}:\{M}:\{S}".format(**places)
    return pattern, replacement + (rf".\{places['f']}" if "f" in places else "")


def _digits(letter: str, before_digits: bool) -> str:
    if letter == "Y":
        return "[0-9]{4}"
    if letter == "f":
        return "[0-9]{1,9}"
    return "[0-9]{2}" if before_digits else "[0-9]{1,2}"
