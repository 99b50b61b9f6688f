#!/usr/bin/env python3
# check: asan tsan timeout=300
"""Many clients create, change, stop, restart and delete the same few connectors all at once, and the worker is told to end in
the middle of it: every request gets an answer that makes sense, the worker ends in good order."""
import collections
import http.client
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402

CLIENTS, SECONDS = 8, 12
# Answers of 500 that the original gives as well.
KNOWN_500 = ("No connector `", "Request timed out", "is not a recognizable type", "haven't stopped completely yet")


class Client(threading.Thread):
    def __init__(self, t, worker, seed, end):
        super().__init__()
        self.t, self.worker, self.end = t, worker, end
        self.random = random.Random(seed)
        self.codes = collections.Counter()
        self.odd = []

    def config(self, name):
        topic = f"storm-{self.t.token}-{name}"
        if self.random.random() < 0.5:
            return {"connector.class": "FileStreamSource", "file": f"{self.t.folder}/storm.txt", "topic": topic,
                    "batch.size": str(self.random.randint(1, 50))}
        return {"connector.class": "FileStreamSink", "file": f"{self.t.folder}/{name}.txt", "topics": topic,
                "tasks.max": str(self.random.randint(1, 3))}

    def request(self):
        pick, name = self.random.choice, f"c{self.random.randint(0, 5)}"
        path = f"/connectors/{name}"
        return pick([
            ("POST", "/connectors", {"name": name, "config": self.config(name), "initial_state": pick(["RUNNING", "PAUSED", "STOPPED"])}),
            ("PUT", path + "/config", self.config(name)),
            ("PATCH", path + "/config", {"extra": str(self.random.random())}),
            ("DELETE", path, None),
            ("PUT", path + pick(["/pause", "/resume", "/stop"]), None),
            ("POST", path + f"/restart?includeTasks=true&onlyFailed={pick(['true', 'false'])}", None),
            ("POST", path + f"/tasks/{self.random.randint(0, 2)}/restart", None),
            (pick(["GET", "DELETE"]), path + "/offsets", None),
            ("PATCH", path + "/offsets", {"offsets": [{"partition": {"filename": "x"}, "offset": pick([None, {"position": 5}])}]}),
            ("PUT", "/connector-plugins/FileStreamSink/config/validate", self.config(name)),
            ("GET", pick(["/connectors?expand=status&expand=info", "/", path + "/status", path + "/tasks", "/admin/loggers"]), None),
        ])

    def run(self):
        while time.monotonic() < self.end and self.worker.running():
            method, path, body = self.request()
            try:
                status, answer = self.ask(method, path, body)
            except (OSError, http.client.HTTPException):
                if time.monotonic() < self.end - 2:
                    self.odd.append(f"no answer to {method} {path}")
                return
            self.codes[status] += 1
            if status == 500 and not any(words in answer for words in KNOWN_500) or status > 503:
                self.odd.append(f"{method} {path}: {status} {answer[:200]}")

    def ask(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.worker.port, timeout=60)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


def storm(t):
    """All at once, then SIGTERM."""
    with open(f"{t.folder}/storm.txt", "w", encoding="utf-8") as file:
        file.write("x\n" * 100)
    worker = t.worker([], {"offset.flush.interval.ms": "200", "task.shutdown.graceful.timeout.ms": "30000"})
    end = time.monotonic() + SECONDS
    clients = [Client(t, worker, seed, end) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(SECONDS - 1)
    worker.process.send_signal(signal.SIGTERM)
    for client in clients:
        client.join(90)
        assert not client.is_alive()
    assert worker.process.wait(60) == 0, worker.log_tail()
    codes = sum((client.codes for client in clients), collections.Counter())
    odd = [line for client in clients for line in client.odd]
    print(dict(codes))
    assert not odd, odd[:5]
    assert {200, 201, 202, 204, 404} <= set(codes), codes


live.main([storm])
