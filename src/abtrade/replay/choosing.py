"""Contracts and subjects of a day by what a user writes, with a word for what is near."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from .. import schema
from ..errors import InputError
from ..roster import Roster
from ..safe_text import for_terminal
from .moment import Subject

SHOWN: Final = 8
"""How many names an error lists."""


def contract_named(text: str, known: Sequence[str]) -> str:
    """Return the contract meant by ``SHFE.cu2503`` or ``cu2503``, in capitals or not.

    known : how the day's contracts are written, the busiest first

    Raises InputError where there is none, or there are several.
    """
    wanted = text.strip()
    for same in (_same, _same_but_for_capitals):
        found = [name for name in known if same(name, wanted) or same(_bare(name), wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"contract {for_terminal(text)}: is one of {_listed(found)}; name the exchange too"
            )
    near = get_close_matches(wanted.lower(), [_bare(name).lower() for name in known], SHOWN, 0.5)
    names = [name for name in known if _bare(name).lower() in near] or list(known)
    raise InputError(
        f"contract {for_terminal(text)}: the day has none of that name, expected one such as "
        f"{_listed(names)}"
    )


def subject_named(text: str, roster: Roster, contract: str) -> Subject:
    """Return the subject meant by a name, or by ``group:NAME``, ``client:NAME``, ``account:NAME``.

    contract : of whose exchange the subject is

    A subject is who is judged: an account of a client, or a client of a group, is no subject of
    its own. Raises InputError where there is none, or there are several.
    """
    exchange = contract.rpartition(".")[0] or schema.NO_EXCHANGE
    kind, colon, name = text.partition(":")
    subjects = [
        Subject(kind_, name_, roster.names.exchanges[where])
        for where, kind_, name_ in roster.judged
        if roster.names.exchanges[where] == exchange
    ]
    wanted = {(each, text) for each in schema.SUBJECT_KINDS}
    if colon and kind in schema.SUBJECT_KINDS:
        wanted |= {(kind, name)}
    found = [each for each in subjects if (each.kind, each.name) in wanted]
    if len(found) == 1:
        return found[0]
    if found:
        told = _listed([f"{each.kind}:{each.name}" for each in found])
        raise InputError(f"subject {for_terminal(text)}: is one of {told}; name its kind too")
    raise InputError(_no_subject(text, name if colon else text, subjects, roster, exchange))


def _no_subject(
    text: str, name: str, subjects: Sequence[Subject], roster: Roster, exchange: str
) -> str:
    for account, (where, known) in enumerate(roster.names.accounts):
        client = roster.clients[roster.client_of[account]][2]
        if roster.names.exchanges[where] == exchange and name in (known, client):
            _, kind, judged = roster.judged[roster.subject_of[account]]
            return f"subject {for_terminal(text)}: is judged as {for_terminal(f'{kind}:{judged}')}"
    near = get_close_matches(name, [each.name for each in subjects], SHOWN, 0.5)
    end = f"; did you mean {_listed(near)}?" if near else ""
    return f"subject {for_terminal(text)}: nobody of that name is judged at {exchange}{end}"


def _same(name: str, wanted: str) -> bool:
    return name == wanted


def _same_but_for_capitals(name: str, wanted: str) -> bool:
    return name.lower() == wanted.lower()


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(for_terminal, names[:SHOWN]))
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
