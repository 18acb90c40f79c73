"""The state: its hash, and that where a day is cut into batches changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from abtrade import schema, state_hash
from abtrade.names import Names
from abtrade.plan import make_plan
from abtrade.reference import ReferenceEngine

from .table import Day, batch_of, count, rule, tell_names

RULES = [
    *(rule(name, scope, 2, 4) for name in ("orders", "cancels", "open_lots")
      for scope in schema.SCOPES),
    *(rule(name, "product", 1, 3) for name in schema.PAIR_COUNTS),
    rule("large_cancels@2", "contract", 1, 2),
]
DAY = {"groups": {"G": "A B"}, "rules": RULES, "keep": ["tif", "phase", "cancel_by"]}
HEADER = (
    "action order_id account lots contract side offset tif trade_id cancel_by phase trade_type"
    " order_contract"
)


def words(*choices):
    return st.sampled_from(choices)


ORDER = words("1", "2", "3", "x")
ACCOUNT = words("A", "B", "C")
CONTRACT = words("cu1", "cu2", "al1")
REST = st.tuples(
    words("buy", "sell", "-"),
    words("open", "close", "-"),
    words("gfd", "fak", "-"),
    words("-", "-", "t", "u"),
    words("-", "client", "expiry", "forced"),
    words("auction", "continuous", "-"),
    words("-", "-", "normal", "block"),
    words("-", "-", "cu1"),
)


@st.composite
def lines(draw):
    """Draw one row, well-formed but as odd as can be."""
    action = draw(words(*[action.name.lower() for action in schema.Action], "trade", "trade"))
    order, account, lots = draw(ORDER), draw(ACCOUNT), str(draw(st.integers(1, 4)))
    if action == "trade":
        order += f"/{draw(st.one_of(ORDER, st.just('-')))}"
        account = f"{draw(st.one_of(ACCOUNT, st.just('-')))}/{account}"
    elif action in ("cancel", "amend"):
        account = draw(words("A", "-"))
        lots = draw(words("0", "1", "3", "-")) if action == "cancel" else draw(words("0", "2"))
    return " ".join([action, order, account, lots, draw(CONTRACT), *draw(REST)])


LOGS = st.lists(lines(), min_size=1, max_size=25).map(lambda rows: "\n".join([HEADER, *rows]))


@given(LOGS, st.sets(st.integers(0, 25), max_size=4))
@settings(max_examples=60, deadline=None)
def test_batch_edges_do_not_matter(log, cuts):
    whole = count(log, **DAY)
    parts = count(log, **DAY, cuts=[cut for cut in cuts if cut < len(log.splitlines())])
    assert parts.day.state_hash == whole.day.state_hash
    assert parts.pairs() == whole.pairs()
    assert parts.crossings() == whole.crossings()
    assert parts.day.faults == whole.day.faults
    assert parts.day.rows == whole.day.rows
    assert (parts.day.cells.counts == whole.day.cells.counts).all()


@given(LOGS)
@settings(max_examples=60, deadline=None)
def test_levels_crossed_are_those_that_the_counts_of_the_day_reach(log):
    """No rule here leaves anything out, so what is counted is the sum of cells and of pairs."""
    found = count(log, **DAY)
    totals = totals_by_rule(found)
    reached = {
        (rule.index, level, subject, scope)
        for (rule, subject, scope), total in totals.items()
        for level, at in enumerate((rule.yellow_at, rule.red_at))
        if total >= at
    }
    crossed = [(c.rule, c.level, c.subject, c.scope) for c in found.day.crossings]
    assert len(crossed) == len(set(crossed))
    assert set(crossed) == reached


def totals_by_rule(found):
    totals = Counter()
    for rule_ in found.rules:
        if rule_.scope == "series":
            continue  # of options alone
        amounts = pair_amounts if rule_.count in schema.PAIR_COUNTS else cell_amounts
        for account, contract, amount in amounts(found, rule_):
            name = found.names.accounts[account][1]
            subject = found.subjects.index("G" if name in "AB" else name)
            totals[rule_, subject, scope_of(found, rule_, contract)] += amount
    return totals


def cell_amounts(found, rule_):
    cells = found.day.cells
    if rule_.large:
        amounts = cells.large[:, found.day.plan.large.index(rule_.large)]
    else:
        amounts = cells.counts[:, schema.CELL_COUNTS.index(rule_.count)]
    return zip(cells.account.tolist(), cells.contract.tolist(), amounts.tolist(), strict=True)


def pair_amounts(found, rule_):
    distinct = set()
    for pair in found.day.pairs:
        incoming = (pair.incoming_contract, pair.incoming)
        resting = (pair.resting_contract, pair.resting)
        amount, thing = {
            "self_trades": (pair.matches, None),
            "self_trade_lots": (pair.lots, None),
            "self_trade_pairs": (1, tuple(sorted([incoming, resting]))),
            "self_trade_orders": (1, incoming),
        }[rule_.count]
        group = found.names.accounts[pair.incoming_account][1] in "AB"
        key = (group, pair.contract, thing)
        if key not in distinct:
            yield pair.incoming_account, pair.contract, amount
        if thing is not None:
            distinct.add(key)


def scope_of(found, rule_, contract):
    name = found.names.contracts[contract][1]
    return {
        "contract": f"contract:{name}",
        "product": f"product:{name[:2]}",
        "exchange": "exchange:SHFE",
    }[rule_.scope]


# --- the hash ----------------------------------------------------------------------------------


def state_of(log, **how):
    day = Day(**how)
    names = Names()
    batch, columns = batch_of(log, names, day.exchange)
    engine = ReferenceEngine(make_plan(day.rules, day.keep), names, columns=columns)
    tell_names(engine, names, day)
    engine.feed(batch)
    before = engine.state_hash()
    assert engine.finish().state_hash == before
    return before


def part(*words_):
    return state_hash.mix(*words_)


def named(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


CU, A, B = named("SHFE\x1fcu2503"), named("SHFE\x1fA"), named("SHFE\x1fB")


def test_splitmix64_is_the_published_one():
    """The first outputs of the generator with seed 0 are known."""
    assert state_hash.splitmix64(0) == 0xE220A8397B1DCDAF
    assert state_hash.splitmix64(0x9E3779B97F4A7C15) == 0x6E789E6AA1B965F4


def test_mix_takes_negative_words_as_their_two_complement():
    assert state_hash.mix(-1) == state_hash.mix(2**64 - 1) != state_hash.mix(1)
    assert state_hash.mix(1, 2) != state_hash.mix(2, 1)


def test_the_hash_is_the_sum_of_its_parts():
    log = """
        action  order_id  account  lots  trade_id
        new     -5        A        9     -
        new     007       A        9     -
        cancel  007       -        -     -
        trade   8         B        2     x
        """
    parts = [
        part(1, CU, 0, -5, A, 9, 0),
        part(2, CU, 2, 7),
        part(3, CU, 0, 8),
        part(4, CU, *ids_of("x"), 2),
        part(5, CU, A, 0, 2, 1, 3, 0, 0),
        part(5, CU, B, 1 << 15, 0, 0, 0, 1, 0),
    ]
    assert state_of(log) == sum(parts) & (2**64 - 1)


def ids_of(text):
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    high = int.from_bytes(digest[:8], "little") | 1 << 63
    return high, int.from_bytes(digest[8:], "little", signed=True)


def test_the_order_in_which_a_log_names_things_does_not_matter():
    one, two = "new 1 A 9 cu2503", "new 2 B 9 al2503"
    header = "action order_id account lots contract"
    assert state_of("\n".join([header, one, two])) == state_of("\n".join([header, two, one]))
    assert state_of("\n".join([header, one])) != state_of("\n".join([header, two]))


def test_a_filled_order_has_another_state_than_one_that_is_not():
    log = """
        action   order_id  account  lots
        carried  1         A        {lots}
        """
    left = state_of(log.format(lots=9) + "trade 1/8 - 2")
    assert left != state_of(log.format(lots=7))
    assert left == state_of(log.format(lots=7 + 3) + "trade 1/8 - 3")


def test_an_unknown_order_is_no_part_any_more_once_it_is_opened():
    log = """
        action  order_id  account  lots
        trade   1         A        2
        """
    cell = part(5, CU, A, 1 << 15, 0, 0, 0, 1, 0)
    assert state_of(log) == (cell + part(3, CU, 0, 1)) & (2**64 - 1)
    assert state_of(log + "carried 1 A 5") == (cell + part(1, CU, 0, 1, A, 5, 1)) & (2**64 - 1)
