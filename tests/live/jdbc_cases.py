#!/usr/bin/env python3
# check: asan timeout=400
"""Plays the recorded cases of Debezium's JDBC sink: records into topics, a sink beside them, then the tables
(columns, keys, rows) or the task's state must be those of the original. `jdbc_cases.py ID...` plays some.

A case has `config` (beside the connection and JsonConverter with schemas for all), `setup` (SQL), `schemas`,
`steps` and `expect.checks`, what the steps `status`, `tables` and `validate` found, in order. `{{case}}` stands for
a token of the run."""
import concurrent.futures
import json
import lzma
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from confluent_kafka import Producer  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases", "jdbc-sink")
COLUMNS = """SELECT json_build_array(n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
 CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, pg_get_expr(d.adbin, d.adrelid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND n.nspname = 'public' AND NOT a.attisdropped ORDER BY c.relname, a.attnum;"""
KEYS = """SELECT json_build_array('public.' || c.relname, CASE k.contype WHEN 'p' THEN 'primary' ELSE 'unique' END,
 array(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number ORDER BY u.place))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype IN ('p', 'u') AND k.connamespace = 'public'::regnamespace ORDER BY k.conname;"""


class Different(Exception):
    """What came is not what was recorded."""


def lines(postgres, database, sql):
    """Rows of one column that holds JSON."""
    return [json.loads(line) for line in postgres.sql(database, sql).split("\n") if line]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Case:
    def __init__(self, case, t, worker, number):
        self.case, self.t, self.worker = case, t, worker
        self.token = f"c{t.token}x{number}"
        self.connector, self.database = f"case-{self.token}", f"case_{self.token}"
        self.checks = []

    def fill(self, value):
        return json.loads(json.dumps(value).replace("{{case}}", self.token))

    def topics(self):
        return sorted({self.fill(r["topic"]) for step in self.case["steps"] for r in step.get("produce", [])})

    def wire(self, part):
        if part is None:
            return None
        if "text" in part:
            return self.fill(part["text"]).encode()
        schema = part["schema"]
        if isinstance(schema, str):
            schema = self.case["schemas"][schema]
        return json.dumps(self.fill({"schema": schema, "payload": part["payload"]})).encode()

    def config(self, more):
        config = {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": "1",
                  "connection.url": f"jdbc:postgresql://127.0.0.1:{self.t.postgres.port}/{self.database}",
                  "connection.username": "postgres", "connection.password": "none", "topics": ",".join(self.topics())}
        for side in "key", "value", "header":
            config[f"{side}.converter"] = "org.apache.kafka.connect.json.JsonConverter"
            config[f"{side}.converter.schemas.enable"] = "true"
        config.update(self.fill(more))
        return {name: value for name, value in config.items() if value is not None}

    # -- steps
    def produce(self, records):
        producer, failed = Producer({"bootstrap.servers": self.t.kafka}), []
        for r in records:
            headers = [(name, self.wire(value)) for name, value in r.get("headers", [])]
            producer.produce(self.fill(r["topic"]), self.wire(r["value"]), self.wire(r["key"]), partition=0, headers=headers or None,
                             on_delivery=lambda error, _: failed.append(error) if error else None)
        producer.flush(30)
        if failed:
            raise Different(f"producing: {failed[0]}")

    def wait(self, _):
        ends = topics.Ends(self.t.kafka)
        try:
            goal = ends.of(self.topics())
        finally:
            ends.close()
        until = time.monotonic() + 40
        while topics.committed(self.t.kafka, f"connect-{self.connector}", self.topics()) != goal:
            state, trace = self.worker.task(self.connector)
            if state == "FAILED":
                raise Different(f"the task failed: {trace}")
            if time.monotonic() > until:
                raise Different(f"the records were not committed (task {state})")
            time.sleep(0.1)

    def ready(self, how):
        if how == "failed":
            until = time.monotonic() + 30
            while self.worker.task(self.connector)[0] != "FAILED":
                if time.monotonic() > until:
                    raise Different("the task did not fail")
                time.sleep(0.05)

    def status(self, _):
        _, body = self.worker.rest("GET", f"/connectors/{self.connector}/status")
        task = body["tasks"][0]
        self.checks.append({"status": [body["connector"]["state"], task["state"], task.get("trace", "").split("\n")[0]]})

    def tables(self, _):
        postgres, found = self.t.postgres, {}
        for table, *column in lines(postgres, self.database, COLUMNS):
            found.setdefault(table, {"columns": [], "keys": [], "rows": []})["columns"].append(column)
        for table, kind, columns in lines(postgres, self.database, KEYS):
            found[table]["keys"].append([kind, *columns])
        for name, table in found.items():
            columns = [quoted(column[0]) + "::text" for column in table["columns"]]
            order = [quoted(key) for key in table["keys"][0][1:]] if table["keys"] else []
            order += [column + ' COLLATE "C"' for column in columns]
            table["rows"] = lines(postgres, self.database, f"SELECT json_build_array({', '.join(columns)}) FROM public.{quoted(name[7:])} "
                                                           f"ORDER BY {', '.join(order)};")
        self.checks.append({"tables": json.loads(json.dumps(found).replace(self.token, "case"))})

    # -- all
    def expected(self):
        for check in self.case["expect"]["checks"]:
            if "status" in check:
                status = check["status"]
                task = status["tasks"][0]
                yield {"status": [status["connector"]["state"], task["state"], task.get("error", "")]}
            else:
                yield check

    def play(self):
        self.t.postgres.create_database(self.database)
        try:
            if self.case.get("setup"):
                self.t.postgres.sql(self.database, self.fill("\n".join(self.case["setup"])))
            admin = AdminClient({"bootstrap.servers": self.t.kafka})
            for made in admin.create_topics([NewTopic(topic, 1, 1) for topic in self.topics()]).values():
                made.result()
            status, body = self.worker.rest("PUT", f"/connectors/{self.connector}/config", self.config(self.case["config"]))
            if status >= 300:
                raise Different(f"the config is refused: {status} {body}")
            for step in self.case["steps"]:
                (name, argument), = step.items()
                getattr(self, name)(argument)
        finally:
            self.worker.rest("DELETE", f"/connectors/{self.connector}")
        for got, wanted in zip(self.checks, self.expected()):
            if got != wanted:
                raise Different(f"\n  got      {json.dumps(got, ensure_ascii=False)}\n  recorded {json.dumps(wanted, ensure_ascii=False)}")


def exceptions():
    found = {}
    with open(f"{CASES}/exceptions", encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, reason = line.split(None, 1)
                found[name] = reason.strip()
    return found


def main():
    with lzma.open(f"{CASES}/postgres.jsonl.xz", "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    wanted, skip = sys.argv[1:], exceptions()
    if wanted:
        cases = [case for case in cases if case["id"] in wanted]
    played = [case for case in cases if case["id"] in wanted or case["id"] not in skip]
    t, lock, failed = live.Live(), threading.Lock(), 0
    try:
        worker = t.worker([])
        t.postgres.sql("postgres", "SELECT 1;")

        def one(number, case):
            since = time.monotonic()
            try:
                Case(case, t, worker, number).play()
                text, bad = f"ok   {case['id']}", 0
            except Exception as error:  # pylint: disable=broad-except
                text, bad = f"FAIL {case['id']} ({case['shows']}): {type(error).__name__}: {error}", 1
            with lock:
                print(f"{text} ({time.monotonic() - since:.1f} s)", flush=True)
            return bad

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            failed = sum(pool.map(one, range(len(played)), played))
        stopped = worker.stop()
        if stopped != 0:
            print(f"FAIL the worker ends with {stopped}:\n{worker.log_tail()}")
            failed += 1
    finally:
        t.close()
    for case in cases:
        if case not in played:
            print(f"skip {case['id']}: {skip[case['id']]}")
    print(f"{len(played) - failed} passed, {failed} failed, {len(cases) - len(played)} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
