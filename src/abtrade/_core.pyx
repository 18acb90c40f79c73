# cython: language_level=3
"""The compiled core: columns of events in, counts, crossings and faults out.

It knows numbers only; contracts, accounts and rules are ids. What a count means is written in
``reference.py``; this file says the same, fast. State is kept per contract, and a thread works on
the contracts of its shard alone, so threads share nothing they write to.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

import numpy as np

from ._book cimport (
    BOOK_BY_PHASE,
    BOOK_COLLECTS,
    BOOK_TRADED,
    NOBODY,
    Book,
    Ladder,
    Named,
    PriceLevel,
    Resting,
    Rung,
    best_level,
    book_begin,
    book_free,
    book_lower,
    book_remove,
    book_settle,
    first_lots,
    goodness,
    is_crossed,
    ladder_against,
    ladder_of,
    level_at,
    lots_before,
    price_in_book,
    queue_join,
    reaches,
    rest_incoming,
    resting_add,
    rung_place,
)
from ._finished cimport (
    NO_PAGE,
    PAGE_BITS,
    PAGE_IDS,
    Page,
    Pages,
    finished_add,
    finished_has,
    owner_likely,
    page_add,
    page_place,
    pages_free,
    pages_grow,
    pages_wanted,
)
from ._mix cimport mix
from ._prefetch cimport prefetch
from ._steps cimport (
    STEP_AMEND,
    STEP_CANCEL,
    STEP_CARRIED,
    STEP_FILL,
    STEP_IS_MESSAGE,
    STEP_IS_ORDINARY,
    STEP_IS_REMAINDER,
    STEP_ORDER,
    STEP_RFQ,
    Step,
)
from ._table cimport (
    AT_LIMIT,
    BY_FILL,
    BY_REMAINDER,
    CANCEL_BY_AT,
    FILLED,
    FINISHED,
    IN_AUCTION,
    HEDGE_AT,
    HEDGE_BITS,
    KILL,
    OFFSET_AT,
    ORDER_BITS,
    ORDER_TYPE_AT,
    PHASE_AT,
    PLACELESS,
    SIDE_AT,
    SIDE_BITS,
    STRAY,
    TIF_AT,
    TIF_BITS,
    USED,
    Extra,
    Marks,
    MarkWord,
    Order,
    Orders,
    Twin,
    Twins,
    mark_add,
    mark_has,
    order_add,
    order_find,
    order_grow,
    order_likely,
    order_place,
    order_remove,
    scatter,
    twin_add,
    twin_find,
    twin_remove,
)
from ._tally cimport (
    FAR,
    MOST_CREDIT,
    OPEN_LOTS,
    Cell,
    CellPlace,
    Slot,
    Tally,
    cell_add,
    cell_at,
    cell_find,
    cell_hash,
    cell_likely,
    chain,
    count_add,
    count_of,
    line_alloc,
    next_in,
    slot_at,
    slot_of,
    tally_begin,
    tally_free,
)

# Codes of schema.py; a test holds them equal.
cdef enum:
    NEW = 1
    CANCEL = 2
    TRADE = 3
    AMEND = 4
    REJECT = 5
    CARRIED = 6
    RFQ = 7

    OPEN = 1
    FAK = 2
    FOK = 3
    COMBINATION_LEG = 2
    MARKET = 2
    STOP = 3
    AUCTION = 1
    CLOSED = 3

    BY_CLIENT = 1
    BY_EXPIRY = 3
    BY_SELF_MATCH = 4
    BY_DISCONNECT = 5
    BY_FORCED = 6
    BY_UNNAMED = 7

    DUPLICATE_ORDER = 4
    REJECT_AFTER_NEW = 5
    UNKNOWN_ORDER = 6
    EVENT_AFTER_FINISH = 7
    TRADE_AFTER_FINISH = 8
    CANCEL_OVER_LEFT = 9
    FILL_OVER_LEFT = 10
    ONE_SIDED_TRADE = 11
    DIFFERS = 12
    FAULTS = 13
    BOOK_NO_LOTS = 13   # kept as faults are, though they are none of the log's
    BOOK_NOT_BEST = 14
    BOOK_NOT_FIRST = 15
    BOOK_CROSSED = 16
    ALL_FAULTS = 17
    FIRST_KEPT = 5

    SEEN_OFF_BOOK = 0   # schema.BookCount
    SEEN_AUCTION = 1
    SEEN_ONE_SIDED = 2
    SEEN_LEG = 3
    SEEN_UNPRICED = 4
    SEEN_AT_HEAD = 8
    SEEN_UNKNOWN_RESTING = 10
    BOOK_COUNTS = 11

    UNKNOWN_STAND = 0   # how an order that a trade names stood in the book before the row
    NO_LOTS = 1
    NO_PLACE = 2
    BEHIND_BEST = 3     # from here on it stands in a queue
    BEHIND_OTHERS = 4
    AT_HEAD = 5

    TOLD = 0            # of a match in an auction, which order came in later is known
    UNTOLD = 1          # not here; of the two, these were opened by auction rows:
    INCOMING_IN_AUCTION = 2
    RESTING_IN_AUCTION = 4

    TIF_SHIFT = 3
    ORDER_TYPE_SHIFT = 6
    PHASE_SHIFT = 9
    CANCEL_BY_SHIFT = 11
    MAKER = 1 << 14
    NAMED_AT = 16       # from this bit on: the code of the exemptions that name the account
    OF_EVENT = 0xFFFF & ~(1 << 14)  # bits of attributes that the account does not settle
    UNKNOWN = 1 << 15
    PHASE_BITS = 3 << 9
    EVENT_BITS = (3 << 9) | (7 << 11)   # phase and cancel_by: of the row, not of the order
    NEW_BITS = (1 << 11) - 1            # hedge, tif, order type, phase

    ORDERS = 0
    CANCELS = 1
    MESSAGES = 2
    FILLED_ORDERS = 3
    LARGE = 5                           # first of the large cancel counts

    MAX_LARGE = 48

    ORDERED_OPEN_LOTS = 0               # places in extra_at, in the order of schema.EXTRA_COUNTS
    LIMIT_PRICE_CANCELS = 1
    LIMIT_PRICE_CANCEL_LOTS = 2
    FILLED_LOTS = 3
    EXTRAS = 4

    BUY = 1
    SELL = 2
    AT_UPPER = 1                        # bits of Contract.touched
    AT_LOWER = 2

    FEW_ORDERS = 16                     # that a fresh contract has room for
    BLOCK = 16                          # rows whose orders, then cells, are asked for together

cdef int64_t NO_PRICE = <int64_t> 0x8000000000000000
cdef int64_t NO_SIZE = 0x7FFFFFFFFFFFFFFF


cdef struct FaultRow:
    int64_t index       # row in the day
    int64_t channel
    int64_t seq
    int64_t ts


cdef struct RuleLevels:
    int32_t rule        # index in the plan
    int32_t field       # count in a cell
    int64_t at[2]       # yellow, red; -1 none
    const uint8_t* reason  # by packed attributes; 0 counts. Kept alive by the Scanner
    uint32_t mask       # of attributes: the code of the account too where the rule asks for it


cdef struct ContractClass:
    RuleLevels* rules   # owned
    int32_t rule_count
    uint64_t watched    # bit k: some level of count k is judged by contract
    uint64_t wide       # bit k: count k is judged in a wider scope
    int64_t* large      # owned; lots of a large cancel by size, NO_SIZE where not known


cdef struct Contract:
    int32_t id
    int32_t class_id
    int32_t shard
    int32_t product     # -1 unknown
    uint64_t judged     # bit k: some level of count k is judged, by contract or wider
    int32_t numbering   # of the contracts whose order ids the same exchange gives out
    int32_t remainder_first  # the exchange sends a FAK's cancel before its trades
    int64_t upper       # limit prices of the day; NO_PRICE unknown
    int64_t lower
    int32_t touched     # limit prices at which there was a trade
    uint32_t mask       # attributes that are kept: those that rules of its exchange read
    Orders orders
    Tally tally
    Marks finished      # finished orders that are neither in ``orders`` nor in the day's pages
    int64_t rows
    int64_t last_seq
    int64_t last_ts
    int64_t actions[8]
    Twins twins
    Marks matched       # trade ids whose two rows have come
    uint64_t name_hash
    int64_t first_seq
    int64_t first_ts
    int64_t faults[17]
    int64_t fault_rows[17]  # of them kept in first_faults
    FaultRow* first_faults  # owned; ALL_FAULTS x FIRST_KEPT, NULL before the first fault
    Book book           # where the day keeps books
    int64_t* shown      # owned; what the book's levels were when last handed out, NULL: never


cdef struct Crossing:
    int64_t row
    int64_t count
    int32_t rule
    int32_t level
    int32_t subject
    int32_t contract


cdef struct Increment:
    int64_t row
    int64_t lots
    int32_t contract
    int32_t field
    int32_t subject
    int32_t alone
    uint32_t attributes
    int32_t unused


cdef struct Match:
    int64_t row
    int64_t lots
    int64_t incoming
    int64_t resting
    uint64_t incoming_high
    uint64_t resting_high
    int32_t contract
    int32_t incoming_contract
    int32_t resting_contract
    int32_t incoming_account
    int32_t resting_account
    uint32_t incoming_attributes
    uint32_t resting_attributes
    int32_t entry       # which order came in: TOLD, or flags


cdef struct Sight:      # 80 bytes
    int64_t row
    int64_t price
    int64_t own_best
    int64_t other_best
    int64_t before
    int64_t level_lots
    int64_t five_lots
    int64_t left
    int32_t contract
    int32_t account
    uint8_t stands
    uint8_t what
    uint8_t rank        # levels of its side better than its own, 255 for more
    uint8_t unused[5]


cdef struct Buffer:
    char* at            # owned
    int64_t used        # bytes
    int64_t room


cdef struct Shard:
    Buffer crossings
    Buffer increments
    Buffer matches
    Buffer steps
    Buffer sights
    Buffer depth
    int32_t id          # -1: every contract
    int32_t needs_finished


cdef struct Events:
    int64_t rows
    int64_t base        # index of the first row in the day
    const int64_t* seq
    const int64_t* ts
    const int64_t* channel
    const int32_t* contract
    const uint8_t* action
    const int64_t* order
    const uint64_t* order_high
    const int64_t* lots
    const int32_t* account
    const uint32_t* said  # side, offset, hedge, tif, order type, phase, cancel_by: see Order.info
    const int64_t* price
    const int64_t* contra
    const uint64_t* contra_high
    const uint8_t* has_contra
    const int32_t* contra_account
    const int64_t* trade
    const uint64_t* trade_high
    const uint8_t* has_trade
    const int32_t* order_contract
    const int32_t* contra_order_contract
    const uint8_t* trade_type
    int32_t tells_cancel_by  # the log has the column


cdef struct Day:
    Contract** contracts  # owned, and each of them
    int64_t contract_used
    int64_t contract_room
    ContractClass* classes  # owned, with their parts
    int64_t class_used
    int32_t* subject_of  # owned; by account
    int32_t* alone_of   # owned; by account, -1 none
    uint32_t* named_of  # owned; by account: the code of exemptions that name it, in NAMED's bits
    uint64_t* account_hash  # owned
    int64_t account_used
    int64_t account_room
    Marks makers        # (product << 32 | account) of market makers
    int32_t large_count
    int32_t extra_at[4]  # field of each extra count; -1 not kept
    int32_t extra_count
    uint32_t step_kinds  # bit k: steps of kind k are handed out
    int32_t width
    int32_t watch_count
    int32_t watch_at[64]  # place of a count among the watched ones
    int32_t keep_finished
    int32_t with_extra
    int32_t tells_matches       # the log has a column for the other side of a trade
    int32_t shard_count
    int32_t with_book
    int32_t clock_phases  # phases come from the clock: only auctions are phases to a book
    int32_t tap_levels  # how many levels of each side are handed out of tapped contracts
    int32_t tap_changes  # only where they changed
    int32_t tapped      # contracts
    uint8_t* followed   # owned; by account: its orders are looked at. NULL: nobody's
    Pages* pages        # owned; of finished orders, by numbering
    int64_t numberings
    Events events


cdef struct Ahead:      # a row that is soon applied, and where it will look
    int64_t row
    Contract* contract
    int64_t key
    int64_t contra      # of a trade; else as key
    uint64_t order_hash
    uint64_t contra_hash
    uint64_t cell_hash


cdef struct Block:
    Ahead rows[BLOCK]
    int n


cdef struct Fill:       # one side of a trade row, after it was applied to its order
    int64_t opened      # index of the order's opening row; -1 never opened
    int32_t account     # -1 nobody known
    uint32_t attributes  # of the order, without phase and cancel_by
    int32_t side        # of the order's opening row; 0 unknown, or a leg's, which has its own
    uint32_t offset     # of the order, of a leg the row's; 0 unknown
    int32_t fault       # 1: this reference has its fault
    int32_t in_auction  # 1: the order's opening row stood in an auction


# --- the day, row by row -------------------------------------------------------------------------

cdef int run_shard(Day* day, Shard* shard) except -1 nogil:
    """Apply the rows of the batch that belong to the shard, in their order.

    Memory answers late, and only a row's order tells where its cell lies. So the orders of one
    block of rows are asked for while the cells of the block before it are, and while the rows of
    the one before that are applied.
    """
    cdef Block blocks[3]
    cdef Block* far = &blocks[0]
    cdef Block* near = &blocks[1]
    cdef Block* now = &blocks[2]
    cdef int64_t next = 0
    cdef int k
    near.n = now.n = 0
    while True:
        next = gather(day, shard, next, far)
        for k in range(near.n):
            fetch_cells(day, &near.rows[k])
        for k in range(now.n):
            apply_row(day, shard, now.rows[k].contract, now.rows[k].row)
            if shard.needs_finished:
                return 0
        if far.n == 0 and near.n == 0:
            return 0
        now, near, far = near, far, now


cdef inline int apply_row(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    cdef uint8_t action = day.events.action[i]
    note_row(contract, &day.events, i, action)
    if not day.with_book:
        return apply(day, shard, contract, i, action)
    before_row(day, contract, i, action)
    apply(day, shard, contract, i, action)
    after_row(contract, &day.events, i, action)
    if day.tapped:
        tap_row(day, shard, contract, i)
    return 0


cdef inline int apply(Day* day, Shard* shard, Contract* contract, int64_t i,
                      uint8_t action) except -1 nogil:
    if action == NEW or action == CARRIED:
        return on_new(day, shard, contract, i, action == NEW)
    if action == CANCEL:
        return on_cancel(day, shard, contract, i)
    if action == TRADE:
        return on_trade(day, shard, contract, i)
    if action == AMEND:
        return on_amend(day, shard, contract, i)
    if action == REJECT:
        return on_reject(day, contract, i)
    return on_rfq(day, shard, contract, i)


cdef inline bint is_own(Shard* shard, Contract* contract) noexcept nogil:
    """Whether a shard may touch a contract: another's tables may move at any moment."""
    return shard.id < 0 or contract.shard == shard.id


cdef inline int64_t gather(Day* day, Shard* shard, int64_t start, Block* block) noexcept nogil:
    """Fill a block with the shard's next rows, and ask for their orders; return where it ended."""
    cdef Events* e = &day.events
    cdef int64_t i = start
    cdef Ahead* ahead
    cdef Contract* contract
    block.n = 0
    while i < e.rows and block.n < BLOCK:
        contract = day.contracts[e.contract[i]]
        if is_own(shard, contract):
            ahead = &block.rows[block.n]
            block.n += 1
            ahead.row = i
            ahead.contract = contract
            ahead.key = ahead.contra = e.order[i]
            ahead.order_hash = scatter(ahead.key, e.order_high[i] if e.order_high != NULL else 0)
            ahead.contra_hash = ahead.order_hash
            if e.contra != NULL and e.action[i] == TRADE:
                ahead.contra = e.contra[i]
                ahead.contra_hash = scatter(
                    ahead.contra, e.contra_high[i] if e.contra_high != NULL else 0)
                fetch_order(&contract.orders, ahead.contra_hash)
                fetch_node(&contract.orders, ahead.contra_hash)
            fetch_order(&contract.orders, ahead.order_hash)
            fetch_node(&contract.orders, ahead.order_hash)
            ahead.cell_hash = cell_hash(e.account[i], new_attributes(contract, e, i))
            prefetch(&contract.tally.cell_index[
                ahead.cell_hash & <uint64_t> (contract.tally.cell_size - 1)])
        i += 1
    return i


cdef inline void fetch_order(Orders* orders, uint64_t hash) noexcept nogil:
    """Ask for the entry at which the search for an order begins, and the next one."""
    cdef char* entry = <char*> &orders.at[hash & <uint64_t> (orders.size - 1)]
    prefetch(entry)
    prefetch(entry + 2 * sizeof(Order) - 1)


cdef inline void fetch_node(Orders* orders, uint64_t hash) noexcept nogil:
    """Ask for an order's place in the book, where books are kept."""
    if orders.node != NULL:
        prefetch(&orders.node[hash & <uint64_t> (orders.size - 1)])


cdef inline void fetch_resting(Contract* contract, Order* order) noexcept nogil:
    """Ask for an order as it stands in the book, now that it is known where that is."""
    cdef int32_t node
    if contract.orders.node != NULL:
        node = contract.orders.node[order - contract.orders.at]
        if node > NOBODY:
            prefetch(&contract.book.orders[node])


cdef inline void fetch_cells(Day* day, Ahead* ahead) noexcept nogil:
    """Ask for the cells that a row will count in, now that its orders are there."""
    cdef Tally* tally = &ahead.contract.tally
    cdef Orders* orders = &ahead.contract.orders
    cdef Pages* pages = &day.pages[ahead.contract.numbering]
    cdef Order* order
    if day.events.action[ahead.row] == NEW:
        prefetch(cell_at(tally, cell_likely(tally, ahead.cell_hash)))
        return
    order = order_likely(orders, ahead.key, ahead.order_hash)
    prefetch(cell_at(tally, order.cell))
    prefetch(owner_likely(pages, ahead.key))
    fetch_resting(ahead.contract, order)
    if ahead.contra != ahead.key:
        order = order_likely(orders, ahead.contra, ahead.contra_hash)
        prefetch(cell_at(tally, order.cell))
        prefetch(owner_likely(pages, ahead.contra))
        fetch_resting(ahead.contract, order)


cdef inline void note_row(Contract* contract, Events* e, int64_t i, uint8_t action) noexcept nogil:
    contract.actions[action] += 1
    if contract.rows == 0:
        contract.first_seq = e.seq[i]
        contract.first_ts = e.ts[i]
    contract.rows += 1
    contract.last_seq = e.seq[i]
    contract.last_ts = e.ts[i]


cdef inline Contract* standing(Day* day, const int32_t* column, Contract* contract,
                               int64_t i) noexcept nogil:
    """Return the contract in which the order a row refers to stands."""
    if column == NULL or column[i] < 0:
        return contract
    return day.contracts[column[i]]


cdef int on_new(Day* day, Shard* shard, Contract* contract, int64_t i, bint is_new) except -1 nogil:
    cdef Events* e = &day.events
    cdef int64_t key = e.order[i]
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef Order* order = order_place(&contract.orders, key, high)
    cdef uint32_t tif = (e.said[i] >> TIF_AT) & 7
    cdef uint32_t info = USED | (e.said[i] & ORDER_BITS)
    cdef int32_t cell
    if order.info & ~<uint32_t> FILLED == (USED | STRAY):
        info |= order.info & FILLED
    elif order.info or has_finished(day, contract, key, high):
        return note_fault(contract, e, i, DUPLICATE_ORDER)
    else:
        order = order_add(&contract.orders, order, key, high)
    cell = cell_of(day, contract, e.account[i], new_attributes(contract, e, i))
    if tif == FAK or tif == FOK:
        info |= KILL
    if (e.said[i] >> PHASE_AT) & 3 == AUCTION:
        info |= IN_AUCTION
    if e.price != NULL:
        info |= at_limit(contract, info, e.price[i])
    order.info = info
    order.left = e.lots[i]
    order.cell = cell
    set_opened(&contract.orders, order, e.base + i)
    if day.with_book:
        open_in_book(day, shard, contract, order, high, i, is_new)
    if is_new:
        bump(day, shard, contract, cell, ORDERS, 1, i)
        bump(day, shard, contract, cell, MESSAGES, 1, i)
        if day.extra_at[ORDERED_OPEN_LOTS] >= 0 and (info >> OFFSET_AT) & 7 == OPEN:
            bump(day, shard, contract, cell, day.extra_at[ORDERED_OPEN_LOTS], e.lots[i], i)
    return note_order_step(day, shard, contract, cell, i, STEP_ORDER if is_new else STEP_CARRIED,
                           info, e.lots[i], STEP_IS_MESSAGE if is_new else 0)


cdef inline uint32_t at_limit(Contract* contract, uint32_t info, int64_t price) noexcept nogil:
    """Return AT_LIMIT where an order's price is the limit that a cancel of it is looked at for."""
    cdef uint32_t side = (info >> SIDE_AT) & 3
    if price == NO_PRICE:
        return 0
    return AT_LIMIT if (side == BUY and price == contract.upper) or (
        side == SELL and price == contract.lower) else 0


cdef inline bint is_limit_cancel(Contract* contract, uint32_t info) noexcept nogil:
    """Whether a cancel takes lots off an order at a limit price at which there was a trade."""
    return info & AT_LIMIT and contract.touched & (
        AT_UPPER if (info >> SIDE_AT) & 3 == BUY else AT_LOWER)


cdef inline int note_order_step(Day* day, Shard* shard, Contract* contract, int32_t cell,
                                int64_t i, uint8_t what, uint32_t info, int64_t lots,
                                uint8_t flags) except -1 nogil:
    """Hand out what happened to an order, where that is asked for."""
    cdef Cell* at
    if not (day.step_kinds >> what) & 1:
        return 0
    at = cell_at(&contract.tally, cell)
    return note_step(day, shard, contract, i, what, at.account, at.attributes,
                     (info >> SIDE_AT) & 3, (info >> OFFSET_AT) & 7, lots, flags, -1)


cdef int note_step(Day* day, Shard* shard, Contract* contract, int64_t i, uint8_t what,
                   int32_t account, uint32_t attributes, uint32_t side, uint32_t offset,
                   int64_t lots, uint8_t flags, int64_t match) except -1 nogil:
    cdef Step* step = <Step*> buffer_add(&shard.steps, sizeof(Step))
    step.row = i
    step.lots = lots
    step.price = day.events.price[i] if day.events.price != NULL else NO_PRICE
    step.match = match
    step.contract = contract.id
    step.account = account
    step.attributes = attributes & 0xFFFF
    step.what = what
    step.side = <uint8_t> side
    step.offset = <uint8_t> offset
    step.flags = flags
    return 0


cdef inline uint32_t new_attributes(Contract* contract, Events* e, int64_t i) noexcept nogil:
    return (e.said[i] >> HEDGE_AT) & NEW_BITS & contract.mask


cdef inline uint32_t event_attributes(Contract* contract, Events* e, int64_t i, uint32_t of_order,
                                      uint32_t cancel_by) noexcept nogil:
    """Return an order's attributes with the row's own phase and cancel_by in their place."""
    cdef uint32_t own = ((e.said[i] >> HEDGE_AT) & PHASE_BITS) | (cancel_by << CANCEL_BY_SHIFT)
    return (of_order & (OF_EVENT & ~<uint32_t> EVENT_BITS)) | (own & contract.mask)


cdef int on_cancel(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    cdef Events* e = &day.events
    cdef int64_t key = e.order[i]
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef Order* order = order_find(&contract.orders, key, high)
    cdef int64_t lots = e.lots[i]
    cdef uint32_t by = (e.said[i] >> CANCEL_BY_AT) & 7
    cdef uint32_t shown
    cdef uint32_t info
    cdef uint8_t flags
    cdef bint automatic
    cdef int64_t taken
    cdef int32_t cell
    if order == NULL or order.info & STRAY:
        if order == NULL and has_finished(day, contract, key, high):
            return note_fault(contract, e, i, EVENT_AFTER_FINISH)
        contract.book.counts[SEEN_UNKNOWN_RESTING] += 1
        return cancel_unknown(day, shard, contract, i, by)
    if order.info & FINISHED:
        return note_fault(contract, e, i, EVENT_AFTER_FINISH)
    taken = order.left
    if lots > order.left:
        note_fault(contract, e, i, CANCEL_OVER_LEFT)
    else:
        if lots >= 0:
            taken = lots
        if differs(contract, order, e, i, e.account[i], SIDE_BITS):
            note_fault(contract, e, i, DIFFERS)
    if taken == 0:
        return 0
    automatic = order.info & KILL and not (
        by == BY_EXPIRY or by == BY_SELF_MATCH or by == BY_DISCONNECT or by == BY_FORCED)
    shown = 0
    if e.tells_cancel_by:
        shown = BY_CLIENT if automatic else (by if by else BY_UNNAMED)
    cell = event_cell(day, contract, order.cell, i, shown)
    info = order.info
    if day.with_book:
        look_at_order(day, shard, contract, order, i, STEP_CANCEL)
    order.left -= taken
    if day.with_book:
        lower_in_book(contract, order)
    if order.left == 0:
        finish(day, contract, order, key, high, BY_REMAINDER if info & KILL else 0)
    bump(day, shard, contract, cell, CANCELS, 1, i)
    if not (automatic and lots < 0 and contract.remainder_first):
        bump_large(day, shard, contract, cell, taken, i)
    if is_limit_cancel(contract, info):
        bump_limit_price(day, shard, contract, cell, taken, i)
    flags = STEP_IS_REMAINDER if automatic else 0
    if automatic or by == 0 or by == BY_CLIENT or by == BY_FORCED:
        bump(day, shard, contract, cell, MESSAGES, 1, i)
        flags |= STEP_IS_MESSAGE
    return note_order_step(day, shard, contract, cell, i, STEP_CANCEL, info, taken, flags)


cdef int bump_limit_price(Day* day, Shard* shard, Contract* contract, int32_t cell, int64_t taken,
                          int64_t i) except -1 nogil:
    if day.extra_at[LIMIT_PRICE_CANCELS] >= 0:
        bump(day, shard, contract, cell, day.extra_at[LIMIT_PRICE_CANCELS], 1, i)
    if day.extra_at[LIMIT_PRICE_CANCEL_LOTS] >= 0:
        bump(day, shard, contract, cell, day.extra_at[LIMIT_PRICE_CANCEL_LOTS], taken, i)
    return 0


cdef int cancel_unknown(Day* day, Shard* shard, Contract* contract, int64_t i,
                        uint32_t by) except -1 nogil:
    cdef Events* e = &day.events
    cdef bint is_message = by == 0 or by == BY_CLIENT or by == BY_FORCED
    cdef int32_t cell
    note_fault(contract, e, i, UNKNOWN_ORDER)
    if e.account[i] < 0 or e.lots[i] == 0:
        return 0
    cell = cell_of(day, contract, e.account[i], event_attributes(
        contract, e, i, UNKNOWN, (by if by else BY_UNNAMED) if e.tells_cancel_by else 0))
    bump(day, shard, contract, cell, CANCELS, 1, i)
    if e.lots[i] > 0:
        bump_large(day, shard, contract, cell, e.lots[i], i)
    if is_message:
        bump(day, shard, contract, cell, MESSAGES, 1, i)
    return note_order_step(day, shard, contract, cell, i, STEP_CANCEL, e.said[i] & SIDE_BITS,
                           max(e.lots[i], 0), STEP_IS_MESSAGE if is_message else 0)


cdef inline int bump_large(Day* day, Shard* shard, Contract* contract, int32_t cell, int64_t lots,
                           int64_t i) except -1 nogil:
    cdef const int64_t* large = day.classes[contract.class_id].large
    cdef int32_t j
    for j in range(day.large_count):
        if lots >= large[j]:
            bump(day, shard, contract, cell, LARGE + j, 1, i)
    return 0


cdef int on_amend(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    cdef Events* e = &day.events
    cdef int64_t key = e.order[i]
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef Order* order = order_find(&contract.orders, key, high)
    cdef uint32_t info
    cdef int32_t cell
    if order == NULL or order.info & STRAY:
        if order == NULL and has_finished(day, contract, key, high):
            return note_fault(contract, e, i, EVENT_AFTER_FINISH)
        note_fault(contract, e, i, UNKNOWN_ORDER)
        contract.book.counts[SEEN_UNKNOWN_RESTING] += 1
        if e.account[i] >= 0:
            cell = cell_of(
                day, contract, e.account[i], event_attributes(contract, e, i, UNKNOWN, 0))
            bump(day, shard, contract, cell, MESSAGES, 1, i)
            note_order_step(day, shard, contract, cell, i, STEP_AMEND, e.said[i] & SIDE_BITS,
                            e.lots[i], STEP_IS_MESSAGE)
        return 0
    if order.info & FINISHED:
        return note_fault(contract, e, i, EVENT_AFTER_FINISH)
    if differs(contract, order, e, i, e.account[i], SIDE_BITS):
        note_fault(contract, e, i, DIFFERS)
    cell = event_cell(day, contract, order.cell, i, 0)
    if e.price != NULL and e.price[i] != NO_PRICE:
        order.info = (order.info & ~<uint32_t> AT_LIMIT) | at_limit(
            contract, order.info, e.price[i])
    info = order.info
    if day.with_book:
        look_at_order(day, shard, contract, order, i, STEP_AMEND)
    order.left = e.lots[i]
    if day.with_book:
        amend_in_book(contract, order, e, high, i)
    if order.left == 0:
        finish(day, contract, order, key, high, 0)
    bump(day, shard, contract, cell, MESSAGES, 1, i)
    return note_order_step(day, shard, contract, cell, i, STEP_AMEND, info, e.lots[i],
                           STEP_IS_MESSAGE)


cdef int on_reject(Day* day, Contract* contract, int64_t i) except -1 nogil:
    cdef Events* e = &day.events
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef Order* order = order_find(&contract.orders, e.order[i], high)
    if (order != NULL and not order.info & STRAY) or (
            order == NULL and has_finished(day, contract, e.order[i], high)):
        note_fault(contract, e, i, REJECT_AFTER_NEW)
    return 0


cdef int on_rfq(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    cdef Events* e = &day.events
    cdef uint32_t attributes = new_attributes(contract, e, i) & ~<uint32_t> (7 << TIF_SHIFT)
    cdef int32_t cell = cell_of(day, contract, e.account[i], attributes)
    bump(day, shard, contract, cell, MESSAGES, 1, i)
    return note_order_step(day, shard, contract, cell, i, STEP_RFQ, e.said[i] & SIDE_BITS, 0,
                           STEP_IS_MESSAGE)


# --- trades --------------------------------------------------------------------------------------

cdef int on_trade(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    cdef Events* e = &day.events
    cdef Contract* own = standing(day, e.order_contract, contract, i)
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef uint8_t kind = e.trade_type[i] if e.trade_type != NULL else 0
    cdef Fill fill
    if e.price != NULL and on_book(kind):
        note_touch(contract, e.price[i])
    if e.has_contra != NULL and e.has_contra[i]:
        return trade_two_sided(day, shard, contract, own, i, on_book(kind))
    if e.has_trade != NULL and e.has_trade[i]:
        return trade_broker_form(day, shard, contract, own, i, kind)
    apply_fill(day, shard, own, contract, i, e.order[i], high, e.account[i], True, e.lots[i],
               on_book(kind), &fill)
    if shard.needs_finished:
        return 0
    if day.with_book:
        see_trade(contract, e, i, SEEN_ONE_SIDED if on_book(kind) else SEEN_OFF_BOOK)
    note_fill_step(day, shard, contract, i, row_side(e, i, &fill), e.lots[i], on_book(kind), &fill,
                   -1)
    if not day.tells_matches:
        return 0
    return note_fault(contract, e, i, ONE_SIDED_TRADE)


cdef inline void note_touch(Contract* contract, int64_t price) noexcept nogil:
    """Remember that there was a trade at a limit price."""
    if price != NO_PRICE:
        if price == contract.upper:
            contract.touched |= AT_UPPER
        if price == contract.lower:
            contract.touched |= AT_LOWER


cdef inline int note_fill_step(Day* day, Shard* shard, Contract* contract, int64_t i, int32_t side,
                               int64_t lots, bint ordinary, Fill* fill,
                               int64_t match) except -1 nogil:
    """Hand out one side of a trade, where that is asked for and somebody is known."""
    cdef uint32_t attributes
    if not (day.step_kinds >> STEP_FILL) & 1 or fill.account < 0:
        return 0
    attributes = event_attributes(contract, &day.events, i, fill.attributes, 0)
    return note_step(day, shard, contract, i, STEP_FILL, fill.account,
                     attributes | of_account(day, contract, fill.account), side, fill.offset, lots,
                     STEP_IS_ORDINARY if ordinary else 0, match)


cdef inline int32_t opposite(int32_t side) noexcept nogil:
    """Return the other side; of an unknown one, unknown."""
    return BUY + SELL - side if side else 0


cdef inline bint on_book(uint8_t kind) noexcept nogil:
    """Whether a type of trade can be a self-trade or an opening."""
    return kind <= COMBINATION_LEG


cdef int trade_two_sided(Day* day, Shard* shard, Contract* contract, Contract* own, int64_t i,
                         bint ordinary) except -1 nogil:
    """Exchange form: the row names both orders; ``order_id`` came in, but in an auction."""
    cdef Events* e = &day.events
    cdef Contract* other = standing(day, e.contra_order_contract, contract, i)
    cdef int64_t key = e.order[i]
    cdef int64_t contra = e.contra[i]
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef uint64_t contra_high = e.contra_high[i] if e.contra_high != NULL else 0
    cdef int32_t contra_account = e.contra_account[i] if e.contra_account != NULL else -1
    cdef int32_t entry = TOLD
    cdef int32_t side
    cdef Fill a
    cdef Fill b
    if day.with_book:
        see_match(contract, own, other, e, i, ordinary)
    apply_fill(day, shard, own, contract, i, key, high, e.account[i], True, e.lots[i], ordinary,
               &a)
    if shard.needs_finished:
        return 0
    apply_fill(day, shard, other, contract, i, contra, contra_high, contra_account, False,
               e.lots[i], ordinary, &b)
    if shard.needs_finished:
        return 0
    side = row_side(e, i, &a)
    if side == 0:
        side = opposite(b.side)
    note_fill_step(day, shard, contract, i, side, e.lots[i], ordinary, &a, -1)
    note_fill_step(day, shard, contract, i, b.side if b.side else opposite(side), e.lots[i],
                   ordinary, &b, -1)
    if not ordinary or not one_subject(day, a.account, b.account):
        return 0
    if (e.said[i] >> PHASE_AT) & 3 == AUCTION:
        if b.opened > a.opened:
            return note_match(day, shard, contract, i, e.lots[i], other, contra, contra_high, &b,
                              own, key, high, &a, TOLD)
        if not day.with_extra and a.opened >= 0 and b.opened >= 0:
            entry = UNTOLD
            if a.in_auction:
                entry |= INCOMING_IN_AUCTION
            if b.in_auction:
                entry |= RESTING_IN_AUCTION
    return note_match(day, shard, contract, i, e.lots[i], own, key, high, &a,
                      other, contra, contra_high, &b, entry)


cdef int trade_broker_form(Day* day, Shard* shard, Contract* contract, Contract* own, int64_t i,
                           uint8_t kind) except -1 nogil:
    """Broker form: one row a side; the match stands at the second row, with the first's lots."""
    cdef Events* e = &day.events
    cdef int64_t key = e.order[i]
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef int64_t trade = e.trade[i]
    cdef uint64_t trade_high = e.trade_high[i] if e.trade_high != NULL else 0
    cdef Twin* twin
    cdef Twin first
    cdef Fill fill
    cdef int32_t stand = stand_of(own, key, high) if day.with_book else 0
    if mark_has(&contract.matched, trade, trade_high):
        if day.with_book:
            see_trade(contract, e, i, SEEN_ONE_SIDED if on_book(kind) else SEEN_OFF_BOOK)
        apply_fill(day, shard, own, contract, i, key, high, e.account[i], True, e.lots[i],
                   on_book(kind), &fill)
        if shard.needs_finished:
            return 0
        note_fill_step(day, shard, contract, i, row_side(e, i, &fill), e.lots[i], on_book(kind),
                       &fill, -1)
        return note_fault(contract, e, i, ONE_SIDED_TRADE)
    twin = twin_find(&contract.twins, trade, trade_high)
    if twin == NULL:
        apply_fill(day, shard, own, contract, i, key, high, e.account[i], True, e.lots[i],
                   on_book(kind), &fill)
        if shard.needs_finished:
            return 0
        note_fill_step(day, shard, contract, i, row_side(e, i, &fill), e.lots[i], on_book(kind),
                       &fill, e.base + i)
        twin = twin_add(&contract.twins, trade, trade_high)
        set_twin(twin, e, i, own.id, high, kind, &fill)
        twin.stand = stand
        return 0
    first = twin[0]
    if first.kind:
        kind = <uint8_t> first.kind
    apply_fill(day, shard, own, contract, i, key, high, e.account[i], True, first.lots,
               on_book(kind), &fill)
    if shard.needs_finished:
        return 0
    if day.with_book:
        see_twins(contract, own, e, i, on_book(kind), stand, fill.opened, &first)
    note_fill_step(day, shard, contract, i, row_side(e, i, &fill), first.lots, on_book(kind), &fill,
                   first.index)
    twin_remove(&contract.twins, twin)
    mark_add(&contract.matched, trade, trade_high)
    if not fill.fault and twins_differ(e, i, &first, &fill):
        note_fault(contract, e, i, DIFFERS)
    return match_twins(day, shard, contract, own, i, on_book(kind), &first, &fill)


cdef inline void set_twin(Twin* twin, Events* e, int64_t i, int32_t order_contract, uint64_t high,
                          uint8_t kind, Fill* fill) noexcept nogil:
    """Remember the first row of a broker-form match until the second comes."""
    twin.order = e.order[i]
    twin.order_high = high
    twin.order_contract = order_contract
    twin.opened = fill.opened
    twin.account = fill.account
    twin.attributes = fill.attributes
    twin.lots = e.lots[i]
    twin.price = e.price[i] if e.price != NULL else NO_PRICE
    twin.side = row_side(e, i, fill)
    twin.kind = kind
    twin.index = e.base + i
    twin.seq = e.seq[i]
    twin.ts = e.ts[i]
    twin.channel = e.channel[i] if e.channel != NULL else 0


cdef inline int32_t row_side(Events* e, int64_t i, Fill* fill) noexcept nogil:
    """Return the side of a broker-form row: its order's, as the opening row wins, else its own.

    A leg's is its own, for a combination buys one leg and sells the other.
    """
    if fill.side:
        return fill.side
    return (e.said[i] >> SIDE_AT) & 3


cdef inline bint twins_differ(Events* e, int64_t i, Twin* first, Fill* fill) noexcept nogil:
    """Whether the second row does not fit the first: lots, price, or the same side twice."""
    cdef int64_t price = e.price[i] if e.price != NULL else NO_PRICE
    cdef int32_t side = row_side(e, i, fill)
    if first.lots != e.lots[i] or (side and side == first.side):
        return True
    return first.price != price and first.price != NO_PRICE and price != NO_PRICE


cdef int match_twins(Day* day, Shard* shard, Contract* contract, Contract* own, int64_t i,
                     bint ordinary, Twin* first, Fill* fill) except -1 nogil:
    """Hand out the match of two broker-form rows where both sides have one subject."""
    cdef Events* e = &day.events
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef Contract* other = day.contracts[first.order_contract]
    cdef Fill resting
    if not ordinary or not one_subject(day, first.account, fill.account):
        return 0
    resting.opened = first.opened
    resting.account = first.account
    resting.attributes = first.attributes
    if first.opened > fill.opened:
        return note_match(day, shard, contract, i, first.lots, other, first.order,
                          first.order_high, &resting, own, e.order[i], high, fill, TOLD)
    return note_match(day, shard, contract, i, first.lots, own, e.order[i], high, fill,
                      other, first.order, first.order_high, &resting, TOLD)


cdef int apply_fill(Day* day, Shard* shard, Contract* contract, Contract* traded, int64_t i,
                    int64_t key, uint64_t high, int32_t account, bint of_row, int64_t lots,
                    bint ordinary, Fill* fill) except -1 nogil:
    """Take a fill off its order and count it; ``of_row``: the row's own side, hedge... are its."""
    cdef Events* e = &day.events
    cdef Order* order = order_find(&contract.orders, key, high)
    cdef uint32_t offset = (e.said[i] >> OFFSET_AT) & 7 if of_row else 0
    cdef bint is_leg = contract != traded
    cdef bint takes = True
    cdef int32_t cell
    fill.fault = 0
    if order == NULL or order.info & STRAY:
        if order == NULL and has_finished(day, contract, key, high):
            shard.needs_finished = 1
            return 0
        return fill_unknown(day, shard, contract, traded, i, key, high, account, offset, lots,
                            ordinary, fill)
    cell = order.cell
    fill.account = cell_at(&contract.tally, cell).account
    fill.attributes = cell_at(&contract.tally, cell).attributes & (
        OF_EVENT & ~<uint32_t> EVENT_BITS)
    fill.opened = opened_at(&contract.orders, order) if day.with_extra else 0
    fill.in_auction = 1 if order.info & IN_AUCTION else 0
    fill.side = 0 if is_leg else (order.info >> SIDE_AT) & 3
    if is_leg:
        takes = leg_takes(&contract.orders, order, traded.id)
    if late(order, takes):
        fill.fault = 1
        note_fault(traded, e, i, TRADE_AFTER_FINISH)
    elif takes and lots > order.left and not order.info & FINISHED:
        fill.fault = 1
        note_fault(traded, e, i, FILL_OVER_LEFT)
    elif differs_in_trade(contract, order, e, i, account, of_row, is_leg):
        fill.fault = 1
        note_fault(traded, e, i, DIFFERS)
    if (order.info >> OFFSET_AT) & 7 and not (is_leg and offset):
        offset = (order.info >> OFFSET_AT) & 7
    if not order.info & FILLED:
        order.info |= FILLED
        bump(day, shard, contract, cell, FILLED_ORDERS, 1, i)
    if takes and not order.info & FINISHED:
        order.left = order.left - lots if order.left > lots else 0
        if day.with_book:
            lower_in_book(contract, order)
            if is_leg:
                book_settle(&contract.book)
        if order.left == 0:
            finish(day, contract, order, key, high, BY_FILL)
    fill.offset = offset
    return count_lots(day, shard, traded, i, fill, lots, ordinary)


cdef inline int count_lots(Day* day, Shard* shard, Contract* traded, int64_t i, Fill* fill,
                           int64_t lots, bint ordinary) except -1 nogil:
    """Count the lots of a fill: those that open, and where asked for, all."""
    cdef bint opens = ordinary and fill.offset == OPEN
    cdef int32_t cell
    if not opens and day.extra_at[FILLED_LOTS] < 0:
        return 0
    cell = cell_of(day, traded, fill.account,
                   event_attributes(traded, &day.events, i, fill.attributes, 0))
    if opens:
        bump(day, shard, traded, cell, OPEN_LOTS, lots, i)
    if day.extra_at[FILLED_LOTS] >= 0:
        bump(day, shard, traded, cell, day.extra_at[FILLED_LOTS], lots, i)
    return 0


cdef int fill_unknown(Day* day, Shard* shard, Contract* contract, Contract* traded, int64_t i,
                      int64_t key, uint64_t high, int32_t account, uint32_t offset, int64_t lots,
                      bint ordinary, Fill* fill) except -1 nogil:
    """Count a fill of an order that was never opened, for the account its row names."""
    cdef Events* e = &day.events
    cdef Order* order
    cdef int32_t cell
    fill.fault = 1
    fill.account = account
    fill.attributes = UNKNOWN
    fill.opened = -1
    fill.side = 0
    fill.offset = offset
    note_fault(traded, e, i, UNKNOWN_ORDER)
    if account < 0:
        return 0
    order = order_place(&contract.orders, key, high)
    if order.info == 0:
        order = order_add(&contract.orders, order, key, high)
        order.info = USED | STRAY | FILLED
        cell = cell_of(day, contract, account, UNKNOWN)
        bump(day, shard, contract, cell, FILLED_ORDERS, 1, i)
    return count_lots(day, shard, traded, i, fill, lots, ordinary)


cdef inline bint late(Order* order, bint takes) noexcept nogil:
    """Whether a fill comes for an order that is done, and not as its kind's fills may come."""
    if not order.info & FINISHED or order.info & BY_REMAINDER:
        return False
    return takes or not order.info & BY_FILL


cdef inline bint leg_takes(Orders* orders, Order* order, int64_t traded) noexcept nogil:
    """Whether a leg's fill takes lots off: a combination's lots fall with the leg filled first."""
    cdef Extra* extra = &orders.extra[order - orders.at]
    if extra.leg < 0:
        extra.leg = traded
    return extra.leg == traded


cdef inline bint one_subject(Day* day, int32_t a, int32_t b) noexcept nogil:
    return a >= 0 and b >= 0 and day.subject_of[a] == day.subject_of[b]


cdef int note_match(Day* day, Shard* shard, Contract* contract, int64_t i, int64_t lots,
                    Contract* own, int64_t key, uint64_t high, Fill* incoming,
                    Contract* other, int64_t contra, uint64_t contra_high,
                    Fill* resting, int32_t entry) except -1 nogil:
    """Hand out a match within one subject; there are few, and they are counted outside."""
    cdef Events* e = &day.events
    cdef Match* match = <Match*> buffer_add(&shard.matches, sizeof(Match))
    match.row = i
    match.lots = lots
    match.contract = contract.id
    match.incoming = key
    match.incoming_high = high
    match.incoming_contract = own.id
    match.incoming_account = incoming.account
    match.incoming_attributes = event_attributes(
        contract, e, i, incoming.attributes, 0) | of_account(day, contract, incoming.account)
    match.resting = contra
    match.resting_high = contra_high
    match.resting_contract = other.id
    match.resting_account = resting.account
    match.resting_attributes = event_attributes(
        contract, e, i, resting.attributes, 0) | of_account(day, contract, resting.account)
    match.entry = entry
    return 0


# --- orders --------------------------------------------------------------------------------------

cdef inline bint differs(Contract* contract, Order* order, Events* e, int64_t i,
                         int32_t account, uint32_t side_bits) noexcept nogil:
    """Whether the row says something else than the order's opening row.

    side_bits : SIDE_BITS, or 0 where the row has a side of its own
    """
    if account >= 0 and account != cell_at(&contract.tally, order.cell).account:
        return True
    return (both_differ(e.said[i], order.info, side_bits)
            or both_differ(e.said[i], order.info, HEDGE_BITS)
            or both_differ(e.said[i], order.info, TIF_BITS))


cdef inline bint both_differ(uint32_t said, uint32_t known, uint32_t field) noexcept nogil:
    """Whether two packed values give a field and give it differently."""
    return said & field and known & field and (said ^ known) & field


cdef inline bint differs_in_trade(Contract* contract, Order* order, Events* e, int64_t i,
                                  int32_t account, bint of_row, bint is_leg) noexcept nogil:
    if of_row:
        return differs(contract, order, e, i, account, 0 if is_leg else SIDE_BITS)
    return account >= 0 and account != cell_at(&contract.tally, order.cell).account


cdef inline int finish(Day* day, Contract* contract, Order* order, int64_t key, uint64_t high,
                       uint32_t how) except -1 nogil:
    """Retire an order; what may still be filled, or must be remembered, keeps its entry.

    how : BY_REMAINDER, BY_FILL, or 0 for the rest
    """
    if day.keep_finished or how == BY_REMAINDER or has_leg(&contract.orders, order):
        order.info |= FINISHED | how
    else:
        finished_add(&day.pages[contract.numbering], &contract.finished, contract.id, key, high,
                     day.shard_count > 1)
        order_remove(&contract.orders, order)
    return 0


cdef inline bint has_finished(Day* day, Contract* contract, int64_t key,
                              uint64_t high) noexcept nogil:
    """Whether an order is done and let go; one that is kept whole says so itself."""
    return finished_has(&day.pages[contract.numbering], &contract.finished, contract.id, key, high)


cdef inline bint has_leg(Orders* orders, Order* order) noexcept nogil:
    """Whether legs of a combination fill the order: the last leg's fill comes after its finish."""
    return orders.extra != NULL and orders.extra[order - orders.at].leg >= 0


cdef inline void set_opened(Orders* orders, Order* order, int64_t index) noexcept nogil:
    if orders.extra != NULL:
        orders.extra[order - orders.at].opened = index


cdef inline int64_t opened_at(Orders* orders, Order* order) noexcept nogil:
    return orders.extra[order - orders.at].opened if orders.extra != NULL else 0


cdef int note_fault(Contract* contract, Events* e, int64_t i, int kind) except -1 nogil:
    cdef FaultRow* row
    cdef int64_t seen = contract.fault_rows[kind]
    contract.faults[kind] += 1
    if seen >= FIRST_KEPT:
        return 0
    if seen > 0 and contract.first_faults[kind * FIRST_KEPT + seen - 1].index == e.base + i:
        return 0  # both references of the row have this fault
    contract.fault_rows[kind] += 1
    if contract.first_faults == NULL:
        contract.first_faults = <FaultRow*> calloc(ALL_FAULTS * FIRST_KEPT, sizeof(FaultRow))
        if contract.first_faults == NULL:
            with gil:
                raise MemoryError("no memory for the faults of a contract")
    row = &contract.first_faults[kind * FIRST_KEPT + seen]
    row.index = e.base + i
    row.channel = e.channel[i] if e.channel != NULL else 0
    row.seq = e.seq[i]
    row.ts = e.ts[i]
    return 0


# --- the book: see docs/book.md -------------------------------------------------------------------

cdef int before_row(Day* day, Contract* contract, int64_t i, uint8_t action) except -1 nogil:
    """End the incoming order where a row does, and tell whether orders collect in the row."""
    cdef Events* e = &day.events
    cdef Book* book = &contract.book
    cdef uint32_t phase = (e.said[i] >> PHASE_AT) & 3
    cdef bint by_phase
    if day.clock_phases and phase != AUCTION:
        phase = 0
    by_phase = phase == AUCTION or phase == CLOSED
    if book.incoming != NOBODY and ends_incoming(contract, e, i, action):
        rest_incoming(book)
        if phase == 0 and not book.flags & BOOK_TRADED:
            book.flags |= BOOK_COLLECTS
        elif not by_phase and (phase != 0 or not book.flags & BOOK_COLLECTS):
            note_fault(contract, e, i, BOOK_CROSSED)
    book.collects = by_phase or (phase == 0 and book.flags & BOOK_COLLECTS)
    if by_phase:
        book.flags |= BOOK_BY_PHASE
    elif book.flags & BOOK_BY_PHASE and not book.collects:
        book.flags &= ~BOOK_BY_PHASE
        if is_crossed(book):
            note_fault(contract, e, i, BOOK_CROSSED)
    return 0


cdef inline bint ends_incoming(Contract* contract, Events* e, int64_t i,
                               uint8_t action) noexcept nogil:
    """Whether the incoming order is done: a row is neither one of its own nor one of its trades."""
    cdef Named* order = &contract.book.names[contract.book.incoming]
    cdef bint names_it = e.order[i] == order.key and (
        e.order_high == NULL or e.order_high[i] == order.high)
    if action == CANCEL and (e.said[i] >> CANCEL_BY_AT) & 7 == BY_SELF_MATCH:
        return False
    if action == CANCEL or action == AMEND:
        return not names_it
    if action != TRADE:
        return True
    if e.has_contra == NULL or not e.has_contra[i]:
        return False
    if names_it and stands_here(e.order_contract, contract, i):
        return False
    return not (
        e.contra[i] == order.key and (e.contra_high == NULL or e.contra_high[i] == order.high)
        and stands_here(e.contra_order_contract, contract, i))


cdef inline bint stands_here(const int32_t* column, Contract* contract, int64_t i) noexcept nogil:
    return column == NULL or column[i] < 0 or column[i] == contract.id


cdef inline int after_row(Contract* contract, Events* e, int64_t i, uint8_t action) except -1 nogil:
    """Let the incoming order rest where it can, and end an auction that no phase told of."""
    cdef Book* book = &contract.book
    if action == TRADE and on_book(e.trade_type[i] if e.trade_type != NULL else 0):
        book.flags |= BOOK_TRADED
    book_settle(book)
    if book.flags & BOOK_COLLECTS and book.flags & BOOK_TRADED and not is_crossed(book):
        book.flags &= ~BOOK_COLLECTS
    return 0


cdef int open_in_book(Day* day, Shard* shard, Contract* contract, Order* order, uint64_t high,
                      int64_t i, bint is_new) except -1 nogil:
    """Give an order that a row opens its place, if it is of a kind that has one."""
    cdef Events* e = &day.events
    cdef uint32_t kind = (e.said[i] >> ORDER_TYPE_AT) & 7
    cdef int64_t price = e.price[i] if e.price != NULL else NO_PRICE
    cdef int32_t side = <int32_t> ((order.info >> SIDE_AT) & 3)
    cdef bint comes_in = False
    cdef uint8_t stands = 0
    if order.info & KILL or kind == MARKET or kind == STOP:
        order.info |= PLACELESS
    elif side and price != NO_PRICE and order.left > 0:
        comes_in = is_new and not contract.book.collects and reaches(&contract.book, side, price)
        stands = 2 if comes_in else 1
    if day.followed != NULL and day.followed[e.account[i]]:
        look_at_new(shard, contract, order, e, price, side, stands, i, is_new)
    if stands:
        enter_book(contract, order, high, price, e.account[i], side, comes_in, e.ts[i])
    return 0


cdef int enter_book(Contract* contract, Order* order, uint64_t high, int64_t price,
                    int32_t account, int32_t side, bint comes_in, int64_t since) except -1 nogil:
    cdef Book* book = &contract.book
    cdef int32_t node = resting_add(book)
    cdef Resting* resting = &book.orders[node]
    contract.orders.node[order - contract.orders.at] = node
    book.names[node].key = order.key
    book.names[node].high = high
    book.names[node].since = since
    resting.lots = order.left
    resting.account = account
    if not comes_in:
        return queue_join(book, node, side, price)
    resting.level = resting.before = resting.behind = NOBODY
    book.incoming = node
    book.incoming_side = side
    book.incoming_price = price
    return 0


cdef inline void lower_in_book(Contract* contract, Order* order) noexcept nogil:
    """Bring an order's lots in the book to those that it has left, no more than before."""
    cdef int32_t* node = &contract.orders.node[order - contract.orders.at]
    if node[0] == NOBODY:
        return
    if order.left:
        book_lower(&contract.book, node[0], order.left)
    else:
        book_remove(&contract.book, node[0])
        node[0] = NOBODY


cdef int amend_in_book(Contract* contract, Order* order, Events* e, uint64_t high,
                       int64_t i) except -1 nogil:
    """Keep an amended order's place where price and size let it, else let it come in anew."""
    cdef Book* book = &contract.book
    cdef int32_t* node = &contract.orders.node[order - contract.orders.at]
    cdef int64_t price = e.price[i] if e.price != NULL else NO_PRICE
    cdef int32_t side = <int32_t> ((order.info >> SIDE_AT) & 3)
    if node[0] != NOBODY:
        if price == NO_PRICE:
            price = price_in_book(book, node[0])
        if price == price_in_book(book, node[0]) and order.left <= book.orders[node[0]].lots:
            lower_in_book(contract, order)
            return 0
        book_remove(book, node[0])
        node[0] = NOBODY
    if order.left == 0 or order.info & PLACELESS or price == NO_PRICE or side == 0:
        return 0
    return enter_book(contract, order, high, price,
                      cell_at(&contract.tally, order.cell).account, side,
                      not book.collects and reaches(book, side, price), e.ts[i])


cdef inline int32_t stand_of(Contract* contract, int64_t key, uint64_t high) noexcept nogil:
    """Return how an order stands in the book of its contract."""
    cdef Book* book = &contract.book
    cdef Order* order = order_find(&contract.orders, key, high)
    cdef PriceLevel* level
    cdef int32_t node
    if order == NULL or order.info & STRAY:
        return UNKNOWN_STAND
    if order.left == 0:
        return NO_LOTS
    node = contract.orders.node[order - contract.orders.at]
    if node == NOBODY or node == book.incoming:
        return NO_PLACE
    level = &book.levels[book.orders[node].level]
    if level != best_level(book, ladder_of(book, level.side)):
        return BEHIND_BEST
    return AT_HEAD if level.first == node else BEHIND_OTHERS


cdef inline int see_match(Contract* contract, Contract* own, Contract* other, Events* e, int64_t i,
                          bint ordinary) except -1 nogil:
    """Hold a match of two orders, named by one row, against the book."""
    cdef uint64_t high = e.order_high[i] if e.order_high != NULL else 0
    cdef uint64_t contra_high = e.contra_high[i] if e.contra_high != NULL else 0
    cdef int32_t stand = stand_of(other, e.contra[i], contra_high)
    cdef int32_t incoming
    if stand == UNKNOWN_STAND:
        contract.book.counts[SEEN_UNKNOWN_RESTING] += 1
    if not ordinary:
        return see_trade(contract, e, i, SEEN_OFF_BOOK)
    if stand < BEHIND_BEST:
        incoming = stand_of(own, e.order[i], high)
        if incoming >= BEHIND_BEST:
            return see_trade(contract, e, i, seen_of(contract, own, incoming))
    return see_trade(contract, e, i, seen_of(contract, other, stand))


cdef inline int see_twins(Contract* contract, Contract* own, Events* e, int64_t i, bint ordinary,
                          int32_t stand, int64_t opened, Twin* first) except -1 nogil:
    """Hold a match that two rows told, each of one order, against the book."""
    cdef bint is_first = first.opened <= opened
    if (first.stand >= BEHIND_BEST) != (stand >= BEHIND_BEST):
        is_first = first.stand >= BEHIND_BEST
    if not ordinary:
        return see_trade(contract, e, i, SEEN_OFF_BOOK)
    if not is_first:
        return see_trade(contract, e, i, seen_of(contract, own, stand))
    return see_trade(contract, e, i, (
        SEEN_LEG if first.order_contract != contract.id else seen_of(
            contract, contract, first.stand)))


cdef inline int seen_of(Contract* contract, Contract* resting, int32_t stand) noexcept nogil:
    """Return what is seen of a trade by how its resting order stood."""
    if resting != contract:
        return SEEN_LEG
    if stand <= NO_LOTS:
        return BOOK_NO_LOTS
    if stand == NO_PLACE:
        return SEEN_UNPRICED
    if stand == BEHIND_BEST:
        return BOOK_NOT_BEST
    return BOOK_NOT_FIRST if stand == BEHIND_OTHERS else SEEN_AT_HEAD


cdef inline int see_trade(Contract* contract, Events* e, int64_t i, int seen) except -1 nogil:
    """Count what a trade was seen as; in an auction nothing more is asked of it."""
    if contract.book.collects and seen != SEEN_OFF_BOOK:
        seen = SEEN_AUCTION
    if seen >= FAULTS:
        return note_fault(contract, e, i, seen)
    contract.book.counts[seen] += 1
    return 0


cdef inline int64_t price_of(PriceLevel* level) noexcept nogil:
    return NO_PRICE if level == NULL else level.price


cdef int look_at_new(Shard* shard, Contract* contract, Order* order, Events* e, int64_t price,
                     int32_t side, uint8_t stands, int64_t i, bint is_new) except -1 nogil:
    """Hand out what the book looked like to an order before it joined."""
    cdef Book* book = &contract.book
    cdef Sight* sight = add_sight(shard, contract, e.account[i], i,
                                  STEP_ORDER if is_new else STEP_CARRIED)
    cdef PriceLevel* level
    see_sides(book, side, sight)
    sight.price = price
    sight.left = order.left
    sight.stands = stands
    if stands == 1:
        level = level_at(book, side, price)
        sight.before = 0 if level == NULL else level.lots
        sight.level_lots = sight.before + order.left
        sight.rank = rank_of(book, side, price)
    return 0


cdef inline int look_at_order(Day* day, Shard* shard, Contract* contract, Order* order, int64_t i,
                              uint8_t what) except -1 nogil:
    """Hand out how an order stands before a row changes it."""
    cdef int32_t account
    cdef int32_t node
    cdef Book* book = &contract.book
    cdef Sight* sight
    if day.followed == NULL:
        return 0
    account = cell_at(&contract.tally, order.cell).account
    if not day.followed[account]:
        return 0
    sight = add_sight(shard, contract, account, i, what)
    see_sides(book, <int32_t> ((order.info >> SIDE_AT) & 3), sight)
    sight.left = order.left
    node = contract.orders.node[order - contract.orders.at]
    if node == NOBODY:
        return 0
    sight.price = price_in_book(book, node)
    sight.stands = 2
    if node != book.incoming:
        sight.stands = 1
        sight.before = lots_before(book, &book.orders[node])
        sight.level_lots = book.levels[book.orders[node].level].lots
        sight.rank = rank_of(book, book.levels[book.orders[node].level].side, sight.price)
    return 0


cdef inline uint8_t rank_of(Book* book, int32_t side, int64_t price) noexcept nogil:
    """Return how many levels of a side are better than a price, at most 255."""
    cdef Ladder* ladder = ladder_of(book, side)
    cdef int64_t good = goodness(side, price)
    cdef int64_t i = rung_place(ladder, good)
    if i < ladder.used and ladder.at[i].good == good:
        i += 1
    return <uint8_t> min(ladder.used - i, 255)


cdef inline Sight* add_sight(Shard* shard, Contract* contract, int32_t account, int64_t i,
                             uint8_t what) except NULL nogil:
    cdef Sight* sight = <Sight*> buffer_add(&shard.sights, sizeof(Sight))
    memset(sight, 0, sizeof(Sight))
    sight.row = i
    sight.price = sight.own_best = sight.other_best = NO_PRICE
    sight.contract = contract.id
    sight.account = account
    sight.what = what
    return sight


cdef inline void see_sides(Book* book, int32_t side, Sight* sight) noexcept nogil:
    """Write down the best prices of both sides and the depth of an order's own."""
    if side:
        sight.own_best = price_of(best_level(book, ladder_of(book, side)))
        sight.other_best = price_of(best_level(book, ladder_against(book, side)))
        sight.five_lots = first_lots(book, ladder_of(book, side), 5)


cdef int tap_row(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    """Hand out the levels of the tapped contracts that a row was of, or changed."""
    cdef int64_t k
    cdef Contract* tapped
    if contract.shown != NULL:
        tap_book(day, shard, contract, i)
    if day.events.order_contract == NULL and day.events.contra_order_contract == NULL:
        return 0
    for k in range(day.contract_used):
        tapped = day.contracts[k]
        if tapped.shown != NULL and is_own(shard, tapped) and tapped.book.touched:
            tap_book(day, shard, tapped, i)
    return 0


cdef int tap_book(Day* day, Shard* shard, Contract* contract, int64_t i) except -1 nogil:
    """Hand out row, levels of bids, levels of asks, contract: each level price, lots, orders."""
    cdef int64_t width = 6 * day.tap_levels
    cdef int64_t* record
    if day.tap_changes and not contract.book.touched:
        return 0
    contract.book.touched = 0
    record = <int64_t*> buffer_add(&shard.depth, (width + 2) * sizeof(int64_t))
    record[0] = i
    show_side(&contract.book, &contract.book.bids, day.tap_levels, &record[1])
    show_side(&contract.book, &contract.book.asks, day.tap_levels, &record[1 + width // 2])
    record[1 + width] = contract.id
    if day.tap_changes and memcmp(contract.shown, &record[1], width * sizeof(int64_t)) == 0:
        shard.depth.used -= (width + 2) * sizeof(int64_t)
    else:
        memcpy(contract.shown, &record[1], width * sizeof(int64_t))
    return 0


cdef inline void show_side(Book* book, Ladder* ladder, int32_t levels,
                           int64_t* record) noexcept nogil:
    cdef int32_t k
    cdef PriceLevel* level
    for k in range(levels):
        if k < ladder.used:
            level = &book.levels[ladder.at[ladder.used - 1 - k].level]
            record[3 * k] = level.price
            record[3 * k + 1] = level.lots
            record[3 * k + 2] = level.orders
        else:
            record[3 * k] = NO_PRICE
            record[3 * k + 1] = record[3 * k + 2] = 0


cdef uint64_t hash_book(Contract* contract) noexcept nogil:
    """Return the sum of the hashes of a book's orders, each with its place."""
    cdef Book* book = &contract.book
    cdef uint64_t total = 0
    cdef uint64_t h
    cdef Named* order
    if book.incoming != NOBODY:
        order = &book.names[book.incoming]
        h = mix(mix(mix(mix(0, 7), contract.name_hash), order.high), <uint64_t> order.key)
        total += mix(h, <uint64_t> book.orders[book.incoming].lots)
    if book.flags:
        total += mix(mix(mix(0, 8), contract.name_hash), <uint64_t> book.flags)
    return total + hash_queues(contract, &book.bids) + hash_queues(contract, &book.asks)


cdef uint64_t hash_queues(Contract* contract, Ladder* ladder) noexcept nogil:
    cdef Book* book = &contract.book
    cdef uint64_t total = 0
    cdef uint64_t h, place
    cdef int32_t node
    cdef int64_t k
    cdef PriceLevel* level
    for k in range(ladder.used):
        level = &book.levels[ladder.at[k].level]
        node = level.first
        place = 0
        while node != NOBODY:
            h = mix(mix(mix(0, 6), contract.name_hash), <uint64_t> level.side)
            h = mix(mix(mix(h, <uint64_t> level.price), place), book.names[node].high)
            h = mix(h, <uint64_t> book.names[node].key)
            total += mix(h, <uint64_t> book.orders[node].lots)
            node = book.orders[node].behind
            place += 1
    return total


# --- counts and levels ---------------------------------------------------------------------------

cdef inline uint32_t of_account(Day* day, Contract* contract, int32_t account) noexcept nogil:
    """Return the bits of attributes that an account settles: market maker, and who names it."""
    cdef uint32_t named = day.named_of[account]
    if day.makers.size == 0 or contract.product < 0:
        return named
    return named | (<uint32_t> MAKER if mark_has(
        &day.makers, (<int64_t> contract.product << 32) | <int64_t> account, 0) else 0)


cdef inline int32_t cell_of(Day* day, Contract* contract, int32_t account,
                            uint32_t attributes) except -1 nogil:
    """Return the cell of an account and attributes, new or known."""
    cdef Tally* tally = &contract.tally
    cdef int32_t cell = cell_find(tally, account, attributes, OF_EVENT)
    cdef int32_t slot, alone = -1
    if cell >= 0:
        return cell
    cell = cell_add(tally, account, attributes, OF_EVENT, of_account(day, contract, account))
    slot = slot_of(tally, day.subject_of[account], False)
    if day.alone_of[account] >= 0:
        alone = slot_of(tally, day.alone_of[account], True)
    chain(tally, cell, slot, alone)
    return cell


cdef inline int32_t event_cell(Day* day, Contract* contract, int32_t cell, int64_t i,
                               uint32_t cancel_by) except -1 nogil:
    """Return the cell for an event of an order: the account's, with the row's own attributes."""
    cdef Cell* base = cell_at(&contract.tally, cell)
    cdef uint32_t attributes = event_attributes(
        contract, &day.events, i, base.attributes, cancel_by)
    cdef int32_t found
    cdef int32_t account
    if (base.attributes & OF_EVENT) == attributes:
        return cell
    found = base.event
    if (cell_at(&contract.tally, found).attributes & OF_EVENT) == attributes:
        return found
    account = base.account
    found = cell_of(day, contract, account, attributes)
    cell_at(&contract.tally, cell).event = found
    return found


cdef inline int bump(Day* day, Shard* shard, Contract* contract, int32_t cell, int field,
                     int64_t amount, int64_t i) except -1 nogil:
    """Add to a count, and see whether a level may have been reached."""
    count_add(cell_at(&contract.tally, cell), field, amount)
    if (contract.judged >> field) & 1:
        return bumped(day, shard, contract, cell, field, amount, i)
    return 0


cdef int bumped(Day* day, Shard* shard, Contract* contract, int32_t cell, int field,
                int64_t amount, int64_t i) except -1 nogil:
    """Bring a count that some rule judges nearer to its levels."""
    cdef ContractClass* kind = &day.classes[contract.class_id]
    cdef Tally* tally = &contract.tally
    cdef Cell* at = cell_at(tally, cell)
    cdef bint near = False
    if (kind.watched >> field) & 1:
        if amount <= at.credit:
            at.credit -= <uint32_t> amount
        else:
            near = takes_all(slot_at(tally, at.slot), day.watch_at[field], amount)
            if at.alone >= 0:
                near |= takes_all(slot_at(tally, at.alone), day.watch_at[field], amount)
            if near:
                settle(day, shard, contract, cell, field, amount, i)
    if (kind.wide >> field) & 1:
        note_increment(day, shard, contract, cell, field, amount, i)
    return 0


cdef inline bint takes_all(Slot* slot, int32_t watched, int64_t amount) noexcept nogil:
    """Take an addition off what is left; return whether it is more, so that sums must be taken."""
    slot.left[watched] -= amount
    return slot.left[watched] < 0


cdef int settle(Day* day, Shard* shard, Contract* contract, int32_t cell, int field,
                int64_t amount, int64_t i) except -1 nogil:
    """Hand out the levels that an addition reached, and tell anew what is left.

    A client judged besides its suspected group has all its cells among the group's, so that the
    group's chain is all that must be walked.
    """
    cdef ContractClass* kind = &day.classes[contract.class_id]
    cdef Tally* tally = &contract.tally
    cdef Cell* at = cell_at(tally, cell)
    cdef Slot* slot = slot_at(tally, at.slot)
    cross(day, shard, contract, slot, field, at, amount, i)
    if at.alone >= 0:
        cross(day, shard, contract, slot_at(tally, at.alone), field, at, amount, i)
    grant(tally, slot, refill(day, kind, tally, slot), True)
    cell = slot.head
    while cell >= 0:
        at = cell_at(tally, cell)
        if at.alone >= 0 and slot_at(tally, at.alone).head == cell:
            grant(tally, slot_at(tally, at.alone),
                  refill(day, kind, tally, slot_at(tally, at.alone)), False)
        cell = at.next
    return 0


cdef void grant(Tally* tally, Slot* slot, int64_t credit, bint anew) noexcept nogil:
    """Give each cell of a slot credit; where not ``anew``, what it has from another bounds it."""
    cdef int32_t cell = slot.head
    cdef Cell* at
    while cell >= 0:
        at = cell_at(tally, cell)
        at.credit = <uint32_t> (credit if anew else min(credit, <int64_t> at.credit))
        cell = next_in(slot, at)


cdef int cross(Day* day, Shard* shard, Contract* contract, Slot* slot, int field, Cell* at,
               int64_t amount, int64_t i) except -1 nogil:
    """Take the exact sums of a subject, and hand out the levels that its last event reached."""
    cdef ContractClass* kind = &day.classes[contract.class_id]
    cdef RuleLevels* rule
    cdef Crossing* crossing
    cdef int64_t before, after
    cdef int32_t r, level
    for r in range(kind.rule_count):
        rule = &kind.rules[r]
        if rule.field != field or rule.reason[at.attributes & rule.mask] != 0:
            continue
        after = counted(&contract.tally, slot, field, rule)
        before = after - amount
        for level in range(2):
            if before < rule.at[level] <= after:
                crossing = <Crossing*> buffer_add(&shard.crossings, sizeof(Crossing))
                crossing.row = i
                crossing.count = after
                crossing.rule = rule.rule
                crossing.level = level
                crossing.subject = slot.subject
                crossing.contract = contract.id
    return 0


cdef int64_t refill(Day* day, ContractClass* kind, Tally* tally, Slot* slot) noexcept nogil:
    """Work out what is left of each count to its next level; return what of it each cell gets.

    One cell gets all that is left of the count nearest to a level. Of several, each gets its part
    of half: then so much is added before sums are taken again that this happens a few times only.
    """
    cdef int64_t least = MOST_CREDIT
    cdef int64_t count, credit
    cdef RuleLevels* rule
    cdef int32_t r, level, k
    for k in range(day.watch_count):
        slot.left[k] = FAR
    for r in range(kind.rule_count):
        rule = &kind.rules[r]
        k = day.watch_at[rule.field]
        count = counted(tally, slot, rule.field, rule)
        for level in range(2):
            if count < rule.at[level]:
                slot.left[k] = min(slot.left[k], rule.at[level] - count - 1)
                least = min(least, slot.left[k])
    credit = least if slot.cells == 1 else least // (2 * slot.cells)
    for k in range(day.watch_count):
        slot.left[k] -= credit * slot.cells
    return credit


cdef inline int64_t counted(Tally* tally, Slot* slot, int field,
                            RuleLevels* rule) noexcept nogil:
    """Return a subject's count in the contract without what a rule leaves out."""
    cdef int64_t total = 0
    cdef int32_t cell = slot.head
    cdef Cell* at
    while cell >= 0:
        at = cell_at(tally, cell)
        if rule.reason[at.attributes & rule.mask] == 0:
            total += count_of(at, field)
        cell = next_in(slot, at)
    return total


cdef int note_increment(Day* day, Shard* shard, Contract* contract, int32_t cell, int field,
                        int64_t amount, int64_t i) except -1 nogil:
    """Hand out one step of a count that is judged in a scope wider than the contract."""
    cdef Increment* step = <Increment*> buffer_add(&shard.increments, sizeof(Increment))
    cdef int32_t account = cell_at(&contract.tally, cell).account
    step.row = i
    step.lots = amount
    step.contract = contract.id
    step.field = field
    step.subject = day.subject_of[account]
    step.alone = day.alone_of[account]
    step.attributes = cell_at(&contract.tally, cell).attributes
    step.unused = 0
    return 0


cdef inline void* buffer_add(Buffer* buffer, int64_t size) except NULL nogil:
    cdef int64_t room
    cdef char* grown
    if buffer.used + size > buffer.room:
        room = max(buffer.room * 2, 64 * size)
        grown = <char*> realloc(buffer.at, room)
        if grown == NULL:
            with gil:
                raise MemoryError("no memory for what a batch hands out")
        buffer.at = grown
        buffer.room = room
    buffer.used += size
    return buffer.at + buffer.used - size


# --- state hash ----------------------------------------------------------------------------------

cdef inline bint is_empty(Tally* tally, int64_t cell, int32_t width) noexcept nogil:
    """Whether a cell holds nothing: that of a carried order without an event."""
    cdef int32_t k
    for k in range(width):
        if count_of(cell_at(tally, cell), k):
            return False
    return True


cdef uint64_t hash_contract(Day* day, Contract* contract) noexcept nogil:
    """Return the sum of the hashes of all that stands in a contract."""
    cdef uint64_t total = 0
    cdef uint64_t h
    cdef int64_t i, k
    cdef Order* order
    cdef Cell* cell
    cdef uint64_t high
    for i in range(contract.orders.size):
        order = &contract.orders.at[i]
        if order.info == 0:
            continue
        high = contract.orders.extra[i].high if contract.orders.extra != NULL else 0
        if order.info & STRAY:
            h = mix(mix(mix(mix(0, 3), contract.name_hash), high), <uint64_t> order.key)
        elif order.info & FINISHED:
            h = hash_finished(contract, high, order.key)
        else:
            h = mix(mix(mix(mix(0, 1), contract.name_hash), high), <uint64_t> order.key)
            h = mix(h, day.account_hash[cell_at(&contract.tally, order.cell).account])
            h = mix(mix(h, <uint64_t> order.left), 1 if order.info & FILLED else 0)
        total += h
    if day.with_book:
        total += hash_book(contract)
    for i in range(contract.finished.size):
        for k in range(64):
            if (contract.finished.at[i].bits >> k) & 1:
                total += hash_finished(contract, contract.finished.at[i].high,
                                       (contract.finished.at[i].block << 6) + k)
    for i in range(contract.twins.size):
        if contract.twins.at[i].state:
            h = mix(mix(mix(0, 4), contract.name_hash), contract.twins.at[i].high)
            total += mix(mix(h, <uint64_t> contract.twins.at[i].key),
                         <uint64_t> contract.twins.at[i].lots)
    for i in range(contract.tally.cell_used):
        if is_empty(&contract.tally, i, day.width):
            continue
        h = mix(mix(0, 5), contract.name_hash)
        cell = cell_at(&contract.tally, i)
        h = mix(mix(h, day.account_hash[cell.account]), cell.attributes)
        for k in range(day.width):
            h = mix(h, <uint64_t> count_of(cell, <int> k))
        total += h
    return total


cdef uint64_t hash_pages(Day* day) noexcept nogil:
    """Return the sum of the hashes of the finished orders that stand in pages."""
    cdef uint64_t total = 0
    cdef int64_t n, i, k
    cdef Page* page
    for n in range(day.numberings):
        for i in range(day.pages[n].size):
            page = &day.pages[n].at[i]
            for k in range(PAGE_IDS if page.owner != NULL else 0):
                if page.owner[k]:
                    total += hash_finished(day.contracts[page.owner[k] - 1], 0,
                                           (page.number << PAGE_BITS) + k)
    return total


cdef inline uint64_t hash_finished(Contract* contract, uint64_t high, int64_t key) noexcept nogil:
    return mix(mix(mix(mix(0, 2), contract.name_hash), high), <uint64_t> key)


# --- the Python class ---------------------------------------------------------------------------

CROSSING = np.dtype([("row", "i8"), ("count", "i8"), ("rule", "i4"), ("level", "i4"),
                     ("subject", "i4"), ("contract", "i4")])
INCREMENT = np.dtype([("row", "i8"), ("lots", "i8"), ("contract", "i4"), ("field", "i4"),
                      ("subject", "i4"), ("alone", "i4"), ("attributes", "u4"), ("unused", "i4")])
MATCH = np.dtype([("row", "i8"), ("lots", "i8"), ("incoming", "i8"), ("resting", "i8"),
                  ("incoming_high", "u8"), ("resting_high", "u8"), ("contract", "i4"),
                  ("incoming_contract", "i4"), ("resting_contract", "i4"),
                  ("incoming_account", "i4"), ("resting_account", "i4"),
                  ("incoming_attributes", "u4"), ("resting_attributes", "u4"), ("entry", "i4")])

STEP = np.dtype([("row", "i8"), ("lots", "i8"), ("price", "i8"), ("match", "i8"),
                 ("contract", "i4"), ("account", "i4"), ("attributes", "u4"), ("what", "u1"),
                 ("side", "u1"), ("offset", "u1"), ("flags", "u1")])

SIGHT = np.dtype([("row", "i8"), ("price", "i8"), ("own_best", "i8"), ("other_best", "i8"),
                  ("before", "i8"), ("level_lots", "i8"), ("five_lots", "i8"), ("left", "i8"),
                  ("contract", "i4"), ("account", "i4"), ("stands", "u1"), ("what", "u1"),
                  ("rank", "u1"), ("unused", "u1", 5)])

RESTING = np.dtype([("key", "i8"), ("high", "u8"), ("price", "i8"), ("lots", "i8"),
                    ("before", "i8"), ("opened_ts", "i8"), ("account", "i4"), ("side", "u1"),
                    ("incoming", "u1"), ("unused", "u1", 2)])

SIZES = {"order": sizeof(Order), "extra": sizeof(Extra), "mark": sizeof(MarkWord),
         "page": PAGE_IDS * sizeof(uint16_t), "twin": sizeof(Twin), "cell": sizeof(Cell),
         "slot": sizeof(Slot), "crossing": sizeof(Crossing), "increment": sizeof(Increment),
         "match": sizeof(Match), "step": sizeof(Step), "sight": sizeof(Sight),
         "resting": sizeof(Resting), "named": sizeof(Named), "price_level": sizeof(PriceLevel)}

CODES = {
    "Action": {"NEW": NEW, "CANCEL": CANCEL, "TRADE": TRADE, "AMEND": AMEND, "REJECT": REJECT,
               "CARRIED": CARRIED, "RFQ": RFQ},
    "Offset": {"OPEN": OPEN},
    "Tif": {"FAK": FAK, "FOK": FOK},
    "Side": {"BUY": BUY, "SELL": SELL},
    "TradeType": {"COMBINATION_LEG": COMBINATION_LEG},
    "Phase": {"AUCTION": AUCTION, "CLOSED": CLOSED},
    "OrderType": {"MARKET": MARKET, "STOP": STOP},
    "BookCount": {"OFF_BOOK": SEEN_OFF_BOOK, "AUCTION": SEEN_AUCTION,
                  "ONE_SIDED": SEEN_ONE_SIDED, "LEG": SEEN_LEG, "UNPRICED": SEEN_UNPRICED,
                  "AT_HEAD": SEEN_AT_HEAD, "UNKNOWN_RESTING": SEEN_UNKNOWN_RESTING},
    "CancelBy": {"CLIENT": BY_CLIENT, "EXPIRY": BY_EXPIRY, "SELF_MATCH": BY_SELF_MATCH,
                 "DISCONNECT": BY_DISCONNECT, "FORCED": BY_FORCED, "UNNAMED": BY_UNNAMED},
    "Fault": {"DUPLICATE_ORDER": DUPLICATE_ORDER, "REJECT_AFTER_NEW": REJECT_AFTER_NEW,
              "UNKNOWN_ORDER": UNKNOWN_ORDER, "EVENT_AFTER_FINISH": EVENT_AFTER_FINISH,
              "TRADE_AFTER_FINISH": TRADE_AFTER_FINISH, "CANCEL_OVER_LEFT": CANCEL_OVER_LEFT,
              "FILL_OVER_LEFT": FILL_OVER_LEFT, "ONE_SIDED_TRADE": ONE_SIDED_TRADE,
              "DIFFERS": DIFFERS},
}
ATTRIBUTES = {"tif": TIF_SHIFT, "order_type": ORDER_TYPE_SHIFT, "phase": PHASE_SHIFT,
              "cancel_by": CANCEL_BY_SHIFT}
CELL_COUNTS = {"orders": ORDERS, "cancels": CANCELS, "messages": MESSAGES,
               "filled_orders": FILLED_ORDERS, "open_lots": OPEN_LOTS}
ENTRIES = {"TOLD": TOLD, "UNTOLD": UNTOLD, "INCOMING_IN_AUCTION": INCOMING_IN_AUCTION,
           "RESTING_IN_AUCTION": RESTING_IN_AUCTION}
EXTRA_COUNTS = {"ordered_open_lots": ORDERED_OPEN_LOTS, "limit_price_cancels": LIMIT_PRICE_CANCELS,
                "limit_price_cancel_lots": LIMIT_PRICE_CANCEL_LOTS, "filled_lots": FILLED_LOTS}
STEPS = {"ORDER": STEP_ORDER, "CARRIED": STEP_CARRIED, "CANCEL": STEP_CANCEL, "AMEND": STEP_AMEND,
         "RFQ": STEP_RFQ, "FILL": STEP_FILL, "MESSAGE": STEP_IS_MESSAGE,
         "REMAINDER": STEP_IS_REMAINDER, "ORDINARY": STEP_IS_ORDINARY}
FAULT_KINDS = FAULTS
FIRST_FAULTS_KEPT = FIRST_KEPT

_BOOK_FAULT = {BOOK_NO_LOTS: 5, BOOK_NOT_BEST: 6, BOOK_NOT_FIRST: 7, BOOK_CROSSED: 9}
"""Kind among the faults -> schema.BookCount."""

_COLUMNS = (
    ("seq", np.int64), ("ts", np.int64), ("channel", np.int64), ("contract", np.int32),
    ("action", np.uint8), ("order", np.int64), ("order_high", np.uint64), ("lots", np.int64),
    ("account", np.int32), ("side", np.uint8), ("offset", np.uint8), ("hedge", np.uint8),
    ("order_type", np.uint8), ("tif", np.uint8), ("price", np.int64), ("contra", np.int64),
    ("contra_high", np.uint64), ("has_contra", np.uint8), ("contra_account", np.int32),
    ("trade", np.int64), ("trade_high", np.uint64), ("has_trade", np.uint8),
    ("order_contract", np.int32), ("contra_order_contract", np.int32), ("trade_type", np.uint8),
    ("cancel_by", np.uint8), ("phase", np.uint8),
)


_PACKED = (("side", SIDE_AT), ("offset", OFFSET_AT), ("hedge", HEDGE_AT), ("tif", TIF_AT),
           ("order_type", ORDER_TYPE_AT), ("phase", PHASE_AT), ("cancel_by", CANCEL_BY_AT))


cdef const void* address(object array, object dtype, int64_t rows) except? NULL:
    """Return where a column's data lies; the caller keeps the array alive."""
    cdef const uint8_t[::1] view
    if array is None:
        return NULL
    if not (array.dtype == dtype and array.shape == (rows,) and array.flags.c_contiguous):
        raise ValueError(f"expected {rows} {np.dtype(dtype)}, found {array.shape} {array.dtype}")
    view = array.view(np.uint8)
    return &view[0]


cdef class Scanner:
    """The order tables, cells and levels of a day.

    large_count : how many sizes make a cancel large, each a count of its own
    watched : count fields that some rule judges by contract
    shards : how many threads will call ``run`` at once
    keep_finished : keep finished orders whole, not as marks; needed once a fill comes for one
    with_extra : the log needs the order of opening rows, or has legs (phase, trade_id, ...)
    tells_matches : the log has a column for the other side of a trade; without one none is missing
    extra : places in schema.EXTRA_COUNTS of the counts that cells hold besides, ascending
    step_kinds : bit k: steps of kind k (steps.What) are handed out
    with_book : keep each contract's order book
    clock_phases : phases were put in by the clock: only auctions are phases to a book
    """

    cdef Day day
    cdef Shard* shards          # owned
    cdef readonly int shard_count
    cdef list held              # arrays that the structs point into
    cdef list batch_held
    cdef object said            # packed codes of the batch's rows
    cdef public int64_t rows    # rows fed so far

    def __cinit__(self, int large_count, watched, int shards, bint keep_finished, bint with_extra,
                  bint tells_matches, extra, uint32_t step_kinds, bint with_book=False,
                  bint clock_phases=False):
        cdef int j, field
        assert 0 <= large_count <= MAX_LARGE and shards >= 1
        self.held = []
        self.batch_held = []
        self.day.large_count = large_count
        for j in range(EXTRAS):
            self.day.extra_at[j] = -1
        self.day.extra_count = len(extra)
        for j, field in enumerate(extra):
            assert 0 <= field < EXTRAS
            self.day.extra_at[field] = LARGE + self.day.large_count + j
        self.day.step_kinds = step_kinds
        self.day.width = LARGE + self.day.large_count + self.day.extra_count
        self.day.watch_count = len(watched)
        for j, field in enumerate(watched):
            assert 0 <= field < self.day.width
            self.day.watch_at[field] = j
        self.day.keep_finished = keep_finished
        self.day.with_extra = with_extra
        self.day.tells_matches = tells_matches
        self.day.with_book = with_book
        self.day.clock_phases = clock_phases
        self.shard_count = self.day.shard_count = shards
        self.shards = <Shard*> calloc(shards, sizeof(Shard))
        if self.shards == NULL:
            raise MemoryError()
        for j in range(shards):
            self.shards[j].id = -1 if shards == 1 else j

    def __dealloc__(self):
        cdef int64_t i
        if self.shards != NULL:
            for i in range(self.shard_count):
                free(self.shards[i].crossings.at)
                free(self.shards[i].increments.at)
                free(self.shards[i].matches.at)
                free(self.shards[i].steps.at)
                free(self.shards[i].sights.at)
                free(self.shards[i].depth.at)
            free(self.shards)
        for i in range(self.day.contract_used):
            free_contract(self.day.contracts[i])
        free(self.day.contracts)
        for i in range(self.day.class_used):
            free(self.day.classes[i].rules)
            free(self.day.classes[i].large)
        free(self.day.classes)
        free(self.day.subject_of)
        free(self.day.alone_of)
        free(self.day.named_of)
        free(self.day.account_hash)
        free(self.day.followed)
        free(self.day.makers.at)
        for i in range(self.day.numberings):
            pages_free(&self.day.pages[i])
        free(self.day.pages)

    def add_class(self, rules, wide, large):
        """Add a kind of contract: those that the same rules judge in the same way.

        rules : list of (plan index, count field, yellow or -1, red or -1, reasons), the last
            (65536,) uint8: 0 where an event with these attributes counts; where the rule tells
            accounts apart by the exemptions that name them, as many of these as there are codes
        wide : count fields that some rule judges in a wider scope
        large : lots from which on a cancel is large there, by size; None where not known

        Returns the class id.
        """
        cdef ContractClass* kind
        cdef ContractClass* grown
        cdef const uint8_t[::1] reason
        cdef int64_t k
        grown = <ContractClass*> realloc(
            self.day.classes, sizeof(ContractClass) * (self.day.class_used + 1))
        if grown == NULL:
            raise MemoryError()
        self.day.classes = grown
        kind = &grown[self.day.class_used]
        kind.rule_count = len(rules)
        kind.watched = 0
        kind.wide = 0
        kind.rules = <RuleLevels*> calloc(max(1, len(rules)), sizeof(RuleLevels))
        kind.large = <int64_t*> calloc(max(1, len(large)), sizeof(int64_t))
        if kind.rules == NULL or kind.large == NULL:
            free(kind.rules)
            free(kind.large)
            raise MemoryError()
        self.day.class_used += 1
        assert len(large) == self.day.large_count
        for k, lots in enumerate(large):
            kind.large[k] = NO_SIZE if lots is None else <int64_t> lots
        for k, (index, field, yellow, red, table) in enumerate(rules):
            assert len(table) % 65536 == 0 and 0 <= field < self.day.width
            reason = table
            self.held.append(table)
            kind.rules[k].rule = index
            kind.rules[k].field = field
            kind.rules[k].at[0] = yellow
            kind.rules[k].at[1] = red
            kind.rules[k].reason = &reason[0]
            kind.rules[k].mask = 0xFFFF if len(table) == 65536 else 0xFFFFFFFF
            kind.watched |= <uint64_t> 1 << <int> field
        for field in wide:
            kind.wide |= <uint64_t> 1 << <int> field
        return self.day.class_used - 1

    def add_contract(self, int class_id, int product, int numbering, bint remainder_first,
                     uint64_t name_hash, uint32_t mask, upper=None, lower=None):
        """Add the next contract, by id; ``product`` -1 where it is not known.

        mask : attributes that its cells keep apart, as in schema.attribute_mask
        upper, lower : limit prices of the day in the units of prices, None unknown
        numbering : of the exchange that numbers its orders, from 0 in order of coming
        """
        cdef Contract** grown
        cdef Contract* contract
        cdef Pages* pages
        cdef int64_t room
        assert 0 <= class_id < self.day.class_used
        assert 0 <= numbering <= self.day.numberings
        if numbering == self.day.numberings:
            pages = <Pages*> realloc(self.day.pages, sizeof(Pages) * (numbering + 1))
            if pages == NULL:
                raise MemoryError()
            memset(&pages[numbering], 0, sizeof(Pages))
            pages[numbering].last = NO_PAGE
            self.day.pages = pages
            self.day.numberings += 1
            pages_grow(&pages[numbering])
        if self.day.contract_used == self.day.contract_room:
            room = max(16, self.day.contract_room * 2)
            grown = <Contract**> realloc(self.day.contracts, sizeof(Contract*) * room)
            if grown == NULL:
                raise MemoryError()
            self.day.contracts = grown
            self.day.contract_room = room
        contract = <Contract*> calloc(1, sizeof(Contract))
        if contract == NULL:
            raise MemoryError()
        contract.id = <int32_t> self.day.contract_used
        contract.class_id = class_id
        contract.product = product
        contract.numbering = numbering
        contract.remainder_first = remainder_first
        contract.name_hash = name_hash
        contract.mask = mask
        contract.upper = NO_PRICE if upper is None else <int64_t> upper
        contract.lower = NO_PRICE if lower is None else <int64_t> lower
        contract.judged = (self.day.classes[class_id].watched | self.day.classes[class_id].wide)
        self.day.contracts[self.day.contract_used] = contract
        self.day.contract_used += 1
        tally_begin(&contract.tally, self.day.large_count + self.day.extra_count,
                    self.day.watch_count)
        book_begin(&contract.book)
        order_grow(&contract.orders, FEW_ORDERS, self.day.with_extra, self.day.with_book)

    def add_account(self, int subject, int alone, makes, uint64_t name_hash, uint32_t named=0):
        """Add the next account, by id.

        subject : who is judged for it
        alone : the client judged besides, -1 none
        makes : product ids in which it is a market maker
        named : the code of the exemptions that name it
        """
        cdef int64_t room
        cdef void* grown
        if self.day.account_used == self.day.account_room:
            room = max(64, self.day.account_room * 2)
            grown = realloc(self.day.subject_of, sizeof(int32_t) * room)
            if grown == NULL:
                raise MemoryError()
            self.day.subject_of = <int32_t*> grown
            grown = realloc(self.day.alone_of, sizeof(int32_t) * room)
            if grown == NULL:
                raise MemoryError()
            self.day.alone_of = <int32_t*> grown
            grown = realloc(self.day.named_of, sizeof(uint32_t) * room)
            if grown == NULL:
                raise MemoryError()
            self.day.named_of = <uint32_t*> grown
            grown = realloc(self.day.account_hash, sizeof(uint64_t) * room)
            if grown == NULL:
                raise MemoryError()
            self.day.account_hash = <uint64_t*> grown
            if self.day.followed != NULL:
                self.follow_room(room)
            self.day.account_room = room
        for product in makes:
            mark_add(&self.day.makers,
                     (<int64_t> product << 32) | self.day.account_used, 0)
        self.day.subject_of[self.day.account_used] = subject
        self.day.alone_of[self.day.account_used] = alone
        self.day.named_of[self.day.account_used] = named << NAMED_AT
        self.day.account_hash[self.day.account_used] = name_hash
        self.day.account_used += 1

    def set_shard(self, int64_t contract, int shard):
        """Give a contract to a shard; allowed between batches."""
        assert 0 <= contract < self.day.contract_used and 0 <= shard < self.shard_count
        self.day.contracts[contract].shard = shard

    def load(self, batch):
        """Take up a batch (batch.Batch); ``run`` then applies it, shard by shard."""
        cdef Events* e = &self.day.events
        cdef int64_t rows = len(batch)
        columns = {}
        for name, dtype in _COLUMNS:
            column = getattr(batch, name)
            if column is not None:
                column = np.ascontiguousarray(column, dtype)
            columns[name] = column
        self.batch_held = list(columns.values())
        e.rows = rows
        e.base = self.rows
        self.rows += rows
        if rows == 0:
            return
        e.seq = <const int64_t*> address(columns["seq"], np.int64, rows)
        e.ts = <const int64_t*> address(columns["ts"], np.int64, rows)
        e.channel = <const int64_t*> address(columns["channel"], np.int64, rows)
        e.contract = <const int32_t*> address(columns["contract"], np.int32, rows)
        e.action = <const uint8_t*> address(columns["action"], np.uint8, rows)
        e.order = <const int64_t*> address(columns["order"], np.int64, rows)
        e.order_high = <const uint64_t*> address(columns["order_high"], np.uint64, rows)
        e.lots = <const int64_t*> address(columns["lots"], np.int64, rows)
        e.account = <const int32_t*> address(columns["account"], np.int32, rows)
        e.price = <const int64_t*> address(columns["price"], np.int64, rows)
        e.contra = <const int64_t*> address(columns["contra"], np.int64, rows)
        e.contra_high = <const uint64_t*> address(columns["contra_high"], np.uint64, rows)
        e.has_contra = <const uint8_t*> address(columns["has_contra"], np.uint8, rows)
        e.contra_account = <const int32_t*> address(columns["contra_account"], np.int32, rows)
        e.trade = <const int64_t*> address(columns["trade"], np.int64, rows)
        e.trade_high = <const uint64_t*> address(columns["trade_high"], np.uint64, rows)
        e.has_trade = <const uint8_t*> address(columns["has_trade"], np.uint8, rows)
        e.order_contract = <const int32_t*> address(columns["order_contract"], np.int32, rows)
        e.contra_order_contract = <const int32_t*> address(
            columns["contra_order_contract"], np.int32, rows)
        e.trade_type = <const uint8_t*> address(columns["trade_type"], np.uint8, rows)
        e.tells_cancel_by = columns["cancel_by"] is not None
        e.said = self.pack(columns, rows)
        if not ids_known(&self.day):
            raise ValueError("a row of an action, contract or account that was not introduced")
        if not self.day.keep_finished:
            make_pages(&self.day)

    cdef const uint32_t* pack(self, dict columns, int64_t rows) except NULL:
        """Return what each row says of its order in codes, packed; held until the next batch."""
        cdef uint32_t[::1] said
        if self.said is None or len(self.said) < rows:
            self.said = np.empty(rows, np.uint32)
        said = self.said
        memset(&said[0], 0, rows * sizeof(uint32_t))
        for name, at in _PACKED:
            if columns[name] is not None:
                pack_column(&said[0], <const uint8_t*> address(columns[name], np.uint8, rows), at,
                            rows)
        return &said[0]

    def run(self, int shard):
        """Apply the rows of one shard, without the GIL.

        Returns False where a fill came for a finished order of which only a mark is left: the
        day must then be scanned with ``keep_finished``.
        """
        assert 0 <= shard < self.shard_count
        with nogil:
            run_shard(&self.day, &self.shards[shard])
        return not self.shards[shard].needs_finished

    def take(self):
        """Return what the batch handed out, in row order: crossings, increments, matches, steps."""
        parts = ([], [], [])
        cdef int j
        for j in range(self.shard_count):
            parts[0].append(drain(&self.shards[j].crossings, CROSSING))
            parts[1].append(drain(&self.shards[j].increments, INCREMENT))
            parts[2].append(drain(&self.shards[j].matches, MATCH))
        return (*map(in_row_order, parts), take_steps(self.shards, self.shard_count))

    def end_day(self):
        """Turn broker-form rows whose twin never came into faults; call once, at the end."""
        cdef int64_t i
        for i in range(self.day.contract_used):
            close_twins(self.day.contracts[i])

    def cells(self):
        """Return all cells: contract, account, attributes (n,) and counts (n, width)."""
        cdef int64_t i, c, n = 0
        cdef int k
        cdef Contract* contract
        cdef Cell* cell
        for i in range(self.day.contract_used):
            n += self.day.contracts[i].tally.cell_used
        contracts = np.empty(n, np.int32)
        accounts = np.empty(n, np.int32)
        attributes = np.empty(n, np.int32)
        counts = np.empty((n, self.day.width), np.int64)
        cdef int32_t[::1] contract_view = contracts
        cdef int32_t[::1] account_view = accounts
        cdef int32_t[::1] attribute_view = attributes
        cdef int64_t[:, ::1] count_view = counts
        n = 0
        for i in range(self.day.contract_used):
            contract = self.day.contracts[i]
            for c in range(contract.tally.cell_used):
                cell = cell_at(&contract.tally, c)
                contract_view[n] = <int32_t> i
                account_view[n] = cell.account
                attribute_view[n] = <int32_t> cell.attributes
                for k in range(self.day.width):
                    count_view[n, k] = count_of(cell, k)
                n += 1
        return contracts, accounts, attributes, counts

    def contract_rows(self, int64_t contract):
        """Return (rows by action code (8), first seq, last seq, first ts, last ts)."""
        assert 0 <= contract < self.day.contract_used
        cdef Contract* k = self.day.contracts[contract]
        return [k.actions[a] for a in range(8)], k.first_seq, k.last_seq, k.first_ts, k.last_ts

    def faults(self, int64_t contract):
        """Return [(kind, count, [(index, channel, seq, ts), ...]), ...] of a contract."""
        return self.faults_among(contract, 0, FAULTS)

    def book_seen(self, int64_t contract):
        """Return counts by schema.BookCount, and as ``faults`` does those that it calls faults."""
        assert 0 <= contract < self.day.contract_used
        cdef Contract* k = self.day.contracts[contract]
        counts = [k.book.counts[j] for j in range(BOOK_COUNTS)]
        faults = [(kind, count, first) for kind, count, first
                  in self.faults_among(contract, FAULTS, ALL_FAULTS)]
        return counts, [(_BOOK_FAULT[kind], count, first) for kind, count, first in faults]

    cdef list faults_among(self, int64_t contract, int start, int stop):
        assert 0 <= contract < self.day.contract_used
        cdef Contract* k = self.day.contracts[contract]
        cdef int kind
        cdef int64_t j
        found = []
        for kind in range(start, stop):
            if k.faults[kind] == 0:
                continue
            first = []
            for j in range(k.fault_rows[kind]):
                row = k.first_faults[kind * FIRST_KEPT + j]
                first.append((row.index, row.channel, row.seq, row.ts))
            found.append((kind, k.faults[kind], first))
        return found

    def book(self, int64_t contract, int levels):
        """Return the best bids and asks of a contract, best first.

        Two int64 arrays (k, 3), k at most ``levels``: price in ticks, lots, orders.
        """
        assert 0 <= contract < self.day.contract_used and levels >= 0
        cdef Book* book = &self.day.contracts[contract].book
        return side_shown(book, &book.bids, levels), side_shown(book, &book.asks, levels)

    def resting_of(self, int64_t contract, const uint8_t[::1] own):
        """Return the orders of some accounts in a contract's book: (n,) RESTING.

        Bids, the best first, asks, the best first, each queue in its order, then the incoming
        order. ``before``: lots before it in its queue, whosoever.

        own : (accounts,) 1 for those
        """
        assert 0 <= contract < self.day.contract_used and len(own) >= self.day.account_used
        cdef Book* book = &self.day.contracts[contract].book
        cdef int32_t node
        cdef Resting* order
        rows = []
        for node in range(<int32_t> book.order_used):
            order = &book.orders[node]
            if order.account >= 0 and own[order.account]:
                before = 0 if node == book.incoming else lots_before(book, order)
                rows.append(resting_row(book, node, before))
        rows.sort(key=_by_place)
        return np.array(rows, RESTING)

    def tap(self, int64_t contract, int levels, bint changes_only):
        """Have the first levels of a contract handed out after each row from now on.

        changes_only : only where they differ from those handed out before. Levels and this are
            the same for all tapped contracts.
        """
        assert 0 <= contract < self.day.contract_used and levels >= 1 and self.day.with_book
        cdef Contract* k = self.day.contracts[contract]
        cdef int64_t j
        assert not self.day.tapped or levels == self.day.tap_levels
        self.day.tapped += k.shown == NULL
        self.day.tap_levels = levels
        self.day.tap_changes = changes_only
        if k.shown == NULL:
            k.shown = <int64_t*> calloc(6 * levels, sizeof(int64_t))
            if k.shown == NULL:
                raise MemoryError()
        for j in range(2 * levels):
            k.shown[3 * j] = NO_PRICE

    def take_depth(self):
        """Return what tapped contracts handed out since the last call: (n, 2 + 6 * levels) int64.

        Row of the batch, then price, lots and orders of each level of the bids, then of the asks,
        NO_PRICE, 0 and 0 where there is none, then the contract.
        """
        cdef int j
        width = 2 + 6 * self.day.tap_levels
        parts = [drain(&self.shards[j].depth, np.dtype(np.int64)).reshape(-1, width)
                 for j in range(self.shard_count)]
        if len(parts) == 1:
            return parts[0]
        records = np.concatenate(parts)
        return records[np.argsort(records[:, 0], kind="stable")]

    def follow(self, accounts):
        """Have every order of these accounts looked at when it comes, is cancelled or amended.

        accounts : ids; those followed before are no longer, unless they are among them
        """
        assert self.day.with_book
        if self.day.followed == NULL:
            self.follow_room(max(64, self.day.account_room))
        memset(self.day.followed, 0, max(64, self.day.account_room))
        for account in accounts:
            assert 0 <= account < self.day.account_used
            self.day.followed[<int64_t> account] = 1

    cdef int follow_room(self, int64_t room) except -1:
        cdef uint8_t* grown = <uint8_t*> realloc(self.day.followed, room)
        if grown == NULL:
            raise MemoryError()
        if self.day.followed != NULL and room > self.day.account_room:
            memset(&grown[self.day.account_room], 0, room - self.day.account_room)
        self.day.followed = grown
        return 0

    def take_sights(self):
        """Return what was seen of followed orders since the last call: (n,) SIGHT, by row."""
        cdef int j
        return in_row_order([drain(&self.shards[j].sights, SIGHT)
                             for j in range(self.shard_count)])

    def state_hash(self):
        """Return a hash of all state, the same however the day was cut into batches or shards."""
        cdef uint64_t total = 0
        cdef int64_t i
        for i in range(self.day.contract_used):
            total += hash_contract(&self.day, self.day.contracts[i])
        return total + hash_pages(&self.day)

    def memory(self):
        """Return how much the state takes: live orders, marks, cells, and bytes by kind."""
        cdef int64_t i
        cdef int64_t orders = 0, marks = 0, cells = 0, order_bytes = 0, mark_bytes = 0
        cdef int64_t cell_bytes = 0
        cdef Contract* k
        for i in range(self.day.contract_used):
            k = self.day.contracts[i]
            orders += k.orders.used
            order_bytes += k.orders.size * sizeof(Order)
            if k.orders.extra != NULL:
                order_bytes += k.orders.size * sizeof(Extra)
            marks += k.finished.used + k.matched.used
            mark_bytes += (k.finished.size + k.matched.size) * sizeof(MarkWord)
            cells += k.tally.cell_used
            cell_bytes += k.tally.cell_room * k.tally.cell_bytes
            cell_bytes += k.tally.slot_room * k.tally.slot_bytes
            cell_bytes += k.tally.cell_size * sizeof(CellPlace)
            cell_bytes += k.tally.slot_size * sizeof(int32_t)
        for i in range(self.day.numberings):
            mark_bytes += self.day.pages[i].size * sizeof(Page)
            mark_bytes += self.day.pages[i].used * PAGE_IDS * sizeof(uint16_t)
        return {"orders": orders, "mark_words": marks, "cells": cells,
                "order_bytes": order_bytes, "mark_bytes": mark_bytes, "cell_bytes": cell_bytes}

    def dump(self):
        """Return the state of every contract, then the pages, as bytes for ``restore``."""
        blobs = [dump_contract(self.day.contracts[i]) for i in range(self.day.contract_used)]
        return blobs + [dump_pages(&self.day.pages[i]) for i in range(self.day.numberings)]

    def restore(self, blobs, int64_t rows):
        """Take up state that ``dump`` gave; contracts, classes and accounts are added already."""
        assert len(blobs) == self.day.contract_used + self.day.numberings
        for i in range(self.day.contract_used):
            restore_contract(self.day.contracts[i], blobs[i])
        for i in range(self.day.numberings):
            restore_pages(&self.day.pages[i], blobs[self.day.contract_used + i])
        self.rows = rows


cdef void pack_column(uint32_t* said, const uint8_t* codes, int at, int64_t rows) noexcept nogil:
    cdef int64_t i
    for i in range(rows):
        said[i] |= <uint32_t> codes[i] << at


cdef bint ids_known(Day* day) noexcept nogil:
    """Whether every id of the batch is one that a table can be asked for."""
    cdef Events* e = &day.events
    cdef int64_t i
    cdef int bad = 0
    for i in range(e.rows):
        bad |= <uint8_t> (e.action[i] - 1) >= RFQ
    for i in range(e.rows):
        bad |= <uint32_t> e.contract[i] >= <uint32_t> day.contract_used
    for i in range(e.rows):
        bad |= (e.account[i] < 0) & (
            (e.action[i] == NEW) | (e.action[i] == CARRIED) | (e.action[i] == RFQ))
    return not bad and (ids_below(e.account, e.rows, day.account_used)
                        and ids_below(e.contra_account, e.rows, day.account_used)
                        and ids_below(e.order_contract, e.rows, day.contract_used)
                        and ids_below(e.contra_order_contract, e.rows, day.contract_used))


cdef bint ids_below(const int32_t* ids, int64_t rows, int64_t end) noexcept nogil:
    """Whether all ids that are given are below an end; true where there is no such column."""
    cdef int64_t i
    cdef int bad = 0
    if ids != NULL:
        for i in range(rows):
            bad |= ids[i] >= <int32_t> end
    return not bad


cdef int make_pages(Day* day) except -1 nogil:
    """Make room for the marks of the orders that the batch opens, before threads work on it."""
    cdef Events* e = &day.events
    cdef Pages* pages = day.pages
    cdef int64_t i, number
    cdef bint opens
    for i in range(e.rows):
        opens = (e.action[i] == NEW) | (e.action[i] == CARRIED)
        if day.numberings > 1:
            pages = &day.pages[day.contracts[e.contract[i]].numbering]
        number = e.order[i] >> PAGE_BITS
        pages.opened += opens
        if opens & (number != pages.last) and (e.order_high == NULL or e.order_high[i] == 0):
            if page_place(pages, number).owner == NULL:
                if not pages_wanted(pages):
                    continue
                page_add(pages, number)
            pages.last = number
    return 0


cdef void free_contract(Contract* contract) noexcept:
    free_arrays(contract)
    free(contract.shown)
    free(contract)


cdef void free_arrays(Contract* contract) noexcept:
    free(contract.first_faults)
    free(contract.orders.at)
    free(contract.orders.extra)
    free(contract.orders.node)
    book_free(&contract.book)
    free(contract.finished.at)
    free(contract.twins.at)
    free(contract.matched.at)
    tally_free(&contract.tally)


cdef object side_shown(Book* book, Ladder* ladder, int levels):
    """Return the best levels of a side: (k, 3) price, lots, orders."""
    cdef int64_t count = min(<int64_t> levels, ladder.used)
    cdef int64_t[:, ::1] view
    cdef int64_t k
    cdef PriceLevel* level
    shown = np.empty((count, 3), np.int64)
    view = shown
    for k in range(count):
        level = &book.levels[ladder.at[ladder.used - 1 - k].level]
        view[k, 0] = level.price
        view[k, 1] = level.lots
        view[k, 2] = level.orders
    return shown


def _by_place(row):
    """Return what rows of ``RESTING`` are ordered by: bids, asks, each from the best on."""
    _, _, price, _, before, _, _, side, incoming, _ = row
    return incoming, side, -price if side == BUY else price, before


cdef tuple resting_row(Book* book, int32_t node, int64_t before):
    cdef Resting* order = &book.orders[node]
    cdef Named* named = &book.names[node]
    incoming = node == book.incoming
    side = book.incoming_side if incoming else book.levels[order.level].side
    return (named.key, named.high, price_in_book(book, node), order.lots, before, named.since,
            order.account, side, incoming, (0, 0))


cdef object drain(Buffer* buffer, object dtype):
    """Return a buffer's records as an array of its own and empty it."""
    if buffer.used == 0:
        return np.empty(0, dtype)
    records = np.frombuffer(PyBytes_FromStringAndSize(buffer.at, buffer.used), dtype)
    buffer.used = 0
    return records


cdef object take_steps(Shard* shards, int count):
    """Return the shards' steps, each in row order already, merged; there are many."""
    cdef int64_t total = 0, filled = 0
    cdef int64_t[64] at
    cdef int64_t row, least
    cdef Step* step
    cdef Step* out
    cdef int j, first
    if count == 1 or count > 64:
        return in_row_order([drain(&shards[j].steps, STEP) for j in range(count)])
    for j in range(count):
        total += shards[j].steps.used
        at[j] = 0
    merged = np.empty(total // <int64_t> sizeof(Step), STEP)
    out = <Step*> <size_t> merged.ctypes.data
    with nogil:
        while filled < total:
            least = -1
            first = 0
            for j in range(count):
                if at[j] < shards[j].steps.used:
                    row = (<Step*> (shards[j].steps.at + at[j])).row
                    if least < 0 or row < least:
                        least = row
                        first = j
            step = <Step*> (shards[first].steps.at + at[first])
            out[0] = step[0]
            out += 1
            at[first] += sizeof(Step)
            filled += sizeof(Step)
        for j in range(count):
            shards[j].steps.used = 0
    return merged


def in_row_order(parts):
    """Join the shards' records by row; a row's own records keep their order."""
    records = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if len(parts) == 1:
        return records
    return records[np.argsort(records["row"], kind="stable")]


cdef int close_twins(Contract* contract) except -1:
    """Count each waiting row as a trade with one side missing; the first rows by index stay."""
    cdef int64_t i
    cdef int64_t seen = contract.fault_rows[ONE_SIDED_TRADE]
    cdef FaultRow* first
    if contract.twins.used == 0:
        return 0
    contract.book.counts[SEEN_ONE_SIDED] += contract.twins.used
    rows = []
    for i in range(contract.twins.size):
        if contract.twins.at[i].state:
            twin = contract.twins.at[i]
            rows.append((twin.index, twin.channel, twin.seq, twin.ts))
    if contract.first_faults == NULL:
        contract.first_faults = <FaultRow*> calloc(ALL_FAULTS * FIRST_KEPT, sizeof(FaultRow))
        if contract.first_faults == NULL:
            raise MemoryError()
    contract.faults[ONE_SIDED_TRADE] += len(rows)
    for i in range(seen):
        row = contract.first_faults[ONE_SIDED_TRADE * FIRST_KEPT + i]
        rows.append((row.index, row.channel, row.seq, row.ts))
    contract.fault_rows[ONE_SIDED_TRADE] = min(len(rows), FIRST_KEPT)
    for i, found in enumerate(sorted(rows)[:FIRST_KEPT]):
        first = &contract.first_faults[ONE_SIDED_TRADE * FIRST_KEPT + i]
        first.index, first.channel, first.seq, first.ts = found
    free(contract.twins.at)
    contract.twins.at = NULL
    contract.twins.size = 0
    contract.twins.used = 0
    return 0


# --- snapshots: the struct as it stands, then each array it owns --------------------------------

cdef enum:
    ARRAYS = 16


cdef struct Owned:
    void** at
    int64_t bytes


cdef int owned_arrays(Contract* k, Owned* found) noexcept:
    """List the arrays of a contract in a fixed order, with their sizes."""
    cdef Tally* t = &k.tally
    found[0].at = <void**> &k.first_faults
    found[0].bytes = ALL_FAULTS * FIRST_KEPT * sizeof(FaultRow) if k.first_faults != NULL else 0
    found[1].at = <void**> &k.orders.at
    found[1].bytes = k.orders.size * sizeof(Order)
    found[2].at = <void**> &k.orders.extra
    found[2].bytes = k.orders.size * sizeof(Extra) if k.orders.extra != NULL else 0
    found[3].at = <void**> &k.finished.at
    found[3].bytes = k.finished.size * sizeof(MarkWord)
    found[4].at = <void**> &k.twins.at
    found[4].bytes = k.twins.size * sizeof(Twin)
    found[5].at = <void**> &k.matched.at
    found[5].bytes = k.matched.size * sizeof(MarkWord)
    found[6].at = <void**> &t.cells
    found[6].bytes = t.cell_room * t.cell_bytes
    found[7].at = <void**> &t.cell_index
    found[7].bytes = t.cell_size * sizeof(CellPlace)
    found[8].at = <void**> &t.slots
    found[8].bytes = t.slot_room * t.slot_bytes
    found[9].at = <void**> &t.slot_index
    found[9].bytes = t.slot_size * sizeof(int32_t)
    found[10].at = <void**> &k.orders.node
    found[10].bytes = k.orders.size * sizeof(int32_t) if k.orders.node != NULL else 0
    found[11].at = <void**> &k.book.orders
    found[11].bytes = k.book.order_room * sizeof(Resting)
    found[12].at = <void**> &k.book.levels
    found[12].bytes = k.book.level_room * sizeof(PriceLevel)
    found[13].at = <void**> &k.book.bids.at
    found[13].bytes = k.book.bids.room * sizeof(Rung)
    found[14].at = <void**> &k.book.asks.at
    found[14].bytes = k.book.asks.room * sizeof(Rung)
    found[15].at = <void**> &k.book.names
    found[15].bytes = k.book.order_room * sizeof(Named)
    return ARRAYS


cdef bytes dump_contract(Contract* contract):
    cdef Owned arrays[ARRAYS]
    cdef int i, n = owned_arrays(contract, arrays)
    parts = [PyBytes_FromStringAndSize(<char*> contract, sizeof(Contract))]
    for i in range(n):
        if arrays[i].bytes:
            parts.append(PyBytes_FromStringAndSize(<char*> arrays[i].at[0], arrays[i].bytes))
    return b"".join(parts)


cdef int restore_contract(Contract* contract, bytes blob) except -1:
    """Bring a contract to what a dump holds; its id, class and shard stay its own."""
    cdef Owned arrays[ARRAYS]
    cdef void* had[ARRAYS]
    cdef int64_t room[ARRAYS]
    cdef Contract fresh = contract[0]
    cdef const char* at = PyBytes_AS_STRING(blob)
    cdef int64_t offset = sizeof(Contract)
    cdef int i, n
    if PyBytes_GET_SIZE(blob) < offset:
        raise ValueError("snapshot of a contract is too short")
    for i in range(owned_arrays(contract, arrays)):
        had[i] = arrays[i].at[0]
        room[i] = arrays[i].bytes
    memcpy(contract, at, sizeof(Contract))
    contract.id = fresh.id
    contract.class_id = fresh.class_id
    contract.shard = fresh.shard
    contract.product = fresh.product
    contract.numbering = fresh.numbering
    contract.judged = fresh.judged
    contract.upper = fresh.upper
    contract.lower = fresh.lower
    contract.shown = fresh.shown
    n = owned_arrays(contract, arrays)
    for i in range(n):
        arrays[i].at[0] = had[i]
        if room[i] != arrays[i].bytes:  # else its memory does, which spares finding new pages
            free(had[i])
            arrays[i].at[0] = NULL
    for i in range(n):
        if arrays[i].bytes == 0:
            continue
        if offset + arrays[i].bytes > PyBytes_GET_SIZE(blob):
            raise ValueError("snapshot of a contract is too short")
        if arrays[i].at[0] == NULL:
            arrays[i].at[0] = line_alloc(arrays[i].bytes)
        memcpy(arrays[i].at[0], at + offset, arrays[i].bytes)
        offset += arrays[i].bytes
    return 0


cdef bytes dump_pages(Pages* pages):
    cdef int64_t i
    parts = [(<object> pages.opened).to_bytes(8, "little")]
    for i in range(pages.size):
        if pages.at[i].owner != NULL:
            parts.append((<object> pages.at[i].number).to_bytes(8, "little", signed=True))
            parts.append(PyBytes_FromStringAndSize(
                <char*> pages.at[i].owner, PAGE_IDS * sizeof(uint16_t)))
    return b"".join(parts)


cdef int restore_pages(Pages* pages, bytes blob) except -1:
    """Bring pages to what a dump holds."""
    cdef int64_t page_bytes = PAGE_IDS * sizeof(uint16_t)
    cdef uint16_t* owner
    cdef int64_t at
    for at in range(pages.size):
        if pages.at[at].owner != NULL:
            memset(pages.at[at].owner, 0, page_bytes)
    pages.last = NO_PAGE
    if (len(blob) - 8) % (8 + page_bytes):
        raise ValueError("snapshot of the marks is too short")
    pages.opened = int.from_bytes(blob[:8], "little")
    for at in range(8, len(blob), 8 + page_bytes):
        number = int.from_bytes(blob[at:at + 8], "little", signed=True)
        owner = page_place(pages, number).owner
        if owner == NULL:
            owner = page_add(pages, number)
        memcpy(owner, PyBytes_AS_STRING(blob) + at + 8, page_bytes)
    return 0
