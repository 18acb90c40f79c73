"""Item: one thing about a rule that a test can show, and what of a case shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...plan import PlanRule
from ...rules.rule import Rule
from ...wording import Language, text
from ..case import Case
from ..events import Event, events_of
from ..outcome import Found, Seen


@dataclass(frozen=True, slots=True)
class Witness:
    """A case that passed: what its day held, and what the rule made of it."""

    rule: Rule
    plan: PlanRule  # as it is where the log tells everything
    case: Case
    seen: Seen
    events: list[Event]

    @property
    def results(self) -> tuple[Found, ...]:
        """The results of the case."""
        return self.seen.results

    def reason(self, event: Event) -> int:
        """Return 0 where an event counts, 1 where ``only`` drops it, k + 2 for exemption k."""
        return self.plan.reason(event.attributes, event.facts)

    def subject_of(self, event: Event) -> str | None:
        """Return the name of who is judged for an event."""
        return self.seen.subject_of.get(event.account)


def witness(rule: Rule, plan: PlanRule, case: Case, seen: Seen) -> Witness:
    """Return a case that passed as a witness."""
    return Witness(rule, plan, case, seen, events_of(case, seen, rule.count))


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be shown.

    key : of its text
    shown_by : whether a case shows it
    values, chinese : what stands in the text, and what of it is another in Chinese
    """

    key: str
    shown_by: Callable[[Witness], bool]
    values: Mapping[str, str] = field(default_factory=dict)
    chinese: Mapping[str, str] = field(default_factory=dict)

    def told(self, lang: Language) -> str:
        """Return it in words."""
        values = {**self.values, **self.chinese} if lang == "zh" else self.values
        return text(lang, f"cover.{self.key}", **values)
