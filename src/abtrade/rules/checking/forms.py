"""Findings in the forms that people and programs read: full, concise, JSON, GitHub, JUnit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...safe_text import for_json, for_lines
from ...wording import Language, text
from .finding import ERROR, WARNING, Finding
from .junit import junit

FORMATS: Final = ("full", "concise", "json", "github", "junit")


def told(found: Sequence[Finding], form: str, lang: Language, *, strict: bool = False) -> str:
    """Return findings as the text of a form (one of FORMATS), without the last line end.

    strict : warnings fail: JUnit and GitHub are told so
    """
    if form == "full":
        return "\n".join(full(each, lang) for each in found)
    if form == "concise":
        return "\n".join(_one_line(each, lang) for each in found)
    if form == "github":
        return "\n".join(_github(each, lang, strict) for each in found)
    if form == "json":
        return for_json(as_data(found), indent=2)
    said = [(each, head(each, lang), full(each, lang)) for each in found]
    return junit(said, strict=strict)


def full(each: Finding, lang: Language) -> str:
    """Return a finding with its line, a caret under the place and advice."""
    lines = [head(each, lang), each.excerpt]
    lines.append(f"  {each.advice[lang]}" if each.advice else "")
    return for_lines("\n".join(line for line in lines if line))


def as_data(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON data; texts by language, null for what there is not."""
    return [
        {
            "code": each.code,
            "severity": each.severity,
            "file": each.path or None,
            "line": each.place.line if each.place else None,
            "column": each.place.column if each.place else None,
            "rule": each.rule,
            "message": each.message,
            "advice": each.advice,
        }
        for each in found
    ]


def head(each: Finding, lang: Language) -> str:
    """Return place and message; what reading a file says stands as scans tell it."""
    where = f"{each.where}: " if each.where else ""
    if each.code == "R001":
        return f"{where}{each.message[lang]}"
    return f"{where}{each.code} {text(lang, f'check.{each.severity}')}: {each.message[lang]}"


def _one_line(each: Finding, lang: Language) -> str:
    where = f"{each.where}: " if each.where else ""
    line = f"{where}{each.code} {each.severity}: {each.message[lang]}"
    return for_lines(line).replace("\n", " ")


def _github(each: Finding, lang: Language, strict: bool) -> str:
    """Return the command by which a GitHub workflow marks a line."""
    options = {"file": each.path} if each.path else {}
    if each.place is not None:
        options |= {"line": str(each.place.line), "col": str(each.place.column)}
    options["title"] = each.code
    said = ",".join(f"{name}={_escaped(value, of_option=True)}" for name, value in options.items())
    kind = ERROR if each.fails(strict) else WARNING
    return f"::{kind} {said}::{_escaped(for_lines(each.message[lang]))}"


def _escaped(value: str, *, of_option: bool = False) -> str:
    pairs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    for char, code in pairs + ([(":", "%3A"), (",", "%2C")] if of_option else []):
        value = value.replace(char, code)
    return value
