#!/usr/bin/env python3
# check: asan timeout=600
"""The initial snapshot: several connections, pieces, what interrupts it. Each case shows that nothing is lost.

PENSTOCK=bench/java-connect tests/live/snapshot.py pieces multiplied whole_tables   # the original in the same cases"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, offset_file, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import PSQL  # noqa: E402

PLAIN = {"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
DDL = """
CREATE TABLE a_numbers (id int PRIMARY KEY, v int NOT NULL);
INSERT INTO a_numbers SELECT i, 0 FROM generate_series(1, 5000) i ORDER BY md5(i::text);
CREATE TABLE b_empty (id int PRIMARY KEY);
CREATE TABLE c_texts (code text, part int, v int, PRIMARY KEY (code, part));
INSERT INTO c_texts SELECT 'k''\\ ' || md5(i::text), i % 7, 0 FROM generate_series(1, 3000) i;
CREATE TABLE d_keyless (id int, v int);
INSERT INTO d_keyless SELECT i, 0 FROM generate_series(1, 2000) i;
CREATE TABLE e_one (id int PRIMARY KEY, v int);
INSERT INTO e_one VALUES (1, 0);
CREATE TABLE f_twice (id int PRIMARY KEY, u int UNIQUE, v int);
INSERT INTO f_twice SELECT i, NULL, 0 FROM generate_series(1, 1500) i;
"""
ROWS = {"a_numbers": 5000, "b_empty": 0, "c_texts": 3000, "d_keyless": 2000, "e_one": 1, "f_twice": 1500}


def payloads(t, name, table):
    """Of each event of a table in the order of its topic: op, marker, key columns of the row."""
    for m in topics.read(t.kafka, f"{name}.public.{table}"):
        if m.value() is not None:
            yield json.loads(m.value())


def setup(t, stem, ddl=DDL, **more):
    name = t.name(stem)
    database = t.database(stem, ddl)
    worker = t.worker([source(name, t.postgres, database, **more)], PLAIN, start=False)
    return name, database, worker


def go(worker, name):
    worker.start()
    worker.wait_ready(90)
    worker.wait_task(name, timeout=90)


def end(t, worker, database, name):
    """In good order, and nothing is left that other tests could miss."""
    assert worker.stop(30) in (0, 143)
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');")


def arrived(t, name, rows):
    ends = topics.Ends(t.kafka)
    names = {f"{name}.public.{table}": count for table, count in rows.items()}
    return lambda: all(ends.of([topic])[topic] >= count for topic, count in names.items())


def row_id(event):
    row = event["after"] or event["before"]
    return (row["code"], row["part"]) if "code" in row else row["id"]


def check_markers(t, name, tables, first=True):
    """Every row once, and the markers where consumers look for them; the events of all tables."""
    events = {table: list(payloads(t, name, table)) if count else [] for table, count in tables.items()}
    marks = {table: [e["source"]["snapshot"] for e in got] for table, got in events.items()}
    flat = [mark for got in marks.values() for mark in got]
    assert flat.count("last") == 1 and flat.count("first") == (1 if first else 0), marks
    for table, count in tables.items():
        got = [row_id(e) for e in events[table]]
        assert len(got) == count and len(set(got)) == count, f"{table}: {len(got)} rows, {len(set(got))} different"
        assert all(e["op"] == "r" for e in events[table])
        if count > 1:
            assert marks[table][0] in ("first", "first_in_data_collection"), f"{table} begins with {marks[table][:3]}"
            assert marks[table][-1] in ("last", "last_in_data_collection"), f"{table} ends with {marks[table][-3:]}"
            assert set(marks[table][1:-1]) == {"true"}, f"{table}: {set(marks[table][1:-1])}"
    return events


def run_pieces(t, stem, more, first=True):
    name, database, worker = setup(t, stem, **more)
    go(worker, name)
    until("the snapshot", arrived(t, name, ROWS), 60)
    time.sleep(1)
    events = check_markers(t, name, ROWS, first)
    end(t, worker, database, name)
    return events


def pieces(t):
    """three connections, two pieces each"""
    events = run_pieces(t, "pieces", {"snapshot.max.threads": 3, "snapshot.max.threads.multiplier": 2,
                                      "snapshot.max.threads.multiplier.public.c_texts": 5})
    places = len({e["source"]["lsn"] for got in events.values() for e in got})
    assert places == 1, f"{places} positions for one snapshot"
    assert events["a_numbers"][0]["after"]["id"] == 1 and events["a_numbers"][-1]["after"]["id"] == 5000


def multiplied(t):
    """one connection and pieces: the order of the key"""
    events = run_pieces(t, "multiplied", {"snapshot.max.threads.multiplier": 4})
    assert [e["after"]["id"] for e in events["a_numbers"]] == list(range(1, 5001))


def whole_tables(t):
    """legacy.snapshot.max.threads: a table for each connection"""
    run_pieces(t, "whole", {"snapshot.max.threads": 3, "legacy.snapshot.max.threads": "true"}, first=False)


def more_connections_than_rows(t):
    """sixteen connections for five rows"""
    name, database, worker = setup(t, "many", "CREATE TABLE few (id int PRIMARY KEY); INSERT INTO few SELECT generate_series(1, 5);",
                            **{"snapshot.max.threads": 16})
    go(worker, name)
    until("the snapshot", arrived(t, name, {"few": 5}))
    time.sleep(0.5)
    events = check_markers(t, name, {"few": 5})
    assert [events["few"][i]["after"]["id"] for i in (0, -1)] == [1, 5]
    end(t, worker, database, name)


def by_size(t):
    """snapshot.tables.order.by.row.count with pieces: the largest table has the last row"""
    name, database, worker = setup(t, "bysize", **{"snapshot.max.threads": 2, "snapshot.tables.order.by.row.count": "ascending"})
    go(worker, name)
    until("the snapshot", arrived(t, name, ROWS))
    time.sleep(0.5)
    marks = {table: [e["source"]["snapshot"] for e in payloads(t, name, table)] for table in ROWS if ROWS[table]}
    assert marks["a_numbers"][-1] == "last" and marks["f_twice"][-1] == "last_in_data_collection", {k: v[-1:] for k, v in marks.items()}
    end(t, worker, database, name)


def terminated(t, stem, more):
    """The server ends the snapshot's connections in the middle of it; the log says so, the task stays RUNNING, and all rows are there
    in the end."""
    rows = 300000
    name, database, worker = setup(t, stem, f"CREATE TABLE a (id int PRIMARY KEY, pad text);"
                                            f"INSERT INTO a SELECT i, repeat('x', 200) FROM generate_series(1, {rows}) i;", **more)
    ends, topic = topics.Ends(t.kafka), f"{name}.public.a"
    go(worker, name)
    until("some rows", lambda: ends.of([topic])[topic] > 2000, 60)
    done = t.postgres.sql(database, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                    "WHERE application_name = 'Penstock General' AND datname = current_database();")
    t.postgres.sql(database, "DELETE FROM a WHERE id = 7; INSERT INTO a VALUES (-1, 'after');")
    assert int(done) > 0
    until("a word in the log", lambda: re.search("terminating connection|closed the connection", worker.log_tail(1000)))
    assert worker.task(name)[0] == "RUNNING", worker.task(name)
    got, gone = set(), set()

    def all_there():
        offset = next(iter(offset_file.read(worker.offset_file).values()), None) or {}
        return "penstock_snapshot" not in offset and (offset.get("snapshot_completed") or "snapshot" not in offset) and offset.get("lsn")
    until("the end of the snapshot", all_there, 120)
    t.postgres.sql(database, "INSERT INTO a VALUES (-2, 'last');")
    until("the last row", lambda: any((json.loads(m.value())["after"] or {}).get("id") == -2
                                      for m in tail_of(t, topic, ends.of([topic])[topic])), 60)
    for event in payloads(t, name, "a"):
        (gone if event["op"] == "d" else got).add(row_id(event))
    assert got >= (set(range(1, rows + 1)) - {7}) | {-1, -2}, f"{rows - len(got)} rows are missing"
    print(f"     {done} connections were ended")
    end(t, worker, database, name)


def tail_of(t, topic, end_offset):
    reader = topics.follow(t.kafka, topic, max(0, end_offset - 20))
    try:
        return [m for m in reader.consume(20, timeout=1) if not m.error() and m.value()]
    finally:
        reader.close()


def terminated_plain(t):
    """pg_terminate_backend of the snapshot: it begins again"""
    terminated(t, "endplain", {})


def terminated_pieces(t):
    """the same with several connections"""
    terminated(t, "endpieces", {"snapshot.max.threads": 3})


def terminated_resumable(t):
    """the same with chunks: it goes on"""
    terminated(t, "endchunks", {"snapshot.resumable": "true", "snapshot.max.threads": 2})


def open_transactions(t, stem, more):
    """One transaction is open and changes rows all through the snapshot; it ends after it."""
    name, database, worker = setup(t, stem, "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 3000) i;", **more)
    t.postgres.sql(database, f"CREATE PUBLICATION {name} FOR ALL TABLES; SELECT pg_create_logical_replication_slot('{name}', 'pgoutput');")
    opened = subprocess.Popen([PSQL, "-X", "-q", t.postgres.conninfo(database)], stdin=subprocess.PIPE, text=True)
    opened.stdin.write("BEGIN; UPDATE a SET v = 1 WHERE id <= 10;\n")
    opened.stdin.flush()
    time.sleep(0.5)
    if "snapshot.resumable" not in more:
        # The server makes no place for the snapshot before the transaction ends: the task waits, and says nothing wrong.
        worker.start()
        worker.wait_ready(60)
        time.sleep(2)
        assert worker.task(name)[0] in ("RUNNING", "UNASSIGNED", "ABSENT"), worker.task(name)
        opened.stdin.write("COMMIT;\n")
        opened.stdin.close()
    else:
        go(worker, name)
        until("the snapshot", arrived(t, name, {"a": 3000}), 60)
        opened.stdin.write("COMMIT;\n")
        opened.stdin.close()
    opened.wait(10)
    topic, ends = f"{name}.public.a", topics.Ends(t.kafka)
    until("all rows", arrived(t, name, {"a": 3000}), 60)
    t.postgres.sql(database, "INSERT INTO a VALUES (9999, 1);")
    until("the last row", lambda: any((json.loads(m.value())["after"] or {}).get("id") == 9999
                                      for m in tail_of(t, topic, ends.of([topic])[topic])), 60)
    model = {}
    for event in payloads(t, name, "a"):
        model[event["after"]["id"]] = event["after"]["v"]
    assert len(model) == 3001 and all(model[i] == (1 if i <= 10 else 0) for i in range(1, 3001)), "a change of the open transaction is lost"
    end(t, worker, database, name)


def long_transaction(t):
    """a transaction that was open before the snapshot: it waits for it"""
    open_transactions(t, "longplain", {})


def long_transaction_resumable(t):
    """the same with chunks, which wait for nobody where the slot is there"""
    open_transactions(t, "longchunks", {"snapshot.resumable": "true"})


def prepared_transaction(t):
    """a transaction that is prepared before a resumable snapshot and committed after it"""
    if t.postgres.sql("postgres", "SHOW max_prepared_transactions;") == "0":
        print("     this server has no prepared transactions")
        return
    name, database, worker = setup(t, "prepared", "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 3000) i;",
                                   **{"snapshot.resumable": "true"})
    t.postgres.sql(database, f"CREATE PUBLICATION {name} FOR ALL TABLES; SELECT pg_create_logical_replication_slot('{name}', 'pgoutput');")
    t.postgres.sql(database, f"BEGIN; UPDATE a SET v = 1 WHERE id <= 10; PREPARE TRANSACTION '{name}';")
    go(worker, name)
    until("the snapshot", arrived(t, name, {"a": 3000}), 60)
    t.postgres.sql(database, f"COMMIT PREPARED '{name}';")
    until("its changes", arrived(t, name, {"a": 3010}), 60)
    model = {event["after"]["id"]: event["after"]["v"] for event in payloads(t, name, "a")}
    assert len(model) == 3000 and all(model[i] == (1 if i <= 10 else 0) for i in model), "a change of the prepared transaction is lost"
    end(t, worker, database, name)


if __name__ == "__main__":
    live.main([pieces, multiplied, whole_tables, more_connections_than_rows, by_size, terminated_plain, terminated_pieces, terminated_resumable,
               long_transaction, long_transaction_resumable, prepared_transaction])
