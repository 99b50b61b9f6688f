"""Real Kafka and PostgreSQL, started by tests/stack or given by the caller."""
import glob
import os
import shutil
import subprocess
import threading

from . import TOP

# Debian's psql is a wrapper in Perl that takes longer than most of our queries.
PSQL = (sorted(glob.glob("/usr/lib/postgresql/*/bin/psql")) or [shutil.which("psql") or "psql"])[-1]


def script(name, *arguments, env=None):
    done = subprocess.run([f"{TOP}/tests/stack/{name}", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **(env or {})})
    if done.returncode:
        raise RuntimeError(f"{name} {' '.join(map(str, arguments))}: {done.stdout.strip()}")


class Kafka:
    def __init__(self, port, folder, version=None):
        self.port, self.folder, self.version = port, folder, version
        self.address = f"127.0.0.1:{port}"

    def start(self):
        script("kafka", "start", self.port, self.folder, *([self.version] if self.version else []))

    def stop(self):
        script("kafka", "stop", self.port, self.folder)

    def kill(self):
        script("kafka", "kill", self.port, self.folder)


class Postgres:
    """A server of its own in `folder`, or, without one, the server that listens on the port already."""

    def __init__(self, port, folder=None, options="", version=None):
        self.port, self.folder, self.options, self.version = port, folder, options, version

    def start(self, level=None):
        """level: of the WAL, kept for later starts."""
        script("postgres", "start", self.port, self.folder, *([level] if level else []),
               env={"PG_OPTIONS": self.options, **({"PG_VERSION": self.version} if self.version else {})})

    def stop(self):
        script("postgres", "stop", self.port, self.folder)

    def kill(self):
        script("postgres", "kill", self.port, self.folder)

    def crash(self):
        """An immediate shutdown."""
        script("postgres", "crash", self.port, self.folder)

    def standby(self, port, folder, options="", slot=None):
        """A physical standby of this server, made of a copy of its files; this one is restarted for that."""
        if slot:
            self.sql("postgres", f"SELECT pg_create_physical_replication_slot('{slot}', true);")
        self.stop()
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["cp", "-a", f"{self.folder}/data", f"{folder}/data"], check=True)
        # A copy of the primary's logical slots would not be those of a standby.
        for name in os.listdir(f"{folder}/data/pg_replslot"):
            shutil.rmtree(f"{folder}/data/pg_replslot/{name}")
        conninfo = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres application_name=standby"
        with open(f"{folder}/data/postgresql.auto.conf", "a", encoding="utf-8") as file:
            file.write(f"primary_conninfo = '{conninfo}'\nhot_standby_feedback = on\n")
            if slot:
                file.write(f"primary_slot_name = '{slot}'\n")
        for name in ("standby.signal", "postmaster.pid"):
            path = f"{folder}/data/{name}"
            if name == "standby.signal":
                subprocess.run(["cp", "-a", f"{folder}/data/PG_VERSION", path], check=True)
            elif os.path.exists(path):
                os.remove(path)
        if os.path.exists(f"{self.folder}/log"):
            subprocess.run(["cp", "-a", f"{self.folder}/log", f"{folder}/log"], check=True)
        self.start()
        standby = Postgres(port, folder, options, self.version)
        standby.start()
        return standby

    def conninfo(self, database):
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=10"

    def sql(self, database, text, check=True):
        """Runs SQL and returns what it printed, columns parted by tabs."""
        done = subprocess.run([PSQL, "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.conninfo(database)],
                              input=text, capture_output=True, text=True)
        if check and done.returncode:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def rows(self, database, text):
        return [tuple(line.split("\t")) for line in self.sql(database, text).split("\n") if line]

    def create_database(self, name):
        self.sql("postgres", f'CREATE DATABASE "{name}"')


class Session:
    """A psql that stays, for a writer that runs many transactions."""

    def __init__(self, postgres, database):
        self.process = subprocess.Popen([PSQL, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", postgres.conninfo(database)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.errors = []
        self.reader = threading.Thread(target=self._read_errors, daemon=True)
        self.reader.start()
        self.count = 0

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))

    def run(self, text):
        """The lines that `text` printed; ConnectionError when the server or an error ended the session."""
        self.count += 1
        mark = f"--done {self.count}"
        try:
            self.process.stdin.write(f"{text}\n\\echo {mark}\n")
            self.process.stdin.flush()
            lines = []
            for line in self.process.stdout:
                if line.rstrip("\n") == mark:
                    return lines
                lines.append(line.rstrip("\n"))
        except BrokenPipeError:
            pass
        self.close()
        raise ConnectionError(" ".join(self.errors) or "psql ended")

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.reader.join()


class Pgbouncer:
    """A pooler before a PostgreSQL; settings are those of its file."""

    def __init__(self, port, folder, postgres, settings=()):
        self.port, self.folder, self.postgres, self.settings = port, folder, postgres, settings

    def start(self):
        script("pgbouncer", "start", self.port, self.folder, self.postgres.port, *self.settings)

    def kill(self):
        script("pgbouncer", "stop", self.port, self.folder)
