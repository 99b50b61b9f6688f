#!/usr/bin/env python3
# check: asan tsan timeout=300
"""How far behind a PostgreSQL source is: in GET /connectors/X/metrics, in penstock status, in the log; and the warning before
the server gives its slot up."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.worker import program  # noqa: E402

MB = 1 << 20
BEHIND = "debezium_metrics_MilliSecondsBehindSource"


def metrics(worker, name):
    """name -> value of the first task; empty while there is nothing."""
    code, body = worker.rest("GET", f"/connectors/{name}/metrics")
    assert code in (200, 404), body
    return {row["name"]: row["value"] for task in body.get("tasks", []) for row in task["metrics"]}


def until_metric(worker, name, metric, condition):
    until(metric, lambda: (lambda value: value is not None and condition(value))(metrics(worker, name).get(metric)))


def status(worker, *arguments):
    """Exit status and lines of penstock status."""
    done = subprocess.run([program(), "status", f"127.0.0.1:{worker.port}", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, check=False)
    return done.returncode, (done.stdout or done.stderr).rstrip("\n").split("\n")


def quiet(t):
    """A server that nobody else writes to, for all tests of this file that need no other."""
    if not hasattr(t, "quiet"):
        t.quiet = t.own_postgres(5)
    return t.quiet


def streaming(t, stem, postgres=None, ddl="", **config):
    name = t.name(stem)
    postgres = postgres or quiet(t)
    database = t.database(stem, "CREATE TABLE goods (id int PRIMARY KEY, v text);" + ddl, postgres)
    worker = t.worker([source(name, postgres, database, **config)])
    until_metric(worker, name, "debezium_metrics_Connected", lambda value: value == 1)
    return name, database, worker


def fill(postgres, database, megabytes):
    """WAL, of random text that is not compressed."""
    postgres.sql(database, f"""INSERT INTO goods SELECT coalesce((SELECT max(id) FROM goods), 0) + i,
        (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 32 + 0 * i)) FROM generate_series(1, {megabytes} * 1024) i;""")


def counters(t):
    """events by kind, what was filtered, transactions, rows of the snapshot, commits"""
    name, database, worker = streaming(t, "counters", ddl="INSERT INTO goods SELECT i FROM generate_series(1, 7) i;"
                                       "CREATE TABLE other (id int PRIMARY KEY);", **{"table.include.list": "public.goods", "skipped.operations": "none"})
    quiet(t).sql(database, """INSERT INTO goods VALUES (8), (9); UPDATE goods SET v = 'x' WHERE id < 4; DELETE FROM goods WHERE id = 9;
        INSERT INTO other VALUES (1); TRUNCATE goods; SELECT pg_logical_emit_message(true, 'p', 'm');""")
    wanted = {"NumberOfCreateEventsSeen": 2, "NumberOfUpdateEventsSeen": 3, "NumberOfDeleteEventsSeen": 1, "NumberOfEventsFiltered": 1,
              "TotalNumberOfEventsSeen": 8, "NumberOfCommittedTransactions": 6, "RowsScanned": 7, "SnapshotCompleted": 1, "SnapshotRunning": 0,
              "TotalTableCount": 1, "RemainingTableCount": 0}
    wanted = {**{f"debezium_metrics_{key}": value for key, value in wanted.items()}, "penstock_source_truncates_total": 1,
              "penstock_source_messages_total": 1, "penstock_snapshot_rows": 7, "kafka_connect_task_error_total_record_errors": 0}
    until("the counters", lambda: wanted.items() <= metrics(worker, name).items())
    until_metric(worker, name, "kafka_connect_source_task_source_record_active_count", lambda value: value == 0)
    until_metric(worker, name, "penstock_task_last_offset_commit_ms", lambda value: value >= 0)
    code, lines = status(worker)
    assert code == 0 and lines[0].split()[:4] == ["CONNECTOR", "TASK", "STATE", "WORKER"], lines
    assert lines[1].split()[:3] == [name, "0", "RUNNING"], lines
    assert worker.stop() == 0


def behind(t):
    """a paused source falls behind by bytes and time, and by nothing once it has caught up; what is idle is not behind"""
    name, database, worker = streaming(t, "behind")
    assert worker.rest("PUT", f"/connectors/{name}/pause")[0] == 202
    worker.wait_task(name, "PAUSED")
    fill(quiet(t), database, 4)
    until_metric(worker, name, "penstock_source_lag_bytes", lambda value: value > 4 * MB)
    until_metric(worker, name, BEHIND, lambda value: value > 3000)
    now = metrics(worker, name)
    assert now["penstock_slot_wal_bytes"] > 4 * MB and now["penstock_slot_unconfirmed_bytes"] > 4 * MB, now
    assert "MB, " in status(worker, name)[1][1], status(worker, name)
    assert worker.rest("PUT", f"/connectors/{name}/resume")[0] == 202
    until_metric(worker, name, "penstock_source_lag_bytes", lambda value: value == 0)
    until_metric(worker, name, BEHIND, lambda value: value == 0)
    until_metric(worker, name, "penstock_slot_unconfirmed_bytes", lambda value: value < MB)
    assert "nothing" in status(worker, name)[1][1], status(worker, name)
    assert worker.stop() == 0


def incremental(t):
    """a snapshot on request: tables to go, rows of the one at hand, paused"""
    name, _, worker = streaming(t, "incremental", ddl="""CREATE TABLE signal (id varchar(42) PRIMARY KEY, type varchar(32), data varchar(2048));
        INSERT INTO goods SELECT i, 'x' FROM generate_series(1, 3000) i;""", **{
            "signal.data.collection": "public.signal", "incremental.snapshot.chunk.size": 10})

    def signal(kind, **data):
        data = {"type": "incremental", **data}
        until(kind, lambda: worker.rest("POST", f"/connectors/{name}/signals", {"type": kind, "data": data})[0] == 202)

    assert metrics(worker, name)["penstock_incremental_tables"] == 0
    signal("execute-snapshot", **{"data-collections": ["public.goods"]})
    signal("pause-snapshot")
    until_metric(worker, name, "debezium_metrics_SnapshotPaused", lambda value: value == 1)
    until_metric(worker, name, "penstock_incremental_tables", lambda value: value == 1)
    assert any(f"{name}/0: incremental snapshot, paused: 1 table to go" in line for line in status(worker)[1]), status(worker)
    signal("resume-snapshot")
    until_metric(worker, name, "penstock_incremental_tables", lambda value: value == 0)
    until_metric(worker, name, "debezium_metrics_RowsScanned", lambda value: value == 6000)
    assert worker.stop() == 0


def in_the_log(t):
    """a line every so often while something moves, none when nothing does"""
    name, database, worker = streaming(t, "logged", **{"lag.log.interval.ms": 300})
    for _ in range(3):
        lines = worker.log_tail().count("Streaming: ")
        quiet(t).sql(database, "INSERT INTO goods SELECT max(id) + 1 FROM goods;" if lines else "INSERT INTO goods VALUES (1);")
        until("a line", lambda: worker.log_tail().count("Streaming: ") > lines)  # pylint: disable=cell-var-from-loop
    assert "the slot holds back" in worker.log_tail() and "events since the last such line" in worker.log_tail(), worker.log_tail()
    time.sleep(1)
    lines = worker.log_tail().count("Streaming: ")
    time.sleep(2)
    assert worker.log_tail().count("Streaming: ") == lines, worker.log_tail()
    assert worker.stop() == 0, name


def before_it_bites(t):
    """the slot comes near max_slot_wal_keep_size, passes it, is lost: each told once, with what to do"""
    server = t.own_postgres(4, options="-c max_slot_wal_keep_size=96MB -c max_wal_size=48MB -c min_wal_size=32MB -c wal_keep_size=0")
    name, database, worker = streaming(t, "bites", server)
    assert worker.rest("PUT", f"/connectors/{name}/pause")[0] == 202
    worker.wait_task(name, "PAUSED")

    def grow(*words):
        def told():
            fill(server, database, 4)
            time.sleep(1)
            return all(word in worker.log_tail() for word in words)
        until(" ".join(words), told, 60)

    fill(server, database, 40)
    grow("holds back", "more than max_wal_size; at 96 MB the server gives it up")
    grow("more, and the server gives it up", "ALTER SYSTEM SET max_slot_wal_keep_size")
    assert any("holds back more than max_wal_size" in line and "gives the slot up" in line for line in status(worker)[1]), status(worker)
    # The server's sender is stuck with what nobody reads: unless we hang up, this waits until the task is resumed.
    until("the slot lost", lambda: fill(server, database, 8) or server.sql(database, f"""
        CHECKPOINT; SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{name}';""") == "lost")
    until("the loss told", lambda: f'Slot "{name}" is lost' in worker.log_tail())
    time.sleep(3)
    for words in ("more than max_wal_size; at", "more, and the server gives it up", f'Slot "{name}" is lost'):
        assert worker.log_tail().count(words) == 1, worker.log_tail()
    assert any("the slot is lost" in line for line in status(worker)[1]), status(worker)
    assert "the stream was closed, for nothing reads it" in worker.log_tail() and worker.task(name)[0] == "PAUSED", worker.log_tail()
    assert worker.rest("PUT", f"/connectors/{name}/resume")[0] == 202
    until("the failure", lambda: worker.task(name)[0] == "FAILED")
    assert worker.stop() == 0


def for_scripts(t):
    """exit statuses, --json, a failed task, a database that is away, a worker that does not answer"""
    server = quiet(t)
    name, _, worker = streaming(t, "scripts")
    code, lines = status(worker, "--json", name)
    body = json.loads("\n".join(lines))
    task = body["connectors"][0]["tasks"][0]
    assert code == 0 and body["version"] == "4.1.0" and body["connectors"][0]["name"] == name, body
    assert task["state"] == "RUNNING" and any(row["name"] == "debezium_metrics_Connected" and row["context"] == "streaming" for row in task["metrics"]), task
    server.kill()
    until("the trouble", lambda: any(f"{name}/0: trying again: " in line for line in status(worker)[1]))
    server.start()
    until("the trouble over", lambda: len(status(worker)[1]) == 2)
    bad = t.name("bad")
    assert worker.rest("POST", "/connectors", {"name": bad, "config": {"connector.class": "FileStreamSink", "file": "/nonexistent/x",
                                                                      "topics": bad}})[0] == 201
    until("the failure", lambda: worker.task(bad)[0] == "FAILED")
    code, lines = status(worker)
    assert code == 1 and any(line.startswith(f"{bad}/0: FAILED: org.apache.kafka") and "/nonexistent/x" in line for line in lines), lines
    assert status(worker, name)[0] == 0
    code, lines = status(worker, "nobody")
    assert code == 2 and "has no connector nobody" in lines[0], lines
    assert worker.stop() == 0
    code, lines = status(worker)
    assert code == 2 and "Failed to connect" in lines[0], lines


if __name__ == "__main__":
    live.main([counters, behind, incremental, in_the_log, before_it_bites, for_scripts])
