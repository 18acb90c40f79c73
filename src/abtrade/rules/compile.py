"""From rules to a plan: words become codes, and what the log does not tell is said aloud."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from .. import schema
from ..errors import RuleError
from ..market.contracts import ContractTable
from ..market.limits import Limits
from ..people import KINDS, People, make_people
from ..plan import MOST_REASONS, Filter, Plan, PlanRule, make_plan
from .kinds import words
from .packs import RuleSet
from .rule import OUTSIDE, LeaveOut, Level, Rule, assume_words, filter_words

_TABLES: Final = {
    "market_maker": "no market makers are given",
    "order_fee": "no contract table tells it",
}
_ABSENT: Final = "which the log does not have"
_NEEDED: Final = {
    "open_lots": ("offset",),
    "ordered_open_lots": ("offset",),
    "limit_price_cancels": ("price", "side"),
    "limit_price_cancel_lots": ("price", "side"),
    **dict.fromkeys(schema.POSITION_COUNTS, ("side",)),
}
"""Count -> columns without which nothing can be counted."""

NOTHING_HELD: Final = "opening positions are none"
NETTED: Final = "fills without an offset are netted"

NOTHING: Final = Filter({"market_maker": frozenset()})
"""Fits no event: a rule whose filters all ask what it takes to be otherwise."""

_OF_CONTRACTS: Final = "contracts: needs "
NO_LIMITS: Final = "no limits are given"
"""Why a rule is blind whose limits nothing tells for the day."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan for one log, and what its rules had to take for granted there."""

    plan: Plan
    rules: dict[str, Rule]  # by id, the blind ones among them
    assumed: dict[str, list[str]]  # by id of each rule in the plan: "hedge is speculation"
    blind: dict[str, str]  # by id of each rule that cannot be evaluated: why

    def at(self, exchanges: Collection[str]) -> Compiled:
        """Return it with nothing said of rules for other exchanges than these."""
        told = {rule.id for rule in self.rules.values() if rule.exchange in exchanges}
        return replace(
            self,
            assumed={rule: words for rule, words in self.assumed.items() if rule in told},
            blind={rule: why for rule, why in self.blind.items() if rule in told},
        )


def compile_rules(
    rules: RuleSet,
    columns: frozenset[str],
    have_market_makers: bool = False,
    have_order_fee: bool = False,
    keep: Collection[str] = (),
    kernels: Collection[str] = (),
    extra: Collection[str] = (),
    *,
    lacking: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    contracts: ContractTable | None = None,
    have_positions: bool = False,
    follow_positions: bool = False,
    book: bool = False,
) -> Compiled:
    """Return the plan of the rules that a log with these columns can be judged by.

    columns : canonical columns that the log has, or that are stated for it
    have_market_makers, have_order_fee : whether a table tells these facts; ``contracts`` may tell
        of order fees at some exchanges only
    keep : attributes to keep apart in cells besides those the rules read
    kernels : names of the kernels that are given
    extra : counts of schema.EXTRA_COUNTS to keep besides
    lacking : count -> what it needs beside the log and does not have: rules on it are blind
    have_positions : whether a table tells what was held when the day began
    follow_positions : follow what is held though no rule asks for it
    book : keep each contract's order book
    limits, contracts : of the day; without them nothing tells a limit, or a fact of a contract

    The rules have no id twice: they were loaded for a day. Raises RuleError where they leave events
    out for more reasons, or name people in more ways, than there are codes for.
    """
    known = columns | {"product", *KINDS}
    known |= {"market_maker"} if have_market_makers else set()
    known |= {"order_fee"} if have_order_fee else set()
    known |= {_kernel(name) for name in kernels}
    by_id = {rule.id: rule for rule in rules.rules}
    assert len(by_id) == len(rules.rules), "an id twice: load the rules for a day"
    lacking = lacking or {}
    blind = {}
    known_to: dict[str, frozenset[str]] = {}
    for rule in rules.rules:
        exchange = None if rules.named else rule.exchange
        fees = contracts is not None and contracts.tells(("order_fee",), exchange)
        known_to[rule.id] = known | ({"order_fee"} if fees else set())
        why = _blind_for_tables(rule, exchange, limits, contracts)
        why = why or _blindness(rule, known_to[rule.id], lacking)
        if why is not None:
            blind[rule.id] = why
    seeing = [rule for rule in rules.rules if rule.id not in blind]
    _check_reasons(seeing)
    people = _people(seeing)
    plan = make_plan(
        [
            _plan_rule(at, rule, known_to[rule.id], rules.named, people)
            for at, rule in enumerate(seeing)
        ],
        sorted(keep),
        sorted(extra),
        positions=follow_positions,
        people=people,
        book=book,
    )
    assumed = {
        rule.id: [
            *_assumed(rule, known_to[rule.id]), *_assumed_of_positions(rule, known, have_positions)
        ]
        for rule in seeing
    }
    return Compiled(plan, by_id, assumed, blind)


def plan_of(rule: Rule) -> PlanRule:
    """Return a rule in numbers, as it is for a log and tables that tell everything it asks for.

    Its exemptions are those of the rule, in their order.
    """
    _check_reasons([rule])
    everything = frozenset({*schema.LOG_COLUMNS, "product", "market_maker", "order_fee", *KINDS})
    return _plan_rule(0, rule, everything, named=False, people=_people([rule]))


def _check_reasons(rules: Iterable[Rule]) -> None:
    """Refuse rules with more exemptions than an event's reason has codes."""
    most = MOST_REASONS - 1  # the other is ``outside``
    problems = [
        f"{rule.id} has {len(rule.leave_out)} exemptions, those of the overlay among them, "
        f"expected at most {most}; name several accounts, clients or groups in one entry"
        for rule in rules
        if len(rule.leave_out) > most
    ]
    if problems:
        raise RuleError(problems)


def _people(rules: Iterable[Rule]) -> People:
    """Return whom exemptions of the rules name."""
    try:
        return make_people(
            entry.filter.people for rule in rules for entry in rule.leave_out if entry.filter.people
        )
    except ValueError as error:
        raise RuleError([str(error)]) from error


def _with_codes(entry: Filter, people: People) -> Filter:
    """Return a filter with the codes of the accounts it is for."""
    return replace(entry, named=people.codes_of(entry.people)) if entry.people else entry


def _plan_rule(
    index: int, rule: Rule, known: frozenset[str], named: bool, people: People
) -> PlanRule:
    applied = [
        (_with_codes(asked, people), entry.reason)
        for entry in rule.leave_out
        if (asked := _assuming(entry.filter, rule, known)) and not _missing(asked, known)
    ]
    only = [asked for entry in rule.only if (asked := _assuming(entry, rule, known))]
    ratio = rule.limit is not None or rule.count in schema.FIGURES
    return PlanRule(
        index=index,
        id=rule.id,
        count=rule.count,
        scope=rule.scope,
        large=rule.large,
        yellow_at=_least(rule.yellow, ratio),
        red_at=_least(rule.red, ratio),
        strict=(ratio and _is_above(rule.yellow), ratio and _is_above(rule.red)),
        only=tuple(only) if only or not rule.only else (NOTHING,),
        leave_out=tuple(asked for asked, _ in applied),
        reasons=(OUTSIDE, *(reason for _, reason in applied)),
        groups_only=rule.groups_only,
        both=rule.both,
        exchange=None if named else rule.exchange,
        products=rule.products,
        contracts=rule.contracts,
        burst_messages=rule.burst_messages,
        sliding=rule.burst_window == "sliding",
        kernel=rule.kernel,
        limit=rule.limit,
        quotas=rule.quotas,
        named=people.size if any(asked.people for asked, _ in applied) else 0,
        capped=rule.status == "unverified",
    )


def _assuming(entry: Filter, rule: Rule, known: frozenset[str]) -> Filter | None:
    """Return what a filter asks beyond what the rule takes for granted; None where it never fits.

    Something is taken for granted only where the log has no such column.
    """
    granted = {name: code for name, code in rule.assume.items() if name not in known}
    if any(name in granted and granted[name] not in codes for name, codes in entry.codes.items()):
        return None
    codes = {name: codes for name, codes in entry.codes.items() if name not in granted}
    return replace(entry, codes=codes)


def _kernel(name: str) -> str:
    """Return what stands for a kernel among what is known."""
    return f"kernel {name}"


def _least(level: Level | None, ratio: bool) -> Fraction | None:
    """Return the least value that reaches a level; of a ratio the number it is compared with."""
    if level is None:
        return None
    return level.number + (not ratio and _is_above(level))


def _is_above(level: Level | None) -> bool:
    return level is not None and level.op == "gt"


def _blindness(rule: Rule, known: frozenset[str], lacking: Mapping[str, str]) -> str | None:
    """Return why a rule cannot be evaluated on the log, None where it can."""
    if rule.count in lacking:
        return f"{rule.count} needs {lacking[rule.count]}"
    if rule.count in schema.PAIR_COUNTS and known.isdisjoint(schema.MATCH_COLUMNS):
        return f"{rule.count} needs {words(schema.MATCH_COLUMNS)}, and the log has neither"
    if absent := [name for name in _NEEDED.get(rule.count, ()) if name not in known]:
        return f"{rule.count} needs {words(absent)}, {_ABSENT}"
    if rule.kernel is not None and _kernel(rule.kernel) not in known:
        return f"kernel needs {rule.kernel}, which neither --kernels nor a package gives"
    asked = [_assuming(entry, rule, known) for entry in rule.only]
    missing = dict.fromkeys(
        name for entry in asked if entry is not None for name in _missing(entry, known)
    )
    told = [f"{name}, {_TABLES.get(name, _ABSENT)}" for name in missing]
    return f"only: needs {'; '.join(told)}" if told else None


def _blind_for_tables(
    rule: Rule, exchange: str | None, limits: Limits | None, contracts: ContractTable | None
) -> str | None:
    """Return what of the tables beside the log a rule lacks, None where it lacks nothing.

    exchange : whose contracts it judges, None: of all
    """
    if rule.limit is not None and (
        limits is None or not limits.knows(rule.limit, rule.scope, exchange)
    ):
        return NO_LIMITS
    asked: Iterable[str] = ()
    if rule.count in ("limit_price_cancels", "limit_price_cancel_lots"):
        asked = ("upper_limit", "lower_limit")
    elif rule.large_of_max is not None:
        asked = ("max_order_lots",)
    elif rule.contracts == "deep_out_of_the_money":
        asked = ("previous_close", "underlying_close")
    if not asked or (contracts is not None and contracts.tells(asked, exchange)):
        return None
    return f"{_OF_CONTRACTS}{words(asked)}, {_TABLES['order_fee']}"


def lacks_table(why: str) -> bool:
    """Whether a rule is blind for want of a table beside the log, whatever the log tells."""
    return why == NO_LIMITS or why.startswith(_OF_CONTRACTS)


def _assumed(rule: Rule, known: frozenset[str]) -> list[str]:
    """Return what is taken for granted where an exemption cannot be asked for, each once."""
    said = assume_words(rule)
    told = dict.fromkeys(f"{name} is {word}" for name, word in said.items() if name not in known)
    for entry in rule.leave_out:
        missing = [name for name in _missing(entry.filter, known) if name not in said]
        told.update(dict.fromkeys(_taken_for_granted(entry, missing)))
    return list(told)


def _assumed_of_positions(
    rule: Rule, known: frozenset[str], have_positions: bool
) -> list[str]:
    """Return what a rule on positions takes for granted of what was held, and of fills."""
    if rule.count not in schema.HELD_COUNTS:
        return []
    reads_hedge = any("hedge" in entry.filter.codes for entry in rule.leave_out)
    told = []
    if "hedge" not in known and not reads_hedge:
        told.append(f"hedge is {schema.ASSUMED['hedge']}")
    if "offset" not in known:
        told.append(NETTED)
    return told if have_positions else [*told, NOTHING_HELD]


def _taken_for_granted(entry: LeaveOut, missing: list[str]) -> list[str]:
    """Return what has to be so for an entry to leave nothing out.

    That is what schema.ASSUMED says of a missing attribute, or where the entry would fit just that
    (``leave_out: hedge speculation``), that the attribute is something else.
    """
    accepted = {name: _as_words(said) for name, said in filter_words(entry.filter).items()}
    usual = [name for name in missing if schema.ASSUMED[name] not in accepted[name]]
    if usual:
        return [f"{name} is {schema.ASSUMED[name]}" for name in usual]
    return [_otherwise(name, accepted[name]) for name in missing]


def _otherwise(name: str, accepted: list[str]) -> str:
    return f"{name} is yes" if accepted == ["no"] else f"{name} is not {words(accepted)}"


def _as_words(said: list[str] | bool) -> list[str]:
    if isinstance(said, bool):
        return ["yes" if said else "no"]
    return said


def _missing(entry: Filter, known: frozenset[str]) -> list[str]:
    """Return what a filter asks that neither the log nor a table tells."""
    return [name for name in filter_words(entry) if name not in known]
