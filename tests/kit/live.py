"""A live test as a list of functions: servers given or started, verdicts counted, the closing line."""
import os
import shutil
import sys
import tempfile
import time
import traceback

from . import topics
from .servers import Kafka, Postgres
from .worker import Worker


class Live:
    """Passed to every test function. Ports: +0.. for servers, +20 for the worker."""

    def __init__(self):
        self.ports = int(os.environ.get("PENSTOCK_PORTS", 26200))
        self.folder = tempfile.mkdtemp(prefix="penstock-live-")
        os.chmod(self.folder, 0o711)
        self.started = []
        self.workers = []
        self.number = 0
        self.token = f"{os.getpid():x}"
        self._kafka = self._postgres = None
        self._ends = {}
        self.after = []  # what a test wants done behind it, when its workers are gone

    @property
    def kafka(self):
        """The address of a Kafka that nobody kills."""
        if not self._kafka:
            self._kafka = os.environ.get("PENSTOCK_TEST_KAFKA") or self.own_kafka(0).address
        return self._kafka

    @property
    def postgres(self):
        """A PostgreSQL that nobody kills."""
        if not self._postgres:
            given = os.environ.get("PENSTOCK_TEST_PG")
            self._postgres = Postgres(int(given.split(":")[1])) if given else self.own_postgres(2)
        return self._postgres

    def own_kafka(self, port, start=True):
        return self._own(Kafka(self.ports + port, f"{self.folder}/kafka-{port}"), start)

    def own_postgres(self, port, start=True, options="", version=None):
        return self._own(Postgres(self.ports + port, f"{self.folder}/postgres-{port}", options, version), start)

    def ends(self, kafka):
        """topics.Ends of that Kafka, made once."""
        if kafka not in self._ends:
            self._ends[kafka] = topics.Ends(kafka)
        return self._ends[kafka]

    def _own(self, server, start):
        self.started.append(server)
        if start:
            server.start()
        return server

    def worker(self, connectors, settings=None, bootstrap=None, start=True):
        self.number += 1
        worker = Worker(f"{self.folder}/worker-{self.number}", self.ports + 20, bootstrap or self.kafka, connectors, settings)
        self.workers.append(worker)
        if start:
            worker.start()
            worker.wait_ready()
        return worker

    def name(self, stem):
        """A name that no other test has, for topics, slots, databases and connectors."""
        return f"{stem}_{self.token}"

    def database(self, stem, ddl="", postgres=None):
        name = self.name(stem)
        (postgres or self.postgres).create_database(name)
        if ddl:
            (postgres or self.postgres).sql(name, ddl)
        return name

    def stop_workers(self):
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def clean(self):
        """After each test."""
        self.stop_workers()
        for action in self.after:
            action()
        self.after.clear()

    def close(self):
        self.stop_workers()
        for server in self.started:
            try:
                server.kill()
            except RuntimeError as error:
                print(error)


class Skipped(Exception):
    """Raised by a test that this machine can't run; says why."""


def until(what, condition, timeout=30):
    """Waits for a condition and returns what it gave; AssertionError with `what` when it does not come."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {timeout} s")


def main(tests, by_name=()):
    """Runs all, or those whose names are given as arguments; those of by_name only so."""
    live, passed, failed, skipped = Live(), 0, 0, 0
    names = sys.argv[1:]
    chosen = [test for test in (*tests, *by_name) if test.__name__ in names] if names else tests
    try:
        for test in chosen:
            since = time.monotonic()
            try:
                test(live)
                passed += 1
                print(f"ok   {test.__name__} ({time.monotonic() - since:.1f} s)", flush=True)
            except Skipped as why:
                skipped += 1
                print(f"skip {test.__name__}: {why}", flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"FAIL {test.__name__}: {test.__doc__}\n{traceback.format_exc()}", flush=True)
                for worker in live.workers:
                    print(f"---- the end of {worker.log}\n{worker.log_tail()}", flush=True)
            live.clean()
    finally:
        live.close()
    if failed and os.environ.get("KEEP"):
        print(f"kept {live.folder}")
    else:
        shutil.rmtree(live.folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)
