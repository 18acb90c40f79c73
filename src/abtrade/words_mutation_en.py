"""English texts on changed rules, by key; ``words_mutation_zh`` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- what was changed; a test file names a change by its English text -------------------------
    "mutation.changed": "{what} {old} -> {new}",
    "mutation.without": "without {what}",
    "mutation.linked": "linked accounts alone",
    "mutation.quota": "without quota {quota}",
    "mutation.products": "for all products",
    "mutation.product": "without product {product}",
    "mutation.contracts": "for all contracts",
    "mutation.assume": "without assuming {attribute}",
    "mutation.exemption": 'without exemption "{name}"',
    "mutation.exemption.word": 'exemption "{name}" without {attribute} {word}',
    "mutation.exemption.any": 'exemption "{name}" for any {attribute}',
    "mutation.exemption.more": 'exemption "{name}" with {attribute} {word}',
    "mutation.only.more": 'only "{name}" with {attribute} {word}',
    "mutation.only": "without only",
    "mutation.only.filter": 'only without "{name}"',
    "mutation.only.word": 'only "{name}" without {attribute} {word}',
    "mutation.only.any": 'only "{name}" for any {attribute}',
    # --- what came of it -------------------------------------------------------------------------
    "mutation.killed": "killed",
    "mutation.survived": "SURVIVED",
    "mutation.explained": "explained",
    "mutation.noticed": "{name}: {case}",
    "mutation.unnoticed": "{name}: no case notices",
    "mutation.why": "{name}: {why}",
    "mutation.stale.killed": 'explained, but the case "{case}" notices: {name}',
    "mutation.stale.unknown": "explained, but the rule has no such mutation: {name}",
    "mutation.failing": "fails by the rule as it is, so it can notice nothing: {case}",
    "mutation.summary": "{rules}, {mutations}: {killed} killed, {explained} explained, {survived} "
    "survived; {stale}; {failing}; {untested}; {seconds:.1f} s",
    "mutation.n.mutations": "{n} mutations",
    "mutation.n.mutations.one": "{n} mutation",
    "mutation.n.stale": "{n} explanations that nothing needs",
    "mutation.n.stale.one": "{n} explanation that nothing needs",
    "mutation.n.failing": "{n} cases that fail",
    "mutation.n.failing.one": "{n} case that fails",
    "mutation.unmatched": "no rule has {text} in its name",
}
