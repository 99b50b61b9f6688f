#!/usr/bin/env python3
# check: timeout=900
"""The cases recorded from the original PostgreSQL connector (tests/cases/debezium-postgres), played against our worker.

cdc_postgres.py [PATTERN...]: only the cases whose name matches."""
import concurrent.futures
import fnmatch
import os
import subprocess
import sys
import tempfile
import threading
import types

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from kit import cdc_case, cdc_json  # noqa: E402
from kit.live import Live  # noqa: E402
from kit.servers import Postgres  # noqa: E402

CASES = kit.TOP + "/tests/cases/debezium-postgres"
AT_A_TIME = int(os.environ.get("PENSTOCK_CDC_JOBS", 4))


def unpack(folder):
    given = os.environ.get("PENSTOCK_CDC_CASES")
    if given:
        return given
    subprocess.run(["tar", "-xJf", CASES + "/cases.tar.xz", "-C", folder], check=True)
    return folder


def exceptions():
    found = {}
    with open(CASES + "/exceptions", encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                pattern, reason = line.split(None, 1)
                found[pattern] = reason.strip()
    return found


def differences():
    with open(CASES + "/differences.json", encoding="utf-8") as file:
        return cdc_json.loads(file.read())


def reason_for(name, reasons):
    return next((reason for pattern, reason in reasons.items() if fnmatch.fnmatch(name, pattern)), None)


def environment(t):
    replica = os.environ.get("PENSTOCK_TEST_PG_REPLICA")
    server = lambda port: {"host": "127.0.0.1", "port": int(port), "user": "postgres", "password": None}  # noqa: E731
    # A server of its own: what others write moves the stored positions of a source with nothing to send.
    t._postgres = t.own_postgres(2)  # pylint: disable=protected-access
    worker = t.worker([], {"offset.flush.interval.ms": "1000", "header.converter": "org.apache.kafka.connect.json.JsonConverter"})
    return types.SimpleNamespace(connect=f"http://127.0.0.1:{worker.port}", bootstrap=t.kafka, pg=server(t.postgres.port),
                                 pg_replica=server(replica.split(":")[1]) if replica else None, lock=threading.Lock(), got=os.environ.get("PENSTOCK_CDC_GOT"),
                                 quiet=2.0, tail=0.7, patience=float(os.environ.get("PENSTOCK_CDC_PATIENCE", 30)))


def main():
    t, reasons, ours = Live(), exceptions(), differences()
    tally = {"pass": 0, "FAIL": 0, "skip": 0}
    with tempfile.TemporaryDirectory() as folder:
        cases = unpack(folder)
        names = sorted(name[:-5] for name in os.listdir(cases) if name.endswith(".json"))
        unknown = sorted(set(ours) - set(names)) if not os.environ.get("PENSTOCK_CDC_CASES") else []
        if unknown:
            sys.exit(f"differences.json speaks of no case: {', '.join(unknown)}")
        wanted = sys.argv[1:] or ["*"]
        names = [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in wanted)]
        try:
            if not os.environ.get("PENSTOCK_TEST_PG"):
                t._postgres = t._own(Postgres(t.ports + 2, f"{t.folder}/postgres", "-c max_wal_senders=20 -c max_replication_slots=20"), True)
            env = environment(t)
            with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
                runs = {}
                for name in names:
                    reason = reason_for(name, reasons)
                    if reason and not sys.argv[1:]:
                        tally["skip"] += 1
                        print(f"skip {name}: {reason}")
                        continue
                    runs[pool.submit(cdc_case.one, env, f"{cases}/{name}.json", ours.get(name))] = name
                for done in concurrent.futures.as_completed(runs):
                    name, verdict, detail, seconds = done.result()
                    tally[verdict] += 1
                    print(f"{verdict:4} {name} ({seconds:.1f} s) {detail}", flush=True)
            if tally["FAIL"]:
                print(f"---- the end of {t.workers[0].log}\n{t.workers[0].log_tail()}")
        finally:
            t.close()
    print(f"{tally['pass']} passed, {tally['FAIL']} failed, {tally['skip']} skipped")
    return 1 if tally["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
