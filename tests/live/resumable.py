#!/usr/bin/env python3
# check: asan timeout=600
"""The resumable snapshot: chunks beside the stream, under load, killed, with DDL in the middle. A consumer that applies
the records in order must never go back, and has the database in the end."""
import json
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, offset_file, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402

PLAIN = {"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
SETTINGS = {"snapshot.resumable": "true", "snapshot.fetch.size": 500, "snapshot.max.threads": 3}
ROWS = 20000
DDL = f"""
CREATE SEQUENCE clock;
CREATE TABLE big (id int PRIMARY KEY, v bigint NOT NULL, pad text);
INSERT INTO big SELECT i, nextval('clock'), repeat('x', 100) FROM generate_series(1, {ROWS}) i ORDER BY md5(i::text);
CREATE TABLE texts (code text, part int, v bigint NOT NULL, toast text, PRIMARY KEY (part, code));
ALTER TABLE texts ALTER toast SET STORAGE EXTERNAL;
INSERT INTO texts SELECT 'k''\\ "' || i, i % 3, nextval('clock'), repeat('t', 3000) FROM generate_series(1, 3000) i;
CREATE TABLE empty1 (id int PRIMARY KEY, v bigint NOT NULL);
CREATE TABLE keyless (id int, v bigint NOT NULL);
ALTER TABLE keyless REPLICA IDENTITY FULL;
INSERT INTO keyless SELECT i, nextval('clock') FROM generate_series(1, 2000) i;
ANALYZE;
"""
KEYS = {"big": ("id",), "texts": ("part", "code"), "empty1": ("id",), "keyless": ("id",)}


class Load:
    """Writers that insert, update, delete and insert again; each version of a row has a higher v."""

    def __init__(self, t, database, writers=3, pause=0.0):
        self.t, self.database, self.quit, self.done = t, database, threading.Event(), 0
        self.threads = [threading.Thread(target=self.run, args=(i, pause), daemon=True) for i in range(writers)]
        for thread in self.threads:
            thread.start()

    def statements(self, random):
        i, code = random.randrange(1, ROWS + 200), random.randrange(1, 3100)
        yield from random.sample([
            f"INSERT INTO big VALUES ({i}, nextval('clock'), 'new') ON CONFLICT (id) DO UPDATE SET v = nextval('clock'), pad = 'again';",
            f"UPDATE big SET v = nextval('clock') WHERE id BETWEEN {i} AND {i + 20};",
            f"DELETE FROM big WHERE id = {i};",
            f"UPDATE texts SET v = nextval('clock') WHERE code = 'k''\\ \"{code}';",
            f"DELETE FROM texts WHERE code = 'k''\\ \"{code}';",
            f"INSERT INTO empty1 VALUES ({i}, nextval('clock')) ON CONFLICT (id) DO UPDATE SET v = nextval('clock');",
            f"UPDATE keyless SET v = nextval('clock') WHERE id = {i % 2000};",
        ], random.randrange(1, 4))

    def run(self, number, pause):
        r = random.Random(number)
        while not self.quit.is_set():
            text = "".join("BEGIN;" + "".join(self.statements(r)) + ("COMMIT;" if r.random() < 0.9 else "ROLLBACK;") for _ in range(20))
            try:
                self.t.postgres.sql(self.database, "SET lock_timeout = '2s';\n" + text, check=False)
                self.done += 20
            except RuntimeError:
                pass
            time.sleep(pause)

    def stop(self):
        self.quit.set()
        for thread in self.threads:
            thread.join()


def key_of(table, row):
    return tuple(row[name] for name in KEYS[table])


class Model:
    """Applies events in the order of their topic, and complains of what a consumer must not see."""

    def __init__(self, t, name, table, crashes=False):
        self.rows, self.reads, self.faults, self.events, self.back = {}, {}, [], 0, 0
        newest = {}
        for m in topics.read(t.kafka, f"{name}.public.{table}"):
            if m.value() is None:
                continue
            e = json.loads(m.value())
            self.events += 1
            row = e["after"] or e["before"]
            key = key_of(table, row)
            if e["op"] == "r":
                self.reads[key] = self.reads.get(key, 0) + 1
            if e["op"] == "d":
                self.rows.pop(key, None)
                continue
            if row["v"] < newest.get(key, 0):
                self.back += 1
                if not crashes:
                    self.faults.append(f"{table} {key}: {e['op']} with {row['v']} after {newest[key]}")
            newest[key] = row["v"] if crashes else max(row["v"], newest.get(key, 0))
            if row.get("toast") == "__debezium_unavailable_value" and key in self.rows:
                row["toast"] = self.rows[key]["toast"]  # else its chunk is still to come
            self.rows[key] = row


def in_database(t, database, table):
    text = t.postgres.sql(database, f"SELECT row_to_json({table}) FROM {table};")
    return {key_of(table, row): row for row in map(json.loads, text.split("\n") if text else ())}


def check_models(t, name, database, tables=KEYS, crashes=False):
    models = {table: Model(t, name, table, crashes) for table in tables}
    for table, model in models.items():
        assert not model.faults, model.faults[:5]
        want = in_database(t, database, table)
        wrong = [key for key in want.keys() | model.rows.keys() if want.get(key) != model.rows.get(key)]
        assert not wrong, f"{table}: {len(wrong)} rows are wrong, {wrong[0]}: {model.rows.get(wrong[0])} for {want.get(wrong[0])}"
    return models


def setup(t, stem, ddl=DDL, **more):
    name = t.name(stem)
    database = t.database(stem, ddl)
    worker = t.worker([source(name, t.postgres, database, **{**SETTINGS, **more})], PLAIN, start=False)
    return name, database, worker


def go(worker, name):
    worker.start()
    worker.wait_ready(60)
    worker.wait_task(name, timeout=60)


def stored(worker):
    return next(iter(offset_file.read(worker.offset_file).values()), None) or {}


def complete(worker):
    offset = stored(worker)
    return offset.get("lsn") and "snapshot" not in offset and "penstock_snapshot" not in offset


def caught_up(t, worker, name, database):
    """All that is committed is in the topics."""
    t.postgres.sql(database, "INSERT INTO empty1 VALUES (-1, nextval('clock')) ON CONFLICT (id) DO UPDATE SET v = nextval('clock');")
    v = int(t.postgres.sql(database, "SELECT v FROM empty1 WHERE id = -1;"))
    ends = topics.Ends(t.kafka)

    def there():
        end = ends.of([f"{name}.public.empty1"])[f"{name}.public.empty1"]
        if not end:
            return False
        reader = topics.follow(t.kafka, f"{name}.public.empty1", max(0, end - 50))
        try:
            got = [m for m in reader.consume(50, timeout=1) if m.value() and not m.error()]
            return any((json.loads(m.value())["after"] or {}).get("v") == v for m in got)
        finally:
            reader.close()
    until("the last change", there, 120)


def end(t, worker, database, name):
    assert worker.stop(30) == 0
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');")


def quiet(t):
    """nothing else happens: each row once, and the first and the last are marked"""
    name, database, worker = setup(t, "quiet")
    go(worker, name)
    until("the end of the snapshot", lambda: complete(worker), 60)
    models = check_models(t, name, database, [table for table in KEYS if table != "empty1"])
    for table, model in models.items():
        assert set(model.reads.values()) == {1} and len(model.reads) == len(model.rows), f"{table}: rows were sent more than once"
    marks = [json.loads(m.value())["source"]["snapshot"] for table in models for m in topics.read(t.kafka, f"{name}.public.{table}")]
    assert marks.count("first") == 1, marks.count("first")
    worker.stop()
    worker.start()
    caught_up(t, worker, name, database)
    check_models(t, name, database)
    end(t, worker, database, name)


def under_load(t):
    """six writers all the time, and hundreds of chunks"""
    name, database, worker = setup(t, "load", **{"snapshot.fetch.size": 60, "snapshot.max.threads": 4})
    load = Load(t, database, 6)
    time.sleep(1)
    go(worker, name)
    until("the end of the snapshot", lambda: complete(worker), 120)
    load.stop()
    caught_up(t, worker, name, database)
    models = check_models(t, name, database)
    for table, model in models.items():
        again = [key for key, count in model.reads.items() if count > 1]
        assert not again, f"{table}: {len(again)} rows were read twice"
    print("     " + re.search("Snapshot complete.*", worker.log_tail(100)).group(0))
    print(f"     {load.done} transactions, {sum(m.events for m in models.values())} events")
    end(t, worker, database, name)


HOT = 40
HOT_DDL = "CREATE SEQUENCE clock; CREATE TABLE empty1 (id int PRIMARY KEY, v bigint NOT NULL);" + "".join(
    f"CREATE TABLE hot{i} (id int PRIMARY KEY, v bigint NOT NULL); INSERT INTO hot{i} SELECT j, nextval('clock') FROM generate_series(1, 2) j;"
    for i in range(HOT))
HOT_LOOP = f"""SET synchronous_commit = off;
DO $$ BEGIN FOR i IN 1..10000 LOOP
    EXECUTE 'UPDATE hot' || (random() * {HOT - 1})::int || ' SET v = nextval(''clock'')';
    COMMIT;
END LOOP; END $$;"""


def hot_rows(t):
    """thousands of commits a second over few rows: some fall between a chunk's moment and its place"""
    name, database, worker = setup(t, "hot", HOT_DDL)
    writers = [threading.Thread(target=t.postgres.sql, args=(database, HOT_LOOP, False), daemon=True) for _ in range(2)]
    for writer in writers:
        writer.start()
    go(worker, name)
    until("the end of the snapshot", lambda: complete(worker), 120)
    t.postgres.sql(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%10000 LOOP%' AND pid <> pg_backend_pid();")
    for writer in writers:
        writer.join()
    caught_up(t, worker, name, database)
    tables = [f"hot{i}" for i in range(HOT)]
    KEYS.update({table: ("id",) for table in tables})
    models = check_models(t, name, database, tables)
    assert all(set(m.reads.values()) == {1} and len(m.reads) == 2 for m in models.values())
    print("     " + re.search("Snapshot complete.*", worker.log_tail(100)).group(0))
    print(f"     {sum(m.events for m in models.values()) // 2} transactions")
    for table in tables:
        del KEYS[table]
    end(t, worker, database, name)


def killed(t):
    """kill -9 again and again over a snapshot under load"""
    name, database, worker = setup(t, "killed", **{"snapshot.fetch.size": 200})
    worker.settings["offset.flush.interval.ms"] = 100
    load, ends, r, kills = Load(t, database, 2, 0.05), topics.Ends(t.kafka), random.Random(1), 0
    names = [f"{name}.public.{table}" for table in KEYS]
    while kills < 8:
        before = sum(ends.of(names).values())
        go(worker, name)
        goal = before + r.randrange(500, 5000)
        until("rows", lambda: sum(ends.of(names).values()) >= goal or complete(worker), 60)
        worker.kill()
        kills += 1
        if complete(worker):
            break
    went_on = re.findall(r"The snapshot goes on: (\d+) rows are sent", open(worker.log, encoding="utf-8").read())
    worker.start()
    until("the end of the snapshot", lambda: complete(worker), 120)
    load.stop()
    caught_up(t, worker, name, database)
    models = check_models(t, name, database, crashes=True)
    keyed = {table: model for table, model in models.items() if table != "keyless"}
    twice = sum(count - 1 for model in keyed.values() for count in model.reads.values())
    print(f"     {kills} kills, gone on after {', '.join(went_on)} rows, {twice} rows were read again")
    assert kills >= 3 and went_on, "the snapshot was over before it could be killed"
    numbers = [int(n) for n in went_on]
    assert numbers == sorted(numbers), f"progress was lost: {numbers}"
    # What was sent but not yet stored when the kill came: at most a chunk or two of each connection.
    assert twice <= kills * 3 * 2 * 200 + 2000 * kills, f"{twice} rows were read again"
    end(t, worker, database, name)


def structure_changes(t):
    """tables are altered, renamed, dropped and made in the middle"""
    name, database, worker = setup(t, "ddl", DDL + f"""
        CREATE TABLE z_dropped (id int PRIMARY KEY, v bigint); INSERT INTO z_dropped SELECT i, 1 FROM generate_series(1, 5000) i;
        CREATE TABLE z_renamed (id int PRIMARY KEY, v bigint); INSERT INTO z_renamed SELECT i, 1 FROM generate_series(1, 5000) i;
        CREATE TABLE z_altered (id int PRIMARY KEY, v bigint); INSERT INTO z_altered SELECT i, 1 FROM generate_series(1, 5000) i;""",
                                   **{"snapshot.fetch.size": 50, "snapshot.max.threads": 2})
    worker.settings["offset.flush.interval.ms"] = 100
    ends = topics.Ends(t.kafka)
    go(worker, name)
    until("some rows", lambda: ends.of([f"{name}.public.big"])[f"{name}.public.big"] > 500)
    worker.kill()
    t.postgres.sql(database, "DROP TABLE z_dropped; ALTER TABLE z_renamed RENAME TO z_other; CREATE TABLE z_new (id int PRIMARY KEY, v bigint);"
                             "INSERT INTO z_new VALUES (1, 1);")
    worker.start()
    until("the altered table", lambda: ends.of([f"{name}.public.texts"])[f"{name}.public.texts"] > 10)
    t.postgres.sql(database, "ALTER TABLE z_altered ADD w int DEFAULT 7; ALTER TABLE big ADD w text DEFAULT 'w';")
    until("the end of the snapshot", lambda: complete(worker), 60)
    caught_up(t, worker, name, database)
    KEYS.update({"z_other": ("id",), "z_new": ("id",), "z_altered": ("id",)})
    try:
        for table in ("z_other", "z_new", "z_altered", "texts"):
            want, model = in_database(t, database, table), Model(t, name, table, crashes=True)
            assert want.keys() == model.rows.keys(), f"{table}: {len(model.rows)} of {len(want)} rows"
    finally:
        for table in ("z_other", "z_new", "z_altered"):
            del KEYS[table]
    end(t, worker, database, name)


def other_readers_of_the_offset(t):
    """a worker that knows nothing of resuming sees a snapshot that is not complete, and begins again"""
    name, database, worker = setup(t, "offset", **{"snapshot.fetch.size": 100})
    worker.settings["offset.flush.interval.ms"] = 50
    ends = topics.Ends(t.kafka)
    go(worker, name)
    until("some rows", lambda: "penstock_snapshot" in stored(worker))
    worker.kill()
    offset = stored(worker)
    assert offset["snapshot"] == "INITIAL" and offset["snapshot_completed"] is False, offset
    assert json.loads(offset["penstock_snapshot"])["v"] == 1, offset
    before = ends.of([f"{name}.public.keyless"])[f"{name}.public.keyless"]
    worker.write_connector({**source(name, t.postgres, database)})
    go(worker, name)
    until("the end of the snapshot", lambda: stored(worker).get("snapshot_completed") or complete(worker), 60)
    until("all rows", lambda: ends.of([f"{name}.public.keyless"])[f"{name}.public.keyless"] >= before + 2000)
    end(t, worker, database, name)


if __name__ == "__main__":
    live.main([quiet, under_load, hot_rows, killed, structure_changes, other_readers_of_the_offset])
