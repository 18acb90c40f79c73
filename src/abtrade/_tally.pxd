# cython: language_level=3
"""Cells and slots of one contract: who did how much, and how far that is from any level.

A cell holds the counts of one account under one combination of attributes. A slot belongs to a
subject: it chains the subject's cells and holds, per count, what may be added before a level can be
reached. Part of that is given out to the cells as credit, good for any count: an event whose cell
has credit touches nothing else, others touch the slot, however many rules and cells there are.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from ._table cimport scatter

cdef extern from "<stdlib.h>" nogil:
    int posix_memalign(void** at, size_t alignment, size_t size)

cdef enum:
    LINE = 64           # bytes that memory answers with at once
    MOST_CREDIT = 0xFFFFFFFF
    FAR = 0x3FFFFFFFFFFFFFFF  # no level left to reach
    FEW = 8             # cells, slots and places that a fresh tally has room for
    OPEN_LOTS = 4       # the one count of lots, in 64 bits; the rest are events, in 32


cdef struct Cell:       # 56 bytes with the four counts of events, then one per large size
    int32_t account
    uint32_t attributes  # packed, masked to what rules read
    int32_t slot        # of the subject
    int32_t alone       # slot of the client judged besides its suspected group; -1 none
    int32_t next        # next cell of the same slot; -1 last
    int32_t alone_next
    int32_t event       # the cell that this account's last event with other attributes fell in
    uint32_t credit     # what may be added to judged counts before levels must be looked at
    int64_t open_lots
    uint32_t events[4]  # orders, cancels, messages, filled orders; large cancels follow


cdef struct CellPlace:
    uint32_t tag        # of account and attributes, so that few cells need be looked at
    int32_t cell        # + 1; 0: free


cdef struct Slot:       # 16 bytes, then what is left of each watched count
    int32_t subject
    int32_t head        # first cell
    int32_t alone       # 1: its cells are chained by alone_next
    int32_t cells       # in the chain
    int64_t left[1]     # may be added, credit given out aside, before a level is reached


cdef struct Tally:
    char* cells         # owned; Cell with all its counts, cell_bytes apart
    int64_t cell_used
    int64_t cell_room
    CellPlace* cell_index  # owned; by (account, attributes)
    int64_t cell_size
    char* slots         # owned; Slot with all that is left, slot_bytes apart
    int64_t slot_used
    int64_t slot_room
    int32_t* slot_index  # owned; slot + 1 by subject, 0 free
    int64_t slot_size
    int64_t cell_bytes
    int64_t slot_bytes


cdef inline Cell* cell_at(Tally* tally, int64_t cell) noexcept nogil:
    return <Cell*> (tally.cells + cell * tally.cell_bytes)


cdef inline Slot* slot_at(Tally* tally, int64_t slot) noexcept nogil:
    return <Slot*> (tally.slots + slot * tally.slot_bytes)


cdef inline int64_t count_of(Cell* cell, int field) noexcept nogil:
    """Return a count of a cell, by the core's order of counts."""
    if field == OPEN_LOTS:
        return cell.open_lots
    return (<uint32_t*> cell.events)[field if field < OPEN_LOTS else field - 1]


cdef inline void count_add(Cell* cell, int field, int64_t amount) noexcept nogil:
    if field == OPEN_LOTS:
        cell.open_lots += amount
    else:
        (<uint32_t*> cell.events)[field if field < OPEN_LOTS else field - 1] += <uint32_t> amount


cdef inline void tally_free(Tally* tally) noexcept nogil:
    free(tally.cells)
    free(tally.cell_index)
    free(tally.slots)
    free(tally.slot_index)


cdef inline uint64_t cell_hash(int32_t account, uint32_t attributes) noexcept nogil:
    """Return a hash: its low bits are the home in an index, its high half is the tag."""
    return scatter((<int64_t> account << 16) ^ attributes, 0)


cdef inline void* fresh_index(int64_t size, size_t place) except NULL nogil:
    """Return an empty index of so many places."""
    cdef void* fresh = calloc(size, place)
    if fresh == NULL:
        with gil:
            raise MemoryError("no memory for the counts")
    return fresh


cdef inline void* line_alloc(int64_t bytes) except NULL nogil:
    """Return memory that begins with a cache line."""
    cdef void* fresh
    if posix_memalign(&fresh, LINE, bytes) != 0:
        with gil:
            raise MemoryError("no memory for the counts")
    return fresh


cdef inline int room_grow(char** items, int64_t used, int64_t bytes) except -1 nogil:
    """Move the ``used`` bytes of an array into a larger one that begins with a cache line."""
    cdef char* grown = <char*> line_alloc(bytes)
    if used:
        memcpy(grown, items[0], used)
    free(items[0])
    items[0] = grown
    return 0


cdef inline int cells_grow(Tally* tally) except -1 nogil:
    cdef int64_t room = FEW if tally.cell_room == 0 else tally.cell_room * 2
    room_grow(&tally.cells, tally.cell_used * tally.cell_bytes, room * tally.cell_bytes)
    tally.cell_room = room
    return 0


cdef inline int slots_grow(Tally* tally) except -1 nogil:
    cdef int64_t room = FEW if tally.slot_room == 0 else tally.slot_room * 2
    room_grow(&tally.slots, tally.slot_used * tally.slot_bytes, room * tally.slot_bytes)
    tally.slot_room = room
    return 0


cdef inline int32_t cell_find(Tally* tally, int32_t account, uint32_t attributes,
                              uint32_t of_event) noexcept nogil:
    """Return the cell of an account and attributes (bits ``of_event`` only), -1 for none."""
    cdef uint64_t hash = cell_hash(account, attributes)
    cdef uint64_t i = hash
    cdef CellPlace* place
    cdef Cell* cell
    while True:
        place = &tally.cell_index[i & <uint64_t> (tally.cell_size - 1)]
        if place.cell == 0:
            return -1
        if place.tag == <uint32_t> (hash >> 32):
            cell = cell_at(tally, place.cell - 1)
            if cell.account == account and (cell.attributes & of_event) == attributes:
                return place.cell - 1
        i += 1


cdef inline int64_t cell_likely(Tally* tally, uint64_t hash) noexcept nogil:
    """Return the cell of a hash most likely, the first or the second looked at; -1 none."""
    cdef uint64_t i = hash
    i += tally.cell_index[i & <uint64_t> (tally.cell_size - 1)].tag != <uint32_t> (hash >> 32)
    return tally.cell_index[i & <uint64_t> (tally.cell_size - 1)].cell - 1


cdef inline void cell_enter(Tally* tally, int32_t account, uint32_t attributes,
                            int32_t cell) noexcept nogil:
    """Enter a cell into the index, which has room for it."""
    cdef uint64_t hash = cell_hash(account, attributes)
    cdef uint64_t i = hash
    cdef CellPlace* place = &tally.cell_index[i & <uint64_t> (tally.cell_size - 1)]
    while place.cell != 0:
        i += 1
        place = &tally.cell_index[i & <uint64_t> (tally.cell_size - 1)]
    place.tag = <uint32_t> (hash >> 32)
    place.cell = cell + 1


cdef inline int cells_reindex(Tally* tally, uint32_t of_event) except -1 nogil:
    cdef int64_t c, size = FEW if tally.cell_size == 0 else tally.cell_size * 2
    cdef CellPlace* fresh = <CellPlace*> fresh_index(size, sizeof(CellPlace))
    cdef Cell* cell
    free(tally.cell_index)
    tally.cell_index = fresh
    tally.cell_size = size
    for c in range(tally.cell_used):
        cell = cell_at(tally, c)
        cell_enter(tally, cell.account, cell.attributes & of_event, <int32_t> c)
    return 0


cdef inline int32_t cell_add(Tally* tally, int32_t account, uint32_t attributes,
                             uint32_t of_event, uint32_t of_account) except -1 nogil:
    """Return a fresh cell, without slot yet, all counts 0.

    attributes : the bits ``of_event``; ``of_account`` are those that follow from the account
    """
    cdef int32_t cell = <int32_t> tally.cell_used
    cdef Cell* fresh
    if tally.cell_used == tally.cell_room:
        cells_grow(tally)
    if tally.cell_used * 8 >= tally.cell_size * 5:
        cells_reindex(tally, of_event)
    cell_enter(tally, account, attributes, cell)
    tally.cell_used += 1
    fresh = cell_at(tally, cell)
    memset(fresh, 0, tally.cell_bytes)
    fresh.account = account
    fresh.attributes = attributes | of_account
    fresh.slot = -1
    fresh.alone = -1
    fresh.next = -1
    fresh.alone_next = -1
    fresh.event = cell
    return cell


cdef inline int64_t slot_place(Tally* tally, int32_t subject) noexcept nogil:
    """Return where a subject stands in the index, or the free place where it may."""
    cdef int64_t i = <int64_t> cell_hash(subject, 0) & (tally.slot_size - 1)
    while tally.slot_index[i] != 0 and (
            slot_at(tally, tally.slot_index[i] - 1).subject != subject):
        i = (i + 1) & (tally.slot_size - 1)
    return i


cdef inline int slots_reindex(Tally* tally) except -1 nogil:
    cdef int64_t s, size = FEW if tally.slot_size == 0 else tally.slot_size * 2
    cdef int32_t* fresh = <int32_t*> fresh_index(size, sizeof(int32_t))
    free(tally.slot_index)
    tally.slot_index = fresh
    tally.slot_size = size
    for s in range(tally.slot_used):
        tally.slot_index[slot_place(tally, slot_at(tally, s).subject)] = <int32_t> s + 1
    return 0


cdef inline int32_t slot_of(Tally* tally, int32_t subject, bint alone) except -1 nogil:
    """Return a subject's slot, new or known."""
    cdef int64_t i = slot_place(tally, subject)
    cdef int32_t slot
    cdef Slot* fresh
    if tally.slot_index[i] != 0:
        return tally.slot_index[i] - 1
    if tally.slot_used == tally.slot_room:
        slots_grow(tally)
    if tally.slot_used * 8 >= tally.slot_size * 5:
        slots_reindex(tally)
        i = slot_place(tally, subject)
    slot = <int32_t> tally.slot_used
    tally.slot_index[i] = slot + 1
    tally.slot_used += 1
    fresh = slot_at(tally, slot)
    memset(fresh, 0, tally.slot_bytes)
    fresh.subject = subject
    fresh.head = -1
    fresh.alone = alone
    return slot


cdef inline void chain(Tally* tally, int32_t cell, int32_t slot, int32_t alone) noexcept nogil:
    """Hang a fresh cell into its subject's slot, and into that of the client judged besides."""
    cdef Cell* fresh = cell_at(tally, cell)
    fresh.slot = slot
    fresh.next = slot_at(tally, slot).head
    slot_at(tally, slot).head = cell
    slot_at(tally, slot).cells += 1
    fresh.alone = alone
    if alone >= 0:
        fresh.alone_next = slot_at(tally, alone).head
        slot_at(tally, alone).head = cell
        slot_at(tally, alone).cells += 1


cdef inline int32_t next_in(Slot* slot, Cell* cell) noexcept nogil:
    """Return the cell after another in a slot's chain, -1 after the last."""
    return cell.alone_next if slot.alone else cell.next


cdef inline int tally_begin(Tally* tally, int large_count, int watch_count) except -1 nogil:
    """Give a fresh tally its sizes and some room: a cell with two large sizes is a cache line."""
    tally.cell_bytes = (<int64_t> sizeof(Cell) + 4 * large_count + 7) & ~7
    tally.slot_bytes = 16 + 8 * watch_count
    cells_grow(tally)
    memset(tally.cells, 0, tally.cell_bytes)
    cells_reindex(tally, 0)
    slots_grow(tally)
    slots_reindex(tally)
    return 0
