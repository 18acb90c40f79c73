"""A snapshot: an engine's state in one file, from which counting goes on as if never stopped.

Layout: the magic line, a BLAKE2b digest of the rest, the length of a JSON header, the header, then
the contracts' state as the core holds it. A file whose digest does not fit is refused, so is one
of another plan, layout or machine word.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from . import __version__, schema
from ._core import SIZES
from .compiled import CompiledEngine
from .engine import Engine
from .errors import InputError
from .plan import Plan
from .regular_file import open_regular
from .sinks.file import whole_file

MAGIC: Final = b"abtrade snapshot 1\n"
DIGEST_SIZE: Final = 32


def save(engine: Engine, path: str | Path, *, also: dict[str, Any] | None = None) -> None:
    """Write the state of a compiled engine between two batches, over what stands there.

    also : JSON data to keep beside it, such as how far the log was read
    """
    with whole_file(Path(path), force=True) as file:
        file.write(pack(engine, also=also))


def pack(engine: Engine, *, also: dict[str, Any] | None = None) -> bytes:
    """Return what ``save`` writes."""
    counter = _compiled(engine)
    engine.introduce()
    plain, blobs = counter.dump()
    names = engine.names
    header = json.dumps(
        {
            **_layout(engine.plan),
            "names": [names.exchanges, names.contracts, names.accounts],
            "plain": plain,
            "blobs": [len(blob) for blob in blobs],
            "state_hash": engine.state_hash(),
            "judged": _judged(engine),
            "also": also or {},
        },
        ensure_ascii=False,
    ).encode("utf-8", "surrogatepass")
    body = len(header).to_bytes(8, "little") + header + b"".join(blobs)
    return MAGIC + hashlib.blake2b(body, digest_size=DIGEST_SIZE).digest() + body


def resume(
    engine: Engine, path: str | Path, *, check: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Bring a fresh engine of the same plan to the state that ``save`` wrote; return its ``also``.

    check : is given ``also`` before the plans are compared, to raise what says more than they do
    Raises InputError where the file is damaged, or is of another plan or another build.
    """
    counter = _compiled(engine)
    header, blobs = _read(Path(path))
    for key, value in _layout(engine.plan).items():
        if key == "plan" and check is not None:
            check(header["also"])
        if key == "plan" and header.get(key) != value:
            raise InputError(
                f"{path}: a snapshot of another plan: saved under other rules, or with other of "
                "--book, --statistics, --history, --positions and --keep-attributes"
            )
        if header.get(key) != value:
            raise InputError(
                f"{path}: a snapshot of another {key.replace('_', ' ')}: found "
                f"{header.get(key)!r}, expected {value!r}"
            )
    exchanges, contracts, accounts = header["names"]
    names = engine.names
    assert not names.contracts and not names.accounts, "resume into a fresh engine"
    for exchange in exchanges:
        names.exchange(exchange)
    for exchange_id, contract in contracts:
        names.contract(exchange_id, contract)
    for exchange_id, account in accounts:
        names.account(exchange_id, account)
    engine.introduce()
    if _judged(engine) != header["judged"]:
        raise InputError(
            f"{path}: saved with other accounts, links, market makers, contracts or limits than "
            "these"
        )
    counter.restore(header["plain"], blobs)
    assert engine.state_hash() == header["state_hash"], "the state does not come back as saved"
    also: dict[str, Any] = header["also"]
    return also


def _compiled(engine: Engine) -> CompiledEngine:
    if not isinstance(engine.counter, CompiledEngine):
        raise InputError("only the compiled core can be saved and resumed, not the reference")
    return engine.counter


def _layout(plan: Plan) -> dict[str, Any]:
    """Return what must be the same for state to be taken up."""
    kept = [sorted(plan.attributes), plan.extra, plan.positions, plan.book]
    text = json.dumps([_plain(rule) for rule in plan.rules] + kept)
    rules = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return {
        "version": __version__,
        "schema_version": schema.SCHEMA_VERSION,
        "byte_order": sys.byteorder,
        "struct_sizes": SIZES,
        "plan": rules,
    }


def _judged(engine: Engine) -> str:
    """Return a digest of who is judged for each account, and of what contracts are."""
    roster = engine.roster
    makes = [
        sorted(engine.subjects.market_products(engine.names.exchanges[exchange], account))
        for exchange, account in engine.names.accounts
    ]
    told = [roster.judged, roster.subject_of, roster.alone_of, makes, _plain(tuple(roster.facts))]
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    """Return a rule of a plan as JSON data, sets in order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Fraction | date) else value


def _read(path: Path) -> tuple[dict[str, Any], list[bytes]]:
    try:
        with open_regular(path) as file:
            data = file.read()
    except OSError as error:
        raise InputError(f"{path}: no snapshot can be read there ({error.strerror})") from error
    start = len(MAGIC) + DIGEST_SIZE
    body = data[start:]
    digest = hashlib.blake2b(body, digest_size=DIGEST_SIZE).digest()
    if not data.startswith(MAGIC) or digest != data[len(MAGIC) : start]:
        raise InputError(f"{path}: not a whole abtrade snapshot")
    length = int.from_bytes(body[:8], "little")
    header: dict[str, Any] = json.loads(body[8 : 8 + length])
    blobs, at = [], 8 + length
    for size in header["blobs"]:
        blobs.append(body[at : at + size])
        at += size
    return header, blobs
