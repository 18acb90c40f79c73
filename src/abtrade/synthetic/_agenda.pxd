"""Agenda: what is to happen when, a binary heap; of two at one time the one put in first."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport realloc


cdef struct Entry:
    int64_t ts
    int64_t number          # tells entries of one time apart
    int64_t serial          # of the order meant, 0
    int32_t kind
    int32_t about           # order slot, contract or quoter


cdef struct Agenda:
    Entry* entries          # owned by the floor
    int64_t size
    int64_t room
    int64_t numbered


cdef inline bint comes_before(const Entry* a, const Entry* b) noexcept nogil:
    return a.ts < b.ts or (a.ts == b.ts and a.number < b.number)


cdef inline int put(
    Agenda* agenda, int64_t ts, int32_t kind, int32_t about, int64_t serial
) except -1 nogil:
    cdef Entry entry
    cdef Entry* grown
    cdef int64_t at, parent
    if agenda.size == agenda.room:
        grown = <Entry*>realloc(agenda.entries, 2 * (agenda.room + 512) * sizeof(Entry))
        if grown == NULL:
            with gil:
                raise MemoryError
        agenda.entries = grown
        agenda.room = 2 * (agenda.room + 512)
    agenda.numbered += 1
    entry.ts, entry.number, entry.serial = ts, agenda.numbered, serial
    entry.kind, entry.about = kind, about
    at = agenda.size
    agenda.size += 1
    while at:
        parent = (at - 1) >> 1
        if not comes_before(&entry, &agenda.entries[parent]):
            break
        agenda.entries[at] = agenda.entries[parent]
        at = parent
    agenda.entries[at] = entry
    return 0


cdef inline Entry pop(Agenda* agenda) noexcept nogil:
    """Take the first entry off; there is one."""
    cdef Entry first = agenda.entries[0]
    cdef Entry last
    cdef int64_t at = 0, child
    agenda.size -= 1
    last = agenda.entries[agenda.size]
    while True:
        child = 2 * at + 1
        if child >= agenda.size:
            break
        if child + 1 < agenda.size and comes_before(
            &agenda.entries[child + 1], &agenda.entries[child]
        ):
            child += 1
        if not comes_before(&agenda.entries[child], &last):
            break
        agenda.entries[at] = agenda.entries[child]
        at = child
    agenda.entries[at] = last
    return first
