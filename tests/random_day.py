"""Random batches straight into the engines: every action, both trade forms, most of it nonsense."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

import numpy as np

from abtrade import schema
from abtrade.batch import Batch
from abtrade.large import LargeSize
from abtrade.names import Names
from abtrade.plan import ContractFacts, Filter, Plan, PlanRule, make_plan
from abtrade.schema import Action

WEIGHTS = {
    Action.NEW: 40,
    Action.CANCEL: 20,
    Action.TRADE: 30,
    Action.AMEND: 8,
    Action.REJECT: 2,
    Action.CARRIED: 4,
    Action.RFQ: 2,
}
OPENING = (Action.NEW, Action.CARRIED, Action.RFQ)
PRODUCTS = ("p0", "p1", None)
SIZES = [LargeSize(lots=1), LargeSize(lots=2), LargeSize(lots=4), LargeSize(Fraction(4, 5)),
         LargeSize(Fraction(2, 5), above=True)]
COLUMNS = {
    "channel": ("channel",),
    "side": ("side",),
    "offset": ("offset",),
    "hedge": ("hedge",),
    "order_type": ("order_type",),
    "tif": ("tif",),
    "price": ("price",),
    "contra_order_id": ("contra", "contra_high", "has_contra", "contra_account"),
    "trade_id": ("trade", "trade_high", "has_trade"),
    "order_contract": ("order_contract", "contra_order_contract"),
    "trade_type": ("trade_type",),
    "cancel_by": ("cancel_by",),
    "phase": ("phase",),
}
"""Optional columns of the log, and the columns of a batch that each fills."""

DTYPES: dict[str, Any] = {
    "file": np.int32,
    "contract": np.int32,
    "account": np.int32,
    "contra_account": np.int32,
    "order_contract": np.int32,
    "contra_order_contract": np.int32,
    "order_high": np.uint64,
    "contra_high": np.uint64,
    "trade_high": np.uint64,
    **dict.fromkeys(("row", "seq", "ts", "order", "lots", "channel", "price"), np.int64),
    **dict.fromkeys(("contra", "trade"), np.int64),
}


@dataclass
class RandomDay:
    """A day of one exchange, its plan, and who is judged for each account."""

    batch: Batch
    names: Names
    columns: frozenset[str]
    plan: Plan
    subject: list[int]
    alone: list[int]
    makes: list[frozenset[str]]

    def introduce(self, engine: Any) -> Any:
        """Tell an engine of every contract and account; return it."""
        for contract, (exchange, name) in enumerate(self.names.contracts):
            product = PRODUCTS[contract % len(PRODUCTS)]
            limited: dict[str, Any] = {}
            if contract % 2:
                limited = {"tick": 1.0, "upper_limit": 2.0, "lower_limit": 1.0}
            limits = _limits(contract, product)
            where = self.names.exchanges[exchange]
            limited["max_order_lots"] = (3, None, 5)[contract % 3]
            facts = ContractFacts(where, name, product, limits=limits, **limited)
            engine.contract(contract, facts)
        for account in range(len(self.names.accounts)):
            engine.account(
                account, self.subject[account], self.alone[account], account, self.makes[account]
            )
        return engine


def _limits(contract: int, product: str | None) -> tuple[tuple[str, str, int], ...]:
    """Return limits on openings: of most contracts, and of every product."""
    of_product = () if product is None else (("opening", "product", 9),)
    return (("opening", "contract", 5 + contract), *of_product) if contract != 1 else of_product


def random_day(rng: random.Random, rows: int, *, book: bool = False) -> RandomDay:
    """Return a day of so many rows; few ids and accounts, so that they meet.

    book : keep order books, and make rows of which more have a place in them
    """
    names = Names()
    exchange = names.exchange(rng.choice(["SHFE", "DCE"]))
    contracts = [names.contract(exchange, f"k{i}") for i in range(rng.randint(1, 4))]
    accounts = [names.account(exchange, f"a{i}") for i in range(rng.randint(1, 6))]
    ids = rng.choice([3, 8, 40])
    made = [_row(rng, contracts, accounts, ids) for _ in range(rows)]
    if book:
        _make_for_books(rng, made)
    ts = np.cumsum([rng.randint(0, 3) for _ in range(rows)])
    every = {
        name: np.array([row[name] for row in made], DTYPES.get(name, np.uint8))
        for name in (made[0] if made else ())
    }
    every |= {"seq": np.arange(1, rows + 1), "row": np.arange(1, rows + 1), "ts": ts}
    every["file"] = np.zeros(rows, np.int32)
    lacking = [name for name in COLUMNS if rng.random() < 0.2]
    for name in lacking:
        every |= dict.fromkeys(COLUMNS[name])
    columns = frozenset(COLUMNS) - set(lacking)
    batch = Batch(**{f.name: every.get(f.name) for f in fields(Batch)})
    plan = replace(_plan(rng, columns), book=book)
    subject = [rng.randrange(max(1, len(accounts) - 1)) for _ in accounts]
    suspected = {one for one in subject if rng.random() < 0.3}
    client = [rng.randrange(3) for _ in accounts]
    alone = [
        100 + 10 * one + who if one in suspected else -1
        for one, who in zip(subject, client, strict=True)
    ]
    makes = [frozenset({"p0"} if rng.random() < 0.3 else ()) for _ in accounts]
    return RandomDay(batch, names, columns, plan, subject, alone, makes)


def _row(
    rng: random.Random, contracts: list[int], accounts: list[int], ids: int
) -> dict[str, int]:
    action = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    trade = action == Action.TRADE
    lots = rng.randint(1, 6)
    if action == Action.CANCEL:
        lots = rng.choice([schema.NULL_LOTS, schema.NULL_LOTS, 0, 1, 2, 3, 7])
    elif action == Action.AMEND:
        lots = rng.choice([0, 1, 2, 9])

    def code(most: int, likely: float = 0.5) -> int:
        return rng.randint(1, most) if rng.random() < likely else 0

    def one_of(values: list[int], likely: float) -> int:
        return rng.choice(values) if rng.random() < likely else schema.NULL_ID

    has_contra = int(trade and rng.random() < 0.5)
    has_trade = int(trade and rng.random() < 0.7)
    rfq = action == Action.RFQ
    return {
        "contract": rng.choice(contracts),
        "action": int(action),
        "order": 0 if rfq else rng.randint(0, ids),
        "order_high": 0 if rfq else rng.choice([0, 0, 0, 1]),
        "lots": lots,
        "account": one_of(accounts, 1.0 if action in OPENING else 0.5),
        "channel": rng.choice([0, 1]),
        "side": code(2),
        "offset": code(4),
        "hedge": code(4),
        "order_type": code(5),
        "tif": code(4),
        "price": rng.choice([1, 2, schema.NULL_PRICE]),
        "has_contra": has_contra,
        "contra": rng.randint(0, ids) if has_contra else 0,
        "contra_high": 0,
        "contra_account": one_of(accounts, 0.5 if has_contra else 0.0),
        "has_trade": has_trade,
        "trade": rng.randint(0, 12) if has_trade else 0,
        "trade_high": 0,
        "order_contract": one_of(contracts, 0.15 if trade else 0.0),
        "contra_order_contract": one_of(contracts, 0.15 if trade else 0.0),
        "trade_type": code(5, 0.3) if trade else 0,
        "cancel_by": code(6, 0.6) if action == Action.CANCEL else 0,
        "phase": code(3),
    }


def _make_for_books(rng: random.Random, rows: list[dict[str, int]]) -> None:
    """Give orders ids of their own, prices that meet, and phases that last for a while."""
    prices = range(1, rng.choice([3, 5, 12]))
    has_phases, phase, opened = rng.random() < 0.5, 0, 0
    for row in rows:
        if rng.random() < 0.03:
            phase = rng.choice(list(schema.Phase)) if has_phases else 0
        row["phase"] = 0 if rng.random() < 0.03 else phase
        row["price"] = rng.choice(prices) if rng.random() < 0.9 else schema.NULL_PRICE
        if row["action"] in (Action.NEW, Action.CARRIED) and rng.random() < 0.9:
            opened += 1
            row |= {"order": opened, "order_high": 0, "side": rng.choice(list(schema.Side))}
            row |= {name: 0 for name in ("tif", "order_type") if rng.random() < 0.8}
        for name in ("order", "contra"):
            if row["action"] not in OPENING and row[name] and rng.random() < 0.9:
                row |= {name: max(1, opened - rng.randrange(8)), f"{name}_high": 0}
        if row["trade"]:
            row["trade"] = max(1, opened - rng.randrange(4))


def _plan(rng: random.Random, columns: frozenset[str]) -> Plan:
    rules = [_rule(rng, index, columns) for index in range(rng.randint(0, 6))]
    rules += [
        _opening_rule(rng, index, columns)
        for index in range(len(rules), len(rules) + rng.choice([0, 0, 1, 2]))
    ]
    return make_plan(
        rules,
        [name for name in ("tif", "hedge") if rng.random() < 0.3],
        [name for name in schema.EXTRA_COUNTS if rng.random() < 0.4],
    )


def _rule(rng: random.Random, index: int, columns: frozenset[str]) -> PlanRule:
    count = rng.choice(
        [*schema.CELL_COUNTS, "large_cancels", *schema.EXTRA_COUNTS, *schema.PAIR_COUNTS]
    )
    readable = ["hedge", "tif", "order_type", "phase"]
    if count in ("cancels", "large_cancels", "messages"):
        readable.append("cancel_by")
    readable = [name for name in readable if name in columns] + ["market_maker"]
    leave_out = tuple(_filter(rng, readable) for _ in range(rng.randint(0, 2)))
    yellow = rng.randint(1, 6)
    return PlanRule(
        index=index,
        id=f"r{index}",
        count=count,
        scope=rng.choice(schema.SCOPES),
        large=rng.choice(SIZES) if count == "large_cancels" else None,
        yellow_at=Fraction(yellow) if rng.random() < 0.8 else None,
        red_at=Fraction(yellow + rng.randint(1, 6)),
        only=_filters(rng, readable) if rng.random() < 0.25 else (),
        leave_out=leave_out,
        reasons=("outside", *(f"reason {i}" for i in range(len(leave_out)))),
        both=count in schema.PAIR_COUNTS and rng.random() < 0.3,
        exchange=rng.choice([None, None, "SHFE"]),
    )


def _opening_rule(rng: random.Random, index: int, columns: frozenset[str]) -> PlanRule:
    """Return a rule whose levels are parts of a limit."""
    return replace(
        _rule(rng, index, columns),
        count=rng.choice(["open_lots", "ordered_open_lots"]),
        scope=rng.choice(["contract", "product"]),
        large=None,
        limit="opening",
        yellow_at=Fraction(4, 5),
        red_at=Fraction(1),
        strict=(False, True),
        both=False,
    )


def _filters(rng: random.Random, readable: list[str]) -> tuple[Filter, ...]:
    return tuple(_filter(rng, readable) for _ in range(rng.choice([1, 1, 2, 3])))


def _filter(rng: random.Random, readable: list[str]) -> Filter:
    codes = {}
    for name in rng.sample(readable, rng.randint(1, min(2, len(readable)))):
        most = {"market_maker": 1, "phase": 3}.get(name, 4)
        codes[name] = frozenset(rng.sample(range(1, most + 1), min(2, most)))
    return Filter(codes, frozenset({"p0"}) if rng.random() < 0.2 else None)
