"""account -> client: by the accounts table, the log's column, the code, or the account itself."""

from __future__ import annotations

import pytest
from side_rows import DAY, rows, subjects

from abtrade.errors import InputError
from abtrade.market.contracts import load_contracts
from abtrade.subjects import Place

ACCOUNTS = "account, exchange, client"


def test_an_account_without_anything_else_is_itself():
    assert subjects().place("SHFE", "A") == Place("A", "account", "the account itself")
    assert subjects().subject("SHFE", "A") == ("account", "A")


def test_the_accounts_table_joins_accounts_of_a_client():
    found = subjects(accounts=rows(ACCOUNTS, "A,,c1", "B,,c1", "C,,"))
    assert found.place("SHFE", "A") == Place("c1", "client", "accounts table")
    assert found.subject("SHFE", "A") == found.subject("SHFE", "B") == ("client", "c1")
    assert found.subject("SHFE", "C") == ("account", "C")


def test_a_row_with_an_exchange_holds_at_that_exchange_only():
    found = subjects(accounts=rows(ACCOUNTS, "A,CFFEX,c1", "B,CFFEX,c1"))
    assert found.subject("CFFEX", "A") == found.subject("CFFEX", "B") == ("client", "c1")
    assert found.subject("SHFE", "A") == ("account", "A")


def test_a_client_of_the_log_joins_where_the_table_says_nothing():
    found = subjects(
        accounts=rows(ACCOUNTS, "A,,c1", "B,,"),
        log_clients={("SHFE", "A"): "c9", ("SHFE", "B"): "c2", ("DCE", "C"): "c2"},
    )
    assert found.place("SHFE", "A") == Place("c1", "client", "accounts table")
    assert found.place("SHFE", "B") == Place("c2", "client", "client column")
    assert found.subject("SHFE", "C") == ("account", "C")


@pytest.mark.parametrize("exchange", ["SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX"])
def test_a_12_digit_code_is_member_and_client(exchange):
    found = subjects()
    assert found.place(exchange, "000112345678") == Place("12345678", "client", "12-digit code")
    assert found.subject(exchange, "000112345678") == found.subject(exchange, "999912345678")


@pytest.mark.parametrize(
    ("exchange", "account"),
    [
        ("-", "000112345678"),
        ("CME", "000112345678"),
        ("SHFE", "00011234567"),
        ("SHFE", "0001123456789"),
        ("SHFE", "00011234567A"),
        ("SHFE", "０00112345678"),
    ],
)
def test_what_is_no_12_digit_code_of_the_six_exchanges_is_an_account(exchange, account):
    assert subjects().subject(exchange, account) == ("account", account)


def test_codes_are_read_code_by_code_beside_a_client_column():
    found = subjects(log_clients={("SHFE", "000112345678"): "c1"})
    assert found.subject("SHFE", "000112345678") == ("client", "c1")
    assert found.subject("SHFE", "000212345678") == ("client", "12345678")


def test_only_the_accounts_table_joins_the_codes_of_a_cffex_client():
    codes = ("000100000001", "000100000002")  # speculation, hedge
    assert len({subjects().subject("CFFEX", code) for code in codes}) == 2
    found = subjects(accounts=rows(ACCOUNTS, *(f"{code},CFFEX,c1" for code in codes)))
    assert {found.subject("CFFEX", code) for code in codes} == {("client", "c1")}


@pytest.mark.parametrize(
    ("first", "second"),
    [("A,,c1", "A,,c2"), ("A,SHFE,c1", "A,SHFE,c2"), ("A,,c1", "A,SHFE,c2")],
)
def test_an_account_of_two_clients_is_an_error_that_names_both_rows(first, second):
    for lines in ((first, second), (second, first)):
        with pytest.raises(InputError) as error:
            subjects(accounts=rows(ACCOUNTS, *lines))
        assert "accounts: row " in str(error.value)
        assert "(row 1)" in str(error.value)
        assert "(row 2)" in str(error.value)


@pytest.mark.parametrize(
    ("first", "second"),
    [("A,,c1", "A,,c1"), ("A,,c1", "A,SHFE,c1"), ("A,SHFE,c1", "A,DCE,c2"), ("A,,c1", "A,SHFE,")],
)
def test_a_repeat_and_another_exchange_are_no_error(first, second):
    found = subjects(accounts=rows(ACCOUNTS, first, second))
    assert found.subject("SHFE", "A") == ("client", "c1")


def test_the_accounts_table_says_who_the_client_is():
    with pytest.raises(InputError, match="column 'client' is missing"):
        subjects(accounts=rows("account, exchange", "A,SHFE"))
    with pytest.raises(InputError, match="row 1: column 'account': found a blank"):
        subjects(accounts=rows(ACCOUNTS, ",SHFE,c1"))


def test_notes_tell_columns_that_are_not_read():
    found = subjects(accounts=rows("account, client, branch", "A,c1,x"))
    assert found.notes == ["accounts: column 'branch' is not known, not read"]
    assert subjects(accounts=rows("account, client, member", "A,c1,x")).notes == []


CTP = "InvestorID, BrokerID, ExchangeID, ClientID, ClientIDType"


def test_ctps_trading_codes_join_the_codes_of_an_investor():
    codes = (
        "100, 0001, CFFEX, 00000011, 1", "100, 0001, CFFEX, 00000012, 3",
        "100, 0001, SHFE, 00000013, 1", "100, 0002, CFFEX, 00000014, 1",
    )  # fmt: skip
    found = subjects(accounts=rows(CTP, *codes))
    assert found.place("CFFEX", "00000011") == Place("0001:100", "client", "accounts table")
    assert found.subject("CFFEX", "00000012") == ("client", "0001:100")
    assert found.subject("SHFE", "00000013") == ("client", "0001:100")
    assert found.subject("CFFEX", "00000014") == ("client", "0002:100")  # another broker's 100
    assert found.subject("SHFE", "00000011") == ("account", "00000011")


def test_a_code_of_two_investors_is_an_error():
    codes = "100, 0001, CFFEX, 00000011, 1", "200, 0001, CFFEX, 00000011, 1"
    with pytest.raises(InputError, match="row 2: account '00000011' has the clients"):
        subjects(accounts=rows(CTP, *codes))


def test_a_gbk_dump_of_trading_codes_notes_what_is_not_read(tmp_path):
    path = tmp_path / "codes.csv"
    header = "BrokerID,InvestorID,ExchangeID,ClientID,ClientIDType,BranchName"
    path.write_text(f"{header}\n1,100,中金所,00000011,1,总部\n", encoding="gbk")
    found = subjects(accounts=path)
    assert found.subject("CFFEX", "00000011") == ("client", "1:100")
    assert found.notes == [f"{path}: columns not read: 'BranchName'"]


def test_a_market_makers_product_may_be_written_as_elsewhere():
    contracts = load_contracts(None, DAY)
    makers = rows("client, product, exchange", "A, CU, SHFE", "B, DCE.M_O,", "C, sr,")
    found = subjects(market_makers=makers, product_named=contracts.product_named)
    assert found.market_products("SHFE", "A") == {"cu"}
    assert found.market_products("DCE", "B") == {"m_o"}
    assert found.market_products("CZCE", "C") == {"SR"}
    with pytest.raises(InputError, match=r"row 1: column 'product': found 'DCE\.m'"):
        subjects(market_makers=rows("client, product, exchange", "A, DCE.m, SHFE"),
                 product_named=contracts.product_named)  # fmt: skip


def test_the_accounts_table_may_say_what_kind_of_client_it_is():
    found = subjects(
        accounts=rows(
            "account, exchange, client, kind",
            "A,,c1,fund", "B,,c1,", "C,DCE,c2,person", "D,SHFE,c2,fund", "000112345678,SHFE,,bank",
        )
    )
    assert found.kind("SHFE", "c1") == "fund"
    assert found.kind("DCE", "c2") == "person"
    assert found.kind("SHFE", "c2") == "fund"
    assert found.kind("SHFE", "12345678") == "bank"
    assert found.kind("SHFE", "c9") is None


def test_a_client_of_two_kinds_is_an_error():
    with pytest.raises(InputError) as caught:
        subjects(
            accounts=rows(
                "account, exchange, client, kind",
                "A,,c1,fund", "B,SHFE,c1,person", "C,,c1,fund", "D,SHFE,c2,fund", "E,DCE,c2,bank",
            )
        )
    assert str(caught.value) == (
        "accounts: row 2: client 'c1' is of the kinds 'person' (row 2) and 'fund' (row 1), "
        "expected one\n"
        "accounts: row 3: client 'c1' is of the kinds 'fund' (row 3) and 'person' (row 2), "
        "expected one"
    )
