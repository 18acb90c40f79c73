"""Measured: measures put together, out of rows made one by one or out of parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from math import nan
from operator import attrgetter

import numpy as np

from . import schema
from .counts import Behind, Measure, Measures
from .plan import Plan, PlanRule


def measures_of(plan: Plan, rows: Iterable[Measure]) -> list[Measures]:
    """Return rows, in any order, as columns by rule."""
    by_rule = groupby(sorted(rows, key=attrgetter("rule")), attrgetter("rule"))
    return [_columns(plan.rules[rule], list(of_rule)) for rule, of_rule in by_rule]


def measures_of_nothing(rule: PlanRule, scopes: Sequence[str] = ()) -> Measures:
    """Return the measures of a rule that found nobody."""
    return replace(_columns(rule, []), scopes=scopes)


def joined(parts: Sequence[Measures]) -> Measures:
    """Return the rows of one rule over the same scopes, one part after the other."""
    first = np.cumsum([0, *map(len, parts)]).tolist()
    columns = ("subject", "scope", "gross", "counted", "exempt", "unknown", "level", "levels")
    return Measures(
        parts[0].rule,
        parts[0].scopes,
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns},
        behind={
            at + i: behind
            for at, part in zip(first, parts, strict=False)
            for i, behind in part.behind.items()
        },
    )


def _columns(rule: PlanRule, rows: list[Measure]) -> Measures:
    is_figure = rule.count in schema.FIGURES
    number = np.float64 if is_figure else np.int64
    never = nan if is_figure else -1
    index = {scope: i for i, scope in enumerate(dict.fromkeys(row.scope for row in rows))}
    levels = [[never if at is None else at for at in row.levels] for row in rows]
    return Measures(
        rule.index,
        list(index),
        np.array([row.subject for row in rows], np.int64),
        np.array([index[row.scope] for row in rows], np.int64),
        np.array([row.gross for row in rows], number),
        np.array([row.counted for row in rows], number),
        np.array([row.exempt for row in rows], np.int64).reshape(len(rows), len(rule.reasons)),
        np.array([row.unknown for row in rows], np.int64),
        np.array([row.level for row in rows], np.int64),
        np.array(levels, number).reshape(len(rows), 2),
        {
            i: Behind(row.shares, row.alone, row.detail)
            for i, row in enumerate(rows)
            if row.level
        },
    )
