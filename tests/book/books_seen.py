"""What both engines see in the order books of a text table."""

from __future__ import annotations

from typing import Any

from abtrade.compiled import CompiledEngine
from reference.table import CONTRACT, Found, count

PLAIN = "action order_id account side price lots"
"""The header of a table that gives none."""


def found(text: str, **how: Any) -> Found:
    """Count a table with order books, which both engines see alike."""
    lines = [line for line in text.splitlines() if line.strip()]
    header = [] if lines[0].split()[0] == "action" else [PLAIN]
    text = "\n".join([*header, *lines])
    counted = count(text, book=True, **how)
    core = count(text, book=True, engine_class=CompiledEngine, **how).day
    assert core.books == counted.day.books
    assert core.state_hash == counted.day.state_hash
    return counted


def seen(text: str, contract: str = CONTRACT, **how: Any) -> dict[str, int]:
    """Return how often a contract's book saw what."""
    return found(text, **how).book(contract)
