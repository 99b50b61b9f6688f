#!/usr/bin/env python3
# check: timeout=240
"""Settings of the runtime as they show in a real Kafka: topics made by rules, overridden clients, tolerated faults, converters."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from confluent_kafka.admin import AdminClient, ConfigResource  # noqa: E402
from kit import live, topics  # noqa: E402
from kit.live import until  # noqa: E402

TEXT = "org.apache.kafka.connect.storage.StringConverter"
ADDED = {"key.converter": TEXT, "value.converter": TEXT}


def file_source(t, name, text, topic, **more):
    path = f"{t.folder}/{name}.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return {"name": name, "connector.class": "FileStreamSource", "file": path, "topic": topic, **ADDED, **more}


def file_sink(t, name, topic, **more):
    return {"name": name, "connector.class": "FileStreamSink", "file": f"{t.folder}/{name}.out", "topics": topic, **more}


def lines(t, name):
    try:
        with open(f"{t.folder}/{name}.out", encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def topic_of(t, name):
    """Partitions and settings of a topic, once it is there."""
    client = AdminClient({"bootstrap.servers": t.kafka, "log_level": 0})
    until(f"topic {name}", lambda: name in client.list_topics(timeout=10).topics)
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)
    settings = client.describe_configs([resource])[resource].result(10)
    return len(client.list_topics(name, timeout=10).topics[name].partitions), {key: entry.value for key, entry in settings.items()}


def topics_by_rules(t):
    """the first group that takes a topic makes it, with its own settings; the others follow the default"""
    ruled, plain = t.name("ruled"), t.name("plain")
    rules = {"topic.creation.default.partitions": 2, "topic.creation.default.replication.factor": 1, "topic.creation.groups": "compacted",
             "topic.creation.compacted.include": f"{ruled}, other.*", "topic.creation.compacted.partitions": 3,
             "topic.creation.compacted.cleanup.policy": "compact"}
    worker = t.worker([file_source(t, ruled, "a\n", ruled, **rules), file_source(t, plain, "a\n", plain, **rules)])
    partitions, settings = topic_of(t, ruled)
    assert (partitions, settings["cleanup.policy"]) == (3, "compact"), (partitions, settings["cleanup.policy"])
    partitions, settings = topic_of(t, plain)
    assert (partitions, settings["cleanup.policy"]) == (2, "delete"), (partitions, settings["cleanup.policy"])
    assert worker.stop() == 0


def wrong_rules(t):
    """rules that are wrong fail the task, as in the original, and the trace says all that is"""
    name = t.name("wrongrules")
    worker = t.worker([])
    status, body = worker.rest("POST", "/connectors", {"name": name, "config": file_source(
        t, name, "a\n", name, **{"topic.creation.default.partitions": "0", "topic.creation.groups": "g"})})
    assert status == 201, body
    trace = worker.wait_task(name, "FAILED")
    for word in ("partitions", "topic.creation.default.replication.factor", "topic.creation.g.include"):
        assert word in trace, trace
    assert worker.stop() == 0


def overrides(t):
    """producer.override.* reaches the client, and a policy of None refuses it by name"""
    name = t.name("overrides")
    source = file_source(t, name, "x\n" * 10 + "y" * 3000 + "\n", name, **{"producer.override.max.request.size": "1000",
                                                                           "producer.override.batch.size": "500"})
    worker = t.worker([source])
    trace = worker.wait_task(name, "FAILED")
    assert "max.request.size" in trace and name in trace, trace
    assert worker.stop() == 0
    worker = t.worker([], {"connector.client.config.override.policy": "None"})
    status, body = worker.rest("POST", "/connectors", {"name": name, "config": source})
    assert status == 400 and "The 'None' policy does not allow 'batch.size' to be overridden" in body["message"], body
    assert worker.stop() == 0


def tolerated(t):
    """a malformed message: reported in the log with its place, in the dead letter queue as it came, with what went wrong in headers"""
    name, topic, dead = t.name("tolerated"), t.name("tolerated"), t.name("tolerated_dead")
    topics.produce(t.kafka, topic, [(None, b'{"a":1}'), (b"the key", b"no JSON"), (None, b'{"a":2}')])
    worker = t.worker([file_sink(t, name, topic, **{
        "key.converter": TEXT, "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
        "errors.tolerance": "all", "errors.log.enable": "true", "errors.log.include.messages": "true",
        "errors.deadletterqueue.topic.name": dead, "errors.deadletterqueue.topic.replication.factor": 1,
        "errors.deadletterqueue.context.headers.enable": "true"})])
    until("the good ones", lambda: lines(t, name) == ["{a=1}", "{a=2}"])
    letter = until("the dead letter", lambda: list(topics.read(t.kafka, dead)))[0]
    assert (letter.key(), letter.value()) == (b"the key", b"no JSON")
    headers = dict(letter.headers())
    assert headers["__connect.errors.topic"] == topic.encode() and headers["__connect.errors.offset"] == b"1", headers
    assert headers["__connect.errors.stage"] == b"VALUE_CONVERTER" and b"DataException" in headers["__connect.errors.exception.stacktrace"], headers
    until("the offset", lambda: topics.committed(t.kafka, f"connect-{name}", [topic])[topic] == 3)
    assert f"{{topic='{topic}', partition=0, offset=1" in worker.log_tail(), worker.log_tail()
    assert worker.stop() == 0


def pause_and_resume(t):
    """a paused pair moves nothing and goes on where it was; a stopped one has no tasks"""
    name, out = t.name("paused"), t.name("paused_out")
    source = file_source(t, name, "one\n", name)
    worker = t.worker([source, file_sink(t, out, name, **ADDED)])
    until("the first line", lambda: lines(t, out) == ["one"])
    for connector in (name, out):
        assert worker.rest("PUT", f"/connectors/{connector}/pause")[0] == 202
        worker.wait_task(connector, "PAUSED")
    with open(source["file"], "a", encoding="utf-8") as file:
        file.write("two\n")
    assert worker.rest("PUT", f"/connectors/{name}/resume")[0] == 202
    until("the second line in Kafka", lambda: len(list(topics.read(t.kafka, name))) == 2)
    assert lines(t, out) == ["one"]
    assert worker.rest("PUT", f"/connectors/{out}/stop")[0] == 204
    until("no tasks", lambda: worker.rest("GET", f"/connectors/{out}/status")[1]["tasks"] == [])
    assert worker.rest("PUT", f"/connectors/{out}/resume")[0] == 202
    until("the second line", lambda: lines(t, out) == ["one", "two"])
    assert worker.stop() == 0


if __name__ == "__main__":
    live.main([topics_by_rules, wrong_rules, overrides, tolerated, pause_and_resume])
