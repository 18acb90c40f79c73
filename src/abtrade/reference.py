"""ReferenceEngine: what every count means, in plain Python, one row after the other.

It ships as the audit engine (``--engine reference``): slow, and written to be read beside the
counting rules. Each action of the log has one method below, which says what the row does to its
order, what it counts, and which fault it is.

Three words are used throughout. A *reference* is what a row says of one order it names; a trade
row of the exchange form has two. *Attributes* are what rules may ask of an event, packed as
``schema.ATTRIBUTE_BITS`` says. A *cell* holds the counts of one account, contract and attributes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from . import schema, state_hash
from .batch import Batch
from .counts import ContractRows, Crossing, DayCounts, FaultCount
from .names import Names
from .observers import ReferenceObserver, in_row_order
from .plan import ContractFacts, Plan
from .reference_books import ReferenceBooks
from .reference_levels import Listener
from .reference_orders import (
    NEVER_OPENED,
    UNKNOWN_ORDER,
    Finish,
    Order,
    TradeSide,
    differs,
    open_order,
    opposite,
    packed,
    take_fill,
    unlike,
)
from .reference_rows import OrderKey, Reference, Row, TradeKey, rows_of
from .reference_tally import Tally, large_cancels
from .schema import (
    NULL_ID,
    NULL_LOTS,
    NULL_PRICE,
    Action,
    CancelBy,
    Fault,
    Offset,
    Phase,
    Side,
    Tif,
)
from .steps import Flag, Step, What

AT_ONCE: Final = (Tif.FAK, Tif.FOK)
"""Orders of which what does not trade at once is taken off: the automatic remainder."""

NO_REMAINDER: Final = (CancelBy.EXPIRY, CancelBy.SELF_MATCH, CancelBy.DISCONNECT, CancelBy.FORCED)
"""Who takes off such an order without that being its automatic remainder."""

MESSAGE_CANCELS: Final = (0, CancelBy.UNNAMED, CancelBy.CLIENT, CancelBy.FORCED)
"""Who took the order off, where its cancel is a message: the client, nobody named, or forced."""

ORDINARY_TRADES: Final = (0, schema.TradeType.NORMAL, schema.TradeType.COMBINATION_LEG)
"""Types of trade that can be self-trades or openings; a trade of no named type is normal."""


@dataclass(frozen=True, slots=True)
class FirstTwin:
    """The first row of a trade in broker form, and the side that it filled."""

    row: Row
    side: TradeSide
    direction: int  # schema.Side of its order, 0 unknown


class ReferenceEngine:
    """The counts of one trading day.

    ``contract`` and ``account`` tell it of every dense id, in id order, before the first batch
    that has the id; ``feed`` takes the rows, in the order in which they are counted; ``finish``
    returns what they came to. ``columns`` are the columns of the log that are read;
    ``clock_phases``: phases are put in by the clock, as the log has none.
    """

    def __init__(
        self,
        plan: Plan,
        names: Names,
        *,
        columns: frozenset[str],
        observers: Sequence[ReferenceObserver] = (),
        clock_phases: bool = False,
    ) -> None:
        self._plan = plan
        self._names = names
        self._names_who_cancelled = "cancel_by" in columns
        self._tells_matches = not columns.isdisjoint(schema.MATCH_COLUMNS)
        self._tally = Tally(plan)
        self._orders: dict[OrderKey, Order] = {}
        self._filled_unknown: set[OrderKey] = set()  # filled for an account, never opened so far
        self._first_twins: dict[TradeKey, FirstTwin] = {}
        self._matched_trades: set[TradeKey] = set()
        self._books: ReferenceBooks | None = None
        if plan.book:
            self._books = ReferenceBooks(
                self._orders, self._matched_trades, clock_phases=clock_phases
            )
        self._crossings: list[tuple[int, Crossing]] = []  # that observers found, by row
        self._faults: dict[tuple[int, Fault], list[Row]] = defaultdict(list)
        self._rows: dict[int, ContractRows] = {}
        self._rows_read = 0
        self._finished = False
        self._observers = observers
        self._steps: list[Step] = []  # of the row that is being counted
        self._touched: set[tuple[int, int]] = set()  # contract, side: a trade at its limit price

    def contract(self, contract_id: int, facts: ContractFacts) -> None:
        """Tell what is known of the next contract id."""
        self._tally.add_contract(contract_id, facts)
        for observer in self._observers:
            observer.contract(contract_id, facts)

    def account(
        self,
        account_id: int,
        subject: int,
        alone: int,
        client: int,
        market_products: frozenset[str],
        named: int = 0,
    ) -> None:
        """Tell of the next account id.

        ``subject`` is who is judged; ``alone`` the subject that is judged besides, the client of a
        member of a suspected group, -1 for all others; ``client`` is in ids of clients;
        ``market_products`` are the products in which the account is a market maker on the day;
        ``named`` is the code of the exemptions that name it.
        """
        self._tally.add_account(account_id, subject, alone, market_products, named)
        for observer in self._observers:
            observer.account(account_id, subject, alone, client)

    def listen(self, listener: Listener) -> None:
        """Have every event that is put to a rule told, as it is counted or left out."""
        self._tally.listen(listener)
        for observer in self._observers:
            observer.listen(listener)

    def feed(self, batch: Batch) -> None:
        """Count the rows of a batch, in their order."""
        assert not self._finished, "the day is over"
        for row in rows_of(batch, self._rows_read):
            self._rows_read += 1
            self._note_row(row)
            if self._books is not None:
                self._books.before(row)
            match row.action:
                case Action.NEW:
                    self._new(row)
                case Action.CARRIED:
                    self._open(row)
                case Action.CANCEL:
                    self._cancel(row)
                case Action.AMEND:
                    self._amend(row)
                case Action.REJECT:
                    self._reject(row)
                case Action.RFQ:
                    self._rfq(row)
                case Action.TRADE:
                    self._trade(row)
            if self._books is not None:
                self._books.after(row)
            self._show(row)

    def _show(self, row: Row) -> None:
        """Let the observers see what a row did, and note what it touched for later ones."""
        for observer in self._observers:
            self._crossings += [(row.index, found) for found in observer.row(row, self._steps)]
        self._steps.clear()
        if row.action == Action.TRADE and row.trade_type in ORDINARY_TRADES:
            self._touched |= {
                (row.contract, side)
                for side, limit in self._limits(row.contract).items()
                if row.price == limit
            }

    def _limits(self, contract: int) -> dict[int, int | None]:
        """Return the limit price for each side: the upper for buys, the lower for sells."""
        upper, lower = self._tally.facts[contract].limit_prices()
        return {Side.BUY: upper, Side.SELL: lower}

    def _at_limit(self, contract: int, side: int, price: int) -> bool:
        return price != NULL_PRICE and self._limits(contract).get(side) == price

    def _step(
        self,
        row: Row,
        what: What,
        account: int,
        attributes: int,
        *,
        lots: int = 0,
        side: int = 0,
        offset: int = 0,
        flags: int = 0,
        match: int = -1,
    ) -> None:
        """Note what the row did for an account."""
        self._steps.append(
            Step(
                row.index, lots, row.price, match, row.contract, account,
                self._tally.judged(row.contract, account, attributes) % schema.ATTRIBUTE_SPACE,
                what, side, offset, flags,
            )
        )  # fmt: skip

    def finish(self) -> DayCounts:
        """Return the day's counts; a row of the broker form still without its twin is a fault."""
        assert not self._finished, "finish is called once"
        self._finished = True
        for twin in self._first_twins.values():
            self._fault(Fault.ONE_SIDED_TRADE, twin.row)
        state = self.state_hash()
        seen = [observer.finish() for observer in self._observers]
        faults = [_fault_count(*key, rows) for key, rows in sorted(self._faults.items())]
        return DayCounts(
            plan=self._plan,
            cells=self._tally.cell_table(),
            pairs=self._tally.pairs(),
            crossings=in_row_order(
                [
                    *self._tally.crossings(),
                    *self._crossings,
                    *(found for each in seen for found in each.crossings),
                ]
            ),
            faults=faults + [fault for observed in seen for fault in observed.faults],
            rows=[self._rows[contract] for contract in sorted(self._rows)],
            state_hash=state,
            measures=[measure for observed in seen for measure in observed.measures],
            observed={name: table for each in seen for name, table in each.tables.items()},
            books=[] if self._books is None else self._books.finish(self._rows.keys()),
        )

    def release(self) -> None:
        """Let go of nothing: the reference is for small logs, and for questions afterwards."""

    def state_hash(self) -> int:
        """Return 64 bits of the state; ``finish`` leaves it as the last row did."""
        parts = (part for kind in self._state_parts() for part in kind)
        seen = (observer.state_hash() for observer in self._observers)
        return (sum(parts) + sum(seen)) & state_hash.WORD

    # --- orders --------------------------------------------------------------------------------

    def _new(self, row: Row) -> None:
        """Count an order and a message, unless the id is taken: then the row is not an order."""
        order = self._open(row)
        if order is None:
            return
        attributes = order.attributes | packed(phase=row.phase)
        self._tally.count(row, row.contract, order.account, attributes, "orders")
        self._tally.count(row, row.contract, order.account, attributes, "messages")
        if order.offset == Offset.OPEN:
            self._tally.count_extra(
                row, order.account, attributes, "ordered_open_lots", row.lots
            )

    def _open(self, row: Row) -> Order | None:
        """Open an order, which is all that a ``carried`` row does. None: an earlier one stands."""
        key = row.order_reference().key
        if key in self._orders:
            self._fault(Fault.DUPLICATE_ORDER, row)
            return None
        self._orders[key] = open_order(row, filled=key in self._filled_unknown)
        self._filled_unknown.discard(key)
        order = self._orders[key]
        order.at_limit = self._at_limit(row.contract, order.side, row.price)
        is_new = row.action == Action.NEW
        self._step(
            row, What.ORDER if is_new else What.CARRIED, order.account,
            order.attributes | packed(phase=row.phase), lots=row.lots, side=order.side,
            offset=order.offset, flags=Flag.MESSAGE if is_new else 0,
        )  # fmt: skip
        return order

    def _reject(self, row: Row) -> None:
        """Count nothing; a reject of an order that was opened is a fault, and has no effect."""
        if row.order_reference().key in self._orders:
            self._fault(Fault.REJECT_AFTER_NEW, row)

    def _rfq(self, row: Row) -> None:
        """Count a message, with the attributes of the row itself: there is no order."""
        attributes = packed(hedge=row.hedge, order_type=row.order_type, phase=row.phase)
        self._tally.count(row, row.contract, row.account, attributes, "messages")
        self._step(row, What.RFQ, row.account, attributes, side=row.side, flags=Flag.MESSAGE)

    def _amend(self, row: Row) -> None:
        """Count a message and set the lots left; none left finishes the order, and is no cancel."""
        reference = row.order_reference()
        order = self._orders.get(reference.key)
        if order is None:
            self._fault(Fault.UNKNOWN_ORDER, row)
            if reference.account != NULL_ID:
                attributes = UNKNOWN_ORDER | packed(phase=row.phase)
                self._tally.count(row, row.contract, reference.account, attributes, "messages")
                self._step(
                    row, What.AMEND, reference.account, attributes, lots=row.lots, side=row.side,
                    flags=Flag.MESSAGE,
                )  # fmt: skip
            return
        if order.finish is not None:
            self._fault(Fault.EVENT_AFTER_FINISH, row)
            return
        if differs(reference, order):
            self._fault(Fault.DIFFERS, row)
        attributes = order.attributes | packed(phase=row.phase)
        self._tally.count(row, row.contract, order.account, attributes, "messages")
        if row.price != NULL_PRICE:
            order.at_limit = self._at_limit(row.contract, order.side, row.price)
        self._step(
            row, What.AMEND, order.account, attributes, lots=row.lots, side=order.side,
            offset=order.offset, flags=Flag.MESSAGE,
        )  # fmt: skip
        if row.lots != NULL_LOTS:
            order.set_left(row.lots, Finish.AMENDED)

    # --- cancels -------------------------------------------------------------------------------

    def _cancel(self, row: Row) -> None:
        """Take lots off an order; a row that takes none off counts nothing and is no message."""
        reference = row.order_reference()
        order = self._orders.get(reference.key)
        if order is None:
            self._fault(Fault.UNKNOWN_ORDER, row)
            self._cancel_unknown(row, reference)
            return
        if order.finish is not None:
            self._fault(Fault.EVENT_AFTER_FINISH, row)
            return
        if row.lots > order.left:
            self._fault(Fault.CANCEL_OVER_LEFT, row)
        elif differs(reference, order):
            self._fault(Fault.DIFFERS, row)

        taken = order.left if row.lots == NULL_LOTS else min(row.lots, order.left)
        if taken == 0:
            return
        at_once = order.tif in AT_ONCE
        order.set_left(
            order.left - taken, Finish.CANCELLED_AT_ONCE if at_once else Finish.CANCELLED
        )
        remainder = at_once and row.cancel_by not in NO_REMAINDER
        # Where the remainder is sent before the trades, what is left is more than it takes off.
        trades_to_come = self._tally.facts[row.contract].exchange in schema.REMAINDER_BEFORE_TRADES
        unsure = remainder and row.lots == NULL_LOTS and trades_to_come
        self._count_cancel(
            row,
            account=order.account,
            attributes=order.attributes,
            cancel_by=self._cancel_by(row, remainder=remainder),
            large_lots=0 if unsure else taken,
            taken=taken,
            order=order,
            remainder=remainder,
        )

    def _cancel_unknown(self, row: Row, reference: Reference) -> None:
        """Count a cancel of an order never opened for the account that the row names, if any.

        Null lots took off all that was left, but nobody knows how many those were: never large.
        """
        if reference.account == NULL_ID or row.lots == 0:
            return
        self._count_cancel(
            row,
            account=reference.account,
            attributes=UNKNOWN_ORDER,
            cancel_by=self._cancel_by(row, remainder=False),
            large_lots=0 if row.lots == NULL_LOTS else row.lots,
            taken=max(row.lots, 0),
        )

    def _cancel_by(self, row: Row, *, remainder: bool) -> int:
        """Return who took the order off: an automatic remainder counts as by the client."""
        if not self._names_who_cancelled:
            return 0
        if remainder:
            return CancelBy.CLIENT
        return row.cancel_by or CancelBy.UNNAMED

    def _count_cancel(
        self,
        row: Row,
        account: int,
        attributes: int,
        cancel_by: int,
        large_lots: int,
        *,
        taken: int,
        order: Order | None = None,
        remainder: bool = False,
    ) -> None:
        """Count a cancel, in each size for which ``large_lots`` are enough, and its message."""
        attributes |= packed(phase=row.phase, cancel_by=cancel_by)
        is_message = cancel_by in MESSAGE_CANCELS
        self._step(
            row, What.CANCEL, account, attributes, lots=taken,
            side=row.side if order is None else order.side,
            offset=0 if order is None else order.offset,
            flags=(Flag.MESSAGE if is_message else 0) | (Flag.REMAINDER if remainder else 0),
        )  # fmt: skip
        self._tally.count(row, row.contract, account, attributes, "cancels")
        most = self._tally.facts[row.contract].max_order_lots
        for size in self._plan.large:
            at = size.at(most)
            if at is not None and large_lots >= at:
                self._tally.count(row, row.contract, account, attributes, large_cancels(size))
        if order is not None and order.at_limit and (row.contract, order.side) in self._touched:
            self._tally.count_extra(row, account, attributes, "limit_price_cancels", 1)
            self._tally.count_extra(row, account, attributes, "limit_price_cancel_lots", taken)
        if is_message:
            self._tally.count(row, row.contract, account, attributes, "messages")

    # --- trades --------------------------------------------------------------------------------

    def _trade(self, row: Row) -> None:
        """Fill each side that the row names, and match two sides where both are there.

        Exchange form: the row names both orders, and ``order_id`` came in, except in an auction.
        """
        if row.has_contra:
            one = self._fill(row, row.order_reference(), row.lots, row.trade_type)
            other = self._fill(row, row.contra_reference(), row.lots, row.trade_type)
            side = one.side or row.side or opposite(other.side)
            self._fill_step(row, one, side, row.lots, row.trade_type)
            self._fill_step(row, other, other.side or opposite(side), row.lots, row.trade_type)
            if row.phase == Phase.AUCTION and other.opened_at > one.opened_at:
                one, other = other, one
            self._match(row, one, other, row.lots, row.trade_type)
        elif row.has_trade:
            self._broker_trade(row)
        else:
            filled = self._fill(row, row.order_reference(), row.lots, row.trade_type)
            self._fill_step(row, filled, filled.side or row.side, row.lots, row.trade_type)
            if self._tells_matches:
                self._fault(Fault.ONE_SIDED_TRADE, row)

    def _broker_trade(self, row: Row) -> None:
        """Fill one side of a trade that has two rows; the match stands at the second of them.

        What the twins say differently the first one wins. A third row fills its side, alone.
        """
        key, side = row.trade_key, row.order_reference()
        if key in self._matched_trades:
            filled = self._fill(row, side, row.lots, row.trade_type)
            self._fill_step(row, filled, filled.side or row.side, row.lots, row.trade_type)
            self._fault(Fault.ONE_SIDED_TRADE, row)
        elif key not in self._first_twins:
            filled = self._fill(row, side, row.lots, row.trade_type)
            self._fill_step(
                row, filled, filled.side or row.side, row.lots, row.trade_type, row.index
            )
            self._first_twins[key] = FirstTwin(row, filled, self._side_of(row))
        else:
            first = self._first_twins.pop(key)
            self._matched_trades.add(key)
            lots = first.row.lots
            trade_type = first.row.trade_type or row.trade_type
            unfit = _twins_differ(first, row, self._side_of(row))
            one = self._fill(row, side, lots, trade_type, twins_differ=unfit)
            self._fill_step(
                row, one, one.side or row.side, lots, trade_type, first.row.index
            )
            other = first.side
            if other.opened_at > one.opened_at:
                one, other = other, one
            self._match(row, one, other, lots, trade_type)

    def _side_of(self, row: Row) -> int:
        """Return the side of a fill: its order's opening row's, else the one that its row says.

        A leg's is the row's, for a combination buys one leg and sells the other.
        """
        key = row.order_reference().key
        order = self._orders.get(key) if key.contract == row.contract else None
        return (order.side if order is not None else 0) or row.side

    def _fill_step(
        self,
        row: Row,
        filled: TradeSide,
        side: int,
        lots: int,
        trade_type: int,
        match: int = -1,
    ) -> None:
        """Note a fill for an account, where one is known."""
        if filled.account != NULL_ID:
            self._step(
                row, What.FILL, filled.account, filled.attributes | packed(phase=row.phase),
                lots=lots, side=side, offset=filled.offset,
                flags=Flag.ORDINARY if trade_type in ORDINARY_TRADES else 0, match=match,
            )  # fmt: skip

    def _match(
        self, row: Row, incoming: TradeSide, resting: TradeSide, lots: int, trade_type: int
    ) -> None:
        """Count a match of the types that can be self-trades."""
        if trade_type in ORDINARY_TRADES:
            self._tally.count_match(row, incoming, resting, lots)

    def _fill(
        self,
        row: Row,
        reference: Reference,
        lots: int,
        trade_type: int,
        *,
        twins_differ: bool = False,
    ) -> TradeSide:
        """Fill one order, with the lots printed whatever is left; return its side of the match."""
        order = self._orders.get(reference.key)
        if order is None:
            side = self._fill_unknown(row, reference)
        else:
            side = self._fill_order(row, reference, order, lots, twins_differ)
        if side.account != NULL_ID:
            attributes = side.attributes | packed(phase=row.phase)
            if side.offset == Offset.OPEN and trade_type in ORDINARY_TRADES:
                self._tally.count(row, row.contract, side.account, attributes, "open_lots", lots)
            self._tally.count_extra(row, side.account, attributes, "filled_lots", lots)
        return side

    def _fill_order(
        self, row: Row, reference: Reference, order: Order, lots: int, twins_differ: bool
    ) -> TradeSide:
        """Fill an order that was opened; return its side of the match.

        It is one filled order, in the contract where it stands, from its first fill on. The
        offset is the order's before the row's, which speaks of ``order_id`` only; of a leg of a
        combination it is the row's before the order's, for legs differ.
        """
        contract = reference.key.contract
        fault = take_fill(order, reference, row.contract, lots, twins_differ=twins_differ)
        if fault is not None:
            self._fault(fault, row)
        if not order.filled:
            order.filled = True
            attributes = order.attributes | packed(phase=order.phase)
            self._tally.count(row, contract, order.account, attributes, "filled_orders")
        is_leg = contract != row.contract
        known = (reference.offset, order.offset) if is_leg else (order.offset, reference.offset)
        return TradeSide(
            reference.key,
            reference.text,
            order.account,
            order.attributes,
            order.opened_at,
            side=0 if is_leg else order.side,
            offset=known[0] or known[1],
        )

    def _fill_unknown(self, row: Row, reference: Reference) -> TradeSide:
        """Fill an order never opened, for the account the row names; return its side.

        It is one filled order from its first fill for an account on, and stays that one where a
        later row opens it. Nothing is known of it, its phase included.
        """
        key, account = reference.key, reference.account
        self._fault(Fault.UNKNOWN_ORDER, row)
        if account != NULL_ID and key not in self._filled_unknown:
            self._filled_unknown.add(key)
            self._tally.count(row, key.contract, account, UNKNOWN_ORDER, "filled_orders")
        return TradeSide(
            key, reference.text, account, UNKNOWN_ORDER, NEVER_OPENED, offset=reference.offset
        )

    # --- faults, rows and state ----------------------------------------------------------------

    def _fault(self, kind: Fault, row: Row) -> None:
        self._faults[row.contract, kind].append(row)

    def _note_row(self, row: Row) -> None:
        """Note that the log holds this row, whatever becomes of it."""
        rows = self._rows.get(row.contract)
        if rows is None:
            rows = self._rows[row.contract] = ContractRows(
                row.contract, {}, row.seq, row.seq, row.ts, row.ts
            )
        action = Action(row.action)
        rows.actions[action] = rows.actions.get(action, 0) + 1
        rows.last_seq, rows.last_ts = row.seq, row.ts

    def _state_parts(self) -> Iterator[Iterator[int]]:
        """Yield the parts of the state hash, kind by kind."""
        mix = state_hash.mix
        yield (self._order_part(key, order) for key, order in self._orders.items())
        yield (
            mix(state_hash.FILLED_UNKNOWN_ORDER, self._contract_hash(key.contract), *key[1:])
            for key in self._filled_unknown
        )
        yield (
            mix(
                state_hash.WAITING_TRADE,
                self._contract_hash(key.contract),
                *key[1:],
                twin.row.lots,
            )
            for key, twin in self._first_twins.items()
        )
        yield (
            mix(
                state_hash.CELL,
                self._contract_hash(key.contract),
                self._account_hash(key.account),
                key.attributes,
                *self._tally.cell_values(key),
            )
            for key in self._tally.cells
        )
        if self._books is not None:
            yield self._books.state_parts(self._contract_hash)

    def _order_part(self, key: OrderKey, order: Order) -> int:
        name = (self._contract_hash(key.contract), key.high, key.low)
        if order.finish is not None:
            return state_hash.mix(state_hash.FINISHED_ORDER, *name)
        account = self._account_hash(order.account)
        return state_hash.mix(
            state_hash.OPEN_ORDER, *name, account, order.left, int(order.filled)
        )

    def _contract_hash(self, contract: int) -> int:
        return self._name_hash(*self._names.contracts[contract])

    def _account_hash(self, account: int) -> int:
        return self._name_hash(*self._names.accounts[account])

    def _name_hash(self, exchange: int, name: str) -> int:
        return state_hash.name_hash(state_hash.full_name(self._names.exchanges[exchange], name))


def _twins_differ(first: FirstTwin, second: Row, direction: int) -> bool:
    """Whether two rows of one trade are not one match: opposite sides, equal lots and price."""
    same_side = first.direction != 0 and first.direction == direction
    other_price = unlike(first.row.price, second.price, null=NULL_PRICE)
    return same_side or other_price or first.row.lots != second.lots


def _fault_count(contract: int, kind: Fault, rows: list[Row]) -> FaultCount:
    """Count a fault once per reference; a row that has it twice is named once, in row order."""
    distinct = {row.index: row for row in rows}
    first = [distinct[index] for index in sorted(distinct)][: schema.FIRST_FAULTS_KEPT]
    named = tuple((row.channel, row.seq, row.ts) for row in first)
    return FaultCount(contract, kind, len(rows), named)
