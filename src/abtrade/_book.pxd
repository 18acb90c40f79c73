# cython: language_level=3
"""The order book of one contract: queues by price, and the order that is coming in.

What is in it, and where, is said in docs/book.md. Orders are nodes of a pool, linked into the queue
of their price; what is asked of them seldom lies apart, so that a queue is walked in little memory.
The prices of a side stand sorted, the best last, so that what happens near the best price, and most
does, moves little.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

cdef enum:
    NOBODY = -1         # no order, no level
    BOOK_TRADED = 1     # bits of Book.flags: a trade on the book was seen
    BOOK_COLLECTS = 2   # orders collect though no phase says so
    BOOK_BY_PHASE = 4   # orders collected by phase, and have not stopped since
    STEPS_FROM_BEST = 8  # rungs that are looked at one by one before the rest is halved


cdef struct Resting:    # 24 bytes: an order in the book
    int64_t lots
    int32_t before      # in its queue
    int32_t behind      # of a free node: the next free one
    int32_t level       # NOBODY: outside the queues, coming in
    int32_t account


cdef struct Named:      # 24 bytes, parallel to Resting: which order it is
    int64_t key
    uint64_t high
    int64_t since       # time of the row that gave it its place


cdef struct PriceLevel:  # 32 bytes
    int64_t price
    int64_t lots
    int32_t orders
    int32_t first       # of a free one: the next free one
    int32_t last
    int32_t side        # schema.Side


cdef struct Rung:
    int64_t good        # the price, of asks less than nothing: the best is the highest
    int64_t level


cdef struct Ladder:     # one side
    Rung* at            # owned; the best last
    int64_t used
    int64_t room


cdef struct Book:
    Resting* orders     # owned
    Named* names        # owned
    int64_t order_used  # nodes ever taken
    int64_t order_room
    PriceLevel* levels  # owned
    int64_t level_used
    int64_t level_room
    Ladder bids
    Ladder asks
    int32_t free_order
    int32_t free_level
    int32_t incoming
    int32_t incoming_side
    int64_t incoming_price
    int32_t flags
    int32_t collects    # in the row that is applied, orders collect
    int32_t touched     # something of it changed since it was last handed out
    int64_t counts[11]  # by schema.BookCount, without its faults


cdef inline void book_begin(Book* book) noexcept nogil:
    """Make an empty book of zeroed memory."""
    book.free_order = book.free_level = book.incoming = NOBODY


cdef inline void book_free(Book* book) noexcept nogil:
    free(book.orders)
    free(book.names)
    free(book.levels)
    free(book.bids.at)
    free(book.asks.at)


# --- prices --------------------------------------------------------------------------------------

cdef inline int64_t goodness(int32_t side, int64_t price) noexcept nogil:
    return price if side == 1 else -price


cdef inline Ladder* ladder_of(Book* book, int32_t side) noexcept nogil:
    return &book.bids if side == 1 else &book.asks


cdef inline Ladder* ladder_against(Book* book, int32_t side) noexcept nogil:
    return &book.asks if side == 1 else &book.bids


cdef inline PriceLevel* best_level(Book* book, Ladder* ladder) noexcept nogil:
    """Return the best level of a side, NULL where nothing rests there."""
    return &book.levels[ladder.at[ladder.used - 1].level] if ladder.used else NULL


cdef inline bint reaches(Book* book, int32_t side, int64_t price) noexcept nogil:
    """Whether an order of this price would trade with the best of the other side."""
    cdef PriceLevel* best = best_level(book, ladder_against(book, side))
    if best == NULL:
        return False
    return price >= best.price if side == 1 else price <= best.price


cdef inline bint is_crossed(Book* book) noexcept nogil:
    cdef PriceLevel* bid = best_level(book, &book.bids)
    return bid != NULL and reaches(book, 1, bid.price)


cdef inline int64_t rung_place(Ladder* ladder, int64_t good) noexcept nogil:
    """Return the index of a price, or where it belongs: that of the next better one."""
    cdef int64_t high = ladder.used
    cdef int64_t low = 0
    cdef int64_t middle
    cdef int _step
    for _step in range(STEPS_FROM_BEST):
        if high == 0 or ladder.at[high - 1].good < good:
            return high
        high -= 1
        if ladder.at[high].good == good:
            return high
    while low < high:
        middle = (low + high) >> 1
        if ladder.at[middle].good < good:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline PriceLevel* level_at(Book* book, int32_t side, int64_t price) noexcept nogil:
    """Return the level of a price, NULL where nothing rests at it."""
    cdef Ladder* ladder = ladder_of(book, side)
    cdef int64_t good = goodness(side, price)
    cdef int64_t i = rung_place(ladder, good)
    if i == ladder.used or ladder.at[i].good != good:
        return NULL
    return &book.levels[ladder.at[i].level]


cdef inline int32_t level_add(Book* book, Ladder* ladder, int64_t i, int32_t side,
                              int64_t price) except -1 nogil:
    """Return a fresh level, put into the ladder before its rung ``i``."""
    cdef Rung* rungs
    cdef PriceLevel* levels
    cdef int64_t room
    cdef int32_t level = book.free_level
    if ladder.used == ladder.room:
        room = max(16, ladder.room * 2)
        rungs = <Rung*> realloc(ladder.at, room * sizeof(Rung))
        if rungs == NULL:
            with gil:
                raise MemoryError("no memory for the prices of a book")
        ladder.at = rungs
        ladder.room = room
    if level == NOBODY:
        if book.level_used == book.level_room:
            room = max(16, book.level_room * 2)
            levels = <PriceLevel*> realloc(book.levels, room * sizeof(PriceLevel))
            if levels == NULL:
                with gil:
                    raise MemoryError("no memory for the levels of a book")
            book.levels = levels
            book.level_room = room
        level = <int32_t> book.level_used
        book.level_used += 1
    else:
        book.free_level = book.levels[level].first
    memmove(&ladder.at[i + 1], &ladder.at[i], (ladder.used - i) * sizeof(Rung))
    ladder.used += 1
    ladder.at[i].good = goodness(side, price)
    ladder.at[i].level = level
    book.levels[level].price = price
    book.levels[level].lots = 0
    book.levels[level].orders = 0
    book.levels[level].first = book.levels[level].last = NOBODY
    book.levels[level].side = side
    return level


cdef inline void level_remove(Book* book, int32_t level) noexcept nogil:
    cdef PriceLevel* gone = &book.levels[level]
    cdef Ladder* ladder = ladder_of(book, gone.side)
    cdef int64_t i = rung_place(ladder, goodness(gone.side, gone.price))
    ladder.used -= 1
    memmove(&ladder.at[i], &ladder.at[i + 1], (ladder.used - i) * sizeof(Rung))
    gone.first = book.free_level
    book.free_level = level


# --- orders --------------------------------------------------------------------------------------

cdef inline int32_t resting_add(Book* book) except -1 nogil:
    """Return a node for an order, in no queue."""
    cdef int32_t node = book.free_order
    cdef int64_t room
    cdef Resting* orders
    cdef Named* names
    if node != NOBODY:
        book.free_order = book.orders[node].behind
        return node
    if book.order_used == book.order_room:
        room = max(64, book.order_room * 2)
        orders = <Resting*> realloc(book.orders, room * sizeof(Resting))
        if orders == NULL:
            with gil:
                raise MemoryError("no memory for the orders of a book")
        book.orders = orders
        names = <Named*> realloc(book.names, room * sizeof(Named))
        if names == NULL:
            with gil:
                raise MemoryError("no memory for the orders of a book")
        book.names = names
        book.order_room = room
    node = <int32_t> book.order_used
    book.order_used += 1
    return node


cdef inline int queue_join(Book* book, int32_t node, int32_t side, int64_t price) except -1 nogil:
    """Put an order at the end of the queue of its price."""
    cdef Resting* order = &book.orders[node]
    cdef Ladder* ladder = ladder_of(book, side)
    cdef int64_t good = goodness(side, price)
    cdef int64_t i = rung_place(ladder, good)
    cdef PriceLevel* level
    if i < ladder.used and ladder.at[i].good == good:
        order.level = <int32_t> ladder.at[i].level
    else:
        order.level = level_add(book, ladder, i, side, price)
    level = &book.levels[order.level]
    order.before = level.last
    order.behind = NOBODY
    if level.last == NOBODY:
        level.first = node
    else:
        book.orders[level.last].behind = node
    level.last = node
    level.orders += 1
    level.lots += order.lots
    book.touched = 1
    return 0


cdef inline void queue_leave(Book* book, Resting* order) noexcept nogil:
    cdef PriceLevel* level = &book.levels[order.level]
    if order.before == NOBODY:
        level.first = order.behind
    else:
        book.orders[order.before].behind = order.behind
    if order.behind == NOBODY:
        level.last = order.before
    else:
        book.orders[order.behind].before = order.before
    level.orders -= 1
    level.lots -= order.lots
    if level.orders == 0:
        level_remove(book, order.level)
    book.touched = 1


cdef inline void book_remove(Book* book, int32_t node) noexcept nogil:
    """Take an order out of the book."""
    cdef Resting* order = &book.orders[node]
    if order.level == NOBODY:
        book.incoming = NOBODY
    else:
        queue_leave(book, order)
    order.behind = book.free_order
    order.account = NOBODY
    book.free_order = node


cdef inline void book_lower(Book* book, int32_t node, int64_t left) noexcept nogil:
    """Leave an order so many lots, more than none, in its place."""
    cdef Resting* order = &book.orders[node]
    if order.level != NOBODY:
        book.levels[order.level].lots -= order.lots - left
        book.touched = 1
    order.lots = left


cdef inline int book_settle(Book* book) except -1 nogil:
    """Let the incoming order rest once it reaches nothing any more."""
    cdef int32_t node = book.incoming
    if node != NOBODY and not reaches(book, book.incoming_side, book.incoming_price):
        rest_incoming(book)
    return 0


cdef inline int rest_incoming(Book* book) except -1 nogil:
    """Let the incoming order rest."""
    cdef int32_t node = book.incoming
    book.incoming = NOBODY
    return queue_join(book, node, book.incoming_side, book.incoming_price)


cdef inline int64_t price_in_book(Book* book, int32_t node) noexcept nogil:
    cdef int32_t level = book.orders[node].level
    return book.incoming_price if level == NOBODY else book.levels[level].price


cdef inline int64_t lots_before(Book* book, Resting* order) noexcept nogil:
    """Return the lots that stand before an order in its queue."""
    cdef int64_t lots = 0
    cdef int32_t node = order.before
    while node != NOBODY:
        lots += book.orders[node].lots
        node = book.orders[node].before
    return lots


cdef inline int64_t first_lots(Book* book, Ladder* ladder, int levels) noexcept nogil:
    """Return the lots of the best levels of a side."""
    cdef int64_t lots = 0
    cdef int64_t i = ladder.used
    while i > 0 and ladder.used - i < levels:
        i -= 1
        lots += book.levels[ladder.at[i].level].lots
    return lots
