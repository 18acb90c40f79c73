"""JSON Schema of rules and overlays, for editors; made from the tables that reading follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from .. import schema
from .kinds import Text
from .lint import CANCEL_BY_COUNTS, OF_ORDERS, PARAMETERS
from .overlay_syntax import OVERLAY
from .syntax import FILTER_FIELDS, LEVEL, RULE

SCHEMA_FILE: Final = Path(__file__).with_name("rule.schema.json")
"""The copy that ships; its text is ``schema_text()``."""


def schema_text(schema: dict[str, Any] | None = None) -> str:
    """Return a schema as the text of a file; without one that of a rule."""
    return json.dumps(schema or rule_schema(), ensure_ascii=False, indent=2) + "\n"


def rule_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a rule file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "abtrade rule",
        **RULE.schema(),
        "anyOf": [{"required": [level]} for level in schema.LEVELS],
        "allOf": _conditions(),
        "$defs": {"text": Text.definition()},
    }


def overlay_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a desk's overlay."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "abtrade overlay",
        **OVERLAY.schema(),
        "$defs": {"text": Text.definition()},
    }


def _conditions() -> list[dict[str, Any]]:
    """Return what depends on the count."""
    whole = [count for count in schema.COUNTS if count not in schema.FIGURES]
    return [
        *(
            {**_count_in(*counts), "then": {"required": [name]} if needed else {},
             "else": _without(name)}
            for name, (counts, needed) in PARAMETERS.items()
        ),
        {**_count_in("burst_occasions"), "then": {"properties": {"scope": {"const": "exchange"}}}},
        {**_count_in(*schema.STATISTICS), "then": _without("red")},
        {**_count_in(*schema.PAIR_COUNTS), "else": _without("both")},
        {**_count_in(*CANCEL_BY_COUNTS), "else": _filters_without("cancel_by")},
        {**_count_in(*schema.POSITION_COUNTS), "then": _filters_without(*OF_ORDERS)},
        {"if": {"required": ["limit"]}, "then": _levels({"exclusiveMinimum": 0}),
         "else": {**_count_in(*whole), "then": _whole_levels()}},
        {**_count_in("large_cancels"), "then": _one_of("large_lots", "large_of_max")},
        {"properties": {
            "only": {"if": {"type": "object"}, "then": _some_filter(), "items": _some_filter()},
            "leave_out": {"items": _some_filter()},
            "large_of_max": {"properties": {"gte": _PART, "gt": _PART_BELOW_ALL}},
        }},
    ]


def _count_in(*counts: str) -> dict[str, Any]:
    return {"if": {"properties": {"count": {"enum": list(counts)}}, "required": ["count"]}}


_PART: Final = {"exclusiveMinimum": 0, "maximum": 1}
_PART_BELOW_ALL: Final = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}


def _one_of(*keys: str) -> dict[str, Any]:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _without(key: str) -> dict[str, Any]:
    return {"properties": {key: False}}


def _filters_without(*keys: str) -> dict[str, Any]:
    entry = {"properties": dict.fromkeys(keys, False)}
    return {"properties": {"only": {**entry, "items": entry}, "leave_out": {"items": entry}}}


def _some_filter() -> dict[str, Any]:
    return {"anyOf": [{"required": [field.name]} for field in FILTER_FIELDS]}


def _whole_levels() -> dict[str, Any]:
    return _levels({"type": "integer", "minimum": 0}, gte={"type": "integer", "minimum": 1})


def _levels(number: dict[str, Any], **other: dict[str, Any]) -> dict[str, Any]:
    """Return what the numbers of levels are, and of one comparison where it is another."""
    numbers = {field.name: other.get(field.name, number) for field in LEVEL.fields}
    return {"properties": {level: {"properties": numbers} for level in schema.LEVELS}}
