"""The contracts of a log as a table: what is known of each on the day, and whence."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from . import outputs
from .market.contracts import ContractTable
from .roster import Roster


def contracts_table(roster: Roster, contracts: ContractTable) -> pa.Table:
    """Return a row a contract that the log names, with the columns of ``outputs.CONTRACTS``."""
    names = [(facts.exchange, facts.contract) for facts in roster.facts]
    told = [contracts.describe(*name) for name in names]
    columns: dict[str, Any] = {
        "exchange": [exchange for exchange, _ in names],
        "contract": [contract for _, contract in names],
        "matched": [each.matched for each in told],
        "legs": [each.legs for each in told],
        "sources": [list(each.sources.items()) for each in told],
    }
    for name in outputs.CONTRACTS.names:
        if name not in columns:
            columns[name] = [each.facts.get(name) for each in told]
    return outputs.sort_table("contracts", outputs.table_of(outputs.CONTRACTS, columns))
