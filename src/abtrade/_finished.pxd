# cython: language_level=3
"""Which order ids have finished, in which contract: two bytes an order where ids are dense.

Exchanges number orders through the day, so neighbouring ids finish at about the same time in many
contracts. A page holds, for each id of a run, the contract in which it finished; pages are made
where the day's ids fill them well enough. Ids without a page, ids that are two words, and ids that
several contracts share are marked as bits in a table of their contract.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint64_t
from libc.stdlib cimport calloc, free

from ._table cimport Marks, mark_add, mark_has, scatter

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define abtrade_claim(at, value) __sync_bool_compare_and_swap(at, 0, value)
    #else
    #define abtrade_claim(at, value) (*(at) == 0 ? (*(at) = (value), 1) : 0)
    #endif
    """
    bint claim "abtrade_claim"(uint16_t* at, uint16_t value) noexcept nogil

cdef enum:
    PAGE_BITS = 14
    PAGE_IDS = 1 << 14
    FREE_PAGES = 4      # made before it is seen whether ids are dense
    IDS_AN_ORDER = 8    # of pages made later: at most so many ids for each order opened
    MOST_OWNERS = 65535
    NO_PAGE = 0x4000000000000000  # no number of a page: those have 50 bits


cdef struct Page:
    int64_t number      # id >> PAGE_BITS
    uint16_t* owner     # owned; contract + 1, 0: not finished. NULL: the slot is free


cdef struct Pages:      # of the ids that one exchange gives out
    Page* at            # owned; open addressing by number
    int64_t size
    int64_t used
    int64_t opened      # orders
    int64_t last        # number of the page that the last order opened has; first NO_PAGE


cdef inline Page* page_place(Pages* pages, int64_t number) noexcept nogil:
    """Return the page of a number, or the free one where it belongs: its owner is NULL."""
    cdef int64_t mask = pages.size - 1
    cdef int64_t i = <int64_t> scatter(number, 0) & mask
    while pages.at[i].owner != NULL and pages.at[i].number != number:
        i = (i + 1) & mask
    return &pages.at[i]


cdef inline uint16_t* owner_of(Pages* pages, int64_t key) noexcept nogil:
    """Return where an id's owner stands, NULL where it has no page."""
    cdef uint16_t* owners = page_place(pages, key >> PAGE_BITS).owner
    return NULL if owners == NULL else &owners[key & (PAGE_IDS - 1)]


cdef inline uint16_t* owner_likely(Pages* pages, int64_t key) noexcept nogil:
    """Return where an id's owner stands most likely: a place to ask for, not to read."""
    cdef Page* page = &pages.at[scatter(key >> PAGE_BITS, 0) & <uint64_t> (pages.size - 1)]
    return page.owner + (key & (PAGE_IDS - 1))


cdef inline bint pages_wanted(Pages* pages) noexcept nogil:
    """Whether the ids seen so far pay for one more page."""
    return (pages.used + 1 - FREE_PAGES) * PAGE_IDS <= pages.opened * IDS_AN_ORDER


cdef inline int pages_grow(Pages* pages) except -1 nogil:
    """Make room for more pages; the first time for a few."""
    cdef Pages fresh = pages[0]
    cdef int64_t i
    fresh.size = 16 if pages.size == 0 else pages.size * 2
    fresh.at = <Page*> calloc(fresh.size, sizeof(Page))
    if fresh.at == NULL:
        with gil:
            raise MemoryError("no memory for the marks of finished orders")
    for i in range(pages.size):
        if pages.at[i].owner != NULL:
            page_place(&fresh, pages.at[i].number)[0] = pages.at[i]
    free(pages.at)
    pages[0] = fresh
    return 0


cdef inline uint16_t* page_add(Pages* pages, int64_t number) except NULL nogil:
    """Return the owners of a fresh page; there was none of that number."""
    cdef Page* page
    cdef uint16_t* owner = <uint16_t*> calloc(PAGE_IDS, sizeof(uint16_t))
    if owner == NULL:
        with gil:
            raise MemoryError("no memory for the marks of finished orders")
    if pages.used * 2 >= pages.size:
        pages_grow(pages)
    page = page_place(pages, number)
    page.number = number
    page.owner = owner
    pages.used += 1
    return owner


cdef inline void pages_free(Pages* pages) noexcept:
    cdef int64_t i
    for i in range(pages.size):
        free(pages.at[i].owner)
    free(pages.at)


cdef inline bint finished_has(Pages* pages, Marks* marks, int32_t contract, int64_t key,
                              uint64_t high) noexcept nogil:
    """Whether an id has finished in a contract; ``marks``: the contract's own table."""
    cdef uint16_t* owner
    if key > marks.top:
        return False
    if high == 0:
        owner = owner_of(pages, key)
        if owner != NULL and owner[0] == contract + 1:
            return True
    return mark_has(marks, key, high)


cdef inline int finished_add(Pages* pages, Marks* marks, int32_t contract, int64_t key,
                             uint64_t high, bint shared) except -1 nogil:
    """Note that an id has finished; ``shared``: other threads may write to the pages as well."""
    cdef uint16_t* owner
    if high == 0 and contract < MOST_OWNERS:
        owner = owner_of(pages, key)
        if owner != NULL and owner_set(owner, <uint16_t> (contract + 1), shared):
            marks.top = max(marks.top, key)
            return 0
    return mark_add(marks, key, high)


cdef inline bint owner_set(uint16_t* owner, uint16_t value, bint shared) noexcept nogil:
    """Give an id its owner; return False where it has one, perhaps since a moment ago."""
    if shared:
        return claim(owner, value)
    if owner[0] != 0:
        return False
    owner[0] = value
    return True
