"""Desk: which rules of a day a desk has switched, and what of its overlay could not be applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..wording import text
from .rule import Text

Named = tuple[str, str]
"""An exchange, and the id of a rule of it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What was done to the rules of a day before anybody was judged by them."""

    unverified_off: tuple[Named, ...] = ()
    switched_off: tuple[tuple[Named, Text], ...] = ()  # who did it, why and until when
    not_in_force: tuple[Named, ...] = ()  # that the overlay names, and that stand on other days
    not_asked: tuple[Named, ...] = ()  # that it names, and that --rules does not
    idle: tuple[Named, ...] = ()  # switched off, and yet set or switched on by the same overlay
    expired: tuple[Text, ...] = ()
    overlay: Path | None = None
    sha256: str | None = None  # of the overlay's bytes
    owner: Text | None = None

    def at(self, exchanges: Collection[str]) -> Desk:
        """Return it with nothing said of rules for other exchanges; what expired is always told."""
        return replace(
            self,
            unverified_off=_at(self.unverified_off, exchanges),
            switched_off=tuple(each for each in self.switched_off if each[0][0] in exchanges),
            not_in_force=_at(self.not_in_force, exchanges),
            not_asked=_at(self.not_asked, exchanges),
            idle=_at(self.idle, exchanges),
        )

    def notes(self) -> list[Text]:
        """Return what there is to say of an overlay, as sentences."""
        told = [
            by_language("desk.off.line", rule=rule, why=why) for (_, rule), why in self.switched_off
        ]
        for key, named in (
            ("desk.not_in_force", self.not_in_force), ("desk.not_asked", self.not_asked),
            ("desk.idle", self.idle),
        ):  # fmt: skip
            if named:
                names = ", ".join(sorted(rule for _, rule in named))
                told.append(by_language(key, names=names))
        return [*told, *self.expired]


def by_language(key: str, **values: Any) -> Text:
    """Return a text of the outputs in both languages; a value may be such a text itself."""
    return {
        lang: text(lang, key, **{
            name: value[lang] if isinstance(value, dict) else value
            for name, value in values.items()
        })
        for lang in ("en", "zh")
    }  # fmt: skip


def _at(named: tuple[Named, ...], exchanges: Collection[str]) -> tuple[Named, ...]:
    return tuple(each for each in named if each[0] in exchanges)
