#!/usr/bin/env python3
# check: timeout=300
"""Faults of the PostgreSQL server: crashes, fail-over, settings, users and databases that change under the stream,
and clocks that jump."""
import glob
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, offset_file  # noqa: E402
from kit.faults import DDL, Stream, Writer, says  # noqa: E402
from kit.live import until  # noqa: E402
from kit.proxy import Proxy  # noqa: E402
from kit.servers import Session  # noqa: E402

SEED = int(os.environ.get("SEED", 0)) or random.SystemRandom().randrange(10**6)


def server(t):
    """One that may be crashed, restarted and set."""
    if not hasattr(t, "own"):
        t.own = t.own_postgres(4)
    return t.own


def proxy_to(t, port, postgres):
    proxy = Proxy(t.ports + port, postgres)
    proxy.kill = proxy.close
    t.started.append(proxy)
    return proxy


def crashes_under_load(t):
    """kill -9 of all of it, and immediate shutdowns, while changes are made: each comes once, in order"""
    postgres, rng = server(t), random.Random(SEED)
    s = Stream(t, "crash", postgres)
    writer = Writer(s, 0.001)
    for i in range(6):
        time.sleep(0.3 + rng.random())
        postgres.kill() if i % 2 else postgres.crash()
        time.sleep(rng.random() * 0.5)
        postgres.start()
    time.sleep(0.3)
    writer.stop()
    s.await_all(60)
    s.check()
    s.running()
    s.stop()


def orderly_shutdown(t):
    """a server that stops waits for us to let go of its WAL: that does not take until offsets are due"""
    postgres = server(t)
    s = Stream(t, "shutdown", postgres, settings={"offset.flush.interval.ms": 120000})
    for _ in range(2):
        s.write(20)
        s.await_all()
        s.sql("CREATE TABLE IF NOT EXISTS later (id int); CHECKPOINT;")
        since = time.monotonic()
        postgres.stop()
        assert time.monotonic() - since < 50, "the server was kept from stopping"
        postgres.start()
        s.write(5)
        s.await_all()
    s.check()
    s.running()
    s.stop()


def wal_level_lowered(t):
    """the server does not start with the slot and a lower level; without the slot it says so"""
    postgres = server(t)
    s = Stream(t, "level", postgres)
    s.write(5)
    s.await_all()
    postgres.stop()
    try:
        postgres.start("replica")
        raise AssertionError("the server starts with a logical slot and wal_level=replica")
    except RuntimeError as error:
        says(str(error), "wal_level")
    s.running()  # it is being tried again
    postgres.start("logical")
    s.write(5)
    s.await_all()
    s.check()
    s.stop()
    s.postgres.sql("postgres", "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active;")
    postgres.stop()
    postgres.start("replica")
    try:
        os.remove(s.worker.offset_file)
        s.worker.start()
        s.worker.wait_ready()
        s.failed("wal_level", "logical")
        s.stop()
    finally:
        postgres.stop()
        postgres.start("logical")


def secret_role(t, postgres, name):
    postgres.sql("postgres", "DO $$ BEGIN CREATE ROLE scram_users; EXCEPTION WHEN duplicate_object THEN NULL; END $$;")
    postgres.sql("postgres", f"SET password_encryption = 'scram-sha-256'; CREATE ROLE {name} SUPERUSER REPLICATION LOGIN PASSWORD 'first-secret' IN ROLE scram_users;")


def password_changed(t):
    """the stream goes on until it must log in again: FAILED with the user's name and no password, then mended"""
    postgres, user = server(t), t.name("pwuser")
    secret_role(t, postgres, user)
    s = Stream(t, "password", postgres, **{"database.user": user, "database.password": "first-secret"})
    postgres.sql("postgres", f"SET password_encryption = 'scram-sha-256'; ALTER ROLE {user} PASSWORD 'second-secret';")
    s.write(5)
    s.await_all()
    postgres.sql("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}';")
    s.write(5)
    trace = s.failed("password authentication failed", user)
    assert "secret" not in trace
    s.configure(**{"database.password": "second-secret"})
    s.await_all()
    s.check()
    s.stop()
    assert "secret" not in s.log(), "a password is in the log"


def role_dropped(t):
    """FAILED with the role's name; made again, it goes on"""
    postgres, user = server(t), t.name("goneuser")
    postgres.sql("postgres", f"CREATE ROLE {user} SUPERUSER REPLICATION LOGIN;")
    s = Stream(t, "role", postgres, **{"database.user": user})
    s.sql(f"REASSIGN OWNED BY {user} TO postgres; DROP ROLE {user};")
    postgres.sql("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'Penstock%' AND datname = '{s.database}';")
    s.write(5)
    s.failed(user, "does not exist")
    postgres.sql("postgres", f"CREATE ROLE {user} SUPERUSER REPLICATION LOGIN;")
    s.restart()
    s.await_all()
    s.check()
    s.stop()


def database_dropped(t):
    """refused by the server while the slot is used; after that FAILED with the database's name"""
    s = Stream(t, "dropdb", server(t))
    s.write(5)
    s.await_all()
    told = s.postgres.sql("postgres", f"DROP DATABASE {s.database} WITH (FORCE);", check=False)
    assert told == "" and s.postgres.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{s.database}';") == "1"
    s.write(5)
    s.await_all()
    s.check()
    until("the database gone", lambda: s.postgres.sql("postgres", f"""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{s.database}';
        DROP DATABASE {s.database} WITH (FORCE);""", check=False) is not None and
        s.postgres.sql("postgres", f"SELECT count(*) FROM pg_database WHERE datname = '{s.database}';") == "0")
    s.failed(s.database, "does not exist")
    s.stop()


def no_sender_free(t):
    """max_wal_senders is used up: it waits and says so, in status too; then it goes on"""
    postgres = t._own(type(server(t))(t.ports + 6, f"{t.folder}/postgres-senders", "-c max_wal_senders=1"), True)
    s = Stream(t, "senders", postgres)
    s.stop()

    class Replication:
        """Makes Session take a replication connection."""
        @staticmethod
        def conninfo(database):
            return postgres.conninfo(database) + " replication=database"
    hog = Session(Replication, s.database)
    assert hog.run("IDENTIFY_SYSTEM;")
    s.worker.start()
    s.worker.wait_ready()
    s.logged("max_wal_senders", "trying again")
    s.running()
    s.write(5)
    hog.close()
    s.await_all()
    s.check()
    s.stop()
    postgres.kill()


def idle_database(t):
    """nothing happens in it, much in another: the slot lets WAL go, with heartbeats and without"""
    postgres = server(t)
    other = t.database("busy", DDL, postgres)
    quick = Stream(t, "beats", postgres, **{"heartbeat.interval.ms": 100})
    before = int(quick.slot("confirmed_flush_lsn - '0/0'::pg_lsn"))
    for _ in range(20):
        postgres.sql(other, "INSERT INTO goods SELECT i, i, repeat('x', 1000) FROM generate_series(1, 1000) i; DELETE FROM goods;")
    end = int(postgres.sql("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;"))
    assert end > before + (16 << 20)
    until("the slot to follow by heartbeats", lambda: int(quick.slot("confirmed_flush_lsn - '0/0'::pg_lsn")) >= end)
    quick.write(5)
    quick.await_all()
    quick.check()
    quick.stop()
    quick.drop()
    quiet = Stream(t, "quiet", postgres)
    for _ in range(20):
        postgres.sql(other, "INSERT INTO goods SELECT i, i, repeat('x', 1000) FROM generate_series(1, 1000) i; DELETE FROM goods;")
    end = int(postgres.sql("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;"))
    until("the slot to follow by itself", lambda: int(quiet.slot("confirmed_flush_lsn - '0/0'::pg_lsn")) >= end - (17 << 20))
    quiet.write(5)
    quiet.await_all()
    quiet.check()
    quiet.stop()


# ---- fail-over ----

def failover_slot(t):
    """PostgreSQL 17: the standby has the slot too, is promoted, and the stream goes on there: nothing lost, nothing twice"""
    primary = t.own_postgres(8, version="17")
    proxy = proxy_to(t, 30, primary)
    s = Stream(t, "failover", primary, port=proxy.port, **{"slot.failover": "true", "heartbeat.interval.ms": 200})
    assert s.slot("failover") == "t"
    standby = primary.standby(t.ports + 10, f"{t.folder}/postgres-standby", "-c sync_replication_slots=on", "standby")
    t.started.append(standby)
    primary.sql("postgres", "ALTER SYSTEM SET synchronized_standby_slots = 'standby'; SELECT pg_reload_conf();")
    writer = Writer(s, 0.002)
    until("the slot on the standby", lambda: primary.sql("postgres", "SELECT pg_log_standby_snapshot();") and standby.sql(
        "postgres", f"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{s.name}' AND synced AND NOT temporary;") == "1", 60)
    time.sleep(1)
    primary.kill()
    standby.sql("postgres", "SELECT pg_promote();")
    s.postgres = proxy.server = standby
    time.sleep(1)
    writer.stop()
    s.write(5)
    s.await_all(60)
    s.check()
    s.running()
    s.logged("timeline 2")
    s.stop()
    s.worker.start()  # and from the stored position
    s.write(5)
    s.await_all()
    s.check()
    s.stop()
    standby.kill()


def failover_that_loses(t):
    """a standby that lags is promoted: the new server lacks what was sent; FAILED with the range, not silence"""
    primary = server(t)
    proxy = proxy_to(t, 31, primary)
    standby = primary.standby(t.ports + 12, f"{t.folder}/postgres-lagging")
    t.started.append(standby)
    s = Stream(t, "lagging", primary, port=proxy.port)
    s.write(5)
    s.await_all()
    until("the standby to follow", lambda: standby.sql("postgres", "SELECT pg_last_wal_replay_lsn();") == primary.sql("postgres", "SELECT pg_current_wal_lsn();"))
    standby.crash()
    s.write(50)  # which the standby never hears of
    s.await_all()
    time.sleep(1)  # offsets stored
    primary.stop()
    standby.start()
    standby.sql("postgres", "SELECT pg_promote();")
    # Slots of this version don't follow: what there is was made by hand.
    until("promoted", lambda: standby.sql("postgres", "SELECT pg_is_in_recovery();") == "f")
    standby.sql(s.database, f"SELECT pg_create_logical_replication_slot('{s.name}', 'pgoutput');")
    for i in range(200):  # beyond the stored position, so that only the timeline tells
        standby.sql(s.database, "SELECT pg_logical_emit_message(false, 'x', repeat('x', 100000));") if i < 20 else None
    s.postgres = proxy.server = standby
    s.failed("fail-over", "snapshot.mode=when_needed", s.name)
    s.configure(**{"snapshot.mode": "when_needed"})
    s.running()
    s.streaming()
    s.written()
    s.write(5)
    s.await_all()
    s.check_rows()
    s.stop()
    standby.kill()
    primary.start()


def failover_without_slot(t):
    """the promoted standby has no slot, as before version 17: FAILED and told; when_needed reads all rows anew"""
    primary = server(t)
    proxy = proxy_to(t, 32, primary)
    standby = primary.standby(t.ports + 14, f"{t.folder}/postgres-slotless")
    t.started.append(standby)
    s = Stream(t, "slotless", primary, port=proxy.port)
    s.write(5)
    s.await_all()
    until("the standby to follow", lambda: standby.sql("postgres", "SELECT pg_last_wal_replay_lsn();") == primary.sql("postgres", "SELECT pg_current_wal_lsn();"))
    primary.stop()
    standby.sql("postgres", "SELECT pg_promote();")
    s.postgres = proxy.server = standby
    s.failed("slot", s.name, "not on the server any more")
    s.configure(**{"snapshot.mode": "when_needed"})
    s.running()
    s.streaming()
    s.write(5)
    s.await_all()
    s.check_rows()
    s.stop()
    standby.kill()
    primary.start()


# ---- clocks ----

def clock_jumps(t):
    """the wall clock jumps ahead and a day back: waits, heartbeats and offsets don't care; what Kafka won't take is told"""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert found, "no libfaketime: run tests/stack/install"
    shift = f"{t.folder}/shift"

    def jump(text):
        with open(shift + ".new", "w", encoding="ascii") as file:
            file.write(text + "\n")
        os.rename(shift + ".new", shift)
    jump("+0")
    s = Stream(t, "clock", start=False, **{"heartbeat.interval.ms": 200})
    s.worker.env = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": shift, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    s.worker.start()
    s.streaming()
    pid = s.slot("active_pid")
    for text in ("+3000", "-86400", "+0"):
        jump(text)
        s.write(5)
        s.await_all(15)
        lsn = int(s.postgres.sql("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;"))
        until(f"the offset stored with the clock at {text}", lambda: any(
            offset and offset.get("lsn", 0) >= lsn - (1 << 20) for offset in offset_file.read(s.worker.offset_file).values()), 15)
        stamp = max(event["ts_ms"] for event in s.events()[-3:])
        assert abs(stamp - (time.time() + int(text)) * 1000) < 60000, (stamp, text)
    assert s.slot("active_pid") == pid, "the stream was begun again"
    jump("+86400")  # the broker refuses messages from more than an hour ahead
    s.write(5)
    s.failed("timestamp", "message.timestamp.after.max.ms")
    jump("+0")
    s.restart()
    s.await_all()
    s.check()
    s.stop()


if __name__ == "__main__":
    live.main([crashes_under_load, orderly_shutdown, wal_level_lowered, password_changed, role_dropped, database_dropped, no_sender_free, idle_database,
               failover_slot, failover_that_loses, failover_without_slot, clock_jumps])
