# cython: language_level=3
"""Cells and slots of one contract: who did how much, and how far that is from any level.

A cell holds the counts of one account under one combination of attributes. A slot belongs to a
subject: it chains the subject's cells and holds, per count, the least distance to any level that
is not reached yet, so that an event costs one subtraction however many rules there are.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

from ._table cimport scatter

cdef enum:
    FAR = 0x3FFFFFFFFFFFFFFF  # no level left to reach


cdef struct Cell:       # 28 bytes
    int32_t account
    uint32_t attributes  # packed, masked to what rules read
    int32_t slot        # of the subject
    int32_t alone       # slot of the client judged besides its suspected group; -1 none
    int32_t next        # next cell of the same slot; -1 last
    int32_t alone_next
    int32_t event       # the cell that this account's last event with other attributes fell in


cdef struct Slot:
    int32_t subject
    int32_t head        # first cell
    int32_t alone       # 1: its cells are chained by alone_next


cdef struct Tally:
    Cell* cells         # owned
    int64_t* counts     # owned, width per cell
    int64_t cell_used
    int64_t cell_room
    int32_t* cell_index  # owned; cell + 1 by (account, attributes), 0 free
    int64_t cell_size
    Slot* slots         # owned
    int64_t* left       # owned, width per slot
    int64_t slot_used
    int64_t slot_room
    int32_t* slot_index  # owned; slot + 1 by subject, 0 free
    int64_t slot_size
    int32_t width       # counts a cell


cdef inline void tally_free(Tally* tally) noexcept nogil:
    free(tally.cells)
    free(tally.counts)
    free(tally.cell_index)
    free(tally.slots)
    free(tally.left)
    free(tally.slot_index)


cdef inline int64_t cell_home(int32_t account, uint32_t attributes, int64_t size) noexcept nogil:
    return <int64_t> (scatter((<int64_t> account << 16) ^ attributes, 0) & <uint64_t> (size - 1))


cdef inline int index_grow(int32_t** index, int64_t* size, int64_t fresh_size) except -1 nogil:
    """Replace an index by an empty larger one; the caller fills it again."""
    cdef int32_t* fresh = <int32_t*> calloc(fresh_size, sizeof(int32_t))
    if fresh == NULL:
        with gil:
            raise MemoryError("no memory for the counts")
    free(index[0])
    index[0] = fresh
    size[0] = fresh_size
    return 0


cdef inline int room_grow(void** items, size_t item, int64_t room) except -1 nogil:
    cdef void* grown = realloc(items[0], item * <size_t> room)
    if grown == NULL:
        with gil:
            raise MemoryError("no memory for the counts")
    items[0] = grown
    return 0


cdef inline int32_t cell_find(Tally* tally, int32_t account, uint32_t attributes,
                              uint32_t maker_bit) noexcept nogil:
    """Return the cell of an account and attributes (the market maker bit aside), -1 for none."""
    cdef int64_t i
    cdef int32_t found
    if tally.cell_size == 0:
        return -1
    i = cell_home(account, attributes, tally.cell_size)
    while True:
        found = tally.cell_index[i]
        if found == 0:
            return -1
        found -= 1
        if (tally.cells[found].account == account
                and (tally.cells[found].attributes & ~maker_bit) == attributes):
            return found
        i = (i + 1) & (tally.cell_size - 1)


cdef inline int cells_reindex(Tally* tally, uint32_t maker_bit) except -1 nogil:
    cdef int64_t c, i
    index_grow(&tally.cell_index, &tally.cell_size, 8 if tally.cell_size == 0
               else tally.cell_size * 2)
    for c in range(tally.cell_used):
        i = cell_home(tally.cells[c].account, tally.cells[c].attributes & ~maker_bit,
                      tally.cell_size)
        while tally.cell_index[i] != 0:
            i = (i + 1) & (tally.cell_size - 1)
        tally.cell_index[i] = <int32_t> c + 1
    return 0


cdef inline int32_t cell_add(Tally* tally, int32_t account, uint32_t attributes,
                             uint32_t maker_bit, bint makes_market) except -1 nogil:
    """Return a fresh cell, without slot yet, all counts 0."""
    cdef int64_t i, room
    cdef int32_t cell = <int32_t> tally.cell_used
    if tally.cell_used == tally.cell_room:
        room = 8 if tally.cell_room == 0 else tally.cell_room * 2
        room_grow(<void**> &tally.cells, sizeof(Cell), room)
        room_grow(<void**> &tally.counts, sizeof(int64_t) * <size_t> tally.width, room)
        tally.cell_room = room
    if tally.cell_used * 8 >= tally.cell_size * 5:
        cells_reindex(tally, maker_bit)
    i = cell_home(account, attributes, tally.cell_size)
    while tally.cell_index[i] != 0:
        i = (i + 1) & (tally.cell_size - 1)
    tally.cell_index[i] = cell + 1
    tally.cell_used += 1
    tally.cells[cell].account = account
    tally.cells[cell].attributes = attributes | (maker_bit if makes_market else 0)
    tally.cells[cell].slot = -1
    tally.cells[cell].alone = -1
    tally.cells[cell].next = -1
    tally.cells[cell].alone_next = -1
    tally.cells[cell].event = cell
    memset(&tally.counts[<int64_t> cell * tally.width], 0,
           sizeof(int64_t) * <size_t> tally.width)
    return cell


cdef inline int slots_reindex(Tally* tally) except -1 nogil:
    cdef int64_t s, i
    index_grow(&tally.slot_index, &tally.slot_size, 8 if tally.slot_size == 0
               else tally.slot_size * 2)
    for s in range(tally.slot_used):
        i = cell_home(tally.slots[s].subject, 0, tally.slot_size)
        while tally.slot_index[i] != 0:
            i = (i + 1) & (tally.slot_size - 1)
        tally.slot_index[i] = <int32_t> s + 1
    return 0


cdef inline int32_t slot_of(Tally* tally, int32_t subject, bint alone,
                            const int64_t* distance) except -1 nogil:
    """Return a subject's slot, new or known; ``distance`` holds the first level of each count."""
    cdef int64_t i = 0, room, k
    cdef int32_t slot
    if tally.slot_size != 0:
        i = cell_home(subject, 0, tally.slot_size)
        while tally.slot_index[i] != 0:
            slot = tally.slot_index[i] - 1
            if tally.slots[slot].subject == subject:
                return slot
            i = (i + 1) & (tally.slot_size - 1)
    if tally.slot_used == tally.slot_room:
        room = 8 if tally.slot_room == 0 else tally.slot_room * 2
        room_grow(<void**> &tally.slots, sizeof(Slot), room)
        room_grow(<void**> &tally.left, sizeof(int64_t) * <size_t> tally.width, room)
        tally.slot_room = room
    if tally.slot_used * 8 >= tally.slot_size * 5:
        slots_reindex(tally)
        i = cell_home(subject, 0, tally.slot_size)
        while tally.slot_index[i] != 0:
            i = (i + 1) & (tally.slot_size - 1)
    slot = <int32_t> tally.slot_used
    tally.slot_index[i] = slot + 1
    tally.slot_used += 1
    tally.slots[slot].subject = subject
    tally.slots[slot].head = -1
    tally.slots[slot].alone = alone
    for k in range(tally.width):
        tally.left[<int64_t> slot * tally.width + k] = distance[k]
    return slot


cdef inline void chain(Tally* tally, int32_t cell, int32_t slot, int32_t alone) noexcept nogil:
    """Hang a fresh cell into its subject's slot, and into that of the client judged besides."""
    tally.cells[cell].slot = slot
    tally.cells[cell].next = tally.slots[slot].head
    tally.slots[slot].head = cell
    tally.cells[cell].alone = alone
    if alone >= 0:
        tally.cells[cell].alone_next = tally.slots[alone].head
        tally.slots[alone].head = cell
