# cython: language_level=3
"""The hash of a state's parts, as ``state_hash.mix`` folds it."""

from libc.stdint cimport uint64_t


cdef inline uint64_t mix(uint64_t h, uint64_t word) noexcept nogil:
    """Fold one word into a hash (splitmix64)."""
    cdef uint64_t x = (h ^ word) + <uint64_t> 0x9E3779B97F4A7C15
    x ^= x >> 30
    x *= <uint64_t> 0xBF58476D1CE4E5B9
    x ^= x >> 27
    x *= <uint64_t> 0x94D049BB133111EB
    x ^= x >> 31
    return x
