"""A dump of CTP's trading codes, as the accounts table that it amounts to."""

from __future__ import annotations

from typing import Any, Final

from .side_tables import Column, SideTable

CTP_TRADING_CODES: Final[dict[str, Column]] = {
    "InvestorID": Column(required=True, filled=True),
    "BrokerID": Column(required=True, filled=True),
    "ExchangeID": Column("exchange", required=True, filled=True),
    "ClientID": Column(required=True, filled=True),
    "ClientIDType": Column(),  # all codes of an investor are his, whatever they are for
}


def accounts_of(dump: SideTable) -> SideTable:
    """Return the accounts table that a dump of trading codes amounts to.

    The account is the trading code (ClientID), the client the investor of one broker.
    """
    codes = dump.select("ClientID", "ExchangeID", "BrokerID", "InvestorID")
    rows = [(code, exchange, f"{broker}:{who}") for _, code, exchange, broker, who in codes]
    cells: dict[str, list[Any]] = {
        name: [row[at] for row in rows] for at, name in enumerate(("account", "exchange", "client"))
    }
    return SideTable(dump.name, tuple(cells), dump.notes, dump.numbers, cells)
