"""What makes a cancel large: a number of lots, or a share of the contract's maximum order size."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor


@dataclass(frozen=True, slots=True, order=True)
class LargeSize:
    """At least ``lots``; or, with ``of_max``, at least (``above``: more than) so much of the size.

    The maximum order size is that of the contract on the day, in lots. Sizes in lots sort first.
    """

    of_max: Fraction = Fraction(0)
    above: bool = False
    lots: int = 0

    @property
    def name(self) -> str:
        """The size as the names of counts have it: ``300``, ``0.8max``, ``over0.8max``."""
        if not self.of_max:
            return str(self.lots)
        share = Decimal(self.of_max.numerator) / Decimal(self.of_max.denominator)
        return f"{'over' if self.above else ''}{share:f}max"

    def at(self, max_order_lots: int | None) -> int | None:
        """Return the least lots of a large cancel; None where it needs a maximum not known."""
        if not self.of_max:
            return self.lots
        if max_order_lots is None:
            return None
        share = self.of_max * max_order_lots
        return max(1, floor(share) + 1 if self.above else ceil(share))
