#!/usr/bin/env python3
# check: asan tsan timeout=400
"""What a standalone worker of Apache Kafka Connect 4.1.0 answered to 599 requests, asked again of ours: status, location,
bodies, error texts. fixtures/rest-standalone.jsonl.xz is that conversation, fixtures/rest-exceptions the answers that can't be
the same, each with its reason. Arguments: ids to show in full."""
import http.client
import json
import lzma
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit.live import Live  # noqa: E402

FIXTURES = kit.TOP + "/tests/live/fixtures"
# Texts of Java's JSON parser and of null dereferences: an answer in words of our own will do.
ANY_WORDS = ('Cannot invoke "', "Cannot deserialize value of type", "Cannot construct instance of", "Unrecognized field",
             "Unexpected ", "Unrecognized token", "Invalid UTF-8", "No content to map", "Illegal character", "Bad ")
NOT_COMPARED = {"recommended_values", "commit", "kafka_cluster_id", "last_modified", "documentation"}
STATUS_ONLY = {"r183", "r248"}  # the recording shows a FAILED task that never existed
MAY_BE_404 = {"r384", "r400"}   # before the first status is known
LISTS_TASKS = re.compile(r"^/connectors(/[^/]+/config)?$")


class Replay:
    def __init__(self, live):
        self.live = live
        self.worker = live.worker([], {"offset.flush.interval.ms": "3000"})
        self.host = f"127.0.0.1:{self.worker.port}"
        self.folder = live.folder + "/files"
        os.makedirs(self.folder)

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        try:
            connection.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may answer before it has read all
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        found = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, found, text

    def own(self, text):
        """Names of the recording as names of this run: files, topics, and the sinks that have consumer groups."""
        text = text.replace("/srv/rv", self.folder).replace("rv-rest-", f"rest-{self.live.token}-")
        return re.sub(r"\b(snk|bad)\b", rf"\g<1>{self.live.token}", text)

    def normal(self, value):
        if isinstance(value, dict):
            return {name: self.normal(v) for name, v in value.items()}
        if isinstance(value, list):
            return [self.normal(v) for v in value]
        if isinstance(value, str):
            value = re.sub(r"@[0-9a-f]{5,8}\b", "@HASH", value.replace(self.host, "<worker>"))
            return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<instant>", value)
        return value

    # ---- the lines of the recording ----

    def wait(self, line):
        wish, end = line["wait"], time.monotonic() + 20
        while time.monotonic() < end and not self.reached(wish, line["reached"]):
            time.sleep(0.05)

    def reached(self, wish, reached):
        if "get" in wish:
            return self.call("GET", wish["get"])[0] == wish["status"]
        if "offsets" in wish:
            status, _, text = self.call("GET", f"/connectors/{wish['offsets']}/offsets")
            return status == 200 and self.normal(json.loads(text)) == reached
        status, _, text = self.call("GET", f"/connectors/{wish['connector']}/status")
        if status != 200:
            return False
        body = json.loads(text)
        now = [body["connector"]["state"], [task["state"] for task in body["tasks"]]]
        return now == reached or now[0] == wish["state"] and wish["tasks"] in (None, now[1])

    def body(self, line):
        body = line["body"]
        if isinstance(body, dict) and "hex" in body:
            return bytes.fromhex(body["hex"])
        if isinstance(body, dict):
            return b'{"name":"big","config":{"connector.class":"FileStreamSink","topics":"t","pad":"' + b"x" * 2000000 + b'"'
        return None if body is None else body.encode()

    def check(self, line):
        """Why the answer is not the recorded one, or None."""
        status, headers, text = self.call(line["method"], line["path"], self.body(line), line["headers"])
        try:
            got = self.normal(json.loads(text)) if text else None
        except ValueError:
            got = {"text": text}
        want = line["response"]
        message = want.get("message") if isinstance(want, dict) else None
        if line["id"] in MAY_BE_404 and 404 in (status, line["status"]):
            return None
        if line["status"] == 500 and isinstance(message, str) and message.startswith('Cannot invoke "'):
            fine = status >= 400 and isinstance(got, dict) and got.get("error_code") == status and got.get("message")
            return None if fine else f"an error was expected, not {status} {text[:120]}"
        if status != line["status"]:
            return f"status {status}, not {line['status']}: {text[:160]}"
        if line["id"] in STATUS_ONLY:
            return None
        return self.check_headers(line, status, headers) or self.check_body(line, want, got)

    def check_headers(self, line, status, headers):
        for name, value in line["response_headers"].items():
            have = headers.get(name, "").replace(self.host, "<worker>")
            if name == "allow":
                have, value = ({word.strip() for word in words.split(",")} for words in (have, value))
            elif name == "content-type":
                have, value = (words.split(";")[0] if status < 400 else "" for words in (have, value))
            if have != value:
                return f"{name}: {have}, not {value}"
        return None

    def check_body(self, line, want, got):
        if line["method"] == "OPTIONS" or isinstance(want, dict) and "<html" in str(want.get("text")).lower():
            return None
        if isinstance(want, dict) and "<others>" in want and isinstance(got, dict):
            odd = [name for name, v in got.items() if not isinstance(v, dict) or set(v) != {"level", "last_modified"}]
            if odd:
                return f"loggers of another shape: {odd[:3]}"
            want = {name: v for name, v in want.items() if name != "<others>"}
            got = {name: v for name, v in got.items() if name == "root" or name.startswith("rv.")}
        if LISTS_TASKS.match(line["path"]) and isinstance(want, dict) and isinstance(got, dict) and "tasks" in want:
            want, got = dict(want, tasks=0), dict(got, tasks=0)  # which are known at that moment is a matter of timing
        return differ(want, got)


def heads(trace):
    """The first line of a trace and its causes from Kafka's own classes."""
    lines = [line for line in trace.split("\n") if line and not line.startswith("\t")]
    return lines[:1] + [line for line in lines[1:] if line.startswith("Caused by: org.apache.kafka")]


def differ(want, got, at="", name=None):
    """The first difference as text, or None."""
    if name in NOT_COMPARED or isinstance(want, str) and want.startswith(ANY_WORDS) and isinstance(got, str):
        return None
    if name == "version":
        return None if want is None or isinstance(got, str) and got else f"{at}: {got!r}"
    if name == "trace" and isinstance(want, str) and isinstance(got, str):
        return None if want.startswith("java.") or heads(want) == heads(got) else f"{at}: {heads(got)}, not {heads(want)}"
    if isinstance(want, dict) and isinstance(got, dict):
        if set(want) != set(got):
            return f"{at}: lacks {sorted(set(want) - set(got))}, has too many: {sorted(set(got) - set(want))}"
        return next((d for d in (differ(want[n], got[n], f"{at}.{n}", n) for n in want) if d), None)
    if isinstance(want, list) and isinstance(got, list):
        return differ_lists(want, got, at)
    return None if type(want) is type(got) and want == got else f"{at}: {json.dumps(got)[:300]}, not {json.dumps(want)[:300]}"


def differ_lists(want, got, at):
    if all(isinstance(v, str) for v in want + got):
        return None if sorted(want) == sorted(got) else f"{at}: {got}, not {want}"
    if want and all(isinstance(v, dict) and set(v) == {"class", "type", "version"} for v in want):  # plug-ins: ours has more
        have = {(v["class"], v["type"]) for v in got}
        lost = [v["class"] for v in want if (v["class"], v["type"]) not in have]
        return f"{at}: plug-ins missing: {lost[:4]}" if lost else None
    if len(want) != len(got):
        return f"{at}: {len(got)} entries, not {len(want)}"
    return next((d for d in (differ(w, g, f"{at}[{i}]") for i, (w, g) in enumerate(zip(want, got))) if d), None)


def exceptions():
    with open(f"{FIXTURES}/rest-exceptions", encoding="utf-8") as file:
        lines = [line.split(None, 1) for line in file if line.strip() and not line.startswith("#")]
    known = {}
    for ids, reason in lines:
        for one in ids.split(","):
            known[one] = reason.strip()
    return known


def replay(live):
    known, counts = exceptions(), {"passed": 0, "failed": 0, "skipped": 0}
    run = Replay(live)
    with lzma.open(f"{FIXTURES}/rest-standalone.jsonl.xz", "rt", encoding="utf-8") as file:
        for raw in file:
            line = json.loads(run.own(raw))
            if "wait" in line:
                run.wait(line)
            elif "sleep" in line:
                time.sleep(line["sleep"])
            elif "append_file" in line:
                with open(line["append_file"], "a", encoding="utf-8") as appended:
                    appended.write(line["text"])
            else:
                why = run.check(line)
                outcome = "skipped" if line["id"] in known else "failed" if why else "passed"
                if why and outcome == "failed" or line["id"] in sys.argv[1:] or not why and outcome == "skipped":
                    print(f"{line['id']} {line['method']} {line['path'][:100]}: {why or 'is listed as an exception, but agrees'}", flush=True)
                counts["failed" if not why and outcome == "skipped" else outcome] += 1
    status = run.worker.stop()
    if status != 0:
        print(f"the worker ended with {status}\n{run.worker.log_tail()}")
        counts["failed"] += 1
    return counts


def main():
    live = Live()
    try:
        counts = replay(live)
    finally:
        live.close()
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    sys.exit(1 if counts["failed"] else 0)


main()
