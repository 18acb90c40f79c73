"""Holdings: lots held by account, contract and hedge flag, moved by every fill of the day.

A holding has links to the slots it counts for: one a rule, a scope and a judge, a subject or
a client looked at by itself. A slot has the sum over its holdings, its peaks, and the lots at which
its levels stand. All is judged after the whole match, for it may fill two orders of one subject:
after its row, or after the second of its two rows. What the first one moved waits until then, or
until another fill is about to move it, or the day ends.
Once a slot has reached its lowest level it has a record: each passage, the peak, the curve.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, memset

import numpy as np

cdef extern from "<stdlib.h>" nogil:
    int posix_memalign(void** at, size_t alignment, size_t size)

from .._mix cimport mix
from .._pages cimport alignment_of, in_large_pages
from .._prefetch cimport prefetch
from .._steps cimport STEP_FILL, Step

cdef enum:
    LONG = 0
    SHORT = 1
    BUY = 1             # schema.Side
    OPEN = 1            # schema.Offset
    CLOSE = 2
    CLOSE_TODAY = 3
    CLOSE_YESTERDAY = 4
    SPECULATION = 1     # schema.Hedge
    HEDGE_MASK = 7      # of attributes
    MAKER_AT = 14
    UNKNOWN_ORDER_AT = 15
    COUNTS = 1          # bits of a link's tag
    ASKS_HEDGE = 2
    DOUBTFUL = 4
    TAG_BITS = 3
    STRETCHES = 256     # that a curve is kept in
    LINE = 64           # bytes that memory answers with at once
    AHEAD = 16          # steps that memory is asked for before they are applied
    MOMENTS = 100       # passages, and falls back, that a record keeps
    KEY_HOLDING = 20    # kinds of parts of the state hash
    KEY_SLOT = 21

cdef int64_t NEVER = 0x7FFFFFFFFFFFFFFF
cdef int64_t NO_SEQ = -0x7FFFFFFFFFFFFFFF


cdef struct Holding:    # HOLDING; 192 bytes, what fills touch in the first two lines
    int64_t held[2]     # LONG, SHORT; so in all pairs
    int64_t today[2]    # of those, opened today
    int64_t peak[2]
    int64_t filled[2]   # bought, sold
    int64_t peak_seq[2]  # NO_SEQ: the opening
    int64_t row         # of the day, that moved it last
    int64_t unplaced    # lots of fills of which no side is told
    int32_t first[2]    # of its links
    int32_t links[2]
    int32_t account
    int32_t contract
    int32_t hedge
    int32_t pad
    int64_t opening[2]
    int64_t opening_today[2]
    int64_t match[2]    # whose second row its peak waits for, -1 none
    int64_t pads[2]


cdef struct Link:       # LINK
    int32_t tag         # slot and what of the rule, see TAG_BITS
    int32_t holding
    int32_t next        # of the slot, -1 the last
    int32_t version     # of the slot's peak that at_peak is of
    int64_t at_peak     # lots held at that peak; where the version is older, those held now


cdef struct Slot:       # SLOT; 128 bytes, what fills touch in the first line
    int64_t counted     # now
    int64_t gross
    int64_t before      # counted before the match that is being applied
    int64_t row         # of the day, that moved it last
    int64_t counted_peak
    int64_t gross_peak
    int64_t lowest      # of its levels
    int32_t record      # -1 before the lowest is reached
    int32_t rule
    int64_t yellow      # NEVER where none
    int64_t red
    int64_t opening
    int64_t unknown     # lots that rest on a blank
    int32_t scope
    int32_t judge       # subject; of a client's slot, client
    int32_t first       # link
    uint8_t side
    uint8_t is_client
    uint8_t reached     # bit by level
    uint8_t began       # the same: at the opening
    int64_t match       # whose second row it waits for to be judged, -1 none
    int64_t pad


cdef struct Point:
    int64_t row
    int64_t seq
    int64_t ts
    int64_t lots
    int64_t level


cdef struct Moment:     # a row of the day
    int64_t row
    int64_t channel
    int64_t seq
    int64_t ts


cdef struct Points:
    Point* at           # owned
    int64_t used
    int64_t room


cdef struct Record:
    Points curve        # the highest of each stretch
    Points passages
    Points falls
    int64_t width       # changes in a stretch
    int64_t filled      # changes in the last one
    int64_t passed[2]   # passages by level
    Point peak          # row -1: the opening
    Point last
    int32_t version     # of the peak


cdef struct Entry:      # what one rule makes of one contract
    int32_t rule
    int32_t scope
    uint8_t side
    uint8_t tag         # ASKS_HEDGE, DOUBTFUL
    uint8_t has_limit   # the levels below were asked for
    uint8_t exempt[16]  # by 2 x hedge flag + market maker
    int64_t yellow      # for those of whom no limit asks who they are
    int64_t red


cdef struct Contract:
    int64_t first       # entry
    int32_t entries
    uint8_t splits_today
    uint8_t is_doubtful
    uint64_t name_hash


cdef struct Account:
    int32_t subject
    int32_t alone       # -1 none
    int32_t client
    uint8_t is_grouped  # its client is looked at apart from its subject
    uint8_t is_plain    # no limit asks who its subject is
    uint64_t name_hash


cdef struct Rule:
    int64_t yellow
    int64_t red
    int32_t asks_limit


cdef struct Place:
    uint64_t key
    int32_t holding     # + 1; 0 free


HOLDING = np.dtype(
    [(name, "i8", (2,)) for name in ("held", "today", "peak", "filled", "peak_seq")]
    + [("row", "i8"), ("unplaced", "i8"), ("first", "i4", (2,)), ("links", "i4", (2,))]
    + [(name, "i4") for name in ("account", "contract", "hedge", "pad")]
    + [("opening", "i8", (2,)), ("opening_today", "i8", (2,)), ("match", "i8", (2,)),
       ("pads", "i8", (2,))])
LINK = np.dtype([("tag", "i4"), ("holding", "i4"), ("next", "i4"), ("version", "i4"),
                 ("at_peak", "i8")])
SLOT = np.dtype(
    [(name, "i8") for name in
     ("counted", "gross", "before", "row", "counted_peak", "gross_peak", "lowest")]
    + [("record", "i4"), ("rule", "i4")]
    + [(name, "i8") for name in ("yellow", "red", "opening", "unknown")]
    + [(name, "i4") for name in ("scope", "judge", "first")]
    + [(name, "u1") for name in ("side", "is_client", "reached", "began")]
    + [("match", "i8"), ("pad", "i8")])
SIZES = {"holding": sizeof(Holding), "link": sizeof(Link), "slot": sizeof(Slot)}
NO_LEVEL = NEVER
OPENING_SEQ = NO_SEQ


# --- one holding ---------------------------------------------------------------------------------

cdef inline bint close_lots(Holding* holding, int side, int64_t lots, int offset,
                            bint splits) noexcept nogil:
    """Take lots off one side; return whether they are more than were there to be taken."""
    cdef int64_t held = holding.held[side]
    cdef int64_t taken = min(lots, held)
    cdef bint over = lots > held
    cdef int64_t today
    cdef int64_t from_today
    if splits:
        today = holding.today[side]
        if offset == CLOSE_TODAY:
            over |= lots > today
            from_today = min(taken, today)
        else:
            if offset == CLOSE_YESTERDAY:
                over |= lots > held - today
            from_today = taken - min(taken, held - today)
        holding.today[side] = today - from_today
    holding.held[side] = held - taken
    return over


cdef inline bint move(Holding* holding, int own, int offset, int64_t lots,
                      bint splits) noexcept nogil:
    """Apply a fill of which the side is ``own``; return whether it closes more than is held.

    Without an offset it is netted: it takes the other side first, and opens the rest.
    """
    cdef int other = SHORT - own
    cdef int64_t taken
    if offset >= CLOSE:
        return close_lots(holding, other, lots, offset, splits)
    if offset != OPEN:
        taken = min(lots, holding.held[other])
        close_lots(holding, other, taken, CLOSE, splits)
        lots -= taken
    holding.held[own] += lots
    if splits:
        holding.today[own] += lots
    return False


cdef inline void note_peak(Holding* holding, int side, int64_t seq) noexcept nogil:
    if holding.held[side] > holding.peak[side]:
        holding.peak[side] = holding.held[side]
        holding.peak_seq[side] = seq


# --- points --------------------------------------------------------------------------------------

cdef void* grown(void* at, int64_t used, int64_t* room, size_t size) except NULL:
    """Return memory with room for one item more."""
    cdef int64_t wanted
    cdef void* larger
    if used < room[0]:
        return at
    wanted = max(8, 2 * room[0])
    larger = realloc(at, wanted * size)
    if larger == NULL:
        raise MemoryError
    room[0] = wanted
    return larger


cdef void* grown_lines(void* at, int64_t used, int64_t* room, size_t size) except NULL:
    """Return the same, at the beginning of a line of memory."""
    cdef int64_t wanted
    cdef void* larger = NULL
    if used < room[0]:
        return at
    wanted = max(64, 2 * room[0])
    if posix_memalign(&larger, alignment_of(wanted * size, LINE), wanted * size):
        raise MemoryError
    in_large_pages(larger, wanted * size)
    if used:
        memcpy(larger, at, used * size)
    free(at)
    room[0] = wanted
    return larger


cdef int add_point(Points* points, Point* point) except -1:
    points.at = <Point*> grown(points.at, points.used, &points.room, sizeof(Point))
    points.at[points.used] = point[0]
    points.used += 1
    return 0


cdef int add_to_curve(Record* record, Point* point) except -1:
    """Add a change; where stretches run out, each two become one, and all are twice as wide."""
    cdef Points* curve = &record.curve
    cdef Point* last
    cdef int64_t i
    if curve.used and record.filled < record.width:
        last = &curve.at[curve.used - 1]
        if point.lots > last.lots:
            last[0] = point[0]
        record.filled += 1
        return 0
    if curve.used == STRETCHES:
        for i in range(STRETCHES // 2):
            last = &curve.at[2 * i]
            if curve.at[2 * i + 1].lots > last.lots:
                last = &curve.at[2 * i + 1]
            curve.at[i] = last[0]
        curve.used = STRETCHES // 2
        record.width *= 2
    add_point(curve, point)
    record.filled = 1
    return 0


cdef list points_told(Points* points):
    return [point_told(&points.at[i]) for i in range(points.used)]


cdef tuple point_told(Point* point):
    return (point.row, point.seq, point.ts, point.lots, point.level)


cdef Point point_of(tuple_or_list):
    cdef Point point
    point.row, point.seq, point.ts, point.lots, point.level = tuple_or_list
    return point


cdef int take_points(Points* points, plain) except -1:
    cdef Point point
    for each in plain:
        point = point_of(each)
        add_point(points, &point)
    return 0


# --- all of them ---------------------------------------------------------------------------------

cdef class Holdings:
    """The holdings of a day and the slots they count for.

    rules : (lots at yellow, at red, whether they are asked for), by rule; -1 for never
    tells_over : hand out rows that close more than is held
    levels : asked as ``levels(rule, scope, account, alone)`` for the lots at which the levels of a
        rule with a limit stand for the account's subject, or for its client where ``alone``
    """

    cdef Holding* _holdings     # owned, as all pointers here
    cdef Link* _links
    cdef Slot* _slots
    cdef Record* _records
    cdef Entry* _entries
    cdef Contract* _contracts
    cdef Account* _accounts
    cdef Rule* _rules
    cdef uint64_t* _scopes      # hashes of their names
    cdef Place* _places
    cdef int32_t* _slot_places  # slot + 1
    cdef int32_t* _moved        # holdings of the row
    cdef int32_t* _touched      # slots of the row
    cdef int64_t _n_holdings, _n_links, _n_slots, _n_records, _n_entries, _n_contracts
    cdef int64_t _n_accounts, _n_scopes, _n_moved, _n_touched
    cdef int64_t _room_holdings, _room_links, _room_slots, _room_records, _room_entries
    cdef int64_t _room_contracts, _room_accounts, _room_scopes, _room_moved, _room_touched
    cdef int64_t _place_count, _slot_place_count
    cdef int32_t[AHEAD] _coming  # holdings of the next steps, -1 none
    cdef object _levels
    cdef bint _tells_over
    cdef list _crossed
    cdef list _over
    cdef dict _waiting          # first rows: index in the day -> holding moved, channel, seq, ts
    cdef bint _waits            # there are any
    cdef readonly dict shares   # (slot, level) -> account -> lots, when the level was reached

    def __cinit__(self, rules, levels, bint tells_over):
        cdef Py_ssize_t i
        self._levels = levels
        self._tells_over = tells_over
        self._crossed = []
        self._over = []
        self._waiting = {}
        self.shares = {}
        self._rules = <Rule*> calloc(max(1, len(rules)), sizeof(Rule))
        self._place_count = self._slot_place_count = 1024
        self._places = <Place*> calloc(self._place_count, sizeof(Place))
        self._slot_places = <int32_t*> calloc(self._slot_place_count, sizeof(int32_t))
        if self._rules == NULL or self._places == NULL or self._slot_places == NULL:
            raise MemoryError
        for i, (yellow, red, asks) in enumerate(rules):
            self._rules[i].yellow = NEVER if yellow < 0 else yellow
            self._rules[i].red = NEVER if red < 0 else red
            self._rules[i].asks_limit = asks

    def __dealloc__(self):
        cdef int64_t i
        for i in range(self._n_records):
            free(self._records[i].curve.at)
            free(self._records[i].passages.at)
            free(self._records[i].falls.at)
        free(self._holdings)
        free(self._links)
        free(self._slots)
        free(self._records)
        free(self._entries)
        free(self._contracts)
        free(self._accounts)
        free(self._rules)
        free(self._scopes)
        free(self._places)
        free(self._slot_places)
        free(self._moved)
        free(self._touched)

    # --- who and what ------------------------------------------------------------------------

    def add_scope(self, uint64_t name_hash):
        """Take up the next scope."""
        self._scopes = <uint64_t*> grown(
            self._scopes, self._n_scopes, &self._room_scopes, sizeof(uint64_t))
        self._scopes[self._n_scopes] = name_hash
        self._n_scopes += 1

    def add_contract(self, bint splits_today, entries, uint64_t name_hash):
        """Take up the next contract.

        splits_today : today's lots are told from yesterday's
        entries : (rule, scope, side, exempt, asks hedge, doubtful) of each rule that judges it
        """
        cdef Contract* contract
        cdef Entry* entry
        cdef const uint8_t[::1] exempt
        self._contracts = <Contract*> grown(
            self._contracts, self._n_contracts, &self._room_contracts, sizeof(Contract))
        contract = &self._contracts[self._n_contracts]
        contract.first = self._n_entries
        contract.entries = <int32_t> len(entries)
        contract.splits_today = splits_today
        contract.is_doubtful = False
        contract.name_hash = name_hash
        for rule, scope, side, reasons, asks_hedge, doubtful in entries:
            self._entries = <Entry*> grown(
                self._entries, self._n_entries, &self._room_entries, sizeof(Entry))
            entry = &self._entries[self._n_entries]
            entry.rule, entry.scope, entry.side = rule, scope, side
            entry.tag = (ASKS_HEDGE if asks_hedge else 0) | (DOUBTFUL if doubtful else 0)
            contract.is_doubtful |= doubtful
            exempt = reasons
            assert exempt.shape[0] == 16
            memcpy(entry.exempt, &exempt[0], 16)
            entry.has_limit = False
            self._n_entries += 1
        self._n_contracts += 1

    def add_account(self, int32_t subject, int32_t alone, int32_t client, bint is_grouped,
                    bint is_plain, uint64_t name_hash):
        """Take up the next account."""
        cdef Account* account
        self._accounts = <Account*> grown(
            self._accounts, self._n_accounts, &self._room_accounts, sizeof(Account))
        account = &self._accounts[self._n_accounts]
        account.subject, account.alone, account.client = subject, alone, client
        account.is_grouped, account.is_plain = is_grouped, is_plain
        account.name_hash = name_hash
        self._n_accounts += 1

    # --- the day -----------------------------------------------------------------------------

    def open_day(self, const int32_t[::1] account, const int32_t[::1] contract,
                 const uint8_t[::1] hedge, const uint8_t[::1] makes, const int64_t[:, ::1] held,
                 const int64_t[:, ::1] today):
        """Put in what is held when the day begins: (n,) each; (n, 2) lots, long and short."""
        cdef Py_ssize_t i
        cdef int64_t slot
        for i in range(account.shape[0]):
            self._open(self._holding_of(account[i], contract[i], hedge[i], makes[i]),
                       &held[i, 0], &today[i, 0])
        self._n_touched = 0
        for slot in range(self._n_slots):
            self._begin(<int32_t> slot)

    def watch(self, const Step[::1] steps, const int64_t[::1] channel, const int64_t[::1] seq,
              const int64_t[::1] ts, int64_t base):
        """Apply a batch's fills, in row order; ``channel`` may be None.

        Returns the levels reached, (row in the day, channel, seq, ts, slot, level, lots), and the
        rows that close more than is held, (row in batch, contract).
        """
        cdef Py_ssize_t i
        cdef int64_t row = -1
        cdef int64_t match = -1
        cdef Moment moment
        assert seq.shape[0] == ts.shape[0]
        for i in range(AHEAD):
            self._coming[i] = -1
        for i in range(steps.shape[0]):
            self._look_ahead(steps, i)
            if steps[i].what != STEP_FILL:
                continue
            if steps[i].row != row:
                if self._n_moved or match >= 0:
                    self._end_row(&moment, match)
                row, match = steps[i].row, steps[i].match
                moment.row, moment.seq, moment.ts = base + row, seq[row], ts[row]
                moment.channel = 0 if channel is None else channel[row]
            self._fill(&steps[i], base + row)
        if self._n_moved or match >= 0:
            self._end_row(&moment, match)
        found = (self._crossed, self._over)
        self._crossed, self._over = [], []
        return found

    def end_day(self):
        """Judge what still waits for the second row of a match; return the levels reached."""
        cdef int64_t i
        cdef int side
        if self._waits:
            for i in range(self._n_holdings):
                for side in range(2):
                    self._end_waiting(&self._holdings[i], side, -1)
        self._waiting, self._waits = {}, False
        found, self._crossed = self._crossed, []
        return found

    cdef inline void _look_ahead(self, const Step[::1] steps, Py_ssize_t i) noexcept:
        """Ask memory for what coming fills touch: place, then holding, then link, then slot."""
        cdef Py_ssize_t k = i + AHEAD
        cdef Holding* holding
        cdef int32_t at
        cdef int side
        if k < steps.shape[0] and steps[k].what == STEP_FILL:
            prefetch(&self._places[place_hash(&steps[k]) & (self._place_count - 1)])
        k = i + AHEAD // 2
        if k >= steps.shape[0]:
            return
        at = self._known(&steps[k]) if steps[k].what == STEP_FILL else -1
        self._coming[k % AHEAD] = at
        if at >= 0:
            prefetch(&self._holdings[at])
            prefetch(<char*> &self._holdings[at] + LINE)
        at = self._coming[(i + AHEAD // 4) % AHEAD]
        if at >= 0:
            prefetch(&self._links[self._holdings[at].first[LONG]])
        at = self._coming[(i + AHEAD // 8) % AHEAD]
        if at >= 0:
            holding = &self._holdings[at]
            for side in range(2):
                if holding.links[side]:
                    prefetch(&self._slots[self._links[holding.first[side]].tag >> TAG_BITS])

    cdef inline int32_t _known(self, const Step* step) noexcept:
        """Return the index of the holding that a fill moves, -1 where it is not there yet."""
        cdef uint64_t key = key_of(step)
        cdef uint64_t mask = self._place_count - 1
        cdef uint64_t i = mix(0, key) & mask
        while self._places[i].holding:
            if self._places[i].key == key:
                break
            i = (i + 1) & mask
        return self._places[i].holding - 1

    cdef int _open(self, int32_t at, const int64_t* held, const int64_t* today) except -1:
        cdef Holding* holding = &self._holdings[at]
        cdef bint splits = self._contracts[holding.contract].splits_today
        cdef Link* link
        cdef int side
        cdef int32_t k
        for side in range(2):
            holding.held[side] = holding.opening[side] = holding.peak[side] = held[side]
            if splits:
                holding.today[side] = holding.opening_today[side] = today[side]
            for k in range(holding.first[side], holding.first[side] + holding.links[side]):
                link = &self._links[k]
                self._slots[link.tag >> TAG_BITS].gross += held[side]
                if link.tag & COUNTS:
                    self._slots[link.tag >> TAG_BITS].counted += held[side]
                    if link.tag & DOUBTFUL:
                        self._slots[link.tag >> TAG_BITS].unknown += held[side]
        return 0

    cdef int _begin(self, int32_t at) except -1:
        """Judge a slot at the opening: a level that it is at was reached without an event."""
        cdef Slot* slot = &self._slots[at]
        cdef Record* record
        slot.opening = slot.counted_peak = slot.counted
        slot.gross_peak = slot.gross
        if slot.counted < slot.lowest:
            return 0
        record = self._new_record(slot)
        record.peak.row = -1
        record.peak.seq = NO_SEQ
        record.peak.lots = slot.counted
        for level in range(2):
            if slot.counted >= (slot.red if level else slot.yellow):
                slot.reached |= 1 << level
                slot.began |= 1 << level
                self.shares[at, level] = self.counted_shares(at)
        return 0

    cdef int _fill(self, const Step* step, int64_t row) except -1:
        cdef int32_t hedge = step.attributes & HEDGE_MASK
        cdef int32_t at = self._holding_of(step.account, step.contract, hedge or SPECULATION,
                                           (step.attributes >> MAKER_AT) & 1)
        cdef Holding* holding = &self._holdings[at]
        cdef Contract* contract = &self._contracts[step.contract]
        cdef int64_t was[2]
        cdef int own = LONG if step.side == BUY else SHORT
        cdef int side
        if (not step.side or not hedge or (step.attributes >> UNKNOWN_ORDER_AT) & 1
                or contract.is_doubtful):
            self._note_blank(holding, step)
        if not step.side:
            holding.unplaced += step.lots
            return 0
        if holding.row != row:
            holding.row = row
            self._add_moved(at)
        holding.filled[own] += step.lots
        if self._waits:
            self._judge_waiting(holding, own, step)
        was[0], was[1] = holding.held[0], holding.held[1]
        if move(holding, own, step.offset, step.lots, contract.splits_today) and self._tells_over:
            self._over.append((step.row, step.contract))
        for side in range(2):
            if holding.held[side] != was[side]:
                self._shift(holding, side, was[side], row)
                if step.match == row:
                    holding.match[side] = row
        return 0

    cdef int _judge_waiting(self, Holding* holding, int own, const Step* step) except -1:
        """Judge what waits for another match, before a fill moves it."""
        cdef int side
        for side in range(2):
            if not step.offset or (side == own) == (step.offset == OPEN):
                self._end_waiting(holding, side, step.match)
        return 0

    cdef int _end_waiting(self, Holding* holding, int side, int64_t match) except -1:
        """Judge, as of its first row, what of a holding's side waits for a match but this one."""
        cdef Moment moment
        cdef Slot* slot
        cdef int32_t k
        cdef int32_t at
        if holding.match[side] >= 0 and holding.match[side] != match:
            moment = self._first_row(holding.match[side])
            holding.match[side] = -1
            note_peak(holding, side, moment.seq)
        for k in range(holding.first[side], holding.first[side] + holding.links[side]):
            at = self._links[k].tag >> TAG_BITS
            slot = &self._slots[at]
            if slot.match >= 0 and slot.match != match:
                moment = self._first_row(slot.match)
                slot.match = -1
                self._judge(at, &moment)
        return 0

    cdef Moment _first_row(self, int64_t match) except *:
        cdef Moment moment
        _, moment.channel, moment.seq, moment.ts = self._waiting[match]
        moment.row = match
        return moment

    cdef int _shift(self, Holding* holding, int side, int64_t was, int64_t row) except -1:
        """Bring the change of a holding to the slots that it counts for."""
        cdef int64_t change = holding.held[side] - was
        cdef Link* link
        cdef Slot* slot
        cdef int32_t k
        for k in range(holding.first[side], holding.first[side] + holding.links[side]):
            link = &self._links[k]
            slot = &self._slots[link.tag >> TAG_BITS]
            if slot.row != row:
                slot.row = row
                if not self._waits or slot.match < 0:
                    slot.before = slot.counted
                self._add_touched(link.tag >> TAG_BITS)
            slot.gross += change
            if link.tag & COUNTS:
                slot.counted += change
                if slot.record >= 0 and link.version != self._records[slot.record].version:
                    link.at_peak = was
                    link.version = self._records[slot.record].version
        return 0

    cdef int _note_blank(self, Holding* holding, const Step* step) except -1:
        """Note the lots of a fill that rests on something the log, or a table, leaves blank."""
        cdef int own = LONG if step.side == BUY else SHORT
        cdef bint unsure = not step.side or (step.attributes >> UNKNOWN_ORDER_AT) & 1
        cdef int blank = DOUBTFUL | (0 if step.attributes & HEDGE_MASK else ASKS_HEDGE)
        cdef int side
        cdef int32_t k
        cdef int32_t tag
        for side in range(2):
            if step.side and step.offset and (side == own) != (step.offset == OPEN):
                continue
            for k in range(holding.first[side], holding.first[side] + holding.links[side]):
                tag = self._links[k].tag
                if tag & COUNTS and (unsure or tag & blank):
                    self._slots[tag >> TAG_BITS].unknown += step.lots
        return 0

    cdef int _end_row(self, Moment* moment, int64_t match) except -1:
        """Judge what a row came to, both of its sides together; or have its first row wait."""
        cdef Holding* holding
        cdef bint waits = self._waits
        cdef int64_t i
        cdef int side
        if match == moment.row:
            self._wait(moment)
            return 0
        if match >= 0 and waits:
            self._join(match, moment.row)
        for i in range(self._n_moved):
            holding = &self._holdings[self._moved[i]]
            for side in range(2):
                if waits:
                    if holding.match[side] >= 0 and holding.match[side] != match:
                        continue
                    holding.match[side] = -1
                note_peak(holding, side, moment.seq)
        for i in range(self._n_touched):
            if waits:
                self._slots[self._touched[i]].match = -1
            self._judge(self._touched[i], moment)
        self._n_moved = self._n_touched = 0
        return 0

    cdef int _wait(self, Moment* moment) except -1:
        """Have all that the first row of a match moved wait for its second."""
        cdef int64_t i
        cdef Holding* holding
        for i in range(self._n_touched):
            self._slots[self._touched[i]].match = moment.row
        for i in range(self._n_moved):
            holding = &self._holdings[self._moved[i]]
            if moment.row in (holding.match[LONG], holding.match[SHORT]):
                self._waiting[moment.row] = (
                    self._moved[i], moment.channel, moment.seq, moment.ts)
                self._waits = True
        self._n_moved = self._n_touched = 0
        return 0

    cdef int _join(self, int64_t match, int64_t row) except -1:
        """Put what waits for a match to what its second row moves."""
        cdef Holding* holding
        cdef Slot* slot
        cdef int side
        cdef int32_t k
        first = self._waiting.pop(match, None)
        if first is None:
            return 0
        self._waits = bool(self._waiting)
        holding = &self._holdings[<int32_t> first[0]]
        if holding.row != row:
            holding.row = row
            self._add_moved(first[0])
        for side in range(2):
            for k in range(holding.first[side], holding.first[side] + holding.links[side]):
                slot = &self._slots[self._links[k].tag >> TAG_BITS]
                if slot.match == match and slot.row != row:
                    slot.row = row
                    self._add_touched(self._links[k].tag >> TAG_BITS)
        return 0

    cdef inline int _add_moved(self, int32_t at) except -1:
        self._moved = <int32_t*> grown(
            self._moved, self._n_moved, &self._room_moved, sizeof(int32_t))
        self._moved[self._n_moved] = at
        self._n_moved += 1
        return 0

    cdef inline int _add_touched(self, int32_t at) except -1:
        self._touched = <int32_t*> grown(
            self._touched, self._n_touched, &self._room_touched, sizeof(int32_t))
        self._touched[self._n_touched] = at
        self._n_touched += 1
        return 0

    cdef inline int _judge(self, int32_t at, Moment* moment) except -1:
        """Judge what a slot has come to."""
        cdef Slot* slot = &self._slots[at]
        slot.gross_peak = max(slot.gross_peak, slot.gross)
        if slot.counted == slot.before:
            return 0
        slot.counted_peak = max(slot.counted_peak, slot.counted)
        if slot.record >= 0 or slot.counted >= slot.lowest:
            self._note(at, moment)
        return 0

    cdef int _note(self, int32_t at, Moment* moment) except -1:
        """Note a change of a slot that is, or was, at its lowest level."""
        cdef Slot* slot = &self._slots[at]
        cdef Record* record = (self._new_record(slot) if slot.record < 0
                               else &self._records[slot.record])
        cdef Point point
        cdef int level
        cdef int64_t lots
        point.row, point.seq, point.ts = moment.row, moment.seq, moment.ts
        point.lots = slot.counted
        for level in range(2):
            point.level = level
            lots = slot.red if level else slot.yellow
            if slot.before < lots <= slot.counted:
                record.passed[level] += 1
                if record.passages.used < MOMENTS:
                    add_point(&record.passages, &point)
                if not slot.reached >> level & 1:
                    slot.reached |= 1 << level
                    self.shares[at, level] = self.counted_shares(at)
                    self._crossed.append((moment.row, moment.channel, moment.seq, moment.ts,
                                          at, level, slot.counted))
            elif slot.counted < lots <= slot.before and record.falls.used < MOMENTS:
                add_point(&record.falls, &point)
        point.level = -1
        if slot.counted > record.peak.lots:
            record.peak = point
            record.version += 1
        add_to_curve(record, &point)
        record.last = point
        return 0

    cdef Record* _new_record(self, Slot* slot) except NULL:
        cdef Record* record
        self._records = <Record*> grown(
            self._records, self._n_records, &self._room_records, sizeof(Record))
        record = &self._records[self._n_records]
        memset(record, 0, sizeof(Record))
        record.width = 1
        record.version = 1
        record.peak.level = record.last.level = -1
        record.last.row = -1
        slot.record = <int32_t> self._n_records
        self._n_records += 1
        return record

    # --- looking up --------------------------------------------------------------------------

    cdef int32_t _holding_of(self, int32_t account, int32_t contract, int32_t hedge,
                             bint makes) except -1:
        """Return the index of a holding, new or known."""
        cdef uint64_t key = (
            (<uint64_t> account << 32) | (<uint64_t> contract << 3) | <uint64_t> hedge)
        cdef uint64_t mask = self._place_count - 1
        cdef uint64_t i = mix(0, key) & mask
        while self._places[i].holding:
            if self._places[i].key == key:
                return self._places[i].holding - 1
            i = (i + 1) & mask
        return self._new_holding(key, account, contract, hedge, makes)

    cdef int32_t _new_holding(self, uint64_t key, int32_t account, int32_t contract,
                              int32_t hedge, bint makes) except -1:
        cdef Holding* holding
        cdef int side
        self._holdings = <Holding*> grown_lines(
            self._holdings, self._n_holdings, &self._room_holdings, sizeof(Holding))
        holding = &self._holdings[self._n_holdings]
        memset(holding, 0, sizeof(Holding))
        holding.account, holding.contract, holding.hedge = account, contract, hedge
        holding.row = -1
        holding.peak_seq[0] = holding.peak_seq[1] = NO_SEQ
        holding.match[0] = holding.match[1] = -1
        for side in range(2):
            holding.first[side] = <int32_t> self._n_links
            self._link(<int32_t> self._n_holdings, side, 2 * hedge + makes)
            holding.links[side] = <int32_t> (self._n_links - holding.first[side])
        self._n_holdings += 1
        if 2 * self._n_holdings > self._place_count:
            self._widen_places()
        else:
            self._put_place(key, <int32_t> self._n_holdings)
        return <int32_t> (self._n_holdings - 1)

    cdef int _link(self, int32_t at, int side, int kind) except -1:
        """Link a holding to the slots of every rule that judges its contract and side."""
        cdef Holding* holding = &self._holdings[at]
        cdef Contract* contract = &self._contracts[holding.contract]
        cdef Account* account = &self._accounts[holding.account]
        cdef Entry* entry
        cdef int64_t k
        for k in range(contract.first, contract.first + contract.entries):
            entry = &self._entries[k]
            if entry.side != side:
                continue
            self._link_to(at, entry, kind, account.subject, False, False)
            if account.alone >= 0:
                self._link_to(at, entry, kind, account.alone, False, True)
            if account.is_grouped:
                self._link_to(at, entry, kind, account.client, True, True)
        return 0

    cdef int _link_to(self, int32_t at, Entry* entry, int kind, int32_t judge, bint is_client,
                      bint alone) except -1:
        cdef int32_t slot = self._slot_of(entry, judge, is_client, alone,
                                          self._holdings[at].account)
        cdef Link* link
        self._links = <Link*> grown_lines(
            self._links, self._n_links, &self._room_links, sizeof(Link))
        link = &self._links[self._n_links]
        link.tag = (slot << TAG_BITS) | entry.tag | (0 if entry.exempt[kind] else COUNTS)
        link.holding = at
        link.next = self._slots[slot].first
        link.at_peak = 0
        link.version = 0
        if self._slots[slot].record >= 0:
            link.version = self._records[self._slots[slot].record].version
        self._slots[slot].first = <int32_t> self._n_links
        self._n_links += 1
        return 0

    cdef int32_t _slot_of(self, Entry* entry, int32_t judge, bint is_client, bint alone,
                          int32_t account) except -1:
        """Return the index of a slot, new or known."""
        cdef int32_t found = self._find_slot(entry.rule, entry.scope, judge, is_client)
        cdef Rule* rule = &self._rules[entry.rule]
        cdef Slot* slot
        if found >= 0:
            return found
        self._slots = <Slot*> grown_lines(
            self._slots, self._n_slots, &self._room_slots, sizeof(Slot))
        slot = &self._slots[self._n_slots]
        memset(slot, 0, sizeof(Slot))
        slot.rule, slot.scope, slot.judge = entry.rule, entry.scope, judge
        slot.is_client, slot.side = is_client, entry.side
        slot.row = slot.match = slot.record = slot.first = -1
        slot.yellow, slot.red = NEVER, NEVER
        if not is_client:
            slot.yellow, slot.red = rule.yellow, rule.red
            if rule.asks_limit:
                self._set_levels(slot, entry, account, alone)
        slot.lowest = min(slot.yellow, slot.red)
        self._n_slots += 1
        if 2 * self._n_slots > self._slot_place_count:
            self._widen_slot_places()
        else:
            self._put_slot_place(<int32_t> self._n_slots)
        return <int32_t> (self._n_slots - 1)

    cdef int _set_levels(self, Slot* slot, Entry* entry, int32_t account, bint alone) except -1:
        """Put in the levels of a rule with a limit, asked for once where they are for anybody."""
        cdef bint is_plain = self._accounts[account].is_plain
        if is_plain and entry.has_limit:
            slot.yellow, slot.red = entry.yellow, entry.red
            return 0
        yellow, red = self._levels(entry.rule, entry.scope, account, alone)
        slot.yellow = NEVER if yellow < 0 else yellow
        slot.red = NEVER if red < 0 else red
        if is_plain:
            entry.yellow, entry.red, entry.has_limit = slot.yellow, slot.red, True
        return 0

    cdef int32_t _find_slot(self, int32_t rule, int32_t scope, int32_t judge,
                            bint is_client) noexcept:
        """Return the index of a slot, -1 where there is none."""
        cdef uint64_t mask = self._slot_place_count - 1
        cdef uint64_t i = slot_hash(rule, scope, judge, is_client) & mask
        cdef Slot* slot
        while self._slot_places[i]:
            slot = &self._slots[self._slot_places[i] - 1]
            if (slot.judge == judge and slot.scope == scope and slot.rule == rule
                    and slot.is_client == is_client):
                return self._slot_places[i] - 1
            i = (i + 1) & mask
        return -1

    cdef void _put_place(self, uint64_t key, int32_t value) noexcept:
        cdef uint64_t mask = self._place_count - 1
        cdef uint64_t i = mix(0, key) & mask
        while self._places[i].holding:
            i = (i + 1) & mask
        self._places[i].key = key
        self._places[i].holding = value

    cdef int _widen_places(self) except -1:
        cdef int64_t count = self._place_count
        cdef int64_t i
        cdef Holding* holding
        while 2 * self._n_holdings > count:
            count *= 2
        cdef void* larger = NULL
        if posix_memalign(
                &larger, alignment_of(count * sizeof(Place), LINE), count * sizeof(Place)):
            raise MemoryError
        in_large_pages(larger, count * sizeof(Place))
        memset(larger, 0, count * sizeof(Place))
        free(self._places)
        self._places = <Place*> larger
        self._place_count = count
        for i in range(self._n_holdings):
            holding = &self._holdings[i]
            self._put_place(
                (<uint64_t> holding.account << 32) | (<uint64_t> holding.contract << 3)
                | <uint64_t> holding.hedge, <int32_t> (i + 1))
        return 0

    cdef void _put_slot_place(self, int32_t value) noexcept:
        cdef Slot* slot = &self._slots[value - 1]
        cdef uint64_t mask = self._slot_place_count - 1
        cdef uint64_t i = slot_hash(slot.rule, slot.scope, slot.judge, slot.is_client) & mask
        while self._slot_places[i]:
            i = (i + 1) & mask
        self._slot_places[i] = value

    cdef int _widen_slot_places(self) except -1:
        cdef int64_t count = self._slot_place_count
        cdef int64_t i
        while 2 * self._n_slots > count:
            count *= 2
        cdef int32_t* larger = <int32_t*> calloc(count, sizeof(int32_t))
        if larger == NULL:
            raise MemoryError
        free(self._slot_places)
        self._slot_places = larger
        self._slot_place_count = count
        for i in range(self._n_slots):
            self._put_slot_place(<int32_t> (i + 1))
        return 0

    # --- what came of it ---------------------------------------------------------------------

    def holdings(self):
        """Return all holdings: (n,) HOLDING."""
        return records_told(self._holdings, self._n_holdings, HOLDING)

    def slots(self):
        """Return all slots: (n,) SLOT."""
        return records_told(self._slots, self._n_slots, SLOT)

    def account_of(self, int32_t slot):
        """Return an account of whoever a slot is for."""
        return self._holdings[self._links[self._slots[slot].first].holding].account

    def counted_shares(self, int32_t slot, bint at_peak=False):
        """Return account -> lots that count in a slot, now or at its peak, those above 0."""
        cdef int32_t k = self._slots[slot].first
        cdef int side = self._slots[slot].side
        cdef int32_t version = 0
        cdef Link* link
        cdef Holding* holding
        cdef int64_t lots
        cdef dict shares = {}
        if at_peak:
            version = self._records[self._slots[slot].record].version
        while k >= 0:
            link = &self._links[k]
            holding = &self._holdings[link.holding]
            lots = holding.held[side]
            if at_peak and link.version == version:
                lots = link.at_peak
            if link.tag & COUNTS and lots:
                shares[holding.account] = shares.get(holding.account, 0) + lots
            k = link.next
        return shares

    def client_peaks(self, int32_t slot):
        """Return client -> the most that it held by itself, of the clients of a slot."""
        cdef Slot* own = &self._slots[slot]
        cdef int32_t k = own.first
        cdef Account* account
        cdef dict peaks = {}
        cdef int32_t apart
        while k >= 0:
            account = &self._accounts[self._holdings[self._links[k].holding].account]
            if account.client not in peaks:
                apart = self._find_slot(own.rule, own.scope, account.client, True)
                peaks[account.client] = self._slots[apart if apart >= 0 else slot].counted_peak
            k = self._links[k].next
        return peaks

    def record(self, int32_t slot):
        """Return what was noted of a slot that reached a level: points are (row, seq, ts, lots,
        level)."""
        cdef Record* record = &self._records[self._slots[slot].record]
        return {
            "passages": points_told(&record.passages),
            "falls": points_told(&record.falls),
            "passed": [record.passed[0], record.passed[1]],
            "peak": point_told(&record.peak),
            "curve": points_told(&record.curve),
            "last": point_told(&record.last),
        }

    def state_hash(self):
        """Return 64 bits of the state."""
        cdef uint64_t total = 0
        cdef uint64_t h
        cdef Holding* holding
        cdef Slot* slot
        cdef int64_t i
        cdef int side
        for i in range(self._n_holdings):
            holding = &self._holdings[i]
            h = mix(mix(0, KEY_HOLDING), self._contracts[holding.contract].name_hash)
            h = mix(mix(h, self._accounts[holding.account].name_hash), holding.hedge)
            for side in range(2):
                h = mix(mix(mix(mix(h, holding.held[side]), holding.today[side]),
                            holding.peak[side]), holding.filled[side])
                h = mix(h, holding.match[side] + 1)
            total += mix(h, holding.unplaced)
        for i in range(self._n_slots):
            slot = &self._slots[i]
            if not slot.is_client:
                h = mix(mix(mix(0, KEY_SLOT), slot.rule), self._scopes[slot.scope])
                h = mix(mix(h, slot.counted), slot.gross)
                h = mix(mix(mix(h, slot.counted_peak), slot.gross_peak), slot.unknown)
                total += mix(h, slot.match + 1)
        return total

    def dump(self):
        """Return the state: arrays by name; as plain values the records, and first rows."""
        records = [
            [self._records[i].width, self._records[i].filled, self._records[i].version]
            for i in range(self._n_records)
        ]
        at = {int(slot["record"]): i for i, slot in enumerate(self.slots()) if slot["record"] >= 0}
        noted = [[*sizes, self.record(at[i])] for i, sizes in enumerate(records)]
        links = records_told(self._links, self._n_links, LINK)
        arrays = {"holdings": self.holdings(), "links": links, "slots": self.slots()}
        return arrays, noted, list(self._waiting.items())

    def restore(self, holdings, links, slots, noted, waiting, shares):
        """Take up what ``dump`` gave, and the shares."""
        cdef Record* record
        self._n_holdings = self._room_holdings = len(holdings)
        self._n_links = self._room_links = len(links)
        self._n_slots = self._room_slots = len(slots)
        self._holdings = <Holding*> taken_over(self._holdings, holdings, HOLDING)
        self._links = <Link*> taken_over(self._links, links, LINK)
        self._slots = <Slot*> taken_over(self._slots, slots, SLOT)
        self._widen_places()
        self._widen_slot_places()
        for width, filled, version, told in noted:
            self._records = <Record*> grown(
                self._records, self._n_records, &self._room_records, sizeof(Record))
            record = &self._records[self._n_records]
            memset(record, 0, sizeof(Record))
            self._n_records += 1
            record.width, record.filled, record.version = width, filled, version
            record.passed[0], record.passed[1] = told["passed"]
            record.peak, record.last = point_of(told["peak"]), point_of(told["last"])
            take_points(&record.passages, told["passages"])
            take_points(&record.falls, told["falls"])
            take_points(&record.curve, told["curve"])
        self._waiting = {match: tuple(first) for match, first in waiting}
        self._waits = bool(self._waiting)
        self.shares = shares


cdef inline uint64_t key_of(const Step* step) noexcept nogil:
    cdef uint64_t hedge = (step.attributes & HEDGE_MASK) or SPECULATION
    return (<uint64_t> step.account << 32) | (<uint64_t> step.contract << 3) | hedge


cdef inline uint64_t place_hash(const Step* step) noexcept nogil:
    return mix(0, key_of(step))


cdef inline uint64_t slot_hash(int32_t rule, int32_t scope, int32_t judge,
                               bint is_client) noexcept nogil:
    return mix(mix(0, (<uint64_t> rule << 32) | <uint64_t> scope),
               (<uint64_t> judge << 1) | <uint64_t> is_client)


cdef object records_told(void* at, int64_t count, dtype):
    """Return a copy of structs as an array."""
    cdef uint8_t[::1] to
    found = np.empty(count, dtype)
    if count:
        to = found.view(np.uint8)
        memcpy(&to[0], at, count * dtype.itemsize)
    return found


cdef void* taken_over(void* old, records, dtype) except? NULL:
    """Return new memory with the structs of an array."""
    cdef const uint8_t[::1] given
    cdef int64_t size = len(records) * dtype.itemsize
    assert records.dtype == dtype
    free(old)
    if not size:
        return NULL
    cdef void* at = NULL
    if posix_memalign(&at, LINE, size):
        raise MemoryError
    given = records.view(np.uint8)
    memcpy(at, &given[0], size)
    return at
