# cython: language_level=3
"""A large block of memory in large pages, so that fewer of its places have to be looked up."""

cdef extern from *:
    """
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    #define ABTRADE_LARGE_PAGE ((size_t) 1 << 21)
    static inline size_t abtrade_alignment(size_t size, size_t least) {
        return size >= 2 * ABTRADE_LARGE_PAGE ? ABTRADE_LARGE_PAGE : least;
    }
    static inline void abtrade_large_pages(void* at, size_t size) {
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (size >= 2 * ABTRADE_LARGE_PAGE)
            madvise(at, size & ~(ABTRADE_LARGE_PAGE - 1), MADV_HUGEPAGE);
    #else
        (void) at; (void) size;
    #endif
    }
    """
    size_t alignment_of "abtrade_alignment"(size_t size, size_t least) noexcept nogil
    void in_large_pages "abtrade_large_pages"(void* at, size_t size) noexcept nogil
