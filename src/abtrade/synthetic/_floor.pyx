"""The floor: orders matched by price and time, and the rows that an exchange would write.

The crowd's arrivals are loaded block by block, planted commands once; what follows from them
(cancels, quotes, the end of the auction, the close) stands on the agenda. Rows come out in order.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

import numpy as np

from ._agenda cimport Agenda, Entry, pop, put
from ._book cimport (
    BUY,
    NOBODY,
    SELL,
    Book,
    Level,
    Order,
    crosses,
    join,
    leave,
    on_offer,
)
from ._records cimport Arrival, Cell, Command, Market, Pair, Quoter, Row

cdef enum:
    NEW = 1                 # schema.Action
    CANCEL = 2
    TRADE = 3
    AMEND = 4
    REJECT = 5
    RFQ = 7

cdef enum:
    GFD = 1                 # schema.Tif
    FAK = 2
    FOK = 3

cdef enum:
    AUCTION = 1             # schema.Phase
    CONTINUOUS = 2
    CLOSED = 3

cdef enum:
    BY_CLIENT = 1           # schema.CancelBy
    BY_EXPIRY = 3

cdef enum:
    LIMIT = 1               # schema.OrderType
    QUOTE = 4
    MARKET_MAKER = 4        # schema.Hedge
    OPEN = 1                # schema.Offset
    CLOSE_TODAY = 3

cdef enum:                  # of agenda entries
    WITHDRAW = 0
    UNCROSS = 1
    EXPIRE = 2
    REQUOTE = 3

cdef enum:                  # of commands
    DO_NEW = 0
    DO_CANCEL = 1
    DO_AMEND = 2
    DO_RFQ = 3
    DO_CROSS = 4
    DO_FILL = 5
    DO_SWEEP = 6

cdef enum:
    SESSIONS = 5
    PROBES = 32

cdef int64_t LARGE_LOTS = 300
cdef int64_t NEVER = 0x7FFFFFFFFFFFFFFF

COMMANDS = {"new": DO_NEW, "cancel": DO_CANCEL, "amend": DO_AMEND, "rfq": DO_RFQ,
            "cross": DO_CROSS, "fill": DO_FILL, "sweep": DO_SWEEP}


cdef Row _row
cdef Arrival _arrival
cdef Command _command
cdef Cell _cell
cdef Quoter _quoter
cdef Market _market
memset(&_row, 0, sizeof(Row))
memset(&_arrival, 0, sizeof(Arrival))
memset(&_command, 0, sizeof(Command))
memset(&_cell, 0, sizeof(Cell))
memset(&_quoter, 0, sizeof(Quoter))
memset(&_market, 0, sizeof(Market))
ROW = np.asarray(<Row[:1]>&_row).dtype
ARRIVAL = np.asarray(<Arrival[:1]>&_arrival).dtype
COMMAND = np.asarray(<Command[:1]>&_command).dtype
CELL = np.asarray(<Cell[:1]>&_cell).dtype
QUOTER = np.asarray(<Quoter[:1]>&_quoter).dtype
MARKET = np.asarray(<Market[:1]>&_market).dtype


cdef struct Rows:
    Row* rows               # owned by the floor
    int64_t size
    int64_t room


cdef int keep(Rows* rows, const Row* row) except -1 nogil:
    cdef Row* grown
    if rows.size == rows.room:
        grown = <Row*>realloc(rows.rows, 2 * (rows.room + 1024) * sizeof(Row))
        if grown == NULL:
            with gil:
                raise MemoryError
        rows.rows = grown
        rows.room = 2 * (rows.room + 1024)
    rows.rows[rows.size] = row[0]
    rows.size += 1
    return 0


cdef object copied(const Rows* rows):
    """Return the rows as an array of its own: (n,) ROW."""
    taken = np.empty(rows.size, ROW)
    cdef Row[::1] view = taken
    cdef int64_t i
    for i in range(rows.size):
        view[i] = rows.rows[i]
    return taken


cdef class Floor:
    """Every book of a day, the agenda, and the rows written so far.

    ``live`` counts the orders that rest, ``dropped`` the arrivals that no cell had room for.

    markets : (contracts,) MARKET
    sessions : (contracts, 5, 2) int64, first and last ns of the auction, then of each session; an
        unused session has both equal
    cells : (cells,) CELL, those of one contract and side side by side
    quoters : (quoters,) QUOTER, with cells of their own
    commands : (commands,) COMMAND, sorted by time
    first_planted : accounts from here on are planted: their rows go to the journal too
    two_rows : a match has two rows, one a side, with a trade id
    chunk : about how many rows ``run`` makes before it asks for them to be taken
    note_closes : whether to keep what ``closed_lots`` returns
    """

    cdef Agenda agenda
    cdef Order* orders
    cdef int32_t order_room, free_slot
    cdef Book* books
    cdef Level* ladders
    cdef Rows out, journal
    cdef const Market[::1] markets
    cdef const int64_t[:, :, ::1] sessions
    cdef const Cell[::1] cells
    cdef const Quoter[::1] quoters
    cdef const Command[::1] commands
    cdef const Arrival[::1] arrivals
    cdef int32_t[::1] middle, ended, ended_large, next_cell, handle_slot
    cdef int64_t[::1] handle_serial, seqs, order_ids, trade_ids
    cdef uint8_t[::1] in_auction
    cdef int64_t[::1] first_close
    cdef int64_t[:, ::1] closed
    cdef Pair* quotes
    cdef int64_t arrival_at, command_at, serial, now, chunk
    cdef int32_t first_planted
    cdef bint two_rows
    cdef readonly int64_t dropped, live

    def __cinit__(
        self, const Market[::1] markets, const int64_t[:, :, ::1] sessions,
        const Cell[::1] cells, const Quoter[::1] quoters, const Command[::1] commands,
        *, int32_t first_planted, bint two_rows=False, int64_t chunk=1 << 17,
        bint note_closes=False,
    ):
        cdef int64_t levels = 0, at = 0
        cdef int32_t i, side
        self.markets, self.sessions, self.cells = markets, sessions, cells
        self.quoters, self.commands = quoters, commands
        self.arrivals = np.zeros(0, ARRIVAL)
        self.first_planted, self.two_rows, self.chunk = first_planted, two_rows, chunk
        self.free_slot = NOBODY
        self.middle = np.asarray(markets)["middle"].astype(np.int32)
        self.in_auction = np.ones(len(markets), np.uint8)
        self.ended, self.ended_large = np.zeros((2, len(cells)), np.int32)
        self.next_cell = _next_cells(np.asarray(cells))
        ends = np.cumsum(np.asarray(cells)["accounts"], dtype=np.int64)
        self.first_close = np.append(0, ends)
        self.closed = np.zeros((self.first_close[len(cells)] if note_closes else 0, 2), np.int64)
        handles = int(np.asarray(commands)["handle"].max(initial=-1)) + 1
        self.handle_slot = np.full(handles, NOBODY, np.int32)
        self.handle_serial = np.zeros(handles, np.int64)
        exchanges = int(np.asarray(markets)["exchange"].max(initial=0)) + 1
        self.seqs, self.order_ids, self.trade_ids = np.zeros((3, exchanges), np.int64)
        for i in range(len(markets)):
            levels += 2 * markets[i].levels
        self.books = <Book*>realloc(NULL, max(1, len(markets)) * sizeof(Book))
        self.ladders = <Level*>realloc(NULL, max(1, levels) * sizeof(Level))
        self.quotes = <Pair*>realloc(NULL, max(1, len(quoters)) * sizeof(Pair))
        if self.books == NULL or self.ladders == NULL or self.quotes == NULL:
            raise MemoryError
        memset(self.quotes, 0, len(quoters) * sizeof(Pair))
        for at in range(levels):
            self.ladders[at].lots = 0
            self.ladders[at].head = self.ladders[at].tail = NOBODY
        at = 0
        for i in range(len(markets)):
            for side in range(2):
                self.books[i].ladder[side] = &self.ladders[at]
                at += markets[i].levels
            self.books[i].levels = markets[i].levels
            self.books[i].best[BUY], self.books[i].best[SELL] = -1, markets[i].levels
        self._plan_day()

    def __dealloc__(self):
        free(self.agenda.entries)
        free(self.orders)
        free(self.books)
        free(self.ladders)
        free(self.quotes)
        free(self.out.rows)
        free(self.journal.rows)

    def load(self, const Arrival[::1] arrivals):
        """Give the next orders of the crowd, (n,) ARRIVAL sorted by time; all earlier are used."""
        assert self.arrival_at == self.arrivals.shape[0], "earlier ones are not used up"
        self.arrivals, self.arrival_at = arrivals, 0

    def run(self, int64_t until):
        """Let the day go on, to a time (ns) not included; return whether rows are to be taken.

        True: take them and call again. Raises MemoryError.
        """
        cdef bint full
        with nogil:
            full = self._run(until)
        return full

    def take(self):
        """Return the rows written since the last call: (n,) ROW."""
        taken = copied(&self.out)
        self.out.size = 0
        return taken

    def planted_rows(self):
        """Return every row of a planted account so far: (n,) ROW, a match as one row."""
        return copied(&self.journal)

    def closed_lots(self):
        """Return the lots that accounts of the crowd were filled to close: (n, 2) int64.

        One row an account of each cell, in the order of cells: those of ``close_today``, others.
        """
        return np.array(self.closed)

    # --- the course of the day -------------------------------------------------------------------

    cdef int _plan_day(self) except -1:
        cdef int32_t i
        cdef int64_t last
        for i in range(self.markets.shape[0]):
            put(&self.agenda, self.sessions[i, 0, 1], UNCROSS, i, 0)
            last = max(self.sessions[i, k, 1] for k in range(SESSIONS))
            put(&self.agenda, last, EXPIRE, i, 0)
        for i in range(self.quoters.shape[0]):
            last = self.sessions[self.cells[self.quoters[i].cell].contract, 1, 0]
            put(&self.agenda, last + self.quoters[i].interval // 2, REQUOTE, i, 0)
        return 0

    cdef bint _run(self, int64_t until) except -1 nogil:
        cdef int64_t next_entry, next_command, next_arrival
        cdef Entry entry
        while self.out.size < self.chunk:
            next_entry = self.agenda.entries[0].ts if self.agenda.size else NEVER
            next_command = next_arrival = NEVER
            if self.command_at < self.commands.shape[0]:
                next_command = self.commands[self.command_at].ts
            if self.arrival_at < self.arrivals.shape[0]:
                next_arrival = self.arrivals[self.arrival_at].ts
            self.now = min(next_entry, min(next_command, next_arrival))
            if self.now >= until:
                return False
            if self.now == next_entry:
                entry = pop(&self.agenda)
                self._do_entry(&entry)
            elif self.now == next_command:
                self._do_command(&self.commands[self.command_at])
                self.command_at += 1
            else:
                self._do_arrival(&self.arrivals[self.arrival_at])
                self.arrival_at += 1
        return True

    cdef int _do_entry(self, Entry* entry) except -1 nogil:
        if entry.kind == WITHDRAW:
            if self.orders[entry.about].serial == entry.serial:
                self._cancel(entry.about, BY_CLIENT, CONTINUOUS)
        elif entry.kind == UNCROSS:
            self._uncross(entry.about)
        elif entry.kind == EXPIRE:
            self._expire(entry.about)
        else:
            self._requote(entry.about)
        return 0

    cdef int64_t _after(self, int32_t contract, int64_t life) noexcept nogil:
        """Return the time so many ns of trading from now, NEVER where that is past the close."""
        cdef int64_t now = self.now, start, end
        cdef int32_t i
        for i in range(1, SESSIONS):
            start, end = self.sessions[contract, i, 0], self.sessions[contract, i, 1]
            now = max(now, start)
            if now < end:
                if life < end - now:
                    return now + life
                life -= end - now
        return NEVER

    # --- the crowd -------------------------------------------------------------------------------

    cdef int _do_arrival(self, const Arrival* arrival) except -1 nogil:
        cdef int32_t at = self._free_cell(arrival.cell, arrival.lots), level, slot
        cdef const Cell* cell
        cdef const Market* market
        cdef Order order
        cdef int64_t when
        if at == NOBODY:
            self.dropped += 1
            return 0
        cell = &self.cells[at]
        market = &self.markets[cell.contract]
        level = self.middle[cell.contract] + arrival.drift
        self.middle[cell.contract] = level = max(market.low, min(market.high, level))
        level += -arrival.away if cell.side == BUY else arrival.away
        order = self._order(cell.contract, cell.first_account + arrival.pick % cell.accounts)
        order.cell = at
        order.side, order.hedge, order.offset = cell.side, cell.hedge, arrival.offset
        order.level = max(market.low, min(market.high, level))
        order.lots = order.left = arrival.lots
        order.tif = GFD if self.in_auction[cell.contract] else arrival.tif
        if arrival.action == REJECT:
            order.id = self._next_id(cell.contract)
            self._write(REJECT, &order, order.lots, 0)
            return 0
        slot = self._enter(&order)
        if slot != NOBODY and arrival.life:
            when = self._after(cell.contract, arrival.life)
            if when != NEVER:
                put(&self.agenda, when, WITHDRAW, slot, self.orders[slot].serial)
        return 0

    cdef int32_t _free_cell(self, int32_t cell, int32_t lots) noexcept nogil:
        """Return the cell, or one after it on its side, that may put in another order."""
        cdef int32_t at = cell, _
        cdef const Market* market = &self.markets[self.cells[cell].contract]
        for _ in range(PROBES):
            if self.ended[at] < market.cap and (
                lots < LARGE_LOTS or self.ended_large[at] < market.large_cap
            ):
                return at
            at = self.next_cell[at]
        return NOBODY

    cdef int _requote(self, int32_t index) except -1 nogil:
        """Pull the two quotes of a market maker, then put in new ones; so they never meet."""
        cdef const Quoter* quoter = &self.quoters[index]
        cdef const Cell* cell = &self.cells[quoter.cell]
        cdef const Market* market = &self.markets[cell.contract]
        cdef Pair* pair = &self.quotes[index]
        cdef int32_t side, level
        cdef int64_t when
        cdef Order order
        if self.ended[quoter.cell] + 2 > market.cap:
            return 0
        for side in range(2):
            if pair.serial[side] and self.orders[pair.slot[side]].serial == pair.serial[side]:
                self._cancel(pair.slot[side], BY_CLIENT, CONTINUOUS)
        for side in range(2):
            level = self.middle[cell.contract]
            level += quoter.half if side == SELL else -quoter.half
            order = self._order(cell.contract, cell.first_account)
            order.cell, order.side, order.hedge = quoter.cell, <uint8_t>side, MARKET_MAKER
            order.order_type = QUOTE
            order.level = max(0, min(market.levels - 1, level))
            order.lots = order.left = quoter.lots
            pair.slot[side] = self._enter(&order)
            pair.serial[side] = 0
            if pair.slot[side] != NOBODY:
                pair.serial[side] = self.orders[pair.slot[side]].serial
        when = self._after(cell.contract, quoter.interval)
        if when != NEVER:
            put(&self.agenda, when, REQUOTE, index, 0)
        return 0

    # --- what is planted -------------------------------------------------------------------------

    cdef int _do_command(self, const Command* command) except -1 nogil:
        cdef Order order
        cdef int32_t slot
        if command.kind == DO_NEW or command.kind == DO_RFQ:
            order = self._planted(command)
            if command.kind == DO_RFQ:
                self._write(RFQ, &order, 0, 0)
            else:
                self._enter(&order)
        elif command.kind == DO_CROSS:
            self._do_cross(command)
        elif command.kind == DO_FILL:
            self._do_fill(command)
        elif command.kind == DO_SWEEP:
            self._do_sweep(command)
        else:
            slot = self.handle_slot[command.handle]
            if slot == NOBODY or self.orders[slot].serial != self.handle_serial[command.handle]:
                return 0
            if command.kind == DO_CANCEL:
                self._cancel(slot, command.cancel_by, self._phase(command.contract))
            else:
                self._amend(slot, command.lots)
        return 0

    cdef int _do_cross(self, const Command* command) except -1 nogil:
        """Rest sells at the best offer, then buy all that stands there: each sell is met once."""
        cdef Book* book = &self.books[command.contract]
        cdef Order order
        cdef int32_t level = self._best_offer(command.contract), _
        for _ in range(command.times):
            order = self._planted(command)
            order.side, order.level, order.handle = SELL, level, NOBODY
            self._enter(&order)
        order = self._planted(command)
        order.account = command.contra_account
        order.hedge, order.offset = command.contra_hedge, command.contra_offset
        order.side, order.level, order.handle = BUY, level, NOBODY
        order.lots = order.left = <int32_t>book.ladder[SELL][level].lots
        self._enter(&order)
        return 0

    cdef int _do_fill(self, const Command* command) except -1 nogil:
        """Buy or sell exactly so many lots at the best price, where another adds enough."""
        cdef Order order = self._planted(command)
        cdef int32_t level, slot
        if command.side == BUY:
            level = self._best_offer(command.contract)
        else:
            level = self._best_bid(command.contract)
        order.account, order.side, order.level = command.contra_account, 1 - command.side, level
        order.hedge, order.offset = command.contra_hedge, command.contra_offset
        order.handle = NOBODY
        slot = self._enter(&order)
        cdef int64_t serial = self.orders[slot].serial
        order = self._planted(command)
        order.level = level
        self._enter(&order)
        if self.orders[slot].serial == serial:
            self._cancel(slot, BY_CLIENT, CONTINUOUS)
        return 0

    cdef int _do_sweep(self, const Command* command) except -1 nogil:
        """Buy all that stands at the best offer, with so many lots over that meet nothing."""
        cdef Book* book = &self.books[command.contract]
        cdef Order order = self._planted(command)
        cdef int32_t level = self._best_offer(command.contract)
        order.account, order.side, order.level = command.contra_account, SELL, level
        order.hedge, order.offset = command.contra_hedge, command.contra_offset
        order.tif, order.handle = GFD, NOBODY
        order.lots = order.left = command.times
        self._enter(&order)
        order = self._planted(command)
        order.side, order.level, order.handle = BUY, level, NOBODY
        order.lots = order.left = <int32_t>book.ladder[SELL][level].lots + command.lots
        self._enter(&order)
        return 0

    cdef int32_t _best_offer(self, int32_t contract) noexcept nogil:
        """Return the best offer's level, or one where an offer would meet no bid."""
        cdef Book* book = &self.books[contract]
        if book.best[SELL] < book.levels:
            return book.best[SELL]
        return max(self.middle[contract], book.best[BUY] + 1)

    cdef int32_t _best_bid(self, int32_t contract) noexcept nogil:
        """Return the level of the crowd's best bid, or one where a bid would meet no offer."""
        cdef Book* book = &self.books[contract]
        if book.best[BUY] >= self.markets[contract].low:
            return book.best[BUY]
        return min(self.middle[contract], book.best[SELL] - 1)

    cdef Order _planted(self, const Command* command) noexcept nogil:
        cdef Order order = self._order(command.contract, command.account)
        order.handle, order.level = command.handle, command.level
        order.side, order.offset, order.hedge = command.side, command.offset, command.hedge
        order.tif, order.order_type = command.tif, command.order_type
        order.lots = order.left = command.lots
        return order

    # --- orders ----------------------------------------------------------------------------------

    cdef Order _order(self, int32_t contract, int32_t account) noexcept nogil:
        cdef Order order
        memset(&order, 0, sizeof(Order))
        order.contract, order.account = contract, account
        order.cell = order.handle = order.next = order.prev = NOBODY
        order.offset, order.tif, order.order_type = OPEN, GFD, LIMIT
        return order

    cdef int64_t _next_id(self, int32_t contract) noexcept nogil:
        cdef int32_t exchange = self.markets[contract].exchange
        self.order_ids[exchange] += 1
        return self.order_ids[exchange]

    cdef int32_t _enter(self, const Order* given) except -2 nogil:
        """Write a new order, match it, and rest what is left; return its slot if it rests."""
        cdef int32_t slot = self._slot(), contract = given.contract
        cdef Order* order = &self.orders[slot]
        cdef Book* book = &self.books[contract]
        cdef int64_t got
        cdef bint at_once = given.tif == FAK or given.tif == FOK
        order[0] = given[0]
        self.serial += 1
        order.serial = self.serial
        order.id = self._next_id(contract)
        if order.handle != NOBODY:
            self.handle_slot[order.handle], self.handle_serial[order.handle] = slot, order.serial
        if order.cell != NOBODY:
            self.ended[order.cell] += 1
            self.ended_large[order.cell] += order.lots >= LARGE_LOTS
        self._write(NEW, order, order.lots, 0)
        if self.in_auction[contract]:
            join(book, self.orders, slot)
            return slot
        if at_once:
            got = on_offer(book, order.side, order.level, order.lots)
            if order.tif == FOK and got < order.lots:
                got = 0
            return self._enter_at_once(slot, <int32_t>got)
        self._match(slot)
        if not order.left:
            self._release(slot)
            return NOBODY
        join(book, self.orders, slot)
        return slot

    cdef int32_t _enter_at_once(self, int32_t slot, int32_t got) except -2 nogil:
        """Fill ``got`` lots of a FAK or FOK order; its remainder is cancelled, first or last."""
        cdef Order* order = &self.orders[slot]
        cdef int32_t rest = order.lots - got
        cdef bint first = self.markets[order.contract].remainder_first
        order.left = got
        if rest and first:
            self._write(CANCEL, order, rest, BY_CLIENT)
        self._match(slot)
        if rest and not first:
            self._write(CANCEL, order, rest, BY_CLIENT)
        order.left = rest
        self._release(slot)
        return NOBODY

    cdef int _match(self, int32_t slot) except -1 nogil:
        """Fill an incoming order as far as its price goes, best price and first order first."""
        cdef Order* order = &self.orders[slot]
        cdef Book* book = &self.books[order.contract]
        cdef int32_t other, level, lots
        while order.left and crosses(book, order.side, order.level):
            level = book.best[1 - order.side]
            other = book.ladder[1 - order.side][level].head
            lots = min(order.left, self.orders[other].left)
            self._trade(order, &self.orders[other], lots, level)
            order.left -= lots
            self._take_from(other, lots)
        return 0

    cdef int _take_from(self, int32_t slot, int32_t lots) noexcept nogil:
        """Fill lots of a resting order; a finished one leaves the book."""
        cdef Order* order = &self.orders[slot]
        cdef Book* book = &self.books[order.contract]
        order.left -= lots
        book.ladder[order.side][order.level].lots -= lots
        if not order.left:
            leave(book, self.orders, slot)
            self._release(slot)
        return 0

    cdef int _cancel(self, int32_t slot, uint8_t by, uint8_t phase) except -1 nogil:
        cdef Order* order = &self.orders[slot]
        leave(&self.books[order.contract], self.orders, slot)
        self._write(CANCEL, order, order.left, by, phase)
        self._release(slot)
        return 0

    cdef int _amend(self, int32_t slot, int32_t lots) except -1 nogil:
        """Set what is left of a resting order, to fewer lots: it keeps its place."""
        cdef Order* order = &self.orders[slot]
        self.books[order.contract].ladder[order.side][order.level].lots -= order.left - lots
        order.left = lots
        self._write(AMEND, order, lots, 0)
        return 0

    cdef int _expire(self, int32_t contract) except -1 nogil:
        """Take everything off that still rests in a contract, at the close."""
        cdef Book* book = &self.books[contract]
        cdef int32_t side, level
        for side in range(2):
            for level in range(book.levels):
                while book.ladder[side][level].head != NOBODY:
                    self._cancel(book.ladder[side][level].head, BY_EXPIRY, CLOSED)
        return 0

    cdef int _uncross(self, int32_t contract) except -1 nogil:
        """End the auction: all matches at one price, best price and first order first."""
        cdef Book* book = &self.books[contract]
        cdef int32_t bid, ask, lots, price = self._auction_price(contract)
        cdef Order *incoming
        cdef Order *resting
        while book.best[BUY] >= book.best[SELL]:
            bid = book.ladder[BUY][book.best[BUY]].head
            ask = book.ladder[SELL][book.best[SELL]].head
            lots = min(self.orders[bid].left, self.orders[ask].left)
            incoming, resting = &self.orders[bid], &self.orders[ask]
            if incoming.serial < resting.serial:
                incoming, resting = resting, incoming
            self._trade(incoming, resting, lots, price)
            self._take_from(bid, lots)
            self._take_from(ask, lots)
        self.in_auction[contract] = 0
        return 0

    cdef int32_t _auction_price(self, int32_t contract) noexcept nogil:
        """Return the price nearest the middle at which all that can be matched is."""
        cdef Book* book = &self.books[contract]
        cdef int32_t bid = book.best[BUY], ask = book.best[SELL], low = 0, high = book.levels - 1
        cdef int64_t bids = 0, asks = 0, lots
        while bid >= ask and bid >= 0 and ask < book.levels:
            if not bids:
                bids = book.ladder[BUY][bid].lots
            if not asks:
                asks = book.ladder[SELL][ask].lots
            low, high = ask, bid
            lots = min(bids, asks)
            bids -= lots
            asks -= lots
            if not bids:
                bid = _next_down(book, bid)
            if not asks:
                ask = _next_up(book, ask)
        low, high = max(low, bid), min(high, ask)
        return max(low, min(high, self.middle[contract]))

    cdef uint8_t _phase(self, int32_t contract) noexcept nogil:
        return AUCTION if self.in_auction[contract] else CONTINUOUS

    # --- slots -----------------------------------------------------------------------------------

    cdef int32_t _slot(self) except -2 nogil:
        cdef int32_t slot = self.free_slot, room
        cdef Order* grown
        if slot == NOBODY:
            room = self.order_room + self.order_room // 4 + 1024  # each new slot is written to
            grown = <Order*>realloc(self.orders, room * sizeof(Order))
            if grown == NULL:
                with gil:
                    raise MemoryError
            self.orders = grown
            memset(&grown[self.order_room], 0, (room - self.order_room) * sizeof(Order))
            for slot in range(room - 1, self.order_room - 1, -1):
                grown[slot].next = self.free_slot
                self.free_slot = slot
            self.order_room = room
            slot = self.free_slot
        self.free_slot = self.orders[slot].next
        self.live += 1
        return slot

    cdef void _release(self, int32_t slot) noexcept nogil:
        """Forget an order; one that was filled whole does not weigh on its cell."""
        cdef Order* order = &self.orders[slot]
        if order.cell != NOBODY and not order.left and not self.markets[order.contract].cap_all:
            self.ended[order.cell] -= 1
            self.ended_large[order.cell] -= order.lots >= LARGE_LOTS
        self.live -= 1
        order.serial = 0
        order.next = self.free_slot
        self.free_slot = slot

    # --- rows ------------------------------------------------------------------------------------

    cdef int _write(
        self, uint8_t action, const Order* order, int32_t lots, uint8_t by, uint8_t phase=0
    ) except -1 nogil:
        cdef Row row
        self._begin(&row, action, order, lots, order.level)
        row.cancel_by = by
        if phase:
            row.phase = phase
        if action == RFQ:
            row.order_id = -1
        keep(&self.out, &row)
        if order.account >= self.first_planted:
            keep(&self.journal, &row)
        return 0

    cdef int _trade(
        self, const Order* incoming, const Order* resting, int32_t lots, int32_t level
    ) except -1 nogil:
        cdef Row row, twin
        cdef int32_t exchange = self.markets[incoming.contract].exchange
        self._begin(&row, TRADE, incoming, lots, level)
        row.contra_order_id, row.contra_account = resting.id, resting.account
        row.contra_offset, row.contra_hedge = resting.offset, resting.hedge
        row.contra_tif, row.contra_order_type = resting.tif, resting.order_type
        if self.two_rows:
            self.trade_ids[exchange] += 1
            row.trade_id = self.trade_ids[exchange]
            keep(&self.out, &row)
            self._begin(&twin, TRADE, resting, lots, level)
            twin.trade_id = row.trade_id
            keep(&self.out, &twin)
        else:
            keep(&self.out, &row)
        if incoming.account >= self.first_planted or resting.account >= self.first_planted:
            keep(&self.journal, &row)
        if self.closed.shape[0]:
            self._note_close(incoming, lots)
            self._note_close(resting, lots)
        return 0

    cdef void _note_close(self, const Order* order, int32_t lots) noexcept nogil:
        cdef int64_t at
        cdef int32_t part = 0 if order.offset == CLOSE_TODAY else 1
        if order.cell != NOBODY and order.offset != OPEN:
            at = self.first_close[order.cell] + order.account
            at -= self.cells[order.cell].first_account
            self.closed[at, part] += lots

    cdef void _begin(
        self, Row* row, uint8_t action, const Order* order, int32_t lots, int32_t level
    ) noexcept nogil:
        cdef int32_t exchange = self.markets[order.contract].exchange
        memset(row, 0, sizeof(Row))
        self.seqs[exchange] += 1
        row.seq, row.ts, row.order_id = self.seqs[exchange], self.now, order.id
        row.contract, row.account, row.level, row.lots = (
            order.contract, order.account, level, lots
        )
        row.contra_account = NOBODY
        row.action, row.side = action, order.side + 1
        row.offset, row.hedge, row.tif = order.offset, order.hedge, order.tif
        row.order_type, row.phase = order.order_type, self._phase(order.contract)


cdef int32_t _next_down(const Book* book, int32_t level) noexcept nogil:
    level -= 1
    while level >= 0 and book.ladder[BUY][level].head == NOBODY:
        level -= 1
    return level


cdef int32_t _next_up(const Book* book, int32_t level) noexcept nogil:
    level += 1
    while level < book.levels and book.ladder[SELL][level].head == NOBODY:
        level += 1
    return level


def _next_cells(cells):
    """Return for each cell the next of its contract and side, after the last the first: int32."""
    following = np.arange(1, len(cells) + 1, dtype=np.int32)
    key = cells["contract"].astype(np.int64) * 2 + cells["side"]
    lasts = np.append(np.flatnonzero(np.diff(key)), len(key) - 1)[: len(key)]
    following[lasts] = np.append(0, lasts[:-1] + 1)[: len(lasts)]
    return following
