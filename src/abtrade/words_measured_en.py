"""English texts of alerts on positions, openings, bursts, limit-price cancels and figures."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- who did what ----------------------------------------------------------------------------
    "did.ordered_open_lots": "ordered to open {n} lots (buys and sells together)",
    "did.filled_lots": "had {n} lots filled (buys and sells together)",
    "did.limit_price_cancels": "made {n} cancels at limit prices already traded at",
    "did.limit_price_cancel_lots": "cancelled {n} lots at limit prices already traded at",
    "did.burst_occasions": "sent {parameter} messages or more within one second ({window}) {n} "
    "times",
    "did.long_lots": "held up to {n} lots long, all its accounts together,",
    "did.short_lots": "held up to {n} lots short, all its accounts together,",
    "did.volume_share": "made up {n} of all filled lots",
    "did.order_share": "made up {n} of all orders",
    "did.cancel_share": "made up {n} of all cancels",
    "did.open_interest_share": "held {n} of the open interest",
    "did.volume_deviation": "had a share of the filled lots {n} spreads above the median of its "
    "own earlier days",
    "did.order_deviation": "had a share of the orders {n} spreads above the median of its own "
    "earlier days",
    "did.cancel_deviation": "had a share of the cancels {n} spreads above the median of its own "
    "earlier days",
    "did.kernel": "came to {n} by the desk's own measure {parameter}",
    "did.one.ordered_open_lots": "ordered to open 1 lot",
    "did.one.filled_lots": "had 1 lot filled",
    "did.one.limit_price_cancels": "made 1 cancel at a limit price already traded at",
    "did.one.limit_price_cancel_lots": "cancelled 1 lot at a limit price already traded at",
    "did.one.burst_occasions": "sent {parameter} messages or more within one second ({window}) "
    "once",
    "did.one.long_lots": "held up to 1 lot long",
    "did.one.short_lots": "held up to 1 lot short",
    "window.calendar": "a second of the clock",
    "window.sliding": "any second",
    "where.series": "in all{exchange} contracts of series {name}",
    "unit.ordered_open_lots": " lots",
    "unit.filled_lots": " lots",
    "unit.limit_price_cancel_lots": " lots",
    "unit.long_lots": " lots",
    "unit.short_lots": " lots",
    "unit.one.ordered_open_lots": " lot",
    "unit.one.filled_lots": " lot",
    "unit.one.limit_price_cancel_lots": " lot",
    "unit.one.long_lots": " lot",
    "unit.one.short_lots": " lot",
    "percent": "{n}%",
    # --- levels and limits -----------------------------------------------------------------------
    "limit.part": "{sign} {part} of the limit of {limit} lots (from {lots} lots on)",
    "limit.part.short": ">= {lots} ({part})",
    "limit.source": "The limit of {n} lots {sure}{origin}.",
    "limit.source.part": "Of the limit, {n} lots: the number {sure}{origin}.",
    "limit.verified": "was read in the exchange's own words, or a reprint of them",
    "limit.secondary": "was read in secondary sources, not in the exchange's own",
    "limit.unverified": "is unverified",
    "limit.given": "is as given",
    "limit.row": ", row {row} of the table of limits",
    "limit.origin": "; its source: {source}",
    "reached.position": "{level} standard {limit}: first reached at {place}, {clock} Beijing time, "
    "when the position came to {count} lots.",
    "reached.opening": "{level} standard {limit}: reached; the position was that high when the day "
    "began.",
    "at the opening": "at the opening",
    # --- what was measured besides ---------------------------------------------------------------
    "ledger.figure": "With nothing left out it comes to {gross}.",
    "ledger.kernel": "With nothing left out it comes to {gross}; events left out: {entries}.",
    "ledger.kernel.all": "Nothing was left out.",
    "partial.kernel": "the figure is of the part that is seen",
    "partial.figure": "the figure is of the part that is seen",
    "shares.position": "Held by account when the level was first reached: {entries}.",
    "shares.kernel": "Events counted by account: {entries}.",
    "shares.bursts": "Messages in those seconds by account: {entries}.",
    "position.peak": "The peak of {n} was reached at {place}, {clock} Beijing time.",
    "position.peak.opening": "The peak of {n} was the position at the opening.",
    "position.ends": "At the opening it held {opening}, at the end of the day {end}.",
    "position.passages": "It rose to the {level} level {n} times.",
    "position.passages.once": "It rose to the {level} level once.",
    "position.fell_back": "It first fell back under the {level} level at {place}, {clock} Beijing "
    "time, to {n}.",
    "position.ends_there": "It ended the day at the {level} level.",
    "position.peak_shares": "Held by account at the peak: {entries}.",
    "bursts.first": "The first such second began at {clock} Beijing time.",
    "bursts.busiest": "The busiest began at {clock} Beijing time, with {n} messages.",
    "kernel.about": "What it measures: {about}.",
    "kernel.highest": "It was highest at {place}, {clock} Beijing time.",
    "statistic": "A comparison is no proof: such a rule gives yellow at most.",
    "statistic.share": "The subject has {numerator} of {denominator}.",
    "statistic.rank": "It ranks {rank} of all subjects there.",
    "statistic.deviation": "Its share on this day is {share}; its shares of the last {days} days "
    "have a median of {median} and a spread of {spread}.",
    "granted.opening positions are none": "opening positions are none",
}
