#!/bin/sh
# Runs the task files and compares their results with the known counts. Those
# that this machine lacks the tools for are passed over, and named.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
artel=${ARTEL:-artel}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM HUP

# check TASK EXPECTED [OPTION...]
check() {
  task=$1
  expected=$2
  shift 2
  if ! result=$("$artel" run "$here/$task.toml" "$@" 2> "$log"); then
    cat "$log" >&2
    echo "check: $task.toml $* failed" >&2
    exit 1
  fi
  if [ "$result" != "$expected" ]; then
    cat "$log" >&2
    echo "check: $task.toml $* gave '$result'; expected '$expected'" >&2
    exit 1
  fi
  echo "$task.toml $*: $result, as expected"
}

for task in primes kernel wat; do
  check "$task" "$(cat "$here/expected_$task.txt")"
done
if [ -e "$here/bin/primes.wasm" ]; then
  check wasm "$(cat "$here/expected_wasm.txt")"
  check wasm 664579 --tier interpreted --range 1..10_000_000 --chunks 10
else
  echo "wasm.toml: passed over; tools/dev examples builds bin/primes.wasm"
fi
if "$artel" sandbox run --type container -- /bin/true > "$log" 2>&1; then
  check container "$(cat "$here/expected_container.txt")"
else
  echo "container.toml: passed over; no containers here:"
  tail -n 1 "$log"
fi
