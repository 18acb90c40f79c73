"""Both engines say the same of positions, on days made of every kind of nonsense."""

from __future__ import annotations

import dataclasses
import json
import random
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from abtrade import schema
from abtrade.batch import Batch
from abtrade.beside import Beside
from abtrade.compiled import CompiledEngine
from abtrade.counts import DayCounts
from abtrade.market.limit_rows import Limit
from abtrade.market.limits import Person
from abtrade.plan import ContractFacts, Filter, PlanRule, make_plan
from abtrade.positions.observer import HoldingsObserver
from abtrade.positions.reference import ReferenceHoldings
from abtrade.positions.table import Held, Positions
from abtrade.reference import ReferenceEngine
from abtrade.schema import Action
from measure_rows import rows_of
from random_day import DTYPES, RandomDay, random_day

Row = dict[str, int]
SEEDS = range(25)


@dataclass
class Place:
    client: str
    group: str | None
    status: str | None


@dataclass
class People:
    """Stands for Subjects: who is behind the accounts of a random day."""

    day: RandomDay

    def place(self, exchange: str, account: str) -> Place:
        at = int(account[1:])
        group, alone = f"g{self.day.subject[at]}", self.day.alone[at]
        if alone >= 0:
            return Place(f"c{alone}", group, "suspected")
        return Place(f"c{at}", group, "filed")

    def clients_of_group(self, exchange: str, group: str) -> frozenset[str]:
        names = (name for _, name in self.day.names.accounts)
        places = [self.place(exchange, name) for name in names]
        return frozenset(place.client for place in places if place.group == group)

    def makes_market(self, exchange: str, account: str, product: str | None) -> bool:
        return product in self.day.makes[int(account[1:])]

    def kind(self, exchange: str, client: str) -> str | None:
        return "corporate" if client == "c2" else None


class Limits:
    """Limits that depend on all that they may depend on, and are not known of some contracts."""

    clients = frozenset({"c0", "c100"})

    def position(
        self, name: str, facts: ContractFacts, scope: str, hedge: int, people: frozenset[Person],
        quotas: frozenset[int],
    ) -> list[Limit]:  # fmt: skip
        if facts.contract == "k3" and scope == "contract":
            return []
        clients, kinds = ({person[i] for person in people} for i in range(2))
        of_people = 2 * ("c0" in clients) + 3 * ("c100" in clients) - ("corporate" in kinds)
        lots = 4 + of_people + 4 * len(quotas) + hedge
        return [
            Limit(1, None, None, "cu", None, None, name, scope, None, None, hedge, lots, None, None,
                  None, None)
        ]  # fmt: skip


def positions_of(rng: random.Random, day: RandomDay) -> Positions | None:
    if rng.random() < 0.4:
        return None
    exchange = day.names.exchanges[0]
    held = []
    for _, account in list(day.names.accounts):
        for _, contract in list(day.names.contracts):
            for hedge in (1, 2):
                if rng.random() < 0.3:
                    long, short = rng.randint(0, 9), rng.randint(0, 9)
                    held.append(Held(exchange, account, contract, hedge, long, short,
                                     rng.randint(0, long), rng.randint(0, short)))
    return Positions(held, {}, [])


def with_rules(rng: random.Random, day: RandomDay) -> RandomDay:
    """Put rules on positions into a day's plan."""
    rules = list(day.plan.rules)
    for _ in range(rng.randint(1, 4)):
        rules.append(_rule(rng, len(rules), day.columns))
    plan = make_plan(rules, sorted(day.plan.attributes), day.plan.extra)
    return replace(day, plan=plan)


def _rule(rng: random.Random, index: int, columns: frozenset[str]) -> PlanRule:
    limited = rng.random() < 0.4
    yellow = rng.randint(1, 12)
    leave_out = tuple(_filter(rng, columns) for _ in range(rng.randint(0, 2)))
    return PlanRule(
        index=index,
        id=f"p{index}",
        count=rng.choice(schema.POSITION_COUNTS),
        scope=rng.choice(schema.SCOPES),
        yellow_at=(Fraction(4, 5) if limited else Fraction(yellow)) if rng.random() < 0.8 else None,
        red_at=Fraction(1) if limited else Fraction(yellow + rng.randint(1, 9)),
        strict=(False, limited and rng.random() < 0.5),
        only=(_filter(rng, columns),) if rng.random() < 0.3 else (),
        leave_out=leave_out,
        reasons=("outside", *(f"reason {i}" for i in range(len(leave_out)))),
        limit="position" if limited else None,
        quotas=frozenset(rng.sample([2, 3], rng.randint(0, 2))) if limited else frozenset(),
    )


def _filter(rng: random.Random, columns: frozenset[str]) -> Filter:
    codes = {}
    if "hedge" in columns and rng.random() < 0.7:
        codes["hedge"] = frozenset(rng.sample(range(1, 5), 2))
    else:
        codes["market_maker"] = frozenset({rng.randint(0, 1)})
    return Filter(codes, frozenset({"p0"}) if rng.random() < 0.2 else None)


def told(found: DayCounts) -> dict[str, Any]:
    """Return all that was found of positions, in an order of its own."""
    table = found.observed["positions"]
    return {
        "measures": sorted((dataclasses.astuple(m) for m in rows_of(found.measures)), key=repr),
        "crossings": [dataclasses.astuple(c) for c in found.crossings],
        "faults": sorted((f.contract, f.kind, f.count, f.first) for f in found.faults),
        "table": sorted(map(repr, table.tolist())),
        "state_hash": found.state_hash,
    }


@dataclass
class Case:
    day: RandomDay
    beside: Beside

    def reference(self, listener: Any = None) -> dict[str, Any]:
        observer = ReferenceHoldings(self.day.plan, self.day.names, self.beside)
        engine = ReferenceEngine(
            self.day.plan, self.day.names, columns=self.day.columns, observers=[observer]
        )
        self.day.introduce(engine)
        if listener is not None:
            engine.listen(listener)
        engine.feed(self.day.batch)
        return told(engine.finish())

    def compiled(self, **options: Any) -> CompiledEngine:
        observer = HoldingsObserver(self.day.plan, self.day.names, self.beside)
        engine = CompiledEngine(
            self.day.plan, self.day.names, columns=self.day.columns, observers=[observer], **options
        )
        return self.day.introduce(engine)

    def fed(self, engine: CompiledEngine, cuts: list[int]) -> dict[str, Any]:
        for start, stop in pairwise([0, *sorted(cuts), len(self.day.batch)]):
            engine.feed(self.day.batch.take(slice(start, stop)))
        return told(engine.finish())


def case(seed: int, rows: int | None = None) -> Case:
    rng = random.Random(seed)
    day = random_day(rng, rows or rng.choice([1, 5, 20, 60, 200, 400]))
    positions = positions_of(rng, day)
    beside = Beside(subjects=People(day), positions=positions, limits=Limits())
    return Case(with_rules(rng, day), beside)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}")
def made(request: pytest.FixtureRequest) -> Case:
    return case(request.param)


def test_core_equals_reference(made):
    assert made.fed(made.compiled(), []) == made.reference()


def test_batch_edges_do_not_matter(made):
    assert made.fed(made.compiled(), list(range(1, len(made.day.batch)))) == made.reference()


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_do_not_matter(made, threads):
    rows = len(made.day.batch)
    assert made.fed(made.compiled(threads=threads), [rows // 3, rows // 2]) == made.reference()


def test_stop_and_resume_change_nothing(made):
    cut = len(made.day.batch) // 2
    first = made.compiled()
    first.feed(made.day.batch.take(slice(0, cut)))
    plain, blobs = first.dump()
    second = made.compiled()
    second.restore(json.loads(json.dumps(plain)), blobs)
    assert second.state_hash() == first.state_hash()
    second.feed(made.day.batch.take(slice(cut, None)))
    assert told(second.finish()) == made.reference()


def test_a_match_in_one_row_and_in_two_comes_to_the_same():
    """The second of two rows that follow each other has the seq of the one row."""
    levels = 0
    for seed in SEEDS:
        rng = random.Random(seed)
        made = case(seed, 1)
        of_positions = [r for r in made.day.plan.rules if r.count in schema.POSITION_COUNTS]
        made.day.plan = make_plan([replace(r, index=i) for i, r in enumerate(of_positions)], [])
        orders, whole, halves = matches(rng, made.day, rng.choice([2, 10, 60]))
        both = []
        for trades, column in ((whole, "contra_order_id"), (halves, "trade_id")):
            made.day.batch = batch_of(orders + trades)
            made.day.columns = frozenset({"side", "offset", "hedge", column})
            found = [made.reference(), made.fed(made.compiled(), [len(orders) + 3])]
            assert found[0] == found[1]
            both += found
        for name in ("measures", "crossings", "table"):
            assert both[0][name] == both[2][name]
        levels += len(both[0]["crossings"])
    assert levels > 60


def matches(rng: random.Random, day: RandomDay, count: int) -> tuple[list[Row], ...]:
    """Return rows of orders, and of matches between any two of them: in one row and in two."""
    contracts, accounts = len(day.names.contracts), len(day.names.accounts)
    lots = [rng.randint(1, 9) for _ in range(count)]
    kinds = [
        {"side": side, "order": 2 * i + side, "lots": lots[i], "contract": contract,
         "account": rng.randrange(accounts), "offset": rng.randint(0, 4),
         "hedge": rng.randint(0, 4), "action": int(Action.NEW)}
        for i in range(count) for contract in [rng.randrange(contracts)] for side in (1, 2)
    ]  # fmt: skip
    orders = [kind | {"seq": i} for i, kind in enumerate(kinds, 1)]
    whole, halves = [], []
    for i in rng.sample(range(count), count):
        pair = rng.sample(kinds[2 * i : 2 * i + 2], 2)
        first, second = (
            {name: kind[name] for name in ("order", "side", "lots", "contract")}
            | {"action": int(Action.TRADE), "account": schema.NULL_ID}
            for kind in pair
        )  # fmt: skip
        seq = len(orders) + 2 * len(whole) + 2
        whole.append(first | {"seq": seq, "contra": second["order"], "has_contra": 1})
        halves += [
            each | {"seq": at, "trade": i, "has_trade": 1}
            for each, at in ((first, seq - 1), (second, seq))
        ]
    return orders, whole, halves


def batch_of(rows: list[Row]) -> Batch:
    columns = {
        name: np.array([row.get(name, 0) for row in rows], DTYPES.get(name, np.uint8))
        for name in {name for row in rows for name in row}
    }
    if "contra" in columns:
        columns["contra_account"] = np.full(len(rows), schema.NULL_ID, np.int32)
    ts = 10 * columns["seq"]
    return Batch(file=np.zeros(len(rows), np.int32), row=columns["seq"], ts=ts, **columns)


def test_the_days_are_not_empty():
    """All that is compared is there: levels, faults, what was reached at the opening."""
    found = [made.reference() for made in map(case, SEEDS)]
    measures = [measure for each in found for measure in each["measures"]]
    assert sum(len(each["crossings"]) for each in found) > 60
    kinds = {kind for each in found for _, kind, *_ in each["faults"]}
    assert schema.Fault.CLOSE_OVER_HELD in kinds
    details = [measure[-1] for measure in measures if measure[7]]
    assert any(detail["opening"] >= detail["peak"]["lots"] for detail in details)
    assert any(len(detail["fell_back"]) > 2 for detail in details)
    assert any(measure[6] for measure in measures)


def test_long_curves_are_thinned_alike():
    """More changes than a curve has points."""
    for seed in (0, 3, 4):
        made = case(seed, 4000)
        rules = [
            replace(rule, yellow_at=Fraction(60), red_at=Fraction(95), limit=None, only=(),
                    leave_out=(), reasons=("outside",), scope="exchange", strict=(False, False))
            for rule in made.day.plan.rules if rule.count in schema.POSITION_COUNTS
        ]
        made.day.plan = make_plan([replace(r, index=i) for i, r in enumerate(rules)], ["hedge"])
        said = made.fed(made.compiled(), [1000, 2000])
        assert said == made.reference()
        curves = [measure[-1]["curve"] for measure in said["measures"] if measure[7]]
        assert curves
        assert max(map(len, curves)) <= 500
        assert any(len(curve) > 128 for curve in curves)


def test_shares_at_the_peak_add_up_to_it(made):
    for measure in made.fed(made.compiled(), [])["measures"]:
        detail = measure[-1]
        if detail:
            held = sum(share["counted"] for share in detail["shares_at_peak"])
            assert held == detail["peak"]["lots"] == measure[4]
            assert np.all(np.diff([seq for seq, _, _ in detail["curve"]]) > 0)
