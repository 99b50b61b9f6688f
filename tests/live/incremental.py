#!/usr/bin/env python3
# check: asan timeout=600
"""Incremental snapshots beside writes: what the topic tells in the end is what the table holds, whatever is killed meanwhile."""
import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from kit import live, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.worker import program  # noqa: E402

ROWS = 20000
DDL = ("CREATE TABLE sig (id varchar(64) PRIMARY KEY, type varchar(32), data varchar(2048));"
       "CREATE TABLE goods (a int, b text, v int NOT NULL, w text, PRIMARY KEY (b, a));"
       f"INSERT INTO goods SELECT i, 'k' || i % 7, 0, repeat('x', 50) FROM generate_series(1, {ROWS}) i;")
EXECUTE = """INSERT INTO sig VALUES ('{id}', 'execute-snapshot', '{{"data-collections": ["public.goods"]}}');"""


def begin(t, stem, **more):
    """A connector that streams; its slot and database go with the test."""
    name = t.name(stem)
    database = t.database(name, DDL)
    worker = t.worker([connector(t, name, database, **more)], {"offset.flush.interval.ms": "100"})
    t.after.append(lambda: t.postgres.sql("postgres", f"SELECT pg_drop_replication_slot('{name}') FROM pg_replication_slots"
                                                      f" WHERE slot_name = '{name}'; DROP DATABASE {name} WITH (FORCE);", check=False))
    worker.wait_task(name)
    return name, database, worker


def connector(t, name, database, **more):
    return source(name, t.postgres, database, **{"signal.data.collection": "public.sig", "snapshot.mode": "no_data",
                                                 "incremental.snapshot.chunk.size": 20, **more})


class Load:
    """Small transactions on random rows, one after the other."""

    def __init__(self, t, database, seed):
        self.t, self.database, self.dice = t, database, random.Random(seed)
        self.done, self.failure = threading.Event(), None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def statement(self):
        a = self.dice.randint(1, ROWS + 200)
        where = f"WHERE a = {a} AND b = 'k{a % 7}'"
        return self.dice.choice((
            f"UPDATE goods SET v = v + 1 {where};", f"UPDATE goods SET v = v + 1 {where};", f"DELETE FROM goods {where};",
            f"INSERT INTO goods VALUES ({a}, 'k{a % 7}', -1, 'new') ON CONFLICT (a, b) DO UPDATE SET v = goods.v + 100;",
            f"UPDATE goods SET b = 'z' {where} AND NOT EXISTS (SELECT 1 FROM goods WHERE a = {a} AND b = 'z');"))

    def run(self):
        try:
            while not self.done.is_set():
                lines = "".join(f"BEGIN; {self.statement()} {self.statement()} {'ROLLBACK' if self.dice.random() < 0.1 else 'COMMIT'};\n"
                                for _ in range(100))
                self.t.postgres.sql(self.database, lines)
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def stop(self):
        self.done.set()
        self.thread.join()
        if self.failure:
            raise self.failure


def events(t, name, table="goods"):
    for message in topics.read(t.kafka, f"{name}.public.{table}"):
        yield json.loads(message.key())["payload"], json.loads(message.value())["payload"] if message.value() else None


def told(t, name):
    """The table as the topic tells it, and how many rows the snapshot sent."""
    rows, read = {}, 0
    for key, event in events(t, name):
        place = key["b"], key["a"]
        if event is None or event["op"] == "d":
            rows.pop(place, None)
            continue
        read += event["op"] == "r"
        rows[place] = event["after"]["v"], event["after"]["w"]
    return rows, read


def held(t, database):
    return {(b, int(a)): (int(v), w) for a, b, v, w in t.postgres.rows(database, "SELECT a, b, v, w FROM goods")}


def logged(worker, text):
    with open(worker.log, encoding="utf-8") as log:
        return log.read().count(text)


def reach(t, name, part):
    """Waits until the topic has about that part of the rows."""
    topic = f"{name}.public.goods"
    until(f"{part:.0%} of the rows", lambda: t.ends(t.kafka).of([topic])[topic] > part * ROWS, 60)


def complete(worker, times=1, timeout=120):
    until("the end of the snapshot", lambda: logged(worker, "The incremental snapshot is complete") >= times, timeout)


def finish(t, worker, name, database):
    """Nothing is missing or stale: a last change is awaited, then table and topic are compared."""
    t.postgres.sql(database, "INSERT INTO goods VALUES (0, 'last', 7, 'x');")
    until("the last change", lambda: ("last", 0) in told(t, name)[0], 60)
    rows, read = told(t, name)
    expected = held(t, database)
    wrong = [k for k in expected.keys() | rows.keys() if rows.get(k) != expected.get(k)]
    assert not wrong, f"{len(wrong)} rows differ, such as {wrong[0]}: {rows.get(wrong[0])}, in the table {expected.get(wrong[0])}"
    assert not worker.failed(), worker.log_tail()
    return read


def killed_under_load(t):
    """Killed in the middle three times it goes on at the chunk, and no row is missing or stale."""
    name, database, worker = begin(t, "incrkill")
    load = Load(t, database, 1)
    try:
        t.postgres.sql(database, EXECUTE.format(id="s1"))
        for part in (0.2, 0.45, 0.7):
            reach(t, name, part)
            worker.kill()
            worker.start()
            worker.wait_ready()
        complete(worker)
    finally:
        load.stop()
    read = finish(t, worker, name, database)
    assert logged(worker, "The incremental snapshot of public.goods goes on") == 3, worker.log_tail()
    # At each kill the chunk at hand comes again, and what was sent since the last stored offset (a tenth of a second).
    print(f"     {read} rows of {ROWS} read, 3 kills")
    assert read < 1.5 * ROWS, f"{read} rows were sent for {ROWS}"


def read_only(t):
    """With read.only nothing is written to the database, and writes meanwhile are not overtaken."""
    name, database, worker = begin(t, "incrro", **{"read.only": "true"})
    load = Load(t, database, 2)
    try:
        t.postgres.sql(database, EXECUTE.format(id="s1"))
        complete(worker)
    finally:
        load.stop()
    finish(t, worker, name, database)
    assert t.postgres.rows(database, "SELECT id FROM sig") == [("s1",)]
    t.postgres.sql(database, EXECUTE.format(id="s2"))  # and where nobody writes
    complete(worker, 2)
    finish_quiet = held(t, database)
    until("the second snapshot", lambda: told(t, name)[0] == finish_quiet, 30)


def connection_lost(t):
    """Its connection cut in the middle, it goes on with another one; the stream does not stop."""
    name, database, worker = begin(t, "incrcut")
    t.postgres.sql(database, EXECUTE.format(id="s1"))
    for part in (0.1, 0.3):
        reach(t, name, part)
        t.postgres.sql(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                                 " AND query LIKE '%goods%' AND pid <> pg_backend_pid() OR query LIKE 'INSERT INTO \"public\".\"sig\"%'"
                                 " AND datname = current_database();")
    complete(worker)
    finish(t, worker, name, database)
    assert logged(worker, "Streaming from slot") == 1, worker.log_tail()


def altered(t):
    """A column added and one dropped in the middle: each row comes as the table was when it was read, and none is lost."""
    name, database, worker = begin(t, "incralter")
    t.postgres.sql(database, EXECUTE.format(id="s1"))
    reach(t, name, 0.1)
    t.postgres.sql(database, "ALTER TABLE goods ADD COLUMN n int DEFAULT 5; UPDATE goods SET v = 9 WHERE a % 100 = 0;")
    complete(worker)
    read = [event["after"] for _, event in events(t, name) if event and event["op"] == "r"]
    assert "n" not in read[0] and read[-1]["n"] == 5, (read[0], read[-1])
    finish(t, worker, name, database)


def not_allowed(t):
    """Without the right to write marks tables are passed over, and the stream goes on."""
    name, database, worker = begin(t, "incrright")
    t.postgres.sql(database, "ALTER TABLE sig ADD CHECK (type NOT LIKE 'snapshot-window%');")
    t.postgres.sql(database, EXECUTE.format(id="s1"))
    until("the word in the log", lambda: logged(worker, "The incremental snapshot passes over table public.goods"), 30)
    t.postgres.sql(database, "UPDATE goods SET v = 1 WHERE a = 5;")
    until("the change", lambda: any(event and event["op"] == "u" for _, event in events(t, name)), 30)
    assert not worker.failed()


def to_java_and_back(t):
    """Stopped in the middle, the original goes on at the chunk; stopped there, we do."""
    name, database, worker = begin(t, "incrjava")
    topic = f"{name}.public.goods"
    t.postgres.sql(database, EXECUTE.format(id="s1"))
    reach(t, name, 0.2)
    assert worker.stop() == 0
    ours = t.ends(t.kafka).of([topic])[topic]
    os.environ["PENSTOCK"] = f"{kit.TOP}/bench/java-connect"
    try:
        worker.start()
        worker.wait_ready(90)
        until("the original's part", lambda: t.ends(t.kafka).of([topic])[topic] > max(0.5 * ROWS, ours + 1000), 90)
        assert worker.stop(60) == 143
    finally:
        os.environ["PENSTOCK"] = OWN
    assert t.ends(t.kafka).of([topic])[topic] < 0.98 * ROWS, "the original was done before it could be stopped"
    worker.start()
    complete(worker)
    read = finish(t, worker, name, database)
    print(f"     {read} rows of {ROWS} read, {ours} of them before the original came")
    assert logged(worker, "The incremental snapshot of public.goods goes on") == 1, worker.log_tail()
    assert ROWS <= read < 1.2 * ROWS, f"{read} rows were sent for {ROWS}"


OWN = program()

if __name__ == "__main__":
    live.main([killed_under_load, read_only, connection_lost, altered, not_allowed, to_java_and_back])
