#!/usr/bin/env python3
# check: timeout=400
"""A running installation of Kafka Connect with Debezium is taken over: Java streams, is stopped, and Penstock goes on
with the same two files, worker.properties and connector, and the offset file that Java left. And back again."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.worker import program  # noqa: E402

DDL = ("CREATE TABLE goods (id int PRIMARY KEY, name text, price numeric(10,2), made timestamptz, tags text[]);"
       "INSERT INTO goods SELECT i, 'n' || i, i / 7.0, now(), ARRAY['a', 'b'] FROM generate_series(1, 100) i;")


def strip(body):
    """What may differ between the two: clocks and the version."""
    body = json.loads(body)
    for part in (body["payload"], body["payload"]["source"]):
        for name in ("ts_ms", "ts_us", "ts_ns", "version", "lsn", "txId", "sequence"):
            part.pop(name, None)
    for part in ("before", "after"):
        if body["payload"][part]:
            for name in ("id", "name", "price", "made"):
                body["payload"][part].pop(name)
    return body


def run(t, worker, java, database, name, first, last):
    """Lets one of the two stream rows first to last."""
    os.environ["PENSTOCK"] = f"{kit.TOP}/bench/java-connect" if java else OWN
    topic, ends = f"{name}.public.goods", topics.Ends(t.kafka)
    worker.start()
    worker.wait_ready(90)
    worker.wait_task(name, timeout=90)
    if first == 1:
        until("the snapshot", lambda: ends.of([topic])[topic] == 100, 90)
        first = 101
    for i in range(first, last + 1, 50):
        t.postgres.sql(database, f"INSERT INTO goods SELECT i, 'n' || i, i / 7.0, now(), ARRAY['x'] FROM generate_series({i}, {i + 49}) i;")
    until(f"row {last}", lambda: ends.of([topic])[topic] >= last, 60)
    time.sleep(1.5)
    status = worker.stop(60)
    assert status == (143 if java else 0), status


def takeover(t, order):
    name = t.name("take" + "".join("j" if java else "p" for java in order))
    database = t.database(name, DDL)
    worker = t.worker([source(name, t.postgres, database)], start=False)
    last = 0
    for java in order:
        run(t, worker, java, database, name, last + 1, last + 300)
        last += 300
    messages = list(topics.read(t.kafka, f"{name}.public.goods"))
    got = [json.loads(m.key())["payload"]["id"] for m in messages]
    assert got == list(range(1, last + 1)), f"not each row once and in order: {len(got)} messages"
    kinds = {json.dumps(strip(m.value()), sort_keys=True) for m in messages if json.loads(m.value())["payload"]["op"] == "c"}
    assert len(kinds) == 1, f"the two write different events: {kinds}"


def java_then_penstock(t):
    """Java takes the snapshot and streams, Penstock goes on"""
    takeover(t, [True, False])


def penstock_then_java_then_penstock(t):
    """and the way back is open"""
    takeover(t, [False, True, False])


OWN = program()

if __name__ == "__main__":
    live.main([java_then_penstock, penstock_then_java_then_penstock])
