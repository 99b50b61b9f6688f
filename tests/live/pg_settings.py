#!/usr/bin/env python3
# check: asan timeout=400
"""Settings of the PostgreSQL source whose effect shows only at a live server: positions, slots, publications, guards, post processors."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.faults import Stream, says  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Session  # noqa: E402


def server(t):
    """One of our own: slots wait for the transactions of a server, and WAL of others moves them."""
    if not hasattr(t, "own"):
        t.own = t.own_postgres(4, options="-c max_replication_slots=30 -c max_wal_senders=30")
    return t.own


def values(t, topic):
    return [json.loads(m.value())["payload"] for m in topics.read(t.kafka, topic) if m.value()]


def lsn(s, expression):
    return int(s.postgres.sql("postgres", f"SELECT ({expression}) - '0/0'::pg_lsn;"))


def confirmed(s):
    return int(s.slot("confirmed_flush_lsn - '0/0'::pg_lsn"))


def stored_slot(s):
    """Stops the worker once the slot is where the stored position is."""
    s.write(5)
    s.await_all()
    end = lsn(s, "pg_current_wal_lsn()")
    s.write(1)
    s.await_all()
    until("the slot confirmed", lambda: confirmed(s) >= end, 20)
    s.stop()


def again(s, **config):
    """A new start with other settings."""
    s.config.update(config)
    s.worker.write_connector(s.config)
    s.worker.start()
    s.worker.wait_ready()


# ---- offset.mismatch.strategy ----

def moved_slot(t, stem, strategy):
    """A connector that starts behind a slot which somebody moved: two changes lie between."""
    s = Stream(t, stem, server(t))
    stored_slot(s)
    s.write(2)
    s.sql(f"SELECT pg_replication_slot_advance('{s.name}', pg_current_wal_lsn());")
    again(s, **{"offset.mismatch.strategy": strategy})
    return s


def mismatch_fails(t):
    """trust_offset does not go on from a slot that is ahead"""
    s = moved_slot(t, "moff", "trust_offset")
    s.failed("slot", s.name, "ahead", "trust_slot")
    s.stop()


def mismatch_goes_on(t):
    """trust_slot and trust_greater_lsn do, and say what is lost"""
    for strategy in ("trust_slot", "trust_greater_lsn"):
        s = moved_slot(t, strategy, strategy)
        s.logged("moved beyond the stored position", s.name)
        s.streaming()
        s.write(1)
        s.await_all()
        came = {event["after"]["n"] for event in s.events() if event["after"]}
        assert s.n - 1 not in came and s.n in came, came
        s.stop()
        t.stop_workers()


def mismatch_moves_slot(t):
    """trust_offset moves a slot that is behind, unless somebody else moves it"""
    s = Stream(t, "mbehind", server(t), **{"lsn.flush.mode": "manual"})
    s.write(6)
    s.await_all()
    before = confirmed(s)
    time.sleep(1.2)
    assert confirmed(s) == before, "manual, and the slot was moved"
    s.stop()
    again(s, **{"offset.mismatch.strategy": "trust_offset"})
    s.streaming()
    assert confirmed(s) == before
    s.stop()
    again(s, **{"lsn.flush.mode": "connector"})
    s.streaming()
    s.logged("Moving slot", s.name)
    assert confirmed(s) > before
    s.write(2)
    s.await_all()
    s.check()
    s.stop()


def mismatch_unknown(t):
    """a strategy that is not known is no_validation, and a word of warning"""
    s = Stream(t, "mwhat", server(t), **{"offset.mismatch.strategy": "hope"})
    s.logged("offset.mismatch.strategy", "no_validation is used")
    s.stop()


def missing_slot(t):
    """with trust_slot a slot that is gone is made anew; the loss is told"""
    s = Stream(t, "mgone", server(t))
    stored_slot(s)
    s.postgres.sql("postgres", f"SELECT pg_drop_replication_slot('{s.name}');")
    s.write(1)
    again(s, **{"offset.mismatch.strategy": "trust_slot"})
    s.logged("made anew", s.name)
    s.streaming()
    s.write(1)
    s.await_all()
    s.stop()


# ---- lsn.flush.mode ----

def flush_by_driver(t):
    """connector_and_driver lets go at once of WAL that has nothing of ours"""
    s = Stream(t, "drv", server(t), **{"lsn.flush.mode": "connector_and_driver"})
    s.write(3)
    s.await_all()
    s.postgres.sql("postgres", "CREATE TABLE IF NOT EXISTS noise (x text); INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 2000);")
    end = lsn(s, "pg_current_wal_lsn()")
    until("the slot past the noise", lambda: confirmed(s) >= end, 20)
    s.write(2)
    s.await_all()
    s.check()
    s.stop()
    again(s)
    s.streaming()
    s.write(2)
    s.await_all()
    s.check()
    assert "moved beyond" not in s.log()
    s.stop()


# ---- slots ----

def slot_in_time(t):
    """a slot waits for an open transaction: internal.create.slot.command.timeout and slot.max.retries end that"""
    session = Session(server(t), "postgres")
    session.run("BEGIN; SELECT txid_current();")
    s = Stream(t, "late", server(t), start=False, **{"internal.create.slot.command.timeout": 1, "slot.max.retries": 1,
                                                     "errors.max.retries": 0, "slot.retry.delay.ms": 100})
    s.worker.start()
    s.worker.wait_ready()
    s.failed("timed out", "no long running queries")
    s.logged("was not made within 1 s", "Try 1 of 1")
    session.run("COMMIT;")
    session.close()
    s.restart()
    s.streaming()
    s.stop()


def stream_params(t):
    """slot.stream.params reach the plug-in, quotes and all"""
    s = Stream(t, "params", server(t), start=False, **{"slot.stream.params": "binary=false;odd=it's", "errors.max.retries": 0})
    s.worker.start()
    s.worker.wait_ready()
    s.failed("odd")
    s.configure(**{"slot.stream.params": "binary=false"})
    s.streaming()
    s.stop()


def failover(t):
    """slot.failover: told where the server has none such, made where it has"""
    s = Stream(t, "fover", server(t), **{"slot.failover": "true"})
    s.logged("slot.failover", "17 is the first")
    s.stop()
    t.stop_workers()
    s = Stream(t, "fover17", t.own_postgres(6, version="17"), **{"slot.failover": "true"})
    assert s.slot("failover") == "t"
    s.write(1)
    s.await_all()
    s.stop()


# ---- publications and identities ----

def publications(t):
    """a filtered publication is changed when it must be, and not for nothing; signals are never left out of it"""
    s = Stream(t, "pub", server(t), rows=3, **{"publication.autocreate.mode": "filtered", "table.include.list": "public.goods"})
    s.stop()
    again(s)
    s.streaming()
    assert "ALTER PUBLICATION" not in s.log()
    s.stop()
    s.sql("CREATE TABLE more (id int PRIMARY KEY);")
    again(s, **{"table.include.list": "public.goods,public.more"})
    s.streaming()
    assert s.log().count("ALTER PUBLICATION") == 1, s.log()
    assert s.sql("SELECT count(*) FROM pg_publication_tables;") == "2"
    s.stop()
    s.sql("DROP TABLE more; ALTER TABLE goods RENAME TO things;")
    again(s)
    s.logged("No table is captured")
    s.stop()
    t.stop_workers()
    s = Stream(t, "pubsig", server(t), rows=3, **{"skipped.operations": "c,d", "signal.data.collection": "public.signals"})
    assert s.sql("SELECT pubinsert, pubupdate, pubdelete, pubtruncate FROM pg_publication;") == "t\tt\tt\tt"
    s.write(4)
    s.stop()


def identities(t):
    """replica.identity.autoset.values sets what differs, once"""
    s = Stream(t, "ident", server(t), rows=3, start=False, **{"replica.identity.autoset.values": "public.goods:FULL,public.ix:INDEX ix_n"})
    s.sql("CREATE TABLE ix (id int PRIMARY KEY, n int NOT NULL); CREATE UNIQUE INDEX ix_n ON ix (n);")
    s.worker.start()
    s.worker.wait_ready()
    s.streaming()
    assert s.sql("SELECT relname, relreplident FROM pg_class WHERE relname IN ('goods', 'ix') ORDER BY 1;") == "goods\tf\nix\ti"
    assert s.log().count("REPLICA IDENTITY") == 2
    s.stop()
    again(s)
    s.streaming()
    assert s.log().count("REPLICA IDENTITY") == 2
    s.stop()


def standby(t):
    """a standby makes no publication, and says where to make it; then it is streamed from"""
    primary = t.own_postgres(8, version="17")
    replica = primary.standby(t.ports + 10, f"{t.folder}/standby")
    t.started.append(replica)
    name = t.name("stby")
    primary.create_database(name)
    primary.sql(name, "CREATE TABLE goods (id int PRIMARY KEY, n int NOT NULL, note text); INSERT INTO goods VALUES (1, 1, 'x');")
    until("the database at the standby", lambda: replica.sql(name, "SELECT count(*) FROM goods;", check=False) == "1")
    config = {**live_source(name, replica), "snapshot.mode": "no_data", "replica.identity.autoset.values": "public.goods:FULL"}
    worker = t.worker([config])
    says(worker.wait_task(name, "FAILED"), "publication", name, "standby", "primary")
    primary.sql(name, f'CREATE PUBLICATION "{name}" FOR ALL TABLES;')
    until("the publication at the standby", lambda: replica.sql(name, "SELECT count(*) FROM pg_publication;", check=False) == "1")
    assert worker.rest("POST", f"/connectors/{name}/tasks/0/restart")[0] == 204
    # A standby makes a slot only once the primary tells it of its running transactions.
    until("the stream", lambda: primary.sql(name, "SELECT pg_log_standby_snapshot();") and replica.sql(
        "postgres", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming';") == "1")
    primary.sql(name, "UPDATE goods SET n = 2;")
    until("the change", lambda: values(t, f"{name}.public.goods"))
    assert values(t, f"{name}.public.goods")[0]["after"]["n"] == 2
    assert worker.stop() == 0


def live_source(name, postgres):
    from kit.configs import source  # pylint: disable=import-outside-toplevel
    return source(name, postgres, name)


# ---- faults of events ----

def faulty_events(t):
    """event.processing.failure.handling.mode: an event that can't be made is left out, with a word or without"""
    for mode, word in (("warn", True), ("skip", False), ("ignore", False)):
        s = Stream(t, f"ev{mode}", server(t), **{"event.processing.failure.handling.mode": mode, "event.converting.failure.handling.mode": "fail"})
        s.sql("CREATE TABLE money (id int PRIMARY KEY, v numeric(10,2));"
              "INSERT INTO money VALUES (1, 1); INSERT INTO money VALUES (2, 'NaN'); INSERT INTO money VALUES (3, 3);")
        topic = f"{s.name}.public.money"
        until("the good rows", lambda: len(values(t, topic)) == 2)  # pylint: disable=cell-var-from-loop
        assert [v["after"]["id"] for v in values(t, topic)] == [1, 3]
        assert ("An event is left out" in s.log()) == word, s.log()
        s.stop()
        t.stop_workers()


def guardrail(t):
    """guardrail.collections.max warns or fails"""
    s = Stream(t, "guard", server(t), start=False, **{"guardrail.collections.max": 1, "guardrail.collections.limit.action": "fail"})
    s.sql("CREATE TABLE second (id int PRIMARY KEY);")
    s.worker.start()
    s.worker.wait_ready()
    s.failed("Guardrail limit exceeded", "2 tables", "1.")
    s.configure(**{"guardrail.collections.limit.action": "warn"})
    s.streaming()
    s.logged("WARN", "Guardrail limit exceeded")
    s.configure(**{"guardrail.collections.limit.action": "fail", "table.include.list": "public.goods"})
    s.streaming()
    s.stop()


# ---- statements ----

def initial_statements(t):
    """run one by one on each connection, with ;; for a semicolon; one that fails is not passed over"""
    s = Stream(t, "init", server(t), start=False, **{
        "database.initial.statements": "CREATE TABLE IF NOT EXISTS inits (x text); ; INSERT INTO inits VALUES ('a;;b');VACUUM inits"})
    s.worker.start()
    s.worker.wait_ready()
    s.streaming()
    assert set(s.sql("SELECT x FROM inits;").split()) == {"a;b"}
    s.stop()
    s.worker.files.clear()
    s.worker.start()
    s.worker.wait_ready()
    s.config["database.initial.statements"] = "SELECT 1; SELECT nonsense"
    status, body = s.worker.rest("PUT", f"/connectors/{s.name}/config", {k: str(v) for k, v in s.config.items()})
    assert status == 400, f"{status} {body}"
    says(body["message"], "database.initial.statements", "nonsense")
    s.stop()


def heartbeat_query(t):
    """a heartbeat.action.query that fails is tried again, errors.max.retries times; it ends by database.query.timeout.ms"""
    s = Stream(t, "beat", server(t), **{"heartbeat.interval.ms": 200, "heartbeat.action.query": "INSERT INTO beats VALUES (now())"})
    s.logged("heartbeat.action.query", "beats")
    s.sql("CREATE TABLE beats (at timestamptz);")
    until("heartbeats", lambda: s.sql("SELECT count(*) > 2 FROM beats;") == "t")
    s.running()
    s.configure(**{"heartbeat.action.query": "SELECT pg_sleep(60)", "database.query.timeout.ms": 300, "errors.max.retries": 0})
    s.failed("heartbeat.action.query", "statement timeout")
    s.stop()


def retriable(t):
    """internal.custom.retriable.exception: a lasting error is tried again"""
    s = Stream(t, "excuse", server(t), **{"internal.custom.retriable.exception": ".*to be mended.*", "event.converting.failure.handling.mode": "fail"})
    s.stop()
    again(s, **{"internal.custom.retriable.exception": ".*guardrail limit.*|.*Guardrail limit.*", "guardrail.collections.max": 1,
                "guardrail.collections.limit.action": "fail"})
    s.streaming()
    s.stop()
    s.sql("CREATE TABLE second (id int PRIMARY KEY);")
    again(s)
    s.logged("Guardrail limit exceeded")
    time.sleep(0.5)
    s.running()
    s.sql("DROP TABLE second;")
    s.streaming()
    s.stop()


def strategies(t):
    """a naming strategy that is not known, or lacks its regex, fails at the start by name"""
    s = Stream(t, "names", server(t), start=False, **{"topic.naming.strategy": "com.example.Own"})
    s.worker.start()
    s.worker.wait_ready()
    s.failed("com.example.Own", "topic.naming.strategy")
    s.configure(**{"topic.naming.strategy": "io.debezium.schema.DefaultRegexTopicNamingStrategy"})
    s.failed("topic.regex")
    s.stop()


def gathering(t):
    """poll.dispatch.interval.ms: changes are gathered so long"""
    s = Stream(t, "gather", server(t), **{"poll.dispatch.interval.ms": 700})
    since = time.monotonic()
    s.write(3)
    s.await_all()
    assert time.monotonic() - since > 0.6
    s.check()
    s.stop()


# ---- post processors ----

DDL = ("CREATE TABLE wide (a int, b text, v text, n int, note text, PRIMARY KEY (a, b)); ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;"
       "INSERT INTO wide VALUES (1, 'it''s', repeat('v', 3000), 1, NULL);")
RESELECT = "io.debezium.processors.reselect.ReselectColumnsPostProcessor"


def reselected(t):
    """columns that did not come are read again, found by a key of two columns; of others nothing is read"""
    s = Stream(t, "resel", server(t), start=False, **{
        "snapshot.mode": "no_data", "post.processors": "first,second", "first.type": RESELECT, "first.reselect.null.values": "false",
        "first.reselect.columns.exclude.list": ".*:note", "second.type": RESELECT, "second.reselect.columns.include.list": "public.wide:note",
        "second.reselect.use.event.key": "true", "second.reselect.error.handling.mode": "fail"})
    s.sql(DDL)
    s.worker.start()
    s.worker.wait_ready()
    s.streaming()
    topic = f"{s.name}.public.wide"
    s.sql("BEGIN; UPDATE wide SET n = 2; UPDATE wide SET n = 3, note = 'now'; COMMIT;")
    until("both", lambda: len(values(t, topic)) == 2)
    for value, n in zip(values(t, topic), (2, 3)):
        assert value["after"] == {"a": 1, "b": "it's", "v": "v" * 3000, "n": n, "note": "now"}, value["after"]
    s.stop()


def row_gone(t):
    """a row that is gone by then: the event comes as it was, or the task fails"""
    s = Stream(t, "rgone", server(t), start=False, **{"snapshot.mode": "no_data", "post.processors": "r", "r.type": RESELECT})
    s.sql(DDL)
    s.worker.start()
    s.worker.wait_ready()
    s.streaming()
    topic = f"{s.name}.public.wide"
    s.sql("BEGIN; UPDATE wide SET n = 2; DELETE FROM wide; COMMIT;")
    until("both", lambda: len(values(t, topic)) == 2)
    assert values(t, topic)[0]["after"]["v"] == "__debezium_unavailable_value"
    s.logged("Failed to find row in table public.wide")
    s.configure(**{"r.reselect.error.handling.mode": "fail"})
    s.streaming()
    # The server may stream a commit a moment before others see it: then the row is still there.
    for row in range(2, 8):
        s.sql(f"INSERT INTO wide VALUES ({row}, 'x', repeat('v', 3000), 1, 'x');")
        s.sql("BEGIN; UPDATE wide SET n = 2; DELETE FROM wide; COMMIT;")
        until("the deletion", lambda: s.worker.task(s.name)[0] == "FAILED" or len(values(t, topic)) >= 2 + 3 * (row - 1))  # noqa: B023
        if s.worker.task(s.name)[0] == "FAILED":
            break
    s.failed("Failed to find row in table public.wide")
    s.stop()


if __name__ == "__main__":
    live.main([mismatch_fails, mismatch_goes_on, mismatch_moves_slot, mismatch_unknown, missing_slot, flush_by_driver, slot_in_time, stream_params,
               failover, publications, identities, standby, faulty_events, guardrail, initial_statements, heartbeat_query, retriable,
               strategies, gathering, reselected, row_gone])
