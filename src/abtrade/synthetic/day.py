"""A made-up day: its market, its crowd and what is planted in it, traded from open to close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..errors import InputError
from ..market.calendar import midnight_of
from . import _floor
from .contracts import Contract, choose_contracts
from .events import Events, events_of
from .families import FEES, rules_of, stories_of
from .fee_truth import FeeTruth
from .flow import Flow
from .forms import Form, Maker
from .judge import check_stories, judge
from .judge_fees import check_fees, judge_fees
from .log_files import LogFiles
from .options import CAP, ROOM, ROWS_AN_ORDER, UNFILLED, Options, fewest_accounts
from .people import Crowd, make_crowd
from .planter import plant
from .plots import LIMIT_PLACES, Planted
from .positions import Positions, crowd_positions, planted_positions
from .story import Story
from .tables import (
    rule_of_pack,
    write_fees,
    write_limits,
    write_positions,
    write_rules,
    write_tables,
)
from .truth import Truth

Progress = Callable[[int, int | None], None]

LARGE_CAP: Final = 30
"""Large cancels of a subject of the crowd in a contract at most."""

QUIET_CAP: Final = 12
"""Orders of a subject of the crowd in a quiet contract at most."""

CORRIDOR: Final = 0.15
"""How near the crowd's prices come to a price limit, but on limit days; share of the ladder."""


def plan_day(options: Options) -> Day:
    """Return the day that was asked for, about to be traded.

    Raises InputError where options do not go together.
    """
    day = date.fromisoformat(options.day)
    rng = np.random.default_rng(options.seed)
    stories = stories_of(options.plant)
    still = any(story.place in LIMIT_PLACES for story in stories)
    contracts = choose_contracts(options.exchanges, options.contracts, day, rng, still=still,
                                 quiet_fee=FEES in options.plant)  # fmt: skip
    rounds = int(np.clip(options.rows // 4_000, 5, CAP // 2 - 20))
    crowd = make_crowd(contracts, options.accounts, options.groups, rounds, rng)
    planted = plant(_chosen(stories, options.offences, rng), contracts, len(crowd.accounts), rng)
    _check_room(options, contracts, crowd, planted)
    form = Form(options.bare, options.two_rows, frozenset(options.without))
    return Day(day, contracts, crowd, planted, form, options.rows, rng, options.plant)


class Day:
    """A day about to be traded."""

    def __init__(
        self,
        day: date,
        contracts: Sequence[Contract],
        crowd: Crowd,
        planted: Planted,
        form: Form,
        rows: int,
        rng: np.random.Generator,
        families: Sequence[str] = (),
    ) -> None:
        self.day = day
        self.contracts = contracts
        self.crowd = crowd
        self.planted = planted
        self.form = form
        self.rows = rows
        self.rules = [rule_of_pack(name) for name in rules_of(families)]
        self.has_fees = FEES in families
        self.accounts = [*crowd.accounts, *planted.accounts]
        self._rng = rng
        self._counts_positions = any(rule.count in schema.POSITION_COUNTS for rule in self.rules)
        self._floor = _open_floor(contracts, crowd, planted, form, self._counts_positions)

    def write_log(
        self, folder: Path, names: Sequence[str], progress: Progress | None
    ) -> dict[str, int]:
        """Write the log's files; return how many rows of each action they hold."""
        maker = Maker(self.form, self.contracts, self.accounts, str(self.day))
        counts = np.zeros(len(schema.Action) + 1, np.int64)
        with LogFiles([folder / name for name in names], maker.schema, self._morning) as files:
            for rows in self._trade(counts):
                files.write(rows, maker)
                if progress is not None:
                    progress(int(counts.sum()), self.rows)
        named = {action.name.lower(): int(counts[action]) for action in schema.Action}
        return {"all": int(counts.sum())} | {name: n for name, n in named.items() if n}

    def truths(self) -> list[Truth]:
        """Return the truth about what was planted; the log is written."""
        rows = self._floor.planted_rows()
        told = judge(rows, self.contracts, self.planted, self.rules, self.form)
        everything = told
        if self.form != (plain := Form(two_rows=self.form.two_rows)):
            everything = judge(rows, self.contracts, self.planted, self.rules, plain)
        check_stories(everything, self.planted, self.contracts)
        return told

    def fee_truths(self) -> list[FeeTruth]:
        """Return the truth about order fees; the log is written, and they were asked for."""
        told, everything = (
            judge_fees(self._events(form), self.contracts, self.planted)
            for form in (self.form, Form(two_rows=self.form.two_rows))
        )
        check_fees(everything, self.planted, self.contracts)
        return told

    def write_tables(self, folder: Path) -> None:
        """Write what stands beside the log."""
        makers = [*self.crowd.makers, *self.planted.makers]
        write_tables(folder, self.day, self.contracts, self.accounts, makers)
        write_rules(folder, self.rules)
        if any(rule.limit is not None for rule in self.rules):
            write_limits(folder, self.day, self.contracts, self.planted)
        if self._counts_positions:
            held = chain(crowd_positions(self.crowd.cells, self._floor.closed_lots(), self.form),
                         self._planted_positions().items())  # fmt: skip
            write_positions(folder, held, self.accounts, self.contracts, self.form)
        if self.has_fees:
            write_fees(folder, self.day, self.contracts)

    def _planted_positions(self) -> Positions:
        return planted_positions(self.planted, self._events(self.form)["fills"], self.form)

    def _events(self, form: Form) -> Events:
        """Return the events of planted accounts, as a form of the log tells them."""
        rows = self._floor.planted_rows()
        return events_of(rows, self.contracts, self.planted.first, form, ())

    @property
    def _morning(self) -> int:
        """A time between the night session and the day's, in ns."""
        return midnight_of(self.day) + 6 * 3600 * 10**9

    def _trade(self, counts: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[Any]]:
        """Yield the rows of the day, part by part; ``counts`` is kept up by action."""
        orders = self.rows / ROWS_AN_ORDER
        flow = Flow(self.contracts, self.crowd, int(orders), self._rng)
        planned = sum(float(each.orders.sum()) for each in flow.slices)
        command_ts = self.planted.commands["ts"]
        for part in flow.slices:
            pending = len(command_ts) - int(np.searchsorted(command_ts, part.start))
            missing = self.rows - int(counts.sum()) - pending - 0.9 * self._floor.live
            scale = missing / (ROWS_AN_ORDER * planned) if planned >= 1 else 1.0
            self._floor.load(flow.arrivals(part, float(np.clip(scale, 0.0, 3.0))))
            planned -= float(part.orders.sum())
            yield from self._run(part.end, counts)
        self._floor.load(np.zeros(0, _floor.ARRIVAL))
        yield from self._run(np.iinfo(np.int64).max, counts)

    def _run(self, until: int, counts: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[Any]]:
        full = True
        while full:
            full = self._floor.run(until)
            rows = self._floor.take()
            counts += np.bincount(rows["action"], minlength=len(counts))
            if len(rows):
                yield rows


def _chosen(
    stories: list[Story], offences: str | int, rng: np.random.Generator
) -> list[Story]:
    if offences == "none":
        return []
    if offences == "all":
        return stories
    count = min(int(offences), len(stories))
    return [stories[i] for i in sorted(rng.permutation(len(stories))[:count])]


def _open_floor(
    contracts: Sequence[Contract], crowd: Crowd, planted: Planted, form: Form, note_closes: bool
) -> _floor.Floor:
    exchanges = list(dict.fromkeys(each.exchange for each in contracts))
    markets = np.zeros(len(contracts), _floor.MARKET)
    for market, made in zip(markets, contracts, strict=True):
        low = 0 if made.limit_day else int(made.levels * CORRIDOR)
        market["exchange"] = exchanges.index(made.exchange)
        market["levels"], market["middle"] = made.levels, made.previous
        market["low"], market["high"] = low, made.levels - 1 - low
        market["cap"] = QUIET_CAP if made.quiet else CAP
        market["large_cap"], market["cap_all"] = LARGE_CAP, made.quiet
        # Without a tif nobody can tell a remainder: its cancel then comes last everywhere.
        first = made.exchange in schema.REMAINDER_BEFORE_TRADES and "tif" not in form.without
        market["remainder_first"] = first
    return _floor.Floor(
        markets,
        np.stack([made.sessions for made in contracts]),
        crowd.cells,
        crowd.quoters,
        planted.commands,
        first_planted=planted.first,
        two_rows=form.two_rows,
        note_closes=note_closes,
    )


def _check_room(
    options: Options, contracts: Sequence[Contract], crowd: Crowd, planted: Planted
) -> None:
    """Raise InputError where the stories need more rows, or the crowd more accounts."""
    needed = round(len(planted.commands) * 1.3) + 5_000
    if options.rows < needed:
        n = len(planted.plots)
        stories = f"{n} {'story' if n == 1 else 'stories'}{'; or fewer offences' if n else ''}"
        raise InputError(f"rows: found {options.rows}, expected {needed} or more for {stories}")
    weight = np.array([each.weight for each in contracts])
    unfilled = options.rows / ROWS_AN_ORDER * weight / weight.sum() * UNFILLED
    room = np.diff(crowd.starts) * CAP * ROOM
    enough = fewest_accounts(options)
    if (unfilled[room == 0] > 0).any():
        what, found = "accounts", options.accounts
        if found >= enough:
            what, found = "groups", options.groups
        raise InputError(
            f"{what}: found {found}, expected about {enough} or more, so that every contract has "
            "some who trade it"
        )
    short = float((unfilled[room > 0] / room[room > 0]).max())
    if short > 1:
        least = round(options.accounts * short * 1.1)
        raise InputError(
            f"accounts: found {options.accounts}, expected about {least} or more for "
            f"{options.rows} rows, so that none of the crowd comes near a level"
        )
