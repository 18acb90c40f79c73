"""Make a small trading day at SHFE with planted offences, and say what must be found in it.

Who offends, and who only looks like it, stands in ``TRUTH``; they do nothing else that day. The
others are a crowd that never trades with itself.
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from .synthetic.contracts import named_contracts
from .synthetic.day import Day
from .synthetic.forms import Form
from .synthetic.people import Account, make_crowd
from .synthetic.planter import write_commands
from .synthetic.plots import Planted, Plot
from .synthetic.story import Act, Story
from .synthetic.tables import write_accounts, write_links

DAY: Final = date(2025, 2, 18)
"""A Tuesday, its night session on Monday evening; judged by SHFE's measures of 2019 and its notice
on order types: in contracts with an order fee, as all these, FAK and FOK orders alone count as
frequent cancels."""

ROWS: Final = 58_000
CONTRACTS: Final = ("rb2505", "cu2503", "au2504", "ru2505")
CROWD_ACCOUNTS, CROWD_CLIENTS = 130, 110
QUOTES: Final = 40
"""How often a market maker quotes in a contract."""


@dataclass(frozen=True, slots=True)
class DemoDay:
    """The files of a made day."""

    folder: Path

    @property
    def log(self) -> Path:
        """The order log, canonical."""
        return self.folder / "day.parquet"

    @property
    def accounts(self) -> Path:
        """Whose account is whose."""
        return self.folder / "accounts.csv"

    @property
    def links(self) -> Path:
        """Which clients are linked."""
        return self.folder / "links.csv"

    @property
    def truth(self) -> Path:
        """What a scan must say: rows of ``Truth``."""
        return self.folder / "truth.csv"


def make_day(folder: Path, seed: int = 1) -> DemoDay:
    """Write the log and its tables into a folder.

    The same seed gives the same rows. Raise OSError where the folder cannot be written.
    """
    day = DemoDay(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    contracts = named_contracts("SHFE", CONTRACTS, DAY, rng)
    crowd = make_crowd(contracts, CROWD_ACCOUNTS, CROWD_CLIENTS, QUOTES, rng)
    planted = _planted(len(crowd.accounts))
    write_commands(planted, contracts, rng)
    trading = Day(DAY, contracts, crowd, planted, Form(bare=True), ROWS, rng)
    trading.write_log(folder, [day.log.name], None)
    write_accounts(day.accounts, trading.accounts)
    write_links(day.links, DAY, trading.accounts)
    with day.truth.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([item.name for item in fields(Truth)])
        writer.writerows(map(astuple, TRUTH))
    return day


# --- who offends, and what must be found ---------------------------------------------------------

GROUP: Final = "AC2024-0117"
LINKED: Final = ("00510021", "00510384", "00517730")
TWO_MEMBERS: Final = "00620045"
BUSY: Final = "00620731"
LARGE: Final = "00631118"
CROSSED: Final = "00710206"
STRANGERS: Final = ("00720044", "00720953")
PATIENT: Final = "00731602"
JUST_SMALL: Final = "00740317"
SPREAD_OUT: Final = "00750829"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a scan must say of a subject; ``level`` none: no alert."""

    count: str
    subject_kind: str
    subject: str
    scope: str
    level: str
    counted: int
    story: str


TRUTH: Final = (
    Truth("self_trades", "group", GROUP, "contract:cu2503", "red", 6,
          "three linked clients trade with each other, none with itself"),
    Truth("cancels", "client", TWO_MEMBERS, "contract:rb2505", "red", 520,
          "260 FAK orders at each of two members, none filled"),
    Truth("large_cancels@300", "client", LARGE, "contract:cu2503", "red", 55,
          "cancels of 300 to 500 lots"),
    Truth("cancels", "client", BUSY, "contract:rb2505", "yellow", 430,
          "430 FAK orders without a fill, and 60 orders that expire at the close"),
    Truth("self_trades", "client", CROSSED, "contract:rb2505", "none", 3,
          "trades with itself three times, below yellow"),
    Truth("self_trades", "client", STRANGERS[0], "contract:cu2503", "none", 0,
          "trades 12 times with a client it is not linked to"),
    Truth("cancels", "client", PATIENT, "contract:rb2505", "none", 0,
          "600 cancels of ordinary orders, which do not count where an order fee is charged"),
    Truth("cancels", "client", SPREAD_OUT, "contract:cu2503", "none", 300,
          "600 FAK orders over two contracts, 300 in each"),
    Truth("large_cancels@300", "client", JUST_SMALL, "contract:cu2503", "none", 0,
          "80 cancels of 299 lots"),
)  # fmt: skip


def read_truth(path: Path) -> list[Truth]:
    """Return the rows of a ``truth.csv``."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Truth(counted=int(row.pop("counted")), **row) for row in rows]


# --- what they do --------------------------------------------------------------------------------

RB, CU = 0, 1
"""Positions in ``CONTRACTS``."""

ACTS: Final = (
    (tuple("0013" + client for client in LINKED),
     (Act("cross", 6, contract=CU), Act("cross", 3, contract=RB))),
    (("0014" + TWO_MEMBERS, "0019" + TWO_MEMBERS),
     (Act("storm", 520, contract=RB, tif="fak"),)),
    (("0015" + LARGE,), (Act("churn", 55, (300, 500), contract=CU),)),
    (("0015" + BUSY,),
     (Act("storm", 430, contract=RB, tif="fak"), Act("leave", 60, contract=RB))),
    (("0016" + CROSSED,), (Act("cross", 3, contract=RB),)),
    (tuple("0015" + client for client in STRANGERS), (Act("cross", 12, contract=CU),)),
    (("0015" + PATIENT,), (Act("churn", 600, contract=RB),)),
    (("0015" + SPREAD_OUT,),
     (Act("storm", 300, contract=RB, tif="fak"), Act("storm", 300, contract=CU, tif="fak"))),
    (("0015" + JUST_SMALL,), (Act("churn", 80, (299, 299), contract=CU),)),
)  # fmt: skip
"""Accounts (four digits of the member, eight of the client) and acts, a row of ``TRUTH`` each."""


def _planted(first: int) -> Planted:
    """Return the people of ``ACTS``, numbered from ``first`` on, with what they are to do."""
    planted = Planted(first)
    for truth, (codes, acts) in zip(TRUTH, ACTS, strict=True):
        start = first + len(planted.accounts)
        for code in codes:
            group = GROUP if code[4:] in LINKED else None
            planted.accounts.append(Account(code, "SHFE", group))
        level = None if truth.level == "none" else truth.level
        story = Story(truth.story, truth.count, level, truth.counted, truth.counted, acts)
        numbers = tuple(range(start, start + len(codes)))
        planted.plots.append(Plot(story, "SHFE", numbers, tuple(range(len(CONTRACTS)))))
    return planted
