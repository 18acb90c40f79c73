"""Records that go in and out of the floor, each a numpy dtype of the same fields."""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t


cdef struct Row:            # 72 bytes, as numpy's ROW
    int64_t seq
    int64_t ts
    int64_t order_id
    int64_t contra_order_id
    int64_t trade_id
    int32_t contract
    int32_t account
    int32_t contra_account
    int32_t level
    int32_t lots
    uint8_t action
    uint8_t side
    uint8_t offset
    uint8_t hedge
    uint8_t tif
    uint8_t order_type
    uint8_t cancel_by
    uint8_t phase
    uint8_t contra_offset   # not written: for the truth about planted accounts
    uint8_t contra_hedge
    uint8_t contra_tif
    uint8_t contra_order_type


cdef struct Arrival:        # an order of the crowd
    int64_t ts
    int64_t life            # ns of trading until its owner takes it off; 0: never
    int32_t cell
    int32_t lots
    int32_t away            # ticks from the middle price, to the passive side
    int16_t drift           # ticks the middle price moves first
    uint16_t pick           # which of the subject's accounts
    uint8_t tif
    uint8_t offset
    uint8_t action          # new or reject
    uint8_t spare


cdef struct Command:        # something planted
    int64_t ts
    int32_t kind
    int32_t handle          # names the order for later commands
    int32_t contract
    int32_t account
    int32_t contra_account  # cross: of the incoming order; fill: who gives the lots
    int32_t level
    int32_t lots
    int32_t times           # cross: resting orders
    uint8_t side
    uint8_t offset
    uint8_t hedge
    uint8_t order_type
    uint8_t tif
    uint8_t cancel_by
    uint8_t contra_hedge
    uint8_t contra_offset


cdef struct Cell:           # a subject of the crowd in a contract
    int32_t contract
    int32_t first_account
    int32_t accounts
    uint8_t side
    uint8_t hedge
    uint8_t spare0
    uint8_t spare1


cdef struct Quoter:         # a market maker in a contract
    int64_t interval        # ns between quotes
    int32_t cell
    int32_t lots
    int32_t half            # ticks from the middle price
    int32_t spare


cdef struct Market:         # a contract as given
    int32_t exchange
    int32_t levels
    int32_t middle
    int32_t low             # the crowd's lowest and highest level
    int32_t high
    int32_t cap             # most orders of a cell that are not filled, and of these large
    int32_t large_cap
    uint8_t remainder_first
    uint8_t cap_all         # the cap is on all orders of a cell, filled or not
    uint8_t spare0
    uint8_t spare1


cdef struct Pair:           # of quotes, buy and sell
    int32_t slot[2]
    int64_t serial[2]
