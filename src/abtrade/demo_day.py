"""Make a small trading day at SHFE with planted offences, and say what must be found in it.

Who offends, and who only looks like it, stands in ``TRUTH``; they do nothing else that day. The
other accounts are market noise that never trades with itself: a client of the noise only buys a
contract or only sells it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from . import demo_floor
from .demo_floor import Book, Floor, Hours, Order, shanghai_ns

DAY: Final = date(2025, 2, 18)
"""A Tuesday, its night session on Monday evening; SHFE's guideline of 2010 (pack ``shfe``) judges
it, which has been in force since 2010-11-05."""

NOISE_ORDERS: Final = {"rb2505": 9_500, "cu2503": 8_000, "au2504": 5_500, "ru2505": 4_000}


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
    rows = _trade(random.Random(seed))
    _write_log(day.log, rows)
    _write_csv(
        day.accounts,
        ("account", "exchange", "client", "member"),
        ((account, "SHFE", account[4:], account[:4]) for account in ACCOUNTS),
    )
    _write_csv(
        day.links,
        ("client", "group", "exchange", "status", "from", "to", "source"),
        ((client, GROUP, "SHFE", "filed", "2024-01-17", "", "demo") for client in LINKED),
    )
    _write_csv(day.truth, [item.name for item in fields(Truth)], map(astuple, TRUTH))
    return day


# --- who trades, and what must be found ----------------------------------------------------------

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

NOISE_ACCOUNTS: Final = tuple(
    f"{member:04d}{8_000_000 + 1_377 * client:08d}"
    for client in range(39)
    for member in ((31 + client % 9, 21) if client % 5 == 0 else (31 + client % 9,))
)
ACCOUNTS: Final = (
    *("0013" + client for client in LINKED),
    *(member + TWO_MEMBERS for member in ("0014", "0019")),
    *("0015" + client for client in (BUSY, LARGE, *STRANGERS, PATIENT, JUST_SMALL, SPREAD_OUT)),
    "0016" + CROSSED,
    *NOISE_ACCOUNTS,
)
"""Trading codes: four digits of the member, eight of the client."""


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
    Truth("self_trades", "group", GROUP, "exchange:SHFE", "red", 6,
          "three linked clients trade with each other in two contracts, none with itself"),
    Truth("cancels", "client", TWO_MEMBERS, "contract:rb2505", "red", 520,
          "260 cancels at each of two members"),
    Truth("large_cancels@300", "client", LARGE, "contract:cu2503", "red", 55,
          "cancels of 300 to 500 lots"),
    Truth("cancels", "client", BUSY, "contract:rb2505", "yellow", 430,
          "430 cancels of its own, and 60 orders that expire at the close"),
    Truth("self_trades", "client", CROSSED, "exchange:SHFE", "none", 3,
          "trades with itself three times, below yellow"),
    Truth("self_trades", "client", STRANGERS[0], "exchange:SHFE", "none", 0,
          "trades 12 times with a client it is not linked to"),
    Truth("cancels", "client", PATIENT, "contract:rb2505", "none", 399,
          "399 cancels of its own, and 150 orders that expire at the close"),
    Truth("cancels", "client", SPREAD_OUT, "contract:cu2503", "none", 300,
          "600 cancels over two contracts, 300 in each"),
    Truth("large_cancels@300", "client", JUST_SMALL, "contract:cu2503", "none", 0,
          "80 cancels of 299 lots"),
)  # fmt: skip


def read_truth(path: Path) -> list[Truth]:
    """Return the rows of a ``truth.csv``."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Truth(counted=int(row.pop("counted")), **row) for row in rows]


# --- what they do --------------------------------------------------------------------------------


def _trade(rng: random.Random) -> list[tuple[Any, ...]]:
    """Return the rows of the log, in order; see ``demo_floor.COLUMNS``."""
    floor = Floor("SHFE", _books())
    crowd = Crowd(floor, rng)
    for book in floor.books.values():
        crowd.schedule_noise(book, NOISE_ORDERS[book.contract])
    _plant(floor, crowd)
    floor.run()
    floor.close(shanghai_ns(DAY, 15))
    return floor.rows


def _books() -> list[Book]:
    """Return a book for each contract: its number, name, tick, first price in ticks, and hours."""
    return [
        Book(0, "cu2503", 10, 7_720, _hours(4)),
        Book(1, "rb2505", 1, 3_305, _hours(2)),
        Book(2, "au2504", 0.02, 34_150, _hours(5.5)),
        Book(3, "ru2505", 5, 3_510, _hours(2)),
    ]


def _hours(night: float) -> Hours:
    hour_ns = 3600 * 10**9
    sessions = ((-3, night), (9, 1.25), (10.5, 1), (13.5, 1.5))
    return Hours([(shanghai_ns(DAY, start), int(length * hour_ns)) for start, length in sessions])


def _plant(floor: Floor, crowd: Crowd) -> None:
    """Let each of ``TRUTH`` do what its story says."""
    linked = ["0013" + client for client in LINKED]
    rounds = [(linked[0], linked[1]), (linked[1], linked[2]), (linked[2], linked[0])]
    for index, pair in enumerate([*rounds, *rounds]):
        floor.at_share(("cu2503", "rb2505")[index // 3], 0.2 + index / 10, crowd.cross, *pair)
    for index in range(3):
        floor.at_share("rb2505", 0.3 + index / 5, crowd.cross, "0016" + CROSSED, "0016" + CROSSED)
    for index in range(12):
        pair = ("0015" + STRANGERS[index % 2], "0015" + STRANGERS[1 - index % 2])
        floor.at_share("cu2503", 0.1 + index / 15, crowd.cross, *pair)
    for client, orders in ((PATIENT, 150), (BUSY, 60)):
        for index in range(orders):
            floor.at_share("rb2505", 0.5 + index / 400, crowd.leave, "0015" + client)
    two_codes = ("0014" + TWO_MEMBERS, "0019" + TWO_MEMBERS)
    small, large = range(1, 9), range(300, 501)
    for contract, churn in (
        ("rb2505", Churn(two_codes, small, 520)),
        ("rb2505", Churn(("0015" + BUSY,), small, 430)),
        ("rb2505", Churn(("0015" + PATIENT,), small, 399)),
        ("rb2505", Churn(("0015" + SPREAD_OUT,), small, 300)),
        ("cu2503", Churn(("0015" + SPREAD_OUT,), small, 300)),
        ("cu2503", Churn(("0015" + LARGE,), large, 55)),
        ("cu2503", Churn(("0015" + JUST_SMALL,), range(299, 300), 80)),
    ):
        floor.at_share(contract, 0.02, crowd.put_in, churn)


@dataclass(slots=True)
class Churn:
    """Orders far from the market, each taken off again, until ``times`` cancels are done."""

    accounts: Sequence[str]  # in turn
    lots: Sequence[int]  # one of these at random
    times: int
    done: int = 0


class Crowd:
    """What an account may do; each action is called by the floor when its time has come."""

    def __init__(self, floor: Floor, rng: random.Random) -> None:
        self.floor = floor
        self.rng = rng

    def schedule_noise(self, book: Book, orders: int) -> None:
        """Spread orders over the day; one in fifty more over the auction, four minutes long."""
        for _ in range(orders // 50):
            ts_ns = book.hours.open_ns - self.rng.randint(61_000, 300_000) * 10**6
            self.floor.at(ts_ns, self.noise_order, book)
        self.floor.at(book.hours.open_ns, self.floor.uncross, book)
        for _ in range(orders):
            self.floor.at_share(book.contract, self.rng.random(), self.noise_order)

    def noise_order(self, book: Book) -> None:
        """Put in an order around the middle price; take it off later, or leave it there."""
        rng = self.rng
        index = rng.randrange(len(NOISE_ACCOUNTS))
        account = NOISE_ACCOUNTS[index]
        buys = (int(account[4:]) + book.number) % 2 == 0
        book.middle += rng.choice((-1, 1)) if rng.random() < 0.03 else 0
        away = min(int(rng.expovariate(0.35)) - 1, 12)
        order = self.floor.new(
            book,
            account,
            "buy" if buys else "sell",
            book.middle - away if buys else book.middle + away,
            min(1 + int(rng.expovariate(0.25)), 60),
            tif="fak" if rng.random() < 0.04 and not book.in_auction else "gfd",
            offset="close_yesterday" if rng.random() < 0.3 else "open",
            hedge="hedge" if index % 15 == 0 else "speculation",
        )
        if rng.random() < 0.85:
            self.floor.after(book, rng.expovariate(1 / 240), self.withdraw, order)

    def withdraw(self, _: Book, order: Order) -> None:
        """Cancel what is left of an order, if anything is."""
        self.floor.cancel(order)

    def put_in(self, book: Book, churn: Churn) -> None:
        """Put in the next order of a churn."""
        account = churn.accounts[churn.done % len(churn.accounts)]
        lots = self.rng.choice(churn.lots)
        price = book.middle - self.rng.randint(20, 30)
        order = self.floor.new(book, account, "buy", price, lots)
        self.floor.after(book, self.rng.uniform(0.3, 3.0), self.take_off, churn, order, lots)

    def take_off(self, book: Book, churn: Churn, order: Order, lots: int) -> None:
        """Cancel it; one that was filled meanwhile, in part or whole, is not one of the times."""
        churn.done += order.left == lots
        self.floor.cancel(order)
        if churn.done < churn.times:
            pause = 0.8 * book.hours.seconds / churn.times - 2
            self.floor.after(book, self.rng.uniform(0.2, 1.8) * pause, self.put_in, churn)

    def leave(self, book: Book, account: str) -> None:
        """Put in an order that the market will hardly reach."""
        self.floor.new(book, account, "buy", book.middle - self.rng.randint(80, 120), 2)

    def cross(self, book: Book, seller: str, buyer: str) -> None:
        """Rest a sell at the best offer, then buy all that stands before it and the whole of it."""
        offer, bid = book.best("sell"), book.best("buy")
        price = offer.price if offer else max(book.middle, bid.price + 1 if bid else 0)
        self.floor.new(book, seller, "sell", price, self.rng.randint(1, 5))
        self.floor.now_ns += 40_000_000
        self.floor.new(book, buyer, "buy", price, book.lots_up_to(price))


# --- files ---------------------------------------------------------------------------------------


def _write_log(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = dict.fromkeys(demo_floor.COLUMNS, pa.string())
    kinds |= dict.fromkeys(("seq", "order_id", "lots", "contra_order_id"), pa.int64())
    kinds |= {"ts": pa.timestamp("ns", tz="Asia/Shanghai"), "price": pa.float64()}
    schema = pa.schema(list(kinds.items()), metadata={"day": DAY.isoformat()})
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds.values(), strict=True)]
    pq.write_table(pa.table(arrays, schema=schema), path, compression="zstd")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
