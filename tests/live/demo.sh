#!/usr/bin/env bash
# ./demo: does it do what it says, and leave nothing behind?
# check: timeout=240
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0
try() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        tail -n 30 "$scratch/log"
    fi
}
scratch=$(mktemp -d)
trap './demo --stop >/dev/null; rm -rf "$scratch"' EXIT
state=${TMPDIR:-/tmp}/penstock-demo-$(id -u)

./demo --seconds 5 >"$scratch/demo" 2>&1
try "the demo ends well" test $? = 0
try "its last line" bash -c 'tail -n 1 "$1" | grep -E "^[0-9]+ rows in 5 tables, both databases equal$" || { cat "$1"; exit 1; }' - "$scratch/demo"
try "it leaves no files" test ! -e "$state"

./demo --seconds 2 --keep >"$scratch/keep" 2>&1
try "the demo with --keep ends well" test $? = 0
rest=$(grep -o 'http://127.0.0.1:[0-9]*' "$scratch/keep" | head -n 1)
port=$(sed -n 's/.*psql.* -p \([0-9]*\) .*/\1/p' "$scratch/keep" | head -n 1)
running() { curl -fsS "$rest/connectors/$1/status" | tee /dev/stderr | grep -q '"tasks":\[{[^]]*"RUNNING"'; }
try "the source is still running" running shop-source
try "the sink is still running" running shop-sink
change_arrives() {
    psql -XAtqh 127.0.0.1 -p "$port" -U postgres shop -c "UPDATE customers SET name = 'Ada' WHERE id = 1" || return
    for _ in $(seq 100); do
        [ "$(psql -XAtqh 127.0.0.1 -p "$port" -U postgres copy -c 'SELECT name FROM customers WHERE id = 1')" != Ada ] || return 0
        sleep 0.1
    done
    return 1
}
try "a change still arrives" change_arrives
pid=$(cat "$state/penstock.pid" 2>/dev/null)
try "the demo says no while one runs" bash -c '! ./demo'
try "the demo --stop ends well" ./demo --stop
try "Penstock is gone" test ! -e "/proc/$pid"
try "PostgreSQL is gone" bash -c "! (exec 3<>/dev/tcp/127.0.0.1/$port)"
try "and so are the files" test ! -e "$state"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
