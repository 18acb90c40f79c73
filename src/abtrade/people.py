"""People: whom exemptions name; each account carries a code of the exemptions that name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

Person = tuple[str, str]
"""(kind, name): an account, a client or a group, as the log and the tables name it."""

KINDS: Final = ("account", "client", "group")
MOST_CODES: Final = 255


@dataclass(frozen=True, slots=True)
class People:
    """Whom exemptions name. Code 0 is of accounts that none names.

    The code of an account stands above its events' attributes, see ``schema.NAMED_AT``.
    """

    exemptions: tuple[frozenset[Person], ...] = ()
    _naming: Mapping[Person, frozenset[int]] = field(default_factory=dict)  # exemptions, by person
    _codes: Mapping[frozenset[int], int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many codes there are beside 0."""
        return max(0, len(self._codes) - 1)

    def code(self, account: str, client: str, group: str | None) -> int:
        """Return the code of an account, by its client and its group on the day."""
        if not self.exemptions:
            return 0
        names = zip(KINDS, (account, client, group or ""), strict=True)
        return self._codes[frozenset().union(*(self._naming.get(who, ()) for who in names))]

    def codes_of(self, named: frozenset[Person]) -> frozenset[int]:
        """Return the codes of accounts that an exemption names."""
        place = self.exemptions.index(named)
        return frozenset(code for naming, code in self._codes.items() if place in naming)


def make_people(exemptions: Iterable[frozenset[Person]]) -> People:
    """Return the people of exemptions, each given by whom it names.

    There is a code for each way in which exemptions may name an account, its client and its group.
    Raises ValueError where these are more than ``MOST_CODES``.
    """
    named = tuple(sorted(set(exemptions), key=sorted))
    naming = {
        who: frozenset(i for i, persons in enumerate(named) if who in persons)
        for who in {who for persons in named for who in persons}
    }
    ways = [{frozenset[int](), *(n for (k, _), n in naming.items() if k == kind)} for kind in KINDS]
    several = 1
    for way in ways:
        several *= len(way)
    if several > MOST_CODES + 1:
        raise ValueError(
            f"exemptions name accounts, clients and groups in {several - 1} ways, expected at most "
            f"{MOST_CODES}; name several in one entry"
        )
    unions = {frozenset().union(*each) for each in product(*ways)}
    in_order = sorted(unions, key=sorted)
    return People(named, naming, {union: code for code, union in enumerate(in_order)})
