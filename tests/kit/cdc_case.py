"""One change-data-capture case: what a connector makes of a database, played against any Connect REST worker
and compared with what the original made of it. tests/cases/debezium-postgres/FORMAT.md has the format of a case
and what is normalised."""
import base64, hashlib, json, os, re, subprocess, sys, time, traceback, urllib.error, urllib.parse, urllib.request

CONTEXT = ["__debezium.context.connectorLogicalName", "__debezium.context.taskId", "__debezium.context.connectorName", "__debezium.context.runId"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ISO_NOW = re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
HASH = re.compile(r"(\[L[\w.$]+;|\[[BIJZSDF]|\b(?:\w+\.){2,}[\w$]+)@[0-9a-f]{4,8}\b")     # Java object identity
NAME = re.compile(r"^(?:__)?(source[._])?(ts_ms|ts_us|ts_ns|lsn|txId|xmin|sequence|version)$")


# ---- JSON that keeps order and number text ----
class Num(str):
    """A number that is not an integer, as it was written."""


def loads(text):
    return json.loads(text, parse_float=Num, parse_constant=Num)


def flat(v):
    if isinstance(v, Num):
        return str(v)
    if isinstance(v, dict):
        return "{" + ", ".join(json.dumps(k, ensure_ascii=False) + ": " + flat(x) for k, x in v.items()) + "}"
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(map(flat, v)) + "]"
    return json.dumps(v, ensure_ascii=isinstance(v, str) and any("\ud800" <= c <= "\udfff" for c in v))


def pretty(v, indent=0, width=150):
    one = flat(v)
    if len(one) + indent <= width or not isinstance(v, (dict, list)) or not v:
        return one
    pad = " " * (indent + 1)
    members = list(v.values()) if isinstance(v, dict) else v
    if len(v) > 3 and all(not isinstance(x, (dict, list)) or len(flat(x)) < 60 for x in members):  # small members: several on a line
        items = [json.dumps(k, ensure_ascii=False) + ": " + flat(x) for k, x in v.items()] if isinstance(v, dict) else [flat(x) for x in v]
        lines, line = [], ""
        for i in items:
            if line and len(line) + len(i) + 2 + indent > width:
                lines.append(line)
                line = i
            else:
                line = line + ", " + i if line else i
        opening, closing = "{}" if isinstance(v, dict) else "[]"
        return opening + "\n" + ",\n".join(pad + x for x in lines + [line]) + "\n" + " " * indent + closing
    if isinstance(v, dict):
        body = [pad + json.dumps(k, ensure_ascii=False) + ": " + pretty(x, indent + 1, width) for k, x in v.items()]
        return "{\n" + ",\n".join(body) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(x, indent + 1, width) for x in v) + "\n" + " " * indent + "]"


def bare(v):
    """Without schemas, for messages."""
    if isinstance(v, dict):
        return bare(v["payload"]) if list(v) == ["schema", "payload"] else {k: bare(x) for k, x in v.items()}
    return [bare(x) for x in v] if isinstance(v, list) else v


def first_difference(want, got, path=""):
    if type(want) is not type(got) and not (isinstance(want, str) and isinstance(got, str) and not isinstance(want, Num) and not isinstance(got, Num)):
        return f"{path}: expected {flat(want)[:300]}, got {flat(got)[:300]}"
    if isinstance(want, dict):
        if list(want) != list(got):
            return f"{path}: expected members {list(want)}, got {list(got)}"
        for k in want:
            d = first_difference(want[k], got[k], f"{path}/{k}")
            if d:
                return d
        return None
    if isinstance(want, list):
        for i, (a, b) in enumerate(zip(want, got)):
            d = first_difference(a, b, f"{path}/{i}")
            if d:
                return d
        if len(want) != len(got):
            more = (want if len(want) > len(got) else got)[min(len(want), len(got))]
            return f"{path}: expected {len(want)} entries, got {len(got)}; first {'missing' if len(want) > len(got) else 'extra'}: {flat(bare(more))[:400]}"
        return None
    return None if want == got else f"{path}: expected {flat(want)[:300]}, got {flat(got)[:300]}"


# ---- normalisation ----
class Mark:
    """A volatile value; becomes a placeholder once all values of its kind are known."""
    def __init__(self, kind, value):
        self.kind, self.value = kind, value


class Normaliser:
    def __init__(self, started, any):
        self.started, self.any = started, any
        self.seen = {k: set() for k in ("lsn", "commit", "tx", "ts", "begin", "end", "message")}
        self.bounds = {}                  # (transaction, lsn) -> begin or end
        self.lsn_kind = "lsn"

    def mark(self, kind, value):
        if kind in self.seen:
            self.seen[kind].add(value)
        return Mark(kind, value)

    def recent(self, value, unit):
        return isinstance(value, int) and not isinstance(value, bool) and (self.started - 120) * unit <= value <= (time.time() + 120) * unit

    def stamp(self, name, value, siblings, source):
        """ts_ms / ts_us / ts_ns: plausible, and consistent with each other; source times are ranked."""
        unit = {"ts_ms": 10**3, "ts_us": 10**6, "ts_ns": 10**9}[name]
        if not self.recent(value, unit):
            return value
        coarse = siblings.get({"ts_us": "ts_ms", "ts_ns": "ts_us"}.get(name))
        if isinstance(coarse, int) and value // 1000 != coarse:
            return f"#{name} does not agree with the coarser one"
        ranked = source and name != "ts_ms" and siblings.get("snapshot") != "incremental"       # an incremental snapshot stamps rows with its own clock
        return self.mark("ts", value // (unit // 10**6)) if ranked else f"#{name}"

    def sequence(self, value):
        try:
            commit, lsn = loads(value)
        except Exception:
            return value
        if value != json.dumps([commit, lsn], separators=(",", ":")):
            return value
        return Mark("seq", (None if commit is None else self.mark("commit", int(commit)), None if lsn is None else self.mark(self.lsn_kind, int(lsn))))

    def field(self, struct, name, value, siblings):
        if name in self.any and value is not None and (struct.endswith(".Source") or name.startswith("__")):
            return "#any"
        m = NAME.match(name)
        if m and value is not None:
            base, source = m.group(2), struct.endswith(".Source") or bool(m.group(1))
            if base in ("ts_ms", "ts_us", "ts_ns"):
                return self.stamp(base, value, siblings if not name.startswith("__") else {}, source)
            if base == "version":
                return "#version" if source or name == "__version" else value
            if base == "sequence" and isinstance(value, str):
                return self.sequence(value)
            if base in ("txId", "xmin") and isinstance(value, int):
                return self.mark("tx", value)
            if base == "lsn" and isinstance(value, int):
                return self.mark(self.lsn_kind, value)
        if name in ("id", "__transaction_id", "__id") and isinstance(value, str) and re.fullmatch(r"\d+:\d+", value) and (
                struct == "event.block" or "TransactionMetadata" in struct or name != "id"):
            tx, lsn = map(int, value.split(":"))
            if struct.endswith("TransactionMetadataKey"):
                return Mark("bound", (self.mark("tx", tx), lsn))
            kind = {"BEGIN": "begin", "END": "end"}.get(siblings.get("status"), self.lsn_kind)
            self.bounds[tx, lsn] = kind
            return Mark("txid", (self.mark("tx", tx), self.mark(kind, lsn)))
        if struct.endswith(".Notification") and name == "additional_data" and "data_collections" in (value or {}):     # a hash set
            return {k: ",".join(sorted(v.split(","))) if k == "data_collections" else v for k, v in value.items()}
        if struct.endswith(".Notification") and name == "timestamp" and self.recent(value, 1000):
            return "#ts_ms"
        if struct.endswith((".Notification", ".NotificationKey")) and name == "id" and isinstance(value, str):
            return UUID.sub("#uuid", value)
        if isinstance(value, str) and re.fullmatch(UUID.pattern + "-(open|close)", value):
            return UUID.sub("#uuid", value)
        if isinstance(value, str) and "WindowTimestamp" in value:
            return ISO_NOW.sub("#now", value)
        return None

    def walk(self, schema, value):
        if schema is None or value is None:
            return value
        t, name = schema.get("type"), schema.get("name", "")
        if t == "struct" and isinstance(value, dict):
            src = value.get("source")
            message = isinstance(src, dict) and src.get("schema") == src.get("table") == ""
            if message:   # the position of a message may equal that of the next row or not
                self.lsn_kind = "message"
            fields = {f.get("field"): f for f in schema.get("fields", [])}
            out = {}
            for k, v in value.items():
                r = self.field(name, k, v, value)
                out[k] = self.walk(fields.get(k), v) if r is None else r
            if message:
                self.lsn_kind = "lsn"
            return out
        if t == "array" and isinstance(value, list):
            return [self.walk(schema.get("items"), v) for v in value]
        return value

    def plain(self, v, struct=""):
        """JSON without a schema: the source block is known by its members, CloudEvents by their names."""
        if isinstance(v, list):
            return [self.plain(x) for x in v]
        if not isinstance(v, dict):
            return v
        if "specversion" in v:
            return {k: self.cloud(k, x) for k, x in v.items()}
        struct = "x.Source" if {"connector", "version", "ts_ms"} <= set(v) else struct
        out = {}
        for k, x in v.items():
            r = self.field(struct, k, x, v) if struct.endswith(".Source") or NAME.match(k) else None
            out[k] = self.plain(x) if r is None else r
        return out

    def cloud(self, k, x):
        if not isinstance(x, str):
            return x
        if k == "id":
            return re.sub(r"\d{4,}", "#", x)
        if k == "time" or re.fullmatch("iodebezium(ts(ms|us|ns)|version)", k):
            return "#" + k.removeprefix("iodebezium")
        if k in ("iodebeziumtxId", "iodebeziumlsn") and x.isdigit():
            return self.mark({"iodebeziumtxId": "tx", "iodebeziumlsn": "lsn"}[k], int(x))
        return self.sequence(x) if k == "iodebeziumsequence" else x

    def offset(self, offset):
        out = {}
        for k in sorted(offset):
            v = offset[k]
            if isinstance(v, int) and not isinstance(v, bool) and k in ("lsn", "lsn_proc", "lsn_commit"):
                out[k] = Mark("offset", (("commit", "end", "lsn") if k == "lsn_commit" else ("lsn", "message", "end", "commit"), v))
            elif k == "txId" and isinstance(v, int):
                out[k] = self.mark("tx", v)
            elif k == "ts_usec" and self.recent(v, 10**6):
                out[k] = "#ts_us"
            elif k == "transaction_id" and isinstance(v, str) and re.fullmatch(r"\d+:\d+", v):
                out[k] = Mark("txid", (self.mark("tx", int(v.split(":")[0])), Mark("offset", (("lsn", "end", "commit"), int(v.split(":")[1])))))
            elif k == "transaction_id" and isinstance(v, str) and v.isdigit():
                out[k] = self.mark("tx", int(v))
            elif isinstance(v, str):
                out[k] = UUID.sub("#uuid", v)
            else:
                out[k] = v
        return out

    def resolve(self, v):
        if isinstance(v, dict):
            return {k: self.resolve(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.resolve(x) for x in v]
        if not isinstance(v, Mark):
            return v
        if v.kind == "seq":
            later = None not in v.value and v.value[0].value > v.value[1].value         # a row of a transaction that was open while the other one committed
            return "#seq[" + (">" if later else ",").join("null" if x is None else self.resolve(x) for x in v.value) + "]"
        if v.kind == "bound":
            kind = self.bounds.get((v.value[0].value, v.value[1]))
            return self.resolve(v.value[0]) + ":" + (f"{kind}#{self.rank(kind, v.value[1])}" if kind else "unknown")
        if v.kind == "txid":
            return ":".join(self.resolve(x) for x in v.value)
        if v.kind == "offset":
            for kind in v.value[0]:
                if v.value[1] in self.seen[kind]:
                    return f"{kind}#{self.rank(kind, v.value[1])}"
            return f"lsn>#{sum(1 for x in self.seen['lsn'] if x < v.value[1])}"
        return f"{v.kind}#{self.rank(v.kind, v.value)}"

    def rank(self, kind, value):
        return 1 + sum(1 for x in self.seen[kind] if x < value)


# ---- one case ----
class Fail(Exception):
    pass


class Dead(Fail):
    """The connector or its task is FAILED where the case did not expect it."""


class Case:
    def __init__(self, env, case, record):
        self.env, self.case, self.recording = env, case, record
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

    def step(self, step):
        (op, arg), = [(k, v) for k, v in step.items() if k not in ("note", "seconds")]
        if op == "sql":
            self.psql(self.fill("\n".join(arg) if isinstance(arg, list) else arg))
        elif op == "wait":
            if self.recording:
                self.settle(float(step.get("seconds", self.env.quiet)))
                self.check_alive()
                step["wait"] = self.count()
            else:
                n = 0
                def cond():
                    nonlocal n
                    n += 1
                    self.poll(0.1)
                    if n % 40 == 0:
                        self.check_alive()
                    return self.count() >= arg
                try:
                    self.wait(f"{arg} records", cond, self.env.patience, 0)
                except Fail as e:
                    raise type(e)(f"{e}; have {self.count()}")
        elif op == "ready":
            self.ready(arg)
        elif op == "restart":
            self.rest("POST", f"/connectors/{self.connector}/restart?includeTasks=true", None)
            self.ready_after_restart()
        elif op in ("pause", "resume", "stop"):
            self.rest("PUT", f"/connectors/{self.connector}/{op}")
            want = {"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[op]
            good = (want, "FAILED") if op == "resume" else (want,)
            self.wait(want, lambda: (lambda s: s and s["connector"]["state"] in good and all(t["state"] in good for t in s["tasks"]) and (s["tasks"] or op == "stop"))(self.status()), 40, 0.2)
            if op in ("stop", "pause"):
                self.wait("slot released", lambda: not self.slot_active(), 40) if op == "stop" else None
        elif op == "offsets":
            o, since = None, time.time()
            end = since + (20 if arg != "none" else 2)
            while time.time() < end:
                _, now = self.rest("GET", f"/connectors/{self.connector}/offsets")
                if now != o:
                    o, since = now, time.time()
                if o["offsets"] and time.time() - since > 1.5:
                    break
                time.sleep(0.25)
            o = {"offsets": [{"partition": x["partition"], "offset": self.norm.offset(x["offset"])} for x in o["offsets"]]}
            self.checks.append(o)
        elif op == "status":
            s = self.status()
            self.checks.append({"status": None if s is None else {"connector": self.trace({k: v for k, v in s["connector"].items() if k != "worker_id"}), "tasks": [self.trace(t) for t in s["tasks"]], "type": s["type"]}})
        elif op == "validate":
            cls = arg.get("connector.class", "io.debezium.connector.postgresql.PostgresConnector")
            code, v = self.rest("PUT", f"/connector-plugins/{urllib.parse.quote(cls)}/config/validate", {"name": self.connector, **self.config(arg)}, ok=None)
            if code != 200:
                self.checks.append({"validate": {"code": code, "message": v.get("message")}})
            else:
                errs = [[c["value"]["name"], c["value"]["errors"]] for c in v["configs"] if c["value"]["errors"]]
                self.checks.append({"validate": {"error_count": v["error_count"], "errors": errs}})
        elif op == "definitions":
            code, v = self.rest("PUT", f"/connector-plugins/{arg}/config/validate", {"name": self.connector, **self.config({"connector.class": arg})})
            own = [c for c in v["configs"]]
            self.checks.append({"definitions": {"groups": v["groups"], "configs": [
                {"definition": {k: x for k, x in c["definition"].items() if k not in ("documentation",)},
                 "value": {k: x for k, x in c["value"].items() if k in ("recommended_values", "visible")}} for c in own]}})
        elif op == "rest":
            code, v = self.rest(arg["method"], f"/connectors/{self.connector}{arg['path']}", self.fill(arg.get("body")), ok=None)
            for x in (v or {}).get("offsets", []) if isinstance(v, dict) else []:
                x["offset"] = self.norm.offset(x["offset"])
            if isinstance(v, dict):
                v.pop("worker_id", None)
                v = {k: "#version" if k == "version" else x for k, x in v.items()}
            self.checks.append({"rest": {"code": code, "body": v}})
        elif op == "query":
            self.checks.append({"query": self.mask(self.psql(self.fill(arg))).splitlines()})
        elif op == "config":
            if self.create({**self.case.get("config", {}), **arg}):
                pass
        elif op == "produce":
            from confluent_kafka import Producer
            p = Producer({"bootstrap.servers": self.env.bootstrap, "log_level": 2})
            p.produce(self.fill(arg["topic"]), key=self.fill(arg["key"]), value=self.fill(arg["value"]) if isinstance(arg["value"], str) else json.dumps(self.fill(arg["value"])))
            p.flush(20)
        elif op == "topic":
            from confluent_kafka.admin import AdminClient, NewTopic
            admin = AdminClient({"bootstrap.servers": self.env.bootstrap, "log_level": 2})
            for f in admin.create_topics([NewTopic(self.fill(arg["name"]), arg.get("partitions", 1), 1)]).values():
                f.result(20)
        elif op == "delete":
            self.rest("DELETE", f"/connectors/{self.connector}")
            self.wait("slot released", lambda: not self.slot_active(), 40)
        elif op == "kill_walsender":
            self.psql(f"select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name='{self.slot}'", "postgres")
        elif op == "sleep":
            time.sleep(float(arg))
        else:
            raise Fail(f"unknown step {op}")

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
                self.step(s)
            if c.get("start", True):
                self.at = -1
                if self.create(c.get("config", {})):
                    self.ready(c.get("ready", "streaming"))
            for self.at, s in enumerate(c.get("steps", [])):
                self.step(s)
            self.settle(self.env.tail if not self.recording else 0.5)
            return self.result()
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

    # -- result
    def part(self, data):
        """key, value or header value: JSON with schema -> normalised."""
        if data is None:
            return None
        try:
            text = data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(data).decode()}
        text = HASH.sub(r"\1@HASH", text)
        try:
            v = loads(text.replace(self.token, "case"))
        except ValueError:
            return {"text": text.replace(self.token, "case")}
        if isinstance(v, dict) and list(v) == ["schema", "payload"]:
            return {"schema": v["schema"], "payload": self.norm.walk(v["schema"], v["payload"])}
        return {"json": self.norm.plain(v)}

    def headers(self, headers):
        hs = [[n.replace(self.token, "case"), self.part(v)] for n, v in headers or []]
        names = [h[0] for h in hs]
        for i in range(len(names) - 3):
            if names[i:i + 4] == CONTEXT:
                vals = [h[1] for h in hs[i:i + 4]]
                plain = all(v and v.get("schema") == {"type": "string", "optional": False} for v in vals)
                if plain and [v["payload"] for v in vals[:3]] == [self.prefix.replace(self.token, "case"), "0", "postgresql"] and UUID.fullmatch(vals[3]["payload"]):
                    hs[i:i + 4] = ["context"]
                    break
        for h in hs:
            if isinstance(h, list) and h[0] == CONTEXT[3] and h[1] and UUID.fullmatch(str(h[1].get("text"))):
                h[1] = {"text": "#uuid"}
            if isinstance(h, list) and h[1] and NAME.match(h[0]) and "payload" in h[1]:
                r = self.norm.field("", h[0], h[1]["payload"], {})
                if r is not None:
                    h[1]["payload"] = r
            elif isinstance(h, list) and h[0] in ("__transaction_id", "__id") and h[1] and isinstance(h[1].get("payload"), str):
                r = self.norm.field("event.block", h[0], h[1]["payload"], {})
                if r is not None:
                    h[1]["payload"] = r
        return "context" if hs == ["context"] else hs

    def result(self):
        topics, beats = {}, {}
        for t in sorted(self.messages):
            name = t.replace(self.token, "case")
            if t in self.ignored:
                continue
            msgs = sorted(self.messages[t], key=lambda m: (m.partition(), m.offset()))
            many = len({p for (x, p) in self.positions if x == t}) > 1
            rows = []
            for m in msgs:
                r = {"key": self.part(m.key()), "value": self.part(m.value()), "headers": self.headers(m.headers())}
                ts = m.timestamp()[1]
                if ts < (self.started - 3600) * 1000:
                    r["timestamp"] = ts
                if many:
                    r = {"partition": m.partition(), **r}
                rows.append(r)
            if self.heartbeat(t):
                beats[name] = rows
            else:
                topics[name] = rows
        out = self.norm.resolve({"topics": topics, "heartbeats": beats, "checks": self.checks})
        for t, rows in out["heartbeats"].items():
            odd = [r for r in rows if flat(r) != flat(rows[0])]
            out["heartbeats"][t] = {"each": rows[0]} if not odd else {"each": rows[0], "but": odd[0]}
        schemas, names = {}, {}
        def share(p):
            if isinstance(p, dict) and "schema" in p and isinstance(p["schema"], dict):
                text = flat(p["schema"])
                if text not in names:
                    names[text] = f"s{len(names) + 1}"
                    schemas[names[text]] = shorten(p["schema"])
                return {"schema": names[text], "payload": p["payload"]}
            return p
        def record(r):
            r = dict(r)
            r["key"], r["value"] = share(r["key"]), share(r["value"])
            if isinstance(r["headers"], list):
                r["headers"] = [h if isinstance(h, str) else [h[0], share(h[1])] for h in r["headers"]]
            return r
        out["topics"] = {t: [record(r) for r in rows] for t, rows in out["topics"].items()}
        out["heartbeats"] = {t: {k: record(r) for k, r in b.items()} for t, b in out["heartbeats"].items()}
        res = {"schemas": schemas, "topics": out["topics"]}
        if out["heartbeats"]:
            res["heartbeats"] = out["heartbeats"]
        if out["checks"]:
            res["checks"] = out["checks"]
        return res


SOURCE = loads("""{"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},{"type":"string","optional":false,"field":"connector"},
{"type":"string","optional":false,"field":"name"},{"type":"int64","optional":false,"field":"ts_ms"},{"type":"string","optional":true,"name":"io.debezium.data.Enum",
"version":1,"parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"default":"false","field":"snapshot"},
{"type":"string","optional":false,"field":"db"},{"type":"string","optional":true,"field":"sequence"},{"type":"int64","optional":true,"field":"ts_us"},
{"type":"int64","optional":true,"field":"ts_ns"},{"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"},
{"type":"int64","optional":true,"field":"txId"},{"type":"int64","optional":true,"field":"lsn"},{"type":"int64","optional":true,"field":"xmin"},
{"type":"string","optional":true,"field":"origin"},{"type":"int64","optional":true,"field":"origin_lsn"}],"optional":false,
"name":"io.debezium.connector.postgresql.Source","version":1,"field":"source"}""")
REST = loads("""[{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},{"type":"int64","optional":false,"field":"total_order"},
{"type":"int64","optional":false,"field":"data_collection_order"}],"optional":true,"name":"event.block","version":1,"field":"transaction"},
{"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"},{"type":"int64","optional":true,"field":"ts_us"},
{"type":"int64","optional":true,"field":"ts_ns"}]""")


def shorten(schema):
    """The schema of an envelope of the usual layout is written {"envelope": NAME, "row": SCHEMA}; see FORMAT.md."""
    if schema.get("type") == "struct" and len(schema.get("fields", [])) == 8:
        row = {k: v for k, v in schema["fields"][0].items() if k != "field"}
        short = {"envelope": schema.get("name"), "row": row}
        if flat(lengthen(short)) == flat(schema):
            return short
    return schema


def lengthen(short):
    if "envelope" not in short:
        return short
    row = short["row"]
    return {"type": "struct", "fields": [{**row, "field": "before"}, {**row, "field": "after"}, SOURCE, *REST], "optional": False, "name": short["envelope"], "version": 2}


def comparable(expect):
    """What is compared: the causes of an error are for the reader only."""
    def strip(v):
        if isinstance(v, dict):
            return {k: strip(x) for k, x in v.items() if k != "causes" or "error" not in v}
        return [strip(x) for x in v] if isinstance(v, list) else v
    e = dict(expect)
    if "checks" in e:
        e["checks"] = strip(e["checks"])
    return e


def expanded(e):
    """Schemas put back in place, so that a difference is named by its real place."""
    s = e.get("schemas", {})
    def back(v):
        if isinstance(v, dict) and isinstance(v.get("schema"), str) and v["schema"] in s:
            return {"schema": lengthen(s[v["schema"]]), "payload": v["payload"]}
        if isinstance(v, dict):
            return {k: back(x) for k, x in v.items()}
        return [back(x) for x in v] if isinstance(v, list) else v
    return {k: back(v) for k, v in e.items() if k != "schemas"}


def keep(env, cid, got):
    """For the eye: what came, in the form of `expect`."""
    if env.got:
        os.makedirs(env.got, exist_ok=True)
        with open(os.path.join(env.got, cid + ".json"), "w", encoding="utf-8") as f:
            f.write(pretty(got) + "\n")


def one(env, path, record):
    case = loads(open(path, encoding="utf-8").read())
    t0 = time.time()
    try:
        run = Case(env, case, record)
        try:
            got = run.run()
        except Dead:
            if not record:
                raise
            # recording: the failure is the result; the steps end here
            if run.at < 0:
                case["ready"], case["steps"] = "failed", [{"status": True}]
            else:
                case["steps"] = case["steps"][:run.at] + [{"ready": "failed"}, {"status": True}]
            got = Case(env, case, record).run()
    except Exception as e:
        if not isinstance(e, Fail):
            print("".join(traceback.format_exception(e)[-2:]), file=sys.stderr)
        text = str(e)
        if isinstance(e, Fail) and not record and run.messages:
            got = comparable(run.result())
            keep(env, case["id"], got)
            text += "; first difference so far: " + (first_difference(expanded(comparable(case.get("expect", {}))), expanded(got)) or "none")
        return path, case["id"], "FAIL", text, time.time() - t0
    if got == "skipped":
        return path, case["id"], "skip", "needs a server that was not given", 0
    if record:
        case["expect"] = got
        text = pretty(case) + "\n"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        n = sum(len(v) for v in got["topics"].values())
        return path, case["id"], "recorded", f"{n} records, {len(got.get('checks', []))} checks", time.time() - t0
    want, got = comparable(case.get("expect", {})), comparable(got)
    d = first_difference(expanded(want), expanded(got))
    if d:
        keep(env, case["id"], got)
    return path, case["id"], "FAIL" if d else "pass", d or "", time.time() - t0
