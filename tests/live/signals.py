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


if __name__ == "__main__":
    live.main([over_rest, by_file, by_topic, topic_away])
