"""Checks on the alternatives of a rule: each makes another rule, and a right one."""

from __future__ import annotations

from typing import Any, Final

from .document import Page, Place, quoted
from .kinds import Item
from .lint import lint

SIZES: Final = ("large_lots", "large_of_max")
"""Two ways to tell what makes a cancel large: one takes the other's place."""
_UNSAID: Final = {"burst_window": "calendar", "both": False}
"""What a rule means that does not say it."""


def lint_alternatives(rule: Item, page: Page) -> None:
    """Put every problem of a rule's alternatives on its page."""
    found = rule.value.get("alternatives")
    names: dict[str, int] = {}
    for entry in (found.value if found is not None else None) or ():
        if entry.value is None:
            continue
        _check_name(entry, names, page)
        changes = entry.value.get("set")
        if changes is None or not changes.value:
            continue
        if all(_is_read(item) for item in changes.value.values()):
            _check_changes(rule, changes, page)


def _check_name(entry: Item, names: dict[str, int], page: Page) -> None:
    name = entry.value.get("name")
    if name is None or name.value is None:
        return
    first = names.setdefault(name.value, name.place.line)
    if first != name.place.line:
        message = f"a second alternative {quoted(name.value)}, the first is on line {first}"
        page.problem(name.place, message)


def _check_changes(rule: Item, changes: Item, page: Page) -> None:
    """Hold what an alternative sets against the rule, and the rule that it makes to all checks."""
    if all(item.plain() == _said(rule, key) for key, item in changes.value.items()):
        page.problem(changes.place, "sets what the rule says anyway")
        return
    known = _problems(rule)
    kept = dict(rule.value)
    if not changes.value.keys().isdisjoint(SIZES):
        kept = {name: item for name, item in kept.items() if name not in SIZES}
    for message in _problems(Item(rule.place, {**kept, **changes.value})):
        if message not in known:
            page.problem(changes.place, f"under this alternative: {message}")


def _said(rule: Item, key: str) -> Any:
    found = rule.value.get(key)
    return _UNSAID.get(key) if found is None else found.plain()


def _is_read(item: Item) -> bool:
    """Whether all of a value could be read."""
    if isinstance(item.value, dict):
        return bool(item.value) and all(map(_is_read, item.value.values()))
    return item.value is not None


class _Kept(Page):
    """A page without a text that keeps what is said of a rule nobody wrote."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.messages: list[str] = []

    def problem(self, place: Place, message: str) -> None:
        """Keep a problem."""
        self.messages.append(message)


def _problems(rule: Item) -> list[str]:
    page = _Kept()
    lint(rule, page)
    return page.messages
