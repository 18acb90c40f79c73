"""Measures as rows, so that two engines can be compared whatever the order of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isnan
from typing import Any

from abtrade.counts import Behind, Measure, Measures

NOTHING = Behind({}, {}, {})


def rows_of(found: Iterable[Measures]) -> Iterator[Measure]:
    """Yield every row; who is behind it is told just where a level is reached."""
    for measures in found:
        assert measures.behind.keys() == {i for i, level in enumerate(measures.level) if level}
        for i in range(len(measures)):
            behind = measures.behind.get(i, NOTHING)
            yield Measure(
                measures.rule,
                int(measures.subject[i]),
                measures.scopes[measures.scope[i]],
                measures.gross[i].item(),
                measures.counted[i].item(),
                tuple(measures.exempt[i].tolist()),
                int(measures.unknown[i]),
                int(measures.level[i]),
                _levels(measures.levels[i].tolist()),
                behind.shares,
                behind.alone,
                behind.detail,
            )


def _levels(levels: list[Any]) -> Any:
    return tuple(None if isnan(at) or (isinstance(at, int) and at < 0) else at for at in levels)
