"""What a desk's overlay did on a day: rules that judged otherwise, and what exemptions left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np

from .roster import Roster
from .rules.evaluate import RuleResults, Verdicts
from .rules.packs import RuleSet
from .rules.rule import Rule


def overlay_told(
    rules: RuleSet, verdicts: Verdicts, roster: Roster, exchanges: Collection[str]
) -> dict[str, Any] | None:
    """Return what the certificate says of an overlay, as JSON data; None where there is none.

    Told are rules that judged otherwise because of it, by id, in their order.
    exchanges : that the log has contracts of; rules for others are told only if asked for by name
    """
    if rules.desk.owner is None:
        return None
    judged = {found.rule.id: found for found in verdicts.results}
    told = {}
    for rule in rules.rules:
        here = rules.named or not exchanges or rule.exchange in exchanges
        own = [entry for entry in rule.leave_out if entry.by_desk]
        if here and rule.id in judged and (rule.desk or own):
            told[rule.id] = {
                "changes": [dict(text) for text in rule.desk],
                "exemptions": _exemptions(rule, judged[rule.id], roster),
            }
    return {"owner": dict(rules.desk.owner), "sha256": rules.desk.sha256, "rules": told}


def _exemptions(rule: Rule, found: RuleResults, roster: Roster) -> list[dict[str, Any]]:
    """Return the desk's exemptions by their reasons, each with how many events it left out."""
    left_out = _left_out(found, roster)
    told: dict[str, dict[str, Any]] = {}
    for entry in rule.leave_out:
        if entry.by_desk:
            reason = {"en": entry.reason, "zh": entry.reason_zh}
            first = {"reason": reason, "clauses": [], "left_out": left_out[entry.reason]}
            told.setdefault(entry.reason, first)["clauses"].append(dict(entry.clause))
    return list(told.values())


def _left_out(found: RuleResults, roster: Roster) -> Counter[str]:
    """Return how many events each reason left out.

    The clients of a suspected group are judged once more, alone: there nothing is added.
    """
    once = ~np.isin(found.ledger.subject, [s for s in roster.alone_of if s >= 0])
    sums = found.ledger.exempt[once].sum(axis=0).tolist()
    left_out: Counter[str] = Counter()
    for reason, n in zip(found.rule.reasons, sums, strict=True):
        left_out[reason] += n
    return left_out
