# cython: language_level=3
"""Step as the core hands it out and as what watches the day reads it: ``steps.STEP``."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef enum:
    STEP_ORDER = 1                      # codes of steps.What and steps.Flag
    STEP_CARRIED = 2
    STEP_CANCEL = 3
    STEP_AMEND = 4
    STEP_RFQ = 5
    STEP_FILL = 6
    STEP_IS_MESSAGE = 1
    STEP_IS_REMAINDER = 2
    STEP_IS_ORDINARY = 4


cdef struct Step:
    int64_t row
    int64_t lots
    int64_t price
    int64_t match       # index in the day of the first row of a match told by two, -1 of others
    int32_t contract
    int32_t account
    uint32_t attributes
    uint8_t what
    uint8_t side
    uint8_t offset
    uint8_t flags
