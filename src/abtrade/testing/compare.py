"""Compare what a case expects with what its scan came to."""

from __future__ import annotations

from collections.abc import Iterator

from ..wording import number
from .case import JUDGED, NOTHING, Case, Expected, Tip
from .outcome import Failure, Found, Seen


def compare(case: Case, seen: Seen) -> Iterator[Failure]:
    """Yield everything that is not as expected."""
    line = case.place.line
    if isinstance(case.expect, str):
        if seen.state != case.expect:
            yield _other_state(case.expect, seen, line)
        if case.expect == NOTHING:
            yield from (_unlisted(found, line) for found in seen.results)
        return
    if seen.state not in (JUDGED, NOTHING):
        yield _other_state("results", seen, line)
        return
    rest = list(seen.results)
    for expected in case.expect:
        fitting = [found for found in rest if is_meant(expected, found)]
        if not fitting:
            yield _absent(expected, seen)
        elif len(fitting) > 1:
            yield Failure(
                "test.several",
                {"subject": expected.subject, "scopes": ", ".join(f.scope for f in fitting)},
                expected.place.line,
            )
            rest = [found for found in rest if found not in fitting]
        else:
            rest.remove(fitting[0])
            yield from _differences(expected, fitting[0])
    yield from (_unlisted(found, line) for found in rest)


def is_meant(expected: Expected, found: Found) -> bool:
    """Whether an expectation is about a result."""
    return found.subject == expected.subject and expected.scope in (None, found.scope)


def _other_state(expected: str, seen: Seen, line: int) -> Failure:
    if seen.why:
        return Failure("test.blind", {"expected": expected, "why": seen.why}, line)
    return Failure("test.state", {"expected": expected, "found": seen.state}, line)


def _absent(expected: Expected, seen: Seen) -> Failure:
    who = expected.subject if expected.scope is None else f"{expected.subject} {expected.scope}"
    judged = seen.rule is not None and any(map(seen.rule.applies, seen.contracts))
    key = "test.absent" if judged else "test.unjudged"
    contracts = ", ".join(f"{facts.exchange}.{facts.contract}" for facts in seen.contracts)
    return Failure(key, {"subject": who, "contracts": contracts}, expected.place.line)


def _unlisted(found: Found, line: int) -> Failure:
    return Failure(
        "test.unlisted",
        {
            "subject": found.subject,
            "scope": found.scope,
            "counted": number(found.counted),
            "gross": number(found.gross),
            "level": found.level or "none",
        },
        line,
    )


def _differences(expected: Expected, found: Found) -> Iterator[Failure]:
    asked = {
        "counted": (None if expected.counted is None else float(expected.counted), found.counted),
        "gross": (None if expected.gross is None else float(expected.gross), found.gross),
        "unknown": (expected.unknown, found.unknown),
    }
    for what, (wanted, there) in asked.items():
        if wanted is not None and abs(wanted - there) > 1e-9:
            yield _differs(expected, what, number(_whole(wanted)), number(_whole(there)))
    if expected.exempt is not None:
        wanted_exempt = {reason: n for reason, n in expected.exempt.items() if n}
        if wanted_exempt != found.exempt:
            yield _differs(expected, "exempt", _listed(wanted_exempt), _listed(found.exempt))
    if expected.level != found.level:
        yield _differs(expected, "level", expected.level or "none", found.level or "none")
    for level, tip in (("yellow", expected.yellow), ("red", expected.red)):
        if tip is not None and tip != found.tips.get(level):
            yield _other_tip(expected, level, tip, found.tips.get(level))
    if expected.reached_alone is not None and expected.reached_alone != found.reached_alone:
        said = {True: "yes", False: "no", None: "no level reached"}
        yield _differs(
            expected, "reached_alone", said[expected.reached_alone], said[found.reached_alone]
        )
    if expected.assumed is not None and sorted(expected.assumed) != sorted(found.assumed):
        yield _differs(
            expected, "assumed", ", ".join(expected.assumed), ", ".join(found.assumed) or "none"
        )


def _differs(expected: Expected, what: str, wanted: str, found: str) -> Failure:
    return Failure(
        "test.differs",
        {"subject": expected.subject, "what": what, "expected": wanted, "found": found},
        expected.place.line,
    )


def _other_tip(expected: Expected, level: str, tip: Tip, found: Tip | None) -> Failure:
    values = {"subject": expected.subject, "level": level, "line": tip.line, "time": tip.time}
    if found is None:
        return Failure("test.no_tip", values, expected.place.line)
    values |= {"found_line": found.line, "found_time": found.time}
    return Failure("test.tip", values, expected.place.line)


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _listed(exempt: dict[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in exempt.items()) or "nothing"
