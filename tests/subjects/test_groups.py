"""client -> group: given links, their dates, their status, and what is wrong with them."""

from __future__ import annotations

from datetime import date

import pytest
from side_rows import rows, subjects

from abtrade.errors import InputError

ACCOUNTS = rows("account, client", "A1,a", "A2,a", "B1,b", "C1,c")
DATED = "account, client, group, exchange, status, from, to"


def links(*lines: str):
    return rows(DATED, *lines)


def group(found, account: str, exchange: str = "SHFE") -> str | None:
    return found.place(exchange, account).group


def errors(**inputs) -> list[str]:
    with pytest.raises(InputError) as error:
        subjects(**inputs)
    return str(error.value).splitlines()


def test_a_group_is_the_subject_of_its_clients_and_of_no_other():
    found = subjects(accounts=ACCOUNTS, links=links(",a,G1,,,,", ",b,G1,,,,"))
    assert found.subject("SHFE", "A1") == found.subject("SHFE", "B1") == ("group", "G1")
    assert found.subject("SHFE", "C1") == ("client", "c")


def test_a_link_on_an_account_holds_for_its_whole_client():
    found = subjects(accounts=ACCOUNTS, links=links("A1,,G1,,,,"))
    assert group(found, "A2") == "G1"
    assert found.place("SHFE", "A2").link == "link on account"
    assert group(found, "B1") is None


def test_also_for_accounts_that_only_the_log_has():
    found = subjects(
        links=links("A1,,G1,,,,"),
        log_clients={("SHFE", "A1"): "a", ("SHFE", "A9"): "a", ("SHFE", "B1"): "b"},
    )
    assert group(found, "A9") == "G1"
    assert group(found, "B1") is None


def test_also_for_the_other_members_of_a_12_digit_code():
    found = subjects(links=links("000112345678,,G1,,,,"))
    assert group(found, "000212345678") == "G1"
    assert group(found, "000212345679") is None
    assert group(found, "000212345678", exchange="-") is None


def test_a_link_on_a_client_holds_for_codes_and_for_an_account_that_is_its_own_client():
    found = subjects(links=links(",12345678,G1,,,,"))
    assert group(found, "000212345678") == group(found, "12345678") == "G1"
    assert found.place("SHFE", "12345678").link == "link on client"
    assert group(found, "12345679") is None


def test_an_account_is_not_another_client_of_the_same_name():
    """`a` is the client of A1; the account `a` is listed as somebody else."""
    accounts = rows("account, client", "A1,a", "a,")
    found = subjects(accounts=accounts, links=links(",a,G1,,,,"))
    assert group(found, "A1") == "G1"
    assert group(found, "a") is None
    found = subjects(accounts=accounts, links=links("a,,G1,,,,"))
    assert group(found, "A1") is None
    assert group(found, "a") == "G1"


def test_identities_carry_their_kind():
    found = subjects(accounts=ACCOUNTS, links=links(",a,C1,,,,", ",b,c,,,,"))
    assert found.subject("SHFE", "A1") == ("group", "C1")
    assert found.subject("SHFE", "B1") == ("group", "c")
    assert found.subject("SHFE", "C1") == ("client", "c")


@pytest.mark.parametrize(
    ("day", "linked"),
    [
        (date(2025, 2, 28), False),
        (date(2025, 3, 1), True),
        (date(2025, 3, 31), True),
        (date(2025, 4, 1), False),
    ],
)
def test_both_ends_of_a_link_are_inclusive(day, linked):
    found = subjects(day=day, links=links("A1,,G1,,,2025-03-01,20250331"))
    assert (group(found, "A1") == "G1") is linked


def test_blank_dates_are_open():
    for line in ("A1,,G1,,,,", "A1,,G1,,,2025-03-03,", "A1,,G1,,,,2025-03-03"):
        assert group(subjects(links=links(line)), "A1") == "G1"


def test_a_link_that_ends_before_it_begins_is_an_error():
    assert errors(links=links("A1,,G1,,,2025-03-02,2025-03-01")) == [
        "links: row 1: column 'from': found 2025-03-02, expected no later than 'to', 2025-03-01"
    ]


def test_a_link_with_an_exchange_holds_there_only():
    found = subjects(links=links("A1,,G1,SHFE,,,", "A1,,G2,DCE,,,"))
    assert group(found, "A1", "SHFE") == "G1"
    assert group(found, "A1", "DCE") == "G2"
    assert group(found, "A1", "INE") is None


def test_status_is_filed_where_blank():
    found = subjects(links=links("A1,,G1,,,,", "B1,,G2,,determined,,"))
    assert found.place("SHFE", "A1").status == "filed"
    assert found.place("SHFE", "B1").status == "determined"
    assert "expected one of filed, determined, suspected" in errors(links=links("A1,,G,,x,,"))[0]


def test_clients_of_a_suspected_group_are_also_judged_alone():
    found = subjects(accounts=ACCOUNTS, links=links("A1,,G1,,suspected,,", ",X,G1,,suspected,,"))
    assert found.subject("SHFE", "A2") == ("group", "G1")
    assert found.alone("SHFE", "A2") == ("client", "a")
    assert found.alone("SHFE", "X") == ("account", "X")


@pytest.mark.parametrize("status", ["", "filed", "determined"])
def test_clients_of_another_group_are_not(status):
    found = subjects(accounts=ACCOUNTS, links=links(f"A1,,G1,,{status},,"))
    assert found.alone("SHFE", "A1") is None
    assert found.alone("SHFE", "C1") is None


def test_a_group_of_two_statuses_on_a_day_is_an_error():
    found = errors(links=links("A1,,G1,,suspected,,", "B1,,G1,,,,"))
    assert found == [
        "links: row 2: group 'G1' is filed here and suspected in row 1, "
        "expected one status on a day"
    ]


def test_but_not_on_two_days_or_at_two_exchanges():
    two_days = links("A1,,G1,,suspected,,2025-03-02", "A1,,G1,,filed,2025-03-03,")
    assert subjects(links=two_days).place("SHFE", "A1").status == "filed"
    two_exchanges = links("A1,,G1,SHFE,suspected,,", "A1,,G1,DCE,filed,,")
    assert subjects(links=two_exchanges).place("SHFE", "A1").status == "suspected"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A1,,G1,,,,", "A1,,G2,,,,"),
        (",a,G1,,,,", ",a,G2,,,,"),
        ("A1,,G1,,,,", "A2,,G2,,,,"),
        ("A1,,G1,,,,", ",a,G2,,,,"),
        ("A1,,G1,,,,", ",a,G2,SHFE,,,"),
        ("A1,,G1,DCE,,,", "A2,,G2,,,,"),
    ],
)
def test_a_client_in_two_groups_on_a_day_is_an_error_that_names_both_rows(first, second):
    for lines in ((first, second), (second, first)):
        found = errors(accounts=ACCOUNTS, links=links(*lines))
        assert len(found) == 1
        assert found[0].startswith("links: row 2: client 'a' is in the groups 'G")
        assert "(row 1" in found[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A1,,G1,SHFE,,,", "A2,,G2,DCE,,,"),
        ("A1,,G1,,,,", "A2,,G2,,,,2025-03-02"),
        ("A1,,G1,,,,", "A2,,G1,,,,"),
        ("A1,,G1,,,,", ",a,G1,SHFE,,,"),
        ("A1,,G1,,,,", "B1,,G2,,,,"),
    ],
)
def test_one_group_a_client_an_exchange_and_a_day_is_none(first, second):
    assert group(subjects(accounts=ACCOUNTS, links=links(first, second)), "A1") == "G1"


def test_two_codes_of_one_client_can_not_be_in_two_groups():
    lines = ("000112345678,,G1,,,,", "000212345678,,G2,,,,")
    assert "client '12345678' is in the groups" in errors(
        links=links(*lines), exchanges=["SHFE"]
    )[0]
    found = subjects(links=links(*lines), exchanges=["-"])
    assert group(found, "000112345678", exchange="-") == "G1"
    with pytest.raises(InputError, match="client '12345678'"):
        found.place("DCE", "000112345678")


def test_the_stricter_of_two_links_to_one_group_is_told():
    lines = ("account, client, group, source", "A1,,G1,z", ",a,G1,y", ",a,G1,x")
    found = subjects(accounts=ACCOUNTS, links=rows(*lines)).place("SHFE", "A1")
    assert (found.link, found.source) == ("link on client", "x; y")


def test_a_linked_account_that_a_given_accounts_table_lacks_is_an_error():
    lines = ("A1,,G1,,,,", "Z1,,G1,,,,")
    assert errors(accounts=ACCOUNTS, links=links(*lines)) == [
        "links: row 2: account 'Z1' is not known, expected one of accounts"
    ]
    assert group(subjects(links=links(*lines)), "Z1") == "G1"


def test_at_its_exchange():
    accounts = rows("account, client, exchange", "A1,a,SHFE")
    assert errors(accounts=accounts, links=links("A1,,G1,DCE,,,")) == [
        "links: row 1: account 'A1' is not known at DCE, expected one of accounts"
    ]
    for exchange in ("SHFE", ""):
        found = subjects(accounts=accounts, links=links(f"A1,,G1,{exchange},,,"))
        assert group(found, "A1") == "G1"


def test_a_link_out_of_date_may_name_an_account_that_is_gone():
    found = subjects(accounts=ACCOUNTS, links=links("Z1,,G1,,,,2024-12-31"))
    assert group(found, "A1") is None


def test_a_linked_account_that_is_silent_is_normal():
    assert subjects(accounts=ACCOUNTS, links=links("A1,,G1,,,,", "B1,,G1,,,,")).notes == []


@pytest.mark.parametrize(("line", "found"), [("A1,a,G1,,,,", "both"), (",,G1,,,,", "neither")])
def test_a_link_is_on_an_account_or_on_a_client(line, found):
    assert errors(links=links(line)) == [
        f"links: row 1: found {found} of account and client, expected one of them"
    ]


def test_all_problems_of_the_links_come_together():
    lines = (",a,G1,,,,", ",a,G2,,,,", "Z1,,G3,,,,", ",b,G1,,suspected,,")
    found = errors(accounts=ACCOUNTS, links=links(*lines))
    assert [line.partition(": row ")[2][0] for line in found] == ["2", "3", "4"]


@pytest.fixture
def makers():
    return subjects(
        accounts=ACCOUNTS,
        market_makers=rows(
            "client, product, exchange, from, to",
            "a,cu,SHFE,2025-03-03,2025-03-03",
            "X,cu,,,",
            "b,cu,,2025-03-04,",
        ),
    )


@pytest.mark.parametrize("account", ["A1", "A2", "X"])
def test_a_market_maker_makes_the_market_with_every_account(makers, account):
    assert makers.has_market_makers
    assert makers.makes_market("SHFE", account, "cu")


@pytest.mark.parametrize(
    ("exchange", "account", "product"),
    [
        ("SHFE", "A1", "al"),  # another product
        ("SHFE", "A1", "cu_o"),  # options are a product of their own
        ("SHFE", "A1", None),
        ("INE", "A1", "cu"),  # another exchange
        ("SHFE", "B1", "cu"),  # not yet
        ("SHFE", "C1", "cu"),
    ],
)
def test_and_nobody_else_does(makers, exchange, account, product):
    assert not makers.makes_market(exchange, account, product)


def test_without_a_table_nobody_knows_who_makes_a_market():
    assert not subjects().has_market_makers
    assert subjects(market_makers=rows("client, product")).has_market_makers
