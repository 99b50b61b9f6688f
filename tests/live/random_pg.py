#!/usr/bin/env python3
# check: asan timeout=400
"""Random databases: tables of random types, keys, identities, partitions and names, transactions with savepoints and
rollbacks, DDL, TOAST, the connector made in the middle of it, its worker stopped and killed; what the topics tell is what
the database holds at the end. ROUNDS (24), SEED (of the first round, random if not given); a seed is one round again.

random_pg.py [SEED...]"""
import concurrent.futures
import json
import os
import random
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import pg_families, pg_reading, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import Live, until  # noqa: E402
from kit.random_pg import Replica, World, quote, topic_of  # noqa: E402
from kit.servers import Session  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 24))
AT_A_TIME = 4
PATIENCE = float(os.environ.get("PATIENCE", 60))


class Restarts:
    """Stops or kills the worker now and then; the rounds go on."""

    def __init__(self, worker, seed):
        self.worker, self.dice, self.lock = worker, random.Random(f"restarts {seed}"), threading.Lock()
        self.end, self.count = threading.Event(), {"stopped": 0, "killed": 0}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.end.wait(self.dice.uniform(1, 5)):
            with self.lock:
                if self.dice.random() < 0.5:
                    assert self.worker.stop() == 0
                    self.count["stopped"] += 1
                else:
                    self.worker.kill()
                    self.count["killed"] += 1
                self.worker.start()
                self.worker.wait_ready()

    def close(self):
        self.end.set()
        self.thread.join()


class Round:
    def __init__(self, t, restarts, seed):
        self.t, self.restarts, self.seed = t, restarts, seed
        self.name, self.world = t.name(f"random_{seed}"), World(seed)
        self.ends = topics.Ends(t.kafka)
        self.config = source(self.name, t.postgres, self.name, **self.world.settings)

    def _connect(self):
        with self.restarts.lock:
            self.restarts.worker.write_connector(self.config)   # for the starts to come
            status, body = self.restarts.worker.rest("PUT", f"/connectors/{self.name}/config", {k: str(v) for k, v in self.config.items()})
        assert status in (200, 201), body

    def _load(self):
        """Random transactions; the connector is made somewhere among them."""
        session, dice = Session(self.t.postgres, self.name), self.world.dice
        transactions = dice.randint(20, 60)
        connect_at = dice.randint(0, transactions // 2)
        session.run(self.world.begin())
        for i in range(transactions):
            if i == connect_at:
                self._connect()
            session.run(self.world.transaction())
            if dice.random() < 0.2:
                time.sleep(dice.uniform(0, 0.3))
        session.run(self.world.end())
        session.close()

    def _events(self, topic):
        if not self.ends.of([topic])[topic]:
            return []
        return [json.loads(message.value()) for message in topics.read(self.t.kafka, topic) if message.value()]

    def _replicas(self):
        # Each snapshot reads at least this row.
        made, snapshot = [], max(event["payload"]["source"]["lsn"] for event in self._events(topic_of(self.name, "marker")) if event["payload"]["op"] == "r")
        for table in self.world.tables:
            replica = Replica(table)
            for names in table.told_as:
                part = Replica(table)
                for name in names:
                    for event in self._events(topic_of(self.name, name)):
                        part.apply(event)
                replica.join(part)
            made.append(replica)
            snapshot = max([snapshot, *replica.read_at.values()])
        for replica in made:
            replica.finish(snapshot)
        return made

    def _compare(self, replica):
        """Lines that say what differs."""
        table, database = replica.table, self.name
        held = {int(rid) for rid, in self.t.postgres.rows(database, f"SELECT rid FROM {quote(table.name)};")}
        if held != set(replica.rows):
            return [f"{table.name}: rows {sorted(held - set(replica.rows))} are missing, rows {sorted(set(replica.rows) - held)} are too many"], 0
        checks = []
        for rid, row in replica.rows.items():
            for column, (kind, _) in table.columns.items():
                if column in row:
                    check = self._check(table, rid, column, kind, *row[column])
                    checks += [check] if check else []
        sql = "SET timezone TO 'UTC';\n" + "\nUNION ALL ".join(checks) + ";"
        return [f"{table.name}: {line}" for line in (self.t.postgres.rows(database, sql) if checks else [])], len(checks)

    def _check(self, table, rid, column, kind, schema, value):
        """A query that gives a line if the cell holds something else than the record says."""
        if not pg_families.exact(self.world.mode, kind):
            return None
        text = pg_reading.sql(schema, value, kind)
        if text is None:
            return None
        form = "({}) AT TIME ZONE 'UTC'" if kind == "timetz" and self.world.mode != "structured" else "{}"
        if not kind.startswith("numeric"):
            form = f"({form})::text"
        ours, theirs = form.format(f"({text})::{kind}"), form.format(quote(column))
        said = "''" if value is not None and len(str(value)) > 200 else f"{ours}::text"
        return (f"SELECT {rid}, {pg_reading.quoted(column)}, {said}, left({theirs}::text, 200) FROM {quote(table.name)} "
                f"WHERE rid = {rid} AND {ours} IS DISTINCT FROM {theirs}")

    def run(self):
        self.t.postgres.sql("postgres", f'CREATE DATABASE "{self.name}" TEMPLATE "{self.t.template}";')
        self._load()
        marker = topic_of(self.name, "marker")
        until(f"seed {self.seed}: the marker", lambda: self._marker(marker), PATIENCE)
        with self.restarts.lock:
            os.remove(f"{self.restarts.worker.folder}/{self.name}.json")
            self.restarts.worker.files.remove(f"{self.restarts.worker.folder}/{self.name}.json")
            self.restarts.worker.rest("DELETE", f"/connectors/{self.name}")
        wrong, cells = [], 0
        for replica in self._replicas():
            lines, count = self._compare(replica)
            wrong += lines
            cells += count
        assert not wrong, "\n".join(wrong[:10])
        self._drop()
        return cells

    def _marker(self, topic):
        with self.restarts.lock:
            state, trace = self.restarts.worker.task(self.name)
        assert state != "FAILED", trace
        return any(event["payload"]["after"]["n"] == 1 for event in self._events(topic))

    def _drop(self):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                self.t.postgres.sql("postgres", f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{self.name}';"
                                    f'DROP DATABASE "{self.name}" WITH (FORCE);')
                return
            except RuntimeError:
                time.sleep(0.2)


def main():
    seeds = [int(seed) for seed in sys.argv[1:]]
    first = int(os.environ.get("SEED", random.randrange(10**6)))
    seeds = seeds or list(range(first, first + ROUNDS))
    t, failed, cells = Live(), 0, 0
    print(f"seeds {seeds[0]} to {seeds[-1]}", flush=True)
    try:
        t._postgres = t.own_postgres(2)     # a slot for every round
        t.template = t.database("template", pg_families.DDL)
        worker = t.worker([], {"key.converter.schemas.enable": "false", "value.converter.replace.null.with.default": "false", "offset.flush.interval.ms": "300"})
        restarts = Restarts(worker, first)
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            rounds = {pool.submit(Round(t, restarts, seed).run): seed for seed in seeds}
            for done in concurrent.futures.as_completed(rounds):
                try:
                    cells += done.result()
                except Exception:  # pylint: disable=broad-except
                    failed += 1
                    print(f"FAIL seed {rounds[done]}\n{traceback.format_exc()}", flush=True)
        restarts.close()
        print(f"     {cells} values compared; the worker was {restarts.count}", flush=True)
        if failed:
            print(worker.log_tail())
    finally:
        t.close()
    print(f"{len(seeds) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
