"""Judge: what the rows of planted accounts come to under the test pack, for the truth.

Counted here from what the floor wrote for the planter's commands, without the engines that the
truth is for; each story's own numbers are then held against it. It may be simple because a
planted day is: no faults, no order amended up, every attribute told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy.typing as npt

from .. import schema
from ..errors import OutputError
from ..plan import Filter
from ..rules.rule import OUTSIDE, Level, Rule
from .contracts import Contract
from .events import Attributes, Event, Events, events_of
from .forms import Form
from .people import Account
from .planter import ENDED, Planted
from .truth import About, Truth, exempt_text


def judge(
    rows: npt.NDArray[Any],
    contracts: Sequence[Contract],
    planted: Planted,
    rules: Sequence[Rule],
    form: Form,
) -> list[Truth]:
    """Return the truth of every rule, planted subject and scope with a gross above 0.

    rows : (n,) ROW, every row of a planted account, a match as one row
    """
    sizes = sorted({rule.large_lots for rule in rules if rule.large_lots is not None})
    events = events_of(rows, contracts, planted.first, form, sizes)
    stories = _stories(planted)
    truths = []
    for rule in rules:
        if _is_blind(rule, form):
            continue
        bench = _Bench(rule, contracts, planted, form)
        for tally in bench.tallies(events):
            story = stories.get((tally.about.exchange, tally.about.subject), "adds lots to fills")
            truths.append(tally.truth(story))
    return truths


def check_stories(truths: Iterable[Truth], planted: Planted, contracts: Sequence[Contract]) -> None:
    """Hold each story's own numbers against the truth of a day that tells every column.

    Raises OutputError with every story that the log does not tell as it was meant.
    """
    wrong = []
    by_about = {truth.about: truth for truth in truths}
    scopes = {truth.rule: truth.scope.partition(":")[0] for truth in by_about.values()}
    for plot in planted.plots:
        story, first = plot.story, planted.account(plot.accounts[0])
        grouped = first.group is not None and first.status != ENDED
        contract = contracts[plot.contracts[story.acts[0].contract]]
        rule = f"synth.{story.rule}"
        scope = _scope(scopes.get(rule, ""), contract)
        kind, name = ("group", first.group) if grouped else ("client", first.client)
        found = by_about.get(About(rule, plot.exchange, kind, str(name), scope))
        said = (found.level, found.counted, found.gross) if found else ("", 0, 0)
        meant = (story.level or "", float(story.counted), float(story.gross))
        if said != meant:
            wrong.append(f"{rule} {plot.exchange} {story.text}: meant {meant}, wrote {said}")
    if wrong:
        raise OutputError("\n".join(wrong))


def _stories(planted: Planted) -> dict[tuple[str, str], str]:
    """Return each planted subject's story, by exchange and name."""
    found = {}
    for plot in planted.plots:
        for number in plot.accounts:
            account = planted.account(number)
            for name in (account.client, account.group):
                if name is not None:
                    found[plot.exchange, name] = plot.story.text
    return found


# --- events to levels ----------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What one subject comes to in one scope under a rule."""

    rule: Rule
    about: About
    suspected: bool
    gross: int = 0
    counted: int = 0
    filled: list[int] = field(default_factory=lambda: [0, 0])  # of a ratio: gross, counted
    exempt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tips: dict[str, tuple[int, int]] = field(default_factory=dict)  # level -> count after, seq

    def add(self, seq: int, amount: int, reason: str | None) -> None:
        """Count one event, or leave it out."""
        self.gross += amount
        if reason is not None:
            self.exempt[reason] += amount
            return
        before, self.counted = self.counted, self.counted + amount
        if self.rule.count in schema.RATIO_COUNTS:
            return
        for name in schema.LEVELS:
            least = _least(getattr(self.rule, name))
            if before < least <= self.counted:
                self.tips[name] = (self.counted, seq)

    def truth(self, story: str) -> Truth:
        """Return what a scan must say of it at the end of the day."""
        gross, counted = Fraction(self.gross), Fraction(self.counted)
        reached = [name for name in schema.LEVELS if name in self.tips]
        if self.rule.count in schema.RATIO_COUNTS:
            gross = Fraction(self.gross, max(1, self.filled[0])) - 1
            counted = Fraction(self.counted, max(1, self.filled[1])) - 1
            if not self.counted:
                counted = Fraction(0)
            reached = [name for name in schema.LEVELS
                       if self.counted and _reaches(counted, getattr(self.rule, name))]  # fmt: skip
        level = reached[-1] if reached else ""
        if self.suspected and level == "red":
            level = "yellow"
        yellow, red = (self.tips.get(name, (None, None)) for name in schema.LEVELS)
        if self.suspected:
            red = (None, None)
        size = f"@{self.rule.large_lots}" if self.rule.large_lots else ""
        return Truth(
            rule=self.rule.id, count=self.rule.count + size, exchange=self.about.exchange,
            subject_kind=self.about.subject_kind, subject=self.about.subject,
            scope=self.about.scope, level=level, gross=float(gross), counted=float(counted),
            exempt=exempt_text(self.exempt.items()), yellow_at=yellow[0], yellow_seq=yellow[1],
            red_at=red[0], red_seq=red[1], story=story,
        )  # fmt: skip


class _Bench:
    """One rule, and all it is told of people and contracts."""

    def __init__(
        self, rule: Rule, contracts: Sequence[Contract], planted: Planted, form: Form
    ) -> None:
        self._rule = rule
        self._contracts = contracts
        self._planted = planted
        self._makers = {(account.client, product) for account, product in planted.makers}
        self._leave_out = [
            entry for entry in rule.leave_out if not _asks_hidden(entry.filter, form)
        ]
        self._reason: Callable[[int, int, Attributes], str | None] = cache(self._find_reason)

    def tallies(self, events: Events) -> Iterator[Tally]:
        """Yield what every subject comes to, in whatever order."""
        rule = self._rule
        found: dict[About, Tally] = {}
        count = "messages" if rule.count == "otr" else rule.count
        if rule.large_lots is not None:
            count = f"large_cancels@{rule.large_lots}"
        for event in events[count]:
            for tally in self._of(event, found):
                tally.add(event.seq, event.amount, self._left_out(event))
        if rule.count == "otr":
            for event in events["filled_orders"]:
                for tally in self._of(event, found):
                    tally.filled[0] += 1
                    tally.filled[1] += self._left_out(event) is None
        yield from (tally for tally in found.values() if tally.gross)

    def _of(self, event: Event, found: dict[About, Tally]) -> Iterator[Tally]:
        """Yield the tallies an event belongs to; of a match, where both sides are the subject's."""
        contract = self._contracts[event.contract]
        if self._rule.products is not None and contract.product not in self._rule.products:
            return
        subjects = _subjects(self._planted.account(event.account))
        if event.other is not None:
            others = _subjects(self._planted.account(event.other))
            subjects = [each for each in subjects if each in others]
        for kind, name, suspected in subjects:
            scope = _scope(self._rule.scope, contract)
            about = About(self._rule.id, contract.exchange, kind, name, scope)
            if about not in found:
                found[about] = Tally(self._rule, about, suspected)
            yield found[about]

    def _left_out(self, event: Event) -> str | None:
        """Return why an event is left out, None where it counts."""
        first = self._reason(event.account, event.contract, event.attributes)
        if event.other is None or event.other_attributes is None:
            return first
        second = self._reason(event.other, event.contract, event.other_attributes)
        if self._rule.both:
            return first if first is not None and second is not None else None
        return first if first is not None else second

    def _find_reason(self, account: int, contract: int, attributes: Attributes) -> str | None:
        if self._rule.only and not self._fits(self._rule.only, account, contract, attributes):
            return OUTSIDE
        for entry in self._leave_out:
            if self._fits(entry.filter, account, contract, attributes):
                return entry.reason
        return None

    def _fits(self, asked: Filter, account: int, contract: int, attributes: Attributes) -> bool:
        made = self._contracts[contract]
        if asked.order_fee is not None and made.order_fee is not asked.order_fee:
            return False
        told = attributes._asdict()
        told["market_maker"] = int(
            (self._planted.account(account).client, made.product) in self._makers
        )
        return all(told[name] in codes for name, codes in asked.codes.items())


def _subjects(account: Account) -> list[tuple[str, str, bool]]:
    """Return who is judged for an account: kind, name, whether a suspected group."""
    client = ("client", account.client, False)
    if account.group is None or account.status == ENDED:
        return [client]
    suspected = account.status == "suspected"
    group = ("group", account.group, suspected)
    return [group, client] if suspected else [group]


def _scope(kind: str, contract: Contract) -> str:
    names = {"contract": contract.name, "product": contract.product, "exchange": contract.exchange}
    return f"{kind}:{names[kind]}" if kind else ""


def _is_blind(rule: Rule, form: Form) -> bool:
    """Whether the log lacks what the rule can't do without."""
    if rule.count == "open_lots" and "offset" in form.without:
        return True
    return rule.only is not None and _asks_hidden(rule.only, form)


def _asks_hidden(asked: Filter, form: Form) -> bool:
    return any(name in form.untold for name in asked.codes)


def _least(level: Level) -> int:
    """Return the least whole count that reaches a level."""
    return int(level.number) + (level.op == "gt")


def _reaches(ratio: Fraction, level: Level) -> bool:
    return ratio > level.number if level.op == "gt" else ratio >= level.number
