# cython: language_level=3
"""Open-addressing tables: live orders, marks of finished ones, broker-form rows without twin.

Linear probing, power-of-two sizes, grown at 5/8 full into a new table that is then swapped in.
Keys are the two words of ``ids.py``; almost always the high word is 0 and not stored.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

# Order.info, lowest bits first; what a row says of its order is packed in the same way. From
# HEDGE_AT on it is as attributes are packed in the schema.
cdef enum:
    USED = 1            # the slot is taken
    FILLED = 2          # had at least one fill
    FINISHED = 4        # nothing left; kept for what may still come
    BY_REMAINDER = 8    # finished by the cancel of a FAK or FOK order
    STRAY = 16          # never opened; here because it was filled
    KILL = 32           # FAK or FOK
    BY_FILL = 64        # finished by a fill
    AT_LIMIT = 128      # a buy at the upper, a sell at the lower limit price
    SIDE_AT = 8         # 2 bits, schema.Side
    OFFSET_AT = 10      # 3 bits, schema.Offset
    HEDGE_AT = 13       # 3 bits, schema.Hedge
    TIF_AT = 16         # 3 bits, schema.Tif; here ends what a row says of its order
    IN_AUCTION = 1 << 19  # opened by a row in an auction
    PLACELESS = 1 << 20  # of a kind that never stands in the book
    ORDER_TYPE_AT = 19  # 3 bits, schema.OrderType
    PHASE_AT = 22       # 2 bits, schema.Phase
    CANCEL_BY_AT = 24   # 3 bits, schema.CancelBy
    SIDE_BITS = 3 << 8
    HEDGE_BITS = 7 << 13
    TIF_BITS = 7 << 16
    ORDER_BITS = (3 << 8) | (7 << 10) | (7 << 13) | (7 << 16)


cdef struct Order:      # 24 bytes, no padding
    int64_t key         # low word of the order id
    int64_t left        # lots left
    int32_t cell        # account and attributes, in the contract's cells
    uint32_t info


cdef struct Extra:      # 24 bytes, parallel to Order where the log asks for it
    uint64_t high       # high word of the order id
    int64_t opened      # index of the opening row in the day; -1 never opened
    int64_t leg         # contract whose fills take lots off; -1 none yet


cdef struct Orders:
    Order* at           # owned
    Extra* extra        # owned; NULL where ids are one word and no rule of the log needs the rest
    int32_t* node       # owned; of the order in the book, -1 none; NULL where no book is kept
    int64_t size        # slots, a power of two; 0 before the first order
    int64_t used


cdef struct MarkWord:   # 24 bytes: 64 neighbouring ids
    uint64_t high
    int64_t block       # low word >> 6
    uint64_t bits       # 0: slot free


cdef struct Marks:
    MarkWord* at        # owned
    int64_t size
    int64_t used
    int64_t top         # no lower than any low word marked: above it nothing need be looked for


cdef struct Twin:       # first row of a broker-form match
    int64_t key         # trade id
    uint64_t high
    int64_t order       # order id
    uint64_t order_high
    int64_t opened
    int64_t lots
    int64_t price
    int64_t index       # row in the day
    int64_t seq
    int64_t ts
    int64_t channel
    int32_t order_contract
    int32_t account     # -1 unknown
    uint32_t attributes
    int32_t side        # as its row says it, else as its order's opening row does
    int32_t kind        # schema.TradeType
    int32_t state       # 0 free, 1 waiting
    int32_t stand       # of its order in the book, before its row
    int32_t unused


cdef struct Twins:
    Twin* at            # owned
    int64_t size
    int64_t used


cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define abtrade_swap_bytes(x) __builtin_bswap64(x)
    #else
    #define abtrade_swap_bytes(x) ((x) ^ ((x) >> 32))
    #endif
    """
    uint64_t swap_bytes "abtrade_swap_bytes"(uint64_t x) noexcept nogil


cdef inline uint64_t scatter(int64_t key, uint64_t high) noexcept nogil:
    """Spread neighbouring ids over a table: its low bits are the best ones of a product."""
    return swap_bytes((<uint64_t> key ^ (high * <uint64_t> 0xD6E8FEB86659FD93))
                      * <uint64_t> 0x9E3779B97F4A7C15)


# --- orders --------------------------------------------------------------------------------------

cdef inline bint order_is(Orders* table, int64_t i, int64_t key, uint64_t high) noexcept nogil:
    if table.at[i].key != key:
        return False
    return high == 0 if table.extra == NULL else table.extra[i].high == high


cdef inline Order* order_place(Orders* table, int64_t key, uint64_t high) noexcept nogil:
    """Return the order's entry, or the free one where it belongs: its info is 0."""
    cdef int64_t mask = table.size - 1
    cdef int64_t i = <int64_t> scatter(key, high) & mask
    while table.at[i].info != 0 and not order_is(table, i, key, high):
        i = (i + 1) & mask
    return &table.at[i]


cdef inline Order* order_likely(Orders* table, int64_t key, uint64_t hash) noexcept nogil:
    """Return the entry that an id has most likely, the first or the second looked at."""
    cdef int64_t i = <int64_t> hash
    i += table.at[i & (table.size - 1)].key != key
    return &table.at[i & (table.size - 1)]


cdef inline Order* order_find(Orders* table, int64_t key, uint64_t high) noexcept nogil:
    """Return the order's entry, NULL where it has none."""
    cdef Order* entry = order_place(table, key, high)
    return entry if entry.info != 0 else NULL


cdef inline int order_grow(Orders* table, int64_t size, bint with_extra,
                           bint with_node) except -1 nogil:
    """Move the orders into a table of another size or kind, then swap it in."""
    cdef Orders fresh
    cdef int64_t i
    cdef Order* entry
    fresh.size = size
    fresh.used = table.used
    fresh.at = <Order*> calloc(size, sizeof(Order))
    fresh.extra = <Extra*> calloc(size, sizeof(Extra)) if with_extra else NULL
    fresh.node = <int32_t*> calloc(size, sizeof(int32_t)) if with_node else NULL
    if fresh.at == NULL or (with_extra and fresh.extra == NULL) or (
            with_node and fresh.node == NULL):
        free(fresh.at)
        free(fresh.extra)
        free(fresh.node)
        with gil:
            raise MemoryError("no memory for the order table")
    for i in range(table.size):
        if table.at[i].info == 0:
            continue
        entry = order_place(&fresh, table.at[i].key,
                            table.extra[i].high if table.extra != NULL else 0)
        entry[0] = table.at[i]
        if with_extra and table.extra != NULL:
            fresh.extra[entry - fresh.at] = table.extra[i]
        elif with_extra:
            extra_clear(&fresh.extra[entry - fresh.at], 0)
        if with_node:
            fresh.node[entry - fresh.at] = table.node[i] if table.node != NULL else -1
    free(table.at)
    free(table.extra)
    free(table.node)
    table[0] = fresh
    return 0


cdef inline void extra_clear(Extra* extra, uint64_t high) noexcept nogil:
    extra.high = high
    extra.opened = -1
    extra.leg = -1


cdef inline Order* order_add(Orders* table, Order* place, int64_t key,
                             uint64_t high) except NULL nogil:
    """Return a fresh entry, its info USED, for an order that ``order_place`` has not found."""
    if high != 0 and table.extra == NULL:
        order_grow(table, table.size, True, table.node != NULL)
        place = order_place(table, key, high)
    if table.used * 8 >= table.size * 5:
        order_grow(table, table.size * 2, table.extra != NULL, table.node != NULL)
        place = order_place(table, key, high)
    table.used += 1
    place.key = key
    place.left = 0
    place.cell = -1
    place.info = USED
    if table.extra != NULL:
        extra_clear(&table.extra[place - table.at], high)
    if table.node != NULL:
        table.node[place - table.at] = -1
    return place


cdef inline void order_remove(Orders* table, Order* entry) noexcept nogil:
    """Take an entry out and close the gap, so that no tombstones gather."""
    cdef int64_t mask = table.size - 1
    cdef int64_t hole = entry - table.at
    cdef int64_t i = hole
    cdef int64_t home
    table.used -= 1
    while True:
        i = (i + 1) & mask
        if table.at[i].info == 0:
            break
        home = <int64_t> (scatter(table.at[i].key,
                                  table.extra[i].high if table.extra != NULL else 0)
                          & <uint64_t> mask)
        if ((i - home) & mask) < ((i - hole) & mask):
            continue
        table.at[hole] = table.at[i]
        if table.extra != NULL:
            table.extra[hole] = table.extra[i]
        if table.node != NULL:
            table.node[hole] = table.node[i]
        hole = i
    table.at[hole].info = 0


# --- marks ---------------------------------------------------------------------------------------

cdef inline bint mark_has(Marks* marks, int64_t key, uint64_t high) noexcept nogil:
    """Whether an id was marked."""
    cdef int64_t mask = marks.size - 1
    cdef int64_t block = key >> 6
    cdef int64_t i
    cdef MarkWord* word
    if marks.size == 0 or key > marks.top:
        return False
    i = <int64_t> (scatter(block, high) & <uint64_t> mask)
    while True:
        word = &marks.at[i]
        if word.bits == 0:
            return False
        if word.block == block and word.high == high:
            return (word.bits >> (key & 63)) & 1
        i = (i + 1) & mask


cdef inline int mark_grow(Marks* marks) except -1 nogil:
    cdef int64_t size = 16 if marks.size == 0 else marks.size * 2
    cdef int64_t i, j, mask = size - 1
    cdef MarkWord* fresh = <MarkWord*> calloc(size, sizeof(MarkWord))
    if fresh == NULL:
        with gil:
            raise MemoryError("no memory for the marks of finished orders")
    for i in range(marks.size):
        if marks.at[i].bits == 0:
            continue
        j = <int64_t> (scatter(marks.at[i].block, marks.at[i].high) & <uint64_t> mask)
        while fresh[j].bits != 0:
            j = (j + 1) & mask
        fresh[j] = marks.at[i]
    free(marks.at)
    marks.at = fresh
    marks.size = size
    return 0


cdef inline int mark_add(Marks* marks, int64_t key, uint64_t high) except -1 nogil:
    """Mark an id; marking it again changes nothing."""
    cdef int64_t mask, i
    cdef int64_t block = key >> 6
    if key > marks.top:
        marks.top = key
    if marks.used * 4 >= marks.size * 3:
        mark_grow(marks)
    mask = marks.size - 1
    i = <int64_t> (scatter(block, high) & <uint64_t> mask)
    while marks.at[i].bits != 0:
        if marks.at[i].block == block and marks.at[i].high == high:
            marks.at[i].bits |= (<uint64_t> 1) << (key & 63)
            return 0
        i = (i + 1) & mask
    marks.at[i].block = block
    marks.at[i].high = high
    marks.at[i].bits = (<uint64_t> 1) << (key & 63)
    marks.used += 1
    return 0


# --- broker-form rows without their twin --------------------------------------------------------

cdef inline Twin* twin_find(Twins* twins, int64_t key, uint64_t high) noexcept nogil:
    """Return the waiting first row of a trade id, NULL where none waits."""
    cdef int64_t mask = twins.size - 1
    cdef int64_t i
    if twins.size == 0:
        return NULL
    i = <int64_t> (scatter(key, high) & <uint64_t> mask)
    while twins.at[i].state != 0:
        if twins.at[i].key == key and twins.at[i].high == high:
            return &twins.at[i]
        i = (i + 1) & mask
    return NULL


cdef inline int twin_grow(Twins* twins) except -1 nogil:
    cdef int64_t size = 16 if twins.size == 0 else twins.size * 2
    cdef int64_t i, j, mask = size - 1
    cdef Twin* fresh = <Twin*> calloc(size, sizeof(Twin))
    if fresh == NULL:
        with gil:
            raise MemoryError("no memory for trades that wait for their second row")
    for i in range(twins.size):
        if twins.at[i].state == 0:
            continue
        j = <int64_t> (scatter(twins.at[i].key, twins.at[i].high) & <uint64_t> mask)
        while fresh[j].state != 0:
            j = (j + 1) & mask
        fresh[j] = twins.at[i]
    free(twins.at)
    twins.at = fresh
    twins.size = size
    return 0


cdef inline Twin* twin_add(Twins* twins, int64_t key, uint64_t high) except NULL nogil:
    """Return a fresh waiting entry for a trade id that has none."""
    cdef int64_t mask, i
    if twins.used * 8 >= twins.size * 5:
        twin_grow(twins)
    mask = twins.size - 1
    i = <int64_t> (scatter(key, high) & <uint64_t> mask)
    while twins.at[i].state != 0:
        i = (i + 1) & mask
    memset(&twins.at[i], 0, sizeof(Twin))
    twins.at[i].key = key
    twins.at[i].high = high
    twins.at[i].state = 1
    twins.used += 1
    return &twins.at[i]


cdef inline void twin_remove(Twins* twins, Twin* entry) noexcept nogil:
    """Take a waiting row out and close the gap."""
    cdef int64_t mask = twins.size - 1
    cdef int64_t hole = entry - twins.at
    cdef int64_t i = hole
    cdef int64_t home
    twins.used -= 1
    while True:
        i = (i + 1) & mask
        if twins.at[i].state == 0:
            break
        home = <int64_t> (scatter(twins.at[i].key, twins.at[i].high) & <uint64_t> mask)
        if ((i - home) & mask) < ((i - hole) & mask):
            continue
        twins.at[hole] = twins.at[i]
        hole = i
    twins.at[hole].state = 0
