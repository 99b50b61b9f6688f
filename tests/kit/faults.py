"""A stream of changes whose every loss, repeat and swap shows: the changes of table `goods` are numbered 1, 2, 3...
in the order of their commits, each in a transaction of its own, and each row holds the number of its last change."""
import json
import threading
import time

from . import topics
from .configs import source
from .live import until
from .servers import Session

DDL = "CREATE TABLE goods (id int PRIMARY KEY, n int NOT NULL, note text);"


def says(text, *words):
    missing = [word for word in words if word.lower() not in text.lower()]
    assert not missing, f"it does not say {missing}: {text}"


def change(n, note="x"):
    """The SQL of change n: rows come, are changed and go, by its number alone."""
    insert = f"INSERT INTO goods VALUES ({n}, {n}, '{note}');"
    if n % 5 == 0:
        return f"UPDATE goods SET n = {n}, note = '{note}' WHERE id = {n - 4};"
    if n % 5 == 4:
        return f"BEGIN; DELETE FROM goods WHERE id = {n - 2}; {insert} COMMIT;"
    return insert


class Stream:
    """A database with `goods`, its connector, and what the topic must hold in the end."""

    def __init__(self, t, stem, postgres=None, kafka=None, port=None, rows=10, start=True, settings=None, **config):
        """port: of a proxy before the server. rows: changes before the snapshot. settings: of the worker."""
        self.t, self.name = t, t.name(stem)
        self.postgres, self.kafka = postgres or t.postgres, kafka or t.kafka
        self.database = t.database(stem, DDL, self.postgres)
        self.topic = f"{self.name}.public.goods"
        self.n = 0
        self.write(rows)
        self.before = rows  # changes that the snapshot stands for
        self.config = source(self.name, self.postgres, self.database, **{
            "database.port": port or self.postgres.port, "database.sslmode": "disable", "tombstones.on.delete": "false",
            "retriable.restart.connector.wait.ms": 200, "slot.retry.delay.ms": 200, "slot.max.retries": 100, **config})
        self.worker = t.worker([self.config], settings, bootstrap=self.kafka, start=start)
        t.after.append(self.drop)
        if start:
            self.streaming()

    def drop(self):
        """A server has few slots, and one that nobody reads holds up the others' WAL."""
        for _ in range(20):
            if self.postgres.sql("postgres", f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{self.name}';",
                                 check=False) == "" and not self.postgres.sql(
                                     "postgres", f"SELECT 1 FROM pg_replication_slots WHERE slot_name = '{self.name}';", check=False):
                return
            time.sleep(0.1)

    # ---- changes ----

    def sql(self, text, check=True):
        return self.postgres.sql(self.database, text, check)

    def write(self, count=1, note="x"):
        self.sql("\n".join(change(self.n + i, note) for i in range(1, count + 1)))
        self.n += count

    def written(self):
        """Asks the server how far the changes got, after a writer's connection broke."""
        self.n = int(self.sql("SELECT max(n) FROM goods;"))
        return self.n

    # ---- what came ----

    def last(self):
        """The number of the last change in the topic."""
        end = self.t.ends(self.kafka).of([self.topic])[self.topic]
        reader = topics.follow(self.kafka, self.topic, max(end - 5, 0))
        found, deadline = 0, time.monotonic() + 5
        try:
            while end and time.monotonic() < deadline:
                got = reader.poll(0.2)
                if got is None or got.error():
                    continue
                after = json.loads(got.value())["payload"]["after"]
                found = after["n"] if after else found
                if got.offset() >= end - 1:
                    break
        finally:
            reader.close()
        return found

    def await_all(self, timeout=30):
        until(f"change {self.n} in the topic", lambda: self.last() == self.n, timeout)

    def await_all_of(self, n, timeout=30):
        """Until that change is in the topic, or a later one."""
        until(f"change {n} in the topic", lambda: self.last() >= n, timeout)

    def await_change(self, n, timeout=30):
        """Until just that change is somewhere in the topic."""
        until(f"change {n} in the topic", lambda: any(e["after"] and e["after"]["n"] == n for e in self.events()), timeout)

    def await_snapshot(self, timeout=30):
        count = int(self.sql("SELECT count(*) FROM goods;"))
        until("the snapshot", lambda: self.t.ends(self.kafka).of([self.topic])[self.topic] >= count, timeout)

    def streaming(self, timeout=30):
        """Waits until the snapshot is over and the slot is streamed from."""
        until("the stream", lambda: self.postgres.sql("postgres", f"SELECT count(*) FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid"
                                                      f" WHERE s.slot_name = '{self.name}' AND r.state = 'streaming';", check=False) == "1", timeout)

    def slot(self, column):
        return self.postgres.sql("postgres", f"SELECT {column} FROM pg_replication_slots WHERE slot_name = '{self.name}';")

    def events(self):
        return [json.loads(m.value())["payload"] for m in topics.read(self.kafka, self.topic) if m.value()]

    def replayed(self):
        rows = {}
        for event in self.events():
            if event["op"] == "d":
                rows.pop(event["before"]["id"], None)
            else:
                rows[event["after"]["id"]] = (event["after"]["n"], event["after"]["note"])
        return rows

    def table(self):
        return {int(id_): (int(n), note) for id_, n, note in self.postgres.rows(self.database, "SELECT id, n, note FROM goods;")}

    def check(self, repeats=False):
        """The topic holds every change once and in order (repeats: or again, from an earlier one on), and replayed
        it is the table."""
        came = [event["after"]["n"] for event in self.events() if event["op"] in "cu"]
        if repeats:
            known, first = set(), []
            for n in came:
                assert n in known or not first or n == first[-1] + 1, f"change {n} comes after {first[-1]}"
                if n not in known:
                    known.add(n)
                    first.append(n)
            came = first
        expected = list(range(self.before + 1, self.n + 1))
        if came != expected:
            at = next((i for i, (a, b) in enumerate(zip(came, expected)) if a != b), min(len(came), len(expected)))
            raise AssertionError(f"{len(came)} changes, not {len(expected)}; from {at} on {came[at:at + 5]}, not {expected[at:at + 5]}")
        assert self.replayed() == self.table(), "the topic replayed is not the table"

    def check_rows(self):
        """After a gap that was told, and a new snapshot: every row of the table is in the topic as it is."""
        replayed = self.replayed()
        wrong = {i: (row, replayed.get(i)) for i, row in self.table().items() if replayed.get(i) != row}
        assert not wrong, f"rows of the table, and of the topic: {wrong}"

    # ---- the connector ----

    def failed(self, *words, timeout=30):
        """The task fails with these words in its trace; the log has the error once."""
        trace = self.worker.wait_task(self.name, "FAILED", timeout)
        says(trace, *words)
        self.no_secret(trace)
        return trace

    def running(self, timeout=30):
        self.worker.wait_task(self.name, "RUNNING", timeout)

    def restart(self):
        status, body = self.worker.rest("POST", f"/connectors/{self.name}/tasks/0/restart")
        assert status == 204, f"restart answers {status} {body}"

    def configure(self, **config):
        self.config.update(config)
        status, body = self.worker.rest("PUT", f"/connectors/{self.name}/config", {k: str(v) for k, v in self.config.items()})
        assert status == 200, f"{status} {body}"

    def forget_offsets(self):
        for method, path in (("PUT", "stop"), ("DELETE", "offsets"), ("PUT", "resume")):
            until(f"{method} {path}", lambda: self.worker.rest(method, f"/connectors/{self.name}/{path}")[0] in (200, 202, 204), 10)

    def log(self):
        with open(self.worker.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def logged(self, *words, timeout=20):
        """Waits for a line of the log with these words."""
        def line():
            return next((l for l in self.log().splitlines() if all(w.lower() in l.lower() for w in words)), None)
        return until(f"a log line with {words}", line, timeout)

    def no_secret(self, text=None):
        assert self.config["database.password"] == "x" or self.config["database.password"] not in (text or self.log()), "the password is told"

    def stop(self):
        status = self.worker.stop()
        assert status == 0, f"exit status {status}:\n{self.worker.log_tail()}"
        self.no_secret()


class Writer(threading.Thread):
    """Writes changes, one after the other, until it is stopped; waits while the server is away."""

    def __init__(self, stream, pause=0.0, note="x"):
        super().__init__(daemon=True)
        self.stream, self.pause, self.note = stream, pause, note
        self.ends = threading.Event()
        self.until = time.monotonic() + 120  # should the test hang, the disk is not filled
        self.start()

    def run(self):
        stream, session = self.stream, None
        while not self.ends.is_set() and time.monotonic() < self.until:
            try:
                if not session:
                    session = Session(stream.postgres, stream.database)
                    stream.n = int(session.run("SELECT max(n) FROM goods;")[0])
                session.run(change(stream.n + 1, self.note))
                stream.n += 1
            except (ConnectionError, IndexError, ValueError):
                session = None
                time.sleep(0.05)
            time.sleep(self.pause)
        if session:
            session.close()

    def stop(self):
        self.ends.set()
        self.join()
        until("the server to answer", lambda: self.stream.sql("SELECT 1;", check=False) == "1")
        self.stream.written()
