# cython: language_level=3
"""Passes over the cells of a batch, each doing at once what would take numpy several.

Columns in, columns out: what the cells mean is known to the callers. Every index is checked, for it
may come from a damaged file.
"""

from cpython.buffer cimport PyBuffer_FillInfo
from libc.math cimport fabs
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy, memset

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


# --- texts read as they are written ---------------------------------------------------------------

cdef enum:
    PLAIN_DIGITS = 18       # any number of so many digits fits int64

cdef uint64_t NO_TEXT = 0xFFFFFFFFFFFFFFFF
cdef uint64_t OTHER_TEXT = 0x8000000000000000


cdef inline bint blank(uint8_t byte) noexcept nogil:
    return byte == 0x20 or byte == 0x09


cdef int check_offsets(
    const uint8_t[::1] data, const int32_t[::1] offsets, const uint8_t[::1] valid, Py_ssize_t n
) except -1:
    cdef Py_ssize_t i
    assert offsets.shape[0] == n + 1 and (valid is None or valid.shape[0] == n)
    if n and offsets[0] < 0 or offsets[n] > data.shape[0]:
        raise IndexError("text outside the data")
    for i in range(n):
        if offsets[i] > offsets[i + 1]:
            raise IndexError("text that ends before it begins")
    return 0


def read_digits(
    const uint8_t[::1] data,
    const int32_t[::1] offsets,
    const uint8_t[::1] valid,
    int64_t[::1] numbers,
    uint64_t[::1] zeros,
):
    """Read texts of 1 to 18 digits, ASCII blanks around them aside; return how many are others.

    offsets : (n + 1,) text i is ``data[offsets[i]:offsets[i + 1]]``
    valid : (n,) or None, all are
    numbers : (n,) written: the number, 0 where the text is no such
    zeros : (n,) written: how many zeros lead; 2^63 where the text is another; 2^64 - 1 where there
        is none or it is blank
    """
    cdef Py_ssize_t i, n = numbers.shape[0]
    cdef int64_t at, end, first, number, others = 0
    cdef bint all_valid = valid is None
    assert zeros.shape[0] == n
    check_offsets(data, offsets, valid, n)
    with nogil:
        for i in range(n):
            at = offsets[i]
            end = offsets[i + 1]
            while at < end and blank(data[at]):
                at += 1
            while at < end and blank(data[end - 1]):
                end -= 1
            numbers[i] = 0
            if at == end or not (all_valid or valid[i]):
                zeros[i] = NO_TEXT
                continue
            first = at
            while first < end - 1 and data[first] == 0x30:
                first += 1
            zeros[i] = first - at
            number = 0
            if end - at <= PLAIN_DIGITS:
                while first < end and <uint8_t> (data[first] - 0x30) <= 9:
                    number = number * 10 + (data[first] - 0x30)
                    first += 1
            if first == end:
                numbers[i] = number
            else:
                zeros[i] = OTHER_TEXT
                others += 1
    return others


def read_clocks(
    const uint8_t[::1] data,
    const int32_t[::1] offsets,
    const uint8_t[::1] valid,
    int64_t none,
    int64_t odd,
    int64_t[::1] out,
):
    """Write the ns since midnight of texts as 09:30:05: (n,); return how many are others.

    valid : (n,) or None, all are
    none : written where there is no text, or one of no length
    odd : written for the others
    """
    cdef Py_ssize_t i, n = out.shape[0]
    cdef const uint8_t* text
    cdef int64_t others = 0
    cdef int hour, minute, second
    cdef bint all_valid = valid is None
    check_offsets(data, offsets, valid, n)
    with nogil:
        for i in range(n):
            if offsets[i] == offsets[i + 1] or not (all_valid or valid[i]):
                out[i] = none
                continue
            out[i] = odd
            if offsets[i + 1] - offsets[i] == 8:
                text = &data[offsets[i]]
                hour = two_digits(text)
                minute = two_digits(text + 3)
                second = two_digits(text + 6)
                if (hour < 24 and minute < 60 and second < 60
                        and text[2] == 0x3A and text[5] == 0x3A):
                    out[i] = ((hour * 60 + minute) * 60 + second) * <int64_t> 1000000000
                    continue
            others += 1
    return others


cdef inline int two_digits(const uint8_t* text) noexcept nogil:
    """Return the number that two bytes write, 100 where one is no digit."""
    cdef uint8_t tens = text[0] - 0x30, ones = text[1] - 0x30
    return tens * 10 + ones if tens <= 9 and ones <= 9 else 100


def rows_end(const uint8_t[::1] text, uint8_t delimiter):
    """Return where the last whole row of a CSV text ends, 0 where none does.

    A quote counts at the start of a cell only, as Arrow reads it. A carriage return at the very
    end may be half of a line's end, and ends nothing.
    """
    cdef Py_ssize_t i, n = text.shape[0], end = 0
    cdef bint fresh = True, quoted = False
    cdef uint8_t byte
    with nogil:
        i = 0
        while i < n:
            byte = text[i]
            i += 1
            if quoted:
                if byte == 0x22:
                    if i < n and text[i] == 0x22:
                        i += 1
                    else:
                        quoted = False
            elif byte == 0x0A or (byte == 0x0D and i < n and text[i] != 0x0A):
                end = i
                fresh = True
            elif byte == delimiter:
                fresh = True
            elif fresh and byte == 0x22:
                quoted = True
                fresh = False
            else:
                fresh = False
    return end


# --- rows that are alike --------------------------------------------------------------------------

def number_rows(const int64_t[:, ::1] keys, int64_t[::1] out):
    """Write a number for each row, from 0 by first sight, equal where all words are: (n,).

    keys : (n, k) the words of each row

    Return how many numbers there are. Raises MemoryError.
    """
    cdef Py_ssize_t i, k, n = keys.shape[0], words = keys.shape[1], seen
    cdef int64_t count = 0
    cdef uint64_t mask = 1, at, found
    cdef int64_t* slots         # the first row of each number, and -1 where a slot is free
    assert out.shape[0] == n
    while mask < <uint64_t> n * 2:
        mask <<= 1
    slots = <int64_t*> malloc(mask * sizeof(int64_t))
    if slots == NULL:
        raise MemoryError()
    mask -= 1
    with nogil:
        memset(slots, 0xFF, (mask + 1) * sizeof(int64_t))
        for i in range(n):
            found = 0
            for k in range(words):
                found = scatter(found * ROW_STEP + <uint64_t> keys[i, k])
            at = found & mask
            while True:
                seen = slots[at]
                if seen < 0:
                    slots[at] = i
                    out[i] = count
                    count += 1
                    break
                if memcmp(&keys[seen, 0], &keys[i, 0], words * sizeof(int64_t)) == 0:
                    out[i] = out[seen]
                    break
                at = (at + 1) & mask
        free(slots)
    return count


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
