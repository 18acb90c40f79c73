"""What both engines see in the order books of a text table."""

from __future__ import annotations

from typing import Any

from reference.table import CONTRACT, Found, count

PLAIN = "action order_id account side price lots"
"""The header of a table that gives none."""


def found(text: str, **how: Any) -> Found:
    """Count a table with order books."""
    lines = [line for line in text.splitlines() if line.strip()]
    header = [] if lines[0].split()[0] == "action" else [PLAIN]
    return count("\n".join([*header, *lines]), book=True, **how)


def seen(text: str, contract: str = CONTRACT, **how: Any) -> dict[str, int]:
    """Return how often a contract's book saw what."""
    return found(text, **how).book(contract)
