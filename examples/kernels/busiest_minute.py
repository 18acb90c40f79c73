"""Busiest minute: the most lots that a subject cancels within one minute of the clock."""

import abtrade

MINUTE = 60_000_000_000  # ns


@abtrade.kernel("busiest_minute", wants=("cancel",), state=2, unit="lots")
def busiest_minute(events, slots, state, out):
    """Lots cancelled in the minute so far; the day's figure is that of the busiest minute."""
    for i in range(len(events)):
        mine = state[slots[i]]  # the minute under way, and the lots cancelled in it
        minute = events[i]["ts"] // MINUTE
        if minute > mine[0]:  # a time before it counts to the minute under way
            mine[0] = minute
            mine[1] = 0
        mine[1] += events[i]["lots"]
        out[i] = mine[1]
