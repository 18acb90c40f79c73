"""Make a trading day: a log of any size with planted offences, the truth about them beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from . import __version__, schema
from .errors import InputError
from .log_writers import format_of
from .sinks.folder import Kind, check_out, whole_folder
from .synthetic.day import Progress, plan_day
from .synthetic.families import FAMILIES
from .synthetic.fee_truth import FEE_TRUTH, FeeTruth
from .synthetic.options import RESERVED, Options, filled_in
from .synthetic.tables import TABLES
from .synthetic.truth import Truth, write_rows

DAY: Final = date(2025, 2, 18)
MANIFEST: Final = "manifest.json"
TRUTH: Final = "truth.csv"


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
        return {name.removesuffix(".csv"): self.folder / name for name in self.manifest["tables"]}

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
    exchanges: str | Sequence[str] = schema.EXCHANGES,
    contracts: int | None = None,
    accounts: int | None = None,
    groups: int | None = None,
    density: float = 1.0,
    offences: str | int = "all",
    plant: str | Sequence[str] = "orders",
    log: str = "day.parquet",
    bare: bool = False,
    two_rows: bool = False,
    split: bool = False,
    without: str | Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> MadeDay:
    """Make a trading day in a new folder; return where its files are.

    rows : rows of the log, about; a billion at most
    exchanges, without : one text, or several
    seed : the same seed and options give the same bytes
    contracts, accounts, groups : how many, no more accounts than rows; groups are the subjects of
        the crowd, which does not offend. None: as many as suit the rows
    density : orders of each subject and contract, as a multiple of the default; from 0.01 to 1000
    plant : families of stories, ``all`` or some of ``families.FAMILIES``
    offences : ``all``, ``none``, or how many stories, chosen by the seed
    log : name of the log's file, whose ending tells its format
    bare : account and side on the rows of new orders alone, no lots on cancels
    two_rows : a match has two rows with a trade id, as brokers have them
    split : the night session has a file of its own
    without : optional columns to leave out

    Raises InputError where options are of the wrong type or do not go together, OutputError where
    ``out`` cannot be written.
    """
    options = filled_in(
        Options(rows, seed, str(day), _texts("exchanges", exchanges), contracts or 0, accounts or 0,
                groups or 0, density, offences, log, bare, two_rows, split,
                tuple(sorted(_texts("without", without))), _families(plant))
    )  # fmt: skip
    names = _log_names(options)
    kind = Kind("synth", MANIFEST, frozenset({*RESERVED, *names, *_former(out)}))
    check_out(Path(out), force=force, kind=kind)
    made = plan_day(options)
    with whole_folder(Path(out), force=force, kind=kind) as folder:
        counted = made.write_log(folder, names, progress)
        truths = made.truths()
        write_rows(folder / TRUTH, Truth, truths)
        fees = made.fee_truths() if made.has_fees else []
        if made.has_fees:
            write_rows(folder / FEE_TRUTH, FeeTruth, fees)
        made.write_tables(folder)
        manifest = {
            "version": __version__,
            "log": names,
            "tables": [name for name in TABLES if (folder / name).exists()],
            "rows": counted,
            "stories": len(made.planted.plots),
            "truth": len(truths),
            "alerts": sum(bool(truth.level) for truth in truths),
            "fees": len(fees),
            "options": asdict(options),
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return MadeDay(Path(out), manifest)


def _families(plant: str | Sequence[str]) -> tuple[str, ...]:
    named = _texts("plant", plant)
    return tuple(FAMILIES) if "all" in named else named


def _texts(name: str, given: str | Sequence[str]) -> tuple[str, ...]:
    """Return texts given as one or as several."""
    texts = (given,) if isinstance(given, str) else given
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{name}: found {given!r}, expected a text, or several")
    return tuple(texts)


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
