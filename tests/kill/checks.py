"""What must hold, checked over the topics as they are in the end and over what was noted at every kill.

The promise is at-least-once: a crash may repeat a stretch of a topic, from some point back then on in
the same order; it may not drop, swap or invent anything."""
from workload import KEYS, TABLES

SHOWN = 5  # faults of one kind that are printed


def epochs(events):
    """Parts of a topic, each begun by another snapshot (the snapshot's LSN tells them apart)."""
    parts, at = [[]], None
    for event in events:
        if event.op == "r" and event.lsn != at:
            at = event.lsn
            parts.append([])
        parts[-1].append(event)
    return [part for part in parts if part]


def without_repeats(topic, events, faults):
    """The first coming of each event; a repeat must go back and then on, leaving nothing out."""
    places, first, last = {}, [], -1
    for event in events:
        place = places.get(event.identity)
        if place is None:
            place = places[event.identity] = len(first)
            first.append(event)
        if place > last + 1:
            faults.append(f"{topic}: after a repeat of {first[last]} comes {event}, which leaves out {first[last + 1]}")
        last = place
    return first


class History:
    """The topics of a run against the workload that made them."""

    def __init__(self, workload, by_table):
        self.workload = workload
        self.faults = []
        self.repeats = self.messages = self.overlap = 0
        snapshots = [e for events in by_table.values() for e in events if e.op == "r"]
        self.snapshot_lsn = max((e.lsn for e in snapshots), default=None)
        self.first = {}
        for table, events in by_table.items():
            self.messages += len(events)
            parts = epochs(events)
            for part in parts:
                kept = without_repeats(table, part, self.faults)
                self.repeats += len(part) - len(kept)
            whole = bool(parts) and parts[-1][0].op == "r" and parts[-1][0].lsn == self.snapshot_lsn
            self.first[table] = kept if whole or self.snapshot_lsn is None and parts else []
        self.snapshot = {t: [e for e in events if e.op == "r"] for t, events in self.first.items()}
        self.stream = {t: [e for e in events if e.op != "r"] for t, events in self.first.items()}
        self.rank = {}
        for event in self.stream["ledger"]:
            self.rank.setdefault(event.tx, len(self.rank))
        self.commit_lsn = {}  # of a transaction, told by the events of the next one
        by_rank = sorted(self.rank, key=self.rank.get)
        earliest = {e.tx: e for e in reversed(self.stream["ledger"])}
        for before, after in zip(by_rank, by_rank[1:]):
            self.commit_lsn[before] = earliest[after].before_commit

    def check_snapshot(self):
        """The last snapshot shows all tables at one moment. Returns how far each writer was at that moment."""
        faults, reached = [], {}
        for event in self.snapshot["ledger"]:
            reached[event.w] = event.v
        if self.snapshot_lsn is None:
            return faults, {w.number: 0 for w in self.workload.writers}
        for table in TABLES:
            found = {}
            for event in self.snapshot[table]:
                if event.key in found:
                    faults.append(f"{table}: {event.key} twice in one snapshot")
                found[event.key] = event.v
            due = {}
            for writer in self.workload.writers:
                due.update(writer.state_at(table, reached.get(writer.number, 0)))
            for key in due.keys() - found.keys():
                faults.append(f"{table}: the snapshot lacks {key}, v{due[key]}")
            for key in found.keys() - due.keys():
                faults.append(f"{table}: the snapshot has {key}, v{found[key]}, which is not there at that moment")
            for key in due.keys() & found.keys():
                if due[key] != found[key]:
                    faults.append(f"{table}: the snapshot has {key} with v{found[key]}, at that moment it is v{due[key]}")
        return faults, reached

    def check_stream(self, reached, overlap):
        """Every change committed after the snapshot, in the order of its table, each writer by itself.
        With overlap the stream may begin before the snapshot's moment: so it is when a snapshot was cut off
        and taken again while its slot was there already."""
        faults = []
        for table in TABLES:
            found = {w.number: [] for w in self.workload.writers}
            for event in self.stream[table]:
                found[event.w].append(event)
            for writer in self.workload.writers:
                due, early = [], []
                for op, key, v in writer.changes[table]:
                    into = due if v > reached.get(writer.number, 0) else early
                    into.append((op, key, v))
                    if op == "d":
                        into.append(("tombstone", key, v))
                more = len(found[writer.number]) - len(due)
                if overlap and more > 0:
                    self.overlap += more
                    due = early[-more:] + due
                faults += differences(table, writer.number, due, found[writer.number])
        return faults

    def check_transactions(self):
        """In every topic the transactions come in the order of their commits, each in one piece."""
        faults = []
        for table in TABLES:
            last = None
            for event in self.stream[table]:
                if event.tx not in self.rank:
                    faults.append(f"{table}: {event} is of a transaction that the ledger does not know")
                elif last and self.rank[event.tx] < self.rank[last.tx]:
                    faults.append(f"{table}: {event} comes after {last}, of a later transaction")
                last = event
        return faults

    def missing_at(self, ends, tx=None, lsn=None, committed=None):
        """Events up to a position that lie past the ends the topics had at that time. The position is
        a transaction and an LSN within it, or everything that was committed before an LSN."""
        faults = []
        for table in TABLES:
            for event in self.stream[table]:
                if tx is not None:
                    due = (self.rank[event.tx], event.lsn) <= (self.rank[tx], lsn)
                else:
                    due = (self.commit_lsn.get(event.tx) or float("inf")) <= committed
                if due and event.offset >= ends[table]:
                    faults.append(f"{table}: {event}, when the topic ended at {ends[table]}")
        return faults

    def check_stored(self, note):
        """The position on disk is not ahead of the topics."""
        stored, ends = note["stored"], note["ends"]
        if not stored:
            return []
        if stored.get("snapshot_completed") is False or stored.get("last_snapshot_record") is False:
            return []
        faults = []
        for table in TABLES:
            faults += [f"{table}: {e}, a snapshot row, when the topic ended at {ends[table]}" for e in self.snapshot[table] if e.offset >= ends[table]]
        if stored.get("txId") in self.rank:
            faults += self.missing_at(ends, tx=stored["txId"], lsn=stored["lsn"])
        elif stored.get("lsn"):
            faults += self.missing_at(ends, committed=stored["lsn"])
        return [f"stored {stored} but not sent: {fault}" for fault in faults]

    def check_confirmed(self, note):
        """The replication slot is not ahead of the topics."""
        if note["confirmed"] is None or self.snapshot_lsn is None or note["confirmed"] <= self.snapshot_lsn:
            return []
        return [f"confirmed to the server {note['confirmed']} but not sent: {fault}" for fault in self.missing_at(note["ends"], committed=note["confirmed"])]


def differences(table, writer, due, found):
    for place, (want, event) in enumerate(zip(due, found)):
        if want[:2] != (event.op, event.key) or want[0] in ("c", "u") and want[2] != event.v:
            return [f"{table}, writer {writer}: change {place} after the snapshot should be {want}, the topic has {event}"]
    if len(due) > len(found):
        return [f"{table}, writer {writer}: {len(due) - len(found)} changes are missing from {due[len(found)]} on"]
    if len(found) > len(due):
        return [f"{table}, writer {writer}: {len(found) - len(due)} events too many from {found[len(due)]} on"]
    return []


class SinkStates:
    """For each topic the states each key goes through, to judge what a sink had at some moment."""

    def __init__(self, by_table):
        self.keys = {}
        for table, events in by_table.items():
            self.keys[table] = keys = {}
            for event in events:
                if event.op != "tombstone":
                    keys.setdefault(event.key, []).append((event.offset, event.v))

    def check(self, note):
        """What the sink's group committed is in the sink's tables: each row is in the state of its last
        event below the committed offset, or in a later one."""
        faults = []
        for table in TABLES:
            committed, rows = note["committed"][table], note["rows"][table]
            for key, states in self.keys[table].items():
                allowed = [v for offset, v in states if offset >= committed]
                before = [v for offset, v in states if offset < committed]
                allowed.append(before[-1] if before else None)
                if rows.get(key) not in allowed:
                    faults.append(f"{table}: {key} is v{rows.get(key)} in the sink, when offset {committed} was committed; allowed: {allowed[:8]}")
        return faults


__all__ = ["History", "SinkStates", "SHOWN", "KEYS"]
