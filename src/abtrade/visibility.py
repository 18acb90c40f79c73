"""Visibility: how much of the market, and of each order's history, a log shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from . import schema


@dataclass(frozen=True, slots=True)
class Sight:
    """What a log lets one see.

    A final-state log may be one broker's as well: ``word`` then says the former.
    """

    word: str = schema.EXCHANGE  # one of schema.VISIBILITIES
    one_broker: bool = False
    netted: bool = False  # no offset is told, so that positions are netted

    @property
    def has_history(self) -> bool:
        """Whether the log tells when each order did what, and so when a level was reached."""
        return self.word != schema.FINAL_STATE

    def is_lower_bound(self, count: str) -> bool:
        """Whether a count may be higher in truth; a ratio may be higher or lower.

        That goes for accounts too: many a broker's log writes the client's code alone, which is
        the same at every member.
        """
        word = schema.count_word(count)
        if word in schema.POSITION_COUNTS and self.netted:
            return False  # what is not seen may close as well as open
        return self.one_broker and word not in schema.FIGURES


def sight_of(
    told: Iterable[str | None], columns: Collection[str], *, one_broker: bool = False
) -> Sight:
    """Return what a log shows, by what its sources say of themselves and by its columns.

    told : each source's ``visibility``, None where it leaves that to the columns
    one_broker : whether a source is one broker's whatever its ``visibility``

    A log that names one side of a trade a row is a broker's; one that names both, a market's.
    """
    words = set(told)
    assert words <= {None, *schema.VISIBILITIES}, words
    one_sided = "trade_id" in columns and "contra_order_id" not in columns
    one_broker = one_broker or schema.BROKER in words or one_sided
    netted = "offset" not in columns
    if schema.FINAL_STATE in words:
        return Sight(schema.FINAL_STATE, one_broker, netted)
    return Sight(schema.BROKER if one_broker else schema.EXCHANGE, one_broker, netted)
