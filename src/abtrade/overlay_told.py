"""What a desk's overlay did on a day: rules that judged otherwise, and what exemptions left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np

from . import wording
from .people import KINDS
from .roster import Roster
from .rules.desk import by_language
from .rules.evaluate import RuleResults, Verdicts
from .rules.packs import RuleSet
from .rules.rule import LANGUAGES, Rule, Text
from .subjects import Subjects
from .wording import text


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
    for rule in _at(rules, exchanges):
        own = [entry for entry in rule.leave_out if entry.by_desk]
        if rule.id in judged and (rule.desk or own):
            told[rule.id] = {
                "changes": [dict(change) for change in rule.desk],
                "exemptions": _exemptions(rule, judged[rule.id], roster),
            }
    return {"owner": dict(rules.desk.owner), "sha256": rules.desk.sha256, "rules": told}


def exempt_nobody(
    rules: RuleSet, roster: Roster, subjects: Subjects, exchanges: Collection[str]
) -> list[Text]:
    """Return a note on those whom exemptions name and nobody else does; none where all are known.

    Neither the log has them nor a table that tells of accounts on the day.
    """
    named = {
        who
        for rule in _at(rules, exchanges)
        for entry in rule.leave_out
        if entry.by_desk
        for who in entry.filter.people
    }
    if not named or not exchanges:
        return []
    for exchange, account in roster.names.accounts:
        place = subjects.place(roster.names.exchanges[exchange], account)
        named -= {("account", account), ("client", place.client), ("group", place.group or "")}
    nobody = sorted(
        (KINDS.index(kind), kind, name)
        for kind, name in named
        if not any(subjects.names(exchange, kind, name) for exchange in exchanges)
    )
    if not nobody:
        return []
    told = {
        lang: wording.names_of(
            [text(lang, "subject", kind=wording.term(lang, "kind", kind), name=name)
             for _, kind, name in nobody], lang,
        )
        for lang in LANGUAGES
    }  # fmt: skip
    return [by_language("desk.nobody", names=told)]


def _at(rules: RuleSet, exchanges: Collection[str]) -> list[Rule]:
    """Return the rules for these exchanges; of rules that were asked for by name all."""
    if rules.named or not exchanges:
        return list(rules.rules)
    return [rule for rule in rules.rules if rule.exchange in exchanges]


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
