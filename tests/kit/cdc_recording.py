"""What came of a case in the form in which it is recorded, and what of it is compared."""
import base64
import re

from .cdc_json import flat, loads
from .cdc_marks import CONTEXT, NAME, UUID

HASH = re.compile(r"(\[L[\w.$]+;|\[[BIJZSDF]|\b(?:\w+\.){2,}[\w$]+)@[0-9a-f]{4,8}\b")     # Java object identity

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


def part(case, data):
    """key, value or header value: JSON with schema -> normalised."""
    if data is None:
        return None
    try:
        text = data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
    text = HASH.sub(r"\1@HASH", text)
    try:
        v = loads(text.replace(case.token, "case"))
    except ValueError:
        return {"text": text.replace(case.token, "case")}
    if isinstance(v, dict) and list(v) == ["schema", "payload"]:
        return {"schema": v["schema"], "payload": case.norm.walk(v["schema"], v["payload"])}
    return {"json": case.norm.plain(v)}


def named(case, headers):
    hs = [[n.replace(case.token, "case"), part(case, v)] for n, v in headers or []]
    names = [h[0] for h in hs]
    for i in range(len(names) - 3):
        if names[i:i + 4] == CONTEXT:
            vals = [h[1] for h in hs[i:i + 4]]
            plain = all(v and v.get("schema") == {"type": "string", "optional": False} for v in vals)
            if plain and [v["payload"] for v in vals[:3]] == [case.prefix.replace(case.token, "case"), "0", "postgresql"] and UUID.fullmatch(vals[3]["payload"]):
                hs[i:i + 4] = ["context"]
                break
    for h in hs:
        if isinstance(h, list) and h[0] == CONTEXT[3] and h[1] and UUID.fullmatch(str(h[1].get("text"))):
            h[1] = {"text": "#uuid"}
        if isinstance(h, list) and h[1] and NAME.match(h[0]) and "payload" in h[1]:
            r = case.norm.field("", h[0], h[1]["payload"], {})
            if r is not None:
                h[1]["payload"] = r
        elif isinstance(h, list) and h[0] in ("__transaction_id", "__id") and h[1] and isinstance(h[1].get("payload"), str):
            r = case.norm.field("event.block", h[0], h[1]["payload"], {})
            if r is not None:
                h[1]["payload"] = r
    return "context" if hs == ["context"] else hs


def result(case):
    """What came of a case, in the form of `expect`."""
    topics, beats = {}, {}
    for t in sorted(case.messages):
        name = t.replace(case.token, "case")
        if t in case.ignored:
            continue
        msgs = sorted(case.messages[t], key=lambda m: (m.partition(), m.offset()))
        many = len({p for (x, p) in case.positions if x == t}) > 1
        rows = []
        for m in msgs:
            r = {"key": part(case, m.key()), "value": part(case, m.value()), "headers": named(case, m.headers())}
            ts = m.timestamp()[1]
            if ts < (case.started - 3600) * 1000:
                r["timestamp"] = ts
            if many:
                r = {"partition": m.partition(), **r}
            rows.append(r)
        if case.heartbeat(t):
            beats[name] = rows
        else:
            topics[name] = rows
    out = case.norm.resolve({"topics": topics, "heartbeats": beats, "checks": case.checks})
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
