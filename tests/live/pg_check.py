#!/usr/bin/env python3
# check: asan timeout=300
"""penstock check against live PostgreSQL servers: what would stop a source, or lose something, is said with what to do."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Pgbouncer, Postgres  # noqa: E402
from kit.worker import program, write_properties  # noqa: E402


def check(t, config, offsets=None):
    """The findings as (kind, text)."""
    path = f"{t.folder}/{config['name']}.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump({k: str(v) for k, v in config.items()}, file)
    files = [path]
    if offsets:
        files.insert(0, f"{t.folder}/check-worker.properties")
        write_properties(files[0], {"bootstrap.servers": t.kafka, "offset.storage.file.filename": offsets, **{
            f"{part}.converter": "org.apache.kafka.connect.json.JsonConverter" for part in ("key", "value")}})
    done = subprocess.run([program(), "check", *files], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    findings = [tuple(line.strip().split(None, 1)) for line in done.stdout.split("\n") if line.startswith("  ")]
    assert done.returncode == any(kind == "error" for kind, _ in findings), done.stdout
    return findings


def finds(findings, kind, *words):
    """Exactly one finding of the kind has all of the words."""
    found = [text for k, text in findings if k == kind and all(word in text for word in words)]
    assert len(found) == 1, f"{len(found)} findings ({kind}) with {words}:\n" + "\n".join(" ".join(f) for f in findings)
    return found[0]


def silent(findings, *words):
    found = [text for k, text in findings if k != "ok" and all(word in text for word in words)]
    assert not found, found


def all_is_well(t):
    """nothing to complain about: no error, no warning"""
    name = t.name("well")
    database = t.database("well", "CREATE TABLE goods (id int PRIMARY KEY, v text);")
    found = check(t, source(name, t.postgres, database))
    assert all(kind == "ok" for kind, _ in found), found
    finds(found, "ok", "1 of 1 tables are captured")
    finds(found, "ok", "A login for replication works")


def rights(t):
    """each setting needs other rights: to replicate, to connect, to read, to make and to change a publication"""
    name = t.name("rights")
    t.postgres.sql("postgres", f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 1;")
    database = t.database("rights", "CREATE TABLE goods (id int PRIMARY KEY); CREATE TABLE own (id int PRIMARY KEY);"
                                    f"ALTER TABLE own OWNER TO {name}; CREATE TABLE hidden (id int PRIMARY KEY);"
                                    f"ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; GRANT SELECT ON hidden TO {name};")
    config = source(name, t.postgres, database, **{"database.user": name})
    found = check(t, config)
    finds(found, "error", "may not replicate", f'ALTER ROLE "{name}" REPLICATION')
    finds(found, "error", "A login for replication fails")
    finds(found, "error", "may have 1 connections at a time, but 2")
    finds(found, "error", "may not read table public.goods", f'GRANT SELECT ON "public"."goods" TO "{name}"')
    finds(found, "warning", "public.hidden has row security", "BYPASSRLS")
    finds(found, "error", "Only a superuser can make a publication for all tables")
    silent(found, "public.own")
    found = check(t, {**config, "publication.autocreate.mode": "filtered", "replica.identity.autoset.values": "public.goods:FULL"})
    finds(found, "error", f'GRANT CREATE ON DATABASE "{database}" TO "{name}"')
    finds(found, "error", "does not own table public.goods", "can't add it to a publication")
    finds(found, "error", "does not own table public.goods", "replica identity")
    silent(found, "public.own")
    t.postgres.sql(database, f"CREATE PUBLICATION {name} FOR TABLE goods;")
    found = check(t, {**config, "publication.autocreate.mode": "filtered"})
    finds(found, "error", f'ALTER PUBLICATION "{name}" OWNER TO "{name}"')
    found = check(t, {**config, "snapshot.mode": "initial_only"})
    silent(found, "ublication")
    silent(found, "replicat")


def publications(t):
    """what a publication that is there lacks of what the settings capture"""
    name = t.name("pub")
    database = t.database("pub", f"""CREATE TABLE goods (id int PRIMARY KEY); CREATE TABLE missing (id int PRIMARY KEY);
        CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
        CREATE PUBLICATION {name} FOR TABLE goods WHERE (id > 5), parts WITH (publish = 'insert, update', publish_via_partition_root = true);""")
    found = check(t, source(name, t.postgres, database, **{"skipped.operations": "none"}))
    finds(found, "warning", "leaves out DELETE")
    finds(found, "warning", "leaves out TRUNCATE")
    finds(found, "warning", "publish_via_partition_root = true")
    finds(found, "warning", "public.missing is not in publication", f'ALTER PUBLICATION "{name}" ADD TABLE "public"."missing"')
    finds(found, "warning", "only the rows that meet (id > 5)")
    silent(found, "public.parts")
    found = check(t, source(name, t.postgres, database, **{"publish.via.partition.root": "true", "skipped.operations": "d,t"}))
    silent(found, "leaves out")
    silent(found, "publish_via_partition_root")
    found = check(t, source(name, t.postgres, database, **{"publication.name": "nope", "publication.autocreate.mode": "disabled"}))
    finds(found, "error", "is not there, and publication.autocreate.mode is disabled", "CREATE PUBLICATION")
    t.postgres.sql(database, f"CREATE PUBLICATION {name}_all FOR ALL TABLES;")
    found = check(t, source(name, t.postgres, database, **{"publication.name": f"{name}_all", "publication.autocreate.mode": "filtered"}))
    finds(found, "error", "is for all tables and can't be narrowed")


def tables(t):
    """tables whose changes won't come, or not whole: kinds, keys, identities, types, patterns"""
    name = t.name("tables")
    database = t.database("tables", """CREATE TABLE good (id int PRIMARY KEY, v text);
        CREATE TABLE keyless (a int, b numeric, c timestamp, d timestamp(3), i interval);
        CREATE TABLE computed (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED);
        CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM good;
        CREATE TABLE bare (id int PRIMARY KEY, v text NOT NULL); CREATE UNIQUE INDEX bare_v ON bare (v);
        ALTER TABLE bare REPLICA IDENTITY USING INDEX bare_v; DROP INDEX bare_v;
        CREATE TYPE pair AS (a int, b int); CREATE TABLE odd (id int PRIMARY KEY, p pair, skip pair);""")
    found = check(t, source(name, t.postgres, database, **{
        "table.include.list": "public\\..*,public.nope", "decimal.handling.mode": "double", "time.precision.mode": "connect",
        "column.exclude.list": "public.odd.skip", "message.key.columns": "public.good:v", "skip.messages.without.change": "true"}))
    finds(found, "warning", "public.nope of table.include.list")
    finds(found, "warning", "public.seen is a view")
    finds(found, "warning", "public.fleeting is UNLOGGED")
    finds(found, "warning", "public.keyless has no primary key: once published")
    finds(found, "warning", "public.keyless has no primary key and no unique index")
    finds(found, "warning", "public.bare has a replica identity whose index was dropped")
    finds(found, "warning", "public.keyless.b of type numeric")
    finds(found, "warning", "public.keyless.c of type timestamp")
    silent(found, "keyless.d")
    finds(found, "warning", "public.keyless.i of type interval counts a month")
    finds(found, "warning", "public.computed.twice is generated")
    finds(found, "warning", "public.odd.p of type pair is left out")
    silent(found, "odd.skip")
    finds(found, "warning", "message.key.columns names other key columns for table public.good", "REPLICA IDENTITY FULL")
    finds(found, "warning", "skip.messages.without.change needs the whole old row, which table public.good")
    found = check(t, source(name, t.postgres, database, **{"table.include.list": "public.good"}))
    assert all(kind == "ok" for kind, _ in found), found
    t.postgres.sql(database, "".join(f"CREATE TABLE many_{i} (v int);" for i in range(30)))
    found = check(t, source(name, t.postgres, database, **{"table.include.list": "public.many_.*"}))
    assert len([text for _, text in found if "once published" in text]) == 20
    finds(found, "warning", "Replica identities: 10 more like these")


def signals(t):
    """the signal table: there, of three columns, writable"""
    name = t.name("signal")
    t.postgres.sql("postgres", f"CREATE ROLE {name} LOGIN REPLICATION;")
    database = t.database("signal", f"CREATE TABLE signal (id text PRIMARY KEY, type text, data text); GRANT SELECT ON signal TO {name};"
                                    f"CREATE TABLE two (id text PRIMARY KEY, type text); CREATE PUBLICATION {name} FOR ALL TABLES;")
    config = source(name, t.postgres, database, **{"database.user": name, "table.include.list": "public.signal"})
    finds(check(t, {**config, "signal.data.collection": "public.nope"}), "error", "There is no signal table public.nope", "CREATE TABLE")
    finds(check(t, {**config, "signal.data.collection": "public.signal"}), "error", "may not write to the signal table", "GRANT INSERT")
    t.postgres.sql(database, f"GRANT INSERT, DELETE ON signal TO {name};")
    finds(check(t, {**config, "signal.data.collection": "public.signal"}), "ok", "The signal table public.signal is there")
    finds(check(t, {**config, "signal.data.collection": "public.two"}), "error", "has 2 columns")


def slots(t):
    """a slot of another plug-in or database, a physical one, one in use; an offset that lies outside of it"""
    name = t.name("slots")
    database, other = t.database("slots", "CREATE TABLE goods (id int PRIMARY KEY);"), t.database("slots_other")
    config = source(name, t.postgres, database, **{"offset.mismatch.strategy": "no_validation"})
    finds(check(t, config), "ok", f'Slot "{name}" will be made')
    t.postgres.sql(database, f"SELECT pg_create_logical_replication_slot('{name}', 'test_decoding');")
    finds(check(t, config), "error", "is of plug-in test_decoding in database", "Choose another slot.name")
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}'); SELECT pg_create_physical_replication_slot('{name}');")
    finds(check(t, config), "error", "is a physical one")
    t.postgres.sql(other, f"SELECT pg_drop_replication_slot('{name}'); SELECT pg_create_logical_replication_slot('{name}', 'pgoutput');")
    finds(check(t, config), "error", f"is of plug-in pgoutput in database {other}")
    t.postgres.sql(other, f"SELECT pg_drop_replication_slot('{name}');")
    worker = t.worker([config])
    worker.wait_task(name)
    until("the slot in use", lambda: t.postgres.sql("postgres", f"SELECT 1 FROM pg_replication_slots WHERE slot_name = '{name}' AND active;"))
    finds(check(t, config), "warning", "is in use by process")
    t.postgres.sql(database, "INSERT INTO goods VALUES (1);")
    until("an offset", lambda: worker.rest("GET", f"/connectors/{name}/offsets")[1]["offsets"])
    assert worker.stop() == 0
    finds(check(t, config, worker.offset_file), "ok", "where its stored offset ends")
    finds(check(t, config), "ok", "is there and free")
    t.postgres.sql(database, f"INSERT INTO goods VALUES (2); SELECT pg_replication_slot_advance('{name}', pg_current_wal_lsn());")
    # How far the server lets go of WAL depends on what else it does at the time.
    found = check(t, config, worker.offset_file)
    begins_later = any("begins later" in " ".join(finding) for finding in found)
    finds(found, *(("error", "begins later") if begins_later else ("warning", "beyond the stored offset")))
    t.postgres.sql(database, f"SELECT pg_drop_replication_slot('{name}');")
    finds(check(t, {**config, "snapshot.mode": "when_needed"}, worker.offset_file), "warning", "is not on the server any more")


def timeouts(t):
    """limits that end a session, and a stream that is silent for too long"""
    name = t.name("timeouts")
    database = t.database("timeouts", f"CREATE TABLE goods (id int PRIMARY KEY); CREATE ROLE {name} LOGIN SUPERUSER;"
                                      f"ALTER ROLE {name} SET idle_session_timeout = '30s'; ALTER ROLE {name} SET wal_sender_timeout = '6s';"
                                      f"ALTER ROLE {name} SET statement_timeout = '5s';")
    config = source(name, t.postgres, database, **{"database.user": name})
    found = check(t, {**config, "status.update.interval.ms": 10000})
    finds(found, "warning", "idle_session_timeout is 30 s", f'ALTER ROLE "{name}" SET idle_session_timeout = 0')
    finds(found, "error", "wal_sender_timeout", "Set status.update.interval.ms to 2000 or less")
    silent(found, "statement_timeout")
    found = check(t, {**config, "database.initial.statements": "SET statement_timeout = 7000; SET DateStyle = 'German'"})
    finds(found, "warning", "statement_timeout = 7000 ms")
    finds(found, "error", "DateStyle = German")
    silent(found, "wal_sender_timeout")


def pooled(t):
    """pgbouncer: refuses the login, or lets it pass and drops what it asked for"""
    name, port = t.name("pooled"), t.ports + 10
    database = t.database("pooled", "CREATE TABLE goods (id int PRIMARY KEY);")
    config = source(name, Postgres(port), database)
    for number, settings in enumerate(([], ["ignore_startup_parameters = options, extra_float_digits"])):
        pooler = Pgbouncer(port, f"{t.folder}/pgbouncer-{number}", t.postgres, settings)
        t.started.append(pooler)
        pooler.start()
        found = check(t, config)
        pooler.kill()
        if not settings:
            assert "pgbouncer" in finds(found, "error", "unsupported startup parameter", "the server's own host and port"), found
            continue
        finds(found, "error", "A pooler such as pgbouncer stands between")
        finds(found, "error", "A login for replication fails", "the server's own host and port")
        finds(found, "warning", "statement_timeout = 0 ms")


def replica_level(t):
    """wal_level=replica"""
    address = os.environ.get("PENSTOCK_TEST_PG_REPLICA")
    server = Postgres(int(address.split(":")[1])) if address else t.own_postgres(4, start=False)
    if not address:
        server.start("replica")
    name = t.name("level")
    database = t.database("level", "CREATE TABLE goods (id int PRIMARY KEY);", server)
    found = check(t, source(name, server, database))
    finds(found, "error", "wal_level is replica. Set wal_level = logical")
    silent(check(t, source(name, server, database, **{"snapshot.mode": "initial_only"})), "wal_level")


def limits(t):
    """full of slots; a limit of WAL that is too low; a slot that is lost"""
    server = t.own_postgres(5, options="-c max_replication_slots=2 -c max_slot_wal_keep_size=32MB -c max_wal_size=64MB -c min_wal_size=32MB")
    name = t.name("limits")
    database = t.database("limits", "CREATE TABLE goods (id int PRIMARY KEY, v text);", server)
    server.sql(database, f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput'), pg_create_logical_replication_slot('b', 'pgoutput');")
    found = check(t, source(name, server, database))
    finds(found, "warning", "max_slot_wal_keep_size is 32 MB, less than max_wal_size")
    silent(found, "replication slots are in use")
    found = check(t, source(name, server, database, **{"slot.name": "third"}))
    finds(found, "error", "All 2 replication slots are in use")
    until("the slot lost", lambda: server.sql(database, f"""
        INSERT INTO goods SELECT coalesce(max(id), 0) + 1, repeat('x', 1000) FROM goods; SELECT pg_switch_wal(); CHECKPOINT;
        SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{name}';""").split("\n")[-1] == "lost")
    finds(check(t, source(name, server, database)), "error", "is lost", "pg_drop_replication_slot")


def fail_over(t):
    """PostgreSQL 17 with a standby: slots that survive, and those that don't; a standby as the database"""
    primary = t.own_postgres(6, options="-c hot_standby=on", version="17")
    name = t.name("failover")
    database = t.database("failover", "CREATE TABLE goods (id int PRIMARY KEY);", primary)
    standby = primary.standby(t.ports + 7, f"{t.folder}/standby", slot="physical")
    t.started.append(standby)
    until("the standby", lambda: primary.sql("postgres", "SELECT 1 FROM pg_stat_replication;"))
    finds(check(t, source(name, primary, database)), "ok", "The server has 1 standby. slot.failover=true")
    primary.sql(database, f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput');")
    found = check(t, source(name, primary, database, **{"slot.failover": "true"}))
    finds(found, "warning", "was made without FAILOVER", "ALTER_REPLICATION_SLOT")
    finds(found, "warning", "synchronized_standby_slots is empty")
    found = check(t, source(name, standby, database, **{"slot.name": "other", "slot.failover": "true"}))
    finds(found, "warning", "The server is a standby")
    finds(found, "error", "A slot on a standby can't be a failover slot")
    primary.sql("postgres", "CREATE ROLE slow LOGIN SUPERUSER; ALTER ROLE slow SET transaction_timeout = '90s';")
    found = check(t, source(name, primary, database, **{"database.user": "slow"}))
    finds(found, "warning", "transaction_timeout is 1 min 30 s")


if __name__ == "__main__":
    live.main([all_is_well, rights, publications, tables, signals, slots, timeouts, pooled, replica_level, limits, fail_over])
