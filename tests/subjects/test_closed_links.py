"""--close-links: groups formed out of pairwise links, opt-in and bounded."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from side_rows import rows, subjects

from abtrade.closure import Node, Pair, close
from abtrade.errors import InputError

PAIRS = "a, b, status, from, to, known_from, source"


def closed(*lines: str, most: int = 10, **inputs):
    return subjects(links=rows(PAIRS, *lines), close_links=most, **inputs)


def errors(**inputs) -> list[str]:
    with pytest.raises(InputError) as error:
        subjects(**inputs)
    return str(error.value).splitlines()


def test_whoever_is_linked_through_others_is_one_group():
    found = closed("B,A,,,,,", "B,C,,,,,", "D,E,,,,,")
    assert {found.subject("SHFE", name) for name in "ABC"} == {("group", "closed:A")}
    assert {found.subject("SHFE", name) for name in "DE"} == {("group", "closed:D")}
    assert found.subject("SHFE", "F") == ("account", "F")
    assert found.place("SHFE", "C").link == "closed over 2 links"


def test_self_links_and_repeats_change_nothing():
    found = closed("A,B,,,,,", "B,A,,,,,", "A,B,,,,,", "B,B,suspected,,,,", "F,F,,,,,")
    assert found.place("SHFE", "A").link == "closed over 1 link"
    assert found.place("SHFE", "A").status == "filed"
    assert found.place("SHFE", "F").group is None


def test_the_status_is_the_weakest_of_the_links():
    found = closed("A,B,,,,,", "B,C,suspected,,,,", "D,E,determined,,,,", "E,F,filed,,,,")
    assert found.place("SHFE", "A").status == "suspected"
    assert found.alone("SHFE", "A") == ("account", "A")
    assert found.place("SHFE", "F").status == "determined"
    assert found.alone("SHFE", "F") is None


@pytest.mark.parametrize(
    ("link", "linked"),
    [
        ("A,B,,2025-03-03,2025-03-03,2025-03-03,", True),
        ("A,B,,2025-03-04,,,", False),
        ("A,B,,,2025-03-02,,", False),
        ("A,B,,,,2025-03-04,", False),  # held, but nobody knew
    ],
)
def test_links_hold_by_their_dates_and_once_they_are_known(link, linked):
    assert (closed(link).place("SHFE", "A").group is not None) is linked


def test_a_group_above_the_bound_is_an_error_that_names_its_size():
    chain = [f"N{n},N{n + 1},,,,," for n in range(1, 8)]
    assert errors(links=rows(PAIRS, *chain), close_links=7) == [
        "links: found 8 clients linked into one group ('N1', 'N2', 'N3', 'N4', 'N5', ...), "
        "expected at most 7 (--close-links 7)"
    ]
    assert closed(*chain, most=8).place("SHFE", "N8").group == "closed:N1"


def test_the_bound_is_on_clients_not_on_accounts():
    accounts = rows("account, client", "A1,a", "A2,a", "A3,a", "B1,b")
    found = closed("A1,A2,,,,,", "A3,B1,,,,,", most=2, accounts=accounts)
    assert {found.subject("SHFE", n) for n in ("A1", "A2", "A3", "B1")} == {("group", "closed:a")}


def test_a_name_is_a_client_of_the_accounts_table_else_an_account():
    accounts = rows("account, client", "A1,a", "B1,b", "C1,c")
    found = closed("a,B1,,,,,", accounts=accounts)
    assert found.subject("SHFE", "A1") == found.subject("SHFE", "B1") == ("group", "closed:a")
    assert found.subject("SHFE", "C1") == ("client", "c")


def test_or_a_client_of_the_log():
    found = closed("a,b,,,,,", log_clients={("SHFE", "A1"): "a", ("SHFE", "B1"): "b"})
    assert found.subject("SHFE", "A1") == found.subject("SHFE", "B1") == ("group", "closed:a")


def test_client_numbers_join_the_12_digit_codes_that_hold_them():
    found = closed("11111111,22222222,,,,,")
    assert found.place("SHFE", "000111111111").group == "closed:11111111"
    assert found.place("SHFE", "000922222222").group == "closed:11111111"
    assert found.place("SHFE", "000933333333").group is None


def test_a_name_of_two_meanings_is_an_error():
    accounts = rows("account, client", "a,x", "A1,a", "B1,b")
    assert errors(accounts=accounts, links=rows(PAIRS, "a,b,,,,,"), close_links=5) == [
        "links: row 1: 'a' is a client and also an account of the client 'x', expected one"
    ]
    found = closed("A1,b,,,,,", accounts=accounts)
    assert found.subject("SHFE", "B1") == ("group", "closed:a")
    assert found.subject("SHFE", "a") == ("client", "x")


def test_an_account_of_a_linked_clients_name_is_not_linked():
    """The account `a` of the log is not the client `a` that the table names."""
    accounts = rows("account, client, exchange", "A1,a,", "B1,b,", "a,,", "C1,c,")
    links = rows("a, b", "A1,b")
    found = subjects(accounts=accounts, links=links, close_links=5)
    assert found.subject("SHFE", "A1") == ("group", "closed:a")
    assert found.subject("SHFE", "a") == ("account", "a")


def test_a_name_that_a_given_accounts_table_lacks_is_an_error():
    accounts = rows("account, client", "A1,a")
    assert errors(accounts=accounts, links=rows(PAIRS, "A1,Z,,,,,"), close_links=5) == [
        "links: row 1: 'Z' is no account and no client, expected one of accounts"
    ]


def test_pairs_can_be_of_one_exchange():
    found = subjects(links=rows("a, b, exchange", "A,B,SHFE"), close_links=5)
    assert found.place("SHFE", "A").group == "closed:A"
    assert found.place("DCE", "A").group is None


def test_pairs_need_the_option_and_the_option_needs_pairs():
    assert "--close-links N forms groups" in errors(links=rows(PAIRS, "A,B,,,,,"))[0]
    with pytest.raises(InputError, match="found a column 'group', expected pairwise links"):
        subjects(links=rows("account, group", "A,G1"), close_links=5)
    with pytest.raises(InputError, match="--close-links needs the pairwise links"):
        subjects(close_links=5)
    with pytest.raises(InputError, match="found 1, expected 2 or more"):
        subjects(links=rows(PAIRS, "A,B,,,,,"), close_links=1)


def test_sources_are_told_up_to_a_few():
    lines = [f"A,B{n},,,,,s{n}" for n in range(5)]
    assert closed(*lines).place("SHFE", "A").source == "s0; s1; s2; and 2 more"


def test_a_pair_out_of_order_in_time_is_an_error():
    line = "A,B,,2025-03-02,2025-03-01,,"
    assert "row 1: column 'from'" in errors(links=rows(PAIRS, line), close_links=5)[0]
    assert closed("A,B,,2025-03-01,2025-03-02,,", day=date(2025, 3, 1)).place("SHFE", "A").group


NAMES = st.integers(0, 12).map(lambda number: Node(f"n{number:02}", "client"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), max_size=20), st.randoms(use_true_random=False))
def test_a_closure_is_what_repeated_joining_finds(ends, random):
    """Against the plain way: merge overlapping sets until none overlap."""
    groups: list[set[Node]] = []
    for a, b in ends:
        if a != b:
            merged = {a, b}.union(*(g for g in groups if g & {a, b}))
            groups = [g for g in groups if not g & merged] + [merged]
    expected = {node: f"closed:{min(group).name}" for group in groups for node in group}
    pairs = [Pair(a, b, "filed", None) for a, b in ends]
    found = close(pairs, 13)
    assert {node: m.group for node, m in found.members.items()} == expected
    random.shuffle(pairs)
    assert close([Pair(p.b, p.a, *p[2:]) for p in pairs], 13) == found
