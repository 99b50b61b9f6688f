#!/usr/bin/env python3
# check: timeout=400
"""Faults of slots, publications, tables and positions: what the task says, and that nothing is lost unsaid."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402
from kit.faults import Stream, change, says  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Session  # noqa: E402

OPTIONS = "-c max_prepared_transactions=10 -c max_replication_slots=20 -c wal_keep_size=0 -c min_wal_size=32MB -c max_wal_size=32MB"


def server(t):
    """One of our own for all tests of this file: slots wait for every transaction of a server."""
    if not hasattr(t, "own"):
        t.own = t.own_postgres(4, options=OPTIONS)
    return t.own


def drop_slot(s):
    s.postgres.sql("postgres", f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{s.name}' AND active;"
                               f"SELECT pg_sleep(0.01);", check=False)
    until("the slot dropped", lambda: s.postgres.sql(
        "postgres", f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{s.name}' AND active;\n"
                    f"SELECT pg_drop_replication_slot('{s.name}');", check=False) is not None and not s.slot("slot_name"))


# ---- the slot ----

def slot_dropped_while_streaming(t):
    """a gap: FAILED, with the slot's name and what to do; a new snapshot brings all rows"""
    s = Stream(t, "dropped", server(t))
    s.write(5)
    s.await_all()
    drop_slot(s)
    s.write(3)
    s.failed("slot", s.name, "when needed", "not on the server")
    assert s.last() == 15, "nothing beyond the gap may come"
    s.configure(**{"snapshot.mode": "when_needed"})
    s.running()
    s.write(2)
    s.await_all()
    s.check_rows()
    s.stop()


def slot_dropped_before_anything_was_stored(t):
    """no position was stored yet: the gap is seen all the same"""
    s = Stream(t, "early", server(t), **{"snapshot.mode": "no_data"})
    drop_slot(s)
    s.write(3)
    s.failed("slot", s.name, "not on the server")
    s.stop()


def slot_dropped_while_stopped(t):
    """and made again by hand, too late: FAILED; it does not go on behind the gap"""
    s = Stream(t, "recreated", server(t))
    s.write(5)
    s.await_all()
    s.stop()
    drop_slot(s)
    s.write(3)
    s.sql(f"SELECT pg_create_logical_replication_slot('{s.name}', 'pgoutput');")
    s.write(2)
    s.worker.start()
    s.worker.wait_ready()
    s.failed("slot", s.name, "when needed")
    s.stop()
    assert s.last() == 15


def fill_wal(s, segments=6):
    for _ in range(segments):
        s.sql("SELECT pg_logical_emit_message(false, 'penstock test', repeat('x', 1000)); SELECT pg_switch_wal();")
    s.sql("CHECKPOINT;")


def slot_invalidated(t):
    """more WAL than max_slot_wal_keep_size while stopped: said at once, with the setting; when_needed takes a new slot"""
    s = Stream(t, "invalid", server(t))
    s.write(5)
    s.await_all()
    s.stop()
    s.write(3)
    s.postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'; SELECT pg_reload_conf();")
    try:
        until("the slot lost", lambda: fill_wal(s) or s.slot("wal_status") == "lost")
        s.worker.start()
        s.worker.wait_ready()
        s.failed("slot", s.name, "max_slot_wal_keep_size", "16MB", "pg_drop_replication_slot", "snapshot", timeout=10)
    finally:
        s.postgres.sql("postgres", "ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf();")
    assert s.last() == 15
    s.configure(**{"snapshot.mode": "when_needed"})
    s.running()
    s.streaming()
    s.write(2)
    s.await_all()
    assert s.slot("wal_status") != "lost"
    s.check_rows()
    s.stop()


def slot_invalidated_while_streaming(t):
    """a consumer that is cut off for too long: the server takes the slot away under it"""
    s = Stream(t, "invalidated", server(t), **{"lsn.flush.mode": "manual"})
    s.write(5)
    s.await_all()
    s.postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'; SELECT pg_reload_conf();")
    try:
        until("the slot lost", lambda: fill_wal(s) or s.slot("wal_status") == "lost")
        s.failed("slot", s.name, "max_slot_wal_keep_size", "pg_drop_replication_slot")
    finally:
        s.postgres.sql("postgres", "ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf();")
    s.check()
    s.stop()


def two_connectors_one_slot(t):
    """the second says who has the slot, and goes on when it is let go"""
    s = Stream(t, "shared", server(t))
    other = dict(s.config, name=f"{s.name}_2", **{"topic.prefix": f"{s.name}_2", "slot.max.retries": 2})
    status, body = s.worker.rest("PUT", f"/connectors/{other['name']}/config", {k: str(v) for k, v in other.items()})
    assert status == 201, f"{status} {body}"
    trace = s.worker.wait_task(other["name"], "FAILED")
    says(trace, f'slot "{s.name}"', "Penstock", "slot.name")
    s.write(5)
    s.await_all()
    s.check()
    assert s.worker.rest("DELETE", f"/connectors/{other['name']}")[0] == 204
    s.stop()


def no_slot_free(t):
    """max_replication_slots is used up: FAILED at once, and it goes on once one is free"""
    postgres = server(t)
    free = 20 - int(postgres.sql("postgres", "SELECT count(*) FROM pg_replication_slots;"))
    made = [t.name(f"taken{i}") for i in range(free)]
    for name in made:
        postgres.sql("postgres", f"SELECT pg_create_physical_replication_slot('{name}');")
    s = Stream(t, "noslot", postgres, start=False)
    s.worker.start()
    s.worker.wait_ready()
    s.failed("replication slot", "max_replication_slots", "Creation of replication slot failed")
    for name in made:
        postgres.sql("postgres", f"SELECT pg_drop_replication_slot('{name}');")
    s.restart()
    s.running()
    s.streaming()
    s.write(5)
    s.await_all()
    s.check()
    s.stop()


# ---- publication and tables ----

def publication_dropped_while_streaming(t):
    """FAILED, and why making it again is not enough: the changes in between were written without it"""
    s = Stream(t, "pubgone", server(t))
    s.write(5)
    s.await_all()
    s.sql(f"DROP PUBLICATION {s.name};")
    s.write(3)
    s.failed("publication", s.name, "does not exist", "CREATE PUBLICATION", "slot")
    s.sql(f"CREATE PUBLICATION {s.name} FOR ALL TABLES;")
    s.restart()
    s.failed("publication", s.name)  # the server decodes with the catalog of that time
    drop_slot(s)
    s.forget_offsets()
    s.running()
    s.streaming()
    s.write(2)
    s.await_all()
    s.check_rows()
    s.stop()


def publication_dropped_while_stopped(t):
    """without changes in between it is made again and all goes on"""
    s = Stream(t, "pubstopped", server(t))
    s.write(5)
    s.await_all()
    s.stop()
    s.sql(f"DROP PUBLICATION {s.name};")
    s.worker.start()
    s.worker.wait_ready()
    s.running()
    s.streaming()
    s.write(5)
    s.await_all()
    s.check()
    s.stop()


def table_dropped_from_publication(t):
    """its changes don't come: said in the log, while streaming and at the next start"""
    s = Stream(t, "untabled", server(t), start=False, **{"publication.autocreate.mode": "disabled",
                                                         "table.include.list": "public.goods,public.other"})
    s.sql("CREATE TABLE other (id int PRIMARY KEY);")
    s.sql(f"CREATE PUBLICATION {s.name} FOR TABLE goods, other;")
    s.worker.start()
    s.streaming()
    s.write(5)
    s.sql("INSERT INTO other VALUES (1);")
    s.await_all()
    assert "WARN" not in s.log(), s.log()
    s.sql(f"ALTER PUBLICATION {s.name} DROP TABLE goods;")
    s.sql("INSERT INTO other VALUES (2);")  # the server tells the table anew, since the publication was changed
    line = s.logged("WARN", "public.goods", s.name)
    says(line, "ALTER PUBLICATION", "snapshot")
    s.running()
    s.stop()
    before = s.log().count("public.goods")
    s.worker.start()
    s.worker.wait_ready()
    until("the warning at the start", lambda: s.log().count("public.goods") > before)
    s.stop()


def table_dropped(t):
    """while stopped, with changes that were not read yet: they come, and the rest goes on"""
    s = Stream(t, "tabledrop", server(t))
    s.sql("CREATE TABLE brief (id int PRIMARY KEY, text text);")
    s.write(5)
    s.await_all()
    s.stop()
    s.sql("INSERT INTO brief SELECT i, 'x' FROM generate_series(1, 20) i; DROP TABLE brief;")
    s.write(5)
    s.worker.start()
    s.await_all()
    assert t.ends(t.kafka).of([f"{s.name}.public.brief"])[f"{s.name}.public.brief"] == 20
    s.sql("CREATE TABLE brief2 (id int PRIMARY KEY); INSERT INTO brief2 VALUES (1); DROP TABLE brief2;")
    s.write(5)
    s.await_all()
    s.running()
    s.check()
    s.stop()


def table_recreated(t):
    """the same name, other columns, while streaming and while stopped: each row with its own columns"""
    s = Stream(t, "tableagain", server(t))
    topic = f"{s.name}.public.brief"
    s.sql("CREATE TABLE brief (id int PRIMARY KEY, a text); INSERT INTO brief VALUES (1, 'one');")
    s.sql("DROP TABLE brief; CREATE TABLE brief (id bigint PRIMARY KEY, b int); INSERT INTO brief VALUES (2, 2);")
    until("both rows", lambda: t.ends(t.kafka).of([topic])[topic] == 2)
    s.stop()
    s.sql("INSERT INTO brief VALUES (3, 3); DROP TABLE brief; CREATE TABLE brief (id int PRIMARY KEY, c text); INSERT INTO brief VALUES (4, 'four');")
    s.worker.start()
    until("all rows", lambda: t.ends(t.kafka).of([topic])[topic] == 4)
    s.topic = topic
    assert [event["after"] for event in s.events()] == [{"id": 1, "a": "one"}, {"id": 2, "b": 2}, {"id": 3, "b": 3}, {"id": 4, "c": "four"}], s.events()
    s.stop()


# ---- positions ----

def offset_ahead_of_server(t):
    """a server restored from an older state: FAILED, nothing is skipped unsaid"""
    s = Stream(t, "ahead", server(t))
    s.write(5)
    s.await_all()
    s.stop()
    far = int(s.postgres.sql("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;")) + (1 << 32)
    s.worker.start()
    s.worker.wait_ready()
    s.running()
    assert s.worker.rest("PUT", f"/connectors/{s.name}/stop")[0] == 204
    body = {"offsets": [{"partition": {"server": s.name}, "offset": {"lsn": far, "lsn_proc": far, "lsn_commit": far, "ts_usec": 1, "messageType": "COMMIT"}}]}
    until("the offset set", lambda: s.worker.rest("PATCH", f"/connectors/{s.name}/offsets", body)[0] == 200)
    s.worker.rest("PUT", f"/connectors/{s.name}/resume")
    until("an answer", lambda: s.worker.task(s.name)[0] in ("FAILED", "RUNNING"))
    s.failed("beyond", "backup", "offsets", s.name)
    s.stop()
    assert s.last() == 15


# ---- what a new slot waits for ----

def waits_for_transaction(t, stem, begin, end, words, settings=None):
    """A transaction older than the slot: the log names it, a stop interrupts, its end lets it go on."""
    postgres = server(t)
    s = Stream(t, stem, postgres, start=False, settings=settings)
    session = Session(postgres, s.database)
    session.run(begin.format(change=change(11)))
    s.n = 11
    s.worker.start()
    s.worker.wait_ready()
    s.logged("slot", s.name, "waits", *words)
    since = time.monotonic()
    s.stop()
    assert time.monotonic() - since < 10, "the stop hangs"
    until("no backend is left that makes the slot", lambda: postgres.sql(
        "postgres", f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{s.name}%' AND backend_type = 'walsender';") == "0")
    s.worker.start()
    s.worker.wait_ready()
    time.sleep(1)
    session.run(end)
    session.close()
    s.streaming()
    s.before = 11  # its change is in the snapshot
    s.write(4)
    s.await_all()
    s.check()
    s.stop()


def open_transaction_at_start(t):
    """a long transaction that has changes"""
    waits_for_transaction(t, "openxact", "BEGIN; SELECT pg_current_xact_id(); {change}", "COMMIT;", ("idle in transaction", "process"))


def prepared_transaction_at_start(t):
    """a prepared transaction that nobody ends"""
    waits_for_transaction(t, "prepxact", "BEGIN; {change} PREPARE TRANSACTION 'left alone';", "COMMIT PREPARED 'left alone';",
                          ("prepared transaction", "left alone", "ROLLBACK PREPARED"))


def prepared_across_restart(t):
    """prepared before a restart of the connector, committed after it: its change comes, in its place"""
    s = Stream(t, "prep2", server(t))
    s.write(4)
    s.sql(f"BEGIN; INSERT INTO goods VALUES (1000, {s.n + 2}, 'prepared'); PREPARE TRANSACTION '{s.name}';")
    s.write(1)
    s.await_all()
    s.stop()
    s.worker.start()
    s.streaming()
    s.sql(f"COMMIT PREPARED '{s.name}';")
    s.n += 1
    s.write(2)
    s.await_all()
    s.check()
    s.stop()


TESTS = [slot_dropped_while_streaming, slot_dropped_before_anything_was_stored, slot_dropped_while_stopped, slot_invalidated,
         slot_invalidated_while_streaming, two_connectors_one_slot, no_slot_free, publication_dropped_while_streaming,
         publication_dropped_while_stopped, table_dropped_from_publication, table_dropped, table_recreated, offset_ahead_of_server,
         open_transaction_at_start, prepared_transaction_at_start, prepared_across_restart]

if __name__ == "__main__":
    live.main(TESTS)
