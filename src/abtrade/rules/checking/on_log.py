"""Rules that would be blind on a given log: for want of its columns, or of tables beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ... import schema
from ...comparison.earlier_outputs import EarlierOutputs
from ...market.contracts import ContractTable
from ...market.limits import Limits
from ...readers.log import Log
from ...wording import LANGUAGES, blindness
from ..compile import compile_rules
from ..packs import rule_set
from .finding import Finding, finding
from .rule_file import RuleFile


def check_on_log(
    files: Sequence[RuleFile],
    log: Log,
    contracts: ContractTable,
    limits: Limits,
    *,
    named: bool,
) -> Iterator[Finding]:
    """Yield the rules in force on the log's day that could not be evaluated on it, and why (R012).

    Each rule is asked for contracts of its own exchange; where rules were not asked for by name
    (``named``), those of exchanges that the log has. A phase that the log lacks is taken as known:
    a scan finds it by the time.
    """
    exchanges = None if named else log.exchanges(contracts)
    here = {
        each.rule.id: each
        for each in files
        if each.rule.in_force(log.day) and (exchanges is None or each.rule.exchange in exchanges)
    }
    compiled = compile_rules(
        rule_set([each.rule for each in here.values()], named=False),
        frozenset(log.columns) | {"phase"},
        lacking=_lacking(log),
        limits=limits,
        contracts=contracts,
    )
    for rule, why in compiled.blind.items():
        told = {lang: blindness(why, lang) for lang in LANGUAGES}
        yield finding("R012", here[rule], ("count",), rule=rule, why=told, day=log.day)


def _lacking(log: Log) -> dict[str, str]:
    """Return count -> what it needs beside the log, of which a check is given nothing."""
    lacking = EarlierOutputs().lacking()
    lacking["open_interest_share"] = "open_interest, no positions are given"
    if not log.sight.has_history:
        history = "history, which the log does not have"
        lacking |= dict.fromkeys(schema.POSITION_COUNTS, history)
    return lacking
