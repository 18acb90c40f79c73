"""What a file is that is no order log: a side table, a document, something abtrade wrote."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from ..clients import ACCOUNTS
from ..links import GROUP_LINKS, PAIR_LINKS
from ..market import calendar, contract_rows, fees
from ..readers.foreign import Glimpse
from ..readers.sources import other_format
from ..side_tables import Column
from ..sinks.folder import MARK
from ..snapshot import MAGIC
from ..subjects import MARKET_MAKERS

SIDE_TABLES: Final = {
    "accounts": "accounts",
    "trading_codes": "accounts",
    "links": "links",
    "market_makers": "market_makers",
    "contracts": "contracts",
    "instruments": "contracts",
    "fees": "fees",
}
"""Tables that a scan takes beside the log, and the option that takes each."""

_TABLES: Final[tuple[tuple[str, Mapping[str, Column]], ...]] = (
    ("links", GROUP_LINKS),
    ("links", PAIR_LINKS),
    ("accounts", ACCOUNTS),
    ("market_makers", MARKET_MAKERS),
    ("calendar", calendar.COLUMNS),
    ("fees", fees.COLUMNS),
)
_ALL_OF: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("instruments", frozenset({"InstrumentID", "VolumeMultiple", "PriceTick"})),
    ("trading_codes", frozenset({"InvestorID", "ExchangeID", "ClientID", "ClientIDType"})),
    ("positions", frozenset({"account", "contract", "long", "short"})),
    ("settlement", frozenset({"成交序号", "平仓盈亏"})),
    ("settlement", frozenset({"成交序号", "手续费"})),
)
_OUTPUTS: Final = (
    frozenset({"subject", "subject_kind"}),
    frozenset({"account", "joined"}),
    frozenset({"file", "row", "reason"}),
    frozenset({"rule", "gross", "counted"}),
)
"""Columns by which a table that a scan wrote is known."""
_FACTS: Final = frozenset(contract_rows.COLUMNS) - {"contract", "exchange", "product", "from", "to"}
_STATEMENT: Final = (
    "结算单",
    "成交记录",
    "平仓盈亏",
    "成交序号",
    "客户权益",
    "settlement statement",
    "transaction record",
    "realized p/l",
)
"""What stands in a settlement statement; it takes two of these."""
_TOP_KEYS: Final = re.compile(r"^([a-z_]+):", re.MULTILINE)
_RULE_KEYS: Final = frozenset({"id", "count", "scope", "yellow", "red", "leave_out", "only"})
_MAPPING_KEYS: Final = frozenset(
    {"columns", "codes", "constants", "time", "encoding", "delimiter"}
)


def folder_is(path: Path) -> str | None:
    """Return ``scan_output`` for a folder that a scan wrote, None for any other."""
    return "scan_output" if (path / MARK).is_file() and (path / "alerts.jsonl").is_file() else None


def table_is(columns: Collection[str]) -> str | None:
    """Return what table has these columns, None for one that is not known."""
    names = frozenset(columns)
    if any(known <= names for known in _OUTPUTS):
        return "output"
    for what, known in _TABLES:
        needed = {name for name, column in known.items() if column.required}
        if needed <= names and len(names & known.keys()) * 2 > len(names):
            return what
    if names & {"contract", "product"} and names & _FACTS and "account" not in names:
        return "contracts"
    return next((what for what, needed in _ALL_OF if needed <= names), None)


def file_is(look: Glimpse) -> str | None:
    """Return what a file is by its bytes, None where they do not tell."""
    found = other_format(look.head)
    if found == "zip":
        return _zip_is(look.path)
    if found is not None:
        return found
    if look.head.startswith(MAGIC):
        return "state"
    return _text_is(look)


def _zip_is(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as file:
            return "excel" if any(name.startswith("xl/") for name in file.namelist()) else "zip"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "zip"


def _text_is(look: Glimpse) -> str | None:
    text = look.head.decode(look.encoding, "replace").removeprefix("\ufeff")
    lowered = text.lower()
    if sum(mark in lowered for mark in _STATEMENT) >= 2:
        return "settlement"
    keys = set(_TOP_KEYS.findall(text))
    if len(keys & _RULE_KEYS) >= 3:
        return "rule"
    if keys and keys <= _MAPPING_KEYS:
        return "mapping"
    return "json" if re.match(r"\s*[\[{]\s*[\"{\]}\[]", text) else None
