#!/usr/bin/env python3
# check: timeout=400
"""A running installation of Kafka Connect with Debezium is taken over: Java streams, is stopped, and Penstock goes on
with the same two files, worker.properties and connector, and the offset file that Java left. And back again."""
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Session  # noqa: E402
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


class Writer(threading.Thread):
    """Transactions of some statements, of several rows each, until told to stop."""

    def __init__(self, t, database):
        super().__init__(daemon=True)
        self.session, self.end, self.last = Session(t.postgres, database), threading.Event(), 100

    def run(self):
        while not self.end.wait(0.01):
            lines = [f"INSERT INTO goods SELECT i, 'n' || i, 1.5, now(), NULL FROM generate_series({self.last + k}, {self.last + k + 2}) i;" for k in (1, 4)]
            self.session.run(f"BEGIN; {lines[0]} SELECT pg_sleep(0.005); {lines[1]} COMMIT;")
            self.last += 6

    def close(self):
        self.end.set()
        self.join()
        self.session.close()


def under_load(t):
    """Taken over and given back while transactions run, stopped and killed in the middle of them: no gap, and what comes again is what
    came since the last offsets that a killed worker had stored"""
    name = t.name("load")
    database = t.database(name, DDL)
    worker = t.worker([source(name, t.postgres, database, **{"provide.transaction.metadata": "true", "poll.interval.ms": 50})], start=False)
    topic, ends, writer = f"{name}.public.goods", topics.Ends(t.kafka), Writer(t, database)
    kills = 0
    for number, (java, kill) in enumerate([(True, False), (False, True), (True, True), (False, False), (True, False), (False, True), (False, False)]):
        os.environ["PENSTOCK"] = f"{kit.TOP}/bench/java-connect" if java else OWN
        before = ends.of([topic])[topic]
        worker.start()
        worker.wait_ready(90)
        worker.wait_task(name, timeout=90)
        if number == 0:
            until("the snapshot", lambda: ends.of([topic])[topic] >= 100, 90)
            writer.start()
        until("changes", lambda: ends.of([topic])[topic] >= before + 200, 90)
        if number == 6:
            writer.close()
            until("the last change", lambda: events_of(t, topic)[-1] == writer.last, 60)
        if kill:
            worker.kill()
            kills += 1
        else:
            assert worker.stop(60) == (143 if java else 0)
    got, most, last, back = events_of(t, topic), 0, 0, 0
    for number in got:
        assert number <= most + 1, f"after row {most} comes row {number}"
        back += number != most + 1 and number != last + 1
        most, last = max(most, number), number
    assert most == writer.last and back <= kills, f"{back} times rows came again, after {kills} kills"
    print(f"     {most} rows, {len(got) - most} of them again", flush=True)


def events_of(t, topic):
    return [json.loads(message.key())["payload"]["id"] for message in topics.read(t.kafka, topic)]


OWN = program()

if __name__ == "__main__":
    live.main([java_then_penstock, penstock_then_java_then_penstock, under_load])
