"""Order fees in two lines: who pays, and of which contracts no fee is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from .. import wording
from ..safe_text import for_terminal
from ..wording import Language, text


def fee_lines(fees: pa.Table, unknown: Sequence[str], lang: Language) -> Iterator[str]:
    """Yield how many subjects pay and who most, then contracts without brackets.

    fees : with the columns of ``outputs.FEES``; of a suspected group the clients are told, not it
    """
    if fees.num_rows:
        yield _who_pays(fees, lang)
    if unknown:
        yield text(lang, "fees.unknown", names=wording.names_of(list(unknown), lang))


def _who_pays(fees: pa.Table, lang: Language) -> str:
    fees = fees.filter(pc.fill_null(pc.not_equal(fees["group_status"], "suspected"), True))
    subjects = fees.group_by(["exchange", "subject_kind", "subject"]).aggregate([]).num_rows
    pays = pc.greater(fees["fee"], pa.scalar(Decimal(0), fees["fee"].type))
    rows = fees.filter(pays).to_pylist()
    if not rows:
        return text(lang, "fees.none", all=f"{subjects:,}")
    most = max(rows, key=lambda row: row["fee"])
    kind = wording.term(lang, "kind", most["subject_kind"])
    return text(
        lang,
        "fees.line",
        n=f"{len({(row['exchange'], row['subject_kind'], row['subject']) for row in rows}):,}",
        all=f"{subjects:,}",
        total=_yuan(sum((row["fee"] for row in rows), Decimal(0))),
        who=text(lang, "subject", kind=kind, name=for_terminal(most["subject"])),
        where=for_terminal(f"{most['exchange']} {most['scope']}"),
        fee=_yuan(most["fee"]),
    )


def _yuan(amount: Decimal) -> str:
    """Return an amount with two decimals, with more where it has more."""
    whole, _, decimals = f"{amount:,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"
