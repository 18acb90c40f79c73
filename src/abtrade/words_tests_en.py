"""English texts of the tests of rules, by key; ``words_tests_zh`` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- why a case fails ------------------------------------------------------------------------
    "test.error": "could not be scanned: {message}",
    "test.bad_row": "line {line} of the log, time {time}: no good row: {reason}",
    "test.fault": "line {line} of the log, time {time}: a fault in the log: {fault}",
    "test.state": "expected {expected}, found {found}",
    "test.blind": "expected {expected}, found blind: {why}",
    "test.absent": "subject {subject}: expected a result, found none",
    "test.unjudged": "subject {subject}: expected a result, but the rule judges none of the "
    "contracts of the log: {contracts}",
    "test.several": "subject {subject}: has several results: say which by scope: {scopes}",
    "test.unlisted": "subject {subject}, {scope}: expected no result, found counted {counted}, "
    "gross {gross}, level {level}",
    "test.differs": "subject {subject}: expected {what} {expected}, found {found}",
    "test.tip": "subject {subject}: expected {level} at line {line}, time {time}, found at line "
    "{found_line}, time {found_time}",
    "test.no_tip": "subject {subject}: expected {level} at line {line}, time {time}, found no such "
    "event",
    # --- what tests show of a rule ---------------------------------------------------------------
    "cover.reached": "{level} reached by exactly enough",
    "cover.missed": "{level} missed by the least",
    "cover.large": "a cancel of just {size} lots is large",
    "cover.below_large": "a cancel of one lot less than {size} is not large",
    "cover.lets_through": "only {filter}: lets {word} through",
    "cover.stops": "only: stops something",
    "cover.exempts": "exemption {reason}: leaves {word} out",
    "cover.one_side_counts": "a self-trade with one order exempt counts",
    "cover.both_sides_exempt": "a self-trade with both orders exempt does not",
    "cover.incoming_exempt": "a self-trade whose incoming order alone is exempt",
    "cover.resting_exempt": "a self-trade whose resting order alone is exempt",
    "cover.takes_for_granted": "a log without {name}, which is taken for {word}",
    "cover.first_day": "judged on the first day, {day}",
    "cover.day_before": "not in force on the day before, {day}",
    "cover.last_day": "judged on the last day, {day}",
    "cover.day_after": "not in force on the day after, {day}",
    "cover.apart": "amounts of one subject in two contracts, not added up",
    "cover.added_up": "amounts of one subject in two contracts, added up over the {scope}",
    "cover.scopes_apart": "amounts of one subject in two such scopes ({scope}), not added up",
    "cover.group": "linked accounts judged as one",
    "cover.product": "product {product} judged",
    "cover.other_product": "another product of the exchange not judged",
    "cover.kind": "a contract that is not {kind} not judged",
    # --- the report ------------------------------------------------------------------------------
    "test.not_covered": "not shown by any test: {item}",
    "test.coverage": "{pack}: {rules}, {items}, {covered} covered",
    "test.passed": "ok",
    "test.failed": "FAILED",
    "test.untested": "no test: expected {path}",
    "test.summary": "{rules}, {cases}: {passed} passed, {failed} failed; {untested}; "
    "{seconds:.1f} s",
    "test.n.rules": "{n} rules",
    "test.n.rules.one": "{n} rule",
    "test.n.cases": "{n} cases",
    "test.n.cases.one": "{n} case",
    "test.n.items": "{n} items",
    "test.n.items.one": "{n} item",
    "test.n.untested": "{n} rules without a test",
    "test.n.untested.one": "{n} rule without a test",
    "test.unmatched": "no case has {text} in its name or its rule's",
}
