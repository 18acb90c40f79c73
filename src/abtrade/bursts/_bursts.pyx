# cython: language_level=3
"""The compiled counter of bursts: seconds in which somebody sends many messages.

It knows numbers only. A message comes with a depth: to how many stages of a rule it belongs; the
last stage is of those that count. What it all means is written in ``reference_bursts.py``.

Who is judged has a tracker by rule, once a message came. Where a second client sends, each client
gets a tracker of its own besides, the first one a copy of what stood; so most have one alone.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memmove, memset

import numpy as np

from .._mix cimport mix
from .._prefetch cimport prefetch
from .._steps cimport STEP_IS_MESSAGE, STEP_IS_REMAINDER, Step

cdef enum:
    KEPT = 8            # burst_findings.SECONDS_KEPT
    TOLD = 100          # burst_findings.OCCASIONS_TOLD
    UNKNOWN = 0x8000    # of a depth: the message rests on a blank
    BURSTS = 30         # state_hash
    BURST_SECOND = 31
    BURST_WINDOW = 32
    BURST_WAITING = 33
    BURST_SHARE = 34
    HEAD = 13           # words of a tracker's head in a dump
    BLOCK = 16          # messages whose trackers are asked for together
    LINE = 64           # bytes that memory answers with at once

cdef int64_t SECOND = 1000000000
cdef int64_t LONG_AGO = <int64_t> 0x8000000000000000

CONSTANTS = {
    "SECOND": SECOND, "SECONDS_KEPT": KEPT, "OCCASIONS_TOLD": TOLD, "BURSTS": BURSTS,
    "BURST_SECOND": BURST_SECOND, "BURST_WINDOW": BURST_WINDOW, "BURST_WAITING": BURST_WAITING,
    "BURST_SHARE": BURST_SHARE, "STEP": sizeof(Step),
}

JUDGED = ("place", "judge", "contract", "unknown", "most", "most_from", "late")


cdef struct Who:
    int32_t judge[2]    # the subject; the client judged besides, else -1
    int32_t client


cdef struct Message:
    int64_t ts
    int64_t seq
    int64_t channel
    int32_t account
    int32_t client
    int32_t depth
    int32_t unknown


cdef struct Pending:    # a message under a rule, soon to be counted
    const Step* step
    int32_t rule
    uint16_t depth


cdef struct Occasion:
    int64_t start
    int64_t seq
    int64_t channel
    int64_t messages


cdef struct Second:     # of the clock; then uint32_t messages by stage
    int64_t start
    int32_t occasion    # which of those that are told, -1 none
    int32_t unknown


cdef struct Waiting:    # a message that may come to be in a window
    int64_t ts
    int32_t account
    int32_t unknown


cdef struct Window:     # the last of a stage, and what came after it
    int64_t start       # LONG_AGO: none yet
    int64_t messages
    int32_t occasion    # which of those that are told, -1 none
    int32_t unknown
    int32_t first       # of those waiting
    int32_t used
    int32_t room
    Waiting* waiting    # owned


cdef struct Tracker:    # then int64_t occasions by stage; then Second x KEPT, or Window by stage
    int64_t clock       # sliding: the latest time
    int64_t late
    int64_t unknown
    int64_t most
    int64_t most_from
    Occasion* told      # owned
    int32_t* senders    # owned; by second, accounts of counted messages; NULL: all of the first
    int32_t told_used
    int32_t told_room
    int32_t judge
    int32_t client      # -1: of all that the judged sent
    int32_t account     # of the first message, as are the client and the contract
    int32_t first_client
    int32_t contract
    uint8_t kind        # 0 a subject, 1 a client judged besides
    uint8_t clients     # whether there are several
    uint8_t newest      # place of the latest second
    uint8_t used        # seconds


cdef struct Rule:
    int64_t at[2]       # occasions at yellow and red, -1 never
    int32_t needed
    int32_t stages
    bint sliding
    size_t occasions_at  # bytes from a tracker's start
    size_t parts_at
    size_t part_size
    size_t size
    char* trackers      # owned
    int64_t used
    int64_t room
    int32_t* by_judge   # owned; place of a tracker, -1 none
    int64_t judges
    int32_t* by_client[2]  # owned; by kind
    int64_t clients[2]
    int64_t* inside[2]  # owned; by kind, messages of an account in occasions
    int64_t accounts[2]


# --- memory --------------------------------------------------------------------------------------

cdef int32_t* grown(int32_t* at, int64_t* room, int64_t index) except NULL:
    """Return the places with room for one more index, new ones -1."""
    cdef int64_t wanted = max(index + 1, room[0] + room[0] // 2, <int64_t> 64)
    cdef int32_t* larger
    if index < room[0]:
        return at
    larger = <int32_t*> realloc(at, wanted * sizeof(int32_t))
    if larger == NULL:
        raise MemoryError
    memset(larger + room[0], 0xFF, (wanted - room[0]) * sizeof(int32_t))
    room[0] = wanted
    return larger


cdef int add_inside(Rule* rule, int kind, int32_t account, int64_t n) except -1:
    """Add messages of an account that are in occasions."""
    cdef int64_t room = rule.accounts[kind]
    cdef int64_t wanted
    cdef int64_t* larger
    if account >= room:
        wanted = max(<int64_t> account + 1, room + room // 2, <int64_t> 64)
        larger = <int64_t*> realloc(rule.inside[kind], wanted * sizeof(int64_t))
        if larger == NULL:
            raise MemoryError
        memset(larger + room, 0, (wanted - room) * sizeof(int64_t))
        rule.inside[kind] = larger
        rule.accounts[kind] = wanted
    rule.inside[kind][account] += n
    return 0


cdef inline Tracker* tracker_at(Rule* rule, int64_t place) noexcept nogil:
    return <Tracker*> (rule.trackers + place * rule.size)


cdef inline int64_t* occasions_of(Rule* rule, Tracker* tracker) noexcept nogil:
    return <int64_t*> (<char*> tracker + rule.occasions_at)


cdef inline Second* second_at(Rule* rule, Tracker* tracker, int place) noexcept nogil:
    return <Second*> (<char*> tracker + rule.parts_at + (place & (KEPT - 1)) * rule.part_size)


cdef inline uint32_t* messages_of(Second* second) noexcept nogil:
    return <uint32_t*> (<char*> second + sizeof(Second))


cdef inline Window* window_at(Rule* rule, Tracker* tracker, int stage) noexcept nogil:
    return <Window*> (<char*> tracker + rule.parts_at + stage * rule.part_size)


cdef int32_t new_tracker(Rule* rule, int32_t judge, int32_t client, int kind, int32_t contract,
                         Message* message) except -1:
    """Make a tracker; return its place. Pointers to others are void."""
    cdef int64_t wanted
    cdef char* larger
    cdef Tracker* tracker
    cdef int stage
    if rule.used == rule.room:
        wanted = max(<int64_t> 64, rule.room + rule.room // 2)
        larger = <char*> realloc(rule.trackers, wanted * rule.size)
        if larger == NULL:
            raise MemoryError
        rule.trackers = larger
        rule.room = wanted
    tracker = tracker_at(rule, rule.used)
    memset(tracker, 0, rule.size)
    tracker.judge = judge
    tracker.client = client
    tracker.kind = kind
    tracker.contract = contract
    tracker.clock = LONG_AGO
    tracker.account = message.account
    tracker.first_client = message.client
    if rule.sliding:
        for stage in range(rule.stages):
            window_at(rule, tracker, stage).start = LONG_AGO
            window_at(rule, tracker, stage).occasion = -1
    rule.used += 1
    return <int32_t> (rule.used - 1)


cdef int free_tracker(Rule* rule, Tracker* tracker) noexcept:
    cdef int stage
    free(tracker.told)
    free(tracker.senders)
    if rule.sliding:
        for stage in range(rule.stages):
            free(window_at(rule, tracker, stage).waiting)
    return 0


cdef int32_t judged_tracker(Rule* rule, Who* who, int kind, int32_t contract,
                            Message* message) except -1:
    """Return the place of the tracker of who is judged."""
    cdef int32_t judge = who.judge[kind]
    rule.by_judge = grown(rule.by_judge, &rule.judges, judge)
    if rule.by_judge[judge] < 0:
        rule.by_judge[judge] = new_tracker(rule, judge, -1, kind, contract, message)
    return rule.by_judge[judge]


cdef int split(Rule* rule, int32_t place) except -1:
    """Give the first client a tracker of its own: all so far was its doing."""
    cdef Tracker* tracker = tracker_at(rule, place)
    cdef Message of
    cdef int32_t copy
    cdef Tracker* its
    cdef Window* window
    cdef int stage
    of.account, of.client = tracker.account, tracker.first_client
    copy = new_tracker(rule, tracker.judge, of.client, tracker.kind, tracker.contract, &of)
    tracker, its = tracker_at(rule, place), tracker_at(rule, copy)
    memcpy(its, tracker, rule.size)
    its.client = of.client
    its.told, its.told_used, its.told_room = NULL, 0, 0
    its.senders = NULL
    if rule.sliding:
        for stage in range(rule.stages):
            window = window_at(rule, its, stage)
            window.occasion = -1
            window.waiting, window.first, window.used, window.room = NULL, 0, 0, 0
        for stage in range(rule.stages):
            copy_waiting(window_at(rule, tracker, stage), window_at(rule, its, stage))
    tracker.clients = 1
    enter(rule, copy)
    return 0


cdef int enter(Rule* rule, int32_t place) except -1:
    """Have a tracker found by whom it is of."""
    cdef Tracker* tracker = tracker_at(rule, place)
    cdef int kind = tracker.kind
    cdef int32_t client = tracker.client
    if client < 0:
        rule.by_judge = grown(rule.by_judge, &rule.judges, tracker.judge)
        rule.by_judge[tracker.judge] = place
    else:
        rule.by_client[kind] = grown(rule.by_client[kind], &rule.clients[kind], client)
        rule.by_client[kind][client] = place
    return 0


cdef int copy_waiting(Window* source, Window* target) except -1:
    if not source.used:
        return 0
    target.waiting = <Waiting*> malloc(source.used * sizeof(Waiting))
    if target.waiting == NULL:
        raise MemoryError
    memcpy(target.waiting, source.waiting + source.first, source.used * sizeof(Waiting))
    target.used = target.room = source.used
    return 0


cdef int32_t client_tracker(Rule* rule, Tracker* of, Message* message) except -1:
    """Return the place of the tracker of a client alone; ``of`` is void after."""
    cdef int kind = of.kind
    cdef int32_t judge = of.judge
    cdef int32_t contract = of.contract
    cdef int32_t client = message.client
    rule.by_client[kind] = grown(rule.by_client[kind], &rule.clients[kind], client)
    if rule.by_client[kind][client] < 0:
        rule.by_client[kind][client] = new_tracker(rule, judge, client, kind, contract, message)
    return rule.by_client[kind][client]


cdef inline void prefetch_judge(Rule* rule, Who* who) noexcept nogil:
    if who.judge[0] < rule.judges:
        prefetch(rule.by_judge + who.judge[0])


cdef inline void prefetch_tracker(Rule* rule, Who* who) noexcept nogil:
    cdef int32_t place = rule.by_judge[who.judge[0]] if who.judge[0] < rule.judges else -1
    if place >= 0:
        prefetch(rule.trackers + place * rule.size)
        prefetch(rule.trackers + place * rule.size + LINE)


cdef inline void prefetch_second(Rule* rule, Who* who) noexcept nogil:
    """Ask for the latest second, or the last window, and for where the next one will be put."""
    cdef int32_t place = rule.by_judge[who.judge[0]] if who.judge[0] < rule.judges else -1
    cdef Tracker* tracker
    if place >= 0:
        tracker = tracker_at(rule, place)
        if rule.sliding:
            prefetch(window_at(rule, tracker, rule.stages - 1))
        else:
            prefetch(second_at(rule, tracker, tracker.newest))
            prefetch(second_at(rule, tracker, tracker.newest + 1))


# --- messages ------------------------------------------------------------------------------------

cdef int32_t tell(Tracker* tracker, int64_t start, int64_t messages,
                  Message* message) except -2:
    """Keep an occasion to be told; return which, -1 where there are enough."""
    cdef int32_t wanted
    cdef Occasion* larger
    if tracker.client >= 0 or tracker.told_used == TOLD:
        return -1
    if tracker.told_used == tracker.told_room:
        wanted = min(<int32_t> TOLD, max(<int32_t> 4, 2 * tracker.told_room))
        larger = <Occasion*> realloc(tracker.told, wanted * sizeof(Occasion))
        if larger == NULL:
            raise MemoryError
        tracker.told = larger
        tracker.told_room = wanted
    larger = tracker.told + tracker.told_used
    larger.start, larger.seq, larger.channel = start, message.seq, message.channel
    larger.messages = messages
    tracker.told_used += 1
    return tracker.told_used - 1


cdef inline void note_fullest(Tracker* tracker, int64_t messages, int64_t start) noexcept nogil:
    if messages > tracker.most:
        tracker.most = messages
        tracker.most_from = start


cdef Second* place_in(Rule* rule, Tracker* tracker, int64_t ts) noexcept nogil:
    """Return the second of a time among those kept, NULL where it is older than all of them."""
    cdef int64_t start = ts - ts % SECOND
    cdef int older = 0          # seconds kept that are later than this one
    cdef int k
    cdef Second* second
    if start > ts:              # before 1970, where the remainder is negative
        start -= SECOND
    while older < tracker.used:
        second = second_at(rule, tracker, tracker.newest - older)
        if second.start == start:
            return second
        if second.start < start:
            break
        older += 1
    if older == KEPT:
        return NULL
    tracker.newest = (tracker.newest + 1) & (KEPT - 1)
    tracker.used = min(tracker.used + 1, KEPT)
    for k in range(older):
        move_second(rule, tracker, tracker.newest - k - 1, tracker.newest - k)
    second = second_at(rule, tracker, tracker.newest - older)
    memset(second, 0, rule.part_size)
    second.start = start
    second.occasion = -1
    return second


cdef void move_second(Rule* rule, Tracker* tracker, int source, int target) noexcept nogil:
    cdef size_t run = rule.needed * sizeof(int32_t)
    source, target = source & (KEPT - 1), target & (KEPT - 1)
    memcpy(second_at(rule, tracker, target), second_at(rule, tracker, source), rule.part_size)
    if tracker.senders != NULL:
        memcpy(tracker.senders + target * rule.needed, tracker.senders + source * rule.needed, run)


cdef int add_to_calendar(Rule* rule, Tracker* tracker, Message* message) except -1:
    """Put a message into its second of the clock; return 1 where it makes an occasion count."""
    cdef Second* second = second_at(rule, tracker, tracker.newest)
    cdef int64_t* occasions = occasions_of(rule, tracker)
    cdef uint32_t* messages
    cdef int stage, place
    cdef uint32_t n
    if not (tracker.used and 0 <= message.ts - second.start < SECOND):
        second = place_in(rule, tracker, message.ts)
        if second == NULL:
            tracker.late += 1
            return 0
    messages = messages_of(second)
    for stage in range(message.depth):
        messages[stage] += 1
        occasions[stage] += messages[stage] == <uint32_t> rule.needed
    if message.depth < rule.stages:
        return 0
    n = messages[rule.stages - 1]
    note_fullest(tracker, n, second.start)
    if message.unknown and not second.unknown:
        second.unknown = 1
        tracker.unknown += n > <uint32_t> rule.needed
    if tracker.client >= 0:
        return 0
    if n > <uint32_t> rule.needed:
        if second.occasion >= 0:
            tracker.told[second.occasion].messages += 1
        add_inside(rule, tracker.kind, message.account, 1)
        return 0
    place = <int> ((<char*> second - <char*> tracker - rule.parts_at) // rule.part_size)
    if message.account != tracker.account and tracker.senders == NULL:
        remember_senders(rule, tracker)
    if tracker.senders != NULL:
        tracker.senders[place * rule.needed + <int> n - 1] = message.account
    if n < <uint32_t> rule.needed:
        return 0
    tracker.unknown += second.unknown
    second.occasion = tell(tracker, second.start, n, message)
    if tracker.senders == NULL:
        add_inside(rule, tracker.kind, message.account, n)
    else:
        for stage in range(rule.needed):
            add_inside(rule, tracker.kind, tracker.senders[place * rule.needed + stage], 1)
    return 1


cdef int remember_senders(Rule* rule, Tracker* tracker) except -1:
    """From now on note who sends: so far it was one account."""
    cdef int64_t i
    tracker.senders = <int32_t*> malloc(<size_t> KEPT * rule.needed * sizeof(int32_t))
    if tracker.senders == NULL:
        raise MemoryError
    for i in range(<int64_t> KEPT * rule.needed):
        tracker.senders[i] = tracker.account
    return 0


cdef int add_to_windows(Rule* rule, Tracker* tracker, Message* message) except -1:
    """Put a message into the windows of its stages; return 1 where it makes one that counts."""
    cdef int stage, made = 0
    if message.ts > tracker.clock:
        tracker.clock = message.ts
    for stage in range(message.depth):
        made = add_to_window(rule, tracker, stage, message)
    return made


cdef int add_to_window(Rule* rule, Tracker* tracker, int stage, Message* message) except -1:
    cdef Window* window = window_at(rule, tracker, stage)
    cdef bint counts = stage == rule.stages - 1
    cdef bint is_judged = tracker.client < 0
    cdef Waiting* waiting
    cdef int i
    if window.start != LONG_AGO and tracker.clock - window.start < SECOND:
        window.messages += 1
        if counts:
            note_fullest(tracker, window.messages, window.start)
            tracker.unknown += message.unknown and not window.unknown
            if is_judged:
                add_inside(rule, tracker.kind, message.account, 1)
            if window.occasion >= 0:
                tracker.told[window.occasion].messages += 1
        window.unknown |= message.unknown
        return 0
    while window.used and tracker.clock - window.waiting[window.first].ts >= SECOND:
        window.first += 1
        window.used -= 1
    make_room(window)
    waiting = window.waiting + window.first + window.used
    waiting.ts, waiting.account, waiting.unknown = tracker.clock, message.account, message.unknown
    window.used += 1
    waiting = window.waiting + window.first
    if counts:
        note_fullest(tracker, window.used, waiting.ts)
    if window.used < rule.needed:
        return 0
    window.start = waiting.ts
    window.messages = window.used
    window.unknown = 0
    for i in range(window.used):
        window.unknown |= waiting[i].unknown
        if counts and is_judged:
            add_inside(rule, tracker.kind, waiting[i].account, 1)
    window.first, window.used = 0, 0
    occasions_of(rule, tracker)[stage] += 1
    if not counts:
        return 0
    tracker.unknown += window.unknown
    window.occasion = tell(tracker, window.start, window.messages, message)
    return is_judged


cdef int make_room(Window* window) except -1:
    """Make room for one more that waits."""
    cdef int32_t wanted
    cdef Waiting* larger
    if window.first + window.used < window.room:
        return 0
    if window.first > window.room // 2 or window.used == 0:
        memmove(window.waiting, window.waiting + window.first, window.used * sizeof(Waiting))
        window.first = 0
        if window.used < window.room:
            return 0
    wanted = max(<int32_t> 4, 2 * window.room)
    larger = <Waiting*> realloc(window.waiting, wanted * sizeof(Waiting))
    if larger == NULL:
        raise MemoryError
    window.waiting = larger
    window.room = wanted
    return 0


cdef inline int add(Rule* rule, Tracker* tracker, Message* message) except -1:
    if rule.sliding:
        return add_to_windows(rule, tracker, message)
    return add_to_calendar(rule, tracker, message)


# --- the class -----------------------------------------------------------------------------------

cdef class BurstCounter:
    """Bursts under several rules, for all who are judged.

    ``reached`` : (row, rule, level, judge, contract, count) of levels, in row order, since it was
        last emptied
    """

    cdef Rule* rules                # owned
    cdef int rule_count
    cdef Who* who                   # owned; by account
    cdef int64_t who_used
    cdef int64_t who_room
    cdef int32_t* rules_from        # owned; by contract, where its rules begin
    cdef int64_t contract_used
    cdef int64_t contract_room
    cdef int32_t* rule_of           # owned; rules of contracts, one after the other
    cdef const uint16_t** depth_of  # owned; depths by attributes, under each of them
    cdef int64_t judged_used
    cdef int64_t judged_room
    cdef list tables                # what depth_of points into
    cdef list account_hashes
    cdef dict members               # by kind and judge: accounts
    cdef public list reached

    def __cinit__(self, rules):
        """Make a counter.

        rules : (messages needed, stages, whether sliding, occasions at yellow, at red) each; -1
            for a level that a rule does not have
        """
        cdef Rule* rule
        self.rules = <Rule*> calloc(max(1, len(rules)), sizeof(Rule))
        self.rules_from = <int32_t*> calloc(1, sizeof(int32_t))
        if self.rules == NULL or self.rules_from == NULL:
            raise MemoryError
        for needed, stages, sliding, yellow, red in rules:
            rule = self.rules + self.rule_count
            rule.needed, rule.stages, rule.sliding = needed, stages, sliding
            rule.at[0], rule.at[1] = yellow, red
            rule.occasions_at = sizeof(Tracker)
            rule.parts_at = rule.occasions_at + stages * sizeof(int64_t)
            rule.part_size = sizeof(Window)
            if not sliding:
                rule.part_size = sizeof(Second) + (stages + 1) // 2 * 8
            rule.size = rule.parts_at + (stages if sliding else KEPT) * rule.part_size
            self.rule_count += 1
        self.tables, self.account_hashes, self.reached = [], [], []
        self.members = {}

    def __dealloc__(self):
        cdef int r, kind
        cdef int64_t i
        cdef Rule* rule
        if self.rules != NULL:
            for r in range(self.rule_count):
                rule = self.rules + r
                for i in range(rule.used):
                    free_tracker(rule, tracker_at(rule, i))
                free(rule.trackers)
                free(rule.by_judge)
                for kind in range(2):
                    free(rule.by_client[kind])
                    free(rule.inside[kind])
        free(self.rules)
        free(self.who)
        free(self.rules_from)
        free(self.rule_of)
        free(self.depth_of)

    def add_contract(self, rules):
        """Take up the next contract.

        rules : (rule, depths (65536,) uint16 by attributes) of each that judges it; a depth of a
            message that rests on a blank has the bit UNKNOWN
        """
        cdef const uint16_t[::1] depths
        cdef int32_t* places
        cdef const uint16_t** tables
        if self.contract_used + 2 > self.contract_room:
            self.contract_room = 2 * self.contract_used + 64
            places = <int32_t*> realloc(self.rules_from, self.contract_room * sizeof(int32_t))
            if places == NULL:
                raise MemoryError
            self.rules_from = places
        if self.judged_used + len(rules) > self.judged_room:
            self.judged_room = 2 * self.judged_used + len(rules) + 64
            places = <int32_t*> realloc(self.rule_of, self.judged_room * sizeof(int32_t))
            if places == NULL:
                raise MemoryError
            self.rule_of = places
            tables = <const uint16_t**> realloc(
                self.depth_of, self.judged_room * sizeof(uint16_t*)
            )
            if tables == NULL:
                raise MemoryError
            self.depth_of = tables
        for rule, table in rules:
            depths = table
            assert 0 <= rule < self.rule_count and depths.shape[0] == 65536
            self.tables.append(table)
            self.rule_of[self.judged_used] = rule
            self.depth_of[self.judged_used] = &depths[0]
            self.judged_used += 1
        self.contract_used += 1
        self.rules_from[self.contract_used] = <int32_t> self.judged_used

    def add_account(self, int32_t subject, int32_t alone, int32_t client, name_hash):
        """Take up the next account: who is judged for it, and 64 bits of its name."""
        cdef Who* larger
        if self.who_used == self.who_room:
            self.who_room = max(64, 2 * self.who_room)
            larger = <Who*> realloc(self.who, self.who_room * sizeof(Who))
            if larger == NULL:
                raise MemoryError
            self.who = larger
        self.who[self.who_used].judge[0] = subject
        self.who[self.who_used].judge[1] = alone
        self.who[self.who_used].client = client
        for kind, judge in enumerate((subject, alone)):
            if judge >= 0:
                self.members.setdefault((kind, judge), []).append(self.who_used)
        self.who_used += 1
        self.account_hashes.append(name_hash)

    def watch(self, steps, const int64_t[::1] ts, const int64_t[::1] seq, channel):
        """Take up steps, (n,) ``steps.STEP`` in row order.

        ts, seq, channel : (rows,) int64 of the batch; channel may be None
        """
        cdef const uint8_t[::1] bytes_ = steps.view(np.uint8)
        cdef const int64_t[::1] channels = channel
        cdef const Step* step = <const Step*> &bytes_[0]
        cdef int64_t n = steps.shape[0]
        cdef Pending block[BLOCK]
        cdef int used = 0
        cdef int64_t _, j
        assert bytes_.shape[0] == n * <int64_t> sizeof(Step)
        for _ in range(n):
            if step.flags & (STEP_IS_MESSAGE | STEP_IS_REMAINDER) == STEP_IS_MESSAGE:
                for j in range(self.rules_from[step.contract],
                               self.rules_from[step.contract + 1]):
                    block[used].step = step
                    block[used].rule = self.rule_of[j]
                    block[used].depth = self.depth_of[j][step.attributes]
                    used += 1
                    if used == BLOCK:
                        self.put_block(block, used, ts, seq, channels)
                        used = 0
            step += 1
        self.put_block(block, used, ts, seq, channels)

    cdef int put_block(self, Pending* block, int used, const int64_t[::1] ts,
                       const int64_t[::1] seq, const int64_t[::1] channels) except -1:
        """Count messages in their order, once memory has been asked for what they touch."""
        cdef int k
        cdef const Step* step
        cdef Message message
        for k in range(used):
            prefetch(&self.who[block[k].step.account])
        for k in range(used):
            prefetch_judge(self.rules + block[k].rule, self.who + block[k].step.account)
        for k in range(used):
            prefetch_tracker(self.rules + block[k].rule, self.who + block[k].step.account)
        for k in range(used):
            prefetch_second(self.rules + block[k].rule, self.who + block[k].step.account)
        for k in range(used):
            step = block[k].step
            message.ts, message.seq = ts[step.row], seq[step.row]
            message.channel = 0 if channels is None else channels[step.row]
            message.account = step.account
            message.client = self.who[step.account].client
            message.depth = block[k].depth & ~UNKNOWN
            message.unknown = block[k].depth // UNKNOWN
            self.put(block[k].rule, step, &message)

    cdef int put(self, int32_t of, const Step* step, Message* message) except -1:
        """Count a message for all whose it is."""
        cdef Rule* rule = self.rules + of
        cdef Who* who = self.who + message.account
        cdef Tracker* tracker
        cdef int32_t place
        cdef int kind
        for kind in range(1 + (who.judge[1] >= 0)):
            place = judged_tracker(rule, who, kind, step.contract, message)
            tracker = tracker_at(rule, place)
            if message.client != tracker.first_client and not tracker.clients:
                split(rule, place)
                tracker = tracker_at(rule, place)
            if add(rule, tracker, message):
                self.see_levels(of, rule, place, step.row)
            if tracker.clients:
                place = client_tracker(rule, tracker, message)
                add(rule, tracker_at(rule, place), message)

    cdef int see_levels(self, int32_t of, Rule* rule, int32_t place, int64_t row) except -1:
        """Note the levels that one more occasion reached."""
        cdef Tracker* tracker = tracker_at(rule, place)
        cdef int64_t count = occasions_of(rule, tracker)[rule.stages - 1]
        cdef int level
        for level in range(2):
            if count == rule.at[level]:
                self.reached.append(
                    (row, of, level, tracker.judge, tracker.contract, count)
                )

    # --- what it came to -------------------------------------------------------------------------

    def judged(self, int rule):
        """Return JUDGED and the occasions by stage of all who are judged by a rule and sent
        messages: (n, len(JUDGED) + stages) int64."""
        cdef Rule* of = self.rules + rule
        cdef Tracker* tracker
        cdef int64_t i
        cdef int64_t n = 0
        cdef int stage
        found = np.empty((of.used, len(JUDGED) + of.stages), np.int64)
        cdef int64_t[:, ::1] table = found
        for i in range(of.used):
            tracker = tracker_at(of, i)
            if tracker.client >= 0:
                continue
            table[n, 0], table[n, 1], table[n, 2] = i, tracker.judge, tracker.contract
            table[n, 3], table[n, 4] = tracker.unknown, tracker.most
            table[n, 5], table[n, 6] = tracker.most_from, tracker.late
            for stage in range(of.stages):
                table[n, 7 + stage] = occasions_of(of, tracker)[stage]
            n += 1
        return found[:n]

    def told(self, int rule, int64_t place):
        """Return (start, seq, channel, messages) of the first occasions of a tracker."""
        cdef Tracker* tracker = tracker_at(self.rules + rule, place)
        cdef int i
        return [(tracker.told[i].start, tracker.told[i].seq, tracker.told[i].channel,
                 tracker.told[i].messages) for i in range(tracker.told_used)]

    def shares(self, int rule, int64_t place):
        """Return the messages of each account of a tracker that are in occasions, by account."""
        cdef Rule* of = self.rules + rule
        cdef Tracker* tracker = tracker_at(of, place)
        cdef int64_t account
        found = {}
        for account in self.members[tracker.kind, tracker.judge]:
            if account < of.accounts[tracker.kind] and of.inside[tracker.kind][account]:
                found[account] = of.inside[tracker.kind][account]
        return found

    def clients(self, int rule, int64_t place):
        """Return the occasions that each client behind a tracker comes to alone, by client."""
        cdef Rule* of = self.rules + rule
        cdef Tracker* tracker = tracker_at(of, place)
        cdef int32_t client, its
        if not tracker.clients:
            return {tracker.first_client: occasions_of(of, tracker)[of.stages - 1]}
        found = {}
        for account in self.members[tracker.kind, tracker.judge]:
            client = self.who[<int64_t> account].client
            its = of.by_client[tracker.kind][client] if client < of.clients[tracker.kind] else -1
            if its >= 0:
                found[client] = occasions_of(of, tracker_at(of, its))[of.stages - 1]
        return found

    def state_hash(self, numbers):
        """Return 64 bits of the state; ``numbers`` are those that name the rules."""
        cdef uint64_t total = 0
        cdef uint64_t who
        cdef int64_t i
        cdef int r, kind
        cdef Rule* rule
        for r in range(self.rule_count):
            rule = self.rules + r
            for i in range(rule.used):
                if tracker_at(rule, i).client < 0:
                    who = self.account_hashes[tracker_at(rule, i).account]
                    who ^= tracker_at(rule, i).kind
                    total += tracker_hash(rule, tracker_at(rule, i), numbers[r], who)
            for kind in range(2):
                for i in range(rule.accounts[kind]):
                    if rule.inside[kind][i]:
                        who = <uint64_t> self.account_hashes[i] ^ <uint64_t> kind
                        total += mix(named(BURST_SHARE, numbers[r], who), rule.inside[kind][i])
        return total

    # --- stop and resume -------------------------------------------------------------------------

    def dump(self):
        """Return the state as whole numbers, (n,) int64, for ``restore``."""
        words = []
        cdef int r, kind
        cdef int64_t i
        cdef Rule* rule
        for r in range(self.rule_count):
            rule = self.rules + r
            words.append(rule.used)
            for i in range(rule.used):
                dump_tracker(rule, tracker_at(rule, i), words)
            for kind in range(2):
                inside = [rule.inside[kind][i] for i in range(rule.accounts[kind])]
                words += [len(inside), *inside]
        return np.array(words, np.int64)

    def restore(self, const int64_t[::1] words):
        """Take up what ``dump`` gave; contracts and accounts are told already."""
        cdef int r, kind
        cdef int64_t i, _, at = 0, used
        cdef Rule* rule
        for r in range(self.rule_count):
            rule = self.rules + r
            used = words[at]
            at += 1
            for _ in range(used):
                at = restore_tracker(rule, words, at)
            for kind in range(2):
                used = words[at]
                at += 1
                for i in range(used):
                    if words[at + i]:
                        add_inside(rule, kind, <int32_t> i, words[at + i])
                at += used
        assert at == words.shape[0]


cdef inline uint64_t named(uint64_t kind, uint64_t rule, uint64_t who) noexcept nogil:
    return mix(mix(mix(0, kind), rule), who)


cdef uint64_t tracker_hash(Rule* rule, Tracker* tracker, uint64_t number,
                           uint64_t who) noexcept:
    cdef uint64_t h = named(BURSTS, number, who)
    cdef uint64_t total
    cdef Second* second
    cdef Window* window
    cdef Waiting* waiting
    cdef int i, stage
    h = mix(mix(h, tracker.clock if rule.sliding else 0), tracker.late)
    h = mix(h, tracker.unknown)
    for stage in range(rule.stages):
        h = mix(h, occasions_of(rule, tracker)[stage])
    total = h
    for i in range(tracker.used):
        second = second_at(rule, tracker, tracker.newest - i)
        h = mix(mix(named(BURST_SECOND, number, who), second.start), second.unknown)
        for stage in range(rule.stages):
            h = mix(h, messages_of(second)[stage])
        total += h
    for stage in range(rule.stages if rule.sliding else 0):
        window = window_at(rule, tracker, stage)
        if window.start != LONG_AGO:
            h = mix(mix(named(BURST_WINDOW, number, who), window.start), window.messages)
            total += mix(mix(h, window.unknown), stage)
        for i in range(window.used):
            waiting = window.waiting + window.first + i
            h = mix(mix(named(BURST_WAITING, number, who), waiting.ts), waiting.unknown)
            total += mix(h, stage)
    return total


cdef int dump_tracker(Rule* rule, Tracker* tracker, list words) except -1:
    cdef int i, stage
    cdef Second* second
    cdef Window* window
    cdef Waiting* waiting
    words += [tracker.judge, tracker.client, tracker.account, tracker.first_client,
              tracker.contract, tracker.kind, tracker.clients, tracker.clock, tracker.late,
              tracker.unknown, tracker.most, tracker.most_from, tracker.told_used]
    for i in range(tracker.told_used):
        words += [tracker.told[i].start, tracker.told[i].seq, tracker.told[i].channel,
                  tracker.told[i].messages]
    words += [occasions_of(rule, tracker)[stage] for stage in range(rule.stages)]
    if rule.sliding:
        for stage in range(rule.stages):
            window = window_at(rule, tracker, stage)
            words += [window.start, window.messages, window.occasion, window.unknown, window.used]
            for i in range(window.used):
                waiting = window.waiting + window.first + i
                words += [waiting.ts, waiting.account, waiting.unknown]
        return 0
    words += [tracker.used, tracker.newest, tracker.senders != NULL]
    for i in range(KEPT):
        second = second_at(rule, tracker, i)
        words += [second.start, second.occasion, second.unknown]
        words += [messages_of(second)[stage] for stage in range(rule.stages)]
    if tracker.senders != NULL:
        words += [tracker.senders[i] for i in range(KEPT * rule.needed)]
    return 0


cdef int64_t restore_tracker(Rule* rule, const int64_t[::1] words, int64_t at) except -1:
    """Make the tracker that stands at a place of a dump; return where the next one does."""
    cdef Message of
    cdef Tracker* tracker
    cdef int32_t place
    cdef int64_t told
    cdef int _, stage
    of.account, of.client = <int32_t> words[at + 2], <int32_t> words[at + 3]
    of.seq = of.channel = 0
    place = new_tracker(rule, <int32_t> words[at], <int32_t> words[at + 1], <int> words[at + 5],
                        <int32_t> words[at + 4], &of)
    enter(rule, place)
    tracker = tracker_at(rule, place)
    tracker.clients = <uint8_t> words[at + 6]
    tracker.clock, tracker.late, tracker.unknown = words[at + 7], words[at + 8], words[at + 9]
    tracker.most, tracker.most_from = words[at + 10], words[at + 11]
    told = words[at + 12]
    at += HEAD
    for _ in range(told):
        of.seq, of.channel = words[at + 1], words[at + 2]
        tell(tracker, words[at], words[at + 3], &of)
        at += 4
    for stage in range(rule.stages):
        occasions_of(rule, tracker)[stage] = words[at + stage]
    at += rule.stages
    if rule.sliding:
        return restore_windows(rule, tracker, words, at)
    return restore_seconds(rule, tracker, words, at)


cdef int64_t restore_windows(Rule* rule, Tracker* tracker, const int64_t[::1] words,
                             int64_t at) except -1:
    cdef Window* window
    cdef Waiting* waiting
    cdef int stage
    cdef int64_t _, used
    for stage in range(rule.stages):
        window = window_at(rule, tracker, stage)
        window.start, window.messages = words[at], words[at + 1]
        window.occasion, window.unknown = <int32_t> words[at + 2], <int32_t> words[at + 3]
        used = words[at + 4]
        at += 5
        for _ in range(used):
            make_room(window)
            waiting = window.waiting + window.used
            waiting.ts, waiting.account = words[at], <int32_t> words[at + 1]
            waiting.unknown = <int32_t> words[at + 2]
            window.used += 1
            at += 3
    return at


cdef int64_t restore_seconds(Rule* rule, Tracker* tracker, const int64_t[::1] words,
                             int64_t at) except -1:
    cdef Second* second
    cdef int stage
    cdef int64_t i
    cdef bint has_senders = words[at + 2] != 0
    tracker.used, tracker.newest = <uint8_t> words[at], <uint8_t> words[at + 1]
    at += 3
    for i in range(KEPT):
        second = second_at(rule, tracker, <int> i)
        second.start = words[at]
        second.occasion, second.unknown = <int32_t> words[at + 1], <int32_t> words[at + 2]
        at += 3
        for stage in range(rule.stages):
            messages_of(second)[stage] = <uint32_t> words[at + stage]
        at += rule.stages
    if has_senders:
        remember_senders(rule, tracker)
        for i in range(<int64_t> KEPT * rule.needed):
            tracker.senders[i] = <int32_t> words[at + i]
        at += <int64_t> KEPT * rule.needed
    return at
