"""People of the crowd: subjects with their accounts, and the contracts each of them trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from . import _floor
from .contracts import Contract

Ints = npt.NDArray[np.int64]

FAVOURITES: Final = 6
"""Contracts that a subject trades, about."""

LEAST_CELLS: Final = 8
QUIET_CELLS: Final = 24
HEDGERS: Final = 0.07
MAKERS_EACH: Final = 2
MAKER_CONTRACTS: Final = 2


@dataclass(frozen=True, slots=True)
class Account:
    """A trading code: four digits of the member, eight of the client."""

    code: str
    exchange: str
    group: str | None = None
    status: str = "filed"

    @property
    def member(self) -> str:
        """The member's number."""
        return self.code[:4]

    @property
    def client(self) -> str:
        """The client's number, the same at every member."""
        return self.code[4:]


@dataclass(frozen=True, slots=True)
class Crowd:
    """The crowd: its accounts, and cells (a subject in a contract) that take one side each."""

    accounts: list[Account]
    makers: list[tuple[Account, str]]  # market makers by product
    cells: npt.NDArray[np.void]  # (cells,) CELL, those of quoters last
    drawn_from: npt.NDArray[np.float64]  # (cells of no quoter,) running sum of how active they are
    quoters: npt.NDArray[np.void]  # (quoters,) QUOTER
    starts: Ints  # (contracts + 1,) first cell of each contract


def make_crowd(
    contracts: Sequence[Contract],
    accounts: int,
    groups: int,
    rounds: int,
    rng: np.random.Generator,
) -> Crowd:
    """Return a crowd of so many accounts in so many subjects.

    rounds : how often a market maker quotes in a contract
    """
    exchanges = list(dict.fromkeys(each.exchange for each in contracts))
    home = _homes(contracts, exchanges, groups, rng)
    sizes, grouped = _sizes(accounts, groups)
    people = _accounts(home, sizes, grouped, exchanges)
    first = np.concatenate([[0], np.cumsum(sizes)])
    pairs = _pairs(contracts, exchanges, home, rng)
    cells, running, starts = _cells(pairs, first, sizes, len(contracts), rng)
    makers, quoters, own = _makers(contracts, exchanges, len(people), len(cells), rounds)
    people += [account for account, _ in makers[::MAKER_CONTRACTS]]
    cells = np.concatenate([cells, own])
    return Crowd(people, list(dict.fromkeys(makers)), cells, running, quoters, starts)


def _homes(
    contracts: Sequence[Contract], exchanges: Sequence[str], groups: int, rng: np.random.Generator
) -> Ints:
    """Return the exchange at which each subject trades: (groups,), each exchange with some."""
    shares = np.array(
        [sum(each.weight for each in contracts if each.exchange == name) for name in exchanges]
    )
    home = rng.choice(len(exchanges), groups, p=shares / shares.sum())
    everyone = np.arange(groups)
    return np.where(everyone % 4 == 0, everyone // 4 % len(exchanges), home).astype(np.int64)


def _sizes(accounts: int, groups: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return how many accounts each subject has, and whether they are of several clients."""
    sizes = np.full(groups, accounts // groups)
    extra = accounts - int(sizes.sum())
    sizes[:extra] += 1
    grouped = np.arange(groups) % 2 == 0
    return sizes.astype(np.int64), grouped & (sizes > 1)


def _accounts(
    home: Ints, sizes: Ints, grouped: npt.NDArray[np.bool_], exchanges: Sequence[str]
) -> list[Account]:
    """Return the accounts, subject after subject: of linked clients, or of one at many members."""
    made = []
    client = 10_000_000
    for subject, (at, size, linked) in enumerate(
        zip(home.tolist(), sizes.tolist(), grouped.tolist(), strict=True)
    ):
        group = f"AC{subject:08d}" if linked else None
        for each in range(size):
            client += 1 if linked or each == 0 else 0
            member = (subject * 7 + each) % 180 + 1
            made.append(Account(f"{member:04d}{client:08d}", exchanges[at], group))
    return made


def _pairs(
    contracts: Sequence[Contract], exchanges: Sequence[str], home: Ints, rng: np.random.Generator
) -> Ints:
    """Return who trades what: (pairs, 2) subject and contract, no pair twice."""
    found = []
    for index, exchange in enumerate(exchanges):
        subjects = np.flatnonzero(home == index)
        own = [i for i, each in enumerate(contracts) if each.exchange == exchange]
        busy = np.array([i for i in own if not contracts[i].quiet])
        weight = np.log([contracts[i].weight for i in busy])
        for part in np.array_split(subjects, len(subjects) // 10_000 + 1):
            keys = weight + rng.gumbel(size=(len(part), len(busy)))
            best = np.argsort(-keys, axis=1)[:, :FAVOURITES]
            found.append(np.column_stack([np.repeat(part, best.shape[1]), busy[best].ravel()]))
        for i in (i for i in own if not contracts[i].still):
            some = QUIET_CELLS if contracts[i].quiet else LEAST_CELLS
            chosen = rng.permutation(subjects)[:some]
            found.append(np.column_stack([chosen, np.full(len(chosen), i)]))
    return np.unique(np.concatenate(found), axis=0)


def _cells(
    pairs: Ints, first: Ints, sizes: Ints, contracts: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.float64], Ints]:
    """Return cells by contract and side, the running sum of their activity, and where each begins.

    A subject takes one side of a contract, so that it never trades with itself.
    """
    order = np.lexsort((rng.random(len(pairs)), pairs[:, 1]))
    pairs = pairs[order]
    starts = np.searchsorted(pairs[:, 1], np.arange(contracts + 1))
    side = (np.arange(len(pairs)) - starts[pairs[:, 1]]) % 2
    pairs = pairs[by_side := np.lexsort((side, pairs[:, 1]))]
    hedging = rng.random(len(sizes)) < HEDGERS
    cells = np.zeros(len(pairs), _floor.CELL)
    cells["contract"] = pairs[:, 1]
    cells["side"] = side[by_side]
    cells["first_account"] = first[pairs[:, 0]]
    cells["accounts"] = sizes[pairs[:, 0]]
    cells["hedge"] = np.where(hedging[pairs[:, 0]], 2, 1)
    return cells, np.cumsum(rng.lognormal(0, 0.6, len(cells))), starts.astype(np.int64)


def _makers(
    contracts: Sequence[Contract], exchanges: Sequence[str], accounts: int, cells: int, rounds: int
) -> tuple[list[tuple[Account, str]], npt.NDArray[np.void], npt.NDArray[np.void]]:
    """Return market makers with a product for each of their contracts, their quotes and cells."""
    makers: list[tuple[Account, str]] = []
    quotes: list[tuple[int, ...]] = []
    own: list[tuple[int, ...]] = []
    for exchange in exchanges:
        busy = [i for i, each in enumerate(contracts)
                if each.exchange == exchange and not each.quiet][:MAKER_CONTRACTS]  # fmt: skip
        for each in range(MAKERS_EACH):
            number = len(makers) // MAKER_CONTRACTS
            account = Account(f"{190 + each:04d}{80_000_000 + number:08d}", exchange)
            for i in busy:
                hours = contracts[i].sessions[1:]
                trading = int((hours[:, 1] - hours[:, 0]).sum())
                makers.append((account, contracts[i].product))
                quotes.append((trading // (rounds + 1 + each), cells + len(own), 3 + 4 * each,
                               1 + each, 0))  # fmt: skip
                own.append((i, accounts + number, 1, 0, 4, 0, 0))
    return makers, np.array(quotes, _floor.QUOTER), np.array(own, _floor.CELL)
