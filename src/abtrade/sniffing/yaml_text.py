"""A mapping as the text of a YAML file, with remarks on what is a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import yaml

from ..readers.mapping import TimeRule
from ..safe_text import for_terminal
from .proposal import Proposal

Say = Callable[..., str]
"""Gives the text of a key in some language."""

_PLAIN: Final = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*\Z", re.ASCII)


def mapping_yaml(proposal: Proposal, say: Say) -> str:
    """Return a mapping file; ``say`` gives its remarks.

    What is read back from it is the proposal's mapping, whatever signs its names are of.
    """
    return "\n".join(_lines(proposal, say)) + "\n"


def _lines(proposal: Proposal, say: Say) -> Iterator[str]:
    mapping = proposal.mapping
    yield f"# {say('sniff.yaml.title')}"
    if mapping.columns:
        yield "columns:"
        guesses = {use.column for use in proposal.uses if use.guess}
        for column, canonical in mapping.columns.items():
            guess = f"  # {say('sniff.yaml.guess')}" if column in guesses else ""
            yield f"  {_scalar(column)}: {canonical}{guess}"
    if mapping.codes:
        yield "codes:"
    for column in dict.fromkeys((*mapping.codes, *proposal.unknown_words)):
        if words := mapping.codes.get(column):
            guess = f"  # {say('sniff.yaml.guess')}" if column in proposal.guessed_codes else ""
            yield f"  {column}: {_flow(words)}{guess}"
        if unknown := proposal.unknown_words.get(column):
            shown = ", ".join(map(_scalar, unknown[:20]))
            yield f"  # {say('sniff.yaml.unknown', column=column, words=shown)}"
    if _time_items(mapping.time):
        yield f"time: {_flow(_time_items(mapping.time))}"
    if mapping.encoding != "utf-8":
        yield f"encoding: {mapping.encoding}"
    if mapping.delimiter != ",":
        yield f"delimiter: {'tab' if mapping.delimiter == chr(9) else _scalar(mapping.delimiter)}"


def _time_items(time: TimeRule) -> dict[str, Any]:
    form = time.formats[0] if len(time.formats) == 1 else list(time.formats)
    items = {"join": list(time.join), "format": form, "unit": time.unit}
    if time.date != TimeRule().date:
        items["date"] = time.date
    return {key: value for key, value in items.items() if value}


def _flow(items: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{_scalar(key)}: {_value(item)}" for key, item in items.items()) + "}"


def _value(item: Any) -> str:
    if item is None:
        return "null"
    if isinstance(item, Iterable) and not isinstance(item, str):
        return "[" + ", ".join(map(_scalar, item)) + "]"
    return _scalar(item)


def _scalar(text: str) -> str:
    """Return a text as YAML: plain where that reads back as it, else quoted, with escapes."""
    if _PLAIN.match(text) and yaml.safe_load(text) == text:
        return text
    return '"' + for_terminal(text).replace('"', '\\"') + '"'
