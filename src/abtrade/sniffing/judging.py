"""What a log can be judged by: columns it lacks, rules that are blind without them."""

from __future__ import annotations

from datetime import date

from .. import schema
from ..market.contracts import load_contracts
from ..market.limits import load_limits
from ..rules.compile import compile_rules, lacks_table
from ..rules.overlay import settle
from ..rules.packs import load_rules, rule_set
from ..visibility import sight_of
from .found import Sniffed
from .logs import LogFound


def judge(sniffed: Sniffed, log: LogFound) -> None:
    """Note what a log has and lacks, and what the rules that ship make of that.

    Rules are those for the exchanges that the sample names, in force on its day; where that has
    to be stated first, the last that there are.
    """
    have = {column for source in log.sources for column in source.columns}
    sniffed.columns = [name for name in schema.LOG_COLUMNS if name in have]
    sniffed.missing = [name for name in schema.REQUIRED_COLUMNS if name not in have]
    sniffed.absent = [
        name
        for name in schema.LOG_COLUMNS
        if name not in have and name not in schema.REQUIRED_COLUMNS
    ]
    sniffed.sight = sight_of(
        (source.visibility for source in log.sources),
        have,
        one_broker=any(source.one_broker for source in log.sources),
    )
    exchanges = [name for name in sniffed.sample.exchanges if name != schema.NO_EXCHANGE]
    day = date.max if log.day is None and log.lacking else log.day
    rules = load_rules([], day)
    if day is not None:
        rules = settle(rules, day)
    of_these = [rule for rule in rules.rules if rule.exchange in exchanges]
    lacking: set[str] = set()  # rules that no log has enough for: they need tables beside it
    if day is not None:
        told = frozenset(have) | {"phase"}  # these exchanges have sessions: a scan puts it in
        contracts = load_contracts(None, day)
        compiled = compile_rules(
            rule_set(of_these, named=False), told, limits=load_limits(None, contracts, day),
            contracts=contracts,
        )
        lacking = {rule for rule, why in compiled.blind.items() if lacks_table(why)}
        sniffed.blind = {
            rule: why for rule, why in compiled.blind.items() if rule not in lacking
        }
        sniffed.assumed = {rule: words for rule, words in compiled.assumed.items() if words}
    covered = {rule.exchange for rule in of_these if rule.id not in lacking}
    sniffed.uncovered = [name for name in exchanges if name not in covered]


