"""The report on identities: who was joined with whom and why, and what could not be joined."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

import pyarrow as pa

from . import outputs
from .roster import Roster
from .subjects import Place, Subjects

CODES_APART: Final = "CFFEX"
"""The exchange that gives one client several codes, which nothing but a table joins."""
TELLS_CLIENT: Final = ("accounts table", "client column")
"""Ways of finding a client that join codes however they differ."""
CODES_REMARK: Final = "other codes of this client cannot be told"
FIRST_NAMED: Final = 5
"""How many accounts of an exchange the certificate names."""


def links_table(roster: Roster, subjects: Subjects) -> pa.Table:
    """Return a row an account of the log, with the columns of ``outputs.LINKS``."""
    names = roster.names
    seen = [(names.exchanges[exchange], account) for exchange, account in names.accounts]
    places = [subjects.place(*name) for name in seen]
    clients = Counter(_client(name[0], place) for name, place in zip(seen, places, strict=True))
    members: dict[tuple[str, str | None], set[tuple[str, str, str]]] = defaultdict(set)
    for (exchange, _), place in zip(seen, places, strict=True):
        members[exchange, place.group].add(_client(exchange, place))
    columns: dict[str, Any] = {
        "exchange": [exchange for exchange, _ in seen],
        "account": [account for _, account in seen],
        "in_accounts_table": [subjects.lists(*name) for name in seen],
        "client_accounts": [
            clients[_client(exchange, place)]
            for (exchange, _), place in zip(seen, places, strict=True)
        ],
        "group_clients_in_log": [
            None if place.group is None else len(members[exchange, place.group])
            for (exchange, _), place in zip(seen, places, strict=True)
        ],
        "remark": [
            CODES_REMARK if _codes_apart(exchange, place.joined) else None
            for (exchange, _), place in zip(seen, places, strict=True)
        ],
    }
    for name in outputs.LINKS.names:
        if name not in columns:
            columns[name] = [getattr(place, name) for place in places]
    return outputs.sort_table("links", outputs.table_of(outputs.LINKS, columns))


def identities_of(roster: Roster, subjects: Subjects) -> dict[str, Any]:
    """Return, for the certificate, how the accounts of each exchange were joined."""
    names = roster.names
    joined: dict[str, Counter[str]] = defaultdict(Counter)
    for (exchange, how), n in Counter(
        zip((exchange for exchange, _ in names.accounts), roster.joined, strict=True)
    ).items():
        joined[names.exchanges[exchange]][how] += n
    lacking: dict[str, list[str]] = defaultdict(list)
    if subjects.has_accounts_table:
        for at, account in names.accounts:
            if not subjects.lists(names.exchanges[at], account):
                lacking[names.exchanges[at]].append(account)
    return {
        exchange: {
            "accounts": ways.total(),
            "joined": dict(sorted(ways.items())),
            "in_no_table": _first(lacking[exchange]) if subjects.has_accounts_table else None,
            "codes_not_joined": sum(n for how, n in ways.items() if _codes_apart(exchange, how)),
        }
        for exchange, ways in sorted(joined.items())
    }


def _client(exchange: str, place: Place) -> tuple[str, str, str]:
    return exchange, place.client_kind, place.client


def _codes_apart(exchange: str, joined: str) -> bool:
    return exchange == CODES_APART and joined not in TELLS_CLIENT


def _first(accounts: list[str]) -> dict[str, Any]:
    return {"accounts": len(accounts), "first": sorted(accounts)[:FIRST_NAMED]}
