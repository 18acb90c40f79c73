"""The English texts of ``abtrade rules check``, by key; ``words_check_zh`` has the same."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "check.R002": "the id {id} stands in {other} too, for days they share",
    "check.R002.advice": "end one version (to) before the other begins (from), or give it another "
                         "id",
    "check.R003": "no version of {id} from {first} to {last}, between {other} and this one",
    "check.R003.advice": "let the earlier version last until this one begins, or say why not: "
                         "# meant R003: ...",
    "check.R004": "never says what {other} ({path}) does not: that one lasts as long, counts as "
                  "much over as wide a scope, and its levels come no later",
    "check.R004.advice": "leave one of the two out, or make them differ",
    "check.R005": "leaves out every event of which the log tells what is asked: nothing is left to "
                  "count",
    "check.R005.advice": "narrow this exemption, or the ones before it, or widen only",
    "check.R006": "nothing that fits this filter is ever counted: products or leave_out take all "
                  "of it",
    "check.R006.advice": "take the filter out, or the products or exemptions that take all of it",
    "check.R007": "lets nothing through that the other filters of only do not",
    "check.R007.advice": "take this filter out, or narrow the others",
    "check.R008": "this exemption is never the reason of anything: only, or the entries above, "
                  "take all of it",
    "check.R008.advice": "take the entry out, or put it before what takes all of it",
    "check.R009.products": "judges nothing: {exchange} has no product {products}, as far as known",
    "check.R009.options": "judges nothing: {products} are futures, and only options are of a "
                          "series or out of the money",
    "check.R009.size": "no cancel is of {lots} lots: an order of these products has at most {most}",
    "check.R009.share": "{level} is never reached: a share is at most 1",
    "check.R009.advice": "correct the products, the size or the level; a product that does not "
                         "ship is known by --contracts",
    "check.R010.seen": "status {status}, and source does not say where the text was seen",
    "check.R010.found": "status {status}, and source has nothing to find the text by",
    "check.R010.number": "the clause does not name the number of its document, {number}",
    "check.R010.advice": "an alert is as good as the clause it names: complete source and clause",
    "check.R011": "no test beside the rule: {test}",
    "check.R011.advice": "write small days that reach each level, and days that do not",
    "check.R012": "{rule} is blind on this log of {day}: {why}",
    "check.R012.advice": "give the column, state it by --assume, or give the table",
    "check.R013.why": "says that {about} is meant, and not why",
    "check.R013.idle": "says that {about} is meant, and nothing of that code is found here",
    "check.R013.advice": "write # meant R003: and a reason, for what is found; else take it out",
    "check.error": "error",
    "check.warning": "warning",
    "check.nothing": "no problems",
    "check.warned": "no errors, warnings: {warnings}",
}
