"""Judge: what the rows of planted accounts come to under the test pack, for the truth.

Counted here from what the floor wrote for the planter's commands, without the engines that the
truth is for; each story's own numbers are then held against it. It may be simple because a
planted day is: no faults, no order amended up, every attribute told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy.typing as npt

from .. import schema
from ..errors import OutputError
from ..rules.rule import Rule
from .bench import Bench, scope_of
from .contracts import Contract
from .events import Event, Events, events_of
from .forms import Form
from .judge_bursts import burst_tallies
from .judge_positions import position_tallies
from .plots import Planted
from .positions import planted_positions
from .tally import Tally
from .truth import About, Truth


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
    stories = planted.stories()
    truths = []
    for rule in rules:
        bench = Bench(rule, contracts, planted, form)
        if bench.is_blind():
            continue
        for tally in _of_rule(bench, events):
            if not tally.gross:
                continue
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
        story = plot.story
        contract = contracts[plot.contracts[story.acts[0].contract]]
        rule = f"synth.{story.rule}"
        scope = scope_of(scopes.get(rule, ""), contract)
        kind, name = planted.subject(plot)
        found = by_about.get(About(rule, plot.exchange, kind, name, scope))
        said = (found.level, found.counted, found.gross) if found else ("", 0, 0)
        meant = (story.level or "", float(story.counted), float(story.gross))
        if said != meant:
            wrong.append(f"{rule} {plot.exchange} {story.text}: meant {meant}, wrote {said}")
    if wrong:
        raise OutputError("\n".join(wrong))


def _of_rule(bench: Bench, events: Events) -> Iterator[Tally]:
    count = bench.rule.count
    if count in schema.POSITION_COUNTS:
        opening = planted_positions(bench.planted, events["fills"], bench.form)
        return position_tallies(bench, events, opening)
    if count == "burst_occasions":
        return burst_tallies(bench, events)
    return additive_tallies(bench, events)


def additive_tallies(bench: Bench, events: Events) -> Iterator[Tally]:
    """Yield what every subject comes to, event by event, in whatever order."""
    rule = bench.rule
    found: dict[About, Tally] = {}
    count = "messages" if rule.count == "otr" else rule.count
    if rule.large_lots is not None:
        count = f"large_cancels@{rule.large_lots}"
    for event in events[count]:
        for tally in _tallies_of(bench, event, found):
            tally.add(event.seq, event.amount, bench.left_out(event))
    if rule.count == "otr":
        for event in events["filled_orders"]:
            for tally in _tallies_of(bench, event, found):
                tally.filled[0] += 1
                tally.filled[1] += bench.left_out(event) is None
    yield from found.values()


def _tallies_of(bench: Bench, event: Event, found: dict[About, Tally]) -> Iterator[Tally]:
    for about, suspected in bench.abouts(event):
        if about not in found:
            levels = bench.levels(bench.contracts[event.contract], about)
            found[about] = Tally(bench.rule, about, suspected, levels)
        yield found[about]
