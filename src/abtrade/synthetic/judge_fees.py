"""Order fees of planted accounts, message by message, for the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import OutputError
from .bench import scope_of, subjects_of
from .contracts import Contract
from .events import Event, Events
from .fee_truth import FeeTruth, Payer
from .fees import Schedule, fee, is_dearer, schedules_of
from .plots import Planted


@dataclass(slots=True)
class _Bill:
    """What a subject did in a contract, without what it did as a market maker."""

    contract: int
    messages: int = 0
    exempt: int = 0
    filled: int = 0


def judge_fees(
    events: Events, contracts: Sequence[Contract], planted: Planted
) -> list[FeeTruth]:
    """Return what every planted subject pays in each contract in which it sent messages."""
    schedules = schedules_of(contracts)
    makers = {(account.client, product) for account, product in planted.makers}
    bills: dict[Payer, _Bill] = {}

    def own(event: Event) -> tuple[bool, list[_Bill]]:
        account, contract = planted.account(event.account), contracts[event.contract]
        payers = [
            Payer(contract.exchange, kind, name, scope_of("contract", contract))
            for kind, name, _ in subjects_of(account)
        ]
        makes_market = (account.client, contract.product) in makers
        return makes_market, [bills.setdefault(each, _Bill(event.contract)) for each in payers]

    for event in events["messages"]:
        makes_market, charged = own(event)
        for bill in charged:
            bill.messages += not makes_market
            bill.exempt += makes_market
    for event in events["filled_orders"]:
        makes_market, charged = own(event)
        for bill in charged:
            bill.filled += not makes_market
    stories: dict[tuple[str, str], str] = defaultdict(lambda: "adds lots to fills")
    stories |= planted.stories()
    truths = []
    for payer, bill in bills.items():
        if bill.messages + bill.exempt:
            charged_for = _charged(schedules[bill.contract], bill.messages, bill.filled)
            truths.append(FeeTruth(*payer, bill.messages, bill.exempt, bill.filled, *charged_for,
                                   stories[payer.exchange, payer.subject]))  # fmt: skip
    return truths


def _charged(
    schedule: Schedule | None, messages: int, filled: int
) -> tuple[bool, Decimal | None, Decimal | None]:
    """Return whether the dearer rates hold, the fee, and what one more message would cost."""
    if schedule is None:
        return False, None, None
    pays, more = (fee(schedule, number, filled) for number in (messages, messages + 1))
    return is_dearer(schedule, messages, filled), pays, more - pays


def check_fees(
    truths: Iterable[FeeTruth], planted: Planted, contracts: Sequence[Contract]
) -> None:
    """Hold what each story says that its subject pays against the truth of a day that tells all.

    Raises OutputError with every story that the log does not tell as it was meant.
    """
    pays = {truth.about: truth.fee for truth in truths}
    wrong = []
    for plot in planted.plots:
        if plot.story.fee is None:
            continue
        contract = contracts[plot.contracts[plot.story.acts[0].contract]]
        kind, name = planted.subject(plot)
        found = pays.get(Payer(plot.exchange, kind, name, scope_of("contract", contract))) or 0
        if found != plot.story.fee:
            meant = f"meant a fee of {plot.story.fee}, wrote {found}"
            wrong.append(f"{plot.exchange} {plot.story.text}: {meant}")
    if wrong:
        raise OutputError("\n".join(wrong))
