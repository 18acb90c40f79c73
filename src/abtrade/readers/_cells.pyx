# cython: language_level=3
"""Passes over the cells of a batch, each doing at once what would take numpy several.

Columns in, columns out: what the cells mean is known to the callers. Every index is checked, for it
may come from a damaged file.
"""

from cpython.buffer cimport PyBuffer_FillInfo
from libc.math cimport fabs
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

ctypedef fused Whole:
    uint8_t
    int32_t
    int64_t

ctypedef fused Entry:
    int8_t
    uint8_t
    int32_t
    double

ctypedef fused Position:
    int32_t
    int64_t

# 1.5 * 2^52: a double below 2^51, added to this, has no room for digits after the point.
cdef double TO_WHOLE = 6755399441055744.0
cdef double ROUNDED_BELOW = 2251799813685248.0


def fill(const Whole[::1] values, const uint8_t[::1] valid, Whole null, Whole[::1] out):
    """Write the values, and ``null`` where they are not valid: (n,) each."""
    cdef Py_ssize_t i, n = out.shape[0]
    cdef Whole kept
    assert values.shape[0] == n and valid.shape[0] == n
    with nogil:
        for i in range(n):
            # Masked, not chosen: a branch for each row would cost ten times as much.
            kept = <Whole> (-<Whole> (valid[i] != 0))
            out[i] = (values[i] & kept) | (null & ~kept)


def count_up(int64_t first, int64_t[::1] out):
    """Write ``first`` and the numbers that follow it: (n,)."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(out.shape[0]):
            out[i] = first + i


def look_up(const Entry[::1] table, const Position[::1] at, Entry[::1] out):
    """Write the table's entry at each position: (n,).

    Raises IndexError where a position is outside the table.
    """
    cdef Py_ssize_t i, n = out.shape[0]
    cdef uint64_t size = table.shape[0], place, outside = 0
    assert at.shape[0] == n
    if size == 0 and n:
        raise IndexError("position in an empty table")
    with nogil:
        for i in range(n):
            place = <uint64_t> <int64_t> at[i]
            if place >= size:
                outside = 1
                place = 0
            out[i] = table[place]
    if outside:
        raise IndexError("position outside the table")


def look_up_valid(
    const Entry[::1] table, const Position[::1] at, const uint8_t[::1] valid, Entry[::1] out
):
    """Do as ``look_up``; a cell that is not valid, whatever its position, has the last entry."""
    cdef Py_ssize_t i, n = out.shape[0]
    cdef uint64_t size = table.shape[0], kept, place, outside = 0
    assert at.shape[0] == n and valid.shape[0] == n
    if size == 0 and n:
        raise IndexError("position in an empty table")
    with nogil:
        for i in range(n):
            kept = -<uint64_t> (valid[i] != 0)
            place = (<uint64_t> <int64_t> at[i] & kept) | ((size - 1) & ~kept)
            if place >= size:
                outside = 1
                place = 0
            out[i] = table[place]
    if outside:
        raise IndexError("position outside the table")


def count_ticks(
    const double[::1] prices,
    const uint8_t[::1] valid,
    const double[::1] ticks,
    double tolerance,
    int64_t null,
    int64_t[::1] out,
):
    """Write prices in ticks, ``null`` where not valid, and return whether every one is on its tick.

    prices : (n,) anything where not valid
    valid : (n,) or None, all are
    ticks : (n,) each row's; below 0: no price of it is off
    tolerance : how far off, in ticks, is still on it

    False, and ``out`` is no use, where one is off, is no number, or 2^51 ticks and more.
    """
    cdef Py_ssize_t i, n = out.shape[0]
    cdef bint all_valid = valid is None
    cdef bint fine = True, here, some
    cdef double exact, nearest, off
    assert prices.shape[0] == n and ticks.shape[0] == n and (all_valid or valid.shape[0] == n)
    with nogil:
        for i in range(n):
            some = all_valid or valid[i]
            exact = prices[i] / fabs(ticks[i])
            nearest = (exact + TO_WHOLE) - TO_WHOLE
            off = fabs(exact - nearest)
            # What is no number is not below either.
            here = (off <= tolerance or ticks[i] < 0) and fabs(exact) < ROUNDED_BELOW
            fine &= here or not some
            out[i] = <int64_t> nearest if some and here else null
    return fine


# --- what cells are, in a number ------------------------------------------------------------------

cdef uint64_t ROW_STEP = 0x9E3779B97F4A7C15
cdef uint64_t NULL_CELL = 0xD6E8FEB86659FD93


cdef inline uint64_t scatter(uint64_t word) noexcept nogil:
    """Return a word of which every bit depends on every bit of the one given."""
    word = (word ^ (word >> 30)) * <uint64_t> 0xBF58476D1CE4E5B9
    word = (word ^ (word >> 27)) * <uint64_t> 0x94D049BB133111EB
    return word ^ (word >> 31)


def sum_cells(const uint64_t[::1] words, const uint8_t[::1] valid, uint64_t first_row):
    """Return the sum, modulo 2^64, of a hash of each cell with its row's number.

    words : (n,) what the cells hold, anything where not valid
    valid : (n,) or None, all are
    first_row : the number of the first
    """
    cdef Py_ssize_t i
    cdef uint64_t total = 0
    cdef bint all_valid = valid is None
    assert all_valid or valid.shape[0] == words.shape[0]
    with nogil:
        for i in range(words.shape[0]):
            total += scatter(
                scatter(words[i] if all_valid or valid[i] else NULL_CELL)
                + ROW_STEP * (first_row + <uint64_t> i)
            )
    return total


def fold_cells(const uint64_t[::1] words, const uint8_t[::1] valid, uint64_t[::1] rows):
    """Take a column into the hash of each row: (n,); the order of the columns counts.

    words : (n,) what the cells hold, anything where not valid
    valid : (n,) or None, all are
    """
    cdef Py_ssize_t i, n = rows.shape[0]
    cdef bint all_valid = valid is None
    assert words.shape[0] == n and (all_valid or valid.shape[0] == n)
    with nogil:
        for i in range(n):
            rows[i] = scatter(
                rows[i] * ROW_STEP + scatter(words[i] if all_valid or valid[i] else NULL_CELL)
            )


def hash_texts(const uint8_t[::1] data, const int64_t[::1] offsets, uint64_t[::1] out):
    """Write a hash of each text, ``data[offsets[i]:offsets[i + 1]]``: (n,)."""
    cdef Py_ssize_t i, n = out.shape[0]
    cdef int64_t at, end
    cdef uint64_t found, word
    assert offsets.shape[0] == n + 1
    for i in range(n):
        if not 0 <= offsets[i] <= offsets[i + 1] <= data.shape[0]:
            raise IndexError("text outside the data")
    with nogil:
        for i in range(n):
            at = offsets[i]
            end = offsets[i + 1]
            found = <uint64_t> (end - at) * ROW_STEP
            while end - at >= 8:
                memcpy(&word, &data[at], 8)
                found = scatter(found ^ word)
                at += 8
            if at < end:
                word = 0
                memcpy(&word, &data[at], end - at)
                found = scatter(found ^ word)
            out[i] = found


# --- memory for columns --------------------------------------------------------------------------

cdef enum:
    LEAST_POWER = 16        # smaller blocks malloc keeps by itself
    POWERS = 27
    KEPT = 32               # blocks of a size that wait to be used again
    KEPT_BYTES = 1 << 26    # in all

cdef void* kept[POWERS][KEPT]
cdef int kept_count[POWERS]
cdef Py_ssize_t kept_bytes = 0


cdef class Block:
    """Memory of at least ``size`` bytes, used again when nobody holds it any more.

    malloc gives such large pieces back to the system, which clears new ones for every batch: that
    takes longer than filling them does.
    """

    cdef void* at               # owned
    cdef Py_ssize_t size
    cdef int power

    def __cinit__(self, Py_ssize_t size):
        global kept_bytes
        self.size = size
        self.power = LEAST_POWER
        while (<Py_ssize_t> 1) << self.power < size:
            self.power += 1
        if self.power < POWERS and kept_count[self.power]:
            kept_count[self.power] -= 1
            kept_bytes -= (<Py_ssize_t> 1) << self.power
            self.at = kept[self.power][kept_count[self.power]]
        else:
            self.at = malloc((<Py_ssize_t> 1) << self.power)
        if self.at == NULL:
            raise MemoryError()

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.at, self.size, False, flags)

    def __dealloc__(self):
        global kept_bytes
        cdef Py_ssize_t bytes = (<Py_ssize_t> 1) << self.power
        if (self.at != NULL and self.power < POWERS and kept_count[self.power] < KEPT
                and kept_bytes + bytes <= KEPT_BYTES):
            kept[self.power][kept_count[self.power]] = self.at
            kept_count[self.power] += 1
            kept_bytes += bytes
        else:
            free(self.at)
