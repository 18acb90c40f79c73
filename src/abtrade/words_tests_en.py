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
    # --- the report ------------------------------------------------------------------------------
    "test.passed": "ok",
    "test.failed": "FAILED",
    "test.untested": "no test: expected {path}",
    "test.summary": "{rules} rules, {cases} cases: {passed} passed, {failed} failed; {untested} "
    "rules without a test; {seconds:.1f} s",
    "test.unmatched": "no case has {text} in its name or its rule's",
}
