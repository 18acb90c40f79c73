"""Plots: stories with the people and contracts they were given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from . import _floor
from .people import Account
from .story import Story

ENDED: Final = "ended"
"""Status of a group whose link does not hold on the day."""

LIMIT_PLACES: Final = ("upper", "lower")
"""Still contracts of an exchange: at which limit price each of them trades."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A story with the accounts and contracts it was given, as positions."""

    story: Story
    exchange: str
    accounts: tuple[int, ...]
    contracts: tuple[int, ...]


@dataclass(slots=True)
class Planted:
    """All that is planted in a day; ``accounts`` are numbered from ``first`` on."""

    first: int
    plots: list[Plot] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    makers: list[tuple[Account, str]] = field(default_factory=list)
    bystanders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    holders: set[tuple[int, int]] = field(default_factory=set)
    """Account and contract of those of whom a story says what they hold when the day begins."""

    commands: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, _floor.COMMAND))

    def account(self, number: int) -> Account:
        """Return an account by its number in the day."""
        return self.accounts[number - self.first]

    def subject(self, plot: Plot) -> tuple[str, str]:
        """Return who is judged in a plot, kind and name; where they are strangers, the first."""
        first = self.account(plot.accounts[0])
        if first.group is not None and first.status != ENDED:
            return "group", first.group
        return "client", first.client

    def stories(self) -> dict[tuple[str, str], str]:
        """Return the story of each planted subject, by exchange and name."""
        found = {}
        for plot in self.plots:
            for number in plot.accounts:
                account = self.account(number)
                for name in (account.client, account.group):
                    if name is not None:
                        found[plot.exchange, name] = plot.story.text
        return found
