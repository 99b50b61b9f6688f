"""What happens in a case, step by step: one function a step, found by its name in STEPS. A step that asks
something adds what it was told to case.checks. tests/cases/debezium-postgres/FORMAT.md describes them."""
import json
import time
import urllib.parse

POSTGRES = "io.debezium.connector.postgresql.PostgresConnector"


def sql(case, lines):
    case.psql(case.fill("\n".join(lines) if isinstance(lines, list) else lines))


def wait(case, count):
    case.wait_records(count)


def ready(case, how):
    case.ready(how)


def restart(case, _):
    case.rest("POST", f"/connectors/{case.connector}/restart?includeTasks=true", None)
    case.ready_after_restart()


def to_state(action, state):
    """A step that asks for a state by REST and waits until connector and tasks have it."""
    good = (state, "FAILED") if action == "resume" else (state,)

    def reached(case):
        now = case.status()
        return (now and now["connector"]["state"] in good and all(t["state"] in good for t in now["tasks"])
                and (now["tasks"] or action == "stop"))

    def step(case, _):
        case.rest("PUT", f"/connectors/{case.connector}/{action}")
        case.wait(state, lambda: reached(case), 40, 0.2)
        if action == "stop":
            case.wait("slot released", lambda: not case.slot_active(), 40)
    return step


def offsets(case, arg):
    """The offsets once they stand still."""
    found, since = None, time.time()
    end = since + (20 if arg != "none" else 2)
    while time.time() < end:
        _, now = case.rest("GET", f"/connectors/{case.connector}/offsets")
        if now != found:
            found, since = now, time.time()
        if found["offsets"] and time.time() - since > 1.5:
            break
        time.sleep(0.25)
    case.checks.append({"offsets": [{"partition": x["partition"], "offset": case.norm.offset(x["offset"])} for x in found["offsets"]]})


def status(case, _):
    now = case.status()
    if now is not None:
        now = {"connector": case.trace({k: v for k, v in now["connector"].items() if k != "worker_id"}),
               "tasks": [case.trace(t) for t in now["tasks"]], "type": now["type"]}
    case.checks.append({"status": now})


def validate(case, settings):
    plugin = urllib.parse.quote(settings.get("connector.class", POSTGRES))
    code, told = case.rest("PUT", f"/connector-plugins/{plugin}/config/validate", {"name": case.connector, **case.config(settings)}, ok=None)
    if code != 200:
        case.checks.append({"validate": {"code": code, "message": told.get("message")}})
        return
    errors = [[c["value"]["name"], c["value"]["errors"]] for c in told["configs"] if c["value"]["errors"]]
    case.checks.append({"validate": {"error_count": told["error_count"], "errors": errors}})


def definitions(case, plugin):
    _, told = case.rest("PUT", f"/connector-plugins/{plugin}/config/validate", {"name": case.connector, **case.config({"connector.class": plugin})})
    case.checks.append({"definitions": {"groups": told["groups"], "configs": [
        {"definition": {k: x for k, x in c["definition"].items() if k != "documentation"},
         "value": {k: x for k, x in c["value"].items() if k in ("recommended_values", "visible")}} for c in told["configs"]]}})


def rest(case, arg):
    code, told = case.rest(arg["method"], f"/connectors/{case.connector}{arg['path']}", case.fill(arg.get("body")), ok=None)
    if isinstance(told, dict):
        for x in told.get("offsets", []):
            x["offset"] = case.norm.offset(x["offset"])
        told = {k: "#version" if k == "version" else x for k, x in told.items() if k != "worker_id"}
    case.checks.append({"rest": {"code": code, "body": told}})


def query(case, text):
    case.checks.append({"query": case.mask(case.psql(case.fill(text))).splitlines()})


def config(case, settings):
    case.create({**case.case.get("config", {}), **settings})


def produce(case, arg):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": case.env.bootstrap, "log_level": 2})
    value = case.fill(arg["value"])
    producer.produce(case.fill(arg["topic"]), key=case.fill(arg["key"]), value=value if isinstance(arg["value"], str) else json.dumps(value))
    producer.flush(20)


def topic(case, arg):
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": case.env.bootstrap, "log_level": 2})
    for made in admin.create_topics([NewTopic(case.fill(arg["name"]), arg.get("partitions", 1), 1)]).values():
        made.result(20)


def delete(case, _):
    case.rest("DELETE", f"/connectors/{case.connector}")
    case.wait("slot released", lambda: not case.slot_active(), 40)


def kill_walsender(case, _):
    case.psql(f"select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name='{case.slot}'", "postgres")


def sleep(_, seconds):
    time.sleep(float(seconds))


STEPS = {
    "sql": sql, "wait": wait, "ready": ready, "restart": restart, "pause": to_state("pause", "PAUSED"), "resume": to_state("resume", "RUNNING"),
    "stop": to_state("stop", "STOPPED"), "config": config, "offsets": offsets, "status": status, "validate": validate, "definitions": definitions,
    "rest": rest, "query": query, "produce": produce, "topic": topic, "delete": delete, "kill_walsender": kill_walsender, "sleep": sleep,
}
