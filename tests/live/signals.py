#!/usr/bin/env python3
# check: asan timeout=600
"""Signals by every channel but the table, notifications, and blocking snapshots under load: nothing is lost."""
import json
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402

PLAIN = {"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
DDL = """
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a');
"""


def setup(t, stem, ddl=DDL, start=True, **more):
    name = t.name(stem)
    database = t.database(stem, ddl)
    settings = {"signal.poll.interval.ms": 100, "snapshot.mode": "no_data", **more}
    worker = t.worker([source(name, t.postgres, database, **settings)], PLAIN, start=start)
    if start:
        worker.wait_task(name)
        until("it streams", lambda: "Streaming from slot" in worker.log_text())
    return name, database, worker


def end(t, worker, database, name):
    assert worker.stop(30) in (0, 143)
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');")


def rest(worker, name, body):
    return worker.rest("POST", f"/connectors/{name}/signals", body)


def log_signal(signal_id, text):
    return {"id": signal_id, "type": "log", "data": {"message": text}}


def execute(signal_id, tables, kind="BLOCKING", conditions=None):
    data = {"type": kind, "data-collections": tables}
    if conditions:
        data["additional-conditions"] = [{"data-collection": c, "filter": f} for c, f in conditions.items()]
    return {"id": signal_id, "type": "execute-snapshot", "data": data}


def logged(worker, text):
    until(f"the log says {text}", lambda: text in worker.log_text())


def events(t, topic):
    return [json.loads(m.value()) for m in topics.read(t.kafka, topic) if m.value()]


# ---- channels ----

def over_rest(t):
    """Every answer of POST /connectors/NAME/signals."""
    name, database, worker = setup(t, "sigrest")
    assert rest(worker, name, log_signal("r1", "by rest at {} and {}")) == (202, {"id": "r1"})
    logged(worker, "Signal r1: by rest at {\"")
    assert re.search(r'by rest at \{[^{}]*"lsn":\d+[^{}]*\} and \{\}', worker.log_text())
    status, answer = rest(worker, name, {"type": "log", "data": {"message": "made up"}})
    assert status == 202 and len(answer["id"]) == 36, answer
    logged(worker, f"Signal {answer['id']}: made up")
    for body, words in ([], "an object"), ({"id": "x"}, "needs a type"), ({"id": "x", "type": "log", "data": 5}, "data"), \
            ({"id": "x", "type": "smoke"}, "knows no signal of type \"smoke\""):
        status, answer = rest(worker, name, body)
        assert status == 400 and words in answer["message"], answer
    assert rest(worker, "nobody", log_signal("x", "y"))[0] == 404
    worker.rest("PUT", f"/connectors/{name}/pause")
    worker.wait_task(name, "PAUSED")
    status, answer = rest(worker, name, log_signal("x", "y"))
    assert status == 409 and "PAUSED" in answer["message"], answer
    worker.rest("PUT", f"/connectors/{name}/resume")
    worker.wait_task(name)
    worker.rest("PUT", "/connectors/tick/config", {"connector.class": "penstock.TickSourceConnector", "topic": name + ".tick"})
    status, answer = rest(worker, "tick", log_signal("x", "y"))
    assert status == 400 and "takes no signals" in answer["message"], answer
    end(t, worker, database, name)


def by_file(t):
    """Lines are taken out once they are read; half a line waits."""
    path = f"{t.folder}/signals.txt"
    name, database, worker = setup(t, "sigfile", **{"signal.enabled.channels": "file, smoke", "signal.file": path})
    logged(worker, "signal.enabled.channels names \"smoke\"")
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(log_signal("f1", "by file")) + "\nnonsense\n" + json.dumps(log_signal("f2", "too")) + "\n{\"id\":")
    logged(worker, "Signal f2: too")
    logged(worker, "Signal f1: by file")
    until("the lines are gone", lambda: os.path.getsize(path) == 6)
    with open(path, "a", encoding="utf-8") as file:
        file.write("\"f3\",\"type\":\"log\",\"data\":{\"message\":\"late\"}}\n")
    logged(worker, "Signal f3: late")
    until("the file is empty", lambda: os.path.getsize(path) == 0)
    assert worker.log_text().count("Signal f1: by file") == 1
    end(t, worker, database, name)


def kafka_settings(t, topic):
    return {"signal.enabled.channels": "kafka", "signal.kafka.topic": topic, "signal.kafka.bootstrap.servers": t.kafka,
            "signal.kafka.groupId": topic}


def send(t, topic, key, *signals):
    topics.produce(t.kafka, topic, [(key.encode(), s if isinstance(s, bytes) else json.dumps(s).encode()) for s in signals])


def by_topic(t):
    """Messages for others and broken ones are passed over; a restart goes on behind what is done."""
    topic = t.name("sigtopic") + "-signal"
    topics.create(t.kafka, [topic])
    name, database, worker = setup(t, "sigtopic", **kafka_settings(t, topic))
    send(t, topic, name, log_signal("k1", "by topic"), b"{broken")
    send(t, topic, "else", log_signal("k2", "not ours"))
    send(t, topic, name, log_signal("k3", "third"))
    logged(worker, "Signal k3: third")
    assert "Signal k1: by topic" in worker.log_text() and "not ours" not in worker.log_text()
    until("the group's offset is committed", lambda: topics.committed(t.kafka, topic, [topic])[topic] == 4)
    assert worker.stop(30) in (0, 143)
    send(t, topic, name, log_signal("k4", "while it was away"))
    worker.start()
    logged(worker, "Signal k4: while it was away")
    assert worker.log_text().count("Signal k3: third") == 1
    worker.kill()
    worker.start()
    worker.wait_ready()
    worker.wait_task(name)
    send(t, topic, name, log_signal("k5", "after a crash"))
    logged(worker, "Signal k5: after a crash")
    assert worker.log_text().count("Signal k3: third") == 1
    end(t, worker, database, name)


def topic_away(t):
    """Brokers of the topic that don't answer hold up neither rows nor the end."""
    topic = t.name("sigaway") + "-signal"
    name, database, worker = setup(t, "sigaway", **{**kafka_settings(t, topic), "signal.kafka.bootstrap.servers": "127.0.0.1:1"})
    for i in range(3):
        t.postgres.sql(database, f"INSERT INTO t VALUES ({i + 10}, 'x');")
        until("the row arrives", lambda i=i: len(events(t, f"{name}.public.t")) == i + 1, 10)
    since = time.monotonic()
    end(t, worker, database, name)
    assert time.monotonic() - since < 8


# ---- notifications ----

def told(t, topic):
    return [(e["aggregate_type"], e["type"], e["additional_data"]) for e in events(t, topic)]


def aborted(t):
    """A snapshot that can't be read says so, and the task fails with the error."""
    name, database, worker = setup(t, "signote", **{
        "snapshot.mode": "initial", "notification.enabled.channels": "sink,log", "notification.sink.topic.name": t.name("signote") + ".notes",
        "snapshot.select.statement.overrides": "public.t", "snapshot.select.statement.overrides.public.t": "SELECT 1/0 AS id, 'x' AS v",
        "errors.max.retries": 0}, start=False)
    worker.start()
    worker.wait_ready()
    until("the task fails", lambda: worker.task(name)[0] == "FAILED")
    kinds = [kind for _, kind, _ in told(t, name + ".notes")]
    assert kinds == ["STARTED", "DATA_COLLECTIONS_RESOLVED", "IN_PROGRESS", "TABLE_SCAN_COMPLETED", "ABORTED"], kinds
    assert told(t, name + ".notes")[3][2]["status"] == "SQL_EXCEPTION"
    logged(worker, "Initial Snapshot ABORTED")
    worker.stop(30)
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');")


# ---- blocking snapshots ----

LOAD = """
CREATE TABLE big (id int PRIMARY KEY, v int NOT NULL, filler text);
INSERT INTO big SELECT i, 0, repeat('x', 200) FROM generate_series(1, 60000) i;
CREATE TABLE other (id int PRIMARY KEY, v int NOT NULL);
INSERT INTO other SELECT i, 0 FROM generate_series(1, 100) i;
"""


class Writer:
    """Changes both tables until it is told to stop."""

    def __init__(self, postgres, database):
        self.postgres, self.database, self.round, self.on = postgres, database, 0, True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.on:
            self.round += 1
            n = self.round
            self.postgres.sql(self.database, f"BEGIN; UPDATE big SET v = {n} WHERE id % 997 = {n % 997}; UPDATE other SET v = {n} WHERE id % 10 = {n % 10};"
                                             f"INSERT INTO other VALUES ({1000 + n}, {n}); DELETE FROM big WHERE id = {n * 7}; COMMIT;")
            time.sleep(0.02)

    def stop(self):
        self.on = False
        self.thread.join()


def model(t, topic, start):
    """The table as a consumer of the topic has it in the end."""
    rows = dict(start)
    for message in topics.read(t.kafka, topic):
        key = json.loads(message.key())["id"]
        if message.value() is None:
            continue
        after = json.loads(message.value())["after"]
        if after is None:
            rows.pop(key, None)
        else:
            rows[key] = after["v"]
    return rows


def table(t, database, name):
    text = t.postgres.sql(database, f"SELECT id || ' ' || v FROM {name};")
    return {int(a): int(b) for a, b in (line.split() for line in text.splitlines() if line.strip())}


def caught_up(t, worker, database, name):
    """All that was written has come: a last row of ours is there."""
    t.postgres.sql(database, "INSERT INTO other VALUES (999999, 1);")
    until("the stream has caught up", lambda: model(t, f"{name}.public.other", {}).get(999999) == 1, 60)


SLOWLY = "SELECT big.* FROM big, LATERAL (SELECT pg_sleep(CASE WHEN id % 2000 = 0 THEN 0.1 ELSE 0 END)) s"


def in_offset(worker, name, words):
    status, body = worker.rest("GET", f"/connectors/{name}/offsets")
    return status == 200 and body["offsets"] and words in json.dumps(body)


def blocking(t, stem, cut):
    name, database, worker = setup(t, stem, LOAD)
    conditions = {"public.big": SLOWLY} if cut else None
    start = {i: 0 for i in range(1, 101)}
    writer = Writer(t.postgres, database)
    try:
        until("it has written", lambda: writer.round > 10)
        assert rest(worker, name, execute("b1", ["public\\.b.*"], conditions=conditions))[0] == 202
        logged(worker, "the stream pauses for a blocking snapshot")
        for _ in range(cut):
            until("rows arrive", lambda: t.ends(t.kafka).of([f"{name}.public.big"])[f"{name}.public.big"] > 2000)
            until("the offset has it", lambda: in_offset(worker, name, "BLOCKING"))
            assert "Snapshot complete" not in worker.log_text()
            worker.kill()
            worker.start()
            worker.wait_ready()
        logged(worker, "Snapshot complete")
        seen = writer.round
        until("it goes on writing", lambda: writer.round > seen + 20)
    finally:
        writer.stop()
    caught_up(t, worker, database, name)
    assert model(t, f"{name}.public.big", {}) == table(t, database, "big")
    assert model(t, f"{name}.public.other", start) == table(t, database, "other")
    return name, database, worker


def blocking_under_load(t):
    """The stream goes on where it paused; rows and changes together give the tables."""
    name, database, worker = blocking(t, "sigload", 0)
    markers = [e["source"]["snapshot"] for e in events(t, f"{name}.public.big") if e["op"] == "r"]
    assert markers[0] == "first" and markers[-1] == "last" and set(markers[1:-1]) == {"true"}
    end(t, worker, database, name)


def blocking_killed(t):
    """kill -9 in the middle: the snapshot is taken again, once, and nothing of the stream is lost."""
    name, database, worker = blocking(t, "sigkill", 1)
    assert worker.log_text().count("the stream pauses for a blocking snapshot") == 2
    seen = worker.log_text().count("Snapshot complete")
    assert worker.stop(30) in (0, 143)
    worker.start()
    worker.wait_ready()
    worker.wait_task(name)
    time.sleep(1)
    assert worker.log_text().count("Snapshot complete") == seen
    end(t, worker, database, name)


def blocking_filter(t):
    """A condition is the whole query; a wrong one is told, and the stream goes on."""
    name, database, worker = setup(t, "sigfilter", LOAD, **{"notification.enabled.channels": "sink",
                                                            "notification.sink.topic.name": t.name("sigfilter") + ".notes"})
    assert rest(worker, name, execute("b1", ["public.other"], conditions={"public.other": "SELECT * FROM other WHERE id <= 3"}))[0] == 202
    logged(worker, "Snapshot complete")
    until("rows arrive", lambda: len(events(t, f"{name}.public.other")) == 3)
    assert rest(worker, name, execute("b2", ["public.other"], conditions={"public.other": "SELECT nonsense"}))[0] == 202
    logged(worker, "the blocking snapshot is given up, the stream goes on")
    assert rest(worker, name, execute("b3", ["public.other"], "blocking"))[0] == 202
    until("rows arrive", lambda: len(events(t, f"{name}.public.other")) == 103)
    t.postgres.sql(database, "UPDATE other SET v = 5 WHERE id = 1;")
    until("the change arrives", lambda: len(events(t, f"{name}.public.other")) == 104)
    kinds = [kind for _, kind, _ in told(t, name + ".notes")]
    parts = ["STARTED", "DATA_COLLECTIONS_RESOLVED", "IN_PROGRESS", "TABLE_SCAN_COMPLETED"]
    assert kinds == ["SKIPPED", *parts, "COMPLETED", *parts, "ABORTED", *parts, "COMPLETED"], kinds
    until("the offset forgets them", lambda: not in_offset(worker, name, "penstock_blocking"))
    end(t, worker, database, name)


if __name__ == "__main__":
    live.main([over_rest, by_file, by_topic, topic_away, aborted, blocking_under_load, blocking_killed, blocking_filter])
