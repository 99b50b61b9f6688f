#!/usr/bin/env python3
# check: asan tsan timeout=400
"""The standalone worker as its user meets it: files in every form, mistakes named before anything starts, signals, a database
that never answers, an offset file that is not to be trusted."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402
from kit.live import until  # noqa: E402
from kit.worker import program, write_properties  # noqa: E402

JSON = "org.apache.kafka.connect.json.JsonConverter"


def settings(t, **more):
    return {"bootstrap.servers": t.kafka, "listeners": f"http://127.0.0.1:{t.ports + 20}", "key.converter": JSON,
            "value.converter": JSON, "offset.storage.file.filename": f"{t.folder}/offsets-{t.number}",
            **{name.replace("_", "."): value for name, value in more.items()}}


def write(t, name, text):
    path = f"{t.folder}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def run(*arguments, timeout=30, called=None):
    """A command that ends by itself: exit status and everything it said."""
    done = subprocess.run([called or program(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=timeout)
    return done.returncode, done.stdout


def says(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} is not in:\n{text}"


class Mute:
    """A server that takes connections and never says a word."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        try:
            while True:
                self.taken.append(self.socket.accept()[0])
        except OSError:
            pass

    def close(self):
        self.socket.close()
        for one in self.taken:
            one.close()


def worker_mistakes(t):
    """All mistakes in a worker's settings are named at once, unknown ones with the nearest name, and nothing starts."""
    path = f"{t.folder}/wrong.properties"
    wrong = settings(t, offset_flush_interval_ms="soon", config_providers="file", listeners="https://:8083",
                     **{"key.converter": "JsonConvertr", "producer.acks": "some", "ofset.flush.timeout.ms": "1",
                        "header.converter": JSON, "header.converter.schemas.enable": "maybe"})
    del wrong["value.converter"]
    write_properties(path, wrong)
    status, text = run("standalone", path)
    assert status == 2, text
    says(text, "mistakes in the worker's settings", "offset.flush.interval.ms: Not a number of type LONG", "config.providers",
         "plain HTTP", "JsonConvertr", "producer.acks", "header.converter.schemas.enable", 'Missing required configuration "value.converter"')
    status, text = run("check", path)
    assert status == 1, text
    says(text, "ofset.flush.timeout.ms is not known", "Did you mean offset.flush.timeout.ms?")
    assert run("standalone")[0] == 1
    status, text = run("standalone", t.folder + "/none")
    assert status == 2, text
    says(text, "/none")


def connector_mistakes(t):
    """Connector files that are wrong end the start with status 3, before anything runs; all that is wrong in any is said."""
    worker = f"{t.folder}/worker.properties"
    write_properties(worker, settings(t))
    cases = [
        ("connector.class=FileStreamSource\nfile=x\ntopic=t\n", "is missing the mandatory 'name' configuration"),
        ("name=z\nconnector.class=FileStreamSorce\n", "name matches FileStreamSorce", "Did you mean"),
        ("name=z\nconnector.class=FileStreamSource\n", 'Missing required configuration "topic" which has no default value.'),
        ('{"name":"z","config":{"name":"y","connector.class":"FileStreamSink","topics":"t"}}', "doesn't match"),
        ('{"connector.class":"FileStreamSink","topics":"t"}', "is missing the mandatory 'name' configuration"),
        ('{"name":"z",', "line 1"),
    ]
    for text, *words in cases:
        path = write(t, "bad.connector", text)
        status, said = run("standalone", worker, path)
        assert status == 3, (text, said)
        says(said, path, *words)
    both = [write(t, "one.connector", "name=a\nconnector.class=FileStreamSource\ntopic=t\nbatch.size=x\n"),
            write(t, "two.connector", "name=b\nconnector.class=FileStreamSource\ntopic=t\ntopic.creation.default.partitions=x\n")]
    status, said = run("standalone", worker, *both)
    assert status == 3, said
    says(said, *both, "batch.size: Not a number of type INT", "configuration partitions: Not a number of type INT",
         '"topic.creation.default.replication.factor" which has no default value')
    assert "The REST API listens" not in said, said


def every_form(t):
    """The three forms of connector files, the worker started by the name of Java's script, in the order given."""
    worker = f"{t.folder}/forms.properties"
    script = f"{t.folder}/connect-standalone"
    os.symlink(program(), script)
    write_properties(worker, settings(t))
    topic, source = t.name("forms"), write(t, "in.txt", "one\ntwo\n")
    files = [
        write(t, "a.properties", f"name=a\nconnector.class=FileStreamSource\nfile={source}\ntopic={topic}\n"),
        write(t, "b.json", json.dumps({"name": "b", "connector.class": "FileStreamSink", "file": f"{t.folder}/out.txt", "topics": topic})),
        write(t, "c.json", json.dumps({"name": "c", "initial_state": "stopped", "config": {
            "connector.class": "FileStreamSink", "file": f"{t.folder}/not.txt", "topics": topic}})),
    ]
    log = open(f"{t.folder}/forms.log", "w+", encoding="utf-8")
    process = subprocess.Popen([script, worker, *files], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until("the rows", lambda: os.path.exists(f"{t.folder}/out.txt") and
              open(f"{t.folder}/out.txt", encoding="utf-8").read() == "one\ntwo\n")
        assert not os.path.exists(f"{t.folder}/not.txt")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert os.path.exists(settings(t)["offset.storage.file.filename"])


def second_signal(t):
    """The second signal ends the worker at once."""
    mute = Mute()
    worker = t.worker([], {"task.shutdown.graceful.timeout.ms": "600000", "bootstrap.servers": f"127.0.0.1:{mute.port}"}, start=False)
    worker.start()
    until("REST", lambda: answers(worker))
    worker.rest("POST", "/connectors", {"name": "s", "config": {"connector.class": "FileStreamSource", "topic": "t",
                                                                "file": write(t, "signal.txt", "x\n")}})
    worker.wait_task("s")
    worker.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    worker.process.send_signal(signal.SIGINT)
    assert worker.process.wait(10) in (0, 130)
    mute.close()


def answers(worker):
    try:
        return worker.rest("GET", "/health")[0] == 200
    except OSError:
        assert worker.running(), worker.log_tail()
        return False


def mute_database(t):
    """Databases that take connections and never answer hold up nobody else: REST answers, connectors come and go, the worker stops."""
    mute = Mute()
    worker = t.worker([], {"task.shutdown.graceful.timeout.ms": "10000"})
    pending = []
    for i in range(4):
        config = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.hostname": "127.0.0.1",
                  "database.port": str(mute.port), "database.user": "u", "database.password": "p", "database.dbname": "d",
                  "topic.prefix": f"p{i}", "slot.name": f"s{i}"}
        if i % 2:
            config = {"connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "topics": t.name("mute"), "connection.user": "u",
                      "connection.url": f"jdbc:postgresql://127.0.0.1:{mute.port}/d"}
        thread = threading.Thread(target=worker.rest, args=("POST", "/connectors", {"name": f"db{i}", "config": config}, 90), daemon=True)
        thread.start()
        pending.append(thread)
    time.sleep(0.5)
    for _ in range(20):  # each within its timeout of 10 s
        assert worker.rest("GET", "/health")[0] == 200
        assert worker.rest("GET", "/connectors")[0] == 200
        assert worker.rest("GET", "/connector-plugins/FileStreamSink/config")[0] == 200
    status, body = worker.rest("POST", "/connectors", {"name": "well", "config": {
        "connector.class": "FileStreamSource", "topic": t.name("well"), "file": write(t, "well.txt", "x\n")}})
    assert status == 201, body
    worker.wait_task("well")
    for thread in pending:
        thread.join(60)
    for i in range(4):
        status, body = worker.rest("DELETE", f"/connectors/db{i}", timeout=30)
        assert status in (204, 404), body
    assert worker.rest("GET", "/connectors")[1] == ["well"]
    assert worker.stop(30) == 0, worker.log_tail()
    mute.close()


def torn_offsets(t):
    """An offset file that is cut short, or something else, stops the start and stays as it is."""
    for number, content in enumerate((b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap", b"offsets of mine\n")):
        path = f"{t.folder}/torn-{number}"
        with open(path, "wb") as file:
            file.write(content)
        worker = f"{t.folder}/torn.properties"
        write_properties(worker, settings(t, **{"offset.storage.file.filename": path}))
        status, text = run("standalone", worker)
        assert status == 2, text
        says(text, path, "It was left as it is")
        with open(path, "rb") as file:
            assert file.read() == content


def taken_port(t):
    """A port that is in use is named, with what to do."""
    mute = Mute()
    worker = f"{t.folder}/port.properties"
    write_properties(worker, settings(t, listeners=f"http://127.0.0.1:{mute.port}"))
    status, text = run("standalone", worker)
    assert status == 2, text
    says(text, str(mute.port), "Set listeners to another port")
    mute.close()


def checks(t):
    """penstock check: exit statuses 0, 1, 2."""
    worker = f"{t.folder}/check.properties"
    write_properties(worker, settings(t))
    good = write(t, "good.json", json.dumps({"name": "g", "connector.class": "FileStreamSource", "file": write(t, "c.txt", ""), "topic": "t"}))
    bad = write(t, "bad.json", json.dumps({"name": "b", "connector.class": "FileStreamSink", "topics": "t", "tasks.max": "0"}))
    status, text = run("check", worker, good)
    assert status == 0, text
    says(text, "Kafka answers at", "0 errors")
    status, text = run("check", worker, good, bad)
    assert status == 1, text
    says(text, "Value must be at least 1", "1 error")
    assert run("check", t.folder + "/none")[0] == 2
    assert run("check")[0] == 2
    write_properties(worker, settings(t, bootstrap_servers="127.0.0.1:1"))
    status, text = run("check", worker)
    assert status == 1, text
    says(text, "Kafka does not answer at 127.0.0.1:1")


def help_texts(t):
    """Help, version, plug-ins and documentation."""
    del t
    assert run("--version")[1].startswith("penstock ")
    assert "standalone" in run("--help")[1]
    assert "SIGTERM" in run("help", "standalone")[1]
    assert "SIGTERM" in run("standalone", "--help")[1]
    assert run("nonsense")[0] == 2
    assert "org.apache.kafka.connect.file.FileStreamSinkConnector" in run("plugins")[1]
    assert "| `batch.size` | INT |" in run("doc", "FileStreamSource")[1]
    assert run("doc", "Nope")[0] == 1


live.main([worker_mistakes, connector_mistakes, every_form, second_signal, mute_database, torn_offsets, taken_port, checks, help_texts])
