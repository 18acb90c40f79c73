"""A dump of CTP's instruments, as the contract table that it amounts to."""

from __future__ import annotations

from typing import Any, Final

from ..side_tables import Column, SideTable

CTP_CLASSES: Final = {"1": "future", "2": "option", "3": "combination", "7": "tas"}
CTP_OPTION_TYPES: Final = {"1": "call", "2": "put"}
LEAST_TICK: Final = 1e-9
"""Prices have no more digits after the point."""
CTP_INSTRUMENTS: Final[dict[str, Column]] = {
    "InstrumentID": Column(required=True, filled=True),
    "ExchangeID": Column("exchange", required=True),
    "ProductID": Column(),
    "PriceTick": Column("float", least=LEAST_TICK, unset=True),
    "VolumeMultiple": Column("float", positive=True, unset=True),
    "MaxLimitOrderVolume": Column("int", positive=True, unset=True),
    "MaxMarketOrderVolume": Column("int", positive=True, unset=True),
    "ExpireDate": Column("date"),
    "ProductClass": Column(codes=CTP_CLASSES),
    "UnderlyingInstrID": Column(),
    "StrikePrice": Column("float", unset=True),
    "OptionsType": Column(codes=CTP_OPTION_TYPES),
}
_NAMES: Final = {
    "InstrumentID": "contract",
    "ExchangeID": "exchange",
    "PriceTick": "tick",
    "VolumeMultiple": "multiplier",
    "MaxLimitOrderVolume": "max_order_lots",
    "MaxMarketOrderVolume": "max_market_order_lots",
    "ExpireDate": "expiry",
    "ProductClass": "kind",
    "UnderlyingInstrID": "underlying",
    "StrikePrice": "strike",
    "OptionsType": "option_type",
}


def contracts_of(dump: SideTable) -> SideTable:
    """Return the contract table that a dump of instruments amounts to.

    ``other_product`` is CTP's own name of the product: it stands where the spelling tells none, for
    CTP names options its own way. Only an option or a TAS contract has an underlying.
    """
    cells: dict[str, list[Any]] = {
        _NAMES[name]: values for name, values in dump.cells.items() if name in _NAMES
    }
    kinds = cells.get("kind", [None] * len(dump))
    if "underlying" in cells:
        cells["underlying"] = _where(kinds, cells["underlying"], ("option", "tas"))
    if "ProductID" in dump.cells:
        cells["other_product"] = _where(kinds, dump.cells["ProductID"], ("future", "option", "tas"))
    return SideTable(dump.name, tuple(cells), dump.notes, dump.numbers, cells)


def _where(kinds: list[str | None], values: list[Any], among: tuple[str, ...]) -> list[Any]:
    return [value if kind in among else None for kind, value in zip(kinds, values, strict=True)]
