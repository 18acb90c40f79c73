"""Plan: what the loaded rules ask of a day, in numbers; no YAML, no text but names.

``rules.compile`` makes it; the engines and ``rules.evaluate`` read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from . import schema
from .large import LargeSize
from .people import People, Person

MOST_REASONS: Final = 254
"""For which a rule may leave events out, ``outside`` among them: each is a code of one byte."""

Packed = TypeVar("Packed", int, npt.NDArray[Any])
"""Packed attributes: of one event, or of many."""


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What the contract table says of a contract on the day."""

    exchange: str
    contract: str
    product: str | None = None
    order_fee: bool | None = None
    tick: float | None = None
    kind: str | None = None  # future, option, combination, tas
    month: int | None = None  # yyyymm
    expiry: date | None = None
    underlying: str | None = None  # contract
    series: str | None = None  # the options of one underlying and month
    strike: float | None = None
    option_type: str | None = None  # call, put
    multiplier: float | None = None
    max_order_lots: int | None = None  # the most lots of one order
    upper_limit: float | None = None  # limit prices of the day
    lower_limit: float | None = None
    deep_out_of_the_money: bool | None = None  # None: unknown, or no option
    limits: tuple[tuple[str, str, int], ...] = ()  # (limit, scope, lots), for whoever it is


    def limit_prices(self) -> tuple[int | None, int | None]:
        """Return the upper and lower limit price in ticks; in millionths without a tick size."""
        tick = Decimal("0.000001") if self.tick is None else Decimal(str(self.tick))
        upper, lower = (
            None if price is None else round(Decimal(str(price)) / tick)
            for price in (self.upper_limit, self.lower_limit)
        )
        return upper, lower


@dataclass(frozen=True, slots=True)
class Filter:
    """Attribute -> accepted codes; an event fits where every attribute named is among its codes.

    ``products`` and ``order_fee`` are facts of the contract; None asks nothing of it. ``people``
    are accounts, clients and groups that it is for, none: all; ``named`` are their codes.
    """

    codes: dict[str, frozenset[int]] = field(default_factory=dict)
    products: frozenset[str] | None = None
    order_fee: bool | None = None
    people: frozenset[Person] = frozenset()
    named: frozenset[int] | None = None

    def fits_contract(self, facts: ContractFacts, *, null_fits: bool = False) -> bool:
        """Whether the contract-bound part of the filter fits; ``null_fits``: an unknown fact does.
        """
        if self.products is not None and facts.product not in self.products:
            return null_fits and facts.product is None
        if self.order_fee is None or facts.order_fee is self.order_fee:
            return True
        return null_fits and facts.order_fee is None

    def fits_account(self, code: int) -> bool:
        """Whether the filter is for accounts of this code."""
        return self.named is None or code in self.named

    def asks_unknown(self, facts: ContractFacts) -> bool:
        """Whether the filter asks for a fact that is not known of the contract."""
        return (self.products is not None and facts.product is None) or (
            self.order_fee is not None and facts.order_fee is None
        )

    def fits(self, attributes: int, facts: ContractFacts) -> bool:
        """Whether an event with these packed attributes, in this contract, fits."""
        if not (self.fits_account(attributes >> schema.NAMED_AT) and self.fits_contract(facts)):
            return False
        return all(
            schema.attribute_value(attributes, name) in codes for name, codes in self.codes.items()
        )


@dataclass(frozen=True, slots=True)
class PlanRule:
    """One rule in force: a count, a scope, levels, and who is left out of it.

    ``yellow_at`` and ``red_at`` are the least values that reach the level (``>`` n is n + 1 for
    whole counts); of a ratio, and of a rule with a ``limit``, of which they are multiples, see
    ``strict``. ``reasons[i]`` names exemption code i + 1.
    """

    index: int
    id: str
    count: str  # one of schema.COUNTS
    scope: str  # one of schema.SCOPES
    large: LargeSize | None = None  # for large_cancels: what makes a cancel large
    yellow_at: Fraction | None = None
    red_at: Fraction | None = None
    strict: tuple[bool, bool] = (False, False)  # ratios, limits: (yellow, red) is > and not >=
    only: tuple[Filter, ...] = ()  # an event counts where any of them fits; none: every event
    leave_out: tuple[Filter, ...] = ()
    reasons: tuple[str, ...] = ("outside",)  # "outside", then one per leave_out entry
    groups_only: bool = False  # nobody but a group reaches a level
    both: bool = False  # self-trades: exempt only where both orders are, not either
    exchange: str | None = None  # contracts of this exchange only; None: of all
    products: frozenset[str] | None = None  # contracts of these products only
    contracts: str | None = None  # contracts of this kind only, one of schema.CONTRACT_KINDS
    burst_messages: int | None = None  # for burst_occasions: messages in a second
    sliding: bool = False  # for burst_occasions: any second, not those of the calendar
    kernel: str | None = None  # for kernel: the measure's name
    limit: str | None = None  # levels are multiples of this limit of the contract or the subject
    quotas: frozenset[int] = frozenset()  # hedge codes whose quotas are added to a position limit
    named: int = 0  # codes of accounts that its exemptions tell apart, none: it names nobody
    capped: bool = False  # yellow at most: the rule's text is unverified

    @property
    def count_name(self) -> str:
        """The count with its parameter, as written in outputs (``large_cancels@300``)."""
        if self.large is not None:
            return f"{self.count}@{self.large.name}"
        if self.burst_messages is not None:
            return f"{self.count}@{self.burst_messages}{'/sliding' if self.sliding else ''}"
        return self.count if self.kernel is None else f"{self.count}@{self.kernel}"

    def at_limit(self, lots: int | None) -> tuple[int, int]:
        """Return the whole lots at which a rule with a limit turns yellow and red, -1 for never.

        ``lots`` is the limit; where none is known, no level is ever reached.
        """
        found = []
        for number, above in zip((self.yellow_at, self.red_at), self.strict, strict=True):
            if number is None or lots is None:
                found.append(-1)
            else:
                at = number * lots
                found.append(max(1, floor(at) + 1 if above else ceil(at)))
        return found[0], found[1]

    def levels(self, facts: ContractFacts) -> tuple[int, int]:
        """Return the whole numbers at which the rule turns yellow and red there, -1 for never.

        Not for positions, whose limit depends on who holds them.
        """
        if self.limit is not None:
            return self.at_limit(self.limit_lots(facts))
        return self.numbers()

    def numbers(self) -> tuple[int, int]:
        """Return the whole numbers of a rule without a limit, -1 for never."""
        yellow, red = self.yellow_at, self.red_at
        return -1 if yellow is None else int(yellow), -1 if red is None else int(red)

    def limit_lots(self, facts: ContractFacts) -> int | None:
        """Return the rule's limit there for whoever it is; None: none is known."""
        asked = (self.limit, self.scope)
        return min((n for name, scope, n in facts.limits if (name, scope) == asked), default=None)

    def applies(self, facts: ContractFacts) -> bool:
        """Whether the rule judges this contract.

        Nothing is an opening without a limit on it, or large by a size that is not known; and where
        what counts hangs on an order fee, nothing does before that is known.
        """
        if not self.is_for(facts):
            return False
        if self.contracts is not None and not getattr(facts, self.contracts):
            return False
        if self.large is not None and self.large.at(facts.max_order_lots) is None:
            return False
        if self.lacks_order_fee(facts):
            return False
        if self.limit is None or self.count in schema.POSITION_COUNTS:
            return True
        return (self.limit, self.scope) in {limit[:2] for limit in facts.limits}

    def lacks_order_fee(self, facts: ContractFacts) -> bool:
        """Whether what counts hangs on the order fee of a contract, which is not known."""
        return facts.order_fee is None and any(
            entry.order_fee is not None for entry in self.only
        )

    def is_for(self, facts: ContractFacts) -> bool:
        """Whether the contract is of the exchange and products that the rule is for."""
        if self.exchange is not None and facts.exchange != self.exchange:
            return False
        if self.scope == "series" and facts.series is None:
            return False
        return self.products is None or facts.product in self.products

    def place(self, attributes: Packed) -> Packed:
        """Return where the rule's table of reasons has events with these attributes.

        A rule that leaves nobody out by name tells no accounts apart.
        """
        return attributes if self.named else attributes & (schema.ATTRIBUTE_SPACE - 1)

    def attributes(self) -> set[str]:
        """The attributes the rule reads."""
        return {name for entry in (*self.only, *self.leave_out) for name in entry.codes}

    def reason(self, attributes: int, facts: ContractFacts) -> int:
        """Return 0 where the event counts, else the code of the first reason it is exempt for.

        An attribute the log leaves null on a row never exempts: the event counts, as unknown.
        """
        if self.only and not any(
            _fits_or_null(entry, attributes, facts) for entry in self.only
        ):
            return 1
        for code, entry in enumerate(self.leave_out, start=2):
            if entry.fits(attributes, facts):
                return code
        return 0

    def unknown(self, attributes: int, facts: ContractFacts) -> bool:
        """Whether an event counted with these attributes, in this contract, rests on a blank.

        That is one of the log, or of the tables that tell of contracts: were it filled in, the
        event might be left out.
        """
        if schema.attribute_value(attributes, "unknown_order"):
            return True
        return any(
            _fits_or_null(entry, attributes, facts) and not entry.fits(attributes, facts)
            for entry in self.leave_out
        ) or (bool(self.only) and not any(entry.fits(attributes, facts) for entry in self.only))

    def reason_table(self, facts: ContractFacts) -> npt.NDArray[np.uint8]:
        """Return ``reason`` of every packed attribute value: (65536 * (1 + named),) uint8.

        Values are as ``place`` gives them.
        """
        tables = [self._reasons_of(facts, code) for code in range(self.named + 1)]
        return np.concatenate(tables) if self.named else tables[0]

    def _reasons_of(self, facts: ContractFacts, named: int) -> npt.NDArray[np.uint8]:
        """Return the reasons for accounts of one code: (65536,) uint8."""
        table = np.zeros(schema.ATTRIBUTE_SPACE, np.uint8)
        for code in range(len(self.leave_out) + 1, 1, -1):
            entry = self.leave_out[code - 2]
            if entry.fits_account(named):
                table[_fit_mask(entry, facts, null_fits=False)] = code
        if self.only:
            fits = [_fit_mask(entry, facts, null_fits=True) for entry in self.only]
            table[~np.logical_or.reduce(fits)] = 1
        return table

    def unknown_table(self, facts: ContractFacts) -> npt.NDArray[np.bool_]:
        """Return ``unknown`` of every packed attribute value: (65536 * (1 + named),) bool.

        Values are as ``place`` gives them.
        """
        tables = [self._unknown_of(facts, code) for code in range(self.named + 1)]
        return np.concatenate(tables) if self.named else tables[0]

    def _unknown_of(self, facts: ContractFacts, named: int) -> npt.NDArray[np.bool_]:
        """Return what rests on a blank for accounts of one code: (65536,) bool."""
        table = _among("unknown_order", frozenset({1})).copy()
        for entry in self.leave_out:
            if entry.fits_account(named):
                table |= _fit_mask(entry, facts, null_fits=True) & ~_fit_mask(
                    entry, facts, null_fits=False
                )
        if self.only:
            fits = [_fit_mask(entry, facts, null_fits=False) for entry in self.only]
            table |= ~np.logical_or.reduce(fits)
        return table


def _fits_or_null(entry: Filter, attributes: int, facts: ContractFacts) -> bool:
    """Whether an event fits a filter, or may: what is not known of it fits."""
    if not entry.fits_account(attributes >> schema.NAMED_AT):
        return False
    return entry.fits_contract(facts, null_fits=True) and all(
        is_null(attributes, name) or schema.attribute_value(attributes, name) in codes
        for name, codes in entry.codes.items()
    )


def is_null(attributes: int, name: str) -> bool:
    """Whether an attribute is one the log left blank on this row.

    ``cancel_by`` 0 is no blank: the event is no cancel; a cancel with nobody named is UNNAMED.
    """
    value = schema.attribute_value(attributes, name)
    if name == "cancel_by":
        return value == schema.CancelBy.UNNAMED
    return value == 0 and name not in ("market_maker", "unknown_order")


def _null_codes(name: str) -> frozenset[int]:
    """Return the codes by which ``is_null`` tells an attribute that the log left blank."""
    if name == "cancel_by":
        return frozenset({schema.CancelBy.UNNAMED})
    return frozenset() if name in ("market_maker", "unknown_order") else frozenset({0})


@lru_cache(maxsize=128)
def _among(name: str, codes: frozenset[int]) -> npt.NDArray[np.bool_]:
    """Return of every packed attribute value whether one attribute is among codes: (65536,)."""
    low, width = schema.ATTRIBUTE_BITS[name]
    accepted = np.zeros(1 << width, np.bool_)
    accepted[sorted(codes)] = True
    fits: npt.NDArray[np.bool_] = accepted[
        (np.arange(schema.ATTRIBUTE_SPACE) >> low) & ((1 << width) - 1)
    ]
    fits.setflags(write=False)
    return fits


def _fit_mask(entry: Filter, facts: ContractFacts, null_fits: bool) -> npt.NDArray[np.bool_]:
    fits = np.full(schema.ATTRIBUTE_SPACE, entry.fits_contract(facts, null_fits=null_fits))
    for name, codes in entry.codes.items():
        fits &= _among(name, codes | _null_codes(name) if null_fits else codes)
    return fits


_COLUMNS_OF: Final = {
    "limit_price_cancels": {"price", "side"},
    "limit_price_cancel_lots": {"price", "side"},
    "long_lots": {"side"},
    "short_lots": {"side"},
    "open_interest_share": {"side"},
    "kernel": {"price", "side"},
}
"""Count -> columns that it needs and others do not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All rules in force on the day, and what they need."""

    rules: tuple[PlanRule, ...]
    attributes: frozenset[str]  # kept apart in cells of some exchange; the rest are masked out
    large: tuple[LargeSize, ...]  # what makes a cancel large, each a count of its own; sorted
    extra: tuple[str, ...] = ()  # of schema.EXTRA_COUNTS, in that order: those asked for
    keep: frozenset[str] = frozenset()  # attributes kept apart whatever the rules read
    positions: bool = False  # follow what is held though no rule asks for it
    people: People = People()  # noqa: RUF009 - frozen
    book: bool = False  # keep each contract's order book

    def attributes_at(self, *exchanges: str) -> frozenset[str]:
        """Return the attributes that cells keep apart there: those that any rule there reads.

        They go by exchange, not by contract: an order of a combination is filled in others.
        """
        found = set(self.keep)
        for rule in self.rules:
            if rule.exchange is None or rule.exchange in exchanges:
                found |= _read_by(rule)
        return frozenset(found)

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the log that the rules need and that no count needs else."""
        needed: set[str] = set(self.attributes)
        for rule in self.rules:
            needed |= _COLUMNS_OF.get(rule.count, set())
        needed |= {"side"} if self.positions else set()
        needed |= {"side", "price", "order_type"} if self.book else set()
        return frozenset(needed)

    def covers(self, facts: ContractFacts) -> tuple[int, ...]:
        """Return the indices of the rules that judge a contract."""
        return tuple(rule.index for rule in self.rules if rule.applies(facts))


def make_plan(
    rules: Sequence[PlanRule],
    keep: Sequence[str] = (),
    extra: Sequence[str] = (),
    *,
    positions: bool = False,
    people: People = People(),  # noqa: B008 - frozen
    book: bool = False,
) -> Plan:
    """Gather what a set of rules needs.

    keep : attributes to keep apart besides
    extra : counts of schema.EXTRA_COUNTS to keep besides
    positions : follow what is held though no rule asks for it
    people : whom exemptions name
    book : keep each contract's order book
    """
    keep = [*keep, "hedge"] if positions else keep
    attributes = set(keep)
    for rule in rules:
        attributes |= _read_by(rule)
    sizes = {rule.large for rule in rules if rule.large is not None}
    asked = {*extra, *(rule.count for rule in rules)}
    if any(rule.count in schema.STATISTICS for rule in rules):
        asked.add("filled_lots")
    kept = tuple(name for name in schema.EXTRA_COUNTS if name in asked)
    return Plan(
        tuple(rules), frozenset(attributes), tuple(sorted(sizes)), kept, frozenset(keep), positions,
        people, book,
    )  # fmt: skip


def _read_by(rule: PlanRule) -> set[str]:
    """Return the attributes by which a rule tells events, or holdings, apart."""
    holdings = {"hedge"} if rule.count in schema.HELD_COUNTS else set()
    return rule.attributes() | holdings
