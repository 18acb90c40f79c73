"""Versions: which rule, as it reads now, each scanned day is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..rules.document import printable, unknown_word
from ..rules.overlaid import overlaid
from ..rules.overlay_syntax import Overlay, overlay_of_scan, read_overlay
from ..rules.packs import RuleSet, list_packs, load_rules
from ..rules.rule import Rule
from .scanned import ScannedDay

Specs = tuple[str, ...] | RuleSet


class Version(NamedTuple):
    """A rule as it stands on a day; ``rule`` is None where none is in force."""

    rule: Rule | None
    named: bool  # asked for by name: it then judges contracts of every exchange
    scanned: str | None  # the version that the scan went by; None: it had no such rule

    @property
    def is_scanned(self) -> bool:
        """Whether the scan went by the very same text."""
        return self.rule is not None and self.rule.version == self.scanned


class Versions:
    """The rules that scans went by, and those of a file that are asked about instead."""

    def __init__(
        self,
        rule: str | None,
        with_rules: str | Path | RuleSet | None,
        overlay: str | Path | None = None,
    ) -> None:
        self._overlay = overlay
        self._loaded: dict[tuple[tuple[str, ...] | str, date | None], tuple[Rule, ...]] = {}
        self._overlays: dict[str, Overlay] = {}
        self._paths: dict[Path, str | None] = {}  # of overlays, by the day's folder
        self._given = (str(with_rules),) if isinstance(with_rules, str | Path) else with_rules
        self.rule = rule if rule is not None else self._only_rule()

    def of(self, day: ScannedDay) -> Version:
        """Return the rule as the day's scan went by it. Raises RuleError, InputError."""
        specs = _specs(day)
        found = [rule for rule in self.rules_of(day) if rule.id == self.rule]
        scanned = day.run["rules"].get(self.rule)
        if not found and scanned is not None:
            raise day.problem(
                f"the scan went by {self.rule}, which {', '.join(specs) or 'no pack'} does not "
                "have now; name a file that has it by --with-rules"
            )
        return Version(found[0] if found else None, bool(specs), scanned)

    def instead(self, day: ScannedDay) -> Version | None:
        """Return the rule of the file that was given, None where none was."""
        if self._given is None:
            return None
        found = [each for each in self._rules(self._given, day.day) if each.id == self.rule]
        return Version(found[0] if found else None, True, None)

    def rules_of(self, day: ScannedDay) -> tuple[Rule, ...]:
        """Return every rule that the specs of a day's scan name, as its overlay had it then."""
        rules = self._rules(_specs(day), day.day)
        if day.path not in self._paths:
            self._paths[day.path] = overlay_of_scan(day.run, self._overlay, day.path)
        path = self._paths[day.path]
        if path is None:
            return rules
        if path not in self._overlays:
            self._overlays[path] = read_overlay(path)
        overlay = self._overlays[path]
        if day.options.get("pseudonyms") and any(each.filter.people for each in overlay.exemptions):
            raise day.problem(
                f"{printable(path)} exempts people by name, and the folder holds pseudonyms: it "
                "takes a scan to answer"
            )
        rules = tuple(overlaid(rule, overlay, day.day) for rule in rules)
        overlay.page.fail_if_any()
        return rules

    def is_known(self, day: ScannedDay) -> bool:
        """Whether the rule is in force on some day, though not on those that were scanned."""
        specs = self._given if self._given is not None else _specs(day)
        return any(rule.id == self.rule for rule in self._all(specs, None))

    def unknown(self, days: Sequence[ScannedDay]) -> InputError:
        """Return the error of a rule that no day and no file has."""
        known = dict.fromkeys(name for day in days for name in day.run["rules"])
        specs = self._given if self._given is not None else _specs(days[0])
        known.update(dict.fromkeys(rule.id for rule in self._all(specs, None)))
        return InputError(f"--rule: {unknown_word('rule', self.rule, sorted(known))}")

    def _only_rule(self) -> str:
        if self._given is None:
            raise InputError("--rule: name the rule that is asked about")
        names = sorted({rule.id for rule in self._all(self._given, None)})
        if len(names) != 1:
            raise InputError(f"--rule: name one of those that are given: {', '.join(names)}")
        return names[0]

    def _rules(self, specs: Specs, day: date) -> tuple[Rule, ...]:
        if isinstance(specs, RuleSet) or any("@" in spec for spec in specs):
            return self._all(specs, day)
        return tuple(rule for rule in self._all(specs, None) if rule.in_force(day))

    def _all(self, specs: Specs, day: date | None) -> tuple[Rule, ...]:
        key = specs.hash if isinstance(specs, RuleSet) else specs, day
        if key not in self._loaded:
            self._loaded[key] = load_rules(specs, day).rules
        return self._loaded[key]


def _specs(day: ScannedDay) -> tuple[str, ...]:
    """Return what rules a scan was asked for; paths as they stood in its working directory."""
    folder = Path(day.run.get("working_directory") or ".")
    packs = set(list_packs())
    return tuple(
        spec if spec.partition("@")[0] in packs or not (folder / spec).exists()
        else str(folder / spec)
        for spec in day.options["rules"]
    )  # fmt: skip
