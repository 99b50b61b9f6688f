#!/usr/bin/env bash
# check: asan tsan timeout=600
# The short form of the kill harness; `make soak` runs the long one. Sanitizers make the worker slow.
set -euo pipefail
case ${PENSTOCK:-} in
*/asan/* | */tsan/*) plan="--kills 4 --kafka 1 --postgres 2 --changes 12000 --rows 5000 --slow 3" ;;
*) plan="--kills 10 --kafka 1 --postgres 2 --changes 30000 --rows 10000" ;;
esac
# shellcheck disable=SC2086
exec "$(dirname "$0")/../kill/kill" $plan "$@"
