"""Watch: the steps that one rule puts before a kernel, each with the slot of who is judged there.

It runs no kernel: ``gather`` turns steps into events with slots, ``judge`` takes up the figures
that the kernel gave for them. A slot is a *who* (twice a subject, or twice a client and one) in a
scope.
"""

import numpy as np
from libc.math cimport isfinite
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef int64_t ROOM = 4096        # events after which a chunk ends, at the end of a row
cdef int64_t SPARE = 64         # events that the last row of a chunk may bring besides
cdef int FIELDS = 9             # of kernels.EVENT


cdef struct Entry:      # ENTRY: what an account did in a scope, and the slots that it is judged in
    int64_t name        # hash of the account's
    int64_t events      # that count
    int64_t unknown     # of these: resting on a blank
    int32_t subject
    int32_t alone       # -1: judged with its subject only
    int32_t client      # -1: its subject has no other
    int32_t free

ENTRY = np.dtype([
    ("name", "i8"), ("events", "i8"), ("unknown", "i8"), ("subject", "i4"), ("alone", "i4"),
    ("client", "i4"), ("free", "i4"),
])


cdef inline uint64_t spread(uint64_t key) noexcept nogil:
    key = (key ^ (key >> 32)) * <uint64_t> 0x9E3779B97F4A7C15
    return key ^ (key >> 29)


cdef class Slots:
    """Dense numbers of pairs of whole numbers, given in the order in which pairs come up."""

    cdef readonly int64_t used
    cdef int64_t[::1] keys          # by slot: the first number in the high half
    cdef int32_t[::1] places        # open addressing: a slot, -1 where there is none
    cdef int64_t mask

    def __cinit__(self):
        self.used = 0
        self.keys = np.zeros(64, np.int64)
        self.places = np.full(128, -1, np.int32)
        self.mask = 127

    cdef inline int64_t place(self, int64_t key) noexcept:
        cdef int64_t at = <int64_t> (spread(<uint64_t> key) & <uint64_t> self.mask)
        while self.places[at] >= 0 and self.keys[self.places[at]] != key:
            at = (at + 1) & self.mask
        return at

    cdef int32_t slot(self, int32_t one, int32_t other) except -1:
        """Return the slot of a pair, new or known."""
        cdef int64_t key = (<int64_t> one << 32) | other
        cdef int64_t at = self.place(key)
        if self.places[at] >= 0:
            return self.places[at]
        if self.used == self.keys.shape[0]:
            self.grow()
            at = self.place(key)
        self.keys[self.used] = key
        self.places[at] = <int32_t> self.used
        self.used += 1
        return <int32_t> (self.used - 1)

    cdef int grow(self) except -1:
        cdef int64_t i
        keys = np.zeros(2 * self.used, np.int64)
        keys[: self.used] = np.asarray(self.keys)[: self.used]
        self.keys = keys
        self.places = np.full(4 * self.used, -1, np.int32)
        self.mask = 4 * self.used - 1
        for i in range(self.used):
            self.places[self.place(self.keys[i])] = <int32_t> i
        return 0

    def find(self, int32_t one, int32_t other):
        """Return the slot of a pair, -1 where there is none."""
        return self.places[self.place((<int64_t> one << 32) | other)]

    def find_all(self, const int64_t[:, :] pairs):
        """Return the slot of each pair, -1 where there is none: (n,) int64."""
        found = np.empty(pairs.shape[0], np.int64)
        cdef int64_t[::1] slots = found
        cdef int64_t i
        for i in range(pairs.shape[0]):
            slots[i] = self.places[self.place((pairs[i, 0] << 32) | pairs[i, 1])]
        return found

    def add(self, one, other):
        """Return the slot of a pair, new or known."""
        return self.slot(one, other)

    def pair(self, int64_t slot):
        """Return the pair of a slot."""
        return self.keys[slot] >> 32, self.keys[slot] & 0xFFFFFFFF

    def pairs(self):
        """Return the pairs by slot: (used, 2) int64."""
        keys = np.asarray(self.keys)[: self.used]
        return np.column_stack([keys >> 32, keys & 0xFFFFFFFF])


cdef class Watch:
    """What one rule counts for a kernel, or, with ``gross``, all that it asks about.

    wants : bit k: steps of kind k (steps.What) are events
    reasons : how many reasons the rule has to leave an event out
    """

    cdef readonly Slots slots       # who, scope
    cdef readonly Slots accounts    # account, scope: an entry each
    cdef readonly bint gross
    cdef uint32_t wants
    cdef readonly object columns    # by slot, see ``__cinit__``
    cdef readonly object entries    # by entry: ENTRY
    cdef readonly object exempt     # by entry and reason: events left out
    cdef readonly object events     # (n, FIELDS) int64, as kernels.EVENT has them
    cdef readonly object event_slots
    cdef int64_t[:, ::1] event
    cdef int64_t[::1] event_slot
    cdef int64_t[::1] event_row
    cdef Entry[::1] entry
    cdef double[::1] highest
    cdef uint8_t[::1] reached
    cdef int64_t[:, ::1] peak, left_out

    def __cinit__(self, wants, reasons, gross):
        self.slots, self.accounts = Slots(), Slots()
        self.wants, self.gross = wants, gross
        self.events = np.zeros((ROOM + SPARE, FIELDS), np.int64)
        self.event_slots = np.zeros(ROOM + SPARE, np.int64)
        self.event, self.event_slot = self.events, self.event_slots
        self.event_row = np.zeros(ROOM + SPARE, np.int64)
        self.entries = np.zeros(0, ENTRY)
        self.exempt = np.zeros((0, reasons if gross else 0), np.int64)
        self.columns = {
            "highest": np.zeros(0, np.float64),     # figure, at least 0
            "reached": np.zeros(0, np.uint8),       # bit 0 yellow, bit 1 red
            "peak": np.zeros((0, 3), np.int64),     # seq, channel, ts of the highest figure
        }
        self._room()

    def _room(self):
        """Make room for the slots and entries that a chunk may bring."""
        need = self.slots.used + ROOM + SPARE
        if len(self.columns["highest"]) < need:
            self.columns = {
                name: grown(column, max(need, 2 * len(column)))
                for name, column in self.columns.items()
            }
            self.highest, self.reached = self.columns["highest"], self.columns["reached"]
            self.peak = self.columns["peak"]
        need = self.accounts.used + ROOM + SPARE
        if len(self.entries) < need:
            self.entries = grown(self.entries, max(need, 2 * len(self.entries)))
            self.exempt = grown(self.exempt, len(self.entries))
            self.entry, self.left_out = self.entries, self.exempt

    def take_up(self, pairs, columns, account_pairs, entries, exempt):
        """Take up slots and entries that another watch of the rule had."""
        for who, scope in pairs.tolist():
            self.slots.add(who, scope)
            self._room()
        for account, scope in account_pairs.tolist():
            self.accounts.add(account, scope)
            self._room()
        for name, column in columns.items():
            self.columns[name][: len(column)] = column
        self.entries[: len(entries)] = entries
        self.exempt[: len(exempt)] = exempt

    def part(self, entry, who, scope):
        """Judge an entry's client besides: the slot of its subject, that of the client.

        The client's is a copy, unless another account of the client had it made; then it is -1.
        """
        self._room()
        known = self.slots.used
        source, slot = int(self.entries["subject"][entry]), self.slots.add(who, scope)
        self.entries["client"][entry] = slot
        if slot < known:
            return source, -1
        for column in self.columns.values():
            column[slot] = column[source]
        return source, slot

    cdef int enter(self, int64_t entry, int32_t scope, int32_t subject, int32_t alone,
                   int32_t client, int64_t name) except -1:
        """Find the slots for an account that is new in a scope."""
        cdef Entry* made = &self.entry[entry]
        made.name = name
        made.subject = self.slots.slot(2 * subject, scope)
        made.alone = self.slots.slot(2 * alone, scope) if alone >= 0 else -1
        made.client = -1
        if client >= 0 and not self.gross:
            made.client = self.slots.slot(2 * client + 1, scope)
        return 0

    def gather(self, steps, int64_t start, const int64_t[:] ts, rule, people):
        """Turn steps from ``start`` on into events, a chunk of whole rows.

        steps : (n,) steps.STEP
        rule : by contract: scope (-1 not judged), table (int32), hash of its name (int64); by table
            and attributes: reason (uint8), unknown (uint8)
        people : by account: subject, alone, client judged besides (-1 none, int32), hash of its
            name (int64)

        Returns where the next chunk starts and how many events there are, in ``events`` with
        ``event_slots``.
        """
        cdef const int64_t[:] row = steps["row"], lots = steps["lots"], price = steps["price"]
        cdef const int32_t[:] contract = steps["contract"], account = steps["account"]
        cdef const uint32_t[:] attributes = steps["attributes"]
        cdef const uint8_t[:] what = steps["what"], side = steps["side"]
        cdef const uint8_t[:] offset = steps["offset"], flags = steps["flags"]
        cdef const int32_t[::1] scope_of = rule[0], table_of = rule[1]
        cdef const int64_t[::1] contract_name = rule[2]
        cdef const uint8_t[:, ::1] reason_of = rule[3], unknown_of = rule[4]
        cdef const int32_t[::1] subject = people[0], alone = people[1], client = people[2]
        cdef const int64_t[::1] account_name = people[3]
        cdef int64_t i, known, at, n = 0, last = -1, steps_here = row.shape[0]
        cdef int32_t scope, table, who, each
        cdef int32_t judged[3]
        cdef uint8_t reason
        cdef Entry* mine
        cdef int64_t* event
        self._room()
        for i in range(start, steps_here):
            if not (self.wants >> what[i]) & 1:
                continue
            if n >= ROOM and row[i] != last:
                return i, n
            scope = scope_of[contract[i]]
            if scope < 0:
                continue
            table = table_of[contract[i]]
            reason = reason_of[table, attributes[i]]
            if reason and not self.gross:
                continue
            assert n + 3 <= ROOM + SPARE
            last = row[i]
            who = account[i]
            known = self.accounts.used
            at = self.accounts.slot(who, scope)
            if at == known:
                self.enter(at, scope, subject[who], alone[who], client[who], account_name[who])
            mine = &self.entry[at]
            if reason:
                self.left_out[at, reason - 1] += 1
            else:
                mine.events += 1
                mine.unknown += unknown_of[table, attributes[i]]
            judged[0], judged[1], judged[2] = mine.subject, mine.alone, mine.client
            for each in range(3):
                if judged[each] < 0:
                    continue
                self.event_slot[n] = judged[each]
                self.event_row[n] = last
                event = &self.event[n, 0]
                event[0] = ts[last]
                event[1] = price[i]
                event[2] = lots[i]
                event[3] = what[i]
                event[4] = side[i]
                event[5] = offset[i]
                event[6] = flags[i]
                event[7] = contract_name[contract[i]]
                event[8] = mine.name
                n += 1
        return steps_here, n

    def judge(self, const double[:] out, double yellow, double red,
              const int64_t[:] seq, channel, const int64_t[:] ts):
        """Take up the figures of the events gathered last: (n,) ``out``.

        A row is judged as it stands after its last event. ``yellow`` and ``red`` are the least
        figures that reach a level. Returns the levels reached by subjects as (row, level, slot,
        figure), and the row of the first event whose figure is no finite number, -1 for none.
        """
        cdef const int64_t[:] channels
        cdef bint has_channel = channel is not None
        cdef int64_t i, j, n = out.shape[0], slot, row
        cdef uint8_t now
        cdef double figure, least = min(yellow, red)
        found = []
        if has_channel:
            channels = channel
        for i in range(n):
            figure = out[i]
            slot, row = self.event_slot[i], self.event_row[i]
            if not isfinite(figure):
                return found, row
            j = i + 1
            while j < n and self.event_row[j] == row and self.event_slot[j] != slot:
                j += 1
            if j < n and self.event_row[j] == row:
                continue
            if figure > self.highest[slot]:
                self.highest[slot] = figure
                self.peak[slot, 0] = seq[row]
                self.peak[slot, 1] = channels[row] if has_channel else 0
                self.peak[slot, 2] = ts[row]
            if figure < least:
                continue
            now = (figure >= yellow) | ((figure >= red) << 1)
            now &= ~self.reached[slot]
            if now:
                self.reached[slot] |= now
                if not (self.slots.keys[slot] >> 32) & 1:
                    found += [
                        (row, level, slot, figure) for level in range(2) if (now >> level) & 1
                    ]
        return found, -1


def grown(column, rows):
    """Return a column with room for more rows, zeros in them."""
    wider = np.zeros((rows, *column.shape[1:]), column.dtype)
    wider[: len(column)] = column
    return wider
