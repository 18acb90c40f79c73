"""Text tables as days of trading: write a log as a table, count it, read what was found.

::

    action  order_id  account  lots  tif
    new     1         A        10    fak
    new     2         B        10    gfd
    trade   2/1       B/A      4     -

The header names columns of the canonical log. ``-`` is null; a column the header lacks is one
the log lacks. ``2/1`` and ``B/A`` give ``contra_order_id`` and ``contra_account`` after the slash.
Without ``seq`` rows count from 1, without ``contract`` all is in cu2503, and row n has the
timestamp n seconds unless ``ts`` says another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from abtrade import ids, schema
from abtrade.batch import Batch
from abtrade.counts import Crossing, DayCounts, Pair
from abtrade.large import LargeSize
from abtrade.names import Names
from abtrade.plan import ContractFacts, PlanRule, make_plan
from abtrade.reference import ReferenceEngine

CONTRACT = "cu2503"
SECOND = 1_000_000_000
_NULLS = {"lots": schema.NULL_LOTS, "price": schema.NULL_PRICE}
_SLASHED = {"order_id": "contra_order_id", "account": "contra_account"}
_ALWAYS = ("seq", "ts", "lots", "order_id", "account", "contract", "action")


@dataclass
class Day:
    """How a table is counted: who belongs together, what is known, what the rules are.

    ``groups`` and ``clients`` map a name to its accounts, blanks between; ``makers`` an account to
    the products it makes markets in; ``products`` a contract to its product ("cu" of itself).
    """

    exchange: str = "SHFE"
    groups: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, str] = field(default_factory=dict)
    suspected: Sequence[str] = ()
    makers: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str | None] = field(default_factory=dict)
    rules: Sequence[PlanRule] = ()
    keep: Sequence[str] = ()
    book: bool = False  # order books are kept
    cuts: Sequence[int] = ()  # positions at which the log is cut into batches
    engine_class: Any = ReferenceEngine


@dataclass
class Found:
    """What an engine found, in words."""

    day: DayCounts
    names: Names
    subjects: list[str]
    rules: Sequence[PlanRule]

    def counts(self, account: str, contract: str = CONTRACT, **attributes: str) -> dict[str, int]:
        """Return the counts above 0 of an account in a contract, of events with these attributes.

        An attribute is given by its word, ``"-"`` for null; ``unknown_order="yes"``.
        """
        sums: Counter[str] = Counter()
        cells = self.day.cells
        large = [f"large_cancels@{size.name}" for size in self.day.plan.large]
        for i in range(len(cells.contract)):
            if (self._account(cells.account[i]), self._contract(cells.contract[i])) != (
                account,
                contract,
            ):
                continue
            if any(_word(cells.attributes[i], name) != word for name, word in attributes.items()):
                continue
            values = [*cells.counts[i].tolist(), *cells.large[i].tolist()]
            sums.update(dict(zip([*schema.CELL_COUNTS, *large], values, strict=True)))
        return {name: value for name, value in sums.items() if value}

    def faults(self, contract: str | None = None) -> dict[str, list[int]]:
        """Return kind -> seqs of its first rows."""
        return {
            fault.kind.name.lower(): [seq for _, seq, _ in fault.first]
            for fault in self.day.faults
            if contract is None or self._contract(fault.contract) == contract
        }

    def fault_counts(self) -> dict[tuple[str, str], int]:
        """Return (contract, kind) -> how often."""
        return {
            (self._contract(fault.contract), fault.kind.name.lower()): fault.count
            for fault in self.day.faults
        }

    def book(self, contract: str = CONTRACT) -> dict[str, int]:
        """Return how often a contract's book saw what, of all that it saw."""
        return {
            what.name.lower(): seen.counts[what]
            for seen in self.day.books
            if self._contract(seen.contract) == contract
            for what in schema.BookCount
            if seen.counts[what]
        }

    def book_faults(self, contract: str = CONTRACT) -> dict[str, list[int]]:
        """Return kind -> seqs of the first rows that do not fit a contract's book."""
        return {
            what.name.lower(): [seq for _, seq, _ in first]
            for seen in self.day.books
            if self._contract(seen.contract) == contract
            for what, first in seen.first.items()
        }

    def pairs(self) -> list[str]:
        """Return each pair as ``incoming/resting accounts matches lots @first seq``."""
        return [self._pair(pair) for pair in self.day.pairs]

    def crossings(self) -> list[str]:
        """Return each crossing as ``seq rule level subject scope count``."""
        return [self._crossing(crossing) for crossing in self.day.crossings]

    def _pair(self, pair: Pair) -> str:
        accounts = f"{self._account(pair.incoming_account)}/{self._account(pair.resting_account)}"
        orders = f"{pair.incoming}/{pair.resting}"
        return f"{orders} {accounts} x{pair.matches} {pair.lots} lots @{pair.first_seq}"

    def _crossing(self, crossing: Crossing) -> str:
        rule, level = self.rules[crossing.rule].id, schema.LEVELS[crossing.level]
        subject = self.subjects[crossing.subject]
        return f"{crossing.seq} {rule} {level} {subject} {crossing.scope} {crossing.count}"

    def _account(self, account: int) -> str:
        return self.names.accounts[account][1]

    def _contract(self, contract: int) -> str:
        return self.names.contracts[contract][1]


def count(text: str, **how: Any) -> Found:
    """Count a table as a day; ``how`` are the fields of ``Day``."""
    day = Day(**how)
    rules = [replace(rule, index=i) for i, rule in enumerate(day.rules)]
    names = Names()
    batch, columns = batch_of(text, names, day.exchange)
    engine = day.engine_class(make_plan(rules, day.keep, book=day.book), names, columns=columns)
    subjects = tell_names(engine, names, day)
    for part in np.split(np.arange(len(batch)), sorted(day.cuts)):
        engine.feed(batch.take(part))
    return Found(engine.finish(), names, subjects, rules)


def rule(name: str, scope: str = "contract", yellow: int = 1, red: int | None = None,
         **more: Any) -> PlanRule:
    """Return a rule on a count, written as in outputs (``large_cancels@300``), also its id."""
    counted, _, size = name.partition("@")
    return PlanRule(
        index=0,
        id=name,
        count=counted,
        scope=scope,
        large=LargeSize(lots=int(size)) if size else None,
        yellow_at=Fraction(yellow),
        red_at=None if red is None else Fraction(red),
        **more,
    )


def batch_of(text: str, names: Names, exchange: str) -> tuple[Batch, frozenset[str]]:
    """Return a table as one batch, and the columns of the log that it has."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    rows = [_row(header, words, number) for number, words in enumerate(lines, start=1)]
    given = [_SLASHED[name] for name in _SLASHED if any(_SLASHED[name] in row for row in rows)]
    columns = frozenset([*header, *given])

    def column(name: str, value: Any, dtype: Any) -> Any:
        if name not in columns and name not in _ALWAYS:
            return None
        return np.array([value(row.get(name), row) for row in rows], dtype)

    def of_exchange(row: dict[str, str]) -> int:
        return names.exchange(row.get("exchange", exchange))

    def contract(word: str | None, row: dict[str, str]) -> int:
        return schema.NULL_ID if word is None else names.contract(of_exchange(row), word)

    def account(word: str | None, row: dict[str, str]) -> int:
        return schema.NULL_ID if word is None else names.account(of_exchange(row), word)

    def high(word: str | None, _: Any) -> int:
        return ids.pack(word or "0")[0]

    def low(word: str | None, _: Any) -> int:
        return ids.pack(word or "0")[1]

    def number(name: str) -> Any:
        return column(name, lambda word, _: int(word or _NULLS.get(name, 0)), np.int64)

    def there(word: str | None, _: Any) -> int:
        return int(word is not None)

    def itself(word: str | None, _: Any) -> str | None:
        return word

    codes = {
        name: column(name, lambda w, _, c=name: schema.code_words(c)[w] if w else 0, np.uint8)
        for name in schema.CODES
    }
    return Batch(
        file=np.zeros(len(rows), np.int32),
        row=np.arange(1, len(rows) + 1, dtype=np.int64),
        seq=number("seq"),
        ts=number("ts"),
        lots=number("lots"),
        price=number("price"),
        channel=number("channel"),
        contract=column("contract", contract, np.int32),
        account=column("account", account, np.int32),
        contra_account=column("contra_account", account, np.int32),
        order_contract=column("order_contract", contract, np.int32),
        contra_order_contract=column("contra_order_contract", contract, np.int32),
        order=column("order_id", low, np.int64),
        order_high=column("order_id", high, np.uint64),
        order_text=column("order_id", itself, np.object_),
        contra=column("contra_order_id", low, np.int64),
        contra_high=column("contra_order_id", high, np.uint64),
        contra_text=column("contra_order_id", itself, np.object_),
        has_contra=column("contra_order_id", there, np.uint8),
        trade=column("trade_id", low, np.int64),
        trade_high=column("trade_id", high, np.uint64),
        has_trade=column("trade_id", there, np.uint8),
        **codes,
    ), columns


def tell_names(engine: Any, names: Names, day: Day) -> list[str]:
    """Tell an engine of every contract and account; return the names of the subjects by id."""
    for contract, (exchange, name) in enumerate(names.contracts):
        product = day.products.get(name, name.rstrip("0123456789"))
        engine.contract(contract, ContractFacts(names.exchanges[exchange], name, product))
    subjects: list[str] = []

    def subject_id(name: str) -> int:
        if name not in subjects:
            subjects.append(name)
        return subjects.index(name)

    for account, (_, name) in enumerate(names.accounts):
        client = _owner(day.clients, name) or name
        group = _owner(day.groups, name)
        alone = subject_id(client) if group in day.suspected else -1
        makes = frozenset(day.makers.get(name, "").split())
        engine.account(account, subject_id(group or client), alone, account, makes)
    return subjects


def _row(header: list[str], words: list[str], number: int) -> dict[str, str]:
    """Return the cells of a line that are not null, by column."""
    assert len(words) == len(header), f"row {number}: {len(words)} words, not {len(header)}"
    row = {"contract": CONTRACT, "seq": str(number), "ts": str(number * SECOND)}
    for name, word in zip(header, words, strict=True):
        first, slash, second = word.partition("/") if name in _SLASHED else (word, "", "-")
        row[name] = first
        if slash:
            row[_SLASHED[name]] = second
    return {name: word for name, word in row.items() if word != "-"}


def _owner(owners: Mapping[str, str], account: str) -> str | None:
    return next((name for name, owned in owners.items() if account in owned.split()), None)


def _word(attributes: int, name: str) -> str:
    value = schema.attribute_value(int(attributes), name)
    if name in schema.CODES:
        return schema.word_of(name, value) or "-"
    return "yes" if value else "-"
