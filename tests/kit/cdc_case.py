"""One change-data-capture case: what a connector makes of a database, played against any Connect REST worker
and compared with what the original made of it. tests/cases/debezium-postgres/FORMAT.md has the format of a case
and what is normalised."""
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request

from .cdc_differences import differing
from .cdc_json import Num, first_difference, loads, pretty
from .cdc_marks import ISO_NOW, Normaliser
from .cdc_recording import comparable, expanded, result
from .cdc_steps import STEPS


class Fail(Exception):
    pass


class Dead(Fail):
    """The connector or its task is FAILED where the case did not expect it."""


class Case:
    def __init__(self, env, case):
        self.env, self.case = env, case
        self.token = "t" + hashlib.sha256(f"{case['id']}{time.time_ns()}{os.getpid()}".encode()).hexdigest()[:9]
        self.started = time.time()
        self.norm = Normaliser(self.started, case.get("any", []))
        self.pg = env.pg
        if case.get("server", {}).get("wal_level") == "replica":
            self.pg = env.pg_replica
        self.messages = {}
        self.checks = []
        self.connector = self.token + "-conn"
        self.consumer = None
        self.positions = {}
        self.prefix = self.token

    # -- tools
    def fill(self, v):
        if isinstance(v, dict):
            return {self.fill(k): self.fill(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.fill(x) for x in v]
        if isinstance(v, str) and not isinstance(v, Num):
            for a, b in (("{{case}}", self.token), ("{{bootstrap}}", self.env.bootstrap), ("{{host}}", self.pg["host"]), ("{{port}}", str(self.pg["port"])), ("{{user}}", self.pg["user"])):
                v = v.replace(a, b)
        return v

    def mask(self, text):
        text = text.replace(self.token, "case")
        text = text.replace(f"{self.pg['host']}:{self.pg['port']}", "HOST:PORT").replace(f"{self.pg['host']}, port {self.pg['port']}", "HOST, port PORT").replace(f"{self.pg['host']}:", "HOST:")
        return text

    def rest(self, method, path, body=None, ok=(200, 201, 202, 204)):
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(60):
            req = urllib.request.Request(self.env.connect + path, data=data, method=method, headers={"Content-Type": "application/json", "Accept": "application/json"})
            try:
                with urllib.request.urlopen(req, timeout=90) as r:
                    code, text = r.status, r.read().decode()
            except urllib.error.HTTPError as e:
                code, text = e.code, e.read().decode()
            if code == 409 and attempt < 59:
                time.sleep(0.3)
                continue
            break
        if ok and code not in ok:
            raise Fail(f"{method} {path}: {code} {text[:500]}")
        return code, (loads(self.mask(text)) if text.strip() else None)

    def psql(self, sql, db=None, check=True):
        env = dict(os.environ, PGPASSWORD=self.pg.get("password") or "", PGOPTIONS="-c client_min_messages=error", PGCLIENTENCODING="UTF8", PGTZ="UTC")
        r = subprocess.run(["psql", "-h", self.pg["host"], "-p", str(self.pg["port"]), "-U", self.pg["user"], "-d", db or self.token + "_db", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"],
                           input=sql, capture_output=True, text=True, env=env)
        if check and r.returncode:
            raise Fail(f"SQL failed: {r.stderr.strip()[:500]} in {sql[:200]}")
        return r.stdout

    def wait(self, what, condition, seconds=40, every=0.1):
        end = time.time() + seconds
        while time.time() < end:
            v = condition()
            if v:
                return v
            time.sleep(every)
        raise Fail(f"timeout: {what}")

    # -- Kafka
    def poll(self, block=0.05):
        from confluent_kafka import Consumer, TopicPartition
        if self.consumer is None:
            self.consumer = Consumer({"bootstrap.servers": self.env.bootstrap, "group.id": "run-" + self.token, "enable.auto.commit": False, "auto.offset.reset": "earliest",
                                      "fetch.wait.max.ms": 50, "fetch.error.backoff.ms": 50, "topic.metadata.refresh.interval.ms": -1, "log_level": 2, "allow.auto.create.topics": False})
        md = self.consumer.list_topics(timeout=20)
        fresh = False
        for t, m in md.topics.items():
            if self.token in t:
                for p in m.partitions:
                    if (t, p) not in self.positions:
                        self.positions[(t, p)] = 0
                        fresh = True
        if fresh:
            self.consumer.assign([TopicPartition(t, p, o) for (t, p), o in self.positions.items()])
        if not self.positions:
            return
        for m in self.consumer.consume(500, timeout=block):
            if m.error():
                continue
            self.positions[(m.topic(), m.partition())] = m.offset() + 1
            self.messages.setdefault(m.topic(), []).append(m)

    def heartbeat(self, topic):
        return "heartbeat" in topic

    def count(self):
        return sum(len(v) for t, v in self.messages.items() if not self.heartbeat(t) and t not in self.ignored)

    def status(self):
        code, s = self.rest("GET", f"/connectors/{self.connector}/status", ok=None)
        return s if code == 200 else None

    def check_alive(self):
        s = self.status()
        if s and any(x.get("state") == "FAILED" for x in [s["connector"], *s["tasks"]]):
            trace = next(x.get("trace", "") for x in [s["connector"], *s["tasks"]] if x.get("state") == "FAILED")
            raise Dead("the connector failed: " + " | ".join(l for l in trace.splitlines() if not l.startswith("\tat"))[:600])

    def settle(self, quiet):
        last, since = self.count(), time.time()
        while time.time() - since < quiet:
            self.poll(0.1)
            if self.count() != last:
                last, since = self.count(), time.time()

    def failed(self):
        s = self.status()
        return s if s and any(x.get("state") == "FAILED" for x in [s["connector"], *s["tasks"]]) else None

    def slot_active(self):
        return self.psql(f"select 1 from pg_replication_slots where slot_name='{self.slot}' and active", "postgres").strip() == "1"

    def streaming(self):
        """A slot is also active while it is being made: only the state of its server process tells that changes from now on are seen."""
        return self.psql(f"select 1 from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid where slot_name='{self.slot}' and r.state = 'streaming'", "postgres").strip() == "1"

    def trace(self, x):
        out = {"state": x["state"]}
        if "id" in x:
            out = {"id": x["id"], **out}
        if x.get("trace"):
            lines = x["trace"].splitlines()
            head = [lines[0]]
            causes = [l[len("Caused by: "):] for l in lines if l.startswith("Caused by: ")]
            clean = lambda t: re.sub(r"\d{4,}", "#", re.sub(r"\b[0-9A-F]+/[0-9A-F]+\b", "#/#", ISO_NOW.sub("#now", t)))
            out["error"] = clean(head[0])
            out["causes"] = [clean(c) for c in causes]
        return out

    # -- life
    def config(self, extra):
        base = {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1", "plugin.name": "pgoutput",
            "database.hostname": self.pg["host"], "database.port": str(self.pg["port"]), "database.user": self.pg["user"], "database.password": self.pg.get("password") or "none",
            "database.dbname": self.token + "_db", "topic.prefix": self.token, "slot.name": self.token + "_slot", "publication.name": self.token + "_pub",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "true",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "true",
            "header.converter": "org.apache.kafka.connect.json.JsonConverter", "header.converter.schemas.enable": "true",
            "poll.interval.ms": "50",
        }
        base.update(self.fill(extra))
        return {k: v for k, v in base.items() if v is not None}

    def create(self, extra):
        cfg = self.config(extra)
        self.prefix = cfg.get("topic.prefix", self.token)
        self.slot = cfg.get("slot.name", "")
        code, answer = self.rest("PUT", f"/connectors/{self.connector}/config", cfg, ok=None)
        if code not in (200, 201):
            self.checks.append({"create": {"code": code, "message": (answer or {}).get("message")}})
            return False
        return True

    def ready(self, how):
        if how == "streaming":
            n = 0
            def cond():
                nonlocal n
                n += 1
                if n % 10 == 0:
                    self.check_alive()
                return self.streaming()
            self.wait("streaming", cond, 60, 0.1)
        elif how == "failed":
            self.wait("connector or task FAILED", self.failed, 90, 0.3)
        elif how == "running":
            self.wait("task RUNNING", lambda: (lambda s: s and s["tasks"] and s["tasks"][0]["state"] == "RUNNING")(self.status()), 40, 0.2)

    def play(self, step):
        (name, arg), = [(k, v) for k, v in step.items() if k not in ("note", "seconds")]
        if name not in STEPS:
            raise Fail(f"unknown step {name}")
        STEPS[name](self, arg)

    def wait_records(self, count):
        tries = 0

        def there():
            nonlocal tries
            tries += 1
            self.poll(0.1)
            if tries % 40 == 0:
                self.check_alive()
            return self.count() >= count
        try:
            self.wait(f"{count} records", there, self.env.patience, 0)
        except Fail as e:
            raise type(e)(f"{e}; have {self.count()}") from e

    def ready_after_restart(self):
        time.sleep(1.0)
        self.wait("task RUNNING", lambda: (lambda s: s and s["tasks"] and all(t["state"] == "RUNNING" for t in s["tasks"]))(self.status()), 40, 0.2)
        if self.case.get("ready", "streaming") == "streaming":
            self.wait("streaming", self.streaming, 60)

    def run(self):
        c = self.case
        self.ignored = {self.fill(t) for t in c.get("ignore_topics", [])}
        self.slot = self.token + "_slot"
        if not self.pg:
            return "skipped"
        ext = c.get("server", {}).get("extension")
        if ext and not self.psql(f"select 1 from pg_available_extensions where name = '{ext}'", "postgres").strip():
            return "skipped"
        hba = c.get("server", {}).get("hba")
        if hba and not self.psql(f"select 1 from pg_hba_file_rules where '{hba}' = any(user_name)", "postgres").strip():
            return "skipped"
        try:
            with self.env.lock:
                self.psql(f"create database {self.token}_db template template0 encoding 'UTF8'", "postgres")
            if c.get("setup"):
                self.psql(self.fill("\n".join(c["setup"])))
            for s in c.get("before", []):
                self.play(s)
            if c.get("start", True):
                self.at = -1
                if self.create(c.get("config", {})):
                    self.ready(c.get("ready", "streaming"))
            for self.at, s in enumerate(c.get("steps", [])):
                self.play(s)
            self.settle(self.env.tail)
            return result(self)
        finally:
            self.cleanup()

    def cleanup(self):
        try:
            self.rest("DELETE", f"/connectors/{self.connector}", ok=None)
            if self.consumer:
                self.consumer.close()
            def drop():
                self.psql(f"select pg_drop_replication_slot(slot_name) from pg_replication_slots where database='{self.token}_db' and not active", "postgres", check=False)
                return not self.psql(f"select 1 from pg_replication_slots where database='{self.token}_db'", "postgres").strip()
            try:
                self.wait("slot dropped", drop, 8, 0.2)
            except Fail:
                self.psql(f"select pg_terminate_backend(active_pid) from pg_replication_slots where database='{self.token}_db' and active", "postgres", check=False)
                self.wait("slot dropped", drop, 20, 0.2)
            self.psql(f"drop database if exists {self.token}_db with (force)", "postgres", check=False)
            for sql in self.case.get("teardown", []):
                self.psql(self.fill(sql), "postgres", check=False)
            topics = [t for t, _ in self.positions]
            if topics:
                from confluent_kafka.admin import AdminClient
                admin = AdminClient({"bootstrap.servers": self.env.bootstrap, "log_level": 2})
                for f in admin.delete_topics(sorted(set(topics))).values():
                    try:
                        f.result(10)
                    except Exception:
                        pass
        except Exception as e:
            print(f"cleanup of {self.case['id']}: {e}", file=sys.stderr)


def keep(env, cid, got):
    """For the eye: what came, in the form of `expect`."""
    if env.got:
        os.makedirs(env.got, exist_ok=True)
        with open(os.path.join(env.got, cid + ".json"), "w", encoding="utf-8") as f:
            f.write(pretty(got) + "\n")


def one(env, path, differences=None):
    """Plays the case in that file. differences: where ours is not what was recorded, see cdc_recording.py."""
    case = loads(open(path, encoding="utf-8").read())
    name, since = case["id"], time.time()
    run = None
    try:
        want = differing(case, differences)
        run = Case(env, case)
        got = run.run()
    except Exception as e:  # pylint: disable=broad-except
        if not isinstance(e, Fail):
            print("".join(traceback.format_exception(e)[-2:]), file=sys.stderr)
        text = str(e)
        if isinstance(e, Fail) and run and run.messages:
            got = comparable(result(run))
            keep(env, name, got)
            text += "; first difference so far: " + (first_difference(want, expanded(got)) or "none")
        return name, "FAIL", text, time.time() - since
    if got == "skipped":
        return name, "skip", "needs a server that was not given", 0
    got = comparable(got)
    difference = first_difference(want, expanded(got))
    if difference:
        keep(env, name, got)
    return name, "FAIL" if difference else "pass", difference or "", time.time() - since
