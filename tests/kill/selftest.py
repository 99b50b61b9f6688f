#!/usr/bin/env python3
"""Are the checks awake? Makes the topics of a perfect run, then spoils them in one way after the other:
each must be found. Needs no server."""
import copy
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import kit  # noqa: E402,F401
from checks import History, SinkStates  # noqa: E402
from events import Event, writer_of  # noqa: E402
from workload import TABLES, Workload  # noqa: E402

SNAPSHOT = 1000


def perfect():
    """(workload, topics, cut): a snapshot in the middle of things, then the stream, as Debezium tells it."""
    workload = Workload(None, "none", seed=7)
    transactions, reached = [], {}
    for writer in workload.writers:
        _, changes = writer.first(400)
        writer.committed(changes)
    for number in range(60):
        writer = workload.writers[number % 3]
        _, changes = writer.next(60)
        writer.committed(changes)
        if number < 10:
            continue
        if not transactions:
            reached = {w.number: w.v for w in workload.writers}
            reached[writer.number] = changes[0][3] - 1
        transactions.append(changes)
    found = {table: [] for table in TABLES}
    for table in TABLES:
        for writer in workload.writers:
            for key, v in writer.state_at(table, reached[writer.number]).items():
                found[table].append(Event(len(found[table]), "r", key, writer.number, v, SNAPSHOT, 1, None))
    lsn, before = SNAPSHOT, None
    for number, changes in enumerate(transactions):
        for table, op, key, v in changes:
            lsn += 8
            w = writer_of(key, 3)
            found[table].append(Event(len(found[table]), op, key, w, None if op == "d" else v, lsn, 100 + number, before))
            if op == "d":
                found[table].append(Event(len(found[table]), "tombstone", key, w, None, lsn, 100 + number, before))
        lsn += 8
        before = lsn
    return workload, found


def numbered(events):
    for offset, event in enumerate(events):
        event.offset = offset


def stored_at(event):
    return {"lsn": event.lsn, "txId": event.tx}


def faults(workload, found, notes=(), overlap=False):
    history = History(workload, found)
    result = list(history.faults)
    more, reached = history.check_snapshot()
    result += more + history.check_stream(reached, overlap) + history.check_transactions()
    for note in notes:
        result += history.check_stored(note) + history.check_confirmed(note)
    return result


def main():
    workload, good = perfect()
    passed = failed = 0

    def case(name, spoil, bad=True, judge=faults):
        nonlocal passed, failed
        found = copy.deepcopy(good)
        notes = spoil(found) or ()
        got = judge(workload, found, notes)
        right = bool(got) == bad
        passed, failed = passed + right, failed + (not right)
        print(f"{'ok  ' if right else 'FAIL'} {name}: {got[0] if got else 'no fault'}")

    def stream(found, table="orders"):
        return next(i for i, e in enumerate(found[table]) if e.op != "r")

    def ends(found):
        return {t: len(e) for t, e in found.items()}

    def edit(change):
        def spoil(found):
            events = found["orders"]
            change(events, stream(found))
            numbered(events)
        return spoil

    def repeat(events, at):
        events[at + 20:at + 20] = copy.deepcopy(events[at + 5:at + 20])

    def repeat_with_gap(events, at):
        events[at + 20:at + 20] = copy.deepcopy(events[at + 5:at + 15])

    def swap(events, at):
        events[at + 8], events[at + 9] = events[at + 9], events[at + 8]

    def drop_tombstone(events, at):
        del events[next(i for i in range(at, len(events)) if events[i].op == "tombstone")]

    def stale(events, at):
        place = next(i for i in range(at, len(events)) if events[i].op == "u")
        events[place].v -= 1

    case("a perfect run", lambda found: None, bad=False)
    case("a stretch comes twice", edit(repeat), bad=False)
    case("a repeat that leaves out its end", edit(repeat_with_gap))
    case("a change is missing", edit(lambda events, at: events.pop(at + 11)))
    case("the last change is missing", edit(lambda events, at: events.pop()))
    case("the first change after the snapshot is missing", edit(lambda events, at: events.pop(at)))
    case("two changes are swapped", edit(swap))
    case("a tombstone is missing", edit(drop_tombstone))
    case("an old version", edit(stale))
    case("a row of the snapshot is missing", edit(lambda events, at: events.pop(3)))
    case("a row of the snapshot is of another moment", edit(lambda events, at: setattr(events[3], "v", events[3].v + 1)))
    case("the position at the end of the topics", lambda found: [note(found, found["ledger"][-1], ends(found))], bad=False)
    case("a position ahead of one topic", lambda found: [note(found, found["ledger"][-1], {**ends(found), "orders": len(found["orders"]) - 1})])
    case("a position in the snapshot's rows", lambda found: [note(found, found["ledger"][5], {**ends(found), "orders": 10})])
    case("a slot ahead of one topic", lambda found: [confirmed(found, {**ends(found), "orders": stream(found) + 3})])

    states = sink_cases(good)
    for name, rows, bad in states:
        got = SinkStates(good).check({"committed": {t: len(good[t]) - 5 for t in TABLES}, "rows": rows})
        right = bool(got) == bad
        passed, failed = passed + right, failed + (not right)
        print(f"{'ok  ' if right else 'FAIL'} {name}: {got[0] if got else 'no fault'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def note(found, event, ends):
    return {"what": "note", "stored": stored_at(event), "confirmed": None, "ends": ends}


def confirmed(found, ends):
    return {"what": "note", "stored": None, "confirmed": found["ledger"][-1].before_commit, "ends": ends}


def sink_cases(good):
    rows = {}
    for table in TABLES:
        rows[table] = {}
        for event in good[table]:
            if event.op == "d":
                rows[table].pop(event.key, None)
            elif event.op != "tombstone":
                rows[table][event.key] = event.v
    old = copy.deepcopy(rows)
    key = next(e.key for e in good["orders"] if e.op == "u")
    old["orders"][key] = -1
    lost = copy.deepcopy(rows)
    late = {e.key for e in good["order_items"][-9:]}
    del lost["order_items"][next(key for key in rows["order_items"] if key not in late)]
    return [("the sink has everything", rows, False), ("the sink has an old version", old, True), ("the sink lacks a row", lost, True)]


if __name__ == "__main__":
    sys.exit(main())
