#!/usr/bin/env python3
# check: manual timeout=3000
"""The same random databases (random_pg.py) through Penstock and, at the same time, through Kafka Connect with Debezium's
own connector: the same records, but for clocks, versions and what ON_PURPOSE names. ROUNDS (8), SEED.

random_java.py [SEED...]"""
import json
import os
import random
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from kit import pg_families, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import Live, until  # noqa: E402
from kit.random_pg import World, topic_of  # noqa: E402
from kit.servers import Session  # noqa: E402
from kit.worker import Worker, program  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 8))
CLOCKS = ("ts_ms", "ts_us", "ts_ns")
# Where the original loses a value or says two things of one row, ours is right: columns of these types are not compared.
# A column of type refcursor ends the original's snapshot. docs/postgres-types.md and tests/cases/debezium-postgres/differences.json have the reasons.
ON_PURPOSE = {
    "name": "null in the original's stream", "numeric(5,-2)": "scale 2046", "integer[]": "dimensions", "text[]": "dimensions",
    "mood[]": "null as a whole with one null element", "feeling[]": "labels, null elements", "box[]": "always null", "circle[]": "always null",
    "time[]": "24:00, microseconds", "timetz[]": "microseconds", "timestamp[]": "microseconds", "timestamptz[]": "microseconds",
    "date": "infinity", "timestamp": "infinity", "time": "24:00", "time(0)": "24:00",
    "ltree[]": "null as a whole with one null element", "lseg[]": "always null",
    # left out also with include.unknown.datatypes:
    **{kind: "no form" for kind in pg_families.UNKNOWN if kind.endswith("[]")},
    "bit(3)[]": "a scalar", "bit(1)[]": "a scalar", "int2vector": "always empty", "oidvector": "always empty",
}


def events(bootstrap, ends, topic):
    if not ends.of([topic])[topic]:
        return []
    return [(message.key(), message.value()) for message in topics.read(bootstrap, topic)]


def plain(body, prefix, skip):
    """A record as JSON that both must have; columns of `skip` are left out."""
    if body is None:
        return None
    body = json.loads(body.decode().replace(prefix + ".", "prefix.").replace(f'"{prefix}"', '"prefix"'))

    def walk(node):
        if isinstance(node, list):
            return [walk(item) for item in node if not (isinstance(item, dict) and item.get("field") in skip)]
        if isinstance(node, dict):
            return {name: walk(value) for name, value in node.items() if name not in skip}
        return node
    body = walk(body)
    payload = body.get("payload")
    if isinstance(payload, dict) and "source" in payload:
        for name in CLOCKS:
            payload.pop(name, None)
        snapshot = payload["op"] == "r"
        for name in ("version", "sequence") + ((*CLOCKS, "lsn", "txId") if snapshot else ()):
            payload["source"].pop(name, None)
    return body


def first_difference(a, b, where=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for name in {**a, **b}:
            if a.get(name, "absent") != b.get(name, "absent"):
                return first_difference(a.get(name, "absent"), b.get(name, "absent"), f"{where}.{name}")
    fields = [{x.get("field") for x in side if isinstance(x, dict)} for side in (a, b) if isinstance(side, list)]
    if len(fields) == 2 and fields[0] != fields[1]:
        return f"{where}: only ours {fields[0] - fields[1]}, only Debezium's {fields[1] - fields[0]}"
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return first_difference(x, y, f"{where}[{i}{':' + x['field'] if isinstance(x, dict) and 'field' in x else ''}]")
    return f"{where}: ours {json.dumps(a)[:300]}, Debezium's {json.dumps(b)[:300]}"


class Both:
    """Penstock and the original, each with its connector to one database."""

    def __init__(self, t, name, world):
        self.t, self.world, self.names = t, world, {"own": name + "_own", "java": name + "_java"}
        self.workers, self.markers = {}, 1    # one is there from the beginning
        for number, (who, prefix) in enumerate(self.names.items()):
            config = source(prefix, t.postgres, name, **{**world.settings, "poll.interval.ms": 50})
            worker = Worker(f"{t.folder}/{prefix}", t.ports + 20 + number, t.kafka, [config],
                            {"key.converter.schemas.enable": "true", "value.converter.replace.null.with.default": "false"})
            t.workers.append(worker)
            own = program()
            os.environ["PENSTOCK"] = f"{kit.TOP}/bench/java-connect" if who == "java" else own
            worker.start()
            os.environ["PENSTOCK"] = own
            self.workers[who] = worker

    def wait(self, what, condition):
        for who, worker in self.workers.items():
            until(f"{who}: {what}", lambda: self._alive(who, worker) and condition(self.names[who]), 120)

    def _alive(self, who, worker):
        state, trace = worker.task(self.names[who])
        assert state != "FAILED", f"{who}: {trace}"
        return True

    def catch_up(self, session, ends, number):
        session.run(f"INSERT INTO marker VALUES ({number});")
        self.markers += 1
        self.wait(f"marker {number}", lambda prefix: ends.of([topic_of(prefix, "marker")])[topic_of(prefix, "marker")] >= self.markers)

    def close(self):
        for worker in self.workers.values():
            worker.kill()


def compare(both, ends, bootstrap):
    """Lines that tell the first difference of each topic."""
    wrong, count = [], 0
    for table in both.world.tables:
        skip = {name for name, kind in table.kinds.items() if kind & set(ON_PURPOSE)}
        for name in table.names:
            ours, theirs = ([(plain(k, prefix, skip), plain(v, prefix, skip)) for k, v in events(bootstrap, ends, topic_of(prefix, name))]
                            for prefix in both.names.values())
            count += len(ours)
            for i, (own, java) in enumerate(zip(ours, theirs)):
                if own != java:
                    wrong.append(f"{name}, record {i}: {first_difference(list(own), list(java))}")
                    break
            else:
                if len(ours) != len(theirs):
                    wrong.append(f"{name}: {len(ours)} records, Debezium's {len(theirs)}")
    return wrong, count


def play(t, seed):
    name, world, ends = t.name(f"java_{seed}"), World(seed, calm=True, without=["refcursor"]), topics.Ends(t.kafka)
    t.postgres.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{t.template}";')
    session = Session(t.postgres, name)
    session.run(world.begin())
    both = Both(t, name, world)
    try:
        both.wait("streaming", lambda prefix: t.postgres.sql("postgres", "SELECT 1 FROM pg_replication_slots s JOIN pg_stat_replication r ON "
                                                             f"r.pid = s.active_pid WHERE r.state = 'streaming' AND slot_name = '{prefix}';"))
        # The original asks for a table's structure when it meets it, so nobody may be behind while that changes.
        for i in range(world.dice.randint(3, 8)):
            for _ in range(world.dice.randint(3, 12)):
                session.run(world.transaction())
            both.catch_up(session, ends, 10 + 2 * i)
            session.run(world.change_structure())
        session.run(world.end())
        both.catch_up(session, ends, 2)
        wrong, count = compare(both, ends, t.kafka)
    finally:
        both.close()
        session.close()
    t.postgres.sql("postgres", "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active;")
    assert not wrong, "\n".join(wrong[:6])
    print(f"ok   seed {seed}: {count} records, mode {world.mode}", flush=True)


def main():
    seeds = [int(seed) for seed in sys.argv[1:]]
    first = int(os.environ.get("SEED", random.randrange(10**6)))
    seeds, failed = seeds or list(range(first, first + ROUNDS)), 0
    t = Live()
    try:
        t._postgres = t.own_postgres(2)
        t.template = t.database("template", pg_families.DDL)
        for seed in seeds:
            try:
                play(t, seed)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"FAIL seed {seed}\n{traceback.format_exc()}", flush=True)
    finally:
        t.close()
    print(f"{len(seeds) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
