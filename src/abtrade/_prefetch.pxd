# cython: language_level=3
"""Ask memory for what is needed soon, so that it need not be waited for."""

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    /* GCC takes a function that only prefetches for one that does nothing; asm says it does */
    #define abtrade_prefetch(at) do { __builtin_prefetch(at); __asm__ volatile(""); } while (0)
    #else
    #define abtrade_prefetch(at) ((void) (at))
    #endif
    """
    void prefetch "abtrade_prefetch"(const void* at) noexcept nogil
