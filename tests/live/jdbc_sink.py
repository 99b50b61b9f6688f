#!/usr/bin/env python3
# check: asan tsan timeout=400
"""What the JDBC sink must do beyond the recorded cases: types there and back, order, deletions, tables made and
changed on the way, stopping and going on whatever the database does."""
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.configs import message, sink, source, struct  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Session  # noqa: E402

KEY = struct("Key", id="int32")
VALUE = struct("Value", id="int32", name="string?")

# name, type, values as SQL
COLUMNS = [
    ("b", "boolean", ["true", "false", "NULL"]),
    ("i2", "smallint", ["-32768", "32767", "NULL"]),
    ("i4", "int", ["-2147483648", "2147483647", "NULL"]),
    ("i8", "bigint", ["-9223372036854775808", "9223372036854775807", "NULL"]),
    ("f4", "real", ["1.5", "NULL", "-3.4e38"]),
    ("f8", "double precision", ["0.1", "-0.0", "1e300"]),
    ("n", "numeric(12,3)", ["123456789.125", "-0.001", "NULL"]),
    ("nn", "numeric", ["12345678901234567890123456789.5", "0", "-1.5"]),
    ("t", "text", ["'grüße \U0001d11e'", "''", "E'a\\tb\\n\\\\\"''{}'"]),
    ("v", "varchar(20)", ["'abc'", "'   '", "NULL"]),
    ("c", "char(5)", ["'ab'", "''", "NULL"]),
    ("by", "bytea", ["'\\x00ff'", "''", "NULL"]),
    ("d", "date", ["'2024-02-29'", "'0044-03-15 BC'", "'infinity'"]),
    ("ti", "time", ["'12:34:56.789012'", "'24:00:00'", "NULL"]),
    ("t3", "time(3)", ["'12:34:56.789'", "'00:00:00'", "NULL"]),
    ("tz", "timetz", ["'12:34:56.789+00'", "NULL", "NULL"]),
    ("ts", "timestamp", ["'2024-02-29 12:34:56.789012'", "'1900-01-01'", "'-infinity'"]),
    ("t0", "timestamp(3)", ["'2024-02-29 12:34:56.789'", "'1969-12-31 23:59:59.999'", "NULL"]),
    ("tt", "timestamptz", ["'2024-02-29 12:34:56.789012+02'", "'0001-01-01 00:00:00+00'", "'infinity'"]),
    ("u", "uuid", ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "NULL"]),
    ("j", "json", ["'{\"a\":  [1, null]}'", "'null'", "NULL"]),
    ("jb", "jsonb", ["'{\"a\": [1, null, \"ü\"]}'", "'\"x\"'", "NULL"]),
    ("e", "mood", ["'sad'", "'happy'", "NULL"]),
    ("ai", "int[]", ["'{1,NULL,3}'", "'{}'", "NULL"]),
    ("at", "text[]", ["ARRAY['a,b', 'q\"\\x', '', NULL, 'NULL']", "'{}'", "NULL"]),
    ("au", "uuid[]", ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", "'{}'", "NULL"]),
    ("an", "numeric(6,2)[]", ["'{1.25,-0.01}'", "'{}'", "NULL"]),
    ("ad", "date[]", ["'{2024-02-29}'", "'{}'", "NULL"]),
    ("ab", "boolean[]", ["'{t,f}'", "'{}'", "NULL"]),
    ("inet", "inet", ["'10.0.0.1/8'", "'::1'", "NULL"]),
    ("bi", "bit(10)", ["B'1000000011'", "B'0000000000'", "NULL"]),
]
MOOD = "CREATE TYPE mood AS ENUM ('sad', 'happy');"


def table(name):
    return f"CREATE TABLE {name} (id int PRIMARY KEY, {', '.join(f'{column} {kind}' for column, kind, _ in COLUMNS)});"


def row(number, start=0):
    return f"({number}, {', '.join(values[(number + start) % len(values)] for _, _, values in COLUMNS)})"


def rows_as_text(postgres, database, name):
    columns = ", ".join(f"format('%s', {column}), {column} IS NULL" for column, _, _ in COLUMNS)
    return postgres.rows(database, f"SET timezone = 'UTC'; SELECT id, {columns} FROM {name} ORDER BY id;")


def round_trip(t, stem, target_ddl, **more):
    """A table of all kinds of columns is snapshotted and streamed into another database."""
    database, target = t.database(stem, MOOD + table("kinds")), t.database(f"{stem}_to", target_ddl)
    name = t.name(stem)
    t.postgres.sql(database, f"INSERT INTO kinds VALUES {', '.join(row(i) for i in range(3))};")
    worker = t.worker([
        source(name, t.postgres, database, **{"time.precision.mode": "adaptive"}),
        sink(f"{name}_sink", t.postgres, target, f"{name}.public.kinds", **{
            "delete.enabled": "true", "transforms": "unwrap,route",
            "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
            "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
            "transforms.route.regex": ".*\\.([^.]*)", "transforms.route.replacement": "$1", **more})])

    def equal():
        state, trace = worker.task(f"{name}_sink")
        assert state != "FAILED", trace
        there = t.postgres.sql(target, "SELECT count(*) FROM kinds;", check=False)
        return there and rows_as_text(t.postgres, target, "kinds") == rows_as_text(t.postgres, database, "kinds")

    def compare(what):
        try:
            until(what, equal)
        except AssertionError:
            for here, there in zip(rows_as_text(t.postgres, database, "kinds"), rows_as_text(t.postgres, target, "kinds")):
                for column, a, b in zip(["id", *(name for name, _, _ in COLUMNS for _ in range(2))], here, there):
                    if a != b:
                        print(f"  {column}: {a!r} became {b!r}")
            raise
    compare("the snapshot is equal")
    t.postgres.sql(database, f"INSERT INTO kinds VALUES {', '.join(row(i, 1) for i in range(3, 6))}; DELETE FROM kinds WHERE id = 1;"
                             "UPDATE kinds SET i4 = 7, t = 'changed' WHERE id = 2; UPDATE kinds SET id = 20 WHERE id = 0;")
    compare("the changes are equal")
    assert worker.stop() == 0


def types_into_a_table(t):
    """every kind of column into a table laid out alike"""
    round_trip(t, "kinds", MOOD + table("kinds"))


def types_into_a_new_table(t):
    """every kind of column into a table that the sink makes"""
    round_trip(t, "newkinds", "", **{"auto.create": "true"})


def same_keys_again_and_again(t):
    """insertions, changes and deletions of few keys end as the last of each"""
    database, topic, connector = t.database("again", "CREATE TABLE goods (id int PRIMARY KEY, name text);"), t.name("again"), t.name("again")
    generator, messages, last = random.Random(7), [], {}
    for i in range(5000):
        number = generator.randrange(60)
        if generator.random() < 0.3:
            last.pop(number, None)
            messages.append((message(KEY, {"id": number}), None))
        else:
            last[number] = f"n{i}"
            messages.append((message(KEY, {"id": number}), message(VALUE, {"id": number, "name": f"n{i}"})))
    topics.produce(t.kafka, topic, messages)
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "delete.enabled": "true"})])
    until("all committed", lambda: topics.committed(t.kafka, f"connect-{connector}", [topic])[topic] == 5000)
    assert dict(t.postgres.rows(database, "SELECT id, name FROM goods;")) == {str(k): v for k, v in last.items()}
    assert worker.stop() == 0


def deletion_frees_a_unique_value(t):
    """a value that is unique moves from a deleted row to a new one within a batch"""
    database, topic, connector = t.database("unique", "CREATE TABLE goods (id int PRIMARY KEY, name text UNIQUE);"), t.name("unique"), t.name("unique")
    messages = []
    for i in range(200):
        messages.append((message(KEY, {"id": i}), message(VALUE, {"id": i, "name": "the one"})))
        messages.append((message(KEY, {"id": i}), None))
    topics.produce(t.kafka, topic, messages[:-1])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "delete.enabled": "true"})])
    until("the last row", lambda: t.postgres.rows(database, "SELECT id, name FROM goods;") == [("199", "the one")])
    assert worker.stop() == 0


def rows_that_refer_to_rows(t):
    """a table with a foreign key to itself takes rows in their order"""
    database = t.database("self", "CREATE TABLE goods (id int PRIMARY KEY, name text, parent int REFERENCES goods);")
    topic, connector = t.name("self"), t.name("self")
    value = struct("Value", id="int32", name="string?", parent="int32?")
    messages = [(message(KEY, {"id": i}), message(value, {"id": i, "name": "x", "parent": i - 1 if i else None})) for i in range(100)]
    messages += [(message(KEY, {"id": i}), message(value, {"id": i, "name": "y", "parent": None})) for i in range(100)]
    messages += [(message(KEY, {"id": i}), None) for i in range(50)]
    topics.produce(t.kafka, topic, messages)
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "delete.enabled": "true"})])
    until("50 rows", lambda: t.postgres.sql(database, "SELECT count(*), min(name) FROM goods;") == "50\ty")
    assert worker.stop() == 0


def table_changes_meanwhile(t):
    """a column's type changes, a column is added, under a running sink"""
    database, topic, connector = t.database("meanwhile", "CREATE TABLE goods (id int PRIMARY KEY, name varchar(5));"), t.name("meanwhile"), t.name("meanwhile")
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "auto.evolve": "true"})])

    def put(number, schema, **fields):
        topics.produce(t.kafka, topic, [(message(KEY, {"id": number}), message(schema, {"id": number, **fields}))])
        until(f"row {number}", lambda: t.postgres.sql(database, f"SELECT 1 FROM goods WHERE id = {number};"))
    put(1, VALUE, name="a")
    t.postgres.sql(database, "ALTER TABLE goods ALTER name TYPE jsonb USING to_jsonb(name);")
    put(2, VALUE, name='{"b": 1}')
    t.postgres.sql(database, "ALTER TABLE goods DROP name;")
    put(3, VALUE, name="c")
    put(4, struct("Value2", id="int32", name="string?", more="double?"), name="d", more=1.5)
    t.postgres.sql(database, "DROP TABLE goods; CREATE TABLE goods (name text, id bigint PRIMARY KEY);")
    put(5, VALUE, name="e")
    assert t.postgres.rows(database, "SELECT id, name FROM goods;") == [("5", "e")]
    assert worker.stop() == 0


def session_is_ended(t):
    """the server ends the sink's session again and again; nothing is lost"""
    database, topic, connector = t.database("ended", "CREATE TABLE goods (id int PRIMARY KEY, name text);"), t.name("ended"), t.name("ended")
    config = sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "max.retries": 100, "retry.backoff.ms": 50})
    worker = t.worker([config])
    for i in range(20):
        topics.produce(t.kafka, topic, [(message(KEY, {"id": n}), message(VALUE, {"id": n, "name": "x"})) for n in range(i * 500, i * 500 + 500)])
        t.postgres.sql("postgres", f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}';")
    until("10000 rows", lambda: t.postgres.sql(database, "SELECT count(*) FROM goods;") == "10000")
    assert worker.task(connector)[0] == "RUNNING"
    assert worker.stop() == 0


def fault_in_a_backlog(t):
    """a row at fault among many that wait: those before it are written, the trace names it, and after mending all are"""
    database = t.database("backlog", "CREATE TABLE goods (id int PRIMARY KEY, name varchar(5));")
    topic, connector = t.name("backlog"), t.name("backlog")
    topics.produce(t.kafka, topic, [(message(KEY, {"id": i}), message(VALUE, {"id": i, "name": "too long" if i == 13210 else "ok"})) for i in range(20000)])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods"})])
    trace = worker.wait_task(connector, "FAILED")
    for word in topic, "partition 0", "offset 13210", '"name"', "character varying(5)":
        assert word in trace, f"{word} is not in {trace}"
    assert topics.committed(t.kafka, f"connect-{connector}", [topic])[topic] <= 13210
    assert t.postgres.sql(database, "SELECT count(*) FROM goods WHERE id < 13210;") == "13210"
    t.postgres.sql(database, "ALTER TABLE goods ALTER name TYPE text;")
    worker.rest("POST", f"/connectors/{connector}/tasks/0/restart")
    until("all rows", lambda: t.postgres.sql(database, "SELECT count(*) FROM goods;") == "20000")
    assert worker.stop() == 0


def sessions_end_in_a_backlog(t):
    """the server ends the sink's session while a backlog is written; the last of each key is there in the end"""
    database, topic, connector = t.database("storm", "CREATE TABLE goods (id int PRIMARY KEY, name text);"), t.name("storm"), t.name("storm")
    topics.produce(t.kafka, topic, [(message(KEY, {"id": i % 7001}), message(VALUE, {"id": i % 7001, "name": str(i)})) for i in range(40000)])
    config = sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "max.retries": 100, "retry.backoff.ms": 20})
    worker = t.worker([config])
    end = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid();"
    group, end_at = f"connect-{connector}", time.monotonic() + 60
    while topics.committed(t.kafka, group, [topic])[topic] < 40000:
        t.postgres.sql("postgres", end)
        assert time.monotonic() < end_at, worker.task(connector)
        time.sleep(0.2)
    assert worker.task(connector)[0] == "RUNNING"
    assert t.postgres.sql(database, "SELECT count(*), min(name::int) FROM goods;") == f"7001\t{40000 - 7001}"
    assert worker.stop() == 0


def stops_while_a_lock_is_held(t):
    """another session holds a lock on the table: the task still stops at once, and writes when started again"""
    database, topic, connector = t.database("locked", "CREATE TABLE goods (id int PRIMARY KEY, name text);"), t.name("locked"), t.name("locked")
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods"})])
    other = Session(t.postgres, database)
    other.run("BEGIN; LOCK TABLE goods;")
    topics.produce(t.kafka, topic, [(message(KEY, {"id": 1}), message(VALUE, {"id": 1, "name": "x"}))])
    waiting = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock';"
    until("the sink waits", lambda: t.postgres.sql("postgres", waiting) == "1")
    since = time.monotonic()
    assert worker.stop() == 0
    took = time.monotonic() - since
    assert took < 30, f"stopping took {took:.1f} s"
    until("the statement is cancelled", lambda: t.postgres.sql("postgres", waiting) == "0", 5)
    other.run("COMMIT;")
    other.close()
    worker.start()
    until("the row", lambda: t.postgres.sql(database, "SELECT count(*) FROM goods;") == "1")
    assert worker.stop() == 0


def signal_all(processes, number):
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass  # a session that had just ended


def stops_while_the_server_hangs(t):
    """the server is stopped by a signal: no answer ever comes, the task stops all the same"""
    postgres = t.own_postgres(4)
    database, topic, connector = t.database("hangs", "CREATE TABLE goods (id int PRIMARY KEY, name text);", postgres=postgres), t.name("hangs"), t.name("hangs")
    worker = t.worker([sink(connector, postgres, database, topic, **{"table.name.format": "goods"})])
    topics.produce(t.kafka, topic, [(message(KEY, {"id": 1}), message(VALUE, {"id": 1, "name": "x"}))])
    until("a row", lambda: postgres.sql(database, "SELECT count(*) FROM goods;") == "1")
    with open(f"{postgres.folder}/data/postmaster.pid", encoding="ascii") as file:
        postmaster = int(file.readline())
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=True).stdout
    processes = [postmaster, *map(int, listed.split())]
    signal_all(processes, signal.SIGSTOP)
    try:
        topics.produce(t.kafka, topic, [(message(KEY, {"id": 2}), message(VALUE, {"id": 2, "name": "x"}))])
        time.sleep(1)
        since = time.monotonic()
        assert worker.stop() == 0
        took = time.monotonic() - since
        assert took < 30, f"stopping took {took:.1f} s"
    finally:
        signal_all(processes, signal.SIGCONT)
    worker.start()
    until("the task runs", lambda: worker.task(connector)[0] == "RUNNING")
    until("both rows", lambda: postgres.sql(database, "SELECT count(*) FROM goods;") == "2")
    assert worker.stop() == 0


def all_that_can_be_is_written(t):
    """errors.tolerance=all: rows at fault are passed over one by one, the others are written"""
    database = t.database("tolerant", "CREATE TABLE goods (id int PRIMARY KEY, name varchar(5));")
    topic, connector, dead = t.name("tolerant"), t.name("tolerant"), t.name("tolerant_dead")
    topics.produce(t.kafka, topic, [(message(KEY, {"id": i}), message(VALUE, {"id": i, "name": "too long" if i % 97 == 5 else "ok"})) for i in range(1000)])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{
        "table.name.format": "goods", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": dead,
        "errors.deadletterqueue.topic.replication.factor": 1, "errors.deadletterqueue.context.headers.enable": "true"})])
    bad = len([i for i in range(1000) if i % 97 == 5])
    until("the good rows", lambda: t.postgres.sql(database, "SELECT count(*) FROM goods;") == str(1000 - bad))
    until("the dead letters", lambda: len(list(topics.read(t.kafka, dead))) == bad)
    assert worker.stop() == 0


if __name__ == "__main__":
    live.main([types_into_a_table, types_into_a_new_table, same_keys_again_and_again, deletion_frees_a_unique_value,
               rows_that_refer_to_rows, table_changes_meanwhile, session_is_ended, fault_in_a_backlog,
               sessions_end_in_a_backlog, stops_while_a_lock_is_held,
               stops_while_the_server_hangs, all_that_can_be_is_written])
