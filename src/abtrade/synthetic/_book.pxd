"""Book: the resting orders of a contract, a queue for each price and side on a ladder of ticks."""

from libc.stdint cimport int32_t, int64_t, uint8_t

cdef enum:
    BUY = 0
    SELL = 1
    NOBODY = -1


cdef struct Order:          # 72 bytes
    int64_t serial          # over all exchanges, from 1; 0: the slot is free
    int64_t id              # the exchange's number
    int32_t contract
    int32_t account
    int32_t cell            # of the crowd's ledger, NOBODY
    int32_t level           # ticks above the lowest price of the ladder
    int32_t lots
    int32_t left
    int32_t next            # slots of the queue it stands in
    int32_t prev
    int32_t handle          # of a planted order, NOBODY
    uint8_t side
    uint8_t offset
    uint8_t hedge
    uint8_t tif
    uint8_t order_type
    uint8_t resting


cdef struct Level:          # of one side
    int64_t lots
    int32_t head
    int32_t tail


cdef struct Book:
    Level* ladder[2]        # owned by the floor
    int32_t levels
    int32_t best[2]         # the level of the best price; -1 or ``levels`` where there is none


cdef inline bint crosses(const Book* book, uint8_t side, int32_t level) noexcept nogil:
    """Whether an order of a side and price meets the best of the other side."""
    if side == BUY:
        return book.best[SELL] <= level and book.best[SELL] < book.levels
    return book.best[BUY] >= level and book.best[BUY] >= 0


cdef inline void join(Book* book, Order* orders, int32_t slot) noexcept nogil:
    """Queue an order behind the others of its price."""
    cdef Order* order = &orders[slot]
    cdef Level* level = &book.ladder[order.side][order.level]
    order.resting = 1
    order.prev, order.next = level.tail, NOBODY
    if level.tail == NOBODY:
        level.head = slot
    else:
        orders[level.tail].next = slot
    level.tail = slot
    level.lots += order.left
    if order.side == BUY:
        if order.level > book.best[BUY]:
            book.best[BUY] = order.level
    elif order.level < book.best[SELL]:
        book.best[SELL] = order.level


cdef inline void leave(Book* book, Order* orders, int32_t slot) noexcept nogil:
    """Take an order, with what is left of it, out of its queue."""
    cdef Order* order = &orders[slot]
    cdef Level* level = &book.ladder[order.side][order.level]
    order.resting = 0
    level.lots -= order.left
    if order.prev == NOBODY:
        level.head = order.next
    else:
        orders[order.prev].next = order.next
    if order.next == NOBODY:
        level.tail = order.prev
    else:
        orders[order.next].prev = order.prev
    if level.head == NOBODY and order.level == book.best[order.side]:
        find_best(book, order.side)


cdef inline void find_best(Book* book, uint8_t side) noexcept nogil:
    """Move the best price away from the market until orders stand there."""
    cdef int32_t at = book.best[side]
    if side == BUY:
        while at >= 0 and book.ladder[BUY][at].head == NOBODY:
            at -= 1
    else:
        while at < book.levels and book.ladder[SELL][at].head == NOBODY:
            at += 1
    book.best[side] = at


cdef inline int64_t on_offer(
    const Book* book, uint8_t side, int32_t level, int64_t wanted
) noexcept nogil:
    """Return how many of the lots wanted an order of a side and price would get at once."""
    cdef int64_t found = 0
    cdef int32_t at = book.best[1 - side]
    if side == BUY:
        while at <= level and at < book.levels and found < wanted:
            found += book.ladder[SELL][at].lots
            at += 1
    else:
        while at >= level and at >= 0 and found < wanted:
            found += book.ladder[BUY][at].lots
            at -= 1
    return min(found, wanted)
