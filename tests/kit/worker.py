"""The worker under test: `penstock standalone` (or what PENSTOCK names) as a process with its files."""
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from . import TOP

TICK = os.sysconf("SC_CLK_TCK")
DEFAULTS = {
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "offset.flush.interval.ms": "500",
}


def program():
    return os.path.abspath(os.environ.get("PENSTOCK") or TOP + "/penstock")


def write_properties(path, settings):
    with open(path, "w", encoding="utf-8") as file:
        for name, value in settings.items():
            value = str(value).replace("\\", "\\\\")
            file.write(f"{name}={value}\n")


class Worker:
    def __init__(self, folder, port, bootstrap, connectors, settings=None):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.port = folder, port
        self.offset_file = f"{folder}/offsets"
        self.log = f"{folder}/log"
        self.process = None
        self.env = {}  # on top of ours
        self.started = 0.0
        self.settings = {"bootstrap.servers": bootstrap, "listeners": f"http://127.0.0.1:{port}",
                         "offset.storage.file.filename": self.offset_file, **DEFAULTS, **(settings or {})}
        self.files = []
        for connector in connectors:
            self.write_connector(connector)

    def write_connector(self, connector):
        path = f"{self.folder}/{connector['name']}.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump({k: str(v) for k, v in connector.items()}, file, indent=1)
        if path not in self.files:
            self.files.append(path)

    def start(self):
        write_properties(f"{self.folder}/worker.properties", self.settings)
        self.started = time.monotonic()
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([program(), "standalone", f"{self.folder}/worker.properties", *self.files],
                                            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            env={**os.environ, **self.env})

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, timeout=30):
        """Seconds from exec until REST answers."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if not self.running():
                raise RuntimeError(f"the worker ended with {self.process.returncode} while starting:\n{self.log_tail()}")
            try:
                if self.rest("GET", "/")[0] == 200:
                    return time.monotonic() - self.started
            except OSError:
                time.sleep(0.002)
        raise RuntimeError(f"REST does not answer after {timeout} s:\n{self.log_tail()}")

    def kill(self):
        if self.running():
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self, timeout=30):
        """SIGTERM; returns the exit status, or None when it had to be killed after `timeout`."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def rest(self, method, path, body=None, timeout=10):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text.decode(errors="replace")

    def task(self, connector, number=0):
        """(state, trace) of a task; ('ABSENT', '') while there is none."""
        try:
            status, body = self.rest("GET", f"/connectors/{connector}/status")
        except OSError:
            return "ABSENT", ""
        if status != 200:
            return "ABSENT", ""
        for task in body["tasks"]:
            if task["id"] == number:
                return task["state"], task.get("trace", "")
        return "ABSENT", ""

    def failed(self):
        """Whether the first task of any connector has failed."""
        try:
            return any(self.task(name)[0] == "FAILED" for name in self.rest("GET", "/connectors")[1])
        except OSError:
            return False

    def wait_task(self, connector, state="RUNNING", timeout=30, number=0):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            now, trace = self.task(connector, number)
            if now == state:
                return trace
            if now == "FAILED" or not self.running():
                break
            time.sleep(0.02)
        raise RuntimeError(f"task {connector}-{number} is {now}, not {state}: {trace}\n{self.log_tail()}")

    def rss(self):
        return self._status("VmRSS")

    def peak_rss(self):
        return self._status("VmHWM")

    def _status(self, name):
        """Kilobytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1])
        raise KeyError(name)

    def cpu(self):
        """Seconds of user and system time of all threads so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def log_tail(self, lines=30):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except OSError:
            return ""
