#!/usr/bin/env python3
# check: timeout=200
"""TLS of the PostgreSQL source: every sslmode, certificates of server and client, keys in every form, against a server that asks for them."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live  # noqa: E402
from kit.faults import Stream, says  # noqa: E402
from kit.live import until  # noqa: E402

HBA = """hostssl all certified 127.0.0.1/32 cert map=any
hostssl all secure 127.0.0.1/32 trust
host all secure,certified all reject
"""


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def certificates(folder):
    """Two authorities, a server's certificate for localhost, a client's, and its key in the forms that users have."""
    for ca in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.crt")
    for name, subject in (("server", "localhost"), ("client", "certified")):
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", f"{name}.crt")
    key = ("pkcs8", "-topk8", "-in", "client.key")
    openssl(folder, *key, "-nocrypt", "-outform", "DER", "-out", "client.pk8")
    openssl(folder, *key, "-passout", "pass:open sesame", "-out", "client.enc.key")
    openssl(folder, *key, "-passout", "pass:open sesame", "-outform", "DER", "-out", "client.enc.pk8")
    shutil.copy(f"{folder}/client.key", f"{folder}/client.open.key")
    for name in os.listdir(folder):
        os.chmod(f"{folder}/{name}", 0o644 if name.endswith((".crt", "open.key")) else 0o600)


def server(t):
    if hasattr(t, "tls"):
        return t.tls
    postgres = t.own_postgres(4, start=False)
    folder = t.certificates = f"{t.folder}/certificates"
    os.makedirs(folder)
    certificates(folder)
    postgres.start()
    data = f"{postgres.folder}/data"
    postgres.sql("postgres", "CREATE ROLE secure SUPERUSER LOGIN; CREATE ROLE certified SUPERUSER LOGIN;")
    for name in ("server.crt", "server.key", "ca.crt"):
        shutil.copy(f"{folder}/{name}", f"{data}/{name}")
        os.chmod(f"{data}/{name}", 0o600)
        shutil.chown(f"{data}/{name}", os.stat(data).st_uid, os.stat(data).st_gid)
    with open(f"{data}/pg_hba.conf", encoding="utf-8") as file:
        rest = file.read()
    with open(f"{data}/pg_hba.conf", "w", encoding="utf-8") as file:
        file.write(HBA + rest)
    with open(f"{data}/pg_ident.conf", "a", encoding="utf-8") as file:
        file.write("any certified certified\n")
    for setting in ("ssl = on", "ssl_ca_file = 'ca.crt'"):
        postgres.sql("postgres", f"ALTER SYSTEM SET {setting};")
    postgres.sql("postgres", "SELECT pg_reload_conf();")
    until("TLS", lambda: postgres.sql("postgres", "SHOW ssl;") == "on")
    t.tls = postgres
    return postgres


def login(t, **config):
    """What validation says of a login: the errors as one text."""
    if not hasattr(t, "asked") or not t.asked.running():
        t.asked = t.worker([])
    given = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "name": "x", "topic.prefix": "x",
             "database.hostname": "localhost", "database.port": str(server(t).port), "database.user": "secure",
             "database.dbname": "postgres", **config}
    status, body = t.asked.rest("PUT", "/connector-plugins/PostgresConnector/config/validate", given)
    assert status == 200, body
    return "\n".join(error for row in body["configs"] for error in row["value"]["errors"])


def client(t, key, **config):
    path = t.certificates
    return {"database.user": "certified", "database.sslmode": "verify-full", "database.sslrootcert": f"{path}/ca.crt",
            "database.sslcert": f"{path}/client.crt", "database.sslkey": f"{path}/{key}", **config}


def modes(t):
    """sslmode: what each asks for, and what it says when it does not get that"""
    server(t)
    says(login(t, **{"database.sslmode": "disable"}), "pg_hba.conf")
    for mode in ("allow", "prefer", "require"):
        assert login(t, **{"database.sslmode": mode}) == "", mode
    for mode in ("verify-ca", "verify-full"):
        says(login(t, **{"database.sslmode": mode, "database.sslrootcert": f"{t.certificates}/other.crt"}), "certificate verify failed")
        says(login(t, **{"database.sslmode": mode, "database.sslrootcert": "/nowhere.crt"}), "/nowhere.crt", "does not exist")
        assert login(t, **{"database.sslmode": mode, "database.sslrootcert": f"{t.certificates}/ca.crt"}) == ""
    other = {"database.hostname": "127.0.0.1", "database.sslrootcert": f"{t.certificates}/ca.crt"}
    says(login(t, **other, **{"database.sslmode": "verify-full"}), "127.0.0.1", "localhost")
    assert login(t, **other, **{"database.sslmode": "verify-ca"}) == ""


def keys(t):
    """a client's key as PEM, as DER (PKCS#8), with a password; and what is said of one that can't be used"""
    server(t)
    says(login(t, **{"database.user": "certified", "database.sslmode": "require"}), "certificate")
    assert login(t, **client(t, "client.key")) == ""
    assert login(t, **client(t, "client.pk8")) == ""
    assert login(t, **client(t, "client.enc.key", **{"database.sslpassword": "open sesame"})) == ""
    wrong = login(t, **client(t, "client.enc.key", **{"database.sslpassword": "open barley"}))
    says(wrong, "client.enc.key")
    assert "barley" not in wrong, wrong
    says(login(t, **client(t, "client.enc.pk8", **{"database.sslpassword": "open sesame"})), "client.enc.pk8", "openssl pkcs8")
    says(login(t, **client(t, "client.open.key")), "client.open.key", "access")


def stream(t):
    """snapshot and stream, all of it over TLS"""
    postgres = server(t)
    s = Stream(t, "tls", postgres, **client(t, "client.pk8", **{"database.hostname": "localhost"}))
    s.write(3)
    s.await_all()
    s.check()
    used = postgres.sql("postgres", "SELECT bool_and(ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'certified';")
    assert used in ("t\t2", "t\t3"), used
    s.stop()


if __name__ == "__main__":
    live.main([modes, keys, stream])
