#!/usr/bin/env python3
# check: asan tsan timeout=400
"""What can go wrong and must be said clearly, lose nothing, and go on once its cause is mended."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, offset_file, topics  # noqa: E402
from kit.configs import message, sink, source, struct  # noqa: E402
from kit.live import until  # noqa: E402

KEY = struct("Key", id="int32")
VALUE = struct("Value", id="int32", amount="int32?", name="string?")


def record(number, amount=1, name="ok"):
    return message(KEY, {"id": number}), message(VALUE, {"id": number, "amount": amount, "name": name})


def names(trace, *words):
    missing = [word for word in words if word.lower() not in trace.lower()]
    assert not missing, f"the trace does not name {missing}: {trace}"


def count(postgres, database, table):
    text = postgres.sql(database, f"SELECT count(*) FROM {table};", check=False)
    return int(text) if text else 0


def refused_row(t, stem, ddl, bad, words, mend):
    """20 good rows, one that the table refuses, 10 good ones; then the table is mended."""
    database, topic, connector = t.database(stem, ddl), t.name(stem), t.name(stem)
    topics.produce(t.kafka, topic, [record(i) for i in range(20)] + [bad] + [record(i) for i in range(21, 31)])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods"})])
    trace = worker.wait_task(connector, "FAILED")
    names(trace, topic, "partition 0", "offset 20", *words)
    assert topics.committed(t.kafka, f"connect-{connector}", [topic])[topic] <= 20, "committed past the row at fault"
    t.postgres.sql(database, mend)
    status, body = worker.rest("POST", f"/connectors/{connector}/tasks/0/restart")
    assert status == 204, f"restart answers {status} {body}"
    until("all 31 rows", lambda: count(t.postgres, database, "goods") == 31)
    assert worker.task(connector)[0] == "RUNNING"
    assert worker.stop() == 0


def sink_value_too_long(t):
    """varchar(5) and a longer text"""
    refused_row(t, "toolong", "CREATE TABLE goods (id int PRIMARY KEY, amount int, name varchar(5));", record(20, name="much too long"),
                ("name", "character varying(5)"), "ALTER TABLE goods ALTER name TYPE text;")


def sink_number_too_big(t):
    """smallint and a larger number"""
    refused_row(t, "toobig", "CREATE TABLE goods (id int PRIMARY KEY, amount smallint, name text);", record(20, amount=70000),
                ("amount", "smallint"), "ALTER TABLE goods ALTER amount TYPE int;")


def sink_null_refused(t):
    """NOT NULL and a null"""
    refused_row(t, "notnull", "CREATE TABLE goods (id int PRIMARY KEY, amount int NOT NULL, name text);", record(20, amount=None),
                ("amount",), "ALTER TABLE goods ALTER amount DROP NOT NULL;")


def sink_wrong_type(t):
    """a text that is no date"""
    refused_row(t, "nodate", "CREATE TABLE goods (id int PRIMARY KEY, amount int, name text CHECK (name <> 'forbidden'));",
                record(20, name="forbidden"), ("goods_name_check",), "ALTER TABLE goods DROP CONSTRAINT goods_name_check;")


def sink_column_missing(t):
    """a field without a column, auto.evolve off"""
    refused_row(t, "nocolumn", "CREATE TABLE goods (id int PRIMARY KEY, amount int, name text);",
                (message(KEY, {"id": 20}), message(struct("Value2", id="int32", amount="int32?", colour="string"), {"id": 20, "amount": 1, "colour": "red"})),
                ("colour", "goods"), "ALTER TABLE goods ADD colour text;")


def sink_malformed_message(t):
    """a message that is no JSON: the trace says where; passing it over is the user's choice"""
    database, topic, connector = t.database("malformed"), t.name("malformed"), t.name("malformed")
    bad = (record(5)[0], b'{"schema": {"type": ')
    topics.produce(t.kafka, topic, [record(i) for i in range(5)] + [bad] + [record(i) for i in range(6, 10)])
    config = sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "auto.create": "true"})
    worker = t.worker([config])
    names(worker.wait_task(connector, "FAILED"), topic, "partition 0", "offset 5")
    assert topics.committed(t.kafka, f"connect-{connector}", [topic])[topic] <= 5
    config["errors.tolerance"] = "all"
    status, body = worker.rest("PUT", f"/connectors/{connector}/config", {k: str(v) for k, v in config.items()})
    assert status == 200, f"{status} {body}"
    until("the 9 good rows", lambda: count(t.postgres, database, "goods") == 9)
    assert worker.stop() == 0


def sink_without_schema(t):
    """a topic without schemas: a table can not be written from that"""
    database, topic, connector = t.database("noschema"), t.name("noschema"), t.name("noschema")
    topics.produce(t.kafka, topic, [record(i) for i in range(3)] + [(message(KEY, {"id": 3}), message(None, {"id": 3, "name": "x"}))])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "auto.create": "true"})])
    names(worker.wait_task(connector, "FAILED"), topic, "partition 0", "offset 3", "schema")
    assert topics.committed(t.kafka, f"connect-{connector}", [topic])[topic] <= 3
    assert worker.stop() == 0


def sink_without_key(t):
    """pk.mode=record_key and a message without a key"""
    database, topic, connector = t.database("nokey"), t.name("nokey"), t.name("nokey")
    topics.produce(t.kafka, topic, [record(0), record(1), (None, record(2)[1])])
    worker = t.worker([sink(connector, t.postgres, database, topic, **{"table.name.format": "goods", "auto.create": "true"})])
    names(worker.wait_task(connector, "FAILED"), topic, "partition 0", "offset 2", "key")
    assert worker.stop() == 0


def sink_database_down(t):
    """the sink's database goes away and comes back within its retries"""
    postgres = t.own_postgres(4)
    database, topic, connector = t.database("sinkdown", postgres=postgres), t.name("sinkdown"), t.name("sinkdown")
    topics.produce(t.kafka, topic, [record(i) for i in range(10)])
    worker = t.worker([sink(connector, postgres, database, topic, **{"table.name.format": "goods", "auto.create": "true", "max.retries": 100})])
    until("10 rows", lambda: count(postgres, database, "goods") == 10)
    postgres.kill()
    topics.produce(t.kafka, topic, [record(i) for i in range(10, 20)])
    time.sleep(1)
    assert worker.task(connector)[0] == "RUNNING", worker.task(connector)
    postgres.start()
    until("20 rows", lambda: count(postgres, database, "goods") == 20)
    assert worker.stop() == 0
    postgres.kill()


GOODS = "CREATE TABLE goods (id int PRIMARY KEY, name text); INSERT INTO goods SELECT i, 'n' || i FROM generate_series(1, 100) i;"


def ids(t, topic, bootstrap=None):
    return [json.loads(m.key())["payload"]["id"] for m in topics.read(bootstrap or t.kafka, topic)]


def end_of(ends, topic, goal):
    return lambda: ends.of([topic])[topic] >= goal


def source_database_down(t):
    """PostgreSQL is away at the start, comes, is killed in mid-stream, comes back"""
    postgres = t.own_postgres(5)
    name, ends = t.name("away"), topics.Ends(t.kafka)
    database = t.database("away", GOODS, postgres)
    postgres.stop()
    worker = t.worker([source(name, postgres, database)], start=False)
    worker.start()
    time.sleep(2)
    if not worker.running():  # refused: then it must be clear, and the next start finds the database
        assert worker.process.returncode != 0
        names(worker.log_tail(), f"{postgres.port}")
        postgres.start()
        worker.start()
    else:
        postgres.start()
    until("the snapshot", end_of(ends, f"{name}.public.goods", 100), 60)
    assert worker.stop() == 0
    worker.start()  # so that there is a stored position, which ages
    worker.wait_ready()
    worker.wait_task(name)
    for i in range(3):
        postgres.sql(database, f"INSERT INTO goods SELECT i, 'x' FROM generate_series({101 + i * 50}, {150 + i * 50}) i;")
        postgres.kill()
        time.sleep(0.7)
        postgres.start()
        until(f"{150 + i * 50} rows", end_of(ends, f"{name}.public.goods", 150 + i * 50), 60)
        worker.wait_task(name)
    assert worker.stop() == 0
    assert ids(t, f"{name}.public.goods") == list(range(1, 251)), "going on in the same process repeats nothing"
    postgres.kill()


def source_slot_dropped(t):
    """a slot dropped under a stored position is a gap: it fails and says so, it does not skip"""
    name, ends = t.name("dropped"), topics.Ends(t.kafka)
    database = t.database("dropped", GOODS)
    worker = t.worker([source(name, t.postgres, database)])
    until("the snapshot", end_of(ends, f"{name}.public.goods", 100))
    t.postgres.sql(database, "INSERT INTO goods VALUES (101, 'x');")
    until("the row", end_of(ends, f"{name}.public.goods", 101))
    assert worker.stop() == 0
    until("the slot dropped", lambda: t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');", check=False) == "")
    until("no slot", lambda: t.postgres.sql(database, f"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{name}';") == "0")
    t.postgres.sql(database, "INSERT INTO goods VALUES (102, 'lost');")
    worker.start()
    worker.wait_ready()
    names(worker.wait_task(name, "FAILED"), "slot", name)
    assert ends.of([f"{name}.public.goods"])[f"{name}.public.goods"] == 101
    assert worker.stop() == 0


def source_row_cannot_be_sent(t):
    """a row larger than the broker takes: named, nothing before it lost, and after mending it goes on with that row"""
    name, ends = t.name("large"), topics.Ends(t.kafka)
    database = t.database("large", GOODS)
    topic = f"{name}.public.goods"
    config = source(name, t.postgres, database)
    worker = t.worker([config])
    until("the snapshot", end_of(ends, topic, 100))
    t.postgres.sql(database, "INSERT INTO goods VALUES (101, 'x'); INSERT INTO goods VALUES (102, repeat('large', 500000)); INSERT INTO goods VALUES (103, 'x');")
    trace = worker.wait_task(name, "FAILED")
    names(trace, topic)
    until("the row before it", end_of(ends, topic, 101))
    topics.configure(t.kafka, topic, {"max.message.bytes": "8000000"})
    config.update({"producer.override.max.request.size": "8000000"})
    status, body = worker.rest("PUT", f"/connectors/{name}/config", {k: str(v) for k, v in config.items()})
    assert status == 200, f"{status} {body}"
    until("the large row", lambda: 102 in ids(t, topic))
    until("the row behind it", lambda: ids(t, topic)[-1] == 103)
    worker.wait_task(name)
    assert worker.stop() == 0
    # What was under way behind the large row comes again behind it.
    assert ids(t, topic)[:101] == list(range(1, 102)) and ids(t, topic)[-2:] == [102, 103]


def broker_down_at_start(t):
    """the worker waits for its broker, and everything comes through then"""
    kafka = t.own_kafka(8, start=False)
    name = t.name("nobroker")
    database = t.database("nobroker", GOODS)
    worker = t.worker([source(name, t.postgres, database), sink(f"{name}_sink", t.postgres, database, f"{name}.public.goods", **UNWRAP)],
                      bootstrap=kafka.address, start=False)
    worker.start()
    time.sleep(3)
    assert worker.running(), worker.log_tail()
    kafka.start()
    until("all rows", lambda: count(t.postgres, database, "copied") == 100, 90)
    for connector in (name, f"{name}_sink"):
        worker.wait_task(connector)
    assert worker.stop() == 0
    kafka.kill()


UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
          "auto.create": "true", "delete.enabled": "true", "table.name.format": "copied"}


def clean_stops_under_load(t):
    """SIGTERM in the middle of a backlog: exit 0 in time, offsets stored; in the end every row came once"""
    name, rows = t.name("sigterm"), 60000
    database = t.database("sigterm", GOODS)
    topic, ends = f"{name}.public.goods", topics.Ends(t.kafka)
    worker = t.worker([source(name, t.postgres, database), sink(f"{name}_sink", t.postgres, database, topic, **UNWRAP)])
    until("the snapshot", end_of(ends, topic, 100))
    for i in range(12):
        t.postgres.sql(database, f"INSERT INTO goods SELECT i, 'row ' || i FROM generate_series({101 + i * 5000}, {5100 + i * 5000}) i;")
        if i % 3 == 2:
            began = time.monotonic()
            assert worker.stop() == 0, worker.log_tail()
            assert time.monotonic() - began < 30, "it hangs"
            assert offset_file.read(worker.offset_file), "no offsets were stored"
            worker.start()
            worker.wait_ready()
            time.sleep(0.05 * i)
    until("all rows", end_of(ends, topic, rows + 100), 60)
    until("all rows in the sink", lambda: count(t.postgres, database, "copied") == rows + 100, 60)
    assert worker.stop() == 0
    assert ids(t, topic) == list(range(1, rows + 101)), "rows are missing, doubled or out of order"


def java_offset_file(t):
    """the offset file of a Java worker is taken over: a file source goes on behind the lines that Java sent"""
    connector = t.name("file")
    worker = t.worker([{"name": "java-file", "connector.class": "FileStreamSource", "tasks.max": 1, "file": "java-input.txt", "topic": connector}], start=False)
    here = os.path.dirname(os.path.abspath(__file__))
    with open(f"{here}/fixtures/java-offsets", "rb") as fixture, open(worker.offset_file, "wb") as file:
        file.write(fixture.read())
    with open(f"{worker.folder}/java-input.txt", "w", encoding="utf-8") as file:
        file.write("sent by Java 1\nsent by Java 2\nsent by us\n")
    worker.start()
    ends = topics.Ends(t.kafka)
    until("the third line", end_of(ends, connector, 1))
    time.sleep(1)
    lines = [json.loads(m.value())["payload"] for m in topics.read(t.kafka, connector)]
    assert lines == ["sent by us"], lines
    assert worker.stop() == 0
    stored = offset_file.read(worker.offset_file)
    assert stored["java-file", '{"filename": "java-input.txt"}'] == {"position": 41}, stored
    assert stored["another", '{"filename": "other.txt"}'] == {"position": 8}, "another connector's offset is lost"


def torn_offset_file(t):
    """a file that is none is refused by name, not overwritten"""
    worker = t.worker([], start=False)
    with open(worker.offset_file, "wb") as file:
        file.write(b"\x89PNG this is no offset file")
    worker.start()
    until("the end", lambda: not worker.running(), 10)
    assert worker.process.returncode != 0
    names(worker.log_tail(), worker.offset_file)
    with open(worker.offset_file, "rb") as file:
        assert file.read().startswith(b"\x89PNG")


if __name__ == "__main__":
    live.main([sink_value_too_long, sink_number_too_big, sink_null_refused, sink_wrong_type, sink_column_missing, sink_malformed_message,
               sink_without_schema, sink_without_key, sink_database_down, source_database_down, source_slot_dropped,
               source_row_cannot_be_sent, broker_down_at_start, clean_stops_under_load, java_offset_file, torn_offset_file])
