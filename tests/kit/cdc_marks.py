"""What differs from run to run (times, positions, transaction ids) becomes a placeholder that says what it was;
tests/cases/debezium-postgres/FORMAT.md lists them."""
import json
import re
import time

from .cdc_json import loads

CONTEXT = ["__debezium.context.connectorLogicalName", "__debezium.context.taskId", "__debezium.context.connectorName", "__debezium.context.runId"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ISO_NOW = re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NAME = re.compile(r"^(?:__)?(source[._])?(ts_ms|ts_us|ts_ns|lsn|txId|xmin|sequence|version)$")


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
