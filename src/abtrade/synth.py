"""Make a trading day: a log of any size with planted offences, and the truth about them beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import __version__, schema
from .errors import InputError
from .log_writers import Writer, format_of, open_writer
from .rules.packs import load_rules
from .sinks.folder import Kind, check_out, whole_folder
from .synthetic import _floor
from .synthetic.contracts import BUSY_EACH, QUIET_EACH, Contract, choose_contracts
from .synthetic.flow import Flow
from .synthetic.forms import OPTIONAL, Form, Maker
from .synthetic.hours import shanghai_ns
from .synthetic.judge import check_stories, judge
from .synthetic.people import Crowd, make_crowd
from .synthetic.planter import Planted, plant
from .synthetic.stories import Story, all_stories
from .synthetic.tables import PACK, TABLES, write_tables
from .synthetic.truth import write_truth

Progress = Callable[[int, int | None], None]

DAY: Final = date(2025, 2, 18)
MANIFEST: Final = "manifest.json"
TRUTH: Final = "truth.csv"
CAP: Final = 300
"""Cancels of a subject of the crowd in a contract at most, and of these large: below any level."""

LARGE_CAP: Final = 20
QUIET_CAP: Final = 12
CORRIDOR: Final = 0.15
"""How near the crowd's prices come to a price limit, but on limit days; share of the ladder."""

ROWS_AN_ORDER: Final = 1.93
GROUP_BYTES: Final = 96 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for, with every default filled in."""

    rows: int
    seed: int
    day: str
    exchanges: tuple[str, ...]
    contracts: int
    accounts: int
    groups: int
    density: float
    offences: str | int
    log: str
    bare: bool
    two_rows: bool
    split: bool
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeDay:
    """The files of a made day."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def logs(self) -> list[Path]:
        """The files of the log, in order."""
        return [self.folder / name for name in self.manifest["log"]]

    @property
    def truth(self) -> Path:
        """What a scan by the test pack must say."""
        return self.folder / TRUTH

    @property
    def tables(self) -> dict[str, Path]:
        """The tables beside the log, and the test pack, by the name of their option."""
        return {name.removesuffix(".csv"): self.folder / name for name in TABLES}

    @property
    def rules(self) -> Path:
        """The test pack."""
        return self.folder / "rules"


def synth(
    out: str | Path,
    *,
    rows: int = 1_000_000,
    seed: int = 1,
    day: date | str = DAY,
    exchanges: Sequence[str] = schema.EXCHANGES,
    contracts: int | None = None,
    accounts: int | None = None,
    groups: int | None = None,
    density: float = 1.0,
    offences: str | int = "all",
    log: str = "day.parquet",
    bare: bool = False,
    two_rows: bool = False,
    split: bool = False,
    without: Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> MadeDay:
    """Make a trading day in a new folder; return where its files are.

    rows : rows of the log, about
    seed : the same seed and options give the same bytes
    contracts, accounts, groups : how many; groups are the subjects of the crowd, which does not
        offend. None: as many as suit the rows
    density : orders of each subject and contract, as a multiple of the default
    offences : ``all``, ``none``, or how many stories, chosen by the seed
    log : name of the log's file, whose ending tells its format
    bare : account and side on the rows of new orders alone, no lots on cancels
    two_rows : a match has two rows with a trade id, as brokers have them
    split : the night session has a file of its own
    without : optional columns to leave out

    Raises InputError where options do not go together, OutputError where ``out`` cannot be written.
    """
    options = _filled_in(
        Options(rows, seed, str(day), tuple(exchanges), contracts or 0, accounts or 0, groups or 0,
                density, offences, log, bare, two_rows, split, tuple(sorted(without)))
    )  # fmt: skip
    names = _log_names(options)
    kind = Kind(
        "synth", MANIFEST, frozenset({MANIFEST, TRUTH, "rules", *TABLES, *names, *_former(out)})
    )
    check_out(Path(out), force=force, kind=kind)
    made = _Day(options)
    with whole_folder(Path(out), force=force, kind=kind) as folder:
        counted = made.write_log(folder, names, progress)
        truths = made.truths()
        write_truth(folder / TRUTH, truths)
        made.write_tables(folder)
        manifest = {
            "version": __version__,
            "log": names,
            "rows": counted,
            "stories": len(made.planted.plots),
            "truth": len(truths),
            "alerts": sum(bool(truth.level) for truth in truths),
            "options": asdict(options),
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return MadeDay(Path(out), manifest)


# --- options -------------------------------------------------------------------------------------


def _filled_in(given: Options) -> Options:
    """Return options with defaults, all problems of them told at once."""
    problems = list(_problems(given))
    if problems:
        raise InputError("\n".join(problems))
    places = len(given.exchanges)
    least = (BUSY_EACH + QUIET_EACH) * places
    contracts = given.contracts or min(
        250, max(least, round((given.rows / 10_000) ** 0.8 / given.density)), 40 * places
    )
    accounts = given.accounts or max(
        40 * places, min(20_000, round(given.rows / 500)), round(given.rows / CAP / 4)
    )
    accounts = accounts if given.accounts else max(40 * places, round(accounts / given.density))
    groups = given.groups or max(1, accounts * 9 // 10)
    if groups > accounts:
        raise InputError(f"found {groups} groups of {accounts} accounts, expected as many or fewer")
    values = asdict(given) | {"contracts": contracts, "accounts": accounts, "groups": groups}
    return Options(**values)


def _problems(given: Options) -> Iterator[str]:
    unknown = [name for name in given.exchanges if name not in schema.EXCHANGES]
    if unknown or not given.exchanges or len(set(given.exchanges)) < len(given.exchanges):
        found = ", ".join(given.exchanges) or "none"
        yield f"exchanges: found {found}, expected some of {', '.join(schema.EXCHANGES)}, each once"
    for name in given.without:
        if name not in OPTIONAL:
            yield f"without: found {name!r}, expected some of {', '.join(OPTIONAL)}"
    for name in ("rows", "contracts", "accounts", "groups", "seed"):
        if getattr(given, name) < 0 or (name == "rows" and given.rows < 1):
            yield f"{name}: found {getattr(given, name)}, expected a positive number"
    if not 0 < given.density <= 1000:
        yield f"density: found {given.density}, expected a number above 0, at most 1000"
    if isinstance(given.offences, str) and given.offences not in ("all", "none"):
        yield f"offences: found {given.offences!r}, expected all, none or a number of stories"
    if Path(given.log).name != given.log or given.log in (TRUTH, MANIFEST, *TABLES):
        yield f"log: found {given.log!r}, expected the name of a file, such as day.parquet"
    try:
        day = date.fromisoformat(given.day)
    except ValueError:
        yield f"day: found {given.day!r}, expected one such as 2025-02-18"
    else:
        if day.weekday() >= 5 or day.year < 2021:
            yield f"day: found {day}, expected a weekday from 2021 on"


def _log_names(options: Options) -> list[str]:
    format_of(Path(options.log), None, None)
    return [f"night-{options.log}", options.log] if options.split else [options.log]


def _former(out: str | Path) -> list[str]:
    """Return the log files of an earlier day in the same folder, which may be replaced with it."""
    try:
        manifest = json.loads((Path(out) / MANIFEST).read_text(encoding="utf-8"))
        return [str(name) for name in manifest["log"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


# --- the day -------------------------------------------------------------------------------------


class _Day:
    """A day about to be made: its market, its crowd, and what is planted in it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.day = date.fromisoformat(options.day)
        self.form = Form(options.bare, options.two_rows, frozenset(options.without))
        self._rng = np.random.default_rng(options.seed)
        self.contracts = choose_contracts(
            options.exchanges, options.contracts, self.day, self._rng
        )
        rounds = int(np.clip(options.rows // 4_000, 5, CAP // 2 - 20))
        self.crowd = make_crowd(
            self.contracts, options.accounts, options.groups, rounds, self._rng
        )
        stories = _chosen(options.offences, self._rng)
        self.planted = plant(stories, self.contracts, len(self.crowd.accounts), self._rng)
        self.accounts = [*self.crowd.accounts, *self.planted.accounts]
        self._floor = _open_floor(self.contracts, self.crowd, self.planted, self.form)
        _check_room(options, self.contracts, self.crowd, self.planted)

    def write_log(
        self, folder: Path, names: Sequence[str], progress: Progress | None
    ) -> dict[str, int]:
        """Write the log's files; return how many rows of each action they hold."""
        maker = Maker(self.form, self.contracts, self.accounts, self.options.day)
        counts = np.zeros(len(schema.Action) + 1, np.int64)
        with _LogFiles([folder / name for name in names], maker.schema, self._morning) as files:
            for rows in self._trade(counts):
                files.write(rows, maker)
                if progress is not None:
                    progress(int(counts.sum()), self.options.rows)
        named = {action.name.lower(): int(counts[action]) for action in schema.Action}
        return {"all": int(counts.sum())} | {name: n for name, n in named.items() if n}

    def truths(self) -> list[Any]:
        """Return the truth about what was planted; the log is written."""
        rules = load_rules([str(PACK)], self.day).rules
        rows = self._floor.planted_rows()
        told = judge(rows, self.contracts, self.planted, rules, self.form)
        everything = told
        if self.form != (plain := Form(two_rows=self.form.two_rows)):
            everything = judge(rows, self.contracts, self.planted, rules, plain)
        check_stories(everything, self.planted, self.contracts)
        return told

    def write_tables(self, folder: Path) -> None:
        """Write what stands beside the log."""
        makers = [*self.crowd.makers, *self.planted.makers]
        write_tables(folder, self.day, self.contracts, self.accounts, makers)

    @property
    def _morning(self) -> int:
        """A time between the night session and the day's, in ns."""
        return shanghai_ns(self.day) + 6 * 3600 * 10**9

    def _trade(self, counts: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[Any]]:
        """Yield the rows of the day, part by part; ``counts`` is kept up by action."""
        orders = self.options.rows / ROWS_AN_ORDER
        flow = Flow(self.contracts, self.crowd, int(orders), self._rng)
        planned = sum(float(each.orders.sum()) for each in flow.slices)
        command_ts = self.planted.commands["ts"]
        for part in flow.slices:
            pending = len(command_ts) - int(np.searchsorted(command_ts, part.start))
            missing = self.options.rows - int(counts.sum()) - pending - 0.9 * self._floor.live
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


def _chosen(offences: str | int, rng: np.random.Generator) -> list[Story]:
    if offences == "none":
        return []
    stories = all_stories()
    if offences == "all":
        return stories
    count = min(int(offences), len(stories))
    return [stories[i] for i in sorted(rng.permutation(len(stories))[:count])]


def _open_floor(
    contracts: Sequence[Contract], crowd: Crowd, planted: Planted, form: Form
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
    )


def _check_room(
    options: Options, contracts: Sequence[Contract], crowd: Crowd, planted: Planted
) -> None:
    """Raise InputError where the stories need more rows, or the crowd more accounts."""
    needed = round(len(planted.commands) * 1.3) + 5_000
    if options.rows < needed:
        raise InputError(
            f"rows: found {options.rows}, expected {needed} or more for {len(planted.plots)} "
            "stories; or fewer offences"
        )
    weight = np.array([each.weight for each in contracts])
    unfilled = options.rows / ROWS_AN_ORDER * weight / weight.sum() * 0.7
    room = np.diff(crowd.starts) * CAP * 0.8
    short = float((unfilled / room).max())
    if short > 1:
        least = round(options.accounts * short * 1.2)
        raise InputError(
            f"accounts: found {options.accounts}, expected about {least} or more for "
            f"{options.rows} rows, so that none of the crowd comes near a level"
        )


class _LogFiles:
    """The files of the log: one, or one for the night and one for the day."""

    def __init__(self, paths: Sequence[Path], columns: pa.Schema, morning: int) -> None:
        self._morning = morning
        self._writers: list[Writer] = []
        for path in paths:
            form, compression = format_of(path, None, None)
            self._writers.append(open_writer(path, form, compression, columns, GROUP_BYTES))

    def __enter__(self) -> _LogFiles:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        for writer in self._writers:
            if kind is None:
                writer.close()
            else:
                writer.abandon()

    def write(self, rows: npt.NDArray[Any], maker: Maker) -> None:
        """Write rows to the file, or files, of their time."""
        if len(self._writers) == 1:
            self._writers[0].write(maker.batch(rows))
            return
        cut = int(np.searchsorted(rows["ts"], self._morning))
        for writer, part in zip(self._writers, (rows[:cut], rows[cut:]), strict=True):
            if len(part):
                writer.write(maker.batch(part))
