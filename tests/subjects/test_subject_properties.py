"""What changes no subject: the names of accounts, and the order of the tables' rows."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from side_rows import DAY

from abtrade.errors import InputError
from abtrade.subjects import load_subjects

NAMES = [f"n{number}" for number in range(6)]
CLIENTS = ["x", "y", "z"]
SEEN = [(exchange, name) for exchange in ("SHFE", "DCE") for name in NAMES]
EXCHANGES = st.sampled_from([None, "SHFE", "DCE"])


def table(names: tuple[str, ...], lines: list[tuple]) -> pa.Table:
    return pa.table(
        {name: pa.array([line[at] for line in lines], pa.string()) for at, name in enumerate(names)}
    )


def account_lines(names: list[str]):
    clients = st.sampled_from([None, *CLIENTS])
    return st.lists(st.tuples(st.sampled_from(names), EXCHANGES, clients), max_size=8)


LINKS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.none(),
        st.sampled_from(["G1", "G2"]),
        EXCHANGES,
        st.sampled_from(["filed", "suspected"]),
    )
    | st.tuples(
        st.none(),
        st.sampled_from(CLIENTS),
        st.sampled_from(["G1", "G2"]),
        EXCHANGES,
        st.just("filed"),
    ),
    max_size=5,
)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6)


def outcome(accounts, links, pairs, seen) -> list | str:
    """Return (subject, alone, status, link) of every account seen, or that there was an error."""
    listed = [(name, None, None) for name in sorted({account for _, account in seen})]
    try:
        found = load_subjects(
            day=DAY,
            accounts=table(("account", "exchange", "client"), [*accounts, *listed]),
            links=table(("a", "b"), pairs)
            if pairs
            else table(("account", "client", "group", "exchange", "status"), links),
            close_links=6 if pairs else None,
            exchanges=["SHFE", "DCE"],
        )
    except InputError:
        return "error"
    places = [(found.place(*key).status, found.place(*key).link) for key in seen]
    told = [(found.subject(*key), found.alone(*key)) for key in seen]
    return list(zip(told, places, strict=True))


@settings(max_examples=150, deadline=None)
@given(account_lines(NAMES), LINKS, PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(accounts, links, pairs, random):
    before = outcome(accounts, links, pairs, SEEN)
    for lines in (accounts, links, pairs):
        random.shuffle(lines)
    assert outcome(accounts, links, pairs, SEEN) == before


@settings(max_examples=150, deadline=None)
@given(account_lines(NAMES), LINKS, PAIRS)
def test_renaming_accounts_renames_subjects_and_nothing_else(accounts, links, pairs):
    """New names sort as the old ones do: a closed group is named by its least client."""
    new = {name: f"r{at}" for at, name in enumerate(NAMES)} | {None: None}
    before = outcome(accounts, links, pairs, SEEN)
    after = outcome(
        [(new[account], *rest) for account, *rest in accounts],
        [(new[account], *rest) for account, *rest in links],
        [(new[a], new[b]) for a, b in pairs],
        [(exchange, new[account]) for exchange, account in SEEN],
    )
    assert (after == "error") == (before == "error")
    if before != "error":
        assert after == [
            (tuple(renamed(identity, new) for identity in told), place) for told, place in before
        ]


def renamed(identity: tuple[str, str] | None, new: dict) -> tuple[str, str] | None:
    if identity is None:
        return None
    kind, name = identity
    if kind == "group" and name.startswith("closed:"):
        least = name.removeprefix("closed:")
        return kind, f"closed:{new.get(least, least)}"
    return (kind, new[name]) if kind == "account" else (kind, name)
